//! The issuer and the emulated card, end to end: each checks what the other computed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use support::{Asked, NOW, Terminal, World, hex, object, pay, run};
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::find;
use tapcard_issuer::model::State;
use tapcard_issuer::{IssuerError, Reason, Request};

const TC: u8 = 0x40;
const AAC: u8 = 0x00;

/// Field 55 with one value replaced.
fn with(field_55: &[u8], tag: &str, value: &[u8]) -> Vec<u8> {
    let wanted = hex(tag).iter().fold(0, |tag, octet| tag << 8 | u32::from(*octet));
    let objects = tapcard_iso7816::Tlvs::new(field_55).map(Result::unwrap);
    let kept = objects
        .filter(|object| object.tag.get() != wanted)
        .flat_map(|kept| field_55[kept.offset..kept.offset + kept.whole_len()].to_vec());
    kept.chain(object(tag, value)).collect()
}

#[test]
fn a_purchase_is_approved_and_the_card_believes_it() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        assert_eq!(pay(&world, &mut card, Asked::yuan(12_345, 0)).await, (Reason::Approved, TC));
        assert_eq!(world.balance().await, 37_655);
        assert_eq!(world.stored().await.approved_atc, Some(0x000B));
        world.assert_books_agree().await;
    });
}

#[test]
fn a_visa_card_is_answered_by_its_own_rules() {
    run(async {
        let world = World::new("visa", 840, 50_000).await;
        let mut card = world.emulated();
        assert_eq!(pay(&world, &mut card, Asked::dollars(50_000)).await, (Reason::Approved, TC));
        assert_eq!(pay(&world, &mut card, Asked::dollars(1)).await, (Reason::InsufficientFunds, AAC));
        assert_eq!(world.balance().await, 0);
        world.assert_books_agree().await;
    });
}

#[test]
fn a_wrong_cryptogram_changes_nothing_but_a_counter() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        let changes: [(&str, Vec<u8>); 6] = [
            ("9F26", vec![0; 8]),
            ("9F02", hex("000000000001")),
            ("9F36", hex("FFFF")),
            ("95", hex("8000000000")),
            ("9F37", hex("00000000")),
            ("5F2A", hex("0840")),
        ];
        for (index, (tag, value)) in changes.iter().enumerate() {
            let answer = world.authorise(&with(&field_55, tag, value)).await;
            assert_eq!(answer.reason, Reason::WrongCryptogram, "{tag}");
            assert_eq!(answer.data, hex("8A023035"), "no ARPC for somebody who is not the card");
            assert_eq!(world.stored().await.bad_cryptograms, u64::try_from(index + 1).unwrap());
        }
        // The right one is not spoilt by what came before it.
        assert_eq!(world.authorise(&field_55).await.reason, Reason::Approved);
        assert_eq!(world.balance().await, 49_900);
    });
}

#[test]
fn an_unknown_version_is_refused_and_not_tried() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        let request = Request::from_field_55(&field_55).unwrap();
        let iad = find(&field_55, tag::IAD).unwrap().to_vec();
        for cvn in (0..=0xFF).filter(|cvn| *cvn != 1) {
            let mut other = iad.clone();
            other[2] = cvn;
            let answer = world.authorise(&with(&field_55, "9F10", &other)).await;
            assert_eq!(answer.reason, Reason::UnknownVersion, "{cvn:02X}");
        }
        assert_eq!(world.stored().await.bad_cryptograms, 0);
        assert_eq!(world.issuer.authorise(&request, NOW).await.unwrap().reason, Reason::Approved);
    });
}

#[test]
fn the_same_request_gets_the_same_answer_also_after_a_crash() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0x60));
        // Committed, and the answer is lost with the process.
        let lost = world.authorise(&field_55).await;
        let issuer = world.reopened().await;
        let request = Request::from_field_55(&field_55).unwrap();
        for _ in 0..3 {
            let again = issuer.authorise(&request, NOW + 1000).await.unwrap();
            assert!(again.repeated && !lost.repeated);
            assert_eq!((again.reason, &again.data), (lost.reason, &lost.data));
        }
        assert_eq!(terminal.finish(&lost), TC);
        assert_eq!(world.balance().await, 49_900);
        world.assert_books_agree().await;
    });
}

#[test]
fn a_transaction_that_was_cut_off_leaves_nothing() {
    use tapcard_issuer::Store;
    use tapcard_issuer::model::Lookup;

    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let lookup = Lookup { pan_index: [0; 32], psn: 1, atc: 1, cryptogram: [0; 8] };
        let cut: Result<(), _> = world.issuer.store().settle(&lookup, |_| Err(IssuerError::Damaged)).await;
        assert!(matches!(cut, Err(IssuerError::Damaged)));
        // The lock is free again, and a card that is not there is no error.
        let seen =
            world.issuer.store().settle(&lookup, |found| Ok((tapcard_issuer::model::Change::Nothing, found.is_none())));
        assert!(seen.await.unwrap());
        assert_eq!(world.balance().await, 50_000);
    });
}

#[test]
fn an_old_transaction_is_a_replay() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (_terminal, older) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        assert_eq!(pay(&world, &mut card, Asked::yuan(200, 0)).await.0, Reason::Approved);
        let late = world.authorise(&older).await;
        assert_eq!(late.reason, Reason::Replayed);
        assert!(find(&late.data, tag::ISSUER_SCRIPT_TEMPLATE_2).is_none());
        assert_eq!(world.balance().await, 49_800);
    });
}

#[test]
fn the_same_cryptogram_with_other_data_is_a_replay() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        assert_eq!(world.authorise(&field_55).await.reason, Reason::Approved);
        // Not protected by the cryptogram, and yet another request.
        let other = [field_55.as_slice(), &object("9F1E", b"TERMINAL")].concat();
        let answer = world.authorise(&other).await;
        assert_eq!((answer.reason, answer.data), (Reason::Replayed, hex("8A023035")));
        assert_eq!(world.balance().await, 49_900);
    });
}

#[test]
fn what_is_not_in_order_is_declined_for_its_own_reason() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        for (minor, transaction_type, reason) in [
            (50_001, 0x00, Reason::InsufficientFunds),
            (50_001, 0x60, Reason::InsufficientFunds),
            (100, 0x20, Reason::UnsupportedType),
            (100, 0x63, Reason::UnsupportedType),
            (87_656, 0x60, Reason::CashLimit),
        ] {
            let (found, cid) = pay(&world, &mut card, Asked::yuan(minor, transaction_type)).await;
            assert_eq!((found, cid), (reason, AAC));
        }
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        let request = Request::from_field_55(&field_55).unwrap();
        let other = request.clone().with_amount(Amount::new(101));
        let answer = world.issuer.authorise(&other, NOW).await.unwrap();
        assert_eq!((answer.reason, terminal.finish(&answer)), (Reason::AmountDiffers, AAC));
        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        let request = Request::from_field_55(&field_55).unwrap();
        let late = world.issuer.authorise(&request, 1_924_992_000).await.unwrap();
        assert_eq!(late.reason, Reason::Expired, "2031-01-01");
        let unknown = world.authorise(&with(&field_55, "5F34", &[0x02])).await;
        assert_eq!((unknown.reason, unknown.data), (Reason::UnknownCard, hex("8A023134")));
        let not_online = world.authorise(&with(&field_55, "9F27", &[0x40])).await;
        assert_eq!(not_online.reason, Reason::Replayed, "the declined one is kept");
        assert_eq!(world.balance().await, 50_000);
        world.assert_books_agree().await;
    });
}

#[test]
fn another_currency_is_declined() {
    run(async {
        let world = World::new("pboc-ec", 344, 50_000).await;
        let mut card = world.emulated();
        assert_eq!(pay(&world, &mut card, Asked::yuan(100, 0)).await, (Reason::CurrencyDiffers, AAC));
    });
}

#[test]
fn a_load_reaches_the_card() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(5_000, 0x60));
        assert_eq!(terminal.get_data("9F79"), "000000012345");
        let answer = world.authorise(&field_55).await;
        assert_eq!((answer.reason, terminal.finish(&answer)), (Reason::Approved, TC));
        assert_eq!(terminal.get_data("9F79"), "000000017345");
        drop(terminal);
        assert_eq!(world.balance().await, 45_000);
        // The second load starts from what the card has now.
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(1, 0x60));
        let answer = world.authorise(&field_55).await;
        assert_eq!(terminal.finish(&answer), TC);
        assert_eq!(terminal.get_data("9F79"), "000000017346");
        world.assert_books_agree().await;
    });
}

#[test]
fn a_balance_without_its_mac_is_not_loaded() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(5_000, 0x60));
        let mut iad = find(&field_55, tag::IAD).unwrap().to_vec();
        // The cryptogram does not protect this part, so the MAC has to.
        iad[14] ^= 0x01;
        let answer = world.authorise(&with(&field_55, "9F10", &iad)).await;
        assert_eq!((answer.reason, terminal.finish(&answer)), (Reason::UnprovenBalance, AAC));
        assert_eq!(world.balance().await, 50_000);
    });
}

#[test]
fn a_blocked_card_is_told_so_and_an_unblocked_one_too() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        world.issuer.block(world.card.id).await.unwrap();
        assert_eq!(pay(&world, &mut card, Asked::yuan(100, 0)).await, (Reason::CardBlocked, AAC));
        {
            use tapcard_transport::Card as _;
            let mut session = card.session().unwrap();
            let mut answer = [0; 258];
            let select = hex("00A4040008A00000033301010100");
            let length = session.transmit(&select, &mut answer).unwrap();
            assert_eq!(answer[length - 2..length], [0x62, 0x83], "the application says that it is blocked");
        }
        world.issuer.unblock(world.card.id).await.unwrap();
        assert_eq!(world.stored().await.state, State::Active);
        assert_eq!(world.issuer.waiting(world.card.id).await.unwrap().len(), 1);
        assert!(matches!(world.issuer.block(99).await, Err(IssuerError::NoCard(99))));
    });
}

#[test]
fn pin_tries_come_back_and_the_script_waits_until_the_card_confirms_it() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        {
            use tapcard_transport::Card as _;
            let mut session = card.session().unwrap();
            let mut answer = [0; 258];
            session.transmit(&hex("00A4040008A00000033301010100"), &mut answer).unwrap();
            session.transmit(&hex("80A800000B8309000000000001000156 00"), &mut answer).unwrap();
            let length = session.transmit(&hex("0020008008 249999FFFFFFFFFF"), &mut answer).unwrap();
            assert_eq!(answer[..length], hex("63C2"));
        }
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        assert_eq!(terminal.get_data("9F17"), "02");
        world.issuer.reset_pin(world.card.id).await.unwrap();
        let answer = world.authorise(&field_55).await;
        assert_eq!(terminal.finish(&answer), TC);
        assert_eq!(terminal.get_data("9F17"), "03");
        drop(terminal);
        let waiting = world.issuer.waiting(world.card.id).await.unwrap();
        assert!(waiting.len() == 1 && waiting[0].sent);
        // The CVR of the next transaction counts one command.
        let (mut terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        let answer = world.authorise(&field_55).await;
        assert!(find(&answer.data, tag::ISSUER_SCRIPT_TEMPLATE_2).is_none());
        assert_eq!(terminal.finish(&answer), TC);
        assert_eq!(world.issuer.waiting(world.card.id).await.unwrap(), []);
    });
}

#[test]
fn a_script_that_never_arrived_goes_out_again() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        world.issuer.reset_pin(world.card.id).await.unwrap();
        for _ in 0..3 {
            let (_torn, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
            let answer = world.authorise(&field_55).await;
            assert!(find(&answer.data, tag::ISSUER_SCRIPT_TEMPLATE_2).is_some());
        }
    });
}

#[test]
fn two_at_once_do_not_spend_the_same_money() {
    run(async {
        let world = World::new("pboc-ec", 156, 10_000).await;
        let second = world.issuer.issue(&support::profile("pboc-ec"), world.account.id, None).await.unwrap();
        let file = world.folder.path().join("second.json");
        std::fs::write(&file, second.personalisation.as_bytes()).unwrap();
        let mut cards = [world.emulated(), tapcard_transport::VirtualCard::open(file.to_str().unwrap()).unwrap()];
        let requests = cards.each_mut().map(|card| Terminal::go_online(card, Asked::yuan(6_000, 0)).1);
        let other = world.reopened().await;
        let requests = requests.map(|octets| Request::from_field_55(&octets).unwrap());
        let answers = std::thread::scope(|scope| {
            let [first, second] = &requests;
            let other = &other;
            let one = scope.spawn(move || run(other.authorise(first, NOW)).unwrap().reason);
            let issuer = &world.issuer;
            let two = scope.spawn(move || run(issuer.authorise(second, NOW)).unwrap().reason);
            [one.join().unwrap(), two.join().unwrap()]
        });
        assert!(answers.contains(&Reason::Approved) && answers.contains(&Reason::InsufficientFunds), "{answers:?}");
        assert_eq!(world.balance().await, 4_000);
        world.assert_books_agree().await;
    });
}

//! Cards and hosts that lie to the contact kernel: it always ends, sends only C-APDUs, asks for at most two cryptograms, and
//! never approves without a TC that it asked for.

#![cfg(feature = "contact")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

#[path = "support/payment.rs"]
mod payment;

use payment::{Event, World, application, pay, pay_at, purchase, terminal, world};
use proptest::prelude::*;
use tapcard_emv::bits::AcType;
use tapcard_terminal::contact::{Contact, Decision, MIN_OUTPUT, Outcome, Phase, Reason, SetupError};
use tapcard_terminal::limits::{MAX_OCCURRENCES, MAX_PAYMENT_COMMANDS};

const LIST: &str = "000000000000000042034103440342031E031F00";
const APPROVED: &str = "8A02303091081122334455667788710E9F180400000001860604841E00000072088606048424000000";

fn base() -> World {
    let mut world = world("7D00", LIST, "80", "40");
    world.host = Some(APPROVED.to_owned());
    world.pins = vec!["1234"];
    world.set("80CA9F3600", &["9F360200329000"]);
    world
}

/// What must hold whatever anybody says.
fn check(world: &World, outcome: Outcome) {
    let sent: Vec<&String> =
        world.events.iter().filter_map(|event| if let Event::Sent(it) = event { Some(it) } else { None }).collect();
    assert!(sent.len() <= usize::from(MAX_PAYMENT_COMMANDS));
    let cryptograms: Vec<&str> = sent.iter().filter(|it| it.starts_with("80AE")).map(|it| &it[4..6]).collect();
    assert!(cryptograms.len() <= 2, "{cryptograms:?}");
    if outcome.decision == Decision::Approved {
        let asked = u8::from_str_radix(cryptograms.last().unwrap(), 16).unwrap();
        assert_eq!(AcType::from_octet(asked), AcType::Tc);
        assert!(!outcome.reversal || !world.events.contains(&Event::Kept(Phase::Answered)));
    }
    let place = |event: &Event| world.events.iter().position(|it| it == event);
    let first = world.events.iter().position(|it| matches!(it, Event::Sent(command) if command.starts_with("80AE")));
    assert!(first.is_none() || place(&Event::Kept(Phase::Started)) < first, "a GENERATE AC without a record");
    assert!(place(&Event::Online).is_none() || place(&Event::Kept(Phase::Online)) < place(&Event::Online));
    assert!(first.is_none() || world.events.last() == Some(&Event::Kept(Phase::Finished)));
}

#[test]
fn every_octet_of_every_answer_may_be_wrong() {
    let mut runs = 0;
    for (command, answers) in base().card {
        for (index, answer) in answers.iter().enumerate() {
            let octets = hex::decode(answer).unwrap();
            for place in 0..octets.len() {
                for change in [0x01, 0x80, 0xFF] {
                    let mut octets = octets.clone();
                    octets[place] ^= change;
                    let mut world = base();
                    world.card.get_mut(&command).unwrap()[index] = hex::encode_upper(octets);
                    let (outcome, ..) = pay(&mut world, 0x22);
                    check(&world, outcome);
                    runs += 1;
                }
            }
        }
    }
    assert!(runs > 500, "{runs} runs");
}

#[test]
fn every_answer_may_end_anywhere() {
    for (command, answers) in base().card {
        for (index, answer) in answers.iter().enumerate() {
            for length in (0..answer.len()).step_by(2) {
                let mut world = base();
                world.card.get_mut(&command).unwrap()[index] = answer[..length].to_owned();
                let (outcome, ..) = pay(&mut world, 0x22);
                check(&world, outcome);
            }
        }
    }
}

#[test]
fn every_octet_of_the_hosts_answer_may_be_wrong() {
    let octets = hex::decode(APPROVED).unwrap();
    for place in 0..octets.len() {
        for change in [0x01, 0x80, 0xFF] {
            let mut octets = octets.clone();
            octets[place] ^= change;
            let mut world = base();
            world.host = Some(hex::encode_upper(octets));
            let (outcome, ..) = pay(&mut world, 0x21);
            check(&world, outcome);
        }
    }
}

#[test]
fn a_directory_without_end_is_left_for_the_terminals_list() {
    let mut world = base();
    world.set("00A404000E315041592E5359532E444446303100", &["6F05A5038801019000"]);
    // Record 1 for every READ RECORD: the directory repeats itself.
    world.set("00B2", &["700261009000"]);
    let (outcome, ..) = pay(&mut world, 0x22);
    assert_eq!(outcome.decision, Decision::Terminated(Reason::DataMissing));
    assert_eq!(world.order(), ["00A4", "00B2", "00B2", "00A4", "00A4", "80A8", "00B2"]);
}

#[test]
fn a_card_that_always_has_a_next_application_is_stopped() {
    let mut world = base();
    world.card.remove("00A4");
    let names: Vec<String> = (0..200u8).map(|last| format!("6F0B8409A000000003101001{last:02X}9000")).collect();
    let answers: Vec<&str> = names.iter().map(String::as_str).collect();
    world.set("00A4", &answers);
    pay(&mut world, 0x22);
    let next = world.events.iter().filter(|it| matches!(it, Event::Sent(command) if command.starts_with("00A40402")));
    assert_eq!(next.count(), usize::from(MAX_OCCURRENCES));
}

#[test]
fn an_afl_of_sixteen_thousand_records_is_not_read_to_its_end() {
    let mut world = base();
    let afl = "0801FF00".repeat(62);
    world.set("80A8", &[&format!("8081FA7D00{afl}9000")]);
    // A private object that no rule forbids to come again: constructed, and empty.
    world.set("00B2", &["7002E0009000"]);
    let (outcome, ..) = pay(&mut world, 0x22);
    assert_eq!(outcome.decision, Decision::Terminated(Reason::TooMuchData));
    check(&world, outcome);
}

#[test]
fn lists_that_ask_for_more_than_a_command_holds_end_the_transaction() {
    for list in ["9F02FF9F02FF", "9F02", "9F"] {
        let mut world = base();
        world.set(
            "00A4",
            &[&format!(
                "6F{:02X}8407A0000000031010A5{:02X}9F38{:02X}{list}9000",
                14 + list.len() / 2,
                3 + list.len() / 2,
                list.len() / 2
            )],
        );
        let (outcome, ..) = pay(&mut world, 0x22);
        assert_eq!(outcome.decision, Decision::Terminated(Reason::CardData), "{list}");
    }
}

#[test]
fn more_scripts_than_there_is_room_for_are_told_in_the_tvr() {
    let applications = [application()];
    let mut world = base();
    world.host = Some("8A023030".to_owned() + &"7106860484240000".repeat(600));
    let (outcome, tvr, tsi) = pay_at(&mut world, &terminal(0x21, &applications), &purchase());
    assert_eq!((outcome.decision, tvr[4] & 0x20, tsi[0] & 0x04), (Decision::Approved, 0x20, 0x04));
    assert!(!world.events.iter().any(|it| matches!(it, Event::Sent(command) if command.starts_with("8424"))));
}

#[test]
fn a_buffer_that_is_too_short_and_a_wrong_input_end_it() {
    use tapcard_flow::{Action, Input, Machine};
    let applications = [application()];
    let (terminal, transaction) = (terminal(0x22, &applications), purchase());
    let reason = |inputs: &[Input<'_>], length: usize| {
        let mut room = [0; 4096];
        let mut kernel = Contact::new(&terminal, &transaction, &mut room).unwrap();
        let mut out = [0; MIN_OUTPUT];
        let mut last = None;
        for input in inputs {
            last = Some(kernel.step(0, *input, &mut out[..length]));
        }
        match last {
            Some(Action::Done(outcome)) => outcome.decision,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reason(&[Input::Start], MIN_OUTPUT - 1), Decision::Terminated(Reason::Contract));
    let contract = Decision::Terminated(Reason::Contract);
    for wrong in [Input::Persisted, Input::Host(&[]), Input::Cardholder(&[]), Input::Start] {
        assert_eq!(reason(&[Input::Start, wrong], MIN_OUTPUT), contract);
        assert_eq!(reason(&[Input::Start, wrong, Input::Received(&[0x90, 0])], MIN_OUTPUT), contract, "it stays over");
    }
    assert_eq!(reason(&[Input::Start, Input::Timeout], MIN_OUTPUT), Decision::Terminated(Reason::CardLost));
}

#[test]
fn values_that_no_transaction_can_have_are_refused_before_it_begins() {
    let applications = [application()];
    let terminal = terminal(0x22, &applications);
    let refused = |transaction: &tapcard_terminal::contact::Transaction<'_>| {
        Contact::new(&terminal, transaction, &mut [0; 16]).unwrap_err()
    };
    let mut large = purchase();
    large.amount = tapcard_emv::Amount::new(1_000_000_000_000);
    assert_eq!(refused(&large), SetupError::Amount);
    let mut undated = purchase();
    undated.date = [0x26, 0x13, 0x01];
    assert_eq!(refused(&undated), SetupError::Date);
}

/// Answers that lead far, and noise.
fn any_answer() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "9000",
        "6A81",
        "6A82",
        "6A83",
        "6283",
        "6985",
        "63C1",
        "6983",
        "800B4000321122334455667788 9000",
        "800B8000321122334455667788 9000",
        "80067D00080101009000",
        "6F118407A0000000031010A5065004544553549000",
        "6F05A5038801019000",
        "70095A08476173900101 01199000",
        "9F1701039000",
        "771E9F2701409F360200329F4B081122334455667788 9F100706010A03A400009000",
    ]);
    prop_oneof![
        3 => known.prop_map(|answer| answer.replace(' ', "")),
        1 => prop::collection::vec(any::<u8>(), 0..64).prop_map(|octets| hex::encode_upper(octets) + "9000"),
        1 => prop::collection::vec(any::<u8>(), 0..4).prop_map(hex::encode_upper),
    ]
}

proptest! {
    #[test]
    fn a_card_that_says_anything_brings_the_kernel_to_an_end(
        answers in prop::collection::hash_map(
            prop::sample::select(vec![
                "00A404000E315041592E5359532E444446303100", "00A4", "80A8", "00B2", "80AE", "0082", "0020", "0088", "80CA",
            ]),
            prop::collection::vec(any_answer(), 1..6),
            0..6,
        ),
        host in prop::option::of(prop_oneof![Just(APPROVED.to_owned()), any_answer()]),
        kind in prop::sample::select(vec![0x14u8, 0x21, 0x22, 0x23, 0x25, 0x26]),
    ) {
        let mut world = base();
        world.host = host;
        for (command, list) in answers {
            world.card.insert(command.to_owned(), list);
        }
        let (outcome, ..) = pay(&mut world, kind);
        check(&world, outcome);
    }
}

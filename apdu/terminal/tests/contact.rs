//! The contact kernel where no vector goes: order of records, lost cards, silent hosts, PINs that are tried again.

#![cfg(feature = "contact")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a panic in a test is its failure"
)]

#[path = "support/payment.rs"]
mod payment;

use payment::{application, decision, pay, pay_at, purchase, terminal, world};
use tapcard_emv::{Amount, Pan, tag};
use tapcard_terminal::contact::{
    Approved, Decision, Exception, Phase, PinBypass, Question, Reason, Record, RecordedDecision, Terminal, Transaction,
};
use tapcard_terminal::limits::MAX_PIN_TRIES;

/// No CVM required.
const NO_CVM: &str = "00000000000000001F00";
/// Plaintext PIN by the card, else signature.
const PIN: &str = "000000000000000041001E00";
/// Approved, with issuer authentication data and a script of each kind.
const APPROVED: &str = "8A0230309108112233445566778871068604841E00007206860484240000";

#[test]
fn an_offline_approval_is_kept_before_and_after_the_card_decides() {
    let mut world = world("1800", NO_CVM, "40", "40");
    assert_eq!(decision(&mut world, 0x22), Decision::Approved);
    assert_eq!(world.after_reading(), ["Started", "80AE", "Finished"]);
    let last = Record::parse(world.records.last().unwrap()).unwrap();
    assert_eq!((last.phase, last.decision), (Phase::Finished, Some(RecordedDecision::Approved)));
    assert_eq!(last.find(tag::ARC), Some(&b"Y1"[..]));
}

#[test]
fn an_online_approval_keeps_a_record_before_each_step_that_cannot_be_taken_back() {
    let mut world = world("1C00", NO_CVM, "80", "40");
    world.host = Some(APPROVED.to_owned());
    let (outcome, tvr, tsi) = pay(&mut world, 0x21);
    assert_eq!((outcome.decision, outcome.reversal), (Decision::Approved, false));
    let order = ["Started", "80AE", "Online", "host", "Answered", "0082", "841E", "80AE", "8424", "Finished"];
    assert_eq!(world.after_reading(), order);
    // The scripts' commands are not in the card's table: 6D00.
    assert_eq!((tvr, tsi), ([0x80, 0, 0, 0, 0x30], [0x7C, 0x00]));
}

#[test]
fn a_record_has_what_a_reversal_needs_and_no_track() {
    let mut world = world("1800", NO_CVM, "80", "40");
    world.host = Some("8A023030".to_owned());
    pay(&mut world, 0x21);
    for octets in &world.records {
        let record = Record::parse(octets).unwrap();
        assert!(record.find(tag::PAN).is_some() && record.find(tag::AMOUNT_AUTHORISED).is_some());
        assert_eq!(record.find(tag::TRACK2_EQUIVALENT_DATA), None);
    }
}

#[test]
fn a_host_that_does_not_answer_leaves_a_reversal_behind() {
    let mut world = world("1800", NO_CVM, "80", "40");
    let (outcome, ..) = pay(&mut world, 0x21);
    assert_eq!((outcome.decision, outcome.reversal), (Decision::Approved, true));
    assert_eq!(Record::parse(world.records.last().unwrap()).unwrap().find(tag::ARC), Some(&b"Y3"[..]));
}

#[test]
fn a_host_that_cannot_be_reached_leaves_none() {
    for answer in ["", "9108", "8A0130"] {
        let mut world = world("1800", NO_CVM, "80", "40");
        world.host = Some(answer.to_owned());
        let (outcome, ..) = pay(&mut world, 0x21);
        assert_eq!((outcome.decision, outcome.reversal), (Decision::Approved, false));
        assert!(!world.order().contains(&"Answered".to_owned()));
    }
}

#[test]
fn an_approval_that_the_card_refuses_is_reversed() {
    for refusal in ["00", "80", "C0", "6985", "800100"] {
        let mut world = world("1800", NO_CVM, "80", refusal);
        world.host = Some("8A023030".to_owned());
        let (outcome, ..) = pay(&mut world, 0x21);
        assert_eq!((outcome.decision, outcome.reversal), (Decision::Declined, true), "{refusal}");
    }
}

#[test]
fn a_card_that_is_pulled_out_after_the_approval_is_reversed() {
    for at in ["0082", "841E", "80AE40"] {
        let mut world = world("1C00", NO_CVM, "80", "40");
        world.host = Some(APPROVED.to_owned());
        world.pull_at = Some(at);
        let (outcome, ..) = pay(&mut world, 0x21);
        assert_eq!((outcome.decision, outcome.reversal), (Decision::Declined, true), "{at}");
    }
}

#[test]
fn a_card_that_is_pulled_out_behind_its_tc_has_paid() {
    let mut world = world("1800", NO_CVM, "80", "40");
    world.host = Some(APPROVED.to_owned());
    world.pull_at = Some("8424");
    let (outcome, tvr, _) = pay(&mut world, 0x21);
    assert_eq!((outcome.decision, outcome.reversal), (Decision::Approved, false));
    assert_eq!(tvr[4] & 0x10, 0x10, "the script after the TC failed");
}

#[test]
fn a_card_that_is_pulled_out_early_leaves_a_record_only_if_it_may_have_decided() {
    let run = |at| {
        let mut world = world("1800", NO_CVM, "40", "40");
        world.pull_at = Some(at);
        (decision(&mut world, 0x22), world.records.len())
    };
    assert_eq!(run("00B2"), (Decision::Terminated(Reason::CardLost), 0));
    assert_eq!(run("80AE"), (Decision::Terminated(Reason::CardLost), 2));
}

#[test]
fn a_card_that_is_pulled_out_while_the_host_thinks_leaves_a_reversal() {
    let mut world = world("1800", NO_CVM, "80", "40");
    world.pull_at = Some("host");
    let (outcome, ..) = pay(&mut world, 0x21);
    assert_eq!((outcome.decision, outcome.reversal), (Decision::Terminated(Reason::CardLost), true));
    assert_eq!(world.after_reading(), ["Started", "80AE", "Online", "host", "Finished"]);
    assert!(Record::parse(world.records.last().unwrap()).unwrap().reversal);
}

#[test]
fn a_cancelled_pin_ends_the_transaction_before_a_cryptogram() {
    for list in [PIN, "00000000000000000200"] {
        let mut world = world("1800", list, "40", "40");
        world.pins = vec!["cancel"];
        assert_eq!(decision(&mut world, 0x22), Decision::Terminated(Reason::Cancelled));
        assert!(world.records.is_empty());
    }
}

#[test]
fn what_is_no_pin_is_the_owners_mistake() {
    let mut world = world("1800", PIN, "40", "40");
    world.pins = vec!["123"];
    assert_eq!(decision(&mut world, 0x22), Decision::Terminated(Reason::Contract));
    assert!(!world.order().contains(&"0020".to_owned()));
}

#[test]
fn a_card_that_does_not_allow_the_service_is_not_declined_but_not_accepted() {
    let mut world = world("1800", NO_CVM, "09", "40");
    let (outcome, ..) = pay(&mut world, 0x22);
    assert_eq!((outcome.decision, outcome.advice), (Decision::Terminated(Reason::ServiceNotAllowed), true));
}

#[test]
fn a_verification_that_the_card_announces_and_does_not_have_shows_as_missing_data() {
    let mut world = world("1800", NO_CVM, "40", "40");
    let record = world.card["00B2"][0].replace("8E0A", "8E00").replace(NO_CVM, "");
    let data = &record[6..record.len() - 4];
    let shorter = format!("7081{:02X}{data}9000", data.len() / 2);
    world.set("00B2", &[&shorter]);
    let (outcome, tvr, tsi) = pay(&mut world, 0x22);
    assert_eq!((outcome.decision, tvr, tsi), (Decision::Approved, [0xA0, 0, 0, 0, 0], [0x28, 0]));
}

#[test]
fn a_wrong_pin_is_asked_for_again_until_the_card_takes_it() {
    let mut world = world("1800", PIN, "40", "40");
    world.pins = vec!["1111", "2222", "1234"];
    world.set("0020", &["63C2", "63C1", "9000"]);
    let (outcome, tvr, _) = pay(&mut world, 0x22);
    assert_eq!((outcome.decision, outcome.signature, tvr[2]), (Decision::Approved, false, 0));
    let asked = [None, Some(2), Some(1)].map(|tries_left| Question::OfflinePin { tries_left });
    assert_eq!(world.asked(), asked);
}

#[test]
fn a_card_that_never_runs_out_of_tries_is_stopped() {
    let mut world = world("1800", PIN, "40", "40");
    world.pins = vec!["1111"];
    world.set("0020", &["63CF"]);
    let (outcome, tvr, _) = pay(&mut world, 0x22);
    assert_eq!(world.asked().len(), usize::from(MAX_PIN_TRIES));
    assert_eq!((outcome.signature, tvr[2]), (true, 0x20));
}

#[test]
fn a_blocked_pin_is_not_asked_for() {
    let mut world = world("1800", PIN, "40", "40");
    world.set("80CA9F1700", &["9F1701009000"]);
    let (outcome, tvr, _) = pay(&mut world, 0x22);
    assert_eq!((world.asked().len(), tvr[2], outcome.signature), (0, 0x20, true));
}

#[test]
fn what_no_pin_means_is_the_terminals_choice() {
    let applications = [application()];
    let run = |pin_bypass| {
        let mut world = world("1800", "0000000000000000410042001E00", "40", "40");
        let terminal = Terminal { pin_bypass, ..terminal(0x22, &applications) };
        let (outcome, tvr, _) = pay_at(&mut world, &terminal, &purchase());
        (outcome.decision, world.asked().len(), tvr[2])
    };
    assert_eq!(run(PinBypass::Refused), (Decision::Terminated(Reason::Cancelled), 1, 0));
    assert_eq!(run(PinBypass::EachMethod), (Decision::Approved, 2, 0x08));
    assert_eq!(run(PinBypass::AllMethods), (Decision::Approved, 1, 0x08));
}

#[test]
fn a_pin_pad_out_of_order_is_told_from_a_pin_that_was_not_entered() {
    let applications = [application()];
    let terminal = Terminal { pin_pad_works: false, ..terminal(0x22, &applications) };
    let mut world = world("1800", PIN, "40", "40");
    let (_, tvr, _) = pay_at(&mut world, &terminal, &purchase());
    assert_eq!((world.asked().len(), tvr[2]), (0, 0x10));
}

#[test]
fn the_exception_file_the_merchant_and_earlier_amounts_show_in_the_tvr() {
    let applications = [application()];
    let pan = Pan::from_digits("4761739001010119").unwrap();
    let exceptions = [Exception { pan: pan.clone(), sequence_number: None }];
    let terminal = Terminal { exceptions: &exceptions, ..terminal(0x22, &applications) };
    let approved = [Approved { pan, amount: Amount::new(9_000) }];
    let transaction = Transaction { force_online: true, approved: &approved, ..purchase() };
    let (_, tvr, _) = pay_at(&mut world("1800", NO_CVM, "40", "40"), &terminal, &transaction);
    assert_eq!(tvr, [0x90, 0, 0, 0x88, 0]);
}

#[test]
fn a_card_on_the_list_by_its_sequence_number_is_only_that_card() {
    let applications = [application()];
    let pan = Pan::from_digits("4761739001010119").unwrap();
    let exceptions = [Exception { pan, sequence_number: Some(1) }];
    let terminal = Terminal { exceptions: &exceptions, ..terminal(0x22, &applications) };
    let (_, tvr, _) = pay_at(&mut world("1800", NO_CVM, "40", "40"), &terminal, &purchase());
    assert_eq!(tvr[0], 0x80);
}

#[test]
fn an_offline_terminal_decides_about_an_arqc_by_its_default_codes() {
    let mut world = world("1800", NO_CVM, "80", "40");
    assert_eq!(decision(&mut world, 0x23), Decision::Approved);
    assert!(!world.order().contains(&"host".to_owned()));
}

#[test]
fn a_tc_for_an_arqc_is_an_error_of_the_card() {
    let mut world = world("1800", NO_CVM, "40", "40");
    assert_eq!(decision(&mut world, 0x21), Decision::Terminated(Reason::WrongCryptogram));
}

#[test]
fn an_application_that_refuses_the_transaction_gives_way_to_the_next_one() {
    let mut second = application();
    second.aid = tapcard_emv::Aid::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap();
    let applications = [application(), second];
    let mut world = world("1800", NO_CVM, "40", "40");
    world.set("00A4040007A000000004101000", &["6F118407A0000000041010A5065004544553549000"]);
    let options = world.card["80A8"].clone();
    world.card.insert("80A8".to_owned(), ["6985".to_owned()].into_iter().chain(options).collect());
    let terminal = Terminal { cardholder_selection: false, ..terminal(0x22, &applications) };
    assert_eq!(pay_at(&mut world, &terminal, &purchase()).0.decision, Decision::Approved);
    assert_eq!(Record::parse(&world.records[1]).unwrap().find(tag::DF_NAME), Some(second_name(&applications)));
}

fn second_name<'a>(applications: &'a [tapcard_terminal::contact::Application<'_>]) -> &'a [u8] {
    applications[1].aid.as_bytes()
}

#[test]
fn the_cardholder_chooses_among_several_and_may_refuse() {
    let mut second = application();
    second.aid = tapcard_emv::Aid::new(&[0xA0, 0, 0, 0, 4, 0x10, 0x10]).unwrap();
    let applications = [application(), second];
    for (choice, expected) in [("\u{1}", Decision::Approved), ("", Decision::Terminated(Reason::Cancelled))] {
        let mut world = world("1800", NO_CVM, "40", "40");
        world.set("00A4040007A000000004101000", &["6F118407A0000000041010A5065004544553549000"]);
        world.pins = vec![choice];
        assert_eq!(pay_at(&mut world, &terminal(0x22, &applications), &purchase()).0.decision, expected);
        assert_eq!(world.asked(), [Question::Application]);
    }
}

#[test]
fn a_transaction_fits_a_small_board() {
    let octets = size_of::<tapcard_terminal::contact::Contact<'_>>();
    println!("a transaction takes {octets} octets beside the card's data");
    assert!(octets <= 4096);
}

//! The reading flow against scripted cards: which commands it sends, what it reports, and that it always ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use support::{PPSE, PSE, Run, name, run, run_with};
use tapcard_emv::Aid;
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Sfi, StatusWord, Tag};
use tapcard_terminal::{
    Depth, FoundBy, LogKind, Outcome, Place, Plan, Reader, Report, TerminalData, Warning, WarningKind,
};

fn record(sfi: u8, number: u8) -> Place {
    Place::Record(Sfi::new(sfi).unwrap(), number)
}

const DEBIT: &str = "A000000333010101";
const SELECT_DEBIT: &str = "00A4040008A00000033301010100";
const PPSE_DEBIT: &str = "6F20840E325041592E5359532E4444463031A50EBF0C0B61094F07A00000033301019000";

#[test]
fn a_card_with_one_cash_currency_costs_one_refused_df71() {
    let run = run(
        Depth::Balance { limits: false },
        None,
        &[
            (PPSE, "6F21840E325041592E5359532E4444463031A50FBF0C0C610A4F08A0000003330101019000"),
            (SELECT_DEBIT, "6F0A8408A0000003330101019000"),
            ("80CA9F7900", "9F79060000000123459000"),
            ("80CA9F5100", "9F510201569000"),
        ],
    );
    assert_eq!(run.commands, [PPSE, SELECT_DEBIT, "80CA9F7900", "80CA9F5100", "80CADF7100"]);
    assert_eq!(run.outcome, Outcome::Finished);
    assert_eq!(run.warnings(), []);
}

#[test]
fn a_second_currency_costs_its_code_and_its_balance() {
    let script = [
        (SELECT_DEBIT, "6F0A8408A0000003330101019000"),
        ("80CA9F7900", "9F79060000000123459000"),
        ("80CA9F5100", "9F510201569000"),
        ("80CADF7100", "DF710203449000"),
        ("80CADF7900", "DF79060000000067809000"),
    ];
    let run = run(Depth::Balance { limits: false }, Some(DEBIT), &script);
    let expected: Vec<&str> = script.iter().map(|(command, _)| *command).collect();
    assert_eq!(run.commands, expected);
}

#[test]
fn an_application_without_electronic_cash_is_asked_once() {
    let run = run(Depth::Balance { limits: true }, Some(DEBIT), &[(SELECT_DEBIT, "6F0A8408A0000003330101019000")]);
    assert_eq!(run.commands, [SELECT_DEBIT, "80CA9F7900"]);
    assert!(run.reports.contains(&Report::Refused(Place::Object(Tag::new(0x9F79)), StatusWord::DATA_NOT_FOUND)));
}

#[test]
fn applications_that_cannot_hold_cash_are_not_selected_for_a_balance() {
    let ppse = "6F20840E325041592E5359532E4444463031A50EBF0C0B61094F07A00000000310109000";
    let run = run(Depth::Balance { limits: false }, None, &[(PPSE, ppse)]);
    assert_eq!(run.commands, [PPSE]);
}

#[test]
fn safe_reading_sends_nothing_that_changes_the_card() {
    let run = run(
        Depth::Safe,
        None,
        &[
            (PPSE, PPSE_DEBIT),
            (
                "00A4040007A000000333010100",
                "6F218408A000000333010101A515BF0C129F4D020B029F38039F66049F4D020B02DF4D020C019000",
            ),
            ("00B2010C00", "70045F3401019000"),
            ("80CA9F3600", "9F360200019000"),
        ],
    );
    let sent: Vec<&str> = run.commands.iter().map(|command| &command[2..4]).collect();
    assert!(sent.iter().all(|ins| ["A4", "B2", "CA"].contains(ins)), "{sent:?}");
    assert!(run.has(record(1, 1)));
}

#[test]
fn a_full_reading_of_four_records_takes_seven_apdus() {
    let script = [
        (PPSE, "6F20840E325041592E5359532E4444463031A50EBF0C0B61094F07A00000000310109000"),
        ("00A4040007A000000003101000", "6F098407A00000000310109000"),
        ("80A8000002830000", "7714820220009404080104009F360200079F6C0210009000"),
        ("00B2010C00", "70045F3401019000"),
        ("00B2020C00", "700C8E0A000000000000000042039000"),
        ("00B2030C00", "70038701019000"),
        ("00B2040C00", "70045F3601029000"),
    ];
    let run = run(Depth::Full, None, &script);
    let expected: Vec<&str> = script.iter().map(|(command, _)| *command).collect();
    assert_eq!(run.commands, expected);
}

#[test]
fn offline_pin_and_velocity_objects_are_worth_a_question_each() {
    let run = run(
        Depth::Full,
        Some("A0000000031010"),
        &[
            ("00A4040007A000000003101000", "6F098407A00000000310109000"),
            ("80A8000002830000", "80062000080101009000"),
            ("00B2010C00", "70108E0A000000000000000041039F1401039000"),
        ],
    );
    assert_eq!(run.commands[3..], ["80CA9F1700", "80CA9F3600", "80CA9F1300"]);
}

#[test]
fn a_pse_is_read_to_its_end_and_sorted_by_priority() {
    let run = run(
        Depth::Balance { limits: false },
        None,
        &[
            (PSE, "6F15840E315041592E5359532E4444463031A5038801019000"),
            ("00B2010C00", "700F610D4F08A0000003330101028701029000"),
            ("00B2020C00", "700F610D4F08A0000003330101018701019000"),
        ],
    );
    assert_eq!(run.commands[..5], [PPSE, PSE, "00B2010C00", "00B2020C00", "00B2030C00"]);
    assert_eq!(run.applications(), [(name(DEBIT), 1, FoundBy::Pse), (name("A000000333010102"), 2, FoundBy::Pse)]);
}

#[test]
fn a_directory_that_repeats_its_record_is_left() {
    let run = run_with(Depth::Balance { limits: false }, None, |command| {
        let answer = match command[1] {
            0xA4 if command[5..].starts_with(b"1PAY") => "6F15840E315041592E5359532E4444463031A5038801019000",
            0xB2 => "700F610D4F08A0000003330101028701029000",
            _ => "6A82",
        };
        hex::decode(answer).unwrap()
    });
    let reads = run.commands.iter().filter(|command| command.starts_with("00B2")).count();
    assert_eq!(reads, 2);
    let repeated = Warning { place: Place::DirectoryRecord(2), offset: 0, kind: WarningKind::DirectoryRepeats };
    assert_eq!(run.warnings(), [repeated]);
}

#[test]
fn a_blocked_card_ends_the_reading_at_the_pse() {
    let run = run(Depth::Full, None, &[(PSE, "6A81")]);
    assert_eq!((run.outcome, run.commands.len()), (Outcome::CardBlocked, 2));
}

#[test]
fn select_next_ends_when_a_name_comes_again() {
    let visa = "00A4040005A00000000300";
    let next = "00A4040205A00000000300";
    let run = run(Depth::Safe, None, &[(visa, "6F098407A00000000310109000"), (next, "6F098407A00000000310109000")]);
    assert_eq!(run.commands.iter().filter(|command| *command == next).count(), 1);
    let repeats = Warning { place: Place::Fci, offset: 0, kind: WarningKind::NextRepeats };
    assert!(run.warnings().contains(&repeats));
    assert_eq!(run.applications(), [(name("A0000000031010"), 0, FoundBy::AidList)]);
}

#[test]
fn select_next_finds_every_application_of_a_partial_name() {
    let run = run_with(Depth::Safe, None, |command| {
        let first = matches!(command, [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0, 0, 0, 0x03, ..]);
        let next = matches!(command, [0x00, 0xA4, 0x04, 0x02, 0x05, 0xA0, 0, 0, 0, 0x03, ..]);
        let answer = if first { "6F098407A00000000310109000" } else { "6A82" };
        if next {
            return hex::decode("6F098407A00000000320109000").unwrap();
        }
        hex::decode(if command[1] == 0xB2 { "6A83" } else { answer }).unwrap()
    });
    let found: Vec<Aid> = run.applications().into_iter().map(|(aid, ..)| aid).collect();
    assert_eq!(found, [name("A0000000031010"), name("A0000000032010")]);
}

#[test]
fn gpo_that_is_not_satisfied_leaves_the_application() {
    let run =
        run(Depth::Full, Some(DEBIT), &[(SELECT_DEBIT, "6F0A8408A0000003330101019000"), ("80A8000002830000", "6985")]);
    assert_eq!(run.commands, [SELECT_DEBIT, "80A8000002830000"]);
    assert!(run.reports.contains(&Report::Refused(Place::Options, StatusWord::CONDITIONS_NOT_SATISFIED)));
}

#[test]
fn refused_pdol_data_are_sent_once_more_without() {
    let run = run(
        Depth::Full,
        Some(DEBIT),
        &[
            (SELECT_DEBIT, "6F128408A000000333010101A5069F38039F66049000"),
            ("80A800000683043680000000", "6700"),
            ("80A8000002830000", "77068202200057009000"),
        ],
    );
    assert_eq!(run.commands[1..3], ["80A800000683043680000000", "80A8000002830000"]);
    let retried = Warning { place: Place::Options, offset: 0, kind: WarningKind::OptionsRetried };
    assert!(run.warnings().contains(&retried), "{:?}", run.warnings());
}

#[test]
fn an_afl_of_255_records_is_read_and_one_of_more_is_cut() {
    let whole = |entries: &str| {
        let afl = hex::decode(entries).unwrap();
        let options = [&[0x80, u8::try_from(2 + afl.len()).unwrap(), 0x20, 0x00][..], &afl, &[0x90, 0x00]].concat();
        run_with(Depth::Full, Some("A0000000031010"), move |command| match command[1] {
            0xA4 => hex::decode("6F098407A00000000310109000").unwrap(),
            0xA8 => options.clone(),
            0xB2 => hex::decode("70045F3401019000").unwrap(),
            _ => vec![0x6A, 0x88],
        })
    };
    let count = |run: &Run| run.commands.iter().filter(|command| command.starts_with("00B2")).count();
    let just = whole("0801FF00");
    assert_eq!((count(&just), just.warnings()), (255, vec![]));
    let more = whole("0801FF001001FF00");
    assert_eq!(count(&more), 255);
    assert_eq!(more.warnings(), [Warning { place: record(1, 255), offset: 0, kind: WarningKind::TooManyRecords }]);
}

#[test]
fn a_record_that_the_afl_names_and_the_card_does_not_have_is_a_warning() {
    let run = run(
        Depth::Full,
        Some(DEBIT),
        &[
            (SELECT_DEBIT, "6F0A8408A0000003330101019000"),
            ("80A8000002830000", "800A200008010300100101009000"),
            ("00B2010C00", "70045F3401019000"),
            ("00B2011400", "70045F3401019000"),
        ],
    );
    assert!(run.has(record(2, 1)));
    let missing = WarningKind::ListedRecordMissing(StatusWord::RECORD_NOT_FOUND);
    assert_eq!(run.warnings()[0], Warning { place: record(1, 2), offset: 0, kind: missing });
    assert!(!run.commands.contains(&"00B2030C00".to_owned()));
}

#[test]
fn lying_lengths_are_warnings_with_the_octet() {
    let run = run(
        Depth::Safe,
        Some(DEBIT),
        &[(SELECT_DEBIT, "6F0A8408A0000003330101019000"), ("00B2010C00", "70105A0862109000")],
    );
    let broken = run.warnings().into_iter().find(|warning| warning.place == record(1, 1)).unwrap();
    assert!(matches!(broken.kind, WarningKind::Tlv(_)), "{broken:?}");
}

#[test]
fn both_logs_are_read_by_the_cards_own_entries() {
    let run = run(
        Depth::Safe,
        Some(DEBIT),
        &[
            (SELECT_DEBIT, "6F198408A000000333010101A50DBF0C0A9F4D020B02DF4D020C029000"),
            ("80CA9F4F00", "9F4F029A039000"),
            ("00B2015C00", "1803059000"),
            ("00B2025C00", "1803049000"),
            ("80CADF4F00", "DF4F029A039000"),
            ("00B2016400", "9F790000000010000000000060001803059000"),
        ],
    );
    for place in [
        Place::LogRecord(LogKind::Transactions, 1),
        Place::LogRecord(LogKind::Transactions, 2),
        Place::LogRecord(LogKind::Loads, 1),
    ] {
        assert!(run.has(place), "{place}");
    }
    let logs = &run.commands[run.commands.len() - 6..];
    assert_eq!(logs, ["80CA9F4F00", "00B2015C00", "00B2025C00", "80CADF4F00", "00B2016400", "00B2026400"]);
}

#[test]
fn a_lost_card_ends_the_reading_at_once() {
    let mut reader = Reader::new(Plan { depth: Depth::Full, aid: None }, TerminalData::default());
    let mut out = [0; 261];
    assert!(matches!(reader.step(0, Input::Start, &mut out), Action::Transmit(20)));
    assert_eq!(reader.step(0, Input::CardLost, &mut out), Action::Done(Outcome::CardLost));
    assert_eq!(reader.step(0, Input::Received(&[0x90, 0x00]), &mut out), Action::Done(Outcome::CardLost));
}

#[test]
fn a_buffer_that_is_too_small_ends_the_reading() {
    let mut reader = Reader::new(Plan { depth: Depth::Full, aid: None }, TerminalData::default());
    assert_eq!(reader.step(0, Input::Start, &mut [0; 8]), Action::Done(Outcome::BufferTooSmall));
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever a card answers, the reading ends within its bound and does not panic.
        #[test]
        fn any_answers(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..40), full: bool) {
            let mut answers = answers.into_iter().cycle();
            let depth = if full { Depth::Full } else { Depth::Safe };
            run_with(depth, None, |_| {
                let mut answer = answers.next().unwrap_or_default();
                answer.extend([0x90, 0x00]);
                answer
            });
        }

        /// The same with answers that are well-formed BER-TLV in parts, and with refusals between them.
        #[test]
        fn any_status(words in prop::collection::vec(any::<u16>(), 1..60)) {
            let mut words = words.into_iter().cycle();
            run_with(Depth::Full, None, |command| {
                let mut answer = match command[1] {
                    0xA4 => hex::decode("6F1A8407A0000000031010A50FBF0C0C610A4F08A0000003330101").unwrap(),
                    0xA8 => hex::decode("800A20000801030010010100").unwrap(),
                    _ => hex::decode("70045F340101").unwrap(),
                };
                let word = words.next().unwrap_or(0x9000);
                let word = if word % 3 == 0 { word } else { 0x9000 };
                answer.extend(word.to_be_bytes());
                answer
            });
        }
    }
}

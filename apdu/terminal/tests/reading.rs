//! Reading one application at its edges: files that do not end, records that are none, questions that a depth does not ask,
//! and an owner who breaks the contract.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use std::collections::HashSet;

use support::{PPSE, name, octets, run, run_with};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Sfi, StatusWord, Tag, TlvErrorKind};
use tapcard_terminal::{
    Depth, LogKind, Outcome, Place, Plan, Reader, Report, TerminalData, Warning, WarningKind, limits,
};

const DEBIT: &str = "A000000333010101";
const SELECT_DEBIT: &str = "00A4040008A00000033301010100";
const FCI: &str = "6F0A8408A0000003330101019000";
/// With a PDOL that asks for the terminal transaction qualifiers.
const FCI_PDOL: &str = "6F128408A000000333010101A5069F38039F66049000";
/// With a log of two transactions.
const FCI_LOG: &str = "6F148408A000000333010101A508BF0C059F4D020B029000";
const GPO: &str = "80A8000002830000";

fn record(sfi: u8, number: u8) -> Place {
    Place::Record(Sfi::new(sfi).unwrap(), number)
}

fn warning(place: Place, kind: WarningKind) -> Warning {
    Warning { place, offset: 0, kind }
}

#[test]
fn a_file_that_does_not_end_is_left_for_the_next_one() {
    let run = run_with(Depth::Safe, Some(DEBIT), |command| match command {
        [_, 0xA4, ..] => octets(FCI),
        [_, 0xB2, _, 0x0C, ..] => octets("70009000"),
        [_, 0xB2, ..] => octets("6A82"),
        _ => octets("6A88"),
    });
    let reads: Vec<&str> =
        run.commands.iter().map(String::as_str).filter(|command| command.starts_with("00B2")).collect();
    let bound = usize::from(limits::MAX_BLIND_RECORDS);
    assert_eq!(reads[bound - 1], format!("00B2{bound:02X}0C00"));
    let other_files: Vec<String> =
        (2..=limits::LAST_BLIND_SFI).map(|sfi| format!("00B201{:02X}00", sfi << 3 | 4)).collect();
    assert_eq!(reads[bound..], other_files);
    assert_eq!(run.warnings(), [warning(record(1, limits::MAX_BLIND_RECORDS), WarningKind::TooManyRecords)]);
}

#[test]
fn a_file_ends_where_a_record_is_missing_and_says_nothing_of_it() {
    let script = [(SELECT_DEBIT, FCI), ("00B2010C00", "70009000"), ("00B2011400", "6A82"), ("00B2011C00", "6985")];
    let run = run(Depth::Safe, Some(DEBIT), &script);
    assert_eq!(run.commands[1..5], ["00B2010C00", "00B2020C00", "00B2011400", "00B2011C00"]);
    let refused: Vec<_> =
        run.reports.iter().filter(|report| matches!(report, Report::Refused(Place::Record(..), _))).collect();
    assert_eq!(refused, [&Report::Refused(record(3, 1), StatusWord::CONDITIONS_NOT_SATISFIED)]);
}

#[test]
fn an_afl_that_breaks_a_rule_is_read_blindly() {
    for (options, kind) in [
        ("8006200000010100", WarningKind::BadAfl),
        ("80052000080101", WarningKind::BadOptions),
        ("770A82022000940401020100", WarningKind::BadAfl),
    ] {
        let options = format!("{options}9000");
        let run = run(Depth::Full, Some(DEBIT), &[(SELECT_DEBIT, FCI), (GPO, &options)]);
        assert_eq!(run.warnings(), [warning(Place::Options, kind)], "{options}");
        assert_eq!(run.commands[2], "00B2010C00");
    }
}

#[test]
fn only_refused_pdol_data_are_worth_a_second_try() {
    let commands = |fci, answers: [(&str, &str); 2]| {
        run(Depth::Full, Some(DEBIT), &[(SELECT_DEBIT, fci), answers[0], answers[1]]).commands
    };
    let with_data = "80A800000683043680000000";
    assert_eq!(
        commands(FCI_PDOL, [(with_data, "6A81"), (GPO, "6A81")])[1..3],
        [with_data, "00B2010C00"],
        "another reason"
    );
    assert_eq!(commands(FCI, [(GPO, "6700"), (GPO, "6700")])[1..3], [GPO, "00B2010C00"], "there were no data");
    assert_eq!(commands(FCI_PDOL, [(with_data, "6700"), (GPO, "6700")])[1..4], [with_data, GPO, "00B2010C00"], "once");
    assert_eq!(commands(FCI, [(GPO, "6A81"), (GPO, "6A81")])[1..3], [GPO, "00B2010C00"]);
}

#[test]
fn a_record_of_the_payment_files_is_one_template_70() {
    let run = run(
        Depth::Full,
        Some(DEBIT),
        &[
            (SELECT_DEBIT, FCI),
            (GPO, "800A200008010300580101009000"),
            ("00B2010C00", "5F3401019000"),
            ("00B2020C00", "70045F3401015A009000"),
            ("00B2030C00", "70045F3401019000"),
            ("00B2015C00", "01029000"),
        ],
    );
    let other: Vec<Place> =
        run.warnings().into_iter().filter(|w| w.kind == WarningKind::NotOneTemplate70).map(|w| w.place).collect();
    assert_eq!(other, [record(1, 1), record(1, 2)], "files above 10 belong to the issuer");
    assert!(run.has(record(11, 1)));
}

#[test]
fn limits_are_asked_for_where_they_are_wanted() {
    let script = [
        (SELECT_DEBIT, FCI),
        ("80CA9F7900", "9F79060000000123459000"),
        ("80CA9F5100", "9F510201569000"),
        ("80CADF7100", "DF710203449000"),
    ];
    let limits = ["80CA9F7700", "80CA9F7800", "80CA9F6D00"];
    let asked =
        |depth| run(depth, Some(DEBIT), &script).commands.iter().filter(|c| limits.contains(&c.as_str())).count();
    assert_eq!(asked(Depth::Balance { limits: false }), 0);
    assert_eq!(asked(Depth::Balance { limits: true }), 3);
    assert_eq!(asked(Depth::Safe), 3);
}

#[test]
fn a_log_is_not_read_for_a_balance() {
    let run = run(Depth::Balance { limits: true }, Some(DEBIT), &[(SELECT_DEBIT, FCI_LOG)]);
    assert_eq!(run.commands, [SELECT_DEBIT, "80CA9F7900"]);
}

#[test]
fn a_log_without_its_format_is_not_read() {
    let format = Place::Object(Tag::new(0x9F4F));
    for (answer, first) in [
        ("9F4D020B029000", Report::Warning(warning(format, WarningKind::OtherObject))),
        ("6A88", Report::Refused(format, StatusWord::DATA_NOT_FOUND)),
        ("9F4F029A036A88", Report::Refused(format, StatusWord::DATA_NOT_FOUND)),
    ] {
        let run = run(Depth::Safe, Some(DEBIT), &[(SELECT_DEBIT, FCI_LOG), ("80CA9F4F00", answer)]);
        assert!(run.reports.contains(&first), "{answer}: {:?}", run.reports);
        assert!(run.warnings().contains(&warning(format, WarningKind::NoLogFormat)));
        assert_eq!(run.commands.last().unwrap(), "80CA9F4F00");
    }
}

#[test]
fn a_log_that_is_not_full_ends_in_silence_and_any_other_refusal_is_told() {
    for (answer, told) in [("6A83", false), ("6985", true)] {
        let script = [(SELECT_DEBIT, FCI_LOG), ("80CA9F4F00", "9F4F029A039000"), ("00B2015C00", answer)];
        let run = run(Depth::Safe, Some(DEBIT), &script);
        let sw = StatusWord::CONDITIONS_NOT_SATISFIED;
        let place = Place::LogRecord(LogKind::Transactions, 1);
        assert_eq!(run.reports.contains(&Report::Refused(place, sw)), told);
        assert!(!run.reports.contains(&Report::Refused(place, StatusWord::RECORD_NOT_FOUND)));
        assert_eq!(run.commands.last().unwrap(), "00B2015C00");
    }
}

#[test]
fn a_card_with_more_to_tell_than_the_bound_is_left() {
    let entries: String = (0..16).map(|last| format!("61094F07A00000033301{last:02X}")).collect();
    let ppse = format!("6F81C7840E325041592E5359532E4444463031A581B4BF0C81B0{entries}9000");
    let run = run_with(Depth::Full, None, |command| match command[1] {
        0xA4 if command == octets(PPSE) => octets(&ppse),
        0xA4 => [&[0x6F, 0x09, 0x84, 0x07], &command[5..12], &[0x90, 0x00]].concat(),
        0xA8 => octets("800620000801FF009000"),
        0xB2 => octets("70009000"),
        _ => octets("6A88"),
    });
    assert_eq!(run.outcome, Outcome::TooManyCommands);
    assert_eq!(run.commands.len(), usize::from(limits::MAX_COMMANDS));
}

#[test]
fn an_answer_that_was_not_asked_for_is_not_taken() {
    let mut reader = Reader::new(Plan { depth: Depth::Full, aid: Some(name(DEBIT)) }, TerminalData::default());
    let mut out = [0; 261];
    reader.step(0, Input::Start, &mut out);
    let refused = Action::Report(Report::Refused(Place::Fci, StatusWord::FILE_NOT_FOUND));
    assert!(matches!(
        reader.step(0, Input::Received(&[0x6A, 0x82]), &mut out),
        Action::Report(Report::Application { .. })
    ));
    assert_eq!(reader.step(0, Input::Received(&octets(FCI)), &mut out), refused);
    assert_eq!(reader.step(0, Input::Noted, &mut out), Action::Done(Outcome::Finished));
    assert_eq!(reader.step(0, Input::CardLost, &mut out), Action::Done(Outcome::Finished), "it was done before");
}

#[test]
fn an_answer_that_came_twice_is_not_that_to_the_next_command() {
    let mut reader = Reader::new(Plan { depth: Depth::Full, aid: Some(name(DEBIT)) }, TerminalData::default());
    let mut out = [0; 261];
    reader.step(0, Input::Start, &mut out);
    let mut action = reader.step(0, Input::Received(&octets(FCI)), &mut out);
    while let Action::Report(report) = action {
        assert!(!matches!(report, Report::Found(Place::Options) | Report::Warning(_)), "{report:?}");
        action = reader.step(0, Input::Received(&octets(FCI)), &mut out);
    }
    assert_eq!(action, Action::Transmit(8));
    assert_eq!(out[..8], octets(GPO), "it is still to be sent");
}

#[test]
fn every_place_has_words_of_its_own() {
    let sfi = Sfi::new(2).unwrap();
    let places = [
        (Place::Ppse, "PPSE"),
        (Place::Pse, "PSE"),
        (Place::DirectoryRecord(3), "directory record 3"),
        (Place::Fci, "FCI"),
        (Place::Options, "answer to GET PROCESSING OPTIONS"),
        (Place::Record(sfi, 4), "record 2.4"),
        (Place::Object(Tag::new(0x9F79)), "object 9F79"),
        (Place::LogRecord(LogKind::Transactions, 5), "transaction log record 5"),
        (Place::LogRecord(LogKind::Loads, 6), "load log record 6"),
        (Place::Balance(7), "balance register 7"),
        (Place::File(sfi), "file 2"),
        (Place::PurseRecord(sfi, 8), "purse record 2.8"),
        (Place::Home, "FCI of the files' DF"),
    ];
    for (place, words) in places {
        assert_eq!(place.to_string(), words);
    }
}

#[test]
fn every_warning_has_a_word_of_its_own_for_scripts() {
    let sw = StatusWord::FILE_NOT_FOUND;
    let kinds = [
        WarningKind::Tlv(TlvErrorKind::TruncatedTag),
        WarningKind::NoFci,
        WarningKind::OtherName,
        WarningKind::SelectedWithStatus(sw),
        WarningKind::NoDirectoryFile,
        WarningKind::DirectoryRepeats,
        WarningKind::DirectoryStopped(sw),
        WarningKind::EntryWithoutAid,
        WarningKind::NextRepeats,
        WarningKind::TooManyApplications,
        WarningKind::BadPdol,
        WarningKind::OptionsRetried,
        WarningKind::BadOptions,
        WarningKind::BadAfl,
        WarningKind::ListedRecordMissing(sw),
        WarningKind::TooManyRecords,
        WarningKind::NotOneTemplate70,
        WarningKind::OtherObject,
        WarningKind::BadLogEntry,
        WarningKind::NoLogFormat,
    ];
    let codes: HashSet<&str> = kinds.iter().map(WarningKind::code).collect();
    assert_eq!(codes.len(), kinds.len());
    assert!(codes.iter().all(|code| code.bytes().all(|c| c.is_ascii_lowercase() || c == b'_')), "{codes:?}");
    assert_eq!(WarningKind::BadAfl.code(), "afl_malformed");
}

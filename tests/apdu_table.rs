//! The C-APDUs of each flow, octet by octet, for each card profile; and what a reading never sends.
//!
//! The counts follow from `docs/decisions/0003-what-a-balance-costs.md`: a directory, a SELECT, the options, the records, and
//! one GET DATA for each number that is printed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use std::path::Path;

use tapcard_emv::Aid;
use tapcard_report::{CardReport, ReadOptions, balance, read};
use tapcard_tests::spy::Spy;
use tapcard_transport::VirtualCard;

const PPSE: &str = "00A404000E325041592E5359532E444446303100";
const SELECT: &str = "00A4040008A00000033301010100";

/// One row: a profile, what is done with it, and the commands that it takes.
struct Row {
    profile: &'static str,
    what: &'static str,
    commands: &'static [&'static [&'static str]],
}

const RECORDS: &[&str] = &["00B2010C00", "00B2020C00", "00B2011400", "00B2011C00"];
const COUNTERS: &[&str] = &["80CA9F1700", "80CA9F3600", "80CA9F1300"];
const FIRST_CASH: &[&str] = &["80CA9F7900", "80CA9F5100"];
const FIRST_LIMITS: &[&str] = &["80CA9F7700", "80CA9F7800", "80CA9F6D00"];
const SECOND_CASH: &[&str] = &["80CADF7100", "80CADF7900"];
const SECOND_LIMITS: &[&str] = &["80CADF7700", "80CADF7800", "80CADF7600"];
const LOGS: &[&str] = &[
    "80CA9F4F00",
    "00B2015C00",
    "00B2025C00",
    "00B2035C00",
    "00B2045C00", // the fourth is the end
    "80CADF4F00",
    "00B2016400",
    "00B2026400",
    "00B2036400",
];

/// Blind reading asks each file until it ends.
const BLIND: &[&str] = &[
    "00B2010C00",
    "00B2020C00",
    "00B2030C00",
    "00B2011400",
    "00B2021400",
    "00B2011C00",
    "00B2021C00",
    "00B2012400",
    "00B2012C00",
    "00B2013400",
    "00B2013C00",
    "00B2014400",
    "00B2014C00",
    "00B2015400",
];

const TABLE: &[Row] = &[
    Row { profile: "pboc-ec", what: "balance", commands: &[&[PPSE, SELECT], FIRST_CASH, SECOND_CASH] },
    Row { profile: "pboc-ec", what: "balance --aid", commands: &[&[SELECT], FIRST_CASH, SECOND_CASH] },
    Row {
        profile: "pboc-ec",
        what: "balance --limits",
        commands: &[&[PPSE, SELECT], FIRST_CASH, FIRST_LIMITS, SECOND_CASH, SECOND_LIMITS],
    },
    Row {
        profile: "pboc-ec",
        what: "read",
        commands: &[&[PPSE, SELECT], BLIND, COUNTERS, FIRST_CASH, FIRST_LIMITS, SECOND_CASH, SECOND_LIMITS, LOGS],
    },
    Row {
        profile: "pboc-ec",
        what: "read --full",
        commands: &[
            &[PPSE, SELECT, "80A800000B8309000000000000000156 00"],
            RECORDS,
            COUNTERS,
            FIRST_CASH,
            FIRST_LIMITS,
            SECOND_CASH,
            SECOND_LIMITS,
            LOGS,
        ],
    },
];

fn options(what: &str) -> ReadOptions {
    ReadOptions {
        full: what.contains("--full"),
        limits: what.contains("--limits"),
        aid: what.contains("--aid").then(|| Aid::new(&hex::decode("A000000333010101").unwrap()).unwrap()),
        ..ReadOptions::default()
    }
}

#[test]
fn each_flow_takes_exactly_the_commands_of_the_table() {
    for Row { profile, what, commands } in TABLE {
        let expected: Vec<String> = commands.concat().iter().map(|command| command.replace(' ', "")).collect();
        let mut card = VirtualCard::open(profile).unwrap();
        let mut spy = Spy::new(card.session().unwrap());
        let apdus = if what.starts_with("balance") {
            balance(&mut spy, &options(what)).unwrap().apdus
        } else {
            read(&mut spy, &options(what)).unwrap().apdus
        };
        assert_eq!(spy.hex(), expected, "{profile}: {what}");
        assert_eq!(apdus, expected.len(), "{profile}: {what}");
        println!("figure: {profile} {what}: {apdus} APDUs");
    }
}

#[test]
fn a_full_reading_of_a_card_with_four_records_takes_seven_apdus() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../host-tools/profiles/profiles/test/contactless-4-records.json");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("card.json");
    std::fs::copy(file, &copy).unwrap();
    let mut card = VirtualCard::open(copy.to_str().unwrap()).unwrap();
    let mut spy = Spy::new(card.session().unwrap());
    let report = read(&mut spy, &options("read --full")).unwrap();
    assert_eq!((spy.commands.len(), report.apdus), (7, 7), "{:?}", spy.hex());
    assert_eq!(report.warnings, []);
    println!("figure: four records over PPSE: 7 APDUs");
}

#[test]
fn reading_sends_only_select_read_record_and_get_data() {
    const ALLOWED: [u8; 3] = [0xA4, 0xB2, 0xCA];
    for what in ["balance", "balance --limits", "balance --aid", "read", "read --aid"] {
        let mut card = VirtualCard::open("pboc-ec").unwrap();
        let mut spy = Spy::new(card.session().unwrap());
        if what.starts_with("balance") {
            balance(&mut spy, &options(what)).unwrap();
        } else {
            read(&mut spy, &options(what)).unwrap();
        }
        let other: Vec<u8> = spy.instructions().into_iter().filter(|ins| !ALLOWED.contains(ins)).collect();
        assert_eq!(other, Vec::<u8>::new(), "{what}");
    }
}

#[test]
fn only_a_full_reading_raises_the_atc() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("card.json");
    std::fs::write(&file, tapcard_profiles::builtin()[0].json()).unwrap();
    let atc = |full: bool| -> Option<u16> {
        let mut card = VirtualCard::open(file.to_str().unwrap()).unwrap();
        let mut session = card.session().unwrap();
        let report: CardReport = read(&mut session, &ReadOptions { full, ..ReadOptions::default() }).unwrap();
        report.applications[0].atc
    };
    assert_eq!([atc(false), atc(false), atc(true), atc(false), atc(true)], [10, 10, 11, 11, 12].map(Some));
}

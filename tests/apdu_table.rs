//! The C-APDUs of each flow, octet by octet, for each card profile; and what a reading never sends.
//!
//! The counts follow from `docs/decisions/0003-what-a-balance-costs.md`: a directory, a SELECT, the options, the records, and
//! one GET DATA for each number that is printed. `0005-purses-are-data.md` says the same of purses: a SELECT, and one command
//! for each register that the balance is made of.

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

const EC_ONLY: &str = "00A4040008A00000033301010600";
const VISA: &str = "00A4040007A000000003101000";
const MASTERCARD: &str = "00A4040007A000000004101000";
const T_UNION: &str = "00A4040008A00000063201010500";
/// The balance is one register less the other: decision 0005.
const T_UNION_BALANCE: &[&str] = &["805C030204", "805C020204"];
/// A register of unknown meaning, the log, the trips; the number and the dates stood in the FCI.
const T_UNION_REST: &[&str] = &[
    "805C050210",
    "00B201C400",
    "00B202C400",
    "00B203C400",
    "00B204C400",
    "00B205C400", // the fifth is the end
    "00B201F400",
    "00B202F400",
    "00B203F400",
    "00B204F400",
];

/// What is tried on a card without a directory, in the order of what people carry: `balance` the names under which there can
/// be a balance, `read` all of them.
const PSE: &str = "00A404000E315041592E5359532E444446303100";
const NAMES_WITH_BALANCE: &[&str] = &[
    "00A4040008A00000033301010100",
    "00A4040008A00000033301010200",
    "00A4040008A00000033301010300",
    "00A4040008A00000033301010600",
    "00A4040008A00000033301010800",
    "00A4040008A00000063201010500",
    "00A4040008A00000063201010600",
    "00A4040009A0000000038698070100",
    "00A4040009A0000000038698070200",
    "00A4040009A0000000038698070300",
    "00A40400075041592E535A5400",
    "00A40400094150312E574843544300",
    "00A40400085041592E5449434C00",
    "00A404000B535558494E2E444446303100",
    "00A404000DD156000015B9ABB9B2D3A6D3C300",
];
const GELDKARTE: &[&str] = &["00A4040007D276000025455000"];
const T_MONEY: &str = "00A4040007D410000003000100";
const T_MONEY_BALANCE: &str = "904C000004";
const OTHER_KOREAN: &[&str] =
    &["00A4040007D410000014000100", "00A4040007D410000030000100", "00A4040007D410650990002000"];
const NAMES_OF_SCHEMES: &[&str] = &[
    "00A4040007A000000042101000",
    "00A4040005A00000000300",
    "00A4040005A00000009800",
    "00A4040005A00000000400",
    "00A4040005A00000002500",
    "00A4040005A00000006500",
    "00A4040005A00000015200",
    "00A4040005A00000032400",
    "00A4040005A00000027700",
    "00A4040005A00000065800",
    "00A4040005A00000052400",
    "00A4040007D276000025455000",
    "00A4040009D2760000254741010000",
    "00A4040005A00000035900",
    "00A4040005A00000038400",
    "00A4040005A00000012100",
    "00A4040005A00000014100",
    "00A4040005A00000022800",
    "00A4040005A00000037100",
    "00A4040005A00000067200",
    "00A4040007D578000002101000",
];
const T_MONEY_LOG: &[&str] = &[
    "00B2012400",
    "00B2022400",
    "00B2032400",
    "00B2042400",
    "00B2052400",
    "00B2062400",
    "00B2072400",
    "00B2082400",
    "00B2092400", // the ninth is the end
];

/// The end of a blind reading: no more than one record in the last files.
const BLIND_END: &[&str] =
    &["00B2012400", "00B2012C00", "00B2013400", "00B2013C00", "00B2014400", "00B2014C00", "00B2015400"];

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
    Row { profile: "ec-only", what: "balance", commands: &[&[PPSE, EC_ONLY], FIRST_CASH, &["80CADF7100"]] },
    Row { profile: "ec-only", what: "balance --aid", commands: &[&[EC_ONLY], FIRST_CASH, &["80CADF7100"]] },
    Row {
        profile: "ec-only",
        what: "balance --limits",
        commands: &[&[PPSE, EC_ONLY], FIRST_CASH, FIRST_LIMITS, &["80CADF7100"]],
    },
    Row {
        profile: "ec-only",
        what: "read --full",
        commands: &[
            &[PPSE, EC_ONLY, "80A800000B8309000000000000000156 00"],
            &["00B2010C00", "00B2011400", "00B2011C00"],
            // The card has no PIN that could be tried offline.
            &["80CA9F3600", "80CA9F1300"],
            FIRST_CASH,
            FIRST_LIMITS,
            &["80CADF7100"],
            &["80CA9F4F00", "00B2015C00", "00B2025C00", "00B2035C00", "80CADF4F00", "00B2016400", "00B2026400"],
        ],
    },
    Row { profile: "t-union", what: "balance", commands: &[&[PPSE, T_UNION], T_UNION_BALANCE] },
    Row { profile: "t-union", what: "balance --aid", commands: &[&[T_UNION], T_UNION_BALANCE] },
    Row { profile: "t-union", what: "read", commands: &[&[PPSE, T_UNION], T_UNION_BALANCE, T_UNION_REST] },
    // A purse has no GET PROCESSING OPTIONS.
    Row { profile: "t-union", what: "read --full", commands: &[&[PPSE, T_UNION], T_UNION_BALANCE, T_UNION_REST] },
    // The directory tells that there is nothing with a balance.
    Row { profile: "visa", what: "balance", commands: &[&[PPSE]] },
    Row {
        profile: "visa",
        what: "read",
        commands: &[
            &[PPSE, VISA, "00B2010C00", "00B2020C00", "00B2030C00", "00B2011400", "00B2021400", "00B2031400"],
            &["00B2011C00"],
            BLIND_END,
            &["80CA9F1700", "80CA9F3600"],
        ],
    },
    Row {
        profile: "visa",
        what: "read --full",
        commands: &[&[
            PPSE,
            VISA,
            "80A80000 23 8321 36800000 000000000000 000000000000 0156 0000000000 0156 000000 00 00000000 00",
            "00B2010C00",
            "00B2011400",
            "80CA9F1700",
        ]],
    },
    Row { profile: "mastercard", what: "balance", commands: &[&[PPSE]] },
    Row {
        profile: "mastercard",
        what: "read",
        commands: &[
            &[PPSE, MASTERCARD, "00B2010C00", "00B2020C00", "00B2011400", "00B2021400", "00B2031400", "00B2011C00"],
            BLIND_END,
            COUNTERS,
            &["80CA9F4F00", "00B2015C00", "00B2025C00", "00B2035C00"],
        ],
    },
    Row {
        profile: "mastercard",
        what: "read --full",
        commands: &[
            &[PPSE, MASTERCARD, "80A8000002830000", "00B2010C00", "00B2011400", "00B2021400"],
            COUNTERS,
            &["80CA9F4F00", "00B2015C00", "00B2025C00", "00B2035C00"],
        ],
    },
    Row {
        profile: "t-money",
        what: "balance",
        commands: &[&[PPSE, PSE], NAMES_WITH_BALANCE, GELDKARTE, &[T_MONEY, T_MONEY_BALANCE], OTHER_KOREAN],
    },
    Row { profile: "t-money", what: "balance --aid", commands: &[&[T_MONEY, T_MONEY_BALANCE]] },
    Row {
        profile: "t-money",
        what: "read",
        commands: &[
            &[PPSE, PSE],
            NAMES_WITH_BALANCE,
            NAMES_OF_SCHEMES,
            &[T_MONEY, T_MONEY_BALANCE],
            T_MONEY_LOG,
            OTHER_KOREAN,
        ],
    },
    Row { profile: "t-money", what: "read --aid", commands: &[&[T_MONEY, T_MONEY_BALANCE], T_MONEY_LOG] },
];

/// The application that `--aid` names.
fn aid(profile: &str) -> Aid {
    let text = match profile {
        "ec-only" => "A000000333010106",
        "t-union" => "A000000632010105",
        "t-money" => "D4100000030001",
        "visa" => "A0000000031010",
        "mastercard" => "A0000000041010",
        _ => "A000000333010101",
    };
    Aid::new(&hex::decode(text).unwrap()).unwrap()
}

fn options(profile: &str, what: &str) -> ReadOptions {
    ReadOptions {
        full: what.contains("--full"),
        limits: what.contains("--limits"),
        aid: what.contains("--aid").then(|| aid(profile)),
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
            balance(&mut spy, &options(profile, what)).unwrap().apdus
        } else {
            read(&mut spy, &options(profile, what)).unwrap().apdus
        };
        assert_eq!(spy.hex(), expected, "{profile}: {what}");
        assert_eq!(apdus, expected.len(), "{profile}: {what}");
        println!("figure: {profile} {what}: {apdus} APDUs");
    }
}

#[test]
fn every_built_in_profile_has_rows() {
    for profile in tapcard_profiles::builtin() {
        for flow in ["balance", "read"] {
            let has_row = TABLE.iter().any(|row| row.profile == profile.name && row.what.starts_with(flow));
            assert!(has_row, "{} {flow}", profile.name);
        }
    }
}

/// Whatever is read, nothing is selected twice and no options are asked for twice.
#[test]
fn no_flow_repeats_a_select_or_the_options() {
    for Row { profile, what, commands } in TABLE {
        let commands = commands.concat();
        let once: Vec<_> =
            commands.iter().filter(|command| command.starts_with("00A4") || command.starts_with("80A8")).collect();
        let different: std::collections::BTreeSet<_> = once.iter().collect();
        assert_eq!(once.len(), different.len(), "{profile}: {what}");
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
    let report = read(&mut spy, &options("", "read --full")).unwrap();
    assert_eq!((spy.commands.len(), report.apdus), (7, 7), "{:?}", spy.hex());
    assert_eq!(report.warnings, []);
    println!("figure: four records over PPSE: 7 APDUs");
}

#[test]
fn reading_sends_only_select_read_record_get_data_and_get_balance() {
    // GET BALANCE of JR/T 0025.2 and of KS X 6924 reads a register of a purse.
    const ALLOWED: [u8; 5] = [0xA4, 0xB2, 0xCA, 0x5C, 0x4C];
    for Row { profile, what, .. } in TABLE.iter().filter(|row| !row.what.contains("--full")) {
        let mut card = VirtualCard::open(profile).unwrap();
        let mut spy = Spy::new(card.session().unwrap());
        if what.starts_with("balance") {
            balance(&mut spy, &options(profile, what)).unwrap();
        } else {
            read(&mut spy, &options(profile, what)).unwrap();
        }
        let other: Vec<u8> = spy.instructions().into_iter().filter(|ins| !ALLOWED.contains(ins)).collect();
        assert_eq!(other, Vec::<u8>::new(), "{profile}: {what}");
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

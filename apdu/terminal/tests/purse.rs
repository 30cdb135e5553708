//! The reading flow against scripted purses: which commands each depth sends, and that a bank card never pays for them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use support::{PPSE, PSE, Run, name, run, run_with};
use tapcard_emv::purse::PurseKind;
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Sfi, StatusWord};
use tapcard_terminal::{Depth, FoundBy, Outcome, Place, Plan, Reader, Report, TerminalData, WarningKind, limits};

const BALANCE: Depth = Depth::Balance { limits: false };
const SHENZHEN: &str = "5041592E535A54";
const SELECT_SHENZHEN: &str = "00A40400075041592E535A5400";
const FCI_SHENZHEN: &str = "6F0984075041592E535A549000";
const T_UNION: &str = "A000000632010105";
const SELECT_T_UNION: &str = "00A4040008A00000063201010500";
/// With the copy of file 15.
const FCI_T_UNION: &str =
    "6F2D8408A000000632010105A5219F0C1E02002900FFFFFFFF020103104770040067442802202001152040123101149000";
const FCI_T_UNION_PLAIN: &str = "6F0A8408A0000006320101059000";
const KOREAN: &str = "D4100000030001";

fn file(sfi: u8) -> Place {
    Place::File(Sfi::new(sfi).unwrap())
}

fn purse_record(sfi: u8, number: u8) -> Place {
    Place::PurseRecord(Sfi::new(sfi).unwrap(), number)
}

/// What follows SELECT of the application.
fn after<'r>(run: &'r Run, select: &str) -> Vec<&'r str> {
    let at = run.commands.iter().position(|command| command == select).unwrap();
    run.commands[at + 1..].iter().map(String::as_str).collect()
}

#[test]
fn the_balance_of_a_purse_takes_two_apdus() {
    let run = run(BALANCE, Some(SHENZHEN), &[(SELECT_SHENZHEN, FCI_SHENZHEN), ("805C000204", "800000649000")]);
    assert_eq!(run.commands, [SELECT_SHENZHEN, "805C000204"]);
    assert!(run.has(Place::Balance(0)));
    assert_eq!((run.outcome, run.warnings()), (Outcome::Finished, vec![]));
}

#[test]
fn t_union_takes_the_registers_that_its_rule_needs() {
    let pair = [(SELECT_T_UNION, FCI_T_UNION), ("805C030204", "000000649000"), ("805C020204", "000000009000")];
    let run_of = |script: &[(&str, &str)]| run(BALANCE, Some(T_UNION), script).commands;
    assert_eq!(run_of(&pair), [SELECT_T_UNION, "805C030204", "805C020204"]);
    let other = [(SELECT_T_UNION, FCI_T_UNION), ("805C000204", "000000649000"), ("805C010204", "000000009000")];
    assert_eq!(run_of(&other), [SELECT_T_UNION, "805C030204", "805C000204", "805C010204"]);
    assert_eq!(run_of(&other[..2]), [SELECT_T_UNION, "805C030204", "805C000204", "805C010204"]);
}

#[test]
fn the_copy_in_the_fci_saves_the_file() {
    let script = |fci| [(SELECT_T_UNION, fci), ("805C000204", "000000649000")];
    let with_copy = run(Depth::Safe, Some(T_UNION), &script(FCI_T_UNION));
    assert!(!with_copy.commands.contains(&"00B0950000".to_owned()));
    let without = run(Depth::Safe, Some(T_UNION), &script(FCI_T_UNION_PLAIN));
    assert_eq!(
        after(&without, SELECT_T_UNION),
        ["805C030204", "805C000204", "805C010204", "805C050210", "00B0950000", "00B201C400", "00B201F400"]
    );
    let refused = Report::Refused(file(0x15), StatusWord::INS_NOT_SUPPORTED);
    assert!(without.reports.contains(&refused), "{:?}", without.reports);
}

#[test]
fn a_purse_gets_no_processing_options_and_no_blind_reading() {
    for depth in [Depth::Safe, Depth::Full] {
        let run = run(
            depth,
            Some(SHENZHEN),
            &[
                (SELECT_SHENZHEN, FCI_SHENZHEN),
                ("805C000204", "000000649000"),
                ("00B0950000", "00009000"),
                ("00B201C400", "00009000"),
                ("00B202C400", "00009000"),
            ],
        );
        assert_eq!(
            after(&run, SELECT_SHENZHEN),
            ["805C000204", "00B0950000", "00B201C400", "00B202C400", "00B203C400"]
        );
        for place in [file(0x15), purse_record(0x18, 1), purse_record(0x18, 2)] {
            assert!(run.has(place), "{place}");
        }
        assert_eq!(run.warnings(), []);
    }
}

#[test]
fn files_in_another_df_are_read_at_the_end() {
    let wuhan = run(
        Depth::Safe,
        Some("4150312E574843544300"[..18].into()),
        &[
            ("00A40400094150312E574843544300", "6F0B84094150312E5748435443A5009000"),
            ("805C000204", "000000649000"),
            ("00A40000023F0000", "9000"),
            ("00B08A0000", "01020304059000"),
            ("00B0850000", "00009000"),
        ],
    );
    assert_eq!(
        after(&wuhan, "00A40400094150312E574843544300"),
        ["805C000204", "00B201C400", "00A40000023F0000", "00B08A0000", "00B0850000"]
    );
    assert!(wuhan.has(Place::Home) && wuhan.has(file(0x0A)) && wuhan.has(file(0x05)));
    let lingnan = run(
        Depth::Safe,
        Some("5041592E5449434C"),
        &[
            ("00A40400085041592E5449434C00", "6F0A84085041592E5449434C9000"),
            ("805C000204", "000000649000"),
            ("00A40400085041592E4150505900", "6F0A84085041592E415050599000"),
            ("00B0950000", "00009000"),
        ],
    );
    assert_eq!(
        after(&lingnan, "00A40400085041592E5449434C00"),
        ["805C000204", "00B201C400", "00A40400085041592E4150505900", "00B0950000"]
    );
}

#[test]
fn a_korean_purse_is_found_without_a_df_name_in_its_fci() {
    let fci = "6F31B02F00100108101003000012345603198359942016072720210726\
               01000007A120D0000000000000000000000000000000009000"
        .replace(' ', "");
    let select = "00A4040007D410000003000100";
    let script = [(select, fci.as_str()), ("904C000004", "000044F29000"), ("00B2012400", "012C9000")];
    let run = run(Depth::Safe, None, &script);
    assert_eq!(run.applications(), [(name(KOREAN), 0, FoundBy::AidList)]);
    assert_eq!(after(&run, select)[..3], ["904C000004", "00B2012400", "00B2022400"]);
    assert_eq!(run.warnings(), [], "what is no BER-TLV is not taken for it");
}

#[test]
fn geldkarte_is_asked_for_its_counters_too() {
    let select = "00A4040009D2760000254550020000";
    let run = run(
        Depth::Full,
        Some("D27600002545500200"),
        &[
            (select, "6F168409D27600002545500200A5099F38039F33024F01009000"),
            ("00B201C400", "0006830200000200000000009000"),
            ("80CA9F1700", "9F1701039000"),
        ],
    );
    assert_eq!(after(&run, select), ["00B201C400", "00B201BC00", "00B201EC00", "80CA9F1700", "80CA9F3600"]);
}

#[test]
fn a_purse_under_a_file_identifier_is_looked_for_when_nothing_else_was_found() {
    let script = [
        ("00A4000002100100", "6F009000"),
        ("805C000204", "000000649000"),
        ("805C000104", "000003E89000"),
        ("00B201C400", "00009000"),
    ];
    let found = run(Depth::Safe, None, &script);
    assert_eq!(
        after(&found, "00A40000023F0000"),
        ["00B0840000", "00A4000002100100", "805C000204", "00B0950000", "00B201C400", "00B202C400", "805C000104"]
    );
    let kinds: Vec<_> =
        found.reports.iter().filter_map(|r| if let Report::Purse(kind) = r { Some(*kind) } else { None }).collect();
    assert_eq!(kinds, [PurseKind::Ep, PurseKind::Ed]);
    assert_eq!(found.outcome, Outcome::Finished);
    // Not for a balance, and not beside anything that has a name.
    let balance = run(BALANCE, None, &script);
    assert!(!balance.commands.contains(&"00A40000023F0000".to_owned()));
    let beside = run(Depth::Safe, None, &[&script[..], &[(SELECT_SHENZHEN, FCI_SHENZHEN)]].concat());
    assert!(!beside.commands.contains(&"00A40000023F0000".to_owned()));
    assert_eq!(beside.applications(), [(name(SHENZHEN), 0, FoundBy::AidList)]);
}

#[test]
fn beijing_is_known_by_its_file_under_the_mf() {
    let run = run(
        Depth::Safe,
        None,
        &[
            ("00B0840000", "10007511361412859000"),
            ("00B0850000", "00000000149000"),
            ("00A4040002 4F43 00".replace(' ', "").as_str(), "6F009000"),
            ("805C000204", "000000649000"),
        ],
    );
    assert_eq!(
        after(&run, "00A40000023F0000"),
        ["00B0840000", "00B0850000", "00A4000002100100", "00A40400024F4300", "805C000204", "00B201C400"]
    );
    assert!(run.reports.contains(&Report::Purse(PurseKind::Beijing)));
    assert!(run.has(file(0x04)) && run.has(file(0x05)) && run.has(Place::Balance(0)));
}

#[test]
fn a_card_that_has_nothing_is_left_after_its_file_identifiers() {
    let run = run(Depth::Full, None, &[]);
    assert_eq!(run.commands[..2], [PPSE, PSE]);
    assert_eq!(after(&run, "00A40000023F0000"), ["00B0840000", "00A4000002100100", "00A40000023F0100"]);
    assert_eq!((run.outcome, run.reports.len()), (Outcome::Finished, 2));
}

#[test]
fn a_bank_card_is_not_asked_for_purses() {
    let run = run(
        Depth::Safe,
        None,
        &[
            (PPSE, "6F20840E325041592E5359532E4444463031A50EBF0C0B61094F07A00000000310109000"),
            ("00A4040007A000000003101000", "6F098407A00000000310109000"),
        ],
    );
    let other: Vec<_> = run.commands.iter().filter(|command| !["A4", "B2", "CA"].contains(&&command[2..4])).collect();
    assert_eq!(other, Vec::<&String>::new());
    assert_eq!(run.commands.iter().filter(|command| command.starts_with("00A4")).count(), 2);
}

#[test]
fn a_log_without_end_is_left() {
    let run = run_with(Depth::Safe, Some(T_UNION), |command| {
        let answer = match command[1] {
            0xA4 => FCI_T_UNION,
            0x5C => "000000019000",
            _ => "0102039000",
        };
        hex::decode(answer).unwrap()
    });
    let reads = run.commands.iter().filter(|command| command.starts_with("00B2")).count();
    assert_eq!(reads, 2 * usize::from(limits::MAX_PURSE_RECORDS), "the log and the trips");
}

#[test]
fn a_refused_log_is_reported_with_its_status() {
    let run = run(
        Depth::Safe,
        Some(SHENZHEN),
        &[(SELECT_SHENZHEN, FCI_SHENZHEN), ("805C000204", "000000649000"), ("00B201C400", "6982")],
    );
    let refused = Report::Refused(purse_record(0x18, 1), StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    assert!(run.reports.contains(&refused));
}

#[test]
fn a_purse_by_a_directory_may_answer_with_the_name_of_its_card() {
    let ppse = "6F22840E325041592E5359532E4444463031A510BF0C0D610B4F09D276000025455002009000";
    let run = run(
        BALANCE,
        None,
        &[
            (PPSE, ppse),
            ("00A4040009D2760000254550020000", "6F0B8409D276000025474101009000"),
            ("00B201C400", "0006830200000200000000009000"),
        ],
    );
    assert_eq!(run.commands, [PPSE, "00A4040009D2760000254550020000", "00B201C400"]);
    assert!(run.warnings().iter().any(|warning| warning.kind == WarningKind::OtherName));
}

#[test]
fn a_lost_purse_ends_the_reading() {
    let mut reader = Reader::new(Plan { depth: BALANCE, aid: Some(name(T_UNION)) }, TerminalData::default());
    let mut out = [0; 261];
    assert!(matches!(reader.step(0, Input::Start, &mut out), Action::Transmit(14)));
    let mut action = reader.step(0, Input::Received(&hex::decode(FCI_T_UNION).unwrap()), &mut out);
    while let Action::Report(_) = action {
        action = reader.step(0, Input::Noted, &mut out);
    }
    assert_eq!(action, Action::Transmit(5));
    assert_eq!(reader.step(0, Input::CardLost, &mut out), Action::Done(Outcome::CardLost));
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever a purse answers, the reading ends within its bound and does not panic.
        #[test]
        fn any_answers(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..20), good: u8) {
            let mut answers = answers.into_iter().cycle();
            let mut count = 0u8;
            for aid in [T_UNION, SHENZHEN, KOREAN, "D27600002545500200"] {
                run_with(Depth::Full, Some(aid), |_| {
                    let mut answer = answers.next().unwrap_or_default();
                    count = count.wrapping_add(good);
                    answer.extend(if count > 0x20 { [0x90, 0x00] } else { [0x6A, 0x83] });
                    answer
                });
            }
        }

        /// A card without names that answers anything to everything else.
        #[test]
        fn any_answers_under_identifiers(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..20)) {
            let mut answers = answers.into_iter().cycle();
            run_with(Depth::Safe, None, |command| {
                if command[1] == 0xA4 && command[2] == 0x04 {
                    return vec![0x6A, 0x82];
                }
                let mut answer = answers.next().unwrap_or_default();
                answer.extend([0x90, 0x00]);
                answer
            });
        }
    }
}

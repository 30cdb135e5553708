//! Finding applications at its edges: directories that break off, names that come again, refusals that mean more than one
//! application.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use support::{PPSE, PSE, Run, name, octets, run, run_with};
use tapcard_emv::{Aid, terminal_list};
use tapcard_iso7816::StatusWord;
use tapcard_terminal::{Depth, FoundBy, Outcome, Place, Report, Warning, WarningKind, limits};

const BALANCE: Depth = Depth::Balance { limits: false };
const DEBIT: &str = "A000000333010101";
const SELECT_DEBIT: &str = "00A4040008A00000033301010100";
const FCI_PSE: &str = "6F15840E315041592E5359532E4444463031A5038801019000";
const BLOCKED: Report = Report::Refused(Place::Fci, StatusWord::FUNCTION_NOT_SUPPORTED);

fn is_directory(command: &[u8]) -> bool {
    command.get(5..).is_some_and(|name| name.starts_with(b"1PAY") || name.starts_with(b"2PAY"))
}

/// A card that answers SELECT of anything but a directory so, and knows nothing else.
fn selects(depth: Depth, answer: impl Fn(&[u8]) -> Vec<u8>) -> Run {
    run_with(depth, None, |command| match command[1] {
        0xA4 if command[2] == 0x04 && !is_directory(command) => answer(command),
        0xA4 => vec![0x6A, 0x82],
        0xB2 => vec![0x6A, 0x83],
        _ => vec![0x6D, 0x00],
    })
}

/// An FCI that names its application.
fn fci(name: &[u8]) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    [&[0x6F, length + 2, 0x84, length], name, &[0x90, 0x00]].concat()
}

#[test]
fn one_bad_record_makes_the_directory_worthless() {
    let script = [
        (PSE, FCI_PSE),
        ("00B2010C00", "700C610A4F08A0000003330101019000"),
        ("00B2020C00", "6985"),
        (SELECT_DEBIT, "6A82"),
    ];
    let run = run(BALANCE, None, &script);
    let kind = WarningKind::DirectoryStopped(StatusWord::CONDITIONS_NOT_SATISFIED);
    assert_eq!(run.warnings(), [Warning { place: Place::DirectoryRecord(2), offset: 0, kind }]);
    assert_eq!(run.applications(), [], "the list of the terminal found nothing, and the directory does not count");
}

#[test]
fn the_end_of_a_directory_is_no_warning() {
    let run = run(BALANCE, None, &[(PSE, FCI_PSE), ("00B2010C00", "700C610A4F08A0000003330101019000")]);
    assert_eq!(run.warnings(), []);
    assert_eq!(run.applications(), [(name(DEBIT), 0, FoundBy::Pse)]);
}

#[test]
fn select_is_refused_as_such_by_a_blocked_card() {
    let given = |answer| run(Depth::Safe, Some(DEBIT), &[(SELECT_DEBIT, answer)]);
    assert_eq!((given("6A81").outcome, given("6A81").commands.len()), (Outcome::CardBlocked, 1));
    assert_eq!((given("6A82").outcome, given("6A82").commands.len()), (Outcome::Finished, 1));

    let listed = selects(Depth::Safe, |_| vec![0x6A, 0x81]);
    assert_eq!(listed.outcome, Outcome::CardBlocked);
    assert_eq!(listed.commands.len(), 3, "two directories and one name");
    assert!(listed.reports.contains(&BLOCKED));
}

#[test]
fn what_a_directory_lists_may_be_refused_one_by_one() {
    let ppse = "6F2F840E325041592E5359532E4444463031A51DBF0C1A610A4F08A000000333010101610C4F0AA00000033301010200019000";
    let run = run(Depth::Safe, None, &[(PPSE, ppse), (SELECT_DEBIT, "6A81")]);
    assert_eq!(run.applications().len(), 2);
    assert!(run.reports.contains(&BLOCKED));
    assert_eq!(run.outcome, Outcome::Finished);
}

#[test]
fn a_refused_select_next_is_the_end_of_that_name_alone() {
    let visa = octets("A0000000031010");
    let run = selects(BALANCE, |command| match (command[3], command.get(5..10)) {
        (0x00, Some([0xA0, 0, 0, 0, 3])) => fci(&visa),
        (0x02, _) => vec![0x6A, 0x81],
        _ => vec![0x6A, 0x82],
    });
    assert_eq!(run.outcome, Outcome::Finished);
    let run = run_with(Depth::Safe, None, |command| match (command[1], command[3]) {
        (0xA4, 0x00) if command.starts_with(&[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0, 0, 0, 3]) => fci(&visa),
        (0xA4, 0x02) => vec![0x6A, 0x81],
        (0xA4, _) => vec![0x6A, 0x82],
        _ => vec![0x6A, 0x83],
    });
    assert_eq!((run.outcome, run.applications().len()), (Outcome::Finished, 1));
    let last = terminal_list().last().unwrap().aid;
    assert!(run.commands.iter().any(|command| command.contains(&last.to_string())), "the list goes on");
}

#[test]
fn an_answer_that_names_another_application_is_not_the_one_asked_for() {
    let run = selects(BALANCE, |_| fci(&octets("A00000099901")));
    assert_eq!(run.applications(), []);
    let refused = selects(BALANCE, |command| {
        let mut answer = fci(&command[5..command.len() - 1]);
        let sw = answer.len() - 2;
        answer[sw..].copy_from_slice(&[0x6A, 0x82]);
        answer
    });
    assert_eq!(refused.applications(), [], "a name in a refusal is no application");
}

#[test]
fn only_a_purse_need_not_say_its_name() {
    let found = |answer: &str| -> Vec<Aid> {
        let answer = octets(answer);
        selects(BALANCE, move |_| answer.clone()).applications().into_iter().map(|(aid, ..)| aid).collect()
    };
    let purses = found("6F02A5009000");
    assert!(!purses.is_empty());
    assert!(purses.iter().all(|aid| tapcard_emv::purse::by_name(aid.as_bytes()).is_some()), "{purses:?}");
    assert_eq!(found("9000"), [], "no FCI at all");
    assert_eq!(found("A5009000"), [], "no template 6F");
}

#[test]
fn a_name_that_an_earlier_entry_of_the_list_found_is_passed_over_in_silence() {
    // City Union: its whole name stands in the list before the RID that it begins with.
    let city_union = octets("A00000000386980701");
    let run = selects(Depth::Safe, |command| {
        let asked = &command[5..command.len() - 1];
        if command[3] == 0x00 && city_union.starts_with(asked) { fci(&city_union) } else { vec![0x6A, 0x82] }
    });
    assert_eq!(run.applications(), [(name("A00000000386980701"), 0, FoundBy::AidList)]);
    assert_eq!(run.warnings(), []);
}

#[test]
fn a_card_with_a_new_name_for_every_select_next_is_stopped() {
    let run = run_with(Depth::Safe, None, |command| {
        let is_visa =
            command.get(..10).is_some_and(|head| head[..3] == [0, 0xA4, 4] && head[5..] == [0xA0, 0, 0, 0, 3]);
        thread_local!(static COUNT: std::cell::Cell<u8> = const { std::cell::Cell::new(0) });
        match command[1] {
            0xA4 if is_visa => {
                COUNT.set(COUNT.get() + 1);
                fci(&[0xA0, 0, 0, 0, 3, COUNT.get()])
            }
            0xA4 => vec![0x6A, 0x82],
            _ => vec![0x6A, 0x83],
        }
    });
    assert_eq!(run.applications().len(), limits::MAX_APPLICATIONS);
    let full = Warning { place: Place::Fci, offset: 0, kind: WarningKind::TooManyApplications };
    assert_eq!((run.outcome, run.warnings()), (Outcome::Finished, vec![full]));
}

//! `tapcard apdu`: arguments, stdin, scripts; what is expected, what is refused, what is never shown.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;
use snapbox::str;
use support::{pulled_out, stored, tapcard};

const CARD: [&str; 3] = ["apdu", "-r", "virtual:pboc-ec"];
const PIN: &str = "0020008008241234FFFFFFFFFF";

/// A recording that answers with the protocol's own status words, a PAN, and a status word nobody likes.
const RECORDING: &str = r#"[{"id": "x", "kind": "transcript", "exchanges": [
    {"c": "00A4040007A000000333010100", "r": "6109"},
    {"c": "00C0000009", "r": "6F078405A0000003339000"},
    {"c": "00B2010C00", "r": "6C0C"},
    {"c": "00B2010C0C", "r": "700A5A0862109480000000119000"},
    {"c": "0020008008241234FFFFFFFFFF", "r": "63C2"},
    {"c": "80CA9F5000", "r": "6C00"}]}]"#;

#[test]
fn commands_are_sent_in_one_transaction_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let commands = ["select ppse", "00 a4 04 00 08 a0 00 00 03 33 01 01 01 00", "0x00B2010C00", "get 9F79"];
    let run = |more: &[&str]| tapcard(folder.path()).args(CARD).args(commands).args(more).assert().code(0);
    run(&[]).stdout_eq(stored("apdu.txt")).stderr_eq("");
    run(&["--json"]).stdout_eq(stored("apdu.json")).stderr_eq("");
    run(&["--lang", "zh"]).stdout_eq(stored("apdu-zh.txt")).stderr_eq("");
}

#[test]
fn lines_from_stdin_are_answered_one_by_one_as_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let script = "# the directory\nselect ppse -> 9000\n\nread 1 1 -> 9000|6A82  # none here\nget 9F36 -> 6A88\n";
    let run = |more: &[&str]| tapcard(folder.path()).args(CARD).arg("-").args(more).stdin(script).assert().code(0);
    run(&["--json"]).stdout_eq(stored("apdu-lines.jsonl")).stderr_eq("");
    run(&[]).stdout_eq(stored("apdu-lines.txt")).stderr_eq("");
}

#[test]
fn whoever_writes_lines_may_wait_for_each_answer() {
    let mut child = Command::new(cargo_bin!("tapcard"))
        .args(CARD)
        .args(["-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut answers = BufReader::new(from).lines();
    for line in ["select A000000333010101", "get 9F17"] {
        writeln!(to, "{line}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.starts_with(r#"{"schema":"tapcard.apdu/1","line":"#) && answer.contains(r#""sw":"9000""#));
    }
    drop(to);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_answer_that_is_not_as_expected_ends_a_script() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.apdu"), "select ppse\nget 9F36 -> 9000 # not here\nget 9F17 -> 6A88\n")
        .unwrap();
    let run = |more: &[&str]| tapcard(folder.path()).args(CARD).args(["--script", "a.apdu"]).args(more).assert();
    run(&[]).code(1).stdout_eq(stored("apdu-unexpected.txt")).stderr_eq(str![[r#"
error: 1 of 2 answers are not as expected

"#]]);
    run(&["--keep-going", "--json"]).code(1).stdout_eq(stored("apdu-unexpected.json")).stderr_eq(str![[r#"
error: 1 of 3 answers are not as expected

"#]]);
}

#[test]
fn a_card_that_refuses_what_nobody_expected_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(CARD).args(["read 1 1", "get 9F36"]).assert();
    run.code(4).stderr_eq(str![[r#"
error: the card answered 6985 to command 1: conditions of use not satisfied

"#]]);
}

#[test]
fn a_broken_script_sends_nothing_and_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.apdu"), "select ppse\n\n  read 1 256\n").unwrap();
    let run = tapcard(folder.path()).args(CARD).args(["--script", "a.apdu"]).assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: a.apdu:3:10: a record is 1 to 255

"#]]);
    let run = tapcard(folder.path()).args(CARD).args(["--script", "b.apdu"]).assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: b.apdu: cannot be read: No such file or directory (os error 2)

"#]]);
    let run = tapcard(folder.path()).args(CARD).arg("-").stdin("get 9F36 -> 90\n").assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: stdin:1:13: SW1-SW2 has 4 digits, such as `9000` or `61xx`

"#]]);
}

#[test]
fn arguments_that_cannot_be_sent_are_usage() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], error: &str| {
        let run = tapcard(folder.path()).args(CARD).args(arguments).stdin("").assert();
        run.code(2).stdout_eq("").stderr_eq(format!("error: {error}\n"));
    };
    run(&["00A4040g"], "argument 1, character 8: `g` is not hexadecimal");
    run(
        &["00", "A4", "04", "00"],
        "argument 1, character 1: a C-APDU has at least 4 bytes, this one has 1; one C-APDU is one argument, blanks in it need quotes",
    );
    run(&["00A4040005A0"], "argument 1, character 1: not a C-APDU: [..]; `--raw-protocol` sends it all the same");
    run(&["# nothing"], "nothing to send: [..]");
    run(&[], "nothing to send: [..]");
    run(&["get 9F36", PIN], "argument 2 carries a PIN or a key, [..]");
}

#[test]
fn a_pin_and_an_account_number_are_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), RECORDING).unwrap();
    let script = format!("select A0000003330101\nread 1 1\n{PIN}\n");
    for more in [&["-vv"][..], &["-vv", "--json"], &["-vv", "--raw-protocol"]] {
        let run = tapcard(folder.path()).args(["apdu", "-", "-r", "replay:x.json"]).args(more).stdin(script.clone());
        let output = run.assert().code(0).get_output().clone();
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).unwrap().replace(' ', "");
            assert!(!text.contains("241234") && !text.contains("6210948000000011"), "{text}");
            assert!(text.contains("0020008008****************"), "{text}");
        }
    }
    let run = tapcard(folder.path()).args(["apdu", "read 1 1", "-r", "replay:x.json", "--show-pan"]).assert();
    let shown = String::from_utf8(run.code(0).get_output().stdout.clone()).unwrap();
    assert!(shown.contains("62 10 94 80 00 00 00 11") && shown.contains("6210948000000011"), "{shown}");
}

#[test]
fn the_protocol_is_followed_unless_it_is_to_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), RECORDING).unwrap();
    let commands = ["apdu", "-r", "replay:x.json", "select A0000003330101", "read 1 1"];
    let run = |more: &[&str]| tapcard(folder.path()).args(commands).args(more).assert().code(0);
    run(&[]).stdout_eq(stored("apdu-followed.txt")).stderr_eq("");
    run(&["--raw-protocol"]).stdout_eq(stored("apdu-raw-protocol.txt")).stderr_eq("");
    let run = tapcard(folder.path()).args(["apdu", "-r", "replay:x.json", "get 9F50"]).assert();
    run.code(4).stderr_eq(str![[r#"
error: the answer to command 1 is broken: the card repeats 6C00 without getting any further

"#]]);
}

#[test]
fn a_card_pulled_out_and_a_missing_reader_have_their_code() {
    let folder = tempfile::tempdir().unwrap();
    let spec = pulled_out(folder.path());
    let run = tapcard(folder.path()).args(["apdu", "-r", &spec, "select A0000003330101"]).assert();
    run.code(3).stdout_eq("").stderr_eq(str![[r#"
error: cannot talk to the card: the card was removed before it was read to the end; leave it in the reader and try again

"#]]);
    let run = tapcard(folder.path()).args(["apdu", "get 9F36"]).assert();
    run.code(3).stdout_eq("");
}

#[cfg(unix)]
#[test]
fn ctrl_c_waits_for_the_answer_under_way() {
    let mut child = Command::new(cargo_bin!("tapcard"))
        .args(CARD)
        .args(["-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    writeln!(to, "get 9F36").unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    // The answer is there whole, so the program waits for the next line.
    assert!(answers.next().unwrap().unwrap().ends_with('}'));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(answers.next().is_none());
}

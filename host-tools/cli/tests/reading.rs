//! The built-in card as people and scripts see it.

mod support;

use support::{stored, tapcard};

const VIRTUAL: [&str; 2] = ["--reader", "virtual:pboc-ec"];

#[test]
fn a_card_is_read_as_text_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(VIRTUAL).args(arguments).assert().code(0);
    run(&["read"]).stdout_eq(stored("read.txt")).stderr_eq("");
    run(&["read", "--json"]).stdout_eq(stored("read.json")).stderr_eq("");
    run(&["read", "--full", "--objects", "-q"]).stdout_eq(stored("read-full.txt")).stderr_eq("");
    run(&["read", "--full", "--json", "-q"]).stdout_eq(stored("read-full.json")).stderr_eq("");
}

#[test]
fn the_reader_may_come_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).env("TAPCARD_READER", "virtual:pboc-ec").arg("read").assert();
    run.code(0).stdout_eq(stored("read.txt"));
}

#[test]
fn balances_are_read_with_and_without_limits() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(VIRTUAL).args(arguments).assert().code(0);
    run(&["balance"]).stdout_eq(stored("balance.txt")).stderr_eq("");
    run(&["balance", "--limits"]).stdout_eq(stored("balance-limits.txt"));
    run(&["balance", "--json"]).stdout_eq(stored("balance.json"));
    run(&["balance", "--json", "--limits"]).stdout_eq(stored("balance-limits.json"));
}

#[test]
fn the_trace_explains_every_apdu_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(VIRTUAL).args(["balance", "-vv"]).assert();
    run.code(0).stdout_eq(stored("balance.txt")).stderr_eq(stored("balance-trace.txt"));
}

#[test]
fn full_account_numbers_are_printed_on_demand_only() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let run = tapcard(folder.path()).args(VIRTUAL).args(["read", "--full", "--json", "-vv"]).args(arguments);
        let output = run.assert().code(0).get_output().clone();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (hidden, trace) = run(&[]);
    assert!(!hidden.contains("6210948000000011") && hidden.contains("621094******0011"));
    let (shown, full_trace) = run(&["--show-pan"]);
    assert!(shown.contains(r#""pan": "6210948000000011""#));
    // Track 2 keeps its discretionary data to itself, and a trace hides the PAN in any case.
    assert!(shown.contains("6210948000000011D3012220*******F"), "{shown}");
    for trace in [trace, full_trace] {
        let trace = trace.replace(' ', "");
        assert!(!trace.contains("6210948000000011") && trace.contains("621094******0011"));
    }
}

#[test]
fn a_masked_recording_reads_as_the_same_card() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = tapcard(folder.path()).args(arguments).assert().code(0).get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    };
    let card = run(&["-r", "virtual:pboc-ec", "read", "--full", "--record", "card.json"]);
    let replayed = run(&["-r", "replay:card.json", "read", "--full"]);
    let expected = card.replace("virtual:pboc-ec", "replay:card.json").replace("TEST CARD", "*********");
    assert_eq!(replayed, expected);
    let recording = std::fs::read_to_string(folder.path().join("card.json")).unwrap();
    assert!(!recording.contains("6210948000000011"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("card.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_raw_recording_holds_what_passed() {
    let folder = tempfile::tempdir().unwrap();
    let run = tapcard(folder.path()).args(VIRTUAL).args(["read", "--full", "--record", "card.json", "--raw"]);
    run.assert().code(0);
    assert!(std::fs::read_to_string(folder.path().join("card.json")).unwrap().contains("6210948000000011"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let folder = tempfile::tempdir().unwrap();
    let escapes = |arguments: &[&str]| {
        let output =
            tapcard(folder.path()).args(VIRTUAL).arg("read").args(arguments).assert().code(0).get_output().clone();
        output.stdout.contains(&0x1B)
    };
    assert!(!escapes(&[]), "no terminal");
    assert!(escapes(&["--color", "always"]));
    assert!(!escapes(&["--color", "never"]));
}

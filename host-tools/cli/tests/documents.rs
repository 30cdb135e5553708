//! `tapcard completions`, `tapcard man`, and the page on the command line.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

mod support;

use snapbox::str;
use support::{examples, tapcard};

#[test]
fn completions_are_a_script_of_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, sign) in [
        ("bash", "complete -F _tapcard"),
        ("zsh", "#compdef tapcard"),
        ("fish", "complete -c tapcard"),
        ("elvish", "edit:completion:arg-completer[tapcard]"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = tapcard(folder.path()).args(["completions", shell]).assert().code(0).get_output().clone();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains(sign) && script.contains("show-pan"), "{shell}");
        assert!(output.stderr.is_empty());
    }
    tapcard(folder.path()).args(["completions", "csh"]).assert().code(2).stdout_eq("");
    let output = tapcard(folder.path()).args(["completions", "bash", "--json"]).assert().code(0).get_output().clone();
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("{\n  \"schema\": \"tapcard.completions/1\",\n"));
}

/// The script is run by the shell that it is for.
#[test]
fn bash_takes_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    let output = tapcard(folder.path()).args(["completions", "bash"]).assert().code(0).get_output().clone();
    std::fs::write(folder.path().join("tapcard.bash"), output.stdout).unwrap();
    let ask = "source ./tapcard.bash; COMP_WORDS=(tapcard bal); COMP_CWORD=1; _tapcard tapcard bal tapcard; echo ${COMPREPLY[@]}";
    let run = snapbox::cmd::Command::new("bash").current_dir(folder.path()).args(["--norc", "-c", ask]).assert();
    run.code(0).stdout_eq("balance\n");
}

#[test]
fn a_manual_page_is_written_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tapcard(folder.path()).args(["man", "man1"]).args(arguments).assert();
    run(&[]).code(0).stderr_eq("").stdout_eq(str![[r#"
wrote [..] pages to `man1`; `man man1/tapcard.1` shows the first

"#]]);
    let page = std::fs::read_to_string(folder.path().join("man1/tapcard-read.1")).unwrap();
    assert!(
        page.contains(".TH tapcard-read 1") && page.contains("Everything that a card tells".to_lowercase().as_str())
    );
    assert!(page.contains("exit code") || page.contains("Exit code"), "{page}");
    run(&["--json"]).code(0).stdout_eq(str![[r#"
{
  "schema": "tapcard.man/1",
  "folder": "man1",
  "pages": [
    "tapcard-apdu.1",
...
"#]]);
}

#[test]
fn a_folder_that_cannot_be_made_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let run = tapcard(folder.path()).args(["man", "file"]).assert();
    run.code(7).stdout_eq("").stderr_eq(str![[r#"
error: cannot write the manual pages: [..]

"#]]);
}

/// The vectors that the page checks.
const CASES: &str = r#"[{"id": "country", "kind": "tlv", "source": {"standard": "EMV 4.4 Book 3, Annex B1"}, "hex": "9F1A020156",
    "expect": [{"tag": "9F1A", "value": "0156"}]}]"#;

/// One after the other in one folder, as on the page.
#[test]
fn the_examples_of_the_page_and_of_the_readme_are_true() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cases.json"), CASES).unwrap();
    let mut commands = std::collections::BTreeSet::new();
    for (arguments, expected) in examples("cli.md").into_iter().chain(examples("../README.md")) {
        let output = tapcard(folder.path()).args(&arguments).output().unwrap();
        let shown = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        assert_eq!(shown.trim_end(), expected, "{arguments:?}");
        commands.extend(arguments.into_iter().next());
    }
    for command in ["read", "balance", "apdu", "decode", "readers", "card", "vectors", "man"] {
        assert!(commands.contains(command), "{command}");
    }
}

//! `--help` on every level, word for word: a changed option is a changed contract.

mod support;

use support::{stored, tapcard};

#[test]
fn every_level_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "",
        "readers",
        "doctor",
        "read",
        "balance",
        "decode",
        "apdu",
        "card",
        "card profiles",
        "card new",
        "card show",
        "card serve",
        "issuer",
        "issuer init",
        "issuer account",
        "issuer account add",
        "issuer card",
        "issuer card issue",
        "issuer authorise",
        "issuer show",
        "vectors",
        "vectors check",
        "completions",
        "man",
    ] {
        let name =
            if words.is_empty() { "help.txt".to_owned() } else { format!("help-{}.txt", words.replace(' ', "-")) };
        let arguments = words.split_whitespace().chain(["--help"]);
        tapcard(folder.path()).args(arguments).assert().code(0).stdout_eq(stored(&name)).stderr_eq("");
    }
}

#[test]
fn every_level_explains_itself_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| tapcard(folder.path()).args(["--lang", "zh"]).args(words).arg("-h").assert().code(0);
    run(&[]).stdout_eq(stored("help-zh.txt")).stderr_eq("");
    run(&["read"]).stdout_eq(stored("help-read-zh.txt")).stderr_eq("");
    run(&["card"]).stdout_eq(stored("help-card-zh.txt")).stderr_eq("");
}

#[test]
fn a_wrong_command_line_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["raed"][..], &[], &["read", "--aid", "A000"], &["read", "--raw"], &["card", "new", "pboc-ec"]] {
        tapcard(folder.path()).args(arguments).assert().code(2).stdout_eq("");
    }
}

//! What stands on a terminal: `scripts/captures.sh` types into the program with tmux, and the screens are those in
//! `docs/captures`.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tapcard_tests::programs::{run, tapcard};

const NAMES: [&str; 4] = ["decode.txt", "sheet-zh.txt", "sheet.txt", "shell.txt"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder by their names.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    entries.map(named).collect()
}

#[test]
fn the_screens_are_those_of_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let mut script = Command::new("sh");
    script.arg(root().join("scripts/captures.sh")).arg(folder.path()).env("TAPCARD_BIN", tapcard().get_program());
    run(&mut script).expect_code(0);
    let (found, stored) = (files(folder.path()), files(&root().join("docs/captures")));
    assert_eq!(stored.keys().collect::<Vec<_>>(), NAMES);
    for name in NAMES {
        snapbox::assert_data_eq!(found[name].clone(), stored[name].clone());
    }
    println!("figure: {} screens are as stored", found.len());
}

/// What the screens are there to show.
#[test]
fn the_screens_show_what_they_are_for() {
    let stored = files(&root().join("docs/captures"));
    let shell = &stored["shell.txt"];
    let lines: Vec<_> = shell.lines().collect();
    assert_eq!(lines.iter().filter(|line| **line == "tapcard> read 1 1").count(), 2, "the up key brings it back");
    assert!(lines.contains(&"tapcard> select ppse"), "the tab key completes");
    assert!(lines.contains(&"  6A82 no such file in this application"), "a status word says why");
    assert!(shell.contains("\ntapcard> get 9F7\n                ^ 3 hexadecimal digits"), "a mistake has its place");
    assert_eq!(lines.last(), Some(&"$"), "Ctrl-D ends it");
    assert!(stored["sheet.txt"].contains("29 APDUs") && stored["sheet-zh.txt"].contains("29 条 APDU"));
    for (name, text) in &stored {
        let leaks = ["6210948000000011", "/tmp", "/home"].into_iter().find(|leak| text.contains(leak));
        assert_eq!(leaks, None, "{name}");
    }
}

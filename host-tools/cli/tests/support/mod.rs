//! The program as its users have it, and stored outputs to compare with.
//!
//! `SNAPSHOTS=overwrite cargo test -p tapcard` stores what the program says now.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;

use snapbox::Data;
use snapbox::cmd::{Command, cargo_bin};

/// The program, without what the shell around says of readers, colours and languages, in an empty folder.
pub(crate) fn tapcard(folder: &Path) -> Command {
    Command::new(cargo_bin!("tapcard"))
        .current_dir(folder)
        .env_remove("TAPCARD_READER")
        .env_remove("NO_COLOR")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("LANG")
        // Nobody listens here: a reader service of this machine is no part of a test.
        .env("PCSCLITE_CSOCK_NAME", "./no-pcscd")
}

/// A stored output.
pub(crate) fn stored(name: &str) -> Data {
    Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stored").join(name), None)
}

/// Every `$ tapcard ...` in a page of `docs`, with what stands below it.
pub(crate) fn examples(page: &str) -> Vec<(Vec<String>, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    let examples = blocks.flat_map(|block| block.split("$ tapcard ").skip(1));
    let example = |example: &str| {
        let (line, expected) = example.split_once('\n').unwrap();
        (words(line), expected.trim_end().to_owned())
    };
    examples.map(example).collect()
}

/// A line in words, as a shell would: what stands in single quotes is one.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// A recording in `folder` that ends where the card is pulled out.
pub(crate) fn pulled_out(folder: &Path) -> String {
    let file = folder.join("pulled.json");
    let text = r#"[{"id": "pulled", "kind": "transcript", "exchanges": [
        {"c": "00A404000E325041592E5359532E444446303100", "r": "6F23840E325041592E5359532E4444463031A511BF0C0E610C4F07A00000033301018701019000"},
        {"c": "00A4040007A000000333010100", "r": null}]}]"#;
    std::fs::write(file, text).unwrap();
    "replay:pulled.json".to_owned()
}

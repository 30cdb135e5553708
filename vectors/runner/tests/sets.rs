//! `SETS.md` tells the truth: one row for each file, with the number of its cases. `UPDATE_SETS=1` writes the numbers.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop, and shows its figures")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Counts objects with an `id` and a `kind` wherever they stand: another way than the runner's.
fn count(value: &Value) -> usize {
    let is_case = value.get("id").is_some() && value.get("kind").is_some();
    let inside: usize = match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(members) if !is_case => members.values().map(count).sum(),
        _ => 0,
    };
    usize::from(is_case) + inside
}

fn counts() -> BTreeMap<String, usize> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let document = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), count(&document))
        })
        .collect()
}

/// The cells of a row of the table of files.
fn cells(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<_> = line.strip_prefix("| `")?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let is_file = cells.first()?.trim_end_matches('`').ends_with(".json");
    (is_file && cells.len() == 5).then_some(cells)
}

#[test]
fn every_file_has_one_row_with_the_number_of_its_cases() {
    let path = folder().join("SETS.md");
    let counts = counts();
    let text = fs::read_to_string(&path).unwrap();
    if std::env::var_os("UPDATE_SETS").is_some() {
        fs::write(&path, renewed(&text, &counts)).unwrap();
        return;
    }
    let mut rows = BTreeMap::new();
    for cells in text.lines().filter_map(cells) {
        let [file, what, cases, origin, stage] = cells.as_slice() else { panic!("a row of five cells") };
        let file = file.trim_end_matches('`').to_owned();
        assert!([what, origin, stage].iter().all(|cell| !cell.is_empty()), "{file}: an empty cell");
        assert!(rows.insert(file.clone(), cases.parse().unwrap()).is_none(), "{file} has two rows");
    }
    assert_eq!(rows, counts, "run it once with UPDATE_SETS=1");
}

fn renewed(text: &str, counts: &BTreeMap<String, usize>) -> String {
    let row = |line: &str| {
        let cells = cells(line)?;
        let [file, what, _, origin, stage] = cells.as_slice() else { return None };
        let count = counts.get(file.trim_end_matches('`'))?;
        Some(format!("| `{file} | {what} | {count} | {origin} | {stage} |"))
    };
    text.lines().map(|line| row(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        // Spelled in parts, so that this file would pass its own test.
        for root in ["work", "root", "home"] {
            let place = format!("/{root}/");
            assert!(!text.contains(&place), "{} holds `{place}`", path.display());
        }
    }
}

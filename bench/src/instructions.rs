//! Counts instructions with callgrind: those of so many rounds less those of none, so that start and end of the program
//! cancel out. The counts are the same on every run of the same program, whatever else the machine does.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use tapcard_bench::parsers::{self, Parser};
use tapcard_bench::shapes::Shape;

/// Instructions of one round, by shape and parser.
pub(crate) type Counts = BTreeMap<String, BTreeMap<String, f64>>;

/// Rounds are enough when they decode this many objects.
const OBJECTS: u64 = 2000;

pub(crate) fn count_all() -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for shape in Shape::all() {
        for parser in parsers::ALL {
            eprintln!("instructions of {} for {}", parser.name, shape.name);
            let count = count(parser, &shape)?;
            counts.entry(shape.name.to_owned()).or_default().insert(parser.name.to_owned(), count);
        }
    }
    Ok(counts)
}

fn count(parser: &Parser, shape: &Shape) -> anyhow::Result<f64> {
    let rounds = OBJECTS.div_ceil(shape.objects);
    let (all, none) = (run(parser, shape, rounds)?, run(parser, shape, 0)?);
    let difference = all.checked_sub(none).context("less instructions with rounds than without")?;
    Ok(difference as f64 / rounds as f64)
}

/// Instructions of the whole program.
fn run(parser: &Parser, shape: &Shape, rounds: u64) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    valgrind.arg(env::current_exe()?).args(["decode", parser.name, shape.name, &rounds.to_string()]);
    let ended = valgrind.stdin(Stdio::null()).output().context("cannot run `valgrind`: install it")?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "valgrind: {}\n{said}", ended.status);
    total(&fs::read_to_string(&out)?).with_context(|| format!("callgrind counted nothing\n{said}"))
}

/// The count of instructions in what callgrind has written.
///
/// The file says in `events:` what its columns are, instructions (`Ir`) being one of several with some options, and in
/// `totals:` or, from older versions, `summary:` their sums. With several parts each has its own; they add up.
fn total(text: &str) -> Option<u64> {
    let field = |name: &'static str| text.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(':'));
    let column = field("events").next()?.split_whitespace().position(|event| event == "Ir")?;
    let sum = |name| {
        let parts = field(name).map(|line| line.split_whitespace().nth(column)?.parse::<u64>().ok());
        parts.sum::<Option<u64>>().filter(|sum| *sum > 0)
    };
    sum("totals").or_else(|| sum("summary"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_found_in_the_column_that_events_names() {
        assert_eq!(total("version: 1\nevents: Ir\nsummary: 7\nfn=(1) main\n0 7\ntotals: 8\n"), Some(8));
        assert_eq!(total("events: Dr Ir Dw\nsummary: 1 22 3\n"), Some(22));
        assert_eq!(total("events: Ir\npart: 1\ntotals: 5\npart: 2\ntotals: 6\n"), Some(11));
    }

    #[test]
    fn a_file_without_instructions_is_no_count() {
        for text in ["", "totals: 5\n", "events: Dr\ntotals: 5\n", "events: Ir\n", "events: Ir\ntotals: x\n"] {
            assert_eq!(total(text), None, "{text}");
        }
    }
}

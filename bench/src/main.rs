//! Measures and reports; `scripts/bench.sh` calls it step by step.
//!
//! Every step writes a JSON file with plain figures, and `report` makes the tables of them. The steps are apart because
//! each wants its own surroundings: callgrind, an allocator that counts, criterion, a `pcscd` with a virtual reader.

mod card;
mod instructions;
mod machine;
mod report;

// The private `pcscd` of the tests, as it is. As a dependency it would bring every crate of the workspace along.
#[allow(dead_code, unreachable_pub)]
#[path = "../../tests/support/daemons.rs"]
mod daemons;
#[allow(dead_code, unreachable_pub)]
#[path = "../../tests/support/programs.rs"]
mod programs;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Parser;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tapcard_bench::{parsers, shapes::Shape};

#[derive(Parser)]
#[command(about, version)]
enum Step {
    /// Decode a shape so many times: what callgrind runs.
    Decode { parser: String, shape: String, rounds: u64 },
    /// Count the instructions of all parsers.
    Instructions { out: PathBuf },
    /// Measure the emulated card beside `vicc` and a floor.
    Card(card::Args),
    /// Be the floor: answer fixed octets over the protocol of vpcd.
    Floor { address: String },
    /// Measure whatever card is in the virtual reader, through PC/SC.
    Client { seconds: f64 },
    /// Make the tables.
    Report(report::Args),
}

fn main() -> anyhow::Result<()> {
    match Step::parse() {
        Step::Decode { parser, shape, rounds } => decode(&parser, &shape, rounds),
        Step::Instructions { out } => write(&out, &instructions::count_all()?),
        Step::Card(args) => card::run(&args),
        Step::Floor { address } => card::floor(&address),
        Step::Client { seconds } => card::client(seconds),
        Step::Report(args) => report::run(&args),
    }
}

fn decode(parser: &str, shape: &str, rounds: u64) -> anyhow::Result<()> {
    let parser = parsers::by_name(parser).context("no such parser")?;
    let shape = Shape::all().into_iter().find(|known| known.name == shape).context("no such shape")?;
    for _ in 0..rounds {
        for input in &shape.inputs {
            if black_box((parser.sum)(black_box(input))).is_none() {
                bail!("refused");
            }
        }
    }
    Ok(())
}

fn write(file: &Path, figures: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(figures)?;
    fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}

fn read<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("`{}` is not what a step has written", file.display()))
}

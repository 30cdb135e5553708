//! Makes the tables of what the steps have measured, and says which targets are met.

mod chip;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use tapcard_bench::parsers;
use tapcard_bench::shapes::Shape;

use crate::card::{Figures, Rates};
use crate::instructions::Counts;
use crate::machine::machine;

/// The reader of ours that is held against the targets.
const OURS: &str = "walk";
const FLOOR: &str = "hop";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where criterion left its figures.
    #[arg(long)]
    times: PathBuf,
    /// From the step `instructions`.
    #[arg(long)]
    instructions: PathBuf,
    /// From the program `allocations`.
    #[arg(long)]
    allocations: PathBuf,
    /// From the step `card`.
    #[arg(long)]
    card: PathBuf,
    /// What `scripts/qemu.sh` has printed.
    #[arg(long)]
    qemu: PathBuf,
    /// Text for the end of the report, written by hand: what is missed, and what was tried.
    #[arg(long)]
    notes: PathBuf,
    /// The day of the run.
    #[arg(long)]
    date: String,
    /// The report.
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut report = Report { text: intro(&args.date), met: 0, missed: 0 };
    let tlv = Tlv {
        shapes: Shape::all(),
        times: times(args)?,
        instructions: crate::read(&args.instructions)?,
        allocations: crate::read(&args.allocations)?,
    };
    tlv.write(&mut report);
    chip::write(&mut report, &text(&args.qemu)?)?;
    card(&mut report, &crate::read(&args.card)?);
    report.add(&format!("\n{}", text(&args.notes)?.trim_end()));
    fs::write(&args.out, &report.text).with_context(|| format!("cannot write `{}`", args.out.display()))?;
    print!("{}", report.text);
    println!("\nbench: {} targets met, {} MISSED", report.met, report.missed);
    Ok(())
}

fn text(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
}

fn intro(date: &str) -> String {
    format!(
        "# Benchmarks\n\nMade by `make bench` on {date}: {}.\n\n\
         Times of the decoders are medians; they are worth something only as ratios within this run. Instructions are counted by\n\
         callgrind and are the same on every run with the same compiler. What is measured, and how, stands in the\n\
         sources in `bench/`.\n",
        machine()
    )
}

/// The text, and how many targets are met.
struct Report {
    text: String,
    met: u32,
    missed: u32,
}

/// What a ratio has to be.
enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Report {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn begin_targets(&mut self) {
        self.add("\n| target | ratio | wanted | |\n|---|---:|---:|---|");
    }

    fn target(&mut self, what: &str, ratio: f64, target: &Target) {
        let (met, limit, wanted) = match *target {
            Target::AtMost(limit) => (ratio <= limit, limit, format!("≤ {limit}")),
            Target::AtLeast(limit) => (ratio >= limit, limit, format!("≥ {limit}")),
        };
        *if met { &mut self.met } else { &mut self.missed } += 1;
        let said = if met { "met".to_owned() } else { format!("**MISSED** by {}", percent(ratio, limit)) };
        self.add(&format!("| {what} | {} | {wanted} | {said} |", short(ratio)));
    }
}

/// How far a value is from its limit, in parts of the limit.
fn percent(value: f64, limit: f64) -> String {
    format!("{:.0} %", ((value - limit) / limit).abs() * 100.0)
}

/// Three digits that count, more where they stand before the point.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        1000.0.. => return grouped(&format!("{value:.0}")),
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// Thousands apart by a space.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    text
}

/// Nanoseconds of one round, by shape and parser.
fn times(args: &Args) -> anyhow::Result<Counts> {
    #[derive(Deserialize)]
    struct Estimate {
        point_estimate: f64,
    }
    #[derive(Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    let mut times = Counts::new();
    for shape in Shape::all() {
        for parser in parsers::ALL {
            let file = args.times.join(shape.name).join(parser.name).join("new/estimates.json");
            let estimates: Estimates = crate::read(&file)?;
            let median = estimates.median.point_estimate;
            times.entry(shape.name.to_owned()).or_default().insert(parser.name.to_owned(), median);
        }
    }
    Ok(times)
}

struct Tlv {
    shapes: [Shape; 4],
    times: Counts,
    instructions: Counts,
    allocations: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Tlv {
    /// Instructions of a parser per object of a shape.
    fn per_object(&self, parser: &str, shape: &Shape) -> f64 {
        self.instructions[shape.name][parser] / shape.objects as f64
    }

    fn write(&self, report: &mut Report) {
        let [emv, ..] = &self.shapes;
        let [first, .., last] = &self.shapes;
        debug_assert_eq!((first.name, last.name), ("emv", "wide-10000"));
        report.add(&format!(
            "\n## BER-TLV, decoded to leaves\n\n{} answers of payment cards, {} octets, {} objects. Each parser hands \
             over tag and value of every leaf.\n",
            emv.inputs.len(),
            emv.octets(),
            emv.objects
        ));
        self.write_emv(report, emv);
        self.write_shapes(report);
        self.write_targets(report);
    }

    fn write_emv(&self, report: &mut Report, emv: &Shape) {
        report.add("| parser | ns | instructions | ÷ floor | allocations |\n|---|---:|---:|---:|---:|");
        let instructions = &self.instructions[emv.name];
        for parser in parsers::ALL {
            let (time, count) = (self.times[emv.name][parser.name], instructions[parser.name]);
            let allocations = self.allocations[emv.name][parser.name];
            let ratio = count / instructions[FLOOR];
            let row = [parser.title, &short(time), &short(count), &short(ratio), &grouped(&allocations.to_string())]
                .join(" | ");
            report.add(&format!("| {row} |"));
        }
    }

    fn write_shapes(&self, report: &mut Report) {
        report.add(
            "\nInstructions per object, of these and of other shapes: 16 levels in one another, one template of 100 objects, \
             one of 10\u{202F}000.\n",
        );
        let mut head = "| parser |".to_owned();
        for shape in &self.shapes {
            let _ = write!(head, " {} |", shape.name);
        }
        report.add(&head);
        report.add(&format!("|---|{}", "---:|".repeat(self.shapes.len())));
        for parser in parsers::ALL {
            let mut row = format!("| {} |", parser.title);
            for shape in &self.shapes {
                let _ = write!(row, " {} |", short(self.per_object(parser.name, shape)));
            }
            report.add(&row);
        }
    }

    fn write_targets(&self, report: &mut Report) {
        let [emv, _, hundred, many] = &self.shapes;
        let instructions = &self.instructions[emv.name];
        let times = &self.times[emv.name];
        let allocations = self.shapes.iter().map(|shape| self.allocations[shape.name][OURS]).sum::<u64>();
        let many = self.per_object(OURS, many);
        report.begin_targets();
        let limit = Target::AtMost(1.25);
        report.target("instructions ÷ those of the floor", instructions[OURS] / instructions[FLOOR], &limit);
        report.target("allocations, all shapes together", allocations as f64, &Target::AtMost(0.0));
        let limit = Target::AtMost(1.1);
        report.target("instructions per object, 10\u{202F}000 ÷ 100", many / self.per_object(OURS, hundred), &limit);
        report.target(
            "instructions per object, 10\u{202F}000 ÷ card answers",
            many / self.per_object(OURS, emv),
            &limit,
        );
        report.target("time ÷ that of flexiber", times[OURS] / times["flexiber"], &Target::AtMost(0.3));
        report.target("time ÷ that of iso7816-tlv", times[OURS] / times["iso7816-tlv"], &Target::AtMost(0.045));
    }
}

fn card(report: &mut Report, figures: &Figures) {
    report.add(
        "\n## Emulated card\n\n`tapcard card serve` beside Debian's `vicc` and a floor that answers fixed octets. SELECT of the \
         directory of contactless\napplications, one command at a time, answers per second: over the socket of the virtual \
         reader only, and through\nvpcd, `pcscd` and PC/SC.\n",
    );
    report.add(
        "Each card is asked in many short rounds, and the best round counts: whatever else the machine does only takes away.\n\
         The median beside it says how much that was.\n",
    );
    report.add("| card | socket only | median | PC/SC | median |\n|---|---:|---:|---:|---:|");
    let best = |rates: &Rates, card: &str| rates.get(card).map_or(f64::NAN, |rounds| highest(rounds));
    let middle = |rates: &Rates, card: &str| rates.get(card).map_or(f64::NAN, |rounds| median(rounds));
    for (card, title) in [("floor", "floor"), ("tapcard", "tapcard"), ("vicc", "vicc (Python)")] {
        let ways = [&figures.socket, &figures.pcsc].map(|rates| [best(rates, card), middle(rates, card)]);
        let row = ways.concat().into_iter().map(short).collect::<Vec<_>>().join(" | ");
        report.add(&format!("| {title} | {row} |"));
    }
    let ratio = |rates: &Rates, to: &str| best(rates, "tapcard") / best(rates, to);
    report.begin_targets();
    report.target("PC/SC: answers ÷ those of vicc", ratio(&figures.pcsc, "vicc"), &Target::AtLeast(500.0));
    report.target("PC/SC: answers ÷ those of the floor", ratio(&figures.pcsc, "floor"), &Target::AtLeast(0.7));
    report.target("socket only: answers ÷ those of the floor", ratio(&figures.socket, "floor"), &Target::AtLeast(0.6));
}

/// NaN for nothing, as from [`median`].
fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

/// NaN for nothing, which meets no target.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_without_a_figure_is_missed() {
        let mut report = Report { text: String::new(), met: 0, missed: 0 };
        report.target("a", median(&[]), &Target::AtMost(1.0));
        report.target("b", median(&[]), &Target::AtLeast(1.0));
        report.target("c", highest(&[]), &Target::AtLeast(1.0));
        report.target("d", median(&[3.0, 1.0, 2.0]), &Target::AtLeast(2.0));
        report.target("e", highest(&[3.0, 1.0, 2.0]), &Target::AtLeast(3.0));
        assert_eq!((report.met, report.missed), (2, 3), "{}", report.text);
    }

    #[test]
    fn what_is_missed_says_by_how_much() {
        let mut report = Report { text: String::new(), met: 0, missed: 0 };
        report.target("a", 275.0, &Target::AtLeast(500.0));
        report.target("b", 50.0, &Target::AtMost(40.0));
        assert_eq!(report.text, "| a | 275 | ≥ 500 | **MISSED** by 45 % |\n| b | 50.0 | ≤ 40 | **MISSED** by 25 % |\n");
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0453, 1.1412, 26.04, 123.4, 5683.0, 1_234_567.0].map(short);
        assert_eq!(texts, ["0.045", "1.14", "26.0", "123", "5\u{202F}683", "1\u{202F}234\u{202F}567"]);
    }
}

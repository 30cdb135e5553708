//! The TLV reader on the emulated Cortex-M, from what `scripts/qemu.sh` has printed.

use anyhow::Context;

use super::{Report, Target, short};

/// The machine whose core the targets name: a Cortex-M4.
const MACHINE: &str = "mps2-an386";

/// Instructions for each object and octets of code, by machine.
#[derive(Debug, PartialEq)]
struct Figure<'a> {
    machine: &'a str,
    instructions: f64,
    octets: f64,
}

pub(super) fn write(report: &mut Report, log: &str) -> anyhow::Result<()> {
    let figures = figures(log);
    let found = figures.iter().find(|figure| figure.machine == MACHINE);
    let ours = found.with_context(|| format!("no figures of {MACHINE}"))?;
    report.add(
        "\n## BER-TLV on the chip\n\nThe same answers, walked by tapcard `Walk` on the machines that QEMU emulates, one tick of its \
         clock per instruction\n(`scripts/qemu.sh`); code for size (`opt-level = \"s\"`). The code is what an image with the reader \
         has more than the same\nimage without.\n",
    );
    report.add("| machine | instructions per object | octets of code |\n|---|---:|---:|");
    for figure in &figures {
        report.add(&format!("| {} | {} | {} |", figure.machine, short(figure.instructions), figure.octets));
    }
    report.begin_targets();
    report.target("Cortex-M4: instructions per object", ours.instructions, &Target::AtMost(40.0));
    report.target("Cortex-M4: octets of code", ours.octets, &Target::AtMost(750.0));
    Ok(())
}

/// Lines such as `figure: MACHINE: TLV reader 39 instructions per object (6411 for 167), ...` and
/// `figure: MACHINE: TLV reader 640 octets of code, ...`, one of each for a machine.
fn figures(log: &str) -> Vec<Figure<'_>> {
    let said = log.lines().filter_map(|line| line.strip_prefix("figure: ")?.split_once(": TLV reader "));
    let octets = |wanted: &str| {
        let mut said = said.clone().filter(|(machine, _)| *machine == wanted);
        said.find_map(|(_, said)| said.split_once(" octets of code")?.0.parse().ok())
    };
    let figure = |(machine, said): (_, &str)| {
        let (_, exact) = said.split_once(" instructions per object (")?;
        let (all, objects) = exact.split_once(')')?.0.split_once(" for ")?;
        let instructions = all.parse::<f64>().ok()? / objects.parse::<f64>().ok()?;
        Some(Figure { machine, instructions, octets: octets(machine)? })
    };
    said.clone().filter_map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_among_other_lines() {
        let log = "walk: 16 blobs\nfigure: a: 228 cases ran\n\
                   figure: a: TLV reader 40 instructions per object (79 for 2), at most 40: met\n\
                   figure: a: TLV reader 640 octets of code, at most 750: met\n";
        assert_eq!(figures(log), [Figure { machine: "a", instructions: 39.5, octets: 640.0 }]);
    }

    #[test]
    fn a_machine_without_both_figures_is_left_out() {
        assert_eq!(figures("figure: a: TLV reader 40 instructions per object (79 for 2), at most 40: met\n"), []);
        let mut report = Report { text: String::new(), met: 0, missed: 0 };
        assert!(write(&mut report, "").is_err());
    }
}

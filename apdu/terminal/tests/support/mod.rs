//! A scripted card for the reading flow, and what a reading of it did.

#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "shared by tests that use parts of it")]

use std::collections::HashMap;

use tapcard_emv::Aid;
use tapcard_flow::{Action, Input, Machine};
use tapcard_terminal::{Depth, FoundBy, Outcome, Place, Plan, Reader, Report, TerminalData, Warning, limits};

pub(crate) const PPSE: &str = "00A404000E325041592E5359532E444446303100";
pub(crate) const PSE: &str = "00A404000E315041592E5359532E444446303100";

pub(crate) struct Run {
    pub(crate) commands: Vec<String>,
    pub(crate) reports: Vec<Report>,
    pub(crate) outcome: Outcome,
}

impl Run {
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.reports.iter().filter_map(|r| if let Report::Warning(w) = r { Some(*w) } else { None }).collect()
    }

    pub(crate) fn applications(&self) -> Vec<(Aid, u8, FoundBy)> {
        let application = |report: &Report| match report {
            Report::Application { aid, priority, found_by } => Some((*aid, *priority, *found_by)),
            _ => None,
        };
        self.reports.iter().filter_map(application).collect()
    }

    pub(crate) fn has(&self, place: Place) -> bool {
        self.reports.contains(&Report::Found(place))
    }
}

/// Steps the machine to its end; every reading must end within the bound on commands.
pub(crate) fn run_with(depth: Depth, aid: Option<&str>, mut card: impl FnMut(&[u8]) -> Vec<u8>) -> Run {
    let mut reader = Reader::new(Plan { depth, aid: aid.map(name) }, TerminalData::default());
    let mut out = [0; 261];
    let mut run = Run { commands: Vec::new(), reports: Vec::new(), outcome: Outcome::Finished };
    let mut action = reader.step(0, Input::Start, &mut out);
    loop {
        action = match action {
            Action::Transmit(length) => {
                run.commands.push(hex::encode_upper(&out[..length]));
                assert!(run.commands.len() <= usize::from(limits::MAX_COMMANDS));
                let answer = card(&out[..length]);
                reader.step(0, Input::Received(&answer), &mut out)
            }
            Action::Report(report) => {
                run.reports.push(report);
                reader.step(0, Input::Noted, &mut out)
            }
            Action::Done(outcome) => {
                run.outcome = outcome;
                return run;
            }
            other => panic!("a reading does not {other:?}"),
        };
    }
}

/// A card that knows these commands (Le ignored) and refuses all others as the standard says.
pub(crate) fn run(depth: Depth, aid: Option<&str>, script: &[(&str, &str)]) -> Run {
    let script: HashMap<Vec<u8>, Vec<u8>> =
        script.iter().map(|(command, answer)| (octets(command), octets(answer))).collect();
    run_with(depth, aid, |command| {
        let refusal: [u8; 2] = match command[1] {
            0xA4 => [0x6A, 0x82],
            0xB2 => [0x6A, 0x83],
            0xCA => [0x6A, 0x88],
            _ => [0x6D, 0x00],
        };
        script.get(command).cloned().unwrap_or_else(|| refusal.to_vec())
    })
}

pub(crate) fn octets(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

pub(crate) fn name(aid: &str) -> Aid {
    Aid::new(&hex::decode(aid).unwrap()).unwrap()
}

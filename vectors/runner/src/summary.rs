//! The figures of a run, in the shape that `--json` prints.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::outcome::Outcome;

/// Everything that a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Files that hold at least one case, in the order read.
    pub files: Vec<FileSummary>,
    /// Runs in which everything compared was equal and nothing was left out.
    pub passed: usize,
    /// Runs in which something differed.
    pub failed: usize,
    /// Runs in which nothing differed, but something, or everything, was not compared.
    pub unsupported: usize,
    /// Members compared, over all runs.
    pub compared: usize,
    /// Members, modes and whole cases not compared, over all runs.
    pub left_out: usize,
}

/// The part of one file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileSummary {
    /// As it was given, or the folder that was given and the name.
    pub path: PathBuf,
    /// As in [`Summary`].
    pub passed: usize,
    /// As in [`Summary`].
    pub failed: usize,
    /// As in [`Summary`].
    pub unsupported: usize,
    /// One entry for each case, and for a transcript one for each of its modes.
    pub cases: Vec<CaseResult>,
}

/// One case in one mode.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    /// `file#id`.
    pub id: String,
    /// For a transcript: how it was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The verdict.
    pub status: Status,
    /// When it failed: what differed, as the case expects it.
    pub expected: Option<Shown>,
    /// When it failed: what differed, as it was found.
    pub found: Option<Shown>,
    /// Members compared.
    pub compared: usize,
    /// What was not compared.
    pub left_out: Vec<LeftOut>,
}

/// The verdict on one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything is equal.
    Passed,
    /// Something differs.
    Failed,
    /// Nothing differs, but something was not compared.
    Unsupported,
}

/// How a transcript is run (`vectors/README.md`, transcripts).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Every recorded answer is decoded by its command.
    Decode,
    /// The recording answers as a card, which the reader reads.
    Reader,
    /// One step of a terminal runs against the recording.
    Phase,
    /// A mode that this build does not know.
    #[serde(untagged)]
    Other(String),
}

/// Something that a run did not compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// A member as in `dda.hash`, or `kind crypto, op kcv_tdes`, or `mode phase`.
    pub what: String,
    /// The stage of the project that brings it; `None` when nobody has planned it.
    pub stage: Option<u8>,
}

/// A value of a case, printed as JSON. It shows test data in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Shown(serde_json::Value);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Decode => "decode",
            Self::Reader => "reader",
            Self::Phase => "phase",
            Self::Other(name) => name,
        })
    }
}

impl Summary {
    /// One JSON document, `schema` first (`tapcard.vectors/1`).
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'s> {
            schema: &'static str,
            #[serde(flatten)]
            summary: &'s Summary,
        }
        let document = Document { schema: "tapcard.vectors/1", summary: self };
        // Only a path that is not Unicode has no JSON form; `FileSummary::new` makes none.
        serde_json::to_string(&document).unwrap_or_default()
    }

    pub(crate) fn add(&mut self, file: FileSummary) {
        self.passed += file.passed;
        self.failed += file.failed;
        self.unsupported += file.unsupported;
        self.compared += file.cases.iter().map(|case| case.compared).sum::<usize>();
        self.left_out += file.cases.iter().map(|case| case.left_out.len()).sum::<usize>();
        self.files.push(file);
    }
}

impl FileSummary {
    pub(crate) fn new(path: &Path) -> Self {
        let path = PathBuf::from(path.to_string_lossy().into_owned());
        Self { path, passed: 0, failed: 0, unsupported: 0, cases: Vec::new() }
    }

    pub(crate) fn add(&mut self, id: String, mode: Option<Mode>, outcome: Outcome) {
        let status = outcome.status();
        match status {
            Status::Passed => self.passed += 1,
            Status::Failed => self.failed += 1,
            Status::Unsupported => self.unsupported += 1,
        }
        let Outcome { expected, found, compared, left_out } = outcome;
        let (expected, found) = (expected.map(Shown), found.map(Shown));
        self.cases.push(CaseResult { id, mode, status, expected, found, compared, left_out });
    }
}

//! Cases of the stored outputs and of the second reading.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::PathBuf;

use serde::Deserialize;
use tapcard_decode::{Context, Explained, Input, Kind, explain, explain_guessed};
use tapcard_emv::{Scheme, objects};
use tapcard_iso7816::Ins;

/// What is given, in each file of cases.
#[derive(Debug, Deserialize)]
pub(crate) struct Given {
    /// Without it the kind is guessed.
    #[serde(default)]
    pub(crate) kind: Option<String>,
    /// One or two pieces in hexadecimal.
    pub(crate) data: Vec<String>,
    #[serde(default)]
    pub(crate) scheme: Option<String>,
    #[serde(default)]
    pub(crate) show_pan: bool,
    /// Instruction of the command that a status word answers.
    #[serde(default, rename = "for")]
    pub(crate) command: Option<String>,
}

impl Given {
    pub(crate) fn explain(&self) -> Explained {
        let pieces: Vec<_> = self.data.iter().map(|hex| hex::decode(hex).unwrap()).collect();
        let input = match pieces.as_slice() {
            [one] => Input::one(one),
            [first, second] => Input::two(first, second),
            _ => panic!("one or two pieces, not {}", pieces.len()),
        };
        let context = Context {
            scheme: self.scheme.as_deref().map(scheme),
            show_pan: self.show_pan,
            command: self.command.as_deref().map(|hex| Ins::from(u8::from_str_radix(hex, 16).unwrap())),
        };
        match &self.kind {
            Some(word) => explain(word.parse::<Kind>().unwrap(), input, &context),
            None => explain_guessed(input, &context),
        }
    }
}

fn scheme(name: &str) -> Scheme {
    let mut known = objects().iter().filter_map(|object| object.scheme);
    known.find(|scheme| scheme.name().to_lowercase() == name).unwrap_or_else(|| panic!("no scheme {name}"))
}

/// A path in this crate.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

//! Turns the vectors that run on the emulated board into Rust constants, so that the image holds them and reads nothing.
//!
//! `tlv`, `dol` and `tlv-values` are taken whole. Of a `transcript` the board takes the answers and their status words, and
//! from `expect` the members that speak of data objects, electronic cash and logs; the others need a reader or a card and
//! stay with the runner on the host. The format is `vectors/README.md`.
//!
//! Beside them it lets emulated cards answer commands here, for the board to answer the same.
//!
//! A case that cannot be taken stops the build: what is left out in silence would pass.

mod blobs;
mod cards;
mod dol;
mod files;
mod iad;
mod members;
mod oda;
mod rust;
mod tlv;
mod transcript;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// Where everything comes from.
pub struct Sources<'p> {
    /// The folder of vectors.
    pub vectors: &'p Path,
    /// A file of cases in the same format, with expectations in pairs: `right` and `wrong`.
    pub pairs: &'p Path,
    /// The folder of the certificates to measure.
    pub measured: &'p Path,
    /// The personalisation of a card with a private key.
    pub signing: &'p Path,
    /// The TLV blobs to measure.
    pub blobs: &'p Path,
}

/// The constants, and the files that they come from.
pub struct Generated {
    /// Rust source: statics of the types in `src/case.rs` of the board.
    pub source: String,
    /// What to watch for changes.
    pub files: Vec<PathBuf>,
}

/// Reads all sources.
///
/// # Errors
/// A file that is no vector file, or a case that the board cannot hold.
pub fn generate(from: &Sources<'_>) -> Result<Generated> {
    let mut files = files::json_files(from.vectors)?;
    let (mut vectors, mut right, mut wrong) = (Lists::default(), Lists::default(), Lists::default());
    let mut recorded = Vec::new();
    for path in &files {
        for (id, case) in files::read(path)? {
            vectors.take(&id, &case)?;
            if case.get("kind").and_then(Value::as_str) == Some("transcript") {
                recorded.push(case);
            }
        }
    }
    for (id, case) in files::read(from.pairs)? {
        right.take(&id, &files::with_members_of(&case, "right").context(id.clone())?)?;
        wrong.take(&id, &files::with_members_of(&case, "wrong").context(id.clone())?)?;
    }
    let sets = [("VECTORS", vectors), ("RIGHT", right), ("WRONG", wrong)];
    let sets = sets.map(|(name, lists)| format!("pub(crate) static {name}: Set = {};\n", lists.source()));
    let blobs = rust::slice(&blobs::read(from.blobs)?);
    let oda = oda::read(from.measured)?;
    let cards = cards::read(from.measured, from.signing, &recorded)?;
    let source = format!("{}pub(crate) static BLOBS: &[&[u8]] = {blobs};\n{oda}{cards}", sets.concat());
    files.extend([from.pairs.into(), from.signing.into(), from.blobs.into()]);
    Ok(Generated { source, files })
}

/// One list of Rust expressions for each kind.
#[derive(Default)]
struct Lists {
    tlv: Vec<String>,
    dol: Vec<String>,
    values: Vec<String>,
    transcripts: Vec<String>,
}

impl Lists {
    fn take(&mut self, id: &str, case: &Value) -> Result<()> {
        self.add(id, case).with_context(|| id.to_owned())
    }

    fn add(&mut self, id: &str, case: &Value) -> Result<()> {
        match case.get("kind").and_then(Value::as_str).context("no `kind`")? {
            "tlv" => self.tlv.push(rust::case(id, case, &tlv::expected(case)?)?),
            "dol" => self.dol.push(rust::case(id, case, &dol::expected(case)?)?),
            "tlv-values" => self.values.push(rust::case(id, case, &members::expected(case)?)?),
            "transcript" => self.transcripts.push(transcript::case(id, case)?),
            _ => {}
        }
        Ok(())
    }

    fn source(&self) -> String {
        let list = |list: &[String]| format!("&[\n    {}\n]", list.join(",\n    "));
        format!(
            "Set {{ tlv: {}, dol: {}, values: {}, transcripts: {} }}",
            list(&self.tlv),
            list(&self.dol),
            list(&self.values),
            list(&self.transcripts)
        )
    }
}

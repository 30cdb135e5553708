//! Runs the language-neutral vector files of `vectors/` against this implementation.
//!
//! `vectors/README.md` is the format; this crate is one reader of it. A case is dispatched by its `kind` and `op`, never
//! by the name of its file; what this build cannot run is counted and listed as unsupported, never skipped. Printing,
//! colours and exit codes are the command line's business.
//!
//! ```
//! use std::path::PathBuf;
//! use tapcard_vectors::{Options, check};
//!
//! let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
//! let options = Options { kind: Some("dol".into()) };
//! let summary = check(&[folder], &options)?;
//! assert_eq!((summary.failed, summary.unsupported), (0, 0));
//! # Ok::<(), tapcard_vectors::CheckError>(())
//! ```

#![forbid(unsafe_code)]

mod cases;
mod check;
mod error;
mod files;
mod json;
mod kinds;
mod outcome;
mod summary;

pub use check::{Options, check};
pub use error::CheckError;
pub use summary::{CaseResult, FileSummary, LeftOut, Mode, Shown, Status, Summary};

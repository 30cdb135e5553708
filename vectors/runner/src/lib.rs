#![doc = include_str!("../README.md")]
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

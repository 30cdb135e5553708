#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

#[cfg(feature = "contact")]
pub mod contact;
pub mod limits;
pub mod reader;
pub mod terminal_data;

pub use reader::{Depth, FoundBy, LogKind, Outcome, Place, Plan, Reader, Report, Warning, WarningKind};
pub use terminal_data::TerminalData;

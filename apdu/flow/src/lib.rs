#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
//!
//! * [`machine`]: `Input`, `Action`, the [`Machine`] trait.
//! * [`drive`](mod@drive): moves a machine along a link, with 61xx, 6Cxx and chaining handled beneath it.
//! * [`checksum`]: the CRC-32 of the log and of card images.
//! * [`log`]: the append-only record log over any NOR flash (a board's flash, a file, a torn writer in tests).

#[cfg(test)]
extern crate std;

pub mod checksum;
pub mod drive;
pub mod log;
pub mod machine;

pub use drive::{Buffers, DriveError, Link, LinkFailure, Observer, drive};
pub use machine::{Action, Input, Machine, Millis};

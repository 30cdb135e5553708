#![no_std]
#![forbid(unsafe_code)]
//! The one shape that every tapcard machine has, and the record log that outlives a power cut.
//!
//! A machine (the reading flow, a kernel, a load, an emulated card) owns no bus, no clock, no storage and no randomness.
//! Its owner tells it what happened ([`Input`]) and does what it answers ([`Action`]). So one machine serves a board, a
//! host and a test, and one harness can drop, corrupt, cut and replay any of them.
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

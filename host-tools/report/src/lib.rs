#![doc = include_str!("../README.md")]
//!
//! * [`model`]: the report and its parts.
//! * [`read`](mod@read): runs the reading flow of `tapcard-terminal` over a card and collects its reports.
//! * [`session`]: decodes a recorded session without a card.
//! * [`collect`]: turns answers into the model, for both.

pub mod collect;
pub mod currency;
mod dfs;
pub mod model;
mod purse;
pub mod read;
pub mod session;
mod summary;
pub mod text;

pub use collect::Collector;
pub use model::*;
pub use read::{ReadError, ReadOptions, balance, read};
pub use session::{Exchanged, Session};

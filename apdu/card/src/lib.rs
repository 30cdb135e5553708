#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

mod answer;
pub mod card;
pub mod image;
pub mod keys;
mod payment;
mod purse;
mod random;
mod read;
mod select;
mod session;
pub mod state;

pub use card::{Card, MAX_OUT};
pub use image::{Application, BuildError, Entry, Face, Image, ImageBuilder, ImageError, Interface, Key};
pub use keys::{CardKeys, RsaPart, Secret};
pub use payment::{Behaviour, Rules};
pub use state::{MAX_STATE_RECORD, RestoreError, STATE_CAPACITY};

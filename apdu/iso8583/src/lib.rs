#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

pub mod bitmap;
pub mod error;
pub mod field;
pub mod framing;
pub mod host;

pub mod mask;
pub mod message;
pub mod mti;

#[cfg(feature = "names")]
pub mod names;
pub mod spec;
pub mod specs;
pub mod writer;

pub use bitmap::Bitmap;
pub use error::{DecodeError, DecodeErrorKind, Element, EncodeError, EncodeErrorKind};
pub use field::{Chars, FieldRef};
pub use framing::{Deframer, Framing, FramingError};
pub use message::Message;
pub use mti::Mti;

#[cfg(feature = "names")]
pub use names::field_name;
pub use spec::{FieldSpec, Spec};
pub use tapcard_iso7816::Tag;
pub use writer::MessageWriter;

/// The highest field number that is read and written: the last one of the secondary bitmap.
pub const MAX_FIELD: u8 = 128;

/// The longest message in octets: what a binary length prefix of two octets can announce.
pub const MAX_MESSAGE: usize = 0xFFFF;

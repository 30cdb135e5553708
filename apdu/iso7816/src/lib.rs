#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

pub mod atr;
pub mod ats;
pub mod command;
pub mod exchange;
pub mod ins;
pub mod response;
pub mod status;
pub mod tlv;

pub use atr::{Atr, AtrError};
pub use ats::{Ats, AtsError};
pub use command::{Command, CommandError, Le, Sfi};
pub use exchange::{Exchange, ExchangeAction, ExchangeError, MAX_GET_RESPONSES, Protocol};
pub use ins::Ins;
pub use response::{Response, ResponseError};
pub use status::{Meaning, StatusWord};
pub use tlv::{
    CapacityError, Class, MAX_DEPTH, ParseTagError, Tag, Tlv, TlvError, TlvErrorKind, TlvWriter, Tlvs, Walk, find,
    find_deep, find_path,
};

/// The longest short C-APDU: header, Lc, 255 octets of data and Le (ISO/IEC 7816-4:2005, 5.1).
pub const MAX_SHORT_COMMAND: usize = 261;

/// The longest R-APDU to a short Le: 256 octets of data and SW1-SW2.
pub const MAX_SHORT_ANSWER: usize = 258;

//! Electronic purses as descriptions in data: where each kind keeps its balance, its public data, its log and its trips.
//!
//! A purse is no EMV application. It has a register that GET BALANCE answers and files that READ BINARY and READ RECORD
//! answer, and each issuer chose file numbers, offsets and orders of its own. [`Purse`] is the one form in which all of
//! them are written down, [`table`] the only place where they are; a new city is an entry there and a vector. The modules
//! beside it read what a description points at:
//!
//! * [`balance`]: registers and the rule that makes a balance of them,
//! * [`public`]: serial number, validity, issuer and city,
//! * [`log`]: log records of any layout,
//! * [`trip`]: the trips of China T-Union.
//!
//! When to send which command is the reader's matter; keys and MACs belong to loading and paying.
//!
//! JR/T 0025 parts 1 and 2 (e-deposit ED, e-purse EP), JT/T 978 (China T-Union), KS X 6924 (Korea), GeldKarte (Germany).
//! What could be checked in one public source only is marked **unconfirmed** where it stands.

pub mod balance;
#[cfg(feature = "names")]
mod city;
pub mod error;
pub mod log;
pub mod movement;
pub mod public;
pub mod schema;
pub mod table;
pub mod trip;

pub use balance::{Ask, BalanceRule, Coding, Number, Register};
#[cfg(feature = "names")]
pub use city::city_name;
pub use error::{PurseError, PurseErrorKind};
pub use log::{LogDate, LogRecord};
pub use movement::{Movement, Vehicle};
pub use public::{PublicData, Serial};
pub use schema::{FciCopy, File, Log, Purse, PurseKind, Selection, Structure};
pub use table::{by_kind, by_name, purses};
pub use trip::{Trip, TripKind};

/// Whether a record or a field was never written: nothing but `00`, or nothing but `FF`.
#[must_use]
pub fn is_blank(octets: &[u8]) -> bool {
    octets.iter().all(|octet| *octet == 0x00) || octets.iter().all(|octet| *octet == 0xFF)
}

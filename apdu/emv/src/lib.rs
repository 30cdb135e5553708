#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

pub mod afl;
pub mod aid;
pub mod amount;
pub mod bcd;
pub mod bits;
pub mod date;
pub mod dol;
pub mod gpo;
pub mod iad;
pub mod mask;
pub mod pan;
pub mod pboc;
pub mod purse;
pub mod service_code;
pub mod tags;
pub mod track;
#[cfg(feature = "names")]
pub mod value;

pub use afl::{Afl, AflEntry};
pub use aid::{Aid, Rid, TerminalAid, terminal_list};
pub use amount::{Amount, Country, Currency, format_minor};
pub use bits::{Aip, Auc, Cid, Ctq, CvmList, CvmResults, Tsi, Ttq, Tvr};
pub use date::{Date, Time};
pub use dol::{Dol, DolEntry};
pub use gpo::{GpoAnswer, GpoTemplate};
pub use iad::{Iad, IadError, Layout};
pub use mask::mask_digits;
pub use pan::Pan;
pub use purse::{Purse, PurseKind};
pub use service_code::ServiceCode;
pub use tags::{DataObject, Format, Scheme, Sensitivity, Source, lookup, lookup_for, objects, tag};
pub use tapcard_iso7816::Tag;
pub use track::{Track1, Track2};
#[cfg(feature = "names")]
pub use value::ValueText;

//! Where PBOC debit/credit cards have data of their own: logs and electronic cash (JR/T 0025).
//!
//! Issuer application data is in [`crate::iad`] and re-exported here. Transit purses are not here, they have files instead
//! of data objects. What JR/T 0025 says could be checked only partly; what could not is marked **unconfirmed** at its
//! place.

pub use crate::iad::{Cvr, CvrAc, Idd, UnionPayIad as Iad};

use crate::amount::Amount;
use crate::bcd::BcdError;
use crate::tags::tag;
use tapcard_iso7816::{Sfi, Tag};

/// Where a log is kept: the value of `9F4D` (transactions) or `DF4D` (loads).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogEntry {
    /// The file. The newest record is number 1.
    pub sfi: Sfi,
    /// How many records it can hold.
    pub records: u8,
}

/// Why PBOC data cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PbocError {
    /// The value has the wrong length.
    #[error("{found} octets instead of {expected}")]
    Length {
        /// Octets expected; at least so many where the rest is variable.
        expected: usize,
        /// Octets found.
        found: usize,
    },
    /// The file of a log is not 1 to 30.
    #[error("{found:02X} is no short file identifier")]
    File {
        /// Octet found.
        found: u8,
    },
    /// An amount is not in format n.
    #[error("amount: {0}")]
    Amount(#[from] BcdError),
}

impl LogEntry {
    /// Reads the value of `9F4D` or `DF4D`.
    ///
    /// # Errors
    /// Not two octets, or the first is no short file identifier.
    pub fn parse(value: &[u8]) -> Result<Self, PbocError> {
        let &[file, records] = value else {
            return Err(PbocError::Length { expected: 2, found: value.len() });
        };
        Ok(Self { sfi: Sfi::new(file).ok_or(PbocError::File { found: file })?, records })
    }
}

/// Octets of a load log record before the fields of the list `DF4F`.
pub const LOAD_RECORD_HEAD: usize = 14;

/// The fixed start of a load log record; the list of `DF4F` lays out the rest.
///
/// That its first two octets are P1 and P2 of the PUT DATA, and so the tag that was written, is **unconfirmed**.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LoadRecordHead {
    /// P1 of the PUT DATA.
    pub p1: u8,
    /// P2 of the PUT DATA.
    pub p2: u8,
    /// Balance before the load.
    pub before: Amount,
    /// Balance after the load.
    pub after: Amount,
}

impl LoadRecordHead {
    /// Reads the head of a record; returns it and the octets that the list of `DF4F` lays out.
    ///
    /// # Errors
    /// Fewer than 14 octets, or balances that are not in format n12.
    pub fn parse(record: &[u8]) -> Result<(Self, &[u8]), PbocError> {
        let Some((head, rest)) = record.split_first_chunk::<LOAD_RECORD_HEAD>() else {
            return Err(PbocError::Length { expected: LOAD_RECORD_HEAD, found: record.len() });
        };
        let [p1, p2, balances @ ..] = head;
        let (before, after) = balances.split_at(6);
        let head = Self { p1: *p1, p2: *p2, before: Amount::from_bcd(before)?, after: Amount::from_bcd(after)? };
        Ok((head, rest))
    }

    /// The data object that was written: `9F79` or `DF79` for a load.
    #[must_use]
    pub const fn object(&self) -> Tag {
        Tag::new(u32::from_be_bytes([0, 0, self.p1, self.p2]))
    }
}

/// The objects of one electronic cash balance, all read with GET DATA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EcTags {
    /// Currency, n3.
    pub currency: Tag,
    /// Balance, n12.
    pub balance: Tag,
    /// The balance may not go above this, n12.
    pub balance_limit: Tag,
    /// Largest amount of one payment, n12.
    pub single_limit: Tag,
    /// Balance below which the card asks for an online transaction, n12.
    pub reset_threshold: Tag,
}

impl EcTags {
    /// The currency that every card has (JR/T 0025.13).
    pub const FIRST: Self = Self {
        currency: tag::EC_CURRENCY_CODE,
        balance: tag::EC_BALANCE,
        balance_limit: tag::EC_BALANCE_LIMIT,
        single_limit: tag::EC_SINGLE_LIMIT,
        reset_threshold: tag::EC_RESET_THRESHOLD,
    };

    /// The second currency of a dual-currency card (JR/T 0025.15, 5.4.1). A card without one does not answer `DF71`.
    pub const SECOND: Self = Self {
        currency: tag::EC2_CURRENCY_CODE,
        balance: tag::EC2_BALANCE,
        balance_limit: tag::EC2_BALANCE_LIMIT,
        single_limit: tag::EC2_SINGLE_LIMIT,
        reset_threshold: tag::EC2_RESET_THRESHOLD,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn the_usual_log_entries_are_read() {
        let entry = LogEntry::parse(&[0x0B, 0x0A]).unwrap();
        assert_eq!((entry.sfi.get(), entry.records), (11, 10));
        assert_eq!(LogEntry::parse(&[0x0B]), Err(PbocError::Length { expected: 2, found: 1 }));
        assert_eq!(LogEntry::parse(&[0x1F, 0x0A]), Err(PbocError::File { found: 0x1F }));
        assert_eq!(LogEntry::parse(&[0x00, 0x0A]), Err(PbocError::File { found: 0x00 }));
    }

    #[test]
    fn a_load_record_names_object_and_balances() {
        let record = [0x9F, 0x79, 0, 0, 0, 0, 0x10, 0x00, 0, 0, 0, 0, 0x60, 0x00, 0x18, 0x03, 0x05];
        let (head, rest) = LoadRecordHead::parse(&record).unwrap();
        assert_eq!(head.object(), tag::EC_BALANCE);
        assert_eq!((head.before.minor(), head.after.minor()), (1000, 6000));
        assert_eq!(rest, [0x18, 0x03, 0x05]);
        assert_eq!(LoadRecordHead::parse(&record[..13]), Err(PbocError::Length { expected: 14, found: 13 }));
        let kind = BcdErrorKind::NotADigit { value: 0xF, low: false };
        assert_eq!(LoadRecordHead::parse(&[0xFF; 14]), Err(PbocError::Amount(BcdError { kind, offset: 0 })));
    }

    #[test]
    fn the_two_currencies_share_no_object() {
        assert_eq!(EcTags::FIRST.balance, Tag::new(0x9F79));
        assert_eq!(EcTags::SECOND.balance, Tag::new(0xDF79));
        assert_eq!(EcTags::SECOND.reset_threshold, Tag::new(0xDF76));
    }

    proptest! {
        #[test]
        fn no_octets_make_the_readers_panic(octets: Vec<u8>) {
            let _ = LogEntry::parse(&octets);
            let _ = LoadRecordHead::parse(&octets).map(|(head, _)| head.object());
        }
    }
}

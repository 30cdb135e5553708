//! Where PBOC debit/credit cards have data of their own: logs, electronic cash, issuer application data (JR/T 0025).
//!
//! Transit purses are not here, they have files instead of data objects. What JR/T 0025 says could be checked only
//! partly; what could not is marked **unconfirmed** at its place.

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
    /// The issuer application data does not begin with the length 07 of the PBOC layout.
    #[error("issuer application data begins with {found:02X} instead of 07")]
    NotPboc {
        /// Octet found.
        found: u8,
    },
    /// The card verification results do not say that they have three more octets.
    #[error("card verification results of {found} octets instead of 3")]
    CvrLength {
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

/// What a card says it did, in two bits of its CVR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CvrAc {
    /// Declined.
    Aac,
    /// Approved offline.
    Tc,
    /// First GENERATE AC: asks to go online.
    Arqc,
    /// Second GENERATE AC: was not asked for.
    NotRequested,
    /// Reserved.
    Rfu,
}

/// Card verification results: a length of 3 and three octets. The meaning of the last two is **unconfirmed**.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cvr([u8; 4]);

impl Cvr {
    /// The four octets, length first.
    #[must_use]
    pub const fn octets(self) -> [u8; 4] {
        self.0
    }

    /// Result of the first GENERATE AC, or of GET PROCESSING OPTIONS in qPBOC.
    #[must_use]
    pub const fn first_ac(self) -> CvrAc {
        let [_, results, _, _] = self.0;
        match results >> 4 & 0x03 {
            0b00 => CvrAc::Aac,
            0b01 => CvrAc::Tc,
            0b10 => CvrAc::Arqc,
            _ => CvrAc::Rfu,
        }
    }

    /// Result of the second GENERATE AC. The reading fits the cards seen, but is **unconfirmed**.
    #[must_use]
    pub const fn second_ac(self) -> CvrAc {
        let [_, results, _, _] = self.0;
        match results >> 6 {
            0b00 => CvrAc::Aac,
            0b01 => CvrAc::Tc,
            0b10 => CvrAc::NotRequested,
            _ => CvrAc::Rfu,
        }
    }
}

/// Identifier of issuer discretionary data that carries the electronic cash balance.
const IDD_EC_BALANCE: u8 = 0x01;

/// Issuer discretionary data behind the fixed part of the IAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Idd<'a> {
    /// What it is: 01 for the balance. 07 marks a phone; its content is **unconfirmed**.
    pub id: u8,
    /// The octets after the identifier, MAC included.
    pub data: &'a [u8],
}

impl<'a> Idd<'a> {
    /// The octets that the MAC protects, and the MAC: the last four octets.
    #[must_use]
    pub const fn protected(&self) -> Option<(&'a [u8], &'a [u8; 4])> {
        self.data.split_last_chunk()
    }

    /// The MAC over the data; needs a key to be checked.
    #[must_use]
    pub const fn mac4(&self) -> Option<[u8; 4]> {
        match self.protected() {
            Some((_, mac)) => Some(*mac),
            None => None,
        }
    }

    /// The balance, when this is the form that carries it: the lower ten digits of `9F79`.
    #[must_use]
    pub fn ec_balance(&self) -> Option<Amount> {
        let (balance, _) = self.protected()?;
        if self.id != IDD_EC_BALANCE {
            return None;
        }
        Amount::from_bcd(balance.first_chunk::<5>()?).ok()
    }
}

/// Issuer application data of a PBOC card (`9F10`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Iad<'a> {
    /// Derivation key index.
    pub dki: u8,
    /// Cryptogram version number. 01 on all cards seen; 17 is **unconfirmed**.
    pub cvn: u8,
    /// Card verification results.
    pub cvr: Cvr,
    /// 01 for triple DES, 04 for SM4.
    pub algorithm_id: u8,
    /// Issuer discretionary data, if there is any.
    pub idd: Option<Idd<'a>>,
}

impl<'a> Iad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// ```
    /// use tapcard_emv::pboc::{CvrAc, Iad};
    ///
    /// let value = [
    ///     0x07, 0x01, 0x01, 0x03, 0xA0, 0x00, 0x00, 0x01, // fixed part
    ///     0x0A, 0x01, 0x00, 0x00, 0x03, 0x87, 0x87, 0x86, 0x8F, 0xD1, 0xFC, // balance and MAC
    /// ];
    /// let iad = Iad::parse(&value)?;
    /// assert_eq!(iad.cvr.first_ac(), CvrAc::Arqc);
    /// assert_eq!(iad.idd.and_then(|idd| idd.ec_balance()).map(|amount| amount.minor()), Some(38_787));
    /// # Ok::<(), tapcard_emv::pboc::PbocError>(())
    /// ```
    ///
    /// # Errors
    /// [`PbocError::NotPboc`] for another layout, [`PbocError::CvrLength`], or [`PbocError::Length`] when the value
    /// ends too early or goes on behind the discretionary data.
    pub fn parse(value: &'a [u8]) -> Result<Self, PbocError> {
        let Some(([length, dki, cvn, cvr @ .., algorithm_id], rest)) = value.split_first_chunk::<8>() else {
            return Err(PbocError::Length { expected: 8, found: value.len() });
        };
        if *length != 7 {
            return Err(PbocError::NotPboc { found: *length });
        }
        let [cvr_length, ..] = cvr;
        if *cvr_length != 3 {
            return Err(PbocError::CvrLength { found: *cvr_length });
        }
        let idd = match rest {
            [] | [0] => None,
            [length, id, data @ ..] if usize::from(*length) == 1 + data.len() => Some(Idd { id: *id, data }),
            [length, ..] => {
                return Err(PbocError::Length { expected: 9 + usize::from(*length), found: value.len() });
            }
        };
        Ok(Self { dki: *dki, cvn: *cvn, cvr: Cvr(*cvr), algorithm_id: *algorithm_id, idd })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// `field55-offline-balance`.
    const OFFLINE: [u8; 19] = [
        0x07, 0x01, 0x01, 0x03, 0xA0, 0xA0, 0x02, 0x01, 0x0A, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x86, 0xA7,
        0x6E,
    ];

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
    fn the_balance_in_issuer_application_data_is_read() {
        let iad = Iad::parse(&OFFLINE).unwrap();
        assert_eq!((iad.dki, iad.cvn, iad.algorithm_id), (1, 1, 1));
        assert_eq!(iad.cvr.octets(), [0x03, 0xA0, 0xA0, 0x02]);
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
        let idd = iad.idd.unwrap();
        assert_eq!((idd.id, idd.ec_balance(), idd.mac4()), (1, Some(Amount::new(0)), Some([0x09, 0x86, 0xA7, 0x6E])));
    }

    #[test]
    fn discretionary_data_of_another_kind_has_no_balance() {
        let mut value = OFFLINE;
        value[9] = 0x07;
        assert_eq!(Iad::parse(&value).unwrap().idd.unwrap().ec_balance(), None);
        assert_eq!(Iad::parse(&OFFLINE[..8]).unwrap().idd, None);
    }

    #[test]
    fn the_four_results_of_a_cvr_are_told_apart() {
        let first = |octet| Cvr([3, octet, 0, 0]).first_ac();
        assert_eq!([0x80, 0x90, 0xA0, 0xB0].map(first), [CvrAc::Aac, CvrAc::Tc, CvrAc::Arqc, CvrAc::Rfu]);
        let second = |octet| Cvr([3, octet, 0, 0]).second_ac();
        assert_eq!([0x00, 0x40, 0x80, 0xC0].map(second), [CvrAc::Aac, CvrAc::Tc, CvrAc::NotRequested, CvrAc::Rfu]);
    }

    #[test]
    fn issuer_application_data_of_others_is_refused() {
        assert_eq!(Iad::parse(&[0x06, 1, 0x0A, 3, 0, 0, 0, 0]), Err(PbocError::NotPboc { found: 0x06 }));
        assert_eq!(Iad::parse(&[0x07, 1, 1, 4, 0, 0, 0, 1]), Err(PbocError::CvrLength { found: 4 }));
        assert_eq!(Iad::parse(&[0x07]), Err(PbocError::Length { expected: 8, found: 1 }));
        assert_eq!(Iad::parse(&OFFLINE[..18]), Err(PbocError::Length { expected: 19, found: 18 }));
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
            if let Ok(iad) = Iad::parse(&octets) {
                let _ = (iad.cvr.first_ac(), iad.cvr.second_ac());
                let _ = iad.idd.map(|idd| (idd.ec_balance(), idd.mac4()));
            }
        }
    }
}

//! The layout of UnionPay and PBOC cards (JR/T 0025.5): version, results and algorithm, then discretionary data that can
//! carry the balance of electronic cash.

use super::{Cvr, IadError};
use crate::amount::Amount;

/// Octet 1: so many octets follow before the discretionary data.
const FIXED: u8 = 0x07;
/// Octet 4: so many octets of card verification results follow.
const CVR: u8 = 0x03;
/// Identifier of issuer discretionary data that carries the electronic cash balance.
const IDD_EC_BALANCE: u8 = 0x01;

/// Issuer application data of a UnionPay application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnionPayIad<'a> {
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

/// Issuer discretionary data behind the fixed part.
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

impl<'a> UnionPayIad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// ```
    /// use tapcard_emv::iad::{CvrAc, UnionPayIad};
    ///
    /// let value = [
    ///     0x07, 0x01, 0x01, 0x03, 0xA0, 0x00, 0x00, 0x01, // fixed part
    ///     0x0A, 0x01, 0x00, 0x00, 0x03, 0x87, 0x87, 0x86, 0x8F, 0xD1, 0xFC, // balance and MAC
    /// ];
    /// let iad = UnionPayIad::parse(&value)?;
    /// assert_eq!(iad.cvr.first_ac(), CvrAc::Arqc);
    /// assert_eq!(iad.idd.and_then(|idd| idd.ec_balance()).map(|amount| amount.minor()), Some(38_787));
    /// # Ok::<(), tapcard_emv::iad::IadError>(())
    /// ```
    ///
    /// # Errors
    /// [`IadError::Octet`] for another layout, [`IadError::Length`] when the fixed part is cut off,
    /// [`IadError::Discretionary`] when the value does not end with the discretionary data.
    pub fn parse(value: &'a [u8]) -> Result<Self, IadError> {
        let Some(([length, dki, cvn, cvr @ .., algorithm_id], rest)) = value.split_first_chunk::<8>() else {
            return Err(IadError::Length { expected: 8, found: value.len() });
        };
        let [cvr_length, ..] = cvr;
        for (offset, expected, found) in [(0, FIXED, *length), (3, CVR, *cvr_length)] {
            if found != expected {
                return Err(IadError::Octet { offset, expected, found });
            }
        }
        let idd = match rest {
            [] | [0] => None,
            [length, id, data @ ..] if usize::from(*length) == 1 + data.len() => Some(Idd { id: *id, data }),
            [length, found @ ..] => {
                return Err(IadError::Discretionary { offset: 8, expected: usize::from(*length), found: found.len() });
            }
        };
        Ok(Self { dki: *dki, cvn: *cvn, cvr: Cvr::new(*cvr), algorithm_id: *algorithm_id, idd })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iad::CvrAc;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// `field55-offline-balance`.
    const OFFLINE: [u8; 19] = [
        0x07, 0x01, 0x01, 0x03, 0xA0, 0xA0, 0x02, 0x01, 0x0A, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x86, 0xA7,
        0x6E,
    ];

    #[test]
    fn the_balance_in_issuer_application_data_is_read() {
        let iad = UnionPayIad::parse(&OFFLINE).unwrap();
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
        assert_eq!(UnionPayIad::parse(&value).unwrap().idd.unwrap().ec_balance(), None);
        assert_eq!(UnionPayIad::parse(&OFFLINE[..8]).unwrap().idd, None);
    }

    #[test]
    fn issuer_application_data_of_others_is_refused() {
        let parsed = |value: &[u8]| UnionPayIad::parse(value).map(|iad| iad.dki);
        let octet = |offset, expected, found| Err(IadError::Octet { offset, expected, found });
        assert_eq!(parsed(&[0x06, 1, 0x0A, 3, 0, 0, 0, 0]), octet(0, 0x07, 0x06));
        assert_eq!(parsed(&[0x07, 1, 1, 4, 0, 0, 0, 1]), octet(3, 0x03, 0x04));
        assert_eq!(parsed(&[0x07]), Err(IadError::Length { expected: 8, found: 1 }));
        let cut = IadError::Discretionary { offset: 8, expected: 10, found: 9 };
        assert_eq!(parsed(&OFFLINE[..18]), Err(cut));
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>) {
            if let Ok(iad) = UnionPayIad::parse(&octets) {
                let _ = iad.idd.map(|idd| (idd.ec_balance(), idd.mac4()));
            }
        }
    }
}

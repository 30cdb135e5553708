//! The layout of American Express (AEIPS): that of Visa format 0, as the values of its test cards show.
//!
//! No public document defines it. That byte 1 is a length, bytes 2 and 3 are key index and version, and byte 4 is the
//! length of the CVR fits every value seen; what the bits of the CVR say beyond the two answers is **unconfirmed**.

use super::visa::{card_head, discretionary};
use super::{Cvr, IadError};

/// Issuer application data of an American Express application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AmexIad<'a> {
    /// Derivation key index.
    pub dki: u8,
    /// Cryptogram version number; 01 on the cards seen.
    pub cvn: u8,
    /// Card verification results. Only the two answers are sure.
    pub cvr: Cvr,
    /// The issuer's own, without its length.
    pub discretionary: &'a [u8],
}

impl<'a> AmexIad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// # Errors
    /// Fewer than 7 octets, other octets than 06 and 03 in places 1 and 4, or discretionary data of another length than
    /// it says.
    pub fn parse(value: &'a [u8]) -> Result<Self, IadError> {
        let (dki, cvn, cvr, rest) = card_head(value)?;
        Ok(Self { dki, cvn, cvr, discretionary: discretionary(rest)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iad::CvrAc;

    #[test]
    fn the_value_of_a_test_card_is_read() {
        let iad = AmexIad::parse(&[0x06, 0x01, 0x01, 0x03, 0xA0, 0x30, 0x02]).unwrap();
        assert_eq!((iad.dki, iad.cvn, iad.discretionary), (1, 1, &[][..]));
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
    }

    #[test]
    fn any_version_number_is_taken() {
        let iad = AmexIad::parse(&[0x06, 0x01, 0x4A, 0x03, 0xA0, 0x00, 0x00, 0x01, 0xFF]).unwrap();
        assert_eq!((iad.cvn, iad.discretionary), (0x4A, &[0xFF][..]));
        let error = IadError::Octet { offset: 3, expected: 3, found: 4 };
        assert_eq!(AmexIad::parse(&[0x06, 0x01, 0x01, 0x04, 0xA0, 0x00, 0x00]), Err(error));
    }
}

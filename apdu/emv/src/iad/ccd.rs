//! The layout of applications that follow the Common Core Definitions (EMV 4.4 Book 3, Annex C9, tables CCD 8 to 10).

use super::{CvrAc, IadError};

/// Octets of the value.
const LEN: usize = 32;
/// Octet 1 and octet 17: each is followed by so many octets.
const HALF: u8 = 0x0F;
/// Format code 4.1 in the upper half of the common core identifier.
const FORMAT: u8 = 0xA0;

/// Issuer application data of a CCD application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CcdIad<'a> {
    /// Common core identifier: format in the upper half, cryptogram version in the lower.
    pub cci: u8,
    /// Derivation key index.
    pub dki: u8,
    /// Card verification results.
    pub cvr: CcdCvr,
    /// Counters, as the issuer has arranged them.
    pub counters: &'a [u8; 8],
    /// The issuer's own.
    pub discretionary: &'a [u8; 15],
}

/// The block cipher of the cryptogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CcdCipher {
    /// Triple DES: cryptogram version 5.
    TripleDes,
    /// AES: cryptogram version 6.
    Aes,
}

impl<'a> CcdIad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// # Errors
    /// Not 32 octets, other octets than 0F in places 1 and 17, or another format or cryptogram version.
    pub fn parse(value: &'a [u8]) -> Result<Self, IadError> {
        let length = IadError::Length { expected: LEN, found: value.len() };
        let whole = <&[u8; LEN]>::try_from(value).map_err(|_| length)?;
        let (head, rest) = whole.split_first_chunk::<8>().ok_or(length)?;
        let (counters, rest) = rest.split_first_chunk::<8>().ok_or(length)?;
        let (middle, discretionary) = rest.split_first().ok_or(length)?;
        let [first, cci, dki, cvr @ ..] = *head;
        for (offset, found) in [(0, first), (16, *middle)] {
            if found != HALF {
                return Err(IadError::Octet { offset, expected: HALF, found });
            }
        }
        if cci & 0xF0 != FORMAT || !matches!(cci & 0x0F, 5 | 6) {
            return Err(IadError::Version { offset: 1, found: cci });
        }
        let discretionary = discretionary.try_into().map_err(|_| length)?;
        Ok(Self { cci, dki, cvr: CcdCvr::new(cvr), counters, discretionary })
    }

    /// The block cipher of the cryptogram.
    #[must_use]
    pub const fn cipher(&self) -> CcdCipher {
        if self.cci & 0x0F == 6 { CcdCipher::Aes } else { CcdCipher::TripleDes }
    }
}

crate::bits::bit_field! {
    /// Card verification results of a CCD application (EMV 4.4 Book 3, Annex C9.3, table CCD 10). Byte 5 is reserved.
    CcdCvr(5) {
        cda_performed CDA_PERFORMED 1 0x08 "CDA performed";
        dda_performed DDA_PERFORMED 1 0x04 "offline DDA performed";
        issuer_authentication_not_performed ISSUER_AUTHENTICATION_NOT_PERFORMED 1 0x02
            "issuer authentication not performed";
        issuer_authentication_failed ISSUER_AUTHENTICATION_FAILED 1 0x01 "issuer authentication failed";
        offline_pin_performed OFFLINE_PIN_PERFORMED 2 0x08 "offline PIN verification performed";
        offline_pin_failed OFFLINE_PIN_FAILED 2 0x04 "offline PIN verification performed and the PIN was wrong";
        pin_try_limit_exceeded PIN_TRY_LIMIT_EXCEEDED 2 0x02 "PIN try limit exceeded";
        last_online_incomplete LAST_ONLINE_INCOMPLETE 2 0x01 "last online transaction not completed";
        lower_count_exceeded LOWER_COUNT_EXCEEDED 3 0x80 "lower offline transaction count limit exceeded";
        upper_count_exceeded UPPER_COUNT_EXCEEDED 3 0x40 "upper offline transaction count limit exceeded";
        lower_amount_exceeded LOWER_AMOUNT_EXCEEDED 3 0x20 "lower cumulative offline amount limit exceeded";
        upper_amount_exceeded UPPER_AMOUNT_EXCEEDED 3 0x10 "upper cumulative offline amount limit exceeded";
        discretionary_1 DISCRETIONARY_1 3 0x08 "issuer discretionary bit 1";
        discretionary_2 DISCRETIONARY_2 3 0x04 "issuer discretionary bit 2";
        discretionary_3 DISCRETIONARY_3 3 0x02 "issuer discretionary bit 3";
        discretionary_4 DISCRETIONARY_4 3 0x01 "issuer discretionary bit 4";
        script_failed SCRIPT_FAILED 4 0x08 "issuer script processing failed";
        last_oda_failed LAST_ODA_FAILED 4 0x04 "offline data authentication failed in the previous transaction";
        go_online_next GO_ONLINE_NEXT 4 0x02 "go online on next transaction was set";
        unable_to_go_online UNABLE_TO_GO_ONLINE 4 0x01 "unable to go online";
    }
}

impl CcdCvr {
    /// What the card answered to the first GENERATE AC.
    #[must_use]
    pub const fn first_ac(self) -> CvrAc {
        let [results, ..] = self.octets();
        CvrAc::first(results)
    }

    /// What the card answered to the second GENERATE AC.
    #[must_use]
    pub const fn second_ac(self) -> CvrAc {
        let [results, ..] = self.octets();
        CvrAc::second(results)
    }

    /// Lower half of the PIN try counter: bits 8 to 5 of byte 2.
    #[must_use]
    pub const fn pin_tries(self) -> u8 {
        let [_, tries, ..] = self.octets();
        tries >> 4
    }

    /// How many issuer script commands with secure messaging were processed: bits 8 to 5 of byte 4.
    #[must_use]
    pub const fn script_count(self) -> u8 {
        let [_, _, _, scripts, _] = self.octets();
        scripts >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pyemv` cryptogram case for CCD with triple DES.
    const VALUE: [u8; 32] = [
        0x0F, 0xA5, 0x05, 0x48, 0x8F, 0x72, 0x41, 0xA5, 0xE0, 0xF7, 0x34, 0x27, 0xF4, 0x23, 0x68, 0x6A, 0x0F, 0x00,
        0x14, 0x31, 0x2B, 0x0F, 0xE9, 0xDC, 0x81, 0x20, 0x81, 0x10, 0xF9, 0x95, 0x28, 0xB3,
    ];

    #[test]
    fn every_part_has_its_place() {
        let iad = CcdIad::parse(&VALUE).unwrap();
        assert_eq!((iad.cci, iad.dki, iad.cipher()), (0xA5, 0x05, CcdCipher::TripleDes));
        assert_eq!(iad.cvr.octets(), [0x48, 0x8F, 0x72, 0x41, 0xA5]);
        assert_eq!((iad.counters[0], iad.counters[7]), (0xE0, 0x6A));
        assert_eq!((iad.discretionary[0], iad.discretionary[14]), (0x00, 0xB3));
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Aac, CvrAc::Tc));
        assert_eq!((iad.cvr.pin_tries(), iad.cvr.script_count()), (8, 4));
        assert!(iad.cvr.cda_performed() && !iad.cvr.dda_performed() && iad.cvr.offline_pin_performed());
        let mut aes = VALUE;
        aes[1] = 0xA6;
        assert_eq!(CcdIad::parse(&aes).unwrap().cipher(), CcdCipher::Aes);
    }

    #[test]
    fn the_two_limits_on_amounts_are_two_bits() {
        let cvr = CcdCvr::new([0, 0, 0x20, 0, 0]);
        assert!(cvr.lower_amount_exceeded() && !cvr.upper_amount_exceeded());
        let cvr = CcdCvr::new([0, 0, 0x10, 0, 0]);
        assert!(!cvr.lower_amount_exceeded() && cvr.upper_amount_exceeded());
    }

    #[test]
    fn other_values_are_refused_with_their_reason() {
        let changed = |place: usize, octet| {
            let mut value = VALUE;
            value[place] = octet;
            CcdIad::parse(&value).map(|iad| iad.dki)
        };
        assert_eq!(changed(0, 0x1F), Err(IadError::Octet { offset: 0, expected: 0x0F, found: 0x1F }));
        assert_eq!(changed(16, 0x0E), Err(IadError::Octet { offset: 16, expected: 0x0F, found: 0x0E }));
        assert_eq!(changed(1, 0xA4), Err(IadError::Version { offset: 1, found: 0xA4 }));
        assert_eq!(changed(1, 0x95), Err(IadError::Version { offset: 1, found: 0x95 }));
        for found in 0..32 {
            assert_eq!(CcdIad::parse(&VALUE[..found]), Err(IadError::Length { expected: 32, found }));
        }
    }
}

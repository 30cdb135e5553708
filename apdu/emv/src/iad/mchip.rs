//! The layout of M/Chip 4 and M/Chip Advance (M/Chip Requirements for Contact and Contactless, Appendix B).

use super::{CvrAc, IadError};

/// Octets of M/Chip 4, and the fewest of all.
const LEN: usize = 18;

/// Issuer application data of an M/Chip application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MChipIad<'a> {
    /// Key derivation index.
    pub dki: u8,
    /// Cryptogram version number.
    pub cvn: u8,
    /// Card verification results.
    pub cvr: MChipCvr,
    /// Data authentication code of SDA, or two octets of the ICC dynamic number.
    pub dac_or_idn: [u8; 2],
    /// Counters, in plaintext or enciphered as the issuer chose.
    pub counters: &'a [u8; 8],
    /// Further counters of M/Chip Advance: 0, 2, 8 or 10 octets. Their division is **unconfirmed**.
    pub further: &'a [u8],
}

/// Which product the length tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MChipProduct {
    /// 18 octets: M/Chip 4, or M/Chip Advance without further counters.
    MChip4OrAdvance,
    /// 20, 26 or 28 octets.
    MChipAdvance,
}

/// How the session key of the cryptogram is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MChipSessionKey {
    /// Mastercard's own derivation, from ATC and unpredictable number.
    MastercardSkd,
    /// EMV common session key derivation.
    EmvCsk,
}

impl<'a> MChipIad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// ```
    /// use tapcard_emv::iad::{MChipIad, MChipSessionKey};
    ///
    /// let value = [0x07, 0x14, 0x1A, 0x2C, 0x9C, 0x99, 0xD6, 0x03, 0x75, 0x55, 0xF7, 3, 0x4E, 0x4A, 0xF9, 0x66, 0x2E, 0x6D];
    /// let iad = MChipIad::parse(&value)?;
    /// assert_eq!((iad.session_key(), iad.has_counters_in_mac()), (MChipSessionKey::EmvCsk, false));
    /// # Ok::<(), tapcard_emv::iad::IadError>(())
    /// ```
    ///
    /// # Errors
    /// Another length than 18, 20, 26 or 28 octets, or a cryptogram version number other than 10, 11, 14 and 15.
    pub fn parse(value: &'a [u8]) -> Result<Self, IadError> {
        let length = IadError::Length { expected: LEN, found: value.len() };
        let (head, rest) = value.split_first_chunk::<10>().ok_or(length)?;
        let (counters, further) = rest.split_first_chunk::<8>().ok_or(length)?;
        if !matches!(further.len(), 0 | 2 | 8 | 10) {
            return Err(length);
        }
        let [dki, cvn, b1, b2, b3, b4, b5, b6, dac_or_idn @ ..] = *head;
        if !matches!(cvn, 0x10 | 0x11 | 0x14 | 0x15) {
            return Err(IadError::Version { offset: 1, found: cvn });
        }
        Ok(Self { dki, cvn, cvr: MChipCvr::new([b1, b2, b3, b4, b5, b6]), dac_or_idn, counters, further })
    }

    /// The product, as far as the length tells.
    #[must_use]
    pub const fn product(&self) -> MChipProduct {
        if self.further.is_empty() { MChipProduct::MChip4OrAdvance } else { MChipProduct::MChipAdvance }
    }

    /// Bits 3 and 2 of the cryptogram version number.
    #[must_use]
    pub const fn session_key(&self) -> MChipSessionKey {
        if self.cvn & 0x04 == 0 { MChipSessionKey::MastercardSkd } else { MChipSessionKey::EmvCsk }
    }

    /// Bit 1 of the cryptogram version number: the counters are part of what the cryptogram protects.
    #[must_use]
    pub const fn has_counters_in_mac(&self) -> bool {
        self.cvn & 0x01 != 0
    }
}

crate::bits::bit_field! {
    /// Card verification results of an M/Chip application. The counters of bytes 5 and 6 have the names of M/Chip Advance;
    /// M/Chip 4 has one counter and one accumulator, and nothing in byte 6 above bit 2.
    MChipCvr(6) {
        date_check_failed DATE_CHECK_FAILED 1 0x08 "date check failed";
        offline_pin_performed OFFLINE_PIN_PERFORMED 1 0x04 "offline PIN verification performed";
        offline_enciphered_pin_performed OFFLINE_ENCIPHERED_PIN_PERFORMED 1 0x02
            "offline enciphered PIN verification performed";
        offline_pin_successful OFFLINE_PIN_SUCCESSFUL 1 0x01 "offline PIN verification successful";
        dda_returned DDA_RETURNED 2 0x80 "DDA returned";
        cda_in_first_ac CDA_IN_FIRST_AC 2 0x40 "CDA returned in the first GENERATE AC";
        cda_in_second_ac CDA_IN_SECOND_AC 2 0x20 "CDA returned in the second GENERATE AC";
        issuer_authentication_performed ISSUER_AUTHENTICATION_PERFORMED 2 0x10 "issuer authentication performed";
        ciac_skipped_on_cat3 CIAC_SKIPPED_ON_CAT3 2 0x08 "CIAC default skipped on CAT 3";
        offline_change_pin_successful OFFLINE_CHANGE_PIN_SUCCESSFUL 2 0x04 "offline change of the PIN successful";
        discretionary_1 DISCRETIONARY_1 2 0x02 "issuer discretionary bit of byte 2, bit 2";
        discretionary_2 DISCRETIONARY_2 2 0x01 "issuer discretionary bit of byte 2, bit 1";
        last_online_incomplete LAST_ONLINE_INCOMPLETE 4 0x80 "last online transaction not completed";
        unable_to_go_online UNABLE_TO_GO_ONLINE 4 0x40 "unable to go online";
        offline_pin_not_performed OFFLINE_PIN_NOT_PERFORMED 4 0x20 "offline PIN verification not performed";
        offline_pin_failed OFFLINE_PIN_FAILED 4 0x10 "offline PIN verification failed";
        pin_try_limit_exceeded PIN_TRY_LIMIT_EXCEEDED 4 0x08 "PIN try limit exceeded";
        international INTERNATIONAL 4 0x04 "international transaction";
        domestic DOMESTIC 4 0x02 "domestic transaction";
        terminal_wrong_about_pin TERMINAL_WRONG_ABOUT_PIN 4 0x01 "terminal erroneously considers the offline PIN right";
        lower_count_1_exceeded LOWER_COUNT_1_EXCEEDED 5 0x80 "lower consecutive counter 1 limit exceeded";
        upper_count_1_exceeded UPPER_COUNT_1_EXCEEDED 5 0x40 "upper consecutive counter 1 limit exceeded";
        lower_amount_1_exceeded LOWER_AMOUNT_1_EXCEEDED 5 0x20 "lower cumulative accumulator 1 limit exceeded";
        upper_amount_1_exceeded UPPER_AMOUNT_1_EXCEEDED 5 0x10 "upper cumulative accumulator 1 limit exceeded";
        go_online_next GO_ONLINE_NEXT 5 0x08 "go online on next transaction was set";
        issuer_authentication_failed ISSUER_AUTHENTICATION_FAILED 5 0x04 "issuer authentication failed";
        script_received SCRIPT_RECEIVED 5 0x02 "script received";
        script_failed SCRIPT_FAILED 5 0x01 "script failed";
        lower_count_2_exceeded LOWER_COUNT_2_EXCEEDED 6 0x80 "lower consecutive counter 2 limit exceeded";
        upper_count_2_exceeded UPPER_COUNT_2_EXCEEDED 6 0x40 "upper consecutive counter 2 limit exceeded";
        lower_amount_2_exceeded LOWER_AMOUNT_2_EXCEEDED 6 0x20 "lower cumulative accumulator 2 limit exceeded";
        upper_amount_2_exceeded UPPER_AMOUNT_2_EXCEEDED 6 0x10 "upper cumulative accumulator 2 limit exceeded";
        transaction_amount_exceeded TRANSACTION_AMOUNT_EXCEEDED 6 0x08 "limit on one transaction (MTA) exceeded";
        days_offline_exceeded DAYS_OFFLINE_EXCEEDED 6 0x04 "limit on days offline exceeded";
        match_in_check_table MATCH_IN_CHECK_TABLE 6 0x02 "match found in the additional check table";
        no_match_in_check_table NO_MATCH_IN_CHECK_TABLE 6 0x01 "no match found in the additional check table";
    }
}

impl MChipCvr {
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

    /// Lower half of the script counter: bits 8 to 5 of byte 3.
    #[must_use]
    pub const fn script_count(self) -> u8 {
        let [_, _, counters, ..] = self.octets();
        counters >> 4
    }

    /// Lower half of the PIN try counter: bits 4 to 1 of byte 3.
    #[must_use]
    pub const fn pin_tries(self) -> u8 {
        let [_, _, counters, ..] = self.octets();
        counters & 0x0F
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: [u8; 18] = [0x01, 0x10, 0xA5, 0x00, 0x03, 0x24, 0x00, 0x00, 0xAA, 0xBB, 1, 2, 3, 4, 5, 6, 7, 8];

    #[test]
    fn every_part_has_its_place() {
        let iad = MChipIad::parse(&VALUE).unwrap();
        assert_eq!((iad.dki, iad.cvn, iad.product()), (0x01, 0x10, MChipProduct::MChip4OrAdvance));
        assert_eq!((iad.session_key(), iad.has_counters_in_mac()), (MChipSessionKey::MastercardSkd, false));
        assert_eq!((iad.dac_or_idn, iad.counters), ([0xAA, 0xBB], &[1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
        assert_eq!((iad.cvr.script_count(), iad.cvr.pin_tries()), (0, 3));
        assert!(iad.cvr.offline_pin_performed() && iad.cvr.offline_pin_successful() && iad.cvr.international());
    }

    #[test]
    fn the_longer_forms_are_those_of_advance() {
        for more in [2, 8, 10] {
            let mut value = [0; 28];
            value[1] = 0x15;
            let iad = MChipIad::parse(&value[..18 + more]).unwrap();
            assert_eq!((iad.product(), iad.further.len()), (MChipProduct::MChipAdvance, more));
            assert!(iad.has_counters_in_mac());
        }
        for found in [0, 17, 19, 27, 29, 32] {
            let mut value = [0; 32];
            value[1] = 0x10;
            assert_eq!(MChipIad::parse(&value[..found]), Err(IadError::Length { expected: 18, found }));
        }
    }

    #[test]
    fn only_four_version_numbers_exist() {
        for found in 0..=u8::MAX {
            let mut value = VALUE;
            value[1] = found;
            let expected = if matches!(found, 0x10 | 0x11 | 0x14 | 0x15) {
                Ok(found)
            } else {
                Err(IadError::Version { offset: 1, found })
            };
            assert_eq!(MChipIad::parse(&value).map(|iad| iad.cvn), expected);
        }
    }
}

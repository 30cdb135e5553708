//! Card verification results: the answers that every layout tells in the same two bits each, and the table of VIS that
//! Visa formats 0, 1 and 3, American Express and PBOC share.

/// What a card answered to GENERATE AC, in two bits of its CVR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl CvrAc {
    /// The first GENERATE AC, or over RF GET PROCESSING OPTIONS: bits 6 and 5 of the octet with both answers.
    #[must_use]
    pub const fn first(octet: u8) -> Self {
        match octet >> 4 & 0x03 {
            0b00 => Self::Aac,
            0b01 => Self::Tc,
            0b10 => Self::Arqc,
            _ => Self::Rfu,
        }
    }

    /// The second GENERATE AC: bits 8 and 7 of the octet with both answers.
    #[must_use]
    pub const fn second(octet: u8) -> Self {
        match octet >> 6 {
            0b00 => Self::Aac,
            0b01 => Self::Tc,
            0b10 => Self::NotRequested,
            _ => Self::Rfu,
        }
    }
}

impl core::fmt::Display for CvrAc {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Aac => "AAC",
            Self::Tc => "TC",
            Self::Arqc => "ARQC",
            Self::NotRequested => "not requested",
            Self::Rfu => "RFU",
        })
    }
}

crate::bits::bit_field! {
    /// Card verification results of VIS (Visa Integrated Circuit Card Specification 1.4, Appendix A): octet 1 is the
    /// length 3 of the others.
    ///
    /// For Visa, bytes 3 and 4 are not verified by the public decoders that have them. For American Express all single
    /// bits are **unconfirmed**. For PBOC, whose CVR is that of VIS, bytes 3 and 4 follow one public terminal script.
    Cvr(4) {
        issuer_authentication_failed ISSUER_AUTHENTICATION_FAILED 2 0x08 "issuer authentication failed";
        offline_pin_performed OFFLINE_PIN_PERFORMED 2 0x04 "offline PIN verification performed";
        offline_pin_failed OFFLINE_PIN_FAILED 2 0x02 "offline PIN verification failed";
        unable_to_go_online UNABLE_TO_GO_ONLINE 2 0x01 "unable to go online";
        last_online_incomplete LAST_ONLINE_INCOMPLETE 3 0x80 "last online transaction not completed";
        pin_try_limit_exceeded PIN_TRY_LIMIT_EXCEEDED 3 0x40 "PIN try limit exceeded";
        velocity_exceeded VELOCITY_EXCEEDED 3 0x20 "velocity checking counters exceeded";
        new_card NEW_CARD 3 0x10 "new card";
        last_issuer_authentication_failed LAST_ISSUER_AUTHENTICATION_FAILED 3 0x08
            "issuer authentication failed in the last online transaction";
        issuer_authentication_not_performed ISSUER_AUTHENTICATION_NOT_PERFORMED 3 0x04
            "issuer authentication not performed after an online authorisation";
        blocked_by_pin_tries BLOCKED_BY_PIN_TRIES 3 0x02 "application blocked by the card: PIN try limit exceeded";
        last_sda_failed LAST_SDA_FAILED 3 0x01 "SDA failed in the last transaction, which was declined offline";
        script_failed SCRIPT_FAILED 4 0x08 "issuer script processing failed";
        last_dda_failed LAST_DDA_FAILED 4 0x04 "DDA failed in the last transaction, which was declined offline";
        dda_performed DDA_PERFORMED 4 0x02 "DDA performed";
        pin_not_received PIN_NOT_RECEIVED 4 0x01 "no PIN verification command came, though the card expects one";
    }
}

impl Cvr {
    /// What the card answered to the first GENERATE AC, or over RF to GET PROCESSING OPTIONS.
    #[must_use]
    pub const fn first_ac(self) -> CvrAc {
        let [_, results, _, _] = self.octets();
        CvrAc::first(results)
    }

    /// What the card answered to the second GENERATE AC.
    #[must_use]
    pub const fn second_ac(self) -> CvrAc {
        let [_, results, _, _] = self.octets();
        CvrAc::second(results)
    }

    /// How many issuer script commands were processed: bits 8 to 5 of byte 4.
    #[must_use]
    pub const fn script_count(self) -> u8 {
        let [_, _, _, scripts] = self.octets();
        scripts >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn the_two_answers_stand_in_two_bits_each() {
        assert_eq!([0x80, 0x90, 0xA0, 0xB0].map(CvrAc::first), [CvrAc::Aac, CvrAc::Tc, CvrAc::Arqc, CvrAc::Rfu]);
        assert_eq!(
            [0x00, 0x40, 0x80, 0xC0].map(CvrAc::second),
            [CvrAc::Aac, CvrAc::Tc, CvrAc::NotRequested, CvrAc::Rfu]
        );
        assert_eq!((CvrAc::NotRequested.to_string(), CvrAc::Arqc.to_string()), ("not requested".into(), "ARQC".into()));
    }

    #[test]
    fn the_results_of_a_test_card_are_read() {
        let cvr = Cvr::new([0x03, 0xA4, 0xB8, 0x20]);
        assert_eq!((cvr.first_ac(), cvr.second_ac(), cvr.script_count()), (CvrAc::Arqc, CvrAc::NotRequested, 2));
        assert!(cvr.offline_pin_performed() && !cvr.offline_pin_failed());
        assert!(cvr.last_online_incomplete() && cvr.velocity_exceeded() && cvr.new_card());
        assert!(cvr.last_issuer_authentication_failed() && !cvr.pin_try_limit_exceeded());
    }
}

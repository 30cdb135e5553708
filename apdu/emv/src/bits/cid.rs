//! Cryptogram information data (`9F27`; EMV 4.4 Book 3, 6.5.5.4).

/// Which cryptogram a card gave or a terminal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AcType {
    /// Application authentication cryptogram: declined.
    Aac,
    /// Transaction certificate: approved.
    Tc,
    /// Authorisation request cryptogram: ask the issuer.
    Arqc,
    /// 11, reserved; the old request for a referral.
    Rfu,
}

impl AcType {
    /// The type in bits 8 and 7 of `octet`: of a CID, or of P1 of GENERATE AC.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        match octet >> 6 {
            0b00 => Self::Aac,
            0b01 => Self::Tc,
            0b10 => Self::Arqc,
            _ => Self::Rfu,
        }
    }

    /// The type in bits 8 and 7, the others 0: P1 of GENERATE AC without a signature.
    #[must_use]
    pub const fn octet(self) -> u8 {
        match self {
            Self::Aac => 0x00,
            Self::Tc => 0x40,
            Self::Arqc => 0x80,
            Self::Rfu => 0xC0,
        }
    }
}

impl core::fmt::Display for AcType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Aac => "AAC",
            Self::Tc => "TC",
            Self::Arqc => "ARQC",
            Self::Rfu => "RFU",
        })
    }
}

/// Why the card wants an advice or declined: bits 3 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AdviceReason {
    /// 000
    None,
    /// 001
    ServiceNotAllowed,
    /// 010
    PinTryLimitExceeded,
    /// 011
    IssuerAuthenticationFailed,
    /// 100 to 111, reserved.
    Other(u8),
}

/// Cryptogram information data (`9F27`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cid(u8);

impl Cid {
    /// Takes the octet of the value.
    #[must_use]
    pub const fn new(octet: u8) -> Self {
        Self(octet)
    }

    /// The octet of the value.
    #[must_use]
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// Bits 8 and 7: the cryptogram.
    #[must_use]
    pub const fn ac_type(self) -> AcType {
        AcType::from_octet(self.0)
    }

    /// Bit 4: the card wants an advice to be sent.
    #[must_use]
    pub const fn advice_required(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Bits 3 to 1: the reason.
    #[must_use]
    pub const fn reason(self) -> AdviceReason {
        match self.0 & 0x07 {
            0 => AdviceReason::None,
            1 => AdviceReason::ServiceNotAllowed,
            2 => AdviceReason::PinTryLimitExceeded,
            3 => AdviceReason::IssuerAuthenticationFailed,
            other => AdviceReason::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_advice_and_reason_are_told_apart() {
        let cid = Cid::new(0x09);
        assert_eq!(cid.ac_type(), AcType::Aac);
        assert!(cid.advice_required());
        assert_eq!(cid.reason(), AdviceReason::ServiceNotAllowed);
        assert_eq!(Cid::new(0x80).ac_type(), AcType::Arqc);
        assert_eq!(Cid::new(0xC4).reason(), AdviceReason::Other(4));
    }

    #[test]
    fn a_type_is_coded_as_it_is_read() {
        for kind in [AcType::Aac, AcType::Tc, AcType::Arqc, AcType::Rfu] {
            assert_eq!(AcType::from_octet(kind.octet()), kind);
        }
    }
}

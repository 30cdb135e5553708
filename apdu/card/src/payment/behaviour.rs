//! How a payment application computes: the four octets of [`Key::Behaviour`](crate::Key::Behaviour).

use tapcard_crypto::ac::CryptogramVersion;

/// Whose rules an application follows for card risk management, IAD and cryptogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rules {
    /// UnionPay and PBOC: JR/T 0025.5, cryptogram version 01.
    Pboc,
    /// Visa: VIS 1.4 and 1.5, cryptogram versions 0A and 12.
    Visa,
    /// Mastercard: M/Chip 4, cryptogram versions 10 and 14.
    Mastercard,
}

/// How an application computes. Without it, it can be read and refuses GENERATE AC and everything behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Behaviour {
    /// Whose rules.
    pub rules: Rules,
    /// Derivation key index, for the IAD.
    pub dki: u8,
    /// Cryptogram version number, for the IAD and the computation.
    pub cvn: u8,
    /// Algorithm identifier of the UnionPay IAD: 01 for TDES, 04 for SM4. 0 for others.
    pub algorithm: u8,
}

impl Behaviour {
    /// As it stands in an image.
    #[must_use]
    pub const fn encode(self) -> [u8; 4] {
        let rules = match self.rules {
            Rules::Pboc => 1,
            Rules::Visa => 2,
            Rules::Mastercard => 3,
        };
        [rules, self.dki, self.cvn, self.algorithm]
    }

    /// Reads the value of an image; `None` for rules, a version or an algorithm that is not known here. Nothing is guessed: a
    /// cryptogram by other rules would be wrong in a way that only the issuer sees.
    #[must_use]
    pub fn decode(value: &[u8]) -> Option<Self> {
        let &[rules, dki, cvn, algorithm] = value else { return None };
        let rules = match (rules, cvn, algorithm) {
            (1, 0x01, 0x01) => Rules::Pboc,
            #[cfg(feature = "sm")]
            (1, 0x01, 0x04) => Rules::Pboc,
            (2, 0x0A | 0x12, 0) => Rules::Visa,
            (3, 0x10 | 0x14, 0) => Rules::Mastercard,
            _ => return None,
        };
        Some(Self { rules, dki, cvn, algorithm })
    }

    /// How cryptograms of this version are computed.
    pub(crate) const fn version(self) -> CryptogramVersion {
        match (self.rules, self.cvn, self.algorithm) {
            (Rules::Pboc, _, 0x04) => CryptogramVersion::PBOC_01_SM4,
            (Rules::Pboc, ..) => CryptogramVersion::PBOC_01,
            (Rules::Visa, 0x12, _) => CryptogramVersion::VISA_18,
            (Rules::Visa, ..) => CryptogramVersion::VISA_10,
            (Rules::Mastercard, 0x14, _) => CryptogramVersion::MASTERCARD_20,
            (Rules::Mastercard, ..) => CryptogramVersion::MASTERCARD_16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_behaviour_is_read() {
        let pboc = Behaviour { rules: Rules::Pboc, dki: 7, cvn: 1, algorithm: 1 };
        assert_eq!(Behaviour::decode(&pboc.encode()), Some(pboc));
        for unknown in
            [&[1, 0, 2, 1][..], &[1, 0, 1, 2], &[3, 0, 1, 0], &[2, 0, 0x0C, 0], &[0, 0, 0, 0], &[1, 0, 1], &[]]
        {
            assert_eq!(Behaviour::decode(unknown), None);
        }
    }
}

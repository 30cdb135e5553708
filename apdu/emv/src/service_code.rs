//! The service code of track data and of `5F30`: where, how and for what a card may be used (ISO/IEC 7813:2006, 5.4;
//! EMV 4.4 Book 3, Annex A).
//!
//! Each digit answers one question. What a terminal does with the answers is the schemes' business.

use crate::bcd::halves;

/// Three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServiceCode([u8; 3]);

/// Digit 1: where the card is taken, and whether it has a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Interchange {
    /// 1: international.
    International,
    /// 2: international, and the chip is to be used.
    InternationalChip,
    /// 5: national.
    National,
    /// 6: national, and the chip is to be used.
    NationalChip,
    /// 7: only by bilateral agreement.
    Private,
    /// 9: a test card.
    Test,
    /// Reserved.
    Other(u8),
}

/// Digit 2: who authorises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Authorisation {
    /// 0: by the ordinary rules.
    Normal,
    /// 2: the issuer, online.
    Issuer,
    /// 4: the issuer, online, unless a bilateral agreement says otherwise.
    IssuerUnlessAgreed,
    /// Reserved.
    Other(u8),
}

/// Digit 3: what the card pays for, and whether a PIN is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Services {
    /// 0: everything, with a PIN.
    AllWithPin,
    /// 1: everything.
    All,
    /// 2: goods and services, no cash.
    GoodsAndServices,
    /// 3: cash at an ATM, with a PIN.
    AtmWithPin,
    /// 4: cash.
    Cash,
    /// 5: goods and services, no cash, with a PIN.
    GoodsAndServicesWithPin,
    /// 6: everything, with a PIN where there is a PIN pad.
    AllWithPinIfPossible,
    /// 7: goods and services, no cash, with a PIN where there is a PIN pad.
    GoodsAndServicesWithPinIfPossible,
    /// Reserved.
    Other(u8),
}

impl ServiceCode {
    /// Reads three decimal digits, as [`Track2::service_code`](crate::Track2::service_code) gives them.
    ///
    /// ```
    /// use tapcard_emv::service_code::{Authorisation, Interchange, ServiceCode, Services};
    ///
    /// let code = ServiceCode::from_digits("220").unwrap();
    /// assert_eq!(code.interchange(), Interchange::InternationalChip);
    /// assert_eq!(code.authorisation(), Authorisation::Issuer);
    /// assert_eq!(code.services(), Services::AllWithPin);
    /// ```
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let digits: [u8; 3] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then(|| Self(digits.map(|digit| digit - b'0')))
    }

    /// Reads the value of `5F30`, format n3: `0220` is 220. `None` for any other length or half octet.
    #[must_use]
    pub fn from_n3(octets: &[u8]) -> Option<Self> {
        let octets: [u8; 2] = octets.try_into().ok()?;
        let [[0, a], [b, c]] = octets.map(halves) else { return None };
        let digits = [a, b, c];
        digits.iter().all(|digit| *digit <= 9).then_some(Self(digits))
    }

    /// The digits, 0 to 9 each.
    #[must_use]
    pub const fn digits(self) -> [u8; 3] {
        self.0
    }

    /// Digit 1.
    #[must_use]
    pub const fn interchange(self) -> Interchange {
        let [digit, _, _] = self.0;
        match digit {
            1 => Interchange::International,
            2 => Interchange::InternationalChip,
            5 => Interchange::National,
            6 => Interchange::NationalChip,
            7 => Interchange::Private,
            9 => Interchange::Test,
            other => Interchange::Other(other),
        }
    }

    /// Digit 2.
    #[must_use]
    pub const fn authorisation(self) -> Authorisation {
        let [_, digit, _] = self.0;
        match digit {
            0 => Authorisation::Normal,
            2 => Authorisation::Issuer,
            4 => Authorisation::IssuerUnlessAgreed,
            other => Authorisation::Other(other),
        }
    }

    /// Digit 3.
    #[must_use]
    pub const fn services(self) -> Services {
        let [_, _, digit] = self.0;
        match digit {
            0 => Services::AllWithPin,
            1 => Services::All,
            2 => Services::GoodsAndServices,
            3 => Services::AtmWithPin,
            4 => Services::Cash,
            5 => Services::GoodsAndServicesWithPin,
            6 => Services::AllWithPinIfPossible,
            7 => Services::GoodsAndServicesWithPinIfPossible,
            other => Services::Other(other),
        }
    }
}

/// Three digits.
impl core::fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

#[cfg(feature = "names")]
impl Interchange {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::International => "international use",
            Self::InternationalChip => "international use, the chip is to be used where possible",
            Self::National => "national use only, except by bilateral agreement",
            Self::NationalChip => {
                "national use only, except by bilateral agreement; the chip is to be used where possible"
            }
            Self::Private => "no interchange, except by bilateral agreement",
            Self::Test => "test card",
            Self::Other(_) => "reserved",
        }
    }
}

#[cfg(feature = "names")]
impl Authorisation {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Normal => "authorisation by the ordinary rules",
            Self::Issuer => "authorisation by the issuer online",
            Self::IssuerUnlessAgreed => "authorisation by the issuer online, except by bilateral agreement",
            Self::Other(_) => "reserved",
        }
    }
}

#[cfg(feature = "names")]
impl Services {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::AllWithPin => "no restriction, PIN required",
            Self::All => "no restriction",
            Self::GoodsAndServices => "goods and services only, no cash",
            Self::AtmWithPin => "ATM only, PIN required",
            Self::Cash => "cash only",
            Self::GoodsAndServicesWithPin => "goods and services only, no cash, PIN required",
            Self::AllWithPinIfPossible => "no restriction, PIN where there is a PIN pad",
            Self::GoodsAndServicesWithPinIfPossible => "goods and services only, no cash, PIN where there is a PIN pad",
            Self::Other(_) => "reserved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    #[test]
    fn each_digit_answers_its_question() {
        let code = ServiceCode::from_n3(&[0x06, 0x25]).unwrap();
        assert_eq!((code.to_string(), code.digits()), ("625".into(), [6, 2, 5]));
        assert_eq!(code.interchange(), Interchange::NationalChip);
        assert_eq!(code.authorisation(), Authorisation::Issuer);
        assert_eq!(code.services(), Services::GoodsAndServicesWithPin);
        let code = ServiceCode::from_digits("386").unwrap();
        assert_eq!((code.interchange(), code.authorisation()), (Interchange::Other(3), Authorisation::Other(8)));
        assert_eq!(code.services(), Services::AllWithPinIfPossible);
    }

    #[test]
    fn what_is_not_three_digits_is_no_code() {
        assert_eq!(["", "22", "2200", "2a0", "２20"].map(ServiceCode::from_digits), [None; 5]);
        for octets in [&[][..], &[0x02], &[0x12, 0x20], &[0x0A, 0x20], &[0x02, 0x2F], &[0, 2, 0x20]] {
            assert_eq!(ServiceCode::from_n3(octets), None, "{octets:02X?}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_to_write_a_code_read_the_same(number in 0..1000_u16) {
            let text = format!("{number:03}");
            let n3 = u16::from_str_radix(&text, 16).unwrap().to_be_bytes();
            let code = ServiceCode::from_digits(&text);
            prop_assert_eq!(code, ServiceCode::from_n3(&n3));
            prop_assert_eq!(code.map(|code| code.to_string()), Some(text));
        }

        #[test]
        fn no_input_makes_a_code_panic(text: String, octets: Vec<u8>) {
            let code = ServiceCode::from_digits(&text).or(ServiceCode::from_n3(&octets));
            let _ = code.map(|code| (code.interchange(), code.authorisation(), code.services()));
        }
    }
}

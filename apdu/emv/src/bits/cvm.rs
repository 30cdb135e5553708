//! Cardholder verification: the card's list of rules (`8E`) and the terminal's result (`9F34`)
//! (EMV 4.4 Book 3, 10.5 and Annex C3; Book 4, Annex A4). Which rule is taken is decided by the kernels.

use crate::amount::Amount;

/// Octets of the two amounts before the rules.
const AMOUNTS: usize = 8;

/// A CVM list (`8E`): two amounts and the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CvmList<'a> {
    amount_x: Amount,
    amount_y: Amount,
    rules: &'a [u8],
}

/// The value is no CVM list: shorter than its amounts, longer than 252 octets, or with half a rule. Ends the
/// transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("a CVM list has 8 to 252 octets and an even number of them, not {found}")]
pub struct CvmListError {
    /// Octets found.
    pub found: usize,
}

impl<'a> CvmList<'a> {
    /// Reads the value of `8E`.
    ///
    /// ```
    /// use tapcard_emv::bits::{CvmCondition, CvmList, CvmMethod};
    ///
    /// let list = CvmList::parse(&[0, 0, 0, 0, 0, 0, 0, 0, 0x42, 0x03, 0x1F, 0x00])?;
    /// let first = list.rules().next().unwrap();
    /// assert_eq!((first.method(), first.condition()), (CvmMethod::OnlinePin, CvmCondition::TerminalSupportsCvm));
    /// assert!(first.applies_next_on_failure());
    /// assert!(!list.has_offline_pin());
    /// # Ok::<(), tapcard_emv::bits::CvmListError>(())
    /// ```
    ///
    /// # Errors
    /// Fewer than 8 or more than 252 octets, or an odd number of them.
    pub fn parse(value: &'a [u8]) -> Result<Self, CvmListError> {
        let error = CvmListError { found: value.len() };
        let (amounts, rules) = value.split_first_chunk::<AMOUNTS>().ok_or(error)?;
        if value.len() > 252 || !rules.len().is_multiple_of(2) {
            return Err(error);
        }
        let [x1, x2, x3, x4, y1, y2, y3, y4] = *amounts;
        let amount = |octets| Amount::new(u64::from(u32::from_be_bytes(octets)));
        Ok(Self { amount_x: amount([x1, x2, x3, x4]), amount_y: amount([y1, y2, y3, y4]), rules })
    }

    /// Amount X, in the minor unit of `9F42`.
    #[must_use]
    pub const fn amount_x(&self) -> Amount {
        self.amount_x
    }

    /// Amount Y, in the minor unit of `9F42`.
    #[must_use]
    pub const fn amount_y(&self) -> Amount {
        self.amount_y
    }

    /// The rules in their order. A list without any counts as absent.
    pub fn rules(&self) -> impl Iterator<Item = CvmRule> + Clone + 'a {
        self.rules
            .iter()
            .step_by(2)
            .zip(self.rules.iter().skip(1).step_by(2))
            .map(|(cvm, condition)| CvmRule { cvm: *cvm, condition: *condition })
    }

    /// Whether any rule has the card verify a PIN, so that the PIN try counter is worth reading.
    #[must_use]
    pub fn has_offline_pin(&self) -> bool {
        self.rules().any(|rule| rule.method().is_offline_pin())
    }
}

/// One rule of a CVM list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CvmRule {
    /// First octet: method and what happens when it fails.
    pub cvm: u8,
    /// Second octet: condition.
    pub condition: u8,
}

impl CvmRule {
    /// The method, bits 6 to 1 of the first octet.
    #[must_use]
    pub const fn method(self) -> CvmMethod {
        CvmMethod::from_octet(self.cvm)
    }

    /// Bit 7 of the first octet: go on with the next rule when this method fails.
    #[must_use]
    pub const fn applies_next_on_failure(self) -> bool {
        self.cvm & 0x40 != 0
    }

    /// The condition.
    #[must_use]
    pub const fn condition(self) -> CvmCondition {
        CvmCondition::from_octet(self.condition)
    }
}

/// How the cardholder is verified (EMV 4.4 Book 3, Annex C3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CvmMethod {
    /// 00: verification fails.
    Fail,
    /// 01: the card checks a PIN sent in plaintext.
    PlaintextPin,
    /// 02: the issuer checks an enciphered PIN.
    OnlinePin,
    /// 03: 01 and a signature.
    PlaintextPinAndSignature,
    /// 04: the card checks an enciphered PIN.
    EncipheredPin,
    /// 05: 04 and a signature.
    EncipheredPinAndSignature,
    /// 06 to 0F: biometrics of EMV 4.4.
    Biometric(u8),
    /// 1E: signature on paper.
    Signature,
    /// 1F: no verification needed.
    NoCvm,
    /// 3F: not used in a list; in CVM results, nothing was performed.
    NotPerformed,
    /// Anything else: reserved, or defined by a payment system or an issuer.
    Other(u8),
}

impl CvmMethod {
    /// The method in bits 6 to 1 of the first octet of a rule or of CVM results.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        match octet & 0x3F {
            0x00 => Self::Fail,
            0x01 => Self::PlaintextPin,
            0x02 => Self::OnlinePin,
            0x03 => Self::PlaintextPinAndSignature,
            0x04 => Self::EncipheredPin,
            0x05 => Self::EncipheredPinAndSignature,
            code @ 0x06..=0x0F => Self::Biometric(code),
            0x1E => Self::Signature,
            0x1F => Self::NoCvm,
            0x3F => Self::NotPerformed,
            code => Self::Other(code),
        }
    }

    /// Whether the card verifies a PIN: methods 01, 03, 04 and 05.
    #[must_use]
    pub const fn is_offline_pin(self) -> bool {
        matches!(
            self,
            Self::PlaintextPin | Self::PlaintextPinAndSignature | Self::EncipheredPin | Self::EncipheredPinAndSignature
        )
    }

    /// Whether a signature is asked for: methods 03, 05 and 1E.
    #[must_use]
    pub const fn needs_signature(self) -> bool {
        matches!(self, Self::PlaintextPinAndSignature | Self::EncipheredPinAndSignature | Self::Signature)
    }

    /// What it means.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Fail => "fail CVM processing",
            Self::PlaintextPin => "plaintext PIN verified by the card",
            Self::OnlinePin => "enciphered PIN verified online",
            Self::PlaintextPinAndSignature => "plaintext PIN verified by the card, and signature",
            Self::EncipheredPin => "enciphered PIN verified by the card",
            Self::EncipheredPinAndSignature => "enciphered PIN verified by the card, and signature",
            Self::Biometric(_) => "biometric",
            Self::Signature => "signature",
            Self::NoCvm => "no CVM required",
            Self::NotPerformed => "no CVM performed",
            Self::Other(_) => "reserved or proprietary",
        }
    }
}

/// When a rule applies (EMV 4.4 Book 3, Annex C3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CvmCondition {
    /// 00
    Always,
    /// 01
    UnattendedCash,
    /// 02: neither unattended cash nor manual cash nor purchase with cashback.
    NotCash,
    /// 03
    TerminalSupportsCvm,
    /// 04
    ManualCash,
    /// 05
    Cashback,
    /// 06: in the currency of the application and under X.
    UnderX,
    /// 07: in the currency of the application and over X.
    OverX,
    /// 08: in the currency of the application and under Y.
    UnderY,
    /// 09: in the currency of the application and over Y.
    OverY,
    /// Reserved, or defined by a payment system.
    Other(u8),
}

impl CvmCondition {
    /// The condition in the second octet of a rule or of CVM results.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        match octet {
            0x00 => Self::Always,
            0x01 => Self::UnattendedCash,
            0x02 => Self::NotCash,
            0x03 => Self::TerminalSupportsCvm,
            0x04 => Self::ManualCash,
            0x05 => Self::Cashback,
            0x06 => Self::UnderX,
            0x07 => Self::OverX,
            0x08 => Self::UnderY,
            0x09 => Self::OverY,
            code => Self::Other(code),
        }
    }

    /// What it means.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::UnattendedCash => "if unattended cash",
            Self::NotCash => "if neither unattended cash nor manual cash nor cashback",
            Self::TerminalSupportsCvm => "if the terminal supports the CVM",
            Self::ManualCash => "if manual cash",
            Self::Cashback => "if purchase with cashback",
            Self::UnderX => "if in the application currency and under X",
            Self::OverX => "if in the application currency and over X",
            Self::UnderY => "if in the application currency and under Y",
            Self::OverY => "if in the application currency and over Y",
            Self::Other(_) => "reserved or proprietary condition",
        }
    }
}

/// How verification ended: the third octet of CVM results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CvmOutcome {
    /// 00: not known here, as for a signature or an online PIN.
    Unknown,
    /// 01
    Failed,
    /// 02
    Successful,
    /// Reserved.
    Other(u8),
}

/// CVM results (`9F34`): the rule that was applied last, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CvmResults([u8; 3]);

impl CvmResults {
    /// No CVM was performed.
    pub const NOT_PERFORMED: Self = Self([0x3F, 0x00, 0x00]);

    /// Takes the octets of the value.
    #[must_use]
    pub const fn new(octets: [u8; 3]) -> Self {
        Self(octets)
    }

    /// Takes the octets of the value; `None` when their number is wrong.
    #[must_use]
    pub fn from_slice(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(Self)
    }

    /// The octets of the value.
    #[must_use]
    pub const fn octets(self) -> [u8; 3] {
        self.0
    }

    /// The octets of the value where they are, as a DOL is filled with them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 3] {
        &self.0
    }

    /// The rule that was applied last.
    #[must_use]
    pub const fn rule(self) -> CvmRule {
        let [cvm, condition, _] = self.0;
        CvmRule { cvm, condition }
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(self) -> CvmOutcome {
        let [_, _, outcome] = self.0;
        match outcome {
            0x00 => CvmOutcome::Unknown,
            0x01 => CvmOutcome::Failed,
            0x02 => CvmOutcome::Successful,
            code => CvmOutcome::Other(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn offline_pin(cvm: u8) -> bool {
        CvmList::parse(&[0, 0, 0, 0, 0, 0, 0, 0, cvm, 0]).unwrap().has_offline_pin()
    }

    #[test]
    fn amounts_and_rules_are_read() {
        let list = CvmList::parse(&[0, 0, 0x27, 0x10, 0, 0, 0, 5, 0x41, 0x03, 0x5E, 0x06, 0x1F, 0x00]).unwrap();
        assert_eq!((list.amount_x().minor(), list.amount_y().minor()), (10_000, 5));
        let rules: Vec<_> = list.rules().map(|rule| (rule.method(), rule.condition())).collect();
        assert_eq!(rules[1], (CvmMethod::Signature, CvmCondition::UnderX));
        assert!(list.rules().next().unwrap().applies_next_on_failure());
        assert!(!list.rules().last().unwrap().applies_next_on_failure());
        assert!(list.has_offline_pin());
    }

    #[test]
    fn the_card_verifies_a_pin_in_four_methods() {
        let with_pin: Vec<u8> = (0..0x40).filter(|cvm| offline_pin(*cvm)).collect();
        assert_eq!(with_pin, [1, 3, 4, 5]);
        assert!(offline_pin(0x44), "bit 7 is not part of the method");
    }

    #[test]
    fn lists_of_impossible_length_are_refused() {
        for found in [0, 7, 9, 11, 254] {
            assert_eq!(CvmList::parse(&[0; 254][..found]), Err(CvmListError { found }));
        }
        assert_eq!(CvmList::parse(&[0; 8]).unwrap().rules().count(), 0);
        assert_eq!(CvmList::parse(&[0; 252]).unwrap().rules().count(), 122);
    }

    #[test]
    fn results_name_rule_and_outcome() {
        let results = CvmResults::from_slice(&[0x42, 0x03, 0x00]).unwrap();
        assert_eq!(results.rule().method(), CvmMethod::OnlinePin);
        assert_eq!(results.outcome(), CvmOutcome::Unknown);
        assert_eq!(CvmResults::NOT_PERFORMED.rule().method(), CvmMethod::NotPerformed);
        assert_eq!(CvmResults::new([0x41, 0, 9]).outcome(), CvmOutcome::Other(9));
        assert_eq!(CvmResults::from_slice(&[0x42]), None);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(value: Vec<u8>) {
            if let Ok(list) = CvmList::parse(&value) {
                prop_assert_eq!(list.rules().count() * 2 + 8, value.len());
            }
        }
    }
}

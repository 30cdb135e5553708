//! The layouts of Visa (VIS; Visa Contactless Payment Specification, Appendix M): formats 0, 1 and 3 of cards, formats 2
//! and 4 of devices and newer cards.
//!
//! The upper half of the cryptogram version number is the format.

use super::{Cvr, CvrAc, IadError};

/// Octet 1 of formats 0, 1 and 3: so many octets follow before the discretionary data.
const CARD: u8 = 0x06;
/// Octet 1 of formats 2 and 4: so many octets follow.
const DEVICE: u8 = 0x1F;
/// Octets of formats 2 and 4.
const DEVICE_LEN: usize = 32;
/// Fewest octets of formats 0, 1 and 3.
const CARD_LEN: usize = 7;

/// Issuer application data of a Visa application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VisaIad<'a> {
    /// Derivation key index.
    pub dki: u8,
    /// Cryptogram version number; its upper half is the format, 0 to 4.
    pub cvn: u8,
    /// Card verification results.
    pub cvr: VisaCvr,
    /// Formats 2 and 4: what the discretionary data is; 0 for the issuer's own.
    pub option: Option<u8>,
    /// The discretionary data, without its length or option.
    pub discretionary: &'a [u8],
}

/// Card verification results of a Visa application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum VisaCvr {
    /// Formats 0, 1 and 3: the length and three octets.
    Card(Cvr),
    /// Formats 2 and 4: who verified the cardholder, and four octets.
    Device(DeviceCvr),
}

impl<'a> VisaIad<'a> {
    /// Reads the value of `9F10`.
    ///
    /// ```
    /// use tapcard_emv::iad::{VerifiedKind, VisaCvr, VisaIad};
    ///
    /// let mut value = [0; 32];
    /// value[..9].copy_from_slice(&[0x1F, 0x4A, 0x63, 0x31, 0xA0, 0, 0, 0, 0]);
    /// let iad = VisaIad::parse(&value)?;
    /// let VisaCvr::Device(cvr) = iad.cvr else { panic!("format 4 is of a device") };
    /// assert_eq!((iad.format(), cvr.kind()), (4, VerifiedKind::Passcode));
    /// # Ok::<(), tapcard_emv::iad::IadError>(())
    /// ```
    ///
    /// # Errors
    /// Another first octet than 06 or 1F, a length or version that does not go with it, or discretionary data of another
    /// length than it says.
    pub fn parse(value: &'a [u8]) -> Result<Self, IadError> {
        if value.first() == Some(&DEVICE) { Self::parse_device(value) } else { Self::parse_card(value) }
    }

    fn parse_card(value: &'a [u8]) -> Result<Self, IadError> {
        let (dki, cvn, cvr, rest) = card_head(value)?;
        if !matches!(cvn >> 4, 0 | 1 | 3) {
            return Err(IadError::Version { offset: 2, found: cvn });
        }
        Ok(Self { dki, cvn, cvr: VisaCvr::Card(cvr), option: None, discretionary: discretionary(rest)? })
    }

    fn parse_device(value: &'a [u8]) -> Result<Self, IadError> {
        let length = IadError::Length { expected: DEVICE_LEN, found: value.len() };
        let whole = <&[u8; DEVICE_LEN]>::try_from(value).map_err(|_| length)?;
        let (head, discretionary) = whole.split_first_chunk::<9>().ok_or(length)?;
        let [_, cvn, dki, b1, b2, b3, b4, b5, option] = *head;
        if !matches!(cvn >> 4, 2 | 4) {
            return Err(IadError::Version { offset: 1, found: cvn });
        }
        if option & 0xF0 != 0 {
            return Err(IadError::Octet { offset: 8, expected: option & 0x0F, found: option });
        }
        let cvr = VisaCvr::Device(DeviceCvr::new([b1, b2, b3, b4, b5]));
        Ok(Self { dki, cvn, cvr, option: Some(option), discretionary })
    }

    /// The format: the upper half of the cryptogram version number.
    #[must_use]
    pub const fn format(&self) -> u8 {
        self.cvn >> 4
    }
}

/// Octets 2 to 7 of a card's layout, and what follows them.
pub(super) fn card_head(value: &[u8]) -> Result<(u8, u8, Cvr, &[u8]), IadError> {
    let length = IadError::Length { expected: CARD_LEN, found: value.len() };
    let (head, rest) = value.split_first_chunk::<CARD_LEN>().ok_or(length)?;
    let [first, dki, cvn, cvr @ ..] = *head;
    let [cvr_length, ..] = cvr;
    for (offset, expected, found) in [(0, CARD, first), (3, 3, cvr_length)] {
        if found != expected {
            return Err(IadError::Octet { offset, expected, found });
        }
    }
    Ok((dki, cvn, Cvr::new(cvr), rest))
}

/// The data behind its length; nothing at all is no data.
pub(super) fn discretionary(rest: &[u8]) -> Result<&[u8], IadError> {
    match rest {
        [] => Ok(&[]),
        [length, data @ ..] if usize::from(*length) == data.len() => Ok(data),
        [length, data @ ..] => {
            Err(IadError::Discretionary { offset: CARD_LEN, expected: usize::from(*length), found: data.len() })
        }
    }
}

impl VisaCvr {
    /// What the card answered to the first GENERATE AC, or over RF to GET PROCESSING OPTIONS.
    #[must_use]
    pub const fn first_ac(self) -> CvrAc {
        match self {
            Self::Card(cvr) => cvr.first_ac(),
            Self::Device(cvr) => {
                let [_, results, ..] = cvr.octets();
                CvrAc::first(results)
            }
        }
    }

    /// What the card answered to the second GENERATE AC.
    #[must_use]
    pub const fn second_ac(self) -> CvrAc {
        match self {
            Self::Card(cvr) => cvr.second_ac(),
            Self::Device(cvr) => {
                let [_, results, ..] = cvr.octets();
                CvrAc::second(results)
            }
        }
    }

    /// How many issuer script commands were processed: bits 8 to 5 of byte 4.
    #[must_use]
    pub const fn script_count(self) -> u8 {
        match self {
            Self::Card(cvr) => cvr.script_count(),
            Self::Device(cvr) => {
                let [_, _, _, scripts, _] = cvr.octets();
                scripts >> 4
            }
        }
    }
}

crate::bits::bit_field! {
    /// Card verification results of Visa formats 2 and 4: octet 1 says who verified the cardholder. Bytes 3 to 5 come from
    /// public decoders that mark them as not verified.
    DeviceCvr(5) {
        issuer_authentication_failed ISSUER_AUTHENTICATION_FAILED 2 0x08 "issuer authentication failed";
        device_cvm_performed DEVICE_CVM_PERFORMED 2 0x04 "CDCVM successfully performed";
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
        not_debugged NOT_DEBUGGED 5 0x80 "device is not in debug mode";
        not_rooted NOT_ROOTED 5 0x40 "device is not rooted";
        not_hooked NOT_HOOKED 5 0x20 "mobile application is not hooked";
        integrity_intact INTEGRITY_INTACT 5 0x10 "mobile application integrity is intact";
        has_connectivity HAS_CONNECTIVITY 5 0x08 "device has data connectivity";
        is_genuine IS_GENUINE 5 0x04 "device is genuine";
        device_cvm_successful DEVICE_CVM_SUCCESSFUL 5 0x02 "CDCVM successfully performed (byte 5)";
        emv_session_key EMV_SESSION_KEY 5 0x01 "secure messaging uses EMV session keys";
    }
}

impl DeviceCvr {
    /// Who verified the cardholder: upper half of byte 1.
    #[must_use]
    pub const fn entity(self) -> VerifyingEntity {
        let [cvm, ..] = self.octets();
        match cvm >> 4 {
            0 => VerifyingEntity::None,
            1 => VerifyingEntity::PaymentApplication,
            2 => VerifyingEntity::Mg,
            3 => VerifyingEntity::SecureElement,
            4 => VerifyingEntity::TrustedEnvironment,
            5 => VerifyingEntity::MobileApplication,
            6 => VerifyingEntity::Terminal,
            7 => VerifyingEntity::Cloud,
            8 => VerifyingEntity::OperatingSystem,
            other => VerifyingEntity::Other(other),
        }
    }

    /// How the cardholder was verified: lower half of byte 1.
    #[must_use]
    pub const fn kind(self) -> VerifiedKind {
        let [cvm, ..] = self.octets();
        match cvm & 0x0F {
            0x0 => VerifiedKind::None,
            0x1 => VerifiedKind::Passcode,
            0x2 => VerifiedKind::Finger,
            0x3 => VerifiedKind::Pattern,
            0x4 => VerifiedKind::Face,
            0x5 => VerifiedKind::Iris,
            0x6 => VerifiedKind::Voice,
            0x7 => VerifiedKind::Palm,
            0xD => VerifiedKind::Signature,
            0xE => VerifiedKind::OnlinePin,
            other => VerifiedKind::Other(other),
        }
    }
}

/// Who verified the cardholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VerifyingEntity {
    /// 0: nobody.
    None,
    /// 1: the payment application.
    PaymentApplication,
    /// 2: "MG"; what it stands for is **unconfirmed**.
    Mg,
    /// 3: another application in the secure element.
    SecureElement,
    /// 4: an application in the trusted execution environment.
    TrustedEnvironment,
    /// 5: the mobile application.
    MobileApplication,
    /// 6: the terminal.
    Terminal,
    /// 7: a server.
    Cloud,
    /// 8: the operating system of the device.
    OperatingSystem,
    /// 9 to F, reserved.
    Other(u8),
}

/// How the cardholder was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VerifiedKind {
    /// 0: not at all.
    None,
    /// 1
    Passcode,
    /// 2
    Finger,
    /// 3
    Pattern,
    /// 4
    Face,
    /// 5
    Iris,
    /// 6
    Voice,
    /// 7
    Palm,
    /// D
    Signature,
    /// E
    OnlinePin,
    /// 8 to C and F, reserved.
    Other(u8),
}

#[cfg(feature = "names")]
impl VerifyingEntity {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::None => "nobody",
            Self::PaymentApplication => "payment application",
            Self::Mg => "MG",
            Self::SecureElement => "application in the secure element",
            Self::TrustedEnvironment => "application in the trusted execution environment",
            Self::MobileApplication => "mobile application",
            Self::Terminal => "terminal",
            Self::Cloud => "server",
            Self::OperatingSystem => "operating system of the device",
            Self::Other(_) => "reserved",
        }
    }
}

#[cfg(feature = "names")]
impl VerifiedKind {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::None => "no CDCVM",
            Self::Passcode => "passcode",
            Self::Finger => "finger",
            Self::Pattern => "pattern",
            Self::Face => "face",
            Self::Iris => "iris",
            Self::Voice => "voice",
            Self::Palm => "palm",
            Self::Signature => "signature",
            Self::OnlinePin => "online PIN",
            Self::Other(_) => "reserved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tap of a phone, as it was published.
    const TAP: [u8; 32] = [
        0x1F, 0x4A, 0x63, 0x31, 0xA0, 0, 0, 0, 0x00, 0x10, 0x03, 0x02, 0x73, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn a_card_has_three_octets_of_results_and_may_have_more_data() {
        let iad = VisaIad::parse(&[0x06, 0x01, 0x0A, 0x03, 0xA4, 0xB8, 0x00]).unwrap();
        assert_eq!((iad.format(), iad.dki, iad.cvn, iad.option), (0, 0x01, 0x0A, None));
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
        assert_eq!((iad.cvr.script_count(), iad.discretionary), (0, &[][..]));
        let iad = VisaIad::parse(&[0x06, 0x09, 0x12, 0x03, 0x84, 0x39, 0x80, 0x02, 0xAB, 0xCD]).unwrap();
        assert_eq!((iad.format(), iad.cvr.script_count(), iad.discretionary), (1, 8, &[0xAB, 0xCD][..]));
    }

    #[test]
    fn the_tap_of_a_phone_says_who_verified_the_cardholder() {
        let iad = VisaIad::parse(&TAP).unwrap();
        assert_eq!((iad.format(), iad.dki, iad.cvn, iad.option), (4, 0x63, 0x4A, Some(0)));
        assert_eq!((iad.cvr.first_ac(), iad.cvr.second_ac()), (CvrAc::Arqc, CvrAc::NotRequested));
        let VisaCvr::Device(cvr) = iad.cvr else { panic!("{iad:?}") };
        assert_eq!((cvr.entity(), cvr.kind()), (VerifyingEntity::SecureElement, VerifiedKind::Passcode));
        assert_eq!((iad.discretionary.len(), iad.discretionary[0]), (23, 0x10));
    }

    #[test]
    fn other_values_are_refused_with_their_reason() {
        let parsed = |value: &[u8]| VisaIad::parse(value).map(|iad| iad.cvn);
        assert_eq!(parsed(&[0x06, 1, 0x0A, 3, 0, 0]), Err(IadError::Length { expected: 7, found: 6 }));
        let octet = IadError::Octet { offset: 3, expected: 3, found: 0x23 };
        assert_eq!(parsed(&[0x06, 1, 0x1A, 0x23, 0x80, 0x40, 0x04]), Err(octet));
        assert_eq!(parsed(&[0x06, 1, 0x2A, 3, 0, 0, 0]), Err(IadError::Version { offset: 2, found: 0x2A }));
        let discretionary = IadError::Discretionary { offset: 7, expected: 2, found: 1 };
        assert_eq!(parsed(&[0x06, 1, 0x0A, 3, 0, 0, 0, 2, 0xAB]), Err(discretionary));
        for found in 1..32 {
            assert_eq!(parsed(&TAP[..found]), Err(IadError::Length { expected: 32, found }));
        }
        let changed = |place: usize, octet| {
            let mut value = TAP;
            value[place] = octet;
            parsed(&value)
        };
        assert_eq!(changed(1, 0x3A), Err(IadError::Version { offset: 1, found: 0x3A }));
        assert_eq!(changed(8, 0x1A), Err(IadError::Octet { offset: 8, expected: 0x0A, found: 0x1A }));
    }

    #[test]
    fn codes_without_a_meaning_are_kept() {
        let cvr = DeviceCvr::new([0x9F, 0, 0, 0, 0]);
        assert_eq!((cvr.entity(), cvr.kind()), (VerifyingEntity::Other(9), VerifiedKind::Other(15)));
    }
}

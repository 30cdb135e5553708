//! `9F6E`, which three payment systems use for three things: Visa for the form of the device, Mastercard for data of a
//! third party with the kind of device, American Express for what the reader can do.

use crate::amount::{AmountError, Country};

super::bit_field! {
    /// Form factor indicator of Visa (EMV Contactless C-3, Annex A; Visa Contactless Payment Specification, Annex D).
    /// The bits are those of byte 2; byte 1 is a version and a form, byte 3 is reserved, byte 4 names the interface.
    FormFactorIndicator(4) {
        passcode PASSCODE 2 0x80 "passcode capable";
        signature_panel SIGNATURE_PANEL 2 0x40 "signature panel";
        hologram HOLOGRAM 2 0x20 "hologram";
        cvv2 CVV2 2 0x10 "CVV2";
        two_way_messaging TWO_WAY_MESSAGING 2 0x08 "two-way messaging";
        cloud_credentials CLOUD_CREDENTIALS 2 0x04 "cloud based payment credentials";
        biometric BIOMETRIC 2 0x02 "biometric cardholder verification capable";
    }
}

impl FormFactorIndicator {
    /// Bits 8 to 6 of byte 1: 1 is the only version known.
    #[must_use]
    pub const fn version(self) -> u8 {
        let [form, ..] = self.octets();
        form >> 5
    }

    /// Bits 5 to 1 of byte 1: what the cardholder holds.
    #[must_use]
    pub const fn form_factor(self) -> FormFactor {
        let [form, ..] = self.octets();
        match form & 0x1F {
            0 => FormFactor::Card,
            1 => FormFactor::MiniCard,
            2 => FormFactor::NonCard,
            3 => FormFactor::MobilePhone,
            4 => FormFactor::Wrist,
            other => FormFactor::Other(other),
        }
    }

    /// Bits 4 to 1 of byte 4: 0 is proximity by ISO/IEC 14443.
    #[must_use]
    pub const fn technology(self) -> u8 {
        let [.., technology] = self.octets();
        technology & 0x0F
    }
}

/// What the cardholder holds, as Visa counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FormFactor {
    /// 0
    Card,
    /// 1
    MiniCard,
    /// 2: something that has not the form of a card.
    NonCard,
    /// 3
    MobilePhone,
    /// 4: worn at the wrist.
    Wrist,
    /// Not assigned.
    Other(u8),
}

#[cfg(feature = "names")]
impl FormFactor {
    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::MiniCard => "mini card",
            Self::NonCard => "other than a card",
            Self::MobilePhone => "mobile phone",
            Self::Wrist => "worn at the wrist",
            Self::Other(_) => "not assigned",
        }
    }
}

super::bit_field! {
    /// Enhanced contactless reader capabilities of American Express (EMV Contactless C-4, 4.3.4, table 4-4).
    EnhancedReaderCapabilities(4) {
        contact CONTACT 1 0x80 "contact mode";
        magnetic_stripe MAGNETIC_STRIPE 1 0x40 "contactless magnetic stripe mode";
        full_online FULL_ONLINE 1 0x20 "contactless EMV full online mode (no longer used)";
        partial_online PARTIAL_ONLINE 1 0x10 "contactless EMV partial online mode";
        mobile MOBILE 1 0x08 "contactless mobile";
        try_another_interface TRY_ANOTHER_INTERFACE 1 0x04 "try another interface after a decline";
        mobile_cvm MOBILE_CVM 2 0x80 "mobile CVM";
        online_pin ONLINE_PIN 2 0x40 "online PIN";
        signature SIGNATURE 2 0x20 "signature";
        offline_pin OFFLINE_PIN 2 0x10 "plaintext offline PIN";
        offline_only OFFLINE_ONLY 3 0x80 "reader is offline only";
        cvm_required CVM_REQUIRED 3 0x40 "CVM required";
        exempt_from_no_cvm EXEMPT_FROM_NO_CVM 4 0x80 "terminal exempt from no CVM checks";
        delayed_authorisation DELAYED_AUTHORISATION 4 0x40 "delayed authorisation terminal";
        transit TRANSIT 4 0x20 "transit terminal";
    }
}

impl EnhancedReaderCapabilities {
    /// Bits 3 to 1 of byte 4: 1 for kernel version 2.2 and 2.3, 2 for 2.4 to 2.6, 3 for 2.7 and later.
    #[must_use]
    pub const fn kernel_version(self) -> u8 {
        let [.., last] = self.octets();
        last & 0x07
    }
}

/// Third party data of Mastercard (EMV Contactless C-2, Annex A.1.165).
///
/// ```
/// use tapcard_emv::bits::ThirdPartyData;
///
/// let data = ThirdPartyData::parse(&[0x02, 0x10, 0x00, 0x00, 0x30, 0x30, 0x00])?;
/// assert_eq!((data.country?.number(), data.device_type), (210, Some(*b"00")));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThirdPartyData<'a> {
    /// Country of the issuer or of the party.
    pub country: Result<Country, AmountError>,
    /// Whose the proprietary data is: 0000 nobody's, 0003 and 8003 product extensions of Mastercard.
    pub unique_id: u16,
    /// Two characters, there when bit 8 of the unique identifier is 0: what the cardholder holds.
    pub device_type: Option<[u8; 2]>,
    /// Data of the party.
    pub proprietary: &'a [u8],
}

/// The value is no third party data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("third party data has {expected} to 32 octets here, not {found}")]
pub struct ThirdPartyError {
    /// Fewest octets that its unique identifier allows.
    pub expected: usize,
    /// Octets found.
    pub found: usize,
}

impl<'a> ThirdPartyData<'a> {
    /// Reads the value of `9F6E`.
    ///
    /// # Errors
    /// More than 32 octets, fewer than 5, or fewer than 7 with a device type.
    pub fn parse(value: &'a [u8]) -> Result<Self, ThirdPartyError> {
        let found = value.len();
        let error = ThirdPartyError { expected: 5, found };
        let Some((&[c1, c2, u1, u2], rest)) = value.split_first_chunk::<4>().filter(|_| found <= 32) else {
            return Err(error);
        };
        let unique_id = u16::from_be_bytes([u1, u2]);
        let (device_type, proprietary) = if unique_id & 0x8000 == 0 {
            let (device_type, rest) = rest.split_first_chunk::<2>().ok_or(ThirdPartyError { expected: 7, found })?;
            (Some(*device_type), rest)
        } else {
            (None, rest)
        };
        if proprietary.is_empty() {
            return Err(ThirdPartyError { expected: if device_type.is_some() { 7 } else { 5 }, found });
        }
        Ok(Self { country: Country::from_n3(&[c1, c2]), unique_id, device_type, proprietary })
    }

    /// What the device type means; `None` where there is none or it is not known. Types 20 to 33 are **unconfirmed**.
    #[cfg(feature = "names")]
    #[must_use]
    pub fn device(&self) -> Option<&'static str> {
        let number = match self.device_type? {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => usize::from((tens - b'0') * 10 + ones - b'0'),
            _ => return None,
        };
        DEVICES.get(number).copied()
    }
}

/// M/Chip Requirements for Contact and Contactless (2017), chapter 5, to number 19; public lists behind it.
#[cfg(feature = "names")]
const DEVICES: [&str; 34] = [
    "card",
    "phone with a SIM of the network operator",
    "key fob",
    "watch with a chip or a secure element of its own",
    "mobile tag",
    "wristband",
    "case or sleeve of a phone",
    "phone with a built-in secure element of the network operator",
    "phone with a removable secure element, not of the network operator",
    "phone with a built-in secure element, not of the network operator",
    "tablet or e-book with a SIM of the network operator",
    "tablet or e-book with a built-in secure element of the network operator",
    "tablet or e-book with a removable secure element, not of the network operator",
    "tablet or e-book with a built-in secure element, not of the network operator",
    "phone with the application in its host processor",
    "tablet or e-book with the application in its host processor",
    "phone with the application in a trusted execution environment",
    "tablet or e-book with the application in a trusted execution environment",
    "watch with the application in a trusted execution environment",
    "watch with the application in its host processor",
    "card",
    "phone",
    "tablet or e-reader",
    "watch or wristband",
    "sticker",
    "PC or laptop",
    "case or sleeve of a phone",
    "key fob or mobile tag",
    "jewellery",
    "fashion accessory",
    "garment",
    "domestic appliance",
    "vehicle",
    "media or gaming device",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn the_indicator_of_a_phone_is_read() {
        let ffi = FormFactorIndicator::new([0x23, 0x88, 0x00, 0x00]);
        assert_eq!((ffi.version(), ffi.form_factor(), ffi.technology()), (1, FormFactor::MobilePhone, 0));
        assert!(ffi.passcode() && ffi.two_way_messaging() && !ffi.cloud_credentials());
        assert_eq!(FormFactorIndicator::new([0x3F, 0, 0, 0xF1]).form_factor(), FormFactor::Other(31));
    }

    #[test]
    fn third_party_data_has_a_device_type_unless_bit_8_is_set() {
        let card = ThirdPartyData::parse(&[0x02, 0x10, 0x00, 0x00, 0x30, 0x30, 0x00]).unwrap();
        assert_eq!((card.unique_id, card.device_type, card.proprietary), (0, Some(*b"00"), &[0][..]));
        let other = ThirdPartyData::parse(&[0x08, 0x40, 0x80, 0x03, 0x00, 0x02]).unwrap();
        assert_eq!((other.unique_id, other.device_type, other.proprietary), (0x8003, None, &[0, 2][..]));
        assert_eq!(other.country.map(Country::number), Ok(840));
        assert!(ThirdPartyData::parse(&[0xFF, 0xFF, 0x80, 0x00, 0x00]).unwrap().country.is_err());
    }

    #[test]
    fn third_party_data_of_impossible_length_is_refused() {
        let found = |value: &[u8]| ThirdPartyData::parse(value).map(|_| ());
        assert_eq!(found(&[0x08, 0x40, 0x80]), Err(ThirdPartyError { expected: 5, found: 3 }));
        assert_eq!(found(&[0x08, 0x40, 0x80, 0x03]), Err(ThirdPartyError { expected: 5, found: 4 }));
        assert_eq!(found(&[0x08, 0x40, 0x00, 0x03, 0x30]), Err(ThirdPartyError { expected: 7, found: 5 }));
        assert_eq!(found(&[0x08, 0x40, 0x00, 0x03, 0x30, 0x30]), Err(ThirdPartyError { expected: 7, found: 6 }));
        assert_eq!(found(&[0; 33]), Err(ThirdPartyError { expected: 5, found: 33 }));
    }

    #[cfg(feature = "names")]
    #[test]
    fn device_types_are_two_digits() {
        let device = |device_type: [u8; 2]| {
            let value = [0x08, 0x40, 0x00, 0x00, device_type[0], device_type[1], 0x00];
            ThirdPartyData::parse(&value).unwrap().device()
        };
        assert_eq!(device(*b"00"), Some("card"));
        assert_eq!(device(*b"14"), Some("phone with the application in its host processor"));
        assert_eq!(device(*b"33"), Some("media or gaming device"));
        assert_eq!([*b"34", *b"99", *b"0A", *b"\0\0"].map(device), [None; 4]);
    }

    #[test]
    fn the_capabilities_of_a_reader_of_american_express_are_read() {
        let caps = EnhancedReaderCapabilities::new([0xD8, 0xE0, 0x00, 0x03]);
        assert!(caps.contact() && caps.magnetic_stripe() && caps.partial_online() && caps.mobile());
        assert!(caps.mobile_cvm() && caps.online_pin() && caps.signature() && !caps.offline_pin());
        assert_eq!(caps.kernel_version(), 3);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(value: Vec<u8>) {
            let _ = ThirdPartyData::parse(&value);
        }
    }
}

//! The keys and the PIN of a card, apart from its image.
//!
//! An image is data that any reader of the card may see, and may lie about in files and flash. What nobody may see is in a key
//! set of the same format with another magic number: a board keeps it in a protected page, a host encrypts it. Applications are
//! found by their DF name, so that image and key set need not agree in their order.

use core::fmt;

use crate::image::{Image, ImageError, KEYS_MAGIC, Key};

/// Which of an application's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Secret {
    /// Card master key for application cryptograms, MK-AC or UDK (EMV 4.4 Book 2, 8; 16 octets).
    Ac,
    /// Card master key for script MACs (16 octets).
    Mac,
    /// Card master key for script encipherment (16 octets).
    Enc,
    /// The PIN that the card compares with: digits as BCD, padded with F to 8 octets.
    Pin,
    /// A part of the private key of the card's certificate `9F46`.
    Icc(RsaPart),
    /// A part of the private key of the PIN encipherment certificate `9F2D`.
    PinEncipherment(RsaPart),
    /// Load key of a purse by its index (JR/T 0025.2; 16 octets).
    Load(u8),
    /// Purchase key of a purse by its index (16 octets).
    Purchase(u8),
    /// Key for the TAC of a purse (16 octets).
    Tac,
    /// Unload key of a purse by its index (16 octets).
    Unload(u8),
    /// Key for the overdraft limit of a purse by its index (16 octets).
    Overdraw(u8),
    /// Application maintenance key: file updates and blocking of a purse (16 octets).
    Maintenance,
    /// Key that reloads the PIN of a purse (16 octets).
    ReloadPin,
}

/// A part of an RSA private key in the form for the Chinese remainder theorem (PKCS #1 v2.2, 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RsaPart {
    /// The first prime.
    P,
    /// The second prime.
    Q,
    /// d mod (p - 1).
    Dp,
    /// d mod (q - 1).
    Dq,
    /// The inverse of q mod p.
    Qinv,
    /// The public exponent, for the check after signing.
    E,
    /// The modulus.
    N,
}

impl RsaPart {
    /// All parts.
    pub const ALL: [Self; 7] = [Self::P, Self::Q, Self::Dp, Self::Dq, Self::Qinv, Self::E, Self::N];

    const fn code(self) -> u32 {
        match self {
            Self::P => 0,
            Self::Q => 1,
            Self::Dp => 2,
            Self::Dq => 3,
            Self::Qinv => 4,
            Self::E => 5,
            Self::N => 6,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl Secret {
    pub(crate) const fn code(self) -> u32 {
        let (kind, number) = match self {
            Self::Ac => (1, 0),
            Self::Mac => (2, 0),
            Self::Enc => (3, 0),
            Self::Pin => (4, 0),
            Self::Icc(part) => (5, part.code()),
            Self::PinEncipherment(part) => (6, part.code()),
            Self::Load(index) => (7, index as u32),
            Self::Purchase(index) => (8, index as u32),
            Self::Tac => (9, 0),
            Self::Unload(index) => (10, index as u32),
            Self::Overdraw(index) => (11, index as u32),
            Self::Maintenance => (12, 0),
            Self::ReloadPin => (13, 0),
        };
        kind << 8 | number
    }

    pub(crate) fn from_code(code: u32) -> Option<Self> {
        let [0, 0, kind, number] = code.to_be_bytes() else { return None };
        Some(match (kind, number) {
            (1, 0) => Self::Ac,
            (2, 0) => Self::Mac,
            (3, 0) => Self::Enc,
            (4, 0) => Self::Pin,
            (5, part) => Self::Icc(RsaPart::from_code(part)?),
            (6, part) => Self::PinEncipherment(RsaPart::from_code(part)?),
            (7, index) => Self::Load(index),
            (8, index) => Self::Purchase(index),
            (9, 0) => Self::Tac,
            (10, index) => Self::Unload(index),
            (11, index) => Self::Overdraw(index),
            (12, 0) => Self::Maintenance,
            (13, 0) => Self::ReloadPin,
            _ => return None,
        })
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ac => f.write_str("AC key"),
            Self::Mac => f.write_str("MAC key"),
            Self::Enc => f.write_str("encipherment key"),
            Self::Pin => f.write_str("PIN"),
            Self::Icc(part) => write!(f, "ICC private key, {part:?}"),
            Self::PinEncipherment(part) => write!(f, "PIN private key, {part:?}"),
            Self::Load(index) => write!(f, "load key {index}"),
            Self::Purchase(index) => write!(f, "purchase key {index}"),
            Self::Tac => f.write_str("TAC key"),
            Self::Unload(index) => write!(f, "unload key {index}"),
            Self::Overdraw(index) => write!(f, "overdraw key {index}"),
            Self::Maintenance => f.write_str("maintenance key"),
            Self::ReloadPin => f.write_str("key to reload the PIN"),
        }
    }
}

/// A view over the key set of a card.
///
/// ```
/// use tapcard_card::{CardKeys, ImageBuilder, Key, Secret};
///
/// let mut buffer = [0; 256];
/// let mut builder = ImageBuilder::keys(&mut buffer)?;
/// let application = builder.application(b"\xA0\x00\x00\x03\x33\x01\x01\x01")?;
/// builder.put(application, Key::Secret(Secret::Ac), &[0x11; 16])?;
/// let length = builder.finish();
///
/// let keys = CardKeys::parse(&buffer[..length])?;
/// assert!(keys.get(b"\xA0\x00\x00\x03\x33\x01\x01\x01", Secret::Ac).is_some());
/// assert!(keys.get(b"\xA0\x00\x00\x03\x33\x01\x01\x01", Secret::Mac).is_none());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct CardKeys<'a>(Option<Image<'a>>);

impl<'a> CardKeys<'a> {
    /// No keys at all: a card that can be read, and refuses everything that needs one.
    pub const NONE: Self = Self(None);

    /// Checks header, checksum and table.
    ///
    /// # Errors
    /// As [`Image::parse`]; [`ImageError::Magic`] also for an image, which is no key set.
    pub fn parse(octets: &'a [u8]) -> Result<Self, ImageError> {
        Image::parse_as(KEYS_MAGIC, octets).map(|image| Self(Some(image)))
    }

    /// A secret of the application with this DF name.
    #[must_use]
    pub fn get(&self, name: &[u8], secret: Secret) -> Option<&'a [u8]> {
        let image = self.0?;
        let application = image.applications().find(|application| application.name() == name)?;
        application.get(Key::Secret(secret))
    }
}

/// Shows whether there are any.
impl fmt::Debug for CardKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "CardKeys(hidden)" } else { "CardKeys(none)" })
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use super::*;
    use crate::image::ImageBuilder;

    const NAME: &[u8] = b"PURSE";

    fn key_set(buffer: &mut [u8]) -> usize {
        let mut builder = ImageBuilder::keys(buffer).unwrap();
        let number = builder.application(NAME).unwrap();
        builder.put(number, Key::Secret(Secret::Load(1)), &[0xAB; 16]).unwrap();
        builder.finish()
    }

    #[test]
    fn a_key_set_is_no_image_and_an_image_no_key_set() {
        let mut buffer = [0; 200];
        let length = key_set(&mut buffer);
        assert_eq!(Image::parse(&buffer[..length]).err(), Some(ImageError::Magic));
        let length = ImageBuilder::new(&mut buffer).unwrap().finish();
        assert_eq!(CardKeys::parse(&buffer[..length]).err(), Some(ImageError::Magic));
    }

    #[test]
    fn keys_are_found_by_name_and_index_and_never_shown() {
        let mut buffer = [0; 200];
        let length = key_set(&mut buffer);
        let keys = CardKeys::parse(&buffer[..length]).unwrap();
        assert_eq!(keys.get(NAME, Secret::Load(1)), Some(&[0xAB; 16][..]));
        assert_eq!(keys.get(NAME, Secret::Load(2)), None);
        assert_eq!(keys.get(b"OTHER", Secret::Load(1)), None);
        assert_eq!(CardKeys::NONE.get(NAME, Secret::Load(1)), None);
        assert_eq!(format!("{keys:?}"), "CardKeys(hidden)");
        assert_eq!(Secret::Icc(RsaPart::Qinv).to_string(), "ICC private key, Qinv");
    }
}

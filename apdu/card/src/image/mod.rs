//! The card image: everything that personalisation put on a card, read where it lies.
//!
//! One image serves host and board: the host writes it ([`ImageBuilder`]), a board maps it from its flash. What changes in a
//! card's life (counters) is not here but in the [state](crate::state), which the record log keeps. The format is ours:
//!
//! ```text
//! header   "TCIM" | version 2 | entries 2 | length of the whole image 4 | CRC-32 4, of everything but itself
//! table    application 1 | kind 1 | length 2 | number 4 | offset of the value from the start of the image 4    per entry
//! values
//! ```
//!
//! Numbers are big-endian. The table is sorted, so that a value is found by halving. [`Image::parse`] checks the whole table
//! once; still no access trusts it, since a checksum is no signature.

mod application;
mod builder;
mod key;
mod row;

use core::fmt;

use tapcard_flow::checksum::Crc32;
use tapcard_iso7816::Sfi;

use row::{ENTRY, Row};

pub use application::Application;
pub use builder::{BuildError, ImageBuilder};
pub use key::{Face, Interface, Key};

/// How many applications an image has at most, directories included. Each costs 2 octets of RAM in the card's state.
pub const MAX_APPLICATIONS: usize = 16;

/// The longest value: what one R-APDU to a short Le carries.
pub const MAX_VALUE: usize = 256;

const MAGIC: [u8; 4] = *b"TCIM";
/// Of a [key set](crate::keys): the same format, so that nobody takes one for the other.
pub(crate) const KEYS_MAGIC: [u8; 4] = *b"TCKY";
const VERSION: u16 = 1;
/// Octets of the header.
const HEADER: usize = 16;
/// Octets of the header before the checksum.
const CHECKED: usize = 12;
/// The number under which the card itself has its values.
const CARD: u8 = 0;

/// Why octets are not a card image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ImageError {
    /// Shorter than a header, or than the header says.
    #[error("the image ends after {found} octets, {expected} are needed")]
    Truncated {
        /// How many octets an image with this header has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not an image at all.
    #[error("this is no card image")]
    Magic,
    /// Written by a version of the format that this one does not know.
    #[error("the image has format version {found}, only {VERSION} is known")]
    Version {
        /// What the header says.
        found: u16,
    },
    /// Damaged.
    #[error("the image is damaged: its checksum is {found:08X}, the header says {expected:08X}")]
    Checksum {
        /// What the header says.
        expected: u32,
        /// What the octets come to.
        found: u32,
    },
    /// An entry of the table is not in order, or its value lies outside.
    #[error("entry {entry} of the image's table is broken")]
    Table {
        /// Counted from 0.
        entry: usize,
    },
}

/// A view over an image.
///
/// ```
/// use tapcard_card::{Face, Image, ImageBuilder, Key};
/// use tapcard_iso7816::Tag;
///
/// let mut buffer = [0; 256];
/// let mut builder = ImageBuilder::new(&mut buffer)?;
/// let application = builder.application(b"\xA0\x00\x00\x03\x33\x01\x01\x01")?;
/// builder.put(application, Key::Data(Tag::new(0x9F79)), &[0, 0, 0, 1, 0x23, 0x45])?;
/// let length = builder.finish();
///
/// let image = Image::parse(&buffer[..length])?;
/// let application = image.applications().next().expect("one was put in");
/// assert_eq!(application.data(Tag::new(0x9F79)), Some(&[0, 0, 0, 1, 0x23, 0x45][..]));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Image<'a> {
    octets: &'a [u8],
    table: &'a [u8],
}

/// One value of an image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The application's number, counted from 1; 0 is the card itself.
    pub application: u8,
    /// What it is.
    pub key: Key,
    /// The value.
    pub value: &'a [u8],
}

impl<'a> Image<'a> {
    /// Checks header, checksum and table. Octets behind the image are let be: a board hands over its whole flash page.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn parse(octets: &'a [u8]) -> Result<Self, ImageError> {
        Self::parse_as(MAGIC, octets)
    }

    pub(crate) fn parse_as(magic: [u8; 4], octets: &'a [u8]) -> Result<Self, ImageError> {
        let found = octets.len();
        let truncated = |expected| ImageError::Truncated { expected, found };
        let [m0, m1, m2, m3, v0, v1, n0, n1, l0, l1, l2, l3, c0, c1, c2, c3, ..] = *octets else {
            return Err(truncated(HEADER));
        };
        if [m0, m1, m2, m3] != magic {
            return Err(ImageError::Magic);
        }
        let version = u16::from_be_bytes([v0, v1]);
        if version != VERSION {
            return Err(ImageError::Version { found: version });
        }
        let table_end = HEADER + ENTRY * usize::from(u16::from_be_bytes([n0, n1]));
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        let octets = octets.get(..length).ok_or(truncated(length))?;
        let expected = u32::from_be_bytes([c0, c1, c2, c3]);
        let checksum = checksum(octets);
        if checksum != expected {
            return Err(ImageError::Checksum { expected, found: checksum });
        }
        let table = octets.get(HEADER..table_end);
        let image = Self { octets, table: table.ok_or(ImageError::Truncated { expected: table_end, found: length })? };
        image.check_table()?;
        Ok(image)
    }

    fn check_table(&self) -> Result<(), ImageError> {
        let mut before: Option<Row> = None;
        for (entry, row) in self.rows().enumerate() {
            let sorted = before.is_none_or(|before| before.order(row.application, (row.kind, row.number)).is_lt());
            if !sorted || row.value(self.octets).is_none() {
                return Err(ImageError::Table { entry });
            }
            before = Some(row);
        }
        Ok(())
    }

    fn rows(&self) -> impl Iterator<Item = Row> + use<'a> {
        self.table.chunks_exact(ENTRY).filter_map(Row::decode)
    }

    /// Every value whose kind is known, by application, kind and number.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let octets = self.octets;
        self.rows().filter_map(move |row| {
            let key = Key::from_code(row.kind, row.number)?;
            Some(Entry { application: row.application, key, value: row.value(octets)? })
        })
    }

    /// The applications in their order, which is the order in which a partial name finds them.
    pub fn applications(&self) -> impl Iterator<Item = Application<'a>> + use<'a> {
        let image = *self;
        (0u8..).take(MAX_APPLICATIONS).map_while(move |index| image.application(index + 1))
    }

    /// The application with this number, counted from 1.
    #[must_use]
    pub fn application(&self, number: u8) -> Option<Application<'a>> {
        if usize::from(number) > MAX_APPLICATIONS || number == CARD {
            return None;
        }
        self.get(number, Key::Name).map(|name| Application { image: *self, number, name })
    }

    /// The ATR, if the image has one.
    #[must_use]
    pub fn atr(&self) -> Option<&'a [u8]> {
        self.get(CARD, Key::Atr)
    }

    /// The content of a transparent file under the MF.
    #[must_use]
    pub fn binary(&self, sfi: Sfi) -> Option<&'a [u8]> {
        self.get(CARD, Key::Binary(sfi))
    }

    /// Whether there is any transparent file.
    #[must_use]
    pub fn has_binary(&self) -> bool {
        self.entries().any(|entry| matches!(entry.key, Key::Binary(_)))
    }

    /// Whether there is anything that a file identifier selects: a DF that has one, or a file under the MF.
    #[must_use]
    pub fn has_identifiers(&self) -> bool {
        self.entries().any(|entry| match entry.key {
            Key::Identifier => true,
            Key::Binary(_) => entry.application == CARD,
            _ => false,
        })
    }

    /// Whether the whole card is blocked.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.get(CARD, Key::Blocked).is_some()
    }

    /// One value of an application (number 0: of the card itself).
    #[must_use]
    pub fn get(&self, application: u8, key: Key) -> Option<&'a [u8]> {
        let code = key.code();
        self.search(application, code, code).and_then(|row| row.value(self.octets))
    }

    /// Any row from `first` to `last`, both included.
    fn search(&self, application: u8, first: (u8, u32), last: (u8, u32)) -> Option<Row> {
        let (mut low, mut high) = (0, self.table.len() / ENTRY);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = Row::decode(self.table.get(middle * ENTRY..(middle + 1) * ENTRY)?)?;
            if row.order(application, first).is_lt() {
                low = middle + 1;
            } else if row.order(application, last).is_gt() {
                high = middle;
            } else {
                return Some(row);
            }
        }
        None
    }
}

/// The checksum over all of an image but the checksum itself.
fn checksum(octets: &[u8]) -> u32 {
    let (header, rest) = (octets.get(..CHECKED), octets.get(HEADER..));
    Crc32::new().with(header.unwrap_or_default()).with(rest.unwrap_or_default()).value()
}

/// Shows sizes only: an image holds PANs.
impl fmt::Debug for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} octets, {} values)", self.octets.len(), self.table.len() / ENTRY)
    }
}

/// Shows the key and the length only: the value may be a PAN.
impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}: {}, {} octets)", self.application, self.key, self.value.len())
    }
}

#[cfg(test)]
mod tests;

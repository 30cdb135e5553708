//! Track data in chip data objects: track 2 of `57` and `9F6B`, track 1 of `56` (ISO/IEC 7813; EMV Contactless C-2,
//! Annex A).
//!
//! Only the PAN (masked), the expiry and the service code leave these types. The discretionary data is counted, not
//! kept: nobody who shows a card needs it. Kernel 2 patches it in its own buffers.

use crate::bcd::halves;
use crate::date::Date;
use crate::pan::{Pan, PanError};
use core::fmt;

/// Half octet that stands for the field separator `=` on track 2.
const SEPARATOR: u8 = 0x0D;

/// Why a value is no track data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TrackError {
    /// The account number is wrong.
    #[error(transparent)]
    Pan(#[from] PanError),
    /// No separator ends the account number or the name.
    #[error("the field separator is missing")]
    SeparatorMissing,
    /// Track 1 does not begin with format code B.
    #[error("format code {found:#04x} instead of B")]
    FormatCode {
        /// First octet, 0 when there is none.
        found: u8,
    },
    /// The account number holds something other than digits.
    #[error("no digit at position {position}")]
    NotADigit {
        /// Half octet of track 2 or character of track 1, counted from 0.
        position: usize,
    },
    /// The data ends inside the expiry or the service code.
    #[error("the track is cut off at position {position}")]
    CutOff {
        /// Half octet of track 2 or character of track 1, counted from 0.
        position: usize,
    },
}

/// Expiry and service code, as either track has them. Each may be replaced by a separator (ISO/IEC 7813).
///
/// A field that is there but holds no digits is `None` too: cards with blanked tracks exist, and their PAN and expiry are
/// worth showing.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct CardFields {
    expiry: Option<[u8; 4]>,
    service_code: Option<[u8; 3]>,
    discretionary: usize,
}

/// Track 2 data. `Debug` shows the masked PAN.
#[derive(Clone, PartialEq, Eq)]
pub struct Track2 {
    pan: Pan,
    fields: CardFields,
}

/// Track 1 data of format B. `Debug` shows the masked PAN and the length of the name.
#[derive(Clone, PartialEq, Eq)]
pub struct Track1<'a> {
    pan: Pan,
    name: &'a [u8],
    fields: CardFields,
}

impl Track2 {
    /// Reads the value of `57` or `9F6B`: half octets, separator D, one F of padding to fill the last octet.
    ///
    /// ```
    /// use tapcard_emv::track::Track2;
    ///
    /// let value = [0x62, 0x10, 0x94, 0, 0, 0, 0, 0x11, 0xD3, 0x01, 0x02, 0x20, 0x12, 0x34, 0x5F];
    /// let track = Track2::parse(&value)?;
    /// assert_eq!(track.pan().to_string(), "621094******0011");
    /// assert_eq!(track.expiry().map(|date| date.to_string()), Some("2030-10".to_string()));
    /// assert_eq!(track.service_code(), Some("220"));
    /// # Ok::<(), tapcard_emv::track::TrackError>(())
    /// ```
    ///
    /// # Errors
    /// No separator, no PAN before it, or a track that ends inside expiry or service code.
    pub fn parse(value: &[u8]) -> Result<Self, TrackError> {
        let mut nibbles = value.iter().copied().flat_map(halves);
        let mut digits = [0u8; crate::pan::MAX_PAN_DIGITS + 1];
        let mut len = 0;
        loop {
            match nibbles.next() {
                None => return Err(TrackError::SeparatorMissing),
                Some(SEPARATOR) => break,
                Some(nibble @ 0..=9) => {
                    *digits.get_mut(len).ok_or(TrackError::Pan(PanError::TooLong))? = b'0' + nibble;
                    len += 1;
                }
                Some(_) => return Err(TrackError::NotADigit { position: len }),
            }
        }
        let pan = Pan::from_ascii(digits.get(..len).unwrap_or_default())?;
        let mut rest = nibbles.map(|nibble| if nibble < 10 { b'0' + nibble } else { nibble });
        let mut fields = CardFields::parse(&mut rest.by_ref(), SEPARATOR, len + 1)?;
        // One F fills the last octet where the number of half octets is odd.
        if fields.discretionary > 0 && value.last().is_some_and(|octet| octet & 0x0F == 0x0F) {
            fields.discretionary -= 1;
        }
        Ok(Self { pan, fields })
    }

    /// The account number.
    #[must_use]
    pub const fn pan(&self) -> &Pan {
        &self.pan
    }

    /// Month of expiry; `None` when it is not coded or is no month.
    #[must_use]
    pub fn expiry(&self) -> Option<Date> {
        self.fields.expiry()
    }

    /// The four digits YYMM of the expiry as they stand; `None` when they are replaced by a separator.
    #[must_use]
    pub fn expiry_yymm(&self) -> Option<&str> {
        text(self.fields.expiry.as_ref())
    }

    /// The three digits of the service code (ISO/IEC 7813); `None` when they are replaced by a separator.
    #[must_use]
    pub fn service_code(&self) -> Option<&str> {
        text(self.fields.service_code.as_ref())
    }

    /// How many half octets of discretionary data follow, without the padding.
    #[must_use]
    pub const fn discretionary_len(&self) -> usize {
        self.fields.discretionary
    }
}

impl<'a> Track1<'a> {
    /// Reads the value of `56`: `B`, PAN, `^`, name, `^`, expiry, service code, discretionary data.
    ///
    /// # Errors
    /// Another format code, a missing separator, no PAN, or a track that ends inside expiry or service code.
    pub fn parse(value: &'a [u8]) -> Result<Self, TrackError> {
        let [b'B', body @ ..] = value else {
            return Err(TrackError::FormatCode { found: value.first().copied().unwrap_or_default() });
        };
        let mut parts = body.splitn(3, |character| *character == b'^');
        let (Some(pan), Some(name), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(TrackError::SeparatorMissing);
        };
        let start = value.len() - rest.len();
        let fields = CardFields::parse(&mut rest.iter().copied(), b'^', start)?;
        Ok(Self { pan: Pan::from_ascii(pan)?, name, fields })
    }

    /// The account number.
    #[must_use]
    pub const fn pan(&self) -> &Pan {
        &self.pan
    }

    /// Month of expiry; `None` when it is not coded or is no month.
    #[must_use]
    pub fn expiry(&self) -> Option<Date> {
        self.fields.expiry()
    }

    /// The three digits of the service code; `None` when they are replaced by a separator.
    #[must_use]
    pub fn service_code(&self) -> Option<&str> {
        text(self.fields.service_code.as_ref())
    }

    /// The name as coded, 2 to 26 characters. Keep it away from logs.
    #[must_use]
    pub const fn reveal_name(&self) -> &'a [u8] {
        self.name
    }

    /// How many characters of discretionary data follow.
    #[must_use]
    pub const fn discretionary_len(&self) -> usize {
        self.fields.discretionary
    }
}

impl CardFields {
    /// The two fields; everything after them is discretionary data.
    fn parse(rest: &mut impl Iterator<Item = u8>, separator: u8, start: usize) -> Result<Self, TrackError> {
        let mut taken = start;
        let expiry = take_digits(rest, separator, &mut taken)?;
        let service_code = take_digits(rest, separator, &mut taken)?;
        Ok(Self { expiry, service_code, discretionary: rest.count() })
    }

    fn expiry(&self) -> Option<Date> {
        let [y1, y2, m1, m2] = self.expiry?.map(|character| character - b'0');
        Date::from_yymm(&[y1 << 4 | y2, m1 << 4 | m2]).ok()
    }
}

/// A field of N digits, or a separator in its place; `None` also for a field with something other than digits.
fn take_digits<const N: usize>(
    rest: &mut impl Iterator<Item = u8>,
    separator: u8,
    position: &mut usize,
) -> Result<Option<[u8; N]>, TrackError> {
    let mut digits = [0; N];
    for (index, digit) in digits.iter_mut().enumerate() {
        match rest.next() {
            Some(character) if character == separator && index == 0 => {
                *position += 1;
                return Ok(None);
            }
            Some(character) => *digit = character,
            None => return Err(TrackError::CutOff { position: *position + index }),
        }
    }
    *position += N;
    Ok(digits.iter().all(u8::is_ascii_digit).then_some(digits))
}

fn text<const N: usize>(digits: Option<&[u8; N]>) -> Option<&str> {
    digits.and_then(|digits| core::str::from_utf8(digits).ok())
}

impl fmt::Debug for Track2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(f, "Track2", &self.pan, &self.fields, None)
    }
}

impl fmt::Debug for Track1<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_masked(f, "Track1", &self.pan, &self.fields, Some(self.name.len()))
    }
}

fn write_masked(
    f: &mut fmt::Formatter<'_>,
    track: &str,
    pan: &Pan,
    fields: &CardFields,
    name_len: Option<usize>,
) -> fmt::Result {
    let mut shown = f.debug_struct(track);
    shown.field("pan", pan);
    if let Some(len) = name_len {
        shown.field("name_len", &len);
    }
    shown
        .field("expiry", &text(fields.expiry.as_ref()))
        .field("service_code", &text(fields.service_code.as_ref()))
        .field("discretionary_len", &fields.discretionary)
        .finish()
}

#[cfg(feature = "defmt")]
impl defmt::Format for Track2 {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Track2({}, expiry {=?})", self.pan, self.expiry_yymm());
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Track1<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Track1({}, expiry {=?})", self.pan, text(self.fields.expiry.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    /// GPO answer of the log `qpboc-online-gpo`: no padding.
    const QPBOC: [u8; 17] =
        [0x62, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0xD2, 0x01, 0x12, 0x01, 0x01, 0x23, 0x45, 0x67, 0x89];

    #[test]
    fn track_2_of_a_qpboc_card_is_read() {
        let track = Track2::parse(&QPBOC).unwrap();
        assert_eq!(track.pan().reveal(), "6299999999999999");
        assert_eq!(track.expiry_yymm(), Some("2011"));
        assert_eq!(track.service_code(), Some("201"));
        assert_eq!(track.discretionary_len(), 10);
    }

    #[test]
    fn separators_may_stand_for_expiry_and_service_code() {
        let track = Track2::parse(&[0x12, 0x34, 0x5D, 0xDD, 0x12, 0x3F]).unwrap();
        assert_eq!((track.expiry(), track.service_code(), track.discretionary_len()), (None, None, 3));
    }

    #[test]
    fn a_month_that_does_not_exist_leaves_only_the_digits() {
        let track = Track2::parse(&[0x12, 0x34, 0x5D, 0x99, 0x99, 0x20, 0x1F]).unwrap();
        assert_eq!((track.expiry(), track.expiry_yymm()), (None, Some("9999")));
    }

    #[test]
    fn broken_track_2_is_refused() {
        assert_eq!(Track2::parse(&[0x12, 0x34]), Err(TrackError::SeparatorMissing));
        assert_eq!(Track2::parse(&[0xD2, 0x01]), Err(TrackError::Pan(PanError::Empty)));
        assert_eq!(Track2::parse(&[0x1A, 0xD2]), Err(TrackError::NotADigit { position: 1 }));
        assert_eq!(Track2::parse(&[0x11; 30]), Err(TrackError::Pan(PanError::TooLong)));
        assert_eq!(Track2::parse(&[0x12, 0x3D, 0x30, 0x12]), Err(TrackError::CutOff { position: 8 }));
    }

    #[test]
    fn every_cut_of_track_2_before_the_discretionary_data_is_an_error() {
        for len in 0..12 {
            assert!(Track2::parse(&QPBOC[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn track_1_is_read_and_its_name_is_borrowed() {
        let track = Track1::parse(b"B6210940000000011^ZHANG/SAN^30102201234567").unwrap();
        assert_eq!(track.pan().to_string(), "621094******0011");
        assert_eq!(track.reveal_name(), b"ZHANG/SAN");
        assert_eq!(track.expiry().unwrap().to_string(), "2030-10");
        assert_eq!((track.service_code(), track.discretionary_len()), (Some("220"), 7));
    }

    #[test]
    fn broken_track_1_is_refused() {
        assert_eq!(Track1::parse(b""), Err(TrackError::FormatCode { found: 0 }));
        assert_eq!(Track1::parse(b"A1^A^"), Err(TrackError::FormatCode { found: b'A' }));
        assert_eq!(Track1::parse(b"B123^NAME"), Err(TrackError::SeparatorMissing));
        assert_eq!(Track1::parse(b"B1^N^301"), Err(TrackError::CutOff { position: 8 }));
    }

    #[test]
    fn a_blanked_track_keeps_its_pan_and_expiry() {
        // From the recorded session of a card whose publisher blanked everything behind the expiry.
        let blanked = [
            0x49, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0xD1, 0x50, 0x92, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0x0F,
        ];
        let track = Track2::parse(&blanked).unwrap();
        assert_eq!((track.expiry_yymm(), track.service_code()), (Some("1509"), None));
    }

    #[test]
    fn debug_shows_neither_the_pan_nor_the_name() {
        let text = format!("{:?}", Track1::parse(b"B6210940000000011^ZHANG/SAN^3010220").unwrap());
        assert!(!text.contains("0940000000011") && !text.contains("ZHANG"), "{text}");
        let text = format!("{:?}", Track2::parse(&QPBOC).unwrap());
        assert!(text.contains("629999******9999") && !text.contains("0123456789"), "{text}");
    }

    proptest! {
        #[test]
        fn no_octets_make_the_readers_panic(octets: Vec<u8>) {
            let _ = Track2::parse(&octets).map(|track| format!("{track:?}"));
            let _ = Track1::parse(&octets).map(|track| format!("{track:?}"));
        }
    }
}

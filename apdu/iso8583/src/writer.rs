//! Writes a message of a spec into the caller's buffer.
//!
//! Fields may come in any order: one that stands before others moves them, and the first field above 64 brings the
//! secondary bitmap. A value that the spec refuses leaves what was written before as it was. Which fields a message needs
//! is left to [`crate::host`].

use crate::bitmap::Bitmap;
use crate::error::{Element, EncodeError, EncodeErrorKind};
use crate::field::{Chars, FieldRef, hex_digit, hex_value};
use crate::message::is_track;
use crate::mti::Mti;
use crate::spec::{Coding, FieldSpec, Pad, Prefix, Size, Spec, Written};
use crate::{MAX_FIELD, MAX_MESSAGE};

/// A message that is being written.
///
/// ```
/// use tapcard_iso8583::{MessageWriter, Mti, specs};
///
/// let mut buffer = [0; 64];
/// let mut writer = MessageWriter::new(&specs::ASCII, &[], Mti::NETWORK_REQUEST, &mut buffer)?;
/// writer.text(7, "0703185655")?.text(70, "001")?.number(11, 884_168)?;
/// let length = writer.finish();
/// assert_eq!(buffer[..length], *b"0800822000000000000004000000000000000703185655884168001");
/// # Ok::<(), tapcard_iso8583::EncodeError>(())
/// ```
pub struct MessageWriter<'s, 'b> {
    spec: &'s Spec<'s>,
    out: &'b mut [u8],
    bitmap: Bitmap,
    /// Where each field begins, its length included.
    starts: [u16; MAX_FIELD as usize + 1],
    len: usize,
}

impl<'s, 'b> MessageWriter<'s, 'b> {
    /// Begins with header and message type; room for the primary bitmap is left behind them.
    ///
    /// # Errors
    /// The header is not as long as the spec says, or the buffer is too small.
    pub fn new(spec: &'s Spec<'s>, header: &[u8], mti: Mti, out: &'b mut [u8]) -> Result<Self, EncodeError> {
        let expected = spec.header.octet_count();
        if header.len() != expected {
            let kind = EncodeErrorKind::WrongLength { length: header.len(), expected };
            return Err(EncodeError { kind, element: Element::Header });
        }
        let needed = expected + spec.mti_octets() + spec.bitmap_octets();
        let capacity = out.len();
        if needed > capacity {
            let kind = EncodeErrorKind::Capacity { needed, capacity };
            return Err(EncodeError { kind, element: Element::PrimaryBitmap });
        }
        let (digits, packed) = (mti.digits(), mti.packed());
        let mti = if spec.mti == Written::Text { &digits[..] } else { &packed[..] };
        put(out, 0, header.iter().copied());
        put(out, expected, mti.iter().copied());
        Ok(Self { spec, out, bitmap: Bitmap::EMPTY, starts: [0; MAX_FIELD as usize + 1], len: needed })
    }

    /// Writes a field given as text; for a field of octets, their hexadecimal digits.
    ///
    /// # Errors
    /// The spec does not have the field or refuses the value, the field is there already, or the buffer is too small.
    pub fn text(&mut self, number: u8, text: impl AsRef<[u8]>) -> Result<&mut Self, EncodeError> {
        self.chars(number, &Chars::text(text.as_ref()))
    }

    /// Writes a field given as octets.
    ///
    /// # Errors
    /// As [`MessageWriter::text`]; and the field holds no octets.
    pub fn octets(&mut self, number: u8, octets: &[u8]) -> Result<&mut Self, EncodeError> {
        match self.known(number)?.coding {
            Coding::Octets | Coding::Hex => self.chars(number, &Chars::new(octets, Coding::Octets, octets.len())),
            _ => Err(EncodeError::field(number, EncodeErrorKind::NotOctets)),
        }
    }

    /// Writes a field of digits given as a number; a fixed field gets leading zeros.
    ///
    /// # Errors
    /// As [`MessageWriter::text`].
    pub fn number(&mut self, number: u8, value: u64) -> Result<&mut Self, EncodeError> {
        let mut digits = [b'0'; 20];
        let mut rest = value;
        let mut used = 0;
        for place in digits.iter_mut().rev() {
            if rest == 0 {
                break;
            }
            *place = hex_digit(u8::try_from(rest % 10).unwrap_or_default());
            rest /= 10;
            used += 1;
        }
        let count = match self.known(number)?.size {
            Size::Fixed(length) => usize::from(length).max(used).min(digits.len()),
            Size::Variable { .. } => used.max(1),
        };
        self.text(number, digits.get(digits.len() - count..).unwrap_or_default())
    }

    /// Writes a fixed field of text and fills it up with spaces, as fields 41 to 43 are.
    ///
    /// # Errors
    /// As [`MessageWriter::text`].
    pub fn padded(&mut self, number: u8, text: impl AsRef<[u8]>) -> Result<&mut Self, EncodeError> {
        let (mut spaced, text) = ([b' '; 99], text.as_ref());
        let wanted = match self.known(number)?.size {
            Size::Fixed(length) => usize::from(length),
            Size::Variable { .. } => 0,
        };
        match spaced.get_mut(..wanted) {
            Some(spaced) if text.len() < wanted => {
                put(spaced, 0, text.iter().copied());
                self.text(number, spaced)
            }
            _ => self.text(number, text),
        }
    }

    /// Writes a field of another message, whose spec may be another one.
    ///
    /// # Errors
    /// As [`MessageWriter::text`].
    pub fn copy(&mut self, field: &FieldRef<'_>) -> Result<&mut Self, EncodeError> {
        self.chars(field.number(), &field.chars())
    }

    /// Which fields have been written.
    #[must_use]
    pub const fn bitmap(&self) -> Bitmap {
        self.bitmap
    }

    /// Writes the bitmaps; the message is the returned number of octets at the start of the buffer.
    #[must_use = "the length of the message"]
    pub fn finish(self) -> usize {
        let at = self.bitmap_at();
        put_bits(self.out, at, self.spec.bitmap, self.bitmap.primary());
        if self.bitmap.contains(1) {
            put_bits(self.out, at + self.spec.bitmap_octets(), self.spec.bitmap, self.bitmap.secondary());
        }
        self.len
    }

    fn bitmap_at(&self) -> usize {
        self.spec.header.octet_count() + self.spec.mti_octets()
    }

    fn known(&self, number: u8) -> Result<&'s FieldSpec, EncodeError> {
        let known = self.spec.field(number).filter(|_| (2..=MAX_FIELD).contains(&number) && number != 65);
        known.ok_or(EncodeError::field(number, EncodeErrorKind::UnknownField))
    }

    fn chars(&mut self, number: u8, chars: &Chars<'_>) -> Result<&mut Self, EncodeError> {
        let field = self.known(number)?;
        if self.bitmap.contains(number) {
            return Err(EncodeError::field(number, EncodeErrorKind::Duplicate));
        }
        let units = checked(field, chars).map_err(|kind| EncodeError::field(number, kind))?;
        let prefix = match field.size {
            Size::Fixed(_) => None,
            Size::Variable { prefix, .. } => Some(prefix),
        };
        let prefix_octets = prefix.map_or(0, Prefix::octet_count);
        let at = self.make_room(number, prefix_octets + field.octets_of(units))?;
        if let Some(prefix) = prefix {
            put_length(self.out, at, prefix, units);
        }
        put_value(self.out, at + prefix_octets, field.coding, chars.clone(), units);
        Ok(self)
    }

    /// Makes a gap of `size` octets for a field, and room for the secondary bitmap when it is the first that needs one.
    fn make_room(&mut self, number: u8, size: usize) -> Result<usize, EncodeError> {
        let secondary = if number > 64 && !self.bitmap.contains(1) { self.spec.bitmap_octets() } else { 0 };
        let (needed, capacity) = (self.len + secondary + size, self.out.len());
        if needed > MAX_MESSAGE {
            return Err(EncodeError::field(number, EncodeErrorKind::TooLong { length: needed, max: MAX_MESSAGE }));
        }
        if needed > capacity {
            return Err(EncodeError::field(number, EncodeErrorKind::Capacity { needed, capacity }));
        }
        if secondary > 0 {
            self.shift(0, self.bitmap_at() + self.spec.bitmap_octets(), secondary);
            self.bitmap = self.bitmap.with(1);
        }
        let next = self.bitmap.fields().find(|other| *other > number);
        let at = next.and_then(|next| self.starts.get(usize::from(next))).map_or(self.len, |start| usize::from(*start));
        self.shift(number, at, size);
        self.bitmap = self.bitmap.with(number);
        if let Some(start) = self.starts.get_mut(usize::from(number)) {
            *start = u16::try_from(at).unwrap_or(u16::MAX);
        }
        Ok(at)
    }

    /// Moves everything from `at`, which are the fields above `number`.
    fn shift(&mut self, number: u8, at: usize, by: usize) {
        self.out.copy_within(at..self.len, at + by);
        // Also behind the last octet: an empty field can stand there.
        let moved = u16::try_from(by).unwrap_or(u16::MAX);
        self.starts.iter_mut().skip(usize::from(number) + 1).for_each(|start| *start = start.saturating_add(moved));
        self.len += by;
    }
}

/// The length of a value in the unit of the field, when the field takes it.
fn checked(field: &FieldSpec, chars: &Chars<'_>) -> Result<usize, EncodeErrorKind> {
    let is_hex = matches!(field.coding, Coding::Hex | Coding::Octets);
    if is_hex && !(chars.len().is_multiple_of(2) && chars.clone().all(|char| char.is_ascii_hexdigit())) {
        return Err(EncodeErrorKind::NotHexadecimal);
    }
    let length = if field.coding == Coding::Octets { chars.len() / 2 } else { chars.len() };
    match field.size {
        Size::Fixed(expected) if length != usize::from(expected) => {
            return Err(EncodeErrorKind::WrongLength { length, expected: expected.into() });
        }
        Size::Variable { prefix, max } if length > usize::from(max).min(prefix.max()) => {
            return Err(EncodeErrorKind::TooLong { length, max: usize::from(max).min(prefix.max()) });
        }
        _ => {}
    }
    let numeric = match field.coding {
        Coding::Text | Coding::Hex | Coding::Octets => true,
        Coding::Digits | Coding::PackedDigits(_) => chars.clone().all(|char| char.is_ascii_digit()),
        Coding::Track | Coding::PackedTrack(_) => chars.clone().all(is_track),
        Coding::SignedDigits => {
            let mut chars = chars.clone();
            chars.next().is_none_or(|sign| matches!(sign, b'C' | b'D')) && chars.all(|char| char.is_ascii_digit())
        }
    };
    if numeric { Ok(length) } else { Err(EncodeErrorKind::NotNumeric) }
}

fn put(out: &mut [u8], at: usize, octets: impl Iterator<Item = u8>) {
    out.iter_mut().skip(at).zip(octets).for_each(|(place, octet)| *place = octet);
}

fn put_bits(out: &mut [u8], at: usize, written: Written, bits: u64) {
    let octets = bits.to_be_bytes();
    match written {
        Written::Packed => put(out, at, octets.into_iter()),
        Written::Text => put(out, at, Chars::new(&octets, Coding::Octets, octets.len())),
    }
}

fn put_length(out: &mut [u8], at: usize, prefix: Prefix, length: usize) {
    let (base, count) = match prefix {
        Prefix::Ascii(count) => (10, count),
        Prefix::Bcd(count) => (100, count),
        Prefix::Binary(count) => (256, count),
    };
    let mut rest = length;
    for place in out.iter_mut().skip(at).take(count.into()).rev() {
        let part = u8::try_from(rest % base).unwrap_or_default();
        rest /= base;
        *place = match prefix {
            Prefix::Ascii(_) => b'0' + part,
            Prefix::Bcd(_) => (part / 10) << 4 | (part % 10),
            Prefix::Binary(_) => part,
        };
    }
}

fn put_value(out: &mut [u8], at: usize, coding: Coding, chars: Chars<'_>, units: usize) {
    let half = |char: u8| if char == b'=' { 0xD } else { hex_value(char) };
    let pair = |halves: &mut dyn Iterator<Item = u8>| Some(halves.next()? << 4 | halves.next()?);
    let odd = !units.is_multiple_of(2);
    let (before, behind) = match coding {
        Coding::Hex => return put(out, at, chars.map(|char| char.to_ascii_uppercase())),
        Coding::PackedDigits(pad) | Coding::PackedTrack(pad) if odd => match pad {
            Pad::LeftZero => (Some(0), None),
            Pad::RightZero => (None, Some(0)),
            Pad::RightF => (None, Some(0xF)),
        },
        Coding::PackedDigits(_) | Coding::PackedTrack(_) | Coding::Octets => (None, None),
        _ => return put(out, at, chars),
    };
    let mut halves = before.into_iter().chain(chars.map(half)).chain(behind);
    put(out, at, core::iter::from_fn(|| pair(&mut halves)));
}

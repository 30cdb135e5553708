//! Reads a message of a spec without copying it.
//!
//! Reading checks everything once: lengths against the spec, digits, pads, and that the last field ends where the message
//! does. What is left is to look at fields by number. What a field means is left to [`crate::host`] and the caller.
//!
//! Defined in ISO 8583:1987, clause 4; the layout is that of the [`Spec`].

use tapcard_iso7816::Tlvs;

use crate::bitmap::Bitmap;
use crate::error::{DecodeError, DecodeErrorKind, Element};
use crate::field::{FieldRef, hex_value};
use crate::mti::Mti;
use crate::spec::{Coding, FieldSpec, Pad, Prefix, Size, Spec, Written};
use crate::{MAX_FIELD, MAX_MESSAGE};

/// A message whose octets have been checked. `Debug` and `Display` show account numbers masked and neither track data nor
/// PIN blocks (see [`crate::mask`]). Takes some 600 octets beside the message itself.
#[derive(Clone)]
pub struct Message<'a> {
    spec: &'a Spec<'a>,
    octets: &'a [u8],
    mti: Mti,
    bitmap: Bitmap,
    /// Where the value of each field begins, and its length in units.
    places: [(u16, u16); MAX_FIELD as usize + 1],
}

impl<'a> Message<'a> {
    /// Reads the whole of `octets`, which have no length prefix ([`crate::framing`]).
    ///
    /// ```
    /// use tapcard_iso8583::{Message, Mti, specs};
    ///
    /// let octets = b"0800822000000000000004000000000000000703185655884168001";
    /// let message = Message::decode(&specs::ASCII, octets)?;
    /// assert_eq!(message.mti(), Mti::NETWORK_REQUEST);
    /// assert_eq!(message.field(70).and_then(|field| field.number_value()), Some(1));
    ///
    /// let error = Message::decode(&specs::ASCII, &octets[..54]).unwrap_err();
    /// assert_eq!(error.to_string(), "field 70: 3 octets are needed, 2 are left at byte 52");
    /// # Ok::<(), tapcard_iso8583::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// The first element that breaks a rule of the spec, and octets behind the last field.
    pub fn decode(spec: &'a Spec<'a>, octets: &'a [u8]) -> Result<Self, DecodeError> {
        Reader { octets, offset: 0, strict: true }.message(spec)
    }

    /// Reads like [`Message::decode`], but takes lower-case hexadecimal digits, any pad and a secondary bitmap that
    /// announces nothing, because hosts send them.
    ///
    /// # Errors
    /// Every other broken rule.
    pub fn decode_lenient(spec: &'a Spec<'a>, octets: &'a [u8]) -> Result<Self, DecodeError> {
        Reader { octets, offset: 0, strict: false }.message(spec)
    }

    /// The layout it was read by.
    #[must_use]
    pub const fn spec(&self) -> &'a Spec<'a> {
        self.spec
    }

    /// The whole message as it was received, unmasked.
    #[must_use]
    pub const fn wire(&self) -> &'a [u8] {
        self.octets
    }

    /// What stands before the message type.
    #[must_use]
    pub fn header(&self) -> &'a [u8] {
        self.octets.get(..self.spec.header.octet_count()).unwrap_or_default()
    }

    /// The message type.
    #[must_use]
    pub const fn mti(&self) -> Mti {
        self.mti
    }

    /// The bitmaps; bit 1 as it was received.
    #[must_use]
    pub const fn bitmap(&self) -> Bitmap {
        self.bitmap
    }

    /// A field by its number, 2 to 128.
    #[must_use]
    pub fn field(&self, number: u8) -> Option<FieldRef<'a>> {
        if !self.bitmap.contains(number) {
            return None;
        }
        let (start, len) = *self.places.get(usize::from(number))?;
        let (start, len) = (usize::from(start), usize::from(len));
        let spec = self.spec.field(number)?;
        let wire = self.octets.get(start..start + spec.octets_of(len))?;
        self.spec.field_at(number, wire, len, start)
    }

    /// The fields in rising order.
    pub fn fields(&self) -> impl Iterator<Item = FieldRef<'a>> + '_ {
        self.bitmap.fields().filter_map(|number| self.field(number))
    }

    /// The data objects of field 55, where the spec writes it as octets; offsets count in the message. `None` without the
    /// field, or when it is written in hexadecimal: use [`FieldRef::copy_octets`] then.
    ///
    /// ```
    /// use tapcard_iso8583::{Message, specs};
    ///
    /// let octets = b"0210\x00\x20\x00\x00\x00\x00\x02\x00123456004\x8A\x02\x30\x30";
    /// let message = Message::decode(&specs::BINBITMAP, octets)?;
    /// let arc = message.chip_data().and_then(|mut objects| objects.next());
    /// assert_eq!(arc.and_then(Result::ok).map(|object| object.value), Some(&b"00"[..]));
    /// # Ok::<(), tapcard_iso8583::DecodeError>(())
    /// ```
    #[must_use]
    pub fn chip_data(&self) -> Option<Tlvs<'a>> {
        let field = self.field(55)?;
        Some(Tlvs::at(field.as_octets()?, field.offset()))
    }
}

/// A place in the message that is being read.
struct Reader<'a> {
    octets: &'a [u8],
    offset: usize,
    strict: bool,
}

impl<'a> Reader<'a> {
    fn message(mut self, spec: &'a Spec<'a>) -> Result<Message<'a>, DecodeError> {
        if self.octets.len() > MAX_MESSAGE {
            let kind = DecodeErrorKind::TooLong { length: self.octets.len(), max: MAX_MESSAGE };
            return Err(DecodeError { kind, element: Element::Message, offset: 0 });
        }
        self.take(spec.header.octet_count(), Element::Header, 0)?;
        let mti = self.mti(spec)?;
        let bitmap = self.bitmaps(spec)?;
        let mut places = [(0, 0); MAX_FIELD as usize + 1];
        let mut rows = spec.fields.iter();
        let mut last = if bitmap.contains(1) { Element::SecondaryBitmap } else { Element::PrimaryBitmap };
        for number in bitmap.fields() {
            last = Element::Field(number);
            let Some(field) = rows.find(|row| row.number >= number).filter(|row| row.number == number) else {
                return Err(DecodeError { kind: DecodeErrorKind::UnknownField, element: last, offset: self.offset });
            };
            let place = self.field(field)?;
            if let Some(slot) = places.get_mut(usize::from(number)) {
                *slot = place;
            }
        }
        match self.octets.len() - self.offset {
            0 => Ok(Message { spec, octets: self.octets, mti, bitmap, places }),
            left => {
                let kind = DecodeErrorKind::TrailingData { left };
                Err(DecodeError { kind, element: last, offset: self.offset })
            }
        }
    }

    /// The next octets of an element that began at `start`.
    fn take(&mut self, needed: usize, element: Element, start: usize) -> Result<&'a [u8], DecodeError> {
        let rest = self.octets.get(self.offset..).unwrap_or_default();
        let Some(taken) = rest.get(..needed) else {
            let kind = DecodeErrorKind::Truncated { needed, left: rest.len() };
            return Err(DecodeError { kind, element, offset: start });
        };
        self.offset += needed;
        Ok(taken)
    }

    fn mti(&mut self, spec: &Spec<'_>) -> Result<Mti, DecodeError> {
        let start = self.offset;
        let octets = self.take(spec.mti_octets(), Element::Mti, start)?;
        let mti = match (spec.mti, octets) {
            (Written::Text, &[a, b, c, d]) => Mti::from_ascii([a, b, c, d]),
            (Written::Packed, &[a, b]) => Mti::from_packed([a, b]),
            _ => None,
        };
        mti.ok_or(DecodeError { kind: DecodeErrorKind::NotNumeric, element: Element::Mti, offset: start })
    }

    fn bitmaps(&mut self, spec: &Spec<'_>) -> Result<Bitmap, DecodeError> {
        let primary = Bitmap::new(self.bitmap(spec, Element::PrimaryBitmap)?, 0);
        if !primary.contains(1) {
            return Ok(primary);
        }
        let offset = self.offset;
        let secondary = self.bitmap(spec, Element::SecondaryBitmap)?;
        if secondary == 0 && self.strict {
            let kind = DecodeErrorKind::BitmapConflict;
            return Err(DecodeError { kind, element: Element::SecondaryBitmap, offset });
        }
        Ok(Bitmap::new(primary.primary(), secondary))
    }

    fn bitmap(&mut self, spec: &Spec<'_>, element: Element) -> Result<u64, DecodeError> {
        let start = self.offset;
        let octets = self.take(spec.bitmap_octets(), element, start)?;
        if spec.bitmap == Written::Packed {
            return Ok(octets.iter().fold(0, |bits, octet| bits << 8 | u64::from(*octet)));
        }
        self.check_hex(octets, element, start)?;
        Ok(octets.iter().fold(0, |bits, digit| bits << 4 | u64::from(hex_value(*digit))))
    }

    /// Where the value of a field begins, and its length in units.
    fn field(&mut self, field: &FieldSpec) -> Result<(u16, u16), DecodeError> {
        let (start, element) = (self.offset, Element::Field(field.number));
        let len = match field.size {
            Size::Fixed(length) => length.into(),
            Size::Variable { prefix, max } => {
                let length = self.length(prefix, element)?;
                if length > usize::from(max) {
                    let kind = DecodeErrorKind::TooLong { length, max: max.into() };
                    return Err(DecodeError { kind, element, offset: start });
                }
                length
            }
        };
        let place = self.offset;
        let wire = self.take(field.octets_of(len), element, place)?;
        self.check(field.coding, wire, len, element, place)?;
        // Both are bounded by the length of the message.
        Ok((u16::try_from(place).unwrap_or(u16::MAX), u16::try_from(len).unwrap_or(u16::MAX)))
    }

    fn length(&mut self, prefix: Prefix, element: Element) -> Result<usize, DecodeError> {
        let start = self.offset;
        let octets = self.take(prefix.octet_count(), element, start)?;
        let fail = |kind| DecodeError { kind, element, offset: start };
        octets.iter().try_fold(0_usize, |total, octet| {
            let (base, digit) = match prefix {
                Prefix::Ascii(_) if !octet.is_ascii_digit() => return Err(fail(DecodeErrorKind::LengthNotNumeric)),
                Prefix::Bcd(_) if !is_packed(*octet) => return Err(fail(DecodeErrorKind::LengthNotBcd)),
                Prefix::Ascii(_) => (10, octet - b'0'),
                Prefix::Bcd(_) => (100, (octet >> 4) * 10 + (octet & 15)),
                Prefix::Binary(_) => (256, *octet),
            };
            Ok(total.saturating_mul(base).saturating_add(digit.into()))
        })
    }

    fn check(&self, coding: Coding, wire: &[u8], len: usize, element: Element, at: usize) -> Result<(), DecodeError> {
        let all = |good: fn(u8) -> bool| match wire.iter().position(|octet| !good(*octet)) {
            None => Ok(()),
            Some(index) => Err(DecodeError { kind: DecodeErrorKind::NotNumeric, element, offset: at + index }),
        };
        match coding {
            Coding::Text | Coding::Octets => Ok(()),
            Coding::Digits => all(|octet| octet.is_ascii_digit()),
            Coding::Track => all(is_track),
            Coding::SignedDigits => match wire {
                [b'C' | b'D', ..] | [] => {
                    self.check(Coding::Digits, wire.get(1..).unwrap_or_default(), len, element, at + 1)
                }
                _ => Err(DecodeError { kind: DecodeErrorKind::NotNumeric, element, offset: at }),
            },
            Coding::Hex => self.check_hex(wire, element, at),
            Coding::PackedDigits(pad) | Coding::PackedTrack(pad) => {
                let separator = matches!(coding, Coding::PackedTrack(_));
                self.check_packed(wire, len, pad, separator).map_err(|(kind, index)| DecodeError {
                    kind,
                    element,
                    offset: at + index,
                })
            }
        }
    }

    fn check_hex(&self, wire: &[u8], element: Element, at: usize) -> Result<(), DecodeError> {
        let good = |digit: u8| digit.is_ascii_hexdigit() && !(self.strict && digit.is_ascii_lowercase());
        if let Some(index) = wire.iter().position(|digit| !good(*digit)) {
            return Err(DecodeError { kind: DecodeErrorKind::NotHexadecimal, element, offset: at + index });
        }
        if wire.len() % 2 == 1 {
            return Err(DecodeError { kind: DecodeErrorKind::OddHexadecimal, element, offset: at });
        }
        Ok(())
    }

    fn check_packed(&self, wire: &[u8], len: usize, pad: Pad, separator: bool) -> Result<(), (DecodeErrorKind, usize)> {
        let good = |half: u8| half <= 9 || (separator && half == 0xD);
        let odd = len % 2 == 1;
        let last = wire.len().saturating_sub(1);
        for (index, octet) in wire.iter().enumerate() {
            let (upper, lower) = (octet >> 4, octet & 15);
            let padding = match pad {
                Pad::LeftZero if odd && index == 0 => Some((upper, 0, lower)),
                Pad::RightZero if odd && index == last => Some((lower, 0, upper)),
                Pad::RightF if odd && index == last => Some((lower, 0xF, upper)),
                _ => None,
            };
            match padding {
                Some((found, wanted, _)) if self.strict && found != wanted => {
                    return Err((DecodeErrorKind::BadPad, index));
                }
                Some((_, _, digit)) if good(digit) => {}
                None if good(upper) && good(lower) => {}
                _ => return Err((DecodeErrorKind::NotNumeric, index)),
            }
        }
        Ok(())
    }
}

/// Two digits.
const fn is_packed(octet: u8) -> bool {
    octet >> 4 <= 9 && octet & 15 <= 9
}

/// A character of track 2 or 3.
pub(crate) const fn is_track(octet: u8) -> bool {
    octet.is_ascii_digit() || matches!(octet, b'=' | b'D')
}

//! Reads the BER-TLV objects of one level without copying. All levels at once: [`crate::tlv::walk`].
//!
//! Every offset counts from the start of the outermost input, so that a message can point at the octet. An error carries
//! the offset of the tag field of the object that is broken; everything before it has been delivered.
//!
//! Fill octets `00` before, between and behind objects are skipped (EMV 4.4 Book 3, Annex B1). ISO/IEC 7816-4 once allowed
//! `FF` as well, but `FF` also begins private tags such as `FF8105`, which payment kernels use: it is read as a tag.

use core::fmt;
use core::iter::FusedIterator;

use super::error::{TlvError, TlvErrorKind};
use super::header::Header;
use super::tag::{CONSTRUCTED, Tag};

/// One data object; `value` borrows from the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value field.
    pub value: &'a [u8],
    /// Offset of the tag field in the outermost input.
    pub offset: usize,
    /// How many octets the tag field and the length field have together.
    pub header: usize,
    /// What [`Tag::is_constructed`] says; a walk knows it already.
    pub(super) constructed: bool,
}

impl<'a> Tlv<'a> {
    /// Whether the value holds data objects again: [`Tag::is_constructed`], but here the answer is known already.
    #[must_use]
    #[inline]
    pub const fn is_constructed(&self) -> bool {
        self.constructed
    }

    /// The objects in the value; meaningful for a constructed object.
    #[must_use]
    #[inline]
    pub const fn children(&self) -> Tlvs<'a> {
        Tlvs::at(self.value, self.offset + self.header)
    }

    /// How many octets the object has: tag field, length field and value.
    #[must_use]
    #[inline]
    pub const fn whole_len(&self) -> usize {
        self.header + self.value.len()
    }
}

/// Shows tag, length and offset only: the value may be a PAN.
impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} octets, at {})", self.tag, self.value.len(), self.offset)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Tlv<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Tlv({}, {=usize} octets, at {=usize})", self.tag, self.value.len(), self.offset);
    }
}

/// The objects of one level, in order. Ends after the first error.
///
/// ```
/// use tapcard_iso7816::{Tag, Tlvs};
///
/// let mut objects = Tlvs::new(&[0x00, 0x5A, 0x02, 0x12, 0x34]);
/// let object = objects.next().expect("there is one")?;
/// assert_eq!((object.tag, object.value, object.offset), (Tag::new(0x5A), &[0x12, 0x34][..], 1));
/// assert!(objects.next().is_none());
/// # Ok::<(), tapcard_iso7816::TlvError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Tlvs<'a> {
    /// Over the whole of `input`, which is the outermost one.
    #[must_use]
    #[inline]
    pub const fn new(input: &'a [u8]) -> Self {
        Self::at(input, 0)
    }

    /// Over `input`, which begins at `offset` of the outermost input.
    #[must_use]
    #[inline]
    pub const fn at(input: &'a [u8], offset: usize) -> Self {
        Self { rest: input, offset }
    }

    /// What has not been read yet; nothing after an error, which says itself where it stands.
    #[must_use]
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Offset of [`Tlvs::rest`] in the outermost input.
    #[must_use]
    #[inline]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Ends the walk.
    #[inline(always)]
    fn fail(&mut self, kind: TlvErrorKind) -> TlvError {
        let error = TlvError { kind, offset: self.offset };
        self.offset += self.rest.len();
        self.rest = &[];
        error
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Header { tag, first, length, behind } = loop {
            if let Some(header) = Header::common(self.rest) {
                break header;
            }
            match self.rest {
                [] => return None,
                [0x00, rest @ ..] => (self.rest, self.offset) = (rest, self.offset + 1),
                _ => match Header::any(self.rest) {
                    Ok(header) => break header,
                    Err(kind) => return Some(Err(self.fail(kind))),
                },
            }
        };
        let Some((value, rest)) = behind.split_at_checked(length) else {
            let kind = TlvErrorKind::TruncatedValue { needed: length, left: behind.len() };
            return Some(Err(self.fail(kind)));
        };
        let header = self.rest.len() - behind.len();
        let object = Tlv { tag, value, offset: self.offset, header, constructed: first & CONSTRUCTED != 0 };
        self.offset += object.whole_len();
        self.rest = rest;
        Some(Ok(object))
    }
}

impl FusedIterator for Tlvs<'_> {}

/// The value of the first object with `tag` at the top level of `input`. Octets behind a broken object are not searched.
#[must_use]
pub fn find(input: &[u8], tag: Tag) -> Option<&[u8]> {
    Tlvs::new(input).map_while(Result::ok).find(|object| object.tag == tag).map(|object| object.value)
}

/// The value at the end of a path of tags: the first object of each tag inside the one before. An empty path is `input`.
///
/// ```
/// use tapcard_iso7816::{Tag, find_path};
///
/// let fci = [0x6F, 0x05, 0xA5, 0x03, 0x50, 0x01, 0x41];
/// let label = find_path(&fci, &[Tag::new(0x6F), Tag::new(0xA5), Tag::new(0x50)]);
/// assert_eq!(label, Some(&b"A"[..]));
/// ```
#[must_use]
pub fn find_path<'a>(input: &'a [u8], path: &[Tag]) -> Option<&'a [u8]> {
    path.iter().try_fold(input, |value, tag| find(value, *tag))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    /// Tag, value, offset and octets of the header.
    type Seen<'a> = (u32, &'a [u8], usize, usize);

    fn read(input: &[u8]) -> Result<Vec<Seen<'_>>, TlvError> {
        Tlvs::new(input)
            .map(|object| object.map(|object| (object.tag.get(), object.value, object.offset, object.header)))
            .collect()
    }

    #[test]
    fn objects_come_with_offset_and_header() {
        let input = [0x5A, 0x02, 0x12, 0x34, 0x9F, 0x36, 0x02, 0x00, 0x01, 0x50, 0x00];
        let expected: Vec<Seen<'_>> =
            vec![(0x5A, &[0x12, 0x34], 0, 2), (0x9F36, &[0x00, 0x01], 4, 3), (0x50, &[], 9, 2)];
        assert_eq!(read(&input), Ok(expected));
    }

    #[test]
    fn an_object_knows_whether_it_holds_others() {
        let input = [0x70, 0x00, 0x5A, 0x00, 0xBF, 0x0C, 0x00, 0x9F, 0x20, 0x00, 0xFF, 0x81, 0x05, 0x00];
        let found: Vec<_> = Tlvs::new(&input).map(|object| object.unwrap().is_constructed()).collect();
        assert_eq!(found, [true, false, true, false, true]);
    }

    #[test]
    fn fill_octets_are_skipped_everywhere_between_objects() {
        let input = [0x00, 0x00, 0x5A, 0x01, 0x00, 0x00, 0x5F, 0x34, 0x01, 0x01, 0x00];
        assert_eq!(read(&input), Ok(vec![(0x5A, &[0x00][..], 2, 2), (0x5F34, &[0x01][..], 6, 3)]));
        assert_eq!(read(&[0x00; 5]), Ok(vec![]));
        assert_eq!(read(&[]), Ok(vec![]));
    }

    #[test]
    fn ff_begins_a_private_template() {
        let input = [0xFF, 0x81, 0x05, 0x02, 0x9A, 0x00];
        assert_eq!(read(&input), Ok(vec![(0x00FF_8105, &[0x9A, 0x00][..], 0, 4)]));
    }

    #[test]
    fn every_length_form_is_read_also_when_it_is_longer_than_needed() {
        let value = [0x77; 300];
        for (header, length) in [
            (&[0x57, 0x7F][..], 0x7F),
            (&[0x57, 0x81, 0x05], 5),
            (&[0x57, 0x81, 0xFF], 255),
            (&[0x57, 0x82, 0x01, 0x2C], 300),
            (&[0x9F, 0x46, 0x81, 0xB0], 176),
            (&[0x57, 0x83, 0x00, 0x00, 0x05], 5),
            (&[0x57, 0x84, 0x00, 0x00, 0x01, 0x00], 256),
            (&[0x9F, 0x81, 0x46, 0x84, 0x00, 0x00, 0x00, 0x00], 0),
        ] {
            let input = [header, &value[..length]].concat();
            let found = read(&input).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].1, found[0].3), (&value[..length], header.len()));
        }
    }

    #[test]
    fn every_truncation_of_an_object_is_an_error_of_its_own() {
        let whole = [0x00, 0x9F, 0x81, 0x02, 0x82, 0x00, 0x03, 0xAA, 0xBB, 0xCC];
        let expected = |length| match length {
            2..=3 => TlvErrorKind::TruncatedTag,
            4..=6 => TlvErrorKind::TruncatedLength,
            _ => TlvErrorKind::TruncatedValue { needed: 3, left: length - 7 },
        };
        for length in 2..whole.len() {
            let error = TlvError { kind: expected(length), offset: 1 };
            assert_eq!(read(&whole[..length]), Err(error), "{length} octets");
        }
        assert!(read(&whole).is_ok());
    }

    #[test]
    fn every_truncation_of_a_common_object_is_an_error_of_its_own() {
        let whole = [0x9F, 0x36, 0x02, 0x00, 0x01];
        let kinds = [TlvErrorKind::TruncatedTag, TlvErrorKind::TruncatedLength];
        for (length, kind) in (1..3).zip(kinds) {
            assert_eq!(read(&whole[..length]), Err(TlvError { kind, offset: 0 }));
        }
        for length in 3..5 {
            let kind = TlvErrorKind::TruncatedValue { needed: 2, left: length - 3 };
            assert_eq!(read(&whole[..length]), Err(TlvError { kind, offset: 0 }));
        }
        let one_octet = [0x5A];
        assert_eq!(read(&one_octet), Err(TlvError { kind: TlvErrorKind::TruncatedLength, offset: 0 }));
        let length_81 = [0x5A, 0x81];
        assert_eq!(read(&length_81), Err(TlvError { kind: TlvErrorKind::TruncatedLength, offset: 0 }));
    }

    #[test]
    fn lengths_that_nobody_may_send_are_refused() {
        let of = |length: &[u8]| read(&[&[0x50, 0x00, 0x70], length, &[0x00; 4]].concat()).unwrap_err();
        assert_eq!(of(&[0x80]), TlvError { kind: TlvErrorKind::IndefiniteLength, offset: 2 });
        assert_eq!(of(&[0x85, 0, 0, 0, 0, 0]), TlvError { kind: TlvErrorKind::LengthTooLong, offset: 2 });
        assert_eq!(of(&[0xFF]), TlvError { kind: TlvErrorKind::LengthTooLong, offset: 2 });
        let kind = TlvErrorKind::TruncatedValue { needed: 0xFFFF_FFFF, left: 4 };
        assert_eq!(of(&[0x84, 0xFF, 0xFF, 0xFF, 0xFF]), TlvError { kind, offset: 2 });
    }

    #[test]
    fn a_tag_of_five_octets_is_refused() {
        let input = [0x50, 0x00, 0x9F, 0x81, 0x81, 0x81, 0x01, 0x00];
        assert_eq!(read(&input), Err(TlvError { kind: TlvErrorKind::TagTooLong, offset: 2 }));
    }

    #[test]
    fn objects_before_a_broken_one_are_delivered_and_nothing_after_it() {
        let mut objects = Tlvs::at(&[0x50, 0x01, 0x41, 0x5A, 0x05, 0x12], 100);
        assert_eq!(objects.next().unwrap().unwrap().offset, 100);
        assert_eq!((objects.rest(), objects.offset()), (&[0x5A, 0x05, 0x12][..], 103));
        let kind = TlvErrorKind::TruncatedValue { needed: 5, left: 1 };
        assert_eq!(objects.next(), Some(Err(TlvError { kind, offset: 103 })));
        assert_eq!((objects.next(), objects.next()), (None, None));
        assert_eq!((objects.rest(), objects.offset()), (&[][..], 106));
    }

    #[test]
    fn children_know_where_they_are() {
        let input = [0x00, 0x6F, 0x04, 0x84, 0x02, 0xA0, 0x00];
        let template = Tlvs::new(&input).next().unwrap().unwrap();
        assert_eq!((template.offset, template.header, template.whole_len()), (1, 2, 6));
        let name = template.children().next().unwrap().unwrap();
        assert_eq!((name.offset, name.value), (3, &[0xA0, 0x00][..]));
    }

    #[test]
    fn find_takes_the_first_and_stays_on_its_level() {
        let input = [0x70, 0x03, 0x5A, 0x01, 0x01, 0x5A, 0x01, 0x02, 0x5A, 0x01, 0x03];
        assert_eq!(find(&input, Tag::new(0x5A)), Some(&[0x02][..]));
        assert_eq!(find(&input, Tag::new(0x57)), None);
        assert_eq!(find_path(&input, &[Tag::new(0x70), Tag::new(0x5A)]), Some(&[0x01][..]));
        assert_eq!(find_path(&input, &[]), Some(&input[..]));
        assert_eq!(find_path(&input, &[Tag::new(0x70), Tag::new(0x57)]), None);
    }

    #[test]
    fn find_stops_silently_at_broken_octets() {
        let input = [0x50, 0x01, 0x41, 0x5A, 0x7F, 0x57, 0x00];
        assert_eq!(find(&input, Tag::new(0x50)), Some(&b"A"[..]));
        assert_eq!(find(&input, Tag::new(0x57)), None);
    }

    #[test]
    fn debug_shows_no_value() {
        let object = Tlvs::new(&[0x5A, 0x02, 0x62, 0x12]).next().unwrap().unwrap();
        assert_eq!(format!("{object:?}"), "Tlv(5A, 2 octets, at 0)");
    }

    #[test]
    fn an_error_says_what_where_and_how_much() {
        let error = read(&[0x50, 0x02, 0x41]).unwrap_err();
        assert_eq!(error.to_string(), "the value needs 2 octets, 1 are left at byte 0");
    }

    proptest! {
        #[test]
        fn any_octets_give_objects_inside_the_input(input in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut end = 0;
            for object in Tlvs::new(&input) {
                match object {
                    Ok(object) => {
                        prop_assert!(object.offset >= end);
                        prop_assert!(input[end..object.offset].iter().all(|octet| *octet == 0));
                        let value = object.offset + object.header;
                        end = object.offset + object.whole_len();
                        prop_assert_eq!(&input[value..end], object.value);
                    }
                    Err(error) => prop_assert!(error.offset >= end && error.offset < input.len()),
                }
            }
        }
    }
}

//! Reads the BER-TLV objects of one level without copying. All levels at once: [`crate::tlv::walk`].
//!
//! Every offset counts from the start of the outermost input, so that a message can point at the octet. An error carries
//! the offset of the tag field of the object that is broken; everything before it has been delivered.
//!
//! Fill octets `00` before, between and behind objects are skipped (EMV 4.4 Book 3, Annex B1). ISO/IEC 7816-4 once allowed
//! `FF` as well, but `FF` also begins private tags such as `FF8105`, which payment kernels use: it is read as a tag.

use core::fmt;
use core::iter::FusedIterator;

use super::header::Header;
use super::tag::Tag;

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
}

impl<'a> Tlv<'a> {
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

/// What is wrong with a data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TlvErrorKind {
    /// The input ends inside the tag field.
    #[error("the tag field is cut off")]
    TruncatedTag,
    /// The input ends before or inside the length field.
    #[error("the length field is cut off")]
    TruncatedLength,
    /// The value is longer than what is left of the input or of the object around it.
    #[error("the value needs {needed} octets, {left} are left")]
    TruncatedValue {
        /// What the length field says.
        needed: usize,
        /// What there is.
        left: usize,
    },
    /// A tag field of more than four octets.
    #[error("the tag field has more than four octets")]
    TagTooLong,
    /// A length field of more than five octets (`85` and up), or a length beyond the address range.
    #[error("the length field is too long")]
    LengthTooLong,
    /// Length `80`, which neither ISO/IEC 7816-4 nor EMV uses.
    #[error("the length is of the indefinite form")]
    IndefiniteLength,
    /// A constructed object on level [`super::MAX_DEPTH`]: what is in it would be one level too deep.
    #[error("objects are nested too deeply")]
    TooDeep,
    /// `00` where a tag must be; only [`Tag::parse`] says this, the walks skip fill octets.
    #[error("a fill octet stands where a tag is needed")]
    FillByte,
}

/// A broken data object, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{kind} at byte {offset}")]
pub struct TlvError {
    /// What is wrong.
    pub kind: TlvErrorKind,
    /// Offset of the tag field of the broken object in the outermost input.
    pub offset: usize,
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

    /// Skips fill octets. `None`: the input has ended.
    #[cold]
    #[inline(never)]
    fn seek(&mut self) -> Option<()> {
        while let [0x00, rest @ ..] = self.rest {
            self.rest = rest;
            self.offset += 1;
        }
        if self.rest.is_empty() { None } else { Some(()) }
    }

    /// Ends the walk.
    #[cold]
    #[inline(never)]
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
        let Header { tag, length, behind, .. } = match Header::common(self.rest) {
            Some(header) => header,
            None => {
                self.seek()?;
                match Header::any(self.rest) {
                    Ok(header) => header,
                    Err(kind) => return Some(Err(self.fail(kind))),
                }
            }
        };
        let Some((value, rest)) = behind.split_at_checked(length) else {
            let kind = TlvErrorKind::TruncatedValue { needed: length, left: behind.len() };
            return Some(Err(self.fail(kind)));
        };
        let object = Tlv { tag, value, offset: self.offset, header: self.rest.len() - behind.len() };
        self.offset += self.rest.len() - rest.len();
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

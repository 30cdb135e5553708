//! What goes wrong with data objects: octets that are none, and buffers that are too small for one.
//!
//! What to do about it is left to the caller: cards in the field do send broken objects.

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
    /// `00` where a tag must be; only [`Tag::parse`](super::Tag::parse) says this, the walks skip fill octets.
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

/// A buffer is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{needed} octets are needed, the buffer has {capacity}")]
pub struct CapacityError {
    /// How many octets the buffer would need to have for what was written so far and this.
    pub needed: usize,
    /// How many octets it has.
    pub capacity: usize,
}

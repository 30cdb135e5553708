//! Length prefixes on a stream, and messages out of the pieces that a stream delivers.
//!
//! TCP has no messages, so each host puts the length before: as two octets binary (most), as four digits in two octets,
//! or as four ASCII digits. The length counts the message without its prefix. What a message holds is left to
//! [`crate::message`]; reading a stream and closing it after an error is the caller's.

/// How the length of a message is written before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Framing {
    /// Two octets, big-endian.
    Binary2,
    /// Two octets of two digits each.
    Bcd2,
    /// Four ASCII digits.
    Ascii4,
}

/// Why a stream cannot be cut into messages any further, or a message cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FramingError {
    /// A half octet above 9 in the length.
    #[error("length not BCD")]
    LengthNotBcd,
    /// A character in the length that is no digit.
    #[error("length not numeric")]
    LengthNotNumeric,
    /// A message longer than the buffer, or than the prefix can express.
    #[error("message of {length} octets over the maximum {max}")]
    TooLong {
        /// Octets of the message.
        length: usize,
        /// What there is room for.
        max: usize,
    },
}

/// Octets of the longest prefix.
pub const MAX_PREFIX: usize = 4;

impl Framing {
    /// How many octets the prefix has.
    #[must_use]
    pub const fn octet_count(self) -> usize {
        match self {
            Self::Binary2 | Self::Bcd2 => 2,
            Self::Ascii4 => 4,
        }
    }

    /// The longest message in octets.
    #[must_use]
    pub const fn max(self) -> usize {
        match self {
            Self::Binary2 => 0xFFFF,
            Self::Bcd2 | Self::Ascii4 => 9999,
        }
    }

    /// The prefix of a message: the first [`Framing::octet_count`] octets of what is returned.
    ///
    /// ```
    /// use tapcard_iso8583::Framing;
    ///
    /// assert_eq!(Framing::Ascii4.prefix(133)?.0, *b"0133");
    /// assert_eq!(Framing::Bcd2.prefix(133)?, ([0x01, 0x33, 0, 0], 2));
    /// # Ok::<(), tapcard_iso8583::FramingError>(())
    /// ```
    ///
    /// # Errors
    /// The message is longer than the prefix can express.
    pub fn prefix(self, length: usize) -> Result<([u8; MAX_PREFIX], usize), FramingError> {
        let too_long = FramingError::TooLong { length, max: self.max() };
        let short = u16::try_from(length).ok().filter(|_| length <= self.max()).ok_or(too_long)?;
        let digit = |power: u16| (short / power % 10).to_be_bytes()[1];
        let digits = [1000, 100, 10, 1].map(digit);
        let [a, b, c, d] = digits;
        let [high, low] = short.to_be_bytes();
        let octets = match self {
            Self::Binary2 => [high, low, 0, 0],
            Self::Bcd2 => [a << 4 | b, c << 4 | d, 0, 0],
            Self::Ascii4 => digits.map(|digit| b'0' + digit),
        };
        Ok((octets, self.octet_count()))
    }

    /// The length that a whole prefix announces.
    fn length(self, prefix: &[u8]) -> Result<usize, FramingError> {
        prefix.iter().try_fold(0_usize, |total, octet| match self {
            Self::Binary2 => Ok(total << 8 | usize::from(*octet)),
            Self::Bcd2 if octet >> 4 > 9 || octet & 15 > 9 => Err(FramingError::LengthNotBcd),
            Self::Bcd2 => Ok(total * 100 + usize::from((octet >> 4) * 10 + (octet & 15))),
            Self::Ascii4 if !octet.is_ascii_digit() => Err(FramingError::LengthNotNumeric),
            Self::Ascii4 => Ok(total * 10 + usize::from(octet - b'0')),
        })
    }
}

/// Puts messages together in the caller's buffer, whose size is the longest message that is accepted.
///
/// ```
/// use tapcard_iso8583::{Deframer, Framing};
///
/// let mut buffer = [0; 16];
/// let mut deframer = Deframer::new(Framing::Binary2, &mut buffer);
/// let (used, message) = deframer.push(b"\x00\x03ab")?;
/// assert_eq!((used, message), (4, None));
/// let (used, message) = deframer.push(b"c\x00\x01d")?;
/// assert_eq!((used, message), (1, Some(&b"abc"[..])));
/// # Ok::<(), tapcard_iso8583::FramingError>(())
/// ```
pub struct Deframer<'b> {
    framing: Framing,
    buffer: &'b mut [u8],
    prefix: [u8; MAX_PREFIX],
    prefix_filled: usize,
    filled: usize,
    failed: Option<FramingError>,
}

impl<'b> Deframer<'b> {
    /// For one stream.
    #[must_use]
    pub const fn new(framing: Framing, buffer: &'b mut [u8]) -> Self {
        Self { framing, buffer, prefix: [0; MAX_PREFIX], prefix_filled: 0, filled: 0, failed: None }
    }

    /// Takes octets up to the end of one message: how many were taken, and the message when it is whole. Push the rest
    /// afterwards. A message of zero octets is one too; some hosts send them to keep a line open.
    ///
    /// # Errors
    /// A prefix that is no length, or a message longer than the buffer. The stream has no further message then, and every
    /// later call says the same.
    pub fn push(&mut self, octets: &[u8]) -> Result<(usize, Option<&[u8]>), FramingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let into_prefix = self.prefix.get_mut(self.prefix_filled..self.framing.octet_count()).unwrap_or_default();
        let from_prefix = fill(into_prefix, octets);
        self.prefix_filled += from_prefix;
        if self.prefix_filled < self.framing.octet_count() {
            return Ok((from_prefix, None));
        }
        let length = self.announced().inspect_err(|error| self.failed = Some(*error))?;
        let into_message = self.buffer.get_mut(self.filled..length).unwrap_or_default();
        let taken = fill(into_message, octets.get(from_prefix..).unwrap_or_default());
        self.filled += taken;
        if self.filled < length {
            return Ok((from_prefix + taken, None));
        }
        (self.prefix_filled, self.filled) = (0, 0);
        Ok((from_prefix + taken, self.buffer.get(..length)))
    }

    /// Whether the stream may end here: no message has begun.
    #[must_use]
    pub const fn is_between_messages(&self) -> bool {
        self.prefix_filled == 0 && self.failed.is_none()
    }

    fn announced(&self) -> Result<usize, FramingError> {
        let length = self.framing.length(self.prefix.get(..self.prefix_filled).unwrap_or_default())?;
        let max = self.buffer.len();
        if length > max { Err(FramingError::TooLong { length, max }) } else { Ok(length) }
    }
}

/// Copies what there is and what fits; how much that was.
fn fill(into: &mut [u8], from: &[u8]) -> usize {
    into.iter_mut().zip(from).map(|(place, octet)| *place = *octet).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    fn framed(framing: Framing, message: &[u8]) -> Vec<u8> {
        let (prefix, count) = framing.prefix(message.len()).unwrap();
        [&prefix[..count], message].concat()
    }

    #[test]
    fn a_message_that_a_prefix_cannot_express_is_refused() {
        for framing in [Framing::Binary2, Framing::Bcd2, Framing::Ascii4] {
            let max = framing.max();
            assert!(framing.prefix(max).is_ok());
            assert_eq!(framing.prefix(max + 1), Err(FramingError::TooLong { length: max + 1, max }));
            assert!(framing.prefix(usize::MAX).is_err());
        }
    }

    #[test]
    fn a_message_longer_than_the_buffer_is_refused_before_it_arrives() {
        let mut buffer = [0; 8];
        let mut deframer = Deframer::new(Framing::Binary2, &mut buffer);
        let error = FramingError::TooLong { length: 9, max: 8 };
        assert_eq!(deframer.push(&[0, 9]), Err(error));
        assert_eq!(deframer.push(&[0, 1, 2]), Err(error), "nothing is read behind an error");
        assert!(!deframer.is_between_messages());
    }

    #[test]
    fn a_prefix_that_is_no_length_is_refused() {
        let mut buffer = [0; 8];
        assert_eq!(Deframer::new(Framing::Bcd2, &mut buffer).push(&[0x0A, 0]), Err(FramingError::LengthNotBcd));
        assert_eq!(Deframer::new(Framing::Bcd2, &mut buffer).push(&[0xA0, 0]), Err(FramingError::LengthNotBcd));
        assert_eq!(Deframer::new(Framing::Ascii4, &mut buffer).push(b"00 1"), Err(FramingError::LengthNotNumeric));
    }

    #[test]
    fn an_empty_message_is_a_message() {
        let mut buffer = [];
        let mut deframer = Deframer::new(Framing::Ascii4, &mut buffer);
        assert_eq!(deframer.push(b"00000000"), Ok((4, Some(&[][..]))));
        assert_eq!(deframer.push(b"00"), Ok((2, None)));
        assert!(!deframer.is_between_messages());
        assert_eq!(deframer.push(b"00"), Ok((2, Some(&[][..]))));
        assert!(deframer.is_between_messages());
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_messages(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
            piece in 1_usize..50,
            framing in prop::sample::select(vec![Framing::Binary2, Framing::Bcd2, Framing::Ascii4]),
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|message| framed(framing, message)).collect();
            let mut buffer = [0; 40];
            let mut deframer = Deframer::new(framing, &mut buffer);
            let mut found = Vec::new();
            for mut rest in stream.chunks(piece) {
                while !rest.is_empty() {
                    let (used, message) = deframer.push(rest).unwrap();
                    found.extend(message.map(<[u8]>::to_vec));
                    rest = &rest[used..];
                }
            }
            prop_assert_eq!(found, messages);
            prop_assert!(deframer.is_between_messages());
        }

        #[test]
        fn any_stream_gives_messages_that_fit_or_an_error(
            stream: Vec<u8>,
            framing in prop::sample::select(vec![Framing::Binary2, Framing::Bcd2, Framing::Ascii4]),
        ) {
            let mut buffer = [0; 16];
            let mut deframer = Deframer::new(framing, &mut buffer);
            let mut rest = &stream[..];
            while let Ok((used, message)) = deframer.push(rest) {
                prop_assert!(message.is_none_or(|message| message.len() <= 16));
                prop_assert!(used > 0 || rest.is_empty());
                rest = &rest[used..];
                if rest.is_empty() {
                    break;
                }
            }
        }
    }
}

//! Walks BER-TLV of any depth without recursion, heap or copying.

use core::iter::FusedIterator;

use super::header::Header;
use super::reader::{Tlv, TlvError, TlvErrorKind};
use super::tag::{CONSTRUCTED, Tag};

/// How many levels [`Walk`] goes down. EMV needs five; more is not a card but an attack on a small stack.
pub const MAX_DEPTH: usize = 16;

/// All objects, depth first: a constructed object, then what is in it. Ends after the first error.
///
/// The item is the depth (0 at the top) and the object. There is no recursion: the ends of the open objects are kept in a
/// fixed stack, so the cost per object does not depend on the shape.
///
/// ```
/// use tapcard_iso7816::{Tag, Walk};
///
/// let fci = [0x6F, 0x05, 0x84, 0x00, 0xA5, 0x01, 0x00];
/// let seen: Result<Vec<_>, _> = Walk::new(&fci).map(|item| item.map(|(depth, object)| (depth, object.tag.get()))).collect();
/// assert_eq!(seen?, [(0, 0x6F), (1, 0x84), (1, 0xA5)]);
/// # Ok::<(), tapcard_iso7816::TlvError>(())
/// ```
#[derive(Clone)]
pub struct Walk<'a> {
    /// The outermost input.
    input: &'a [u8],
    /// What is left of the innermost open object.
    rest: &'a [u8],
    /// Where the innermost open object ends.
    end: usize,
    /// How many objects are open.
    depth: u8,
    /// Where the objects around the innermost one end, the outermost first.
    ends: [usize; MAX_DEPTH - 1],
}

impl<'a> Walk<'a> {
    /// Over the whole of `input`.
    #[must_use]
    #[inline]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, rest: input, end: input.len(), depth: 0, ends: [0; MAX_DEPTH - 1] }
    }

    /// Goes to the next tag field: closes objects that have ended and skips fill octets. `None`: the input has ended.
    #[cold]
    #[inline(never)]
    fn seek(&mut self) -> Option<()> {
        loop {
            match self.rest {
                [] => self.close()?,
                [0x00, rest @ ..] => self.rest = rest,
                _ => return Some(()),
            }
        }
    }

    /// Leaves the innermost object and all that end with it.
    fn close(&mut self) -> Option<()> {
        let start = self.end;
        if start == self.input.len() {
            return None;
        }
        while self.end == start {
            self.depth = self.depth.checked_sub(1)?;
            self.end = *self.ends.get(usize::from(self.depth))?;
        }
        self.rest = self.input.get(start..self.end)?;
        Some(())
    }

    /// Ends the walk.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, kind: TlvErrorKind) -> TlvError {
        let error = TlvError { kind, offset: self.end - self.rest.len() };
        (self.rest, self.end) = (&[], self.input.len());
        error
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<(u8, Tlv<'a>), TlvError>;

    // Inlining is what keeps the item out of memory: it halves the instructions per object.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let Header { tag, first, length, behind } = match Header::common(self.rest) {
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
        let left = self.rest.len();
        let object = Tlv { tag, value, offset: self.end - left, header: left - behind.len() };
        let depth = self.depth;
        if first & CONSTRUCTED != 0 {
            let Some(slot) = self.ends.get_mut(usize::from(depth)) else {
                return Some(Err(self.fail(TlvErrorKind::TooDeep)));
            };
            *slot = self.end;
            self.end -= rest.len();
            self.depth += 1;
            self.rest = value;
        } else {
            self.rest = rest;
        }
        Some(Ok((depth, object)))
    }
}

impl FusedIterator for Walk<'_> {}

/// The value of the first object with `tag` at any level, depth first. Octets behind a broken object are not searched.
#[must_use]
pub fn find_deep(input: &[u8], tag: Tag) -> Option<&[u8]> {
    Walk::new(input).map_while(Result::ok).find(|(_, object)| object.tag == tag).map(|(_, object)| object.value)
}

//! Walks BER-TLV of any depth without recursion, heap or copying.

use core::iter::FusedIterator;

use heapless::Vec;

use super::error::{TlvError, TlvErrorKind};
use super::header::Header;
use super::reader::Tlv;
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
    /// What is left of the innermost open object.
    rest: &'a [u8],
    /// For each open object what stands behind it, in the object around it: mostly nothing, but to keep that too costs
    /// less than to ask, and makes the depth the length of this. Places not used are not written to.
    around: Vec<&'a [u8], { MAX_DEPTH - 1 }>,
    /// The outermost input.
    input: &'a [u8],
}

impl<'a> Walk<'a> {
    /// Over the whole of `input`.
    #[must_use]
    #[inline]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { rest: input, around: Vec::new(), input }
    }

    /// Where `rest` begins; it is a part of `input`.
    #[inline(always)]
    fn offset(&self) -> usize {
        self.rest.as_ptr().addr().wrapping_sub(self.input.as_ptr().addr())
    }

    /// Ends the walk.
    #[inline(always)]
    fn fail(&mut self, kind: TlvErrorKind) -> TlvError {
        let error = TlvError { kind, offset: self.offset() };
        self.rest = &[];
        self.around.clear();
        error
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Result<(u8, Tlv<'a>), TlvError>;

    // Inlining is what keeps the item out of memory: it halves the instructions per object. For the same reason no cold
    // function takes `self`, which would have to be in memory then.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let Header { tag, first, length, behind } = loop {
            if let Some(header) = Header::common(self.rest) {
                break header;
            }
            match self.rest {
                [] => self.rest = self.around.pop()?,
                [0x00, rest @ ..] => self.rest = rest,
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
        let constructed = first & CONSTRUCTED != 0;
        let object = Tlv { tag, constructed, value, offset: self.offset(), header: self.rest.len() - behind.len() };
        #[expect(clippy::cast_possible_truncation, reason = "less than `MAX_DEPTH`")]
        let depth = self.around.len() as u8;
        if !constructed {
            self.rest = rest;
        } else if self.around.push(rest).is_ok() {
            self.rest = value;
        } else {
            return Some(Err(self.fail(TlvErrorKind::TooDeep)));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::tlv::Tlvs;

    type Seen<'a> = (u8, u32, usize, &'a [u8]);

    fn walk(input: &[u8]) -> (Vec<Seen<'_>>, Option<TlvError>) {
        let mut seen = Vec::new();
        let mut walk = Walk::new(input);
        for item in walk.by_ref() {
            match item {
                Ok((depth, object)) => seen.push((depth, object.tag.get(), object.offset, object.value)),
                Err(error) => {
                    assert!(walk.next().is_none() && walk.next().is_none(), "an error ends the walk");
                    return (seen, Some(error));
                }
            }
        }
        assert!(walk.next().is_none(), "the end stays the end");
        (seen, None)
    }

    /// The same walk as the standard tells it: every template is opened and read by itself.
    fn recurse<'a>(objects: Tlvs<'a>, depth: u8, seen: &mut Vec<Seen<'a>>) -> Result<(), TlvError> {
        for object in objects {
            let object = object?;
            if object.tag.is_constructed() && usize::from(depth) == MAX_DEPTH - 1 {
                return Err(TlvError { kind: TlvErrorKind::TooDeep, offset: object.offset });
            }
            seen.push((depth, object.tag.get(), object.offset, object.value));
            if object.tag.is_constructed() {
                recurse(object.children(), depth + 1, seen)?;
            }
        }
        Ok(())
    }

    /// `levels` objects in one another, the innermost constructed and empty.
    fn nested(levels: usize) -> Vec<u8> {
        let mut octets = vec![0x70, 0x00];
        for _ in 1..levels {
            let length = u8::try_from(octets.len()).unwrap();
            octets.splice(0..0, [0x70, length]);
        }
        octets
    }

    #[test]
    fn a_template_comes_before_what_is_in_it() {
        let input =
            [0x6F, 0x0B, 0x84, 0x01, 0xA0, 0x00, 0xA5, 0x03, 0x50, 0x01, 0x41, 0x00, 0x00, 0x9F, 0x38, 0x01, 0x9A];
        let (seen, error) = walk(&input);
        assert_eq!(error, None);
        let found: Vec<_> = seen.iter().map(|(depth, tag, offset, _)| (*depth, *tag, *offset)).collect();
        assert_eq!(found, [(0, 0x6F, 0), (1, 0x84, 2), (1, 0xA5, 6), (2, 0x50, 8), (0, 0x9F38, 13)]);
    }

    #[test]
    fn templates_that_end_together_are_closed_together() {
        let (seen, error) = walk(&[0x70, 0x04, 0x71, 0x02, 0x72, 0x00, 0x50, 0x00]);
        assert_eq!(error, None);
        let found: Vec<_> = seen.iter().map(|(depth, tag, ..)| (*depth, *tag)).collect();
        assert_eq!(found, [(0, 0x70), (1, 0x71), (2, 0x72), (0, 0x50)]);
    }

    #[test]
    fn a_template_of_nothing_but_fill_is_empty() {
        let (seen, error) = walk(&[0x70, 0x03, 0x00, 0x00, 0x00, 0x50, 0x00, 0x00]);
        assert_eq!(error, None);
        assert_eq!(seen.iter().map(|(depth, tag, ..)| (*depth, *tag)).collect::<Vec<_>>(), [(0, 0x70), (0, 0x50)]);
    }

    #[test]
    fn an_object_must_not_reach_beyond_its_template() {
        let (seen, error) = walk(&[0x70, 0x03, 0x5A, 0x02, 0x12, 0x34, 0x50, 0x00]);
        assert_eq!(seen.len(), 1);
        let kind = TlvErrorKind::TruncatedValue { needed: 2, left: 1 };
        assert_eq!(error, Some(TlvError { kind, offset: 2 }));
    }

    #[test]
    fn a_header_must_not_reach_beyond_its_template() {
        for (input, kind) in [
            ([0x70, 0x01, 0x9F, 0x36, 0x01, 0x00], TlvErrorKind::TruncatedTag),
            ([0x70, 0x02, 0x9F, 0x36, 0x01, 0x00], TlvErrorKind::TruncatedLength),
            ([0x70, 0x01, 0x5A, 0x01, 0x00, 0x00], TlvErrorKind::TruncatedLength),
            ([0x70, 0x02, 0x5A, 0x81, 0x01, 0x00], TlvErrorKind::TruncatedLength),
        ] {
            assert_eq!(walk(&input).1, Some(TlvError { kind, offset: 2 }));
        }
    }

    #[test]
    fn every_truncation_inside_a_template_is_an_error() {
        let whole = [0x70, 0x07, 0x5A, 0x01, 0x12, 0x9F, 0x36, 0x01, 0x00];
        for length in 1..whole.len() {
            let kind = match length {
                1 => TlvErrorKind::TruncatedLength,
                _ => TlvErrorKind::TruncatedValue { needed: 7, left: length - 2 },
            };
            assert_eq!(walk(&whole[..length]), (vec![], Some(TlvError { kind, offset: 0 })));
        }
    }

    #[test]
    fn the_last_level_may_hold_only_primitive_objects() {
        let mut input = nested(MAX_DEPTH - 1);
        let (seen, error) = walk(&input);
        assert_eq!((seen.len(), error), (MAX_DEPTH - 1, None));
        assert_eq!(seen.last().map(|(depth, ..)| usize::from(*depth)), Some(MAX_DEPTH - 2));

        input = nested(MAX_DEPTH);
        let (seen, error) = walk(&input);
        let offset = 2 * (MAX_DEPTH - 1);
        assert_eq!((seen.len(), error), (MAX_DEPTH - 1, Some(TlvError { kind: TlvErrorKind::TooDeep, offset })));

        let last = input.len() - 2;
        input[last] = 0x50;
        let (seen, error) = walk(&input);
        assert_eq!((seen.len(), error), (MAX_DEPTH, None));
    }

    #[test]
    fn a_thousand_levels_need_no_more_stack_than_sixteen() {
        let mut input = Vec::new();
        for _ in 0..1000 {
            input.extend([0x70, 0x84, 0x00, 0x00, 0x00, 0x00]);
        }
        let total = input.len();
        for (level, object) in input.chunks_mut(6).enumerate() {
            let length = u32::try_from(total - 6 * (level + 1)).unwrap();
            object[2..].copy_from_slice(&length.to_be_bytes());
        }
        let (seen, error) = walk(&input);
        assert_eq!((seen.len(), error.map(|error| error.kind)), (MAX_DEPTH - 1, Some(TlvErrorKind::TooDeep)));
    }

    #[test]
    fn ten_thousand_objects_in_one_template_are_all_delivered() {
        let mut input = vec![0x70, 0x82, 0x9C, 0x40];
        input.extend([0x9F, 0x36, 0x01, 0x55].repeat(10_000));
        let (seen, error) = walk(&input);
        assert_eq!((seen.len(), error), (10_001, None));
        assert_eq!(seen[10_000], (1, 0x9F36, 40_000, &[0x55][..]));
    }

    #[test]
    fn find_deep_takes_the_first_on_the_way() {
        let input = [0x6F, 0x05, 0xA5, 0x03, 0x50, 0x01, 0x41, 0x50, 0x01, 0x42];
        assert_eq!(find_deep(&input, Tag::new(0x50)), Some(&b"A"[..]));
        assert_eq!(find_deep(&input, Tag::new(0x57)), None);
        assert_eq!(find_deep(&input[..6], Tag::new(0x50)), None);
    }

    /// Octets that are often templates and fill.
    fn likely_tlv() -> impl Strategy<Value = Vec<u8>> {
        let octet = prop_oneof![Just(0x70_u8), Just(0x00), Just(0x02), Just(0x9F), Just(0x81), 0_u8..9, any::<u8>()];
        prop::collection::vec(octet, 0..120)
    }

    proptest! {
        #[test]
        fn the_walk_is_the_recursion_without_its_stack(input in likely_tlv()) {
            let (seen, error) = walk(&input);
            // The recursion delivers what is before the error too, but it meets a broken outer object first, as the walk.
            let mut expected = Vec::new();
            let expected_error = recurse(Tlvs::new(&input), 0, &mut expected).err();
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(error, expected_error);
        }

        #[test]
        fn an_object_is_the_same_however_it_is_met(input in likely_tlv()) {
            for (_, object) in Walk::new(&input).map_while(Result::ok) {
                let alone = Tlvs::at(&input[object.offset..], object.offset).next();
                prop_assert_eq!(alone, Some(Ok(object)));
                prop_assert_eq!(object.is_constructed(), object.tag.is_constructed());
            }
        }

        #[test]
        fn any_octets_give_objects_inside_the_input(input in prop::collection::vec(any::<u8>(), 0..300)) {
            let (seen, error) = walk(&input);
            for (depth, _, offset, value) in seen {
                prop_assert!(usize::from(depth) < MAX_DEPTH);
                prop_assert!(input[offset..].windows(value.len().max(1)).any(|window| value.is_empty() || window == value));
            }
            prop_assert!(error.is_none_or(|error| error.offset < input.len()));
        }
    }
}

//! Writes BER-TLV into the caller's buffer, lengths in the shortest form (EMV 4.4 Book 3, Annex B2).
//!
//! The order of objects and what they mean is left to the caller.

use super::error::CapacityError;
use super::tag::Tag;

/// Appends data objects to the caller's buffer. An object that does not fit leaves what was written before as it is.
///
/// ```
/// use tapcard_iso7816::{Tag, TlvWriter};
///
/// let mut buffer = [0; 16];
/// let mut writer = TlvWriter::new(&mut buffer);
/// writer.constructed(Tag::new(0x6F), |fci| {
///     fci.primitive(Tag::new(0x84), &[0xA0, 0x00])?;
///     fci.constructed(Tag::new(0xA5), |_| Ok(()))
/// })?;
/// assert_eq!(writer.written(), [0x6F, 0x06, 0x84, 0x02, 0xA0, 0x00, 0xA5, 0x00]);
/// # Ok::<(), tapcard_iso7816::CapacityError>(())
/// ```
pub struct TlvWriter<'b> {
    out: &'b mut [u8],
    written: usize,
}

impl<'b> TlvWriter<'b> {
    /// Writes to the start of `out`.
    #[must_use]
    pub const fn new(out: &'b mut [u8]) -> Self {
        Self { out, written: 0 }
    }

    /// Appends one object with the value as given.
    ///
    /// # Errors
    /// The object does not fit.
    pub fn primitive(&mut self, tag: Tag, value: &[u8]) -> Result<(), CapacityError> {
        let (length, length_octets) = length_field(value.len())?;
        let header = tag.octet_count() + length_octets;
        let free = self.claim(header + value.len())?;
        let tag_octets = tag.encode_into(free)?;
        copy_to(free, tag_octets, length.get(..length_octets).unwrap_or_default());
        copy_to(free, header, value);
        self.written += header + value.len();
        Ok(())
    }

    /// Appends one object whose value is what `fill` writes; that writer sees only the value.
    ///
    /// # Errors
    /// The object does not fit, or `fill` fails.
    pub fn constructed(
        &mut self,
        tag: Tag,
        fill: impl FnOnce(&mut TlvWriter<'_>) -> Result<(), CapacityError>,
    ) -> Result<(), CapacityError> {
        // The value is written where it belongs if its length takes one octet, and moved up if that is not enough.
        let guess = tag.octet_count() + 1;
        let capacity = self.out.len();
        let start = self.written + guess;
        let mut inner = TlvWriter::new(self.claim(guess)?.get_mut(guess..).unwrap_or_default());
        fill(&mut inner).map_err(|inner| CapacityError { needed: start.saturating_add(inner.needed), capacity })?;
        let value_len = inner.written;

        let (length, length_octets) = length_field(value_len)?;
        let header = tag.octet_count() + length_octets;
        let free = self.claim(header + value_len)?;
        free.copy_within(guess..guess + value_len, header);
        let tag_octets = tag.encode_into(free)?;
        copy_to(free, tag_octets, length.get(..length_octets).unwrap_or_default());
        self.written += header + value_len;
        Ok(())
    }

    /// Appends octets as they are: objects encoded before, or fill.
    ///
    /// # Errors
    /// The octets do not fit.
    pub fn raw(&mut self, octets: &[u8]) -> Result<(), CapacityError> {
        copy_to(self.claim(octets.len())?, 0, octets);
        self.written += octets.len();
        Ok(())
    }

    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.out.get(..self.written).unwrap_or_default()
    }

    /// How many octets were written.
    #[must_use]
    pub const fn finish(self) -> usize {
        self.written
    }

    /// The free part of the buffer, which has at least `count` octets.
    fn claim(&mut self, count: usize) -> Result<&mut [u8], CapacityError> {
        let capacity = self.out.len();
        let needed = self.written.saturating_add(count);
        self.out.get_mut(self.written..).filter(|_| needed <= capacity).ok_or(CapacityError { needed, capacity })
    }
}

/// Copies to a place that `claim` has made sure of.
fn copy_to(out: &mut [u8], offset: usize, octets: &[u8]) {
    if let Some(place) = out.get_mut(offset..offset + octets.len()) {
        place.copy_from_slice(octets);
    }
}

/// The shortest length field and how many of its octets count.
fn length_field(length: usize) -> Result<([u8; 5], usize), CapacityError> {
    let Ok(length) = u32::try_from(length) else {
        return Err(CapacityError { needed: length, capacity: u32::MAX as usize });
    };
    let [a, b, c, d] = length.to_be_bytes();
    Ok(match length {
        0..=0x7F => ([d, 0, 0, 0, 0], 1),
        0x80..=0xFF => ([0x81, d, 0, 0, 0], 2),
        0x100..=0xFFFF => ([0x82, c, d, 0, 0], 3),
        0x1_0000..=0xFF_FFFF => ([0x83, b, c, d, 0], 4),
        _ => ([0x84, a, b, c, d], 5),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::tlv::{Tlvs, Walk};

    #[test]
    fn lengths_take_the_shortest_form() {
        for (length, header) in [
            (0, &[0x50, 0x00][..]),
            (127, &[0x50, 0x7F]),
            (128, &[0x50, 0x81, 0x80]),
            (255, &[0x50, 0x81, 0xFF]),
            (256, &[0x50, 0x82, 0x01, 0x00]),
            (65_535, &[0x50, 0x82, 0xFF, 0xFF]),
            (65_536, &[0x50, 0x83, 0x01, 0x00, 0x00]),
            (16_777_216, &[0x50, 0x84, 0x01, 0x00, 0x00, 0x00]),
        ] {
            let value = vec![0x41; length];
            let mut buffer = vec![0; length + 6];
            let mut writer = TlvWriter::new(&mut buffer);
            writer.primitive(Tag::new(0x50), &value).unwrap();
            assert_eq!(writer.written(), [header, &value].concat());

            let mut buffer = vec![0; length + 6];
            let mut writer = TlvWriter::new(&mut buffer);
            writer.constructed(Tag::new(0x50), |inner| inner.raw(&value)).unwrap();
            assert_eq!(writer.written(), [header, &value].concat(), "constructed, {length} octets");
        }
    }

    #[test]
    fn a_template_that_grows_beyond_one_length_octet_is_moved_up() {
        let mut buffer = [0; 400];
        let mut writer = TlvWriter::new(&mut buffer);
        writer
            .constructed(Tag::new(0x70), |record| {
                record.primitive(Tag::new(0x5A), &[0x62])?;
                record.constructed(Tag::new(0xBF0C), |inner| inner.primitive(Tag::new(0x9F46), &[0x11; 200]))
            })
            .unwrap();
        let length = writer.finish();
        let seen: Vec<_> = Walk::new(&buffer[..length]).map(Result::unwrap).collect();
        let found: Vec<_> = seen.iter().map(|(depth, object)| (*depth, object.tag.get(), object.value.len())).collect();
        assert_eq!(found, [(0, 0x70, 211), (1, 0x5A, 1), (1, 0xBF0C, 204), (2, 0x9F46, 200)]);
        assert_eq!(seen[3].1.value, [0x11; 200]);
    }

    #[test]
    fn an_object_that_does_not_fit_changes_nothing() {
        for capacity in 0..5 {
            let mut buffer = [0xEE; 8];
            let mut writer = TlvWriter::new(&mut buffer[..4 + capacity]);
            writer.raw(&[1, 2, 3, 4]).unwrap();
            let error = CapacityError { needed: 9, capacity: 4 + capacity };
            assert_eq!(writer.primitive(Tag::new(0x9F36), &[0, 1]), Err(error));
            assert_eq!(writer.written(), [1, 2, 3, 4]);
        }
    }

    #[test]
    fn a_capacity_error_counts_from_the_outermost_buffer() {
        let mut buffer = [0; 10];
        let mut writer = TlvWriter::new(&mut buffer);
        let result = writer.constructed(Tag::new(0x6F), |fci| {
            fci.constructed(Tag::new(0xBF0C), |inner| inner.primitive(Tag::new(0x50), &[0x41; 6]))
        });
        assert_eq!(result, Err(CapacityError { needed: 13, capacity: 10 }));
        assert_eq!(writer.written(), []);
    }

    #[test]
    fn a_template_whose_header_does_not_fit_is_refused() {
        let mut writer = TlvWriter::new(&mut []);
        let result = writer.constructed(Tag::new(0x6F), |_| Ok(()));
        assert_eq!(result, Err(CapacityError { needed: 2, capacity: 0 }));
    }

    #[test]
    fn a_template_that_fits_only_with_a_short_length_is_refused() {
        let mut buffer = [0; 130];
        let mut writer = TlvWriter::new(&mut buffer);
        let result = writer.constructed(Tag::new(0x70), |inner| inner.raw(&[0; 128]));
        assert_eq!(result, Err(CapacityError { needed: 131, capacity: 130 }));
        assert_eq!(writer.written(), []);
    }

    #[test]
    fn an_error_of_the_caller_ends_the_template() {
        let mut buffer = [0; 16];
        let mut writer = TlvWriter::new(&mut buffer);
        let own = CapacityError { needed: 1, capacity: 0 };
        assert_eq!(writer.constructed(Tag::new(0x70), |_| Err(own)), Err(CapacityError { needed: 3, capacity: 16 }));
        assert_eq!(writer.finish(), 0);
    }

    /// A tree of objects: a tag number and either octets or objects.
    #[derive(Clone, Debug)]
    enum Node {
        Leaf(u32, Vec<u8>),
        Branch(u32, Vec<Node>),
    }

    fn node() -> impl Strategy<Value = Node> {
        let leaf_tag = prop::sample::select(vec![0x50_u32, 0x5A, 0x9F26, 0x9F1E, 0xDF_8105, 0x9F81_8203]);
        let leaf =
            (leaf_tag, prop::collection::vec(any::<u8>(), 0..300)).prop_map(|(tag, value)| Node::Leaf(tag, value));
        leaf.prop_recursive(5, 40, 6, |inner| {
            let tag = prop::sample::select(vec![0x70_u32, 0x6F, 0xBF0C, 0xFF_8105, 0xFF81_8203]);
            (tag, prop::collection::vec(inner, 0..6)).prop_map(|(tag, nodes)| Node::Branch(tag, nodes))
        })
    }

    fn write(node: &Node, writer: &mut TlvWriter<'_>) -> Result<(), CapacityError> {
        match node {
            Node::Leaf(tag, value) => writer.primitive(Tag::new(*tag), value),
            Node::Branch(tag, nodes) => {
                writer.constructed(Tag::new(*tag), |inner| nodes.iter().try_for_each(|node| write(node, inner)))
            }
        }
    }

    fn same(node: &Node, tag: Tag, value: &[u8]) -> bool {
        match node {
            Node::Leaf(number, octets) => Tag::new(*number) == tag && octets == value,
            Node::Branch(number, nodes) => {
                let children: Vec<_> = Tlvs::new(value).map(Result::unwrap).collect();
                Tag::new(*number) == tag
                    && children.len() == nodes.len()
                    && nodes.iter().zip(children).all(|(node, child)| same(node, child.tag, child.value))
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(tree in node()) {
            let mut buffer = vec![0; 20_000];
            let mut writer = TlvWriter::new(&mut buffer);
            write(&tree, &mut writer).unwrap();
            let length = writer.finish();
            let objects: Vec<_> = Tlvs::new(&buffer[..length]).map(Result::unwrap).collect();
            prop_assert_eq!(objects.len(), 1);
            prop_assert_eq!(objects[0].whole_len(), length);
            prop_assert!(same(&tree, objects[0].tag, objects[0].value));
        }

        #[test]
        fn a_buffer_of_any_size_is_enough_or_said_to_be_too_small(tree in node(), capacity in 0_usize..600) {
            let mut buffer = vec![0; 20_000];
            let mut writer = TlvWriter::new(&mut buffer);
            write(&tree, &mut writer).unwrap();
            let whole = writer.finish();
            let mut short = vec![0; capacity];
            let mut writer = TlvWriter::new(&mut short);
            match write(&tree, &mut writer) {
                Ok(()) => prop_assert_eq!(writer.written(), &buffer[..whole]),
                Err(error) => {
                    prop_assert!(whole > capacity);
                    prop_assert_eq!(error.capacity, capacity);
                    prop_assert!(error.needed > capacity);
                    prop_assert_eq!(writer.finish(), 0);
                }
            }
        }
    }
}

//! Bit fields: each set bit with its place and its meaning, and the fields of several bits.

use tapcard_emv::bits::BitMeaning;

use crate::field::Field;
use crate::node::Node;
use crate::value::Said;

/// What one or several bits of a field say.
struct Item {
    byte: usize,
    mask: u8,
    text: String,
    /// Whether it is worth a line in a summary.
    speaks: bool,
}

/// Collects what the bits of a value say.
pub(crate) struct Bits<'a> {
    field: Field<'a>,
    /// Bits that have a meaning, set or not, for each byte.
    assigned: Vec<u8>,
    items: Vec<Item>,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(field: Field<'a>) -> Self {
        Self { field, assigned: vec![0; field.len()], items: Vec::new() }
    }

    /// Single bits.
    pub(crate) fn single(mut self, bits: impl IntoIterator<Item = BitMeaning>) -> Self {
        for bit in bits {
            self.assign(usize::from(bit.byte), bit.mask);
            if bit.set {
                let (byte, mask) = (usize::from(bit.byte), bit.mask);
                self.items.push(Item { byte, mask, text: bit.meaning.to_owned(), speaks: true });
            }
        }
        self
    }

    /// Several bits that say something together.
    pub(crate) fn span(mut self, byte: usize, mask: u8, text: impl Into<String>) -> Self {
        self.assign(byte, mask);
        self.items.push(Item { byte, mask, text: text.into(), speaks: true });
        self
    }

    /// The same for what need not be told in a summary: lengths and counts.
    pub(crate) fn quiet(mut self, byte: usize, mask: u8, text: impl Into<String>) -> Self {
        self.assign(byte, mask);
        self.items.push(Item { byte, mask, text: text.into(), speaks: false });
        self
    }

    fn assign(&mut self, byte: usize, mask: u8) {
        if let Some(assigned) = self.assigned.get_mut(byte.wrapping_sub(1)) {
            *assigned |= mask;
        }
    }

    /// All of it, and a line for each bit that is set without having a meaning.
    pub(crate) fn said(mut self) -> Said {
        for (index, (octet, assigned)) in self.field.octets.iter().zip(&self.assigned).enumerate() {
            for mask in (0..8).rev().map(|bit| 1 << bit).filter(|mask| octet & !assigned & mask != 0) {
                let text = "reserved or not known, but set".to_owned();
                self.items.push(Item { byte: index + 1, mask, text, speaks: false });
            }
        }
        self.items.sort_by_key(|item| (item.byte, std::cmp::Reverse(item.mask)));
        let means = self.items.iter().filter(|item| item.speaks).map(|item| item.text.clone()).collect();
        let parts = self.field.octets.iter().enumerate().map(|(index, octet)| self.byte(index, *octet)).collect();
        Said { means, parts }
    }

    fn byte(&self, index: usize, octet: u8) -> Node {
        let items = self.items.iter().filter(|item| item.byte == index + 1);
        let lines = items.map(|item| format!("{}: {}", place(item.mask), item.text));
        let node = self.field.sub(index, 1).node(format!("byte {}", index + 1));
        node.value(format!("{:04b} {:04b}", octet >> 4, octet & 0x0F)).all_means(lines)
    }
}

/// The bits of a mask as the standards number them, 8 is the highest.
fn place(mask: u8) -> String {
    let (high, low) = (8 - mask.leading_zeros(), mask.trailing_zeros() + 1);
    if high <= low { format!("bit {high}") } else { format!("bits {high}-{low}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_emv::Aip;
    use tapcard_transport::Masked;

    #[test]
    fn bits_are_named_by_their_place() {
        assert_eq!([0x80, 0x01, 0xC0, 0x30, 0xFF].map(place), ["bit 8", "bit 1", "bits 8-7", "bits 6-5", "bits 8-1"]);
    }

    #[test]
    fn set_bits_speak_and_bits_without_meaning_are_pointed_at() {
        let octets = [0x61, 0x04];
        let shown = Shown::new(&Masked::plain(&octets));
        let said = Bits::new(shown.field(&octets)).single(Aip::new(octets).bits()).said();
        assert_eq!(said.means, ["SDA", "DDA", "CDA"]);
        assert_eq!(said.parts[0].value.as_deref(), Some("0110 0001"));
        assert_eq!(said.parts[0].means, ["bit 7: SDA", "bit 6: DDA", "bit 1: CDA"]);
        assert_eq!(said.parts[1].means, ["bit 3: reserved or not known, but set"]);
        assert_eq!((said.parts[1].offset, said.parts[1].hex.as_str()), (1, "04"));
    }

    #[test]
    fn bits_that_belong_together_speak_together() {
        let octets = [0xA0];
        let shown = Shown::new(&Masked::plain(&octets));
        let bits =
            Bits::new(shown.field(&octets)).span(1, 0x30, "first").span(1, 0xC0, "second").quiet(1, 0x0F, "count");
        let said = bits.said();
        assert_eq!(said.means, ["second", "first"]);
        assert_eq!(said.parts[0].means, ["bits 8-7: second", "bits 6-5: first", "bits 4-1: count"]);
    }
}

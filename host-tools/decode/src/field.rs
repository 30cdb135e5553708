//! A piece of the input on its way to becoming nodes: the octets, where they stand, and what may be shown of them.

use std::fmt::Display;

use tapcard_transport::Masked;

use crate::node::{Node, Remainder};

/// What may be shown of the whole input.
pub(crate) struct Shown(String);

impl Shown {
    pub(crate) fn new(masked: &Masked) -> Self {
        Self(masked.hex())
    }

    /// Of pieces that follow each other.
    pub(crate) fn joined(pieces: impl IntoIterator<Item = Masked>) -> Self {
        Self(pieces.into_iter().map(|piece| piece.hex()).collect())
    }

    /// The whole input as a field. `octets` are those that were masked.
    pub(crate) fn field<'a>(&'a self, octets: &'a [u8]) -> Field<'a> {
        Field { octets, hex: &self.0, offset: 0 }
    }
}

/// Consecutive octets of the input.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    /// The octets.
    pub(crate) octets: &'a [u8],
    /// Two characters for each.
    pub(crate) hex: &'a str,
    /// Where they begin in the input.
    pub(crate) offset: usize,
}

impl<'a> Field<'a> {
    /// How many octets there are.
    pub(crate) const fn len(&self) -> usize {
        self.octets.len()
    }

    /// `length` octets from `start` on, as far as they are there.
    pub(crate) fn sub(&self, start: usize, length: usize) -> Self {
        let start = start.min(self.len());
        let end = start.saturating_add(length).min(self.len());
        Self {
            octets: self.octets.get(start..end).unwrap_or_default(),
            hex: self.hex.get(2 * start..2 * end).unwrap_or_default(),
            offset: self.offset + start,
        }
    }

    /// All octets from `start` on.
    pub(crate) fn from(&self, start: usize) -> Self {
        self.sub(start, usize::MAX)
    }

    /// The first `length` octets, as far as they are there, and the others.
    pub(crate) fn split(&self, length: usize) -> (Self, Self) {
        (self.sub(0, length), self.from(length))
    }

    /// Whether any part is hidden.
    pub(crate) fn hides(&self) -> bool {
        self.hex.contains('*')
    }

    /// The octets as text octets, `*` where one is hidden.
    pub(crate) fn text_octets(&self) -> Vec<u8> {
        let pairs = self.hex.as_bytes().chunks(2).zip(self.octets);
        pairs.map(|(pair, octet)| if pair.contains(&b'*') { b'*' } else { *octet }).collect()
    }

    /// A part of the data with this name.
    pub(crate) fn node(&self, name: impl Into<String>) -> Node {
        Node {
            name: Some(name.into()),
            offset: self.offset,
            length: self.len(),
            hex: self.hex.to_owned(),
            ..Node::default()
        }
    }

    /// A part whose value is its octets.
    pub(crate) fn plain(&self, name: impl Into<String>) -> Node {
        self.node(name).value(self.hex)
    }

    /// The octets as what nothing can be made of.
    pub(crate) fn broken(&self, error: &(impl Display + ?Sized)) -> Remainder {
        Remainder { offset: self.offset, hex: self.hex.to_owned(), error: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_know_where_they_are_and_never_reach_outside() {
        let octets = [0x12, 0x34, 0x56];
        let shown = Shown::new(&Masked::plain(&octets));
        let field = shown.field(&octets);
        let (head, rest) = field.split(1);
        assert_eq!((head.hex, head.offset, rest.hex, rest.offset), ("12", 0, "3456", 1));
        assert_eq!((rest.sub(1, 9).hex, rest.sub(1, 9).offset), ("56", 2));
        assert_eq!((rest.sub(5, 1).len(), rest.from(9).hex), (0, ""));
        assert_eq!(field.sub(1, 1).plain("middle").value.as_deref(), Some("34"));
        assert_eq!(rest.broken(&"why"), Remainder { offset: 1, hex: "3456".into(), error: "why".into() });
    }
}

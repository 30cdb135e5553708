//! What the targets share: an input as several pieces, and where a part stands in the whole.

/// The longest piece of an input.
const MAX_PIECE: usize = 511;

/// An input as pieces, each behind two octets with its length.
///
/// Of the length only nine bits count and a last piece may be cut off, so that every input is one: a mutation is never
/// spent on an input that the target throws away.
#[derive(Clone)]
pub struct Pieces<'a>(pub &'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let ([high, low], rest) = self.0.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([*high, *low])) & MAX_PIECE;
        let (piece, rest) = rest.split_at(length.min(rest.len()));
        self.0 = rest;
        Some(piece)
    }
}

/// The other way round, for seeds.
pub fn join<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for piece in pieces {
        let piece = &piece[..piece.len().min(MAX_PIECE)];
        joined.extend(u16::try_from(piece.len()).expect("a piece is short").to_be_bytes());
        joined.extend(piece);
    }
    joined
}

/// Where `part` stands in `whole`, by address and not by content. Panics if it is not a part of it: whatever a parser hands
/// out must be borrowed from its input.
pub fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    let (whole, part) = (whole.as_ptr_range(), part.as_ptr_range());
    assert!(whole.start <= part.start && part.end <= whole.end, "not a part of the input");
    part.start.addr() - whole.start.addr()
}

//! Octets of which some are hidden, nibble by nibble, and digits that look like an account number.

use std::ops::Range;

use tapcard_emv::pan::{MAX_PAN_DIGITS, Pan};

/// Shortest account number (ISO/IEC 7812-1:2017, 4.1 with the lengths that payment cards use).
pub(super) const MIN_PAN: usize = 12;
/// Longest account number.
pub(super) const MAX_PAN: usize = MAX_PAN_DIGITS;

/// Octets with hidden parts.
///
/// [`Masked::octets`] has harmless filler there and is for machines; [`Masked::hex`] has asterisks and is for people.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked {
    octets: Vec<u8>,
    /// One flag per nibble.
    hidden: Vec<bool>,
}

impl Masked {
    /// All of it to be seen.
    #[must_use]
    pub fn plain(octets: &[u8]) -> Self {
        Self { octets: octets.to_vec(), hidden: vec![false; 2 * octets.len()] }
    }

    /// The octets with filler in place of what is hidden: as many as there were, with the same TLV structure.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Whether anything is hidden.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.hidden.contains(&true)
    }

    /// Upper-case hexadecimal with `*` in place of what is hidden.
    #[must_use]
    pub fn hex(&self) -> String {
        self.hex_with("")
    }

    /// As [`Masked::hex`], octets apart: for people, and so that no digits of neighbours run together.
    #[must_use]
    pub fn spaced_hex(&self) -> String {
        self.hex_with(" ")
    }

    fn hex_with(&self, between: &str) -> String {
        let digits = (0..self.hidden.len()).map(|index| self.digit(index)).collect::<Vec<_>>();
        let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
        pairs.collect::<Vec<_>>().join(between)
    }

    fn digit(&self, index: usize) -> char {
        if self.is_hidden(index) {
            return '*';
        }
        char::from_digit(self.nibble(index).into(), 16).map_or('?', |digit| digit.to_ascii_uppercase())
    }

    /// The octets as text octets: `*` where any part of one is hidden.
    #[must_use]
    pub fn text_octets(&self) -> Vec<u8> {
        let shown = self.octets.iter().enumerate().map(|(index, octet)| {
            if self.is_hidden(2 * index) || self.is_hidden(2 * index + 1) { b'*' } else { *octet }
        });
        shown.collect()
    }

    /// How many digit runs in the hexadecimal form could be mistaken for an account number.
    pub(crate) fn suspicious_runs(&self) -> usize {
        let nibbles: Vec<_> = (0..self.hidden.len()).map(|index| self.nibble(index)).collect();
        digit_runs(&nibbles).into_iter().filter(|run| nibbles.get(run.clone()).is_some_and(looks_like_pan)).count()
    }

    pub(super) fn nibble(&self, index: usize) -> u8 {
        let octet = self.octets.get(index / 2).copied().unwrap_or_default();
        if index.is_multiple_of(2) { octet >> 4 } else { octet & 0x0F }
    }

    pub(super) fn nibbles_of(&self, range: Range<usize>) -> Vec<u8> {
        range.map(|index| self.nibble(index)).collect()
    }

    fn is_hidden(&self, index: usize) -> bool {
        self.hidden.get(index).copied().unwrap_or_default()
    }

    pub(super) fn hide_nibble(&mut self, index: usize, filler: u8) {
        let (Some(octet), Some(hidden)) = (self.octets.get_mut(index / 2), self.hidden.get_mut(index)) else { return };
        let filler = filler & 0x0F;
        *octet = if index.is_multiple_of(2) { *octet & 0x0F | filler << 4 } else { *octet & 0xF0 | filler };
        *hidden = true;
    }

    /// Hides what `inner`, whose octets stand at `start`, hides.
    pub(super) fn overlay(&mut self, start: usize, inner: &Self) {
        for index in (0..inner.hidden.len()).filter(|index| inner.is_hidden(*index)) {
            self.hide_nibble(2 * start + index, inner.nibble(index));
        }
    }

    pub(super) fn hide_octet(&mut self, index: usize, filler: u8) {
        self.hide_nibble(2 * index, filler >> 4);
        self.hide_nibble(2 * index + 1, filler);
    }
}

/// Shows what may be seen.
impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The longest runs of decimal digits among nibbles (or any small numbers).
pub(super) fn digit_runs(nibbles: &[u8]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (index, nibble) in nibbles.iter().chain(&[0x0F]).enumerate() {
        if *nibble > 9 {
            if start < index {
                runs.push(start..index);
            }
            start = index + 1;
        }
    }
    runs
}

/// Whether digits could be an account number: 12 to 19 of them, the first not 0, with a right check digit.
pub(super) fn looks_like_pan(digits: &[u8]) -> bool {
    let first = digits.first().is_some_and(|digit| *digit != 0);
    first && (MIN_PAN..=MAX_PAN).contains(&digits.len()) && pan(digits).is_some_and(|pan| pan.is_luhn())
}

/// Digits as an account number, if there are as many as one has.
pub(super) fn pan(digits: &[u8]) -> Option<Pan> {
    let text: Vec<u8> = digits.iter().map(|digit| digit.wrapping_add(b'0')).collect();
    Pan::from_ascii(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_nibbles_are_asterisks_for_people_and_filler_for_machines() {
        let mut masked = Masked::plain(&[0x12, 0x34, 0x56]);
        masked.hide_nibble(1, 0);
        masked.hide_octet(2, b'*');
        assert_eq!(masked.hex(), "1*34**");
        assert_eq!(masked.spaced_hex(), "1* 34 **");
        assert_eq!(masked.octets(), [0x10, 0x34, 0x2A]);
        assert_eq!(masked.text_octets(), [b'*', 0x34, b'*']);
    }

    #[test]
    fn what_begins_with_0_or_fails_the_check_is_no_account_number() {
        let digits = |text: &str| text.bytes().map(|digit| digit - b'0').collect::<Vec<_>>();
        assert!(looks_like_pan(&digits("6228480402564890018")));
        assert!(!looks_like_pan(&digits("4111111111111112")));
        assert!(!looks_like_pan(&digits("000000000000")));
        assert!(!looks_like_pan(&digits("42424242424")));
    }

    #[test]
    fn runs_are_as_long_as_they_can_be() {
        assert_eq!(digit_runs(&[1, 2, 0xD, 3, 0xF, 0xF, 4]), [0..2, 3..4, 6..7]);
        assert_eq!(digit_runs(&[]), Vec::<Range<usize>>::new());
    }
}

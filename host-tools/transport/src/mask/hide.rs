//! How the parts of a value are hidden: account numbers, tracks, names.

use std::ops::Range;

use tapcard_emv::tags::Sensitivity;

use super::Masker;
use super::masked::{MIN_PAN, Masked, digit_runs, pan};

/// Nibble between account number and expiry date in track 2 (ISO/IEC 7813, EMV 4.4 Book 3, Annex A).
pub(super) const SEPARATOR: u8 = 0x0D;
/// What stands for hidden characters. With the first, a masked name looks masked; the others have another first nibble, for
/// recordings in which `2A` would make digits of a neighbour look like an account number.
const FILLERS: [u8; 6] = *b"*:JZjz";
/// Digits behind the separator that may be seen: expiry date and service code.
pub(super) const AFTER_SEPARATOR: usize = 7;
/// Characters of an IBAN that may be seen at its beginning and its end.
const SHOWN: (usize, usize) = (6, 4);

impl Masker {
    fn filler(&self) -> u8 {
        FILLERS.get(usize::from(self.variant) % FILLERS.len()).copied().unwrap_or(b'*')
    }

    /// All but the blanks at the end.
    pub(super) fn hide_text(&self, masked: &mut Masked, at: Range<usize>) {
        let value = masked.octets().get(at.clone()).unwrap_or_default();
        let length = value.iter().rposition(|octet| !matches!(octet, b' ' | 0x00 | 0xFF)).map_or(0, |last| last + 1);
        (at.start..at.start + length).for_each(|index| masked.hide_octet(index, self.filler()));
    }

    /// An account number with letters, such as an IBAN.
    pub(super) fn hide_middle(&self, masked: &mut Masked, at: Range<usize>) {
        let hidden = at.start + SHOWN.0..at.end.saturating_sub(SHOWN.1);
        hidden.for_each(|index| masked.hide_octet(index, self.filler()));
    }

    /// Compressed digits that are an account number.
    pub(super) fn hide_cn(&mut self, masked: &mut Masked, at: Range<usize>) {
        let nibbles = masked.nibbles_of(2 * at.start..2 * at.end);
        for run in digit_runs(&nibbles) {
            self.hide_pan_nibbles(masked, 2 * at.start + run.start..2 * at.start + run.end);
        }
    }

    /// `PAN D YYMM service discretionary F`, or discretionary data alone (9F20).
    pub(super) fn hide_track2(&mut self, masked: &mut Masked, at: Range<usize>) {
        let nibbles = masked.nibbles_of(at.clone());
        let separator = nibbles.iter().position(|nibble| *nibble == SEPARATOR);
        let hide_from = match separator {
            Some(separator) => {
                self.hide_pan_nibbles(masked, at.start..at.start + separator);
                at.start + separator + 1 + AFTER_SEPARATOR
            }
            None => at.start,
        };
        let digits = (hide_from..at.end).filter(|index| masked.nibble(*index) <= 9).collect::<Vec<_>>();
        digits.into_iter().for_each(|index| masked.hide_nibble(index, 0));
    }

    /// `B PAN ^ name ^ YYMM service discretionary`, or discretionary data alone (9F1F).
    pub(super) fn hide_track1(&mut self, masked: &mut Masked, at: Range<usize>) {
        let value = masked.octets().get(at.clone()).unwrap_or_default().to_vec();
        let mut parts = value.split(|octet| *octet == b'^').map(<[u8]>::len);
        let (Some(number), Some(name), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
            at.for_each(|index| masked.hide_octet(index, self.filler()));
            return;
        };
        let format_code = usize::from(!matches!(value.first(), Some(b'0'..=b'9')));
        let name_at = at.start + number + 1;
        self.hide_pan_text(masked, at.start + format_code..at.start + number);
        (name_at..name_at + name).for_each(|index| masked.hide_octet(index, self.filler()));
        let rest = name_at + name + 1 + AFTER_SEPARATOR;
        (rest..at.end).for_each(|index| masked.hide_octet(index, self.filler()));
    }

    pub(super) fn hide_pan_nibbles(&mut self, masked: &mut Masked, at: Range<usize>) {
        let digits = masked.nibbles_of(at.clone());
        for (index, filler) in self.hidden_digits(&digits) {
            masked.hide_nibble(at.start + index, filler);
        }
    }

    pub(super) fn hide_pan_text(&mut self, masked: &mut Masked, at: Range<usize>) {
        let octets = masked.octets().get(at.clone()).unwrap_or_default();
        let digits: Vec<u8> = octets.iter().map(|octet| octet.wrapping_sub(b'0')).collect();
        for (index, filler) in self.hidden_digits(&digits) {
            masked.hide_octet(at.start + index, b'0' + filler);
        }
    }

    /// Which digits of an account number are hidden, and what stands there: zeroes, and one digit that spoils the check digit.
    pub(super) fn hidden_digits(&mut self, digits: &[u8]) -> Vec<(usize, u8)> {
        let (true, Some(number)) = (self.hide <= Sensitivity::Pan, pan(digits)) else { return Vec::new() };
        if digits.len() >= MIN_PAN && !self.pans.iter().any(|pan| pan == digits) {
            self.pans.push(digits.to_vec());
        }
        let shown = number.masked();
        let hidden = shown.as_str().bytes().enumerate().filter(|(_, character)| *character == b'*');
        let mut filled: Vec<_> = hidden.map(|(index, _)| (index, 0)).collect();
        let mut whole = digits.to_vec();
        let write = |whole: &mut Vec<u8>, index: usize, digit: u8| {
            whole.get_mut(index).into_iter().for_each(|place| *place = digit);
        };
        filled.iter().for_each(|(index, digit)| write(&mut whole, *index, *digit));
        let Some(last) = filled.last_mut() else { return filled };
        // Not the number itself, whose middle may well be zeroes, and nothing that looks like a number again.
        for digit in (self.variant..self.variant + 10).map(|digit| digit % 10) {
            write(&mut whole, last.0, digit);
            last.1 = digit;
            if whole != digits && !pan(&whole).is_some_and(|pan| pan.is_luhn()) {
                break;
            }
        }
        filled
    }
}

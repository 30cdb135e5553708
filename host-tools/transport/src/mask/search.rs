//! Account numbers and track 2 where nothing says what the octets are.

use std::ops::Range;

use tapcard_emv::tags::Sensitivity;

use super::Masker;
use super::hide::{AFTER_SEPARATOR, SEPARATOR};
use super::masked::{MAX_PAN, MIN_PAN, Masked, digit_runs, looks_like_pan};

/// Shortest account number that is looked for inside a longer run of digits; nearly every run holds a shorter one by chance.
const MIN_INSIDE: usize = 16;

impl Masker {
    /// Hides what looks like an account number or track 2, as digits in nibbles (`packed`) and as text.
    pub(super) fn search(&mut self, masked: &mut Masked, at: Range<usize>, packed: bool) {
        if self.hide > Sensitivity::Pan {
            return;
        }
        let text = masked.octets().get(at.clone()).unwrap_or_default();
        let text: Vec<u8> = text.iter().map(|octet| octet.wrapping_sub(b'0').min(0x0F)).collect();
        for run in digit_runs(&text) {
            if text.get(run.clone()).is_some_and(looks_like_pan) {
                self.hide_pan_text(masked, at.start + run.start..at.start + run.end);
            }
        }
        if !packed {
            return;
        }
        let nibbles = masked.nibbles_of(2 * at.start..2 * at.end);
        let mut runs = digit_runs(&nibbles).into_iter().peekable();
        while let Some(run) = runs.next() {
            let next = runs.peek().filter(|next| next.start == run.end + 1 && next.len() >= AFTER_SEPARATOR);
            let is_track2 = (MIN_PAN..=MAX_PAN).contains(&run.len()) && nibbles.get(run.end) == Some(&SEPARATOR);
            let start = 2 * at.start + run.start;
            if let (true, Some(next)) = (is_track2, next) {
                self.hide_track2(masked, start..2 * at.start + next.end);
            } else if nibbles.get(run.clone()).is_some_and(looks_like_pan) {
                self.hide_pan_nibbles(masked, start..start + run.len());
            }
        }
    }

    /// As [`Masker::search`], but also inside longer runs of digits: where a header is broken, its digits run into the value.
    pub(super) fn search_inside(&mut self, masked: &mut Masked, at: Range<usize>) {
        for start in at.clone() {
            let lengths = (MIN_INSIDE..=MAX_PAN).rev();
            let ends = lengths.map(|length| 2 * start + length).filter(|end| *end <= 2 * at.end);
            let found = ends.into_iter().find(|end| looks_like_pan(&masked.nibbles_of(2 * start..*end)));
            if let Some(end) = found {
                self.hide_pan_nibbles(masked, 2 * start..end);
            }
        }
    }

    /// Hides every account number that was seen before, in nibbles at any place and in text.
    pub(super) fn known_pans(&mut self, masked: &mut Masked, at: Range<usize>) {
        for pan in self.pans.clone() {
            let nibbles = masked.nibbles_of(2 * at.start..2 * at.end);
            for start in positions(&nibbles, &pan) {
                self.hide_pan_nibbles(masked, 2 * at.start + start..2 * at.start + start + pan.len());
            }
            let text: Vec<u8> = pan.iter().map(|digit| digit + b'0').collect();
            let octets = masked.octets().get(at.clone()).unwrap_or_default().to_vec();
            for start in positions(&octets, &text) {
                self.hide_pan_text(masked, at.start + start..at.start + start + pan.len());
            }
        }
    }
}

/// Where `wanted` begins in `all`.
fn positions(all: &[u8], wanted: &[u8]) -> Vec<usize> {
    all.windows(wanted.len().max(1)).enumerate().filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

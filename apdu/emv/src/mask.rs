//! Masking of account numbers in text that may hold one by accident: log lines, messages, notes of a recording.
//!
//! Text has no structure to go by, so this is a second net. Data objects are masked by their tag
//! ([`crate::tags::sensitivity`]): in a hex dump the digits of a PAN run into its length octet and cannot be found
//! here.

use crate::pan::{MAX_PAN_DIGITS, is_luhn, mask_middle};

/// Shorter runs of digits are dates, counters and amounts.
const MIN_DIGITS: usize = 12;
/// In runs longer than a PAN only the usual lengths are looked for, or nearly every long number would be masked.
const MIN_DIGITS_INSIDE: usize = 16;

/// Masks the middle of each run of 12 or more digits that has a valid check digit; returns how many were masked.
///
/// A run that is longer than a PAN is searched for one of 16 to 19 digits. Runs that begin with 0 are left alone, no
/// account number does. Works in place on ASCII or UTF-8; nothing but digits changes, and the length stays.
///
/// ```
/// let mut line = *b"card 6210940000000018 refused";
/// assert_eq!(tapcard_emv::mask::mask_digits(&mut line), 1);
/// assert_eq!(&line, b"card 621094******0018 refused");
/// ```
pub fn mask_digits(text: &mut [u8]) -> usize {
    let mut masked = 0;
    for run in text.split_mut(|character| !character.is_ascii_digit()) {
        if run.len() > MAX_PAN_DIGITS {
            masked += mask_inside(run);
        } else if run.len() >= MIN_DIGITS && looks_like_pan(run) {
            mask_middle(run);
            masked += 1;
        }
    }
    masked
}

/// Masks every PAN in a run of digits that is longer than one, the longest first at each place.
fn mask_inside(mut run: &mut [u8]) -> usize {
    let mut masked = 0;
    while run.len() >= MIN_DIGITS_INSIDE {
        let lengths = (MIN_DIGITS_INSIDE..=MAX_PAN_DIGITS.min(run.len())).rev();
        let found = lengths.into_iter().find(|len| run.get(..*len).is_some_and(looks_like_pan));
        let (head, tail) = run.split_at_mut(found.unwrap_or(1));
        if found.is_some() {
            mask_middle(head);
            masked += 1;
        }
        run = tail;
    }
    masked
}

fn looks_like_pan(digits: &[u8]) -> bool {
    digits.first() != Some(&b'0') && is_luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    fn masked(text: &str) -> String {
        let mut octets = text.as_bytes().to_vec();
        mask_digits(&mut octets);
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn numbers_without_a_valid_check_digit_stay() {
        assert_eq!(masked("20180305201033"), "20180305201033");
        assert_eq!(masked("6210940000000011"), "6210940000000011");
        assert_eq!(masked("A000000333010101"), "A000000333010101");
        assert_eq!(masked("00000000000000"), "00000000000000");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn several_numbers_in_one_line_are_masked() {
        assert_eq!(masked("4111111111111111,6210940000000018;"), "411111******1111,621094******0018;");
    }

    #[test]
    fn a_number_inside_a_longer_run_is_masked() {
        let text = masked("000004111111111111111000000000");
        assert!(!text.contains("4111111111111111"), "{text}");
    }

    #[test]
    fn other_characters_stay_as_they_are() {
        assert_eq!(masked("卡号 4111111111111111。"), "卡号 411111******1111。");
    }

    proptest! {
        #[test]
        fn a_valid_pan_of_13_or_more_never_survives(digits in "[1-9][0-9]{12,17}", around in "[a-z ^=]{0,5}") {
            let check = (b'0'..=b'9').find(|check| {
                let whole: Vec<u8> = digits.bytes().chain([*check]).collect();
                is_luhn(&whole)
            });
            let pan: String = digits.chars().chain(check.map(char::from)).collect();
            let text = masked(&std::format!("{around}{pan}{around}"));
            prop_assert!(!text.contains(&pan));
            prop_assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 10);
        }

        #[test]
        fn only_digits_change(mut octets: Vec<u8>) {
            let before = octets.clone();
            mask_digits(&mut octets);
            prop_assert_eq!(octets.len(), before.len());
            for (new, old) in octets.iter().zip(&before) {
                prop_assert!(new == old || (*new == b'*' && old.is_ascii_digit()));
            }
        }
    }
}

//! What a certificate says of its subject, whatever it is signed with.

use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

/// Whether the digits before the first F, three at least, are those at the front of the PAN. Odd numbers of digits occur.
pub(crate) fn is_identifier_of(identifier: [u8; 4], pan: &Pan) -> bool {
    let nibbles = identifier.into_iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
    let mut digits = pan.digits();
    let mut count = 0_usize;
    for nibble in nibbles.take_while(|nibble| *nibble != 0x0F) {
        if digits.next() != Some(nibble) {
            return false;
        }
        count += 1;
    }
    count >= 3
}

/// Whether today is after the last day of the month MMYY. A month that there is not has no day to work through.
pub(crate) fn has_ended([month, year]: [u8; 2], today: Date) -> bool {
    Date::from_yymm(&[year, month]).map_or(true, |expiry| today > expiry.last_day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_any_number_of_digits_are_compared_up_to_the_first_f() {
        let pan = Pan::from_digits("6228481234567890").unwrap();
        for (identifier, is_of) in [
            (0x622F_FFFF, true),
            (0x6228_FFFF, true),
            (0x6228_4FFF, true),
            (0x6228_4812, true),
            (0x6228_4813, false),
            (0x6238_FFFF, false),
            (0x62FF_FFFF, false),
            (0xFFFF_FFFF, false),
            (0x622A_FFFF, false),
        ] {
            assert_eq!(is_identifier_of(u32::to_be_bytes(identifier), &pan), is_of, "{identifier:08X}");
        }
        assert!(!is_identifier_of([0x62, 0x28, 0x48, 0x12], &Pan::from_digits("622848").unwrap()));
    }

    #[test]
    fn the_last_day_of_the_month_still_counts() {
        let day = |month, day| Date::new(2026, month, Some(day)).unwrap();
        assert!(!has_ended([0x11, 0x26], day(11, 30)));
        assert!(has_ended([0x11, 0x26], day(12, 1)));
        assert!(has_ended([0x13, 0x99], day(1, 1)));
        assert!(has_ended([0x0A, 0x26], day(1, 1)));
    }
}

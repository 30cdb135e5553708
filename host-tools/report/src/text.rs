//! Names on cards: ISO 8859 by the code table of 9F11, GBK on Chinese cards, else Latin-1.

use encoding_rs::{
    Encoding, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_10,
    ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

/// Text of a card, trailing padding (blanks, 00, FF) removed and control characters replaced.
///
/// `code_table`: the Issuer Code Table Index 9F11, the part number of ISO/IEC 8859, for objects that it governs. Without it,
/// octets above 7F that are well-formed GBK are read as GBK: PBOC cards write names so (JR/T 0025.5), and no other card gives
/// a table.
///
/// ```
/// use tapcard_report::text::decode_text;
/// assert_eq!(decode_text(b"VISA TEST  ", None), "VISA TEST");
/// assert_eq!(decode_text(&[0xD2, 0xF8, 0xC1, 0xAA], None), "银联");
/// assert_eq!(decode_text(&[0xE9], Some(1)), "é");
/// ```
#[must_use]
pub fn decode_text(octets: &[u8], code_table: Option<u8>) -> String {
    let end = octets.iter().rposition(|octet| !matches!(octet, 0x20 | 0x00 | 0xFF)).map_or(0, |last| last + 1);
    let octets = octets.get(..end).unwrap_or_default();
    let encoding = match code_table.and_then(iso_8859) {
        Some(encoding) => encoding,
        None if GBK.decode_without_bom_handling_and_without_replacement(octets).is_some() => GBK,
        None => WINDOWS_1252,
    };
    let (text, _) = encoding.decode_without_bom_handling(octets);
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// Parts 1, 9 and 11 are decoded by their supersets, as the WHATWG Encoding Standard does.
fn iso_8859(part: u8) -> Option<&'static Encoding> {
    Some(match part {
        1 => WINDOWS_1252,
        2 => ISO_8859_2,
        3 => ISO_8859_3,
        4 => ISO_8859_4,
        5 => ISO_8859_5,
        6 => ISO_8859_6,
        7 => ISO_8859_7,
        8 => ISO_8859_8,
        9 => WINDOWS_1254,
        10 => ISO_8859_10,
        11 => WINDOWS_874,
        13 => ISO_8859_13,
        14 => ISO_8859_14,
        15 => ISO_8859_15,
        16 => ISO_8859_16,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_a_hostile_card_do_not_reach_the_terminal() {
        assert_eq!(decode_text(b"\x1b[2Jx", None), "\u{FFFD}[2Jx");
    }

    #[test]
    fn octets_that_are_no_gbk_are_latin_1() {
        assert_eq!(decode_text(&[b'R', 0xE9], None), "Ré");
    }

    #[test]
    fn a_code_table_that_does_not_exist_is_no_table() {
        assert_eq!(decode_text(b"CB", Some(12)), "CB");
    }
}

//! Commands whose data are PINs or keys, whatever class they are sent in.
//!
//! ISO/IEC 7816-4:2005, 7.5; PBOC CHANGE PIN and RELOAD PIN (JR/T 0025.2); GlobalPlatform PUT KEY; PC/SC part 3, 3.2.2.1.4
//! and 3.2.2.1.5 for the commands to a reader.

use std::ops::Range;

use tapcard_iso7816::{Command, Ins};

/// GlobalPlatform PUT KEY.
const PUT_KEY: u8 = 0xD8;
/// The class of commands to the reader.
const TO_READER: u8 = 0xFF;
/// LOAD KEYS of a reader.
const LOAD_KEYS: u8 = 0x82;
/// How deep a command may stand inside a command to the PN532 of a reader: a card's command, no further.
const DEPTH: u8 = 1;

/// Whether the data of a C-APDU are a PIN or a key, so that it must not be shown, kept or given as an argument.
///
/// ```
/// use tapcard_transport::mask::carries_secret;
///
/// assert!(carries_secret(&[0x00, 0x20, 0x00, 0x80, 0x08, 0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
/// assert!(!carries_secret(&[0x00, 0x20, 0x00, 0x80]), "asks how many tries are left");
/// assert!(!carries_secret(&[0x00, 0xB2, 0x01, 0x0C, 0x00]));
/// ```
#[must_use]
pub fn in_command(command: &[u8]) -> bool {
    within(command, DEPTH)
}

fn within(command: &[u8], depth: u8) -> bool {
    let [cla, ins, .., _] = *command else { return false };
    if data_of(command).is_empty() {
        return false;
    }
    match (cla, ins) {
        (TO_READER, LOAD_KEYS) => true,
        (TO_READER, 0x00) if depth > 0 => to_pn532(command.get(data_of(command)).unwrap_or_default(), depth),
        // An instruction with an odd octet has its data in BER-TLV.
        _ => {
            matches!(
                Ins::from(ins & !1),
                Ins::Verify
                    | Ins::ChangeReferenceData
                    | Ins::DisableVerification
                    | Ins::EnableVerification
                    | Ins::ResetRetryCounter
                    | Ins::ChangePin
            ) || ins == PUT_KEY
        }
    }
}

/// `InDataExchange` and `InCommunicateThru` to the PN532 of an ACR122U may carry a card's command or a MIFARE key.
fn to_pn532(data: &[u8], depth: u8) -> bool {
    let ([0xD4, 0x40, _, inner @ ..] | [0xD4, 0x42, inner @ ..]) = data else { return false };
    let mifare_key = inner.len() >= 8 && matches!(inner.first(), Some(0x60 | 0x61));
    mifare_key || within(inner, depth - 1)
}

/// Where the data of a C-APDU stand; everything behind the header when Lc and Le make no sense.
pub(super) fn data_of(command: &[u8]) -> Range<usize> {
    match Command::parse(command) {
        Ok(parsed) if parsed.data().is_empty() => 0..0,
        Ok(parsed) => {
            // Lc of an extended command is three octets, the first of them 00.
            let start = if command.get(4) == Some(&0) { 7 } else { 5 };
            start..start + parsed.data().len()
        }
        Err(_) => command.len().min(4)..command.len(),
    }
}

#[cfg(test)]
mod tests {
    use tapcard_emv::Sensitivity;

    use crate::mask::Masker;

    fn shown(hex: &str) -> String {
        Masker::new(Sensitivity::Secret).command(&hex::decode(hex.replace(' ', "")).unwrap()).hex()
    }

    #[test]
    fn pins_and_keys_are_hidden_in_every_class_and_length() {
        for (command, expected) in [
            ("00200080 08 241234FFFFFFFFFF", "0020008008****************"),
            ("00200080 08 241234FFFFFFFFFF 00", "0020008008******************"),
            ("00200080 000008 241234FFFFFFFFFF", "00200080000008****************"),
            ("84240001 04 11223344", "8424000104********"),
            ("002C0001 02 1234", "002C000102****"),
            ("805E0100 05 1234FF5678", "805E010005**********"),
            ("80D80181 03 AABBCC", "80D8018103******"),
            ("FF820000 06 FFFFFFFFFFFF", "FF82000006************"),
            ("00210080 04 83021234", "0021008004********"),
            ("FF000000 0D D4400100200080054112345678", "FF0000000D**************************"),
            ("FF000000 0F D440016004FFFFFFFFFFFF01020304", "FF0000000F******************************"),
        ] {
            assert_eq!(shown(command), expected, "{command}");
        }
    }

    #[test]
    fn a_command_with_a_wrong_length_hides_all_behind_its_header() {
        assert_eq!(shown("00200080 09 241234FFFFFFFFFF"), "00200080******************");
        assert_eq!(
            shown("00200080 07 241234FFFFFFFFFF"),
            "0020008007****************",
            "what looks like Le may be PIN"
        );
        assert_eq!(shown("00200080 06 241234FFFFFFFFFF"), "00200080******************");
    }

    #[test]
    fn questions_and_other_commands_are_shown() {
        for command in ["00200080", "0020008000", "00B2010C00", "FF0000000 2D402", "FFCA000000", "00", ""] {
            let command = command.replace(' ', "");
            assert_eq!(shown(&command), command);
        }
    }

    #[test]
    fn what_is_written_to_a_card_is_masked_like_what_is_read() {
        let mut masker = Masker::new(Sensitivity::Name);
        let mut shown = |hex: &str| masker.command(&hex::decode(hex.replace(' ', "")).unwrap()).hex();
        assert_eq!(shown("04DA005A 08 6210948000000011"), "04DA005A08621094******0011");
        assert_eq!(shown("00DC010C 0C 700A5A086210948000000011"), "00DC010C0C700A5A08621094******0011");
        assert_eq!(shown("00D68200 08 6210948000000011"), "00D6820008621094******0011");
        assert_eq!(shown("04DA9F79 06 000000012345"), "04DA9F7906000000012345");
        assert_eq!(shown("04DA005A 000008 6210948000000011"), "04DA005A000008621094******0011");
    }
}

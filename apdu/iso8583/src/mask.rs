//! What a log may show of a message: account numbers with their middle masked, track data, PIN blocks and keys as their
//! length, chip data object by object as the table of [`tapcard_emv::tags`] allows.
//!
//! What a number means is the standard's; a spec changes how a field is written, not how secret it is. In fields that each
//! network fills as it likes an account number may stand by accident, so they go through [`tapcard_emv::mask_digits`],
//! and are shown as their length when they are long.

use core::fmt::{self, Write};

use tapcard_emv::tags::{Sensitivity, meanings, sensitivity};
use tapcard_emv::{Pan, mask_digits};
use tapcard_iso7816::{Tlv, Walk};

use crate::field::FieldRef;
use crate::message::Message;

/// What may be shown of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Shown {
    /// The value.
    Plain,
    /// An account number: its first six and last four digits.
    Pan,
    /// Free text: long numbers with a valid check digit masked, longer text not at all.
    Free,
    /// Data objects, each by its tag.
    Chip,
    /// Nothing but the length.
    Length,
}

/// What may be shown of a field by its number (ISO 8583:1987, table 6).
#[must_use]
pub const fn shown(number: u8) -> Shown {
    match number {
        2 => Shown::Pan,
        55 => Shown::Chip,
        // Extended PAN, tracks, PIN block, keys, authentication data.
        34..=36 | 45 | 52 | 53 | 96 => Shown::Length,
        // Accounts: a PAN or a number of any other form.
        102 | 103 => Shown::Pan,
        43 | 44 | 46..=48 | 54 | 56..=63 | 98 | 104..=127 => Shown::Free,
        _ => Shown::Plain,
    }
}

/// The longest free text that is shown.
const MAX_FREE: usize = 64;

/// The most octets of hexadecimal chip data that are decoded to be shown.
const MAX_CHIP: usize = 256;

/// The value, masked.
impl fmt::Display for FieldRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match shown(self.number()) {
            Shown::Plain => self.chars().try_for_each(|char| printable(f, char)),
            Shown::Pan => match self.pan() {
                Some(pan) => write!(f, "{pan}"),
                None => length(f, self.len()),
            },
            Shown::Free => free(f, self),
            Shown::Chip => chip(f, self),
            Shown::Length => length(f, self.len()),
        }
    }
}

/// Number and masked value.
impl fmt::Debug for FieldRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.number())
    }
}

/// One line for the message type and bitmaps, one for each field; masked.
impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.mti(), self.bitmap())?;
        self.fields().try_for_each(|field| write!(f, "\n{:>4}  {field}", field.number()))
    }
}

/// Everything in one line, masked.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}", self.mti())?;
        self.fields().try_for_each(|field| write!(f, ", {field:?}"))?;
        f.write_char(')')
    }
}

/// Message type and field numbers: a device's log has no room for values.
#[cfg(feature = "defmt")]
impl defmt::Format for Message<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Message({}, {})", self.mti(), self.bitmap());
    }
}

/// Number and length.
#[cfg(feature = "defmt")]
impl defmt::Format for FieldRef<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "field {=u8} ({=usize})", self.number(), self.len());
    }
}

fn length(f: &mut fmt::Formatter<'_>, len: usize) -> fmt::Result {
    write!(f, "({len})")
}

fn printable(f: &mut fmt::Formatter<'_>, octet: u8) -> fmt::Result {
    f.write_char(if octet.is_ascii_graphic() || octet == b' ' { octet.into() } else { '.' })
}

fn free(f: &mut fmt::Formatter<'_>, field: &FieldRef<'_>) -> fmt::Result {
    let mut text = [0; MAX_FREE];
    let Ok(count) = field.copy_chars(&mut text).map(<[u8]>::len) else { return length(f, field.len()) };
    let text = text.get_mut(..count).unwrap_or_default();
    mask_digits(text);
    text.iter().try_for_each(|octet| printable(f, *octet))
}

fn chip(f: &mut fmt::Formatter<'_>, field: &FieldRef<'_>) -> fmt::Result {
    let mut decoded = [0; MAX_CHIP];
    let octets = match field.as_octets() {
        Some(octets) => octets,
        None => match field.copy_octets(&mut decoded) {
            Ok(octets) => octets,
            Err(_) => return length(f, field.len()),
        },
    };
    for (index, item) in Walk::new(octets).enumerate() {
        if index > 0 {
            f.write_char(' ')?;
        }
        match item {
            Ok((_, object)) => data_object(f, &object)?,
            Err(error) => return write!(f, "({error})"),
        }
    }
    Ok(())
}

fn data_object(f: &mut fmt::Formatter<'_>, object: &Tlv<'_>) -> fmt::Result {
    write!(f, "{}", object.tag)?;
    if object.is_constructed() {
        return Ok(());
    }
    f.write_char('=')?;
    // An object that the table does not know may hold anything.
    let class = if meanings(object.tag).is_empty() { Sensitivity::Secret } else { sensitivity(object.tag, None) };
    match class {
        Sensitivity::Plain => object.value.iter().try_for_each(|octet| write!(f, "{octet:02X}")),
        Sensitivity::Pan => match Pan::from_cn(object.value) {
            Ok(pan) => write!(f, "{pan}"),
            Err(_) => length(f, object.value.len()),
        },
        Sensitivity::Name | Sensitivity::Track | Sensitivity::Secret => length(f, object.value.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageWriter, Mti, specs};
    use std::format;
    use std::string::{String, ToString};

    /// Test PANs of payment systems.
    const PAN: &str = "6210940000000018";

    fn shown_of(spec: &'static crate::Spec<'static>, fields: &[(u8, &str)]) -> String {
        let mut buffer = [0; 2048];
        let header = [0; 11];
        let header = header.get(..spec.header.octet_count()).unwrap();
        let mut writer = MessageWriter::new(spec, header, Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
        for (number, text) in fields {
            writer.text(*number, text).unwrap();
        }
        let length = writer.finish();
        let message = Message::decode(spec, &buffer[..length]).unwrap();
        let text = message.to_string();
        let one_line = format!("{message:?}");
        message.fields().for_each(|field| assert!(one_line.contains(&format!("{}: {field}", field.number()))));
        text
    }

    #[test]
    fn no_spec_shows_an_account_number_a_track_or_a_pin_block() {
        let track = format!("{PAN}D30122011502980");
        let chip = format!("5A0862109400000000185710{PAN}D3012201000000FF5F2006544553542F419F2608AABBCCDDEEFF0011");
        let fields = [(2, PAN), (3, "000000"), (35, &track), (52, "07131D8C6751F082"), (55, &chip)];
        for (name, spec) in specs::ALL {
            let text = shown_of(spec, &fields);
            assert!(text.contains("\n   2  621094******0018\n   3  000000\n"), "{name}: {text}");
            assert!(text.contains("9F26=AABBCCDDEEFF0011") && text.contains("5A=621094******0018"), "{name}: {text}");
            for secret in [PAN, "D3012", "1D8C67", "1502980", "54455354", "TEST"] {
                assert!(!text.contains(secret), "{name} shows {secret}: {text}");
            }
        }
    }

    #[test]
    fn an_account_number_in_free_text_is_masked_and_long_text_is_a_length() {
        let free = format!("from {PAN} to");
        let long = "x".repeat(65);
        let text = shown_of(&specs::HOST, &[(48, &free), (60, &long), (102, PAN), (103, "ACCOUNT A")]);
        assert_eq!(
            text,
            "0200 8000000000010010 0000000006000000\n  48  from 621094******0018 to\n  60  (65)\n 102  621094******0018\n 103  (9)"
        );
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let text = shown_of(&specs::HOST, &[(41, "A\u{1b}[2J\n\u{7}B"), (43, &format!("{:40}", "\u{1b}[31mx"))]);
        assert!(text.contains("  41  A.[2J..B\n"), "{text}");
        assert!(text.contains("  43  .[31mx"), "{text}");
    }

    #[test]
    fn broken_and_unknown_chip_data_is_shown_without_values() {
        let text = shown_of(&specs::HOST, &[(55, "DF7E0411223344720386011257")]);
        assert!(text.contains("55  DF7E=(4) 72 86=12 (the length field is cut off at byte 12)"), "{text}");
        let long = "5F2A020156".repeat(60);
        let fields = [(55, long.as_str())];
        assert!(shown_of(&specs::HOST, &fields).contains("5F2A=0156 5F2A=0156"));
    }

    #[test]
    fn every_field_that_can_hold_a_secret_is_not_plain() {
        for number in [2, 34, 35, 36, 45, 48, 52, 53, 55, 60, 61, 62, 63, 96, 102, 103, 120, 127] {
            assert_ne!(shown(number), Shown::Plain, "{number}");
        }
    }
}

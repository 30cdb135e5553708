//! From the issuer's master keys to those of one card (EMV 4.4 Book 2, A1.4.1; the same for PBOC, JR/T 0025.7).
//!
//! An issuer's master keys belong into a personalisation only if they are public test keys. A card of a real issuer has its own
//! keys in it (`"of": "card"`), and the file is for its owner alone.

use tapcard_card::{Key, Secret};
use tapcard_crypto::derive::{Psn, option_a};
use tapcard_crypto::keys::TdesKey;
use tapcard_emv::Pan;
use tapcard_emv::tags::tag;
use tapcard_iso7816::{Tag, find_deep};

use crate::compile::Values;
use crate::error::{Place, ProfileError};
use crate::source::{self, Octets};

/// The secrets of an application, derived for the PAN and the sequence number in its records.
pub(crate) fn secrets(place: &Place, keys: &source::Keys, values: &Values) -> Result<Values, ProfileError> {
    let number = find(values, tag::PAN).and_then(|value| Pan::from_cn(value).ok());
    let pan = number.ok_or_else(|| place.error("there is no PAN to derive from", "`5A` in a record"))?;
    let psn = match find(values, tag::PSN) {
        None => Psn::default(),
        Some(value) => {
            let psn = value.first().copied().and_then(Psn::from_bcd);
            psn.ok_or_else(|| place.error("the PAN sequence number is no number", "`5F34` with two digits"))?
        }
    };
    let mut secrets = Values::new();
    let masters = [("ac", &keys.ac, Secret::Ac), ("mac", &keys.mac, Secret::Mac), ("enc", &keys.enc, Secret::Enc)];
    for (name, Octets(octets), secret) in masters {
        let master = TdesKey::import(octets);
        let master =
            master.map_err(|error| place.key(name).error(error.to_string(), "16 octets with unequal halves"))?;
        let key = match keys.of {
            source::KeysOf::Issuer => option_a(&master, &pan, psn),
            source::KeysOf::Card => master,
        };
        secrets.push((Key::Secret(secret), key.reveal().to_vec()));
    }
    if let Some(pin) = &keys.pin {
        let block = pin_block(pin).ok_or_else(|| place.key("pin").error("this is no PIN", "4 to 12 digits"))?;
        secrets.push((Key::Secret(Secret::Pin), block.to_vec()));
    }
    Ok(secrets)
}

/// An object in the records of the application.
fn find(values: &Values, wanted: Tag) -> Option<&[u8]> {
    let records = values.iter().filter(|(key, _)| matches!(key, Key::Record(..)));
    records.into_iter().find_map(|(_, record)| find_deep(record, wanted))
}

/// Digits as a block of format 2 (ISO 9564-1:2017, 9.3.3).
fn pin_block(pin: &str) -> Option<[u8; 8]> {
    let count = u8::try_from(pin.len()).ok().filter(|count| (4..=12).contains(count))?;
    let mut nibbles = vec![2, count];
    for digit in pin.chars() {
        nibbles.push(u8::try_from(digit.to_digit(10)?).ok()?);
    }
    nibbles.resize(16, 0x0F);
    let mut block = [0; 8];
    for (octet, pair) in block.iter_mut().zip(nibbles.chunks_exact(2)) {
        *octet = pair.iter().fold(0, |octet, nibble| octet << 4 | nibble);
    }
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_becomes_a_block_or_is_none() {
        assert_eq!(pin_block("1234"), Some([0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert_eq!(pin_block("123456789012"), Some([0x2C, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0xFF]));
        for none in ["", "123", "1234567890123", "12a4", "١٢٣٤"] {
            assert_eq!(pin_block(none), None, "{none}");
        }
    }
}

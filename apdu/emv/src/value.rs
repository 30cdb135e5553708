//! A value as text for people, by the format of its data object and with what must stay hidden taken out.
//!
//! Text is read as ISO/IEC 8859-1; Chinese cards put GBK there, which the host decodes. A value that is not in its
//! format is shown in hexadecimal, so that nothing a card sends gets lost. Bits are explained by
//! [`crate::bits::explain`].

use crate::bcd::{CnDigits, number};
use crate::date::{Date, Time};
use crate::dol::Dol;
use crate::pan::{Pan, mask_middle};
use crate::tags::{DataObject, Format, Sensitivity, tag};
use crate::track::{Track1, Track2};
use core::fmt::{self, Write};
use tapcard_iso7816::Tag;

/// Displays a value.
///
/// ```
/// use tapcard_emv::{ValueText, lookup, tag};
///
/// let object = lookup(tag::PAN).unwrap();
/// let pan = [0x62, 0x10, 0x94, 0x00, 0x00, 0x00, 0x00, 0x11];
/// assert_eq!(ValueText::new(object, &pan).to_string(), "621094******0011");
///
/// let object = lookup(tag::EXPIRATION_DATE).unwrap();
/// assert_eq!(ValueText::new(object, &[0x30, 0x10, 0x31]).to_string(), "2030-10-31");
/// ```
#[derive(Clone, Copy)]
pub struct ValueText<'a> {
    object: &'a DataObject,
    value: &'a [u8],
    reveal: bool,
}

impl<'a> ValueText<'a> {
    /// The value of a data object, masked as its [`Sensitivity`] says.
    #[must_use]
    pub const fn new(object: &'a DataObject, value: &'a [u8]) -> Self {
        Self { object, value, reveal: false }
    }

    /// The same with account numbers and names shown whole. The discretionary data of tracks, PINs and keys stay
    /// hidden.
    #[must_use]
    pub const fn revealed(self) -> Self {
        Self { reveal: true, ..self }
    }

    fn hidden(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} octets, not shown)", self.value.len())
    }

    /// A value that hides nothing, by its format.
    fn plain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match self.object.format {
            Format::N if number_like(value) => self.number(f),
            Format::Cn if CnDigits::new(value).all(|digit| digit.is_ok()) => {
                CnDigits::new(value).flatten().try_for_each(|digit| write!(f, "{digit}"))
            }
            Format::A | Format::An | Format::Ans => match text(value) {
                Some(characters) => characters.into_iter().try_for_each(|character| f.write_char(character)),
                None => hex(value, f),
            },
            Format::Dol if Dol::new(value).total_length().is_ok() => dol(value, f),
            Format::TagList if tags(value).all(|tag| tag.is_some()) => {
                tags(value).flatten().enumerate().try_for_each(|(index, tag)| write!(f, "{}{tag}", space(index)))
            }
            Format::Template => write!(f, "({} octets)", value.len()),
            _ => hex(value, f),
        }
    }

    fn number(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = match self.object.tag {
            tag::TRANSACTION_DATE | tag::EXPIRATION_DATE | tag::EFFECTIVE_DATE => Date::from_yymmdd(self.value).ok(),
            _ => None,
        };
        let time = if self.object.tag == tag::TRANSACTION_TIME { Time::from_hhmmss(self.value).ok() } else { None };
        match (date, time) {
            (Some(date), _) => write!(f, "{date}"),
            (_, Some(time)) => write!(f, "{time}"),
            // The digits of format n read like the octets in hexadecimal.
            _ => hex(self.value, f),
        }
    }

    fn account(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reveal {
            return self.plain(f);
        }
        if self.object.format == Format::Cn {
            return match Pan::from_cn(self.value) {
                Ok(pan) => write!(f, "{pan}"),
                Err(_) => self.hidden(f),
            };
        }
        // An IBAN, or the digits of a data storage identifier: at most 34 characters.
        let mut characters = [0; 34];
        let octets = self.value.iter().copied();
        let count = match self.object.format {
            Format::N if number_like(self.value) => {
                fill(&mut characters, octets.flat_map(crate::bcd::halves).map(|digit| digit + b'0'))
            }
            Format::Ans if self.value.iter().all(u8::is_ascii_alphanumeric) => fill(&mut characters, octets),
            _ => None,
        };
        let Some(shown) = count.and_then(|count| characters.get_mut(..count)) else {
            return self.hidden(f);
        };
        mask_middle(shown);
        f.write_str(core::str::from_utf8(shown).unwrap_or_default())
    }

    fn track(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = if self.object.format == Format::B {
            Track2::parse(self.value).ok().map(|track| (track.pan().clone(), track.expiry()))
        } else {
            Track1::parse(self.value).ok().map(|track| (track.pan().clone(), track.expiry()))
        };
        let Some((pan, expiry)) = fields else {
            return self.hidden(f);
        };
        let masked = pan.masked();
        f.write_str(if self.reveal { pan.reveal() } else { masked.as_str() })?;
        expiry.map_or(Ok(()), |date| write!(f, ", expires {date}"))
    }

    fn person(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reveal {
            return self.plain(f);
        }
        match text(self.value) {
            Some(characters) if self.object.format == Format::Ans => {
                characters.into_iter().enumerate().try_for_each(|(index, character)| {
                    f.write_char(if index > 0 && character.is_alphanumeric() { '*' } else { character })
                })
            }
            _ => self.hidden(f),
        }
    }
}

impl fmt::Display for ValueText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.object.class {
            _ if self.value.is_empty() => Ok(()),
            Sensitivity::Plain => self.plain(f),
            Sensitivity::Name => self.person(f),
            Sensitivity::Pan => self.account(f),
            Sensitivity::Track => self.track(f),
            Sensitivity::Secret => self.hidden(f),
        }
    }
}

impl fmt::Debug for ValueText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.object.tag, Self { reveal: false, ..*self })
    }
}

fn hex(value: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    value.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
}

fn dol(value: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let entries = Dol::new(value).iter().flatten().enumerate();
    entries.into_iter().try_for_each(|(index, entry)| write!(f, "{}{}:{}", space(index), entry.tag, entry.length))
}

/// What stands before an item of a list.
const fn space(index: usize) -> &'static str {
    if index == 0 { "" } else { " " }
}

/// Digits only. Numbers of any length are shown, so a number too large to count with is one too.
fn number_like(value: &[u8]) -> bool {
    value.chunks(8).all(|part| number(part).is_ok())
}

/// The characters of ISO/IEC 8859-1 without the padding behind them; `None` when one of them is a control code.
fn text(value: &[u8]) -> Option<impl Iterator<Item = char> + '_> {
    let end = value.iter().rposition(|octet| !matches!(octet, 0x00 | b' ')).map_or(0, |last| last + 1);
    let characters = value.get(..end)?.iter().map(|octet| char::from(*octet));
    (!characters.clone().any(char::is_control)).then_some(characters)
}

/// The tags of a tag list; `None` and the end at an octet that begins none.
fn tags(value: &[u8]) -> impl Iterator<Item = Option<Tag>> + '_ {
    let mut rest = value;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let parsed = Tag::parse(rest).ok();
        rest = parsed.and_then(|(_, octets)| rest.get(octets..)).unwrap_or_default();
        Some(parsed.map(|(tag, _)| tag))
    })
}

/// Puts characters at the start of `out`; `None` when they do not fit.
fn fill(out: &mut [u8], characters: impl Iterator<Item = u8>) -> Option<usize> {
    let mut count = 0;
    for character in characters {
        *out.get_mut(count)? = character;
        count += 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::{Scheme, lookup, lookup_for, objects};
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn shown(tag: Tag, value: &[u8]) -> String {
        ValueText::new(lookup(tag).unwrap(), value).to_string()
    }

    fn revealed(tag: Tag, value: &[u8]) -> String {
        ValueText::new(lookup(tag).unwrap(), value).revealed().to_string()
    }

    #[test]
    fn formats_are_shown_as_people_read_them() {
        assert_eq!(shown(tag::AMOUNT_AUTHORISED, &[0, 0, 0, 0, 0x10, 0x00]), "000000001000");
        assert_eq!(shown(tag::TRANSACTION_DATE, &[0x18, 0x03, 0x05]), "2018-03-05");
        assert_eq!(shown(tag::TRANSACTION_TIME, &[0x20, 0x10, 0x33]), "20:10:33");
        assert_eq!(shown(tag::APPLICATION_LABEL, b"PBOC DEBIT  "), "PBOC DEBIT");
        assert_eq!(shown(tag::EC_ISSUER_AUTHORISATION_CODE, b"ECC001"), "ECC001");
        assert_eq!(shown(tag::APPLICATION_PREFERRED_NAME, &[0x43, 0x61, 0x66, 0xE9]), "Café");
        assert_eq!(shown(tag::ATC, &[0x0A, 0xDC]), "0ADC");
        assert_eq!(shown(tag::PDOL, &[0x9F, 0x66, 0x04, 0x9A, 0x03]), "9F66:4 9A:3");
        assert_eq!(shown(tag::SDA_TAG_LIST, &[0x82, 0x9F, 0x36]), "82 9F36");
        assert_eq!(shown(tag::FCI_TEMPLATE, &[0x84, 0x00]), "(2 octets)");
        assert_eq!(shown(tag::ATC, &[]), "");
    }

    #[test]
    fn what_is_not_in_its_format_is_shown_in_hexadecimal() {
        assert_eq!(shown(tag::AMOUNT_AUTHORISED, &[0x1A]), "1A");
        assert_eq!(shown(tag::TRANSACTION_DATE, &[0x18, 0x13, 0x05]), "181305");
        assert_eq!(shown(tag::APPLICATION_LABEL, &[0x41, 0x81]), "4181");
        assert_eq!(shown(tag::PDOL, &[0x9F]), "9F");
        assert_eq!(shown(tag::SDA_TAG_LIST, &[0x9F]), "9F");
    }

    #[test]
    fn account_numbers_are_masked_until_they_are_revealed() {
        let pan = [0x62, 0x10, 0x94, 0x00, 0x00, 0x00, 0x00, 0x11];
        assert_eq!(shown(tag::PAN, &pan), "621094******0011");
        assert_eq!(revealed(tag::PAN, &pan), "6210940000000011");
        assert_eq!(shown(tag::PAN, &[0x6A]), "(1 octets, not shown)");
        assert_eq!(shown(tag::IBAN, b"DE02100100100006820101"), "DE0210************0101");
        assert_eq!(shown(tag::IBAN, &[0xFF; 22]), "(22 octets, not shown)");
    }

    #[test]
    fn tracks_show_the_masked_number_and_the_expiry() {
        let track_2 = [0x62, 0x10, 0x94, 0, 0, 0, 0, 0x11, 0xD3, 0x01, 0x02, 0x20, 0x12, 0x34, 0x5F];
        assert_eq!(shown(tag::TRACK2_EQUIVALENT_DATA, &track_2), "621094******0011, expires 2030-10");
        assert_eq!(revealed(tag::TRACK2_EQUIVALENT_DATA, &track_2), "6210940000000011, expires 2030-10");
        let track_1 = b"B6210940000000011^ZHANG/SAN^3010220123";
        assert_eq!(shown(tag::TRACK1_DATA, track_1), "621094******0011, expires 2030-10");
        assert_eq!(revealed(tag::TRACK2_DISCRETIONARY_DATA, &[0x12]), "(1 octets, not shown)");
        let kernel_2 = lookup_for(tag::TRACK2_DATA, Scheme::Mastercard).unwrap();
        assert!(ValueText::new(kernel_2, &track_2).to_string().starts_with("621094******0011"));
    }

    #[test]
    fn of_names_only_the_first_letter_is_shown() {
        assert_eq!(shown(tag::CARDHOLDER_NAME, b"ZHANG/SAN "), "Z****/***");
        assert_eq!(revealed(tag::CARDHOLDER_NAME, b"ZHANG/SAN "), "ZHANG/SAN");
        assert_eq!(shown(tag::DATE_OF_BIRTH, &[0x19, 0x90, 0x01, 0x01]), "(4 octets, not shown)");
    }

    #[test]
    fn secrets_are_never_shown() {
        assert_eq!(revealed(tag::PIN_DATA, &[0x12, 0x34]), "(2 octets, not shown)");
        assert_eq!(format!("{:?}", ValueText::new(lookup(tag::PIN_DATA).unwrap(), &[1])), "99 (1 octets, not shown)");
    }

    #[test]
    fn debug_stays_masked() {
        let text = ValueText::new(lookup(tag::PAN).unwrap(), &[0x62, 0x10, 0x94, 0, 0, 0, 0, 0x11]).revealed();
        assert_eq!(format!("{text:?}"), "5A 621094******0011");
    }

    proptest! {
        #[test]
        fn no_value_makes_the_text_panic(index in 0..objects().len(), value: Vec<u8>) {
            let text = ValueText::new(&objects()[index], &value);
            let _ = (text.to_string(), text.revealed().to_string());
        }

        #[test]
        fn no_sensitive_value_shows_more_than_ten_digits(digits in "[1-9][0-9]{18}") {
            for object in objects().iter().filter(|o| matches!(o.class, Sensitivity::Pan | Sensitivity::Track)) {
                let mut cn = Pan::from_digits(&digits).unwrap().to_cn().to_vec();
                for value in [cn.clone(), digits.clone().into_bytes(), { cn[9] &= 0xF0; cn }] {
                    let text = ValueText::new(object, &value).to_string();
                    prop_assert!(text.chars().filter(char::is_ascii_digit).count() <= 10, "{}: {text}", object.tag);
                }
            }
        }
    }
}

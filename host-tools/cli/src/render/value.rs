//! Values of data objects as text and hexadecimal, with what must not be shown taken out.

use tapcard_emv::tags::{lookup, lookup_for};
use tapcard_emv::{DataObject, Format, Scheme, Sensitivity, ValueText};
use tapcard_iso7816::Tag;
use tapcard_report::currency;
use tapcard_report::text::decode_text;
use tapcard_transport::{Masked, Masker};

/// Turns values into text; one for each report, since it remembers the account numbers that it saw.
pub(crate) struct Values {
    masker: Masker,
    show_pan: bool,
}

/// A value as it may be shown.
pub(crate) struct Shown {
    /// The object's name, if the dictionary has one.
    pub(crate) name: Option<&'static str>,
    /// Upper-case hexadecimal, `*` for what is hidden.
    pub(crate) hex: String,
    /// Decoded as the dictionary says.
    pub(crate) text: String,
    /// The card itself has it as text: nobody's to translate.
    pub(crate) is_text: bool,
    /// What its bits say.
    pub(crate) means: Vec<&'static str>,
}

impl Values {
    /// Hides account numbers and names unless `show_pan`; track data in full are hidden always.
    pub(crate) const fn new(show_pan: bool) -> Self {
        let hide = if show_pan { Sensitivity::Track } else { Sensitivity::Name };
        Self { masker: Masker::new(hide), show_pan }
    }

    /// The value of an object on a card of `scheme`.
    pub(crate) fn object(&mut self, tag: Tag, value: &[u8], scheme: Option<Scheme>) -> Shown {
        let object = scheme.map_or_else(|| lookup(tag), |scheme| lookup_for(tag, scheme));
        let masked = self.masker.value(tag, value);
        Shown {
            name: object.map(|object| object.name),
            hex: masked.hex(),
            text: self.text(object, value, &masked),
            is_text: object.is_some_and(|object| matches!(object.format, Format::A | Format::An | Format::Ans)),
            means: if masked.hides() { Vec::new() } else { explain(tag, value) },
        }
    }

    /// Octets without a tag, such as a log record.
    pub(crate) fn raw(&mut self, octets: &[u8]) -> String {
        self.masker.raw(octets).hex()
    }

    fn text(&self, object: Option<&DataObject>, value: &[u8], masked: &Masked) -> String {
        let Some(object) = object else { return masked.hex() };
        match object.format {
            Format::A | Format::An | Format::Ans => decode_text(&masked.text_octets(), None),
            _ if object.class == Sensitivity::Plain && masked.hides() => masked.hex(),
            _ if self.show_pan => ValueText::new(object, value).revealed().to_string(),
            _ => ValueText::new(object, value).to_string(),
        }
    }
}

fn explain(tag: Tag, value: &[u8]) -> Vec<&'static str> {
    let mut means = Vec::new();
    tapcard_emv::bits::explain(tag, value, &mut |bit| means.extend(bit.set.then_some(bit.meaning)));
    means
}

/// An amount in minor units with its currency: `("123.45", "CNY")`. A currency without letters keeps its number.
pub(crate) fn amount(minor: Option<u64>, currency: Option<u16>) -> Option<String> {
    minor.map(|minor| currency::format_minor(minor, currency))
}

/// The letters of a currency, else its number.
pub(crate) fn currency_name(numeric: Option<u16>) -> Option<String> {
    numeric.map(|numeric| currency::alpha(numeric).map_or_else(|| format!("{numeric:03}"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use tapcard_emv::tag;

    use super::*;

    #[test]
    fn a_pan_is_shown_only_on_demand() {
        let pan = [0x62, 0x10, 0x94, 0x80, 0x00, 0x00, 0x00, 0x11];
        let shown = Values::new(false).object(tag::PAN, &pan, None);
        assert_eq!((shown.hex.as_str(), shown.text.as_str()), ("621094******0011", "621094******0011"));
        let shown = Values::new(true).object(tag::PAN, &pan, None);
        assert_eq!((shown.hex.as_str(), shown.text.as_str()), ("6210948000000011", "6210948000000011"));
    }

    #[test]
    fn the_scheme_decides_what_a_tag_means() {
        let value = [0, 0, 0, 1, 0x23, 0x45];
        let shown = Values::new(false).object(tag::EC_BALANCE, &value, Some(Scheme::UnionPay));
        assert_eq!((shown.hex.as_str(), shown.text.as_str()), ("000000012345", "000000012345"));
        assert!(shown.name.is_some_and(|name| name.contains("Balance")), "{:?}", shown.name);
    }

    #[test]
    fn gbk_names_are_text() {
        let shown = Values::new(true).object(tag::CARDHOLDER_NAME, &[0xD2, 0xF8, 0xC1, 0xAA], None);
        assert_eq!(shown.text, "银联");
    }

    #[test]
    fn an_unknown_object_is_shown_in_hexadecimal() {
        let shown = Values::new(false).object(Tag::new(0xDF7E), &[1, 2], None);
        assert_eq!((shown.name, shown.text.as_str()), (None, "0102"));
    }

    #[test]
    fn a_currency_without_letters_keeps_its_number() {
        assert_eq!(currency_name(Some(156)).as_deref(), Some("CNY"));
        assert_eq!(currency_name(Some(1)).as_deref(), Some("001"));
        assert_eq!(amount(Some(12345), None).as_deref(), Some("123.45"));
    }
}

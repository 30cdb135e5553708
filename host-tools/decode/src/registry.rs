//! Registered numbers: application identifiers and merchant categories from our tables (`data/`), countries, currencies
//! and languages from crates that keep them.

use std::sync::LazyLock;

use isolang::Language;

/// A known beginning of AIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAid {
    /// Octets in upper-case hexadecimal.
    pub prefix: &'static str,
    /// Who owns it.
    pub owner: &'static str,
    /// What it is, if the beginning tells.
    pub product: Option<&'static str>,
    /// Country of a domestic application, two letters.
    pub country: Option<&'static str>,
    /// Where we know it from, a key of `data/README.md`.
    pub origin: &'static str,
}

static AIDS: LazyLock<Vec<KnownAid>> = LazyLock::new(|| {
    let dash = |cell: &'static str| (cell != "-").then_some(cell);
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        Some(KnownAid {
            prefix: cells.next()?,
            owner: cells.next()?,
            product: dash(cells.next()?),
            country: dash(cells.next()?),
            origin: cells.next()?,
        })
    };
    rows(include_str!("../data/aids.tsv")).filter_map(row).collect()
});

/// First and last code, and what they are.
static CATEGORIES: LazyLock<Vec<(u16, u16, &'static str)>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let (codes, name) = line.split_once('\t')?;
        let (first, last) = codes.split_once('-').unwrap_or((codes, codes));
        Some((first.parse().ok()?, last.parse().ok()?, name))
    };
    rows(include_str!("../data/mcc.tsv")).filter_map(row).collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// All known beginnings of AIDs.
#[must_use]
pub fn aids() -> &'static [KnownAid] {
    &AIDS
}

/// The longest known beginning of an AID.
///
/// ```
/// use tapcard_decode::registry::known_aid;
///
/// let known = known_aid(&[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x06]).unwrap();
/// assert_eq!((known.owner, known.product), ("UnionPay", Some("electronic cash")));
/// ```
#[must_use]
pub fn known_aid(aid: &[u8]) -> Option<&'static KnownAid> {
    let text: String = aid.iter().map(|octet| format!("{octet:02X}")).collect();
    aids().iter().filter(|known| text.starts_with(known.prefix)).max_by_key(|known| known.prefix.len())
}

/// What merchants of a category sell; single codes are known better than ranges.
#[must_use]
pub fn merchant_category(code: u16) -> Option<&'static str> {
    let fitting = CATEGORIES.iter().filter(|(first, last, _)| (first..=last).contains(&&code));
    fitting.min_by_key(|(first, last, _)| last - first).map(|(_, _, name)| *name)
}

/// Name and letters of a country by its ISO 3166-1 number.
#[must_use]
pub fn country(number: u16) -> Option<String> {
    celes::Country::from_value(usize::from(number)).ok().map(|country| named(&country))
}

/// The same by two or three letters.
#[must_use]
pub fn country_of_letters(letters: &str) -> Option<String> {
    let found = match letters.len() {
        2 => celes::Country::from_alpha2(letters),
        3 => celes::Country::from_alpha3(letters),
        _ => return None,
    };
    found.ok().map(|country| named(&country))
}

fn named(country: &celes::Country) -> String {
    format!("{} ({})", country.long_name, country.alpha2)
}

/// Letters, name and decimals of a currency by its ISO 4217 number.
#[must_use]
pub fn currency(number: u16) -> Option<String> {
    let currency = iso_currency::Currency::from_numeric(number)?;
    let decimals = match currency.exponent() {
        Some(1) => "1 decimal".to_owned(),
        Some(decimals) => format!("{decimals} decimals"),
        None => "without decimals".to_owned(),
    };
    Some(format!("{} ({}), {decimals}", currency.code(), currency.name()))
}

/// Name of a language by its two letters of ISO 639-1, in any case.
#[must_use]
pub fn language(letters: &str) -> Option<&'static str> {
    Language::from_639_1(&letters.to_ascii_lowercase()).map(|language| language.to_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcard_emv::{Aid, Scheme, terminal_list};

    #[test]
    fn every_row_of_the_tables_is_read() {
        let lines = |table: &str| table.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(aids().len(), lines(include_str!("../data/aids.tsv")));
        assert_eq!(CATEGORIES.len(), lines(include_str!("../data/mcc.tsv")));
    }

    #[test]
    fn beginnings_are_octets_in_order_and_have_an_origin() {
        let readme = include_str!("../data/README.md");
        for known in aids() {
            let digits = known.prefix.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
            assert!(digits && known.prefix.len().is_multiple_of(2), "{known:?}");
            assert!((10..=32).contains(&known.prefix.len()), "{known:?}");
            assert!(readme.contains(&format!("| `{}` |", known.origin)), "{known:?}");
            assert!(known.country.is_none_or(|letters| country_of_letters(letters).is_some()), "{known:?}");
        }
        assert!(aids().windows(2).all(|pair| pair[0].prefix < pair[1].prefix));
        assert!(CATEGORIES.iter().all(|(first, last, name)| first <= last && !name.is_empty()));
    }

    #[test]
    fn what_readers_try_is_known() {
        for entry in terminal_list().iter().filter(|entry| entry.aid.scheme() != Scheme::Emv) {
            let aid = entry.aid;
            let is_text = aid.as_bytes().iter().all(u8::is_ascii);
            assert!(known_aid(aid.as_bytes()).is_some() || aid.name().is_some() || is_text, "{aid}");
        }
    }

    #[test]
    fn the_longest_beginning_wins() {
        let product = |hex: &str| known_aid(&hex::decode(hex).unwrap()).map(|known| (known.owner, known.product));
        assert_eq!(product("A0000000031010"), Some(("Visa", Some("credit or debit"))));
        assert_eq!(product("A000000003FFFF"), Some(("Visa", None)));
        assert_eq!(product("A00000000386980701"), Some(("City Union", Some("purse"))));
        assert_eq!(product("A0FFFFFFFF"), None);
        assert!(Aid::new(&hex::decode("A0000000031010").unwrap()).is_ok());
    }

    #[test]
    fn a_category_is_better_known_by_its_own_code() {
        assert_eq!(merchant_category(5411), Some("grocery stores and supermarkets"));
        assert_eq!(merchant_category(3000), Some("an airline"));
        assert_eq!(merchant_category(4199), Some("transport"));
        assert_eq!(merchant_category(0), None);
    }

    #[test]
    fn countries_currencies_and_languages_have_names() {
        assert_eq!(country(156).as_deref(), Some("China (CN)"));
        assert_eq!(country_of_letters("CHN"), country(156));
        assert_eq!((country(0), country(999), country_of_letters("CHNX")), (None, None, None));
        assert_eq!(currency(392).as_deref(), Some("JPY (Japanese yen), 0 decimals"));
        assert!(currency(999).is_some_and(|text| text.contains("XXX")));
        assert_eq!((language("zh"), language("DE"), language("??")), (Some("Chinese"), Some("German"), None));
    }
}

//! The dictionary of data objects: what a tag is called, how its value is coded, how long it may be, who supplies it
//! and whether output must hide it.
//!
//! It covers EMV 4.4 Books 1, 3 and 4, the contactless books, PBOC (JR/T 0025) and the interindustry objects of
//! ISO/IEC 7816-4 and 7816-6. Bits inside a value are explained in [`crate::bits`], text for people is made in `value`.
//! Names and clauses exist with feature `names` only; a board that never explains does not carry them.
//!
//! Payment systems give tags from `9F50` to `9F7F` and `DFxx` meanings of their own. [`lookup_for`] takes the meaning
//! of the card's scheme, [`lookup`] the general one.

mod scheme;
mod table;

pub use scheme::Scheme;
pub use table::tag;

use tapcard_iso7816::Tag;

/// How a value is coded (EMV 4.4 Book 3, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Format {
    /// Letters only.
    A,
    /// Letters and digits.
    An,
    /// Letters, digits and special characters of ISO/IEC 8859.
    Ans,
    /// Octets: numbers, bit combinations or opaque data.
    B,
    /// Digits, two in each octet, left-justified and padded with F.
    Cn,
    /// Digits, two in each octet, right-justified and padded with 0.
    N,
    /// A data object list: tags and lengths (EMV 4.4 Book 3, 5.4).
    Dol,
    /// A list of tags.
    TagList,
    /// Data objects again.
    Template,
    /// Coding depends on the context.
    Var,
}

/// Who supplies the value (EMV 4.4 Book 3, Annex A, column "Source").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Source {
    /// The card.
    Icc,
    /// The terminal, its reader or its kernel.
    Terminal,
    /// The issuer's host.
    Issuer,
}

/// What output has to hide; the later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sensitivity {
    /// Nothing.
    Plain,
    /// Personal data: a name, an identity number, an address.
    Name,
    /// An account number: first six and last four digits may be shown.
    Pan,
    /// Track data: nothing but the masked PAN, expiry and service code may be shown.
    Track,
    /// PINs and keys: never shown.
    Secret,
}

/// One meaning of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataObject {
    /// The tag.
    pub tag: Tag,
    /// How the value is coded.
    pub format: Format,
    /// Shortest value in octets; 0 where the standard only gives an upper limit.
    pub min_len: u16,
    /// Longest value in octets.
    pub max_len: u16,
    /// Who supplies it.
    pub source: Source,
    /// What output must hide.
    pub class: Sensitivity,
    /// Whose meaning this is; `None`: everyone's, or everyone's who has no row of its own.
    pub scheme: Option<Scheme>,
    /// Its name in the standard.
    #[cfg(feature = "names")]
    pub name: &'static str,
    /// Where it is defined: document and annex.
    #[cfg(feature = "names")]
    pub clause: &'static str,
}

impl DataObject {
    /// Whether a value of `len` octets is as long as the dictionary allows.
    #[must_use]
    pub const fn accepts_length(&self, len: usize) -> bool {
        self.min_len as usize <= len && len <= self.max_len as usize
    }
}

/// All rows, by tag, the general meaning before those of the schemes.
#[must_use]
pub fn objects() -> &'static [DataObject] {
    table::OBJECTS
}

/// Every meaning of `tag`, the general one first. Empty for an unknown tag.
///
/// ```
/// use tapcard_emv::tags::{meanings, tag};
///
/// assert_eq!(meanings(tag::PAN).len(), 1);
/// assert!(meanings(tag::EC_BALANCE).len() > 1); // a data envelope in kernel 2
/// ```
#[must_use]
pub fn meanings(tag: Tag) -> &'static [DataObject] {
    let start = table::OBJECTS.partition_point(|row| row.tag < tag);
    let rest = table::OBJECTS.get(start..).unwrap_or_default();
    let count = rest.partition_point(|row| row.tag == tag);
    rest.get(..count).unwrap_or_default()
}

/// The general meaning of `tag`; for a tag that only schemes define, the first of theirs (UnionPay before the others).
#[must_use]
pub fn lookup(tag: Tag) -> Option<&'static DataObject> {
    meanings(tag).first()
}

/// What `tag` means on a card of `scheme`: the scheme's own meaning, else the one of the scheme that it builds on (see
/// [`Scheme::base`]), else the general one.
///
/// ```
/// use tapcard_emv::tags::{Format, Scheme, lookup_for, tag};
///
/// assert_eq!(lookup_for(tag::EC_BALANCE, Scheme::UnionPay).map(|o| o.format), Some(Format::N));
/// assert_eq!(lookup_for(tag::EC_BALANCE, Scheme::Mastercard).map(|o| o.format), Some(Format::B));
/// ```
#[must_use]
pub fn lookup_for(tag: Tag, scheme: Scheme) -> Option<&'static DataObject> {
    let rows = meanings(tag);
    let mut next = Some(scheme);
    while let Some(scheme) = next {
        if let Some(row) = rows.iter().find(|row| row.scheme == Some(scheme)) {
            return Some(row);
        }
        next = scheme.base();
    }
    rows.first()
}

/// The meaning whose length fits a value of `len` octets, for data whose scheme is not known: `9F5D` with 3 octets is
/// kernel 2's, with 6 octets the offline spending amount. Without a fit the general meaning.
#[must_use]
pub fn lookup_by_length(tag: Tag, len: usize) -> Option<&'static DataObject> {
    let rows = meanings(tag);
    rows.iter().find(|row| row.accepts_length(len)).or(rows.first())
}

/// What output must hide of a value of `tag`. Without a scheme, the strictest of all meanings: `9F6B` is a limit on
/// some cards and track data on others.
#[must_use]
pub fn sensitivity(tag: Tag, scheme: Option<Scheme>) -> Sensitivity {
    let class = match scheme {
        Some(scheme) => lookup_for(tag, scheme).map(|row| row.class),
        None => meanings(tag).iter().map(|row| row.class).max(),
    };
    class.unwrap_or(Sensitivity::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tag: u32) -> &'static DataObject {
        lookup(Tag::new(tag)).unwrap()
    }

    #[test]
    fn the_table_is_sorted_and_has_each_meaning_once() {
        for pair in objects().windows(2) {
            assert!((pair[0].tag, pair[0].scheme) < (pair[1].tag, pair[1].scheme), "{} {}", pair[0].tag, pair[1].tag);
        }
    }

    #[test]
    fn the_table_knows_at_least_250_objects() {
        let mut tags: usize = 1;
        for pair in objects().windows(2) {
            tags += usize::from(pair[0].tag != pair[1].tag);
        }
        assert!(tags >= 250, "{tags} tags");
        assert!(objects().len() > tags);
    }

    #[test]
    fn lengths_are_ordered_and_templates_are_constructed() {
        for object in objects() {
            assert!(object.min_len <= object.max_len, "{}", object.tag);
            assert!(object.format != Format::Template || object.tag.is_constructed(), "{}", object.tag);
        }
    }

    #[test]
    fn every_tag_is_one_well_formed_tag_field() {
        for object in objects() {
            let octets = object.tag.get().to_be_bytes();
            let field = &octets[4 - object.tag.octet_count()..];
            let (last, front) = field.split_last().unwrap();
            assert_eq!(front.is_empty(), field[0] & 0x1F != 0x1F, "{}", object.tag);
            assert!(front.is_empty() || last & 0x80 == 0, "{}", object.tag);
            assert!(front.iter().skip(1).all(|octet| octet & 0x80 != 0), "{}", object.tag);
        }
    }

    #[test]
    fn constants_are_the_tags_that_their_digits_say() {
        assert_eq!(tag::AMOUNT_AUTHORISED, Tag::new(0x9F02));
        assert_eq!(tag::PAN, Tag::new(0x5A));
        assert_eq!(tag::OUTCOME_PARAMETER_SET, Tag::new(0xDF_8129));
    }

    #[test]
    fn an_unknown_tag_has_no_meaning() {
        assert_eq!(lookup(Tag::new(0x9F00)), None);
        assert_eq!(lookup_for(Tag::new(0), Scheme::Visa), None);
        assert_eq!(meanings(Tag::new(u32::MAX)), &[]);
        assert_eq!(sensitivity(Tag::new(0x9F00), None), Sensitivity::Plain);
    }

    #[test]
    fn a_scheme_has_its_own_meaning_before_the_general_one() {
        assert_eq!(lookup_for(tag::TTQ, Scheme::Visa), Some(row(0x9F66)));
        assert_eq!(lookup_for(tag::TTQ, Scheme::Mastercard).unwrap().max_len, 2);
        assert_eq!(lookup_for(tag::EC_BALANCE, Scheme::CityUnion).unwrap().scheme, Some(Scheme::UnionPay));
        assert_eq!(lookup_for(tag::IIN_EXTENDED, Scheme::CityUnion).unwrap().max_len, 30);
        assert_eq!(lookup_for(tag::IIN_EXTENDED, Scheme::UnionPay).unwrap().max_len, 4);
    }

    #[test]
    fn the_length_tells_meanings_apart() {
        assert_eq!(lookup_by_length(Tag::new(0x9F5D), 3).unwrap().scheme, Some(Scheme::Mastercard));
        assert_eq!(lookup_by_length(Tag::new(0x9F5D), 6).unwrap().scheme, None);
        assert_eq!(lookup_by_length(Tag::new(0x9F5D), 99).unwrap().scheme, None);
    }

    #[test]
    fn without_a_scheme_the_strictest_meaning_decides_what_is_hidden() {
        assert_eq!(sensitivity(Tag::new(0x9F6B), None), Sensitivity::Track);
        assert_eq!(sensitivity(Tag::new(0x9F6B), Some(Scheme::UnionPay)), Sensitivity::Plain);
        assert_eq!(sensitivity(tag::PAN, Some(Scheme::Emv)), Sensitivity::Pan);
    }

    #[test]
    fn formats_and_lengths_of_well_known_objects_are_right() {
        let known = [
            (0x5A, Format::Cn, 0, 10),
            (0x5F20, Format::Ans, 2, 26),
            (0x8E, Format::B, 10, 252),
            (0x9F02, Format::N, 6, 6),
            (0x9F10, Format::B, 0, 32),
            (0x9F38, Format::Dol, 0, 252),
            (0x9F66, Format::B, 4, 4),
            (0x9F79, Format::N, 6, 6),
            (0xDF69, Format::B, 1, 1),
        ];
        for (tag, format, min_len, max_len) in known {
            let found = row(tag);
            assert_eq!((found.format, found.min_len, found.max_len), (format, min_len, max_len), "{tag:X}");
        }
    }

    #[cfg(feature = "names")]
    #[test]
    fn names_and_clauses_are_there_with_the_feature() {
        assert_eq!(row(0x9F02).name, "Amount, Authorised (Numeric)");
        assert_eq!(row(0x9F02).clause, "EMV 4.4 Book 3, Annex A");
        assert!(objects().iter().all(|o| !o.name.is_empty() && o.clause.contains(char::is_alphabetic)));
    }
}

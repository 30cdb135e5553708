//! The values that a cryptogram protects, borrowed from where they came in.

use tapcard_emv::{Dol, Tag, tag};
use tapcard_iso7816::Tlvs;

use super::AcError;

/// The recommended minimum set in its order, with the octets of each (EMV 4.4 Book 2, 8.1.1, table 26).
pub const AC_TAGS: [(Tag, usize); 10] = [
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY_CODE, 2),
    (tag::TVR, 5),
    (tag::TRANSACTION_CURRENCY_CODE, 2),
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TYPE, 1),
    (tag::UN, 4),
    (tag::AIP, 2),
    (tag::ATC, 2),
];

/// The values of [`AC_TAGS`], as far as there are any, and the issuer application data.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcData<'a> {
    values: [Option<&'a [u8]>; AC_TAGS.len()],
    iad: &'a [u8],
}

impl<'a> AcData<'a> {
    /// What a card has of its own; the rest comes by [`AcData::add_dol`].
    #[must_use]
    pub fn of_card(iad: &'a [u8], aip: &'a [u8; 2], atc: &'a [u8; 2]) -> Self {
        let mut data = Self { iad, ..Self::default() };
        data.set(tag::AIP, aip);
        data.set(tag::ATC, atc);
        data
    }

    /// What an issuer received in field 55, which holds each value at most once and in its full length.
    ///
    /// # Errors
    /// No TLV, a value twice, or one of another length than its definition.
    pub fn of_request(field55: &'a [u8]) -> Result<Self, AcError> {
        let mut data = Self::default();
        let mut has_iad = false;
        for object in Tlvs::new(field55) {
            let object = object?;
            if object.tag == tag::IAD {
                if core::mem::replace(&mut has_iad, true) {
                    return Err(AcError::Twice(tag::IAD));
                }
                data.iad = object.value;
            }
            let Some((_, expected)) = AC_TAGS.into_iter().find(|(tag, _)| *tag == object.tag) else { continue };
            if data.get(object.tag).is_some() {
                return Err(AcError::Twice(object.tag));
            }
            let found = object.value.len();
            if found != expected {
                return Err(AcError::Length { tag: object.tag, expected, found });
            }
            data.set(object.tag, object.value);
        }
        Ok(data)
    }

    /// Adds what a command brought, by the list that laid it out (PDOL, CDOL1 or CDOL2). Values count as they were received,
    /// whatever their length: the issuer sees in the list of its own card what that was. A later value replaces an earlier
    /// one, as the second GENERATE AC replaces what the first one brought.
    ///
    /// # Errors
    /// The data is shorter than the list says, or the list is broken.
    pub fn add_dol(&mut self, dol: Dol<'_>, data: &'a [u8]) -> Result<(), AcError> {
        for value in dol.decode(data) {
            let (entry, value) = value?;
            // What the card answers for is not the terminal's to say.
            if entry.tag != tag::AIP && entry.tag != tag::ATC {
                self.set(entry.tag, value);
            }
        }
        Ok(())
    }

    /// The issuer application data.
    #[must_use]
    pub const fn iad(&self) -> &'a [u8] {
        self.iad
    }

    /// A value of [`AC_TAGS`], where there is one.
    #[must_use]
    pub fn get(&self, tag: Tag) -> Option<&'a [u8]> {
        let (_, value) = AC_TAGS.iter().zip(self.values).find(|((own, _), _)| *own == tag)?;
        value
    }

    /// A value of [`AC_TAGS`] that has to be there.
    ///
    /// # Errors
    /// It is not.
    pub fn require(&self, tag: Tag) -> Result<&'a [u8], AcError> {
        self.get(tag).ok_or(AcError::Missing(tag))
    }

    pub(super) fn require_array<const N: usize>(&self, tag: Tag) -> Result<[u8; N], AcError> {
        let value = self.require(tag)?;
        value.try_into().map_err(|_| AcError::Length { tag, expected: N, found: value.len() })
    }

    fn set(&mut self, tag: Tag, value: &'a [u8]) {
        let slot = AC_TAGS.iter().zip(&mut self.values).find(|((own, _), _)| *own == tag);
        if let Some((_, slot)) = slot {
            *slot = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_field_55_stands_once_and_in_full() {
        let error = |octets: &[u8]| AcData::of_request(octets).map(|_| ()).unwrap_err();
        assert_eq!(error(&[0x9C, 1, 0, 0x9C, 1, 0]), AcError::Twice(tag::TRANSACTION_TYPE));
        assert_eq!(error(&[0x9F, 0x10, 1, 0, 0x9F, 0x10, 0]), AcError::Twice(tag::IAD));
        let length = AcError::Length { tag: tag::AIP, expected: 2, found: 1 };
        assert_eq!(error(&[0x82, 1, 0]), length);
        assert!(matches!(error(&[0x82, 2, 0]), AcError::Tlv(_)));
    }

    #[test]
    fn the_terminal_cannot_give_what_the_card_answers_for() {
        let mut data = AcData::of_card(&[], &[0x18, 0x00], &[0, 7]);
        data.add_dol(Dol::new(&[0x9F, 0x36, 2, 0x82, 2, 0x9C, 1]), &[9, 9, 9, 9, 0x60]).unwrap();
        assert_eq!((data.get(tag::ATC), data.get(tag::AIP)), (Some(&[0, 7][..]), Some(&[0x18, 0][..])));
        assert_eq!(data.get(tag::TRANSACTION_TYPE), Some(&[0x60][..]));
        assert_eq!(data.require(tag::UN), Err(AcError::Missing(tag::UN)));
    }

    #[test]
    fn data_that_ends_before_its_list_is_refused() {
        let mut data = AcData::default();
        assert!(matches!(data.add_dol(Dol::new(&[0x9A, 3]), &[1, 2]), Err(AcError::Dol(_))));
    }
}

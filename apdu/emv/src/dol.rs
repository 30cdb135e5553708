//! Data object lists: what a card asks for and how the answer is laid out (EMV 4.4 Book 3, 5.4).
//!
//! PDOL, CDOL1, CDOL2, DDOL and TDOL tell the terminal which data to send; the log formats `9F4F` and `DF4F` tell it
//! how a record is laid out. The same type fills and decodes. Where the values come from is the caller's.

use crate::tags::{Format, lookup};
use tapcard_iso7816::{CapacityError, Tag, TlvErrorKind};

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DolEntry {
    /// The data object.
    pub tag: Tag,
    /// How many octets of it are wanted, 0 to 255.
    pub length: usize,
    /// Where the entry begins in the list.
    pub offset: usize,
    /// Where its value begins in the data laid out by the list.
    pub data_offset: usize,
}

/// Why a list or the data laid out by it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{kind} at byte {offset}")]
pub struct DolError {
    /// What is wrong.
    pub kind: DolErrorKind,
    /// Where: in the data for [`DolErrorKind::DataTooShort`], in the list otherwise.
    pub offset: usize,
}

/// The kinds of [`DolError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DolErrorKind {
    /// The list does not go on with a tag.
    #[error(transparent)]
    Tag(TlvErrorKind),
    /// The list ends after a tag.
    #[error("the length is missing")]
    LengthMissing,
    /// The data ends inside a value.
    #[error("{left} octets of data left where {needed} are needed")]
    DataTooShort {
        /// Octets of the entry.
        needed: usize,
        /// Octets left.
        left: usize,
    },
}

/// Why data could not be laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FillError {
    /// The list is broken.
    #[error(transparent)]
    Dol(#[from] DolError),
    /// The list asks for more than the buffer holds.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
}

/// A data object list, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dol<'a>(&'a [u8]);

impl<'a> Dol<'a> {
    /// Takes the value of a list object.
    ///
    /// ```
    /// use tapcard_emv::{dol::Dol, tag};
    ///
    /// let pdol = Dol::new(&[0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02]);
    /// let mut data = [0; 8];
    /// pdol.fill_into(&mut data, |tag| match tag {
    ///     tag::AMOUNT_AUTHORISED => Some(&[0x00, 0x00, 0x00, 0x00, 0x10, 0x00]),
    ///     tag::TRANSACTION_CURRENCY_CODE => Some(&[0x01, 0x56]),
    ///     _ => None,
    /// })?;
    /// assert_eq!(data, [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x01, 0x56]);
    /// # Ok::<(), tapcard_emv::dol::FillError>(())
    /// ```
    #[must_use]
    pub const fn new(value: &'a [u8]) -> Self {
        Self(value)
    }

    /// The octets of the list.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.0
    }

    /// The entries in their order; ends after the first error. A tag may come up twice.
    #[must_use]
    pub const fn iter(&self) -> DolEntries<'a> {
        DolEntries { rest: self.0, offset: 0, data_offset: 0 }
    }

    /// How many octets the data has that the list lays out.
    ///
    /// # Errors
    /// The list is broken.
    pub fn total_length(&self) -> Result<usize, DolError> {
        self.iter().try_fold(0, |total, entry| Ok(total + entry?.length))
    }

    /// Whether the list asks for `tag`. What stands after a broken entry does not count.
    #[must_use]
    pub fn contains(&self, tag: Tag) -> bool {
        self.iter().flatten().any(|entry| entry.tag == tag)
    }

    /// Writes the data that the list asks for to the start of `out`; returns its number of octets.
    ///
    /// `source` gives the value of a data object, or `None` when the terminal does not have it. A value that is too
    /// long is cut and one that is too short is padded by its format: n at the left with 0, cn at the right with F,
    /// others at the right with 0. What is missing and what is constructed is filled with 0.
    ///
    /// # Errors
    /// The list is broken, or `out` is too short; `out` may then be partly written.
    pub fn fill_into<'s>(
        &self,
        out: &mut [u8],
        mut source: impl FnMut(Tag) -> Option<&'s [u8]>,
    ) -> Result<usize, FillError> {
        let needed = self.total_length()?;
        let capacity = out.len();
        let mut rest = out.get_mut(..needed).ok_or(CapacityError { needed, capacity })?;
        for entry in self.iter() {
            let entry = entry?;
            let (field, after) = rest.split_at_mut(entry.length);
            let value = if entry.tag.is_constructed() { None } else { source(entry.tag) };
            place(field, value.unwrap_or_default(), lookup(entry.tag).map_or(Format::B, |object| object.format));
            rest = after;
        }
        Ok(needed)
    }

    /// Takes data apart that this list lays out, such as a log record or the data of a recorded command. Ends after the
    /// first error; octets behind the last entry are left over, see [`DolValues::rest`].
    ///
    /// ```
    /// use tapcard_emv::dol::Dol;
    ///
    /// let format = Dol::new(&[0x9A, 0x03, 0x9C, 0x01]);
    /// let values: Result<Vec<_>, _> = format.decode(&[0x18, 0x03, 0x05, 0x60]).collect();
    /// assert_eq!(values?[0].1, [0x18, 0x03, 0x05]);
    /// # Ok::<(), tapcard_emv::dol::DolError>(())
    /// ```
    #[must_use]
    pub const fn decode<'d>(&self, data: &'d [u8]) -> DolValues<'a, 'd> {
        DolValues { entries: self.iter(), rest: data }
    }
}

impl<'a> IntoIterator for Dol<'a> {
    type Item = Result<DolEntry, DolError>;
    type IntoIter = DolEntries<'a>;

    fn into_iter(self) -> DolEntries<'a> {
        self.iter()
    }
}

/// Fits `value` into `field` by the rules of EMV 4.4 Book 3, 5.4.
fn place(field: &mut [u8], value: &[u8], format: Format) {
    let kept = value.len().min(field.len());
    let (value_start, field_start, padding) = match format {
        _ if value.is_empty() => (0, 0, 0x00),
        Format::N => (value.len() - kept, field.len() - kept, 0x00),
        Format::Cn => (0, 0, 0xFF),
        _ => (0, 0, 0x00),
    };
    field.fill(padding);
    let target = field.iter_mut().skip(field_start);
    for (octet, given) in target.zip(value.iter().skip(value_start)) {
        *octet = *given;
    }
}

/// Iterates over the entries of a list, see [`Dol::iter`].
#[derive(Clone, Debug)]
pub struct DolEntries<'a> {
    rest: &'a [u8],
    offset: usize,
    data_offset: usize,
}

impl DolEntries<'_> {
    fn take_entry(&mut self) -> Result<DolEntry, DolError> {
        let offset = self.offset;
        let (tag, octets) = Tag::parse(self.rest).map_err(|kind| DolError { kind: DolErrorKind::Tag(kind), offset })?;
        let Some((length, rest)) = self.rest.get(octets..).and_then(<[u8]>::split_first) else {
            return Err(DolError { kind: DolErrorKind::LengthMissing, offset: offset + octets });
        };
        let entry = DolEntry { tag, length: usize::from(*length), offset, data_offset: self.data_offset };
        self.rest = rest;
        self.offset += octets + 1;
        self.data_offset += entry.length;
        Ok(entry)
    }
}

impl Iterator for DolEntries<'_> {
    type Item = Result<DolEntry, DolError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.take_entry();
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// Iterates over data with the list that lays it out, see [`Dol::decode`].
#[derive(Clone, Debug)]
pub struct DolValues<'a, 'd> {
    entries: DolEntries<'a>,
    rest: &'d [u8],
}

impl<'d> DolValues<'_, 'd> {
    /// The data that is not taken yet; after the last entry, what the list does not speak of.
    #[must_use]
    pub const fn rest(&self) -> &'d [u8] {
        self.rest
    }
}

impl<'d> Iterator for DolValues<'_, 'd> {
    type Item = Result<(DolEntry, &'d [u8]), DolError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.entries.next()? {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        if let Some((value, rest)) = self.rest.split_at_checked(entry.length) {
            self.rest = rest;
            return Some(Ok((entry, value)));
        }
        self.entries.rest = &[];
        let kind = DolErrorKind::DataTooShort { needed: entry.length, left: self.rest.len() };
        Some(Err(DolError { kind, offset: entry.data_offset }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::tag;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    /// PDOL of the log `qpboc-online-gpo`.
    const QPBOC_PDOL: &[u8] = &[
        0x9F, 0x66, 0x04, 0x9F, 0x02, 0x06, 0x9F, 0x03, 0x06, 0x9F, 0x1A, 0x02, 0x95, 0x05, 0x5F, 0x2A, 0x02, 0x9A,
        0x03, 0x9C, 0x01, 0x9F, 0x37, 0x04,
    ];
    /// Data of its GET PROCESSING OPTIONS.
    const QPBOC_DATA: [u8; 33] = [
        0x36, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x56,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x56, 0x17, 0x06, 0x01, 0x00, 0x2B, 0x29, 0xEB, 0xE4,
    ];

    fn lengths(dol: &[u8]) -> Vec<(u32, usize)> {
        Dol::new(dol).iter().map(|entry| entry.map(|e| (e.tag.get(), e.length)).unwrap()).collect()
    }

    fn fill(dol: &[u8], value: &'static [u8]) -> Vec<u8> {
        let mut out = [0xEE; 16];
        let len = Dol::new(dol).fill_into(&mut out, |_| Some(value)).unwrap();
        out[..len].to_vec()
    }

    #[test]
    fn the_lists_of_python_emv_are_read() {
        let mut list =
            vec![(0x9F02, 6), (0x9F03, 6), (0x9F1A, 2), (0x95, 5), (0x5F2A, 2), (0x9A, 3), (0x9C, 1), (0x9F37, 4)];
        assert_eq!(lengths(&QPBOC_PDOL[3..]), list);
        assert_eq!(Dol::new(&QPBOC_PDOL[3..]).total_length(), Ok(29));

        // A tag that comes up twice is kept twice.
        let twice = [QPBOC_PDOL, &[0x9A, 0x03]].concat();
        list.insert(0, (0x9F66, 4));
        list.push((0x9A, 3));
        assert_eq!(lengths(&twice), list);
        assert_eq!(Dol::new(&twice).total_length(), Ok(36));
    }

    #[test]
    fn the_data_of_a_recorded_gpo_is_taken_apart_and_laid_out_again() {
        let pdol = Dol::new(QPBOC_PDOL);
        let values: Vec<_> = pdol.decode(&QPBOC_DATA).map(Result::unwrap).collect();
        assert_eq!(values[1].0, DolEntry { tag: tag::AMOUNT_AUTHORISED, length: 6, offset: 3, data_offset: 4 });
        assert_eq!(values[1].1, [0, 0, 0, 0, 0x01, 0x00]);
        assert_eq!(values[8].1, [0x2B, 0x29, 0xEB, 0xE4]);

        let mut out = [0xEE; 40];
        let find = |tag| values.iter().find(|(entry, _)| entry.tag == tag).map(|(_, value)| *value);
        assert_eq!(pdol.fill_into(&mut out, find), Ok(33));
        assert_eq!(out[..33], QPBOC_DATA);
    }

    #[test]
    fn a_log_record_of_45_octets_is_taken_apart() {
        let format: &[u8] = &[
            0x9A, 0x03, 0x9F, 0x21, 0x03, 0x9F, 0x02, 0x06, 0x9F, 0x03, 0x06, 0x9F, 0x1A, 0x02, 0x5F, 0x2A, 0x02, 0x9F,
            0x4E, 0x14, 0x9C, 0x01, 0x9F, 0x36, 0x02,
        ];
        let record = [0x20; 45];
        let mut values = Dol::new(format).decode(&record);
        assert_eq!(values.by_ref().last().unwrap().unwrap().0.data_offset, 43);
        assert!(values.rest().is_empty());
    }

    #[test]
    fn format_n_is_padded_and_cut_at_the_left() {
        assert_eq!(fill(&[0x9F, 0x02, 0x08], &[0x12, 0x34]), [0, 0, 0, 0, 0, 0, 0x12, 0x34]);
        assert_eq!(fill(&[0x9F, 0x02, 0x01], &[0x12, 0x34]), [0x34]);
    }

    #[test]
    fn format_cn_is_padded_with_f_and_cut_at_the_right() {
        assert_eq!(fill(&[0x5A, 0x04], &[0x12, 0x34]), [0x12, 0x34, 0xFF, 0xFF]);
        assert_eq!(fill(&[0x5A, 0x01], &[0x12, 0x34]), [0x12]);
    }

    #[test]
    fn other_formats_are_padded_with_zeros_and_cut_at_the_right() {
        assert_eq!(fill(&[0x9F, 0x37, 0x05], &[1, 2, 3, 4]), [1, 2, 3, 4, 0]);
        assert_eq!(fill(&[0x9F, 0x37, 0x02], &[1, 2, 3, 4]), [1, 2]);
        assert_eq!(fill(&[0x9F, 0x4E, 0x03], b"A"), [b'A', 0, 0]);
    }

    #[test]
    fn what_is_missing_empty_or_constructed_is_zeros() {
        let mut out = [0xEE; 4];
        assert_eq!(Dol::new(&[0x5A, 0x04]).fill_into(&mut out, |_| None), Ok(4));
        assert_eq!(out, [0; 4]);
        assert_eq!(fill(&[0x5A, 0x02], &[]), [0, 0]);
        assert_eq!(fill(&[0xBF, 0x0C, 0x02], &[1, 2]), [0, 0]);
        assert_eq!(fill(&[0x70, 0x02], &[1, 2]), [0, 0]);
        assert_eq!(fill(&[0x9F, 0x02, 0x00], &[1, 2]), []);
    }

    #[test]
    fn a_list_that_asks_for_more_than_fits_is_refused_before_writing() {
        let mut out = [0xEE; 3];
        let refused = Dol::new(&[0x9F, 0x37, 0x04]).fill_into(&mut out, |_| None);
        assert_eq!(refused, Err(FillError::Capacity(CapacityError { needed: 4, capacity: 3 })));
        assert_eq!(out, [0xEE; 3]);
    }

    #[test]
    fn every_cut_of_a_list_is_noticed() {
        let error = |dol| Dol::new(dol).total_length().unwrap_err();
        let truncated = DolErrorKind::Tag(TlvErrorKind::TruncatedTag);
        assert_eq!(error(&[0x9A, 0x03, 0x9F]), DolError { kind: truncated, offset: 2 });
        assert_eq!(error(&[0x9A, 0x03, 0x9F, 0x37]), DolError { kind: DolErrorKind::LengthMissing, offset: 4 });
        assert_eq!(error(&[0x9A, 0x03, 0x9C]), DolError { kind: DolErrorKind::LengthMissing, offset: 3 });
        let long = DolErrorKind::Tag(TlvErrorKind::TagTooLong);
        assert_eq!(error(&[0x1F, 0x81, 0x81, 0x81, 0x01, 0x01]), DolError { kind: long, offset: 0 });
        assert_eq!(Dol::new(&[]).total_length(), Ok(0));
    }

    #[test]
    fn an_error_ends_the_entries() {
        let mut entries = Dol::new(&[0x9A]).iter();
        assert!(entries.next().unwrap().is_err());
        assert_eq!(entries.next(), None);
    }

    #[test]
    fn data_that_is_too_short_is_named_with_its_place() {
        let mut values = Dol::new(&[0x9A, 0x03, 0x9C, 0x01]).decode(&[0x18, 0x03, 0x05]);
        assert!(values.next().unwrap().is_ok());
        let kind = DolErrorKind::DataTooShort { needed: 1, left: 0 };
        assert_eq!(values.next(), Some(Err(DolError { kind, offset: 3 })));
        assert_eq!(values.next(), None);
    }

    #[test]
    fn a_list_knows_whether_it_asks_for_a_tag() {
        assert!(Dol::new(QPBOC_PDOL).contains(tag::TTQ));
        assert!(!Dol::new(QPBOC_PDOL).contains(tag::SM_ALGORITHM_SUPPORT));
    }

    proptest! {
        #[test]
        fn no_octets_make_a_list_panic(list: Vec<u8>, data: Vec<u8>) {
            let dol = Dol::new(&list);
            let mut out = vec![0; 600];
            let _ = dol.fill_into(&mut out, |_| Some(&[1, 2, 3]));
            let taken: usize = dol.decode(&data).flatten().map(|(_, value)| value.len()).sum();
            prop_assert!(taken <= data.len());
        }

        #[test]
        fn decoded_data_of_the_right_length_is_laid_out_again(lengths in proptest::collection::vec(0u8..40, 0..10)) {
            // Distinct tags 9F50, 9F51, ...: the general rules must not touch values that fit.
            let list: Vec<u8> = (0x50..).zip(&lengths).flat_map(|(tag, length)| [0x9F, tag, *length]).collect();
            let dol = Dol::new(&list);
            let data: Vec<u8> = (0..=255).cycle().take(dol.total_length().unwrap()).collect();
            let values: Vec<_> = dol.decode(&data).map(Result::unwrap).collect();
            let mut out = vec![0xEE; data.len()];
            dol.fill_into(&mut out, |tag| values.iter().find(|v| v.0.tag == tag).map(|v| v.1)).unwrap();
            prop_assert_eq!(out, data);
        }
    }
}

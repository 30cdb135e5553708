//! The application file locator: which records to read (`94`; EMV 4.4 Book 3, 10.2).
//!
//! The whole list is checked before the first entry is handed out, so that a reader never starts on a list that a
//! terminal would refuse. Reading the records is the flow's work.

use tapcard_iso7816::Sfi;

/// Octets of one entry.
const ENTRY: usize = 4;

/// A checked list: 1 to 63 entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Afl<'a>(&'a [u8]);

/// Consecutive records of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AflEntry {
    /// The file.
    pub sfi: Sfi,
    /// First record to read, from 1.
    pub first: u8,
    /// Last record to read, not below `first`.
    pub last: u8,
    /// How many of them, from the first on, take part in offline data authentication.
    pub oda_records: u8,
}

/// Why a list must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{kind} at byte {offset}")]
pub struct AflError {
    /// What is wrong.
    pub kind: AflErrorKind,
    /// The octet that shows it, counted from the start of the value.
    pub offset: usize,
}

/// The kinds of [`AflError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AflErrorKind {
    /// The length is 0, above 252 or no multiple of 4.
    #[error("{found} octets, not a multiple of 4 from 4 to 252")]
    Length {
        /// Octets found.
        found: usize,
    },
    /// The file is not 1 to 30, or the three lower bits of the octet are not 0.
    #[error("{found:02X} is no short file identifier in bits 8 to 4")]
    File {
        /// Octet found.
        found: u8,
    },
    /// The first record is 0.
    #[error("the first record is 0")]
    FirstRecord,
    /// The last record is below the first.
    #[error("the last record is {last}, the first {first}")]
    LastRecord {
        /// First record.
        first: u8,
        /// Last record.
        last: u8,
    },
    /// More records for authentication than records.
    #[error("{found} records for authentication among {records}")]
    OdaRecords {
        /// Records of the entry.
        records: u8,
        /// Records for authentication.
        found: u8,
    },
}

impl<'a> Afl<'a> {
    /// Checks the value of `94`, or the AFL of a format 80 answer.
    ///
    /// ```
    /// use tapcard_emv::afl::Afl;
    ///
    /// let afl = Afl::parse(&[0x08, 0x01, 0x02, 0x01, 0x10, 0x01, 0x01, 0x00])?;
    /// assert_eq!(afl.record_count(), 3);
    /// assert_eq!(afl.iter().next().map(|entry| entry.sfi.get()), Some(1));
    /// # Ok::<(), tapcard_emv::afl::AflError>(())
    /// ```
    ///
    /// # Errors
    /// Any rule broken by any entry.
    pub fn parse(value: &'a [u8]) -> Result<Self, AflError> {
        let found = value.len();
        if found == 0 || found > 252 || !found.is_multiple_of(ENTRY) {
            return Err(AflError { kind: AflErrorKind::Length { found }, offset: 0 });
        }
        for (index, entry) in value.chunks_exact(ENTRY).enumerate() {
            parse_entry(entry).map_err(|(kind, at)| AflError { kind, offset: index * ENTRY + at })?;
        }
        Ok(Self(value))
    }

    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = AflEntry> + Clone + 'a {
        // parse() has accepted every entry.
        self.0.chunks_exact(ENTRY).filter_map(|entry| parse_entry(entry).ok())
    }

    /// How many records all entries have together.
    #[must_use]
    pub fn record_count(&self) -> usize {
        self.iter().map(|entry| usize::from(entry.record_count())).sum()
    }

    /// The octets of the list.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.0
    }
}

impl AflEntry {
    /// How many records the entry has, 1 to 255.
    #[must_use]
    pub const fn record_count(&self) -> u8 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// The records, each with whether it takes part in offline data authentication.
    pub fn records(&self) -> impl Iterator<Item = (u8, bool)> + Clone + use<> {
        let (first, oda_records) = (self.first, self.oda_records);
        (first..=self.last).map(move |record| (record, record - first < oda_records))
    }
}

/// An entry, or what is wrong with which of its octets.
fn parse_entry(entry: &[u8]) -> Result<AflEntry, (AflErrorKind, usize)> {
    let &[file, first, last, oda_records] = entry else {
        return Err((AflErrorKind::Length { found: entry.len() }, 0));
    };
    let sfi = if file & 0x07 == 0 { Sfi::new(file >> 3) } else { None };
    let sfi = sfi.ok_or((AflErrorKind::File { found: file }, 0))?;
    if first == 0 {
        return Err((AflErrorKind::FirstRecord, 1));
    }
    if last < first {
        return Err((AflErrorKind::LastRecord { first, last }, 2));
    }
    let entry = AflEntry { sfi, first, last, oda_records };
    if oda_records > entry.record_count() {
        return Err((AflErrorKind::OdaRecords { records: entry.record_count(), found: oda_records }, 3));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn error(value: &[u8]) -> (AflErrorKind, usize) {
        let error = Afl::parse(value).unwrap_err();
        (error.kind, error.offset)
    }

    #[test]
    fn records_come_in_order_with_their_part_in_authentication() {
        let afl = Afl::parse(&[0x08, 0x01, 0x03, 0x02, 0x18, 0x05, 0x05, 0x00]).unwrap();
        let records: Vec<_> = afl.iter().flat_map(|e| e.records().map(move |(r, oda)| (e.sfi.get(), r, oda))).collect();
        assert_eq!(records, [(1, 1, true), (1, 2, true), (1, 3, false), (3, 5, false)]);
        assert_eq!(afl.record_count(), 4);
    }

    #[test]
    fn every_rule_is_checked_and_the_octet_named() {
        assert_eq!(error(&[]), (AflErrorKind::Length { found: 0 }, 0));
        assert_eq!(error(&[8, 1, 1]), (AflErrorKind::Length { found: 3 }, 0));
        assert_eq!(error(&[8; 256]), (AflErrorKind::Length { found: 256 }, 0));
        assert_eq!(error(&[0x00, 1, 1, 0]), (AflErrorKind::File { found: 0x00 }, 0));
        assert_eq!(error(&[0x09, 1, 1, 0]), (AflErrorKind::File { found: 0x09 }, 0));
        assert_eq!(error(&[0xF8, 1, 1, 0]), (AflErrorKind::File { found: 0xF8 }, 0));
        assert_eq!(error(&[8, 1, 1, 0, 0x10, 0, 1, 0]), (AflErrorKind::FirstRecord, 5));
        assert_eq!(error(&[8, 2, 1, 0]), (AflErrorKind::LastRecord { first: 2, last: 1 }, 2));
        assert_eq!(error(&[8, 1, 2, 3]), (AflErrorKind::OdaRecords { records: 2, found: 3 }, 3));
    }

    #[test]
    fn the_longest_entry_has_255_records() {
        let afl = Afl::parse(&[0xF0, 1, 255, 255]).unwrap();
        assert_eq!(afl.record_count(), 255);
        assert_eq!(afl.iter().next().unwrap().records().last(), Some((255, true)));
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(value: Vec<u8>) {
            if let Ok(afl) = Afl::parse(&value) {
                prop_assert_eq!(afl.iter().count() * 4, value.len());
                prop_assert_eq!(afl.iter().flat_map(|entry| entry.records()).count(), afl.record_count());
            }
        }
    }
}

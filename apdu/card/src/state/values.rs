//! The changed values in RAM: one after the other in a fixed block, found by going through them.
//!
//! ```text
//! value   application 1 | kind 1 | number 4 | sequence number of the record that wrote it 4 | length 2 | octets
//! ```
//!
//! A card has some dozens; an index would cost more RAM than it saves time.

use core::fmt;

use super::STATE_CAPACITY;
use super::record::{Record, Value};

/// Octets before a value.
const HEADER: usize = 12;

/// All changed values.
#[derive(Clone)]
pub(super) struct Values {
    octets: [u8; STATE_CAPACITY],
    length: usize,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'v> {
    /// Where it begins, with its header.
    start: usize,
    application: u8,
    code: (u8, u32),
    pub(super) sequence: u32,
    pub(super) value: &'v [u8],
}

impl Found<'_> {
    const fn end(&self) -> usize {
        self.start + HEADER + self.value.len()
    }
}

impl Values {
    pub(super) const fn new() -> Self {
        Self { octets: [0; STATE_CAPACITY], length: 0 }
    }

    pub(super) fn get(&self, application: u8, code: (u8, u32)) -> Option<Found<'_>> {
        self.iter().find(|found| (found.application, found.code) == (application, code))
    }

    fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        let mut start = 0;
        core::iter::from_fn(move || {
            let rest = self.octets.get(start..self.length)?;
            let ([application, kind, n0, n1, n2, n3, s0, s1, s2, s3, l0, l1], rest) =
                rest.split_first_chunk::<HEADER>()?;
            let value = rest.get(..u16::from_be_bytes([*l0, *l1]).into())?;
            let found = Found {
                start,
                application: *application,
                code: (*kind, u32::from_be_bytes([*n0, *n1, *n2, *n3])),
                sequence: u32::from_be_bytes([*s0, *s1, *s2, *s3]),
                value,
            };
            start = found.end();
            Some(found)
        })
    }

    /// Whether all values of a record find room. One that is there already with another length is counted as new, so the
    /// answer may be no although there is room to the octet.
    pub(super) fn fits(&self, record: &Record<'_>) -> bool {
        let needed = record.values().map(|value| match self.get(value.application, value.code) {
            Some(found) if found.value.len() == value.value.len() => 0,
            _ => HEADER + value.value.len(),
        });
        needed.sum::<usize>() <= STATE_CAPACITY - self.length
    }

    /// Puts a value in the place of the old one, or behind all others; [`Values::fits`] has seen to it that there is room.
    pub(super) fn set(&mut self, value: &Value<'_>, sequence: u32) {
        if let Some(old) = self.get(value.application, value.code) {
            let (start, end) = (old.start, old.end());
            self.octets.copy_within(end..self.length, start);
            self.length -= end - start;
        }
        let (kind, number) = value.code;
        let length = u16::try_from(value.value.len()).unwrap_or(u16::MAX);
        let [n0, n1, n2, n3] = number.to_be_bytes();
        let [s0, s1, s2, s3] = sequence.to_be_bytes();
        let [l0, l1] = length.to_be_bytes();
        let header = [value.application, kind, n0, n1, n2, n3, s0, s1, s2, s3, l0, l1];
        for part in [&header[..], value.value] {
            if let Some(room) = self.octets.get_mut(self.length..self.length + part.len()) {
                room.copy_from_slice(part);
                self.length += part.len();
            }
        }
    }
}

/// The same values by the same records, in any order.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let same = |found: Found<'_>| {
            let there = other.get(found.application, found.code);
            there.is_some_and(|there| (there.sequence, there.value) == (found.sequence, found.value))
        };
        self.length == other.length && self.iter().all(same)
    }
}

impl Eq for Values {}

/// Shows sizes only: a value may be a PIN.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({} in {} octets)", self.iter().count(), self.length)
    }
}

//! The record of one change: written value by value, read back as a whole.

use core::fmt;

use super::{CARD, MAX_STATE_RECORD, RestoreError};
use crate::image::{Image, Key};

/// The kind of a record of values.
const VALUES: u8 = 0x02;
/// In the kind of a value: it belongs to the card itself and not to the application that the record names.
const OF_CARD: u8 = 0x80;
/// Octets before the name.
const HEADER: usize = 6;
/// Octets before a value.
const VALUE_HEADER: usize = 7;

/// What one command changes, as the record that keeps it.
#[derive(Clone)]
pub(crate) struct Changes {
    octets: [u8; MAX_STATE_RECORD],
    length: usize,
    /// Where the values begin.
    values: usize,
    /// Something did not fit.
    overflowed: bool,
}

impl Changes {
    pub(super) fn new(sequence: u32, name: &[u8]) -> Self {
        let mut changes = Self { octets: [0; MAX_STATE_RECORD], length: 0, values: 0, overflowed: false };
        changes.append(&[VALUES]);
        changes.append(&sequence.to_be_bytes());
        changes.append(&[u8::try_from(name.len()).unwrap_or(u8::MAX)]);
        changes.append(name);
        changes.values = changes.length;
        changes
    }

    /// A value of the application gets new octets.
    pub(crate) fn put(&mut self, key: Key, value: &[u8]) {
        self.put_coded(0, key, value);
    }

    /// A value of the card itself gets new octets.
    pub(crate) fn put_of_card(&mut self, key: Key, value: &[u8]) {
        self.put_coded(OF_CARD, key, value);
    }

    fn put_coded(&mut self, whose: u8, key: Key, value: &[u8]) {
        let (kind, number) = key.code();
        let Ok(length) = u16::try_from(value.len()) else {
            self.overflowed = true;
            return;
        };
        self.append(&[kind | whose]);
        self.append(&number.to_be_bytes());
        self.append(&length.to_be_bytes());
        self.append(value);
    }

    fn append(&mut self, octets: &[u8]) {
        match self.octets.get_mut(self.length..self.length + octets.len()) {
            Some(room) => {
                room.copy_from_slice(octets);
                self.length += octets.len();
            }
            None => self.overflowed = true,
        }
    }

    /// Whether nothing changes.
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == self.values && !self.overflowed
    }

    /// Forgets what was to change.
    pub(crate) fn clear(&mut self) {
        self.length = self.values;
        self.overflowed = false;
    }

    /// The record; `None` when it is longer than a record may be.
    pub(crate) fn record(&self) -> Option<&[u8]> {
        if self.overflowed { None } else { self.octets.get(..self.length) }
    }
}

/// Shows sizes only: a value may be a PIN.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({} octets)", self.length)
    }
}

/// A whole record, checked.
pub(super) struct Record<'r> {
    pub(super) sequence: u32,
    application: u8,
    values: &'r [u8],
}

/// One value in a record.
pub(super) struct Value<'r> {
    pub(super) application: u8,
    /// Kind and number of its key.
    pub(super) code: (u8, u32),
    pub(super) value: &'r [u8],
}

impl<'r> Record<'r> {
    pub(super) fn parse(image: Image<'_>, record: &'r [u8]) -> Result<Self, RestoreError> {
        let truncated = RestoreError::Truncated { found: record.len() };
        let [s0, s1, s2, s3, name_length] = match *record {
            [VALUES, s0, s1, s2, s3, length, ..] => [s0, s1, s2, s3, length],
            [VALUES, ..] | [] => return Err(truncated),
            [found, ..] => return Err(RestoreError::Kind { found }),
        };
        let rest = record.get(HEADER..).unwrap_or_default();
        let (name, values) = rest.split_at_checked(name_length.into()).ok_or(truncated)?;
        let application = match name {
            [] => CARD,
            name => image
                .applications()
                .find(|application| application.name() == name)
                .ok_or(RestoreError::Application)?
                .number(),
        };
        let mut left = values;
        while !left.is_empty() {
            let ((kind, number), _, behind) = split(left).ok_or(truncated)?;
            if Key::from_code(kind & !OF_CARD, number).is_none() {
                return Err(RestoreError::Kind { found: kind });
            }
            left = behind;
        }
        Ok(Self { sequence: u32::from_be_bytes([s0, s1, s2, s3]), application, values })
    }

    pub(super) fn values(&self) -> impl Iterator<Item = Value<'r>> + use<'r> {
        let (mut left, application) = (self.values, self.application);
        core::iter::from_fn(move || {
            let ((kind, number), value, behind) = split(left)?;
            left = behind;
            let application = if kind & OF_CARD == 0 { application } else { CARD };
            Some(Value { application, code: (kind & !OF_CARD, number), value })
        })
    }
}

/// Kind and number, octets, and what stands behind them.
type Split<'r> = ((u8, u32), &'r [u8], &'r [u8]);

fn split(values: &[u8]) -> Option<Split<'_>> {
    let ([kind, n0, n1, n2, n3, l0, l1], rest) = values.split_first_chunk::<VALUE_HEADER>()?;
    let (value, behind) = rest.split_at_checked(u16::from_be_bytes([*l0, *l1]).into())?;
    Some(((*kind, u32::from_be_bytes([*n0, *n1, *n2, *n3])), value, behind))
}

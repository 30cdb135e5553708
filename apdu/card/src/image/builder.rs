//! Writes an image into the caller's buffer: the table grows from the front, the values from the back.
//!
//! What the values must be for the card to make sense (FCI templates, AFL, logs) is the personalisation's matter.

use tapcard_iso7816::CapacityError;

use super::row::{ENTRY, Row};
use super::{CARD, CHECKED, HEADER, KEYS_MAGIC, Key, MAGIC, MAX_APPLICATIONS, MAX_VALUE, VERSION, checksum};

/// Why a value could not be put into an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BuildError {
    /// The buffer is too small.
    #[error("the image does not fit: {0}")]
    Capacity(CapacityError),
    /// More than [`MAX_APPLICATIONS`].
    #[error("more than {MAX_APPLICATIONS} applications")]
    TooManyApplications,
    /// More than 65535 values.
    #[error("more than {} values", u16::MAX)]
    TooManyValues,
    /// No application has this number.
    #[error("there is no application {number}")]
    NoApplication {
        /// The number.
        number: u8,
    },
    /// A name that is not 5 to 16 octets (EMV 4.4 Book 1, 12.2.1), or is there already.
    #[error("the name is not 5 to 16 octets, or another application has it")]
    Name,
    /// The value is longer than [`MAX_VALUE`].
    #[error("{key} has {length} octets, at most {MAX_VALUE} are possible")]
    TooLong {
        /// Whose value.
        key: Key,
        /// Its length.
        length: usize,
    },
    /// The application has this value already.
    #[error("{key} is there already")]
    Twice {
        /// Whose value.
        key: Key,
    },
}

/// Builds an image; see the example at [`Image`](super::Image).
pub struct ImageBuilder<'b> {
    magic: [u8; 4],
    out: &'b mut [u8],
    applications: u8,
    rows: u16,
    /// Where the values begin, which are written from the end of `out` forwards.
    values: usize,
}

impl<'b> ImageBuilder<'b> {
    /// An image without applications, to be built in `out`.
    ///
    /// # Errors
    /// `out` does not hold a header.
    pub fn new(out: &'b mut [u8]) -> Result<Self, BuildError> {
        Self::with_magic(MAGIC, out)
    }

    /// A [key set](crate::CardKeys) without keys, to be built in `out`.
    ///
    /// # Errors
    /// `out` does not hold a header.
    pub fn keys(out: &'b mut [u8]) -> Result<Self, BuildError> {
        Self::with_magic(KEYS_MAGIC, out)
    }

    fn with_magic(magic: [u8; 4], out: &'b mut [u8]) -> Result<Self, BuildError> {
        let values = out.len();
        if values < HEADER {
            return Err(BuildError::Capacity(CapacityError { needed: HEADER, capacity: values }));
        }
        Ok(Self { magic, out, applications: 0, rows: 0, values })
    }

    /// Adds an application (or directory) and returns its number.
    ///
    /// # Errors
    /// [`BuildError::Name`], [`BuildError::TooManyApplications`], [`BuildError::Capacity`].
    pub fn application(&mut self, name: &[u8]) -> Result<u8, BuildError> {
        if usize::from(self.applications) >= MAX_APPLICATIONS {
            return Err(BuildError::TooManyApplications);
        }
        let is_name = |row: &Row| row.kind == Key::Name.code().0;
        let known = self.rows().any(|row| is_name(&row) && row.value(self.out) == Some(name));
        if known || !matches!(name.len(), 5..=16) {
            return Err(BuildError::Name);
        }
        self.applications += 1;
        let added = self.put(self.applications, Key::Name, name);
        if added.is_err() {
            self.applications -= 1;
        }
        added.map(|()| self.applications)
    }

    /// Gives an application (number 0: the card itself) a value.
    ///
    /// # Errors
    /// Every [`BuildError`] but the one for names.
    pub fn put(&mut self, application: u8, key: Key, value: &[u8]) -> Result<(), BuildError> {
        if application > self.applications {
            return Err(BuildError::NoApplication { number: application });
        }
        let length = match u16::try_from(value.len()) {
            Ok(length) if value.len() <= MAX_VALUE => length,
            _ => return Err(BuildError::TooLong { key, length: value.len() }),
        };
        let code = key.code();
        let at = self.rows().take_while(|row| row.order(application, code).is_lt()).count();
        if self.rows().nth(at).is_some_and(|row| row.order(application, code).is_eq()) {
            return Err(BuildError::Twice { key });
        }
        let rows = self.rows.checked_add(1).ok_or(BuildError::TooManyValues)?;
        let offset = self.claim(value)?;
        let (kind, number) = code;
        self.insert(at, Row { application, kind, length, number, offset });
        self.rows = rows;
        Ok(())
    }

    /// Gives the card itself its ATR.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn atr(&mut self, atr: &[u8]) -> Result<(), BuildError> {
        self.put(CARD, Key::Atr, atr)
    }

    /// Completes the image at the start of the buffer; returns its length.
    #[must_use]
    pub fn finish(self) -> usize {
        let Self { magic, out, rows, values, .. } = self;
        let table_end = HEADER + ENTRY * usize::from(rows);
        let moved = values.saturating_sub(table_end);
        let length = out.len().saturating_sub(moved);
        // `claim` has seen to it that the table ends where the values begin, or before.
        out.copy_within(values.., table_end);
        for chunk in out.get_mut(HEADER..table_end).unwrap_or_default().chunks_exact_mut(ENTRY) {
            if let Some(mut row) = Row::decode(chunk) {
                row.offset = row.offset.saturating_sub(u32::try_from(moved).unwrap_or(u32::MAX));
                chunk.copy_from_slice(&row.encode());
            }
        }
        let put = |out: &mut [u8], at: usize, octets: &[u8]| {
            out.iter_mut().skip(at).zip(octets).for_each(|(to, from)| *to = *from);
        };
        put(out, 0, &magic);
        put(out, 4, &VERSION.to_be_bytes());
        put(out, 6, &rows.to_be_bytes());
        put(out, 8, &u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        let sum = checksum(out.get(..length).unwrap_or_default());
        put(out, CHECKED, &sum.to_be_bytes());
        length
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let table = self.out.get(HEADER..HEADER + ENTRY * usize::from(self.rows)).unwrap_or_default();
        table.chunks_exact(ENTRY).filter_map(Row::decode)
    }

    /// Writes a value before the others and leaves room for its row; returns where it is for now.
    fn claim(&mut self, value: &[u8]) -> Result<u32, BuildError> {
        let used = HEADER + ENTRY * (usize::from(self.rows) + 1);
        let capacity = self.out.len();
        let needed = used + value.len() + capacity - self.values;
        let start = self.values.checked_sub(value.len()).filter(|start| *start >= used);
        let start = start.filter(|start| u32::try_from(*start).is_ok());
        let start = start.ok_or(BuildError::Capacity(CapacityError { needed, capacity }))?;
        if let Some(place) = self.out.get_mut(start..self.values) {
            place.copy_from_slice(value);
        }
        self.values = start;
        Ok(u32::try_from(start).unwrap_or(u32::MAX))
    }

    /// Puts a row at its place in the table; `claim` has made room for it.
    fn insert(&mut self, at: usize, row: Row) {
        let start = HEADER + ENTRY * at;
        let end = HEADER + ENTRY * usize::from(self.rows);
        self.out.copy_within(start..end, start + ENTRY);
        if let Some(place) = self.out.get_mut(start..start + ENTRY) {
            place.copy_from_slice(&row.encode());
        }
    }
}

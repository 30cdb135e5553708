//! The record log: what must outlive a power cut, in order, in NOR flash.
//!
//! A machine hands out a record with [`Action::Persist`](crate::Action::Persist); its owner appends it here and only then goes
//! on. On a board the flash is the chip's own, on a host a file, in tests the [torn flash](model). The log knows nothing of
//! what is in a record.
//!
//! What holds at every moment, wherever the power is cut:
//!
//! * [`append`](RecordLog::append) returned `Ok`: the record is there until a [`compact`](RecordLog::compact) lets it go.
//! * It did not return: the record is there as a whole or not at all, and all older ones are there.
//! * Cut in a `compact`: every record that was to be kept is there, those that were not either all or none.
//! * Storage with any content: no panic, no endless loop, at most one pass over the flash per call.
//!
//! How: the flash is used as two halves, of which one holds the log. A record's header is programmed first, by itself and
//! with its own checksum; so after a cut the place of the next record is known even if the record is torn, and no word is
//! ever programmed twice. Compaction copies to the erased half and programs that half's header last; only then is the old
//! half erased. [`model`] and the tests of this module cut both at every octet.
//!
//! The flash is anything that implements [`NorFlash`], the embedded ecosystem's own trait for it: the one foreign type in
//! the public signatures of the core, since a trait of our own would only ask every board to wrap its driver.

mod compact;
mod format;
#[cfg(any(test, doc, feature = "model"))]
pub mod model;
mod nor;

use embedded_storage::nor_flash::NorFlash;

use format::{CHECK, ERASED, HALF_HEADER, HalfHeader, MARK, RECORD_HEADER, RecordHeader};
use nor::{Half, Halves};

/// The longest record, in octets.
///
/// [`RecordLog::scan`] and [`RecordLog::compact`] hold one record with its checksum on the stack: 516 octets. The log itself
/// keeps a few numbers and the flash.
pub const MAX_RECORD: usize = 512;

/// Why the log could not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LogError<E> {
    /// The flash itself failed. Whether the record is there, the next open tells.
    #[error("the flash failed: {0:?}")]
    Flash(E),
    /// The flash has less than two erase pages, or words that are no power of two or longer than 64 octets.
    #[error("the log needs two erase pages, and words of at most 64 octets")]
    Geometry,
    /// The flash holds something that is not a log; [`RecordLog::format`] would wipe it.
    #[error("the flash holds something that is not a record log")]
    NotALog,
    /// The record is longer than [`MAX_RECORD`].
    #[error("the record has {length} octets, at most {max} are possible")]
    TooLong {
        /// Octets of the record.
        length: usize,
        /// [`MAX_RECORD`].
        max: usize,
    },
    /// No room; compact when idle.
    #[error("the log is full: {needed} octets needed, {left} left")]
    Full {
        /// Octets that the record takes, header and checksum included.
        needed: usize,
        /// Octets that are left.
        left: usize,
    },
    /// What was programmed does not read back; the flash is worn or was not erased.
    #[error("what was written at {address:#x} does not read back")]
    NotKept {
        /// Where, from the beginning of the flash.
        address: u32,
    },
}

/// An append-only log of records in `flash`.
///
/// ```
/// use tapcard_flow::log::{RecordLog, model::NorModel};
///
/// let mut flash = NorModel::<2, 256>::new();
/// let mut log = RecordLog::open(&mut flash)?;
/// log.append(1, b"ATC 0007")?;
/// // The power goes and comes back.
///
/// let mut found = 0;
/// RecordLog::open(&mut flash)?.scan(|kind, seq, record| {
///     assert_eq!((kind, seq, record), (1, 0, b"ATC 0007".as_slice()));
///     found += 1;
/// })?;
/// assert_eq!(found, 1);
/// # Ok::<(), tapcard_flow::log::LogError<tapcard_flow::log::model::ModelError>>(())
/// ```
#[derive(Debug)]
pub struct RecordLog<F> {
    halves: Halves<F>,
    active: Half,
    generation: u32,
    next_seq: u32,
    /// Where the next record goes, from the beginning of the active half.
    end: usize,
    /// A write failed: `end` has to be found again.
    stale: bool,
}

/// What stands at one place of a half.
enum Slot {
    Record(RecordHeader),
    /// A header that was torn; this many octets are lost.
    Torn,
    End,
}

impl<F: NorFlash> RecordLog<F> {
    /// Finds the log in `flash` and its end.
    ///
    /// A flash that was never used, or lost power while its first log was made, becomes an empty log; that erases all of it.
    /// Pass `&mut flash` to keep the flash when this fails.
    ///
    /// # Errors
    /// [`LogError::NotALog`] when there is other content, [`LogError::Geometry`], [`LogError::Flash`].
    pub fn open(flash: F) -> Result<Self, LogError<F::Error>> {
        let mut halves = Halves::new(flash)?;
        let first = Self::half_header(&mut halves, Half::First)?;
        let second = Self::half_header(&mut halves, Half::Second)?;
        let (active, header) = match (first, second) {
            (Some(first), Some(second)) if second.follows(first) => (Half::Second, second),
            (Some(first), _) => (Half::First, first),
            (None, Some(second)) => (Half::Second, second),
            (None, None) => {
                for half in [Half::First, Half::Second] {
                    if !halves.is_erased_from(half, Self::records_begin())? {
                        return Err(LogError::NotALog);
                    }
                }
                return Self::format(halves.release());
            }
        };
        let HalfHeader { generation, next_seq } = header;
        let mut log = Self { halves, active, generation, next_seq, end: 0, stale: true };
        log.find_end()?;
        Ok(log)
    }

    /// Erases all of `flash` and begins an empty log.
    ///
    /// # Errors
    /// [`LogError::Geometry`], [`LogError::Flash`], [`LogError::NotKept`].
    pub fn format(flash: F) -> Result<Self, LogError<F::Error>> {
        let mut halves = Halves::new(flash)?;
        halves.erase(Half::First)?;
        halves.erase(Half::Second)?;
        let header = HalfHeader { generation: 0, next_seq: 0 };
        halves.write(Half::First, 0, &[&header.encode()])?;
        halves.write(Half::First, Self::mark_begins(), &[&MARK])?;
        let end = Self::records_begin();
        Ok(Self { halves, active: Half::First, generation: 0, next_seq: 0, end, stale: false })
    }

    /// Adds a record at the end. When this returns `Ok`, the record is there for good; it was read back.
    ///
    /// `kind` is the owner's own number for what the record is.
    ///
    /// # Errors
    /// [`LogError::TooLong`] and [`LogError::Full`] leave the log as it was. After [`LogError::Flash`] and
    /// [`LogError::NotKept`] the record may be there or not; its place is not used again.
    pub fn append(&mut self, kind: u8, record: &[u8]) -> Result<(), LogError<F::Error>> {
        let length = match u16::try_from(record.len()) {
            Ok(length) if record.len() <= MAX_RECORD => length,
            _ => return Err(LogError::TooLong { length: record.len(), max: MAX_RECORD }),
        };
        if self.stale {
            self.find_end()?;
        }
        let needed = Self::slot_len(record.len());
        let left = self.halves.half_len().saturating_sub(self.end);
        if needed > left {
            return Err(LogError::Full { needed, left });
        }
        let header = RecordHeader { kind, length, seq: self.next_seq };
        self.stale = true;
        self.put(self.active, self.end, header, record)?;
        self.stale = false;
        self.end += needed;
        self.next_seq = self.next_seq.wrapping_add(1);
        Ok(())
    }

    /// Shows every record with its kind and its sequence number, oldest first.
    ///
    /// Sequence numbers count from 0, are never given twice and survive compaction; torn records leave gaps.
    ///
    /// # Errors
    /// [`LogError::Flash`].
    pub fn scan(&mut self, mut each: impl FnMut(u8, u32, &[u8])) -> Result<(), LogError<F::Error>> {
        self.each_record(|_, header, record| {
            each(header.kind, header.seq, record);
            Ok(())
        })
    }

    /// How long the next record may be; `None` when not even an empty one fits.
    ///
    /// # Errors
    /// [`LogError::Flash`].
    pub fn room(&mut self) -> Result<Option<usize>, LogError<F::Error>> {
        if self.stale {
            self.find_end()?;
        }
        let left = self.halves.half_len().saturating_sub(self.end);
        let overhead = Halves::<F>::whole_words(RECORD_HEADER) + CHECK;
        Ok(left.checked_sub(overhead).map(|room| room.min(MAX_RECORD)))
    }

    /// Gives the flash back.
    pub fn release(self) -> F {
        self.halves.release()
    }

    fn mark_begins() -> usize {
        Halves::<F>::whole_words(HALF_HEADER)
    }

    fn records_begin() -> usize {
        Self::mark_begins() + Halves::<F>::whole_words(MARK.len())
    }

    /// Octets that a record of this length takes.
    fn slot_len(length: usize) -> usize {
        Halves::<F>::whole_words(RECORD_HEADER) + Halves::<F>::whole_words(length + CHECK)
    }

    fn half_header(halves: &mut Halves<F>, half: Half) -> Result<Option<HalfHeader>, LogError<F::Error>> {
        if halves.half_len() < Self::records_begin() {
            return Err(LogError::Geometry);
        }
        let mut octets = [0; HALF_HEADER];
        halves.read(half, 0, &mut octets)?;
        Ok(HalfHeader::decode(octets))
    }

    /// Programs the header first, by itself, then the record with its checksum.
    fn put(&mut self, half: Half, at: usize, header: RecordHeader, record: &[u8]) -> Result<(), LogError<F::Error>> {
        self.halves.write(half, at, &[&header.encode()])?;
        let at = at + Halves::<F>::whole_words(RECORD_HEADER);
        self.halves.write(half, at, &[record, &header.check(record)])
    }

    fn slot(&mut self, at: usize) -> Result<Slot, LogError<F::Error>> {
        let left = self.halves.half_len().saturating_sub(at);
        if left < Self::slot_len(0) {
            return Ok(Slot::End);
        }
        let mut octets = [0; RECORD_HEADER];
        self.halves.read(self.active, at, &mut octets)?;
        if octets == [ERASED; RECORD_HEADER] {
            return Ok(Slot::End);
        }
        Ok(match RecordHeader::decode(octets) {
            Some(header)
                if usize::from(header.length) <= MAX_RECORD && Self::slot_len(header.length.into()) <= left =>
            {
                Slot::Record(header)
            }
            _ => Slot::Torn,
        })
    }

    fn find_end(&mut self) -> Result<(), LogError<F::Error>> {
        let mut at = Self::records_begin();
        loop {
            match self.slot(at)? {
                Slot::Record(header) => {
                    at += Self::slot_len(header.length.into());
                    self.next_seq = header.seq.wrapping_add(1);
                }
                Slot::Torn => at += Halves::<F>::whole_words(RECORD_HEADER),
                Slot::End => break,
            }
        }
        // Only foreign content can stand behind the end: then there is no room, and the next compaction mends it.
        let usable = self.halves.is_erased_from(self.active, at)?;
        self.end = if usable { at } else { self.halves.half_len() };
        self.stale = false;
        Ok(())
    }

    /// Shows every whole record.
    fn each_record(
        &mut self,
        mut each: impl FnMut(&mut Self, RecordHeader, &[u8]) -> Result<(), LogError<F::Error>>,
    ) -> Result<(), LogError<F::Error>> {
        let mut buffer = [0; MAX_RECORD + CHECK];
        let mut at = Self::records_begin();
        loop {
            match self.slot(at)? {
                Slot::Record(header) => {
                    let length = usize::from(header.length);
                    let found = buffer.get_mut(..length + CHECK).unwrap_or_default();
                    self.halves.read(self.active, at + Halves::<F>::whole_words(RECORD_HEADER), found)?;
                    if let Some((record, check)) = found.split_last_chunk::<CHECK>()
                        && header.check(record) == *check
                    {
                        each(self, header, record)?;
                    }
                    at += Self::slot_len(length);
                }
                Slot::Torn => at += Halves::<F>::whole_words(RECORD_HEADER),
                Slot::End => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Making room: the wanted records move to the other half, then the old half is erased.
//!
//! Order of the writes, each of which may be the last one before the power goes:
//!
//! 1. the other half is erased, unless the mark in the active half says that it is and it reads as erased;
//! 2. the wanted records are copied to it, with kind and sequence number;
//! 3. its header is programmed: from here on it is the log, since its generation is the later one;
//! 4. the old half is erased;
//! 5. the mark in the new half says so. An erase that was cut may read as erased and still lose octets later: without the
//!    mark it is done again in step 1 of the next compaction.

use embedded_storage::nor_flash::NorFlash;

use super::format::{HalfHeader, MARK};
use super::nor::Half;
use super::{LogError, RecordLog};

impl<F: NorFlash> RecordLog<F> {
    /// Keeps the records for which `keep(kind, seq, record)` is true and makes room of the others.
    ///
    /// Erases flash, which takes a board up to seconds and stalls it: only when no card or reader waits.
    ///
    /// # Errors
    /// [`LogError::Flash`] and [`LogError::NotKept`]; nothing that was to be kept is lost then, and it can be called again.
    pub fn compact(&mut self, mut keep: impl FnMut(u8, u32, &[u8]) -> bool) -> Result<(), LogError<F::Error>> {
        if self.stale {
            self.find_end()?;
        }
        let old = self.active;
        let new = old.other();
        if !self.is_spare_erased(new)? {
            self.halves.erase(new)?;
        }
        let mut end = Self::records_begin();
        self.each_record(|log, header, record| {
            if keep(header.kind, header.seq, record) {
                log.put(new, end, header, record)?;
                end += Self::slot_len(record.len());
            }
            Ok(())
        })?;
        let generation = self.generation.wrapping_add(1);
        self.halves.write(new, 0, &[&HalfHeader { generation, next_seq: self.next_seq }.encode()])?;
        self.active = new;
        self.generation = generation;
        self.end = end;
        self.halves.erase(old)?;
        self.halves.write(new, Self::mark_begins(), &[&MARK])
    }

    fn is_spare_erased(&mut self, spare: Half) -> Result<bool, LogError<F::Error>> {
        let mut mark = MARK.map(|_| 0);
        self.halves.read(self.active, Self::mark_begins(), &mut mark)?;
        Ok(mark == MARK && self.halves.is_erased_from(spare, 0)?)
    }
}

//! Two halves of a NOR flash, read and written in whole words from anywhere to anywhere.
//!
//! Knows alignment, padding and reading back; what the octets mean is the log's matter.

use embedded_storage::nor_flash::NorFlash;

use super::LogError;
use super::format::ERASED;

/// Octets that are moved at once; also the largest write size that is supported. On the stack of every read and write.
const CHUNK: usize = STEP as usize;
const STEP: u32 = 64;

/// One of the two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    First,
    Second,
}

impl Half {
    pub(super) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// The flash and what is known of its shape.
#[derive(Debug)]
pub(super) struct Halves<F> {
    flash: F,
    half_len: usize,
}

impl<F: NorFlash> Halves<F> {
    /// The larger of read and write size: everything begins at a multiple of it.
    pub(super) const ALIGN: usize = if F::READ_SIZE > F::WRITE_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };

    pub(super) fn new(flash: F) -> Result<Self, LogError<F::Error>> {
        let sizes = [F::READ_SIZE, F::WRITE_SIZE];
        let words = sizes.iter().all(|size| size.is_power_of_two() && *size <= CHUNK);
        if !words || F::ERASE_SIZE == 0 || !F::ERASE_SIZE.is_multiple_of(Self::ALIGN) {
            return Err(LogError::Geometry);
        }
        let half_len = flash.capacity() / F::ERASE_SIZE / 2 * F::ERASE_SIZE;
        if half_len == 0 || u32::try_from(2 * half_len).is_err() {
            return Err(LogError::Geometry);
        }
        Ok(Self { flash, half_len })
    }

    pub(super) fn half_len(&self) -> usize {
        self.half_len
    }

    pub(super) fn release(self) -> F {
        self.flash
    }

    /// `length` rounded up to whole words.
    pub(super) fn whole_words(length: usize) -> usize {
        length.next_multiple_of(Self::ALIGN)
    }

    /// Reads `out.len()` octets from `at`, which is the beginning of a word.
    pub(super) fn read(&mut self, half: Half, at: usize, out: &mut [u8]) -> Result<(), LogError<F::Error>> {
        let mut at = self.address(half, at)?;
        for piece in out.chunks_mut(CHUNK) {
            let mut chunk = [0; CHUNK];
            let words = chunk.get_mut(..Self::whole_words(piece.len())).unwrap_or_default();
            self.flash.read(at, words).map_err(LogError::Flash)?;
            for (to, from) in piece.iter_mut().zip(words.iter()) {
                *to = *from;
            }
            at = at.saturating_add(STEP);
        }
        Ok(())
    }

    /// Programs `parts`, one after the other, from `at`, which is the beginning of a word, and reads them back.
    ///
    /// What is left of the last word stays erased. One call of the flash's `write` per [`CHUNK`] octets, in order.
    pub(super) fn write(&mut self, half: Half, at: usize, parts: &[&[u8]]) -> Result<(), LogError<F::Error>> {
        let start = self.address(half, at)?;
        self.each_chunk(start, parts, |flash, at, words| flash.write(at, words).map(|()| true))?;
        let kept = self.each_chunk(start, parts, |flash, at, words| {
            let mut found = [0; CHUNK];
            let found = found.get_mut(..words.len()).unwrap_or_default();
            flash.read(at, found).map(|()| *found == *words)
        })?;
        if kept { Ok(()) } else { Err(LogError::NotKept { address: start }) }
    }

    /// Hands out the octets of `parts` as padded words; stops at the first `false`.
    fn each_chunk(
        &mut self,
        mut at: u32,
        parts: &[&[u8]],
        mut each: impl FnMut(&mut F, u32, &[u8]) -> Result<bool, F::Error>,
    ) -> Result<bool, LogError<F::Error>> {
        let mut octets = parts.iter().flat_map(|part| part.iter().copied()).peekable();
        while octets.peek().is_some() {
            let mut chunk = [ERASED; CHUNK];
            let mut length = 0;
            for (to, from) in chunk.iter_mut().zip(octets.by_ref().take(CHUNK)) {
                *to = from;
                length += 1;
            }
            let words = chunk.get(..Self::whole_words(length)).unwrap_or_default();
            if !each(&mut self.flash, at, words).map_err(LogError::Flash)? {
                return Ok(false);
            }
            at = at.saturating_add(STEP);
        }
        Ok(true)
    }

    /// Erases one half.
    pub(super) fn erase(&mut self, half: Half) -> Result<(), LogError<F::Error>> {
        let from = self.address(half, 0)?;
        let to = self.address(half, self.half_len)?;
        self.flash.erase(from, to).map_err(LogError::Flash)
    }

    /// Whether a half reads as erased from `at`, the beginning of a word, to its end.
    pub(super) fn is_erased_from(&mut self, half: Half, at: usize) -> Result<bool, LogError<F::Error>> {
        let mut at = at;
        while at < self.half_len {
            let mut chunk = [0; CHUNK];
            let words = chunk.get_mut(..CHUNK.min(self.half_len - at)).unwrap_or_default();
            self.read(half, at, words)?;
            if words.iter().any(|octet| *octet != ERASED) {
                return Ok(false);
            }
            at += CHUNK;
        }
        Ok(true)
    }

    fn address(&self, half: Half, at: usize) -> Result<u32, LogError<F::Error>> {
        let base = match half {
            Half::First => 0,
            Half::Second => self.half_len,
        };
        // `new` has seen to it that every address fits.
        u32::try_from(base + at).map_err(|_| LogError::Geometry)
    }
}

//! A NOR flash in memory that loses power where a test says so.
//!
//! Keeps the rules of [`NorFlash`] strictly: whole words only, no word programmed twice, erase by pages. A cut may fall at
//! every octet; the octet under it, and all octets still to be erased, end up half done.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

/// `PAGES` pages of `PAGE` octets, programmed in words of `WRITE` octets. No heap: all of it is inside the value.
#[derive(Clone)]
pub struct NorModel<const PAGES: usize, const PAGE: usize, const WRITE: usize = 4> {
    pages: [[u8; PAGE]; PAGES],
    spent: usize,
    left: Option<usize>,
    tear: u8,
    powered: bool,
}

/// What the model refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ModelError {
    /// The power went in this operation, or before it.
    #[error("no power")]
    NoPower,
    /// A word was to be programmed that is not erased.
    #[error("the word at {address:#x} is not erased")]
    NotErased {
        /// Where.
        address: u32,
    },
    /// Not whole words or pages, or past the end.
    #[error("not whole words or pages, or past the end")]
    Bounds,
}

impl NorFlashError for ModelError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::NoPower | Self::NotErased { .. } => NorFlashErrorKind::Other,
            Self::Bounds => NorFlashErrorKind::OutOfBounds,
        }
    }
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> NorModel<PAGES, PAGE, WRITE> {
    /// Erased, with power.
    #[must_use]
    pub const fn new() -> Self {
        Self { pages: [[0xFF; PAGE]; PAGES], spent: 0, left: None, tear: 0xFF, powered: true }
    }

    /// The power goes after this many more octets were programmed or erased.
    ///
    /// `tear` says how far the octet under the cut has come: in programming, the bits that are not touched yet; in erasing,
    /// the bits that are already set, for this and all later octets of the page run. `FF` and `00` are the clean extremes
    /// for programming and erasing.
    pub fn cut_after(&mut self, octets: usize, tear: u8) {
        self.left = Some(octets);
        self.tear = tear;
    }

    /// The power comes back, for good; the count of [`spent`](Self::spent) begins anew.
    pub fn power_on(&mut self) {
        self.left = None;
        self.spent = 0;
        self.powered = true;
    }

    /// Octets programmed and erased since the beginning or the last [`power_on`](Self::power_on).
    #[must_use]
    pub const fn spent(&self) -> usize {
        self.spent
    }

    /// Whether the power went.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        !self.powered
    }

    /// All octets as they are, for hostile content.
    pub fn octets_mut(&mut self) -> impl Iterator<Item = &mut u8> {
        self.pages.iter_mut().flatten()
    }

    fn octet_mut(&mut self, at: usize) -> Option<&mut u8> {
        self.pages.get_mut(at / PAGE)?.get_mut(at % PAGE)
    }

    /// Spends one octet; false when the power goes instead.
    fn spend(&mut self) -> bool {
        match &mut self.left {
            Some(0) => {
                self.powered = false;
                return false;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        self.spent += 1;
        true
    }

    fn check(&self, result: Result<(), NorFlashErrorKind>) -> Result<(), ModelError> {
        if self.powered { result.map_err(|_| ModelError::Bounds) } else { Err(ModelError::NoPower) }
    }

    fn from(&self, offset: u32) -> impl Iterator<Item = u8> {
        let at = offset as usize;
        self.pages.iter().skip(at / PAGE).flatten().copied().skip(at % PAGE)
    }
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> Default for NorModel<PAGES, PAGE, WRITE> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> core::fmt::Debug for NorModel<PAGES, PAGE, WRITE> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NorModel")
            .field("pages", &PAGES)
            .field("page", &PAGE)
            .field("write", &WRITE)
            .field("spent", &self.spent)
            .field("powered", &self.powered)
            .finish_non_exhaustive()
    }
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> ErrorType for NorModel<PAGES, PAGE, WRITE> {
    type Error = ModelError;
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> ReadNorFlash for NorModel<PAGES, PAGE, WRITE> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ModelError> {
        self.check(check_read(self, offset, bytes.len()))?;
        for (to, from) in bytes.iter_mut().zip(self.from(offset)) {
            *to = from;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        PAGES * PAGE
    }
}

impl<const PAGES: usize, const PAGE: usize, const WRITE: usize> NorFlash for NorModel<PAGES, PAGE, WRITE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), ModelError> {
        self.check(check_erase(self, from, to))?;
        for at in from as usize..to as usize {
            let alive = self.powered && self.spend();
            let tear = self.tear;
            if let Some(octet) = self.octet_mut(at) {
                *octet |= if alive { 0xFF } else { tear };
            }
        }
        if self.powered { Ok(()) } else { Err(ModelError::NoPower) }
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ModelError> {
        self.check(check_write(self, offset, bytes.len()))?;
        if let Some(at) = self.from(offset).take(bytes.len()).position(|octet| octet != 0xFF) {
            return Err(ModelError::NotErased {
                address: offset.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)),
            });
        }
        for (at, byte) in bytes.iter().enumerate() {
            let alive = self.spend();
            let tear = self.tear;
            if let Some(octet) = self.octet_mut(offset as usize + at) {
                *octet &= if alive { *byte } else { *byte | tear };
            }
            if !alive {
                return Err(ModelError::NoPower);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_programmed_once_between_erases() {
        let mut flash = NorModel::<2, 64>::new();
        assert_eq!(flash.write(4, &[1, 2, 3, 4]), Ok(()));
        assert_eq!(flash.write(4, &[0, 0, 0, 0]), Err(ModelError::NotErased { address: 4 }));
        assert_eq!(flash.erase(0, 64), Ok(()));
        assert_eq!(flash.write(4, &[0, 0, 0, 0]), Ok(()));
        assert_eq!(flash.spent(), 4 + 64 + 4);
    }

    #[test]
    fn half_words_and_half_pages_are_refused() {
        let mut flash = NorModel::<2, 64>::new();
        assert_eq!(flash.write(2, &[0; 4]), Err(ModelError::Bounds));
        assert_eq!(flash.write(0, &[0; 3]), Err(ModelError::Bounds));
        assert_eq!(flash.write(128, &[0; 4]), Err(ModelError::Bounds));
        assert_eq!(flash.erase(0, 32), Err(ModelError::Bounds));
        assert_eq!(flash.read(127, &mut [0; 2]), Err(ModelError::Bounds));
    }

    #[test]
    fn a_cut_leaves_the_octet_under_it_half_programmed() {
        let mut flash = NorModel::<2, 64>::new();
        flash.cut_after(2, 0x0F);
        assert_eq!(flash.write(0, &[0x11; 4]), Err(ModelError::NoPower));
        assert!(flash.is_off());
        assert_eq!(flash.read(0, &mut [0; 4]), Err(ModelError::NoPower));
        flash.power_on();
        let mut found = [0; 4];
        assert_eq!(flash.read(0, &mut found), Ok(()));
        assert_eq!(found, [0x11, 0x11, 0x1F, 0xFF]);
    }

    #[test]
    fn a_cut_leaves_the_rest_of_the_page_half_erased() {
        let mut flash = NorModel::<2, 4>::new();
        assert_eq!(flash.write(0, &[0x11; 8]), Ok(()));
        flash.cut_after(5, 0x80);
        assert_eq!(flash.erase(0, 8), Err(ModelError::NoPower));
        flash.power_on();
        let mut found = [0; 8];
        assert_eq!(flash.read(0, &mut found), Ok(()));
        assert_eq!(found, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x91, 0x91, 0x91]);
    }
}

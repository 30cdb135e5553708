//! CRC-32 as the record log and the binary card image use it (ISO-HDLC: polynomial 04C11DB7, reflected).
//!
//! It finds torn writes and worn cells. It is no protection against somebody who writes on purpose.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};

// One table in the whole program: 1 KiB of flash, no RAM.
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// A CRC-32 over octets that come in pieces.
///
/// ```
/// use tapcard_flow::checksum::Crc32;
/// assert_eq!(Crc32::new().with(b"1234").with(b"56789").value(), 0xCBF4_3926);
/// ```
#[derive(Clone)]
pub struct Crc32(Digest<'static, u32, Table<1>>);

impl Crc32 {
    /// Nothing counted in yet.
    #[must_use]
    pub fn new() -> Self {
        Self(CRC.digest())
    }

    /// The same with these octets counted in.
    #[must_use]
    pub fn with(mut self, octets: &[u8]) -> Self {
        self.0.update(octets);
        self
    }

    /// The checksum of everything counted in.
    #[must_use]
    pub fn value(self) -> u32 {
        self.0.finalize()
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Crc32 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Crc32({:08X})", self.clone().value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_value_comes_out() {
        assert_eq!(Crc32::new().with(b"123456789").value(), 0xCBF4_3926);
        assert_eq!(Crc32::default().value(), 0);
    }

    #[test]
    fn debug_shows_the_value_so_far() {
        assert_eq!(std::format!("{:?}", Crc32::new().with(b"123456789")), "Crc32(CBF43926)");
    }
}

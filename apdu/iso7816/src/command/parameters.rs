//! Values that a command must not mix with plain numbers: [`Sfi`] and [`Le`].

use core::fmt;

/// Short EF identifier of a record file: 1 to 30 (ISO/IEC 7816-4:2005, 5.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sfi(u8);

impl Sfi {
    /// `None` outside 1 to 30.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=30 => Some(Self(number)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Decimal: `1` to `30`.
impl fmt::Display for Sfi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How many octets of data are expected at most: 1 to 65536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Le(u32);

impl Le {
    /// 256, coded `00`: all that a short answer can carry. What EMV always asks for.
    pub const MAX_SHORT: Self = Self(256);
    /// 65536, coded `0000`: all that an extended answer can carry.
    pub const MAX_EXTENDED: Self = Self(65_536);

    /// `None` outside 1 to 65536.
    #[must_use]
    pub const fn new(octets: u32) -> Option<Self> {
        match octets {
            1..=65_536 => Some(Self(octets)),
            _ => None,
        }
    }

    /// From the one octet of a short command: 0 is 256.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        match octet {
            0 => Self::MAX_SHORT,
            _ => Self(octet as u32),
        }
    }

    /// From the two octets of an extended command: 0 is 65536.
    #[must_use]
    pub const fn from_octets(octets: [u8; 2]) -> Self {
        match u16::from_be_bytes(octets) {
            0 => Self::MAX_EXTENDED,
            count => Self(count as u32),
        }
    }

    /// The number of octets.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether one octet can say it.
    #[must_use]
    pub const fn is_short(self) -> bool {
        self.0 <= Self::MAX_SHORT.0
    }

    /// The last two octets of the number: what an extended Le field holds, and in its last octet what a short one holds.
    pub(super) const fn field(self) -> [u8; 2] {
        let [_, _, high, low] = self.0.to_be_bytes();
        [high, low]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sfi_is_1_to_30() {
        assert_eq!((Sfi::new(0), Sfi::new(31)), (None, None));
        assert!((1..=30).all(|number| Sfi::new(number).map(Sfi::get) == Some(number)));
    }

    #[test]
    fn zero_stands_for_the_largest_le() {
        assert_eq!((Le::from_octet(0), Le::from_octet(255).get()), (Le::MAX_SHORT, 255));
        assert_eq!((Le::from_octets([0, 0]), Le::from_octets([0x01, 0x00])), (Le::MAX_EXTENDED, Le::MAX_SHORT));
        assert_eq!((Le::new(0), Le::new(65_537)), (None, None));
        assert_eq!((Le::new(256), Le::new(65_536)), (Some(Le::MAX_SHORT), Some(Le::MAX_EXTENDED)));
    }
}

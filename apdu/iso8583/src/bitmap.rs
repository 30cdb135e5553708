//! Which fields a message has: the primary and the secondary bitmap as one set (ISO 8583:1987, 4.2).

use core::fmt;

use crate::MAX_FIELD;

/// A set of the bits 1 to 128; bit 1 says that there is a secondary bitmap.
///
/// ```
/// use tapcard_iso8583::Bitmap;
///
/// let bitmap = Bitmap::of(&[7, 11, 70]);
/// assert!(bitmap.contains(70));
/// assert_eq!(bitmap.fields().collect::<Vec<_>>(), [7, 11, 70]);
/// assert_eq!(bitmap.with(1).to_string(), "8220000000000000 0400000000000000");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bitmap(u128);

impl Bitmap {
    /// No bit.
    pub const EMPTY: Self = Self(0);

    /// From the 64 bits of each bitmap, the most significant first.
    #[must_use]
    pub const fn new(primary: u64, secondary: u64) -> Self {
        Self((primary as u128) << 64 | secondary as u128)
    }

    /// The set of these numbers; those outside 1 to 128 are left out.
    #[must_use]
    pub const fn of(numbers: &[u8]) -> Self {
        let (mut set, mut rest) = (Self::EMPTY, numbers);
        while let [number, others @ ..] = rest {
            set = set.with(*number);
            rest = others;
        }
        set
    }

    const fn bit(number: u8) -> u128 {
        if number == 0 || number > MAX_FIELD { 0 } else { 1 << (MAX_FIELD - number) }
    }

    /// The same set with one number more.
    #[must_use]
    pub const fn with(self, number: u8) -> Self {
        Self(self.0 | Self::bit(number))
    }

    /// Whether a bit is set.
    #[must_use]
    pub const fn contains(self, number: u8) -> bool {
        self.0 & Self::bit(number) != 0
    }

    /// Whether no bit is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Bits 1 to 64, bit 1 the most significant.
    #[must_use]
    pub const fn primary(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// Bits 65 to 128, bit 65 the most significant.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    pub const fn secondary(self) -> u64 {
        self.0 as u64
    }

    /// The fields in rising order: every number but 1.
    #[must_use]
    pub const fn fields(self) -> Fields {
        Fields(self.0 & !Self::bit(1))
    }
}

/// Shows the bitmaps as they are written in text.
impl fmt::Display for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", self.primary())?;
        if self.contains(1) { write!(f, " {:016X}", self.secondary()) } else { Ok(()) }
    }
}

/// Shows the numbers.
impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bitmap")?;
        f.debug_set().entries(self.fields()).finish()
    }
}

/// The fields of a [`Bitmap`] in rising order.
#[derive(Clone, Debug)]
pub struct Fields(u128);

impl Iterator for Fields {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let level = self.0.checked_ilog2()?;
        self.0 ^= 1 << level;
        Some(MAX_FIELD - u8::try_from(level).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::format;
    use std::vec::Vec;

    #[test]
    fn numbers_that_do_not_exist_are_left_out() {
        assert_eq!(Bitmap::of(&[0, 129, 255]), Bitmap::EMPTY);
        assert!(!Bitmap::new(u64::MAX, u64::MAX).contains(0));
        assert!(!Bitmap::new(u64::MAX, u64::MAX).contains(129));
    }

    #[test]
    fn the_first_and_last_bits_are_where_the_standard_has_them() {
        assert_eq!(Bitmap::of(&[1, 2]).primary(), 0xC000_0000_0000_0000);
        assert_eq!(Bitmap::of(&[64]), Bitmap::new(1, 0));
        assert_eq!(Bitmap::of(&[65]), Bitmap::new(0, 1 << 63));
        assert_eq!(Bitmap::of(&[128]).secondary(), 1);
        assert_eq!(format!("{:?}", Bitmap::of(&[1, 2, 128])), "Bitmap{2, 128}");
        assert_eq!(format!("{}", Bitmap::of(&[2])), "4000000000000000");
    }

    proptest! {
        #[test]
        fn it_is_a_set_of_numbers(a: BTreeSet<u8>, b: BTreeSet<u8>) {
            let numbers = |set: &BTreeSet<u8>| set.iter().copied().filter(|n| (2..=128).contains(n)).collect::<Vec<_>>();
            let bitmap = |set: &BTreeSet<u8>| Bitmap::of(&set.iter().copied().collect::<Vec<_>>());
            let fields = |bitmap: Bitmap| bitmap.fields().collect::<Vec<_>>();
            prop_assert_eq!(fields(bitmap(&a)), numbers(&a));
            prop_assert_eq!(fields(bitmap(&a).and(bitmap(&b))), numbers(&(&a & &b)));
            prop_assert_eq!(fields(bitmap(&a).without(bitmap(&b))), numbers(&(&a - &b)));
            prop_assert_eq!(Bitmap::new(bitmap(&a).primary(), bitmap(&a).secondary()), bitmap(&a));
        }
    }
}

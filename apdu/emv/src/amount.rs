//! Amounts and currencies (EMV 4.4 Book 3, Annex A: `9F02`, `81`, `5F2A`; JR/T 0025.13: `9F79`).
//!
//! An amount is a whole number of minor units. How many decimals a currency has is told by a data object
//! (`5F36`, `9F44`) or by a table of the host; it is not kept here.

use crate::bcd::{self, BcdError};
use core::fmt;

/// An amount in minor units of its currency, such as fen or cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Amount(u64);

/// Why octets are no amount or no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AmountError {
    /// The value has the wrong length.
    #[error("{found} octets instead of {expected}")]
    Length {
        /// Octets of the format.
        expected: usize,
        /// Octets found.
        found: usize,
    },
    /// The value has a half octet that is no digit.
    #[error(transparent)]
    Digits(#[from] BcdError),
    /// A currency or country code above 999.
    #[error("{0} has more than three digits")]
    Code(u64),
}

impl Amount {
    /// The largest amount in format n12.
    pub const MAX_N12: Self = Self(999_999_999_999);

    /// An amount of so many minor units.
    #[must_use]
    pub const fn new(minor: u64) -> Self {
        Self(minor)
    }

    /// Reads six octets in format n12: `9F02`, `9F03`, `9F79`.
    ///
    /// ```
    /// use tapcard_emv::amount::Amount;
    ///
    /// let balance = Amount::from_n12(&[0x00, 0x00, 0x00, 0x03, 0x78, 0x00])?;
    /// assert_eq!(balance.minor(), 37_800);
    /// assert_eq!(balance.display(2).to_string(), "378.00");
    /// # Ok::<(), tapcard_emv::amount::AmountError>(())
    /// ```
    ///
    /// # Errors
    /// Wrong length, or half octets that are no digits.
    pub fn from_n12(octets: &[u8]) -> Result<Self, AmountError> {
        let octets: &[u8; 6] = exact(octets)?;
        Ok(Self(bcd::number(octets)?))
    }

    /// Reads a value in format n of any length, as the balance of five octets in a PBOC IAD.
    ///
    /// # Errors
    /// Half octets that are no digits, or a number that is too large.
    pub fn from_bcd(octets: &[u8]) -> Result<Self, BcdError> {
        bcd::number(octets).map(Self)
    }

    /// Reads four octets in format b: `81`, `9F04`, `9F1B`, the amounts of a CVM list, purse balances.
    ///
    /// # Errors
    /// Wrong length.
    pub fn from_binary(octets: &[u8]) -> Result<Self, AmountError> {
        let octets: &[u8; 4] = exact(octets)?;
        Ok(Self(u64::from(u32::from_be_bytes(*octets))))
    }

    /// The number of minor units.
    #[must_use]
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// The value in format n12.
    ///
    /// # Errors
    /// More than twelve digits.
    pub fn to_n12(self) -> Result<[u8; 6], BcdError> {
        let mut octets = [0; 6];
        bcd::write_number(self.0, &mut octets)?;
        Ok(octets)
    }

    /// The sum, unless it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, unless it is below zero.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// The amount for people, in major units with `exponent` decimals.
    #[must_use]
    pub const fn display(self, exponent: u8) -> MinorUnits {
        format_minor(self.0, exponent)
    }
}

/// An amount of minor units shown in major units: `12345` with exponent 2 is `123.45`, with exponent 0 `12345`.
#[must_use]
pub const fn format_minor(minor: u64, exponent: u8) -> MinorUnits {
    MinorUnits { minor, exponent }
}

/// Displays an amount in major units, see [`format_minor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinorUnits {
    minor: u64,
    exponent: u8,
}

impl fmt::Display for MinorUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = usize::from(self.exponent);
        // A unit that u64 cannot hold leaves no major units at all: every digit is a decimal.
        let (major, decimals) = match 10u64.checked_pow(u32::from(self.exponent)) {
            Some(unit) => (self.minor / unit, self.minor % unit),
            None => (0, self.minor),
        };
        write!(f, "{major}")?;
        if width == 0 { Ok(()) } else { write!(f, ".{decimals:0width$}") }
    }
}

/// A number of three digits: the currency codes of ISO 4217 and the country codes of ISO 3166-1.
macro_rules! three_digit_code {
    ($(#[$doc:meta])* $name:ident { $($(#[$const_doc:meta])* $constant:ident = $value:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name(u16);

        impl $name {
            $($(#[$const_doc])* pub const $constant: Self = Self($value);)*

            /// The code with this number; `None` above 999.
            #[must_use]
            pub const fn new(number: u16) -> Option<Self> {
                if number > 999 { None } else { Some(Self(number)) }
            }

            /// Reads two octets in format n3: `0156` is 156.
            ///
            /// # Errors
            /// Wrong length, half octets that are no digits, or a first digit other than 0.
            pub fn from_n3(octets: &[u8]) -> Result<Self, AmountError> {
                let octets: &[u8; 2] = exact(octets)?;
                let number = bcd::number(octets)?;
                u16::try_from(number).ok().and_then(Self::new).ok_or(AmountError::Code(number))
            }

            /// The number, 0 to 999.
            #[must_use]
            pub const fn number(self) -> u16 {
                self.0
            }

            /// The two octets in format n3.
            #[must_use]
            pub fn to_n3(self) -> [u8; 2] {
                let (hundreds, rest) = (self.0 / 100, self.0 % 100);
                (hundreds << 8 | (rest / 10) << 4 | (rest % 10)).to_be_bytes()
            }
        }

        /// Three digits.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:03}", self.0)
            }
        }
    };
}

three_digit_code! {
    /// A currency by its ISO 4217 number (`5F2A`, `9F42`, `9F51`).
    Currency {
        /// Renminbi yuan, two decimals.
        CNY = 156;
        /// Hong Kong dollar, two decimals.
        HKD = 344;
        /// Japanese yen, no decimals.
        JPY = 392;
        /// South Korean won, no decimals.
        KRW = 410;
        /// United States dollar, two decimals.
        USD = 840;
        /// Euro, two decimals.
        EUR = 978;
    }
}

three_digit_code! {
    /// A country by its ISO 3166-1 number (`5F28`, `9F1A`, `9F57`).
    Country {
        /// China.
        CHINA = 156;
    }
}

/// `octets` as an array of N.
fn exact<const N: usize>(octets: &[u8]) -> Result<&[u8; N], AmountError> {
    octets.try_into().map_err(|_| AmountError::Length { expected: N, found: octets.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    #[test]
    fn amounts_are_shown_without_rounding() {
        assert_eq!(format_minor(12_345, 2).to_string(), "123.45");
        assert_eq!(format_minor(123, 0).to_string(), "123");
        assert_eq!(format_minor(5, 2).to_string(), "0.05");
        assert_eq!(format_minor(5, 3).to_string(), "0.005");
        assert_eq!(format_minor(u64::MAX, 19).to_string(), "1.8446744073709551615");
        assert_eq!(format_minor(7, 21).to_string(), "0.000000000000000000007");
        assert!(format_minor(7, 255).to_string().starts_with("0.0"));
    }

    #[test]
    fn both_codings_give_the_same_amount() {
        assert_eq!(Amount::from_binary(&[0, 0, 0x27, 0x10]), Ok(Amount::new(10_000)));
        assert_eq!(Amount::from_n12(&[0, 0, 0, 0x01, 0x00, 0x00]), Ok(Amount::new(10_000)));
        assert_eq!(Amount::from_bcd(&[0, 0, 0x03, 0x87, 0x87]), Ok(Amount::new(38_787)));
    }

    #[test]
    fn errors_say_what_was_expected() {
        assert_eq!(Amount::from_n12(&[0; 5]), Err(AmountError::Length { expected: 6, found: 5 }));
        assert_eq!(Amount::from_binary(&[0; 6]), Err(AmountError::Length { expected: 4, found: 6 }));
        let digit = BcdError { kind: BcdErrorKind::NotADigit { value: 0xA, low: true }, offset: 2 };
        assert_eq!(Amount::from_n12(&[0, 0, 0x0A, 0, 0, 0]), Err(AmountError::Digits(digit)));
        assert_eq!(Amount::new(1_000_000_000_000).to_n12().unwrap_err().kind, BcdErrorKind::TooManyDigits { max: 12 });
    }

    #[test]
    fn codes_have_three_digits() {
        assert_eq!(Currency::from_n3(&[0x01, 0x56]), Ok(Currency::CNY));
        assert_eq!(Currency::CNY.to_n3(), [0x01, 0x56]);
        assert_eq!(Country::from_n3(&[0x00, 0x36]).unwrap().to_string(), "036");
        assert_eq!(Currency::from_n3(&[0x11, 0x56]), Err(AmountError::Code(1156)));
        assert_eq!(Currency::new(1000), None);
    }

    #[test]
    fn sums_and_differences_do_not_wrap() {
        assert_eq!(Amount::new(u64::MAX).checked_add(Amount::new(1)), None);
        assert_eq!(Amount::new(1).checked_sub(Amount::new(2)), None);
        assert_eq!(Amount::new(1).checked_add(Amount::new(2)), Some(Amount::new(3)));
    }

    proptest! {
        #[test]
        fn n12_is_read_as_written(minor in 0u64..1_000_000_000_000) {
            let amount = Amount::new(minor);
            prop_assert_eq!(Amount::from_n12(&amount.to_n12().unwrap()), Ok(amount));
        }

        #[test]
        fn every_code_is_read_as_written(number in 0u16..1000) {
            let code = Currency::new(number).unwrap();
            prop_assert_eq!(Currency::from_n3(&code.to_n3()), Ok(code));
        }

        #[test]
        fn no_octets_make_the_readers_panic(octets: Vec<u8>, exponent: u8) {
            let _ = Amount::from_n12(&octets);
            let _ = Amount::from_binary(&octets);
            let _ = Currency::from_n3(&octets);
            if let Ok(amount) = Amount::from_bcd(&octets) {
                let _ = amount.display(exponent).to_string();
            }
        }
    }
}

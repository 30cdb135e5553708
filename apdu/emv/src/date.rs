//! Dates and times of day as cards and terminals code them: YYMMDD, YYMM, YYYYMMDD and HHMMSS in format n.
//!
//! Nothing here knows what day it is; comparing with today is the caller's.

use crate::bcd::{self, BcdError};
use core::fmt;

/// A calendar date, or a month when the day is not coded (expiry on track 2).
///
/// A month sorts before its days. Cards promise to work through the last day that they name, so compare expiry with
/// [`Date::last_day`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Date {
    year: u16,
    month: u8,
    day: Option<u8>,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Time {
    hour: u8,
    minute: u8,
    second: u8,
}

/// Why octets are no date or no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DateError {
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
    /// The month is not 1 to 12.
    #[error("there is no month {0}")]
    Month(u8),
    /// The month does not have this day.
    #[error("there is no day {0} in this month")]
    Day(u8),
    /// Hour, minute or second beyond the end of the day, the hour or the minute.
    #[error("{hour:02}:{minute:02}:{second:02} is no time of day")]
    Time {
        /// Hour found.
        hour: u8,
        /// Minute found.
        minute: u8,
        /// Second found.
        second: u8,
    },
}

impl Date {
    /// A date from its parts; `day` is `None` for a month.
    ///
    /// # Errors
    /// [`DateError::Month`] or [`DateError::Day`] when the calendar has no such month or day.
    pub const fn new(year: u16, month: u8, day: Option<u8>) -> Result<Self, DateError> {
        if month == 0 || month > 12 {
            return Err(DateError::Month(month));
        }
        match day {
            Some(day) if day == 0 || day > days_in_month(year, month) => Err(DateError::Day(day)),
            _ => Ok(Self { year, month, day }),
        }
    }

    /// Reads three octets YYMMDD. Years 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999 (EMV 4.4 Book 4, 6.7.3).
    ///
    /// ```
    /// use tapcard_emv::date::Date;
    ///
    /// assert_eq!(Date::from_yymmdd(&[0x30, 0x10, 0x31])?.to_string(), "2030-10-31");
    /// # Ok::<(), tapcard_emv::date::DateError>(())
    /// ```
    ///
    /// # Errors
    /// Wrong length, half octets that are no digits, or no such day.
    pub fn from_yymmdd(octets: &[u8]) -> Result<Self, DateError> {
        let [year, month, day] = numbers(octets)?;
        Self::new(window(year), month, Some(day))
    }

    /// Reads two octets YYMM, with the years of [`Date::from_yymmdd`].
    ///
    /// # Errors
    /// Wrong length, half octets that are no digits, or no such month.
    pub fn from_yymm(octets: &[u8]) -> Result<Self, DateError> {
        let [year, month] = numbers(octets)?;
        Self::new(window(year), month, None)
    }

    /// Reads four octets YYYYMMDD.
    ///
    /// # Errors
    /// Wrong length, half octets that are no digits, or no such day.
    pub fn from_yyyymmdd(octets: &[u8]) -> Result<Self, DateError> {
        let [century, year, month, day] = numbers(octets)?;
        Self::new(u16::from(century) * 100 + u16::from(year), month, Some(day))
    }

    /// The year with its century.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1; `None` for a month.
    #[must_use]
    pub const fn day(self) -> Option<u8> {
        self.day
    }

    /// The date itself, or the last day of a month: the last day on which a card that expires then is valid.
    #[must_use]
    pub const fn last_day(self) -> Self {
        match self.day {
            Some(_) => self,
            None => Self { day: Some(days_in_month(self.year, self.month)), ..self },
        }
    }
}

/// `YYYY-MM-DD`, or `YYYY-MM` for a month.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)?;
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

impl Time {
    /// A time from its parts.
    ///
    /// # Errors
    /// [`DateError::Time`] when the day has no such time.
    pub const fn new(hour: u8, minute: u8, second: u8) -> Result<Self, DateError> {
        if hour < 24 && minute < 60 && second < 60 {
            Ok(Self { hour, minute, second })
        } else {
            Err(DateError::Time { hour, minute, second })
        }
    }

    /// Reads three octets HHMMSS (`9F21`).
    ///
    /// # Errors
    /// Wrong length, half octets that are no digits, or no such time.
    pub fn from_hhmmss(octets: &[u8]) -> Result<Self, DateError> {
        let [hour, minute, second] = numbers(octets)?;
        Self::new(hour, minute, second)
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub const fn second(self) -> u8 {
        self.second
    }
}

/// `HH:MM:SS`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

/// N octets as N numbers of two digits.
fn numbers<const N: usize>(octets: &[u8]) -> Result<[u8; N], DateError> {
    let mut found = [0; N];
    if octets.len() != N {
        return Err(DateError::Length { expected: N, found: octets.len() });
    }
    // Checks the digits of all octets at once, so that the offset in an error is that of the whole value.
    bcd::number(octets)?;
    for (number, octet) in found.iter_mut().zip(octets) {
        let [tens, ones] = bcd::halves(*octet);
        *number = tens * 10 + ones;
    }
    Ok(found)
}

const fn window(two_digits: u8) -> u16 {
    let year = two_digits as u16;
    if year < 50 { 2000 + year } else { 1900 + year }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::string::ToString;

    #[test]
    fn years_before_50_belong_to_this_century() {
        assert_eq!(Date::from_yymmdd(&[0x49, 0x12, 0x31]).unwrap().year(), 2049);
        assert_eq!(Date::from_yymmdd(&[0x50, 0x01, 0x01]).unwrap().year(), 1950);
        assert_eq!(Date::from_yymm(&[0x20, 0x11]).unwrap().to_string(), "2020-11");
    }

    #[test]
    fn days_that_the_calendar_lacks_are_errors() {
        assert_eq!(Date::from_yymmdd(&[0x30, 0x00, 0x01]), Err(DateError::Month(0)));
        assert_eq!(Date::from_yymmdd(&[0x30, 0x13, 0x01]), Err(DateError::Month(13)));
        assert_eq!(Date::from_yymmdd(&[0x30, 0x04, 0x31]), Err(DateError::Day(31)));
        assert_eq!(Date::from_yymmdd(&[0x30, 0x04, 0x00]), Err(DateError::Day(0)));
        assert_eq!(Date::from_yyyymmdd(&[0x19, 0x00, 0x02, 0x29]), Err(DateError::Day(29)));
        assert!(Date::from_yyyymmdd(&[0x20, 0x00, 0x02, 0x29]).is_ok());
    }

    #[test]
    fn wrong_lengths_and_digits_are_told_apart() {
        assert_eq!(Date::from_yymmdd(&[0x30, 0x12]), Err(DateError::Length { expected: 3, found: 2 }));
        assert_eq!(
            Date::from_yymm(&[0x30, 0x1F]),
            Err(DateError::Digits(BcdError { kind: BcdErrorKind::NotADigit { value: 0xF, low: true }, offset: 1 }))
        );
    }

    #[test]
    fn a_month_lasts_until_its_last_day() {
        let expiry = Date::from_yymm(&[0x24, 0x02]).unwrap();
        assert_eq!(expiry.last_day().to_string(), "2024-02-29");
        assert!(expiry < expiry.last_day());
    }

    #[test]
    fn times_end_before_midnight() {
        assert_eq!(Time::from_hhmmss(&[0x20, 0x10, 0x33]).unwrap().to_string(), "20:10:33");
        let late = DateError::Time { hour: 24, minute: 0, second: 0 };
        assert_eq!(Time::from_hhmmss(&[0x24, 0x00, 0x00]), Err(late));
    }

    proptest! {
        #[test]
        fn no_octets_make_the_readers_panic(octets in proptest::collection::vec(any::<u8>(), 0..6)) {
            let _ = Date::from_yymm(&octets);
            let _ = Date::from_yymmdd(&octets).map(Date::last_day);
            let _ = Date::from_yyyymmdd(&octets);
            let _ = Time::from_hhmmss(&octets);
        }

        #[test]
        fn a_date_reads_back_what_was_coded(year in 0u8..100, month in 1u8..=12, day in 1u8..=28) {
            let code = |n: u8| n / 10 * 16 + n % 10;
            let date = Date::from_yymmdd(&[code(year), code(month), code(day)]).unwrap();
            prop_assert_eq!(date.year() % 100, u16::from(year));
            prop_assert_eq!((date.month(), date.day()), (month, Some(day)));
        }
    }
}

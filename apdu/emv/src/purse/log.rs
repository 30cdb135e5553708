//! Log records: what was paid or loaded, when, and at which terminal.
//!
//! Records have no template and no list of their fields; the layout belongs to the purse. A record is read field by field: a
//! field that cannot be read is `None`, and [`LogRecord::problem`] says the first reason, so that one bad date does not hide
//! an amount.

use super::balance::Number;
use super::error::{PurseError, PurseErrorKind, field};
use super::is_blank;
use super::movement::{Movement, TypeCode, Vehicle};
use super::public::date_error;
use crate::amount::Amount;
use crate::bcd;
use crate::date::{Date, Time};

/// Some octets of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Span {
    /// First octet.
    pub offset: u8,
    /// Octets.
    pub length: u8,
}

/// When, as far as the record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LogDate {
    /// A day.
    Day(Date),
    /// A day of a year that the record does not name.
    MonthDay {
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
    },
}

/// How date and time stand in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Clock {
    /// YYYYMMDDHHMMSS from this octet on.
    Full(u8),
    /// MMDDHHMM from this octet on.
    WithoutYear(u8),
}

/// What stands where in the records of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogLayout {
    /// Octets that every record has.
    pub length: u8,
    /// Number of the transaction, binary.
    pub sequence: Span,
    /// Overdraft limit of ED; reserved elsewhere.
    pub overdraft: Option<Span>,
    /// The amount.
    pub amount: Number,
    /// The balance behind it.
    pub balance_after: Option<Number>,
    /// The type, one octet.
    pub kind: u8,
    /// How that is coded.
    pub code: TypeCode,
    /// The terminal.
    pub terminal: Span,
    /// Date and time.
    pub clock: Clock,
    /// An octet whose upper half is 3 for a bus and 6 for a metro.
    pub vehicle: Option<u8>,
}

/// One record of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogRecord<'a> {
    /// Number of the transaction. Whether it is the counter before or after the transaction is **unconfirmed**.
    pub sequence: u32,
    /// Overdraft limit, or reserved octets.
    pub overdraft: Option<&'a [u8]>,
    /// The amount in minor units, never negative.
    pub amount: Option<Amount>,
    /// The balance behind it.
    pub balance_after: Option<Amount>,
    /// The type as the card has it.
    pub kind: u8,
    /// What that means.
    pub movement: Movement,
    /// The terminal's number, or the merchant card's.
    pub terminal: &'a [u8],
    /// When; `None` also when it was never written.
    pub date: Option<LogDate>,
    /// At what time of day; `None` also when it was never written.
    pub time: Option<Time>,
    /// What the terminal stood in.
    pub vehicle: Option<Vehicle>,
    /// The first field that could not be read.
    pub problem: Option<PurseError>,
}

impl<'a> LogRecord<'a> {
    /// Reads a record by the layout of its purse.
    ///
    /// ```
    /// use tapcard_emv::purse::{LogRecord, Movement, PurseKind, by_kind};
    ///
    /// let record = [
    ///     0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xA0, 0x09, 0x41, 0x31, 0x00, 0x62, 0x93, 0x88, 0x20, 0x24,
    ///     0x03, 0x10, 0x19, 0x57, 0x19,
    /// ];
    /// let log = by_kind(PurseKind::TUnion).log.unwrap();
    /// let record = LogRecord::parse(log.layout, &record)?;
    /// assert_eq!((record.sequence, record.movement), (176, Movement::CompositePurchase));
    /// assert_eq!(record.amount.unwrap().minor(), 160);
    /// assert_eq!(record.time.unwrap().to_string(), "19:57:19");
    /// # Ok::<(), tapcard_emv::purse::PurseError>(())
    /// ```
    ///
    /// # Errors
    /// The record is shorter than its layout.
    pub fn parse(layout: &LogLayout, record: &'a [u8]) -> Result<Self, PurseError> {
        field(record, 0, layout.length)?;
        let span = |span: Span| field(record, span.offset, span.length);
        let [kind, ..] = *field(record, layout.kind, 1)? else { return Err(too_short(record, layout.kind)) };
        let mut problem = None;
        let amount = keep(layout.amount.read(record), &mut problem);
        let balance_after = layout.balance_after.and_then(|number| keep(number.read(record), &mut problem));
        let (date, time) = match layout.clock {
            Clock::Full(offset) => full_clock(record, offset, &mut problem)?,
            Clock::WithoutYear(offset) => short_clock(record, offset, &mut problem)?,
        };
        Ok(Self {
            sequence: span(layout.sequence)?.iter().fold(0u32, |sum, octet| sum << 8 | u32::from(*octet)),
            overdraft: layout.overdraft.map(span).transpose()?,
            amount,
            balance_after,
            kind,
            movement: layout.code.movement(kind),
            terminal: span(layout.terminal)?,
            date,
            time,
            vehicle: layout.vehicle.and_then(|offset| vehicle(record, offset)),
            problem,
        })
    }

    /// Whether this is no transaction: no amount and no date, as in a record that an issuer prepared.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.date.is_none() && self.amount.is_none_or(|amount| amount.minor() == 0)
    }
}

fn too_short(record: &[u8], offset: u8) -> PurseError {
    let needed = usize::from(offset) + 1;
    PurseError::new(PurseErrorKind::TooShort { needed, found: record.len() }, usize::from(offset))
}

/// The value, or its error as the problem of the record.
pub(super) fn keep<T>(result: Result<T, PurseError>, problem: &mut Option<PurseError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            problem.get_or_insert(error);
            None
        }
    }
}

/// YYYYMMDDHHMMSS.
pub(super) fn full_clock(
    record: &[u8],
    offset: u8,
    problem: &mut Option<PurseError>,
) -> Result<(Option<LogDate>, Option<Time>), PurseError> {
    let clock = field(record, offset, 7)?;
    let Some((day, time)) = clock.split_at_checked(4).filter(|_| !is_blank(clock)) else { return Ok((None, None)) };
    let at = usize::from(offset);
    let day = Date::from_yyyymmdd(day).map_err(|error| date_error(error, at));
    let time = Time::from_hhmmss(time).map_err(|error| date_error(error, at + 4));
    Ok((keep(day, problem).map(LogDate::Day), keep(time, problem)))
}

/// MMDDHHMM.
fn short_clock(
    record: &[u8],
    offset: u8,
    problem: &mut Option<PurseError>,
) -> Result<(Option<LogDate>, Option<Time>), PurseError> {
    let clock = field(record, offset, 4)?;
    let [month, day, hour, minute] = *clock else { return Ok((None, None)) };
    if is_blank(clock) {
        return Ok((None, None));
    }
    let at = usize::from(offset);
    let time = Time::from_hhmmss(&[hour, minute, 0x00]).map_err(|error| date_error(error, at + 2));
    Ok((keep(month_day(month, day, at), problem), keep(time, problem)))
}

fn month_day(month: u8, day: u8, offset: usize) -> Result<LogDate, PurseError> {
    let two = |octet: u8, at: usize| {
        let number = bcd::number(&[octet]).map_err(|error| PurseError::new(PurseErrorKind::Digits(error.kind), at))?;
        Ok(u8::try_from(number).unwrap_or(u8::MAX))
    };
    let (month, day) = (two(month, offset)?, two(day, offset + 1)?);
    // 2000 was a leap year: every day that some year has is one.
    match Date::new(2000, month, Some(day)) {
        Ok(_) => Ok(LogDate::MonthDay { month, day }),
        Err(_) => Err(PurseError::new(PurseErrorKind::MonthDay { month, day }, offset)),
    }
}

fn vehicle(record: &[u8], offset: u8) -> Option<Vehicle> {
    match record.get(usize::from(offset))? >> 4 {
        3 => Some(Vehicle::Bus),
        6 => Some(Vehicle::Metro),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PurseKind, by_kind, purses};
    use super::*;
    use crate::date::DateError;
    use proptest::prelude::*;

    fn parse(kind: PurseKind, record: &[u8]) -> Result<LogRecord<'_>, PurseError> {
        LogRecord::parse(by_kind(kind).log.unwrap().layout, record)
    }

    const RIDE: [u8; 23] = [
        0x00, 0x1A, 0, 0, 0, 0, 0, 0, 0xA0, 0x09, 0x00, 0x00, 0x31, 0x01, 0x16, 0x52, 0x20, 0x19, 0x10, 0x24, 0x18,
        0x42, 0x45,
    ];

    #[test]
    fn shenzhen_tells_bus_from_metro_by_the_terminal() {
        assert_eq!(parse(PurseKind::Shenzhen, &RIDE).unwrap().vehicle, Some(Vehicle::Bus));
        assert_eq!(parse(PurseKind::TUnion, &RIDE).unwrap().vehicle, None);
    }

    #[test]
    fn lingnan_records_have_no_year() {
        let mut record = RIDE;
        record[18..22].copy_from_slice(&[0x02, 0x29, 0x23, 0x59]);
        let read = parse(PurseKind::Lingnan, &record).unwrap();
        assert_eq!(read.date, Some(LogDate::MonthDay { month: 2, day: 29 }));
        assert_eq!(read.time, Time::new(23, 59, 0).ok());
        record[18..20].copy_from_slice(&[0x02, 0x30]);
        let read = parse(PurseKind::Lingnan, &record).unwrap();
        let kind = PurseErrorKind::MonthDay { month: 2, day: 30 };
        assert_eq!((read.date, read.problem), (None, Some(PurseError::new(kind, 18))));
    }

    #[test]
    fn a_geldkarte_record_has_amount_and_balance_in_digits() {
        let record = [
            0x51, 0x00, 0x0B, 0x00, 0x01, 0x00, 0x00, 0x02, 0x67, 0x22, 0x53, 0x17, 0x00, 0x00, 0x22, 0x84, 0x95, 0x4D,
            0x80, 0x00, 0x00, 0x01, 0x80, 0x00, 0x00, 0x01, 0x03, 0x99, 0x75, 0x20, 0x01, 0x07, 0x06, 0x10, 0x47, 0x27,
            0x0A, 0x61, 0x25,
        ];
        let read = parse(PurseKind::GeldKarte, &record).unwrap();
        assert_eq!((read.sequence, read.movement), (11, Movement::Purchase));
        assert_eq!((read.amount, read.balance_after), (Some(Amount::new(2)), Some(Amount::new(39_975))));
        assert_eq!(read.terminal, &record[8..18]);
    }

    #[test]
    fn a_bad_date_does_not_hide_the_amount() {
        let mut record = RIDE;
        record[18] = 0x13;
        let read = parse(PurseKind::Ep, &record).unwrap();
        assert_eq!((read.amount, read.date), (Some(Amount::new(160)), None));
        assert_eq!(read.problem, Some(PurseError::new(PurseErrorKind::Date(DateError::Month(13)), 16)));
        assert_eq!(read.time, Time::new(18, 42, 45).ok());
    }

    #[test]
    fn records_without_amount_and_date_are_blank() {
        let mut record = [0xFF; 46];
        record[..26].fill(0);
        assert!(parse(PurseKind::KsX6924, &record).unwrap().is_blank());
        record[13] = 1;
        assert!(!parse(PurseKind::KsX6924, &record).unwrap().is_blank());
    }

    #[test]
    fn a_record_that_is_too_short_is_refused_whole() {
        let error = PurseError::new(PurseErrorKind::TooShort { needed: 23, found: 22 }, 0);
        assert_eq!(parse(PurseKind::Ep, &RIDE[..22]), Err(error));
    }

    proptest! {
        #[test]
        fn no_record_makes_the_reader_panic(record in proptest::collection::vec(any::<u8>(), 0..64)) {
            for log in purses().iter().filter_map(|purse| purse.log) {
                let _ = LogRecord::parse(log.layout, &record).map(|record| record.is_blank());
            }
        }
    }
}

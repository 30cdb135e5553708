//! Trips of China T-Union: records of SFI 1E, 48 octets (JT/T 978; the fields as public readers give them).

use super::error::{PurseError, field};
use super::log::{LogDate, full_clock};
use super::movement::Vehicle;
use crate::amount::Amount;
use crate::date::Time;

/// Octets of a record.
const LENGTH: u8 = 48;

/// What a trip record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TripKind {
    /// One fare, paid once.
    Single,
    /// Through the gate, in.
    Entry,
    /// Through the gate, out.
    Exit,
    /// Anything else.
    Other,
}

impl TripKind {
    /// The name in English.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::Other => "other",
        }
    }
}

/// One trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Trip<'a> {
    /// The type as the card has it.
    pub code: u8,
    /// The terminal, 8 octets.
    pub terminal: &'a [u8],
    /// The kind of vehicle as the card has it.
    pub vehicle_code: u8,
    /// Line and station, 7 octets; each city has codes of its own.
    pub line_station: &'a [u8],
    /// The fare in fen.
    pub amount: Amount,
    /// The balance behind it in fen.
    pub balance_after: Amount,
    /// When; `None` also when it was never written.
    pub date: Option<LogDate>,
    /// At what time of day; `None` also when it was never written.
    pub time: Option<Time>,
    /// The city, 2 octets.
    pub city: &'a [u8],
    /// The acquirer, 8 octets.
    pub acquirer: &'a [u8],
    /// 6 octets for later use.
    pub reserved: &'a [u8],
    /// The first field that could not be read.
    pub problem: Option<PurseError>,
}

impl<'a> Trip<'a> {
    /// Reads a record.
    ///
    /// ```
    /// use tapcard_emv::purse::Trip;
    ///
    /// let mut record = [0; 48];
    /// record[0] = 0x04;
    /// record[9] = 0x01;
    /// record[17..21].copy_from_slice(&[0x00, 0x00, 0x01, 0xF4]);
    /// record[25..32].copy_from_slice(&[0x20, 0x24, 0x12, 0x29, 0x14, 0x17, 0x40]);
    /// let trip = Trip::parse(&record)?;
    /// assert_eq!(trip.amount.display(2).to_string(), "5.00");
    /// assert_eq!(trip.time.unwrap().to_string(), "14:17:40");
    /// # Ok::<(), tapcard_emv::purse::PurseError>(())
    /// ```
    ///
    /// # Errors
    /// Fewer than 48 octets.
    pub fn parse(record: &'a [u8]) -> Result<Self, PurseError> {
        field(record, 0, LENGTH)?;
        let mut problem = None;
        let (date, time) = full_clock(record, 25, &mut problem)?;
        Ok(Self {
            code: octet(field(record, 0, 1)?),
            terminal: field(record, 1, 8)?,
            vehicle_code: octet(field(record, 9, 1)?),
            line_station: field(record, 10, 7)?,
            amount: amount(field(record, 17, 4)?),
            balance_after: amount(field(record, 21, 4)?),
            date,
            time,
            city: field(record, 32, 2)?,
            acquirer: field(record, 34, 8)?,
            reserved: field(record, 42, 6)?,
            problem,
        })
    }

    /// What the type says.
    #[must_use]
    pub const fn kind(&self) -> TripKind {
        match self.code {
            0x02 | 0x06 => TripKind::Single,
            0x03 => TripKind::Entry,
            0x04 => TripKind::Exit,
            _ => TripKind::Other,
        }
    }

    /// What it was made with; `None`: something else.
    #[must_use]
    pub const fn vehicle(&self) -> Option<Vehicle> {
        match self.vehicle_code {
            0x01 => Some(Vehicle::Metro),
            0x02 => Some(Vehicle::Bus),
            _ => None,
        }
    }
}

fn octet(octets: &[u8]) -> u8 {
    octets.first().copied().unwrap_or_default()
}

fn amount(octets: &[u8]) -> Amount {
    Amount::new(octets.iter().fold(0u64, |sum, octet| sum << 8 | u64::from(*octet)))
}

#[cfg(test)]
mod tests {
    use super::super::PurseErrorKind;
    use super::*;
    use crate::date::{Date, DateError};
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn every_field_stands_where_it_should() {
        let record: Vec<u8> = (0..48).collect();
        let trip = Trip::parse(&record).unwrap();
        assert_eq!((trip.code, trip.vehicle_code), (0, 9));
        assert_eq!((trip.terminal, trip.line_station), (&record[1..9], &record[10..17]));
        assert_eq!(trip.amount.minor(), 0x1112_1314);
        assert_eq!(trip.balance_after.minor(), 0x1516_1718);
        assert_eq!((trip.city, trip.acquirer, trip.reserved), (&record[32..34], &record[34..42], &record[42..]));
    }

    #[test]
    fn a_short_record_and_a_bad_time_are_told_apart() {
        let error = PurseError { kind: PurseErrorKind::TooShort { needed: 48, found: 47 }, offset: 0 };
        assert_eq!(Trip::parse(&[0; 47]), Err(error));
        let mut record = [0; 48];
        record[25..32].copy_from_slice(&[0x20, 0x24, 0x12, 0x29, 0x25, 0x00, 0x00]);
        let trip = Trip::parse(&record).unwrap();
        assert_eq!(trip.date, Date::new(2024, 12, Some(29)).ok().map(LogDate::Day));
        let late = DateError::Time { hour: 25, minute: 0, second: 0 };
        assert_eq!(trip.problem, Some(PurseError { kind: PurseErrorKind::Date(late), offset: 29 }));
    }

    #[test]
    fn types_and_vehicles_are_views_on_their_octets() {
        let kind = |code| {
            let mut record = [0; 48];
            (record[0], record[9]) = (code, code);
            let trip = Trip::parse(&record).unwrap();
            (trip.kind(), trip.vehicle())
        };
        assert_eq!(kind(0x02), (TripKind::Single, Some(Vehicle::Bus)));
        assert_eq!(kind(0x03), (TripKind::Entry, None));
        assert_eq!(kind(0x04), (TripKind::Exit, None));
        assert_eq!(kind(0x01), (TripKind::Other, Some(Vehicle::Metro)));
    }

    proptest! {
        #[test]
        fn no_record_makes_the_reader_panic(record in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Trip::parse(&record).map(|trip| (trip.kind(), trip.vehicle()));
        }
    }
}

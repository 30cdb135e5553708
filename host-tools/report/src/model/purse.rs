//! Electronic purses in the report.

use tapcard_emv::purse::{Movement, TripKind, Vehicle};
use tapcard_emv::{Aid, Date, PurseKind, Time};
use tapcard_iso7816::Sfi;
use tapcard_terminal::Place;

/// An electronic purse; amounts in minor units of its currency.
pub struct Purse {
    /// Which kind, or the variant of it that an issuer made.
    pub kind: PurseKind,
    /// Serial number as the issuer prints it.
    pub serial: Option<String>,
    /// The octets of the serial number as the card has them.
    pub serial_octets: Option<Vec<u8>>,
    /// The serial number, where it is one in binary.
    pub serial_number: Option<u32>,
    /// The balance by the rule of this purse; below zero when it is overdrawn.
    pub balance: Option<i64>,
    /// ISO 4217 number of its currency: not told by the card, but fixed for the kind.
    pub currency: u16,
    /// Decimals of that currency.
    pub exponent: u8,
    /// First day of validity.
    pub valid_from: Option<Date>,
    /// Last day or month of validity.
    pub valid_to: Option<Date>,
    /// Issuer code.
    pub issuer: Option<Vec<u8>>,
    /// City code.
    pub city: Option<Vec<u8>>,
    /// Application type: 02 for an e-purse of JR/T 0025.2.
    pub application_type: Option<Vec<u8>>,
    /// Application version.
    pub application_version: Option<Vec<u8>>,
    /// What the issuer put behind the fixed fields.
    pub issuer_data: Option<Vec<u8>>,
    /// How many trips were made, behind a flag whose meaning is the issuer's.
    pub trip_count: Option<(u8, u32)>,
    /// Every register that was read, in the order met.
    pub registers: Vec<PurseRegister>,
    /// Files with public data: those that were read, and those that came with the FCI.
    pub files: Vec<PurseFile>,
    /// Log records of all files, the main one first, newest first; empty records are left out.
    pub log: Vec<PurseRecord>,
    /// Trips, newest first; empty records are left out.
    pub trips: Vec<PurseTrip>,
}

/// A register of a purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurseRegister {
    /// Its number: P1 of GET BALANCE.
    pub number: u8,
    /// The answer as the card gave it.
    pub octets: Vec<u8>,
    /// The amount in it.
    pub amount: Option<u64>,
}

/// A file with public data.
#[derive(Clone, PartialEq, Eq)]
pub struct PurseFile {
    /// Its short identifier.
    pub sfi: Sfi,
    /// Where the octets were: in the file itself or in the FCI.
    pub from: Place,
    /// Its content.
    pub octets: Vec<u8>,
}

/// One record of a purse's log.
#[derive(Clone, PartialEq, Eq)]
pub struct PurseRecord {
    /// The file.
    pub file: Sfi,
    /// Number of the transaction.
    pub sequence: u32,
    /// The type as the card has it.
    pub kind: u8,
    /// What that means.
    pub movement: Movement,
    /// The amount, never negative.
    pub amount: Option<u64>,
    /// The balance behind it.
    pub balance_after: Option<u64>,
    /// Overdraft limit, or reserved octets.
    pub overdraft: Option<Vec<u8>>,
    /// The terminal's number, or the merchant card's.
    pub terminal: Vec<u8>,
    /// The day, if the record has a year.
    pub date: Option<Date>,
    /// Month and day, if it has none.
    pub month_day: Option<(u8, u8)>,
    /// The time of day.
    pub time: Option<Time>,
    /// What the terminal stood in.
    pub vehicle: Option<Vehicle>,
    /// The record as read.
    pub raw: Vec<u8>,
}

/// One trip (JT/T 978).
#[derive(Clone, PartialEq, Eq)]
pub struct PurseTrip {
    /// The type as the card has it.
    pub code: u8,
    /// What that means.
    pub kind: TripKind,
    /// The terminal.
    pub terminal: Vec<u8>,
    /// The kind of vehicle as the card has it.
    pub vehicle_code: u8,
    /// What that means.
    pub vehicle: Option<Vehicle>,
    /// Line and station; each city has codes of its own.
    pub line_station: Vec<u8>,
    /// The fare.
    pub amount: u64,
    /// The balance behind it.
    pub balance_after: u64,
    /// The day.
    pub date: Option<Date>,
    /// The time of day.
    pub time: Option<Time>,
    /// City code.
    pub city: Vec<u8>,
    /// Acquirer.
    pub acquirer: Vec<u8>,
    /// Octets for later use.
    pub reserved: Vec<u8>,
    /// The record as read.
    pub raw: Vec<u8>,
}

/// The balance of a purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurseBalance {
    /// The application that it is; `None`: a purse without a name.
    pub aid: Option<Aid>,
    /// Its label, from the directory or the FCI.
    pub label: Option<String>,
    /// Which kind.
    pub kind: PurseKind,
    /// The balance in minor units; below zero when it is overdrawn.
    pub balance: i64,
    /// ISO 4217 number of the currency.
    pub currency: u16,
    /// Decimals of that currency.
    pub exponent: u8,
}

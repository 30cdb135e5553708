//! A purse out of its registers, files and records, by its description in `tapcard_emv::purse`.

use tapcard_emv::purse::{self, FciCopy, LogDate, LogRecord, PublicData, PurseError, is_blank, schema::MAX_FILES};
use tapcard_emv::{Amount, PurseKind};
use tapcard_iso7816::Sfi;
use tapcard_terminal::Place;

use crate::model::{Purse, PurseFile, PurseRecord, PurseRegister, PurseTrip, Transaction, Warning};

/// A purse as far as it was told.
pub(crate) struct Collected {
    description: &'static purse::Purse,
    fci: Vec<u8>,
    registers: Vec<(u8, Vec<u8>)>,
    files: Vec<(Sfi, Vec<u8>)>,
    records: Vec<(Sfi, u8, Vec<u8>)>,
}

impl Collected {
    pub(crate) const fn new(description: &'static purse::Purse) -> Self {
        Self { description, fci: Vec::new(), registers: Vec::new(), files: Vec::new(), records: Vec::new() }
    }

    pub(crate) const fn description(&self) -> &'static purse::Purse {
        self.description
    }

    /// Takes the FCI; whether it holds something else than BER-TLV.
    pub(crate) fn fci(&mut self, fci: &[u8]) -> bool {
        self.fci = fci.to_vec();
        self.description.opaque_fci
    }

    pub(crate) fn register(&mut self, number: u8, octets: &[u8]) {
        self.registers.push((number, octets.to_vec()));
    }

    pub(crate) fn file(&mut self, sfi: Sfi, octets: &[u8]) {
        self.files.push((sfi, octets.to_vec()));
    }

    pub(crate) fn record(&mut self, sfi: Sfi, number: u8, octets: &[u8]) {
        self.records.push((sfi, number, octets.to_vec()));
    }

    /// Whether anything but the FCI was told.
    pub(crate) fn told(&self) -> bool {
        !(self.registers.is_empty() && self.files.is_empty() && self.records.is_empty())
    }

    /// The purse, and its main log as transactions.
    pub(crate) fn finish(self, warnings: &mut Vec<Warning>) -> (Purse, Vec<Transaction>) {
        let mut files = [None; MAX_FILES];
        let mut sources = [Place::Fci; MAX_FILES];
        for ((file, octets), source) in self.description.files.iter().zip(&mut files).zip(&mut sources) {
            let read = self.files.iter().rev().find(|(sfi, _)| *sfi == file.sfi);
            let read = read.map(|(_, octets)| file.content(octets));
            let copy = file.copy_in(&self.fci);
            let from_fci = matches!(file.copy, FciCopy::Equal(_)) && copy.is_some() || read.is_none();
            *octets = if from_fci { copy } else { read };
            *source = if from_fci { Place::Fci } else { Place::File(file.sfi) };
        }
        let data = PublicData::new(self.description, files);
        let mut found = self.public(data, &sources, warnings);
        let listed = self.description.files.iter().zip(files).zip(sources);
        found.files = listed
            .filter_map(|((file, octets), from)| Some(PurseFile { sfi: file.sfi, from, octets: octets?.to_vec() }))
            .collect();
        found.balance = self.balance(warnings);
        found.registers = self.registers.iter().map(|(number, octets)| self.shown_register(*number, octets)).collect();
        found.log = self.log(data.purse(), warnings);
        found.trips = self.trips(warnings);
        let main = self.description.log.map(|log| log.sfi);
        let transactions = found.log.iter().filter(|record| Some(record.file) == main);
        let transactions = transactions.map(|record| transaction(record, found.currency)).collect();
        (found, transactions)
    }

    fn public(&self, data: PublicData<'_>, sources: &[Place; MAX_FILES], warnings: &mut Vec<Warning>) -> Purse {
        let purse = data.purse();
        let layout = purse.public;
        let mut take = Fields { sources, warnings };
        let serial = take.field(layout.serial.map(|(at, _)| at.file), data.serial());
        let octets = |octets: Option<&[u8]>| octets.map(<[u8]>::to_vec);
        Purse {
            kind: purse.kind,
            serial: serial.map(|serial| serial.to_string()),
            serial_octets: serial.map(|serial| serial.octets().to_vec()),
            serial_number: serial.and_then(|serial| serial.number()),
            balance: None,
            currency: purse.currency.number(),
            exponent: purse.exponent,
            valid_from: take.field(layout.valid_from.map(|(at, _)| at.file), data.valid_from()),
            valid_to: take.field(layout.valid_to.map(|(at, _)| at.file), data.valid_to()),
            issuer: octets(take.field(layout.issuer.map(|at| at.file), data.issuer())),
            city: octets(take.field(layout.city.map(|at| at.file), data.city())),
            application_type: octets(take.field(layout.application_type.map(|at| at.file), data.application_type())),
            application_version: octets(
                take.field(layout.application_version.map(|at| at.file), data.application_version()),
            ),
            issuer_data: octets(take.field(layout.issuer_data.map(|at| at.file), data.issuer_data())),
            trip_count: take.field(layout.trips.map(|at| at.file), data.trips()),
            registers: Vec::new(),
            files: Vec::new(),
            log: Vec::new(),
            trips: Vec::new(),
        }
    }

    /// By the latest answer of each register.
    fn balance(&self, warnings: &mut Vec<Warning>) -> Option<i64> {
        let latest = |wanted: u8| {
            let register = self.registers.iter().rev().find(|(number, _)| *number == wanted);
            register.map(|(_, octets)| octets.as_slice())
        };
        match self.description.balance(latest) {
            Ok(balance) => balance,
            Err(error) => {
                warnings.push(malformed("balance_malformed", "balance".to_owned(), error));
                None
            }
        }
    }

    fn shown_register(&self, number: u8, octets: &[u8]) -> PurseRegister {
        let amount = self.description.register(number).and_then(|register| register.amount.read(octets).ok());
        PurseRegister { number, octets: octets.to_vec(), amount: amount.map(Amount::minor) }
    }

    /// `description`: the variant whose layout applies.
    fn log(&self, description: &purse::Purse, warnings: &mut Vec<Warning>) -> Vec<PurseRecord> {
        let Some(log) = description.log else { return Vec::new() };
        let mut found = Vec::new();
        for file in description.log_files() {
            for (_, number, octets) in self.records.iter().filter(|(sfi, _, octets)| *sfi == file && !is_blank(octets))
            {
                let place = Place::PurseRecord(file, *number);
                match LogRecord::parse(log.layout, octets) {
                    Ok(record) => {
                        if let Some(problem) = record.problem {
                            warnings.push(malformed("log_record_malformed", place.to_string(), problem));
                        }
                        if !record.is_blank() {
                            found.push(log_record(file, &record, octets));
                        }
                    }
                    Err(error) => warnings.push(malformed("log_record_malformed", place.to_string(), error)),
                }
            }
        }
        found
    }

    fn trips(&self, warnings: &mut Vec<Warning>) -> Vec<PurseTrip> {
        let trips = self.records.iter().filter(|(sfi, _, _)| Some(*sfi) == self.description.trips);
        let mut found = Vec::new();
        for (sfi, number, octets) in trips.filter(|(_, _, octets)| !is_blank(octets)) {
            let place = Place::PurseRecord(*sfi, *number);
            match purse::Trip::parse(octets) {
                Ok(record) => {
                    if let Some(problem) = record.problem {
                        warnings.push(malformed("trip_malformed", place.to_string(), problem));
                    }
                    found.push(trip(&record, octets));
                }
                Err(error) => warnings.push(malformed("trip_malformed", place.to_string(), error)),
            }
        }
        found
    }
}

/// Fields of public data, with a warning for each that is broken.
struct Fields<'f> {
    sources: &'f [Place; MAX_FILES],
    warnings: &'f mut Vec<Warning>,
}

impl Fields<'_> {
    fn field<T>(&mut self, file: Option<u8>, field: Result<Option<T>, PurseError>) -> Option<T> {
        match field {
            Ok(value) => value,
            Err(error) => {
                let place = file.and_then(|file| self.sources.get(usize::from(file)));
                let at = place.map_or_else(String::new, ToString::to_string);
                let warning = malformed("purse_data_malformed", at, error);
                // A file that is too short breaks every field behind its end; one warning says so.
                if !self.warnings.iter().any(|known| (known.code, &known.at) == (warning.code, &warning.at)) {
                    self.warnings.push(warning);
                }
                None
            }
        }
    }
}

fn malformed(code: &'static str, at: String, error: PurseError) -> Warning {
    let at = if error.offset == 0 { at } else { format!("{at} byte {}", error.offset) };
    Warning { code, message: error.kind.to_string(), at }
}

fn log_record(file: Sfi, record: &LogRecord<'_>, raw: &[u8]) -> PurseRecord {
    let (date, month_day) = match record.date {
        Some(LogDate::Day(date)) => (Some(date), None),
        Some(LogDate::MonthDay { month, day }) => (None, Some((month, day))),
        None => (None, None),
    };
    PurseRecord {
        file,
        sequence: record.sequence,
        kind: record.kind,
        movement: record.movement,
        amount: record.amount.map(Amount::minor),
        balance_after: record.balance_after.map(Amount::minor),
        overdraft: record.overdraft.map(<[u8]>::to_vec),
        terminal: record.terminal.to_vec(),
        date,
        month_day,
        time: record.time,
        vehicle: record.vehicle,
        raw: raw.to_vec(),
    }
}

fn trip(record: &purse::Trip<'_>, raw: &[u8]) -> PurseTrip {
    PurseTrip {
        code: record.code,
        kind: record.kind(),
        terminal: record.terminal.to_vec(),
        vehicle_code: record.vehicle_code,
        vehicle: record.vehicle(),
        line_station: record.line_station.to_vec(),
        amount: record.amount.minor(),
        balance_after: record.balance_after.minor(),
        date: match record.date {
            Some(LogDate::Day(date)) => Some(date),
            Some(LogDate::MonthDay { .. }) | None => None,
        },
        time: record.time,
        city: record.city.to_vec(),
        acquirer: record.acquirer.to_vec(),
        reserved: record.reserved.to_vec(),
        raw: raw.to_vec(),
    }
}

fn transaction(record: &PurseRecord, currency: u16) -> Transaction {
    Transaction {
        date: record.date,
        time: record.time,
        amount: record.amount,
        amount_other: None,
        currency: Some(currency),
        country: None,
        merchant: None,
        kind: Some(record.kind),
        cid: None,
        atc: None,
        sequence: Some(record.sequence),
        terminal: Some(record.terminal.clone()),
        movement: Some(record.movement),
        raw: record.raw.clone(),
    }
}

/// The purse in which a recording says that it begins.
#[must_use]
pub(crate) fn by_word(word: &str) -> Option<PurseKind> {
    Some(match word {
        "t-union" => PurseKind::TUnion,
        "city-union" => PurseKind::CityUnion,
        "beijing" => PurseKind::Beijing,
        _ => return None,
    })
}

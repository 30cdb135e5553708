//! Reading a purse: its balance first, then what else it tells without a PIN, by the description of `tapcard_emv::purse`.
//!
//! Selecting it by its name is the business of [`super::find`], as for every application. A purse gets no GET PROCESSING
//! OPTIONS and no blind reading: its description says which files it has. The balance costs one command for each register
//! that the description's rule needs, so SELECT and one GET BALANCE for most; China T-Union takes two registers, and one
//! more if the card lacks the first pair.
//!
//! Purses without a name are found by [`super::nameless`].

use tapcard_emv::purse::{FciCopy, File, Purse, Selection, Structure, by_kind};
use tapcard_iso7816::{CapacityError, Command, Ins, Le, Sfi, StatusWord};

use super::nameless::without_name;
use super::report::{Place, Report};
use super::{Next, Reader, Search};
use crate::limits::MAX_PURSE_RECORDS;
use crate::reader::Depth;

/// A command to a purse.
#[derive(Clone, Copy)]
pub(super) enum PurseStep {
    /// The first or the second register of a rule.
    Rule {
        rule: usize,
        minus: bool,
    },
    /// A register beside the balance.
    Register(usize),
    /// SELECT of the DF that holds the files.
    Home,
    File(usize),
    /// A record of one of the files with log records.
    Log {
        file: usize,
        record: u8,
    },
    Trip(u8),
    /// The balance of the other purse in this DF.
    Sibling,
    /// SELECT of the MF, to look for purses without a name.
    MasterFile,
    /// The file under the MF by which a purse without a name is known.
    Mark(usize),
    /// SELECT of such a purse, by one of its ways.
    Select {
        purse: usize,
        way: usize,
    },
}

/// Progress within one purse.
#[derive(Clone, Copy)]
pub(super) struct PurseReading {
    pub(super) purse: &'static Purse,
    /// The files were read, or need not be.
    pub(super) files_known: bool,
}

impl PurseReading {
    /// A purse whose answer to SELECT is `fci`.
    pub(super) fn new(purse: &'static Purse, fci: &[u8]) -> Self {
        let copied = |file: &File| match file.copy {
            FciCopy::Equal(_) => file.copy_in(fci).is_some_and(|copy| !copy.is_empty()),
            FciCopy::None | FciCopy::Stale(_) => false,
        };
        Self { purse, files_known: purse.files.iter().all(copied) }
    }
}

impl Reader {
    fn purse(&self) -> Option<PurseReading> {
        self.application.purse
    }

    pub(super) fn send_purse(&self, step: PurseStep, out: &mut [u8]) -> Result<usize, CapacityError> {
        let select = |selection: Option<Selection>, out: &mut [u8]| match selection {
            Some(Selection::Name(name)) => Command::select_name(name).encode_into(out),
            Some(Selection::File(identifier)) => select_identifier(identifier, out),
            None => Ok(0),
        };
        let purse = self.purse().map(|reading| reading.purse);
        let command = match step {
            PurseStep::MasterFile => return select_identifier(MASTER_FILE, out),
            PurseStep::Home => return select(purse.and_then(|purse| purse.home), out),
            PurseStep::Select { purse, way } => {
                return select(without_name(purse).and_then(|purse| purse.select.get(way).copied()), out);
            }
            PurseStep::Mark(purse) => without_name(purse).and_then(|purse| read_file(purse, 0)),
            PurseStep::Rule { rule, minus } => purse.and_then(|purse| {
                let rule = purse.balance.get(rule)?;
                let register = if minus { rule.minus? } else { rule.plus };
                Some(register.ask.command())
            }),
            PurseStep::Register(index) => {
                purse.and_then(|purse| purse.registers.get(index)).map(|register| register.ask.command())
            }
            PurseStep::File(index) => purse.and_then(|purse| read_file(purse, index)),
            PurseStep::Log { file, record } => log_file(purse, file).map(|sfi| Command::read_record(sfi, record)),
            PurseStep::Trip(record) => purse.and_then(|purse| purse.trips).map(|sfi| Command::read_record(sfi, record)),
            PurseStep::Sibling => {
                sibling(purse).and_then(|purse| purse.balance.first()).map(|rule| rule.plus.ask.command())
            }
        };
        command.map_or(Ok(0), |command| command.encode_into(out))
    }

    pub(super) fn take_purse(&mut self, step: PurseStep, data: &[u8], sw: StatusWord) -> Next {
        match step {
            PurseStep::Rule { rule, minus } => self.take_rule(rule, minus, sw),
            PurseStep::Register(index) => {
                let number = self.purse().and_then(|reading| reading.purse.registers.get(index)).map(|r| r.number);
                self.answered(Place::Balance(number.unwrap_or_default()), sw);
                self.register(index + 1)
            }
            PurseStep::Home if self.answered(Place::Home, sw) => self.file(0),
            PurseStep::Home => self.sibling(),
            PurseStep::File(index) => self.take_file(index, sw),
            PurseStep::Log { file, record } => self.take_log(file, record, sw),
            PurseStep::Trip(record) => match self.purse().and_then(|reading| reading.purse.trips) {
                Some(sfi) if self.took_record(sfi, record, sw) => Next::Purse(PurseStep::Trip(record + 1)),
                _ => self.home(),
            },
            PurseStep::Sibling => self.take_sibling(sw),
            // Whether the MF can be selected does not matter: it may be the current DF anyway.
            PurseStep::MasterFile => {
                self.search = Search::Over;
                self.try_purse(0)
            }
            PurseStep::Mark(index) => self.take_mark(index, sw),
            PurseStep::Select { purse, way } => self.take_way(purse, way, data, sw),
        }
    }

    /// Reports the answer. `true`: it is one.
    fn answered(&mut self, place: Place, sw: StatusWord) -> bool {
        let there = sw == StatusWord::OK;
        self.report(if there { Report::Found(place) } else { Report::Refused(place, sw) });
        there
    }

    /// The first command to a purse that was selected.
    pub(super) fn first_register() -> Next {
        Next::Purse(PurseStep::Rule { rule: 0, minus: false })
    }

    fn take_rule(&mut self, rule: usize, minus: bool, sw: StatusWord) -> Next {
        let Some(found) = self.purse().and_then(|reading| reading.purse.balance.get(rule)) else {
            return self.after_balance();
        };
        let register = if minus { found.minus.map_or(0, |minus| minus.number) } else { found.plus.number };
        let there = self.answered(Place::Balance(register), sw);
        let more = self.purse().is_some_and(|reading| rule + 1 < reading.purse.balance.len());
        match (minus, there) {
            (false, true) if found.minus.is_some() => Next::Purse(PurseStep::Rule { rule, minus: true }),
            (false, false) if more => Next::Purse(PurseStep::Rule { rule: rule + 1, minus: false }),
            _ => self.after_balance(),
        }
    }

    fn after_balance(&self) -> Next {
        if matches!(self.plan.depth, Depth::Balance { .. }) {
            return self.next_application();
        }
        self.register(0)
    }

    fn register(&self, index: usize) -> Next {
        let reading = self.purse();
        if reading.is_some_and(|reading| index < reading.purse.registers.len()) {
            return Next::Purse(PurseStep::Register(index));
        }
        match reading {
            Some(reading) if reading.purse.home.is_none() && !reading.files_known => self.file(0),
            _ => self.log_record(0, 1),
        }
    }

    /// The file with this number; behind the last one what follows in the order of this purse.
    fn file(&self, index: usize) -> Next {
        let Some(PurseReading { purse, .. }) = self.purse() else { return self.next_application() };
        if index < purse.files.len() {
            return Next::Purse(PurseStep::File(index));
        }
        if purse.home.is_some() { self.sibling() } else { self.log_record(0, 1) }
    }

    fn take_file(&mut self, index: usize, sw: StatusWord) -> Next {
        if let Some(file) = self.purse().and_then(|reading| reading.purse.files.get(index)) {
            self.answered(Place::File(file.sfi), sw);
        }
        self.after_file(index)
    }

    /// What follows the file with this number: a purse that is known by its files is selected behind the last one.
    pub(super) fn after_file(&self, index: usize) -> Next {
        if index + 1 == self.purse().map_or(0, |reading| reading.purse.files.len())
            && let Some(purse) = self.marked
        {
            return Next::Purse(PurseStep::Select { purse, way: 0 });
        }
        self.file(index + 1)
    }

    fn log_record(&self, file: usize, record: u8) -> Next {
        if log_file(self.purse().map(|reading| reading.purse), file).is_some() {
            return Next::Purse(PurseStep::Log { file, record });
        }
        match self.purse().and_then(|reading| reading.purse.trips) {
            Some(_) => Next::Purse(PurseStep::Trip(1)),
            None => self.home(),
        }
    }

    fn take_log(&mut self, file: usize, record: u8, sw: StatusWord) -> Next {
        match log_file(self.purse().map(|reading| reading.purse), file) {
            Some(sfi) if self.took_record(sfi, record, sw) => self.log_record(file, record + 1),
            _ => self.log_record(file + 1, 1),
        }
    }

    /// Reports a record; whether there may be another one behind it.
    fn took_record(&mut self, sfi: Sfi, record: u8, sw: StatusWord) -> bool {
        let place = Place::PurseRecord(sfi, record);
        if sw == StatusWord::OK {
            self.report(Report::Found(place));
            return record < MAX_PURSE_RECORDS;
        }
        // The normal end of a file, or no such file.
        if !matches!(sw, StatusWord::RECORD_NOT_FOUND | StatusWord::FILE_NOT_FOUND) {
            self.report(Report::Refused(place, sw));
        }
        false
    }

    /// The files that stand in another DF, unless they are how the purse was found.
    fn home(&self) -> Next {
        match self.purse() {
            Some(reading) if reading.purse.home.is_some() && !reading.files_known => Next::Purse(PurseStep::Home),
            _ => self.sibling(),
        }
    }

    fn sibling(&self) -> Next {
        match self.purse() {
            Some(reading) if reading.purse.sibling.is_some() => Next::Purse(PurseStep::Sibling),
            Some(reading) if reading.purse.emv => self.question(0),
            _ => self.next_application(),
        }
    }

    fn take_sibling(&mut self, sw: StatusWord) -> Next {
        let sibling = sibling(self.purse().map(|reading| reading.purse));
        if let Some(sibling) = sibling
            && sw == StatusWord::OK
        {
            self.report(Report::Purse(sibling.kind));
            let number = sibling.balance.first().map_or(0, |rule| rule.plus.number);
            self.report(Report::Found(Place::Balance(number)));
        }
        self.next_application()
    }
}

/// The identifier of the MF (ISO/IEC 7816-4:2005, 5.3.1.1).
const MASTER_FILE: u16 = 0x3F00;

/// SELECT by file identifier (ISO/IEC 7816-4:2005, 7.1.1): `00 A4 00 00 02 fid 00`.
fn select_identifier(identifier: u16, out: &mut [u8]) -> Result<usize, CapacityError> {
    let identifier = identifier.to_be_bytes();
    let command = Command::new(0x00, Ins::Select, 0x00, 0x00).with_data(&identifier);
    command.with_le(Le::MAX_SHORT).encode_into(out)
}

fn read_file(purse: &Purse, index: usize) -> Option<Command<'static>> {
    let file = purse.files.get(index)?;
    Some(match file.structure {
        Structure::Binary => Command::read_binary_sfi(file.sfi, 0),
        Structure::Record(record) => Command::read_record(file.sfi, record),
    })
}

fn log_file(purse: Option<&Purse>, index: usize) -> Option<Sfi> {
    purse?.log_files().nth(index)
}

fn sibling(purse: Option<&Purse>) -> Option<&'static Purse> {
    purse?.sibling.map(by_kind)
}

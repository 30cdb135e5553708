//! The reading flow: everything a card tells, as a machine without I/O.
//!
//! It finds the applications (PPSE, else PSE, else the terminal's list), reads each of them as deep as its [`Plan`] says, and
//! reports what each answer is. It keeps candidates, PDOL, AFL and a few flags, never the card's data: what is read stays in
//! the owner's buffer. Reading is free of side effects unless the plan is [`Depth::Full`].
//!
//! The PPSE is asked first on both interfaces: it lists all applications in one answer, where the PSE takes a command for
//! each record of its directory file.
//!
//! A purse is read by its description in `tapcard_emv::purse` instead: balance, public data, log, trips.
//!
//! EMV 4.4 Book 1, 12 (selection); Book 3, 10.1 and 10.2 (initiation, records); JR/T 0025.13 (electronic cash). Where a
//! payment must end, a reader goes on with a warning: people want to see what is on a strange card.

mod application;
mod directory;
mod find;
mod nameless;
mod plan;
mod purse;
mod read;
mod report;

pub use plan::{Depth, Plan};
pub use report::{FoundBy, LogKind, Outcome, Place, Report, Warning, WarningKind};

use core::convert::Infallible;

use heapless::Deque;
use tapcard_emv::{Dol, tag, terminal_list};
use tapcard_flow::{Action, Input, Machine, Millis};
use tapcard_iso7816::{CapacityError, Command, Response, Sfi, StatusWord, Tag, TlvWriter, Walk};

use self::application::{Application, RecordCursor};
use self::directory::{Candidate, Candidates, PPSE, PSE};
use self::plan::QUESTIONS;
use self::purse::PurseStep;
use crate::limits::MAX_COMMANDS;
use crate::terminal_data::TerminalData;

/// Reports that one answer can cause.
const MAX_REPORTS: usize = 8;

/// The reading flow; see the [module](self).
pub struct Reader {
    plan: Plan,
    terminal: TerminalData,
    candidates: Candidates,
    found_by: FoundBy,
    application: Application,
    reports: Deque<Report, MAX_REPORTS>,
    /// The command to send; once it is sent, the one whose answer is awaited.
    next: Next,
    awaiting: bool,
    search: Search,
    commands: u16,
    /// Check sum of the last directory record: a card that repeats itself is stopped.
    directory_sum: Option<u32>,
    /// The purse without a name whose files under the MF gave it away.
    marked: Option<usize>,
}

/// A command of the flow, or its end.
#[derive(Clone, Copy)]
enum Next {
    Ppse,
    Pse,
    DirectoryRecord {
        file: Sfi,
        record: u8,
    },
    /// SELECT of a candidate out of a directory, or of the one that the plan names.
    Candidate(usize),
    /// SELECT of an entry of the terminal's list; occurrence 0 is the first.
    ListEntry {
        entry: usize,
        occurrence: u8,
    },
    Options {
        with_data: bool,
    },
    Record(RecordCursor),
    Question(usize),
    LogFormat(LogKind),
    LogRecord(LogKind, u8),
    Purse(PurseStep),
    End(Outcome),
}

/// Where to go on after an application.
#[derive(Clone, Copy)]
enum Search {
    Candidate(usize),
    ListEntry {
        entry: usize,
        occurrence: u8,
        again: bool,
    },
    /// Nothing follows.
    Over,
}

impl Reader {
    /// A reading by `plan`, as the terminal that `terminal` describes.
    #[must_use]
    pub fn new(plan: Plan, terminal: TerminalData) -> Self {
        let mut candidates = Candidates::new();
        let (next, found_by) = match plan.aid {
            // A list of one cannot be full.
            Some(aid) => {
                let _ = candidates.add(Candidate { aid, priority: 0 });
                (Next::Candidate(0), FoundBy::Given)
            }
            None => (Next::Ppse, FoundBy::Ppse),
        };
        Self {
            plan,
            terminal,
            candidates,
            found_by,
            application: Application::new(),
            reports: Deque::new(),
            next,
            awaiting: false,
            search: Search::Candidate(0),
            commands: 0,
            directory_sum: None,
            marked: None,
        }
    }

    fn report(&mut self, report: Report) {
        // Eight are more than any one answer causes; a further one would be a repetition.
        let _ = self.reports.push_back(report);
    }

    fn warn(&mut self, place: Place, kind: WarningKind) {
        self.warn_at(place, 0, kind);
    }

    fn warn_at(&mut self, place: Place, offset: usize, kind: WarningKind) {
        self.report(Report::Warning(Warning { place, offset, kind }));
    }

    /// Warns of malformed BER-TLV in `data`.
    fn check_tlv(&mut self, place: Place, data: &[u8]) {
        if let Some(Err(error)) = Walk::new(data).find(Result::is_err) {
            self.warn_at(place, error.offset, WarningKind::Tlv(error.kind));
        }
    }

    fn take(&mut self, answer: &[u8]) {
        let response = Response::parse(answer).unwrap_or(Response { data: &[], sw: StatusWord::new(0) });
        let Response { data, sw } = response;
        self.next = match self.next {
            Next::Ppse => self.take_ppse(data, sw),
            Next::Pse => self.take_pse(data, sw),
            Next::DirectoryRecord { file, record } => self.take_directory_record(file, record, data, sw),
            Next::Candidate(index) => self.take_candidate(index, data, sw),
            Next::ListEntry { entry, occurrence } => self.take_list_entry(entry, occurrence, data, sw),
            Next::Options { with_data } => self.take_options(with_data, data, sw),
            Next::Record(cursor) => self.take_record(cursor, data, sw),
            Next::Question(index) => self.take_answer(index, data, sw),
            Next::LogFormat(kind) => self.take_log_format(kind, data, sw),
            Next::LogRecord(kind, number) => self.take_log_record(kind, number, data, sw),
            Next::Purse(step) => self.take_purse(step, data, sw),
            Next::End(outcome) => Next::End(outcome),
        };
    }

    fn send(&mut self, out: &mut [u8]) -> Result<usize, CapacityError> {
        match self.next {
            Next::Ppse => Command::select_name(PPSE).encode_into(out),
            Next::Pse => Command::select_name(PSE).encode_into(out),
            Next::DirectoryRecord { file, record } => Command::read_record(file, record).encode_into(out),
            Next::Candidate(index) => match self.candidates.get(index) {
                Some(candidate) => Command::select_name(candidate.aid.as_bytes()).encode_into(out),
                None => Ok(0),
            },
            Next::ListEntry { entry, occurrence } => match terminal_list().get(entry) {
                Some(known) if occurrence == 0 => Command::select_name(known.aid.as_bytes()).encode_into(out),
                Some(known) => Command::select_next(known.aid.as_bytes()).encode_into(out),
                None => Ok(0),
            },
            Next::Options { with_data } => self.send_options(with_data, out),
            Next::Record(cursor) => {
                let (sfi, record) = cursor.position();
                Command::read_record(sfi, record).encode_into(out)
            }
            Next::Question(index) => match QUESTIONS.get(index) {
                Some(question) => Command::get_data(question.tag).encode_into(out),
                None => Ok(0),
            },
            Next::LogFormat(kind) => Command::get_data(log_format_tag(kind)).encode_into(out),
            Next::LogRecord(kind, number) => match self.application.log(kind) {
                Some(entry) => Command::read_record(entry.sfi, number).encode_into(out),
                None => Ok(0),
            },
            Next::Purse(step) => self.send_purse(step, out),
            Next::End(_) => Ok(0),
        }
    }

    /// GET PROCESSING OPTIONS with the PDOL's data in template 83 (EMV 4.4 Book 3, 6.5.8).
    fn send_options(&mut self, with_data: bool, out: &mut [u8]) -> Result<usize, CapacityError> {
        let mut values = [0; 252];
        let filled = if with_data && !self.application.pdol.is_empty() {
            Dol::new(&self.application.pdol).fill_into(&mut values, |wanted| self.terminal.value(wanted)).ok()
        } else {
            Some(0)
        };
        if filled.is_none() {
            self.warn(Place::Fci, WarningKind::BadPdol);
        }
        let mut template = [0; 255];
        let mut writer = TlvWriter::new(&mut template);
        writer.primitive(tag::COMMAND_TEMPLATE, values.get(..filled.unwrap_or(0)).unwrap_or_default())?;
        Command::get_processing_options(writer.written()).encode_into(out)
    }
}

impl Machine for Reader {
    type Report = Report;
    type Question = Infallible;
    type Outcome = Outcome;

    /// `out` must hold a short C-APDU: [`tapcard_iso7816::MAX_SHORT_COMMAND`] octets.
    fn step(&mut self, _now: Millis, input: Input<'_>, out: &mut [u8]) -> Action<Report, Infallible, Outcome> {
        match input {
            Input::Received(answer) if self.awaiting => {
                self.awaiting = false;
                self.take(answer);
            }
            Input::CardLost | Input::Timeout if !matches!(self.next, Next::End(_)) => {
                self.next = Next::End(Outcome::CardLost);
            }
            _ => {}
        }
        if let Some(report) = self.reports.pop_front() {
            return Action::Report(report);
        }
        if self.commands >= MAX_COMMANDS && !matches!(self.next, Next::End(_)) {
            self.next = Next::End(Outcome::TooManyCommands);
        }
        if let Next::End(outcome) = self.next {
            return Action::Done(outcome);
        }
        match self.send(out) {
            Ok(length) => {
                self.commands += 1;
                self.awaiting = true;
                Action::Transmit(length)
            }
            Err(_) => {
                self.next = Next::End(Outcome::BufferTooSmall);
                Action::Done(Outcome::BufferTooSmall)
            }
        }
    }
}

const fn log_format_tag(kind: LogKind) -> Tag {
    match kind {
        LogKind::Transactions => tag::LOG_FORMAT,
        LogKind::Loads => tag::LOAD_LOG_FORMAT,
    }
}

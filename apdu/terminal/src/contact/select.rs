//! Application selection: PSE, else the terminal's list, then the final choice (EMV 4.4 Book 1, 12; Book 4, 11.3).

use tapcard_emv::tag;
use tapcard_flow::checksum::Crc32;
use tapcard_iso7816::{Sfi, StatusWord, TlvWriter};

use super::candidate::{Candidate, read_fci, read_pse};
use super::outcome::{Reason, Report, Step};
use super::{Contact, Next};
use crate::limits::MAX_OCCURRENCES;

/// Name of the directory.
pub(super) const PSE: &[u8] = b"1PAY.SYS.DDF01";

/// SW1-SW2 of a blocked application or directory.
const BLOCKED: u16 = 0x6283;
/// SW1-SW2 of a blocked card, or of one without SELECT.
const NOT_SUPPORTED: u16 = 0x6A81;
/// SW1-SW2 behind the last record.
const RECORD_NOT_FOUND: u16 = 0x6A83;

/// Where the candidates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FoundBy {
    /// The card's directory.
    Pse,
    /// The terminal's list, tried name by name.
    TerminalList,
}

impl Contact<'_> {
    pub(super) fn take_pse(&mut self, data: &[u8], sw: StatusWord) -> Next {
        if sw.get() == NOT_SUPPORTED {
            return self.terminate(Reason::CardBlocked);
        }
        let pse = if sw.is_ok() { read_pse(data) } else { None };
        match pse.and_then(|(sfi, code_table)| Some((Sfi::new(sfi)?, code_table))) {
            Some((sfi, code_table)) => {
                self.code_table = code_table;
                Next::Directory { sfi, record: 1 }
            }
            None => self.begin_list(),
        }
    }

    /// A record that cannot be read or used makes the whole directory useless: so the work is bounded.
    pub(super) fn take_directory(&mut self, sfi: Sfi, record: u8, data: &[u8], sw: StatusWord) -> Next {
        if sw.get() == RECORD_NOT_FOUND {
            return self.end_directory();
        }
        let sum = Crc32::new().with(data).value();
        let repeats = record > 1 && sum == self.directory_sum;
        self.directory_sum = sum;
        let applications = self.terminal.applications;
        if !sw.is_ok() || repeats || self.candidates.add_directory(data, self.code_table, applications).is_none() {
            return self.begin_list();
        }
        match record.checked_add(1) {
            Some(record) => Next::Directory { sfi, record },
            None => self.end_directory(),
        }
    }

    fn end_directory(&mut self) -> Next {
        if self.candidates.all().is_empty() {
            return self.begin_list();
        }
        self.report(Report::Candidates(FoundBy::Pse));
        self.choose()
    }

    fn begin_list(&mut self) -> Next {
        self.candidates.clear();
        self.list_entry(0)
    }

    fn list_entry(&mut self, entry: usize) -> Next {
        if entry < self.terminal.applications.len() {
            return Next::List { entry, occurrence: 0 };
        }
        self.report(Report::Candidates(FoundBy::TerminalList));
        self.choose()
    }

    /// An answer to SELECT with a name of the terminal's list (EMV 4.4 Book 1, 12.3.3).
    pub(super) fn take_list(&mut self, entry: usize, occurrence: u8, data: &[u8], sw: StatusWord) -> Next {
        if sw.get() == NOT_SUPPORTED && occurrence == 0 {
            return self.terminate(Reason::CardBlocked);
        }
        let blocked = sw.get() == BLOCKED;
        let Some(application) = self.terminal.applications.get(entry) else { return self.list_entry(entry + 1) };
        let fci = if sw.is_ok() || blocked { read_fci(data) } else { None };
        let Some((name, proprietary)) = fci.filter(|(name, _)| name.starts_with(&application.aid)) else {
            return self.list_entry(entry + 1);
        };
        let whole = name == application.aid;
        // A card that names the same application again has no further one.
        let again = occurrence > 0 && self.last_occurrence == Some(name);
        self.last_occurrence = Some(name);
        if again || !(whole || application.partial_selection) {
            return self.list_entry(entry + 1);
        }
        if !blocked {
            self.candidates.add(Candidate::read(name, entry, proprietary, 0));
        }
        if whole || occurrence >= MAX_OCCURRENCES {
            return self.list_entry(entry + 1);
        }
        Next::List { entry, occurrence: occurrence + 1 }
    }

    /// The final choice (EMV 4.4 Book 1, 12.4).
    pub(super) fn choose(&mut self) -> Next {
        let candidates = self.candidates.all();
        match candidates {
            [] => self.terminate(Reason::NoApplication),
            [only] if !only.needs_confirmation() => Next::Select(0),
            _ if self.terminal.cardholder_selection => Next::Choose,
            _ => match candidates.iter().position(|candidate| !candidate.needs_confirmation()) {
                Some(first) => Next::Select(first),
                None => self.terminate(Reason::NoApplication),
            },
        }
    }

    /// The cardholder's choice.
    pub(super) fn take_choice(&mut self, answer: &[u8]) -> Next {
        match answer {
            [place] if usize::from(*place) < self.candidates.all().len() => Next::Select(usize::from(*place)),
            _ => self.terminate(Reason::Cancelled),
        }
    }

    /// The answer to the final SELECT: the application must have the name that was sent.
    pub(super) fn take_select(&mut self, index: usize, data: &[u8], sw: StatusWord) -> Next {
        let Some(candidate) = self.candidates.all().get(index) else { return self.choose() };
        let entry = candidate.entry;
        let fci = if sw.is_ok() { read_fci(data) } else { None };
        let Some((_, proprietary)) = fci.filter(|(name, _)| *name == candidate.name) else {
            self.candidates.remove(index);
            return self.choose();
        };
        let name = candidate.name;
        self.begin_attempt(entry, index);
        let mut object = [0; 18];
        let mut writer = TlvWriter::new(&mut object);
        let named = writer.primitive(tag::DF_NAME, name.as_bytes());
        if named.is_err() || self.card.add(writer.written()).is_err() || self.card.add(proprietary).is_err() {
            return self.terminate(Reason::TooMuchData);
        }
        self.report(Report::Done(Step::Selection));
        Next::Options
    }
}

//! What the flow remembers of the application under reading: a few flags and lists, never the card's data.

use heapless::Vec;
use tapcard_emv::pboc::LogEntry;
use tapcard_emv::{Afl, AflEntry, CvmList, GpoAnswer, tag};
use tapcard_iso7816::{Sfi, Tag, Walk, find_deep};

use super::purse::PurseReading;
use super::report::{LogKind, WarningKind};
use crate::limits::{LAST_BLIND_SFI, MAX_AFL, MAX_BLIND_RECORDS, MAX_LISTED_RECORDS, MAX_PDOL};

/// Progress within one application.
pub(super) struct Application {
    /// PDOL of the FCI; empty: none.
    pub(super) pdol: Vec<u8, MAX_PDOL>,
    /// AFL of the answer to GET PROCESSING OPTIONS.
    afl: Vec<u8, MAX_AFL>,
    /// Transaction and load log.
    logs: [Option<LogEntry>; 2],
    /// The ATC came with a complete answer to GET PROCESSING OPTIONS.
    pub(super) atc_known: bool,
    /// Whether the CVM list has offline PIN; `None`: no CVM list was seen.
    pub(super) offline_pin: Option<bool>,
    /// 9F14 or 9F23 was seen.
    pub(super) velocity: bool,
    /// By its name it may hold electronic cash.
    pub(super) may_hold_cash: bool,
    /// It answered 9F79.
    pub(super) cash: bool,
    /// It answered DF71.
    pub(super) second_cash: bool,
    /// Records named by the AFL that were asked for.
    listed: u16,
    /// The purse that it is.
    pub(super) purse: Option<PurseReading>,
}

/// The record that is asked for next.
#[derive(Clone, Copy)]
pub(super) enum RecordCursor {
    /// Entry of the AFL and record number.
    Listed { entry: usize, sfi: Sfi, record: u8 },
    /// File and record number without an AFL.
    Blind { sfi: Sfi, record: u8 },
}

impl RecordCursor {
    pub(super) const fn position(self) -> (Sfi, u8) {
        match self {
            Self::Listed { sfi, record, .. } | Self::Blind { sfi, record } => (sfi, record),
        }
    }
}

/// What the answer to GET PROCESSING OPTIONS means for reading on.
pub(super) enum OptionsRead {
    /// Read the records of the AFL.
    Listed,
    /// The card has told everything in this answer: format 2 without AFL, as in an online transaction over RF
    /// (EMV Contactless Book C-3, 2.5; JR/T 0025.12).
    NothingToRead,
    /// The answer cannot be used.
    Unusable(WarningKind),
}

impl Application {
    pub(super) const fn new() -> Self {
        Self {
            pdol: Vec::new(),
            afl: Vec::new(),
            logs: [None, None],
            atc_known: false,
            offline_pin: None,
            velocity: false,
            may_hold_cash: false,
            cash: false,
            second_cash: false,
            listed: 0,
            purse: None,
        }
    }

    /// Takes what later steps need from an FCI. The error says which object is bad.
    pub(super) fn note_fci(&mut self, fci: &[u8]) -> Result<(), WarningKind> {
        let bad_pdol = match find_deep(fci, tag::PDOL) {
            Some(pdol) => self.pdol.extend_from_slice(pdol).is_err(),
            None => false,
        };
        self.note_log_entries(fci)?;
        if bad_pdol { Err(WarningKind::BadPdol) } else { Ok(()) }
    }

    fn note_log_entries(&mut self, data: &[u8]) -> Result<(), WarningKind> {
        for (slot, entry_tag) in self.logs.iter_mut().zip([tag::LOG_ENTRY, tag::LOAD_LOG_ENTRY]) {
            if let Some(value) = find_deep(data, entry_tag) {
                *slot = Some(LogEntry::parse(value).map_err(|_| WarningKind::BadLogEntry)?);
            }
        }
        Ok(())
    }

    pub(super) fn log(&self, kind: LogKind) -> Option<LogEntry> {
        let [transactions, loads] = self.logs;
        match kind {
            LogKind::Transactions => transactions,
            LogKind::Loads => loads,
        }
    }

    pub(super) fn note_options(&mut self, answer: &[u8]) -> OptionsRead {
        self.note_objects(answer);
        let Ok(options) = GpoAnswer::parse(answer) else { return OptionsRead::Unusable(WarningKind::BadOptions) };
        let Some(afl) = options.afl else { return OptionsRead::NothingToRead };
        self.atc_known = find_deep(answer, tag::ATC).is_some();
        if self.afl.extend_from_slice(afl).is_err() || Afl::parse(&self.afl).is_err() {
            self.afl.clear();
            return OptionsRead::Unusable(WarningKind::BadAfl);
        }
        OptionsRead::Listed
    }

    /// Looks at objects that decide which questions are worth asking; malformed octets are somebody else's warning.
    pub(super) fn note_objects(&mut self, data: &[u8]) {
        for object in Walk::new(data) {
            let Ok((_, object)) = object else { break };
            match object.tag {
                tag::CVM_LIST => {
                    let here = CvmList::parse(object.value).is_ok_and(|list| list.has_offline_pin());
                    self.offline_pin = Some(here || self.offline_pin == Some(true));
                }
                tag::LOWER_CONSECUTIVE_OFFLINE_LIMIT | tag::UPPER_CONSECUTIVE_OFFLINE_LIMIT => self.velocity = true,
                _ => {}
            }
        }
    }

    /// Takes the answer to a question. `true`: it was the object that was asked for.
    pub(super) fn note_answer(&mut self, asked: Tag, answer: &[u8]) -> bool {
        if tapcard_iso7816::find(answer, asked).is_none() {
            return false;
        }
        match asked {
            tag::EC_BALANCE => self.cash = true,
            tag::EC2_CURRENCY_CODE => self.second_cash = true,
            _ => {}
        }
        true
    }

    /// The first record of the AFL.
    pub(super) fn first_listed(&mut self) -> Option<RecordCursor> {
        self.listed = 1;
        self.listed_at(0)
    }

    fn listed_at(&self, entry: usize) -> Option<RecordCursor> {
        self.afl_entry(entry).map(|found| RecordCursor::Listed { entry, sfi: found.sfi, record: found.first })
    }

    fn afl_entry(&self, index: usize) -> Option<AflEntry> {
        Afl::parse(&self.afl).ok()?.iter().nth(index)
    }

    pub(super) fn first_blind() -> Option<RecordCursor> {
        Sfi::new(1).map(|sfi| RecordCursor::Blind { sfi, record: 1 })
    }

    /// The record after `cursor`; `there`: whether the card had that one. `Err`: there may be more, but it is enough.
    pub(super) fn next_record(
        &mut self,
        cursor: RecordCursor,
        there: bool,
    ) -> Result<Option<RecordCursor>, WarningKind> {
        match cursor {
            RecordCursor::Blind { record, .. } if there && record == MAX_BLIND_RECORDS => {
                Err(WarningKind::TooManyRecords)
            }
            RecordCursor::Blind { sfi, record } if there => {
                Ok(Some(RecordCursor::Blind { sfi, record: record.saturating_add(1) }))
            }
            RecordCursor::Blind { sfi, .. } => Ok(Self::next_blind_file(sfi)),
            RecordCursor::Listed { entry, sfi, record } => {
                let next = self.next_listed(entry, sfi, record, there);
                if next.is_some() && self.listed >= MAX_LISTED_RECORDS {
                    return Err(WarningKind::TooManyRecords);
                }
                self.listed = self.listed.saturating_add(1);
                Ok(next)
            }
        }
    }

    fn next_listed(&self, entry: usize, sfi: Sfi, record: u8, there: bool) -> Option<RecordCursor> {
        let last = self.afl_entry(entry).map_or(0, |found| found.last);
        // Behind a missing record there is nothing: the file ends there.
        if there && record < last {
            return Some(RecordCursor::Listed { entry, sfi, record: record.saturating_add(1) });
        }
        self.listed_at(entry + 1)
    }

    pub(super) fn next_blind_file(sfi: Sfi) -> Option<RecordCursor> {
        let next = sfi.get() + 1;
        if next > LAST_BLIND_SFI {
            return None;
        }
        Sfi::new(next).map(|sfi| RecordCursor::Blind { sfi, record: 1 })
    }
}

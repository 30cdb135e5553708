//! Reading one application: options, records, questions, logs (EMV 4.4 Book 3, 10.1, 10.2, Annex D; JR/T 0025.13).

use tapcard_emv::purse::by_name;
use tapcard_emv::{Aid, tag};
use tapcard_iso7816::{StatusWord, Tlvs, find};

use super::application::{Application, OptionsRead, RecordCursor};
use super::plan::{Depth, QUESTIONS, may_hold_electronic_cash};
use super::purse::PurseReading;
use super::report::{LogKind, Place, Report, WarningKind};
use super::{Next, Reader, log_format_tag};
use crate::limits::LAST_BLIND_SFI;

impl Reader {
    /// Takes the FCI of a selected application.
    pub(super) fn read_application(&mut self, aid: Aid, data: &[u8], sw: StatusWord) -> Next {
        let purse = by_name(aid.as_bytes());
        self.application = Application::new();
        self.application.may_hold_cash = may_hold_electronic_cash(&aid);
        self.application.purse = purse.map(|purse| PurseReading::new(purse, data));
        self.report(Report::Found(Place::Fci));
        if find(data, tag::FCI_TEMPLATE).is_none() {
            self.warn(Place::Fci, WarningKind::NoFci);
        }
        if purse.is_none_or(|purse| !purse.opaque_fci) {
            self.check_tlv(Place::Fci, data);
            if let Err(kind) = self.application.note_fci(data) {
                self.warn(Place::Fci, kind);
            }
        }
        if sw != StatusWord::OK {
            self.warn(Place::Fci, WarningKind::SelectedWithStatus(sw));
        }
        // 6283: the application is blocked; it answers nothing else (EMV 4.4 Book 1, 12.3.3).
        if sw == StatusWord::SELECTED_FILE_INVALIDATED {
            return self.next_application();
        }
        match self.plan.depth {
            _ if purse.is_some() => Self::first_register(),
            Depth::Balance { .. } => self.question(0),
            Depth::Safe => self.first_blind_record(),
            Depth::Full => Next::Options { with_data: true },
        }
    }

    pub(super) fn take_options(&mut self, with_data: bool, data: &[u8], sw: StatusWord) -> Next {
        if sw == StatusWord::OK {
            self.report(Report::Found(Place::Options));
            self.check_tlv(Place::Options, data);
            return match self.application.note_options(data) {
                OptionsRead::Listed => self.record_or_question(None),
                OptionsRead::NothingToRead => self.question(0),
                OptionsRead::Unusable(kind) => {
                    self.warn(Place::Options, kind);
                    self.first_blind_record()
                }
            };
        }
        // Some cards list a PDOL and then take no data for it.
        if sw == StatusWord::WRONG_LENGTH && with_data && !self.application.pdol.is_empty() {
            self.warn(Place::Options, WarningKind::OptionsRetried);
            return Next::Options { with_data: false };
        }
        self.report(Report::Refused(Place::Options, sw));
        // EMV 4.4 Book 3, 10.1: the application is not to be used; it would refuse its records as well.
        if sw == StatusWord::CONDITIONS_NOT_SATISFIED {
            return self.next_application();
        }
        self.first_blind_record()
    }

    pub(super) fn first_blind_record(&self) -> Next {
        Application::first_blind().map_or_else(|| self.question(0), Next::Record)
    }

    pub(super) fn record_or_question(&mut self, after: Option<RecordCursor>) -> Next {
        match after.or_else(|| self.application.first_listed()) {
            Some(cursor) => Next::Record(cursor),
            None => self.question(0),
        }
    }

    pub(super) fn take_record(&mut self, cursor: RecordCursor, data: &[u8], sw: StatusWord) -> Next {
        let (sfi, number) = cursor.position();
        let place = Place::Record(sfi, number);
        let there = sw == StatusWord::OK;
        if there {
            self.report(Report::Found(place));
            self.check_tlv(place, data);
            if sfi.get() <= LAST_BLIND_SFI && !is_one_template_70(data) {
                self.warn(place, WarningKind::NotOneTemplate70);
            }
            self.application.note_objects(data);
        } else {
            self.note_missing_record(cursor, place, sw);
        }
        match self.application.next_record(cursor, there) {
            Ok(Some(cursor)) => Next::Record(cursor),
            Ok(None) => self.question(0),
            Err(kind) => {
                self.warn(place, kind);
                match cursor {
                    RecordCursor::Blind { sfi, .. } => {
                        Application::next_blind_file(sfi).map_or_else(|| self.question(0), Next::Record)
                    }
                    RecordCursor::Listed { .. } => self.question(0),
                }
            }
        }
    }

    pub(super) fn note_missing_record(&mut self, cursor: RecordCursor, place: Place, sw: StatusWord) {
        match cursor {
            RecordCursor::Listed { .. } => self.warn(place, WarningKind::ListedRecordMissing(sw)),
            // The normal end of a file, or no such file.
            RecordCursor::Blind { .. } if matches!(sw, StatusWord::RECORD_NOT_FOUND | StatusWord::FILE_NOT_FOUND) => {}
            RecordCursor::Blind { .. } => self.report(Report::Refused(place, sw)),
        }
    }

    /// The first question from `from` on that is worth an APDU, else the logs.
    pub(super) fn question(&self, from: usize) -> Next {
        let worth = |index: &usize| {
            QUESTIONS.get(*index).is_some_and(|question| (question.when)(&self.application, &self.plan))
        };
        match (from..QUESTIONS.len()).find(worth) {
            Some(index) => Next::Question(index),
            None if matches!(self.plan.depth, Depth::Balance { .. }) => self.next_application(),
            None => self.log(LogKind::Transactions),
        }
    }

    pub(super) fn take_answer(&mut self, index: usize, data: &[u8], sw: StatusWord) -> Next {
        let Some(question) = QUESTIONS.get(index) else { return self.next_application() };
        let place = Place::Object(question.tag);
        if sw != StatusWord::OK {
            self.report(Report::Refused(place, sw));
        } else if self.application.note_answer(question.tag, data) {
            self.report(Report::Found(place));
        } else {
            self.warn(place, WarningKind::OtherObject);
        }
        self.question(index + 1)
    }

    pub(super) fn log(&self, kind: LogKind) -> Next {
        match (self.application.log(kind), kind) {
            (Some(_), _) => Next::LogFormat(kind),
            (None, LogKind::Transactions) => self.log(LogKind::Loads),
            (None, LogKind::Loads) => self.next_application(),
        }
    }

    pub(super) fn after_log(&self, kind: LogKind) -> Next {
        match kind {
            LogKind::Transactions => self.log(LogKind::Loads),
            LogKind::Loads => self.next_application(),
        }
    }

    pub(super) fn take_log_format(&mut self, kind: LogKind, data: &[u8], sw: StatusWord) -> Next {
        let wanted = log_format_tag(kind);
        let place = Place::Object(wanted);
        if sw == StatusWord::OK && find(data, wanted).is_some() {
            self.report(Report::Found(place));
            return Next::LogRecord(kind, 1);
        }
        if sw == StatusWord::OK {
            self.warn(place, WarningKind::OtherObject);
        } else {
            self.report(Report::Refused(place, sw));
        }
        self.warn(place, WarningKind::NoLogFormat);
        self.after_log(kind)
    }

    pub(super) fn take_log_record(&mut self, kind: LogKind, number: u8, data: &[u8], sw: StatusWord) -> Next {
        let place = Place::LogRecord(kind, number);
        if sw != StatusWord::OK {
            // 6A83 is the end of a log that is not full; cards have other words for it too.
            if sw != StatusWord::RECORD_NOT_FOUND {
                self.report(Report::Refused(place, sw));
            }
            return self.after_log(kind);
        }
        self.report(Report::Found(place));
        // Log records stand without a template: what they mean is for the owner and the log's format.
        let _ = data;
        match (self.application.log(kind), number.checked_add(1)) {
            (Some(entry), Some(next)) if number < entry.records => Next::LogRecord(kind, next),
            _ => self.after_log(kind),
        }
    }
}

/// EMV 4.4 Book 3, 6.5.11.4: a record of SFI 1 to 10 is one template 70 and nothing else.
fn is_one_template_70(record: &[u8]) -> bool {
    let mut objects = Tlvs::new(record);
    matches!(objects.next(), Some(Ok(first)) if first.tag == tag::READ_RECORD_TEMPLATE) && objects.next().is_none()
}

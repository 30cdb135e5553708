//! READ RECORD and GET DATA: what an application tells to anybody.

use tapcard_emv::tag;
use tapcard_iso7816::{Command, Sfi, StatusWord, Tag, TlvWriter};

use crate::answer::{Answer, put};
use crate::card::Card;
use crate::image::Application;

/// The low three bits of P2: P1 is a record number.
const BY_NUMBER: u8 = 0x04;

impl Card<'_> {
    /// One record of a file of the selected application (EMV 4.4 Book 1, 11.2; Book 3, 6.5.11).
    pub(crate) fn read_record(&self, command: &Command<'_>, out: &mut [u8]) -> Answer {
        let (Some(sfi), BY_NUMBER, number @ 1..) = (Sfi::new(command.p2() >> 3), command.p2() & 0x07, command.p1())
        else {
            return StatusWord::WRONG_P1_P2.into();
        };
        if !is_case_2(command) {
            return StatusWord::WRONG_LENGTH.into();
        }
        let Some(application) = self.selected() else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        match application.record(sfi, number) {
            Some(record) => put(out, &[record]).map_or(StatusWord::NO_PRECISE_DIAGNOSIS.into(), Answer::data),
            None if application.has_file(sfi) => StatusWord::RECORD_NOT_FOUND.into(),
            None => StatusWord::FILE_NOT_FOUND.into(),
        }
    }

    /// One object of the selected application, with tag and length (EMV 4.4 Book 3, 6.5.7; JR/T 0025).
    pub(crate) fn get_data(&self, command: &Command<'_>, out: &mut [u8]) -> Answer {
        if !is_case_2(command) {
            return StatusWord::WRONG_LENGTH.into();
        }
        let Some(application) = self.selected() else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
        let mut writer = TlvWriter::new(out);
        match self.live_data(application, tag, |value| writer.primitive(tag, value)) {
            None => StatusWord::DATA_NOT_FOUND.into(),
            Some(Err(_)) => StatusWord::NO_PRECISE_DIAGNOSIS.into(),
            Some(Ok(())) => Answer::data(writer.finish()),
        }
    }

    /// Shows `use_value` the object as it is now: counters from the state, everything else from the image.
    fn live_data<T>(&self, application: Application<'_>, tag: Tag, use_value: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let value = application.data(tag)?;
        Some(match tag {
            tag::ATC => use_value(&self.state.atc(application.number()).to_be_bytes()),
            _ => use_value(value),
        })
    }
}

/// Le and no data.
fn is_case_2(command: &Command<'_>) -> bool {
    command.data().is_empty() && command.le().is_some()
}

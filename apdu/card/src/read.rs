//! READ RECORD and GET DATA: what an application tells to anybody.

use tapcard_iso7816::{Command, Sfi, StatusWord, Tag, TlvWriter};

use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::image::{Application, Key};

/// The low three bits of P2: P1 is a record number.
const BY_NUMBER: u8 = 0x04;

impl Card<'_> {
    /// One record of a file of the selected application (EMV 4.4 Book 1, 11.2; Book 3, 6.5.11).
    pub(crate) fn read_record(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let (Some(sfi), BY_NUMBER, number @ 1..) = (Sfi::new(command.p2() >> 3), command.p2() & 0x07, command.p1())
        else {
            return StatusWord::WRONG_P1_P2.into();
        };
        if !is_case_2(command) {
            return StatusWord::WRONG_LENGTH.into();
        }
        let Some(application) = self.selected() else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        match self.state.record(self.image, application.number(), sfi, number) {
            Some(record) => work.answer(&[record]),
            None if application.has_file(sfi) => StatusWord::RECORD_NOT_FOUND.into(),
            None => StatusWord::FILE_NOT_FOUND.into(),
        }
    }

    /// One object of the selected application, with tag and length (EMV 4.4 Book 3, 6.5.7; JR/T 0025).
    pub(crate) fn get_data(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        if !is_case_2(command) {
            return StatusWord::WRONG_LENGTH.into();
        }
        let Some(application) = self.selected() else { return StatusWord::CONDITIONS_NOT_SATISFIED.into() };
        let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
        let mut writer = TlvWriter::new(work.out);
        match self.live_data(application, tag).map(|value| writer.primitive(tag, value)) {
            None => StatusWord::DATA_NOT_FOUND.into(),
            Some(Err(_)) => StatusWord::NO_PRECISE_DIAGNOSIS.into(),
            Some(Ok(())) => Answer::data(writer.finish()),
        }
    }

    /// The object as it is now, if it was personalised for GET DATA.
    fn live_data<'s>(&'s self, application: Application<'s>, tag: Tag) -> Option<&'s [u8]> {
        let personalised = application.data(tag)?;
        Some(self.state.get(application.number(), Key::Data(tag)).unwrap_or(personalised))
    }
}

/// Le and no data.
fn is_case_2(command: &Command<'_>) -> bool {
    command.data().is_empty() && command.le().is_some()
}

//! SELECT by name, whole or partial, first or next occurrence (EMV 4.4 Book 1, 11.3; ISO/IEC 7816-4:2005, 7.1.1); and by file
//! identifier, which purses are selected with.

use tapcard_iso7816::{Command, StatusWord};

use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::image::Application;
use crate::session::Session;

/// P1: by file identifier.
const BY_IDENTIFIER: u8 = 0x00;
/// The identifier of the MF.
const MASTER_FILE: u16 = 0x3F00;
/// P1: by DF name.
const BY_NAME: u8 = 0x04;
/// P2: first or only occurrence.
const FIRST: u8 = 0x00;
/// P2: next occurrence.
const NEXT: u8 = 0x02;

impl Card<'_> {
    /// Answers the FCI. A SELECT that finds nothing leaves the selected application selected.
    ///
    /// Le may be missing: terminals in the field leave it out, and cards answer the FCI all the same.
    pub(crate) fn select(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let name = command.data();
        match (command.p1(), command.p2()) {
            (BY_NAME, FIRST | NEXT) => {}
            (BY_IDENTIFIER, FIRST) if self.image.has_identifiers() => return self.select_identifier(name, work),
            _ => return StatusWord::WRONG_P1_P2.into(),
        }
        if !matches!(name.len(), 5..=16) {
            return StatusWord::WRONG_LENGTH.into();
        }
        // EMV 4.4 Book 1, 12.3.2: this tells the terminal to end the session.
        if self.is_blocked(0) {
            return StatusWord::FUNCTION_NOT_SUPPORTED.into();
        }
        let passed_over = if command.p2() == NEXT { self.session.selected } else { 0 };
        let found = self
            .image
            .applications()
            .filter(|application| application.number() > passed_over)
            .find(|application| application.name().starts_with(name));
        self.selected_answer(found, work)
    }

    /// The MF, which has no FCI, or the application whose DF has this identifier.
    fn select_identifier(&self, identifier: &[u8], work: &mut Work<'_>) -> Answer {
        let Ok(identifier) = identifier.try_into().map(u16::from_be_bytes) else {
            return StatusWord::WRONG_LENGTH.into();
        };
        if self.is_blocked(0) {
            return StatusWord::FUNCTION_NOT_SUPPORTED.into();
        }
        if identifier == MASTER_FILE {
            work.session = Session::of(0);
            return Answer::data(0);
        }
        let found = self.image.applications().find(|application| application.identifier() == Some(identifier));
        self.selected_answer(found, work)
    }

    fn selected_answer(&self, found: Option<Application<'_>>, work: &mut Work<'_>) -> Answer {
        let Some(application) = found else { return StatusWord::FILE_NOT_FOUND.into() };
        let answer = work.answer(&[application.fci(self.interface).unwrap_or_default()]);
        if !answer.sw.is_ok() {
            return answer;
        }
        work.session = Session::of(application.number());
        let blocked = self.is_blocked(application.number());
        answer.with(if blocked { StatusWord::SELECTED_FILE_INVALIDATED } else { StatusWord::OK })
    }
}

//! What a purse tells to anybody: READ BINARY, and the registers that its image has answers for.
//!
//! Loading and paying, and with them a balance that changes, are not here yet: a register is answered as it was personalised.

use tapcard_iso7816::{Command, Ins, Le, Sfi, StatusWord};

use crate::answer::{Answer, Work};
use crate::card::{Card, unknown};

/// The upper three bits of P1: the others are a short file identifier (ISO/IEC 7816-4:2005, 7.2.1).
const BY_SFI: u8 = 0x80;

impl Card<'_> {
    /// Octets of a transparent file by its short identifier, from the offset in P2 on (ISO/IEC 7816-4:2005, 7.2.3): of the
    /// selected application, and without one of the MF.
    pub(crate) fn read_binary(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        if command.p1() & 0x80 == 0 {
            return StatusWord::NO_CURRENT_EF.into();
        }
        let sfi = Sfi::new(command.p1() & 0x1F).filter(|_| command.p1() & 0xE0 == BY_SFI);
        let (Some(sfi), Some(le), true) = (sfi, command.le(), command.data().is_empty()) else {
            return if sfi.is_none() { StatusWord::WRONG_P1_P2 } else { StatusWord::WRONG_LENGTH }.into();
        };
        let file = match self.selected() {
            Some(application) => application.binary(sfi),
            None => self.image.binary(sfi),
        };
        let Some(file) = file else { return StatusWord::FILE_NOT_FOUND.into() };
        let Some(rest) = file.get(usize::from(command.p2())..).filter(|rest| !rest.is_empty()) else {
            return StatusWord::WRONG_PARAMETERS.into();
        };
        let wanted = usize::try_from(le.get()).unwrap_or(usize::MAX);
        if wanted > rest.len() && le != Le::MAX_SHORT {
            let [.., exact] = rest.len().to_be_bytes();
            return StatusWord::from_octets(0x6C, exact).into();
        }
        let octets = rest.get(..wanted).unwrap_or(rest);
        work.answer(&[octets])
    }

    /// A command that the selected application has an answer for in its image, such as GET BALANCE.
    pub(crate) fn stored_answer(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let (cla, ins) = (command.cla(), command.ins());
        if !self.knows(cla, ins.octet()) {
            return unknown(cla, ins).into();
        }
        if !command.data().is_empty() || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        let header = [cla, ins.octet(), command.p1(), command.p2()];
        match self.selected().and_then(|application| application.answer(header)) {
            Some(octets) => work.answer(&[octets]),
            None => StatusWord::WRONG_P1_P2.into(),
        }
    }

    /// Whether this instruction makes sense in what is selected, besides those that every card has.
    pub(crate) fn knows(&self, cla: u8, ins: u8) -> bool {
        let binary = (cla, ins) == (0x00, Ins::ReadBinary.octet()) && self.image.has_binary();
        binary || self.selected().is_some_and(|application| application.knows(cla, ins))
    }
}

#[cfg(test)]
mod tests;

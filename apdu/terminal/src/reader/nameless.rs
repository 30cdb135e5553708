//! Purses that have no name: looked for when nothing else was found, and not for a balance alone, so that no bank card pays
//! for them.
//!
//! Most such cards have the DF of the purse directly under the MF, with an identifier that many issuers share. One that has
//! a file beside that DF which others do not have is known by it, as by a mark; therefore the marks are tried first. All in
//! all a card that has none of them costs a handful of refused commands.

use tapcard_emv::purse::table::WITHOUT_NAME;
use tapcard_emv::purse::{Purse, by_kind};
use tapcard_iso7816::StatusWord;

use super::plan::Depth;
use super::purse::{PurseReading, PurseStep};
use super::report::{Outcome, Place, Report};
use super::{Next, Reader};

impl Reader {
    /// What follows when no name was found.
    pub(super) fn purses_without_name(&self) -> Next {
        let balance = matches!(self.plan.depth, Depth::Balance { .. });
        if balance || self.plan.aid.is_some() || !self.candidates.is_empty() {
            return Next::End(Outcome::Finished);
        }
        Next::Purse(PurseStep::MasterFile)
    }

    /// The purse with this number among those without a name: by its mark if it has one.
    pub(super) fn try_purse(&self, purse: usize) -> Next {
        match without_name(purse) {
            Some(found) if found.home.is_some() => Next::Purse(PurseStep::Mark(purse)),
            Some(_) => Next::Purse(PurseStep::Select { purse, way: 0 }),
            None => Next::End(Outcome::Finished),
        }
    }

    pub(super) fn take_mark(&mut self, index: usize, sw: StatusWord) -> Next {
        let found = without_name(index).filter(|_| sw == StatusWord::OK);
        let Some((purse, file)) = found.and_then(|purse| Some((purse, purse.files.first()?))) else {
            return self.try_purse(index + 1);
        };
        self.begin(purse, &[]);
        self.report(Report::Found(Place::File(file.sfi)));
        self.marked = Some(index);
        self.after_file(0)
    }

    pub(super) fn take_way(&mut self, index: usize, way: usize, fci: &[u8], sw: StatusWord) -> Next {
        let Some(purse) = without_name(index) else { return Next::End(Outcome::Finished) };
        if sw == StatusWord::OK {
            if self.marked.is_none() {
                self.begin(purse, fci);
            }
            self.report(Report::Found(Place::Fci));
            return Self::first_register();
        }
        if way + 1 < purse.select.len() {
            return Next::Purse(PurseStep::Select { purse: index, way: way + 1 });
        }
        if self.marked.is_some() {
            self.report(Report::Refused(Place::Fci, sw));
            return Next::End(Outcome::Finished);
        }
        self.try_purse(index + 1)
    }

    fn begin(&mut self, purse: &'static Purse, fci: &[u8]) {
        self.report(Report::Purse(purse.kind));
        let mut reading = PurseReading::new(purse, fci);
        reading.files_known |= purse.home.is_some();
        self.application.purse = Some(reading);
    }
}

/// The purse with this number.
pub(super) fn without_name(index: usize) -> Option<&'static Purse> {
    WITHOUT_NAME.get(index).map(|kind| by_kind(*kind))
}

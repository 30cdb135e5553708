//! Finding applications: PPSE, else PSE, else the terminal's own list (EMV 4.4 Book 1, 12; EMV Contactless Book B, 3.3).

use tapcard_emv::purse::by_name;
use tapcard_emv::{Aid, tag, terminal_list};
use tapcard_iso7816::{Sfi, StatusWord, find, find_deep, find_path};

use super::directory::{Candidate, ppse_entries, pse_directory_file};
use super::report::{FoundBy, Outcome, Place, Report, WarningKind};
use super::{Next, Reader, Search};

impl Reader {
    pub(super) fn take_ppse(&mut self, data: &[u8], sw: StatusWord) -> Next {
        if sw != StatusWord::OK {
            self.report(Report::Refused(Place::Ppse, sw));
            return Next::Pse;
        }
        self.report(Report::Found(Place::Ppse));
        self.check_tlv(Place::Ppse, data);
        if let Some(entries) = ppse_entries(data)
            && let Err(kind) = self.candidates.add_entries(entries)
        {
            self.warn(Place::Ppse, kind);
        }
        if self.candidates.is_empty() {
            return Next::Pse;
        }
        self.candidates.sort();
        self.next_candidate(0)
    }

    pub(super) fn take_pse(&mut self, data: &[u8], sw: StatusWord) -> Next {
        self.found_by = FoundBy::Pse;
        if sw != StatusWord::OK {
            self.report(Report::Refused(Place::Pse, sw));
            // EMV 4.4 Book 1, 12.2.2: the card is blocked or knows no SELECT.
            if sw == StatusWord::FUNCTION_NOT_SUPPORTED {
                return Next::End(Outcome::CardBlocked);
            }
            return self.first_list_entry();
        }
        self.report(Report::Found(Place::Pse));
        self.check_tlv(Place::Pse, data);
        match pse_directory_file(data) {
            Some(file) => Next::DirectoryRecord { file, record: 1 },
            None => {
                self.warn(Place::Pse, WarningKind::NoDirectoryFile);
                self.first_list_entry()
            }
        }
    }

    pub(super) fn take_directory_record(&mut self, file: Sfi, record: u8, data: &[u8], sw: StatusWord) -> Next {
        let place = Place::DirectoryRecord(record);
        if sw != StatusWord::OK {
            if sw != StatusWord::RECORD_NOT_FOUND {
                // One bad record makes the directory worthless: otherwise a card could keep the terminal reading.
                self.candidates.clear();
                self.warn(place, WarningKind::DirectoryStopped(sw));
            }
            return self.after_directory();
        }
        self.report(Report::Found(place));
        self.check_tlv(place, data);
        let sum = Some(check_sum(data));
        if sum == self.directory_sum {
            self.warn(place, WarningKind::DirectoryRepeats);
            return self.after_directory();
        }
        self.directory_sum = sum;
        let added = match find(data, tag::READ_RECORD_TEMPLATE) {
            Some(template) => self.candidates.add_entries(template),
            None => Err(WarningKind::NotOneTemplate70),
        };
        if let Err(kind) = added {
            self.warn(place, kind);
        }
        match record.checked_add(1) {
            Some(record) => Next::DirectoryRecord { file, record },
            None => self.after_directory(),
        }
    }

    pub(super) fn after_directory(&mut self) -> Next {
        if self.candidates.is_empty() {
            return self.first_list_entry();
        }
        self.candidates.sort();
        self.next_candidate(0)
    }

    pub(super) fn next_candidate(&self, from: usize) -> Next {
        let mut index = from;
        while let Some(candidate) = self.candidates.get(index) {
            if self.plan.wants(&candidate.aid) {
                return Next::Candidate(index);
            }
            index += 1;
        }
        Next::End(Outcome::Finished)
    }

    pub(super) fn first_list_entry(&mut self) -> Next {
        self.found_by = FoundBy::AidList;
        self.list_entry(0)
    }

    pub(super) fn list_entry(&self, from: usize) -> Next {
        let wanted = |entry: &usize| terminal_list().get(*entry).is_some_and(|known| self.plan.wants(&known.aid));
        match (from..terminal_list().len()).find(wanted) {
            Some(entry) => Next::ListEntry { entry, occurrence: 0 },
            None => self.purses_without_name(),
        }
    }

    /// The next occurrence of a partial name, or the next name (EMV 4.4 Book 1, 12.3.3). Each occurrence was a new candidate,
    /// so the bound on candidates is also the one on occurrences.
    pub(super) fn after_list_entry(&self, entry: usize, occurrence: u8, again: bool) -> Next {
        if again {
            return Next::ListEntry { entry, occurrence: occurrence.saturating_add(1) };
        }
        self.list_entry(entry + 1)
    }

    pub(super) fn take_candidate(&mut self, index: usize, data: &[u8], sw: StatusWord) -> Next {
        let Some(candidate) = self.candidates.get(index) else { return Next::End(Outcome::Finished) };
        self.search = Search::Candidate(index);
        self.report(Report::Application { aid: candidate.aid, priority: candidate.priority, found_by: self.found_by });
        if !is_selected(sw) {
            self.report(Report::Refused(Place::Fci, sw));
            // A card that refuses SELECT as such refuses it for every name.
            if self.found_by == FoundBy::Given && sw == StatusWord::FUNCTION_NOT_SUPPORTED {
                return Next::End(Outcome::CardBlocked);
            }
            return self.next_application();
        }
        let name = find_deep(data, tag::DF_NAME);
        if name.is_some_and(|name| !name.starts_with(candidate.aid.as_bytes())) {
            self.warn(Place::Fci, WarningKind::OtherName);
        }
        self.read_application(candidate.aid, data, sw)
    }

    pub(super) fn take_list_entry(&mut self, entry: usize, occurrence: u8, data: &[u8], sw: StatusWord) -> Next {
        let Some(known) = terminal_list().get(entry) else { return Next::End(Outcome::Finished) };
        if sw == StatusWord::FUNCTION_NOT_SUPPORTED && occurrence == 0 {
            self.report(Report::Refused(Place::Fci, sw));
            return Next::End(Outcome::CardBlocked);
        }
        let name = find_deep(data, tag::DF_NAME).and_then(|name| Aid::new(name).ok());
        // Purses need not say their name.
        let name = name.or_else(|| is_nameless_purse(&known.aid, data).then_some(known.aid));
        let Some(aid) = name.filter(|name| is_selected(sw) && name.as_bytes().starts_with(known.aid.as_bytes())) else {
            // Nothing of that name, or an answer that does not say which application it is.
            return self.after_list_entry(entry, occurrence, false);
        };
        if self.candidates.contains(&aid) {
            if occurrence > 0 {
                self.warn(Place::Fci, WarningKind::NextRepeats);
            }
            return self.after_list_entry(entry, occurrence, false);
        }
        if !known.partial && aid != known.aid {
            return self.after_list_entry(entry, occurrence, false);
        }
        if let Err(kind) = self.candidates.add(Candidate { aid, priority: 0 }) {
            self.warn(Place::Fci, kind);
            return Next::End(Outcome::Finished);
        }
        // A longer name than the one asked for: there may be more of that kind.
        self.search = Search::ListEntry { entry, occurrence, again: aid != known.aid };
        self.report(Report::Application { aid, priority: 0, found_by: FoundBy::AidList });
        self.read_application(aid, data, sw)
    }

    /// What follows the application under reading.
    pub(super) fn next_application(&self) -> Next {
        match self.search {
            Search::Candidate(index) => self.next_candidate(index + 1),
            Search::ListEntry { entry, occurrence, again } => self.after_list_entry(entry, occurrence, again),
            Search::Over => Next::End(Outcome::Finished),
        }
    }
}

/// 9000, and the warnings with which a card still selects.
const fn is_selected(sw: StatusWord) -> bool {
    matches!(sw.sw1(), 0x90 | 0x62 | 0x63)
}

/// An FCI without a DF name, in answer to the name of a purse.
fn is_nameless_purse(name: &Aid, fci: &[u8]) -> bool {
    let plain = find(fci, tag::FCI_TEMPLATE).is_some() && find_path(fci, &[tag::FCI_TEMPLATE, tag::DF_NAME]).is_none();
    plain && by_name(name.as_bytes()).is_some()
}

/// FNV-1a: enough to see that an answer came twice.
fn check_sum(data: &[u8]) -> u32 {
    data.iter().fold(0x811C_9DC5, |sum, octet| (sum ^ u32::from(*octet)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_sums_are_those_of_fnv_1a() {
        assert_eq!(check_sum(b""), 0x811C_9DC5);
        assert_eq!(check_sum(b"a"), 0xE40C_292C);
        assert_eq!(check_sum(b"foobar"), 0xBF9C_F968);
    }
}

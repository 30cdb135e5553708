//! Candidates out of PPSE, PSE and the terminal's own list (EMV 4.4 Book 1, 12.2 and 12.3; EMV Contactless Book B, 3.3).

use heapless::Vec;
use tapcard_emv::{Aid, tag};
use tapcard_iso7816::{Sfi, Tlvs, find, find_deep, find_path};

use super::report::WarningKind;
use crate::limits::MAX_APPLICATIONS;

/// Name of the contactless directory.
pub(super) const PPSE: &[u8] = b"2PAY.SYS.DDF01";
/// Name of the contact directory.
pub(super) const PSE: &[u8] = b"1PAY.SYS.DDF01";

/// One entry of the candidate list.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) aid: Aid,
    /// Bits 4 to 1 of 87; 0: none.
    pub(super) priority: u8,
}

/// The candidate list; also remembers the names that were read already.
pub(super) struct Candidates(Vec<Candidate, MAX_APPLICATIONS>);

impl Candidates {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn get(&self, index: usize) -> Option<Candidate> {
        self.0.get(index).copied()
    }

    pub(super) fn contains(&self, aid: &Aid) -> bool {
        self.0.iter().any(|candidate| candidate.aid == *aid)
    }

    /// Adds a name once. One name can be listed for several kernels (9F2A); it is one application all the same.
    pub(super) fn add(&mut self, candidate: Candidate) -> Result<(), WarningKind> {
        if self.contains(&candidate.aid) {
            return Ok(());
        }
        self.0.push(candidate).map_err(|_| WarningKind::TooManyApplications)
    }

    /// Priority 1 first, 15 last, none behind; equal ones as found (EMV 4.4 Book 1, 12.4).
    pub(super) fn sort(&mut self) {
        let rank = |candidate: &Candidate| if candidate.priority == 0 { 16 } else { candidate.priority };
        // Insertion sort: the list has at most sixteen entries, and equal ones must keep their order without a heap.
        for end in 1..self.0.len() {
            let mut at = end;
            while let Some([before, here]) = at.checked_sub(1).and_then(|first| self.0.get(first..=at)) {
                if rank(before) <= rank(here) {
                    break;
                }
                self.0.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    /// Takes the entries 61 of a template. The error is the last broken rule; good entries are taken all the same.
    pub(super) fn add_entries(&mut self, template: &[u8]) -> Result<(), WarningKind> {
        let mut result = Ok(());
        for object in Tlvs::new(template) {
            let object = match object {
                Ok(object) => object,
                Err(error) => return Err(WarningKind::Tlv(error.kind)),
            };
            if object.tag == tag::APPLICATION_TEMPLATE {
                result = result.and(self.add_entry(object.value));
            }
        }
        result
    }

    fn add_entry(&mut self, entry: &[u8]) -> Result<(), WarningKind> {
        let aid =
            find(entry, tag::ADF_NAME).and_then(|name| Aid::new(name).ok()).ok_or(WarningKind::EntryWithoutAid)?;
        let priority = match find(entry, tag::APPLICATION_PRIORITY) {
            Some([indicator, ..]) => indicator & 0x0F,
            _ => 0,
        };
        self.add(Candidate { aid, priority })
    }
}

/// The entries' template of a PPSE's FCI: 6F, A5, BF0C.
pub(super) fn ppse_entries(fci: &[u8]) -> Option<&[u8]> {
    find_path(fci, &[tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE, tag::FCI_ISSUER_DISCRETIONARY_DATA])
}

/// The directory file that a PSE's FCI names: tag 88, SFI 1 to 10 (EMV 4.4 Book 1, 12.2.2).
pub(super) fn pse_directory_file(fci: &[u8]) -> Option<Sfi> {
    match find_deep(fci, tag::SFI)? {
        [sfi @ 1..=10] => Sfi::new(*sfi),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aid(last: u8) -> Aid {
        Aid::new(&[0xA0, 0, 0, 3, 0x33, 1, last]).unwrap()
    }

    #[test]
    fn candidates_are_sorted_by_priority_and_equal_ones_keep_their_order() {
        let mut candidates = Candidates::new();
        for (last, priority) in [(1, 0), (2, 3), (3, 1), (4, 3), (5, 0), (6, 15)] {
            candidates.add(Candidate { aid: aid(last), priority }).unwrap();
        }
        candidates.sort();
        let order: std::vec::Vec<u8> = candidates.0.iter().filter_map(|c| c.aid.as_bytes().last().copied()).collect();
        assert_eq!(order, [3, 2, 4, 6, 1, 5]);
    }

    #[test]
    fn a_name_that_is_listed_twice_is_one_candidate() {
        let mut candidates = Candidates::new();
        candidates.add(Candidate { aid: aid(1), priority: 1 }).unwrap();
        candidates.add(Candidate { aid: aid(1), priority: 2 }).unwrap();
        assert_eq!(candidates.0.len(), 1);
    }

    #[test]
    fn the_seventeenth_application_is_a_warning() {
        let mut candidates = Candidates::new();
        for last in 0..16 {
            candidates.add(Candidate { aid: aid(last), priority: 0 }).unwrap();
        }
        assert_eq!(candidates.add(Candidate { aid: aid(16), priority: 0 }), Err(WarningKind::TooManyApplications));
    }

    #[test]
    fn an_entry_with_a_short_name_is_reported_and_the_others_are_taken() {
        let mut candidates = Candidates::new();
        let template = [
            0x61, 0x06, 0x4F, 0x04, 0xA0, 0, 0, 3, // too short
            0x61, 0x0C, 0x4F, 0x07, 0xA0, 0, 0, 3, 0x33, 1, 9, 0x87, 0x01, 0x82,
        ];
        assert_eq!(candidates.add_entries(&template), Err(WarningKind::EntryWithoutAid));
        assert_eq!(candidates.get(0).map(|c| (c.aid, c.priority)), Some((aid(9), 2)));
    }
}

//! The candidate list: which applications card and terminal have in common, in the order in which they are offered
//! (EMV 4.4 Book 1, 12.3 and 12.4).

use heapless::Vec;
use tapcard_emv::{Aid, tag};
use tapcard_iso7816::{Tlvs, find, find_path};

use super::terminal::Application;
use crate::limits::MAX_APPLICATIONS;

/// Octets of a label or a preferred name.
const MAX_NAME: usize = 16;

/// An application that card and terminal have in common.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The card's name of it (`4F` or `84`).
    pub name: Aid,
    /// `50` Application Label; empty when the card gives none.
    pub label: Vec<u8, MAX_NAME>,
    /// `9F12` Application Preferred Name in the code table `code_table`; empty when the card gives none.
    pub preferred_name: Vec<u8, MAX_NAME>,
    /// `9F11` Issuer Code Table Index; 0: none.
    pub code_table: u8,
    /// Place in the terminal's list.
    pub(super) entry: usize,
    /// `87`; 0 when the card gives none.
    priority: u8,
}

impl Candidate {
    /// Reads what a directory entry, or the proprietary template of an FCI, says.
    pub(super) fn read(name: Aid, entry: usize, objects: &[u8], code_table: u8) -> Self {
        let text = |wanted| {
            let octets = find(objects, wanted).unwrap_or_default();
            // Longer names break the format; what fits is shown.
            Vec::from_slice(octets.get(..MAX_NAME).unwrap_or(octets)).unwrap_or_default()
        };
        let octet = |wanted| match find(objects, wanted) {
            Some([octet]) => Some(*octet),
            _ => None,
        };
        Self {
            name,
            label: text(tag::APPLICATION_LABEL),
            preferred_name: text(tag::APPLICATION_PREFERRED_NAME),
            code_table: octet(tag::ISSUER_CODE_TABLE_INDEX).unwrap_or(code_table),
            entry,
            priority: octet(tag::APPLICATION_PRIORITY).unwrap_or(0),
        }
    }

    /// b8 of `87`: not without the cardholder's confirmation.
    pub(super) const fn needs_confirmation(&self) -> bool {
        self.priority & 0x80 != 0
    }

    /// b4 to b1 of `87`, with "none" behind all numbers.
    const fn rank(&self) -> u8 {
        match self.priority & 0x0F {
            0 => 16,
            rank => rank,
        }
    }
}

/// The list.
pub(super) struct Candidates(Vec<Candidate, MAX_APPLICATIONS>);

impl Candidates {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn all(&self) -> &[Candidate] {
        &self.0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds an application once, behind all that go before it or are equal. A list that is full stays as it is: no
    /// cardholder is helped by a seventeenth.
    pub(super) fn add(&mut self, candidate: Candidate) {
        if self.0.iter().any(|known| known.name == candidate.name) {
            return;
        }
        let place = self.0.iter().position(|known| known.rank() > candidate.rank()).unwrap_or(self.0.len());
        let _ = self.0.insert(place, candidate);
    }

    pub(super) fn remove(&mut self, index: usize) {
        if index < self.0.len() {
            self.0.remove(index);
        }
    }

    /// Adds what a record of the directory lists. `None`: the record is malformed, and the directory with it.
    pub(super) fn add_directory(
        &mut self,
        record: &[u8],
        code_table: u8,
        applications: &[Application<'_>],
    ) -> Option<()> {
        let mut objects = Tlvs::new(record);
        let template = objects.next()?.ok()?;
        if template.tag != tag::READ_RECORD_TEMPLATE || !objects.rest().iter().all(|octet| *octet == 0) {
            return None;
        }
        for object in template.children() {
            let object = object.ok()?;
            if object.tag == tag::APPLICATION_TEMPLATE {
                self.add_entry(object.value, code_table, applications);
            }
        }
        Some(())
    }

    fn add_entry(&mut self, entry: &[u8], code_table: u8, applications: &[Application<'_>]) {
        let Some(Ok(name)) = find(entry, tag::ADF_NAME).map(Aid::new) else { return };
        if let Some(known) = best_match(&name, applications) {
            self.add(Candidate::read(name, known, entry, code_table));
        }
    }
}

/// The terminal's application for a name of the card: of several the one that says most of the name.
fn best_match(name: &Aid, applications: &[Application<'_>]) -> Option<usize> {
    let fits = |application: &Application<'_>| {
        *name == application.aid || (application.partial_selection && name.starts_with(&application.aid))
    };
    let fitting = applications.iter().enumerate().filter(|(_, application)| fits(application));
    // The first of equals: `max_by_key` would take the last.
    fitting.rev().max_by_key(|(_, application)| application.aid.as_bytes().len()).map(|(index, _)| index)
}

/// The name and the proprietary template of an FCI.
pub(super) fn read_fci(data: &[u8]) -> Option<(Aid, &[u8])> {
    if Tlvs::new(data).any(|object| object.is_err()) {
        return None;
    }
    let fci = find(data, tag::FCI_TEMPLATE)?;
    let name = Aid::new(find(fci, tag::DF_NAME)?).ok()?;
    Some((name, find(fci, tag::FCI_PROPRIETARY_TEMPLATE).unwrap_or_default()))
}

/// SFI of the directory and code table out of the PSE's FCI (EMV 4.4 Book 1, 12.2.2).
pub(super) fn read_pse(data: &[u8]) -> Option<(u8, u8)> {
    let proprietary = find_path(data, &[tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE])?;
    let code_table = match find(proprietary, tag::ISSUER_CODE_TABLE_INDEX) {
        Some([index]) => *index,
        _ => 0,
    };
    match find(proprietary, tag::SFI)? {
        [sfi @ 1..=10] => Some((*sfi, code_table)),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::contact::terminal::ActionCodes;
    use std::vec::Vec as List;
    use tapcard_emv::Amount;

    pub(in crate::contact) fn application(aid: &[u8], partial_selection: bool) -> Application<'static> {
        Application {
            aid: Aid::new(aid).unwrap(),
            partial_selection,
            version: [0, 0x96],
            floor_limit: Amount::new(10_000),
            tac: ActionCodes::default(),
            default_ddol: Some(&[0x9F, 0x37, 0x04]),
            default_tdol: None,
            random_selection: None,
        }
    }

    const VISA: &[u8] = &[0xA0, 0, 0, 0, 3, 0x10, 0x10];

    fn entry(last: u8, priority: u8) -> [u8; 14] {
        [0x61, 12, 0x4F, 7, 0xA0, 0, 0, 0, 3, 0x10, last, 0x87, 1, priority]
    }

    fn names(candidates: &Candidates) -> List<u8> {
        candidates.all().iter().filter_map(|candidate| candidate.name.as_bytes().last().copied()).collect()
    }

    #[test]
    fn a_directory_is_sorted_by_priority_and_equal_ones_keep_their_order() {
        let mut candidates = Candidates::new();
        let record: List<u8> = [(1, 0), (2, 3), (3, 1), (4, 3), (5, 0x80), (2, 1)]
            .into_iter()
            .flat_map(|(last, priority)| entry(last, priority))
            .collect();
        let record = [&[0x70, u8::try_from(record.len()).unwrap()][..], &record].concat();
        candidates.add_directory(&record, 0, &[application(&VISA[..5], true)]).unwrap();
        assert_eq!(names(&candidates), [3, 2, 4, 1, 5]);
        assert!(candidates.all()[4].needs_confirmation());
    }

    #[test]
    fn a_longer_name_needs_partial_selection() {
        let applications = [application(&VISA[..5], false), application(VISA, false), application(&VISA[..6], true)];
        let found = |name: &[u8]| best_match(&Aid::new(name).unwrap(), &applications);
        assert_eq!(found(VISA), Some(1), "the whole name says more than a part of it");
        assert_eq!(found(&[VISA, &[1]].concat()), Some(2));
        assert_eq!(found(&VISA[..5]), Some(0));
        assert_eq!(found(&[0xA0, 0, 0, 0, 4]), None);
    }

    #[test]
    fn a_malformed_record_makes_the_directory_useless_and_a_strange_entry_does_not() {
        let applications = [application(VISA, true)];
        let mut candidates = Candidates::new();
        for record in [&[0x61, 0x00][..], &[0x70, 0x01, 0x61], &[0x70, 0x00, 0x61], &[]] {
            assert_eq!(candidates.add_directory(record, 0, &applications), None);
        }
        let strange = [0x70, 0x07, 0x50, 0x01, 0x41, 0x61, 0x02, 0x4F, 0x00];
        assert_eq!(candidates.add_directory(&strange, 0, &applications), Some(()));
        assert!(candidates.all().is_empty());
    }

    #[test]
    fn the_list_is_bounded() {
        let mut candidates = Candidates::new();
        for last in 0..40 {
            let name = Aid::new(&[0xA0, 0, 0, 0, last]).unwrap();
            candidates.add(Candidate::read(name, 0, &[0x87, 1, last & 0x0F], 0));
        }
        assert_eq!(candidates.all().len(), MAX_APPLICATIONS);
    }

    #[test]
    fn only_the_files_1_to_10_can_be_a_directory() {
        let fci = |sfi| [0x6F, 0x05, 0xA5, 0x03, 0x88, 0x01, sfi];
        assert_eq!(read_pse(&fci(1)), Some((1, 0)));
        assert_eq!((read_pse(&fci(0)), read_pse(&fci(11)), read_pse(&[0x6F, 0x00])), (None, None, None));
    }
}

//! In which DF a recorded session is, as far as purses need to know: some keep their files beside the DF of the purse, and
//! are read there before it is selected, or after.

use tapcard_emv::PurseKind;
use tapcard_emv::purse::table::WITHOUT_NAME;
use tapcard_emv::purse::{Purse, Selection, Structure, by_kind, purses};
use tapcard_iso7816::{Command, Ins, Sfi, StatusWord};
use tapcard_terminal::Place;

use crate::collect::Collector;

/// The MF, in which a card is after reset (ISO/IEC 7816-4:2005, 5.3.1.1).
const MF: Selection = Selection::File(0x3F00);

/// The current DF, and the files that were read before their purse was selected.
pub(crate) struct Dfs {
    /// A DF that holds files of purses; `None`: in an application.
    home: Option<Selection>,
    files: Vec<(Selection, Sfi, Vec<u8>)>,
}

impl Dfs {
    pub(crate) const fn new() -> Self {
        Self { home: Some(MF), files: Vec::new() }
    }

    /// An application was selected.
    pub(crate) fn leave(&mut self) {
        self.home = None;
    }

    /// An application was selected that may be a purse: it gets the files that were read for it.
    pub(crate) fn entered(&mut self, collector: &mut Collector) {
        self.leave();
        let Some(purse) = collector.current_purse() else { return };
        for (home, sfi, octets) in &self.files {
            if purse.home == Some(*home) && purse.files.iter().any(|file| file.sfi == *sfi) {
                collector.found(Place::File(*sfi), octets);
            }
        }
    }

    /// SELECT by DF name: whether it is the DF that holds the files of a purse.
    pub(crate) fn select_home(&mut self, name: &[u8], collector: &mut Collector) -> bool {
        let is = |home: &Selection| matches!(home, Selection::Name(known) if *known == name);
        let home = purses().iter().filter_map(|purse| purse.home).find(is);
        let Some(home) = home else { return false };
        self.enter_home(home, collector);
        true
    }

    fn enter_home(&mut self, home: Selection, collector: &mut Collector) {
        self.home = Some(home);
        if collector.current_purse().and_then(|purse| purse.home) == Some(home) {
            collector.found(Place::Home, &[]);
        }
    }

    /// SELECT by file identifier.
    pub(crate) fn select_identifier(
        &mut self,
        command: &Command<'_>,
        fci: &[u8],
        sw: StatusWord,
        collector: &mut Collector,
    ) {
        let (0x00, Ok(identifier), StatusWord::OK) = (command.p1(), <[u8; 2]>::try_from(command.data()), sw) else {
            return;
        };
        let selection = Selection::File(u16::from_be_bytes(identifier));
        if selection == MF {
            return self.enter_home(MF, collector);
        }
        if let Some(kind) = self.purse_under(selection) {
            collector.purse(kind);
            collector.found(Place::Fci, fci);
            self.entered(collector);
        }
    }

    /// The purse that this identifier stands for: one whose files were read before, else one that has none beside it.
    fn purse_under(&self, selection: Selection) -> Option<PurseKind> {
        let candidates = || WITHOUT_NAME.into_iter().map(by_kind).filter(|purse| purse.select.contains(&selection));
        let known = |purse: &&Purse| {
            let first = purse.files.first().map(|file| file.sfi);
            self.files.iter().any(|(home, sfi, _)| purse.home == Some(*home) && first == Some(*sfi))
        };
        let found = candidates().find(known).or_else(|| candidates().find(|purse| purse.home.is_none()));
        found.map(|purse| purse.kind)
    }

    /// Takes a good answer to a command that only a purse knows, or that reads a file of the current one. `true`: it was one.
    pub(crate) fn purse_answer(&mut self, command: &Command<'_>, data: &[u8], collector: &mut Collector) -> bool {
        let purse = collector.current_purse();
        if command.ins() == Ins::ReadBinary {
            return self.read_binary(command, purse, data, collector);
        }
        match purse.and_then(|purse| answer_of(purse, command)) {
            Some(place) => collector.found(place, data),
            None => match other_register(purse, command) {
                Some((kind, place)) => {
                    collector.purse(kind);
                    collector.found(place, data);
                }
                None => return false,
            },
        }
        true
    }

    fn read_binary(
        &mut self,
        command: &Command<'_>,
        purse: Option<&'static Purse>,
        data: &[u8],
        collector: &mut Collector,
    ) -> bool {
        let sfi = Sfi::new(command.p1() & 0x1F).filter(|_| command.p1() & 0xE0 == 0x80 && command.p2() == 0);
        let Some(sfi) = sfi else { return false };
        let lists = |purse: &Purse| purse.files.iter().any(|file| file.sfi == sfi);
        match (self.home, purse) {
            (home, Some(purse)) if (home.is_none() || purse.home == home) && lists(purse) => {
                collector.found(Place::File(sfi), data);
            }
            (Some(home), _) => self.files.push((home, sfi, data.to_vec())),
            _ => {}
        }
        true
    }
}

/// What the answer to a command is by the description of a purse.
fn answer_of(purse: &Purse, command: &Command<'_>) -> Option<Place> {
    if let Some(register) = purse.all_registers().find(|register| register.ask.is(command)) {
        return Some(Place::Balance(register.number));
    }
    if command.ins() != Ins::ReadRecord {
        return None;
    }
    let sfi = Sfi::new(command.p2() >> 3)?;
    let record = command.p1();
    if purse.files.iter().any(|file| file.sfi == sfi && file.structure == Structure::Record(record)) {
        return Some(Place::File(sfi));
    }
    let is_log = purse.log_files().any(|file| file == sfi) || purse.trips == Some(sfi);
    is_log.then_some(Place::PurseRecord(sfi, record))
}

/// A register of another purse: the one in the same DF, or any when no purse was known.
fn other_register(purse: Option<&Purse>, command: &Command<'_>) -> Option<(PurseKind, Place)> {
    let others = match purse {
        Some(purse) => [purse.sibling, None],
        None => [Some(PurseKind::Ep), Some(PurseKind::Ed)],
    };
    others.into_iter().flatten().find_map(|kind| {
        let register = by_kind(kind).all_registers().find(|register| register.ask.is(command))?;
        Some((kind, Place::Balance(register.number)))
    })
}

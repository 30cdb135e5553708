//! Decodes a recorded session without a card: each answer by its command.
//!
//! GET RESPONSE after 61xx and the repeated command after 6Cxx are put together first, as the transport would have done
//! (EMV 4.4 Book 1, 9.3.1).

use tapcard_emv::{Aid, PurseKind};
use tapcard_iso7816::{Command, Ins, Sfi, StatusWord, Tag};
use tapcard_terminal::{LogKind, Place};
use tapcard_transport::CardInfo;

use crate::collect::{Collector, split};
use crate::dfs::Dfs;
use crate::model::CardReport;
use crate::purse::by_word;

/// Names of the two directories.
const DIRECTORIES: [(&[u8], Place); 2] = [(b"2PAY.SYS.DDF01", Place::Ppse), (b"1PAY.SYS.DDF01", Place::Pse)];

/// A recorded session as it is decoded.
pub struct Session {
    collector: Collector,
    /// The command whose answer is still coming, and what came of it.
    pending: Option<(Vec<u8>, Vec<u8>)>,
    in_directory: bool,
    dfs: Dfs,
    apdus: usize,
}

/// One command with its whole answer.
pub struct Exchanged {
    /// The C-APDU that was answered, not a GET RESPONSE.
    pub command: Vec<u8>,
    /// Data of the R-APDU.
    pub data: Vec<u8>,
    /// SW1-SW2 at the end.
    pub sw: StatusWord,
}

impl Session {
    /// A session with this card.
    #[must_use]
    pub const fn new(card: CardInfo) -> Self {
        Self { collector: Collector::new(card), pending: None, in_directory: false, dfs: Dfs::new(), apdus: 0 }
    }

    /// A session that begins after SELECT of this purse.
    #[must_use]
    pub fn in_purse(mut self, kind: PurseKind) -> Self {
        self.collector.purse(kind);
        self.dfs.leave();
        self
    }

    /// A session that begins after SELECT of what a recording calls `t-union`, `city-union` or `beijing`; any other word is an
    /// application, in which a session may begin as it is.
    #[must_use]
    pub fn after_selecting(self, word: Option<&str>) -> Self {
        match word.and_then(by_word) {
            Some(kind) => self.in_purse(kind),
            None => self,
        }
    }

    /// Takes one recorded exchange. The answer is the whole exchange once it is complete.
    pub fn exchange(&mut self, command: &[u8], answer: &[u8]) -> Option<Exchanged> {
        self.apdus += 1;
        let is_get_response = command.get(1) == Some(&u8::from(Ins::GetResponse));
        let (command, mut data) = match self.pending.take() {
            Some(pending) if is_get_response => pending,
            _ => (command.to_vec(), Vec::new()),
        };
        let (part, sw) = split(answer);
        data.extend_from_slice(part);
        match sw.sw1() {
            0x61 => {
                self.pending = Some((command, data));
                return None;
            }
            // The same command comes again with the exact Le.
            0x6C => {
                self.pending = is_get_response.then_some((command, data));
                return None;
            }
            _ => {}
        }
        self.decode(&command, &data, sw);
        Some(Exchanged { command, data, sw })
    }

    fn decode(&mut self, command: &[u8], data: &[u8], sw: StatusWord) {
        let Ok(command) = Command::parse(command) else { return };
        match (command.ins(), command.p1()) {
            (Ins::Select, 0x04) => return self.select(command.data(), data, sw),
            (Ins::Select, _) => return self.dfs.select_identifier(&command, data, sw, &mut self.collector),
            _ => {}
        }
        if sw != StatusWord::OK || (!self.in_directory && self.dfs.purse_answer(&command, data, &mut self.collector)) {
            return;
        }
        match command.ins() {
            Ins::GetProcessingOptions => self.collector.found(Place::Options, data),
            Ins::ReadRecord => self.record(command.p1(), command.p2(), data),
            Ins::GetData => {
                let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
                self.collector.found(Place::Object(tag), data);
            }
            _ => {}
        }
    }

    fn select(&mut self, name: &[u8], fci: &[u8], sw: StatusWord) {
        let directory = DIRECTORIES.iter().find(|(directory, _)| *directory == name);
        self.in_directory = directory.is_some();
        if !matches!(sw.sw1(), 0x90 | 0x62 | 0x63) {
            return;
        }
        if let Some((_, place)) = directory {
            self.collector.found(*place, fci);
            return;
        }
        if self.dfs.select_home(name, &mut self.collector) {
            return;
        }
        self.collector.application(Aid::new(name).ok(), 0, sw);
        self.collector.found(Place::Fci, fci);
        self.dfs.entered(&mut self.collector);
    }

    fn record(&mut self, number: u8, p2: u8, data: &[u8]) {
        if self.in_directory {
            self.collector.found(Place::DirectoryRecord(number), data);
            return;
        }
        let Some(sfi) = Sfi::new(p2 >> 3) else { return };
        let log = [LogKind::Transactions, LogKind::Loads]
            .into_iter()
            .find(|kind| self.collector.log_entry(*kind).is_some_and(|entry| entry.sfi == sfi));
        let place = log.map_or(Place::Record(sfi, number), |kind| Place::LogRecord(kind, number));
        self.collector.found(place, data);
    }

    /// The report of all that was decoded.
    #[must_use]
    pub fn finish(self) -> CardReport {
        self.collector.finish(self.apdus)
    }
}

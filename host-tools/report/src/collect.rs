//! Turns answers of a card into the model.
//!
//! A [`Collector`] is told what each answer is, either by the reading flow (it is the flow's observer, see
//! [`read`](mod@crate::read)) or by the commands of a recorded session ([`session`](crate::session)). Both ways end in the
//! same report, so what is decoded from a recording is decoded as from a card.

use tapcard_emv::pboc::LogEntry;
use tapcard_emv::purse::{self, by_kind, by_name};
use tapcard_emv::{Aid, Dol, PurseKind, tag};
use tapcard_iso7816::{StatusWord, Tag, Tlvs, Walk, find, find_path};
use tapcard_terminal::{FoundBy, LogKind, Place, Report};
use tapcard_transport::CardInfo;

use crate::model::{Application, ApplicationState, CardReport, Object, Warning};
use crate::purse::Collected as CollectedPurse;
use crate::summary;

/// Gathers a [`CardReport`].
pub struct Collector {
    card: CardInfo,
    applications: Vec<Collected>,
    directory: Vec<Object>,
    found_by: Option<FoundBy>,
    warnings: Vec<Warning>,
}

/// One application as far as it was told.
struct Collected {
    requested: Option<Aid>,
    priority: u8,
    select_sw: StatusWord,
    refused_options: bool,
    objects: Vec<Object>,
    transactions: Vec<Vec<u8>>,
    loads: Vec<Vec<u8>>,
    purse: Option<CollectedPurse>,
}

impl Collector {
    /// Nothing is known yet but the card itself.
    #[must_use]
    pub const fn new(card: CardInfo) -> Self {
        Self { card, applications: Vec::new(), directory: Vec::new(), found_by: None, warnings: Vec::new() }
    }

    /// Takes one report of the reading flow; `answer` is the R-APDU with SW1-SW2 that it speaks of.
    pub fn report(&mut self, report: Report, answer: &[u8]) {
        let (data, sw) = split(answer);
        match report {
            Report::Application { aid, priority, found_by } => {
                self.found_by = Some(found_by);
                self.application(Some(aid), priority, sw);
            }
            Report::Purse(kind) => {
                self.found_by = Some(FoundBy::FileIdentifier);
                self.purse(kind);
            }
            Report::Found(place) => self.found(place, data),
            Report::Refused(Place::Options, _) => {
                if let Some(application) = self.applications.last_mut() {
                    application.refused_options = true;
                }
            }
            Report::Refused(..) => {}
            Report::Warning(warning) => self.warnings.push(Warning {
                code: warning.kind.code(),
                message: warning.kind.to_string(),
                at: if warning.offset == 0 {
                    warning.place.to_string()
                } else {
                    format!("{} byte {}", warning.place, warning.offset)
                },
            }),
        }
    }

    /// Begins an application; `requested` is the name in SELECT.
    pub fn application(&mut self, requested: Option<Aid>, priority: u8, select_sw: StatusWord) {
        self.applications.push(Collected {
            requested,
            priority,
            select_sw,
            refused_options: false,
            objects: Vec::new(),
            transactions: Vec::new(),
            loads: Vec::new(),
            purse: requested.and_then(|name| by_name(name.as_bytes())).map(CollectedPurse::new),
        });
    }

    /// Begins an application that has no name: a purse.
    pub fn purse(&mut self, kind: PurseKind) {
        self.application(None, 0, StatusWord::OK);
        self.current().purse = Some(CollectedPurse::new(by_kind(kind)));
    }

    /// The description of the purse under reading.
    #[must_use]
    pub fn current_purse(&self) -> Option<&'static purse::Purse> {
        Some(self.applications.last()?.purse.as_ref()?.description())
    }

    /// Adds a warning that does not come from the flow.
    pub fn warn(&mut self, code: &'static str, message: String, at: String) {
        self.warnings.push(Warning { code, message, at });
    }

    /// Takes the data of a good answer at `place`.
    pub fn found(&mut self, place: Place, data: &[u8]) {
        match place {
            Place::Ppse | Place::Pse | Place::DirectoryRecord(_) => self.directory.extend(leaves(place, data)),
            Place::LogRecord(kind, _) => {
                let application = self.current();
                match kind {
                    LogKind::Transactions => application.transactions.push(data.to_vec()),
                    LogKind::Loads => application.loads.push(data.to_vec()),
                }
            }
            Place::Options => {
                let objects = options_objects(data).unwrap_or_else(|| leaves(place, data));
                self.current().objects.extend(objects);
            }
            Place::Balance(number) => self.in_purse(|purse| purse.register(number, data)),
            Place::File(sfi) => self.in_purse(|purse| purse.file(sfi, data)),
            Place::PurseRecord(sfi, number) => self.in_purse(|purse| purse.record(sfi, number, data)),
            Place::Home => {}
            Place::Fci => {
                let application = self.current();
                let opaque = application.purse.as_mut().is_some_and(|purse| purse.fci(data));
                application.objects.extend(if opaque { children(place, data) } else { leaves(place, data) });
            }
            _ => self.current().objects.extend(leaves(place, data)),
        }
    }

    /// Hands an answer to the purse under reading. What a purse alone can answer, but was answered by something else, belongs
    /// to the e-purse of JR/T 0025.2.
    fn in_purse(&mut self, take: impl FnOnce(&mut CollectedPurse)) {
        let purse = &mut self.current().purse;
        take(purse.get_or_insert_with(|| CollectedPurse::new(by_kind(PurseKind::Ep))));
    }

    /// The application under reading; a session that starts behind SELECT has one without a name.
    fn current(&mut self) -> &mut Collected {
        if self.applications.is_empty() {
            self.application(None, 0, StatusWord::OK);
        }
        // One was just pushed if there was none.
        let last = self.applications.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "the list was made non-empty three lines above")]
        &mut self.applications[last]
    }

    /// The log file of the current application, as its FCI or records name it.
    #[must_use]
    pub fn log_entry(&self, kind: LogKind) -> Option<LogEntry> {
        let wanted = match kind {
            LogKind::Transactions => tag::LOG_ENTRY,
            LogKind::Loads => tag::LOAD_LOG_ENTRY,
        };
        let objects = &self.applications.last()?.objects;
        let value = &objects.iter().find(|object| object.tag == wanted)?.value;
        LogEntry::parse(value).ok()
    }

    /// Everything that was told; `apdus` is the number of C-APDUs that went to the card.
    #[must_use]
    pub fn finish(mut self, apdus: usize) -> CardReport {
        let entries = directory_entries(&self.directory);
        let applications =
            self.applications.into_iter().map(|collected| collected.finish(&entries, &mut self.warnings)).collect();
        CardReport { card: self.card, applications, found_by: self.found_by, apdus, warnings: self.warnings }
    }
}

impl Collected {
    fn finish(self, entries: &[DirectoryEntry], warnings: &mut Vec<Warning>) -> Application {
        // GET DATA is the register itself and comes last; what GET PROCESSING OPTIONS or a record said may be older.
        let value = |wanted: Tag| {
            let mut with_tag = self.objects.iter().filter(|object| object.tag == wanted && !object.value.is_empty());
            let register = with_tag.clone().find(|object| object.from == Place::Object(wanted));
            register.or_else(|| with_tag.next()).map(|object| object.value.as_slice())
        };
        let transactions = self.transactions.iter().filter(|record| !purse::is_blank(record));
        let transactions = match value(tag::LOG_FORMAT) {
            Some(format) => {
                transactions.map(|record| summary::transaction(&Dol::new(format), record, warnings)).collect()
            }
            None => Vec::new(),
        };
        let loads = self.loads.iter().filter(|record| !purse::is_blank(record));
        let loads = match value(tag::LOAD_LOG_FORMAT) {
            Some(format) => loads.filter_map(|record| summary::load(&Dol::new(format), record, warnings)).collect(),
            None => Vec::new(),
        };
        let entry = entries.iter().find(|entry| Some(&entry.aid) == self.requested.as_ref());
        let state = self.state();
        let mut application = summary::application(&value, self.requested, entry.and_then(|e| e.label.clone()));
        if application.priority.is_none() && self.priority != 0 {
            application.priority = Some(self.priority);
        }
        application.directory_aid = entry.map(|entry| entry.aid);
        application.select_sw = self.select_sw;
        application.state = state;
        application.transactions = transactions;
        application.loads = loads;
        if let Some(purse) = self.purse {
            let (purse, transactions) = purse.finish(warnings);
            application.label = application.label.or_else(|| Some(purse.kind.name().to_owned()));
            application.transactions.extend(transactions);
            application.purse = Some(purse);
        }
        application.objects = self.objects;
        application
    }

    fn state(&self) -> ApplicationState {
        let told = self.objects.iter().any(|object| object.from != Place::Fci)
            || self.purse.as_ref().is_some_and(CollectedPurse::told);
        match self.select_sw {
            StatusWord::OK if told => ApplicationState::Active,
            StatusWord::OK if self.refused_options => ApplicationState::Blocked,
            StatusWord::SELECTED_FILE_INVALIDATED
            | StatusWord::CONDITIONS_NOT_SATISFIED
            | StatusWord::FUNCTION_NOT_SUPPORTED => ApplicationState::Blocked,
            _ => ApplicationState::Unknown,
        }
    }
}

/// An entry 61 of PPSE or PSE.
struct DirectoryEntry {
    aid: Aid,
    label: Option<String>,
}

/// Entries from the leaves of a directory: each 4F begins one.
fn directory_entries(leaves: &[Object]) -> Vec<DirectoryEntry> {
    let mut entries: Vec<DirectoryEntry> = Vec::new();
    for object in leaves {
        match object.tag {
            tag::ADF_NAME => {
                if let Ok(aid) = Aid::new(&object.value) {
                    entries.push(DirectoryEntry { aid, label: None });
                }
            }
            tag::APPLICATION_LABEL => {
                if let Some(entry) = entries.last_mut() {
                    entry.label = Some(crate::text::decode_text(&object.value, None));
                }
            }
            _ => {}
        }
    }
    entries
}

/// Format 1 of GET PROCESSING OPTIONS as the two objects that it stands for (EMV 4.4 Book 3, 6.5.8.4).
fn options_objects(data: &[u8]) -> Option<Vec<Object>> {
    let value = find(data, tag::RESPONSE_TEMPLATE_1)?;
    let (aip, afl) = value.split_at_checked(2)?;
    let object = |tag, value: &[u8]| Object { tag, value: value.to_vec(), from: Place::Options };
    Some(vec![object(tag::AIP, aip), object(tag::AFL, afl)])
}

/// The primitive objects of a template, depth first; what stands before a malformed object counts.
fn leaves(from: Place, data: &[u8]) -> Vec<Object> {
    Walk::new(data)
        .map_while(Result::ok)
        .filter(|(_, object)| !object.tag.is_constructed())
        .map(|(_, object)| Object { tag: object.tag, value: object.value.to_vec(), from })
        .collect()
}

/// The objects of a template 6F as they are, for a purse that puts something else than BER-TLV into them.
fn children(from: Place, data: &[u8]) -> Vec<Object> {
    let children = Tlvs::new(find(data, tag::FCI_TEMPLATE).unwrap_or_default()).map_while(Result::ok);
    children.map(|object| Object { tag: object.tag, value: object.value.to_vec(), from }).collect()
}

pub(crate) fn split(answer: &[u8]) -> (&[u8], StatusWord) {
    match answer.split_last_chunk::<2>() {
        Some((data, sw)) => (data, StatusWord::new(u16::from_be_bytes(*sw))),
        None => (&[], StatusWord::new(0)),
    }
}

/// Directory entries of a PPSE's FCI, for sessions that hold no more than that.
#[must_use]
pub fn ppse_aids(fci: &[u8]) -> Vec<Aid> {
    let path = [tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE, tag::FCI_ISSUER_DISCRETIONARY_DATA];
    let Some(entries) = find_path(fci, &path) else { return Vec::new() };
    Tlvs::new(entries)
        .map_while(Result::ok)
        .filter(|object| object.tag == tag::APPLICATION_TEMPLATE)
        .filter_map(|object| find(object.value, tag::ADF_NAME).and_then(|name| Aid::new(name).ok()))
        .collect()
}

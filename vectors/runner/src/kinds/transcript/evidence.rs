//! What a session gave, however it was had.

use serde_json::Value;
use tapcard_iso7816::{Command, Ins, StatusWord, Tag};
use tapcard_report::{Application, CardReport};
use tapcard_transport::transcript::{Exchange, Transcript};

use crate::json;

/// Everything that members of `expect` are compared with.
pub(super) struct Evidence {
    /// The report of this implementation.
    pub(super) report: CardReport,
    /// What the card lists, in the card's order.
    pub(super) directory: Vec<Entry>,
    /// Tag of the template in which GET PROCESSING OPTIONS was answered.
    pub(super) options_template: Option<u8>,
    /// Applications were tried, and each refused selection or GET PROCESSING OPTIONS.
    pub(super) locked: bool,
    /// A purse took part: it was selected when the recording began, or the recording selects one.
    pub(super) purse: bool,
    /// What only a terminal's session has; `None` when a reader read the card.
    pub(super) terminal: Option<TerminalSession>,
}

/// One entry of a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) aid: Vec<u8>,
    pub(super) label: Option<Vec<u8>>,
    pub(super) priority: Option<u8>,
}

/// Commands of a transaction that a reader never sends.
#[derive(Default)]
pub(super) struct TerminalSession {
    pub(super) generate_ac: Vec<GenerateAc>,
    pub(super) checksum: Option<Vec<(Tag, Vec<u8>)>>,
    /// Data of INTERNAL AUTHENTICATE.
    pub(super) ddol_data: Option<Vec<u8>>,
    pub(super) external_authenticate: Option<StatusWord>,
    pub(super) last: Option<StatusWord>,
}

/// One GENERATE AC.
pub(super) struct GenerateAc {
    /// The CDOL data sent.
    pub(super) sent: Vec<u8>,
    pub(super) cid: u8,
    pub(super) atc: u16,
    pub(super) ac: Option<Vec<u8>>,
    pub(super) iad: Option<Vec<u8>>,
}

/// Names of applications whose balance, owner and log stand in files and behind commands of their own. Until purses are
/// decoded, what a purse alone could have told is left out instead of failed.
const PURSES: &[&[u8]] = &[
    // GeldKarte on a girocard.
    &[0xD2, 0x76, 0x00, 0x00, 0x25, 0x47, 0x41],
    // China T-Union, City Union.
    &[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05],
    &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x86, 0x98, 0x07],
    // Shenzhen: PAY.SZT.
    b"PAY.SZT",
];

impl Evidence {
    /// The applications that were read.
    pub(super) fn applications(&self) -> &[Application] {
        &self.report.applications
    }

    /// Every occurrence of an object, in the order met.
    pub(super) fn values(&self, tag: Tag) -> Vec<&[u8]> {
        let objects = self.applications().iter().flat_map(|application| &application.objects);
        objects.filter(|object| object.tag == tag).map(|object| object.value.as_slice()).collect()
    }

    /// Every occurrence as octets.
    pub(super) fn octets(&self, tag: Tag) -> Vec<Value> {
        self.values(tag).into_iter().map(json::hex).collect()
    }

    /// Whether a purse took part.
    pub(super) fn has_purse(&self) -> bool {
        self.purse || self.applications().iter().any(is_purse)
    }
}

/// Whether the recording speaks to a purse: with one selected before it began, or with SELECT of one.
pub(super) fn speaks_to_purse(transcript: &Transcript) -> bool {
    let given = matches!(transcript.selected.as_deref(), Some("t-union" | "beijing" | "city-union"));
    let selects = |exchange: &Exchange| match Command::parse(&exchange.command) {
        Ok(command) => command.ins() == Ins::Select && is_purse_name(command.data()),
        Err(_) => false,
    };
    given || transcript.exchanges.iter().any(selects)
}

/// Whether the application is a purse by its name.
pub(super) fn is_purse(application: &Application) -> bool {
    application.aid.is_some_and(|aid| is_purse_name(aid.as_bytes()))
}

fn is_purse_name(name: &[u8]) -> bool {
    PURSES.iter().any(|purse| name.starts_with(purse))
}

//! What a session gave, however it was had.

use serde_json::Value;
use tapcard_iso7816::{StatusWord, Tag};
use tapcard_report::{Application, CardReport, Purse};

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
    /// Its answer, `9F4B`.
    pub(super) signature: Option<Vec<u8>>,
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
    /// `9F4B`, where the answer is signed.
    pub(super) signature: Option<Vec<u8>>,
}

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

    /// The purses that were read.
    pub(super) fn purses(&self) -> impl Iterator<Item = &Purse> {
        self.applications().iter().filter_map(|application| application.purse.as_ref())
    }
}

//! What a transaction came to, in the words of the format.

use serde_json::{Value, json};
use tapcard_emv::bits::AcType;
use tapcard_emv::{Dol, tag};
use tapcard_iso7816::Tag;
use tapcard_terminal::contact;

use crate::json::hex;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Approved,
    Declined,
    Terminated,
    Selection,
}

impl From<contact::Decision> for Decision {
    fn from(decision: contact::Decision) -> Self {
        match decision {
            contact::Decision::Approved => Self::Approved,
            contact::Decision::Declined => Self::Declined,
            contact::Decision::Terminated(_) => Self::Terminated,
        }
    }
}

impl Decision {
    const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Terminated => "terminated",
            Self::Selection => "selection",
        }
    }
}

/// Everything that a case may ask about.
pub(super) struct Found {
    pub(super) decision: Decision,
    pub(super) offered: Vec<Vec<u8>>,
    pub(super) selected: Vec<u8>,
    pub(super) tvr: Vec<u8>,
    pub(super) tsi: Vec<u8>,
    pub(super) cvm_results: Vec<u8>,
    pub(super) script_results: Vec<u8>,
    /// The card's CDOL1 and CDOL2.
    pub(super) cdol: [Vec<u8>; 2],
    pub(super) second_arc: Option<Vec<u8>>,
    pub(super) options: Option<Vec<u8>>,
    pub(super) generated: Vec<(u8, Vec<u8>)>,
    pub(super) externally_authenticated: bool,
    pub(super) scripts: Vec<Vec<u8>>,
}

impl Found {
    /// The member of that name; `None`: the format does not have it.
    pub(super) fn member(&self, name: &str) -> Option<Value> {
        Some(match name {
            "decision" => json!(self.decision.name()),
            "offered" => self.offered.iter().map(|name| hex(name)).collect(),
            "selected" => hex(&self.selected),
            "first_ac" => self.asked(0),
            "second_ac" => self.asked(1),
            "first_ac_p1" => self.generated.first().map_or(Value::Null, |(p1, _)| hex(&[*p1])),
            "first_ac_data" => self.generated.first().map_or(Value::Null, |(_, data)| hex(data)),
            "gpo_data" => self.options.as_ref().map_or(Value::Null, |data| hex(data)),
            "tvr_first_ac" => self.sent(0, tag::TVR).map_or(Value::Null, |tvr| hex(&tvr)),
            "tvr_second_ac" => self.sent(1, tag::TVR).map_or(Value::Null, |tvr| hex(&tvr)),
            "tvr" => hex(&self.tvr),
            "tsi" => hex(&self.tsi),
            "cvm_results" => hex(&self.cvm_results),
            "arc" => self.arc(),
            "external_authenticate" => json!(self.externally_authenticated),
            "script_commands" => self.scripts.iter().map(|command| hex(command)).collect(),
            "script_results_9F5B" => hex(&self.script_results),
            _ => return None,
        })
    }

    /// The type that a GENERATE AC asked for.
    fn asked(&self, turn: usize) -> Value {
        self.generated.get(turn).map_or(Value::Null, |(p1, _)| json!(AcType::from_octet(*p1).to_string()))
    }

    /// A value out of the data of a GENERATE AC.
    fn sent(&self, turn: usize, wanted: Tag) -> Option<Vec<u8>> {
        let (_, data) = self.generated.get(turn)?;
        let list = Dol::new(self.cdol.get(turn)?);
        let found = list.decode(data).flatten().find(|(entry, _)| entry.tag == wanted);
        found.map(|(_, value)| value.to_vec())
    }

    /// The response code of the second GENERATE AC: as it was sent, or as it was known where the card does not ask for it.
    fn arc(&self) -> Value {
        let code = self.sent(1, tag::ARC).or_else(|| self.second_arc.clone());
        code.map_or(Value::Null, |code| hex(&code))
    }
}

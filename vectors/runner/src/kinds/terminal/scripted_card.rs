//! The card of a case: answers by command, and a memory of what was sent.

use tapcard_emv::bits::AcType;
use tapcard_iso7816::{Command, Ins};

use super::case::{CardSide, Octets};

/// What the directory of a contact card is called.
const PSE: &[u8] = b"1PAY.SYS.DDF01";
const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
const NO_RECORD: [u8; 2] = [0x6A, 0x83];
const NO_DATA: [u8; 2] = [0x6A, 0x88];
const NOT_SUPPORTED: [u8; 2] = [0x6D, 0x00];

/// The card at work.
pub(super) struct ScriptedCard<'c> {
    side: &'c CardSide,
    verified: usize,
    /// Data field of GET PROCESSING OPTIONS.
    pub(super) options: Option<Vec<u8>>,
    /// P1 and data of each GENERATE AC.
    pub(super) generated: Vec<(u8, Vec<u8>)>,
    pub(super) externally_authenticated: bool,
    /// Commands that are none of those above.
    pub(super) scripts: Vec<Vec<u8>>,
}

impl<'c> ScriptedCard<'c> {
    pub(super) fn new(side: &'c CardSide) -> Self {
        Self {
            side,
            verified: 0,
            options: None,
            generated: Vec::new(),
            externally_authenticated: false,
            scripts: Vec::new(),
        }
    }

    pub(super) fn answer(&mut self, octets: &[u8]) -> Vec<u8> {
        let Ok(command) = Command::parse(octets) else { return self.script(octets) };
        let [p1, p2] = [command.p1(), command.p2()];
        match (command.cla(), command.ins()) {
            (0x00, Ins::Select) => self.select(p2, command.data()),
            (0x00, Ins::ReadRecord) => by_key(&self.side.records, &format!("{:02X}{p1:02X}", p2 >> 3), NO_RECORD),
            (0x80, Ins::GetProcessingOptions) => {
                self.options = Some(command.data().to_vec());
                self.side.gpo.0.clone()
            }
            (0x80, Ins::GetData) => {
                let tag = if p1 == 0 { format!("{p2:02X}") } else { format!("{p1:02X}{p2:02X}") };
                by_key(&self.side.get_data, &tag, NO_DATA)
            }
            (0x00, Ins::Verify) => {
                self.verified += 1;
                in_order(&self.side.verify, self.verified)
            }
            (0x80, Ins::GenerateAc) => self.generate_ac(p1, command.data()),
            (0x00, Ins::ExternalAuthenticate) => {
                self.externally_authenticated = true;
                fixed(self.side.external_authenticate.as_ref())
            }
            (0x00, Ins::InternalAuthenticate) => fixed(self.side.internal_authenticate.as_ref()),
            _ => self.script(octets),
        }
    }

    fn select(&self, p2: u8, name: &[u8]) -> Vec<u8> {
        match p2 {
            0x00 if name == PSE => self.side.pse.0.clone(),
            0x00 => by_key(&self.side.select, &hex::encode_upper(name), NOT_FOUND),
            _ => NOT_FOUND.to_vec(),
        }
    }

    fn generate_ac(&mut self, p1: u8, data: &[u8]) -> Vec<u8> {
        let answers = if self.generated.is_empty() { &self.side.generate_ac_1 } else { &self.side.generate_ac_2 };
        self.generated.push((p1, data.to_vec()));
        by_key(answers, &AcType::from_octet(p1).to_string(), NOT_SUPPORTED)
    }

    fn script(&mut self, octets: &[u8]) -> Vec<u8> {
        self.scripts.push(octets.to_vec());
        in_order(&self.side.script, self.scripts.len())
    }
}

fn by_key(answers: &std::collections::HashMap<String, Octets>, key: &str, otherwise: [u8; 2]) -> Vec<u8> {
    answers.get(key).map_or_else(|| otherwise.to_vec(), |answer| answer.0.clone())
}

/// The answer to the command with this number, from 1; the last one repeats.
fn in_order(answers: &[Octets], number: usize) -> Vec<u8> {
    let answer = answers.get(number.saturating_sub(1)).or(answers.last());
    answer.map_or_else(|| NOT_SUPPORTED.to_vec(), |answer| answer.0.clone())
}

fn fixed(answer: Option<&Octets>) -> Vec<u8> {
    answer.map_or_else(|| NOT_SUPPORTED.to_vec(), |answer| answer.0.clone())
}

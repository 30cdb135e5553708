//! Mode `decode`: the exchanges in their order, each answer by its command.
//!
//! What a reader and a recording share is decoded by [`tapcard_report::Session`]; here are the commands of a whole
//! transaction, the card's directory, and recordings that do not name their commands.

use tapcard_iso7816::{Command, Ins, StatusWord, Tlvs, Walk, find};
use tapcard_report::{Exchanged, Session};
use tapcard_transport::{CardInfo, Interface, Transcript};

use super::evidence::{Entry, Evidence, TerminalSession};
use super::terminal;
use tapcard_emv::tag;

/// DF names of the two directories.
const DIRECTORIES: [&[u8]; 2] = [b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"];

/// Everything that the recording holds.
pub(super) fn evidence(transcript: &Transcript) -> Result<Evidence, String> {
    let mut session = Session::new(info(transcript)).after_selecting(transcript.selected.as_deref());
    let mut walk = Walked::default();
    let mut more_data = false;
    for exchange in &transcript.exchanges {
        // The card was lost here; what follows was recorded with another one.
        let Some(answer) = &exchange.answer else { break };
        let command = named(&exchange.command, answer, more_data);
        more_data = matches!(answer.split_last_chunk(), Some((_, [0x61, _])));
        walk.terminal.last = status(answer);
        if let Some(exchanged) = session.exchange(&command, answer) {
            walk.take(&exchanged);
        }
    }
    Ok(Evidence {
        report: session.finish(),
        locked: walk.locked(),
        directory: walk.directory,
        options_template: walk.options_template,
        terminal: Some(walk.terminal),
    })
}

fn info(transcript: &Transcript) -> CardInfo {
    let atr = transcript.atr.clone();
    let interface = atr.as_deref().map_or(Interface::Contact, Interface::of_atr);
    CardInfo { reader: "recording".into(), interface, atr, uid: None }
}

fn status(answer: &[u8]) -> Option<StatusWord> {
    answer.last_chunk::<2>().map(|sw| StatusWord::new(u16::from_be_bytes(*sw)))
}

/// The command as it was meant: GET RESPONSE with its nibbles swapped, and an empty one by the template of its answer.
fn named(command: &[u8], answer: &[u8], more_data: bool) -> Vec<u8> {
    match command {
        [0x00, 0x0C, rest @ ..] if more_data => [&[0x00, 0xC0], rest].concat(),
        [] => guess(answer).unwrap_or_default(),
        _ => command.to_vec(),
    }
}

/// The command that an answer with this outermost object belongs to.
fn guess(answer: &[u8]) -> Option<Vec<u8>> {
    let (data, [0x90, 0x00]) = answer.split_last_chunk::<2>()? else { return None };
    let first = Tlvs::new(data).next()?.ok()?;
    Some(match first.tag {
        tag::RESPONSE_TEMPLATE_1 | tag::RESPONSE_TEMPLATE_2 => {
            vec![0x80, 0xA8, 0x00, 0x00, 0x02, 0x83, 0x00, 0x00]
        }
        tag::READ_RECORD_TEMPLATE => vec![0x00, 0xB2, 0x01, 0x0C, 0x00],
        other => {
            let [high, low] = u16::try_from(other.get()).ok()?.to_be_bytes();
            vec![0x80, 0xCA, high, low, 0x00]
        }
    })
}

/// What the walk keeps beside the session.
#[derive(Default)]
struct Walked {
    in_directory: bool,
    directory: Vec<Entry>,
    options_template: Option<u8>,
    attempts: Vec<Attempt>,
    terminal: TerminalSession,
}

/// One application that was tried.
#[derive(Default)]
struct Attempt {
    refused: bool,
    told: bool,
}

impl Walked {
    fn take(&mut self, exchanged: &Exchanged) {
        let Exchanged { command, data, sw } = exchanged;
        let Ok(command) = Command::parse(command) else { return };
        match command.ins() {
            Ins::Select if command.p1() == 0x04 => self.select(command.data(), data, *sw),
            Ins::ReadRecord if self.in_directory => self.entries(data),
            Ins::GetProcessingOptions => self.options(data, *sw),
            Ins::ReadRecord | Ins::GetData | Ins::GetBalance | Ins::ReadBinary if *sw == StatusWord::OK => self.told(),
            _ => terminal::take(&mut self.terminal, &command, data, *sw),
        }
    }

    fn select(&mut self, name: &[u8], fci: &[u8], sw: StatusWord) {
        self.in_directory = DIRECTORIES.contains(&name);
        if self.in_directory {
            return self.entries(fci);
        }
        // A warning (62xx, 63xx) comes with the FCI: the application is selected.
        let refused = !matches!(sw.sw1(), 0x90 | 0x62 | 0x63);
        self.attempts.push(Attempt { refused, told: false });
    }

    fn options(&mut self, data: &[u8], sw: StatusWord) {
        if sw == StatusWord::OK {
            self.options_template = self.options_template.or(data.first().copied());
            self.told();
        } else if let Some(attempt) = self.attempts.last_mut() {
            attempt.refused = true;
        }
    }

    fn told(&mut self) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.told = true;
        }
    }

    fn entries(&mut self, data: &[u8]) {
        let templates = Walk::new(data).map_while(Result::ok).map(|(_, object)| object);
        for entry in templates.filter(|object| object.tag == tag::APPLICATION_TEMPLATE) {
            self.directory.push(Entry {
                aid: find(entry.value, tag::ADF_NAME).unwrap_or_default().to_vec(),
                label: find(entry.value, tag::APPLICATION_LABEL).map(<[u8]>::to_vec),
                priority: find(entry.value, tag::APPLICATION_PRIORITY).and_then(|value| value.first().copied()),
            });
        }
    }

    fn locked(&self) -> bool {
        !self.attempts.is_empty() && self.attempts.iter().all(|attempt| attempt.refused && !attempt.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    #[test]
    fn an_answer_without_a_command_is_named_by_its_template() {
        for (answer, command) in [
            ("771282021980940C0801010010010101200203009000", "80A8000002830000"),
            ("800E7C000801010010010500180102019000", "80A8000002830000"),
            ("70035F20009000", "00B2010C00"),
            ("9F17010390 00", "80CA9F1700"),
            ("DF8129009000", ""),
            ("6700", ""),
            ("9F179000", ""),
        ] {
            let answer = octets(&answer.replace(' ', ""));
            assert_eq!(named(&[], &answer, false), octets(command));
        }
    }

    #[test]
    fn get_response_with_swapped_nibbles_is_one_only_behind_61xx() {
        let command = octets("000C000033");
        assert_eq!(named(&command, &[], true), octets("00C0000033"));
        assert_eq!(named(&command, &[], false), command);
    }
}

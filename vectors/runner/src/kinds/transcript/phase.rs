//! Mode `phase`: one step of the contact kernel, with a card that answers in order. What comes before the step is answered
//! here, so that the machine itself gets there.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};
use tapcard_emv::bits::TerminalType;
use tapcard_emv::{Aid, Amount, tag};
use tapcard_flow::drive::exchange;
use tapcard_flow::{Action, Input, Link, Machine};
use tapcard_iso7816::{Command, Ins, Protocol, Tag, TlvWriter};
use tapcard_terminal::contact::{
    ActionCodes, Application, Contact, Decision, FoundBy, MIN_OUTPUT, Reason, Report, Step, Terminal, Transaction,
};

use crate::json;
use crate::outcome::{Comparison, Outcome};

/// The application of a step that begins behind selection.
const NAME: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
/// A private object, which carries the PDOL data that the recording has.
const GIVEN: Tag = Tag::new(0xDF7F);
/// Octets of a whole answer.
const ANSWER: usize = 512;

/// Which step, and what it starts from.
enum Phase {
    BuildCandidateList,
    Initiate,
    /// With this AFL.
    Read(Vec<u8>),
}

pub(super) fn run(body: &Map<String, Value>) -> Outcome {
    let Some(expect) = body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    match read(body).and_then(|(phase, aids, exchanges)| play(&phase, &aids, exchanges)) {
        Ok(found) => compare(expect, &found),
        Err(what) => Outcome::unusable(&what),
    }
}

type Exchanges = VecDeque<(Vec<u8>, Vec<u8>)>;

fn read(body: &Map<String, Value>) -> Result<(Phase, Vec<Aid>, Exchanges), String> {
    let given = body.get("given").ok_or("no `given`")?;
    let octets = |value: Option<&Value>, what: &str| value.and_then(json::octets).ok_or(format!("no `{what}`"));
    let mut aids = vec![Aid::new(&NAME).map_err(|error| error.to_string())?];
    let phase = match given.get("phase").and_then(Value::as_str) {
        Some("build_candidate_list") => {
            let list = given.get("terminal_aids").and_then(Value::as_array).ok_or("no `terminal_aids`")?;
            let aid = |value| Aid::new(&octets(Some(value), "AID")?).map_err(|error| error.to_string());
            aids = list.iter().map(aid).collect::<Result<_, _>>()?;
            Phase::BuildCandidateList
        }
        Some("initiate_application_processing") => Phase::Initiate,
        Some("read_application_data") => Phase::Read(octets(given.get("afl"), "afl")?),
        _ => return Err("an unknown `phase`".into()),
    };
    let list = body.get("exchanges").and_then(Value::as_array).ok_or("no `exchanges`")?;
    let exchange = |entry: &Value| Ok::<_, String>((octets(entry.get("c"), "c")?, octets(entry.get("r"), "r")?));
    Ok((phase, aids, list.iter().map(exchange).collect::<Result<_, _>>()?))
}

/// What the step came to.
#[derive(Default)]
struct Found {
    result: Option<&'static str>,
    detail: Option<&'static str>,
    sw: Option<Vec<u8>>,
    candidates: Option<usize>,
    found_by: Option<&'static str>,
    select_next: bool,
    selection_required: bool,
    gpo_format: Option<u8>,
    aip: Option<Vec<u8>>,
    afl: Option<Vec<u8>>,
}

/// The card: what the recording says, in order and only once.
struct Recorded {
    exchanges: Exchanges,
    select_next: bool,
    last_sw: Vec<u8>,
}

impl Link for Recorded {
    type Error = String;

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, String> {
        let (expected, octets) = self.exchanges.pop_front().ok_or("a command behind the last one of the recording")?;
        if !is_same(&expected, command) {
            return Err(format!("{} instead of {}", hex::encode_upper(command), hex::encode_upper(expected)));
        }
        self.select_next |= matches!(command, [0x00, 0xA4, 0x04, 0x02, ..]);
        answer.get_mut(..octets.len()).ok_or("an answer that is too long")?.copy_from_slice(&octets);
        Ok(octets.len())
    }

    fn protocol(&self) -> Protocol {
        Protocol::T0
    }
}

/// The recordings keep the Le of a command that T=0 carries without it.
fn is_same(expected: &[u8], sent: &[u8]) -> bool {
    let without_le = expected.len() > 5 && expected.strip_suffix(&[0x00]) == Some(sent);
    expected == sent || without_le
}

fn play(phase: &Phase, aids: &[Aid], exchanges: Exchanges) -> Result<Found, String> {
    let given = exchanges.front().and_then(|(command, _)| options_data(command)).unwrap_or_default();
    let objects = [(GIVEN, given.as_slice())];
    let applications: Vec<_> = aids.iter().map(|aid| application(*aid)).collect();
    let kind = TerminalType::new(0x22).ok_or("no terminal type")?;
    let terminal = Terminal { applications: &applications, objects: &objects, ..Terminal::new(kind, [0x08, 0x40]) };
    let transaction = Transaction::purchase(Amount::new(1_000), [0x08, 0x40], [0x26, 0x06, 0x15], [1, 2, 3, 4]);
    let mut room = [0; 4096];
    let kernel = Contact::new(&terminal, &transaction, &mut room).map_err(|error| error.to_string())?;
    let card = Recorded { exchanges, select_next: false, last_sw: Vec::new() };
    Play { phase, kernel, card, given: &given, found: Found::default() }.run()
}

/// The PDOL data of a recorded GET PROCESSING OPTIONS.
fn options_data(command: &[u8]) -> Option<Vec<u8>> {
    let command = Command::parse(command).ok()?;
    let data = tapcard_iso7816::find(command.data(), tag::COMMAND_TEMPLATE)?;
    (command.ins() == Ins::GetProcessingOptions).then(|| data.to_vec())
}

fn application(aid: Aid) -> Application<'static> {
    Application {
        aid,
        partial_selection: true,
        version: [0x00, 0x96],
        floor_limit: Amount::new(10_000),
        tac: ActionCodes::default(),
        default_ddol: None,
        default_tdol: None,
        random_selection: None,
    }
}

struct Play<'p> {
    phase: &'p Phase,
    kernel: Contact<'p>,
    card: Recorded,
    given: &'p [u8],
    found: Found,
}

impl Play<'_> {
    fn run(mut self) -> Result<Found, String> {
        let mut out = [0; MIN_OUTPUT];
        let mut action = self.kernel.step(0, Input::Start, &mut out);
        loop {
            action = match action {
                Action::Transmit(length) => {
                    let command = out.get(..length).unwrap_or_default().to_vec();
                    let answer = match self.prelude(&command)? {
                        Some(answer) => answer,
                        None => self.ask_card(&command)?,
                    };
                    self.kernel.step(0, Input::Received(&answer), &mut out)
                }
                Action::Report(report) => {
                    if self.is_over(report) {
                        break;
                    }
                    self.kernel.step(0, Input::Noted, &mut out)
                }
                Action::Done(outcome) => {
                    self.note_end(outcome.decision);
                    break;
                }
                _ => return Err("the step asks for something that it must not".into()),
            };
        }
        if !self.card.exchanges.is_empty() {
            return Err(format!("{} commands of the recording were not sent", self.card.exchanges.len()));
        }
        self.found.select_next = self.card.select_next;
        Ok(self.found)
    }

    /// The answer to a command before the step; `None`: the step has begun.
    fn prelude(&self, command: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let before = match self.phase {
            Phase::BuildCandidateList => return Ok(None),
            Phase::Initiate => [Ins::Select].contains(&ins(command)),
            Phase::Read(_) => [Ins::Select, Ins::GetProcessingOptions].contains(&ins(command)),
        };
        if !before {
            return Ok(None);
        }
        let answer = match (ins(command), self.phase) {
            (Ins::Select, _) if command.get(5..12) == Some(&NAME) => self.fci()?,
            (Ins::Select, _) => vec![0x6A, 0x82],
            (_, Phase::Read(afl)) => format_1(afl)?,
            _ => return Err("a command before the step".into()),
        };
        Ok(Some(answer))
    }

    /// An application that asks for as many octets as the recording has.
    fn fci(&self) -> Result<Vec<u8>, String> {
        let length = u8::try_from(self.given.len()).map_err(|_| "PDOL data are too long")?;
        let mut answer = [0; 64];
        let mut writer = TlvWriter::new(&mut answer);
        let written = writer.constructed(tag::FCI_TEMPLATE, |fci| {
            fci.primitive(tag::DF_NAME, &NAME)?;
            fci.constructed(tag::FCI_PROPRIETARY_TEMPLATE, |proprietary| match length {
                0 => Ok(()),
                _ => proprietary.primitive(tag::PDOL, &[0xDF, 0x7F, length]),
            })
        });
        written.map_err(|error| error.to_string())?;
        Ok([writer.written(), &[0x90, 0x00]].concat())
    }

    fn ask_card(&mut self, command: &[u8]) -> Result<Vec<u8>, String> {
        let (mut raw, mut answer) = ([0; ANSWER], [0; ANSWER]);
        let length = exchange(&mut self.card, command, &mut raw, &mut answer).map_err(|error| match error {
            tapcard_flow::LinkFailure::Link(what) => what,
            tapcard_flow::LinkFailure::Exchange(error) => error.to_string(),
        })?;
        let answer = answer.get(..length).unwrap_or_default();
        self.card.last_sw = answer.get(length.saturating_sub(2)..).unwrap_or_default().to_vec();
        if matches!(self.phase, Phase::Initiate) {
            self.found.gpo_format = match answer.first() {
                Some(0x80) => Some(1),
                Some(0x77) => Some(2),
                _ => None,
            };
        }
        Ok(answer.to_vec())
    }

    fn is_over(&mut self, report: Report) -> bool {
        let value = |wanted| self.kernel.value(wanted).map(<[u8]>::to_vec);
        match (self.phase, report) {
            (Phase::BuildCandidateList, Report::Candidates(by)) => {
                let candidates = self.kernel.candidates().len();
                self.found.candidates = Some(candidates);
                self.found.found_by = Some(if by == FoundBy::Pse { "PSE" } else { "AID list" });
                self.found.selection_required = candidates > 1;
                // An empty list has an end of its own.
                candidates > 0
            }
            (Phase::Initiate, Report::Done(Step::Initiation)) => {
                (self.found.aip, self.found.afl) = (value(tag::AIP), value(tag::AFL));
                true
            }
            (Phase::Read(_), Report::Done(Step::Reading)) => true,
            _ => false,
        }
    }

    fn note_end(&mut self, decision: Decision) {
        let Decision::Terminated(reason) = decision else { return };
        let (result, detail) = match (self.phase, reason) {
            (_, Reason::CardBlocked) => ("card_blocked", None),
            (Phase::BuildCandidateList, _) => ("not_accepted", None),
            (Phase::Initiate, Reason::NoApplication) => ("gpo_not_accepted", None),
            (_, Reason::CommandRefused) => ("error", Some("READ_RECORD_FAILED")),
            (_, Reason::RecordTemplate) => ("error", Some("READ_RECORD_INVALID")),
            (_, Reason::DataTwice | Reason::DataMissing) => ("error", Some("CARD_ERROR")),
            _ => ("error", Some("READ_RECORD_PARSE_FAILED")),
        };
        (self.found.result, self.found.detail) = (Some(result), detail);
        self.found.sw = Some(self.card.last_sw.clone());
    }
}

fn ins(command: &[u8]) -> Ins {
    Command::parse(command).map_or(Ins::Other(0), |command| command.ins())
}

/// A profile without any function, and the AFL.
fn format_1(afl: &[u8]) -> Result<Vec<u8>, String> {
    let length = u8::try_from(afl.len() + 2).map_err(|_| "the AFL is too long")?;
    Ok([&[0x80, length, 0x00, 0x00][..], afl, &[0x90, 0x00]].concat())
}

fn compare(expect: &Map<String, Value>, found: &Found) -> Outcome {
    let mut comparison = Comparison::default();
    let octets = |octets: &Option<Vec<u8>>| octets.as_ref().map_or(Value::Null, |octets| json::hex(octets));
    for (member, expected) in expect {
        let value = match member.as_str() {
            "result" => json!(found.result),
            "detail" => json!(found.detail),
            "sw" => octets(&found.sw),
            "candidates" if expected.is_string() => match found.candidates {
                Some(1..) => json!("one or more"),
                _ => json!("none"),
            },
            "candidates" => json!(found.candidates),
            "candidates_from" => json!(found.found_by),
            "multi" => json!(found.candidates.is_some_and(|candidates| candidates > 1)),
            "select_next" => json!(found.select_next),
            "selection_required" => json!(found.selection_required),
            "gpo_format" => json!(found.gpo_format),
            "aip" => octets(&found.aip),
            "afl" => octets(&found.afl),
            "why" => continue,
            _ => {
                comparison.leave_out(member, None);
                continue;
            }
        };
        if json::same(expected, &value) {
            comparison.equal();
        } else {
            comparison.differs(member, expected.clone(), value);
        }
    }
    comparison.finish()
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::outcomes;
    use crate::summary::Status;
    use serde_json::{Value, json};

    fn case(exchanges: &Value, expect: &Value) -> Value {
        json!({
            "kind": "transcript", "modes": ["phase"], "exchanges": exchanges, "expect": expect,
            "given": {"phase": "initiate_application_processing"},
        })
    }

    #[test]
    fn a_step_is_played_up_to_its_end_and_compared() {
        let exchanges = json!([{"c": "80A8000002830000", "r": "80067800080101009000"}]);
        let run = outcomes(&case(&exchanges, &json!({"gpo_format": 1, "aip": "7800"}))).pop().unwrap().1;
        assert_eq!(run.status(), Status::Passed);
        let run = outcomes(&case(&exchanges, &json!({"gpo_format": 2}))).pop().unwrap().1;
        assert_eq!(run.found, Some(json!({"gpo_format": 1})));
    }

    #[test]
    fn a_command_too_many_or_another_one_fails_the_case() {
        let extra = json!([{"c": "80A8000002830000", "r": "80067800080101009000"}, {"c": "00B2010C00", "r": "9000"}]);
        let other = json!([{"c": "00B2010C00", "r": "9000"}]);
        for (exchanges, what) in [(extra, "1 commands of the recording were not sent"), (other, "instead of")] {
            let run = outcomes(&case(&exchanges, &json!({}))).pop().unwrap().1;
            assert!(run.found.unwrap().as_str().unwrap().contains(what));
        }
    }
}

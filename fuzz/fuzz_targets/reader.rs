//! The reading flow against a card that answers anything: it ends, sends only commands that change nothing, and reports
//! places that the answer has.
//!
//! Input: an octet (bits 2 and 1: how deep; bit 3: the card repeats its answers, else it refuses; bit 4: else it is lost;
//! bit 5: the plan names an application), then pieces: the answers.
//!
//! Covers: apdu/terminal/src
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_emv::Aid;
use tapcard_flow::{Action, Input, Machine};
use tapcard_fuzz::Pieces;
use tapcard_iso7816::{Command, Ins, MAX_SHORT_COMMAND};
use tapcard_terminal::{Depth, Outcome, Plan, Reader, Report, TerminalData, limits};

/// Electronic cash of UnionPay: the application with the most questions.
const AID: [u8; 8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x06];

fuzz_target!(|data: &[u8]| {
    let Some((options, rest)) = data.split_first() else { return };
    let depth = match options & 3 {
        0 => Depth::Full,
        1 => Depth::Safe,
        2 => Depth::Balance { limits: true },
        _ => Depth::Balance { limits: false },
    };
    let aid = if options & 0x10 != 0 { Aid::new(&AID).ok() } else { None };
    let card = Card { answers: Pieces(rest), again: (options & 4 != 0).then_some(rest), lost: options & 8 != 0 };
    read(Plan { depth, aid }, card);
});

struct Card<'a> {
    answers: Pieces<'a>,
    again: Option<&'a [u8]>,
    lost: bool,
}

impl<'a> Card<'a> {
    fn answer(&mut self, command: &Command<'_>) -> Input<'a> {
        if let Some(answer) = self.answers.next() {
            return Input::Received(answer);
        }
        self.answers = Pieces(self.again.unwrap_or_default());
        match (self.answers.next(), self.lost) {
            (Some(answer), _) => Input::Received(answer),
            (None, true) => Input::CardLost,
            (None, false) => Input::Received(refusal(command)),
        }
    }
}

fn refusal(command: &Command<'_>) -> &'static [u8] {
    match command.ins() {
        Ins::Select => &[0x6A, 0x82],
        Ins::ReadRecord => &[0x6A, 0x83],
        Ins::GetData => &[0x6A, 0x88],
        _ => &[0x6D, 0x00],
    }
}

fn read(plan: Plan, mut card: Card<'_>) {
    let depth = plan.depth;
    let mut reader = Reader::new(plan, TerminalData::default());
    let mut out = [0; MAX_SHORT_COMMAND];
    let (mut commands, mut reports, mut answer_len, mut lost) = (0, 0, 0, false);
    let mut action = reader.step(0, Input::Start, &mut out);
    loop {
        action = match action {
            Action::Transmit(length) => {
                commands += 1;
                reports = 0;
                assert!(commands <= limits::MAX_COMMANDS && !lost);
                let command = Command::parse(&out[..length]).expect("only commands are sent");
                check_harmless(&command, depth);
                let input = card.answer(&command);
                lost = input == Input::CardLost;
                answer_len = if let Input::Received(answer) = input { answer.len() } else { 0 };
                reader.step(0, input, &mut out)
            }
            Action::Report(report) => {
                reports += 1;
                assert!(reports <= 8, "an answer has only so much to say");
                check_report(report, answer_len);
                reader.step(0, Input::Noted, &mut out)
            }
            Action::Done(outcome) => {
                assert_eq!(lost, outcome == Outcome::CardLost);
                assert_eq!(outcome == Outcome::TooManyCommands, commands == limits::MAX_COMMANDS);
                for input in [Input::Received(&[0x90, 0x00]), Input::Start, Input::CardLost] {
                    assert_eq!(reader.step(0, input, &mut out), Action::Done(outcome), "it stays done");
                }
                return;
            }
            other => panic!("a reading does not {other:?}"),
        };
    }
}

/// What a reading may send. Only GET PROCESSING OPTIONS changes something, and only a full reading sends it.
fn check_harmless(command: &Command<'_>, depth: Depth) {
    match (command.cla(), command.ins().octet()) {
        (0x00, 0xA4 | 0xB0 | 0xB2) | (0x80, 0x5C | 0xCA) | (0x90, 0x4C) => {}
        (0x80, 0xA8) => assert_eq!(depth, Depth::Full),
        other => panic!("a reading does not send {other:02X?}"),
    }
    assert!(!command.is_extended());
}

fn check_report(report: Report, answer_len: usize) {
    match report {
        Report::Warning(warning) => {
            assert!(warning.offset <= answer_len);
            assert!(!warning.kind.code().is_empty() && !warning.kind.to_string().is_empty());
            assert!(!warning.place.to_string().is_empty());
        }
        Report::Found(place) | Report::Refused(place, _) => assert!(!place.to_string().is_empty()),
        Report::Application { .. } | Report::Purse(_) => {}
    }
}

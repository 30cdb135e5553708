//! 61xx, 6Cxx and chaining: no card keeps the exchange busy, only commands go out, and the answer is what the card sent.
//!
//! Input: an octet (bit 1: T=0; bits 3 and 2: octets of the caller's answer buffer), then pieces: the command, the answers.
//! The card repeats its answers for ever.
//!
//! Covers: apdu/iso7816/src/exchange.rs
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_fuzz::Pieces;
use tapcard_iso7816::{
    Command, Exchange, ExchangeAction, ExchangeError, Ins, MAX_GET_RESPONSES, Protocol, Response, StatusWord,
};

fuzz_target!(|data: &[u8]| {
    let Some((options, rest)) = data.split_first() else { return };
    let mut pieces = Pieces(rest);
    let command = pieces.next().unwrap_or_default();
    let protocol = if options & 1 == 1 { Protocol::T0 } else { Protocol::T1 };
    let capacity = [600, 258, 16, 2][usize::from(options >> 1 & 3)];
    Run { protocol, command, capacity }.check(pieces);
});

struct Run<'a> {
    protocol: Protocol,
    command: &'a [u8],
    capacity: usize,
}

impl Run<'_> {
    fn check(&self, answers: Pieces<'_>) {
        let answers: Vec<_> = answers.collect();
        let (mut wire, mut answer) = ([0; 600], vec![0xEE; self.capacity]);
        let mut exchange = Exchange::new(self.protocol);
        let mut action = exchange.start(self.command, &mut wire);
        assert_eq!(action.is_ok(), Command::parse(self.command).is_ok());
        let (mut sent, mut gathered, mut warnings) = (0, Vec::new(), Vec::new());
        let mut card = answers.iter().cycle();
        while let Ok(ExchangeAction::Transmit(length)) = action {
            sent += 1;
            assert!(sent <= self.parts() + 1 + usize::from(MAX_GET_RESPONSES), "the card is stopped");
            self.check_sent(&wire[..length]);
            let raw = card.next().copied().unwrap_or(&[0x90, 0x00]);
            action = exchange.received(self.command, raw, &mut answer, &mut wire);
            let Ok(Response { data, sw }) = Response::parse(raw) else {
                assert_eq!(action, Err(ExchangeError::AnswerTooShort { len: raw.len() }));
                return;
            };
            let goes_on = matches!(action, Ok(ExchangeAction::Transmit(_)));
            if sw.sw1() == 0x61 || !goes_on {
                gathered.extend(data);
            }
            if goes_on && matches!(sw.sw1(), 0x62 | 0x63) {
                warnings.push(sw);
            }
            self.check_end(&action, sw, &answer, &gathered, &warnings);
        }
        if sent > 0 {
            let late = exchange.received(self.command, &[0x90, 0x00], &mut answer, &mut wire);
            assert_eq!(late, Err(ExchangeError::NothingSent), "it is over");
        }
    }

    /// How many parts the command takes: on T=0 data of more than 255 octets go as a chain.
    fn parts(&self) -> usize {
        let data = Command::parse(self.command).map_or(0, |command| command.data().len());
        if self.protocol == Protocol::T0 { data.div_ceil(255).max(1) } else { 1 }
    }

    fn check_sent(&self, wire: &[u8]) {
        let command = Command::parse(wire).expect("only commands are sent");
        if self.protocol == Protocol::T0 {
            assert!(!command.is_extended() && command.data().is_empty() == command.le().is_some());
        }
        let original = Command::parse(self.command).expect("it was started");
        if command.ins() != original.ins() {
            assert_eq!((command.ins(), command.p1(), command.p2()), (Ins::GetResponse, 0, 0));
            assert!(command.cla() & 0x10 == 0 && command.le().is_some() && command.data().is_empty());
        }
    }

    fn check_end(
        &self,
        action: &Result<ExchangeAction, ExchangeError>,
        sw: StatusWord,
        answer: &[u8],
        gathered: &[u8],
        warnings: &[StatusWord],
    ) {
        match action {
            Ok(ExchangeAction::Transmit(_)) => {}
            Ok(ExchangeAction::Done(length)) => {
                let whole = Response::parse(&answer[..*length]).expect("a whole answer has SW1-SW2");
                assert_eq!(whole.data, gathered);
                // A warning that sent us for its data is the answer's status, if they came or there were none.
                let stands = warnings.last().filter(|_| sw.is_ok() || gathered.is_empty());
                assert_eq!(whole.sw, *stands.unwrap_or(&sw));
            }
            Err(ExchangeError::AnswerTooLong { capacity }) => {
                assert!(*capacity == self.capacity && gathered.len() + 2 > *capacity);
            }
            Err(ExchangeError::NoProgress { sw: last }) => assert!(*last == sw && matches!(sw.sw1(), 0x61 | 0x6C)),
            Err(ExchangeError::Endless { limit }) => assert_eq!(*limit, MAX_GET_RESPONSES),
            Err(other) => panic!("not the card's fault: {other}"),
        }
    }
}

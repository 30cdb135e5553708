//! Writes down a dialogue, so that it can be replayed.

use tapcard_emv::tags::Sensitivity;
use tapcard_iso7816::Protocol;

use crate::card::{Card, CardInfo};
use crate::error::TransportError;
use crate::mask::Masker;
use crate::transcript::{Exchange, Transcript};

/// How many kinds of filler are tried: each digit with each character.
const VARIANTS: u8 = 30;

/// A card whose dialogue is written down as it passes.
pub struct Recorder<C> {
    card: C,
    exchanges: Vec<Exchange>,
}

impl<C: Card> Recorder<C> {
    /// Nothing is written down yet.
    pub const fn new(card: C) -> Self {
        Self { card, exchanges: Vec::new() }
    }

    /// What passed so far, as it was.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// The dialogue as it was, except PINs and keys.
    #[must_use]
    pub fn raw(&self, id: &str) -> Transcript {
        self.transcript(id, Masker::new(Sensitivity::Secret)).0
    }

    /// The dialogue without account numbers, track data and names; it replays as the same card.
    #[must_use]
    pub fn masked(&self, id: &str) -> Transcript {
        let tries =
            (0..VARIANTS).map(|variant| self.transcript(id, Masker::new(Sensitivity::Name).with_variant(variant)));
        // Digits of neighbours run together in hexadecimal text; the filler with the fewest accidental numbers is the best.
        tries.min_by_key(|(_, suspicious)| *suspicious).map(|(transcript, _)| transcript).unwrap_or_default()
    }

    fn transcript(&self, id: &str, mut masker: Masker) -> (Transcript, usize) {
        // The first pass learns the account numbers, so that the second also hides them where they stood earlier.
        for exchange in &self.exchanges {
            masker.answer(&exchange.command, exchange.answer.as_deref().unwrap_or_default());
        }
        let mut suspicious = 0;
        let mut take = |masked: crate::mask::Masked| {
            suspicious += masked.suspicious_runs();
            masked.octets().to_vec()
        };
        let exchanges = self.exchanges.iter().map(|exchange| Exchange {
            command: take(masker.command(&exchange.command)),
            answer: exchange.answer.as_ref().map(|answer| take(masker.answer(&exchange.command, answer))),
        });
        let exchanges = exchanges.collect();
        let atr = self.card.info().atr.clone();
        let protocol = Some(self.card.protocol());
        (Transcript { id: id.to_owned(), atr, protocol, exchanges, ..Transcript::default() }, suspicious)
    }
}

impl<C: Card> Card for Recorder<C> {
    fn info(&self) -> &CardInfo {
        self.card.info()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        let outcome = self.card.transmit(command, answer);
        let recorded = outcome.as_ref().ok().and_then(|length| answer.get(..*length)).map(<[u8]>::to_vec);
        self.exchanges.push(Exchange { command: command.to_vec(), answer: recorded });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    fn exchange(command: &str, answer: &str) -> Exchange {
        Exchange { command: hex::decode(command).unwrap(), answer: Some(hex::decode(answer).unwrap()) }
    }

    fn recorded() -> Recorder<Replay> {
        let exchanges = vec![
            exchange("00B2015C00", "6228480402564890AA9000"),
            exchange("00B2010C00", "700A5A08622848040256489000009000"),
        ];
        let commands: Vec<_> = exchanges.iter().map(|exchange| exchange.command.clone()).collect();
        let transcript = Transcript { id: "x".into(), exchanges, ..Transcript::default() };
        let mut recorder = Recorder::new(Replay::new(transcript, "replay:x".into()));
        for command in &commands {
            recorder.transmit(command, &mut [0; 258]).unwrap();
        }
        recorder
    }

    #[test]
    fn a_masked_recording_hides_a_number_before_it_was_known_to_be_one() {
        let masked = recorded().masked("x");
        let answers: Vec<_> = masked.exchanges.iter().map(|e| hex::encode(e.answer.as_ref().unwrap())).collect();
        assert_eq!(answers[0][..6], *"622848");
        assert_eq!(answers[0][12..], *"4890aa9000");
        assert_ne!(answers[0][6..12], *"040256");
        assert_eq!(answers[1][8..24], answers[0][..16], "the same number everywhere");
    }

    #[test]
    fn a_raw_recording_is_what_passed() {
        let recorder = recorded();
        assert_eq!(recorder.raw("x").exchanges, recorder.exchanges());
    }

    #[test]
    fn a_lost_card_is_recorded_as_lost() {
        let exchanges = vec![Exchange { command: vec![0, 0xB2, 1, 0x0C, 0], answer: None }];
        let transcript = Transcript { exchanges, ..Transcript::default() };
        let mut recorder = Recorder::new(Replay::new(transcript, String::new()));
        assert_eq!(recorder.transmit(&[0, 0xB2, 1, 0x0C, 0], &mut [0; 9]), Err(TransportError::CardRemoved));
        assert_eq!(recorder.masked("y").exchanges[0].answer, None);
    }
}

//! One command after the other to a card that is held for all of them, and what came of each.

use tapcard_emv::{Aid, Scheme, Sensitivity};
use tapcard_flow::LinkFailure;
use tapcard_flow::drive::exchange_with;
use tapcard_iso7816::{Command, ExchangeError, Ins, Meaning, Response, StatusWord};
use tapcard_transport::{Card, CardLink, Masked, Masker, TransportError};

use super::script::Statement;

/// The longest C-APDU: extended header, 65535 octets, extended Le.
const MAX_COMMAND: usize = 65_544;
/// The longest R-APDU: 65536 octets and SW1-SW2.
const MAX_ANSWER: usize = 65_538;

/// A card that is held, and what is known of its dialogue.
pub(super) struct Dialogue<'c> {
    card: Box<dyn Card + 'c>,
    /// 61xx and 6Cxx are left to whoever typed the command.
    raw: bool,
    hide: Sensitivity,
    /// Knows every account number that was told so far.
    masker: Masker,
    /// Whose application was selected last: it says what some tags mean.
    scheme: Option<Scheme>,
    sent: usize,
}

/// One command and what came of it.
pub(super) struct Exchanged {
    /// Its number, counted from 1.
    pub(super) number: usize,
    /// The C-APDU with what must not be seen taken out.
    pub(super) command: Masked,
    /// The R-APDU likewise, or why there is none.
    pub(super) answer: Result<Masked, ExchangeError>,
    /// SW1-SW2 at the end.
    pub(super) sw: Option<StatusWord>,
    /// The R-APDU from which it may be explained: as it came, unless it holds an account number that only an earlier answer
    /// gave away; then with filler there.
    pub(super) explainable: Vec<u8>,
    /// Whose application it is.
    pub(super) scheme: Option<Scheme>,
    /// C-APDUs that went over the wire, GET RESPONSE and repetitions included.
    pub(super) apdus: usize,
    /// Whether SW1-SW2 is as expected, where something was.
    pub(super) met: Option<bool>,
    /// The statement that was carried out.
    pub(super) statement: Statement,
}

impl<'c> Dialogue<'c> {
    /// Nothing is sent yet.
    pub(super) fn new(card: Box<dyn Card + 'c>, raw: bool, show_pan: bool) -> Self {
        let hide = if show_pan { Sensitivity::Track } else { Sensitivity::Name };
        Self { card, raw, hide, masker: Masker::new(hide), scheme: None, sent: 0 }
    }

    /// The card.
    pub(super) fn card(&self) -> &dyn Card {
        &*self.card
    }

    /// Sends one command.
    ///
    /// # Errors
    /// The card or its reader is gone.
    pub(super) fn send(&mut self, statement: Statement) -> Result<Exchanged, TransportError> {
        let command = &statement.command;
        let mut answer = vec![0; MAX_ANSWER];
        let (outcome, apdus) = if self.raw {
            (self.card.transmit(command, &mut answer).map(Ok)?, 1)
        } else {
            let mut link = CardLink::new(&mut self.card);
            let (mut wire, mut raw) = (vec![0; MAX_COMMAND], vec![0; MAX_ANSWER]);
            let outcome = match exchange_with(&mut link, command, &mut wire, &mut raw, &mut answer) {
                Err(LinkFailure::Link(error)) => return Err(error),
                Err(LinkFailure::Exchange(error)) => Err(error),
                Ok(length) => Ok(length),
            };
            (outcome, link.apdus())
        };
        self.sent += 1;
        let answer = outcome.map(|length| answer.get(..length).unwrap_or_default()).and_then(|answer| {
            let response = Response::parse(answer).map_err(|_| ExchangeError::AnswerTooShort { len: answer.len() })?;
            Ok((answer, response.sw))
        });
        let sw = answer.as_ref().ok().map(|(_, sw)| *sw);
        self.note_scheme(command, sw);
        let command = self.masker.command(command);
        let masked = answer.map(|(answer, _)| (self.masker.answer(&statement.command, answer), answer));
        let explainable = match &masked {
            Ok((masked, answer)) if *masked == self.afresh(&statement.command, answer) => answer.to_vec(),
            Ok((masked, _)) => masked.octets().to_vec(),
            Err(_) => Vec::new(),
        };
        Ok(Exchanged {
            number: self.sent,
            command,
            answer: masked.map(|(masked, _)| masked),
            sw,
            explainable,
            scheme: self.scheme,
            apdus,
            met: statement.expected.as_ref().map(|expected| sw.is_some_and(|sw| expected.fits(sw))),
            statement,
        })
    }

    /// What is hidden in an answer by whoever has not seen the ones before.
    fn afresh(&self, command: &[u8], answer: &[u8]) -> Masked {
        Masker::new(self.hide).answer(command, answer)
    }

    /// A SELECT by name that was done decides whose tags follow.
    fn note_scheme(&mut self, command: &[u8], sw: Option<StatusWord>) {
        let Ok(command) = Command::parse(command) else { return };
        let is_done = sw.is_some_and(|sw| matches!(sw.sw1(), 0x61 | 0x62 | 0x63 | 0x90));
        if command.ins() == Ins::Select && command.p1() == 0x04 && is_done {
            let scheme = Aid::new(command.data()).ok().map(|aid| aid.scheme());
            self.scheme = scheme.filter(|scheme| *scheme != Scheme::Emv);
        }
    }
}

impl Exchanged {
    /// Whether the card refused, and nobody had expected that.
    pub(super) fn is_refused(&self) -> bool {
        self.met.is_none() && self.sw.is_some_and(is_error)
    }

    /// Octets of the answer before SW1-SW2.
    pub(super) const fn data_len(&self) -> usize {
        self.explainable.len().saturating_sub(2)
    }
}

/// Whether a status word says that the command was not done. 61xx and 6Cxx, which only `--raw-protocol` shows, belong to
/// the protocol.
fn is_error(sw: StatusWord) -> bool {
    match sw.meaning() {
        Meaning::ExecutionError | Meaning::CheckingError => true,
        // The errors of purses (JR/T 0025.2).
        Meaning::Unassigned => matches!(sw.sw1(), 0x93 | 0x94),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tapcard_transport::transcript::Exchange;
    use tapcard_transport::{Replay, Transcript};

    use super::super::script::parse_line;
    use super::*;

    fn dialogue(exchanges: &[(&str, &str)], raw: bool) -> Dialogue<'static> {
        let exchanges = exchanges.iter().map(|(command, answer)| Exchange {
            command: hex::decode(command).unwrap(),
            answer: (!answer.is_empty()).then(|| hex::decode(answer).unwrap()),
        });
        let transcript = Transcript { exchanges: exchanges.collect(), ..Transcript::default() };
        Dialogue::new(Box::new(Replay::new(transcript, "replay:test".into())), raw, false)
    }

    fn statement(line: &str) -> Statement {
        parse_line(line).unwrap().unwrap()
    }

    #[test]
    fn whole_answers_are_put_together_unless_the_protocol_is_wanted() {
        let parts = [("00A4040002A000", "6103"), ("00C0000003", "6F01009000")];
        let whole = dialogue(&parts, false).send(statement("00A4040002A000")).unwrap();
        assert_eq!((whole.answer.unwrap().hex().as_str(), whole.apdus), ("6F01009000", 2));
        let raw = dialogue(&parts, true).send(statement("00A4040002A000")).unwrap();
        assert!(!raw.is_refused());
        assert_eq!((raw.answer.unwrap().hex().as_str(), raw.apdus), ("6103", 1));
    }

    #[test]
    fn what_is_expected_decides_else_the_status() {
        let exchanges = [("00B2010C00", "6A83"), ("80CA9F3600", "9401"), ("80CA9F1700", "6283")];
        let mut dialogue = dialogue(&exchanges, false);
        let mut send = |line: &str| {
            let exchanged = dialogue.send(statement(line)).unwrap();
            (exchanged.met, exchanged.is_refused())
        };
        assert_eq!(send("read 1 1"), (None, true));
        assert_eq!(send("read 1 1 -> 6A83"), (Some(true), false));
        assert_eq!(send("read 1 1 -> 9000"), (Some(false), false));
        assert_eq!(send("get 9F36"), (None, true));
        assert_eq!(send("get 9F17"), (None, false));
    }

    #[test]
    fn an_account_number_is_hidden_once_it_was_seen() {
        let exchanges = [("00B2010C00", "700A5A0862284804025648909000"), ("80CA9F5000", "0622848040256489009000")];
        let mut dialogue = dialogue(&exchanges, false);
        dialogue.send(statement("read 1 1")).unwrap();
        let again = dialogue.send(statement("get 9F50")).unwrap();
        assert_eq!(again.answer.unwrap().hex(), "0622848******489009000");
        assert!(!hex::encode(&again.explainable).contains("6228480402564890"));
    }

    #[test]
    fn the_application_that_was_selected_says_whose_tags_follow() {
        let name = "00A4040007A000000333010100";
        let mut dialogue = dialogue(&[(name, "6F009000"), ("00A4040005A00000000300", "6A82")], false);
        let mut scheme = |line: &str| dialogue.send(statement(line)).unwrap().scheme;
        assert_eq!(scheme("get 9F36"), None);
        assert_eq!(scheme("select A0000003330101"), Some(Scheme::UnionPay));
        assert_eq!(scheme("select A000000003"), Some(Scheme::UnionPay), "it was refused");
    }

    #[test]
    fn a_broken_answer_is_told_and_the_dialogue_goes_on() {
        let mut dialogue = dialogue(&[("00B2010C00", "6C00"), ("80CA9F3600", "9F360200019000")], false);
        let broken = dialogue.send(statement("read 1 1")).unwrap();
        assert!(broken.answer.is_err() && broken.sw.is_none(), "the card repeats itself");
        assert_eq!(dialogue.send(statement("get 9F36")).unwrap().number, 2);
    }

    #[test]
    fn a_lost_card_ends_it() {
        let mut dialogue = dialogue(&[("00B2010C00", "")], false);
        assert_eq!(dialogue.send(statement("read 1 1")).err(), Some(TransportError::CardRemoved));
    }
}

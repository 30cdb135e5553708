//! Writes each C-APDU and R-APDU with its meaning to a log, masked, while it passes.

use std::io::Write;

use tapcard_emv::tags::{Sensitivity, lookup};
use tapcard_iso7816::{Command, Ins, Protocol, Response, Tag};

use crate::card::{Card, CardInfo};
use crate::error::TransportError;
use crate::mask::{Masked, Masker};

/// A log of APDUs. Account numbers, track data, names, PINs and keys are hidden.
///
/// A log that cannot be written does not stop the dialogue: a card in the middle of a transaction comes first.
pub struct TraceLog<W> {
    out: W,
    masker: Masker,
    say: fn(&str) -> String,
}

impl<W: Write> TraceLog<W> {
    /// Writes to `out`.
    pub const fn new(out: W) -> Self {
        Self { out, masker: Masker::new(Sensitivity::Name), say: str::to_owned }
    }

    /// With explanations as `say` puts them: in another language.
    #[must_use]
    pub fn say(self, say: fn(&str) -> String) -> Self {
        Self { say, ..self }
    }

    /// Writes one exchange; without an answer, why there was none.
    pub fn exchange(&mut self, command: &[u8], answer: Result<&[u8], &TransportError>) {
        let sent = self.masker.command(command).spaced_hex();
        let received = match answer {
            Ok(answer) => {
                let masked = self.masker.answer(command, answer).spaced_hex();
                format!("< {masked}\n  {}\n", (self.say)(&explain_answer(answer)))
            }
            Err(error) => format!("< {}\n", (self.say)(&format!("nothing: {error}"))),
        };
        let _ = write!(self.out, "> {sent}\n  {}\n{received}", (self.say)(&explain_command(command)));
    }
}

/// A card whose dialogue is logged as it passes.
pub struct Tracer<C, W> {
    card: C,
    log: TraceLog<W>,
}

impl<C: Card, W: Write> Tracer<C, W> {
    /// Writes to `out`, as [`TraceLog`] does.
    pub const fn new(card: C, out: W) -> Self {
        Self { card, log: TraceLog::new(out) }
    }

    /// As [`TraceLog::say`].
    #[must_use]
    pub fn say(self, say: fn(&str) -> String) -> Self {
        Self { card: self.card, log: self.log.say(say) }
    }
}

impl<C: Card, W: Write> Card for Tracer<C, W> {
    fn info(&self) -> &CardInfo {
        self.card.info()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        let outcome = self.card.transmit(command, answer);
        let received = outcome.as_ref().map(|length| answer.get(..*length).unwrap_or_default());
        self.log.exchange(command, received);
        outcome
    }
}

/// One line for people: what a C-APDU asks for. Shows no data but the name in SELECT.
///
/// ```
/// use tapcard_transport::trace::explain_command;
/// assert_eq!(explain_command(&[0x00, 0xB2, 0x01, 0x14, 0x00]), "READ RECORD 1 of SFI 2");
/// ```
#[must_use]
pub fn explain_command(command: &[u8]) -> String {
    let Ok(parsed) = Command::parse(command) else { return "not a C-APDU".to_owned() };
    let name = match parsed.ins().name() {
        Some(name) => name.to_owned(),
        None => format!("INS {:02X}", u8::from(parsed.ins())),
    };
    let detail = match parsed.ins() {
        _ if parsed.cla() == 0xFF => return "for the reader, not for the card".to_owned(),
        Ins::Select if parsed.p1() == 0x04 => {
            let next = if parsed.p2() & 0x03 == 0x02 { " (next)" } else { "" };
            format!("{}{next}", file_name(parsed.data()))
        }
        Ins::Select => Masked::plain(parsed.data()).spaced_hex(),
        Ins::ReadRecord => format!("{} of SFI {}", parsed.p1(), parsed.p2() >> 3),
        Ins::GetData => {
            let tag = Tag::new(u32::from(u16::from_be_bytes([parsed.p1(), parsed.p2()])));
            format!("{tag} {}", lookup(tag).map_or("", |object| object.name)).trim_end().to_owned()
        }
        Ins::GenerateAc => match parsed.p1() & 0xC0 {
            0x00 => "AAC".to_owned(),
            0x40 => "TC".to_owned(),
            0x80 => "ARQC".to_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    if detail.is_empty() { name } else { format!("{name} {detail}") }
}

/// One line for people: what an R-APDU says.
#[must_use]
pub fn explain_answer(answer: &[u8]) -> String {
    match Response::parse(answer) {
        Ok(response) if response.data.is_empty() => format!("{} {}", response.sw, response.sw.text()),
        Ok(response) => format!("{} {}, {} bytes", response.sw, response.sw.text(), response.data.len()),
        Err(error) => error.to_string(),
    }
}

/// A DF name: as text when it is text.
fn file_name(name: &[u8]) -> String {
    let is_text = name.len() > 4 && name.iter().all(u8::is_ascii_graphic);
    if is_text { String::from_utf8_lossy(name).into_owned() } else { Masked::plain(name).spaced_hex() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;
    use crate::transcript::{Exchange, Transcript};

    fn trace(command: &str, answer: Option<&str>) -> String {
        let command = hex::decode(command).unwrap();
        let exchange = Exchange { command: command.clone(), answer: answer.map(|hex| hex::decode(hex).unwrap()) };
        let transcript = Transcript { exchanges: vec![exchange], ..Transcript::default() };
        let mut log = Vec::new();
        let _ = Tracer::new(Replay::new(transcript, String::new()), &mut log).transmit(&command, &mut [0; 258]);
        String::from_utf8(log).unwrap()
    }

    #[test]
    fn a_record_is_shown_without_the_account_number() {
        let expected = "> 00 B2 01 0C 00\n  READ RECORD 1 of SFI 1\n\
                        < 70 0A 5A 08 62 28 48 ** ** ** 48 90 90 00\n  9000 done, 12 bytes\n";
        assert_eq!(trace("00B2010C00", Some("700A5A0862284804025648909000")), expected);
    }

    #[test]
    fn a_lost_card_is_said() {
        let text = trace("80CA9F3600", None);
        assert!(
            text.contains("GET DATA 9F36 Application Transaction Counter (ATC)\n< nothing: the card was removed"),
            "{text}"
        );
    }

    #[test]
    fn commands_are_explained() {
        for (command, expected) in [
            ("00A404000E325041592E5359532E444446303100", "SELECT 2PAY.SYS.DDF01"),
            ("00A4040208A00000033301010200", "SELECT A0 00 00 03 33 01 01 02 (next)"),
            ("80AE800000", "GENERATE AC ARQC"),
            ("80CADF0000", "GET DATA DF00"),
            ("FFCA000000", "for the reader, not for the card"),
            ("00F9000000", "INS F9"),
            ("00", "not a C-APDU"),
        ] {
            assert_eq!(explain_command(&hex::decode(command).unwrap()), expected, "{command}");
        }
    }

    #[test]
    fn an_answer_without_status_word_is_explained() {
        assert!(!explain_answer(&[0x90]).is_empty());
        assert!(!explain_answer(&[]).is_empty());
    }
}

//! GET PROCESSING OPTIONS: the transaction begins and the ATC rises (EMV 4.4 Book 3, 6.5.8 and 10.1).

use tapcard_emv::dol::Dol;
use tapcard_emv::tag;
use tapcard_iso7816::{Command, StatusWord, Tag, Tlvs, find_deep, find_path};

use super::cash;
use super::transaction::{Stage, Transaction};
use crate::answer::{Answer, Work, put};
use crate::card::Card;
use crate::image::{Application, Face, Key};

/// Where the PDOL stands in the FCI.
const PDOL: [Tag; 3] = [tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE, tag::PDOL];

/// Value of `9F7A`: the terminal supports electronic cash.
const EC_SUPPORTED: u8 = 0x01;

impl Card<'_> {
    /// Refused with 6985: nothing selected, a directory, a blocked application that computes no AAC, a second time since
    /// SELECT, or an ATC that is used up. With 6A80: no well-formed template `83`. With 6700: not the octets that the PDOL
    /// asks for.
    pub(crate) fn get_processing_options(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        if (command.p1(), command.p2()) != (0, 0) {
            return StatusWord::WRONG_P1_P2.into();
        }
        if command.data().is_empty() || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        let usable = self.selected().filter(|application| {
            // EMV 4.4 Book 3, 6.5.1: a blocked application goes on and answers AAC.
            let is_open = !self.is_blocked(application.number()) || self.payment_account().is_some();
            self.session.transaction.stage == Stage::Idle && is_open
        });
        let pdol = usable.map(|application| find_path(application.fci(self.interface).unwrap_or_default(), &PDOL));
        let pdol = pdol.map(Option::unwrap_or_default);
        let (Some(application), Some(pdol), Some(length)) = (usable, pdol, pdol.and_then(data_len)) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let Some(atc) = self.atc(application.number()).checked_add(1) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let running = match template_data(command.data()) {
            None => return StatusWord::WRONG_DATA.into(),
            Some(data) if data.len() != length => return StatusWord::WRONG_LENGTH.into(),
            Some(data) => self.begin(pdol, data),
        };
        let Some(options) = self.options(application, running.is_cash) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let answer = with_atc(options, atc, work.out);
        if answer.sw.is_ok() {
            work.changes.put(Key::Data(tag::ATC), &atc.to_be_bytes());
            work.session.transaction = Transaction { aip: aip(options), ..running };
        }
        answer
    }

    /// The transaction as the terminal offers it in the data of the PDOL.
    fn begin(&self, pdol: &[u8], data: &[u8]) -> Transaction {
        let mut running = Transaction { stage: Stage::Begun, ..Transaction::default() };
        running.take(pdol, data);
        running.is_cash = running.values.get(tag::EC_TERMINAL_SUPPORT) == Some(&[EC_SUPPORTED])
            && self.payment_account().is_some_and(|(account, _)| cash::purse(&account, &running.values).is_some());
        running
    }

    /// What is answered: for electronic cash another profile and other files, where they were personalised.
    fn options<'o>(&self, application: Application<'o>, is_cash: bool) -> Option<&'o [u8]> {
        let cash = |face| application.get(Key::CashOptions(face));
        let cash = || cash(Face::Only(self.interface)).or_else(|| cash(Face::Any));
        if is_cash { cash() } else { None }.or_else(|| application.processing_options(self.interface))
    }
}

/// Writes the answer as it is with this ATC.
fn with_atc(options: &[u8], atc: u16, out: &mut [u8]) -> Answer {
    let Some(length) = put(out, &[options]) else { return StatusWord::NO_PRECISE_DIAGNOSIS.into() };
    let objects = Tlvs::new(options).filter_map(Result::ok).flat_map(|template| template.children());
    for object in objects.filter_map(Result::ok).filter(|object| object.tag == tag::ATC) {
        let value = out.get_mut(object.offset + object.header..object.offset + object.whole_len());
        if let Some([high, low]) = value {
            [*high, *low] = atc.to_be_bytes();
        }
    }
    Answer::data(length)
}

/// The application interchange profile in an answer: the first two octets of a template `80`, `82` in a template `77`.
fn aip(options: &[u8]) -> [u8; 2] {
    let value = match Tlvs::new(options).next() {
        Some(Ok(template)) if template.tag == tag::RESPONSE_TEMPLATE_1 => template.value.first_chunk().copied(),
        Some(Ok(template)) => find_deep(template.value, tag::AIP).and_then(|value| value.try_into().ok()),
        _ => None,
    };
    value.unwrap_or_default()
}

/// The value of the one object `83` that the data field must be.
fn template_data(data: &[u8]) -> Option<&[u8]> {
    let template = Tlvs::new(data).next()?.ok()?;
    let whole = template.tag == tag::COMMAND_TEMPLATE && template.offset == 0 && template.whole_len() == data.len();
    whole.then_some(template.value)
}

/// How many octets a PDOL asks for; `None` for one that is broken (EMV 4.4 Book 3, 5.4).
fn data_len(pdol: &[u8]) -> Option<usize> {
    Dol::new(pdol).total_length().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one_whole_object() {
        assert_eq!(template_data(&[0x83, 0x00]), Some(&[][..]));
        assert_eq!(template_data(&[0x83, 0x02, 1, 2]), Some(&[1, 2][..]));
        assert_eq!(template_data(&[0x83, 0x81, 0x02, 1, 2]), Some(&[1, 2][..]));
        for broken in [&[][..], &[0x83], &[0x83, 0x01], &[0x83, 0x00, 0x00], &[0x00, 0x83, 0x00], &[0x84, 0x00]] {
            assert_eq!(template_data(broken), None, "{broken:02X?}");
        }
    }

    #[test]
    fn the_profile_is_found_in_both_templates() {
        assert_eq!(aip(&[0x80, 0x06, 0x1C, 0x00, 0x08, 0x01, 0x01, 0x00]), [0x1C, 0x00]);
        assert_eq!(aip(&[0x77, 0x08, 0x94, 0x02, 0x08, 0x01, 0x82, 0x02, 0x7C, 0x80]), [0x7C, 0x80]);
        assert_eq!(aip(&[]), [0, 0]);
    }

    #[test]
    fn the_pdol_says_how_many_octets_it_wants() {
        assert_eq!(data_len(&[]), Some(0));
        assert_eq!(data_len(&[0x9F, 0x7A, 0x01]), Some(1));
        assert_eq!(data_len(&[0x9F, 0x7A]), None);
        assert_eq!(data_len(&[0x9F, 0x66, 0x04, 0x9A, 0x03]), Some(7));
    }
}

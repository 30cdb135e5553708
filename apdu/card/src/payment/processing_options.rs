//! GET PROCESSING OPTIONS: the transaction begins and the ATC rises (EMV 4.4 Book 3, 6.5.8 and 10.1).

use tapcard_emv::dol::Dol;
use tapcard_emv::tag;
use tapcard_iso7816::{Command, StatusWord, Tag, Tlvs, find_path};

use crate::answer::{Answer, Work, put};
use crate::card::Card;
use crate::image::{Application, Key};

/// Where the PDOL stands in the FCI.
const PDOL: [Tag; 3] = [tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE, tag::PDOL];

impl Card<'_> {
    /// Refused with 6985: nothing selected, a directory, a blocked application, a second time since SELECT, or an ATC that
    /// is used up. With 6A80: no well-formed template `83`. With 6700: not the octets that the PDOL asks for.
    pub(crate) fn get_processing_options(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        if (command.p1(), command.p2()) != (0, 0) {
            return StatusWord::WRONG_P1_P2.into();
        }
        if command.data().is_empty() || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        let usable = self
            .selected()
            .filter(|application| !self.session.began_transaction && !self.is_blocked(application.number()));
        let pdol_len =
            usable.and_then(|application| pdol_data_len(application.fci(self.interface).unwrap_or_default()));
        let (Some(application), Some(pdol_len)) = (usable, pdol_len) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        let Some(atc) = self.atc(application.number()).checked_add(1) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        match template_data(command.data()) {
            None => return StatusWord::WRONG_DATA.into(),
            Some(data) if data.len() != pdol_len => return StatusWord::WRONG_LENGTH.into(),
            Some(_) => {}
        }
        let answer = self.processing_options(application, atc, work.out);
        if answer.sw.is_ok() {
            work.changes.put(Key::Data(tag::ATC), &atc.to_be_bytes());
            work.session.began_transaction = true;
        }
        answer
    }

    /// The answer as it is with this ATC.
    fn processing_options(&self, application: Application<'_>, atc: u16, out: &mut [u8]) -> Answer {
        let Some(options) = application.processing_options(self.interface) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
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
}

/// The value of the one object `83` that the data field must be.
fn template_data(data: &[u8]) -> Option<&[u8]> {
    let template = Tlvs::new(data).next()?.ok()?;
    let whole = template.tag == tag::COMMAND_TEMPLATE && template.offset == 0 && template.whole_len() == data.len();
    whole.then_some(template.value)
}

/// How many octets the PDOL of an FCI asks for: 0 without PDOL, `None` for one that is broken (EMV 4.4 Book 3, 5.4).
fn pdol_data_len(fci: &[u8]) -> Option<usize> {
    Dol::new(find_path(fci, &PDOL).unwrap_or_default()).total_length().ok()
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
    fn the_pdol_says_how_many_octets_it_wants() {
        assert_eq!(pdol_data_len(&[0x6F, 0x02, 0xA5, 0x00]), Some(0));
        assert_eq!(pdol_data_len(&[0x6F, 0x08, 0xA5, 0x06, 0x9F, 0x38, 0x03, 0x9F, 0x7A, 0x01]), Some(1));
        assert_eq!(pdol_data_len(&[0x6F, 0x07, 0xA5, 0x05, 0x9F, 0x38, 0x02, 0x9F, 0x7A]), None);
        assert_eq!(pdol_data_len(b"\x6F\x0A\xA5\x08\x9F\x38\x05\x9F\x66\x04\x9A\x03"), Some(7));
    }
}

//! Initiate application processing: PDOL data, GET PROCESSING OPTIONS, AIP and AFL (EMV 4.4 Book 3, 10.1).

use tapcard_emv::{Afl, Dol, GpoAnswer, GpoTemplate, tag};
use tapcard_iso7816::{Command, StatusWord, TlvWriter};

use super::outcome::{Reason, Report, Step};
use super::{Contact, Next};

/// SW1-SW2 of an application that does not want this transaction.
const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;

impl Contact<'_> {
    /// Writes GET PROCESSING OPTIONS; the PDOL data go into the hash of CDA.
    pub(super) fn send_options(&mut self, out: &mut [u8]) -> Result<usize, Reason> {
        let mut values = [0; 252];
        let length = match self.card.find(tag::PDOL) {
            Some(pdol) => {
                Dol::new(pdol).fill_into(&mut values, |wanted| self.value(wanted)).map_err(|_| Reason::CardData)?
            }
            None => 0,
        };
        let values = values.get(..length).unwrap_or_default();
        let mut template = [0; 255];
        let mut writer = TlvWriter::new(&mut template);
        writer.primitive(tag::COMMAND_TEMPLATE, values).map_err(|_| Reason::TooMuchData)?;
        self.hash.values(values);
        Command::get_processing_options(writer.written()).encode_into(out).map_err(|_| Reason::Contract)
    }

    pub(super) fn take_options(&mut self, data: &[u8], sw: StatusWord) -> Next {
        if sw.get() == CONDITIONS_NOT_SATISFIED {
            self.candidates.remove(self.chosen);
            self.attempt = None;
            return self.choose();
        }
        if !sw.is_ok() {
            return self.terminate(Reason::CommandRefused);
        }
        match self.keep_options(data) {
            Ok(()) => {
                self.report(Report::Done(Step::Initiation));
                self.first_record()
            }
            Err(reason) => self.terminate(reason),
        }
    }

    fn keep_options(&mut self, data: &[u8]) -> Result<(), Reason> {
        let answer = GpoAnswer::parse(data).map_err(|_| Reason::CardData)?;
        let afl = answer.afl.ok_or(Reason::CardData)?;
        Afl::parse(afl).map_err(|_| Reason::CardData)?;
        self.aip = answer.aip;
        match answer.template {
            GpoTemplate::Format2 => {
                if answer.tlvs().any(|object| object.is_err()) {
                    return Err(Reason::CardData);
                }
                self.card.add(answer.objects)
            }
            GpoTemplate::Format1 => {
                let mut objects = [0; 260];
                let mut writer = TlvWriter::new(&mut objects);
                let written =
                    writer.primitive(tag::AIP, answer.aip.as_bytes()).and_then(|()| writer.primitive(tag::AFL, afl));
                written.map_err(|_| Reason::TooMuchData)?;
                self.card.add(writer.written())
            }
        }
    }
}

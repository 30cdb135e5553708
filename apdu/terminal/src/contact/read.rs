//! Read application data: every record of the AFL, in its order (EMV 4.4 Book 3, 10.2).

use tapcard_emv::{Afl, Pan, tag};
use tapcard_iso7816::{Sfi, StatusWord, Tlvs};

use super::outcome::{Reason, Report, Step};
use super::{Contact, Next};
use crate::limits::MAX_LISTED_RECORDS;

/// The last file whose records must be templates 70 (EMV 4.4 Book 3, 5.3.2.2).
const LAST_EMV_FILE: u8 = 10;

impl Contact<'_> {
    /// The first record of the AFL; an application names at least one.
    pub(super) fn first_record(&mut self) -> Next {
        self.records_read = 0;
        match self.record_at(0) {
            Some(_) => Next::Record,
            None => self.terminate(Reason::CardData),
        }
    }

    /// File, record and whether it takes part in offline data authentication.
    pub(super) fn record_at(&self, index: usize) -> Option<(Sfi, u8, bool)> {
        let afl = Afl::parse(self.card.find(tag::AFL)?).ok()?;
        afl.iter().flat_map(|entry| entry.records().map(move |(record, oda)| (entry.sfi, record, oda))).nth(index)
    }

    pub(super) fn take_record(&mut self, data: &[u8], sw: StatusWord) -> Next {
        let Some((sfi, _, oda)) = self.record_at(self.records_read) else { return self.terminate(Reason::CardData) };
        if !sw.is_ok() {
            return self.terminate(Reason::CommandRefused);
        }
        if let Err(reason) = self.keep_record(sfi, oda, data) {
            return self.terminate(reason);
        }
        self.records_read += 1;
        if self.record_at(self.records_read).is_none() {
            return self.end_reading();
        }
        if self.records_read >= usize::from(MAX_LISTED_RECORDS) {
            return self.terminate(Reason::TooMuchData);
        }
        Next::Record
    }

    fn keep_record(&mut self, sfi: Sfi, oda: bool, data: &[u8]) -> Result<(), Reason> {
        let inside_emv = sfi.get() <= LAST_EMV_FILE;
        match record_template(data)? {
            Some(Template { objects, whole }) => {
                let signed = if inside_emv { objects } else { whole };
                self.card.add_record(objects, oda.then_some(signed))
            }
            None if inside_emv => Err(Reason::RecordTemplate),
            // Such a file may hold anything; it cannot be authenticated then (EMV 4.4 Book 3, 10.3).
            None => {
                self.unsignable |= oda;
                Ok(())
            }
        }
    }

    fn end_reading(&mut self) -> Next {
        let checked = self.card.check().and_then(|()| {
            let pan = self.card.find(tag::PAN).ok_or(Reason::DataMissing)?;
            Pan::from_cn(pan).map(|_| ()).map_err(|_| Reason::CardData)
        });
        match checked {
            Ok(()) => {
                self.report(Report::Done(Step::Reading));
                self.begin_oda()
            }
            Err(reason) => self.terminate(reason),
        }
    }
}

/// A record's template 70.
#[derive(Debug, PartialEq, Eq)]
struct Template<'a> {
    objects: &'a [u8],
    whole: &'a [u8],
}

/// The template of a record. Only fill may follow it. `None`: the record is
/// something else; an error: its objects are malformed.
fn record_template(data: &[u8]) -> Result<Option<Template<'_>>, Reason> {
    let mut objects = Tlvs::new(data);
    let Some(Ok(template)) = objects.next() else { return Ok(None) };
    let rest = objects.rest();
    if template.tag != tag::READ_RECORD_TEMPLATE || !rest.iter().all(|octet| *octet == 0) {
        return Ok(None);
    }
    if template.children().any(|object| object.is_err()) {
        return Err(Reason::CardData);
    }
    Ok(data.get(template.offset..data.len() - rest.len()).map(|whole| Template { objects: template.value, whole }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_template_70() {
        let record = [0x70, 0x03, 0x8F, 0x01, 0x05];
        let template = || Ok(Some(Template { objects: &record[2..], whole: &record }));
        assert_eq!(record_template(&record), template());
        let filled = [&record[..], &[0, 0]].concat();
        assert_eq!(record_template(&filled), template());
        for other in [&[][..], &[0x71, 0x00], &[0x70, 0x03, 0x8F, 0x01, 0x05, 0xFF], &[0x70, 0x04, 0x8F, 0x01, 0x05]] {
            assert_eq!(record_template(other), Ok(None));
        }
        assert_eq!(record_template(&[0x70, 0x01, 0x8F]), Err(Reason::CardData));
    }
}

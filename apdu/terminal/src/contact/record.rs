//! What a transaction leaves in the record log: the way back after a power cut.
//!
//! | record | written before | found last after a power cut means |
//! |---|---|---|
//! | [`Phase::Started`] | the first GENERATE AC | the card may have given a TC, or paid from its own cash: ask the card before charging again |
//! | [`Phase::Online`] | the request to the host | the host may have approved: send a reversal |
//! | [`Phase::Answered`] | anything that the answer leads to | an approval that the card may not have confirmed: send a reversal |
//! | [`Phase::Finished`] | the end is told | nothing is open but what the record itself says |
//!
//! The objects of a record hold the PAN, because a reversal needs it, but neither track data nor a PIN. The log is to be
//! kept like the terminal's other stored transactions.

use tapcard_emv::{Tag, tag};
use tapcard_iso7816::{TlvWriter, Tlvs};

use super::Contact;
use super::outcome::{Decision, Outcome, Reason};

/// How far the transaction was when the record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// The first GENERATE AC follows.
    Started,
    /// The request to the host follows.
    Online,
    /// The host has answered.
    Answered,
    /// The transaction is over.
    Finished,
}

/// A record read back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Record<'r> {
    /// How far the transaction was.
    pub phase: Phase,
    /// The end, of a record [`Phase::Finished`].
    pub decision: Option<RecordedDecision>,
    /// A reversal is due.
    pub reversal: bool,
    /// An advice is due.
    pub advice: bool,
    objects: &'r [u8],
}

/// [`Decision`] as a record keeps it: without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RecordedDecision {
    /// Approved.
    Approved,
    /// Declined.
    Declined,
    /// Ended without a decision.
    Terminated,
}

/// First octet of every record of this layout.
const LAYOUT: u8 = 0xC1;
/// Bit of the flags: a reversal is due.
const REVERSAL: u8 = 0x01;
/// Bit of the flags: an advice is due.
const ADVICE: u8 = 0x02;

/// The objects of a record, as far as they exist.
const OBJECTS: [Tag; 19] = [
    tag::TRANSACTION_SEQUENCE_COUNTER,
    tag::TRANSACTION_DATE,
    tag::TRANSACTION_TIME,
    tag::TRANSACTION_TYPE,
    tag::AMOUNT_AUTHORISED,
    tag::AMOUNT_OTHER,
    tag::TRANSACTION_CURRENCY_CODE,
    tag::DF_NAME,
    tag::PAN,
    tag::PSN,
    tag::EXPIRATION_DATE,
    tag::UN,
    tag::ATC,
    tag::AC,
    tag::CID,
    tag::ARC,
    tag::TVR,
    tag::TSI,
    tag::ISSUER_SCRIPT_RESULTS,
];

impl<'r> Record<'r> {
    /// Reads a record of the log; `None`: it is of another layout, or broken.
    ///
    /// ```
    /// use tapcard_terminal::contact::{Phase, Record};
    /// use tapcard_emv::tag;
    ///
    /// let octets = [0xC1, 0x02, 0x00, 0x00, 0x9C, 0x01, 0x00];
    /// let record = Record::parse(&octets).unwrap();
    /// assert_eq!((record.phase, record.find(tag::TRANSACTION_TYPE)), (Phase::Online, Some(&[0x00][..])));
    /// ```
    #[must_use]
    pub fn parse(octets: &'r [u8]) -> Option<Self> {
        let [LAYOUT, phase, decision, flags, objects @ ..] = octets else { return None };
        let phase = match phase {
            1 => Phase::Started,
            2 => Phase::Online,
            3 => Phase::Answered,
            4 => Phase::Finished,
            _ => return None,
        };
        let decision = match decision {
            0 => None,
            1 => Some(RecordedDecision::Approved),
            2 => Some(RecordedDecision::Declined),
            3 => Some(RecordedDecision::Terminated),
            _ => return None,
        };
        if Tlvs::new(objects).any(|object| object.is_err()) {
            return None;
        }
        Some(Self { phase, decision, reversal: flags & REVERSAL != 0, advice: flags & ADVICE != 0, objects })
    }

    /// The value of an object.
    #[must_use]
    pub fn find(&self, wanted: Tag) -> Option<&'r [u8]> {
        tapcard_iso7816::find(self.objects, wanted)
    }
}

/// Shows how far it was, not whose card it was.
impl core::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Record")
            .field("phase", &self.phase)
            .field("decision", &self.decision)
            .field("reversal", &self.reversal)
            .field("advice", &self.advice)
            .finish_non_exhaustive()
    }
}

impl Contact<'_> {
    pub(super) fn write_record(&self, phase: Phase, outcome: Outcome, out: &mut [u8]) -> Result<usize, Reason> {
        let number = match phase {
            Phase::Started => 1,
            Phase::Online => 2,
            Phase::Answered => 3,
            Phase::Finished => 4,
        };
        let decision = match outcome.decision {
            _ if phase != Phase::Finished => 0,
            Decision::Approved => 1,
            Decision::Declined => 2,
            Decision::Terminated(_) => 3,
        };
        let finished = phase == Phase::Finished;
        let flag = |set: bool, flag| if set && finished { flag } else { 0 };
        let flags = flag(outcome.reversal, REVERSAL) | flag(outcome.advice, ADVICE);
        let mut writer = TlvWriter::new(out);
        writer.raw(&[LAYOUT, number, decision, flags]).map_err(|_| Reason::Contract)?;
        for wanted in OBJECTS {
            if let Some(value) = self.value(wanted) {
                writer.primitive(wanted, value).map_err(|_| Reason::Contract)?;
            }
        }
        Ok(writer.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn a_record_of_another_layout_is_none() {
        for octets in
            [&[][..], &[0xC1, 1, 0], &[0xC2, 1, 0, 0], &[0xC1, 5, 0, 0], &[0xC1, 1, 4, 0], &[0xC1, 1, 0, 0, 0x9C]]
        {
            assert_eq!(Record::parse(octets), None);
        }
        let record = Record::parse(&[0xC1, 4, 2, 3]).unwrap();
        assert_eq!((record.decision, record.reversal, record.advice), (Some(RecordedDecision::Declined), true, true));
    }

    #[test]
    fn debug_shows_no_object() {
        let record =
            Record { phase: Phase::Online, decision: None, reversal: false, advice: false, objects: &[0x5A, 1, 0x47] };
        assert_eq!(
            std::format!("{record:?}"),
            "Record { phase: Online, decision: None, reversal: false, advice: false, .. }"
        );
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(octets: Vec<u8>) {
            let _ = Record::parse(&octets);
        }
    }
}

//! Going online: the request, the host's answer, issuer authentication (EMV 4.4 Book 3, 10.9; Book 4, 12.2).

use tapcard_emv::bits::AcType;
use tapcard_emv::{Tag, Tsi, Tvr, tag};
use tapcard_iso7816::{Command, Ins, StatusWord, TlvWriter, Tlvs, find};

use super::outcome::{Reason, Report, Step};
use super::{Contact, Next, Phase};

/// The terminal's own response codes (EMV 4.4 Book 4, Annex A6).
pub(super) mod arc {
    /// Approved offline.
    pub(in super::super) const OFFLINE_APPROVED: [u8; 2] = *b"Y1";
    /// Declined offline.
    pub(in super::super) const OFFLINE_DECLINED: [u8; 2] = *b"Z1";
    /// Unable to go online, approved offline.
    pub(in super::super) const UNABLE_APPROVED: [u8; 2] = *b"Y3";
    /// Unable to go online, declined offline.
    pub(in super::super) const UNABLE_DECLINED: [u8; 2] = *b"Z3";
}

/// What the host is told: field 55 of an ISO 8583 message, and what its other fields are made of.
const REQUEST: [Tag; 26] = [
    tag::AC,
    tag::CID,
    tag::IAD,
    tag::UN,
    tag::ATC,
    tag::TVR,
    tag::TRANSACTION_DATE,
    tag::TRANSACTION_TYPE,
    tag::AMOUNT_AUTHORISED,
    tag::TRANSACTION_CURRENCY_CODE,
    tag::AIP,
    tag::TERMINAL_COUNTRY_CODE,
    tag::AMOUNT_OTHER,
    tag::TERMINAL_CAPABILITIES,
    tag::CVM_RESULTS,
    tag::TERMINAL_TYPE,
    tag::IFD_SERIAL_NUMBER,
    tag::DF_NAME,
    tag::APPLICATION_VERSION_TERMINAL,
    tag::TRANSACTION_SEQUENCE_COUNTER,
    tag::PAN,
    tag::PSN,
    tag::EXPIRATION_DATE,
    tag::AID_TERMINAL,
    tag::TRANSACTION_TIME,
    tag::TRACK2_EQUIVALENT_DATA,
];

/// Issuer authentication data have 8 to 16 octets (EMV 4.4 Book 3, Annex A).
const ISSUER_DATA: core::ops::RangeInclusive<usize> = 8..=16;

impl Contact<'_> {
    /// Writes the request as data objects one after the other.
    pub(super) fn send_request(&self, out: &mut [u8]) -> Result<usize, Reason> {
        let mut writer = TlvWriter::new(out);
        for wanted in REQUEST {
            if let Some(value) = self.value(wanted) {
                writer.primitive(wanted, value).map_err(|_| Reason::Contract)?;
            }
        }
        Ok(writer.finish())
    }

    /// The host's answer: data objects 8A, and perhaps 91, 71 and 72. Without an 8A it is none.
    pub(super) fn take_host(&mut self, answer: &[u8]) -> Next {
        self.report(Report::Done(Step::Online));
        let code: Option<[u8; 2]> = find(answer, tag::ARC).and_then(|code| code.try_into().ok());
        let Some(code) = code else { return self.unable_to_go_online() };
        self.values.arc = Some(code);
        self.host_approved = self.terminal.approving.contains(&code);
        self.host_answered = true;
        let data = find(answer, tag::ISSUER_AUTHENTICATION_DATA).filter(|data| ISSUER_DATA.contains(&data.len()));
        self.values.issuer_data.clear();
        // Sixteen octets at most.
        let _ = self.values.issuer_data.extend_from_slice(data.unwrap_or_default());
        if !self.card.keep_host(answer) {
            let has = |script| Tlvs::new(answer).flatten().any(|object| object.tag == script);
            self.lost_scripts = [has(tag::ISSUER_SCRIPT_TEMPLATE_1), has(tag::ISSUER_SCRIPT_TEMPLATE_2)];
        }
        Next::Persist(Phase::Answered)
    }

    /// No answer, and none to come: the Default codes decide (EMV 4.4 Book 3, 10.7).
    pub(super) fn unable_to_go_online(&mut self) -> Next {
        self.asked = self.offline_request();
        let approves = self.asked == AcType::Tc;
        self.values.arc = Some(if approves { arc::UNABLE_APPROVED } else { arc::UNABLE_DECLINED });
        Next::SecondAc
    }

    /// What follows once the answer is kept.
    pub(super) fn begin_answer(&mut self) -> Next {
        if self.aip.issuer_authentication() && !self.values.issuer_data.is_empty() {
            Next::ExternalAuthenticate
        } else {
            self.begin_scripts(tag::ISSUER_SCRIPT_TEMPLATE_1)
        }
    }

    pub(super) fn send_external_authenticate(&self, out: &mut [u8]) -> Result<usize, Reason> {
        let command = Command::new(0x00, Ins::ExternalAuthenticate, 0x00, 0x00).with_data(&self.values.issuer_data);
        command.encode_into(out).map_err(|_| Reason::Contract)
    }

    /// A failure changes nothing but the TVR: the card knows, and decides at the second GENERATE AC.
    pub(super) fn take_external_authenticate(&mut self, sw: StatusWord) -> Next {
        self.values.tsi.set(Tsi::ISSUER_AUTHENTICATION_PERFORMED);
        if !sw.is_ok() {
            self.values.tvr.set(Tvr::ISSUER_AUTHENTICATION_FAILED);
        }
        self.report(Report::Done(Step::IssuerAuthentication));
        self.begin_scripts(tag::ISSUER_SCRIPT_TEMPLATE_1)
    }
}

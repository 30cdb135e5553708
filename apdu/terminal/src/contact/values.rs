//! What the terminal knows in the course of a transaction, and the one place where a tag becomes a value.
//!
//! DOLs, the host's request and the owner's receipt all ask here. What the terminal itself defines goes before what a card
//! says under the same tag, so that no card can pretend a TVR. EMV 4.4 Book 3, 5.4 (DOL), Annex A (sources).

use heapless::Vec;
use tapcard_emv::bits::CvmResults;
use tapcard_emv::{Tag, Tsi, Tvr, tag};

use super::cryptogram::Cryptogram;
use super::outcome::SetupError;
use super::terminal::{Application, Terminal};
use super::transaction::Transaction;
use crate::limits::MAX_SCRIPTS;

/// Octets of the script results (`9F5B`).
const SCRIPT_RESULTS: usize = 5 * MAX_SCRIPTS;

/// Values of this transaction.
pub(super) struct Values {
    amount: [u8; 6],
    amount_other: [u8; 6],
    amount_binary: [u8; 4],
    amount_other_binary: [u8; 4],
    floor_limit: [u8; 4],
    terminal_type: [u8; 1],
    currency_exponent: [u8; 1],
    kind: [u8; 1],
    sequence_counter: [u8; 4],
    pub(super) tvr: Tvr,
    pub(super) tsi: Tsi,
    pub(super) cvm_results: CvmResults,
    /// Authorisation response code: the host's or the terminal's own.
    pub(super) arc: Option<[u8; 2]>,
    /// Issuer authentication data of the host.
    pub(super) issuer_data: Vec<u8, 16>,
    /// Data authentication code out of signed static data.
    pub(super) data_authentication_code: Option<[u8; 2]>,
    /// ICC dynamic number out of signed dynamic data.
    pub(super) icc_dynamic_number: Vec<u8, 8>,
    /// TC hash value.
    pub(super) tc_hash: Option<[u8; 20]>,
    /// Results of the scripts.
    pub(super) script_results: Vec<u8, SCRIPT_RESULTS>,
    /// The last answer to GENERATE AC.
    pub(super) cryptogram: Option<Cryptogram>,
}

impl Values {
    pub(super) fn new(terminal: &Terminal<'_>, transaction: &Transaction<'_>) -> Result<Self, SetupError> {
        let n12 = |amount: tapcard_emv::Amount| amount.to_n12().map_err(|_| SetupError::Amount);
        // Four binary octets do not hold every amount; the largest one stands for all beyond.
        let binary = |amount: tapcard_emv::Amount| u32::try_from(amount.minor()).unwrap_or(u32::MAX).to_be_bytes();
        transaction.day().ok_or(SetupError::Date)?;
        let mut sequence_counter = [0; 4];
        // A counter of eight digits starts anew behind 99999999.
        let number = u64::from(transaction.sequence_counter % 100_000_000);
        let _ = tapcard_emv::bcd::write_number(number, &mut sequence_counter);
        Ok(Self {
            amount: n12(transaction.amount)?,
            amount_other: n12(transaction.amount_other)?,
            amount_binary: binary(transaction.amount),
            amount_other_binary: binary(transaction.amount_other),
            floor_limit: [0; 4],
            terminal_type: [terminal.kind.octet()],
            currency_exponent: [transaction.currency_exponent],
            kind: [transaction.kind],
            sequence_counter,
            tvr: Tvr::default(),
            tsi: Tsi::default(),
            cvm_results: CvmResults::NOT_PERFORMED,
            arc: None,
            issuer_data: Vec::new(),
            data_authentication_code: None,
            icc_dynamic_number: Vec::new(),
            tc_hash: None,
            script_results: Vec::new(),
            cryptogram: None,
        })
    }

    /// Starts an attempt with an application (EMV 4.4 Book 3, 10.1).
    pub(super) fn begin(&mut self, application: &Application<'_>) {
        (self.tvr, self.tsi) = (Tvr::default(), Tsi::default());
        (self.cvm_results, self.data_authentication_code) = (CvmResults::NOT_PERFORMED, None);
        self.icc_dynamic_number.clear();
        self.floor_limit = u32::try_from(application.floor_limit.minor()).unwrap_or(u32::MAX).to_be_bytes();
    }

    /// The value of an object whose source is the terminal.
    pub(super) fn find<'v>(
        &'v self,
        wanted: Tag,
        terminal: &'v Terminal<'_>,
        transaction: &'v Transaction<'_>,
        application: Option<&'v Application<'_>>,
    ) -> Option<&'v [u8]> {
        let found: &[u8] = match wanted {
            tag::AMOUNT_AUTHORISED => &self.amount,
            tag::AMOUNT_OTHER => &self.amount_other,
            tag::AMOUNT_AUTHORISED_BINARY => &self.amount_binary,
            tag::AMOUNT_OTHER_BINARY => &self.amount_other_binary,
            tag::TRANSACTION_CURRENCY_CODE => &transaction.currency,
            tag::TRANSACTION_CURRENCY_EXPONENT => &self.currency_exponent,
            tag::TRANSACTION_DATE => &transaction.date,
            tag::TRANSACTION_TIME => &transaction.time,
            tag::TRANSACTION_TYPE => &self.kind,
            tag::TRANSACTION_SEQUENCE_COUNTER => &self.sequence_counter,
            tag::UN => &transaction.unpredictable_number,
            tag::TERMINAL_TYPE => &self.terminal_type,
            tag::TERMINAL_CAPABILITIES => terminal.capabilities.as_bytes(),
            tag::ADDITIONAL_TERMINAL_CAPABILITIES => terminal.additional_capabilities.as_bytes(),
            tag::TERMINAL_COUNTRY_CODE => &terminal.country,
            tag::TVR => self.tvr.as_bytes(),
            tag::TSI => self.tsi.as_bytes(),
            tag::CVM_RESULTS => self.cvm_results.as_bytes(),
            tag::ARC => self.arc.as_ref()?,
            tag::ISSUER_AUTHENTICATION_DATA => &self.issuer_data,
            tag::DATA_AUTHENTICATION_CODE => self.data_authentication_code.as_ref()?,
            tag::ICC_DYNAMIC_NUMBER => &self.icc_dynamic_number,
            tag::TC_HASH_VALUE => self.tc_hash.as_ref()?,
            tag::ISSUER_SCRIPT_RESULTS => &self.script_results,
            tag::AID_TERMINAL => application?.aid.as_bytes(),
            tag::APPLICATION_VERSION_TERMINAL => &application?.version,
            tag::TERMINAL_FLOOR_LIMIT => &self.floor_limit,
            tag::CID | tag::ATC | tag::AC | tag::IAD => self.cryptogram.as_ref()?.find(wanted)?,
            _ => terminal.objects.iter().find(|(known, _)| *known == wanted)?.1,
        };
        (!found.is_empty()).then_some(found)
    }
}

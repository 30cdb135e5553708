//! What the terminal says of itself in PDOL data.
//!
//! A reader makes no payment: amounts are zero and the qualifiers ask for a plain EMV dialogue. The unpredictable number and
//! the date are values of the owner, because the core has neither randomness nor a clock.

use tapcard_emv::tag;
use tapcard_iso7816::Tag;

/// The terminal's data objects, as they stand in a DOL's data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TerminalData {
    /// `9F02` Amount, Authorised: n 12.
    pub amount_authorised: [u8; 6],
    /// `9F03` Amount, Other: n 12.
    pub amount_other: [u8; 6],
    /// `9F1A` Terminal Country Code: n 3.
    pub country: [u8; 2],
    /// `5F2A` Transaction Currency Code: n 3.
    pub currency: [u8; 2],
    /// `9A` Transaction Date: YYMMDD.
    pub date: [u8; 3],
    /// `9F21` Transaction Time: HHMMSS.
    pub time: [u8; 3],
    /// `9C` Transaction Type.
    pub transaction_type: [u8; 1],
    /// `9F37` Unpredictable Number.
    pub unpredictable_number: [u8; 4],
    /// `9F66` Terminal Transaction Qualifiers.
    pub ttq: [u8; 4],
    /// `9F35` Terminal Type.
    pub terminal_type: [u8; 1],
    /// `9F33` Terminal Capabilities.
    pub capabilities: [u8; 3],
    /// `9F40` Additional Terminal Capabilities.
    pub additional_capabilities: [u8; 5],
    /// `9F7A` EC Terminal Support Indicator: 00 asks for the debit/credit path (JR/T 0025.13).
    pub ec_support: [u8; 1],
}

impl Default for TerminalData {
    /// A merchant's attended, offline terminal with online capability, in China, without amount, date or randomness.
    fn default() -> Self {
        Self {
            amount_authorised: [0; 6],
            amount_other: [0; 6],
            country: [0x01, 0x56],
            currency: [0x01, 0x56],
            date: [0; 3],
            time: [0; 3],
            transaction_type: [0x00],
            unpredictable_number: [0; 4],
            // EMV and qPBOC over RF, online capable, online PIN and signature: the profile in use by public readers.
            ttq: [0x36, 0x80, 0x00, 0x00],
            terminal_type: [0x22],
            capabilities: [0xE0, 0xF8, 0xC8],
            additional_capabilities: [0xFF, 0x80, 0xF0, 0xA0, 0x01],
            ec_support: [0x00],
        }
    }
}

impl TerminalData {
    /// The value of an object that a DOL asks for; `None` is filled with zeroes (EMV 4.4 Book 3, 5.4).
    #[must_use]
    pub fn value(&self, wanted: Tag) -> Option<&[u8]> {
        Some(match wanted {
            tag::AMOUNT_AUTHORISED => &self.amount_authorised,
            tag::AMOUNT_OTHER => &self.amount_other,
            tag::TERMINAL_COUNTRY_CODE => &self.country,
            tag::TRANSACTION_CURRENCY_CODE => &self.currency,
            tag::TRANSACTION_DATE => &self.date,
            tag::TRANSACTION_TIME => &self.time,
            tag::TRANSACTION_TYPE => &self.transaction_type,
            tag::UN => &self.unpredictable_number,
            tag::TTQ => &self.ttq,
            tag::TERMINAL_TYPE => &self.terminal_type,
            tag::TERMINAL_CAPABILITIES => &self.capabilities,
            tag::ADDITIONAL_TERMINAL_CAPABILITIES => &self.additional_capabilities,
            tag::EC_TERMINAL_SUPPORT => &self.ec_support,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_the_terminal_does_not_have_is_absent() {
        assert_eq!(TerminalData::default().value(Tag::new(0x9F4E)), None);
        assert_eq!(TerminalData::default().value(tag::TERMINAL_COUNTRY_CODE), Some(&[0x01, 0x56][..]));
    }
}

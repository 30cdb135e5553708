//! What a status word says as the answer to a certain command, where this is more than the value alone tells: EMV 4.4 Book 1,
//! 12.3 and Book 3, 6.5; EMV Contactless C-3, 5.2; JR/T 0025 for the purse.

use super::StatusWord;
use crate::ins::Ins;

/// One line for people; `None`: nothing beyond what the value says by itself.
pub(super) const fn text(sw: StatusWord, ins: Ins) -> Option<&'static str> {
    Some(match (Ins::from_octet(ins.octet()), sw.get()) {
        (Ins::Select, 0x6283) => "selected, but the application is blocked",
        (Ins::Select, 0x6A81) => "the card is blocked, or does not know SELECT",
        (Ins::Select, 0x6A82) => "the card has no such application or file, or no further one",

        (Ins::ReadRecord, 0x6A83) => "no such record: the file has ended",
        (Ins::ReadRecord | Ins::ReadBinary, 0x6A82) => "no such file in this application",
        (Ins::ReadRecord, 0x6981) => "the file has no records",
        (Ins::ReadBinary, 0x6981) => "the file has records, read it with READ RECORD",
        (Ins::ReadBinary, 0x6B00) => "the offset is outside the file",

        (Ins::GetData, 0x6A88) => "the card does not have this object",
        (Ins::GetData, 0x6A81) => "the card does not give this object with GET DATA",
        (Ins::GetData, 0x6985) => "the card does not give this object now",

        (Ins::GetProcessingOptions, 0x6984) => "contactless: the card wants another interface, insert it",
        (Ins::GetProcessingOptions, 0x6985) => "the application does not suit this transaction, take the next one",
        (Ins::GetProcessingOptions, 0x6986) => "contactless: the cardholder has to do something on the device",
        (Ins::GetProcessingOptions, 0x6700) => "the data are not as long as the PDOL asks",

        (Ins::GenerateAc, 0x6985) => "not allowed now: a third GENERATE AC, or no GET PROCESSING OPTIONS before",
        (Ins::GenerateAc, 0x6700) => "the data are not as long as CDOL1 or CDOL2 asks",

        (Ins::Verify, 0x9000) => "the PIN is right",
        (Ins::Verify, 0x63C0) => "the PIN is wrong and is blocked now",
        (Ins::Verify, 0x63C1) => "the PIN is wrong, one try is left",
        (Ins::Verify, 0x63C2..=0x63CF) => "the PIN is wrong, the last digit of SW2 says how many tries are left",
        (Ins::Verify, 0x6983) => "the PIN was blocked before",
        (Ins::Verify, 0x6984) => "the PIN is blocked, or GET CHALLENGE is missing before an enciphered PIN",

        (Ins::ExternalAuthenticate, 0x9000) => "the issuer is authentic",
        (Ins::ExternalAuthenticate, 0x6300) => "issuer authentication failed",
        (Ins::ExternalAuthenticate, 0x6985) => "a second EXTERNAL AUTHENTICATE in one transaction",
        (Ins::InternalAuthenticate, 0x6700) => "the data are not as long as the DDOL asks",

        (
            Ins::PutData
            | Ins::UpdateRecord
            | Ins::AppendRecord
            | Ins::CardBlock
            | Ins::ApplicationBlock
            | Ins::ApplicationUnblock
            | Ins::ChangeReferenceData,
            sw,
        ) => return script(sw),

        (Ins::Initialize, 0x9401) => "there is not enough money in the purse",
        (Ins::Initialize, 0x9402) => "the transaction counter has reached its end, the purse is used up",
        (Ins::Initialize, 0x9403) => "the card has no key of this index",
        (Ins::Initialize, 0x6982 | 0x6985) => "the PIN has to be verified before, or the purse is not selected",
        (Ins::CreditForLoad, 0x9302) => "the MAC of the host is wrong, nothing was loaded",
        (Ins::Debit, 0x9302) => "the MAC of the terminal is wrong, nothing was debited",
        (Ins::Debit, 0x9401) => "there is not enough money in the purse, nothing was debited",
        (Ins::CreditForLoad | Ins::Debit, 0x6901 | 0x6985) => "no INITIALIZE came before",
        (Ins::GetTransactionProve, 0x9406) => "the card has no proof of this transaction",
        _ => return None,
    })
}

/// A command that an issuer script may hold, and its MAC.
const fn script(sw: u16) -> Option<&'static str> {
    Some(match sw {
        0x6987 => "the MAC is missing",
        0x6988 => "the MAC is wrong",
        0x6982 => "a MAC is needed, or the MAC is wrong",
        0x6985 => "not allowed now, or the MAC was made for another transaction",
        0x6200..=0x63FF => "counts as done in an issuer script, which goes on",
        _ => return None,
    })
}

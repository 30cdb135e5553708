//! Codes of one or two octets in words: transaction types, response codes, entry modes, terminal types and the like.
//!
//! ISO 8583:1987 and EMV 4.4 Book 3, Annex A; Book 4, Annex A; what a payment system adds stands with its name.

use tapcard_emv::Scheme;
use tapcard_emv::bits::{AdviceReason, Cid, TerminalOwner, TerminalType};

/// `9C`: the first two digits of the processing code (ISO 8583:1987, field 3).
pub(crate) const fn transaction_type(code: u8, scheme: Option<Scheme>) -> Option<&'static str> {
    Some(match code {
        0x00 => "purchase",
        0x01 => "cash",
        0x09 => "purchase with cashback",
        0x17 => match scheme {
            Some(Scheme::UnionPay) => "void of a cash load, or cash at a counter",
            _ => "cash at a counter",
        },
        0x12 => "cash at a counter",
        0x20 => "refund",
        0x21 => "deposit",
        0x30 | 0x31 => "balance inquiry",
        0x40 => "transfer",
        0x60 => "load to electronic cash from the bound account (UnionPay)",
        0x62 => "load to electronic cash from another account (UnionPay)",
        0x63 => "load to electronic cash with cash (UnionPay)",
        _ => return None,
    })
}

/// `8A`: those that a terminal sets (EMV 4.4 Book 4, Annex A6), else field 39 of ISO 8583:1987.
pub(crate) fn response_code(code: &[u8]) -> Option<&'static str> {
    Some(match code {
        b"Y1" => "offline approved",
        b"Z1" => "offline declined",
        b"Y2" => "approved after a referral by the card (withdrawn)",
        b"Z2" => "declined after a referral by the card (withdrawn)",
        b"Y3" => "unable to go online, offline approved",
        b"Z3" => "unable to go online, offline declined",
        b"00" => "approved",
        b"01" | b"02" => "refer to the issuer",
        b"03" => "invalid merchant",
        b"04" | b"07" | b"33" | b"34" | b"35" | b"36" | b"37" | b"38" | b"41" | b"43" => "declined, keep the card",
        b"05" => "declined",
        b"08" => "approved with identification",
        b"10" => "approved for a part of the amount",
        b"11" => "approved (VIP)",
        b"12" => "invalid transaction",
        b"13" => "invalid amount",
        b"14" => "no such card number",
        b"15" => "no such issuer",
        b"30" => "format error",
        b"51" => "not enough funds",
        b"54" => "expired card",
        b"55" => "wrong PIN",
        b"57" => "not permitted to the cardholder",
        b"58" => "not permitted to the terminal",
        b"61" => "exceeds the amount limit",
        b"62" => "restricted card",
        b"65" => "exceeds the number of withdrawals",
        b"68" => "the answer came too late",
        b"75" => "PIN try limit exceeded",
        b"91" => "issuer or switch not available",
        b"96" => "system malfunction",
        _ => return None,
    })
}

/// `9F39` (ISO 8583:1987, field 22, positions 1 and 2).
pub(crate) const fn entry_mode(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "not told",
        0x01 => "keyed in",
        0x02 => "magnetic stripe, perhaps not whole",
        0x03 => "bar code",
        0x04 => "optical characters",
        0x05 => "chip",
        0x06 | 0x90 => "magnetic stripe, whole",
        0x07 => "contactless chip",
        0x10 => "credential on file",
        0x80 => "magnetic stripe, because the chip failed",
        0x91 => "contactless magnetic stripe data",
        0x95 => "chip, without a reliable check value",
        _ => return None,
    })
}

/// `5F57` (EMV 4.4 Book 3, Annex G).
pub(crate) const fn account_type(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "default account",
        0x10 => "savings account",
        0x20 => "cheque or debit account",
        0x30 => "credit account",
        _ => return None,
    })
}

/// `9F35` (EMV 4.4 Book 4, Annex A1).
pub(crate) fn terminal_type(code: u8) -> Option<String> {
    let terminal = TerminalType::new(code)?;
    let owner = match terminal.owner() {
        TerminalOwner::FinancialInstitution => "of a financial institution",
        TerminalOwner::Merchant => "of a merchant",
        TerminalOwner::Cardholder => "of the cardholder",
    };
    let place = if terminal.is_attended() { "attended" } else { "unattended" };
    let reach = match (terminal.is_online_only(), terminal.is_offline_only()) {
        (true, _) => "online only",
        (_, true) => "offline only",
        _ => "offline with online capability",
    };
    Some(format!("{place}, {reach}, {owner}"))
}

/// `9F27` (EMV 4.4 Book 3, 6.5.5.4, table 15).
pub(crate) fn cryptogram_information(cid: Cid) -> [Option<String>; 3] {
    let reason = match cid.reason() {
        AdviceReason::None => None,
        AdviceReason::ServiceNotAllowed => Some("service not allowed"),
        AdviceReason::PinTryLimitExceeded => Some("PIN try limit exceeded"),
        AdviceReason::IssuerAuthenticationFailed => Some("issuer authentication failed"),
        AdviceReason::Other(_) => Some("reserved"),
    };
    [
        Some(cid.ac_type().to_string()),
        cid.advice_required().then(|| "advice required".to_owned()),
        reason.map(|reason| format!("reason: {reason}")),
    ]
}

/// `9F2A`, and the kernel that a RID has without it (EMV Contactless Book B, 3.3.2.5).
pub(crate) const fn kernel(number: u8) -> Option<&'static str> {
    Some(match number {
        0x02 => "kernel 2 (Mastercard)",
        0x03 => "kernel 3 (Visa)",
        0x04 => "kernel 4 (American Express)",
        0x05 => "kernel 5 (JCB)",
        0x06 => "kernel 6 (Discover)",
        0x07 => "kernel 7 (UnionPay)",
        0x08 => "kernel 8 (EMVCo)",
        _ => return None,
    })
}

/// The kernel that a RID has without `9F2A`.
pub(crate) const fn kernel_of(rid: &[u8; 5]) -> Option<&'static str> {
    match rid {
        [0xA0, 0, 0, 0, 0x04] => kernel(2),
        [0xA0, 0, 0, 0, 0x03] => kernel(3),
        [0xA0, 0, 0, 0, 0x25] => kernel(4),
        [0xA0, 0, 0, 0, 0x65] => kernel(5),
        [0xA0, 0, 0, 0x01, 0x52] => kernel(6),
        [0xA0, 0, 0, 0x03, 0x33] => kernel(7),
        _ => None,
    }
}

/// The first half octet of a script result (EMV 4.4 Book 4, Annex A5).
pub(crate) const fn script_result(nibble: u8) -> &'static str {
    match nibble {
        0 => "script not performed",
        1 => "script processing failed",
        2 => "script processing successful",
        _ => "reserved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_terminals_and_hosts_have_words() {
        assert_eq!(transaction_type(0x62, None), Some("load to electronic cash from another account (UnionPay)"));
        assert_ne!(transaction_type(0x17, Some(Scheme::UnionPay)), transaction_type(0x17, None));
        assert_eq!((response_code(b"Y3"), response_code(b"Q1")), (Some("unable to go online, offline approved"), None));
        assert_eq!((entry_mode(0x07), entry_mode(0x99)), (Some("contactless chip"), None));
        assert_eq!((account_type(0x10), account_type(0x11)), (Some("savings account"), None));
        assert_eq!(kernel_of(&[0xA0, 0, 0, 0x03, 0x33]), kernel(7));
        assert_eq!(kernel_of(&[0xF0, 0, 0, 0, 1]), None);
    }

    #[test]
    fn a_terminal_is_told_by_its_two_digits() {
        assert_eq!(terminal_type(0x22).as_deref(), Some("attended, offline with online capability, of a merchant"));
        assert_eq!(terminal_type(0x14).as_deref(), Some("unattended, online only, of a financial institution"));
        assert_eq!(terminal_type(0x36).as_deref(), Some("unattended, offline only, of the cardholder"));
        assert_eq!(terminal_type(0x40), None);
    }

    #[test]
    fn a_declining_card_may_give_a_reason() {
        let words = cryptogram_information(Cid::new(0x09)).map(Option::unwrap_or_default);
        assert_eq!(words, ["AAC", "advice required", "reason: service not allowed"]);
        assert_eq!(cryptogram_information(Cid::new(0x80)), [Some("ARQC".to_owned()), None, None]);
    }
}

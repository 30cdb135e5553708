//! Field 39: what a host has decided, or in a reversal why it is sent.

use core::fmt;

/// Two characters of field 39. Unknown ones are kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ResponseCode([u8; 2]);

/// What a code means for the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Verdict {
    /// It has been done.
    Approved,
    /// It has not been done.
    Declined,
    /// Nobody knows: the issuer was not reached, or broke down while it worked. A reversal has to follow.
    Unknown,
}

impl ResponseCode {
    /// `00`: approved.
    pub const APPROVED: Self = Self(*b"00");
    /// `05`: declined without a reason.
    pub const DO_NOT_HONOUR: Self = Self(*b"05");
    /// `12`: this cannot be done.
    pub const INVALID_TRANSACTION: Self = Self(*b"12");
    /// `13`: an amount that cannot be.
    pub const INVALID_AMOUNT: Self = Self(*b"13");
    /// `14`: no such card.
    pub const INVALID_CARD: Self = Self(*b"14");
    /// `25`: the message that is meant was not found.
    pub const ORIGINAL_NOT_FOUND: Self = Self(*b"25");
    /// `30`: a message that breaks the format.
    pub const FORMAT_ERROR: Self = Self(*b"30");
    /// `41`: a lost card.
    pub const LOST_CARD: Self = Self(*b"41");
    /// `43`: a stolen card.
    pub const STOLEN_CARD: Self = Self(*b"43");
    /// `51`: not enough money.
    pub const INSUFFICIENT_FUNDS: Self = Self(*b"51");
    /// `54`: an expired card.
    pub const EXPIRED_CARD: Self = Self(*b"54");
    /// `55`: a wrong PIN.
    pub const WRONG_PIN: Self = Self(*b"55");
    /// `61`: over the limit for an amount.
    pub const OVER_AMOUNT_LIMIT: Self = Self(*b"61");
    /// `62`: a restricted card.
    pub const RESTRICTED_CARD: Self = Self(*b"62");
    /// `68`: the answer came too late; the reason of a reversal.
    pub const TOO_LATE: Self = Self(*b"68");
    /// `75`: too many wrong PINs.
    pub const PIN_TRIES_EXCEEDED: Self = Self(*b"75");
    /// `91`: the issuer cannot be reached; what became of the request is not known.
    pub const ISSUER_UNAVAILABLE: Self = Self(*b"91");
    /// `94`: seen before.
    pub const DUPLICATE: Self = Self(*b"94");
    /// `96`: the host has broken down.
    pub const SYSTEM_MALFUNCTION: Self = Self(*b"96");
    /// `98`: no answer came; the reason of a reversal.
    pub const NO_ANSWER: Self = Self(*b"98");
    /// `A0`: the message authentication code is wrong.
    pub const WRONG_MAC: Self = Self(*b"A0");

    /// From the characters; `None` when one is neither a digit nor a capital letter.
    #[must_use]
    pub const fn new(characters: [u8; 2]) -> Option<Self> {
        let [a, b] = characters;
        let good = (a.is_ascii_digit() || a.is_ascii_uppercase()) && (b.is_ascii_digit() || b.is_ascii_uppercase());
        if good { Some(Self(characters)) } else { None }
    }

    /// The characters, as in field 39 and in tag `8A`.
    #[must_use]
    pub const fn characters(self) -> [u8; 2] {
        self.0
    }

    /// What it means for the one who asked. A code that is not known declines.
    ///
    /// ```
    /// use tapcard_iso8583::host::{ResponseCode, Verdict};
    ///
    /// assert_eq!(ResponseCode::APPROVED.verdict(), Verdict::Approved);
    /// assert_eq!(ResponseCode::ISSUER_UNAVAILABLE.verdict(), Verdict::Unknown);
    /// assert_eq!(ResponseCode::new(*b"5x"), None);
    /// ```
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::APPROVED => Verdict::Approved,
            Self::ISSUER_UNAVAILABLE | Self::SYSTEM_MALFUNCTION | Self::TOO_LATE | Self::NO_ANSWER => Verdict::Unknown,
            _ => Verdict::Declined,
        }
    }

    /// What it says, for people; `None` for a code without a constant here.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::APPROVED => "approved",
            Self::DO_NOT_HONOUR => "declined",
            Self::INVALID_TRANSACTION => "invalid transaction",
            Self::INVALID_AMOUNT => "invalid amount",
            Self::INVALID_CARD => "no such card",
            Self::ORIGINAL_NOT_FOUND => "original not found",
            Self::FORMAT_ERROR => "format error",
            Self::LOST_CARD => "lost card",
            Self::STOLEN_CARD => "stolen card",
            Self::INSUFFICIENT_FUNDS => "insufficient funds",
            Self::EXPIRED_CARD => "expired card",
            Self::WRONG_PIN => "wrong PIN",
            Self::OVER_AMOUNT_LIMIT => "over the amount limit",
            Self::RESTRICTED_CARD => "restricted card",
            Self::TOO_LATE => "answer too late",
            Self::PIN_TRIES_EXCEEDED => "too many wrong PINs",
            Self::ISSUER_UNAVAILABLE => "issuer unavailable",
            Self::DUPLICATE => "duplicate",
            Self::SYSTEM_MALFUNCTION => "system malfunction",
            Self::NO_ANSWER => "no answer",
            Self::WRONG_MAC => "wrong MAC",
            _ => return None,
        })
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|character| write!(f, "{}", char::from(*character)))
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn only_00_approves_and_what_is_not_known_declines() {
        for characters in [*b"01", *b"51", *b"ZZ", *b"0A"] {
            let code = ResponseCode::new(characters).unwrap();
            assert_eq!((code.verdict(), code.characters()), (Verdict::Declined, characters));
        }
        assert_eq!(ResponseCode::SYSTEM_MALFUNCTION.verdict(), Verdict::Unknown);
        assert_eq!(format!("{} {:?}", ResponseCode::WRONG_PIN, ResponseCode::WRONG_MAC), "55 ResponseCode(A0)");
        assert_eq!(ResponseCode::new(*b"0 "), None);
    }

    #[cfg(feature = "names")]
    #[test]
    fn a_code_is_explained_or_left_alone() {
        assert_eq!(ResponseCode::INSUFFICIENT_FUNDS.text(), Some("insufficient funds"));
        assert_eq!(ResponseCode::new(*b"Q1").unwrap().text(), None);
    }
}

//! How a request is answered, and why: the word for people and programs, and the authorisation response code for the card.

/// Why a request is approved or declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Everything is in order.
    Approved,
    /// No card has this PAN and sequence number.
    UnknownCard,
    /// The issuer application data names no cryptogram version that is known.
    UnknownVersion,
    /// The cryptogram is not the card's.
    WrongCryptogram,
    /// The card did not ask to go online.
    NotOnline,
    /// The ATC is at or below the last approved one, or the cryptogram came with other data before.
    Replayed,
    /// The amount beside field 55 is another one than the card authenticated.
    AmountDiffers,
    /// The card is blocked.
    CardBlocked,
    /// The card has expired.
    Expired,
    /// The account is blocked.
    AccountBlocked,
    /// The transaction is in another currency than the account.
    CurrencyDiffers,
    /// This host does not do this type of transaction.
    UnsupportedType,
    /// There is not enough on the account.
    InsufficientFunds,
    /// The card has no electronic cash that could be loaded in this currency.
    NoCash,
    /// The balance that the card tells has no right MAC.
    UnprovenBalance,
    /// The card may not hold so much.
    CashLimit,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::Approved,
        Self::UnknownCard,
        Self::UnknownVersion,
        Self::WrongCryptogram,
        Self::NotOnline,
        Self::Replayed,
        Self::AmountDiffers,
        Self::CardBlocked,
        Self::Expired,
        Self::AccountBlocked,
        Self::CurrencyDiffers,
        Self::UnsupportedType,
        Self::InsufficientFunds,
        Self::NoCash,
        Self::UnprovenBalance,
        Self::CashLimit,
    ];

    /// The word for it, as it is stored and stands in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::UnknownCard => "unknown_card",
            Self::UnknownVersion => "unknown_version",
            Self::WrongCryptogram => "wrong_cryptogram",
            Self::NotOnline => "not_online",
            Self::Replayed => "replayed",
            Self::AmountDiffers => "amount_differs",
            Self::CardBlocked => "card_blocked",
            Self::Expired => "expired",
            Self::AccountBlocked => "account_blocked",
            Self::CurrencyDiffers => "currency_differs",
            Self::UnsupportedType => "unsupported_type",
            Self::InsufficientFunds => "insufficient_funds",
            Self::NoCash => "no_cash",
            Self::UnprovenBalance => "unproven_balance",
            Self::CashLimit => "cash_limit",
        }
    }

    /// From the word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// Whether it is an approval.
    #[must_use]
    pub const fn is_approval(self) -> bool {
        matches!(self, Self::Approved)
    }

    /// The authorisation response code (`8A`; ISO 8583:1987, field 39).
    #[must_use]
    pub const fn response_code(self) -> [u8; 2] {
        *match self {
            Self::Approved => b"00",
            Self::UnknownCard => b"14",
            Self::CardBlocked | Self::AccountBlocked => b"62",
            Self::Expired => b"54",
            Self::UnsupportedType => b"57",
            Self::InsufficientFunds => b"51",
            Self::AmountDiffers => b"13",
            Self::CashLimit => b"61",
            Self::UnknownVersion
            | Self::WrongCryptogram
            | Self::NotOnline
            | Self::Replayed
            | Self::CurrencyDiffers
            | Self::NoCash
            | Self::UnprovenBalance => b"05",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_word() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of(reason.as_str()), Some(reason));
            assert_eq!(reason.is_approval(), reason.response_code() == *b"00");
        }
        assert_eq!(Reason::of("APPROVED"), None);
    }
}

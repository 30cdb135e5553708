//! What a transaction of a purse did, and what it was made with.

/// How the type of a transaction is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TypeCode {
    /// JR/T 0025.2: 01 ED load, 02 EP load, 03 unload, 04 cash withdrawal, 05 ED and 06 EP purchase, 07 update of the
    /// overdraft limit, 08 credit purchase, 09 composite purchase.
    Pboc,
    /// KS X 6924: 01 payment, 02 load.
    KsX6924,
    /// GeldKarte: bits 7 and 6 are 00 load, 01 unload, 10 purchase, 11 refund; bit 8 is reserved.
    GeldKarte,
}

/// What a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Movement {
    /// Money went in.
    Load,
    /// Money was taken back to an account.
    Unload,
    /// Something was paid.
    Purchase,
    /// Something was paid and a record of its own was written with it, as at a metro gate.
    CompositePurchase,
    /// Cash was paid out.
    CashWithdrawal,
    /// The overdraft limit was changed.
    LimitUpdate,
    /// Something was paid on credit.
    CreditPurchase,
    /// A purchase was given back.
    Refund,
    /// Anything else.
    Other,
}

impl Movement {
    /// Whether the balance grew.
    #[must_use]
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::Load | Self::Refund)
    }

    /// The name in English.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Unload => "unload",
            Self::Purchase => "purchase",
            Self::CompositePurchase => "composite purchase",
            Self::CashWithdrawal => "cash withdrawal",
            Self::LimitUpdate => "overdraft limit update",
            Self::CreditPurchase => "credit purchase",
            Self::Refund => "refund",
            Self::Other => "other",
        }
    }
}

impl TypeCode {
    /// What a type octet says.
    #[must_use]
    pub const fn movement(self, code: u8) -> Movement {
        match (self, code) {
            (Self::Pboc, 0x01 | 0x02) | (Self::KsX6924, 0x02) => Movement::Load,
            (Self::Pboc, 0x03) => Movement::Unload,
            (Self::Pboc, 0x04) => Movement::CashWithdrawal,
            (Self::Pboc, 0x05 | 0x06) | (Self::KsX6924, 0x01) => Movement::Purchase,
            (Self::Pboc, 0x07) => Movement::LimitUpdate,
            (Self::Pboc, 0x08) => Movement::CreditPurchase,
            (Self::Pboc, 0x09) => Movement::CompositePurchase,
            (Self::GeldKarte, code) => match code >> 5 {
                0b000 => Movement::Load,
                0b001 => Movement::Unload,
                0b010 => Movement::Purchase,
                0b011 => Movement::Refund,
                _ => Movement::Other,
            },
            _ => Movement::Other,
        }
    }
}

/// What the terminal stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Vehicle {
    /// Metro.
    Metro,
    /// Bus.
    Bus,
}

impl Vehicle {
    /// The name in English.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metro => "metro",
            Self::Bus => "bus",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn every_type_that_has_a_name_is_known() {
        let types: Vec<_> = (0x01..=0x0A).map(|code| TypeCode::Pboc.movement(code)).collect();
        assert_eq!(types.iter().filter(|movement| **movement == Movement::Other).count(), 1);
        assert_eq!(TypeCode::GeldKarte.movement(0x71), Movement::Refund);
        assert_eq!(TypeCode::GeldKarte.movement(0x13), Movement::Load);
        assert_eq!(TypeCode::GeldKarte.movement(0x80), Movement::Other);
        assert!(Movement::Load.is_credit() && !Movement::Purchase.is_credit());
    }
}

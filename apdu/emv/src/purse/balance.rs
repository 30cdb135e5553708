//! Registers of a purse and the rule that makes a balance of them.

use tapcard_iso7816::{Command, Ins, Le, Sfi};

use super::error::{PurseError, PurseErrorKind, field};
use super::schema::Purse;
use crate::amount::Amount;
use crate::bcd;

/// How a number is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Coding {
    /// Binary, the most significant octet first; only the bits of this mask belong to the number.
    Binary(u32),
    /// Two digits in each octet, format n.
    Digits,
}

/// A number in an answer or a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Number {
    /// Its first octet.
    pub offset: u8,
    /// Its octets: 1 to 4.
    pub length: u8,
    /// How it is coded.
    pub coding: Coding,
}

impl Number {
    /// Four octets in binary, every bit of which counts.
    #[must_use]
    pub const fn binary(offset: u8) -> Self {
        Self { offset, length: 4, coding: Coding::Binary(u32::MAX) }
    }

    /// Four octets in binary without the top bit. Cards of China set it for reasons of their own.
    #[must_use]
    pub const fn binary_31(offset: u8) -> Self {
        Self { offset, length: 4, coding: Coding::Binary(0x7FFF_FFFF) }
    }

    /// Three octets with six digits.
    #[must_use]
    pub const fn six_digits(offset: u8) -> Self {
        Self { offset, length: 3, coding: Coding::Digits }
    }

    /// The number in these octets.
    ///
    /// # Errors
    /// The octets end before the number does, or hold half octets that are no digits.
    pub fn read(&self, octets: &[u8]) -> Result<Amount, PurseError> {
        let value = field(octets, self.offset, self.length)?;
        match self.coding {
            Coding::Binary(mask) => {
                let number = value.iter().fold(0u32, |sum, octet| sum << 8 | u32::from(*octet));
                Ok(Amount::new(u64::from(number & mask)))
            }
            Coding::Digits => {
                let digits = bcd::number(value);
                let digits = digits.map_err(|error| {
                    PurseError::new(PurseErrorKind::Digits(error.kind), usize::from(self.offset) + error.offset)
                });
                digits.map(Amount::new)
            }
        }
    }
}

/// The command that a register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Ask {
    /// GET BALANCE of JR/T 0025.2: `80 5C p1 p2 le`.
    GetBalance {
        /// Which register.
        p1: u8,
        /// 01 for ED, 02 for EP.
        p2: u8,
        /// Octets of the answer.
        le: u8,
    },
    /// GET BALANCE of KS X 6924: `90 4C 00 00 04`.
    KoreanBalance,
    /// READ RECORD.
    Record(Sfi, u8),
}

impl Ask {
    /// The C-APDU.
    ///
    /// ```
    /// use tapcard_emv::purse::Ask;
    ///
    /// let mut octets = [0; 5];
    /// Ask::GetBalance { p1: 0, p2: 2, le: 4 }.command().encode_into(&mut octets)?;
    /// assert_eq!(octets, [0x80, 0x5C, 0x00, 0x02, 0x04]);
    /// # Ok::<(), tapcard_iso7816::CapacityError>(())
    /// ```
    #[must_use]
    pub const fn command(self) -> Command<'static> {
        match self {
            Self::GetBalance { p1, p2, le } => Command::new(0x80, Ins::GetBalance, p1, p2).with_le(Le::from_octet(le)),
            Self::KoreanBalance => Command::new(0x90, KOREAN_GET_BALANCE, 0x00, 0x00).with_le(Le::from_octet(4)),
            Self::Record(sfi, record) => Command::read_record(sfi, record),
        }
    }

    /// Whether `command` asks for this register; Le does not matter.
    #[must_use]
    pub fn is(self, command: &Command<'_>) -> bool {
        let asked = self.command();
        let header = |command: &Command<'_>| (command.cla(), command.ins(), command.p1(), command.p2());
        header(&asked) == header(command)
    }
}

/// `4C` with Cla 90: GET BALANCE of KS X 6924.
pub const KOREAN_GET_BALANCE: Ins = Ins::Other(0x4C);

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Register {
    /// Its number among the registers of its purse: P1 of GET BALANCE.
    pub number: u8,
    /// How the card is asked.
    pub ask: Ask,
    /// Where the amount stands in the answer.
    pub amount: Number,
}

/// One register less another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BalanceRule {
    /// The register that counts.
    pub plus: Register,
    /// What is taken off, as far as the card answers it.
    pub minus: Option<Register>,
}

impl Purse {
    /// The balance in minor units by the rules of this purse; `None` when no rule has its first register. Below zero: the
    /// purse is overdrawn. `answer` gives the answer to a register by its number.
    ///
    /// ```
    /// use tapcard_emv::purse::{PurseKind, by_kind};
    ///
    /// let answers = |register| match register {
    ///     0 => Some(&[0x00, 0x00, 0x03, 0x20][..]),
    ///     1 => Some(&[0x00, 0x00, 0x03, 0x20][..]),
    ///     _ => None,
    /// };
    /// assert_eq!(by_kind(PurseKind::TUnion).balance(answers)?, Some(0));
    /// # Ok::<(), tapcard_emv::purse::PurseError>(())
    /// ```
    ///
    /// # Errors
    /// An answer that is too short or holds no number.
    pub fn balance<'a>(&self, answer: impl Fn(u8) -> Option<&'a [u8]>) -> Result<Option<i64>, PurseError> {
        for rule in self.balance {
            let Some(octets) = answer(rule.plus.number) else { continue };
            let plus = signed(rule.plus.amount.read(octets)?);
            let minus = match rule.minus.and_then(|minus| answer(minus.number).map(|octets| (minus, octets))) {
                Some((minus, octets)) => signed(minus.amount.read(octets)?),
                None => 0,
            };
            return Ok(Some(plus.saturating_sub(minus)));
        }
        Ok(None)
    }
}

/// At most eight digits or 32 bits, which an `i64` holds.
fn signed(amount: Amount) -> i64 {
    i64::try_from(amount.minor()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{PurseKind, by_kind, purses};
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::vec::Vec;

    fn balance(kind: PurseKind, answers: &[(u8, &[u8])]) -> Result<Option<i64>, PurseError> {
        let answers: HashMap<u8, &[u8]> = answers.iter().copied().collect();
        by_kind(kind).balance(|register| answers.get(&register).copied())
    }

    #[test]
    fn t_union_takes_the_third_register_less_the_second_when_the_card_has_them() {
        let both: &[(u8, &[u8])] = &[(3, &[0, 0, 0, 9]), (2, &[0, 0, 0, 4]), (0, &[0, 0, 1, 0]), (1, &[0, 0, 0, 1])];
        assert_eq!(balance(PurseKind::TUnion, both), Ok(Some(5)));
        assert_eq!(balance(PurseKind::TUnion, &both[..1]), Ok(Some(9)));
        assert_eq!(balance(PurseKind::TUnion, &both[2..]), Ok(Some(255)));
        assert_eq!(balance(PurseKind::TUnion, &both[2..3]), Ok(Some(256)));
        assert_eq!(balance(PurseKind::TUnion, &[(1, &[0, 0, 0, 1])]), Ok(None));
    }

    #[test]
    fn an_overdrawn_purse_is_below_zero() {
        assert_eq!(balance(PurseKind::TUnion, &[(3, &[0; 4]), (2, &[0, 0, 1, 0x2C])]), Ok(Some(-300)));
    }

    #[test]
    fn the_top_bit_of_a_chinese_register_does_not_count() {
        assert_eq!(balance(PurseKind::Shenzhen, &[(0, &[0x80, 0, 0, 0x64])]), Ok(Some(100)));
        assert_eq!(balance(PurseKind::KsX6924, &[(0, &[0, 0, 0x44, 0xF2])]), Ok(Some(17_650)));
    }

    #[test]
    fn broken_answers_say_where() {
        let short = PurseError::new(PurseErrorKind::TooShort { needed: 4, found: 2 }, 0);
        assert_eq!(balance(PurseKind::Ep, &[(0, &[0, 1])]), Err(short));
        let digit = BcdErrorKind::NotADigit { value: 0xA, low: false };
        let digit = PurseError::new(PurseErrorKind::Digits(digit), 1);
        assert_eq!(balance(PurseKind::GeldKarte, &[(0, &[0x00, 0xA6, 0x83])]), Err(digit));
    }

    #[test]
    fn a_command_is_known_whatever_its_le() {
        let octets = [0x80, 0x5C, 0x03, 0x02, 0x00];
        let command = Command::parse(&octets).unwrap();
        let found = by_kind(PurseKind::TUnion).all_registers().find(|register| register.ask.is(&command));
        assert_eq!(found.map(|register| register.number), Some(3));
    }

    proptest! {
        #[test]
        fn no_answers_make_a_balance_panic(answers in proptest::collection::vec(any::<Vec<u8>>(), 6)) {
            for purse in purses() {
                let _ = purse.balance(|register| answers.get(usize::from(register)).map(Vec::as_slice));
            }
        }
    }
}

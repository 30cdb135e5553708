//! Status words SW1-SW2 (ISO/IEC 7816-4:2005, 5.1.3, tables 5 and 6; EMV 4.4 Book 3, 6.3.5).
//!
//! The received value is kept whole and its meaning is a view, so that an unknown value survives to the log. The texts of
//! single values need feature `names`.

use core::fmt;

#[cfg(feature = "names")]
mod context;
#[cfg(feature = "names")]
mod names;

/// SW1-SW2, the last two octets of every answer.
///
/// ```
/// use tapcard_iso7816::{Meaning, StatusWord};
///
/// assert_eq!(StatusWord::new(0x63C2).meaning(), Meaning::TriesLeft(2));
/// assert_eq!(StatusWord::FILE_NOT_FOUND.to_string(), "6A82");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusWord(u16);

/// What a status word says, as far as its value alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Meaning {
    /// `9000`.
    Done,
    /// `61xx`: GET RESPONSE brings more data.
    MoreData {
        /// How many octets; 0: 256 or more.
        left: u8,
    },
    /// `6Cxx`: the command is to be sent again with this Le.
    WrongLe {
        /// The Le to send; 0 is 256.
        exact: u8,
    },
    /// `63Cx`: a wrong PIN, so many tries are left.
    TriesLeft(u8),
    /// `62xx` and `63xx`: done with a warning.
    Warning,
    /// `64xx` to `66xx`: not done, the card could not.
    ExecutionError,
    /// `67xx` to `6Fxx`: not done, the command was not acceptable.
    CheckingError,
    /// Anything else, such as the `93xx` and `94xx` of purses.
    Unassigned,
}

impl StatusWord {
    /// `9000`: done.
    pub const OK: Self = Self(0x9000);
    /// `6200`: warning without explanation, memory unchanged.
    pub const WARNING_UNCHANGED: Self = Self(0x6200);
    /// `6281`: part of the data may be corrupted.
    pub const DATA_MAY_BE_CORRUPTED: Self = Self(0x6281);
    /// `6282`: the file ended before Le octets were read.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// `6283`: the selected file is invalidated; for an EMV application: blocked.
    pub const SELECTED_FILE_INVALIDATED: Self = Self(0x6283);
    /// `6300`: warning without explanation, memory changed; for EXTERNAL AUTHENTICATE: failed.
    pub const AUTHENTICATION_FAILED: Self = Self(0x6300);
    /// `6400`: execution error, memory unchanged.
    pub const EXECUTION_ERROR: Self = Self(0x6400);
    /// `6581`: memory failure.
    pub const MEMORY_FAILURE: Self = Self(0x6581);
    /// `6700`: wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// `6881`: the logical channel is not supported.
    pub const CHANNEL_NOT_SUPPORTED: Self = Self(0x6881);
    /// `6882`: secure messaging is not supported.
    pub const SECURE_MESSAGING_NOT_SUPPORTED: Self = Self(0x6882);
    /// `6883`: the last command of a chain was expected.
    pub const LAST_OF_CHAIN_EXPECTED: Self = Self(0x6883);
    /// `6884`: command chaining is not supported.
    pub const CHAINING_NOT_SUPPORTED: Self = Self(0x6884);
    /// `6900`: command not allowed.
    pub const COMMAND_NOT_ALLOWED: Self = Self(0x6900);
    /// `6981`: the command does not suit the file's structure.
    pub const WRONG_FILE_STRUCTURE: Self = Self(0x6981);
    /// `6982`: security status not satisfied.
    pub const SECURITY_STATUS_NOT_SATISFIED: Self = Self(0x6982);
    /// `6983`: the authentication method is blocked; for a PIN: no tries are left.
    pub const AUTHENTICATION_METHOD_BLOCKED: Self = Self(0x6983);
    /// `6984`: the reference data cannot be used.
    pub const REFERENCE_DATA_NOT_USABLE: Self = Self(0x6984);
    /// `6985`: conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// `6986`: no current elementary file.
    pub const NO_CURRENT_EF: Self = Self(0x6986);
    /// `6987`: secure messaging data objects are missing.
    pub const SECURE_MESSAGING_MISSING: Self = Self(0x6987);
    /// `6988`: secure messaging data objects are wrong.
    pub const SECURE_MESSAGING_WRONG: Self = Self(0x6988);
    /// `6A80`: wrong data field.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// `6A81`: function not supported; for an EMV SELECT: the card is blocked.
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x6A81);
    /// `6A82`: file or application not found.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// `6A83`: record not found.
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    /// `6A84`: not enough memory in the file.
    pub const NOT_ENOUGH_MEMORY: Self = Self(0x6A84);
    /// `6A86`: wrong P1-P2.
    pub const WRONG_P1_P2: Self = Self(0x6A86);
    /// `6A88`: referenced data not found.
    pub const DATA_NOT_FOUND: Self = Self(0x6A88);
    /// `6B00`: wrong parameters; for READ BINARY: the offset is outside the file.
    pub const WRONG_PARAMETERS: Self = Self(0x6B00);
    /// `6D00`: Ins not supported.
    pub const INS_NOT_SUPPORTED: Self = Self(0x6D00);
    /// `6E00`: Cla not supported.
    pub const CLA_NOT_SUPPORTED: Self = Self(0x6E00);
    /// `6F00`: no precise diagnosis.
    pub const NO_PRECISE_DIAGNOSIS: Self = Self(0x6F00);
    /// `9302`: wrong MAC (PBOC purse).
    pub const PURSE_WRONG_MAC: Self = Self(0x9302);
    /// `9401`: not enough money (PBOC purse).
    pub const PURSE_NOT_ENOUGH_MONEY: Self = Self(0x9401);
    /// `9403`: key index not supported (PBOC purse).
    pub const PURSE_KEY_NOT_SUPPORTED: Self = Self(0x9403);
    /// `9406`: the MAC asked for is not available (PBOC purse).
    pub const PURSE_MAC_NOT_AVAILABLE: Self = Self(0x9406);

    /// SW1 in the upper octet.
    #[must_use]
    pub const fn new(sw: u16) -> Self {
        Self(sw)
    }

    /// From SW1 and SW2.
    #[must_use]
    pub const fn from_octets(sw1: u8, sw2: u8) -> Self {
        Self(u16::from_be_bytes([sw1, sw2]))
    }

    /// As a number, SW1 in the upper octet.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// SW1 and SW2 as they stand at the end of an answer.
    #[must_use]
    pub const fn to_octets(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// The first octet.
    #[must_use]
    pub const fn sw1(self) -> u8 {
        let [sw1, _] = self.0.to_be_bytes();
        sw1
    }

    /// The second octet.
    #[must_use]
    pub const fn sw2(self) -> u8 {
        let [_, sw2] = self.0.to_be_bytes();
        sw2
    }

    /// Whether it is `9000`.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// Sorts SW1-SW2 by ISO/IEC 7816-4:2005, 5.1.3, tables 5 and 6.
    #[must_use]
    pub const fn meaning(self) -> Meaning {
        match self.0.to_be_bytes() {
            [0x90, 0x00] => Meaning::Done,
            [0x61, left] => Meaning::MoreData { left },
            [0x6C, exact] => Meaning::WrongLe { exact },
            [0x63, tries @ 0xC0..=0xCF] => Meaning::TriesLeft(tries & 0x0F),
            [0x62 | 0x63, _] => Meaning::Warning,
            [0x64..=0x66, _] => Meaning::ExecutionError,
            [0x67..=0x6F, _] => Meaning::CheckingError,
            _ => Meaning::Unassigned,
        }
    }

    /// What the value says, in a few words for people; the general class where the value itself is not known.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn text(self) -> &'static str {
        names::text(self)
    }

    /// What the value says as the answer to a command, where that is more than [`StatusWord::text`].
    ///
    /// ```
    /// use tapcard_iso7816::{Ins, StatusWord};
    ///
    /// let sw = StatusWord::CONDITIONS_NOT_SATISFIED;
    /// assert!(sw.text_for(Ins::GetProcessingOptions).is_some_and(|text| text.contains("take the next one")));
    /// assert_eq!(sw.text_for(Ins::ReadRecord), None);
    /// ```
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn text_for(self, ins: crate::ins::Ins) -> Option<&'static str> {
        context::text(self, ins)
    }
}

impl From<u16> for StatusWord {
    fn from(sw: u16) -> Self {
        Self(sw)
    }
}

impl From<StatusWord> for u16 {
    fn from(sw: StatusWord) -> Self {
        sw.0
    }
}

/// Four upper-case hexadecimal digits: `6A82`.
impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for StatusWord {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u16:04X}", self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_the_meaning_of_its_class() {
        for (sw, meaning) in [
            (0x9000, Meaning::Done),
            (0x6100, Meaning::MoreData { left: 0 }),
            (0x61FF, Meaning::MoreData { left: 255 }),
            (0x6C14, Meaning::WrongLe { exact: 0x14 }),
            (0x6283, Meaning::Warning),
            (0x6300, Meaning::Warning),
            (0x63BF, Meaning::Warning),
            (0x63C0, Meaning::TriesLeft(0)),
            (0x63CF, Meaning::TriesLeft(15)),
            (0x63D0, Meaning::Warning),
            (0x6400, Meaning::ExecutionError),
            (0x6600, Meaning::ExecutionError),
            (0x6700, Meaning::CheckingError),
            (0x6A82, Meaning::CheckingError),
            (0x6FFF, Meaning::CheckingError),
            (0x6000, Meaning::Unassigned),
            (0x9001, Meaning::Unassigned),
            (0x9302, Meaning::Unassigned),
            (0x0000, Meaning::Unassigned),
        ] {
            assert_eq!(StatusWord::new(sw).meaning(), meaning, "{sw:04X}");
        }
    }

    #[test]
    fn the_octets_come_back() {
        let sw = StatusWord::from_octets(0x6A, 0x83);
        assert_eq!((sw, sw.get(), sw.sw1(), sw.sw2()), (StatusWord::RECORD_NOT_FOUND, 0x6A83, 0x6A, 0x83));
        assert_eq!((sw.to_octets(), u16::from(sw), StatusWord::from(0x6A83)), ([0x6A, 0x83], 0x6A83, sw));
    }

    #[cfg(feature = "names")]
    #[test]
    fn every_value_has_a_text_and_known_ones_their_own() {
        for sw in 0..=u16::MAX {
            assert!(!StatusWord::new(sw).text().is_empty());
        }
        let unknown = StatusWord::new(0x1234).text();
        for sw in [0x9302, 0x9401, 0x9403, 0x9406, 0x6985, 0x6A81] {
            assert_ne!(StatusWord::new(sw).text(), unknown, "{sw:04X}");
        }
        assert_eq!(StatusWord::PURSE_NOT_ENOUGH_MONEY.text(), "not enough money (PBOC purse)");
    }

    #[cfg(feature = "names")]
    #[test]
    fn the_command_tells_more_of_some_values() {
        use crate::ins::Ins;

        let text = |sw, ins| StatusWord::new(sw).text_for(ins);
        assert_eq!(text(0x6A83, Ins::ReadRecord), Some("no such record: the file has ended"));
        assert_eq!(text(0x6283, Ins::Other(0xA4)), Some("selected, but the application is blocked"));
        assert_eq!(text(0x63C2, Ins::Verify), text(0x63CF, Ins::Verify));
        assert_eq!(text(0x6988, Ins::PutData), text(0x6988, Ins::UpdateRecord));
        assert_eq!(text(0x6300, Ins::PutData), Some("counts as done in an issuer script, which goes on"));
        assert_eq!([text(0x9000, Ins::PutData), text(0x9000, Ins::Select), text(0x6A82, Ins::Verify)], [None; 3]);
    }

    #[cfg(feature = "names")]
    #[test]
    fn only_values_without_a_class_have_no_text_of_their_own() {
        let unknown = StatusWord::new(0x1234).text();
        for sw in (0..=u16::MAX).map(StatusWord::new) {
            if sw.meaning() != Meaning::Unassigned {
                assert_ne!(sw.text(), unknown, "{sw}");
            }
        }
    }
}

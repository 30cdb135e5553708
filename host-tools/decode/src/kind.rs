//! What data can be, and the words for it.

use std::fmt;
use std::str::FromStr;

use tapcard_emv::{Tag, tag};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $word:literal $about:literal;)*) => {
        /// What data are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the command line and in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it is, in a few words.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)*
                }
            }
        }
    };
}

kinds! {
    /// BER-TLV data objects.
    Tlv "tlv" "BER-TLV data objects";
    /// A data object list.
    Dol "dol" "data object list";
    /// A data object list and the data that it lays out.
    DolData "dol-data" "data object list, and the data that it lays out";
    /// An Answer-to-Reset.
    Atr "atr" "Answer-to-Reset";
    /// An Answer-to-Select.
    Ats "ats" "Answer-to-Select";
    /// A status word.
    Sw "sw" "status word SW1-SW2";
    /// A C-APDU, an R-APDU, or a C-APDU and its answer.
    Apdu "apdu" "C-APDU, R-APDU, or both";
    /// A tag, without length and value.
    Tag "tag" "tag of a data object";
    /// `82`
    Aip "aip" "application interchange profile, 82";
    /// `9F07`
    Auc "auc" "application usage control, 9F07";
    /// `95`
    Tvr "tvr" "terminal verification results, 95, and action codes";
    /// `9B`
    Tsi "tsi" "transaction status information, 9B";
    /// `8E`
    CvmList "cvm-list" "CVM list, 8E";
    /// `9F34`
    CvmResults "cvm-results" "CVM results, 9F34";
    /// `9F33`
    TermCaps "term-caps" "terminal capabilities, 9F33";
    /// `9F40`
    AddTermCaps "add-term-caps" "additional terminal capabilities, 9F40";
    /// `9F66`
    Ttq "ttq" "terminal transaction qualifiers, 9F66";
    /// `9F6C`
    Ctq "ctq" "card transaction qualifiers, 9F6C";
    /// `9F10`
    Iad "iad" "issuer application data with CVR, 9F10";
    /// `9F6E`
    Ffi "ffi" "form factor indicator or third party data, 9F6E";
    /// `57`
    Track2 "track2" "track 2 equivalent data, 57";
    /// `94`
    Afl "afl" "application file locator, 94";
    /// An application identifier.
    Aid "aid" "application identifier";
}

impl Kind {
    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// The data object whose value the kind is.
    #[must_use]
    pub const fn tag(self) -> Option<Tag> {
        Some(match self {
            Self::Aip => tag::AIP,
            Self::Auc => tag::AUC,
            Self::Tvr => tag::TVR,
            Self::Tsi => tag::TSI,
            Self::CvmList => tag::CVM_LIST,
            Self::CvmResults => tag::CVM_RESULTS,
            Self::TermCaps => tag::TERMINAL_CAPABILITIES,
            Self::AddTermCaps => tag::ADDITIONAL_TERMINAL_CAPABILITIES,
            Self::Ttq => tag::TTQ,
            Self::Ctq => tag::CTQ,
            Self::Iad => tag::IAD,
            Self::Ffi => tag::FFI,
            Self::Track2 => tag::TRACK2_EQUIVALENT_DATA,
            Self::Afl => tag::AFL,
            Self::Tlv
            | Self::Dol
            | Self::DolData
            | Self::Atr
            | Self::Ats
            | Self::Sw
            | Self::Apdu
            | Self::Tag
            | Self::Aid => return None,
        })
    }

    /// Whether the kind can have, or needs, a second part: the data of a list, the answer to a command.
    #[must_use]
    pub const fn takes_two(self) -> bool {
        matches!(self, Self::DolData | Self::Apdu)
    }
}

/// The word.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The word is that of no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind;

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no kind of data; there is")?;
        Kind::ALL.iter().try_for_each(|kind| write!(f, " {kind}"))
    }
}

impl std::error::Error for UnknownKind {}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::from_word(word).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_word() {
        for kind in Kind::ALL {
            assert_eq!(kind.word().parse(), Ok(*kind));
            assert!(!kind.about().is_empty());
        }
        assert_eq!("iso8583".parse::<Kind>(), Err(UnknownKind));
        assert!(UnknownKind.to_string().ends_with("afl aid"));
    }
}

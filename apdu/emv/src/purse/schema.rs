//! The form of a description: everything that a reader has to know of one kind of purse.

use tapcard_iso7816::{Sfi, Tag, find_deep, find_path};

use super::balance::{BalanceRule, Register};
use super::log::LogLayout;
use super::public::PublicLayout;
use crate::amount::Currency;
use crate::tags::tag;

/// Which purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PurseKind {
    /// E-purse EP of JR/T 0025.2.
    Ep,
    /// E-deposit ED of JR/T 0025.2.
    Ed,
    /// China T-Union, JT/T 978.
    TUnion,
    /// City Union, the purse of the housing ministry.
    CityUnion,
    /// City Union as Shanghai issues it.
    CityUnionShanghai,
    /// Beijing, before T-Union.
    Beijing,
    /// Shenzhen Tong.
    Shenzhen,
    /// Wuhan Tong.
    Wuhan,
    /// Lingnan Tong and Yang Cheng Tong, Guangdong.
    Lingnan,
    /// Suzhou.
    Suzhou,
    /// Tianjin.
    Tianjin,
    /// KS X 6924: T-money and its siblings, Korea.
    KsX6924,
    /// GeldKarte, Germany.
    GeldKarte,
}

impl PurseKind {
    /// A stable word for scripts. A variant that an issuer made of a purse has the word of that purse.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ep => "EP",
            Self::Ed => "ED",
            Self::TUnion => "T-Union",
            Self::CityUnion | Self::CityUnionShanghai => "City-Union",
            Self::Beijing => "Beijing",
            Self::Shenzhen => "Shenzhen",
            Self::Wuhan => "Wuhan",
            Self::Lingnan => "Lingnan",
            Self::Suzhou => "Suzhou",
            Self::Tianjin => "Tianjin",
            Self::KsX6924 => "KS-X-6924",
            Self::GeldKarte => "GeldKarte",
        }
    }

    /// The name that people know.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ep => "PBOC e-purse",
            Self::Ed => "PBOC e-deposit",
            Self::TUnion => "China T-Union",
            Self::CityUnion => "China City Union",
            Self::CityUnionShanghai => "China City Union, Shanghai",
            Self::Beijing => "Beijing municipal card",
            Self::Shenzhen => "Shenzhen Tong",
            Self::Wuhan => "Wuhan Tong",
            Self::Lingnan => "Lingnan Tong",
            Self::Suzhou => "Suzhou card",
            Self::Tianjin => "Tianjin card",
            Self::KsX6924 => "KS X 6924 (T-money)",
            Self::GeldKarte => "GeldKarte",
        }
    }
}

/// How a DF is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Selection {
    /// By its DF name.
    Name(&'static [u8]),
    /// By its file identifier.
    File(u16),
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Structure {
    /// READ BINARY.
    Binary,
    /// READ RECORD of this one.
    Record(u8),
}

/// Whether the answer to SELECT holds a file, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FciCopy {
    /// It does not.
    None,
    /// Under this tag. The file need not be read.
    Equal(Tag),
    /// Under this tag, but the file is the one that counts; it is read, and the copy serves if the file is refused.
    Stale(Tag),
}

impl FciCopy {
    /// The tag of the copy.
    #[must_use]
    pub const fn tag(self) -> Option<Tag> {
        match self {
            Self::None => None,
            Self::Equal(tag) | Self::Stale(tag) => Some(tag),
        }
    }
}

/// A file with public data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct File {
    /// Its short identifier.
    pub sfi: Sfi,
    /// How it is read.
    pub structure: Structure,
    /// Whether the FCI has it, too.
    pub copy: FciCopy,
}

impl File {
    /// The copy of this file in the answer to SELECT.
    #[must_use]
    pub fn copy_in<'a>(&self, fci: &'a [u8]) -> Option<&'a [u8]> {
        let tag = self.copy.tag()?;
        // Directly in the template first: what else is in there need not be BER-TLV.
        find_path(fci, &[tag::FCI_TEMPLATE, tag]).or_else(|| find_deep(fci, tag))
    }

    /// What the file holds: the answer itself, or the object in it that the FCI has a copy of.
    #[must_use]
    pub fn content<'a>(&self, answer: &'a [u8]) -> &'a [u8] {
        match self.structure {
            Structure::Binary => answer,
            Structure::Record(_) => self.copy_in(answer).unwrap_or(answer),
        }
    }
}

/// The most files that a description has.
pub const MAX_FILES: usize = 2;

/// The log: a file of records, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Log {
    /// The file.
    pub sfi: Sfi,
    /// What its records look like.
    pub layout: &'static LogLayout,
    /// Further files with records of that layout.
    pub more: &'static [Sfi],
}

/// Octets of the shortest AID.
const MIN_AID: usize = 5;

/// One kind of purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Purse {
    /// Which.
    pub kind: PurseKind,
    /// How its DF is selected. Every name that SELECT or a directory may give it begins with one of these names.
    pub select: &'static [Selection],
    /// The DF that holds [`Purse::files`]; `None`: the purse's own.
    pub home: Option<Selection>,
    /// The answer to SELECT is a template 6F with something else than BER-TLV in it.
    pub opaque_fci: bool,
    /// The same DF is an EMV application, with counters to ask for and perhaps a log of its own.
    pub emv: bool,
    /// Its serial number is that of a bank's customer, to be hidden like a PAN.
    pub account: bool,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// Decimals of that currency on this card.
    pub exponent: u8,
    /// How the balance is had: the first rule whose first register the card answers.
    pub balance: &'static [BalanceRule],
    /// Registers that a full reading shows beside the balance.
    pub registers: &'static [Register],
    /// Files with public data, numbered from 0 for [`Purse::public`].
    pub files: &'static [File],
    /// What stands where in these files.
    pub public: PublicLayout,
    /// The log.
    pub log: Option<Log>,
    /// The file with trips of JT/T 978.
    pub trips: Option<Sfi>,
    /// Another purse in the same DF. It has a balance of its own; files and log are shared.
    pub sibling: Option<PurseKind>,
    /// Descriptions that apply instead when a file says so.
    pub variants: &'static [Variant],
}

/// Another description that applies instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Variant {
    /// When.
    pub when: When,
    /// Which.
    pub kind: PurseKind,
}

/// What the first file of a purse says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum When {
    /// It has these octets there.
    Octets(u8, &'static [u8]),
    /// It has so many octets.
    Length(usize),
}

impl Purse {
    /// Whether an application of this name is this purse: its name begins with one of the purse's. A name that is too short
    /// for an AID is meant whole.
    #[must_use]
    pub fn has_name(&self, name: &[u8]) -> bool {
        let is = |known: &[u8]| if known.len() < MIN_AID { name == known } else { name.starts_with(known) };
        self.select.iter().any(|select| matches!(select, Selection::Name(known) if is(known)))
    }

    /// Whether the DF with this identifier may be this purse.
    #[must_use]
    pub fn has_identifier(&self, identifier: u16) -> bool {
        self.select.contains(&Selection::File(identifier))
    }

    /// Every register: those of the balance in the order in which they are asked for, then the others.
    pub fn all_registers(&self) -> impl Iterator<Item = &'static Register> + use<> {
        let rules = self.balance.iter().flat_map(|rule| core::iter::once(&rule.plus).chain(rule.minus.as_ref()));
        rules.chain(self.registers)
    }

    /// The register with this number.
    #[must_use]
    pub fn register(&self, number: u8) -> Option<&'static Register> {
        self.all_registers().find(|register| register.number == number)
    }

    /// Every file with log records, the main one first.
    pub fn log_files(&self) -> impl Iterator<Item = Sfi> + use<> {
        let more = self.log.map_or(&[][..], |log| log.more);
        self.log.map(|log| log.sfi).into_iter().chain(more.iter().copied())
    }
}

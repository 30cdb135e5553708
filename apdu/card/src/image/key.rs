//! What a value of an image is: the typed keys and their numbers in the table.

use core::fmt;

use tapcard_iso7816::{Sfi, Tag};

use crate::keys::Secret;

/// Which of its two faces the card shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Interface {
    /// ISO/IEC 7816-3.
    #[default]
    Contact,
    /// ISO/IEC 14443.
    Contactless,
}

/// For which interface a value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Face {
    /// For both, unless there is one for that interface alone.
    #[default]
    Any,
    /// For one interface alone.
    Only(Interface),
}

impl Face {
    const fn code(self) -> u32 {
        match self {
            Self::Any => 0,
            Self::Only(Interface::Contact) => 1,
            Self::Only(Interface::Contactless) => 2,
        }
    }

    const fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Self::Any),
            1 => Some(Self::Only(Interface::Contact)),
            2 => Some(Self::Only(Interface::Contactless)),
            _ => None,
        }
    }
}

/// The name of a value inside one application, or inside the card itself (application number 0).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Key {
    /// The DF name that SELECT finds: an AID, or the name of a payment system environment.
    Name,
    /// The answer to SELECT, a whole template `6F` (EMV 4.4 Book 1, 11.3.4).
    Fci(Face),
    /// The answer to GET PROCESSING OPTIONS, a whole `80` or `77` (EMV 4.4 Book 3, 6.5.8.4); `9F36` in it is filled in.
    ProcessingOptions(Face),
    /// One record as READ RECORD answers it: a whole `70`, or the raw record of a log. Record 1 of a log is the newest.
    Record(Sfi, u8),
    /// The file is there, even if it has no record.
    File(Sfi),
    /// The value of an object that GET DATA answers.
    Data(Tag),
    /// Blocked: the application, or the whole card (application number 0). The value does not matter.
    Blocked,
    /// The ATR; of the card itself.
    Atr,
    /// A transparent file, for READ BINARY; of an application or of the card itself, which is the MF.
    Binary(Sfi),
    /// The file identifier of the application's DF, two octets (ISO/IEC 7816-4:2005, 5.3.1.1).
    Identifier,
    /// What a command without data and with this Cla, Ins, P1, P2 is answered: the registers of a purse.
    Answer([u8; 4]),
    /// How many records a cyclic log file has, one octet: new lines push out old ones.
    LogSize(Sfi),
    /// Of the state: how many lines were written to a log file, two octets.
    LogCount(Sfi),
    /// Of the state: one written line of a log file, by its slot.
    Log(Sfi, u8),
    /// Of a [key set](crate::CardKeys), or of the state after a PIN change: a key or a PIN.
    Secret(Secret),
    /// Of the state: what a payment application counts and no command reads.
    Counter(u8),
    /// How a payment application computes, see [`Behaviour`](crate::Behaviour): four octets.
    Behaviour,
    /// The answer to GET PROCESSING OPTIONS of an electronic cash transaction, where it is another one.
    CashOptions(Face),
}

impl Key {
    /// Kind and number as they stand in the table; tables are sorted by application, kind and number.
    pub(crate) fn code(self) -> (u8, u32) {
        match self {
            Self::Name => (1, 0),
            Self::Fci(face) => (2, face.code()),
            Self::ProcessingOptions(face) => (3, face.code()),
            Self::Record(sfi, number) => (4, u32::from(sfi.get()) << 8 | u32::from(number)),
            Self::File(sfi) => (5, u32::from(sfi.get())),
            Self::Data(tag) => (6, tag.get()),
            Self::Blocked => (7, 0),
            Self::Atr => (8, 0),
            Self::Binary(sfi) => (9, u32::from(sfi.get())),
            Self::Identifier => (10, 0),
            Self::Answer(header) => (11, u32::from_be_bytes(header)),
            Self::LogSize(sfi) => (12, u32::from(sfi.get())),
            Self::LogCount(sfi) => (13, u32::from(sfi.get())),
            Self::Log(sfi, slot) => (14, u32::from(sfi.get()) << 8 | u32::from(slot)),
            Self::Secret(secret) => (15, secret.code()),
            Self::Counter(counter) => (16, u32::from(counter)),
            Self::Behaviour => (17, 0),
            Self::CashOptions(face) => (18, face.code()),
        }
    }

    /// The key of a table entry; `None` for a kind that a later version of the format may have.
    pub(crate) fn from_code(kind: u8, number: u32) -> Option<Self> {
        let [_, _, high, low] = number.to_be_bytes();
        Some(match (kind, number) {
            (1, 0) => Self::Name,
            (2, code) => Self::Fci(Face::from_code(code)?),
            (3, code) => Self::ProcessingOptions(Face::from_code(code)?),
            (4, 0..=0xFFFF) => Self::Record(Sfi::new(high)?, low),
            (5, 0..=0xFF) => Self::File(Sfi::new(low)?),
            (6, tag) => Self::Data(Tag::new(tag)),
            (7, 0) => Self::Blocked,
            (8, 0) => Self::Atr,
            (9, 0..=0xFF) => Self::Binary(Sfi::new(low)?),
            (10, 0) => Self::Identifier,
            (11, header) => Self::Answer(header.to_be_bytes()),
            (12, 0..=0xFF) => Self::LogSize(Sfi::new(low)?),
            (13, 0..=0xFF) => Self::LogCount(Sfi::new(low)?),
            (14, 0..=0xFFFF) => Self::Log(Sfi::new(high)?, low),
            (15, number) => Self::Secret(Secret::from_code(number)?),
            (16, 0..=0xFF) => Self::Counter(low),
            (17, 0) => Self::Behaviour,
            (18, code) => Self::CashOptions(Face::from_code(code)?),
            _ => return None,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let face = |face: &Face| match face {
            Face::Any => "",
            Face::Only(Interface::Contact) => " (contact)",
            Face::Only(Interface::Contactless) => " (contactless)",
        };
        match self {
            Self::Name => f.write_str("name"),
            Self::Fci(of) => write!(f, "FCI{}", face(of)),
            Self::ProcessingOptions(of) => write!(f, "processing options{}", face(of)),
            Self::Record(sfi, number) => write!(f, "record {sfi}.{number}"),
            Self::File(sfi) => write!(f, "file {sfi}"),
            Self::Data(tag) => write!(f, "data {tag}"),
            Self::Blocked => f.write_str("blocked"),
            Self::Atr => f.write_str("ATR"),
            Self::Binary(sfi) => write!(f, "transparent file {sfi}"),
            Self::Identifier => f.write_str("file identifier"),
            Self::Answer([cla, ins, p1, p2]) => write!(f, "answer to {cla:02X}{ins:02X}{p1:02X}{p2:02X}"),
            Self::LogSize(sfi) => write!(f, "size of log {sfi}"),
            Self::LogCount(sfi) => write!(f, "count of log {sfi}"),
            Self::Log(sfi, slot) => write!(f, "line {slot} of log {sfi}"),
            Self::Secret(secret) => write!(f, "{secret}"),
            Self::Counter(counter) => write!(f, "counter {counter}"),
            Self::Behaviour => f.write_str("behaviour"),
            Self::CashOptions(of) => write!(f, "cash processing options{}", face(of)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;

    pub(crate) fn any_key() -> impl Strategy<Value = Key> {
        let face = prop_oneof![
            Just(Face::Any),
            Just(Face::Only(Interface::Contact)),
            Just(Face::Only(Interface::Contactless))
        ];
        let sfi = || (1..=30u8).prop_map(|number| Sfi::new(number).unwrap());
        prop_oneof![
            Just(Key::Name),
            Just(Key::Blocked),
            Just(Key::Atr),
            face.clone().prop_map(Key::Fci),
            face.prop_map(Key::ProcessingOptions),
            (sfi(), any::<u8>()).prop_map(|(sfi, number)| Key::Record(sfi, number)),
            sfi().prop_map(Key::File),
            any::<u16>().prop_map(|tag| Key::Data(Tag::new(tag.into()))),
            prop_oneof![sfi().prop_map(Key::Binary), Just(Key::Identifier), any::<[u8; 4]>().prop_map(Key::Answer),],
            prop_oneof![
                sfi().prop_map(Key::LogSize),
                sfi().prop_map(Key::LogCount),
                (sfi(), any::<u8>()).prop_map(|(sfi, slot)| Key::Log(sfi, slot)),
                any::<u16>().prop_filter_map("no key", |code| Secret::from_code(code.into()).map(Key::Secret))
            ],
        ]
    }

    proptest! {
        #[test]
        fn every_key_has_a_number_of_its_own(key in any_key()) {
            let (kind, number) = key.code();
            prop_assert_eq!(Key::from_code(kind, number), Some(key));
        }

        #[test]
        fn any_number_is_a_key_or_none(kind: u8, number: u32) {
            if let Some(key) = Key::from_code(kind, number) {
                prop_assert_eq!(key.code(), (kind, number));
            }
        }
    }

    #[test]
    fn keys_read_as_words() {
        let key = Key::Fci(Face::Only(Interface::Contactless));
        assert_eq!(key.to_string(), "FCI (contactless)");
        assert_eq!(Key::Record(Sfi::new(11).unwrap(), 2).to_string(), "record 11.2");
        assert_eq!(Key::Data(Tag::new(0x9F79)).to_string(), "data 9F79");
        assert_eq!(Key::Answer([0x80, 0x5C, 0, 2]).to_string(), "answer to 805C0002");
    }
}

//! The shape of the compiled-in vectors, and the vectors. `vectors/README.md` says what the members mean.

#![allow(dead_code, reason = "which forms and members occur is up to the vectors")]

use tapcard_emv::pboc::CvrAc;

/// All cases of one folder that the board runs.
pub(crate) struct Set {
    pub(crate) tlv: &'static [Case<TlvExpected>],
    pub(crate) dol: &'static [Case<DolExpected>],
    pub(crate) values: &'static [Case<&'static [Member]>],
    pub(crate) transcripts: &'static [Transcript],
}

/// Octets to decode and what has to come out.
pub(crate) struct Case<E: 'static> {
    /// `file#id`.
    pub(crate) id: &'static str,
    pub(crate) octets: &'static [u8],
    pub(crate) expected: E,
}

/// Tags and values in the order met, or the name of an error.
pub(crate) type TlvExpected = Result<&'static [(u32, &'static [u8])], &'static str>;

/// Tags and lengths in order with their sum, or the name of an error.
pub(crate) type DolExpected = Result<(&'static [(u32, usize)], Option<usize>), &'static str>;

/// A recorded session.
pub(crate) struct Transcript {
    /// `file#id`.
    pub(crate) id: &'static str,
    /// C-APDU, R-APDU, and the status word in it.
    pub(crate) exchanges: &'static [(&'static [u8], &'static [u8], u16)],
    pub(crate) members: &'static [Member],
    /// Members of `expect` that need a reader or a card.
    pub(crate) left_to_host: usize,
}

/// One member of `expect`.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) want: Want,
}

/// Where a member is found and what it has to be.
pub(crate) enum Want {
    /// The value of a data object.
    Value { tag: u32, form: Form },
    /// The values of all `86`.
    Commands(&'static [&'static [u8]]),
    /// One of these commands: PUT DATA with secure messaging.
    PutData { index: usize, tag: u32, fen: u64, mac: &'static [u8; 4] },
    /// Status word of the last answer.
    LastStatus(u16),
    /// Status word of the answer to EXTERNAL AUTHENTICATE.
    ExternalAuthenticate(u16),
    /// Fields of record 1 of the log of `9F4D`, laid out by `9F4F`.
    FirstLogRecord(&'static [(u32, Form)]),
}

/// How a value is read, and what it has to be.
pub(crate) enum Form {
    /// No such object.
    Absent,
    Octets(&'static [u8]),
    /// Octets of a text, blanks at the end left out.
    Text(&'static [u8]),
    /// An amount, n or b by the dictionary.
    Number(u64),
    /// Year, month, day.
    Date([u16; 3]),
    /// Hour, minute, second.
    Time([u16; 3]),
    /// Entries of a DOL.
    List(&'static [(u32, usize)]),
    /// Octets that a DOL lays out.
    ListOctets(usize),
    /// `9F4D` or `DF4D`.
    LogEntry {
        sfi: u8,
        records: u8,
    },
    /// Members found among the children.
    Template(&'static [Member]),
    /// Issuer application data.
    Iad(&'static [IadField]),
}

/// A member of `iad`.
pub(crate) enum IadField {
    Dki(u8),
    Cvn(u8),
    Cvr([u8; 4]),
    FirstAc(CvrAc),
    SecondAc(CvrAc),
    AlgorithmId(u8),
    IddLength(usize),
    IddId(u8),
    Balance(Option<u64>),
    Mac(Option<[u8; 4]>),
}

/// A signature to recover.
pub(crate) struct Recovery {
    pub(crate) modulus: &'static [u8],
    pub(crate) exponent: &'static [u8],
    pub(crate) signature: &'static [u8],
}

/// The CA's key and what a card with CDA gives; absent remainders are empty.
pub(crate) struct Chain {
    pub(crate) pan: &'static str,
    pub(crate) modulus: &'static [u8],
    pub(crate) exponent: &'static [u8],
    pub(crate) issuer_certificate: &'static [u8],
    pub(crate) issuer_remainder: &'static [u8],
    pub(crate) issuer_exponent: &'static [u8],
    pub(crate) icc_certificate: &'static [u8],
    pub(crate) icc_remainder: &'static [u8],
    pub(crate) icc_exponent: &'static [u8],
    pub(crate) static_data: &'static [u8],
    pub(crate) signed: &'static [u8],
    pub(crate) un: &'static [u8],
}

/// A card and what happens to it.
pub(crate) struct PlayedCard {
    /// The profile.
    pub(crate) name: &'static str,
    pub(crate) image: &'static [u8],
    pub(crate) keys: Option<&'static [u8]>,
    /// How many of the APDUs are from recorded sessions.
    pub(crate) recorded: usize,
    pub(crate) events: &'static [Event],
}

/// What happens to a card. Octets are places in [`OCTETS`].
pub(crate) enum Event {
    /// Another card, as it was personalised, gets power.
    Fresh {
        contactless: bool,
    },
    /// Power off and on, with all records so far.
    PowerCut,
    Reset,
    /// A command, the record that is kept before the answer ([`NO_RECORD`]: none), and the answer.
    Apdu {
        command: u16,
        record: u16,
        answer: u16,
    },
    /// A command whose record is lost: a power cut follows.
    Lost {
        command: u16,
        record: u16,
    },
}

/// The place of no record.
pub(crate) const NO_RECORD: u16 = 0xFFFF;

/// A private key, a block, and what the key makes of it.
pub(crate) struct Signing {
    pub(crate) modulus: &'static [u8],
    pub(crate) exponent: &'static [u8],
    pub(crate) p: &'static [u8],
    pub(crate) q: &'static [u8],
    pub(crate) dp: &'static [u8],
    pub(crate) dq: &'static [u8],
    pub(crate) q_inverse: &'static [u8],
    pub(crate) block: &'static [u8],
    pub(crate) blinding: &'static [u8],
    pub(crate) signature: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/vectors.rs"));

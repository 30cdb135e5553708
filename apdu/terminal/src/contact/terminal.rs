//! What a terminal is: its capabilities, its applications with their limits, its keys and its lists.
//!
//! Plain values that the owner fills from wherever it keeps them; nothing here is read from a card. EMV 4.4 Book 4, 10.2
//! (terminal and application dependent data), Annex A (coding).

pub(super) use tapcard_crypto::capk::{CaKey, Revocation};
use tapcard_emv::bits::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use tapcard_emv::{Aid, Amount, Pan, Tag, Tvr};

use super::risk::RandomSelection;

/// Response codes that approve when nothing else is configured: 00, 08 and 10, 11 (ISO 8583 field 39).
pub const APPROVING: &[[u8; 2]] = &[*b"00", *b"08", *b"10", *b"11"];

/// A terminal with contacts. Everything that a transaction does not change.
#[derive(Clone, Debug)]
pub struct Terminal<'t> {
    /// `9F35` Terminal Type.
    pub kind: TerminalType,
    /// `9F33` Terminal Capabilities.
    pub capabilities: TerminalCapabilities,
    /// `9F40` Additional Terminal Capabilities.
    pub additional_capabilities: AdditionalTerminalCapabilities,
    /// `9F1A` Terminal Country Code: n 3.
    pub country: [u8; 2],
    /// The cardholder can choose an application and confirm one.
    pub cardholder_selection: bool,
    /// Whether the PIN pad can be used now; without one the capabilities say that no PIN is supported.
    pub pin_pad_works: bool,
    /// What an empty answer to a request for the PIN means.
    pub pin_bypass: PinBypass,
    /// When CDA is asked for besides the first TC.
    pub cda: CdaRequests,
    /// Authorisation response codes (`8A`) that are an approval; all others decline.
    pub approving: &'t [[u8; 2]],
    /// The applications in the order in which they are tried without a PSE.
    pub applications: &'t [Application<'t>],
    /// Public keys of certification authorities.
    pub ca_keys: &'t [CaKey<'t>],
    /// Issuer certificates that are no longer good.
    pub revoked: &'t [Revocation],
    /// Cards that are not to be accepted without asking.
    pub exceptions: &'t [Exception],
    /// Further data objects that a DOL may ask for: `9F1C`, `9F1E`, `9F15`, `9F16`, `9F4E`, `9F01` and the like.
    pub objects: &'t [(Tag, &'t [u8])],
}

impl Terminal<'_> {
    /// A merchant's attended terminal that can go online and does everything but biometrics; without applications.
    #[must_use]
    pub const fn new(kind: TerminalType, country: [u8; 2]) -> Self {
        Self {
            kind,
            capabilities: TerminalCapabilities::new([0xE0, 0xF8, 0xC8]),
            additional_capabilities: AdditionalTerminalCapabilities::new([0xF0, 0x00, 0xF0, 0xA0, 0x01]),
            country,
            cardholder_selection: true,
            pin_pad_works: true,
            pin_bypass: PinBypass::EachMethod,
            cda: CdaRequests { on_arqc: true, on_second_tc: true },
            approving: APPROVING,
            applications: &[],
            ca_keys: &[],
            revoked: &[],
            exceptions: &[],
            objects: &[],
        }
    }
}

/// What follows when the cardholder enters no PIN (EMV 4.4 Book 4, 6.3.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinBypass {
    /// The transaction ends.
    Refused,
    /// This method has failed; a later PIN method asks again.
    EachMethod,
    /// This method has failed, and so have all later PIN methods of the list, without another question.
    AllMethods,
}

/// The requests for CDA that a terminal may leave out (EMV 4.4 Book 4, 6.3.2.1: modes 1 to 4). A first TC is always asked
/// for with CDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CdaRequests {
    /// In a first GENERATE AC that asks for an ARQC.
    pub on_arqc: bool,
    /// In the second GENERATE AC when it asks for a TC.
    pub on_second_tc: bool,
}

/// One application that the terminal supports.
#[derive(Clone, Debug)]
pub struct Application<'t> {
    /// `9F06` Application Identifier.
    pub aid: Aid,
    /// Application Selection Indicator: the card's name may be longer.
    pub partial_selection: bool,
    /// `9F09` Application Version Number.
    pub version: [u8; 2],
    /// `9F1B` Terminal Floor Limit; 0 sends everything online.
    pub floor_limit: Amount,
    /// The terminal action codes.
    pub tac: ActionCodes,
    /// DDOL for a card that has none; it must ask for `9F37`.
    pub default_ddol: Option<&'t [u8]>,
    /// TDOL for a card that has none.
    pub default_tdol: Option<&'t [u8]>,
    /// Random selection for online processing; `None`: off.
    pub random_selection: Option<RandomSelection>,
}

/// Three action codes. A terminal whose scheme gives none has zeroes (EMV 4.4 Book 3, 10.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActionCodes {
    /// Bits that decline at once.
    pub denial: Tvr,
    /// Bits that send the transaction online.
    pub online: Tvr,
    /// Bits that decline when the transaction cannot go online.
    pub default: Tvr,
}

/// An entry of the exception file.
#[derive(Clone, Debug)]
pub struct Exception {
    /// The card's number.
    pub pan: Pan,
    /// `5F34` of the one card that is meant; `None`: every card with this number.
    pub sequence_number: Option<u8>,
}

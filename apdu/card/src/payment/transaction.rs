//! What a payment application remembers of the transaction that is running.

use tapcard_emv::bits::AcType;

use super::values::TerminalValues;

/// How far a transaction has come (EMV 4.4 Book 3, 6.5.5 and 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// GET PROCESSING OPTIONS has not been answered since SELECT.
    #[default]
    Idle,
    /// The first GENERATE AC may come.
    Begun,
    /// The card asked to go online; the second GENERATE AC may come.
    Online,
    /// TC or AAC was answered.
    Ended,
}

/// What became of issuer authentication (EMV 4.4 Book 3, 10.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IssuerAuthentication {
    #[default]
    NotPerformed,
    Passed,
    Failed,
}

/// What became of offline PIN verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PinCheck {
    #[default]
    NotPerformed,
    Right,
    Wrong,
}

/// The running hash of what PDOL and CDOLs told (EMV 4.4 Book 2, 6.6.1).
#[cfg(feature = "card-rsa")]
#[derive(Clone, Default)]
pub(crate) struct Sent(pub(crate) tapcard_crypto::oda::TransactionHash);

#[cfg(feature = "card-rsa")]
impl core::fmt::Debug for Sent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sent")
    }
}

/// A running transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) stage: Stage,
    /// What PDOL and CDOL told.
    pub(crate) values: TerminalValues,
    /// The application interchange profile as it was answered.
    pub(crate) aip: [u8; 2],
    /// The terminal offered electronic cash, and the card took it up.
    pub(crate) is_cash: bool,
    /// What the first GENERATE AC answered, and its cryptogram: the base of issuer authentication and of scripts.
    pub(crate) first: Option<(AcType, [u8; 8])>,
    /// The cryptogram that the next script command is bound to, once there was one.
    pub(crate) script_base: Option<[u8; 8]>,
    pub(crate) issuer: IssuerAuthentication,
    pub(crate) pin: PinCheck,
    /// A script with a wrong MAC came. No other is looked at: a MAC of four octets is guessed once in a transaction.
    pub(crate) scripts_refused: bool,
    /// What GET CHALLENGE answered and no PIN has used yet.
    pub(crate) challenge: Option<[u8; 8]>,
    /// What the terminal sent so far, for combined DDA.
    #[cfg(feature = "card-rsa")]
    pub(crate) hash: Sent,
    /// INTERNAL AUTHENTICATE was answered.
    pub(crate) dda_performed: bool,
}

impl Transaction {
    /// Takes the data that a list lays out.
    pub(crate) fn take(&mut self, list: &[u8], data: &[u8]) {
        self.values.take(list, data);
        #[cfg(feature = "card-rsa")]
        self.hash.0.values(data);
    }
}

//! What the machine reports, asks, and how it ends.

use super::select::FoundBy;

/// A step of the transaction (EMV 4.4 Book 3, 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Step {
    /// An application is selected.
    Selection,
    /// The application gave its profile and the list of its files.
    Initiation,
    /// Its records are read.
    Reading,
    /// Offline data authentication.
    DataAuthentication,
    /// Processing restrictions.
    Restrictions,
    /// Cardholder verification.
    CardholderVerification,
    /// Terminal risk management.
    RiskManagement,
    /// Terminal action analysis.
    ActionAnalysis,
    /// The first GENERATE AC was answered.
    FirstCryptogram,
    /// The host has answered, or cannot be reached.
    Online,
    /// EXTERNAL AUTHENTICATE was answered.
    IssuerAuthentication,
    /// Scripts that come before the second GENERATE AC are done.
    EarlyScripts,
    /// The second GENERATE AC was answered.
    SecondCryptogram,
    /// Scripts that come after it are done.
    LateScripts,
}

/// What the machine tells on the way. Tags are asked for with [`super::Contact::value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Report {
    /// The candidate list is built: [`super::Contact::candidates`].
    Candidates(FoundBy),
    /// A step is done.
    Done(Step),
}

/// What the machine asks the cardholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Question {
    /// Choose one of [`super::Contact::candidates`], or confirm the only one. The answer is one octet, the place in that list
    /// from 0; no octet is a refusal.
    Application,
    /// Enter the PIN that the card checks. The answer is its 4 to 12 digits in ASCII; no octet means that the cardholder
    /// bypasses it, [`tapcard_flow::Input::Timeout`] that the transaction is cancelled.
    OfflinePin {
        /// Tries that are left, if the card told.
        tries_left: Option<u8>,
    },
    /// Have the PIN pad encipher a PIN for the host. The answer is any octet when that is done; no octet and time-out are as
    /// for the offline PIN. The machine never sees this PIN.
    OnlinePin,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Outcome {
    /// Whether goods may be handed over.
    pub decision: Decision,
    /// The host has approved, or may have, and the card has not: send a reversal.
    pub reversal: bool,
    /// The card asks for an advice message to the acquirer (`9F27` b4).
    pub advice: bool,
    /// The receipt is to be signed.
    pub signature: bool,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Decision {
    /// The card gave a TC, and its signature is right where one was asked for.
    Approved,
    /// The card gave an AAC, or what it gave is not accepted.
    Declined,
    /// The transaction ended without a decision of the card.
    Terminated(Reason),
}

/// Why a transaction ended without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// 6A81: the card is blocked, or has no SELECT.
    CardBlocked,
    /// Card and terminal have no application in common that may be used.
    NoApplication,
    /// The cardholder chose or confirmed nothing.
    Cancelled,
    /// A command that must work was refused.
    CommandRefused,
    /// An answer is malformed, or an object has a format that it must not have.
    CardData,
    /// A record of the application's own files is not exactly one template 70.
    RecordTemplate,
    /// An object that every card must have is missing.
    DataMissing,
    /// An object stands in two places.
    DataTwice,
    /// The card asks for or gives more than the buffers hold.
    TooMuchData,
    /// The card gave a cryptogram that was not asked for.
    WrongCryptogram,
    /// The card does not allow this service (AAC with reason 001).
    ServiceNotAllowed,
    /// The card is gone.
    CardLost,
    /// More commands than a transaction can need.
    TooManyCommands,
    /// The owner broke the contract of the step shape: an input that was not asked for, or a buffer that is too short.
    Contract,
}

/// Why a transaction cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SetupError {
    /// An amount has more than twelve digits.
    #[error("an amount has more than twelve digits")]
    Amount,
    /// The date is none.
    #[error("the transaction date is no date")]
    Date,
}

//! What the reading flow says while it reads, and how it ends.
//!
//! A report carries no card data: it says what the answer in the owner's hands is.

use tapcard_emv::{Aid, PurseKind};
use tapcard_iso7816::{Sfi, StatusWord, Tag, TlvErrorKind};

/// One thing that the flow reports; it speaks of the answer that came last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Report {
    /// An application is being read; everything until the next one belongs to it.
    Application {
        /// The name that was sent: the directory's entry, the user's or the terminal's.
        aid: Aid,
        /// Bits 4 to 1 of the Application Priority Indicator in the directory; 0: none.
        priority: u8,
        /// Which list it came from.
        found_by: FoundBy,
    },
    /// A purse without a name is being read; everything until the next application or purse belongs to it.
    Purse(PurseKind),
    /// The answer holds what stands at this place.
    Found(Place),
    /// The card said no: the place is empty, locked or unknown to it.
    Refused(Place, StatusWord),
    /// The card broke a rule; reading goes on as far as it can.
    Warning(Warning),
}

/// Which list an application came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FoundBy {
    /// The contactless directory `2PAY.SYS.DDF01` (EMV Contactless Book B, 3.3).
    Ppse,
    /// The contact directory `1PAY.SYS.DDF01` (EMV 4.4 Book 1, 12.2).
    Pse,
    /// The terminal's list (EMV 4.4 Book 1, 12.3.3).
    AidList,
    /// The plan named it.
    Given,
    /// No list: a purse was found under a file identifier.
    FileIdentifier,
}

/// A place on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Place {
    /// The FCI of the PPSE.
    Ppse,
    /// The FCI of the PSE.
    Pse,
    /// A record of the PSE's directory file.
    DirectoryRecord(u8),
    /// The FCI of an application.
    Fci,
    /// The answer to GET PROCESSING OPTIONS.
    Options,
    /// A record of the application.
    Record(Sfi, u8),
    /// The answer to GET DATA.
    Object(Tag),
    /// A record of a log, newest is 1.
    LogRecord(LogKind, u8),
    /// A register of a purse by its number in the description (JR/T 0025.2: P1 of GET BALANCE).
    Balance(u8),
    /// A file with public data of a purse.
    File(Sfi),
    /// A record of a purse, log or trip; newest is 1.
    PurseRecord(Sfi, u8),
    /// The FCI of the DF that holds a purse's files beside it.
    Home,
}

/// Which of the two logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LogKind {
    /// Transactions: 9F4D and 9F4F (EMV 4.4 Book 3, Annex D).
    Transactions,
    /// Loads of electronic cash: DF4D and DF4F (JR/T 0025.13).
    Loads,
}

impl core::fmt::Display for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ppse => f.write_str("PPSE"),
            Self::Pse => f.write_str("PSE"),
            Self::DirectoryRecord(number) => write!(f, "directory record {number}"),
            Self::Fci => f.write_str("FCI"),
            Self::Options => f.write_str("answer to GET PROCESSING OPTIONS"),
            Self::Record(sfi, number) => write!(f, "record {}.{number}", sfi.get()),
            Self::Object(tag) => write!(f, "object {tag}"),
            Self::LogRecord(LogKind::Transactions, number) => write!(f, "transaction log record {number}"),
            Self::LogRecord(LogKind::Loads, number) => write!(f, "load log record {number}"),
            Self::Balance(number) => write!(f, "balance register {number}"),
            Self::File(sfi) => write!(f, "file {sfi}"),
            Self::PurseRecord(sfi, number) => write!(f, "purse record {sfi}.{number}"),
            Self::Home => f.write_str("FCI of the files' DF"),
        }
    }
}

/// A rule that the card broke, where, and at which octet of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// At which octet of the answer; 0 when the answer as a whole is meant.
    pub offset: usize,
    /// What.
    pub kind: WarningKind,
}

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WarningKind {
    /// BER-TLV.
    #[error("{0}")]
    Tlv(TlvErrorKind),
    /// SELECT answered without FCI template 6F.
    #[error("no FCI template 6F")]
    NoFci,
    /// The DF name 84 is not the name that was selected.
    #[error("the DF name 84 is not the name that was selected")]
    OtherName,
    /// SELECT was answered with a warning status.
    #[error("selected with status {0}")]
    SelectedWithStatus(StatusWord),
    /// The PSE's FCI names no directory file 1 to 10 in tag 88.
    #[error("no directory file 1 to 10 in tag 88")]
    NoDirectoryFile,
    /// A directory gave the same record twice in a row.
    #[error("the directory repeats its records")]
    DirectoryRepeats,
    /// A directory record ended with this status.
    #[error("the directory stopped with status {0}")]
    DirectoryStopped(StatusWord),
    /// A directory entry without a valid 4F.
    #[error("a directory entry without a valid 4F")]
    EntryWithoutAid,
    /// SELECT next gave a name that was there before.
    #[error("SELECT next repeats a name")]
    NextRepeats,
    /// More applications than [`crate::limits::MAX_APPLICATIONS`].
    #[error("more applications than are read")]
    TooManyApplications,
    /// The PDOL is malformed or asks for more than fits a command.
    #[error("the PDOL is malformed or asks for too much")]
    BadPdol,
    /// GET PROCESSING OPTIONS refused the PDOL data of 67 00; it was sent again without any.
    #[error("refused PDOL data; asked again without")]
    OptionsRetried,
    /// Neither `80 AIP AFL` nor `77` with 82 and 94 (EMV 4.4 Book 3, 6.5.8.4).
    #[error("neither format 1 nor format 2 with AIP and AFL")]
    BadOptions,
    /// The AFL breaks a rule of EMV 4.4 Book 3, 10.2.
    #[error("the AFL breaks a rule")]
    BadAfl,
    /// A record that the AFL names is not there.
    #[error("the AFL names a record that answers {0}")]
    ListedRecordMissing(StatusWord),
    /// The AFL or a file goes on beyond the bound of [`crate::limits`].
    #[error("more records than are read")]
    TooManyRecords,
    /// A record that is not one template 70 (EMV 4.4 Book 3, 6.5.11.4).
    #[error("a record that is not one template 70")]
    NotOneTemplate70,
    /// GET DATA answered another object than the one asked for.
    #[error("another object than the one asked for")]
    OtherObject,
    /// A log entry object that is not SFI 11 to 30 and a number of records.
    #[error("a log entry that names no log file")]
    BadLogEntry,
    /// There is a log but no format for its records.
    #[error("a log without a format")]
    NoLogFormat,
}

impl WarningKind {
    /// A stable word for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Tlv(_) => "tlv_malformed",
            Self::NoFci => "fci_missing",
            Self::OtherName => "other_df_name",
            Self::SelectedWithStatus(_) => "selected_with_warning",
            Self::NoDirectoryFile => "directory_file_missing",
            Self::DirectoryRepeats => "directory_repeats",
            Self::DirectoryStopped(_) => "directory_stopped",
            Self::EntryWithoutAid => "directory_entry_without_aid",
            Self::NextRepeats => "select_next_repeats",
            Self::TooManyApplications => "too_many_applications",
            Self::BadPdol => "pdol_malformed",
            Self::OptionsRetried => "pdol_data_refused",
            Self::BadOptions => "options_malformed",
            Self::BadAfl => "afl_malformed",
            Self::ListedRecordMissing(_) => "record_missing",
            Self::TooManyRecords => "too_many_records",
            Self::NotOneTemplate70 => "record_malformed",
            Self::OtherObject => "other_object",
            Self::BadLogEntry => "log_entry_malformed",
            Self::NoLogFormat => "log_format_missing",
        }
    }
}

/// How a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// Everything that could be read was read.
    Finished,
    /// The card refuses SELECT altogether (6A81): it is blocked.
    CardBlocked,
    /// The card left before the end; what was reported until then stands.
    CardLost,
    /// The bound on commands was met; what was reported until then stands.
    TooManyCommands,
    /// The owner's buffer does not hold a short C-APDU.
    BufferTooSmall,
}

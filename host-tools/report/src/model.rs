//! The report: plain values, already decoded, nothing masked yet.
//!
//! Masking is the business of whoever prints; therefore no type here derives `Debug` where a PAN could slip out.
//! Members are `None` or empty where the card gave nothing: never a guess.

mod purse;

use tapcard_emv::purse::Movement;
use tapcard_emv::{Aid, Date, Pan, Time};
use tapcard_iso7816::{StatusWord, Tag};
use tapcard_terminal::{FoundBy, Place};
use tapcard_transport::CardInfo;

pub use purse::{Purse, PurseBalance, PurseFile, PurseRecord, PurseRegister, PurseTrip};

/// Everything that one reading of a card gave.
pub struct CardReport {
    /// The card as the reader shows it.
    pub card: CardInfo,
    /// Applications in the order in which they were selected.
    pub applications: Vec<Application>,
    /// Which list they came from; `None`: none was found.
    pub found_by: Option<FoundBy>,
    /// C-APDUs that went to the card, GET RESPONSE included.
    pub apdus: usize,
    /// Every broken rule, in the order met.
    pub warnings: Vec<Warning>,
}

/// One application.
pub struct Application {
    /// DF name: tag 84 of the FCI, else the name that was selected; `None` in a fragment that starts behind SELECT.
    pub aid: Option<Aid>,
    /// The directory's entry for it: 4F, when a directory was used.
    pub directory_aid: Option<Aid>,
    /// Tag 50.
    pub label: Option<String>,
    /// Tag 9F12 in the code table of 9F11.
    pub preferred_name: Option<String>,
    /// Tag 87, bits 4 to 1.
    pub priority: Option<u8>,
    /// Name of the payment scheme by AID.
    pub scheme: Option<&'static str>,
    /// Tag 5A, else from track 2 (57, 9F6B), else from track 1 (56).
    pub pan: Option<Pan>,
    /// Tag 5F34.
    pub psn: Option<u8>,
    /// Tag 5F24, else from track 2 or 1.
    pub expiry: Option<Date>,
    /// Tag 5F25.
    pub effective: Option<Date>,
    /// Tag 5F20 or 9F0B, trailing blanks removed.
    pub cardholder: Option<String>,
    /// Tag 5F30, else from track 2 or 1: three digits.
    pub service_code: Option<String>,
    /// Issuer country 5F28, else 9F57: three digits.
    pub country: Option<String>,
    /// Application currency 9F42, else 9F51: three digits.
    pub currency: Option<String>,
    /// Whether 57 carries the PAN of 5A; `None` when one of them is missing.
    pub track2_pan_matches: Option<bool>,
    /// Tag 82.
    pub aip: Option<[u8; 2]>,
    /// Tag 94.
    pub afl: Option<Vec<u8>>,
    /// Tag 9F36.
    pub atc: Option<u16>,
    /// Tag 9F13.
    pub last_online_atc: Option<u16>,
    /// Tag 9F17.
    pub pin_tries_left: Option<u8>,
    /// Whether the application works.
    pub state: ApplicationState,
    /// SW1-SW2 of SELECT.
    pub select_sw: StatusWord,
    /// Electronic cash, first currency first.
    pub electronic_cash: Vec<ElectronicCash>,
    /// The electronic purse that the application is.
    pub purse: Option<Purse>,
    /// Transaction log, newest first; empty records are left out. Of a purse: its main log.
    pub transactions: Vec<Transaction>,
    /// Load log, newest first; empty records are left out.
    pub loads: Vec<Load>,
    /// Every data object that the application gave, in the order met.
    pub objects: Vec<Object>,
}

/// Whether an application works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationState {
    /// It gave data.
    Active,
    /// SELECT says so (6283), or it refused everything.
    Blocked,
    /// Neither is sure.
    Unknown,
}

/// One currency of PBOC electronic cash (JR/T 0025.13, JR/T 0025.15); amounts in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectronicCash {
    /// ISO 4217 number as the card gives it (9F51 or DF71).
    pub currency: Option<u16>,
    /// 9F79 or DF79.
    pub balance: Option<u64>,
    /// 9F77 or DF77.
    pub balance_limit: Option<u64>,
    /// 9F78 or DF78.
    pub single_limit: Option<u64>,
    /// 9F6D or DF76.
    pub reset_threshold: Option<u64>,
}

/// One record of the transaction log (9F4D, 9F4F), or of the log of a purse.
pub struct Transaction {
    /// Tag 9A.
    pub date: Option<Date>,
    /// Tag 9F21.
    pub time: Option<Time>,
    /// Tag 9F02, minor units.
    pub amount: Option<u64>,
    /// Tag 9F03, minor units.
    pub amount_other: Option<u64>,
    /// Tag 5F2A.
    pub currency: Option<u16>,
    /// Tag 9F1A.
    pub country: Option<u16>,
    /// Tag 9F4E.
    pub merchant: Option<String>,
    /// Tag 9C.
    pub kind: Option<u8>,
    /// Tag 9F27.
    pub cid: Option<u8>,
    /// Tag 9F36.
    pub atc: Option<u16>,
    /// Of a purse: the number of the transaction.
    pub sequence: Option<u32>,
    /// Of a purse: the terminal.
    pub terminal: Option<Vec<u8>>,
    /// Of a purse: what the type means.
    pub movement: Option<Movement>,
    /// The record as read.
    pub raw: Vec<u8>,
}

/// One record of the load log (DF4D, DF4F).
pub struct Load {
    /// The object that was written: P1-P2 of the PUT DATA.
    pub object: Tag,
    /// Value before, minor units.
    pub before: u64,
    /// Value after, minor units.
    pub after: u64,
    /// Tag 9A.
    pub date: Option<Date>,
    /// Tag 9F21.
    pub time: Option<Time>,
    /// Tag 9F1A.
    pub country: Option<u16>,
    /// Tag 9F4E.
    pub merchant: Option<String>,
    /// Tag 9F36.
    pub atc: Option<u16>,
    /// The record as read.
    pub raw: Vec<u8>,
}

/// One primitive data object; templates are taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// Its tag.
    pub tag: Tag,
    /// Its value.
    pub value: Vec<u8>,
    /// Where it stood.
    pub from: Place,
}

/// A rule that the card broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A stable word for scripts.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// Where: `record 2.1 byte 17`, `FCI`, `log record 3`.
    pub at: String,
}

/// What `balance` found.
pub struct BalanceReport {
    /// The card as the reader shows it.
    pub card: CardInfo,
    /// One entry for each balance of electronic cash.
    pub balances: Vec<Balance>,
    /// One entry for each purse that told its balance.
    pub purses: Vec<PurseBalance>,
    /// C-APDUs that went to the card, GET RESPONSE included.
    pub apdus: usize,
    /// Every broken rule, in the order met.
    pub warnings: Vec<Warning>,
}

/// One balance of electronic cash.
pub struct Balance {
    /// The application that holds it.
    pub aid: Option<Aid>,
    /// Its label, from the directory or the FCI.
    pub label: Option<String>,
    /// The numbers.
    pub cash: ElectronicCash,
}

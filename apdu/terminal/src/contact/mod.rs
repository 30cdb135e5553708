//! A payment with contacts: from the first SELECT to the end, as a machine without I/O.
//!
//! One step of EMV is one file: `select`, `initiate`, `read`, `oda`, `restrictions`, `cvm` (with `pin`), `risk`, `action`,
//! `generate`, `online`, `scripts`. The machine holds what passes between them: candidates, card data in the caller's buffer,
//! TVR, TSI, and the command whose answer is awaited. It asks the cardholder ([`Question`]), the host
//! ([`tapcard_flow::Action::GoOnline`]) and the record log ([`Record`]), and it never sends a GENERATE AC twice.
//!
//! What it leaves to others: 61xx and 6Cxx (the transport), messages and their words, ISO 8583, the PIN of an online check,
//! and what to do with a record after a power cut. EMV 4.4 Book 1, 12; Book 2, 5 to 7; Book 3, 6 to 10; Book 4, 6, 11, 12.
//!
//! ```
//! use tapcard_emv::{Amount, bits::TerminalType};
//! use tapcard_flow::{Action, Input, Machine};
//! use tapcard_terminal::contact::{Contact, Decision, MIN_OUTPUT, Reason, Terminal, Transaction};
//!
//! let terminal = Terminal::new(TerminalType::new(0x22).unwrap(), [0x01, 0x56]);
//! let transaction = Transaction::purchase(Amount::new(1_000), [0x01, 0x56], [0x26, 0x06, 0x15], [1, 2, 3, 4]);
//! let mut room = [0; 4096];
//! let mut out = [0; MIN_OUTPUT];
//! let mut kernel = Contact::new(&terminal, &transaction, &mut room)?;
//! let Action::Transmit(length) = kernel.step(0, Input::Start, &mut out) else { panic!() };
//! assert_eq!(out[..length], *b"\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00");
//! let Action::Done(outcome) = kernel.step(0, Input::Received(&[0x6A, 0x81]), &mut out) else { panic!() };
//! assert_eq!(outcome.decision, Decision::Terminated(Reason::CardBlocked));
//! # Ok::<(), tapcard_terminal::contact::SetupError>(())
//! ```

mod action;
mod candidate;
mod complete;
mod cryptogram;
mod cvm;
mod data;
mod generate;
mod initiate;
mod keys;
mod machine;
mod oda;
mod online;
mod outcome;
mod pin;
mod read;
mod record;
mod restrictions;
mod risk;
mod scripts;
mod select;
mod terminal;
mod transaction;
mod values;

pub use candidate::Candidate;
pub use outcome::{Decision, Outcome, Question, Reason, Report, SetupError, Step};
pub use record::{Phase, Record, RecordedDecision};
pub use risk::{RandomSelection, RandomSelectionError};
pub use select::FoundBy;
pub use tapcard_crypto::capk::{CaKey, Revocation};
pub use terminal::{APPROVING, ActionCodes, Application, CdaRequests, Exception, PinBypass, Terminal};
pub use transaction::{Approved, CASH, PURCHASE, PURCHASE_WITH_CASHBACK, Transaction};

pub use crate::limits::MIN_OUTPUT;

use heapless::Deque;
use tapcard_crypto::oda::TransactionHash;
use tapcard_emv::aid::Rid;
use tapcard_emv::bits::AcType;
use tapcard_emv::{Aip, Tag, Tsi, Tvr, tag};
use tapcard_iso7816::Sfi;

use self::candidate::Candidates;
use self::cvm::CvmProgress;
use self::data::CardData;
use self::keys::KeptKey;
use self::oda::Oda;
use self::scripts::ScriptProgress;
use self::values::Values;

/// Reports that one answer can cause: reading may end all steps up to action analysis.
const MAX_REPORTS: usize = 8;

/// One transaction; see the [module](self).
pub struct Contact<'t> {
    terminal: &'t Terminal<'t>,
    transaction: &'t Transaction<'t>,
    /// What the card says, in the caller's buffer.
    card: CardData<'t>,
    /// What the terminal knows.
    values: Values,
    candidates: Candidates,
    /// Code table of the directory's names.
    code_table: u8,
    /// Check sum of the last directory record: a card that repeats itself is stopped.
    directory_sum: u32,
    last_occurrence: Option<tapcard_emv::Aid>,
    /// Place of the chosen candidate.
    chosen: usize,
    /// Place of its application in the terminal's list, while an attempt is under way.
    attempt: Option<usize>,
    aip: Aip,
    records_read: usize,
    /// A record to be authenticated cannot be.
    unsignable: bool,
    oda: Oda,
    /// Grows with what is sent, for CDA.
    hash: TransactionHash,
    cvm: CvmProgress,
    pin_key: Option<KeptKey>,
    challenge: [u8; 8],
    padding_used: usize,
    /// The ATC of velocity checking.
    atc: Option<u16>,
    /// What GENERATE AC asks for.
    asked: AcType,
    /// And whether it asks for a signature.
    signature_asked: bool,
    /// The first GENERATE AC may have been sent.
    generated: bool,
    host_answered: bool,
    host_approved: bool,
    /// The request was sent and no answer came: nobody knows what the host did.
    host_silent: bool,
    /// Scripts 71 and 72 that had no room.
    lost_scripts: [bool; 2],
    script: ScriptProgress,
    advice: bool,
    decision: Decision,
    reports: Deque<Report, MAX_REPORTS>,
    /// What to do; once it is done, what is awaited.
    next: Next,
    awaiting: bool,
    commands: u16,
}

/// A command, another wish, or the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Pse,
    Directory { sfi: Sfi, record: u8 },
    List { entry: usize, occurrence: u8 },
    Choose,
    Select(usize),
    Options,
    Record,
    InternalAuthenticate,
    TryCounter,
    Challenge,
    AskPin(Question),
    Verify,
    Atc,
    LastOnlineAtc,
    Persist(Phase),
    FirstAc,
    GoOnline,
    ExternalAuthenticate,
    Script,
    SecondAc,
    End(Outcome),
}

impl<'t> Contact<'t> {
    /// A transaction that has not begun. `room` holds what the card says: 4 KB are enough for every card known, a card that
    /// says more is refused.
    ///
    /// # Errors
    /// Amounts of more than twelve digits, or a date that is none.
    pub fn new(
        terminal: &'t Terminal<'t>,
        transaction: &'t Transaction<'t>,
        room: &'t mut [u8],
    ) -> Result<Self, SetupError> {
        Ok(Self {
            terminal,
            transaction,
            card: CardData::new(room),
            values: Values::new(terminal, transaction)?,
            candidates: Candidates::new(),
            code_table: 0,
            directory_sum: 0,
            last_occurrence: None,
            chosen: 0,
            attempt: None,
            aip: Aip::default(),
            records_read: 0,
            unsignable: false,
            oda: Oda::default(),
            hash: TransactionHash::new(),
            cvm: CvmProgress::new(),
            pin_key: None,
            challenge: [0; 8],
            padding_used: 0,
            atc: None,
            asked: AcType::Aac,
            signature_asked: false,
            generated: false,
            host_answered: false,
            host_approved: false,
            host_silent: false,
            lost_scripts: [false; 2],
            script: ScriptProgress::new(tag::ISSUER_SCRIPT_TEMPLATE_1),
            advice: false,
            decision: Decision::Declined,
            reports: Deque::new(),
            next: Next::Pse,
            awaiting: false,
            commands: 0,
        })
    }

    /// Applications that are offered, best first.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        self.candidates.all()
    }

    /// The terminal verification results so far.
    #[must_use]
    pub const fn tvr(&self) -> Tvr {
        self.values.tvr
    }

    /// The transaction status information so far.
    #[must_use]
    pub const fn tsi(&self) -> Tsi {
        self.values.tsi
    }

    /// The value of a data object: the terminal's own, else the card's. `None`: nobody has it, or it is empty. Sensitive
    /// objects are given like all others.
    #[must_use]
    pub fn value(&self, wanted: Tag) -> Option<&[u8]> {
        let own = self.values.find(wanted, self.terminal, self.transaction, self.application());
        own.or_else(|| self.card.find(wanted))
    }

    /// The terminal's entry for the application under way.
    fn application(&self) -> Option<&'t Application<'t>> {
        let terminal: &'t Terminal<'t> = self.terminal;
        terminal.applications.get(self.attempt?)
    }

    /// Whose application it is; its keys are looked up by this.
    fn rid(&self) -> Option<Rid> {
        self.application().map(|application| application.aid.rid())
    }

    fn report(&mut self, report: Report) {
        // More than any one answer causes; a further one would be a repetition.
        let _ = self.reports.push_back(report);
    }

    /// Starts an attempt with the candidate `index`: nothing of an earlier one is left.
    fn begin_attempt(&mut self, entry: usize, index: usize) {
        self.card.clear();
        self.chosen = index;
        self.attempt = Some(entry);
        if let Some(application) = self.application() {
            self.values.begin(application);
        }
        self.aip = Aip::default();
        self.unsignable = false;
        self.oda = Oda::default();
        self.hash = TransactionHash::new();
        self.cvm = CvmProgress::new();
        self.pin_key = None;
    }
}

/// Shows where the transaction stands, and nothing of the card's data.
impl core::fmt::Debug for Contact<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contact")
            .field("tvr", &self.values.tvr)
            .field("tsi", &self.values.tsi)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

//! Runs the reading flow of `tapcard-terminal` over a card.

use tapcard_emv::Aid;
use tapcard_flow::{Buffers, DriveError, LinkFailure, Observer, drive};
use tapcard_iso7816::{ExchangeError, MAX_SHORT_ANSWER, MAX_SHORT_COMMAND};
use tapcard_terminal::{Depth, Outcome, Plan, Reader, Report, TerminalData};
use tapcard_transport::{Card, CardLink, TransportError};

use crate::collect::Collector;
use crate::model::{Application, Balance, BalanceReport, CardReport, PurseBalance};

/// Octets of a whole answer after GET RESPONSE. EMV needs 256; the rest is for proprietary objects.
const MAX_ANSWER: usize = 4096;

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Also GET PROCESSING OPTIONS and the records of the AFL; raises the ATC.
    pub full: bool,
    /// Only this application.
    pub aid: Option<Aid>,
    /// `balance`: also limits and thresholds.
    pub limits: bool,
    /// What the card is told of the terminal.
    pub terminal: TerminalData,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The card went away or the reader failed; what had been read by then is worth showing as such.
    #[error("{error}")]
    Lost {
        /// What the transport says.
        error: TransportError,
        /// What had been read.
        partial: Partial,
    },
    /// The flow asked for something that reading does not offer. A defect of ours.
    #[error("the reading flow: {0}")]
    Flow(#[from] DriveError),
}

/// A report that ends where the card went away.
pub struct Partial(pub Box<CardReport>);

/// Shows how much there is and nothing of it.
impl std::fmt::Debug for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Partial({} applications, {} APDUs)", self.0.applications.len(), self.0.apdus)
    }
}

struct Watch<'c>(&'c mut Collector);

impl Observer<Reader> for Watch<'_> {
    fn report(&mut self, report: Report, answer: &[u8]) {
        self.0.report(report, answer);
    }
}

/// Reads a card as deep as `options` says.
///
/// # Errors
/// See [`ReadError`]. A card that refuses everything is a report, not an error.
pub fn read(card: &mut dyn Card, options: &ReadOptions) -> Result<CardReport, ReadError> {
    run(card, options, if options.full { Depth::Full } else { Depth::Safe })
}

/// Reads every balance with the fewest APDUs.
///
/// # Errors
/// See [`ReadError`].
pub fn balance(card: &mut dyn Card, options: &ReadOptions) -> Result<BalanceReport, ReadError> {
    let report = run(card, options, Depth::Balance { limits: options.limits })?;
    let balances = report
        .applications
        .iter()
        .flat_map(|application| {
            application.electronic_cash.iter().map(|cash| Balance {
                aid: application.aid,
                label: application.label.clone(),
                cash: cash.clone(),
            })
        })
        .collect();
    let purses = report.applications.iter().filter_map(purse_balance).collect();
    Ok(BalanceReport { card: report.card, balances, purses, apdus: report.apdus, warnings: report.warnings })
}

fn purse_balance(application: &Application) -> Option<PurseBalance> {
    let purse = application.purse.as_ref()?;
    Some(PurseBalance {
        aid: application.aid,
        label: application.label.clone(),
        kind: purse.kind,
        balance: purse.balance?,
        currency: purse.currency,
        exponent: purse.exponent,
    })
}

fn run(card: &mut dyn Card, options: &ReadOptions, depth: Depth) -> Result<CardReport, ReadError> {
    let mut collector = Collector::new(card.info().clone());
    let mut link = CardLink::new(card);
    let mut reader = Reader::new(Plan { depth, aid: options.aid }, options.terminal.clone());
    let mut lost = None;
    let mut broken = Vec::new();
    let (mut command, mut raw, mut answer) = ([0; MAX_SHORT_COMMAND], [0; MAX_SHORT_ANSWER], [0; MAX_ANSWER]);
    let buffers = Buffers { command: &mut command, raw: &mut raw, answer: &mut answer };
    let outcome = drive(&mut reader, &mut link, &mut Watch(&mut collector), buffers, |failure| match failure {
        LinkFailure::Link(error) => lost = Some(error),
        LinkFailure::Exchange(error) => broken.push(error),
    })?;
    let apdus = link.apdus();
    for error in broken {
        collector.warn("answer_broken", exchange_message(error), "transport".to_owned());
    }
    note_outcome(outcome, &mut collector);
    let report = collector.finish(apdus);
    match lost {
        Some(error) => Err(ReadError::Lost { error, partial: Partial(Box::new(report)) }),
        None => Ok(report),
    }
}

fn exchange_message(error: ExchangeError) -> String {
    format!("the answer could not be put together: {error}")
}

fn note_outcome(outcome: Outcome, collector: &mut Collector) {
    let (code, message) = match outcome {
        Outcome::CardBlocked => ("card_blocked", "the card refuses every SELECT: it is blocked"),
        Outcome::TooManyCommands => ("too_many_commands", "the card asks for more commands than a reading may take"),
        Outcome::Finished | Outcome::CardLost | Outcome::BufferTooSmall => return,
    };
    collector.warn(code, message.to_owned(), "card".to_owned());
}

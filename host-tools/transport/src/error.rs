//! Why a card could not be reached. Each text says what, where and what to do next.

use std::path::PathBuf;

/// A card could not be reached, or was lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The PC/SC service does not run.
    #[error(
        "no PC/SC service: `pcscd` is not running; `tapcard doctor` says how to start it, `--reader virtual:pboc-ec` is an emulated card"
    )]
    NoService,
    /// The PC/SC service runs but refuses this user.
    #[error("the PC/SC service refuses this user; `tapcard doctor` says how to mend it")]
    NotAllowed,
    /// PC/SC knows no reader.
    #[error(
        "no reader is connected; plug one in, or try an emulated card with `--reader virtual:pboc-ec` (`tapcard card profiles` lists them)"
    )]
    NoReader,
    /// No reader has this name.
    #[error("no reader is called `{wanted}`; {}", known_readers(.known))]
    UnknownReader {
        /// What was asked for.
        wanted: String,
        /// The readers that there are.
        known: Vec<String>,
    },
    /// Nothing to talk to in a reader (its name), or in none of them.
    #[error("no card in {}; put one in, or try an emulated card with `--reader virtual:pboc-ec`", reader_or_any(.reader))]
    NoCard {
        /// The reader; `None` when all of them were tried.
        reader: Option<String>,
    },
    /// More than one reader would do.
    #[error("several readers to choose from: {}; name one with `--reader pcsc:NAME`", quoted(.readers))]
    Several {
        /// Their names.
        readers: Vec<String>,
    },
    /// Another program holds the card for itself.
    #[error("another program holds the card in `{reader}` for itself; close it and try again")]
    Busy {
        /// The reader.
        reader: String,
    },
    /// The card was pulled out or left the field, or its reader was unplugged.
    #[error("the card was removed before it was read to the end; leave it in the reader and try again")]
    CardRemoved,
    /// The reader or its driver failed.
    #[error("the reader failed: {0}")]
    Reader(String),
    /// The answer does not fit into the buffer.
    #[error("the card's answer is longer than the {capacity} bytes that it may have")]
    AnswerTooLong {
        /// Octets that would fit.
        capacity: usize,
    },
    /// A recording, a card file or its state cannot be used.
    #[error("{}: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, where in the file, and what to do.
        what: String,
    },
    /// The reader SPEC cannot be understood.
    #[error("`{spec}` is not a reader: {what}")]
    Spec {
        /// What was typed.
        spec: String,
        /// What is wrong and what would be right.
        what: String,
    },
    /// Understood, but this version cannot do it.
    #[error("{what}")]
    Unsupported {
        /// What, and what to do instead.
        what: String,
    },
    /// A virtual reader could not be reached or broke the connection.
    #[error("{address}: {what}")]
    Network {
        /// Where.
        address: String,
        /// What happened.
        what: String,
    },
}

impl TransportError {
    /// A file that cannot be used.
    pub fn file(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self::File { path: path.into(), what: what.into() }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn known_readers(known: &[String]) -> String {
    if known.is_empty() { "no reader is connected".to_owned() } else { format!("there is {}", quoted(known)) }
}

fn reader_or_any(reader: &Option<String>) -> String {
    reader.as_ref().map_or_else(|| "any reader".to_owned(), |name| format!("`{name}`"))
}

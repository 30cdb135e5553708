//! From errors to exit codes and messages, in one place; the codes are a contract with scripts (`--help` of `tapcard`).

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use tapcard_issuer::key_file::KeyFileError;
use tapcard_issuer::{IssuerError, RequestError, StoreError, VaultError};
use tapcard_profiles::ProfileError;
use tapcard_report::ReadError;
use tapcard_transport::TransportError;
use tapcard_vectors::CheckError;

use crate::lang::{self, Lang, Msg, Said};

/// What an exit code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// The command worked, and the answer is no.
    No = 1,
    /// The command was written wrongly.
    Usage = 2,
    /// No reader or no card.
    NoCard = 3,
    /// The card answered with an error status or broke the protocol.
    CardRefused = 4,
    /// Host, network or database.
    Network = 5,
    /// A file, stdin or the configuration is wrong.
    BadInput = 7,
    /// A defect of this program.
    Internal = 70,
}

/// An outcome that is no success, with what to tell about it.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    said: Said,
}

impl Failure {
    /// `said` says what, where and what to do next; without a full stop.
    pub(crate) fn say(code: Code, said: impl Into<Said>) -> Self {
        Self { code, said: said.into() }
    }

    /// The text in a language.
    pub(crate) fn text(&self, lang: Lang) -> String {
        self.said.text(lang)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for Failure {}

/// Tells `err` what went wrong, unless `quiet`, and gives the code.
///
/// A closed pipe is no failure: whoever reads our output has seen enough.
pub(crate) fn report(error: &anyhow::Error, quiet: bool, lang: Lang, err: &mut dyn Write) -> ExitCode {
    if error.chain().any(is_closed_pipe) {
        return ExitCode::SUCCESS;
    }
    let code = code(error);
    if !(quiet && code == Code::No) {
        let causes: Vec<_> = error.chain().map(|cause| lang::cause(lang, cause)).collect();
        let _ = writeln!(err, "{}{}{}", lang.text(Msg::Error), lang.colon(), causes.join(lang.colon()));
    }
    ExitCode::from(code as u8)
}

fn is_closed_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The code of the first cause that has one.
pub(crate) fn code(error: &anyhow::Error) -> Code {
    error.chain().find_map(code_of).unwrap_or(Code::Internal)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<Code> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.code);
    }
    if let Some(error) = cause.downcast_ref::<TransportError>() {
        return Some(code_of_transport(error));
    }
    if let Some(ReadError::Lost { error, .. }) = cause.downcast_ref::<ReadError>() {
        return Some(code_of_transport(error));
    }
    if let Some(error) = cause.downcast_ref::<IssuerError>() {
        return Some(code_of_issuer(error));
    }
    if let Some(error) = cause.downcast_ref::<StoreError>() {
        return Some(code_of_store(error));
    }
    if cause.is::<KeyFileError>() || cause.is::<RequestError>() || cause.is::<VaultError>() {
        return Some(Code::BadInput);
    }
    if cause.is::<ProfileError>() || cause.is::<CheckError>() {
        return Some(Code::BadInput);
    }
    // Reading and writing what the user named; a defect of ours never shows as an I/O error.
    cause.is::<io::Error>().then_some(Code::BadInput)
}

fn code_of_transport(error: &TransportError) -> Code {
    match error {
        TransportError::Spec { .. } | TransportError::Several { .. } => Code::Usage,
        TransportError::File { .. } => Code::BadInput,
        TransportError::AnswerTooLong { .. } => Code::CardRefused,
        TransportError::Network { .. } => Code::Network,
        _ => Code::NoCard,
    }
}

fn code_of_issuer(error: &IssuerError) -> Code {
    match error {
        IssuerError::Store(error) => code_of_store(error),
        IssuerError::NoAccount(_) | IssuerError::NoCard(_) => Code::Usage,
        IssuerError::Vault(_)
        | IssuerError::Request(_)
        | IssuerError::Profile(_)
        | IssuerError::Unfit(_)
        | IssuerError::NoKeys { .. } => Code::BadInput,
        _ => Code::Internal,
    }
}

const fn code_of_store(error: &StoreError) -> Code {
    match error {
        StoreError::Exists(_) | StoreError::Missing(_) => Code::BadInput,
        StoreError::Amount => Code::Usage,
        _ => Code::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_fail_has_the_code_of_the_contract() {
        let transport = |error: TransportError| code(&anyhow::Error::from(error).context("cannot read the card"));
        assert_eq!(transport(TransportError::NoService), Code::NoCard);
        assert_eq!(transport(TransportError::CardRemoved), Code::NoCard);
        assert_eq!(transport(TransportError::Several { readers: vec![] }), Code::Usage);
        assert_eq!(transport(TransportError::file("a.json", "broken")), Code::BadInput);
        assert_eq!(transport(TransportError::AnswerTooLong { capacity: 258 }), Code::CardRefused);
        assert_eq!(code(&anyhow::anyhow!("who knows")), Code::Internal);
        assert_eq!(code(&Failure::say(Code::No, Msg::NoBalance).into()), Code::No);
    }

    #[test]
    fn a_closed_pipe_is_silent() {
        let mut err = Vec::new();
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        report(&error, false, Lang::En, &mut err);
        assert!(err.is_empty());
    }

    #[test]
    fn causes_are_told_from_the_outermost_in_the_language_asked_for() {
        let said = |lang| {
            let error = anyhow::Error::from(TransportError::CardRemoved).context("cannot read the card");
            let mut err = Vec::new();
            report(&error, false, lang, &mut err);
            String::from_utf8(err).unwrap()
        };
        assert!(said(Lang::En).starts_with("error: cannot read the card: the card was removed"));
        assert!(said(Lang::Zh).starts_with("错误：无法读取卡片：读取完成前卡片被移走"));
    }
}

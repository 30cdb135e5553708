//! Errors of other crates in Chinese, by their variants; the English text is their own.

use tapcard_issuer::key_file::KeyFileError;
use tapcard_issuer::{IssuerError, StoreError, VaultError};
use tapcard_report::ReadError;
use tapcard_transport::TransportError;

use super::{Lang, Msg, Said};
use crate::exit::Failure;

/// One cause of an error in a language. What has no translation is said in English.
pub(crate) fn cause(lang: Lang, cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return failure.text(lang);
    }
    let error = match cause.downcast_ref::<ReadError>() {
        Some(ReadError::Lost { error, .. }) => Some(error),
        _ => cause.downcast_ref::<TransportError>(),
    };
    let said = error.and_then(transport).or_else(|| issuer(cause)).or_else(|| key_file(cause));
    match (lang, said) {
        (Lang::Zh, Some(said)) => said.text(lang),
        _ => lang.term(&cause.to_string()),
    }
}

fn transport(error: &TransportError) -> Option<Said> {
    Some(match error {
        TransportError::NoService => Said::new(Msg::NoService),
        TransportError::NotAllowed => Said::new(Msg::NotAllowed),
        TransportError::NoReader => Said::new(Msg::NoReader),
        TransportError::UnknownReader { wanted, known } if known.is_empty() => {
            Said::new(Msg::UnknownReaderNone).with("wanted", wanted)
        }
        TransportError::UnknownReader { wanted, known } => {
            Said::new(Msg::UnknownReader).with("wanted", wanted).with("known", quoted(known))
        }
        TransportError::NoCard { reader: Some(reader) } => Said::new(Msg::NoCard).with("reader", reader),
        TransportError::NoCard { reader: None } => Said::new(Msg::NoCardAnywhere),
        TransportError::Several { readers } => Said::new(Msg::SeveralReaders).with("readers", quoted(readers)),
        TransportError::Busy { reader } => Said::new(Msg::Busy).with("reader", reader),
        TransportError::CardRemoved => Said::new(Msg::CardRemoved),
        TransportError::Reader(what) => Said::new(Msg::ReaderFailed).with("what", what),
        TransportError::AnswerTooLong { capacity } => Said::new(Msg::AnswerTooLong).with("capacity", capacity),
        TransportError::Spec { spec, .. } => Said::new(Msg::BadSpec).with("spec", spec),
        _ => return None,
    })
}

/// What an issuer says that somebody at the keyboard can mend.
fn issuer(cause: &(dyn std::error::Error + 'static)) -> Option<Said> {
    let store = match cause.downcast_ref::<IssuerError>() {
        Some(IssuerError::NoAccount(number)) => return Some(Said::new(Msg::IssuerNoAccount).with("number", number)),
        Some(IssuerError::NoCard(number)) => return Some(Said::new(Msg::IssuerNoCard).with("number", number)),
        Some(IssuerError::Vault(VaultError::Sealed)) => return Some(Said::new(Msg::IssuerOtherKey)),
        Some(IssuerError::Store(error)) => Some(error),
        _ => cause.downcast_ref::<StoreError>(),
    };
    Some(match store? {
        StoreError::Exists(file) => Said::new(Msg::IssuerExists).with("file", file),
        StoreError::Missing(file) => Said::new(Msg::IssuerMissing).with("file", file),
        _ => return None,
    })
}

fn key_file(cause: &(dyn std::error::Error + 'static)) -> Option<Said> {
    let (message, path) = match cause.downcast_ref::<KeyFileError>()? {
        KeyFileError::Open { path, mode } => {
            let said = Said::new(Msg::KeyFileOpen).with("file", path.display());
            return Some(said.with("mode", format!("{mode:03o}")));
        }
        KeyFileError::Format { path } => (Msg::KeyFileFormat, path),
        KeyFileError::NoPassphrase { path } => (Msg::KeyFileNoPassphrase, path),
        KeyFileError::WrongPassphrase { path } => (Msg::KeyFileWrongPassphrase, path),
        _ => return None,
    };
    Some(Said::new(message).with("file", path.display()))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::is_chinese;
    use super::*;

    fn samples() -> Vec<TransportError> {
        let readers = || vec!["A".to_owned(), "B".to_owned()];
        vec![
            TransportError::NoService,
            TransportError::NotAllowed,
            TransportError::NoReader,
            TransportError::UnknownReader { wanted: "x".into(), known: readers() },
            TransportError::UnknownReader { wanted: "x".into(), known: vec![] },
            TransportError::NoCard { reader: Some("A".into()) },
            TransportError::NoCard { reader: None },
            TransportError::Several { readers: readers() },
            TransportError::Busy { reader: "A".into() },
            TransportError::CardRemoved,
            TransportError::Reader("no power".into()),
            TransportError::AnswerTooLong { capacity: 258 },
            "acr122".parse::<tapcard_transport::Spec>().unwrap_err(),
        ]
    }

    #[test]
    fn the_english_column_is_what_the_error_says_itself() {
        for error in samples() {
            assert_eq!(transport(&error).unwrap().text(Lang::En), error.to_string());
        }
    }

    #[test]
    fn every_sample_is_said_in_both_languages() {
        for error in samples() {
            assert_eq!(cause(Lang::En, &error), error.to_string());
            assert!(is_chinese(&cause(Lang::Zh, &error)), "{error}");
        }
    }

    #[test]
    fn what_has_no_translation_stays_english() {
        let error = TransportError::file("a.json", "not JSON");
        assert_eq!(cause(Lang::Zh, &error), "a.json: not JSON");
    }
}

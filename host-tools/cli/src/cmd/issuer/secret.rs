//! Passphrases and PINs: from a file, a file descriptor or a prompt, never from an argument.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use tapcard_crypto::pin::Pin;
use zeroize::Zeroizing;

use crate::exit::{Code, Failure};
use crate::lang::{Lang, Msg, Said};

/// Longest file that a secret is read from.
const MAX_FILE: u64 = 4096;

/// The first line of a file.
fn first_line(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

/// The passphrase of a key file; `None` where there is neither a file nor a terminal to ask at.
pub(super) fn passphrase(file: Option<&Path>, lang: Lang) -> io::Result<Option<Zeroizing<String>>> {
    match file {
        Some(file) => first_line(file).map(Some),
        None if io::stdin().is_terminal() => ask(lang.text(Msg::IssuerPassphrase)).map(Some),
        None => Ok(None),
    }
}

/// A passphrase for a new key file: a typed one is typed twice.
pub(super) fn new_passphrase(file: Option<&Path>, lang: Lang) -> anyhow::Result<Zeroizing<String>> {
    let first = passphrase(file, lang).map_err(anyhow::Error::from)?;
    let first = first.filter(|text| !text.is_empty());
    let first = first.ok_or_else(|| Failure::say(Code::Usage, Msg::IssuerNoPassphrase))?;
    if file.is_none() && *ask(lang.text(Msg::IssuerPassphraseAgain))? != *first {
        return Err(Failure::say(Code::BadInput, Msg::IssuerPassphraseDiffers).into());
    }
    Ok(first)
}

/// Asks at the terminal without showing what is typed; the question goes to the terminal, not to stdout.
fn ask(question: &str) -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password(question).map(Zeroizing::new)
}

/// The PIN in a file.
pub(super) fn pin(file: &Path) -> Result<Pin, Failure> {
    let bad = || Failure::say(Code::BadInput, Said::new(Msg::IssuerBadPin).with("file", file.display()));
    Pin::from_digits(&first_line(file).map_err(|_| bad())?).map_err(|_| bad())
}

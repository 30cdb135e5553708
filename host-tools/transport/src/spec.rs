//! What the user types after `--reader` to choose a way to a card.
//!
//! Only the text is understood here; whether the reader, the profile or the file exists shows when it is opened.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::TransportError;

/// The forms, for messages.
const FORMS: &str = "write `pcsc:NAME`, `virtual:PROFILE`, `virtual:FILE`, `replay:FILE#NAME` or `pn532:PORT`";

/// The speed of a PN532 that nobody configured (UM0701-02, 6.2.4).
const PN532_BAUD: u32 = 115_200;

/// A reader SPEC.
///
/// ```
/// use tapcard_transport::Spec;
///
/// let spec: Spec = "replay:cards.json#visa".parse()?;
/// assert_eq!(spec, Spec::Replay { file: "cards.json".into(), name: Some("visa".into()) });
/// assert!("cards.json".parse::<Spec>().is_err());
/// # Ok::<(), tapcard_transport::TransportError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spec {
    /// `pcsc:NAME`: the PC/SC reader whose name contains this text, in any case.
    Pcsc(String),
    /// `pn532:PORT[@BAUD]`: a PN532 on a serial port.
    Pn532 {
        /// The serial port.
        port: String,
        /// Its speed.
        baud: u32,
    },
    /// `virtual:PROFILE` or `virtual:FILE`: an emulated card in this process.
    Virtual(String),
    /// `replay:FILE[#NAME]`: a recorded session as a card.
    Replay {
        /// The file with transcripts.
        file: PathBuf,
        /// Which of them, by its `id`.
        name: Option<String>,
    },
}

impl FromStr for Spec {
    type Err = TransportError;

    fn from_str(text: &str) -> Result<Self, TransportError> {
        let wrong = |what: &str| TransportError::Spec { spec: text.to_owned(), what: what.to_owned() };
        let (kind, rest) = text.split_once(':').ok_or_else(|| wrong(FORMS))?;
        let rest = rest.trim();
        if rest.is_empty() {
            return Err(wrong(&format!("nothing follows `{kind}:`; {FORMS}")));
        }
        match kind {
            "pcsc" => Ok(Self::Pcsc(rest.to_owned())),
            "virtual" => Ok(Self::Virtual(rest.to_owned())),
            "pn532" => pn532(rest).ok_or_else(|| wrong("the speed after `@` is a number of baud, such as `@115200`")),
            "replay" => Ok(match rest.rsplit_once('#') {
                Some((file, name)) if !file.is_empty() && !name.is_empty() => {
                    Self::Replay { file: file.into(), name: Some(name.to_owned()) }
                }
                _ => Self::Replay { file: rest.into(), name: None },
            }),
            _ => Err(wrong(FORMS)),
        }
    }
}

fn pn532(rest: &str) -> Option<Spec> {
    let (port, baud) = match rest.rsplit_once('@') {
        Some((port, baud)) => (port, baud.parse().ok()?),
        None => (rest, PN532_BAUD),
    };
    (!port.is_empty()).then(|| Spec::Pn532 { port: port.to_owned(), baud })
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pcsc(name) => write!(f, "pcsc:{name}"),
            Self::Pn532 { port, baud } => write!(f, "pn532:{port}@{baud}"),
            Self::Virtual(what) => write!(f, "virtual:{what}"),
            Self::Replay { file, name: None } => write!(f, "replay:{}", file.display()),
            Self::Replay { file, name: Some(name) } => write!(f, "replay:{}#{name}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_a_round_trip() {
        for text in
            ["pcsc:ACS ACR122U", "virtual:pboc-ec", "replay:a/b.json", "replay:a.json#x", "pn532:/dev/ttyUSB0@921600"]
        {
            assert_eq!(text.parse::<Spec>().unwrap().to_string(), text);
        }
        assert_eq!("pn532:COM3".parse(), Ok(Spec::Pn532 { port: "COM3".into(), baud: 115_200 }));
    }

    #[test]
    fn a_hash_at_either_end_belongs_to_the_file_name() {
        assert_eq!("replay:#a".parse(), Ok(Spec::Replay { file: "#a".into(), name: None }));
        assert_eq!("replay:a#".parse(), Ok(Spec::Replay { file: "a#".into(), name: None }));
    }

    #[test]
    fn text_that_is_no_spec_is_refused_with_the_forms() {
        for text in ["", "acr122", "usb:1", "pcsc:", "virtual: ", "pn532:@9600", "pn532:a@fast"] {
            let error = text.parse::<Spec>().unwrap_err();
            assert!(matches!(&error, TransportError::Spec { spec, .. } if spec == text), "{error}");
        }
    }
}

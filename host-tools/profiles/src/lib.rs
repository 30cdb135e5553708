#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod check;
mod compile;
mod encode;
mod error;
mod keys;
mod oda;
mod source;
mod value;

use tapcard_card::{BuildError, ImageBuilder, Key};

use compile::Compiled;
use error::Place;
use zeroize::Zeroizing;

pub use error::ProfileError;

/// What the `schema` of a personalisation must be.
pub const SCHEMA: &str = "tapcard.personalisation/1";

/// A profile that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    json: &'static str,
}

static BUILTIN: [Profile; 6] = [
    Profile {
        name: "pboc-ec",
        about: "UnionPay debit card with electronic cash in CNY and HKD, contact and contactless",
        json: include_str!("../profiles/pboc-ec.json"),
    },
    Profile {
        name: "ec-only",
        about: "UnionPay electronic cash without an account, in CNY, contact and contactless",
        json: include_str!("../profiles/ec-only.json"),
    },
    Profile {
        name: "t-union",
        about: "China T-Union transit purse with 32.00 CNY, a log and trips, contactless",
        json: include_str!("../profiles/t-union.json"),
    },
    Profile {
        name: "visa",
        about: "Visa-like credit card for qVSDC, contact and contactless",
        json: include_str!("../profiles/visa.json"),
    },
    Profile {
        name: "mastercard",
        about: "Mastercard-like debit card with M/Chip data and a transaction log, contact and contactless",
        json: include_str!("../profiles/mastercard.json"),
    },
    Profile {
        name: "t-money",
        about: "T-money transit purse of KS X 6924 with 17650 KRW, contactless",
        json: include_str!("../profiles/t-money.json"),
    },
];

/// All profiles that come with the program.
///
/// ```
/// assert!(tapcard_profiles::builtin().iter().any(|profile| profile.name == "pboc-ec"));
/// ```
#[must_use]
pub fn builtin() -> &'static [Profile] {
    &BUILTIN
}

impl Profile {
    /// Finds a built-in profile by its name and reads it.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`].
    pub fn load(name: &str) -> Result<Personalisation, ProfileError> {
        match builtin().iter().find(|profile| profile.name == name) {
            Some(profile) => from_json(profile.json),
            None => {
                let known: Vec<_> = builtin().iter().map(|profile| profile.name).collect();
                Err(ProfileError::Unknown { name: name.to_owned(), known: known.join(", ") })
            }
        }
    }

    /// Its JSON text, as a pattern for profiles of one's own.
    #[must_use]
    pub const fn json(&self) -> &'static str {
        self.json
    }
}

/// A personalisation that was read and checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Personalisation {
    name: String,
    about: String,
    atr: Vec<u8>,
    blocked: bool,
    applications: Vec<Compiled>,
}

/// Reads and checks a personalisation.
///
/// ```
/// let error = tapcard_profiles::from_json(r#"{"schema": "tapcard.personalisation/1", "name": 5}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`name`: invalid type: integer `5`; expected a string");
/// ```
///
/// # Errors
/// [`ProfileError::Json`] and [`ProfileError::Value`].
pub fn from_json(json: &str) -> Result<Personalisation, ProfileError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let source: source::Source = serde_path_to_error::deserialize(&mut deserializer).map_err(json_error)?;
    deserializer.end().map_err(|error| syntax_error(&error))?;
    if source.schema != SCHEMA {
        return Err(
            Place::root("schema").error(format!("`{}` is not known", source.schema), format!("it is `{SCHEMA}`"))
        );
    }
    check::atr(&Place::root("atr"), &source.atr.0)?;
    let root = Place::root("applications");
    let compile = |(index, application)| compile::application(&root.index(index), application);
    let applications: Vec<_> = source.applications.iter().enumerate().map(compile).collect::<Result<_, _>>()?;
    check::directory(&root, &applications)?;
    let source::Source { name, about, atr, blocked, .. } = source;
    Ok(Personalisation { name, about, atr: atr.0, blocked, applications })
}

fn json_error(error: serde_path_to_error::Error<serde_json::Error>) -> ProfileError {
    let path = match error.path().to_string() {
        root if root == "." => String::from("(top level)"),
        path => path,
    };
    let error = error.into_inner();
    if error.classify() != serde_json::error::Category::Data {
        return syntax_error(&error);
    }
    // The parser ends every message with where it is; the path says it better.
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let (problem, expected) = match message.split_once(", expected ") {
        Some((problem, expected)) => (problem.to_owned(), format!("expected {expected}")),
        None => (message.to_owned(), String::from("see the built-in profiles for the form")),
    };
    ProfileError::Value { path, problem, expected }
}

fn syntax_error(error: &serde_json::Error) -> ProfileError {
    let problem = error.to_string();
    let problem = problem.rsplit_once(" at line ").map_or(problem.as_str(), |(problem, _)| problem).to_owned();
    ProfileError::Json { line: error.line(), column: error.column(), problem }
}

impl Personalisation {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in one line.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The ATR.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// The binary card image, ATR included, for [`tapcard_card::Image::parse`].
    ///
    /// # Errors
    /// [`ProfileError::Image`]: more applications than an image has room for.
    pub fn image(&self) -> Result<Vec<u8>, ProfileError> {
        // Header, and for each value its table row: both are shorter than this.
        let values = self.applications.iter().flat_map(|application| &application.values);
        let size =
            256 + self.atr.len() + 64 * self.applications.len() + values.map(|(_, v)| v.len() + 16).sum::<usize>();
        let mut out = vec![0; size];
        let length = self.write(&mut out).map_err(ProfileError::Image)?;
        out.truncate(length);
        Ok(out)
    }

    /// The binary key set, for [`tapcard_card::CardKeys::parse`]; `None` for a card without keys.
    ///
    /// # Errors
    /// As [`Personalisation::image`].
    pub fn keys(&self) -> Result<Option<Zeroizing<Vec<u8>>>, ProfileError> {
        let secrets = self.applications.iter().flat_map(|application| &application.secrets);
        let size = secrets.map(|(_, value)| value.len() + 16).sum::<usize>();
        if size == 0 {
            return Ok(None);
        }
        let mut out = Zeroizing::new(vec![0; 256 + 64 * self.applications.len() + size]);
        let length = self.write_keys(&mut out).map_err(ProfileError::Image)?;
        out.truncate(length);
        Ok(Some(out))
    }

    fn write_keys(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let mut builder = ImageBuilder::keys(out)?;
        for application in self.applications.iter().filter(|application| !application.secrets.is_empty()) {
            let number = builder.application(&application.name)?;
            for (key, value) in &application.secrets {
                builder.put(number, *key, value)?;
            }
        }
        Ok(builder.finish())
    }

    fn write(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let mut builder = ImageBuilder::new(out)?;
        builder.atr(&self.atr)?;
        if self.blocked {
            builder.put(0, Key::Blocked, &[])?;
        }
        for application in &self.applications {
            let number = builder.application(&application.name)?;
            for (key, value) in &application.values {
                builder.put(number, *key, value)?;
            }
        }
        Ok(builder.finish())
    }
}

/// Shows the names only: the values hold a PAN.
impl std::fmt::Debug for Personalisation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Personalisation").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Why a personalisation is not accepted: where, what is wrong, what would be right.

use tapcard_card::BuildError;

/// Why there is no card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// No built-in profile has this name.
    #[error("there is no built-in profile `{name}`; there are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that would do.
        known: String,
    },
    /// The text is not JSON.
    #[error("no JSON at line {line}, column {column}: {problem}")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// A value is wrong.
    #[error("`{path}`: {problem}; {expected}")]
    Value {
        /// The keys that lead to it, such as `applications[2].records.1.1.5A`.
        path: String,
        /// What is wrong.
        problem: String,
        /// What would be right.
        expected: String,
    },
    /// The values do not make an image.
    #[error("no card image can be made of it: {0}")]
    Image(BuildError),
}

/// Lets a check say where it is: every method returns the place one key further in.
#[derive(Clone, Debug)]
pub(crate) struct Place(String);

impl Place {
    pub(crate) fn root(key: &str) -> Self {
        Self(key.to_owned())
    }

    pub(crate) fn key(&self, key: impl std::fmt::Display) -> Self {
        Self(format!("{}.{key}", self.0))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    pub(crate) fn error(&self, problem: impl Into<String>, expected: impl Into<String>) -> ProfileError {
        ProfileError::Value { path: self.0.clone(), problem: problem.into(), expected: expected.into() }
    }
}

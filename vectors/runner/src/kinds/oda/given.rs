//! Members of a case as the types of the library.

use serde_json::{Map, Value};
use tapcard_crypto::oda::OdaError;
use tapcard_crypto::oda::pin::PinError;
use tapcard_crypto::oda::static_data::StaticDataError;
use tapcard_crypto::rsa::{Exponent, PublicKey, RsaError};
use tapcard_emv::aid::Rid;
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use crate::json;

/// Why an operation gave no octets.
#[derive(Debug)]
pub(super) enum Failed {
    /// A rule was broken; its name in the cases.
    Rule(&'static str),
    /// The case itself cannot be used.
    Unusable(String),
    /// There is no such operation.
    Unknown,
}

impl From<OdaError> for Failed {
    fn from(error: OdaError) -> Self {
        Self::Rule(error.name())
    }
}

impl From<RsaError> for Failed {
    fn from(error: RsaError) -> Self {
        Self::Rule(OdaError::from(error).name())
    }
}

impl From<PinError> for Failed {
    fn from(error: PinError) -> Self {
        Self::Rule(error.name())
    }
}

impl From<StaticDataError> for Failed {
    fn from(error: StaticDataError) -> Self {
        Self::Rule(error.name())
    }
}

/// The members of `in`, or of an object inside it.
#[derive(Clone, Copy)]
pub(super) struct Given<'c>(pub(super) &'c Map<String, Value>);

impl<'c> Given<'c> {
    pub(super) fn octets(self, name: &str) -> Result<Vec<u8>, Failed> {
        self.0.get(name).and_then(json::octets).ok_or_else(|| unusable(name, "octets"))
    }

    /// Octets, none where the member is missing.
    pub(super) fn octets_or_none(self, name: &str) -> Result<Vec<u8>, Failed> {
        if self.is_there(name) { self.octets(name) } else { Ok(Vec::new()) }
    }

    pub(super) fn is_there(self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn array<const N: usize>(self, name: &str) -> Result<[u8; N], Failed> {
        self.octets(name)?.try_into().map_err(|_| unusable(name, &format!("{N} octets")))
    }

    pub(super) fn octet(self, name: &str) -> Result<u8, Failed> {
        self.array(name).map(|[octet]| octet)
    }

    pub(super) fn text(self, name: &str) -> Result<&'c str, Failed> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| unusable(name, "text"))
    }

    pub(super) fn number(self, name: &str) -> Result<u8, Failed> {
        let number = self.0.get(name).and_then(Value::as_u64);
        number.and_then(|number| number.try_into().ok()).ok_or_else(|| unusable(name, "a number"))
    }

    pub(super) fn list(self, name: &str) -> Result<Vec<Given<'c>>, Failed> {
        let list = self.0.get(name).and_then(Value::as_array).ok_or_else(|| unusable(name, "a list"))?;
        list.iter().map(|one| one.as_object().map(Given).ok_or_else(|| unusable(name, "a list of objects"))).collect()
    }

    pub(super) fn object(self, name: &str) -> Result<Given<'c>, Failed> {
        self.0.get(name).and_then(Value::as_object).map(Given).ok_or_else(|| unusable(name, "an object"))
    }

    pub(super) fn pan(self) -> Result<Pan, Failed> {
        Pan::from_digits(self.text("pan")?).map_err(|_| unusable("pan", "a PAN"))
    }

    pub(super) fn rid(self) -> Result<Rid, Failed> {
        self.array("rid").map(Rid::new)
    }

    pub(super) fn date(self, name: &str) -> Result<Date, Failed> {
        Date::from_yymmdd(&self.octets(name)?).map_err(|_| unusable(name, "a date YYMMDD"))
    }
}

pub(super) fn unusable(name: &str, what: &str) -> Failed {
    Failed::Unusable(format!("`{name}` is not {what}"))
}

/// A key whose octets live in the case.
pub(super) fn key<'m>(modulus: &'m [u8], exponent: &[u8]) -> Result<PublicKey<'m>, Failed> {
    Ok(PublicKey::new(modulus, Exponent::from_octets(exponent)?)?)
}

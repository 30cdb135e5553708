//! What a case gives: members by name, or why the case cannot be used.

use serde_json::{Map, Value};
use tapcard_crypto::derive::Psn;
use tapcard_crypto::keys::{AesKey, Sm4Key, TdesKey};
use tapcard_emv::pan::Pan;

use super::Failure;
use crate::cases::Case;
use crate::json;

/// The object `in` of a case, or another one of the same sort.
pub(in crate::kinds) struct Input<'c>(&'c Map<String, Value>);

type Got<T> = Result<T, Failure>;

impl<'c> Input<'c> {
    pub(in crate::kinds) fn of(case: &Case<'c>) -> Option<Self> {
        Self::member(case, "in")
    }

    pub(in crate::kinds) fn member(case: &Case<'c>, name: &str) -> Option<Self> {
        case.body.get(name)?.as_object().map(Self)
    }

    pub(in crate::kinds) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    pub(in crate::kinds) fn text(&self, name: &str) -> Got<&'c str> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| missing(name, "text"))
    }

    pub(in crate::kinds) fn octets(&self, name: &str) -> Got<Vec<u8>> {
        self.0.get(name).and_then(json::octets).ok_or_else(|| missing(name, "octets"))
    }

    pub(in crate::kinds) fn array<const N: usize>(&self, name: &str) -> Got<[u8; N]> {
        self.octets(name)?.try_into().map_err(|_| missing(name, &format!("{N} octets")))
    }

    pub(in crate::kinds) fn number(&self, name: &str) -> Got<u64> {
        self.0.get(name).and_then(Value::as_u64).ok_or_else(|| missing(name, "a number"))
    }

    pub(in crate::kinds) fn tdes(&self, name: &str) -> Got<TdesKey> {
        TdesKey::import(&self.octets(name)?).map_err(|error| Failure::Unusable(format!("`{name}`: {error}")))
    }

    pub(in crate::kinds) fn aes(&self, name: &str) -> Got<AesKey> {
        AesKey::import(&self.octets(name)?).map_err(|error| Failure::Unusable(format!("`{name}`: {error}")))
    }

    pub(in crate::kinds) fn sm4(&self, name: &str) -> Got<Sm4Key> {
        Sm4Key::import(&self.octets(name)?).map_err(|error| Failure::Unusable(format!("`{name}`: {error}")))
    }

    pub(in crate::kinds) fn pan(&self) -> Got<Pan> {
        Pan::from_digits(self.text("pan")?).map_err(|error| Failure::Unusable(format!("`pan`: {error}")))
    }

    /// `psn`, two digits; 00 where it is not there.
    pub(in crate::kinds) fn psn(&self) -> Got<Psn> {
        if !self.has("psn") {
            return Ok(Psn::default());
        }
        let [octet] = self.array("psn")?;
        Psn::from_bcd(octet).ok_or_else(|| missing("psn", "two digits"))
    }
}

fn missing(name: &str, what: &str) -> Failure {
    Failure::Unusable(format!("`{name}` is not {what}"))
}

//! The members of a case as types. A member that is not described is an error: it could change what the case means.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Octets written as hexadecimal text.
#[derive(Clone, Debug, Default)]
pub(super) struct Octets(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(&text).map(Self).map_err(|_| serde::de::Error::custom(format!("`{text}` is no octets")))
    }
}

impl Octets {
    /// The octets, if there are as many.
    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], String> {
        self.0.as_slice().try_into().map_err(|_| format!("{} octets instead of {N}", self.0.len()))
    }
}

#[derive(Debug)]
pub(super) struct TerminalCase {
    pub(super) card: CardSide,
    pub(super) terminal: TerminalSide,
    pub(super) transaction: TransactionSide,
    pub(super) host: HostSide,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardSide {
    /// For people, and to find the TVR in the data of GENERATE AC.
    pub(super) tags: HashMap<String, Octets>,
    pub(super) pse: Octets,
    pub(super) select: HashMap<String, Octets>,
    pub(super) gpo: Octets,
    pub(super) records: HashMap<String, Octets>,
    pub(super) get_data: HashMap<String, Octets>,
    pub(super) verify: Vec<Octets>,
    pub(super) script: Vec<Octets>,
    pub(super) generate_ac_1: HashMap<String, Octets>,
    pub(super) generate_ac_2: HashMap<String, Octets>,
    pub(super) external_authenticate: Option<Octets>,
    #[serde(default)]
    pub(super) internal_authenticate: Option<Octets>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TerminalSide {
    #[serde(rename = "type_9F35")]
    pub(super) kind: Octets,
    #[serde(rename = "capabilities_9F33")]
    pub(super) capabilities: Octets,
    #[serde(rename = "additional_capabilities_9F40")]
    pub(super) additional_capabilities: Octets,
    #[serde(rename = "country_9F1A")]
    pub(super) country: Octets,
    pub(super) cardholder_selection: bool,
    pub(super) capk: Vec<CaKeySide>,
    pub(super) applications: Vec<ApplicationSide>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaKeySide {
    pub(super) rid: Octets,
    pub(super) index: Octets,
    pub(super) modulus: Octets,
    pub(super) exponent: Octets,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationSide {
    pub(super) aid: Octets,
    pub(super) partial_selection: bool,
    #[serde(rename = "version_9F09")]
    pub(super) version: Octets,
    pub(super) floor_limit: u64,
    pub(super) tac_denial: Option<Octets>,
    pub(super) tac_online: Option<Octets>,
    pub(super) tac_default: Option<Octets>,
    pub(super) default_ddol: Option<Octets>,
    pub(super) default_tdol: Option<Octets>,
    pub(super) random_selection: Option<SelectionSide>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SelectionSide {
    pub(super) target: u8,
    pub(super) max_target: u8,
    pub(super) threshold: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransactionSide {
    #[serde(rename = "type_9C")]
    pub(super) kind: Octets,
    pub(super) amount: u64,
    pub(super) amount_other: u64,
    #[serde(rename = "currency_5F2A")]
    pub(super) currency: Octets,
    #[serde(rename = "date_9A")]
    pub(super) date: Octets,
    #[serde(rename = "time_9F21")]
    pub(super) time: Octets,
    #[serde(rename = "un_9F37")]
    pub(super) unpredictable_number: Octets,
    /// Digits, `bypass`, or none.
    pub(super) pin: Option<String>,
    pub(super) random_number: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostSide {
    pub(super) reachable: bool,
    pub(super) approved: bool,
    #[serde(rename = "arc_8A")]
    pub(super) arc: Octets,
    #[serde(rename = "issuer_authentication_data_91")]
    pub(super) issuer_data: Option<Octets>,
    pub(super) scripts: Vec<Octets>,
}

impl TerminalCase {
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self, String> {
        Ok(Self {
            card: member(body, "card")?,
            terminal: member(body, "terminal")?,
            transaction: member(body, "transaction")?,
            host: member(body, "host")?,
        })
    }
}

fn member<T: for<'de> Deserialize<'de>>(body: &Map<String, Value>, name: &str) -> Result<T, String> {
    let value = body.get(name).ok_or_else(|| format!("no `{name}`"))?;
    T::deserialize(value).map_err(|error| format!("`{name}`: {error}"))
}

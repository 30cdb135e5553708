//! `mac`: codes and keys of PBOC purses and of electronic cash, with the commands that carry them.
//!
//! Some members of `expect` are whole answers, and hold what no code depends on and no input gives: key index, key version,
//! algorithm, the balance before a purchase, script identifier, key set. These are taken over from the case at their places;
//! everything else of the answer is computed.

mod cash;
mod purse;

use serde_json::{Map, Value};

use super::crypto::Failure;
use super::crypto::input::Input;
use crate::cases::Case;
use crate::json;
use crate::outcome::{Comparison, Outcome};

/// What an operation gives, by the names that `expect` has.
type Found = Result<Map<String, Value>, Failure>;

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let op = case.op.unwrap_or_default();
    let (Some(input), Some(expect)) = (Input::of(case), Input::member(case, "expect")) else {
        return Outcome::unusable("`in` or `expect` is no object");
    };
    let found = match op {
        "ep_load" => purse::load(&input, &expect),
        "ep_purchase" => purse::purchase(&input, &expect),
        "ep_card_key" => purse::card_key(&input),
        "file_update_mac" => purse::file_update(&input),
        "ec_card_keys" => cash::card_keys(&input, &expect),
        "ec_session_keys" => cash::session_keys(&input, &expect),
        "ec_ac" => cash::cryptogram(&input),
        "ec_arpc" => cash::answer(&input),
        "ec_iad_mac" => cash::balance_code(&input, &expect),
        "ec_script_mac" => cash::load(&input, &expect),
        _ => return Outcome::unsupported(format!("kind mac, op {op}"), None),
    };
    match found {
        Ok(found) => compared(case, &found),
        Err(Failure::Unusable(what)) => Outcome::unusable(&what),
        Err(Failure::Refused(name)) => Outcome::unusable(name),
    }
}

/// Every member of `expect` is compared.
fn compared(case: &Case<'_>, found: &Map<String, Value>) -> Outcome {
    let Some(expected) = case.body.get("expect").and_then(Value::as_object).filter(|members| !members.is_empty())
    else {
        return Outcome::unusable("`expect` is empty");
    };
    let mut comparison = Comparison::default();
    for (name, expected) in expected {
        let found = found.get(name).cloned().unwrap_or(Value::Null);
        if json::same(expected, &found) {
            comparison.equal();
        } else {
            comparison.differs(name, expected.clone(), found);
        }
    }
    comparison.finish()
}

/// Members of octets.
fn members<const N: usize>(list: [(&str, Vec<u8>); N]) -> Map<String, Value> {
    list.into_iter().map(|(name, octets)| (name.to_owned(), json::hex(&octets))).collect()
}

/// So many octets of a member of `expect` from a place on; zeros where it has none.
fn taken_over<const N: usize>(expect: &Input<'_>, name: &str, at: usize) -> [u8; N] {
    let octets = expect.octets(name).unwrap_or_default();
    octets.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
}

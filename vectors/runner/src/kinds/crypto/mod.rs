//! `crypto`: one computation with keys or signatures, by `op`; one file for each group of operations.

mod codes;
pub(super) mod input;
mod keys;
pub(super) mod schemes;

use serde_json::{Map, Value, json};

use self::input::Input;
use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

/// What an operation gives: members as the case has them (`out`, ...), or why it gives nothing.
pub(super) type Found = Result<Map<String, Value>, Failure>;

/// Why there is no result.
pub(super) enum Failure {
    /// The case itself cannot be used.
    Unusable(String),
    /// The operation refused its input, by the format's name for the error.
    Refused(&'static str),
}

/// An operation group: `None` when the operation is none of its own.
type Group = fn(&str, &Input<'_>) -> Option<Found>;

/// Every group, one file each.
const GROUPS: [Group; 3] = [
    keys::run, // one line each
    schemes::run,
    codes::run,
];

/// Members of a case that its result is compared with.
const RESULT: [&str; 5] = ["expect", "error", "out", "decimal", "iv_cvc3"];

pub(super) fn run(case: &Case<'_>) -> Outcome {
    let op = case.op.unwrap_or_default();
    let Some(input) = Input::of(case) else { return Outcome::unusable("`in` is no object") };
    let Some(found) = GROUPS.iter().find_map(|group| group(op, &input)) else {
        return Outcome::unsupported(format!("kind crypto, op {op}"), Some(3));
    };
    let expected: Map<String, Value> =
        RESULT.into_iter().filter_map(|name| Some((name.to_owned(), json::normal(case.body.get(name)?)))).collect();
    if !["out", "error"].iter().any(|name| expected.contains_key(*name)) {
        return Outcome::unusable("neither `out` nor `error`");
    }
    let found = match found {
        Ok(found) => ("ok", found),
        Err(Failure::Refused(name)) => ("error", Map::from_iter([("error".to_owned(), json!(name))])),
        Err(Failure::Unusable(what)) => return Outcome::unusable(&what),
    };
    Outcome::whole(Value::Object(expected.clone()), verdict(&expected, found))
}

/// What was found, with the verdict where the case has one and without what it does not name.
fn verdict(expected: &Map<String, Value>, (verdict, mut found): (&str, Map<String, Value>)) -> Value {
    found.retain(|name, _| name == "error" || name == "out" || expected.contains_key(name));
    if expected.contains_key("expect") {
        found.insert("expect".to_owned(), json!(verdict));
    }
    Value::Object(found)
}

/// A result of octets.
pub(super) fn out(octets: &[u8]) -> Found {
    Ok(Map::from_iter([("out".to_owned(), json::hex(octets))]))
}

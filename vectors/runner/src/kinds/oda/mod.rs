//! Offline data authentication: the `oda_*` and `offline_pin_*` operations of kind `crypto`, and kind `oda`.

mod given;
mod issuing;
mod ops;
mod private;
mod published;

use serde_json::{Map, Value};

use self::given::{Failed, Given};
use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

pub(super) use private::run as run_test_ca;
pub(super) use published::run;

/// Whether an operation of kind `crypto` is one of these.
pub(super) fn has(op: &str) -> bool {
    op.starts_with("oda_") || op.starts_with("offline_pin_")
}

/// One operation: `out`, `expect` and `error` are compared as a whole.
pub(super) fn run_op(case: &Case<'_>, op: &str) -> Outcome {
    let Some(given) = case.body.get("in").and_then(Value::as_object) else {
        return Outcome::unusable("`in` is no object");
    };
    let expected: Map<String, Value> = ["expect", "out", "error"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json::normal(case.body.get(name)?))))
        .collect();
    let found = match ops::run(op, &Given(given)) {
        Ok(out) => [("expect", "ok".into()), ("out", json::hex(&out))].to_vec(),
        Err(Failed::Rule(error)) => [("expect", "error".into()), ("out", "".into()), ("error", error.into())].to_vec(),
        Err(Failed::Unusable(what)) => return Outcome::unusable(&what),
        Err(Failed::Unknown) => return Outcome::unsupported(format!("kind crypto, op {op}"), Some(3)),
    };
    let found: Map<String, Value> = found.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Outcome::whole(Value::Object(expected), Value::Object(found))
}

//! `transcript`: recorded sessions, run once in each of their modes.
//!
//! `decode` and `reader` both end in [`Evidence`]: what the session gave, in the words of this implementation. `members` is
//! the table of what is compared with it.

mod apps;
mod counters;
mod decode;
mod evidence;
mod identity;
mod judge;
mod members;
mod phase;
pub(super) mod purses;
mod reader;
mod recovered;
mod terminal;

use serde_json::{Map, Value};
use tapcard_transport::Transcript;

use self::evidence::Evidence;
use self::judge::Judge;
use crate::cases::Case;
use crate::outcome::Outcome;
use crate::summary::Mode;

pub(super) fn run(case: &Case<'_>) -> Vec<(Option<Mode>, Outcome)> {
    let Some(modes) = modes(case) else { return vec![(None, Outcome::unusable("`modes` is no list of names"))] };
    modes
        .into_iter()
        .map(|mode| {
            let outcome = run_in(case, &mode);
            (Some(mode), outcome)
        })
        .collect()
}

/// The modes of the case, each once. A case without any could not be run at all.
fn modes(case: &Case<'_>) -> Option<Vec<Mode>> {
    let mut modes = Vec::new();
    for name in case.body.get("modes")?.as_array()? {
        let mode = match name.as_str()? {
            "decode" => Mode::Decode,
            "reader" => Mode::Reader,
            "phase" => Mode::Phase,
            other => Mode::Other(other.into()),
        };
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    (!modes.is_empty()).then_some(modes)
}

fn run_in(case: &Case<'_>, mode: &Mode) -> Outcome {
    let evidence: fn(&Transcript) -> Result<Evidence, String> = match mode {
        Mode::Decode => decode::evidence,
        Mode::Reader => reader::evidence,
        Mode::Phase => return phase::run(case.body),
        Mode::Other(name) => return Outcome::unsupported(format!("mode {name}"), None),
    };
    let Some(expect) = case.body.get("expect").and_then(Value::as_object) else {
        return Outcome::unusable("`expect` is no object");
    };
    match transcript(case).and_then(|transcript| evidence(&transcript)) {
        Ok(evidence) => compare(expect, &evidence),
        Err(what) => Outcome::unusable(&what),
    }
}

/// The recording itself, read as a replayed file would be.
fn transcript(case: &Case<'_>) -> Result<Transcript, String> {
    Transcript::pick(&Value::Object(case.body.clone()).to_string(), None)
}

fn compare(expect: &Map<String, Value>, evidence: &Evidence) -> Outcome {
    let mut judge = Judge::new(evidence);
    for (member, expected) in expect {
        members::check(&mut judge, member, expected);
    }
    judge.finish()
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcomes;
    use crate::summary::{LeftOut, Mode, Status};
    use serde_json::{Value, json};

    fn case(modes: &Value, expect: &Value) -> Value {
        json!({
            "kind": "transcript", "modes": modes, "given": {"selected": "pboc"},
            "exchanges": [{"c": "80CA9F7900", "r": "9F79060000000037809000"}], "expect": expect,
        })
    }

    #[test]
    fn each_mode_is_a_run_and_a_mode_that_is_missing_is_unsupported() {
        let runs = outcomes(&case(&json!(["decode", "reader", "dance"]), &json!({"balance_fen": 3780})));
        let verdicts: Vec<_> = runs.iter().map(|(mode, outcome)| (mode.clone(), outcome.status())).collect();
        let expected = [
            (Some(Mode::Decode), Status::Passed),
            (Some(Mode::Reader), Status::Failed),
            (Some(Mode::Other("dance".into())), Status::Unsupported),
        ];
        assert_eq!(verdicts, expected);
    }

    #[test]
    fn a_member_that_differs_is_shown_beside_what_was_found() {
        let runs = outcomes(&case(&json!(["decode"]), &json!({"balance_fen": 1, "9F79": "000000003780"})));
        let (_, outcome) = runs.first().unwrap();
        assert_eq!(outcome.status(), Status::Failed);
        assert_eq!(outcome.expected, Some(json!({"balance_fen": 1})));
        assert_eq!(outcome.found, Some(json!({"balance_fen": [3780]})));
        assert_eq!(outcome.compared, 2);
    }

    #[test]
    fn an_unknown_member_makes_the_run_unsupported_without_a_stage() {
        let runs = outcomes(&case(&json!(["decode"]), &json!({"balance_fen": 3780, "shoe_size": 43})));
        let (_, outcome) = runs.first().unwrap();
        assert_eq!(outcome.status(), Status::Unsupported);
        assert_eq!(outcome.left_out, [LeftOut { what: "shoe_size".into(), stage: None }]);
    }

    #[test]
    fn a_broken_recording_fails_and_says_where() {
        let mut case = case(&json!(["decode"]), &json!({}));
        if let Some(slot) = case.pointer_mut("/exchanges/0/r") {
            *slot = json!("90");
        }
        let runs = outcomes(&case);
        let (_, outcome) = runs.first().unwrap();
        assert_eq!(outcome.found, Some(json!("unusable case: exchanges[0].r: 1 bytes; 2 to 65538 are possible")));
    }
}

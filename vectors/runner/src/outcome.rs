//! What one run of one case came to, before it has a name and a place in the summary.

use serde_json::{Map, Value};

use crate::summary::{LeftOut, Status};

/// The result of one run.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) expected: Option<Value>,
    pub(crate) found: Option<Value>,
    pub(crate) compared: usize,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Outcome {
    /// A run that compares one thing as a whole.
    pub(crate) fn whole(expected: Value, found: Value) -> Self {
        let mut comparison = Comparison::default();
        if expected == found {
            comparison.equal();
        } else {
            return Self { expected: Some(expected), found: Some(found), compared: 1, left_out: Vec::new() };
        }
        comparison.finish()
    }

    /// A run that this build cannot make.
    pub(crate) fn unsupported(what: String, stage: Option<u8>) -> Self {
        Self { expected: None, found: None, compared: 0, left_out: vec![LeftOut { what, stage }] }
    }

    /// A case whose own members cannot be used: it fails, and says why.
    pub(crate) fn unusable(what: &str) -> Self {
        let found = Value::String(format!("unusable case: {what}"));
        Self { expected: Some(Value::Null), found: Some(found), compared: 0, left_out: Vec::new() }
    }

    /// Failed as soon as one thing differs; unsupported when nothing differs but something was left out.
    pub(crate) fn status(&self) -> Status {
        match (&self.found, self.left_out.is_empty()) {
            (Some(_), _) => Status::Failed,
            (None, true) => Status::Passed,
            (None, false) => Status::Unsupported,
        }
    }
}

/// Gathers the members of one case.
#[derive(Default)]
pub(crate) struct Comparison {
    expected: Map<String, Value>,
    found: Map<String, Value>,
    compared: usize,
    left_out: Vec<LeftOut>,
}

impl Comparison {
    /// One member is equal.
    pub(crate) fn equal(&mut self) {
        self.compared += 1;
    }

    /// One member differs.
    pub(crate) fn differs(&mut self, member: &str, expected: Value, found: Value) {
        self.compared += 1;
        self.expected.insert(member.into(), expected);
        self.found.insert(member.into(), found);
    }

    /// One member is not compared by this build.
    pub(crate) fn leave_out(&mut self, member: &str, stage: Option<u8>) {
        self.left_out.push(LeftOut { what: member.into(), stage });
    }

    pub(crate) fn finish(self) -> Outcome {
        let differs = !self.expected.is_empty();
        Outcome {
            expected: differs.then_some(Value::Object(self.expected)),
            found: differs.then_some(Value::Object(self.found)),
            compared: self.compared,
            left_out: self.left_out,
        }
    }
}

//! Compares one member after the other and keeps count.

use serde_json::Value;

use super::evidence::Evidence;
use crate::json;
use crate::outcome::{Comparison, Outcome};

/// The comparison of one run.
pub(super) struct Judge<'e> {
    pub(super) evidence: &'e Evidence,
    comparison: Comparison,
}

impl<'e> Judge<'e> {
    pub(super) fn new(evidence: &'e Evidence) -> Self {
        Self { evidence, comparison: Comparison::default() }
    }

    /// Equal when one of the occurrences is; otherwise all of them are shown.
    pub(super) fn one_of(&mut self, member: &str, expected: &Value, found: impl IntoIterator<Item = Value>) {
        self.one_by(member, expected, found, json::same);
    }

    /// [`Judge::one_of`] with another sense of equality: `equal(expected, found)`.
    pub(super) fn one_by(
        &mut self,
        member: &str,
        expected: &Value,
        found: impl IntoIterator<Item = Value>,
        equal: impl Fn(&Value, &Value) -> bool,
    ) {
        let mut different: Vec<Value> = Vec::new();
        for value in found {
            if equal(expected, &value) {
                return self.comparison.equal();
            }
            if !different.contains(&value) {
                different.push(value);
            }
        }
        self.comparison.differs(member, expected.clone(), Value::Array(different));
    }

    /// Equal when the one value is.
    pub(super) fn is(&mut self, member: &str, expected: &Value, found: Value) {
        if json::same(expected, &found) {
            self.comparison.equal();
        } else {
            self.comparison.differs(member, expected.clone(), found);
        }
    }

    /// Nobody knows this member.
    pub(super) fn unknown(&mut self, member: &str) {
        self.comparison.leave_out(member, None);
    }

    pub(super) fn finish(self) -> Outcome {
        self.comparison.finish()
    }
}

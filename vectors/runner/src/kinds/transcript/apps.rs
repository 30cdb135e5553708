//! Members that list applications.

use serde_json::{Map, Value, json};
use tapcard_emv::tag;
use tapcard_report::Application;
use tapcard_report::text::decode_text;

use super::evidence::{Entry, Evidence};
use super::judge::Judge;
use crate::json;

/// The DF name of an application that was selected, or under which it was asked for.
pub(super) fn aid(judge: &mut Judge<'_>, expected: &Value) {
    let names = judge.evidence.applications().iter().flat_map(names);
    judge.one_of("aid", expected, names);
}

fn names(application: &Application) -> impl Iterator<Item = Value> {
    [application.aid, application.directory_aid].into_iter().flatten().map(|aid| json::hex(aid.as_bytes()))
}

/// 50 or 9F12 of any application.
pub(super) fn label(judge: &mut Judge<'_>, expected: &Value) {
    let labels = judge.evidence.applications().iter().flat_map(labels);
    judge.one_of("label", expected, labels);
}

fn labels(application: &Application) -> impl Iterator<Item = Value> {
    [&application.label, &application.preferred_name].into_iter().flatten().map(|label| json!(label))
}

/// `aids`: names in the card's order, or whole entries.
pub(super) fn aids(judge: &mut Judge<'_>, expected: &Value) {
    let whole = expected.as_array().is_some_and(|list| list.iter().any(Value::is_object));
    let found = judge.evidence.directory.iter();
    let found = if whole { found.map(entry).collect() } else { found.map(|entry| json::hex(&entry.aid)).collect() };
    judge.is("aids", expected, Value::Array(found));
}

fn entry(entry: &Entry) -> Value {
    json!({
        "4F": json::hex(&entry.aid),
        "50": entry.label.as_deref().map(|label| decode_text(label, None)),
        "87": entry.priority.map(|priority| json::hex(&[priority])),
    })
}

/// `state`: nothing but `LOCKED` is defined.
pub(super) fn state(judge: &mut Judge<'_>, expected: &Value) {
    let found = if judge.evidence.locked { "LOCKED" } else { "NOT LOCKED" };
    judge.is("state", expected, json!(found));
}

/// `gpo_template`.
pub(super) fn options_template(judge: &mut Judge<'_>, expected: &Value) {
    let found = judge.evidence.options_template.map_or(Value::Null, |template| json::hex(&[template]));
    judge.is("gpo_template", expected, found);
}

/// `apps`: the same applications in the same order, and each entry compared with the application of that name.
pub(super) fn apps(judge: &mut Judge<'_>, expected: &Value) {
    let Some(entries) = expected.as_array() else { return judge.unknown("apps") };
    let (read, not_read): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.get("read") != Some(&json!(false)));
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| read.contains(entry)) {
        match entry.as_object() {
            Some(members) => one_app(judge, &format!("apps[{index}]"), members),
            None => judge.unknown(&format!("apps[{index}]")),
        }
    }
    let listed =
        |entries: &[&Value]| -> Vec<Value> { entries.iter().filter_map(|entry| entry.get("aid").cloned()).collect() };
    let mut found = session_names(judge.evidence.applications(), &listed(&read));
    let not_read = listed(&not_read);
    found.retain(|name| !not_read.iter().any(|other| json::same(name, other)));
    judge.is("apps", &Value::Array(listed(&read)), Value::Array(found));
}

/// Each application of the session once, under the name that the case knows it by.
fn session_names(applications: &[Application], known: &[Value]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for application in applications {
        let as_known = known.iter().find(|known| names(application).any(|name| json::same(known, &name))).cloned();
        if let Some(name) = as_known.or_else(|| names(application).next())
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

fn one_app(judge: &mut Judge<'_>, at: &str, members: &Map<String, Value>) {
    let wanted = members.get("aid").unwrap_or(&Value::Null);
    let evidence = judge.evidence;
    let same_name = |application: &&Application| names(application).any(|name| json::same(wanted, &name));
    // Read twice, an application has told most the time it told anything.
    let found = evidence.applications().iter().filter(same_name).max_by_key(|application| application.objects.len());
    let Some(application) = found else {
        let names = evidence.applications().iter().flat_map(names).collect();
        return judge.is(&format!("{at}.aid"), wanted, Value::Array(names));
    };
    for (name, expected) in members {
        member(judge, application, &format!("{at}.{name}"), name, expected);
    }
}

fn member(judge: &mut Judge<'_>, application: &Application, at: &str, name: &str, expected: &Value) {
    match name {
        "aid" => judge.one_of(at, expected, names(application)),
        "label" => judge.one_of(at, expected, labels(application)),
        "priority" => judge.is(at, expected, json!(priority(judge.evidence, application))),
        "pin_try_counter" => judge.is(at, expected, json!(application.pin_tries_left)),
        "atc" => judge.is(at, expected, json!(application.atc)),
        "log_count" => judge.is(at, expected, json!(application.transactions.len())),
        "read" => {}
        _ => judge.unknown(at),
    }
}

/// 87 of the application, else of its directory entry.
fn priority(evidence: &Evidence, application: &Application) -> Option<u8> {
    let of_entry = |entry: &Entry| names(application).any(|name| name == json::hex(&entry.aid));
    let listed = || evidence.directory.iter().find(|entry| of_entry(entry)).and_then(|entry| entry.priority);
    application.priority.or_else(listed).map(|priority| priority & 0x0F)
}

/// The card's list as a reader's report has it: the applications in the order in which they were tried.
pub(super) fn listed(application: &Application) -> Option<Entry> {
    let priorities = application.objects.iter().find(|object| object.tag == tag::APPLICATION_PRIORITY);
    Some(Entry {
        aid: application.directory_aid.or(application.aid)?.as_bytes().to_vec(),
        label: application.label.as_ref().map(|label| label.as_bytes().to_vec()),
        priority: priorities.and_then(|object| object.value.first().copied()).or(application.priority),
    })
}

//! Mode `reader`: the recording answers as a card, and the reading flow of this implementation reads it in full.

use tapcard_report::{ApplicationState, CardReport, ReadOptions, read};
use tapcard_terminal::Place;
use tapcard_transport::{Replay, Transcript};

use super::apps;
use super::evidence::Evidence;
use tapcard_emv::tag;

/// The report of one reading.
pub(super) fn evidence(transcript: &Transcript) -> Result<Evidence, String> {
    let mut card = Replay::new(transcript.clone(), "replay".into());
    let options = ReadOptions { full: true, ..ReadOptions::default() };
    let report = read(&mut card, &options).map_err(|error| format!("the reading ended: {error}"))?;
    Ok(Evidence {
        directory: report.applications.iter().filter_map(apps::listed).collect(),
        options_template: options_template(&report),
        locked: locked(&report),
        report,
        terminal: None,
    })
}

/// The report keeps objects, not templates: format 1 cannot hold more than AIP and AFL.
fn options_template(report: &CardReport) -> Option<u8> {
    let objects = report.applications.iter().flat_map(|application| &application.objects);
    let mut told = objects.filter(|object| object.from == Place::Options).peekable();
    told.peek()?;
    let format_2 = told.any(|object| !matches!(object.tag, tag::AIP | tag::AFL));
    Some(if format_2 { 0x77 } else { 0x80 })
}

fn locked(report: &CardReport) -> bool {
    let blocked = |state| matches!(state, ApplicationState::Blocked);
    !report.applications.is_empty() && report.applications.iter().all(|application| blocked(application.state))
}

//! `transcript`: every answer's status word, then the members that can be found without a reader. A value that occurs
//! several times matches when one occurrence does.

use tapcard_emv::pboc::LogEntry;
use tapcard_emv::{Dol, tag};
use tapcard_iso7816::{Command, Ins, Response, Sfi, Tag};

use super::object::{has_form, values};
use super::{Differs, status};
use crate::case::{Form, Transcript, Want};

pub(crate) fn check(case: &Transcript) -> Result<(), Differs> {
    for (_, answer, sw) in case.exchanges {
        let response = Response::parse(answer).map_err(|_| "an answer is too short")?;
        if response.sw.get() != *sw || !status::means_what_the_tables_say(response.sw) {
            return Err("a status word differs");
        }
    }
    case.members.iter().find(|member| !holds(case, &member.want)).map_or(Ok(()), |member| Err(member.name))
}

fn holds(case: &Transcript, want: &Want) -> bool {
    match want {
        Want::Value { tag, form: Form::Absent } => all_values(case, Tag::new(*tag)).next().is_none(),
        Want::Value { tag, form } => all_values(case, Tag::new(*tag)).any(|value| has_form(*tag, Some(value), form)),
        Want::LastStatus(sw) => responses(case).last().is_some_and(|(_, response)| response.sw.get() == *sw),
        Want::ExternalAuthenticate(sw) => responses(case).any(|(command, response)| {
            command.is_some_and(|command| command.ins() == Ins::ExternalAuthenticate) && response.sw.get() == *sw
        }),
        Want::FirstLogRecord(fields) => has_log_record(case, fields),
        // Of a template, not of a session.
        Want::Commands(_) | Want::PutData { .. } => false,
    }
}

/// Every exchange whose answer can be split; the command where it is known.
fn responses(case: &Transcript) -> impl Iterator<Item = (Option<Command<'static>>, Response<'static>)> {
    case.exchanges
        .iter()
        .filter_map(|(command, answer, _)| Some((Command::parse(command).ok(), Response::parse(answer).ok()?)))
}

fn all_values(case: &Transcript, tag: Tag) -> impl Iterator<Item = &'static [u8]> {
    responses(case).flat_map(move |(_, response)| values(response.data, tag))
}

/// Whether record 1 of a log of the session, laid out by a format of the session, has these fields.
fn has_log_record(case: &Transcript, fields: &[(u32, Form)]) -> bool {
    let entries = || all_values(case, tag::LOG_ENTRY).filter_map(|value| LogEntry::parse(value).ok());
    let mut records = entries().filter_map(|entry| record(case, entry.sfi, 1));
    records.any(|record| all_values(case, tag::LOG_FORMAT).any(|format| has_fields(Dol::new(format), record, fields)))
}

fn record(case: &Transcript, sfi: Sfi, number: u8) -> Option<&'static [u8]> {
    let wanted = Command::read_record(sfi, number);
    let same =
        |command: Command<'_>| (command.ins(), command.p1(), command.p2()) == (wanted.ins(), wanted.p1(), wanted.p2());
    responses(case).find(|(command, _)| command.is_some_and(same)).map(|(_, response)| response.data)
}

fn has_fields(format: Dol<'_>, record: &[u8], fields: &[(u32, Form)]) -> bool {
    fields.iter().all(|(tag, form)| {
        let mut values = format.decode(record).map_while(Result::ok);
        has_form(*tag, values.find(|(entry, _)| entry.tag.get() == *tag).map(|(_, value)| value), form)
    })
}

//! `tlv-values`: decoded values of the objects in one template. The first object of a tag is the one that is meant.

use tapcard_iso7816::Walk;

use super::Differs;
use super::object::{commands, first, has_form, is_put_data};
use crate::case::{Case, Member, Want};

pub(crate) fn check(case: &Case<&'static [Member]>) -> Result<(), Differs> {
    if Walk::new(case.octets).any(|item| item.is_err()) {
        return Err("no TLV");
    }
    let holds = |member: &&Member| match &member.want {
        Want::Value { tag, form } => has_form(*tag, first(case.octets, *tag), form),
        Want::Commands(expected) => commands(case.octets).eq(expected.iter().copied()),
        Want::PutData { index, tag, fen, mac } => {
            commands(case.octets).nth(*index).is_some_and(|command| is_put_data(command, *tag, *fen, mac))
        }
        // Of a session, not of a template.
        Want::LastStatus(_) | Want::ExternalAuthenticate(_) | Want::FirstLogRecord(_) => false,
    };
    case.expected.iter().find(|member| !holds(member)).map_or(Ok(()), |member| Err(member.name))
}

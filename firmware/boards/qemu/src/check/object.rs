//! One value against its expectation: what PBOC and EMV put into data objects, read by `tapcard-emv`.

use tapcard_emv::pboc::{Iad, LogEntry};
use tapcard_emv::{Amount, Date, Dol, Format, Scheme, Time, lookup_for, tag};
use tapcard_iso7816::{Command, Tag, Tlvs, Walk};

use super::dol::has_entries;
use crate::case::{Form, IadField, Member, Want};

/// All values of a tag, depth first. Octets behind a broken object are not searched.
pub(crate) fn values(octets: &[u8], tag: Tag) -> impl Iterator<Item = &[u8]> {
    let objects = Walk::new(octets).map_while(Result::ok);
    objects.filter(move |(_, object)| object.tag == tag).map(|(_, object)| object.value)
}

pub(crate) fn first(octets: &[u8], tag: u32) -> Option<&[u8]> {
    values(octets, Tag::new(tag)).next()
}

/// Issuer script commands.
pub(crate) fn commands(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    values(octets, tag::ISSUER_SCRIPT_COMMAND)
}

/// PUT DATA with secure messaging: the tag in P1-P2, an amount, and four octets of MAC (JR/T 0025.5).
pub(crate) fn is_put_data(command: &[u8], tag: u32, fen: u64, mac: &[u8; 4]) -> bool {
    let Ok(command) = Command::parse(command) else { return false };
    let Some((value, found)) = command.data().split_last_chunk() else { return false };
    let object = u32::from(u16::from_be_bytes([command.p1(), command.p2()]));
    (object, found) == (tag, mac) && is_amount(tag, value, fen)
}

/// Whether the value of `tag` is there and reads as expected.
pub(crate) fn has_form(tag: u32, value: Option<&[u8]>, form: &Form) -> bool {
    let Some(value) = value else { return matches!(form, Form::Absent) };
    match form {
        Form::Absent => false,
        Form::Octets(octets) => value == *octets,
        Form::Text(octets) => value.trim_ascii_end() == *octets,
        Form::Number(number) => is_amount(tag, value, *number),
        Form::Date([year, month, day]) => Date::from_yymmdd(value).is_ok_and(|date| {
            (date.year(), date.month().into(), date.day().map(u16::from)) == (*year, *month, Some(*day))
        }),
        Form::Time(numbers) => Time::from_hhmmss(value)
            .is_ok_and(|time| [time.hour(), time.minute(), time.second()].map(u16::from) == *numbers),
        Form::List(entries) => has_entries(&Dol::new(value), entries),
        Form::ListOctets(octets) => Dol::new(value).total_length() == Ok(*octets),
        Form::LogEntry { sfi, records } => {
            LogEntry::parse(value).is_ok_and(|entry| (entry.sfi.get(), entry.records) == (*sfi, *records))
        }
        Form::Template(members) => members.iter().all(|member| has_child(value, member)),
        Form::Iad(fields) => Iad::parse(value).is_ok_and(|iad| fields.iter().all(|field| has_field(&iad, field))),
    }
}

/// n or b, as the dictionary says of a PBOC card's object.
fn is_amount(tag: u32, value: &[u8], fen: u64) -> bool {
    let amount = match lookup_for(Tag::new(tag), Scheme::UnionPay).map(|object| object.format) {
        Some(Format::N) => Amount::from_bcd(value).ok(),
        Some(_) => Amount::from_binary(value).ok(),
        None => None,
    };
    amount.map(Amount::minor) == Some(fen)
}

/// Direct children only, the first of each tag.
fn has_child(template: &[u8], member: &Member) -> bool {
    let Want::Value { tag, form } = &member.want else { return false };
    let mut children = Tlvs::new(template).map_while(Result::ok);
    has_form(*tag, children.find(|child| child.tag.get() == *tag).map(|child| child.value), form)
}

fn has_field(iad: &Iad<'_>, field: &IadField) -> bool {
    match *field {
        IadField::Dki(dki) => iad.dki == dki,
        IadField::Cvn(cvn) => iad.cvn == cvn,
        IadField::Cvr(octets) => iad.cvr.octets() == octets,
        IadField::FirstAc(ac) => iad.cvr.first_ac() == ac,
        IadField::SecondAc(ac) => iad.cvr.second_ac() == ac,
        IadField::AlgorithmId(id) => iad.algorithm_id == id,
        IadField::IddLength(length) => iad.idd.is_some_and(|idd| 1 + idd.data.len() == length),
        IadField::IddId(id) => iad.idd.is_some_and(|idd| idd.id == id),
        IadField::Balance(fen) => iad.idd.and_then(|idd| idd.ec_balance()).map(Amount::minor) == fen,
        IadField::Mac(mac) => iad.idd.and_then(|idd| idd.mac4()) == mac,
    }
}

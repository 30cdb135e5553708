//! Lists: AFL (`94`), data object lists and tag lists.

use tapcard_emv::{Afl, Dol, Tag};
use tapcard_iso7816::TlvErrorKind;

use crate::field::Field;
use crate::limits::MAX_NODES;
use crate::node::{Node, Remainder};
use crate::setting::Setting;
use crate::value::Said;
use crate::words::count;

/// `94`: the records to read.
pub(crate) fn afl(field: Field<'_>) -> Result<Said, String> {
    let afl = Afl::parse(field.octets).map_err(|error| error.to_string())?;
    let entry = |(index, entry): (usize, tapcard_emv::AflEntry)| {
        let (first, last) = (entry.first, entry.last);
        let records = if first == last { format!("record {first}") } else { format!("records {first} to {last}") };
        let oda = match entry.oda_records {
            0 => "none authenticated offline".to_owned(),
            1 => format!("record {first} authenticated offline"),
            count if count == last - first + 1 => "all authenticated offline".to_owned(),
            count => format!("the first {count} authenticated offline"),
        };
        field.sub(4 * index, 4).node(format!("SFI {}", entry.sfi)).value(format!("{records}, {oda}"))
    };
    let mut parts: Vec<_> = afl.iter().enumerate().map(entry).collect();
    parts.push(total(field, count(afl.record_count(), "record")));
    Ok(Said { parts, ..Said::default() })
}

/// A node about the whole field that repeats none of its octets.
pub(crate) fn total(field: Field<'_>, text: String) -> Node {
    Node {
        name: Some("total".to_owned()),
        offset: field.offset,
        length: field.len(),
        value: Some(text),
        ..Node::default()
    }
}

/// A data object list: entries as objects without values, and what is broken.
pub(crate) fn dol(field: Field<'_>, setting: &Setting) -> (Vec<Node>, Option<Remainder>) {
    let mut nodes = Vec::new();
    let list = Dol::new(field.octets);
    let mut wanted = 0;
    for entry in list.iter() {
        let entry = match entry {
            Ok(entry) if nodes.len() < MAX_NODES => entry,
            Ok(entry) => return (nodes, Some(field.from(entry.offset).broken(&too_many()))),
            Err(error) => {
                // The whole entry is left, though it may be its length that is missing.
                let start = nodes.last().map_or(0, |last: &Node| last.offset + last.length - field.offset);
                return (nodes, Some(field.from(start).broken(&error)));
            }
        };
        wanted += entry.length;
        let octets = entry.tag.octet_count() + 1;
        let name = setting.lookup(entry.tag, entry.length).map(|object| object.name.to_owned());
        let node = field.sub(entry.offset, octets).node("");
        nodes.push(Node { tag: Some(entry.tag), name, ..node.value(count(entry.length, "byte")) });
    }
    nodes.push(total(field, count(wanted, "byte")));
    (nodes, None)
}

/// Why the rest is not looked at.
pub(crate) fn too_many() -> String {
    format!("more than {MAX_NODES} parts are not explained")
}

/// A list of tags: lines that name them.
pub(crate) fn tag_list(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let mut means = Vec::new();
    let mut rest = field;
    while rest.len() > 0 {
        let (tag, octets) = Tag::parse(rest.octets).map_err(|kind: TlvErrorKind| kind.to_string())?;
        let name = setting.lookup(tag, 0).map_or("unknown", |object| object.name);
        means.push(format!("{tag} {name}"));
        rest = rest.from(octets);
    }
    Ok(Said { means, ..Said::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn with<R>(value: &str, look: impl FnOnce(Field<'_>) -> R) -> R {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        look(shown.field(&octets))
    }

    #[test]
    fn an_afl_says_which_records_to_read() {
        let said = with("08010301100104041801010118020200", |field| afl(field).unwrap());
        let values: Vec<_> = said.parts.iter().map(|part| part.value.as_deref().unwrap()).collect();
        assert_eq!(
            values,
            [
                "records 1 to 3, record 1 authenticated offline",
                "records 1 to 4, all authenticated offline",
                "record 1, record 1 authenticated offline",
                "record 2, none authenticated offline",
                "9 records",
            ]
        );
        assert!(with("080103", afl).is_err());
    }

    #[test]
    fn a_list_names_what_it_asks_for_as_far_as_it_is_whole() {
        let setting = Setting::default();
        let (nodes, remainder) = with("9F02069F37049F", |field| dol(field, &setting));
        assert_eq!((nodes.len(), nodes[1].offset, nodes[1].hex.as_str()), (2, 3, "9F3704"));
        assert_eq!(nodes[0].name.as_deref(), Some("Amount, Authorised (Numeric)"));
        let remainder = remainder.unwrap();
        assert_eq!((remainder.offset, remainder.hex.as_str()), (6, "9F"));
        let (nodes, remainder) = with("9C019F37", |field| dol(field, &setting));
        assert_eq!((nodes[0].value.as_deref(), remainder.unwrap().hex.as_str()), (Some("1 byte"), "9F37"));
        let (nodes, remainder) = with("9C019F3704", |field| dol(field, &setting));
        assert_eq!((nodes[2].value.as_deref(), remainder), (Some("5 bytes"), None));
    }

    #[test]
    fn a_tag_list_names_its_tags() {
        let setting = Setting::default();
        let said = with("829F36DF7E", |field| tag_list(field, &setting).unwrap());
        assert_eq!(said.means[0], "82 Application Interchange Profile (AIP)");
        assert_eq!(said.means[2], "DF7E unknown");
        assert!(with("9F", |field| tag_list(field, &setting)).is_err());
    }
}

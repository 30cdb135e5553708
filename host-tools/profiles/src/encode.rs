//! Data objects of the JSON form to BER-TLV, each value checked against the dictionary.

use tapcard_emv::dol::Dol;
use tapcard_emv::tags::{DataObject, Format, Scheme, lookup_for};
use tapcard_iso7816::{Tag, TlvWriter};

use crate::error::{Place, ProfileError};
use crate::source::{Node, Octets, TagKey, Template};

/// One data object.
pub(crate) fn object(tag: Tag, value: &[u8]) -> Vec<u8> {
    // A tag and a length field have at most four and five octets.
    let mut out = vec![0; value.len() + 9];
    let mut writer = TlvWriter::new(&mut out);
    let length = writer.primitive(tag, value).map(|()| writer.finish()).unwrap_or_default();
    out.truncate(length);
    out
}

/// All objects of a template, one after the other.
pub(crate) fn template(place: &Place, template: &Template, scheme: Scheme) -> Result<Vec<u8>, ProfileError> {
    let mut out = Vec::new();
    for (TagKey(tag), node) in &template.0 {
        out.extend(self::node(&place.key(tag), *tag, node, scheme)?);
    }
    Ok(out)
}

fn node(place: &Place, tag: Tag, node: &Node, scheme: Scheme) -> Result<Vec<u8>, ProfileError> {
    match node {
        Node::Value(_) if tag.is_constructed() => {
            Err(place.error(format!("{tag} holds data objects, not octets"), "write an object of tags"))
        }
        Node::Template(_) if !tag.is_constructed() => {
            Err(place.error(format!("{tag} holds octets, not data objects"), "write a string"))
        }
        Node::Value(Octets(octets)) => {
            value(place, tag, octets, scheme)?;
            Ok(object(tag, octets))
        }
        Node::Template(inner) => Ok(object(tag, &template(place, inner, scheme)?)),
        Node::List(nodes) => {
            let mut out = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                let place = place.index(index);
                if matches!(node, Node::List(_)) {
                    return Err(place.error("a list in a list", "write a string or an object of tags"));
                }
                out.extend(self::node(&place, tag, node, scheme)?);
            }
            Ok(out)
        }
    }
}

/// Length and format as the dictionary has them; a tag that it does not know may hold anything.
pub(crate) fn value(place: &Place, tag: Tag, value: &[u8], scheme: Scheme) -> Result<(), ProfileError> {
    let Some(object) = lookup_for(tag, scheme) else { return Ok(()) };
    if !object.accepts_length(value.len()) {
        let DataObject { min_len, max_len, .. } = object;
        let range = if min_len == max_len { format!("{min_len}") } else { format!("{min_len} to {max_len}") };
        return Err(place.error(format!("{tag} has {} octets", value.len()), format!("it has {range}")));
    }
    let mut halves = value.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
    match object.format {
        Format::N if halves.any(|half| half > 9) => {
            Err(place.error(format!("{tag} has half octets that are no digits"), "format n has digits only"))
        }
        Format::Cn if halves.skip_while(|half| *half < 10).any(|half| half != 0x0F) => {
            Err(place.error(format!("{tag} is not in format cn"), "digits, then F to the end"))
        }
        Format::Dol => match Dol::new(value).total_length() {
            Ok(_) => Ok(()),
            Err(error) => {
                Err(place.error(format!("{tag} is no data object list: {error}"), "tags with one length octet each"))
            }
        },
        _ => Ok(()),
    }
}

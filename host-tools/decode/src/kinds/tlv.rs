//! BER-TLV of any depth as a tree (EMV 4.4 Book 3, Annex B).

use tapcard_iso7816::Walk;

use crate::field::Field;
use crate::kinds::Parts;
use crate::limits::MAX_NODES;
use crate::node::Node;
use crate::setting::Setting;
use crate::value;
use crate::value::lists::too_many;

/// Every object, and what is behind the last whole one.
pub(crate) fn explain(field: Field<'_>, setting: &Setting) -> Parts {
    let mut nodes = Vec::new();
    for (count, item) in Walk::new(field.octets).enumerate() {
        let (depth, object) = match item {
            Ok((_, object)) if count >= MAX_NODES => {
                return (nodes, Some(field.from(object.offset).broken(&too_many())));
            }
            Ok(item) => item,
            Err(error) => return (nodes, Some(field.from(error.offset).broken(&error.kind))),
        };
        let value = field.sub(object.offset + object.header, object.value.len());
        insert(&mut nodes, depth, value::object(object.tag, field.offset + object.offset, value, setting));
    }
    (nodes, None)
}

/// Puts a node under the last one of the level above.
fn insert(nodes: &mut Vec<Node>, depth: u8, node: Node) {
    match (depth.checked_sub(1), nodes.last_mut()) {
        (Some(depth), Some(parent)) => insert(&mut parent.children, depth, node),
        _ => nodes.push(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    #[test]
    fn objects_keep_their_places_at_any_depth() {
        let octets = hex::decode("00700B82026000BF0C045F3401019F36").unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let (nodes, remainder) = explain(shown.field(&octets), &Setting::default());
        assert_eq!((nodes.len(), nodes[0].offset, nodes[0].length), (1, 1, 11));
        let inner = &nodes[0].children[1].children[0];
        assert_eq!((inner.offset, inner.hex.as_str()), (10, "01"));
        let remainder = remainder.unwrap();
        assert_eq!((remainder.offset, remainder.hex.as_str()), (14, "9F36"));
        assert_eq!(remainder.error, "the length field is cut off");
    }

    #[test]
    fn more_objects_than_anybody_reads_are_cut_off() {
        let octets = [0x50, 0x00].repeat(MAX_NODES + 1);
        let shown = Shown::new(&Masked::plain(&octets));
        let (nodes, remainder) = explain(shown.field(&octets), &Setting::default());
        assert_eq!((nodes.len(), remainder.unwrap().offset), (MAX_NODES, 2 * MAX_NODES));
    }
}

//! emv 0.1 (emv-rs): builds a tree, copies every value.

use emv::{Tlv, Value};

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    Tlv::parse_all(input).ok()?.iter().for_each(|object| deliver(object, sink));
    Some(())
}

fn deliver(object: &Tlv, sink: &mut impl Sink) {
    match object.value() {
        Value::Constructed(children) => children.iter().for_each(|child| deliver(child, sink)),
        Value::Primitive(value) => sink.leaf(object.tag().0, value),
    }
}

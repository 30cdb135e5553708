//! tlv_parser 0.10: builds a tree, copies every value.

use tlv_parser::tlv::{Tlv, Value};

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(mut input: &[u8], sink: &mut impl Sink) -> Option<()> {
    while !input.is_empty() {
        let object = Tlv::from_vec(input).ok()?;
        // It does not say how much it has read, only how long the object would be when written in the shortest form,
        // which the inputs are.
        input = input.get(object.len()..)?;
        deliver(&object, sink);
    }
    Some(())
}

fn deliver(object: &Tlv, sink: &mut impl Sink) {
    match object.val() {
        Value::TlvList(children) => children.iter().for_each(|child| deliver(child, sink)),
        Value::Val(value) => sink.leaf(u32::try_from(object.tag()).unwrap_or(0), value),
        Value::Nothing => sink.leaf(u32::try_from(object.tag()).unwrap_or(0), &[]),
    }
}

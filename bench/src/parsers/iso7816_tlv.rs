//! iso7816-tlv 0.4: builds a tree, copies every value.

use iso7816_tlv::ber::{Tlv, Value};

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(mut input: &[u8], sink: &mut impl Sink) -> Option<()> {
    while !input.is_empty() {
        let (object, rest) = Tlv::parse(input);
        deliver(&object.ok()?, sink);
        input = rest;
    }
    Some(())
}

fn deliver(object: &Tlv, sink: &mut impl Sink) {
    match object.value() {
        Value::Constructed(children) => children.iter().for_each(|child| deliver(child, sink)),
        Value::Primitive(value) => {
            let tag = object.tag().to_bytes().iter().fold(0, |tag, octet| tag << 8 | u32::from(*octet));
            sink.leaf(tag, value);
        }
    }
}

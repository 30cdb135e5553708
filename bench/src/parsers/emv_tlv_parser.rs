//! emv_tlv_parser 0.1: a flat list with names, copies every value once per level.

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    for object in emv_tlv_parser::parse_tlv_vec(input).ok()? {
        let tag = object.id.iter().fold(0, |tag, octet| tag << 8 | u32::from(*octet));
        if object.id.first().is_some_and(|first| first & 0x20 == 0) {
            sink.leaf(tag, &object.value);
        }
    }
    Some(())
}

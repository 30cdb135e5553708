//! tapcard's own two ways to read BER-TLV.

use tapcard_iso7816::{Tlvs, Walk};

use super::Sink;

/// All levels in one flat walk.
#[inline(always)]
pub fn walk(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    for item in Walk::new(input) {
        let (_, object) = item.ok()?;
        if !object.is_constructed() {
            sink.leaf(object.tag.get(), object.value);
        }
    }
    Some(())
}

/// One level after the other, by recursion.
#[inline(always)]
pub fn tlvs(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    level(Tlvs::new(input), sink)
}

fn level(objects: Tlvs<'_>, sink: &mut impl Sink) -> Option<()> {
    for object in objects {
        let object = object.ok()?;
        if object.is_constructed() {
            level(object.children(), sink)?;
        } else {
            sink.leaf(object.tag.get(), object.value);
        }
    }
    Some(())
}

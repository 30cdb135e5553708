//! flexiber 0.2: borrows, needs no heap; templates and lengths of at most 65535 octets, tags of at most three.

use flexiber::{Decoder, TaggedSlice};

use super::Sink;

/// Decodes to leaves; the tag is its number without class.
#[inline(always)]
pub fn decode(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    level(Decoder::new(input), sink)
}

fn level(mut decoder: Decoder<'_>, sink: &mut impl Sink) -> Option<()> {
    while !decoder.is_finished() {
        let object: TaggedSlice<'_> = decoder.decode().ok()?;
        if object.tag().constructed {
            level(Decoder::new(object.as_bytes()), sink)?;
        } else {
            sink.leaf(u32::from(object.tag().number), object.as_bytes());
        }
    }
    Some(())
}

//! The floor: hops from header to header and checks nothing. On broken input it reads wherever a length leads it.
//!
//! A template needs no stack here: behind its header comes its first object, and behind its last object whatever follows
//! it. So this does what any decoder must do for each octet of each header, and none of what makes one safe: no look at
//! the end of the input within a header, none at the end of the template around, no depth, no refused form of a length.

use super::Sink;

/// Decodes to leaves.
#[inline(always)]
pub fn decode(input: &[u8], sink: &mut impl Sink) -> Option<()> {
    let mut at = input.as_ptr();
    // SAFETY: the inputs are the well-formed ones of `shapes`, whose headers and lengths stay inside; that they are is
    // tested with checked parsers.
    unsafe {
        let end = at.add(input.len());
        let next = |at: &mut *const u8| {
            let octet = **at;
            *at = at.add(1);
            octet
        };
        while at < end {
            let first = next(&mut at);
            if first == 0 {
                continue; // fill
            }
            let mut tag = u32::from(first);
            if first & 0x1F == 0x1F {
                loop {
                    let further = next(&mut at);
                    tag = tag << 8 | u32::from(further);
                    if further & 0x80 == 0 {
                        break;
                    }
                }
            }
            let mut length = usize::from(next(&mut at));
            if length > 0x7F {
                let count = length & 0x7F;
                length = 0;
                for _ in 0..count {
                    length = length << 8 | usize::from(next(&mut at));
                }
            }
            if first & 0x20 == 0 {
                sink.leaf(tag, core::slice::from_raw_parts(at, length));
                at = at.add(length);
            }
        }
    }
    Some(())
}

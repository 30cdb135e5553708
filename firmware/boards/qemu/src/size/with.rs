//! The image with the TLV reader: all levels, and everything that an object or an error says.
#![no_std]
#![no_main]

mod frame;

use cortex_m_rt::entry;
use frame::emit;
use tapcard_iso7816::{TlvErrorKind, Walk};

#[entry]
fn main() -> ! {
    loop {
        for item in Walk::new(frame::input()) {
            match item {
                Ok((depth, object)) => {
                    emit(usize::from(depth));
                    emit(object.tag.get() as usize);
                    emit(object.offset);
                    emit(object.value.as_ptr() as usize);
                    emit(object.value.len());
                }
                Err(error) => {
                    emit(error.offset);
                    emit(number(error.kind));
                }
            }
        }
    }
}

fn number(kind: TlvErrorKind) -> usize {
    match kind {
        TlvErrorKind::TruncatedTag => 1,
        TlvErrorKind::TruncatedLength => 2,
        TlvErrorKind::TruncatedValue { needed, left } => needed - left,
        TlvErrorKind::TagTooLong => 4,
        TlvErrorKind::LengthTooLong => 5,
        TlvErrorKind::IndefiniteLength => 6,
        TlvErrorKind::TooDeep => 7,
        _ => 0,
    }
}

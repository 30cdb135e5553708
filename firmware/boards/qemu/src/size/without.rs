//! The image without the TLV reader, to be taken off the size of the one with it: numbers of the same kind and count go
//! out, but nothing has to be read for them.
#![no_std]
#![no_main]

mod frame;

use cortex_m_rt::entry;
use frame::emit;

#[entry]
fn main() -> ! {
    loop {
        let octets = frame::input();
        if let Some((first, rest)) = octets.split_first() {
            emit(usize::from(*first));
            emit(usize::from(*first) | 0x9F00);
            emit(octets.as_ptr() as usize);
            emit(rest.as_ptr() as usize);
            emit(rest.len());
        } else {
            emit(octets.len());
            emit(octets.as_ptr() as usize);
        }
    }
}

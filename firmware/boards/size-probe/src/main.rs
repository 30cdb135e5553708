//! The smallest image that decodes card data: the TLV reader, the dictionary and the DOLs on octets that the compiler
//! cannot know. `tests/elf_strings.rs` looks at what the linker kept of it, with and without feature `names`.
//!
//! It is a board like any other, so unsafe code stands here and nowhere below: two registers and the reset vector.
#![no_std]
#![no_main]

use tapcard_emv::{Dol, lookup};
use tapcard_iso7816::Walk;

/// A register that gives the next octet of input.
const INPUT: *const u8 = 0x4000_C000 as *const u8;
/// A register that takes everything found out, so that none of it can be left out.
const OUTPUT: *mut u32 = 0x4000_D000 as *mut u32;

#[unsafe(link_section = ".vectors")]
#[used]
static RESET: extern "C" fn() -> ! = reset;

#[unsafe(no_mangle)]
extern "C" fn reset() -> ! {
    loop {
        let mut octets = [0; 256];
        // SAFETY: the address of a device register of this board, mapped and aligned for every access of this width.
        octets.fill_with(|| unsafe { INPUT.read_volatile() });
        explain(&octets);
    }
}

fn explain(octets: &[u8]) {
    for object in Walk::new(octets) {
        let Ok((depth, object)) = object else { break };
        emit(u32::from(depth));
        emit(object.tag.get());
        if let Some(row) = lookup(object.tag) {
            emit(row.format as u32);
            emit(row.class as u32);
            emit(u32::from(row.accepts_length(object.value.len())));
            #[cfg(feature = "names")]
            for octet in row.name.bytes().chain(row.clause.bytes()) {
                emit(u32::from(octet));
            }
        }
        for entry in Dol::new(object.value) {
            let Ok(entry) = entry else { break };
            emit(entry.tag.get());
            emit(entry.length as u32);
        }
    }
}

fn emit(word: u32) {
    // SAFETY: as for `INPUT`.
    unsafe { OUTPUT.write_volatile(word) }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

//! What both images have in common: input that the compiler cannot know, and a place for results that it cannot leave out.

use core::panic::PanicInfo;

/// A region of RAM that something else fills, and how much of it.
const INPUT: *const u8 = 0x2000_8000 as *const u8;
const LENGTH: *const u8 = 0x2000_7000 as *const u8;
/// A register that takes everything found.
const OUTPUT: *mut usize = 0x4000_D000 as *mut usize;

/// Octets from outside.
pub(crate) fn input() -> &'static [u8] {
    // SAFETY: RAM that nothing in these images writes to; the images are weighed, not run.
    unsafe { core::slice::from_raw_parts(INPUT, LENGTH.read_volatile().into()) }
}

/// Gives one number away.
#[inline(never)]
pub(crate) fn emit(word: usize) {
    // SAFETY: a device register, aligned for this width; the images are weighed, not run.
    unsafe { OUTPUT.write_volatile(word) }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

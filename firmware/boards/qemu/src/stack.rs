//! How deep the stack was: it is painted before and looked at after.

/// Octets of stack that are painted: more than is expected by far.
const PAINTED: usize = 40 * 1024;
const PAINT: u32 = 0xA5C3_5A3C;

/// The word below which this function's caller has nothing.
fn stack_pointer() -> *mut u32 {
    let pointer: *mut u32;
    // SAFETY: reads a register.
    unsafe { core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack)) };
    pointer
}

/// Fills the stack below with a pattern.
#[inline(never)]
pub(crate) fn paint() {
    let top = stack_pointer();
    for word in 32..PAINTED / 4 {
        // SAFETY: below the stack pointer nothing is in use; the memory of both machines goes on far below.
        unsafe { top.sub(word).write_volatile(PAINT) };
    }
}

/// Octets between here and the lowest word that was written since.
#[inline(never)]
pub(crate) fn painted_over() -> usize {
    let top = stack_pointer();
    let untouched = (32..PAINTED / 4 - 64).rev().take_while(|word| {
        // SAFETY: as in `paint`, which wrote these words.
        unsafe { top.sub(*word).read_volatile() == PAINT }
    });
    PAINTED - 256 - 4 * untouched.count()
}

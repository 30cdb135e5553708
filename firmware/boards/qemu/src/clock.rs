//! Counts instructions. Under `-icount shift=0` each instruction takes one nanosecond of the machine's time, whatever it
//! does, and SysTick counts that time in ticks of the core's clock. The cycle counter of the DWT always reads 0 in QEMU.

use core::arch::asm;

use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_semihosting::hprintln;

use crate::machine;

/// SysTick has 24 bits and counts down.
const RELOAD: u32 = 0x00FF_FFFF;

/// Turns of a loop: so many that the instructions around it and one tick more or less do not show.
const TURNS: u32 = 1_000_000;

/// A running SysTick.
pub(crate) struct Clock(SYST);

impl Clock {
    /// `None` when it was taken before.
    pub(crate) fn take() -> Option<Self> {
        let mut systick = Peripherals::take()?.SYST;
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(RELOAD);
        systick.clear_current();
        systick.enable_counter();
        Some(Self(systick))
    }

    /// Instructions that `work` takes, to the next tick. More than 2^24 ticks would not be noticed.
    pub(crate) fn instructions(&mut self, work: impl FnOnce()) -> u64 {
        let before = SYST::get_current();
        work();
        let ticks = before.wrapping_sub(SYST::get_current()) & RELOAD;
        u64::from(ticks) * machine::INSTRUCTIONS_PER_TICK
    }

    /// Prints what two loops take; whether that is as many instructions as they have.
    pub(crate) fn counts_instructions(&mut self) -> bool {
        let two = self.instructions(|| loop_of_two(TURNS));
        let six = self.instructions(|| loop_of_six(TURNS));
        hprintln!("clock: {} turns of 2 instructions take {}, of 6 take {}", TURNS, two, six);
        is_exact(two, 2) && is_exact(six, 6)
    }
}

/// Two instructions in each turn.
fn loop_of_two(turns: u32) {
    // SAFETY: changes nothing but the register given to it and the flags.
    unsafe { asm!("2:", "subs {turns}, #1", "bne 2b", turns = inout(reg) turns => _, options(nomem, nostack)) }
}

/// Six instructions in each turn, among them a division and a load that take a real core several cycles: a clock that
/// counted anything but instructions would show another ratio to [`loop_of_two`].
fn loop_of_six(turns: u32) {
    let word = 7_u32;
    // SAFETY: reads a word that lives as long as the block, and changes nothing but the registers named and the flags.
    unsafe {
        asm!(
            "2:", "ldr {scratch}, [{word}]", "udiv {scratch}, {turns}, {scratch}", "mul {scratch}, {scratch}, {turns}",
            "nop", "subs {turns}, #1", "bne 2b",
            turns = inout(reg) turns => _, scratch = out(reg) _, word = in(reg) &raw const word,
            options(readonly, nostack)
        );
    }
}

/// Whether so many instructions in each turn were found, to one part in ten thousand.
fn is_exact(found: u64, in_each_turn: u64) -> bool {
    let expected = u64::from(TURNS) * in_each_turn;
    found.abs_diff(expected) * 10_000 <= expected
}

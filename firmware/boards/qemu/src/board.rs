//! What both programs need of the board: its core's name, and an end with exit status 1 when something goes wrong.

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, exit};
use cortex_m_semihosting::heprintln;

/// The core by its part number (ARMv7-M Architecture Reference Manual, B3.2.3), so that the log shows which one ran.
pub(crate) fn core_name() -> &'static str {
    // SAFETY: CPUID can be read at any time and reading it changes nothing.
    let cpuid = unsafe { (*cortex_m::peripheral::CPUID::PTR).base.read() };
    match cpuid >> 4 & 0xFFF {
        0xC23 => "Cortex-M3",
        0xC24 => "Cortex-M4",
        _ => "unknown core",
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    heprintln!("{}", info);
    loop {
        exit(EXIT_FAILURE);
    }
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    heprintln!("{:?}", frame);
    loop {
        exit(EXIT_FAILURE);
    }
}

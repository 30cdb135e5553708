//! Runs the vectors of the core on an emulated Cortex-M, measures what walking BER-TLV costs there, and ends QEMU with the
//! result: exit status 0 when everything was as expected. What it prints is read by `scripts/qemu.sh`.
//!
//! The vectors are compiled in by `generator`; the image reads nothing.
#![no_std]
#![no_main]

mod case;
mod check;
mod clock;
mod machine;
mod oda;
mod speed;

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, entry, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::{heprintln, hprintln};

#[entry]
fn main() -> ! {
    hprintln!("machine: {}, {}", machine::NAME, core_name());
    let vectors = check::all();
    let speed = speed::measure();
    exit(if vectors && speed { EXIT_SUCCESS } else { EXIT_FAILURE });
    unreachable!("semihosting has ended the machine")
}

/// The core by its part number (ARMv7-M Architecture Reference Manual, B3.2.3), so that the log shows which one ran.
fn core_name() -> &'static str {
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

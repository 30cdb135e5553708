//! Runs the vectors of the core on an emulated Cortex-M, measures what walking BER-TLV and offline data authentication
//! cost there, and ends QEMU with the result: exit status 0 when everything was as expected. What it prints is read by `scripts/qemu.sh`.
//!
//! The vectors are compiled in by `generator`; the image reads nothing.
#![no_std]
#![no_main]

mod board;
mod case;
mod check;
mod clock;
mod machine;
mod oda;
mod speed;
mod stack;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;

#[entry]
fn main() -> ! {
    hprintln!("machine: {}, {}", machine::NAME, board::core_name());
    let vectors = check::all();
    let speed = speed::measure();
    exit(if vectors && speed { EXIT_SUCCESS } else { EXIT_FAILURE });
    unreachable!("semihosting has ended the machine")
}

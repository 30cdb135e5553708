//! Plays emulated cards on an emulated Cortex-M as they were played on the host, measures what their cryptograms and signatures
//! cost there, and ends QEMU with the result. What it prints is read by `scripts/qemu.sh`.
//!
//! A program of its own, so that what cards need changes nothing of what `vectors` measures.
#![no_std]
#![no_main]

mod board;
mod case;
mod clock;
mod machine;
mod play;
mod signing;
mod stack;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;

#[entry]
fn main() -> ! {
    hprintln!("machine: {}, {}", machine::NAME, board::core_name());
    let equal = clock::Clock::take()
        .is_some_and(|mut clock| clock.counts_instructions() & play::all(&mut clock) & signing::measure(&mut clock));
    exit(if equal { EXIT_SUCCESS } else { EXIT_FAILURE });
    unreachable!("semihosting has ended the machine")
}

//! How many instructions walking BER-TLV takes for each object. Task and blobs are those of the benchmark on the host:
//! decode to leaves, add up their tags and lengths.

use core::hint::black_box;

use cortex_m_semihosting::hprintln;
use tapcard_iso7816::Walk;

use crate::case::BLOBS;
use crate::clock::{Clock, loop_of_six, loop_of_two};

/// Turns of a loop: so many that the instructions around it and one tick more or less do not show.
const TURNS: u32 = 1_000_000;

/// Passes over all blobs, for the same reason.
const PASSES: u32 = 1_000;

/// Prints what was measured; whether the clock was found to count instructions and every blob could be read.
pub(crate) fn measure() -> bool {
    let Some(mut clock) = Clock::take() else { return false };
    let two = clock.instructions(|| loop_of_two(TURNS));
    let six = clock.instructions(|| loop_of_six(TURNS));
    hprintln!("clock: {} turns of 2 instructions take {}, of 6 take {}", TURNS, two, six);

    let mut readable = true;
    let passes = clock.instructions(|| {
        for _ in 0..PASSES {
            readable &= black_box(BLOBS).iter().all(|blob| black_box(leaf_sum(blob)).is_some());
        }
    });
    let octets: usize = BLOBS.iter().map(|blob| blob.len()).sum();
    let objects: usize = BLOBS.iter().map(|blob| Walk::new(blob).count()).sum();
    let instructions = passes / u64::from(PASSES);
    hprintln!("walk: {} blobs {} octets {} objects {} instructions", BLOBS.len(), octets, objects, instructions);
    let verified = crate::oda::measure(&mut clock);
    verified && readable && is_exact(two, 2) && is_exact(six, 6)
}

/// The work that is measured, as one function that the symbol table names.
#[inline(never)]
fn leaf_sum(blob: &[u8]) -> Option<usize> {
    let mut sum = 0_usize;
    for item in Walk::new(blob) {
        let (_, object) = item.ok()?;
        if !object.is_constructed() {
            sum = sum.wrapping_add(object.tag.get() as usize).wrapping_add(object.value.len());
        }
    }
    Some(sum)
}

/// Whether so many instructions in each turn were found, to one part in ten thousand.
fn is_exact(found: u64, in_each_turn: u64) -> bool {
    let expected = u64::from(TURNS) * in_each_turn;
    found.abs_diff(expected) * 10_000 <= expected
}

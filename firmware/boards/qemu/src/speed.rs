//! How many instructions walking BER-TLV takes for each object. Task and blobs are those of the benchmark on the host:
//! decode to leaves, add up their tags and lengths.

use core::hint::black_box;

use cortex_m_semihosting::hprintln;
use tapcard_iso7816::Walk;

use crate::case::BLOBS;
use crate::clock::Clock;

/// Passes over all blobs: so many that the instructions around them and one tick more or less do not show.
const PASSES: u32 = 1_000;

/// Prints what was measured; whether the clock was found to count instructions and every blob could be read.
pub(crate) fn measure() -> bool {
    let Some(mut clock) = Clock::take() else { return false };
    let exact = clock.counts_instructions();

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
    verified && readable && exact
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

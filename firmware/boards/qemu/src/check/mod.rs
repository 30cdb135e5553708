//! Runs every vector in the image and says which differ.

mod dol;
mod object;
mod status;
mod tlv;
mod transcript;
mod value;

use cortex_m_semihosting::hprintln;

use crate::case::{RIGHT, Set, VECTORS, WRONG};

/// What differs: the name of a member, or of a part of the result.
pub(crate) type Differs = &'static str;

/// Whether all vectors pass, the checks tell right from wrong, and all status words mean what they should. Prints the
/// numbers, and every case that is not as it should be.
pub(crate) fn all() -> bool {
    let vectors = each(&VECTORS, |kind, cases| {
        let (ran, failed) = count(cases, Result::is_ok);
        hprintln!("cases: {} {} ran {} failed", kind, ran, failed);
        failed == 0
    });
    let transcripts = VECTORS.transcripts;
    let answers: usize = transcripts.iter().map(|transcript| transcript.exchanges.len()).sum();
    let members: usize = transcripts.iter().map(|transcript| transcript.members.len()).sum();
    let left: usize = transcripts.iter().map(|transcript| transcript.left_to_host).sum();
    hprintln!("transcripts: {} words {} members compared, {} left to the host", answers, members, left);

    let right = each(&RIGHT, |_, cases| count(cases, Result::is_ok).1 == 0);
    let wrong = each(&WRONG, |kind, cases| {
        let (ran, accepted) = count(cases, Result::is_err);
        hprintln!("wrong on purpose: {} {} ran {} accepted", kind, ran, accepted);
        accepted == 0
    });

    let differing = status::differing_values();
    hprintln!("status words: 65536 values {} differ", differing);
    vectors && right && wrong && differing == 0
}

/// What a check says of the cases of one kind, by their ids.
type Results<'r> = dyn Iterator<Item = (&'static str, Result<(), Differs>)> + 'r;

/// Runs the cases of a set, kind by kind; whether `good` says so of each kind.
fn each(set: &Set, mut good: impl FnMut(&str, &mut Results<'_>) -> bool) -> bool {
    // Not `&&`, which would leave out what stands behind a failure.
    good("tlv", &mut set.tlv.iter().map(|case| (case.id, tlv::check(case))))
        & good("dol", &mut set.dol.iter().map(|case| (case.id, dol::check(case))))
        & good("tlv-values", &mut set.values.iter().map(|case| (case.id, value::check(case))))
        & good("transcript", &mut set.transcripts.iter().map(|case| (case.id, transcript::check(case))))
}

/// How many cases there are, and of how many the result is not as it should be; these are printed.
fn count(cases: &mut Results<'_>, as_it_should_be: fn(&Result<(), Differs>) -> bool) -> (usize, usize) {
    let (mut ran, mut bad) = (0, 0);
    for (id, result) in cases {
        ran += 1;
        if !as_it_should_be(&result) {
            bad += 1;
            hprintln!("FAILED {}: {}", id, result.err().unwrap_or("accepted"));
        }
    }
    (ran, bad)
}

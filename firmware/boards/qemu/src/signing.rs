//! A card's private key makes on the board what it made on the host, and what that costs.

use cortex_m_semihosting::{heprintln, hprintln};
use tapcard_crypto::rsa::{Blinding, Crt, Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};

use crate::case::{SIGNING, Signing};
use crate::clock::Clock;
use crate::stack::{paint, painted_over};

/// Prints the figures; whether the octets are equal.
pub(crate) fn measure(clock: &mut Clock) -> bool {
    let mut equal = false;
    paint();
    let instructions = clock.instructions(|| equal = sign(&SIGNING));
    let stack = painted_over();
    hprintln!("signing: {} bits {} instructions {} stack", SIGNING.modulus.len() * 8, instructions, stack);
    if !equal {
        heprintln!("FAILED signing");
    }
    equal
}

#[inline(never)]
fn sign(case: &Signing) -> bool {
    let Signing { modulus, exponent, p, q, dp, dq, q_inverse, block, blinding, signature } = *case;
    let public = Exponent::from_octets(exponent).and_then(|exponent| PublicKey::new(modulus, exponent));
    let Ok(public) = public else { return false };
    let Ok(key) = PrivateKey::with_crt(public, Crt { p, q, dp, dq, q_inverse }) else { return false };
    let mut room = [0; MAX_MODULUS_LEN];
    key.apply(block, Blinding(blinding), &mut room).is_ok_and(|made| *made == *signature)
}

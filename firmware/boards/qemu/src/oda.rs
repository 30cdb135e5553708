//! What recovering a signature and checking a card with CDA cost: instructions, and octets of stack.

use core::hint::black_box;

use cortex_m_semihosting::hprintln;
use tapcard_crypto::oda::{IccCertificate, IssuerCertificate, OdaError, SignedDynamicData};
use tapcard_crypto::rsa::{Exponent, MAX_MODULUS_LEN, PublicKey};
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

use crate::case::{CHAINS, Chain, RECOVERIES, Recovery};
use crate::clock::Clock;
use crate::stack::{paint, painted_over};

/// Passes, so that the clock's tick does not show.
const PASSES: u32 = 10;

/// Prints the figures; whether everything verified.
pub(crate) fn measure(clock: &mut Clock) -> bool {
    let mut all = true;
    for recovery in RECOVERIES {
        let (instructions, stack) = figures(clock, || recover(recovery), &mut all);
        let bits = recovery.modulus.len() * 8;
        let e = exponent(recovery.exponent);
        hprintln!("recovery e={}: {} bits {} instructions {} stack", e, bits, instructions, stack);
    }
    for chain in CHAINS {
        let (instructions, stack) = figures(clock, || check(chain).is_ok(), &mut all);
        let [ca, issuer, icc] = [chain.modulus, chain.icc_certificate, chain.signed].map(|octets| octets.len() * 8);
        let e = exponent(chain.exponent);
        hprintln!("cda e={}: {} {} {} bits {} instructions {} stack", e, ca, issuer, icc, instructions, stack);
    }
    all
}

fn exponent(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |number, octet| number << 8 | u32::from(*octet))
}

fn figures(clock: &mut Clock, work: impl Fn() -> bool, all: &mut bool) -> (u64, usize) {
    paint();
    *all &= work();
    let stack = painted_over();
    let taken = clock.instructions(|| {
        for _ in 0..PASSES {
            *all &= black_box(work());
        }
    });
    (taken / u64::from(PASSES), stack)
}

#[inline(never)]
fn recover(recovery: &Recovery) -> bool {
    let mut room = [0; MAX_MODULUS_LEN];
    let key = Exponent::from_octets(recovery.exponent).and_then(|exponent| PublicKey::new(recovery.modulus, exponent));
    key.and_then(|key| key.recover(recovery.signature, &mut room).map(|block| block.first() == Some(&0x6A))) == Ok(true)
}

/// Three recoveries, three hashes: everything that a terminal does for CDA behind reading the card. The transaction's own hash
/// is the terminal's machine to build; here the signed one stands for it.
#[inline(never)]
fn check(chain: &Chain) -> Result<[u8; 8], OdaError> {
    let pan = Pan::from_digits(chain.pan).map_err(|_| OdaError::PanMismatch)?;
    let today = Date::new(2010, 1, Some(1)).map_err(|_| OdaError::Expired)?;
    let ca = PublicKey::new(chain.modulus, Exponent::from_octets(chain.exponent)?)?;
    let (mut one, mut two) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
    let issuer = IssuerCertificate::open(&ca, chain.issuer_certificate, &mut one)?.verify(
        chain.issuer_remainder,
        chain.issuer_exponent,
        &pan,
        today,
    )?;
    let icc = IccCertificate::open(&issuer, chain.icc_certificate, &mut two)?.verify(
        chain.icc_remainder,
        chain.icc_exponent,
        [chain.static_data],
        &pan,
        today,
    )?;
    // The issuer's key is done with, so its buffer serves again.
    let signed = SignedDynamicData::open(&icc, chain.signed, &mut one)?;
    let un = chain.un.try_into().map_err(|_| OdaError::HashMismatch)?;
    let (cid, hash) = signed.cda().map(|data| (data.cid, data.transaction_hash))?;
    signed.verify_cda(un, cid, &hash).map(|data| data.cryptogram)
}

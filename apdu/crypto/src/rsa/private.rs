//! The private operation, for test CAs and emulated cards: constant time, blinded, and checked before it is given away.
//!
//! The exponentiation is crypto-bigint's, over buffers on the stack: for keys of up to 1152 bits, which is what cards have, and
//! for up to 1984 bits, which is what CAs have. Randomness is the caller's and comes in as [`Blinding`].

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, NonZero, Odd, Uint, nlimbs};
use zeroize::Zeroize;

use super::{Exponent, MAX_MODULUS_LEN, PublicKey, RsaError};

/// Most octets of a prime: half of the longest modulus.
const MAX_PRIME_LEN: usize = MAX_MODULUS_LEN / 2;
/// Most octets of the primes, and of the modulus, of a card's key.
const CARD_PRIME_LEN: usize = 72;
const CARD_MODULUS_LEN: usize = 2 * CARD_PRIME_LEN;

/// Digits of a prime and of a modulus of a card's key.
const CARD: (usize, usize) = (nlimbs(576), nlimbs(1152));
/// The same of the longest key.
const LONG: (usize, usize) = (nlimbs(992), nlimbs(1984));

/// Octets from the caller's random number generator, at least as many as the modulus has, for one operation.
#[derive(Clone, Copy)]
pub struct Blinding<'a>(pub &'a [u8]);

/// A private key over octets that lie in somebody else's memory, who wipes them. `Debug` shows the public part.
#[derive(Clone, Copy)]
pub struct PrivateKey<'a> {
    public: PublicKey<'a>,
    secret: Secret<'a>,
}

#[derive(Clone, Copy)]
enum Secret<'a> {
    Exponent(&'a [u8]),
    Crt(Crt<'a>),
}

/// The five values of the Chinese remainder theorem (RFC 8017, 3.2).
#[derive(Clone, Copy)]
pub struct Crt<'a> {
    /// The first prime.
    pub p: &'a [u8],
    /// The second prime.
    pub q: &'a [u8],
    /// The private exponent modulo p - 1.
    pub dp: &'a [u8],
    /// The private exponent modulo q - 1.
    pub dq: &'a [u8],
    /// The inverse of q modulo p.
    pub q_inverse: &'a [u8],
}

/// The three values of [`Crt`] that follow from the primes; wiped when dropped.
#[derive(Clone)]
pub struct CrtValues {
    dp: [u8; MAX_PRIME_LEN],
    dq: [u8; MAX_PRIME_LEN],
    q_inverse: [u8; MAX_PRIME_LEN],
}

/// Why octets are no private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// A value is longer than a key of this size has, or empty.
    #[error("a value of the wrong length")]
    Length,
    /// The modulus is not the product of the primes.
    #[error("the modulus is not the product of the primes")]
    Product,
    /// The exponent has no inverse modulo p - 1 or q - 1, or q none modulo p.
    #[error("the primes do not go with the exponent")]
    Primes,
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SignError {
    /// The block has another length than the modulus, is not below it, or the buffer is too short.
    #[error(transparent)]
    Rsa(#[from] RsaError),
    /// Too few random octets, or a number without an inverse: take others.
    #[error("unusable blinding")]
    Blinding,
    /// The public key does not undo the result: a fault, or a private key of something else. Nothing was given away.
    #[error("the result does not verify")]
    Fault,
}

impl CrtValues {
    /// What follows from two primes and a public exponent.
    ///
    /// # Errors
    /// [`PrivateKeyError::Length`] or [`PrivateKeyError::Primes`].
    pub fn new(p: &[u8], q: &[u8], exponent: Exponent) -> Result<Self, PrivateKeyError> {
        const H: usize = LONG.0;
        if !is_length(p, MAX_PRIME_LEN) || !is_length(q, MAX_PRIME_LEN) {
            return Err(PrivateKeyError::Length);
        }
        let (mut p, mut q) = (number::<H>(p), number::<H>(q));
        let e = number::<H>(exponent.octets());
        let inverse = |value: &Uint<H>, modulus: &Uint<H>| {
            let modulus: Option<NonZero<Uint<H>>> = NonZero::new(*modulus).into();
            let inverse: Option<Uint<H>> = value.invert_mod(&modulus?).into();
            let mut inverse = inverse?;
            let mut octets = [0; MAX_PRIME_LEN];
            write(&inverse, &mut octets);
            inverse.zeroize();
            Some(octets)
        };
        let values = (|| {
            Some(Self {
                dp: inverse(&e, &p.wrapping_sub(&Uint::ONE))?,
                dq: inverse(&e, &q.wrapping_sub(&Uint::ONE))?,
                q_inverse: inverse(&q, &p)?,
            })
        })();
        p.zeroize();
        q.zeroize();
        values.ok_or(PrivateKeyError::Primes)
    }

    /// All five values, with the primes they were made from.
    #[must_use]
    pub const fn crt<'a>(&'a self, p: &'a [u8], q: &'a [u8]) -> Crt<'a> {
        Crt { p, q, dp: &self.dp, dq: &self.dq, q_inverse: &self.q_inverse }
    }
}

impl Drop for CrtValues {
    fn drop(&mut self) {
        self.dp.zeroize();
        self.dq.zeroize();
        self.q_inverse.zeroize();
    }
}

impl<'a> PrivateKey<'a> {
    /// A key of modulus and private exponent.
    ///
    /// # Errors
    /// [`PrivateKeyError::Length`].
    pub fn new(public: PublicKey<'a>, exponent: &'a [u8]) -> Result<Self, PrivateKeyError> {
        let is_possible = is_length(exponent, public.len());
        let key = Self { public, secret: Secret::Exponent(exponent) };
        if is_possible { Ok(key) } else { Err(PrivateKeyError::Length) }
    }

    /// A key of the values that a card keeps, several times as fast.
    ///
    /// # Errors
    /// [`PrivateKeyError::Length`] or [`PrivateKeyError::Product`].
    pub fn with_crt(public: PublicKey<'a>, crt: Crt<'a>) -> Result<Self, PrivateKeyError> {
        let values = [crt.p, crt.q, crt.dp, crt.dq, crt.q_inverse];
        if !values.iter().all(|value| is_length(value, MAX_PRIME_LEN)) {
            return Err(PrivateKeyError::Length);
        }
        let product = number::<{ LONG.1 }>(crt.p).wrapping_mul(&number::<{ LONG.1 }>(crt.q));
        if product != number(public.modulus()) {
            return Err(PrivateKeyError::Product);
        }
        Ok(Self { public, secret: Secret::Crt(crt) })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey<'a> {
        &self.public
    }

    /// Writes `block^d mod n` to the front of `room` and gives that part, after the public key has undone it.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn apply<'r>(
        &self,
        block: &[u8],
        blinding: Blinding<'_>,
        room: &'r mut [u8],
    ) -> Result<&'r mut [u8], SignError> {
        let needed = self.public.len();
        if block.len() != needed {
            return Err(RsaError::SignatureLength { expected: needed, found: block.len() }.into());
        }
        if block >= self.public.modulus() {
            return Err(RsaError::SignatureRange.into());
        }
        let has = room.len();
        let result = room.get_mut(..needed).ok_or(RsaError::Room { needed, room: has })?;
        let blinding = blinding.0.get(..needed).ok_or(SignError::Blinding)?;
        if self.is_cards() {
            self.raise::<{ CARD.0 }, { CARD.1 }>(block, blinding, result)?;
        } else {
            self.raise::<{ LONG.0 }, { LONG.1 }>(block, blinding, result)?;
        }
        let mut check = [0; MAX_MODULUS_LEN];
        if self.public.recover(result, &mut check).is_ok_and(|undone| undone == block) {
            Ok(result)
        } else {
            result.zeroize();
            Err(SignError::Fault)
        }
    }

    /// Whether the shorter numbers hold this key; that its size shows in the time is no secret.
    fn is_cards(&self) -> bool {
        let fits = |prime: &[u8]| prime.len() <= CARD_PRIME_LEN;
        self.public.len() <= CARD_MODULUS_LEN
            && match self.secret {
                Secret::Exponent(_) => true,
                Secret::Crt(Crt { p, q, dp, dq, q_inverse }) => [p, q, dp, dq, q_inverse].into_iter().all(fits),
            }
    }

    /// `(block r^e)^d r^-1`, so that what the secret exponent meets is unknown to everybody.
    fn raise<const H: usize, const W: usize>(
        &self,
        block: &[u8],
        blinding: &[u8],
        result: &mut [u8],
    ) -> Result<(), SignError> {
        let modulus: Option<Odd<Uint<W>>> = Odd::new(number(self.public.modulus())).into();
        let modulus = modulus.ok_or(SignError::Fault)?;
        let params = FixedMontyParams::new_vartime(modulus);
        let form = |number: &Uint<W>| FixedMontyForm::new(number, &params);
        let mut factor = form(&number::<W>(blinding).rem(modulus.as_nz_ref()));
        let inverse: Option<FixedMontyForm<W>> = factor.invert().into();
        let mut inverse = inverse.ok_or(SignError::Blinding)?;
        let exponent = Uint::<1>::from_u32(match self.public.exponent() {
            Exponent::Three => 3,
            Exponent::F4 => 65537,
        });
        let blinded = form(&number(block)).mul(&factor.pow_vartime(&exponent));
        let mut power = match &self.secret {
            Secret::Exponent(exponent) => {
                let mut exponent_number = number::<W>(exponent);
                let power = blinded.pow_bounded_exp(&exponent_number, bits(self.public.len()));
                exponent_number.zeroize();
                power
            }
            Secret::Crt(crt) => form(&crt_power::<H, W>(&blinded.retrieve(), crt).ok_or(SignError::Fault)?),
        };
        write(&power.mul(&inverse).retrieve(), result);
        factor.zeroize();
        inverse.zeroize();
        power.zeroize();
        Ok(())
    }
}

impl core::fmt::Debug for PrivateKey<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Garner's recombination: `m2 + q (q^-1 (m1 - m2) mod p)`.
fn crt_power<const H: usize, const W: usize>(base: &Uint<W>, crt: &Crt<'_>) -> Option<Uint<W>> {
    let mut m1 = prime_power::<H, W>(base, crt.p, crt.dp)?;
    let mut m2 = prime_power::<H, W>(base, crt.q, crt.dq)?.retrieve();
    let params = *m1.params();
    let modulus = params.modulus().as_nz_ref();
    let q_inverse = FixedMontyForm::new(&number::<H>(crt.q_inverse).rem(modulus), &params);
    let mut factor = m1.sub(&FixedMontyForm::new(&m2.rem(modulus), &params)).mul(&q_inverse).retrieve();
    let product = factor.resize::<W>().wrapping_mul(&number::<W>(crt.q));
    let sum = product.wrapping_add(&m2.resize::<W>());
    m1.zeroize();
    m2.zeroize();
    factor.zeroize();
    Some(sum)
}

/// `base^exponent` modulo one prime; `None` when that is even.
fn prime_power<const H: usize, const W: usize>(
    base: &Uint<W>,
    prime: &[u8],
    exponent: &[u8],
) -> Option<FixedMontyForm<H>> {
    let prime: Option<Odd<Uint<H>>> = Odd::new(number(prime)).into();
    let prime = prime?;
    let params = FixedMontyParams::new(prime);
    let mut exponent_number = number::<H>(exponent);
    let base = FixedMontyForm::new(&base.rem(prime.as_nz_ref()), &params);
    let power = base.pow_bounded_exp(&exponent_number, bits(exponent.len().min(H * Limb::BYTES)));
    exponent_number.zeroize();
    Some(power)
}

/// As many bits as so many octets, of which there are never more than 248.
fn bits(octets: usize) -> u32 {
    u32::try_from(octets * 8).unwrap_or(u32::MAX)
}

fn is_length(octets: &[u8], most: usize) -> bool {
    !octets.is_empty() && octets.len() <= most
}

/// Octets, highest first, as a number; lengths were checked before, what would not fit is cut off at the top.
fn number<const L: usize>(octets: &[u8]) -> Uint<L> {
    let mut padded = [0; MAX_MODULUS_LEN + Limb::BYTES];
    for (to, from) in padded.iter_mut().rev().zip(octets.iter().rev()) {
        *to = *from;
    }
    let number = padded.get(padded.len().saturating_sub(L * Limb::BYTES)..).map_or(Uint::ZERO, Uint::from_be_slice);
    padded.zeroize();
    number
}

/// The number as octets, highest first, as many as there is room for.
fn write<const L: usize>(number: &Uint<L>, octets: &mut [u8]) {
    let mut bytes = number.to_be_bytes();
    octets.fill(0);
    for (to, from) in octets.iter_mut().rev().zip(bytes.as_ref().iter().rev()) {
        *to = *from;
    }
    bytes.zeroize();
}

#[cfg(test)]
mod tests;

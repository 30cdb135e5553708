//! The memory of one public operation, and the operation.

use super::divisor::Divisor;
use super::limb::{LIMB_LEN, LIMBS, Limb};
use super::limbs::{load, multiply, shift_left, shift_right, square, store};

/// A little under 1 KB, four times the longest modulus; it lives on the stack for as long as one signature is recovered.
pub(crate) struct Workspace {
    /// Ones' complement of the modulus, shifted so that its highest bit is set.
    complement: [Limb; LIMBS],
    value: [Limb; LIMBS],
    product: [Limb; 2 * LIMBS],
}

impl Workspace {
    pub(crate) const fn new() -> Self {
        Self { complement: [0; LIMBS], value: [0; LIMBS], product: [0; 2 * LIMBS] }
    }

    /// `signature^(2^squarings + 1)` modulo `modulus` into `recovered`. All three have the same length, at least two
    /// digits and at most [`LIMBS`] of them; the modulus does not begin with 00 and is above the signature.
    pub(crate) fn raise(&mut self, signature: &[u8], modulus: &[u8], squarings: u32, recovered: &mut [u8]) {
        let digits = modulus.len().div_ceil(LIMB_LEN);
        let (Some(complement), Some(value), Some(product)) =
            (self.complement.get_mut(..digits), self.value.get_mut(..digits), self.product.get_mut(..2 * digits))
        else {
            return;
        };
        load(complement, modulus);
        let shift = complement.last().map_or(0, |top| top.leading_zeros());
        shift_left(complement, shift);
        let [.., next, high] = *complement else { return };
        let divisor = Divisor::new(high, next);
        for digit in complement.iter_mut() {
            *digit = !*digit;
        }

        load(value, signature);
        for done in 0..squarings {
            if done > 0 {
                copy(value, product);
            }
            square(product, value);
            divisor.reduce(product, complement);
        }
        if squarings > 1 {
            load(value, signature);
        }
        multiply(product, value);
        divisor.reduce(product, complement);

        // What is left is below the shifted modulus; shifted itself, it can be brought below the modulus as it was.
        if shift > 0 {
            if let Some((low, [above, ..])) = product.split_at_mut_checked(digits) {
                *above = shift_left(low, shift);
            }
            if let Some(shifted) = product.get_mut(..=digits) {
                divisor.reduce(shifted, complement);
            }
            shift_right(product, shift);
        }
        store(product, recovered);
    }
}

fn copy(to: &mut [Limb], from: &[Limb]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

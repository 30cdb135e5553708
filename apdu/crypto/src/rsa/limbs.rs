//! Numbers as digits, lowest first: the one inner loop, products, and octets in and out.
//!
//! All work is done by [`add_mul`], one multiply-accumulate for each digit: products add rows, and division adds multiples
//! of the divisor's complement instead of subtracting multiples of the divisor. On a Cortex-M4 that is one UMAAL a digit.

use super::limb::{LIMB_LEN, Limb, Wide, join, split};

/// `sum += number * factor + carry` over the digits of `number`; the carry out of the last.
pub(super) fn add_mul(sum: &mut [Limb], number: &[Limb], factor: Limb, mut carry: Limb) -> Limb {
    // Four at a time: the loop's own instructions would be a third of the work.
    let (sums, last_sums) = sum.as_chunks_mut::<4>();
    let (fours, last) = number.as_chunks::<4>();
    for ([s0, s1, s2, s3], [n0, n1, n2, n3]) in sums.iter_mut().zip(fours) {
        carry = add_mul_digit(s0, *n0, factor, carry);
        carry = add_mul_digit(s1, *n1, factor, carry);
        carry = add_mul_digit(s2, *n2, factor, carry);
        carry = add_mul_digit(s3, *n3, factor, carry);
    }
    for (sum, number) in last_sums.iter_mut().zip(last) {
        carry = add_mul_digit(sum, *number, factor, carry);
    }
    carry
}

#[inline(always)]
fn add_mul_digit(sum: &mut Limb, number: Limb, factor: Limb, carry: Limb) -> Limb {
    // The largest value is (B - 1)^2 + 2 (B - 1) = B^2 - 1: it fits.
    let (high, low) = split(Wide::from(number) * Wide::from(factor) + Wide::from(*sum) + Wide::from(carry));
    *sum = low;
    high
}

/// `square = number^2`; `square` has twice the digits of `number`.
pub(super) fn square(square: &mut [Limb], number: &[Limb]) {
    square.fill(0);
    let mut rest = number;
    let mut row = &mut *square;
    // Each product of two different digits once ...
    while let [factor, others @ ..] = rest {
        if let Some((products, above)) = row.get_mut(1..).and_then(|row| row.split_at_mut_checked(others.len())) {
            let carry = add_mul(products, others, *factor, 0);
            if let Some(top) = above.first_mut() {
                *top = carry;
            }
        }
        rest = others;
        row = row.get_mut(2..).unwrap_or_default();
    }
    // ... then all of them doubled, and the squares of the digits added.
    let (mut doubled_out, mut carry) = (0, 0);
    for ([low, high], digit) in square.as_chunks_mut::<2>().0.iter_mut().zip(number) {
        let both = join(*high, *low);
        let (square_high, square_low) = split(Wide::from(*digit) * Wide::from(*digit));
        let (twice_high, twice_low) = split(both << 1 | Wide::from(doubled_out));
        doubled_out = *high >> (Limb::BITS - 1);
        let (carried, sum) = split(Wide::from(twice_low) + Wide::from(square_low) + Wide::from(carry));
        *low = sum;
        let (carried, sum) = split(Wide::from(twice_high) + Wide::from(square_high) + Wide::from(carried));
        *high = sum;
        carry = carried;
    }
}

/// `product *= number`, in place: `product` has twice the digits of `number`, the upper half of them zero.
pub(super) fn multiply(product: &mut [Limb], number: &[Limb]) {
    // From the top down a digit is taken out before its row is added, and the rows below it are not touched yet.
    for position in (0..number.len()).rev() {
        let Some([factor, ..]) = product.get_mut(position..) else { continue };
        let factor = core::mem::take(factor);
        let Some((row, above)) = product.get_mut(position..).and_then(|row| row.split_at_mut_checked(number.len()))
        else {
            continue;
        };
        let mut carry = add_mul(row, number, factor, 0);
        for digit in above {
            let (sum, is_over) = digit.overflowing_add(carry);
            *digit = sum;
            carry = Limb::from(is_over);
            if !is_over {
                break;
            }
        }
    }
}

/// `number <<= bits` with `bits` below a digit's; what falls out at the top.
pub(super) fn shift_left(number: &mut [Limb], bits: u32) -> Limb {
    let mut out = 0;
    for digit in number {
        let (high, low) = split(Wide::from(*digit) << bits);
        *digit = low | out;
        out = high;
    }
    out
}

/// `number >>= bits` with `bits` below a digit's.
pub(super) fn shift_right(number: &mut [Limb], bits: u32) {
    let mut above = 0;
    for digit in number.iter_mut().rev() {
        let (high, low) = split(join(*digit, 0) >> bits);
        *digit = high | above;
        above = low;
    }
}

/// Reads octets, highest first; `number` has enough digits for all of them.
pub(super) fn load(number: &mut [Limb], octets: &[u8]) {
    number.fill(0);
    for (digit, octets) in number.iter_mut().zip(octets.rchunks(LIMB_LEN)) {
        let mut padded = [0; LIMB_LEN];
        if let Some(low) = padded.get_mut(LIMB_LEN.saturating_sub(octets.len())..) {
            low.copy_from_slice(octets);
        }
        *digit = Limb::from_be_bytes(padded);
    }
}

/// Writes the number as octets, highest first, as many as `octets` has.
pub(super) fn store(number: &[Limb], octets: &mut [u8]) {
    for (digit, octets) in number.iter().zip(octets.rchunks_mut(LIMB_LEN)) {
        for (octet, value) in octets.iter_mut().rev().zip(digit.to_le_bytes()) {
            *octet = value;
        }
    }
}

//! Long division by a number that stays: what is left, digit by digit from the top.
//!
//! Knuth's algorithm D (The Art of Computer Programming, volume 2, 4.3.1), with the quotient's digit taken from the three
//! highest digits by a reciprocal (Moller and Granlund, "Improved division by invariant integers", 2011): one real division
//! for each modulus, and a guess that is almost never one too high.

use super::limb::{Limb, Wide, join, split};
use super::limbs::add_mul;

/// The upper two digits of a divisor whose highest bit is set, and their reciprocal.
pub(super) struct Divisor {
    high: Limb,
    next: Limb,
    reciprocal: Limb,
}

impl Divisor {
    /// For a divisor with these two digits at its top; the highest bit of `high` is set.
    pub(super) fn new(high: Limb, next: Limb) -> Self {
        Self { high, next, reciprocal: reciprocal(high, next) }
    }

    /// Leaves in the low digits of `number` what is left of it after division by the divisor whose ones' complement is
    /// `complement`; the digits above become zero. The upper digits of `number`, as many as the divisor has, have to be a
    /// smaller number than the divisor.
    pub(super) fn reduce(&self, number: &mut [Limb], complement: &[Limb]) {
        for position in (0..number.len().saturating_sub(complement.len())).rev() {
            if let Some((window, [top, ..])) =
                number.get_mut(position..).and_then(|rest| rest.split_at_mut_checked(complement.len()))
            {
                self.reduce_digit(window, top, complement);
            }
        }
    }

    /// Takes the divisor out of `top || window` as often as it fits, which makes `top` zero.
    #[inline(always)]
    fn reduce_digit(&self, window: &mut [Limb], top: &mut Limb, complement: &[Limb]) {
        let [.., low, middle] = *window else { return };
        let factor = self.quotient(*top, middle, low);
        // x - q n = x + q (B^k - 1 - n) + q - q B^k: the last term is taken from the top digit.
        let carry = add_mul(window, complement, factor, factor);
        let left = top.wrapping_add(carry).wrapping_sub(factor);
        *top = 0;
        if left != 0 {
            add_back(window, complement);
        }
    }

    /// The digit of the quotient, or one more: three digits by the two of the divisor, of which the upper two are not more.
    #[inline(always)]
    fn quotient(&self, top: Limb, middle: Limb, low: Limb) -> Limb {
        let divisor = join(self.high, self.next);
        if join(top, middle) >= divisor {
            return Limb::MAX;
        }
        let guess = Wide::from(self.reciprocal) * Wide::from(top) + join(top, middle);
        let (guess, fraction) = split(guess);
        let rest = middle.wrapping_sub(guess.wrapping_mul(self.high));
        let rest = join(rest, low).wrapping_sub(Wide::from(self.next) * Wide::from(guess)).wrapping_sub(divisor);
        let (guess, rest) =
            if split(rest).0 >= fraction { (guess, rest.wrapping_add(divisor)) } else { (guess.wrapping_add(1), rest) };
        if rest >= divisor { guess.wrapping_add(1) } else { guess }
    }
}

/// The quotient was one too high: adds the divisor once. It is the number whose complement is given.
#[cold]
fn add_back(window: &mut [Limb], complement: &[Limb]) {
    let mut carry = 0;
    for (digit, complement) in window.iter_mut().zip(complement) {
        let (over, sum) = split(Wide::from(*digit) + Wide::from(!complement) + Wide::from(carry));
        *digit = sum;
        carry = over;
    }
}

/// `(B^3 - 1) / (high B + next) - B` for a `high` whose highest bit is set.
fn reciprocal(high: Limb, next: Limb) -> Limb {
    // The reciprocal of `high` alone ...
    let (_, mut value) = split(join(!high, Limb::MAX) / Wide::from(high));
    // ... is too high by at most three when `next` counts as well.
    let mut rest = high.wrapping_mul(value).wrapping_add(next);
    if rest < next {
        value = value.wrapping_sub(1);
        if rest >= high {
            value = value.wrapping_sub(1);
            rest = rest.wrapping_sub(high);
        }
        rest = rest.wrapping_sub(high);
    }
    let (over, low) = split(Wide::from(value) * Wide::from(next));
    rest = rest.wrapping_add(over);
    if rest < over {
        value = value.wrapping_sub(1);
        if join(rest, low) >= join(high, next) {
            value = value.wrapping_sub(1);
        }
    }
    value
}

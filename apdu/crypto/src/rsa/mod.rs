//! RSA for offline data authentication: numbers of 128 to 1984 bits in fixed buffers (EMV 4.4 Book 2, Annex A2.1 and B2.1).
//!
//! A terminal only raises public values to public exponents, 3 or 65537, so [`PublicKey`] takes variable time and a
//! workspace of 1 KB: products by rows and one long division for each, no set-up worth speaking of. The private operation
//! of test CAs and emulated cards is `PrivateKey` (feature `card-rsa`), which is another implementation and takes
//! constant time. What the recovered octets mean is [`crate::oda`]'s business.

#[cfg(feature = "card-rsa")]
mod private;
mod public;
#[cfg(all(test, feature = "card-rsa"))]
pub(crate) mod test_keys;

#[cfg(target_pointer_width = "64")]
use limb64 as limb;
// 32 bits fit one UMAAL of an ARMv7E-M core; smaller machines can do no worse with them.
#[cfg(not(target_pointer_width = "64"))]
use limb32 as limb;

mod divisor;
mod limbs;
mod workspace;

#[cfg(feature = "card-rsa")]
pub use private::{Blinding, Crt, CrtValues, PrivateKey, PrivateKeyError, SignError};
pub use public::{Exponent, PublicKey, RsaError};

/// Most octets of a modulus: 1984 bits (EMV 4.4 Book 2, Annex D1.1; a longer one does not fit a record).
pub const MAX_MODULUS_LEN: usize = 248;

/// Fewest octets of a modulus: below it nothing that is signed could be told from noise.
pub const MIN_MODULUS_LEN: usize = 16;

/// Defines the digit that numbers are made of: a machine word and its double.
macro_rules! limb {
    ($name:ident, $limb:ty, $wide:ty) => {
        #[cfg_attr(not(test), allow(dead_code, reason = "one of the two widths is in use; tests run both"))]
        mod $name {
            /// One digit of a number.
            pub(super) type Limb = $limb;
            /// Holds the product of two digits and two digits more.
            pub(super) type Wide = $wide;
            /// Octets of a digit.
            pub(super) const LIMB_LEN: usize = size_of::<Limb>();
            /// Digits of the longest modulus.
            pub(super) const LIMBS: usize = super::MAX_MODULUS_LEN / LIMB_LEN;

            /// The high and the low digit.
            #[allow(clippy::cast_possible_truncation, reason = "this is where a double digit is taken apart")]
            pub(super) const fn split(wide: Wide) -> (Limb, Limb) {
                ((wide >> Limb::BITS) as Limb, wide as Limb)
            }

            /// Two digits as one number.
            pub(super) const fn join(high: Limb, low: Limb) -> Wide {
                (high as Wide) << Limb::BITS | low as Wide
            }
        }
    };
}
limb!(limb32, u32, u64);
limb!(limb64, u64, u128);

#[cfg(test)]
#[allow(clippy::duplicate_mod, reason = "that is the purpose: the same files with other digits")]
mod other_width;

//! ISO/IEC 9797-1:2011 algorithm 3 with DES, the "retail MAC": a chain of single DES, closed with the other half of the key.

use core::fmt;

use super::chain::Chain;
use super::{Mac, Padding};
use crate::keys::TdesSchedule;

/// A retail MAC in the making.
///
/// ```
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_crypto::mac::{Padding, RetailMac};
///
/// let key = TdesKey::import(&[
///     0x43, 0xCB, 0xBF, 0x4A, 0xBA, 0xF2, 0x5D, 0x6D, 0xA8, 0x1C, 0xB0, 0xB0, 0x3E, 0xEA, 0xE5, 0x31,
/// ])?;
/// let schedule = key.schedule();
/// let mac = RetailMac::new(&schedule).finish(Padding::Method1);
/// assert!(mac.verify(&[0x60, 0x51, 0x51, 0x52, 0x99, 0xC7, 0xAA, 0x2A]));
/// # Ok::<(), tapcard_crypto::keys::KeyError>(())
/// ```
#[derive(Clone)]
pub struct RetailMac<'k> {
    key: &'k TdesSchedule,
    chain: Chain<8>,
}

impl<'k> RetailMac<'k> {
    /// Starts with zeros.
    #[must_use]
    pub const fn new(key: &'k TdesSchedule) -> Self {
        Self::with_start(key, [0; 8])
    }

    /// Starts with a given block, as file updates of PBOC purses do with a challenge.
    #[must_use]
    pub const fn with_start(key: &'k TdesSchedule, start: [u8; 8]) -> Self {
        Self { key, chain: Chain::new(start) }
    }

    /// Takes the next part.
    pub fn update(&mut self, data: &[u8]) {
        self.chain.update(data, |block| self.key.left().encrypt_in_place(block));
    }

    /// Pads and closes.
    #[must_use]
    pub fn finish(self, padding: Padding) -> Mac<8> {
        let last = self.chain.finish(padding, |block| self.key.left().encrypt_in_place(block));
        Mac::new(self.key.close(&last))
    }
}

impl fmt::Debug for RetailMac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetailMac").field("key", self.key).finish_non_exhaustive()
    }
}

/// The retail MAC of parts in their order.
#[must_use]
pub fn retail_mac(key: &TdesSchedule, padding: Padding, parts: &[&[u8]]) -> Mac<8> {
    let mut mac = RetailMac::new(key);
    parts.iter().for_each(|part| mac.update(part));
    mac.finish(padding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::TdesKey;
    use proptest::collection;
    use proptest::prelude::*;
    use std::vec::Vec;

    /// Regression: others put a CBC-MAC of whole TDES in place of algorithm 3, and took the same half twice.
    #[test]
    fn the_chain_is_single_des_and_closed_with_the_other_half() {
        let key = TdesKey::new(0x43CB_BF4A_BAF2_5D6D_A81C_B0B0_3EEA_E531_u128.to_be_bytes()).schedule();
        let tdes_chain = [[1; 8], [2; 8]].iter().fold([0_u8; 8], |mut state, block| {
            state.iter_mut().zip(block).for_each(|(state, octet)| *state ^= octet);
            key.encrypt(&state)
        });
        let mac = retail_mac(&key, Padding::Method1, &[&[1; 8], &[2; 8]]);
        assert!(!mac.verify(&tdes_chain));
        // Over a single block both are the same, which is how the mistake goes unseen.
        assert!(retail_mac(&key, Padding::Method1, &[&[1; 8]]).verify(&key.encrypt(&[1; 8])));
    }

    proptest! {
        #[test]
        fn parts_give_what_the_whole_gives(key: [u8; 16], parts in collection::vec(collection::vec(any::<u8>(), 0..20), 0..6)) {
            let key = TdesKey::new(key).schedule();
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            for padding in [Padding::Method1, Padding::Method2] {
                prop_assert_eq!(retail_mac(&key, padding, &slices), retail_mac(&key, padding, &[&parts.concat()]));
            }
        }
    }
}

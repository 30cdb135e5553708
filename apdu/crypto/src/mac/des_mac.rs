//! The chain of single DES that PBOC e-purses use for MAC1, MAC2 and TAC (JR/T 0025.2): zero start, padding method 2,
//! leftmost four octets.

use core::fmt;

use super::chain::Chain;
use super::{Mac, Padding};
use crate::keys::DesSchedule;

/// A DES chain in the making.
#[derive(Clone)]
pub struct DesMac<'k> {
    key: &'k DesSchedule,
    chain: Chain<8>,
}

impl<'k> DesMac<'k> {
    /// Starts with zeros.
    #[must_use]
    pub const fn new(key: &'k DesSchedule) -> Self {
        Self { key, chain: Chain::new([0; 8]) }
    }

    /// Takes the next part.
    pub fn update(&mut self, data: &[u8]) {
        self.chain.update(data, |block| self.key.encrypt_in_place(block));
    }

    /// Pads with method 2 and gives the last block.
    #[must_use]
    pub fn finish(self) -> Mac<8> {
        Mac::new(self.chain.finish(Padding::Method2, |block| self.key.encrypt_in_place(block)))
    }
}

impl fmt::Debug for DesMac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DesMac").field("key", self.key).finish_non_exhaustive()
    }
}

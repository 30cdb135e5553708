//! The chain of SM4 that PBOC uses: zero start, padding method 2 to 16 octets (JR/T 0025.17).

use core::fmt;

use super::chain::Chain;
use super::{Mac, Padding};
use crate::keys::Sm4Schedule;

/// An SM4 chain in the making.
#[derive(Clone)]
pub struct Sm4Mac<'k> {
    key: &'k Sm4Schedule,
    chain: Chain<16>,
}

impl<'k> Sm4Mac<'k> {
    /// Starts with zeros.
    #[must_use]
    pub const fn new(key: &'k Sm4Schedule) -> Self {
        Self { key, chain: Chain::new([0; 16]) }
    }

    /// Takes the next part.
    pub fn update(&mut self, data: &[u8]) {
        self.chain.update(data, |block| self.key.encrypt_in_place(block));
    }

    /// Pads and gives the last block; PBOC uses its leftmost 8 or 4 octets.
    #[must_use]
    pub fn finish(self) -> Mac<16> {
        Mac::new(self.chain.finish(Padding::Method2, |block| self.key.encrypt_in_place(block)))
    }
}

impl fmt::Debug for Sm4Mac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sm4Mac").field("key", self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Sm4Key;

    #[test]
    fn a_short_message_is_one_padded_block() {
        let key = Sm4Key::new([7; 16]).schedule();
        let mut mac = Sm4Mac::new(&key);
        mac.update(&[1, 2, 3]);
        let block = [1, 2, 3, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(mac.finish().octets(), &key.encrypt(&block));
    }
}

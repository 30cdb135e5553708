//! The chain that the codes of DES and SM4 share: xor into the state, encipher, go on (CBC with a zero or given start).

#![cfg_attr(not(any(feature = "des", feature = "sm")), allow(dead_code, reason = "CMAC has a chain of its own"))]

use zeroize::Zeroize;

use super::Padding;

/// The state of a chain over blocks of `N` octets. It holds the block that is being filled already xored in.
#[derive(Clone)]
pub(super) struct Chain<const N: usize> {
    state: [u8; N],
    /// Octets of the current block, below `N`.
    filled: usize,
    /// Whether there was any octet at all: padding method 1 of nothing is one block.
    any: bool,
}

impl<const N: usize> Chain<N> {
    pub(super) const fn new(start: [u8; N]) -> Self {
        Self { state: start, filled: 0, any: false }
    }

    pub(super) fn update(&mut self, data: &[u8], encrypt: impl Fn(&mut [u8; N])) {
        if data.is_empty() {
            return;
        }
        self.any = true;
        let (head, rest) = if self.filled == 0 {
            (&[][..], data)
        } else {
            data.split_at_checked(N - self.filled).unwrap_or((data, &[]))
        };
        self.fill(head, &encrypt);
        let (blocks, tail) = rest.as_chunks::<N>();
        for block in blocks {
            self.state.iter_mut().zip(block).for_each(|(state, octet)| *state ^= octet);
            encrypt(&mut self.state);
        }
        self.fill(tail, &encrypt);
    }

    /// Takes no more octets than the current block has room for.
    fn fill(&mut self, data: &[u8], encrypt: impl Fn(&mut [u8; N])) {
        let room = self.state.iter_mut().skip(self.filled);
        room.zip(data).for_each(|(state, octet)| *state ^= octet);
        self.filled += data.len();
        if self.filled == N {
            encrypt(&mut self.state);
            self.filled = 0;
        }
    }

    /// Pads and gives the state after the last block.
    pub(super) fn finish(mut self, padding: Padding, encrypt: impl Fn(&mut [u8; N])) -> [u8; N] {
        match padding {
            // The zeros change nothing in the state; only whether there is one more block counts.
            Padding::Method1 if self.filled == 0 && self.any => {}
            Padding::Method1 => encrypt(&mut self.state),
            Padding::Method2 => {
                if let Some(octet) = self.state.get_mut(self.filled) {
                    *octet ^= 0x80;
                }
                encrypt(&mut self.state);
            }
        }
        self.state
    }
}

impl<const N: usize> Drop for Chain<N> {
    fn drop(&mut self) {
        self.state.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection;
    use proptest::prelude::*;

    /// Padded by the letter of ISO/IEC 9797-1, then chained in one go.
    fn by_the_letter(data: &[u8], padding: Padding, encrypt: impl Fn(&mut [u8; 8])) -> [u8; 8] {
        let mut data = data.to_vec();
        match padding {
            Padding::Method1 if data.is_empty() => data.push(0),
            Padding::Method1 => {}
            Padding::Method2 => data.push(0x80),
        }
        data.resize(data.len().next_multiple_of(8), 0);
        data.chunks(8).fold([0; 8], |mut state, block| {
            state.iter_mut().zip(block).for_each(|(state, octet)| *state ^= octet);
            encrypt(&mut state);
            state
        })
    }

    /// No cipher, but every octet and its place count.
    fn mix(state: &mut [u8; 8]) {
        let number = u64::from_be_bytes(*state).wrapping_add(0x9E37_79B9_7F4A_7C15).rotate_left(13);
        *state = number.wrapping_mul(0xBF58_476D_1CE4_E5B9).to_be_bytes();
    }

    proptest! {
        #[test]
        fn parts_give_what_the_whole_gives(parts in collection::vec(collection::vec(any::<u8>(), 0..20), 0..6), second: bool) {
            let padding = if second { Padding::Method2 } else { Padding::Method1 };
            let mut chain = Chain::new([0; 8]);
            parts.iter().for_each(|part| chain.update(part, mix));
            prop_assert_eq!(chain.finish(padding, mix), by_the_letter(&parts.concat(), padding, mix));
        }
    }
}

//! From the keys of a card to those of one transaction (EMV 4.4 Book 2, A1.3; JR/T 0025.7 and 0025.17).
//!
//! TDES results have odd parity. Which of these a card uses follows from its cryptogram version ([`crate::ac`]) and, for
//! scripts, from its set of rules ([`crate::script`]).

use zeroize::Zeroizing;

#[cfg(feature = "sm")]
use crate::keys::Sm4Key;
#[cfg(feature = "aes")]
use crate::keys::{AesKey, AesSize};
#[cfg(feature = "des")]
use crate::keys::{TdesKey, TdesSchedule};

/// The third octet of the two blocks that a common session key is made of.
#[cfg(any(feature = "des", feature = "aes"))]
const MARKS: [u8; 2] = [0xF0, 0x0F];

#[cfg(any(feature = "des", feature = "aes"))]
fn marked<const N: usize>(r: &[u8; N], mark: u8) -> [u8; N] {
    let mut block = *r;
    if let Some(octet) = block.get_mut(2) {
        *octet = mark;
    }
    block
}

/// Two octets followed by zeros: the R of a common session key for cryptograms.
#[must_use]
pub fn r_of_atc<const N: usize>(atc: [u8; 2]) -> [u8; N] {
    let mut r = [0; N];
    r.iter_mut().zip(atc).for_each(|(to, from)| *to = from);
    r
}

/// Six zeros and the counter, six zeros and its complement: the blocks of PBOC.
#[cfg(any(feature = "des", feature = "sm"))]
const fn counter_blocks([high, low]: [u8; 2]) -> [[u8; 8]; 2] {
    [[0, 0, 0, 0, 0, 0, high, low], [0, 0, 0, 0, 0, 0, !high, !low]]
}

/// The common session key (EMV 4.4 Book 2, A1.3.1): R is [`r_of_atc`] for cryptograms, the application cryptogram for
/// scripts. The third octet of R has no influence.
///
/// ```
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_crypto::session::{common, r_of_atc};
///
/// let mk = TdesKey::import(&[
///     0x7A, 0x20, 0x91, 0x75, 0x5E, 0x7A, 0xE0, 0x75, 0xB3, 0x58, 0x51, 0xBA, 0x46, 0xA7, 0x02, 0xE9,
/// ]).unwrap();
/// assert_eq!(common(&mk, &r_of_atc([0x00, 0x01])).reveal()[..2], [0x3E, 0x7A]);
/// ```
#[cfg(feature = "des")]
#[must_use]
pub fn common(mk: &TdesKey, r: &[u8; 8]) -> TdesKey {
    let [left, right] = MARKS.map(|mark| marked(r, mark));
    mk.schedule().encrypt_pair(&left, &right).with_odd_parity()
}

/// The session key of M/Chip: as [`common`] with ATC and unpredictable number (`9F37`) as R.
#[cfg(feature = "des")]
#[must_use]
pub fn mastercard_skd(mk: &TdesKey, atc: [u8; 2], un: [u8; 4]) -> TdesKey {
    let ([a, b], [c, d, e, f]) = (atc, un);
    common(mk, &[a, b, 0, 0, c, d, e, f])
}

/// The session key of Visa for scripts: the ATC is xored into the end of the left half, its complement into the right.
#[cfg(feature = "des")]
#[must_use]
pub fn visa_sm(mk: &TdesKey, atc: [u8; 2]) -> TdesKey {
    let mut octets = Zeroizing::new(*mk.reveal());
    let [left, right] = counter_blocks(atc);
    octets.iter_mut().zip(left.iter().chain(&right)).for_each(|(octet, counter)| *octet ^= counter);
    TdesKey::new(*octets).with_odd_parity()
}

/// The session key of PBOC (JR/T 0025.7).
#[cfg(feature = "des")]
#[must_use]
pub fn pboc(mk: &TdesKey, atc: [u8; 2]) -> TdesKey {
    let [left, right] = counter_blocks(atc);
    mk.schedule().encrypt_pair(&left, &right).with_odd_parity()
}

/// The session key of PBOC with SM4 (JR/T 0025.17).
#[cfg(feature = "sm")]
#[must_use]
pub fn sm4(mk: &Sm4Key, atc: [u8; 2]) -> Sm4Key {
    let mut block = [0; 16];
    let [left, right] = counter_blocks(atc);
    block.iter_mut().zip(left.iter().chain(&right)).for_each(|(to, from)| *to = *from);
    let octets = Zeroizing::new(mk.schedule().encrypt(&block));
    Sm4Key::new(*octets)
}

/// The common session key with AES (EMV 4.4 Book 2, A1.3.1): R is [`r_of_atc`] for cryptograms. For scripts it is the
/// cryptogram and eight zeros (**unconfirmed**).
#[cfg(feature = "aes")]
#[must_use]
pub fn common_aes(mk: &AesKey, r: &[u8; 16]) -> AesKey {
    let schedule = mk.schedule();
    if mk.size() == AesSize::Aes128 {
        let only = Zeroizing::new(schedule.encrypt(r));
        return AesKey::leftmost(mk.size(), [only.as_slice(), &[]]);
    }
    let [first, second] = MARKS.map(|mark| Zeroizing::new(schedule.encrypt(&marked(r, mark))));
    AesKey::leftmost(mk.size(), [first.as_slice(), second.as_slice()])
}

/// The shape of the key tree of EMV 2000 (withdrawn in 2005; for old cards).
#[cfg(feature = "des")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tree {
    height: u8,
    branches: u16,
}

#[cfg(feature = "des")]
impl Tree {
    /// Height 8 with four branches.
    pub const H8B4: Self = Self { height: 8, branches: 4 };
    /// Height 16 with two branches.
    pub const H16B2: Self = Self { height: 16, branches: 2 };

    /// A tree with a leaf for each of the 65536 counters; `None` when it has fewer, or is higher than 16.
    #[must_use]
    pub const fn new(height: u8, branches: u16) -> Option<Self> {
        if height > 16 || branches < 2 {
            return None;
        }
        let mut leaves = 1_u32;
        let mut level = 0;
        while level < height {
            leaves = leaves.saturating_mul(branches as u32);
            level += 1;
        }
        if leaves >= 65536 { Some(Self { height, branches }) } else { None }
    }
}

/// The session key of EMV 2000 (EMV 4.0 Book 2, A1.3.2): a walk down the tree. Parity is adjusted at the end only.
#[cfg(feature = "des")]
#[must_use]
pub fn emv2000(mk: &TdesKey, atc: [u8; 2], tree: Tree, iv: [u8; 16]) -> TdesKey {
    let atc = u32::from(u16::from_be_bytes(atc));
    let branches = u32::from(tree.branches);
    let (mut parent, mut grandparent) = (mk.clone(), TdesKey::new(iv));
    for level in 1..tree.height {
        let below = u32::from(tree.height - level);
        let number = branches.checked_pow(below).map_or(0, |leaves| atc / leaves);
        let child = branch(&parent.schedule(), &grandparent, number % branches);
        grandparent = core::mem::replace(&mut parent, child);
    }
    let leaf = branch(&parent.schedule(), &grandparent, atc % branches);
    let mut octets = Zeroizing::new(*leaf.reveal());
    octets.iter_mut().zip(grandparent.reveal()).for_each(|(octet, other)| *octet ^= other);
    TdesKey::new(*octets).with_odd_parity()
}

/// One step down: both halves of `data`, xored with the number of the branch, enciphered.
#[cfg(feature = "des")]
fn branch(key: &TdesSchedule, data: &TdesKey, number: u32) -> TdesKey {
    let (left, right) = data.halves();
    let mixed = |half: &[u8; 8], number: u64| Zeroizing::new((u64::from_be_bytes(*half) ^ number).to_be_bytes());
    let number = u64::from(number);
    key.encrypt_pair(&mixed(left, number), &mixed(right, number ^ 0xF0))
}

#[cfg(feature = "des")]
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Regression: others wrote the second half of the key over the first.
    #[test]
    fn both_halves_of_a_session_key_differ() {
        let mk = TdesKey::new(0x7A20_9175_5E7A_E075_B358_51BA_46A7_02E9_u128.to_be_bytes());
        for key in [common(&mk, &r_of_atc([0, 1])), mastercard_skd(&mk, [0, 1], [7; 4]), pboc(&mk, [0, 1])] {
            let (left, right) = key.halves();
            assert_ne!(left, right);
        }
    }

    #[test]
    fn the_third_octet_of_r_has_no_influence() {
        let mk = TdesKey::new([0x35; 16]);
        assert_eq!(common(&mk, &[1, 2, 3, 4, 5, 6, 7, 8]), common(&mk, &[1, 2, 9, 4, 5, 6, 7, 8]));
        assert_ne!(common(&mk, &[1, 2, 3, 4, 5, 6, 7, 8]), common(&mk, &[1, 2, 3, 9, 5, 6, 7, 8]));
    }

    #[test]
    fn a_tree_has_a_leaf_for_every_counter() {
        assert_eq!((Tree::new(8, 4), Tree::new(16, 2)), (Some(Tree::H8B4), Some(Tree::H16B2)));
        for (height, branches) in [(0, 4), (7, 4), (15, 2), (16, 1), (17, 2), (1, u16::MAX)] {
            assert_eq!(Tree::new(height, branches), None);
        }
        assert!(Tree::new(16, u16::MAX).is_some());
    }

    proptest! {
        #[test]
        fn any_tree_and_counter_give_a_key(height in 0u8..=20, branches: u16, atc: [u8; 2], mk: [u8; 16]) {
            if let Some(tree) = Tree::new(height, branches) {
                let key = emv2000(&TdesKey::new(mk), atc, tree, [0; 16]);
                prop_assert!(key.reveal().iter().all(|octet| octet.count_ones() % 2 == 1));
            }
        }
    }
}

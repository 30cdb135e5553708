//! From an issuer master key and a card's number to the keys of that card (EMV 4.4 Book 2, A1.4; JR/T 0025.7).
//!
//! Options A and B end in TDES keys with odd parity, option C in AES keys; PBOC has a form for SM4. Which option a card is
//! personalised with is the issuer's choice; [`crate::ac`] knows the usual one of each cryptogram version.

use tapcard_emv::pan::Pan;
use zeroize::Zeroizing;

use crate::keys::SecretKey;

#[cfg(feature = "aes")]
use crate::keys::AesKey;
#[cfg(feature = "sm")]
use crate::keys::Sm4Key;
#[cfg(feature = "des")]
use crate::keys::{TdesKey, TdesSchedule};

/// PAN sequence number (`5F34`), 0 to 99. A card without one counts as 00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Psn(u8);

impl Psn {
    /// A number from 0 to 99; `None` above.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 100 { Some(Self(number)) } else { None }
    }

    /// The value of `5F34`, two decimal digits; `None` when they are none.
    #[must_use]
    pub const fn from_bcd(octet: u8) -> Option<Self> {
        let [high, low] = [octet >> 4, octet & 0x0F];
        if high < 10 && low < 10 { Some(Self(high * 10 + low)) } else { None }
    }

    const fn digits(self) -> [u8; 2] {
        [self.0 / 10, self.0 % 10]
    }
}

/// How the keys of a card come from those of its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Derivation {
    /// The rightmost 16 digits of PAN and PAN sequence number (EMV 4.4 Book 2, A1.4.1); also PBOC with TDES.
    OptionA,
    /// A hash of all digits where the PAN has more than 16, else option A (A1.4.2).
    OptionB,
    /// All digits, for AES (A1.4.3).
    OptionC,
    /// The rightmost 16 digits, for SM4 (JR/T 0025.17).
    PbocSm4,
}

impl Derivation {
    /// The card key; `None` when the issuer key is of another cipher than this option is for.
    #[must_use]
    pub fn card_key(self, imk: &SecretKey, pan: &Pan, psn: Psn) -> Option<SecretKey> {
        Some(match (self, imk) {
            #[cfg(feature = "des")]
            (Self::OptionA, SecretKey::Tdes(imk)) => option_a(imk, pan, psn).into(),
            #[cfg(feature = "des")]
            (Self::OptionB, SecretKey::Tdes(imk)) => option_b(imk, pan, psn).into(),
            #[cfg(feature = "aes")]
            (Self::OptionC, SecretKey::Aes(imk)) => option_c(imk, pan, psn).into(),
            #[cfg(feature = "sm")]
            (Self::PbocSm4, SecretKey::Sm4(imk)) => pboc_sm4(imk, pan, psn).into(),
            _ => return None,
        })
    }
}

/// The digits, right-aligned in `N` octets BCD with zeros before them; what is too much on the left is left out.
fn right_aligned<const N: usize>(pan: &Pan, psn: Psn) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    let mut digits = pan.digits().chain(psn.digits()).rev();
    for octet in out.iter_mut().rev() {
        let low = digits.next().unwrap_or(0);
        let high = digits.next().unwrap_or(0);
        *octet = high << 4 | low;
    }
    out
}

fn complement<const N: usize>(octets: &[u8; N]) -> [u8; N] {
    octets.map(|octet| !octet)
}

/// The rightmost 16 digits of PAN and PAN sequence number: what option A and PBOC encipher. Keep them away from logs.
#[must_use]
pub fn diversifier(pan: &Pan, psn: Psn) -> [u8; 8] {
    *right_aligned(pan, psn)
}

/// E(IMK, Y) and E(IMK, not Y), as they are: the step that all TDES derivations share.
#[cfg(feature = "des")]
pub(crate) fn diversify(imk: &TdesSchedule, diversifier: &[u8; 8]) -> TdesKey {
    imk.encrypt_pair(diversifier, &complement(diversifier))
}

/// Option A: the rightmost 16 digits of PAN and PAN sequence number count (EMV 4.4 Book 2, A1.4.1). Odd parity.
///
/// ```
/// use tapcard_crypto::derive::{Psn, option_a};
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_emv::pan::Pan;
///
/// let imk = TdesKey::import(&[
///     0x26, 0x8A, 0x49, 0x15, 0x9E, 0xD0, 0x83, 0x2F, 0xE5, 0x54, 0x9B, 0x5B, 0x89, 0x32, 0x23, 0x75,
/// ]).unwrap();
/// let key = option_a(&imk, &Pan::from_digits("9984036606028954").unwrap(), Psn::default());
/// assert_eq!(key.reveal()[..4], [0x1C, 0x89, 0x29, 0xDC]);
/// ```
#[cfg(feature = "des")]
#[must_use]
pub fn option_a(imk: &TdesKey, pan: &Pan, psn: Psn) -> TdesKey {
    diversify(&imk.schedule(), &right_aligned(pan, psn)).with_odd_parity()
}

/// Option B: option A up to 16 digits of PAN, above that a decimalised SHA-1 (EMV 4.4 Book 2, A1.4.2). Odd parity.
#[cfg(feature = "des")]
#[must_use]
pub fn option_b(imk: &TdesKey, pan: &Pan, psn: Psn) -> TdesKey {
    if pan.digits().len() <= 16 {
        return option_a(imk, pan, psn);
    }
    diversify(&imk.schedule(), &hashed(pan, psn)).with_odd_parity()
}

/// Sixteen decimal digits of the SHA-1 of all digits.
#[cfg(feature = "des")]
fn hashed(pan: &Pan, psn: Psn) -> Zeroizing<[u8; 8]> {
    use sha1::Digest;

    // At most 19 and 2 digits; with an odd number of them one zero stands in front.
    let octets = right_aligned::<11>(pan, psn);
    let used = (pan.digits().len() + 2).div_ceil(2);
    let unused = octets.len() - used;
    let hash: [u8; 20] = sha1::Sha1::digest(octets.get(unused..).unwrap_or_default()).into();
    let half_octets = || hash.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
    let mut digits =
        half_octets().filter(|half| *half < 10).chain(half_octets().filter_map(|half| half.checked_sub(10)));
    let mut out = Zeroizing::new([0; 8]);
    for octet in out.iter_mut() {
        let high = digits.next().unwrap_or(0);
        *octet = high << 4 | digits.next().unwrap_or(0);
    }
    out
}

/// Option C: all digits in one block, for AES (EMV 4.4 Book 2, A1.4.3). The card key has the size of the issuer's.
#[cfg(feature = "aes")]
#[must_use]
pub fn option_c(imk: &AesKey, pan: &Pan, psn: Psn) -> AesKey {
    let block = right_aligned::<16>(pan, psn);
    let schedule = imk.schedule();
    let first = Zeroizing::new(schedule.encrypt(&block));
    let second = Zeroizing::new(schedule.encrypt(&complement(&block)));
    AesKey::leftmost(imk.size(), [first.as_slice(), second.as_slice()])
}

/// The card key of PBOC with SM4: digits as in option A, and their complement, in one block (JR/T 0025.17).
#[cfg(feature = "sm")]
#[must_use]
pub fn pboc_sm4(imk: &Sm4Key, pan: &Pan, psn: Psn) -> Sm4Key {
    let digits = right_aligned::<8>(pan, psn);
    let mut block = Zeroizing::new([0; 16]);
    let halves = digits.iter().copied().chain(complement(&digits));
    block.iter_mut().zip(halves).for_each(|(to, from)| *to = from);
    Sm4Key::new(imk.schedule().encrypt(&block))
}

#[cfg(feature = "des")]
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pan(digits: &str) -> Pan {
        Pan::from_digits(digits).unwrap()
    }

    #[test]
    fn a_sequence_number_is_two_decimal_digits() {
        assert_eq!(Psn::from_bcd(0x99), Psn::new(99));
        assert_eq!((Psn::from_bcd(0x0A), Psn::from_bcd(0xA0), Psn::new(100)), (None, None, None));
    }

    #[test]
    fn short_numbers_are_filled_with_zeros_on_the_left() {
        assert_eq!(*right_aligned::<8>(&pan("123"), Psn(4)), [0, 0, 0, 0, 0, 0x01, 0x23, 0x04]);
        assert_eq!(
            *right_aligned::<8>(&pan("1234567890123456789"), Psn(21)),
            [0x67, 0x89, 0x01, 0x23, 0x45, 0x67, 0x89, 0x21]
        );
    }

    /// Regression: others hash every number, also those that option B leaves to option A.
    #[test]
    fn option_b_hashes_only_numbers_of_more_than_sixteen_digits() {
        let imk = TdesKey::new([0x4A; 16]);
        let both = |digits: &str| (option_a(&imk, &pan(digits), Psn(1)), option_b(&imk, &pan(digits), Psn(1)));
        let (a, b) = both("9999999999999999");
        assert_eq!(a, b);
        let (a, b) = both("99999999999999999");
        assert_ne!(a, b);
    }

    proptest! {
        #[test]
        fn any_number_gives_keys_of_odd_parity(digits in "[0-9]{1,19}", psn in 0u8..100, imk: [u8; 16]) {
            let (imk, pan, psn) = (TdesKey::new(imk), pan(&digits), Psn::new(psn).unwrap());
            for key in [option_a(&imk, &pan, psn), option_b(&imk, &pan, psn)] {
                prop_assert!(key.reveal().iter().all(|octet| octet.count_ones() % 2 == 1));
            }
        }
    }
}

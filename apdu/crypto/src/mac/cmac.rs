//! AES-CMAC (NIST SP 800-38B; ISO/IEC 9797-1:2011 algorithm 5).

use core::fmt;

use aes::{Aes128, Aes192, Aes256};
use cmac::Mac as _;
use cmac::digest::InnerInit;

use super::Mac;
use crate::keys::{AesSchedule, AesVariant};

/// An AES-CMAC in the making.
///
/// ```
/// use tapcard_crypto::keys::AesKey;
/// use tapcard_crypto::mac::Cmac;
///
/// let key = AesKey::import(&[0; 16])?.schedule();
/// let mut mac = Cmac::new(&key);
/// mac.update(b"in two ");
/// mac.update(b"parts");
/// let mut whole = Cmac::new(&key);
/// whole.update(b"in two parts");
/// assert_eq!(mac.finish(), whole.finish());
/// # Ok::<(), tapcard_crypto::keys::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Cmac(Inner);

#[derive(Clone)]
enum Inner {
    Aes128(cmac::Cmac<Aes128>),
    Aes192(cmac::Cmac<Aes192>),
    Aes256(cmac::Cmac<Aes256>),
}

impl Cmac {
    /// Starts with a copy of the round keys.
    #[must_use]
    pub fn new(key: &AesSchedule) -> Self {
        Self(match key.variant() {
            AesVariant::Aes128(cipher) => Inner::Aes128(cmac::Cmac::inner_init(cipher.clone())),
            AesVariant::Aes192(cipher) => Inner::Aes192(cmac::Cmac::inner_init(cipher.clone())),
            AesVariant::Aes256(cipher) => Inner::Aes256(cmac::Cmac::inner_init(cipher.clone())),
        })
    }

    /// Takes the next part.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            Inner::Aes128(mac) => mac.update(data),
            Inner::Aes192(mac) => mac.update(data),
            Inner::Aes256(mac) => mac.update(data),
        }
    }

    /// The whole code; a cryptogram is its leftmost 8 octets, an ARPC its leftmost 4.
    #[must_use]
    pub fn finish(self) -> Mac<16> {
        let tag = match self.0 {
            Inner::Aes128(mac) => mac.finalize().into_bytes(),
            Inner::Aes192(mac) => mac.finalize().into_bytes(),
            Inner::Aes256(mac) => mac.finalize().into_bytes(),
        };
        Mac::new(tag.into())
    }
}

impl fmt::Debug for Cmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cmac").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::AesKey;

    /// NIST SP 800-38B, examples 1 to 3 of AES-128.
    #[test]
    fn the_examples_of_the_standard_come_out() {
        let key = AesKey::import(&0x2B7E_1516_28AE_D2A6_ABF7_1588_09CF_4F3C_u128.to_be_bytes()).unwrap().schedule();
        let block = 0x6BC1_BEE2_2E40_9F96_E93D_7E11_7393_172A_u128.to_be_bytes();
        for (data, expected) in [
            (&[][..], 0xBB1D_6929_E959_3728_7FA3_7D12_9B75_6746_u128),
            (&block[..], 0x070A_16B4_6B4D_4144_F79B_DD9D_D04A_287C),
        ] {
            let mut mac = Cmac::new(&key);
            mac.update(data);
            assert_eq!(mac.finish().octets(), &expected.to_be_bytes());
        }
    }
}

//! The round keys of whichever cipher a key is for, with the MAC that EMV pairs with it.

#[cfg(feature = "aes")]
use super::AesSchedule;
use super::SecretKey;
#[cfg(feature = "sm")]
use super::Sm4Schedule;
#[cfg(feature = "des")]
use super::TdesSchedule;
#[cfg(feature = "aes")]
use crate::mac::Cmac;
#[cfg(feature = "des")]
use crate::mac::RetailMac;
#[cfg(feature = "sm")]
use crate::mac::Sm4Mac;
use crate::mac::{Mac, Padding};

/// Round keys of one cipher.
#[allow(clippy::large_enum_variant, reason = "there is no heap to move the largest to; lives for one computation")]
pub(crate) enum Schedule {
    #[cfg(feature = "des")]
    Tdes(TdesSchedule),
    #[cfg(feature = "aes")]
    Aes(AesSchedule),
    #[cfg(feature = "sm")]
    Sm4(Sm4Schedule),
}

/// A code in the making: algorithm 3 for TDES, CMAC for AES, the plain chain for SM4.
#[allow(clippy::large_enum_variant, reason = "there is no heap to move the largest to; lives for one computation")]
pub(crate) enum MacState<'k> {
    #[cfg(feature = "des")]
    Retail(RetailMac<'k>),
    #[cfg(feature = "aes")]
    Cmac(Cmac, core::marker::PhantomData<&'k ()>),
    #[cfg(feature = "sm")]
    Sm4(Sm4Mac<'k>),
}

impl SecretKey {
    pub(crate) fn schedule(&self) -> Schedule {
        match self {
            #[cfg(feature = "des")]
            Self::Tdes(key) => Schedule::Tdes(key.schedule()),
            #[cfg(feature = "aes")]
            Self::Aes(key) => Schedule::Aes(key.schedule()),
            #[cfg(feature = "sm")]
            Self::Sm4(key) => Schedule::Sm4(key.schedule()),
        }
    }
}

impl Schedule {
    pub(crate) fn mac(&self) -> MacState<'_> {
        match self {
            #[cfg(feature = "des")]
            Self::Tdes(key) => MacState::Retail(RetailMac::new(key)),
            #[cfg(feature = "aes")]
            Self::Aes(key) => MacState::Cmac(Cmac::new(key), core::marker::PhantomData),
            #[cfg(feature = "sm")]
            Self::Sm4(key) => MacState::Sm4(Sm4Mac::new(key)),
        }
    }
}

impl MacState<'_> {
    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            #[cfg(feature = "des")]
            Self::Retail(mac) => mac.update(data),
            #[cfg(feature = "aes")]
            Self::Cmac(mac, _) => mac.update(data),
            #[cfg(feature = "sm")]
            Self::Sm4(mac) => mac.update(data),
        }
    }

    /// The leftmost eight octets. The padding is for TDES alone; the others have one of their own.
    pub(crate) fn finish(self, padding: Padding) -> Mac<8> {
        #[cfg(not(feature = "des"))]
        let _ = padding;
        match self {
            #[cfg(feature = "des")]
            Self::Retail(mac) => mac.finish(padding),
            #[cfg(feature = "aes")]
            Self::Cmac(mac, _) => mac.finish().leftmost(),
            #[cfg(feature = "sm")]
            Self::Sm4(mac) => mac.finish().leftmost(),
        }
    }
}

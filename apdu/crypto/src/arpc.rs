//! Issuer authentication: the ARPC and the data of tag `91` (EMV 4.4 Book 2, 8.2).
//!
//! Method 1 answers with a response code, method 2 with a card status update. [`CryptogramVersion::answer`] computes what the
//! issuer sends, [`CryptogramVersion::check_answer`] is the card's side over the same composition: it compares in constant
//! time and gives the meaning only when the code is right. What the card then does is left to the card.

use crate::ac::{AcData, AcError, ArpcKey, CryptogramVersion};
use crate::keys::SecretKey;
use crate::mac::{Mac, Padding};

/// Most octets of proprietary authentication data (EMV 4.4 Book 2, 8.2.2).
pub const MAX_PROPRIETARY: usize = 8;

/// Most octets of the value of tag `91`.
pub const MAX_ISSUER_AUTHENTICATION: usize = 16;

/// How an issuer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ArpcMethod {
    /// Eight octets over cryptogram and response code, then the code.
    Method1,
    /// Four octets over cryptogram, card status update and proprietary data, then these.
    Method2,
}

/// What the issuer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum IssuerAnswer<'a> {
    /// Method 1: the authorisation response code (`8A`), or the ARPC response code of M/Chip.
    ResponseCode([u8; 2]),
    /// Method 2: the card status update and up to eight octets of proprietary data.
    StatusUpdate(Csu, &'a [u8]),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ArpcError {
    /// The version has no issuer authentication, or has it by the other method.
    #[error("the cryptogram version does not answer so")]
    Method,
    /// Proprietary data of more than eight octets.
    #[error("{found} octets of proprietary data")]
    Proprietary {
        /// Octets found.
        found: usize,
    },
    /// The value of tag `91` has another length than the method.
    #[error("issuer authentication data of {found} octets")]
    Length {
        /// Octets found.
        found: usize,
    },
    /// The buffer is too small for the value of tag `91`.
    #[error("{needed} octets do not fit")]
    Capacity {
        /// Octets needed.
        needed: usize,
    },
    /// The session key cannot be computed.
    #[error(transparent)]
    Key(#[from] AcError),
}

/// Card status update of method 2 (EMV 4.4 Book 3, Annex C10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Csu(pub [u8; 4]);

/// What the card does with its offline counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CounterUpdate {
    /// They stay.
    Keep,
    /// They go to their upper limits.
    ToUpperLimits,
    /// They go to zero.
    Reset,
    /// This transaction is added.
    Add,
}

impl Csu {
    /// Approve, and reset the counters.
    pub const APPROVE_AND_RESET: Self = Self([0x00, 0x82, 0x00, 0x00]);

    const fn bit(self, octet: usize, mask: u8) -> bool {
        let [first, second, _, _] = self.0;
        (if octet == 1 { first } else { second }) & mask != 0
    }

    /// Proprietary authentication data follows.
    #[must_use]
    pub const fn has_proprietary_data(self) -> bool {
        self.bit(1, 0x80)
    }

    /// The new PIN try counter, where [`Csu::updates_pin_try_counter`].
    #[must_use]
    pub const fn pin_try_counter(self) -> u8 {
        let [first, ..] = self.0;
        first & 0x0F
    }

    /// The issuer approves.
    #[must_use]
    pub const fn approves(self) -> bool {
        self.bit(2, 0x80)
    }

    /// The card is to be blocked.
    #[must_use]
    pub const fn blocks_card(self) -> bool {
        self.bit(2, 0x40)
    }

    /// The application is to be blocked.
    #[must_use]
    pub const fn blocks_application(self) -> bool {
        self.bit(2, 0x20)
    }

    /// The PIN try counter is to be set.
    #[must_use]
    pub const fn updates_pin_try_counter(self) -> bool {
        self.bit(2, 0x10)
    }

    /// The next transaction is to go online.
    #[must_use]
    pub const fn goes_online_next(self) -> bool {
        self.bit(2, 0x08)
    }

    /// A proxy of the issuer made it.
    #[must_use]
    pub const fn is_by_proxy(self) -> bool {
        self.bit(2, 0x04)
    }

    /// What happens to the counters.
    #[must_use]
    pub const fn counters(self) -> CounterUpdate {
        let [_, second, ..] = self.0;
        match second & 0x03 {
            0 => CounterUpdate::Keep,
            1 => CounterUpdate::ToUpperLimits,
            2 => CounterUpdate::Reset,
            _ => CounterUpdate::Add,
        }
    }
}

/// ARPC by method 1 with whichever key it is due: E(K, ARQC xor (ARC, zeros)). For SM4 the leftmost half of one block with
/// eight zeros after it (JR/T 0025.17; no value of it is published).
///
/// # Errors
/// AES: method 1 is not defined for it.
pub fn method1(key: &SecretKey, arqc: &[u8; 8], arc: [u8; 2]) -> Result<Mac<8>, ArpcError> {
    let mut block = *arqc;
    block.iter_mut().zip(arc).for_each(|(octet, code)| *octet ^= code);
    match key {
        #[cfg(feature = "des")]
        SecretKey::Tdes(key) => Ok(Mac::new(key.schedule().encrypt(&block))),
        #[cfg(feature = "sm")]
        SecretKey::Sm4(key) => {
            let mut whole = [0; 16];
            whole.iter_mut().zip(block).for_each(|(to, from)| *to = from);
            Ok(Mac::new(key.schedule().encrypt(&whole)).leftmost())
        }
        #[cfg(feature = "aes")]
        SecretKey::Aes(_) => Err(ArpcError::Method),
    }
}

/// ARPC by method 2 with whichever key it is due: four octets over cryptogram, card status update and proprietary data.
///
/// # Errors
/// More than eight octets of proprietary data, or SM4: method 2 is not defined for it.
pub fn method2(key: &SecretKey, arqc: &[u8; 8], csu: Csu, proprietary: &[u8]) -> Result<Mac<4>, ArpcError> {
    if proprietary.len() > MAX_PROPRIETARY {
        return Err(ArpcError::Proprietary { found: proprietary.len() });
    }
    #[cfg(feature = "sm")]
    if matches!(key, SecretKey::Sm4(_)) {
        return Err(ArpcError::Method);
    }
    let schedule = key.schedule();
    let mut mac = schedule.mac();
    [arqc.as_slice(), &csu.0, proprietary].into_iter().for_each(|part| mac.update(part));
    Ok(mac.finish(Padding::Method2).leftmost())
}

/// An ARPC of either method.
enum Arpc {
    Method1(Mac<8>),
    Method2(Mac<4>),
}

impl Arpc {
    fn octets(&self) -> &[u8] {
        match self {
            Self::Method1(mac) => mac.octets(),
            Self::Method2(mac) => mac.octets(),
        }
    }

    fn is(&self, received: &[u8]) -> bool {
        match self {
            Self::Method1(mac) => received.len() == 8 && mac.verify(received),
            Self::Method2(mac) => received.len() == 4 && mac.verify(received),
        }
    }
}

impl CryptogramVersion {
    /// Writes the value of tag `91` and gives its length: the ARPC, then what it answers. Of `data`, ATC (`9F36`) and
    /// unpredictable number (`9F37`) are used, as far as the key needs them.
    ///
    /// # Errors
    /// The version answers by the other method or not at all, the key is wrong, a value is missing, the buffer is small.
    pub fn answer(
        &self,
        card_key: &SecretKey,
        data: &AcData<'_>,
        arqc: &[u8; 8],
        answer: &IssuerAnswer<'_>,
        out: &mut [u8],
    ) -> Result<usize, ArpcError> {
        let arpc = self.arpc(card_key, data, arqc, answer)?;
        let (code, proprietary) = match answer {
            IssuerAnswer::ResponseCode(code) => (code.as_slice(), &[][..]),
            IssuerAnswer::StatusUpdate(csu, proprietary) => (csu.0.as_slice(), *proprietary),
        };
        let parts = [arpc.octets(), code, proprietary];
        let needed = parts.iter().map(|part| part.len()).sum();
        let out = out.get_mut(..needed).ok_or(ArpcError::Capacity { needed })?;
        out.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        Ok(needed)
    }

    /// The card's side: what the value of tag `91` says, or `None` when its ARPC is wrong.
    ///
    /// # Errors
    /// The value is no answer by the method of this version, the key is wrong, or a value is missing.
    pub fn check_answer<'a>(
        &self,
        card_key: &SecretKey,
        data: &AcData<'_>,
        arqc: &[u8; 8],
        tag91: &'a [u8],
    ) -> Result<Option<IssuerAnswer<'a>>, ArpcError> {
        let length = ArpcError::Length { found: tag91.len() };
        let (method, _) = self.arpc.ok_or(ArpcError::Method)?;
        let (received, answer) = match method {
            ArpcMethod::Method1 => {
                let (arpc, code) = tag91.split_at_checked(8).ok_or(length)?;
                (arpc, IssuerAnswer::ResponseCode(code.try_into().map_err(|_| length)?))
            }
            ArpcMethod::Method2 => {
                let (arpc, rest) = tag91.split_at_checked(4).ok_or(length)?;
                let (csu, proprietary) = rest.split_first_chunk().ok_or(length)?;
                (arpc, IssuerAnswer::StatusUpdate(Csu(*csu), proprietary))
            }
        };
        let own = self.arpc(card_key, data, arqc, &answer)?;
        Ok(own.is(received).then_some(answer))
    }

    fn arpc(
        &self,
        card_key: &SecretKey,
        data: &AcData<'_>,
        arqc: &[u8; 8],
        answer: &IssuerAnswer<'_>,
    ) -> Result<Arpc, ArpcError> {
        let (method, key) = self.arpc.ok_or(ArpcError::Method)?;
        self.check(card_key)?;
        let key = match key {
            ArpcKey::Card => card_key.clone(),
            ArpcKey::Session => self.session_key(card_key, data)?,
        };
        match (method, answer) {
            (ArpcMethod::Method1, IssuerAnswer::ResponseCode(code)) => method1(&key, arqc, *code).map(Arpc::Method1),
            (ArpcMethod::Method2, IssuerAnswer::StatusUpdate(csu, proprietary)) => {
                method2(&key, arqc, *csu, proprietary).map(Arpc::Method2)
            }
            _ => Err(ArpcError::Method),
        }
    }
}

#[cfg(feature = "des")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::ac::VERSIONS;
    use crate::keys::{Cipher, TdesKey};
    use proptest::prelude::*;

    const ARQC: [u8; 8] = [0x5D, 0x6B, 0x02, 0x9C, 0xDD, 0x48, 0x28, 0x39];

    fn key() -> SecretKey {
        TdesKey::new(0x92AD_DA89_793B_2C16_DF76_61AE_B9BF_CBD5_u128.to_be_bytes()).into()
    }

    #[test]
    fn the_bits_of_a_status_update_have_their_meaning() {
        let csu = Csu::APPROVE_AND_RESET;
        assert!(csu.approves() && !csu.blocks_card() && !csu.has_proprietary_data());
        assert_eq!(csu.counters(), CounterUpdate::Reset);
        let csu = Csu([0x83, 0x7D, 0, 0]);
        assert!(!csu.approves() && csu.has_proprietary_data());
        assert!(csu.blocks_card() && csu.blocks_application() && csu.updates_pin_try_counter());
        assert!(csu.goes_online_next() && csu.is_by_proxy());
        assert_eq!((csu.pin_try_counter(), csu.counters()), (3, CounterUpdate::ToUpperLimits));
    }

    #[test]
    fn an_answer_by_the_other_method_is_refused() {
        let data = AcData::of_card(&[], &[0, 0], &[0, 1]);
        let code = IssuerAnswer::ResponseCode([0x30, 0x30]);
        let mut out = [0; 16];
        for version in [CryptogramVersion::VISA_18, CryptogramVersion::VISA_17] {
            assert_eq!(version.answer(&key(), &data, &ARQC, &code, &mut out), Err(ArpcError::Method));
        }
        let update = IssuerAnswer::StatusUpdate(Csu::APPROVE_AND_RESET, &[0; 9]);
        let long = ArpcError::Proprietary { found: 9 };
        assert_eq!(CryptogramVersion::VISA_18.answer(&key(), &data, &ARQC, &update, &mut out), Err(long));
        let small = ArpcError::Capacity { needed: 10 };
        assert_eq!(CryptogramVersion::VISA_10.answer(&key(), &data, &ARQC, &code, &mut out[..9]), Err(small));
        let short = ArpcError::Length { found: 9 };
        assert_eq!(CryptogramVersion::VISA_10.check_answer(&key(), &data, &ARQC, &[0; 9]), Err(short));
        let wrong_key = ArpcError::Key(AcError::WrongKey(Cipher::Sm4));
        assert_eq!(CryptogramVersion::PBOC_01_SM4.answer(&key(), &data, &ARQC, &code, &mut out), Err(wrong_key));
    }

    proptest! {
        #[test]
        fn the_card_takes_what_its_issuer_answers_and_nothing_else(
            arqc: [u8; 8], code: [u8; 2], csu: [u8; 4], atc: [u8; 2], proprietary in proptest::collection::vec(any::<u8>(), 0..=8), bit in 0usize..128
        ) {
            for version in VERSIONS.iter().filter(|version| version.cipher == Cipher::Tdes) {
                let Some((method, _)) = version.arpc else { continue };
                let answer = match method {
                    ArpcMethod::Method1 => IssuerAnswer::ResponseCode(code),
                    ArpcMethod::Method2 => IssuerAnswer::StatusUpdate(Csu(csu), &proprietary),
                };
                let mut data = AcData::of_card(&[], &[0, 0], &atc);
                data.add_dol(tapcard_emv::Dol::new(&[0x9F, 0x37, 4]), &[1, 2, 3, 4]).unwrap();
                let mut tag91 = [0; 16];
                let len = version.answer(&key(), &data, &arqc, &answer, &mut tag91).unwrap();
                prop_assert_eq!(version.check_answer(&key(), &data, &arqc, &tag91[..len]), Ok(Some(answer)));
                tag91[bit / 8] ^= 1 << (bit % 8);
                let changed = version.check_answer(&key(), &data, &arqc, &tag91[..len]);
                prop_assert_eq!(changed.unwrap().is_some(), bit / 8 >= len);
            }
        }
    }
}

//! Issuer scripts: enciphered data, the MAC over a command, and the command that changes a PIN (EMV 4.4 Book 2, 9).
//!
//! Confidential data is enciphered first, then header, counter, cryptogram and the enciphered data are authenticated. How,
//! differs by set; [`crate::ac::CryptogramVersion::scripts`] says which set a card has. The order of commands and their
//! effect are left to the card, the choice of commands to the issuer.

#![cfg_attr(not(any(feature = "des", feature = "sm")), allow(unused, reason = "AES has no set of its own"))]

use crate::ac::AcError;
use crate::keys::{Cipher, SecretKey};
use crate::mac::{Mac, Padding};
use crate::session;

/// How the commands of a script are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ScriptSet {
    /// Visa 0A and 12: keys of the ATC.
    Visa,
    /// Visa 22: the common session key of the cryptogram.
    VisaCommon,
    /// M/Chip: the common session key of the cryptogram, which counts up with each command.
    Mastercard,
    /// Interac: neither ATC nor cryptogram are authenticated, both are in the key.
    Interac,
    /// PBOC: keys of the ATC, MAC of four octets; with TDES or SM4.
    Pboc,
}

/// What both sides know of the transaction that a script belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScriptContext {
    /// Application transaction counter (`9F36`) of the transaction.
    pub atc: [u8; 2],
    /// The cryptogram of the first GENERATE AC, and for M/Chip what it has been counted up to: see [`ScriptContext::next`].
    pub cryptogram: [u8; 8],
}

impl ScriptContext {
    /// For the next command of the same script: M/Chip adds one to the cryptogram, the others keep it.
    #[must_use]
    pub const fn next(self, set: ScriptSet) -> Self {
        match set {
            ScriptSet::Mastercard => {
                let number = u64::from_be_bytes(self.cryptogram).wrapping_add(1);
                Self { cryptogram: number.to_be_bytes(), ..self }
            }
            _ => self,
        }
    }
}

/// Why a command cannot be protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ScriptError {
    /// The set has no such rule, or it is **unconfirmed**.
    #[error("the script set has no rule for this")]
    NoRule,
    /// The key is of another cipher than the set, or a value is missing.
    #[error(transparent)]
    Key(#[from] AcError),
    /// The data does not fit into the buffer, or into the length octet that goes before it.
    #[error("{needed} octets do not fit")]
    Capacity {
        /// Octets needed.
        needed: usize,
    },
    /// Enciphered data that is no whole number of blocks.
    #[error("{found} octets are no whole blocks")]
    Blocks {
        /// Octets found.
        found: usize,
    },
    /// Deciphered data without the padding of the set.
    #[error("no padding")]
    Padding,
}

impl ScriptSet {
    /// Octets of the MAC at the end of a command; cards of Visa and M/Chip may be personalised for fewer.
    #[must_use]
    pub const fn mac_octets(self) -> usize {
        match self {
            Self::Pboc => 4,
            _ => 8,
        }
    }

    /// The session key of a card key for scripts, be it for MACs or for encipherment.
    ///
    /// # Errors
    /// The key is of another cipher than the set is for.
    pub fn session_key(self, card_key: &SecretKey, context: &ScriptContext) -> Result<SecretKey, ScriptError> {
        match (self, card_key) {
            #[cfg(feature = "des")]
            (Self::Visa, SecretKey::Tdes(key)) => Ok(session::visa_sm(key, context.atc).into()),
            #[cfg(feature = "des")]
            (Self::VisaCommon | Self::Mastercard | Self::Interac, SecretKey::Tdes(key)) => {
                Ok(session::common(key, &context.cryptogram).into())
            }
            #[cfg(feature = "des")]
            (Self::Pboc, SecretKey::Tdes(key)) => Ok(session::pboc(key, context.atc).into()),
            #[cfg(feature = "sm")]
            (Self::Pboc, SecretKey::Sm4(key)) => Ok(session::sm4(key, context.atc).into()),
            #[allow(unreachable_patterns, reason = "what is left depends on the features")]
            _ => Err(AcError::WrongKey(Cipher::Tdes).into()),
        }
    }

    /// The MAC of a command from the card key: `header` is CLA INS P1 P2 Lc as sent, so that Lc counts data and MAC. Take the
    /// leftmost [`ScriptSet::mac_octets`] of it.
    ///
    /// ```
    /// use tapcard_crypto::keys::TdesKey;
    /// use tapcard_crypto::script::{ScriptContext, ScriptSet};
    ///
    /// let card_key = TdesKey::new([0x31; 16]).into();
    /// let context = ScriptContext { atc: [0x00, 0x12], cryptogram: [0xA5; 8] };
    /// let header = [0x84, 0x1E, 0x00, 0x00, 0x08];
    /// let mac = ScriptSet::Visa.mac(&card_key, &context, header, &[])?;
    /// assert!(!mac.verify(&[0; 8]));
    /// # Ok::<(), tapcard_crypto::script::ScriptError>(())
    /// ```
    ///
    /// # Errors
    /// The key is of another cipher than the set is for.
    pub fn mac(
        self,
        card_key: &SecretKey,
        context: &ScriptContext,
        header: [u8; 5],
        data: &[u8],
    ) -> Result<Mac<8>, ScriptError> {
        let key = self.session_key(card_key, context)?;
        Ok(self.mac_with(&key, context, header, data))
    }

    /// As [`ScriptSet::mac`], from the session key.
    #[must_use]
    pub fn mac_with(self, session_key: &SecretKey, context: &ScriptContext, header: [u8; 5], data: &[u8]) -> Mac<8> {
        let bound: [&[u8]; 2] = match self {
            Self::Interac => [&[], &[]],
            _ => [&context.atc, &context.cryptogram],
        };
        let schedule = session_key.schedule();
        let mut mac = schedule.mac();
        mac.update(&header);
        bound.into_iter().for_each(|part| mac.update(part));
        mac.update(data);
        mac.finish(Padding::Method2)
    }
}

#[cfg(feature = "des")]
pub use confidential::{DataCipher, decipher, encipher};
#[cfg(feature = "des")]
pub use pin_change::{PinChangeKeys, pin_change};

#[cfg(feature = "des")]
mod confidential;
#[cfg(feature = "des")]
mod pin_change;

#[cfg(feature = "des")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::TdesKey;
    use proptest::prelude::*;

    const ALL: [ScriptSet; 5] =
        [ScriptSet::Visa, ScriptSet::VisaCommon, ScriptSet::Mastercard, ScriptSet::Interac, ScriptSet::Pboc];

    #[test]
    fn only_m_chip_counts_the_cryptogram_up_and_it_wraps() {
        let context = ScriptContext { atc: [0, 1], cryptogram: [0xFF; 8] };
        for set in ALL {
            let changed = set == ScriptSet::Mastercard;
            assert_eq!(context.next(set).cryptogram, if changed { [0; 8] } else { [0xFF; 8] });
        }
    }

    #[cfg(feature = "aes")]
    #[test]
    fn a_key_of_another_cipher_is_refused() {
        let key = crate::keys::AesKey::import(&[7; 16]).unwrap().into();
        let context = ScriptContext { atc: [0, 1], cryptogram: [0; 8] };
        for set in ALL {
            let error = ScriptError::Key(AcError::WrongKey(Cipher::Tdes));
            assert_eq!(set.mac(&key, &context, [0x84, 0x1E, 0, 0, 8], &[]), Err(error));
        }
    }

    proptest! {
        #[test]
        fn every_octet_of_a_command_and_its_transaction_counts(
            key: [u8; 16], atc: [u8; 2], cryptogram: [u8; 8], header: [u8; 5], data in proptest::collection::vec(any::<u8>(), 1..40), place in 0usize..40
        ) {
            let card_key = TdesKey::new(key).into();
            let context = ScriptContext { atc, cryptogram };
            let mut changed = data.clone();
            let place = place % data.len();
            changed[place] ^= 1;
            let mut other_header = header;
            other_header[2] ^= 0x80;
            for set in ALL {
                let mac = |context: &ScriptContext, header, data: &[u8]| set.mac(&card_key, context, header, data).unwrap();
                let right = mac(&context, header, &data);
                prop_assert!(right != mac(&context, header, &changed));
                prop_assert!(right != mac(&context, other_header, &data));
                let mut other = context;
                other.cryptogram[7] ^= 1;
                prop_assert!(right != mac(&other, header, &data));
            }
        }
    }
}

//! The issuer's master keys, and the keys of one card that come from them.
//!
//! Two-key TDES only: the emulated cards compute with nothing else. AES and SM4 have their rules in `tapcard-crypto`; a key set
//! of them would get a cipher octet in front here.

use tapcard_crypto::ac::{AcError, CryptogramVersion};
use tapcard_crypto::derive::Psn;
use tapcard_crypto::keys::{Kcv, KeyError, SecretKey, TdesKey};
use tapcard_emv::pan::Pan;
use zeroize::Zeroizing;

use crate::vault::{VaultError, random};

const KEY_OCTETS: usize = 16;
/// Octets of a key set as it is sealed.
const SET_OCTETS: usize = 3 * KEY_OCTETS;

/// The master keys of the built-in card profiles. They are public and protect nothing.
const TEST: [[u8; KEY_OCTETS]; 3] = [
    0xF0C3_4A81_24CE_E0A9_1A0B_034A_A97D_6EAC_u128.to_be_bytes(),
    0xCB4F_D649_62A8_3732_92A2_C480_A8FB_97BA_u128.to_be_bytes(),
    0x3D0B_94F1_6A27_C85E_B193_D674_02FE_8A5C_u128.to_be_bytes(),
];

/// IMK-AC, IMK-SMI and IMK-SMC: for cryptograms, script MACs and script encipherment (EMV 4.4 Book 2, 8 and 9).
pub struct IssuerKeys {
    ac: TdesKey,
    smi: TdesKey,
    smc: TdesKey,
}

/// The keys of one card.
pub(crate) struct CardKeys {
    pub(crate) ac: SecretKey,
    pub(crate) smi: SecretKey,
    pub(crate) smc: SecretKey,
}

impl IssuerKeys {
    /// New random keys with odd parity.
    ///
    /// # Errors
    /// The system gives no random octets.
    pub fn generate() -> Result<Self, VaultError> {
        let key = || loop {
            // Equal halves come once in 2^56 times; such a key is drawn again.
            if let Ok(key) = TdesKey::import(random::<KEY_OCTETS>()?.as_slice()) {
                return Ok(key.with_odd_parity());
            }
        };
        Ok(Self { ac: key()?, smi: key()?, smc: key()? })
    }

    /// Keys from elsewhere, 16 octets each.
    ///
    /// # Errors
    /// Another length, or equal halves.
    pub fn import(ac: &[u8], smi: &[u8], smc: &[u8]) -> Result<Self, KeyError> {
        Ok(Self { ac: TdesKey::import(ac)?, smi: TdesKey::import(smi)?, smc: TdesKey::import(smc)? })
    }

    /// The public test keys of the built-in profiles, for cards that were made of these without an issuer.
    #[must_use]
    pub fn test() -> Self {
        let [ac, smi, smc] = TEST.map(TdesKey::new);
        Self { ac, smi, smc }
    }

    /// Whether these are the public test keys.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let [ac, smi, smc] = TEST.map(TdesKey::new);
        self.ac == ac || self.smi == smi || self.smc == smc
    }

    /// The check values of IMK-AC, IMK-SMI and IMK-SMC.
    #[must_use]
    pub fn kcvs(&self) -> [Kcv; 3] {
        [self.ac.kcv(), self.smi.kcv(), self.smc.kcv()]
    }

    pub(crate) fn octets(&self) -> Zeroizing<Vec<u8>> {
        let mut octets = Zeroizing::new(Vec::with_capacity(SET_OCTETS));
        [&self.ac, &self.smi, &self.smc].into_iter().for_each(|key| octets.extend_from_slice(key.reveal()));
        octets
    }

    pub(crate) fn from_octets(octets: &[u8]) -> Option<Self> {
        let [ac, smi, smc] = octets.as_chunks::<KEY_OCTETS>().0 else { return None };
        Self::import(ac, smi, smc).ok()
    }

    /// The keys of one card, derived as the version of its cryptograms wants it.
    pub(crate) fn of_card(&self, version: &CryptogramVersion, pan: &Pan, psn: Psn) -> Result<CardKeys, AcError> {
        let key = |imk: &TdesKey| version.card_key(&imk.clone().into(), pan, psn);
        Ok(CardKeys { ac: key(&self.ac)?, smi: key(&self.smi)?, smc: key(&self.smc)? })
    }
}

/// Shows the check values.
impl std::fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IssuerKeys({:?})", self.kcvs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_form_and_keys_are_the_same() {
        let keys = IssuerKeys::generate().unwrap();
        let again = IssuerKeys::from_octets(&keys.octets()).unwrap();
        assert_eq!(again.octets(), keys.octets());
        assert!(!keys.is_test() && IssuerKeys::test().is_test());
        assert!(IssuerKeys::from_octets(&[1; 47]).is_none());
        assert!(IssuerKeys::from_octets(&[1; 48]).is_none(), "equal halves");
    }

    #[test]
    fn debug_shows_check_values_alone() {
        let shown = format!("{:?}", IssuerKeys::test());
        assert!(shown.starts_with("IssuerKeys([") && shown.len() < 40, "{shown}");
        assert!(!shown.contains("F0C34A"), "{shown}");
    }
}

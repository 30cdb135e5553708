//! PIN CHANGE/UNBLOCK with a new PIN (EMV 4.4 Book 3, 6.5.10), as each set builds it.

#![allow(irrefutable_let_patterns, reason = "with the feature `des` alone there is one cipher")]

use super::confidential::encipher;
use super::{ScriptContext, ScriptError, ScriptSet};
use crate::keys::SecretKey;
use crate::pin::Pin;

/// The card keys that a PIN change needs.
#[derive(Clone, Copy, Debug)]
pub struct PinChangeKeys<'k> {
    /// For cryptograms; only the block of Visa is bound to it.
    pub ac: Option<&'k SecretKey>,
    /// For MACs of scripts.
    pub smi: &'k SecretKey,
    /// For encipherment in scripts.
    pub smc: &'k SecretKey,
}

/// Writes the whole command, MAC of eight octets included, and gives its length. With the current PIN P2 is 01, else 02.
///
/// # Errors
/// The set has no rule for it (PBOC; M/Chip and Interac with the current PIN), a key is missing or of another cipher, or the
/// command does not fit.
pub fn pin_change(
    set: ScriptSet,
    keys: &PinChangeKeys<'_>,
    context: &ScriptContext,
    new: &Pin,
    current: Option<&Pin>,
    out: &mut [u8],
) -> Result<usize, ScriptError> {
    let cipher = set.data_cipher()?;
    let block = match (set, current) {
        (ScriptSet::Visa, _) | (ScriptSet::VisaCommon, Some(_)) => {
            let Some(SecretKey::Tdes(key)) = keys.ac else { return Err(ScriptError::NoRule) };
            new.vis(key, current)
        }
        (_, None) => new.iso2(),
        (_, Some(_)) => return Err(ScriptError::NoRule),
    };
    let session = set.session_key(keys.smc, context)?;
    let SecretKey::Tdes(session) = &session else { return Err(ScriptError::NoRule) };
    let mut enciphered = [0; 16];
    let len = encipher(cipher, session, block.as_slice(), &mut enciphered)?;
    let data = enciphered.get(..len).unwrap_or_default();

    let lc = u8::try_from(len + 8).map_err(|_| ScriptError::Capacity { needed: len + 8 })?;
    let header = [0x84, 0x24, 0x00, if current.is_some() { 1 } else { 2 }, lc];
    let mac = set.mac(keys.smi, context, header, data)?;
    let needed = header.len() + len + 8;
    let out = out.get_mut(..needed).ok_or(ScriptError::Capacity { needed })?;
    let parts = header.iter().chain(data).chain(mac.octets());
    out.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::TdesKey;
    use crate::script::decipher;

    #[test]
    fn what_no_set_describes_is_refused() {
        let key = SecretKey::from(TdesKey::new([0x31; 16]));
        let keys = PinChangeKeys { ac: None, smi: &key, smc: &key };
        let context = ScriptContext { atc: [0, 1], cryptogram: [7; 8] };
        let pin = Pin::from_digits("1234").unwrap();
        let mut out = [0; 64];
        for (set, current) in [
            (ScriptSet::Pboc, None),
            (ScriptSet::Mastercard, Some(&pin)),
            (ScriptSet::Interac, Some(&pin)),
            (ScriptSet::Visa, None),
        ] {
            let error = pin_change(set, &keys, &context, &pin, current, &mut out);
            assert_eq!(error, Err(ScriptError::NoRule), "{set:?}");
        }
        let small = pin_change(ScriptSet::Mastercard, &keys, &context, &pin, None, &mut out[..20]);
        assert_eq!(small, Err(ScriptError::Capacity { needed: 21 }));
    }

    #[test]
    fn the_card_reads_the_new_pin_out_of_the_command() {
        let key = SecretKey::from(TdesKey::new([0x31; 16]));
        let keys = PinChangeKeys { ac: None, smi: &key, smc: &key };
        let context = ScriptContext { atc: [0, 1], cryptogram: [7; 8] };
        let pin = Pin::from_digits("90210").unwrap();
        let mut out = [0; 64];
        for set in [ScriptSet::VisaCommon, ScriptSet::Mastercard, ScriptSet::Interac] {
            let len = pin_change(set, &keys, &context, &pin, None, &mut out).unwrap();
            let (command, mac) = out[..len].split_at_mut(len - 8);
            let (header, data) = command.split_at_mut(5);
            assert!(set.mac(&key, &context, header.try_into().unwrap(), data).unwrap().verify(mac));
            let SecretKey::Tdes(session) = set.session_key(&key, &context).unwrap() else { panic!("TDES") };
            let block = decipher(set.data_cipher().unwrap(), &session, data).unwrap();
            assert_eq!(Pin::from_iso2(block.try_into().unwrap()), Ok(pin.clone()));
        }
    }
}

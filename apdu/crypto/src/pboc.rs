//! Electronic cash of PBOC: the code over the balance in the issuer application data, and the command that loads
//! (JR/T 0025.5 and 0025.13). Cryptograms and ARPC of PBOC are entries of [`crate::ac`].

use crate::keys::SecretKey;
use crate::mac::{Mac, Padding};
use crate::script::{ScriptContext, ScriptError, ScriptSet};

/// PUT DATA of the balance (`9F79`): a value of six octets and a MAC of four.
const LOAD_HEADER: [u8; 5] = [0x04, 0xDA, 0x9F, 0x79, 0x0A];

/// Octets of the whole load command.
pub const LOAD_COMMAND: usize = 15;

/// The code of four octets over discretionary data 01: ATC, balance (the low ten digits) and a filler of one zero, from the
/// session key of the MAC key. Longer discretionary data has a filler of four zeros: see [`iad_mac`].
#[must_use]
pub fn balance_mac(session_key: &SecretKey, atc: [u8; 2], balance: [u8; 5]) -> Mac<4> {
    iad_mac(session_key, &[&atc, &balance, &[0]])
}

/// The code over the parts of discretionary data, filler included.
#[must_use]
pub fn iad_mac(session_key: &SecretKey, parts: &[&[u8]]) -> Mac<4> {
    let schedule = session_key.schedule();
    let mut mac = schedule.mac();
    parts.iter().for_each(|part| mac.update(part));
    mac.finish(Padding::Method2).leftmost()
}

/// The command that sets the balance of electronic cash, from the card key for script MACs. ATC and cryptogram are those of
/// the first GENERATE AC.
///
/// ```
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_crypto::pboc::load_command;
/// use tapcard_crypto::script::ScriptContext;
///
/// let card_key = TdesKey::new([0x31; 16]).into();
/// let context = ScriptContext { atc: [0x00, 0x12], cryptogram: [0xA5; 8] };
/// let command = load_command(&card_key, &context, [0x00, 0x00, 0x00, 0x02, 0x23, 0x45])?;
/// assert_eq!(command[..5], [0x04, 0xDA, 0x9F, 0x79, 0x0A]);
/// # Ok::<(), tapcard_crypto::script::ScriptError>(())
/// ```
///
/// # Errors
/// The key is of another cipher than TDES or SM4.
pub fn load_command(
    card_key: &SecretKey,
    context: &ScriptContext,
    new_balance: [u8; 6],
) -> Result<[u8; LOAD_COMMAND], ScriptError> {
    let key = ScriptSet::Pboc.session_key(card_key, context)?;
    Ok(load_command_with(&key, context, new_balance))
}

/// As [`load_command`], from the session key.
#[must_use]
pub fn load_command_with(session_key: &SecretKey, context: &ScriptContext, new_balance: [u8; 6]) -> [u8; LOAD_COMMAND] {
    let mac: Mac<4> = ScriptSet::Pboc.mac_with(session_key, context, LOAD_HEADER, &new_balance).leftmost();
    let mut command = [0; LOAD_COMMAND];
    let parts = LOAD_HEADER.iter().chain(&new_balance).chain(mac.octets());
    command.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    command
}

#[cfg(feature = "des")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::{Psn, option_a};
    use crate::keys::TdesKey;
    use crate::session;
    use tapcard_emv::pan::Pan;

    /// The published example of issuer application data: 07000103A04002010A010000001000D1F61152.
    #[test]
    fn the_published_balance_code_comes_out() {
        let imk = TdesKey::new(0x12B1_AC4A_F070_CC35_612B_FE2D_30AB_600D_u128.to_be_bytes());
        let pan = Pan::from_digits("6228000100001").unwrap();
        let key = session::pboc(&option_a(&imk, &pan, Psn::new(1).unwrap()), [0x02, 0x40]).into();
        let code = balance_mac(&key, [0x02, 0x40], [0, 0, 0, 0x10, 0]);
        assert!(code.verify(&[0xD1, 0xF6, 0x11, 0x52]));
        assert_eq!(code, iad_mac(&key, &[&[0x02, 0x40, 0, 0, 0, 0x10], &[0, 0]]));
    }
}

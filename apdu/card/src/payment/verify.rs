//! VERIFY: the offline PIN, plaintext and enciphered (EMV 4.4 Book 3, 6.5.12 and 10.5.1).

use subtle::ConstantTimeEq;
use tapcard_emv::tag;
use tapcard_iso7816::{Command, StatusWord};

use super::counters::Account;
use super::transaction::{PinCheck, Stage};
use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::image::Key;
use crate::keys::Secret;

/// P2: plaintext PIN.
const PLAINTEXT: u8 = 0x80;
/// P2: enciphered PIN.
const ENCIPHERED: u8 = 0x88;

impl Card<'_> {
    /// A wrong PIN costs a try, which is kept before the answer says so; the last one blocks the PIN (6983).
    ///
    /// A block that is none (control field, length, digits, filler; ISO 9564-1 format 2) is refused with 6A80 and costs
    /// nothing: it could not have been right.
    pub(crate) fn verify(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        let Some((account, _)) = self.payment_account() else { return StatusWord::INS_NOT_SUPPORTED.into() };
        let is_enciphered = cfg!(feature = "card-rsa") && command.p2() == ENCIPHERED;
        if command.p1() != 0 || command.p2() != PLAINTEXT && !is_enciphered {
            return StatusWord::WRONG_P1_P2.into();
        }
        let (Some(tries), Some(pin)) = (account.pin_tries(), self.pin(&account)) else {
            return StatusWord::REFERENCE_DATA_NOT_USABLE.into();
        };
        if work.session.transaction.stage != Stage::Begun {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        }
        // Nobody learns from a deciphered PIN whether it was right once there are no tries left.
        if is_enciphered && tries == 0 {
            return StatusWord::AUTHENTICATION_METHOD_BLOCKED.into();
        }
        let block = match self.pin_block(&account, command, is_enciphered, work) {
            Ok(block) => block,
            Err(sw) => return sw.into(),
        };
        if !is_pin_block(block) {
            return StatusWord::WRONG_DATA.into();
        }
        self.compare(&account, tries, block.ct_eq(&pin).into(), work)
    }

    /// The PIN block of a command.
    fn pin_block(
        &self,
        account: &Account<'_>,
        command: &Command<'_>,
        is_enciphered: bool,
        work: &mut Work<'_>,
    ) -> Result<[u8; 8], StatusWord> {
        #[cfg(feature = "card-rsa")]
        if is_enciphered {
            return self.decipher_pin(account, command.data(), work);
        }
        let _ = (account, is_enciphered, work);
        <[u8; 8]>::try_from(command.data()).map_err(|_| StatusWord::WRONG_LENGTH)
    }

    /// What becomes of the tries.
    fn compare(&self, account: &Account<'_>, tries: u8, is_right: bool, work: &mut Work<'_>) -> Answer {
        let Some(fewer) = tries.checked_sub(1) else {
            return StatusWord::AUTHENTICATION_METHOD_BLOCKED.into();
        };
        let key = Key::Data(tag::PIN_TRY_COUNTER);
        if is_right {
            work.session.transaction.pin = PinCheck::Right;
            let limit = account.application.data(tag::PIN_TRY_COUNTER).and_then(<[u8]>::first).copied();
            if let Some(limit) = limit.filter(|limit| *limit > tries) {
                work.changes.put(key, &[limit]);
            }
            return Answer::data(0);
        }
        work.session.transaction.pin = PinCheck::Wrong;
        work.changes.put(key, &[fewer]);
        StatusWord::from_octets(0x63, 0xC0 | fewer.min(0x0F)).into()
    }

    /// The PIN that the card compares with, as a block of format 2.
    fn pin(&self, account: &Account<'_>) -> Option<[u8; 8]> {
        let changed = self.state.get(account.number(), Key::Secret(Secret::Pin));
        let pin = changed.or_else(|| self.keys.get(account.application.name(), Secret::Pin))?;
        <[u8; 8]>::try_from(pin).ok().filter(|block| is_pin_block(*block))
    }
}

/// `2N`, N digits, filler F (ISO 9564-1:2017, 9.3.3).
pub(super) fn is_pin_block(block: [u8; 8]) -> bool {
    let [control, digits @ ..] = block;
    let count = usize::from(control & 0x0F);
    let nibbles = digits.into_iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
    control >> 4 == 2
        && (4..=12).contains(&count)
        && nibbles.enumerate().all(|(index, nibble)| if index < count { nibble < 10 } else { nibble == 0x0F })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_format_2_are_told_from_others() {
        assert!(is_pin_block([0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert!(is_pin_block([0x2C, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0xFF]));
        assert!(is_pin_block([0x25, 0x12, 0x34, 0x5F, 0xFF, 0xFF, 0xFF, 0xFF]));
        for none in [
            [0x14, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x23, 0x12, 0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x2D, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x3F],
            [0x24, 0x1A, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x24, 0x12, 0x34, 0x5F, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0],
        ] {
            assert!(!is_pin_block(none), "{none:02X?}");
        }
    }
}

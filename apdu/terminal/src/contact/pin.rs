//! The PIN on its way to the card: try counter, entry, VERIFY in plaintext or enciphered (EMV 4.4 Book 3, 6.5.12, 10.5.1;
//! Book 2, 7).
//!
//! No PIN is kept: the digits come with one step and leave with the same step, in VERIFY. An enciphered PIN therefore gets
//! its challenge first.

use tapcard_crypto::oda::pin::encipher;
use tapcard_crypto::rsa::MAX_MODULUS_LEN;
use tapcard_emv::bits::CvmMethod;
use tapcard_emv::{Tvr, tag};
use tapcard_iso7816::{Command, Ins, Le, StatusWord, find};

use super::outcome::{Question, Reason};
use super::{Contact, Next};
use crate::limits::MAX_PIN_TRIES;

/// P2 of VERIFY with a plaintext PIN.
const PLAINTEXT: u8 = 0x80;
/// P2 of VERIFY with an enciphered PIN.
const ENCIPHERED: u8 = 0x88;
/// Octets of an enciphered PIN that are not padding.
const FIXED: usize = 17;

impl Contact<'_> {
    /// A method that the card checks. Without a key for an enciphered PIN it has failed, and the PIN pad is not to blame.
    pub(super) fn begin_offline_pin(&mut self, method: CvmMethod) -> Next {
        if is_enciphered(method) && !self.find_pin_key() {
            return self.fail_rule();
        }
        self.begin_pin(Next::TryCounter)
    }

    /// A card that does not tell is asked all the same.
    pub(super) fn take_try_counter(&mut self, data: &[u8], sw: StatusWord) -> Next {
        let counter = if sw.is_ok() { find(data, tag::PIN_TRY_COUNTER) } else { None };
        match counter {
            Some([0]) => self.exceed_tries(),
            Some([left]) => self.ask_pin(Some(*left)),
            _ => self.ask_pin(None),
        }
    }

    fn ask_pin(&mut self, tries_left: Option<u8>) -> Next {
        self.cvm.tries_left = tries_left;
        if is_enciphered(self.cvm.rule.method()) {
            return Next::Challenge;
        }
        Next::AskPin(Question::OfflinePin { tries_left })
    }

    pub(super) fn take_challenge(&mut self, data: &[u8], sw: StatusWord) -> Next {
        match data.try_into() {
            Ok(challenge) if sw.is_ok() => {
                self.challenge = challenge;
                Next::AskPin(Question::OfflinePin { tries_left: self.cvm.tries_left })
            }
            _ => self.fail_rule(),
        }
    }

    /// Writes VERIFY with the digits that were entered.
    pub(super) fn send_verify(&mut self, digits: &[u8], out: &mut [u8]) -> Result<usize, PinFailure> {
        let mut block = pin_block(digits).ok_or(PinFailure::Contract)?;
        let written = if is_enciphered(self.cvm.rule.method()) {
            self.send_enciphered(&block, out)
        } else {
            send_block(PLAINTEXT, &block, out)
        };
        block.fill(0);
        core::hint::black_box(&block);
        written
    }

    fn send_enciphered(&mut self, block: &[u8; 8], out: &mut [u8]) -> Result<usize, PinFailure> {
        let key = self.pin_key.as_ref().and_then(super::keys::KeptKey::key).ok_or(PinFailure::NoKey)?;
        let needed = key.len().saturating_sub(FIXED);
        let padding = self.transaction.padding.get(self.padding_used..).unwrap_or_default();
        let padding = padding.get(..needed).ok_or(PinFailure::NoKey)?;
        let mut room = [0; MAX_MODULUS_LEN];
        let enciphered = encipher(&key, block, &self.challenge, padding, &mut room).map_err(|_| PinFailure::NoKey)?;
        self.padding_used += needed;
        send_block(ENCIPHERED, enciphered, out)
    }

    /// Only success, the try limit, bypass and cancelling leave the loop; a wrong PIN asks again.
    pub(super) fn take_verify(&mut self, sw: StatusWord) -> Next {
        self.cvm.tries += 1;
        match sw.get() {
            0x9000 => self.accept_pin(),
            0x63C0 | 0x6983 | 0x6984 => self.exceed_tries(),
            // A card that never runs out of tries is stopped as if it had.
            0x63C1..=0x63CF if self.cvm.tries >= MAX_PIN_TRIES => self.exceed_tries(),
            0x63C1..=0x63CF => self.ask_pin(Some(sw.sw2() & 0x0F)),
            _ => self.terminate(Reason::CommandRefused),
        }
    }

    fn exceed_tries(&mut self) -> Next {
        self.values.tvr.set(Tvr::PIN_TRY_LIMIT_EXCEEDED);
        self.fail_rule()
    }
}

/// Why VERIFY was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PinFailure {
    /// The digits are none, or the buffer is too short.
    Contract,
    /// No key, or no fresh padding for it.
    NoKey,
}

/// GET CHALLENGE (EMV 4.4 Book 3, 6.5.6): `00 84 00 00 00`.
pub(super) const fn get_challenge() -> Command<'static> {
    Command::new(0x00, Ins::GetChallenge, 0x00, 0x00).with_le(Le::MAX_SHORT)
}

const fn is_enciphered(method: CvmMethod) -> bool {
    matches!(method, CvmMethod::EncipheredPin | CvmMethod::EncipheredPinAndSignature)
}

fn send_block(p2: u8, data: &[u8], out: &mut [u8]) -> Result<usize, PinFailure> {
    Command::new(0x00, Ins::Verify, 0x00, p2).with_data(data).encode_into(out).map_err(|_| PinFailure::Contract)
}

/// ISO 9564-1 format 2 of 4 to 12 ASCII digits.
fn pin_block(digits: &[u8]) -> Option<[u8; 8]> {
    if !(4..=12).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut block = [0xFF; 8];
    let [first, rest @ ..] = &mut block;
    *first = 0x20 | u8::try_from(digits.len()).ok()?;
    for (octet, pair) in rest.iter_mut().zip(digits.chunks(2)) {
        *octet = match pair {
            [high, low] => (high & 0x0F) << 4 | low & 0x0F,
            [high] => (high & 0x0F) << 4 | 0x0F,
            _ => 0xFF,
        };
    }
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_tells_its_length_and_is_filled_with_f() {
        assert_eq!(pin_block(b"1234"), Some([0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert_eq!(pin_block(b"12345"), Some([0x25, 0x12, 0x34, 0x5F, 0xFF, 0xFF, 0xFF, 0xFF]));
        assert_eq!(pin_block(b"123456789012"), Some([0x2C, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0xFF]));
    }

    #[test]
    fn what_is_no_pin_makes_no_block() {
        for digits in [&b""[..], b"123", b"1234567890123", b"12a4", &[1, 2, 3, 4]] {
            assert_eq!(pin_block(digits), None);
        }
    }
}

//! GET CHALLENGE: eight octets, for one enciphered PIN (EMV 4.4 Book 3, 6.5.6).

use tapcard_iso7816::{Command, StatusWord};

use crate::answer::{Answer, Work};
use crate::card::Card;
use crate::random::Generator;

impl Card<'_> {
    /// A new challenge replaces the last one. Refused with 6985 without random numbers.
    pub(crate) fn get_challenge(&self, command: &Command<'_>, work: &mut Work<'_>) -> Answer {
        if (command.p1(), command.p2()) != (0, 0) {
            return StatusWord::WRONG_P1_P2.into();
        }
        if !command.data().is_empty() || command.le().is_none() {
            return StatusWord::WRONG_LENGTH.into();
        }
        let Some(challenge) = work.random.as_mut().and_then(Generator::octets::<8>) else {
            return StatusWord::CONDITIONS_NOT_SATISFIED.into();
        };
        work.session.transaction.challenge = Some(challenge);
        work.answer(&[&challenge])
    }
}

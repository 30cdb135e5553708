//! Codes of the PBOC e-deposit and e-purse, and of the city cards built on them (JR/T 0025.1 and 0025.2): MAC1, MAC2 and TAC
//! of load and purchase, and the MAC over a file update.
//!
//! Session keys are single DES keys that two-key TDES makes of a random number and counters; codes are DES chains cut to four
//! octets. What is authenticated is built by the functions here; cities that append something to it (Changsha its serial
//! number) use [`PurseKey::code`] with parts of their own.

use crate::derive::diversify;
use crate::keys::{DesKey, TdesKey};
use crate::mac::{DesMac, Mac, Padding, RetailMac};
use zeroize::Zeroizing;

/// A transaction type of the purse, the octet that codes and logs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PurseType(pub u8);

impl PurseType {
    /// Load of the e-deposit.
    pub const DEPOSIT_LOAD: Self = Self(0x01);
    /// Load of the e-purse.
    pub const PURSE_LOAD: Self = Self(0x02);
    /// Purchase with the e-deposit.
    pub const DEPOSIT_PURCHASE: Self = Self(0x05);
    /// Purchase with the e-purse.
    pub const PURSE_PURCHASE: Self = Self(0x06);
    /// Composite purchase.
    pub const COMPOSITE_PURCHASE: Self = Self(0x09);
}

/// Date and time in decimal digits, as the host or terminal sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PurseTime {
    /// `YYYYMMDD`.
    pub date: [u8; 4],
    /// `HHMMSS`.
    pub time: [u8; 3],
}

/// What load and purchase have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PurseDeal {
    /// The type.
    pub kind: PurseType,
    /// Amount in fen, big-endian.
    pub amount: [u8; 4],
    /// Number of the terminal.
    pub terminal: [u8; 6],
}

/// A key that codes of a purse are computed with: a session key, or the folded TAC key.
///
/// ```
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_crypto::purse::{PurseDeal, PurseKey, PurseType};
///
/// let load_key = TdesKey::new(0x1122_3344_5566_7788_8877_6655_4433_2211_u128.to_be_bytes());
/// let session = PurseKey::load(&load_key, [0x11, 0x22, 0x33, 0x44], [0x00, 0x00]);
/// let deal = PurseDeal {
///     kind: PurseType::DEPOSIT_LOAD,
///     amount: [0x00, 0x00, 0x10, 0x00],
///     terminal: [0x00, 0x11, 0x22, 0x33, 0x44, 0x55],
/// };
/// assert!(session.load_mac1([0; 4], &deal).verify(&[0x29, 0x88, 0xAE, 0x5A]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurseKey(DesKey);

/// The card key of a purse from a master key and eight octets of its serial number, without parity adjustment.
#[must_use]
pub fn card_key(master: &TdesKey, diversifier: &[u8; 8]) -> TdesKey {
    diversify(&master.schedule(), diversifier)
}

impl PurseKey {
    fn session(key: &TdesKey, block: [u8; 8]) -> Self {
        Self(DesKey::new(*Zeroizing::new(key.schedule().encrypt(&block))))
    }

    /// The session key of a load: random number and online counter, both as INITIALIZE FOR LOAD answers them.
    #[must_use]
    pub fn load(key: &TdesKey, random: [u8; 4], online_counter: [u8; 2]) -> Self {
        let ([a, b, c, d], [e, f]) = (random, online_counter);
        Self::session(key, [a, b, c, d, e, f, 0x80, 0x00])
    }

    /// The session key of a purchase: random number and offline counter of the card, and the terminal's counter, of which the
    /// low two octets count.
    #[must_use]
    pub fn purchase(key: &TdesKey, random: [u8; 4], offline_counter: [u8; 2], terminal_counter: [u8; 4]) -> Self {
        let ([a, b, c, d], [e, f], [_, _, g, h]) = (random, offline_counter, terminal_counter);
        Self::session(key, [a, b, c, d, e, f, g, h])
    }

    /// The key of the TAC: both halves of the TAC key xored.
    #[must_use]
    pub fn tac(key: &TdesKey) -> Self {
        let (left, right) = key.halves();
        let mut folded = Zeroizing::new(*left);
        folded.iter_mut().zip(right).for_each(|(left, right)| *left ^= right);
        Self(DesKey::new(*folded))
    }

    /// The octets themselves. Keep them away from logs.
    #[must_use]
    pub const fn reveal(&self) -> &[u8; 8] {
        self.0.reveal()
    }

    /// The code of four octets over parts.
    #[must_use]
    pub fn code(&self, parts: &[&[u8]]) -> Mac<4> {
        let schedule = self.0.schedule();
        let mut mac = DesMac::new(&schedule);
        parts.iter().for_each(|part| mac.update(part));
        mac.finish().leftmost()
    }

    /// MAC1 of a load, from card to host.
    #[must_use]
    pub fn load_mac1(&self, old_balance: [u8; 4], deal: &PurseDeal) -> Mac<4> {
        self.code(&[&old_balance, &deal.amount, &[deal.kind.0], &deal.terminal])
    }

    /// MAC2 of a load, from host to card.
    #[must_use]
    pub fn load_mac2(&self, deal: &PurseDeal, at: &PurseTime) -> Mac<4> {
        self.code(&[&deal.amount, &[deal.kind.0], &deal.terminal, &at.date, &at.time])
    }

    /// TAC of a load, with the key of [`PurseKey::tac`]. The counter is the one that INITIALIZE FOR LOAD answered, not yet
    /// incremented.
    #[must_use]
    pub fn load_tac(&self, new_balance: [u8; 4], online_counter: [u8; 2], deal: &PurseDeal, at: &PurseTime) -> Mac<4> {
        let kind = [deal.kind.0];
        self.code(&[&new_balance, &online_counter, &deal.amount, &kind, &deal.terminal, &at.date, &at.time])
    }

    /// MAC1 of a purchase, from terminal to card.
    #[must_use]
    pub fn purchase_mac1(&self, deal: &PurseDeal, at: &PurseTime) -> Mac<4> {
        self.load_mac2(deal, at)
    }

    /// MAC2 of a purchase, from card to terminal.
    #[must_use]
    pub fn purchase_mac2(&self, amount: [u8; 4]) -> Mac<4> {
        self.code(&[&amount])
    }

    /// TAC of a purchase, with the key of [`PurseKey::tac`].
    #[must_use]
    pub fn purchase_tac(&self, deal: &PurseDeal, terminal_counter: [u8; 4], at: &PurseTime) -> Mac<4> {
        self.code(&[&deal.amount, &[deal.kind.0], &deal.terminal, &terminal_counter, &at.date, &at.time])
    }
}

/// The MAC of four octets over a file update: a retail MAC that starts with the challenge of the card and four zeros. The
/// parts are CLA INS P1 P2 Lc, Lc counting the MAC, and the data.
#[must_use]
pub fn file_update_mac(key: &TdesKey, challenge: [u8; 4], parts: &[&[u8]]) -> Mac<4> {
    let schedule = key.schedule();
    let [a, b, c, d] = challenge;
    let mut mac = RetailMac::with_start(&schedule, [a, b, c, d, 0, 0, 0, 0]);
    parts.iter().for_each(|part| mac.update(part));
    mac.finish(Padding::Method2).leftmost()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_field_of_a_purchase_counts(key: [u8; 8], amount: [u8; 4], terminal: [u8; 6], counter: [u8; 4], date: [u8; 4], time: [u8; 3]) {
            let key = PurseKey(DesKey::new(key));
            let deal = PurseDeal { kind: PurseType::PURSE_PURCHASE, amount, terminal };
            let at = PurseTime { date, time };
            let tac = key.purchase_tac(&deal, counter, &at);
            let mut other = deal;
            other.amount[3] ^= 1;
            prop_assert_ne!(tac, key.purchase_tac(&other, counter, &at));
            let other = PurseDeal { kind: PurseType::COMPOSITE_PURCHASE, ..deal };
            prop_assert_ne!(tac, key.purchase_tac(&other, counter, &at));
            prop_assert_ne!(tac, key.purchase_tac(&deal, counter, &PurseTime { date, time: time.map(|octet| octet ^ 1) }));
            prop_assert_ne!(key.purchase_mac1(&deal, &at), key.purchase_mac1(&other, &at));
        }
    }

    #[test]
    fn only_the_low_octets_of_the_terminal_counter_are_in_the_session_key() {
        let key = TdesKey::new([0x31; 16]);
        let session = |counter| PurseKey::purchase(&key, [1; 4], [0, 2], counter);
        assert_eq!(session([0, 1, 2, 3]), session([9, 9, 2, 3]));
        assert_ne!(session([0, 1, 2, 3]), session([0, 1, 2, 4]));
    }
}

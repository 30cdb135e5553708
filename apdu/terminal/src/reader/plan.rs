//! What to read, and the questions of GET DATA with the conditions under which they are worth an APDU.

use tapcard_emv::purse::by_name;
use tapcard_emv::{Aid, Scheme, tag};
use tapcard_iso7816::Tag;

use super::application::Application;

/// How deep a reading goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Depth {
    /// Balances only, with the fewest APDUs.
    Balance {
        /// Also limits and thresholds.
        limits: bool,
    },
    /// Everything that is had without side effect: SELECT, GET DATA, READ RECORD.
    Safe,
    /// Also GET PROCESSING OPTIONS, which raises the ATC, and the records of the AFL.
    Full,
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Plan {
    /// How deep.
    pub depth: Depth,
    /// Only this application, without asking a directory.
    pub aid: Option<Aid>,
}

impl Plan {
    /// Whether applications of this name are worth a SELECT.
    pub(super) fn wants(&self, aid: &Aid) -> bool {
        !matches!(self.depth, Depth::Balance { .. }) || self.aid.is_some() || may_hold_money(aid)
    }

    const fn limits(&self) -> bool {
        !matches!(self.depth, Depth::Balance { limits: false })
    }

    const fn counters(&self) -> bool {
        !matches!(self.depth, Depth::Balance { .. })
    }
}

/// Whether an application of this name may have a balance to tell.
fn may_hold_money(aid: &Aid) -> bool {
    may_hold_electronic_cash(aid) || by_name(aid.as_bytes()).is_some()
}

/// Whether an application of this name may hold electronic cash: those of UnionPay (JR/T 0025.13) and the electronic cash
/// application of China T-Union (JT/T 978).
pub(super) fn may_hold_electronic_cash(aid: &Aid) -> bool {
    const T_UNION_CASH: [u8; 8] = [0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x06];
    aid.scheme() == Scheme::UnionPay || aid.as_bytes().starts_with(&T_UNION_CASH)
}

/// One GET DATA and when it is sent.
pub(super) struct Question {
    pub(super) tag: Tag,
    pub(super) when: fn(&Application, &Plan) -> bool,
}

/// Every question, in the order in which they are asked. Each one that is asked prints a number; none is asked whose answer
/// is known or cannot be there.
pub(super) const QUESTIONS: &[Question] = &[
    // A card whose CVM list has no offline PIN counts no tries (EMV 4.4 Book 3, 10.5).
    Question { tag: tag::PIN_TRY_COUNTER, when: |app, plan| plan.counters() && app.offline_pin != Some(false) },
    Question { tag: tag::ATC, when: |app, plan| plan.counters() && !app.atc_known },
    // Only velocity checking looks at it: the terminal's (EMV 4.4 Book 3, 10.6.3), and then 9F14 and 9F23 are among the
    // records, or the card's own by 9F58 and 9F59, which PBOC cards do (JR/T 0025.5).
    Question { tag: tag::LAST_ONLINE_ATC, when: |app, plan| plan.counters() && (app.velocity || app.may_hold_cash) },
    Question { tag: tag::EC_BALANCE, when: |app, _| app.may_hold_cash },
    Question { tag: tag::EC_CURRENCY_CODE, when: |app, _| app.cash },
    Question { tag: tag::EC_BALANCE_LIMIT, when: |app, plan| app.cash && plan.limits() },
    Question { tag: tag::EC_SINGLE_LIMIT, when: |app, plan| app.cash && plan.limits() },
    Question { tag: tag::EC_RESET_THRESHOLD, when: |app, plan| app.cash && plan.limits() },
    Question { tag: tag::EC2_CURRENCY_CODE, when: |app, _| app.cash },
    Question { tag: tag::EC2_BALANCE, when: |app, _| app.second_cash },
    Question { tag: tag::EC2_BALANCE_LIMIT, when: |app, plan| app.second_cash && plan.limits() },
    Question { tag: tag::EC2_SINGLE_LIMIT, when: |app, plan| app.second_cash && plan.limits() },
    Question { tag: tag::EC2_RESET_THRESHOLD, when: |app, plan| app.second_cash && plan.limits() },
];

//! Terminal risk management: floor limit, random selection, velocity, exception file (EMV 4.4 Book 3, 10.6).
//!
//! It is done whatever the AIP says about it, as terminals do; the standard only demands it when the AIP does.

use tapcard_emv::{Amount, Pan, Tsi, Tvr, tag};
use tapcard_iso7816::{StatusWord, Tag, find};

use super::outcome::{Report, Step};
use super::{Contact, Next};

/// Random selection of transactions under the floor limit (EMV 4.4 Book 3, 10.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RandomSelection {
    target: u8,
    max_target: u8,
    threshold: Amount,
    floor_limit: Amount,
}

/// Numbers that make no selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RandomSelectionError {
    /// A percentage is above 99.
    #[error("{0} is no target percentage of 0 to 99")]
    Percentage(u8),
    /// The largest percentage is below the smallest.
    #[error("the maximum target percentage is below the target percentage")]
    Order,
    /// The threshold reaches the floor limit.
    #[error("the threshold is not below the floor limit")]
    Threshold,
}

impl RandomSelection {
    /// `target` percent of the transactions under `threshold`, and rising to `max_target` percent at the floor limit.
    ///
    /// ```
    /// use tapcard_emv::Amount;
    /// use tapcard_terminal::contact::RandomSelection;
    ///
    /// let selection = RandomSelection::new(20, 60, Amount::new(4_000), Amount::new(10_000))?;
    /// assert!(selection.selects(Amount::new(7_000), 40) && !selection.selects(Amount::new(7_000), 41));
    /// # Ok::<(), tapcard_terminal::contact::RandomSelectionError>(())
    /// ```
    ///
    /// # Errors
    /// See [`RandomSelectionError`].
    pub fn new(
        target: u8,
        max_target: u8,
        threshold: Amount,
        floor_limit: Amount,
    ) -> Result<Self, RandomSelectionError> {
        for percentage in [target, max_target] {
            if percentage > 99 {
                return Err(RandomSelectionError::Percentage(percentage));
            }
        }
        if max_target < target {
            return Err(RandomSelectionError::Order);
        }
        if threshold >= floor_limit {
            return Err(RandomSelectionError::Threshold);
        }
        Ok(Self { target, max_target, threshold, floor_limit })
    }

    /// Whether a transaction with this amount is selected when the number 1 to 99 was drawn.
    #[must_use]
    pub fn selects(&self, amount: Amount, drawn: u8) -> bool {
        if amount >= self.floor_limit {
            return false;
        }
        let above = u128::from(amount.minor().saturating_sub(self.threshold.minor()));
        let range = u128::from(self.floor_limit.minor().saturating_sub(self.threshold.minor()).max(1));
        // Below the threshold `above` is 0.
        let more = u128::from(self.max_target - self.target) * above / range;
        u128::from(drawn) <= u128::from(self.target) + more
    }
}

impl Contact<'_> {
    pub(super) fn begin_risk(&mut self) -> Next {
        self.values.tsi.set(Tsi::TERMINAL_RISK_MANAGEMENT_PERFORMED);
        let pan = self.card.find(tag::PAN).and_then(|pan| Pan::from_cn(pan).ok());
        if self.is_exception(pan.as_ref()) {
            self.values.tvr.set(Tvr::ON_EXCEPTION_FILE);
        }
        if self.transaction.force_online {
            self.values.tvr.set(Tvr::MERCHANT_FORCED_ONLINE);
        }
        self.check_floor_limit(pan.as_ref());
        let both = [tag::LOWER_CONSECUTIVE_OFFLINE_LIMIT, tag::UPPER_CONSECUTIVE_OFFLINE_LIMIT];
        if both.iter().all(|limit| self.card.find(*limit).is_some()) { Next::Atc } else { self.end_risk() }
    }

    fn is_exception(&self, pan: Option<&Pan>) -> bool {
        let sequence_number = match self.card.find(tag::PSN) {
            Some([number]) => Some(*number),
            _ => None,
        };
        self.terminal.exceptions.iter().any(|entry| {
            pan == Some(&entry.pan) && (entry.sequence_number.is_none() || entry.sequence_number == sequence_number)
        })
    }

    /// Split sales: the last approved amount of the same card counts in (EMV 4.4 Book 3, 10.6.1).
    fn check_floor_limit(&mut self, pan: Option<&Pan>) {
        let Some(application) = self.application() else { return };
        let earlier = self.transaction.approved.iter().rev().find(|earlier| pan == Some(&earlier.pan));
        let earlier = earlier.map_or(0, |earlier| earlier.amount.minor());
        let amount = self.transaction.amount;
        let exceeds = amount.minor().saturating_add(earlier) >= application.floor_limit.minor();
        let selects = !self.terminal.kind.is_offline_only()
            && application
                .random_selection
                .zip(self.transaction.random_number)
                .is_some_and(|(selection, drawn)| selection.selects(amount, drawn));
        if exceeds {
            self.values.tvr.set(Tvr::FLOOR_LIMIT_EXCEEDED);
        } else if selects {
            self.values.tvr.set(Tvr::SELECTED_RANDOMLY);
        }
    }

    pub(super) fn take_atc(&mut self, data: &[u8], sw: StatusWord) -> Next {
        self.atc = counter(tag::ATC, data, sw);
        Next::LastOnlineAtc
    }

    pub(super) fn take_last_online_atc(&mut self, data: &[u8], sw: StatusWord) -> Next {
        let last = counter(tag::LAST_ONLINE_ATC, data, sw);
        let limit = |wanted| match self.card.find(wanted) {
            Some([limit]) => *limit,
            _ => 0,
        };
        let limits = [tag::LOWER_CONSECUTIVE_OFFLINE_LIMIT, tag::UPPER_CONSECUTIVE_OFFLINE_LIMIT].map(limit);
        check_velocity(&mut self.values.tvr, self.atc, last, limits);
        self.end_risk()
    }

    fn end_risk(&mut self) -> Next {
        self.report(Report::Done(Step::RiskManagement));
        self.analyse()
    }
}

/// A counter as GET DATA gives it; a card that does not is no error.
fn counter(wanted: Tag, data: &[u8], sw: StatusWord) -> Option<u16> {
    let value = if sw.is_ok() { find(data, wanted)? } else { return None };
    value.try_into().ok().map(u16::from_be_bytes)
}

/// Velocity checking (EMV 4.4 Book 3, 10.6.3).
fn check_velocity(tvr: &mut Tvr, atc: Option<u16>, last: Option<u16>, [lower, upper]: [u8; 2]) {
    let since = match (atc, last) {
        (Some(atc), Some(last)) => atc.checked_sub(last).filter(|since| *since > 0),
        _ => None,
    };
    // A counter that is missing or runs backwards counts as far too many.
    if since.is_none_or(|since| since > u16::from(lower)) {
        tvr.set(Tvr::LOWER_OFFLINE_LIMIT_EXCEEDED);
    }
    if since.is_none_or(|since| since > u16::from(upper)) {
        tvr.set(Tvr::UPPER_OFFLINE_LIMIT_EXCEEDED);
    }
    if last == Some(0) {
        tvr.set(Tvr::NEW_CARD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn velocity(atc: Option<u16>, last: Option<u16>, limits: [u8; 2]) -> [u8; 5] {
        let mut tvr = Tvr::default();
        check_velocity(&mut tvr, atc, last, limits);
        tvr.octets()
    }

    #[test]
    fn a_difference_may_reach_its_limit() {
        assert_eq!(velocity(Some(12), Some(10), [2, 3]), [0; 5]);
        assert_eq!(velocity(Some(13), Some(10), [2, 3]), [0, 0, 0, 0x40, 0]);
        assert_eq!(velocity(Some(14), Some(10), [2, 3]), [0, 0, 0, 0x60, 0]);
    }

    #[test]
    fn missing_counters_and_counters_that_stand_still_exceed_both_limits() {
        for (atc, last) in [(None, Some(1)), (Some(1), None), (None, None), (Some(5), Some(5)), (Some(4), Some(5))] {
            assert_eq!(velocity(atc, last, [255, 255]), [0, 0, 0, 0x60, 0]);
        }
        assert_eq!(velocity(None, Some(0), [9, 9]), [0, 0x08, 0, 0x60, 0]);
        assert_eq!(velocity(Some(1), Some(0), [9, 9]), [0, 0x08, 0, 0, 0]);
    }

    #[test]
    fn a_counter_is_two_octets_behind_9000() {
        let ok = StatusWord::new(0x9000);
        assert_eq!(counter(tag::ATC, &[0x9F, 0x36, 2, 1, 2], ok), Some(0x0102));
        assert_eq!(counter(tag::ATC, &[0x9F, 0x36, 2, 1, 2], StatusWord::new(0x6A88)), None);
        assert_eq!(counter(tag::ATC, &[0x9F, 0x36, 1, 1], ok), None);
        assert_eq!(counter(tag::ATC, &[0x9F, 0x13, 2, 1, 2], ok), None);
    }

    #[test]
    fn numbers_that_make_no_selection_are_refused() {
        let new = |target, max, threshold| {
            RandomSelection::new(target, max, Amount::new(threshold), Amount::new(100)).unwrap_err()
        };
        assert_eq!(new(100, 100, 0), RandomSelectionError::Percentage(100));
        assert_eq!(new(9, 8, 0), RandomSelectionError::Order);
        assert_eq!(new(9, 9, 100), RandomSelectionError::Threshold);
    }

    proptest! {
        #[test]
        fn a_larger_amount_is_never_selected_less_often(
            target in 0..=99u8, more in 0..=99u8, threshold in 0..1000u64, a in 0..1000u64, b in 0..1000u64, drawn in 1..=99u8,
        ) {
            let max = target.saturating_add(more).min(99);
            let selection = RandomSelection::new(target, max, Amount::new(threshold), Amount::new(1000)).unwrap();
            let (small, large) = (Amount::new(a.min(b)), Amount::new(a.max(b)));
            prop_assert!(!selection.selects(small, drawn) || selection.selects(large, drawn));
            prop_assert!(!selection.selects(Amount::new(1000), drawn));
        }
    }
}

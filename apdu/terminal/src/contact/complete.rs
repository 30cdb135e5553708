//! Completion: from whatever happened to an outcome, with a record wherever a cryptogram may exist (EMV 4.4 Book 3, 10.11;
//! Book 4, 6.3.8).

use super::outcome::{Decision, Outcome, Reason};
use super::{Contact, Next, Phase};

impl Contact<'_> {
    /// The end with the decision that was made.
    pub(super) fn complete(&mut self) -> Next {
        if self.generated { Next::Persist(Phase::Finished) } else { Next::End(self.outcome()) }
    }

    /// The end without a decision of the card.
    pub(super) fn terminate(&mut self, reason: Reason) -> Next {
        self.decision = Decision::Terminated(reason);
        self.complete()
    }

    /// The end where a decision may already stand: a TC of the second GENERATE AC stays one.
    pub(super) fn fail(&mut self, reason: Reason) -> Next {
        if self.next == Next::Persist(Phase::Finished) {
            return Next::End(self.outcome());
        }
        if self.has_decided() { self.complete() } else { self.terminate(reason) }
    }

    /// The second GENERATE AC was answered, and only late scripts are left.
    fn has_decided(&self) -> bool {
        self.next == Next::Script && self.scripts_are_late()
    }

    /// The card is gone.
    pub(super) fn lose_card(&mut self) -> Next {
        match self.next {
            // The record of the end is still to be kept, and the card is not needed for it.
            Next::Persist(Phase::Finished) => self.next,
            Next::Script if self.scripts_are_late() => {
                self.lose_script();
                self.complete()
            }
            // The host has decided and the card cannot: the goods stay here.
            _ if self.host_answered => {
                self.decision = Decision::Declined;
                self.complete()
            }
            // The request may be on its way already.
            Next::GoOnline => {
                self.host_silent = true;
                self.terminate(Reason::CardLost)
            }
            _ => self.terminate(Reason::CardLost),
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        let approved = self.decision == Decision::Approved;
        Outcome {
            decision: self.decision,
            reversal: self.host_silent || (self.host_approved && !approved),
            advice: self.advice,
            signature: approved && self.cvm.signature,
        }
    }
}

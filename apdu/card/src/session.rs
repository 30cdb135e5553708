//! What a card remembers until the next reset or SELECT.

use crate::payment::Transaction;

/// What was done since the last reset; SELECT begins anew.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// The number of the selected application; 0: none, the MF.
    pub(crate) selected: u8,
    /// What a payment application has been told and has answered.
    pub(crate) transaction: Transaction,
}

impl Session {
    /// As it is just after SELECT.
    pub(crate) fn of(selected: u8) -> Self {
        Self { selected, ..Self::default() }
    }
}

//! The kinds of data, one file each where there is more to say than of a single value.

pub(crate) mod apdu;
pub(crate) mod atr;
pub(crate) mod ats;
pub(crate) mod dol_data;
pub(crate) mod historical;
pub(crate) mod sw;
pub(crate) mod tag;
pub(crate) mod tlv;

use crate::node::{Node, Remainder};

/// Parts, and what is left.
pub(crate) type Parts = (Vec<Node>, Option<Remainder>);

//! The same arithmetic with the other machine's digits, so that a host tests both.

#[cfg(target_pointer_width = "64")]
use super::limb32 as limb;
#[cfg(not(target_pointer_width = "64"))]
use super::limb64 as limb;

#[path = "divisor.rs"]
mod divisor;
#[path = "limbs.rs"]
mod limbs;
#[path = "workspace.rs"]
pub(super) mod workspace;

//! What a payment application does beyond telling its data.

mod behaviour;
mod cash;
mod challenge;
mod counters;
mod cryptogram;
mod generate_ac;
mod iad;
mod issuer;
mod log_line;
mod processing_options;
mod risk;
mod script;
#[cfg(feature = "card-rsa")]
mod signature;
mod transaction;
mod values;
mod verify;

pub use behaviour::{Behaviour, Rules};
pub(crate) use script::is_script;
pub(crate) use transaction::Transaction;

#[cfg(test)]
mod tests;

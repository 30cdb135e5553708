//! The dialogue of a terminal side with an issuer host: which message answers which, what an answer repeats, what a request
//! must have. Still octets in, octets out: connections, timers and accounts are the caller's.
//!
//! | asked | answered | for |
//! |---|---|---|
//! | 0100 | 0110 | authorisation, balance |
//! | 0200 | 0210 | purchase, load |
//! | 0400 | 0410 | reversal of what had no answer or was not completed |
//! | 0420 | 0430 | the same as an advice, with the original data in field 90; repeated as 0421 |
//! | 0620 | 0630 | result of an issuer script |
//! | 0800 | 0810 | sign-on, sign-off, echo |
//!
//! A request that is sent again must be given the stored answer: [`RequestKey`] finds it.

mod code;
mod key;
mod network;
mod original;
mod request;
mod respond;

pub use code::{ResponseCode, Verdict};
pub use key::RequestKey;
pub use network::NetworkAction;
pub use original::{OriginalData, OriginalDataError};
pub use request::{Trace, network_request, repeat_into, request, reversal};
pub use respond::{HostError, Mismatch, check_request, check_response, respond};

//! Measures tapcard beside its peers, and beside floors that do the same work with nothing around it.
//!
//! * [`shapes`]: the BER-TLV inputs.
//! * [`parsers`]: every parser behind one signature: decode to leaves, add up tags and lengths.
//!
//! Times are worth something only as ratios within one run on one machine; instruction counts hold across machines with
//! the same compiler.

pub mod parsers;
pub mod shapes;

//! What the tests of several crates share.
//!
//! * [`faulty`]: an emulated card with a planted fault, in a virtual reader.
//! * [`programs`]: runs our binary and foreign programs with a time limit, and ends what a test has started.
//! * [`daemons`]: a private `pcscd` with a virtual reader, one per test, beside whatever the machine runs itself.
//! * [`issuer`]: the issuer of an emulated card, with its keys.
//! * [`spy`]: a card that writes down what is sent to it, and can be pulled out.
//! * [`vpcd`]: a card made of a closure, for the tests that need a card but none of ours.
//!
//! A missing program is a failure that names the package to install, never a test that passes by doing nothing.

pub mod daemons;
pub mod faulty;
pub mod issuer;
pub mod programs;
pub mod spy;
pub mod vpcd;

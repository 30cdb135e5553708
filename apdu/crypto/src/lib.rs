#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod ac;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod arpc;
#[cfg(feature = "oda-rsa")]
pub mod capk;
#[cfg(feature = "des")]
pub mod codes;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod derive;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod keys;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod mac;
#[cfg(feature = "oda-rsa")]
pub mod oda;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod pboc;
#[cfg(feature = "des")]
pub mod pin;
#[cfg(feature = "des")]
pub mod purse;
#[cfg(feature = "oda-rsa")]
pub mod rsa;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod script;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod session;
#[cfg(feature = "sm")]
pub mod sm2;
#[cfg(any(feature = "oda-rsa", feature = "sm"))]
mod subject;

#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

#[cfg(feature = "oda-rsa")]
pub mod capk;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod derive;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod keys;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod mac;
#[cfg(feature = "oda-rsa")]
pub mod oda;
#[cfg(feature = "oda-rsa")]
pub mod rsa;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod session;

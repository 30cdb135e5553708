#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod derive;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod keys;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod mac;
#[cfg(any(feature = "des", feature = "aes", feature = "sm"))]
pub mod session;
#[cfg(feature = "oda-rsa")]
pub mod capk;
#[cfg(feature = "oda-rsa")]
pub mod oda;
#[cfg(feature = "oda-rsa")]
pub mod rsa;

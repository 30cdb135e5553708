#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
//!
//! All ways are a [`Card`], one file each:
//!
//! | File | Way |
//! |---|---|
//! | `pcsc` | a reader behind PC/SC, held in one transaction for the whole dialogue |
//! | [`acr122u`] | commands to the PN532 inside that reader |
//! | [`virtual_card`] | the emulated card in this process, its state in a file |
//! | [`replay`] | a recorded session answers as a card |
//! | [`record`], [`trace`] | wrappers: write down what passes, masked by [`mask`] |
//! | [`vpicc`] | the other direction: shows a card to `pcscd` through vpcd |
//!
//! [`Spec`] is what the user types to choose one, [`connect()`] opens it, [`Connection::session`] begins the dialogue:
//!
//! ```
//! use tapcard_transport::{Spec, connect};
//! # let dir = tempfile::tempdir()?;
//! # let file = dir.path().join("card.json");
//! # std::fs::write(&file, r#"[{"id":"a","kind":"transcript","exchanges":[{"c":"80CA9F3600","r":"9F360200019000"}]}]"#)?;
//! # let text = format!("replay:{}", file.display());
//! let spec: Spec = text.parse()?;
//! let mut connection = connect(Some(&spec))?;
//! let mut card = connection.session()?;
//! let mut answer = [0; 258];
//! let length = card.transmit(&[0x80, 0xCA, 0x9F, 0x36, 0x00], &mut answer)?;
//! assert_eq!(&answer[..length], [0x9F, 0x36, 0x02, 0x00, 0x01, 0x90, 0x00]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the octets mean is the business of the crates above; 61xx, 6Cxx and chaining are done by `tapcard_flow::drive`.

pub mod acr122u;
pub mod card;
pub mod connect;
pub mod error;
pub mod file_flash;
pub mod mask;
mod pcsc;
pub mod record;
pub mod replay;
pub mod spec;
pub mod trace;
pub mod transcript;
pub mod virtual_card;
pub mod vpicc;

pub use card::{Card, CardInfo, CardLink, Interface};
pub use connect::{Connection, Reader, acr122u_firmware, connect, pcsc_readers};
pub use error::TransportError;
pub use mask::{Masked, Masker};
pub use record::Recorder;
pub use replay::Replay;
pub use spec::Spec;
pub use trace::Tracer;
pub use transcript::Transcript;
pub use virtual_card::{VirtualCard, VirtualSession};

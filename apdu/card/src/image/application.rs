//! One application of an image, and what can be asked of it.

use core::fmt;

use tapcard_iso7816::{Sfi, Tag};

use super::{Face, Image, Interface, Key};

/// One application (or directory) of an image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Application<'a> {
    pub(super) image: Image<'a>,
    pub(super) number: u8,
    pub(super) name: &'a [u8],
}

impl<'a> Application<'a> {
    /// Its number, counted from 1.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// Its DF name.
    #[must_use]
    pub const fn name(&self) -> &'a [u8] {
        self.name
    }

    /// Whether it was personalised as blocked.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.get(Key::Blocked).is_some()
    }

    /// The answer to SELECT.
    #[must_use]
    pub fn fci(&self, interface: Interface) -> Option<&'a [u8]> {
        self.get(Key::Fci(Face::Only(interface))).or_else(|| self.get(Key::Fci(Face::Any)))
    }

    /// The answer to GET PROCESSING OPTIONS.
    #[must_use]
    pub fn processing_options(&self, interface: Interface) -> Option<&'a [u8]> {
        self.get(Key::ProcessingOptions(Face::Only(interface))).or_else(|| self.get(Key::ProcessingOptions(Face::Any)))
    }

    /// One record.
    #[must_use]
    pub fn record(&self, sfi: Sfi, number: u8) -> Option<&'a [u8]> {
        self.get(Key::Record(sfi, number))
    }

    /// Whether there is such a file: declared, or with a record.
    #[must_use]
    pub fn has_file(&self, sfi: Sfi) -> bool {
        let (first, last) = (Key::Record(sfi, 0).code(), Key::Record(sfi, u8::MAX).code());
        self.get(Key::File(sfi)).is_some()
            || self.get(Key::LogSize(sfi)).is_some()
            || self.image.search(self.number, first, last).is_some()
    }

    /// The value of an object that GET DATA answers.
    #[must_use]
    pub fn data(&self, tag: Tag) -> Option<&'a [u8]> {
        self.get(Key::Data(tag))
    }

    /// The content of a transparent file.
    #[must_use]
    pub fn binary(&self, sfi: Sfi) -> Option<&'a [u8]> {
        self.get(Key::Binary(sfi))
    }

    /// The file identifier of its DF.
    #[must_use]
    pub fn identifier(&self) -> Option<u16> {
        Some(u16::from_be_bytes(self.get(Key::Identifier)?.try_into().ok()?))
    }

    /// What it answers to a command without data and with this header.
    #[must_use]
    pub fn answer(&self, header: [u8; 4]) -> Option<&'a [u8]> {
        self.get(Key::Answer(header))
    }

    /// Whether it has an answer to this instruction, whatever P1 and P2.
    #[must_use]
    pub fn knows(&self, cla: u8, ins: u8) -> bool {
        let (first, last) = (Key::Answer([cla, ins, 0, 0]).code(), Key::Answer([cla, ins, 0xFF, 0xFF]).code());
        self.image.search(self.number, first, last).is_some()
    }

    /// Any value of it.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&'a [u8]> {
        self.image.get(self.number, key)
    }
}

/// Shows number and name.
impl fmt::Debug for Application<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({}, {:02X?})", self.number, self.name)
    }
}

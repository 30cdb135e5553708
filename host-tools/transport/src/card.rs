//! What every way to a card has in common: one raw C-APDU in, one raw R-APDU out.

use tapcard_iso7816::{Atr, Protocol};

use crate::error::TransportError;

/// A card that can be talked to.
pub trait Card {
    /// What is known of it before the first APDU.
    fn info(&self) -> &CardInfo;

    /// The transmission protocol in use.
    fn protocol(&self) -> Protocol;

    /// Sends one raw C-APDU and writes the raw R-APDU, SW1-SW2 last, to the start of `answer`; returns its length.
    ///
    /// Nothing is added: 61xx and 6Cxx come back as they are.
    ///
    /// # Errors
    /// The card is gone, the reader failed, or the answer does not fit.
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError>;
}

impl<C: Card + ?Sized> Card for &mut C {
    fn info(&self) -> &CardInfo {
        (**self).info()
    }
    fn protocol(&self) -> Protocol {
        (**self).protocol()
    }
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        (**self).transmit(command, answer)
    }
}

impl<C: Card + ?Sized> Card for Box<C> {
    fn info(&self) -> &CardInfo {
        (**self).info()
    }
    fn protocol(&self) -> Protocol {
        (**self).protocol()
    }
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        (**self).transmit(command, answer)
    }
}

/// What is known of a card before the first APDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardInfo {
    /// The reader's name as the user may type it after `pcsc:`, or the whole SPEC for the other transports.
    pub reader: String,
    /// Contacts or RF, as far as the ATR tells.
    pub interface: Interface,
    /// Answer to reset; for a contactless card the one that the reader made up (PC/SC part 3).
    pub atr: Option<Vec<u8>>,
    /// UID of a contactless card, where the reader tells.
    pub uid: Option<Vec<u8>>,
}

/// How the card is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// ISO/IEC 7816-3.
    Contact,
    /// ISO/IEC 14443.
    Contactless,
}

impl Interface {
    /// What the ATR says: contactless only when it is one that a reader made up (PC/SC part 3, 3.1.3.2.3).
    #[must_use]
    pub fn of_atr(atr: &[u8]) -> Self {
        match Atr::parse(atr) {
            Ok(atr) if atr.is_contactless() => Self::Contactless,
            _ => Self::Contact,
        }
    }

    /// The word that reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Contactless => "contactless",
        }
    }
}

/// A [`Card`] as a link for `tapcard_flow::drive`; counts what passes.
pub struct CardLink<'c> {
    card: &'c mut dyn Card,
    apdus: usize,
}

impl<'c> CardLink<'c> {
    /// A link that has sent nothing yet.
    #[must_use]
    pub fn new(card: &'c mut dyn Card) -> Self {
        Self { card, apdus: 0 }
    }

    /// C-APDUs sent so far, GET RESPONSE and repeated commands included.
    #[must_use]
    pub const fn apdus(&self) -> usize {
        self.apdus
    }
}

impl tapcard_flow::Link for CardLink<'_> {
    type Error = TransportError;

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        self.apdus += 1;
        self.card.transmit(command, answer)
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }
}

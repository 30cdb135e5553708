//! A card that writes down what is sent to it, and can be pulled out.

use tapcard_iso7816::Protocol;
use tapcard_transport::{Card, CardInfo, TransportError};

/// Passes everything on and keeps the commands.
pub struct Spy<C> {
    card: C,
    /// Every C-APDU, GET RESPONSE and repeated ones included.
    pub commands: Vec<Vec<u8>>,
    /// The card is pulled out before this command, counted from 0.
    pub pulled_before: Option<usize>,
}

impl<C: Card> Spy<C> {
    /// Around a card.
    pub const fn new(card: C) -> Self {
        Self { card, commands: Vec::new(), pulled_before: None }
    }

    /// The commands in hexadecimal.
    #[must_use]
    pub fn hex(&self) -> Vec<String> {
        self.commands.iter().map(hex::encode_upper).collect()
    }

    /// Second octets of the commands: what the card was told to do.
    #[must_use]
    pub fn instructions(&self) -> Vec<u8> {
        self.commands.iter().filter_map(|command| command.get(1).copied()).collect()
    }
}

impl<C: Card> Card for Spy<C> {
    fn info(&self) -> &CardInfo {
        self.card.info()
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        if self.pulled_before == Some(self.commands.len()) {
            return Err(TransportError::CardRemoved);
        }
        self.commands.push(command.to_vec());
        self.card.transmit(command, answer)
    }
}

//! From a [`Spec`] to a card that can be talked to.
//!
//! [`connect`] finds and opens, [`Connection::session`] holds the card for one dialogue and lets go by itself.

use crate::acr122u::{Acr122u, Acr122uError, Pn532Firmware};
use crate::card::{Card, Interface};
use crate::error::TransportError;
use crate::pcsc::{self, PcscCard};
use crate::replay::Replay;
use crate::spec::Spec;
use crate::virtual_card::VirtualCard;

/// A reader that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// What to type after `--reader` to get it.
    pub spec: String,
    /// Its name.
    pub name: String,
    /// The way to it: `pcsc`.
    pub kind: &'static str,
    /// Whether a card is in it.
    pub card_present: bool,
    /// The card's ATR.
    pub atr: Option<Vec<u8>>,
    /// The card's interface, as far as the ATR tells.
    pub interface: Option<Interface>,
}

/// The readers behind PC/SC; an empty list when there is none.
///
/// # Errors
/// The PC/SC service does not run, or refuses.
pub fn pcsc_readers() -> Result<Vec<Reader>, TransportError> {
    pcsc::readers()
}

/// Asks the PN532 in an ACR122U which one it is: through the card in the field, else through the reader's escape channel.
///
/// # Errors
/// See [`Acr122uError`]. [`TransportError::Unsupported`]: the driver lets no commands through to the reader.
pub fn acr122u_firmware(reader: &Reader) -> Result<Pn532Firmware, Acr122uError> {
    Acr122u::new(pcsc::ReaderChannel::open(reader)?).firmware()
}

/// An open way to a card.
pub struct Connection(Way);

enum Way {
    Pcsc(PcscCard),
    Virtual(Box<VirtualCard>),
    Replay(Replay),
}

/// Opens the card that `spec` names; without one the card in the only PC/SC reader that holds one.
///
/// # Errors
/// See [`TransportError`].
pub fn connect(spec: Option<&Spec>) -> Result<Connection, TransportError> {
    let way = match spec {
        None => Way::Pcsc(PcscCard::connect(None)?),
        Some(Spec::Pcsc(name)) => Way::Pcsc(PcscCard::connect(Some(name))?),
        Some(Spec::Virtual(what)) => Way::Virtual(Box::new(VirtualCard::open(what)?)),
        Some(Spec::Replay { file, name }) => Way::Replay(Replay::open(file, name.as_deref())?),
        Some(spec @ Spec::Pn532 { .. }) => {
            let what = format!("`{spec}`: this version has no PN532 driver; use a PC/SC reader or `virtual:pboc-ec`");
            return Err(TransportError::Unsupported { what });
        }
    };
    Ok(Connection(way))
}

impl Connection {
    /// Holds the card for one dialogue; a virtual card is reset, a PC/SC reader is held in a transaction.
    ///
    /// # Errors
    /// See [`TransportError`].
    pub fn session(&mut self) -> Result<Box<dyn Card + '_>, TransportError> {
        Ok(match &mut self.0 {
            Way::Pcsc(card) => Box::new(card.session()?),
            Way::Virtual(card) => Box::new(card.session()?),
            Way::Replay(card) => Box::new(card),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pn532_is_understood_and_declined() {
        let spec: Spec = "pn532:/dev/ttyUSB0".parse().unwrap();
        let error = connect(Some(&spec)).err().unwrap();
        assert!(error.to_string().starts_with("`pn532:/dev/ttyUSB0@115200`: this version has no PN532 driver"));
    }
}

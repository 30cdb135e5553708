//! The ACR122U: a PN532 behind CCID, the contactless reader that most people own.
//!
//! A card in its field is reached like in any PC/SC reader. Commands for the PN532 itself go in a pseudo-APDU
//! (`FF 00 00 00 Lc D4 ..`, "direct transmit"): as an ordinary APDU while a card is in the field, else through the escape
//! channel of the reader (`PC_to_RDR_Escape`, SCardControl). This file knows the octets; `pcsc` knows the way, whoever calls
//! knows what the PN532 is to do.
//!
//! ACS, ACR122U Application Programming Interface 2.04, chapters 3 to 6; NXP UM0701-02, 7.2.2 for the PN532.

use std::fmt;

use tapcard_iso7816::StatusWord;

use crate::error::TransportError;

/// Header of the pseudo-APDU that hands its data to the PN532.
const DIRECT_TRANSMIT: [u8; 4] = [0xFF, 0x00, 0x00, 0x00];
/// Asks the reader itself for its firmware; the answer is text without SW1-SW2.
const GET_READER_FIRMWARE: [u8; 5] = [0xFF, 0x00, 0x48, 0x00, 0x00];
/// Fetches an answer that the reader announced with 61xx.
const GET_RESPONSE: [u8; 4] = [0xFF, 0xC0, 0x00, 0x00];
/// Octets of a command to the PN532, TFI and code included, that fit Lc.
const MAX_COMMAND: usize = 255;
/// TFI from the host to the PN532 and back (UM0701-02, 6.2.1.1).
const TFI: (u8, u8) = (0xD4, 0xD5);
/// `GetFirmwareVersion` (UM0701-02, 7.2.2).
const GET_FIRMWARE_VERSION: u8 = 0x02;

/// Functions of SCardControl that carry `PC_to_RDR_Escape`, in the order in which they are tried.
///
/// 1 is that of `libccid`, which wants it allowed in its `Info.plist`; 3500 that of Microsoft's driver and of those that
/// follow it.
pub const ESCAPE_FUNCTIONS: &[u32] = if cfg!(windows) { &[3500] } else { &[1, 3500] };

/// Whether a PC/SC reader is an ACR122U, by its name.
///
/// ```
/// use tapcard_transport::acr122u::is_acr122u;
///
/// assert!(is_acr122u("ACS ACR122U PICC Interface 00 00"));
/// assert!(!is_acr122u("ACS ACR1222L 00 00"), "another reader, without a PN532");
/// ```
#[must_use]
pub fn is_acr122u(reader: &str) -> bool {
    let reader = reader.to_ascii_uppercase();
    let behind = reader.split_once("ACR122").map(|(_, behind)| behind);
    behind.is_some_and(|behind| !behind.starts_with(|next: char| next.is_ascii_digit()))
}

/// A way for pseudo-APDUs to the reader: SCardControl, or the transmission to a card that is in the field.
pub trait Channel {
    /// Sends `command` and writes what comes back to the start of `answer`; returns its length.
    ///
    /// # Errors
    /// The reader is gone or refuses.
    fn exchange(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError>;
}

/// Why the PN532 behind the reader gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Acr122uError {
    /// The command does not fit the pseudo-APDU.
    #[error("a command of {len} octets; the reader takes at most {MAX_COMMAND}")]
    CommandTooLong {
        /// Octets of the command.
        len: usize,
    },
    /// The reader refuses the pseudo-APDU, or the PN532 does not answer it.
    #[error("the reader answers {sw}")]
    Refused {
        /// What it said: 6300 failed, 6301 the PN532 is silent, 6327 wrong checksum, 637F wrong command.
        sw: StatusWord,
    },
    /// What came back is no answer to the command.
    #[error("the reader answers {len} octets that are no answer of a PN532 to command {code:02X}")]
    NoAnswer {
        /// Code of the command.
        code: u8,
        /// Octets that came back.
        len: usize,
    },
    /// The way to the reader.
    #[error(transparent)]
    Channel(#[from] TransportError),
}

/// An ACR122U behind a [`Channel`].
pub struct Acr122u<C> {
    channel: C,
}

impl<C: Channel> Acr122u<C> {
    /// Nothing is sent yet.
    pub const fn new(channel: C) -> Self {
        Self { channel }
    }

    /// Sends a command to the PN532: its code, then its parameters, without TFI. Returns the data behind the answer's code.
    ///
    /// # Errors
    /// See [`Acr122uError`].
    pub fn command(&mut self, code: u8, parameters: &[u8]) -> Result<Vec<u8>, Acr122uError> {
        let apdu = direct_transmit(code, parameters)?;
        let mut answer = self.exchange(&apdu)?;
        // The first of the series has its answer fetched.
        if let [0x61, length] = *answer {
            answer = self.exchange(&[&GET_RESPONSE[..], &[length]].concat())?;
        }
        direct_answer(code, &answer).map(<[u8]>::to_vec)
    }

    /// Asks the PN532 which one it is.
    ///
    /// # Errors
    /// See [`Acr122uError`].
    pub fn firmware(&mut self) -> Result<Pn532Firmware, Acr122uError> {
        let answer = self.command(GET_FIRMWARE_VERSION, &[])?;
        let len = answer.len();
        Pn532Firmware::parse(&answer).ok_or(Acr122uError::NoAnswer { code: GET_FIRMWARE_VERSION, len })
    }

    /// Asks the reader's own controller which one it is: `ACR122U207`.
    ///
    /// # Errors
    /// See [`Acr122uError`].
    pub fn reader_firmware(&mut self) -> Result<String, Acr122uError> {
        let answer = self.exchange(&GET_READER_FIRMWARE)?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        let is_text = text.len() > 4 && text.bytes().all(|octet| octet.is_ascii_graphic());
        let [_, _, code, ..] = GET_READER_FIRMWARE;
        if is_text { Ok(text) } else { Err(Acr122uError::NoAnswer { code, len: answer.len() }) }
    }

    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, Acr122uError> {
        let mut answer = [0; 2 * MAX_COMMAND];
        let length = self.channel.exchange(command, &mut answer)?;
        Ok(answer.get(..length).unwrap_or_default().to_vec())
    }
}

/// Which PN532 it is (UM0701-02, 7.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pn532Firmware {
    /// 32 for the PN532.
    pub ic: u8,
    /// Version of the firmware.
    pub version: u8,
    /// Its revision.
    pub revision: u8,
    /// Bit 1: ISO/IEC 14443 type A, bit 2: type B, bit 3: ISO/IEC 18092.
    pub support: u8,
}

impl Pn532Firmware {
    /// Data of the answer to `GetFirmwareVersion`.
    #[must_use]
    pub const fn parse(data: &[u8]) -> Option<Self> {
        match *data {
            [ic, version, revision, support] => Some(Self { ic, version, revision, support }),
            _ => None,
        }
    }
}

/// `PN532 firmware 1.6`.
impl fmt::Display for Pn532Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PN5{:02X} firmware {}.{}", self.ic, self.version, self.revision)
    }
}

/// The pseudo-APDU for a command to the PN532: `FF 00 00 00 Lc D4 code parameters`.
///
/// ```
/// use tapcard_transport::acr122u::direct_transmit;
///
/// assert_eq!(direct_transmit(0x02, &[])?, [0xFF, 0x00, 0x00, 0x00, 0x02, 0xD4, 0x02]);
/// # Ok::<(), tapcard_transport::acr122u::Acr122uError>(())
/// ```
///
/// # Errors
/// [`Acr122uError::CommandTooLong`].
pub fn direct_transmit(code: u8, parameters: &[u8]) -> Result<Vec<u8>, Acr122uError> {
    let len = 2 + parameters.len();
    let lc = u8::try_from(len).map_err(|_| Acr122uError::CommandTooLong { len })?;
    Ok([&DIRECT_TRANSMIT[..], &[lc, TFI.0, code], parameters].concat())
}

/// What the PN532 answered to command `code`: the data between `D5 code+1` and `90 00`.
///
/// # Errors
/// [`Acr122uError::Refused`], [`Acr122uError::NoAnswer`].
pub fn direct_answer(code: u8, answer: &[u8]) -> Result<&[u8], Acr122uError> {
    match answer {
        [tfi, answered, data @ .., 0x90, 0x00] if (*tfi, *answered) == (TFI.1, code.wrapping_add(1)) => Ok(data),
        [sw1 @ 0x61..=0x6F, sw2] => Err(Acr122uError::Refused { sw: StatusWord::from_octets(*sw1, *sw2) }),
        other => Err(Acr122uError::NoAnswer { code, len: other.len() }),
    }
}

/// Tries one function of SCardControl after the other until one is supported.
///
/// # Errors
/// That of the last one.
pub(crate) fn first_supported<T>(
    mut control: impl FnMut(u32) -> Result<T, TransportError>,
) -> Result<T, TransportError> {
    let mut last = TransportError::Unsupported { what: "the driver has no escape channel".to_owned() };
    for function in ESCAPE_FUNCTIONS {
        match control(*function) {
            Err(TransportError::Unsupported { what }) => last = TransportError::Unsupported { what },
            outcome => return outcome,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that knows what it will be asked, octet by octet.
    struct Scripted(Vec<(&'static str, Result<&'static str, TransportError>)>);

    impl Channel for Scripted {
        fn exchange(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
            let (expected, reply) = self.0.remove(0);
            assert_eq!(hex::encode_upper(command), expected);
            let reply = hex::decode(reply?).unwrap();
            answer[..reply.len()].copy_from_slice(&reply);
            Ok(reply.len())
        }
    }

    fn reader(replies: &[(&'static str, &'static str)]) -> Acr122u<Scripted> {
        Acr122u::new(Scripted(replies.iter().map(|(command, reply)| (*command, Ok(*reply))).collect()))
    }

    const FIRMWARE: Pn532Firmware = Pn532Firmware { ic: 0x32, version: 1, revision: 6, support: 7 };

    #[test]
    fn the_firmware_is_asked_with_a_direct_transmit() {
        let mut reader = reader(&[("FF00000002D402", "D503320106079000")]);
        assert_eq!(reader.firmware(), Ok(FIRMWARE));
        assert_eq!(FIRMWARE.to_string(), "PN532 firmware 1.6");
    }

    #[test]
    fn an_announced_answer_is_fetched_once() {
        let fetched = [("FF00000002D402", "6108"), ("FFC0000008", "D503320106079000")];
        assert_eq!(reader(&fetched).firmware(), Ok(FIRMWARE));
        let endless = [("FF00000002D402", "6108"), ("FFC0000008", "6108")];
        assert_eq!(reader(&endless).firmware(), Err(Acr122uError::Refused { sw: StatusWord::new(0x6108) }));
    }

    #[test]
    fn parameters_follow_the_code() {
        let mut reader = reader(&[("FF00000004D44A0100", "D54B009000")]);
        assert_eq!(reader.command(0x4A, &[0x01, 0x00]), Ok(vec![0x00]));
    }

    #[test]
    fn the_longest_command_fits_lc() {
        let apdu = direct_transmit(0x40, &[0; 253]).unwrap();
        assert_eq!((apdu.len(), apdu[4]), (260, 0xFF));
        assert_eq!(direct_transmit(0x40, &[0; 254]), Err(Acr122uError::CommandTooLong { len: 256 }));
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let refused = |sw| Err(Acr122uError::Refused { sw: StatusWord::new(sw) });
        let no_answer = |len| Err(Acr122uError::NoAnswer { code: 0x02, len });
        for (answer, expected) in [
            ("6300", refused(0x6300)),
            ("6301", refused(0x6301)),
            ("637F", refused(0x637F)),
            ("", no_answer(0)),
            ("9000", no_answer(2)),
            ("D505329000", no_answer(5)),
            ("D5033201060790", no_answer(7)),
            ("D503329000", no_answer(1)),
            ("D50332010607FF9000", no_answer(5)),
        ] {
            assert_eq!(reader(&[("FF00000002D402", answer)]).firmware(), expected, "{answer}");
        }
    }

    #[test]
    fn the_reader_names_its_own_firmware() {
        let name = || reader(&[("FF00480000", "41435231323255323037")]).reader_firmware();
        assert_eq!(name().as_deref(), Ok("ACR122U207"));
        let odd = reader(&[("FF00480000", "6A81")]).reader_firmware();
        assert_eq!(odd, Err(Acr122uError::NoAnswer { code: 0x48, len: 2 }));
    }

    #[test]
    fn a_lost_reader_is_an_error_of_the_way() {
        let lost = TransportError::Reader("gone".into());
        let mut reader = Acr122u::new(Scripted(vec![("FF00000002D402", Err(lost.clone()))]));
        assert_eq!(reader.firmware(), Err(Acr122uError::Channel(lost)));
    }

    #[test]
    fn readers_are_recognised_by_name_in_any_case() {
        for name in ["ACS ACR122U 00 00", "ACS ACR122U PICC Interface 01 00", "acr122", "ACS ACR122 0"] {
            assert!(is_acr122u(name), "{name}");
        }
        for name in ["ACS ACR1281 Dual Reader 00 00", "ACS ACR1222L 00 00", "Virtual PCD 00 00", ""] {
            assert!(!is_acr122u(name), "{name}");
        }
    }

    #[test]
    fn the_escape_function_that_the_driver_has_is_used() {
        let unsupported = || TransportError::Unsupported { what: "no".into() };
        let mut asked = Vec::new();
        let found = first_supported(|function| {
            asked.push(function);
            if function == 3500 { Ok(function) } else { Err(unsupported()) }
        });
        assert_eq!((found, asked.as_slice()), (Ok(3500), ESCAPE_FUNCTIONS));
        assert_eq!(first_supported::<()>(|_| Err(unsupported())), Err(unsupported()));
        let mut asked = 0;
        let lost = first_supported::<()>(|_| {
            asked += 1;
            Err(TransportError::CardRemoved)
        });
        assert_eq!((lost, asked), (Err(TransportError::CardRemoved), 1), "another failure is not tried again");
    }
}

//! Shows a card to `pcscd` through vpcd, the virtual reader of vsmartcard: every PC/SC program sees it.
//!
//! vpcd listens, the card connects. Each message is a 16-bit big-endian length and that many octets; a message of one octet
//! is a control code, anything longer a C-APDU. The connection is the card in the reader: closing it pulls the card out.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::card::Card;
use crate::error::TransportError;

/// Octets of the length in front of each message.
const HEADER: usize = 2;
/// The longest message.
const MAX_MESSAGE: usize = u16::MAX as usize;
/// Between two attempts to connect.
const RETRY: Duration = Duration::from_millis(100);

const POWER_OFF: u8 = 0x00;
const POWER_ON: u8 = 0x01;
const RESET: u8 = 0x02;
const GIVE_ATR: u8 = 0x04;

/// A card as a virtual reader sees it.
pub trait Picc {
    /// Answer to reset.
    fn atr(&self) -> &[u8];

    /// The card was powered on or reset: nothing is selected or verified any more.
    ///
    /// # Errors
    /// The card is gone.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// Answers one C-APDU; returns the length of the R-APDU in `answer`.
    ///
    /// # Errors
    /// The card is gone.
    fn answer(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError>;
}

/// Any [`Card`] behind a virtual reader. A reset is not passed on: the PC/SC transaction is held all the time.
pub struct Relay<'c>(pub &'c mut dyn Card);

impl Picc for Relay<'_> {
    fn atr(&self) -> &[u8] {
        self.0.info().atr.as_deref().unwrap_or_default()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn answer(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        self.0.transmit(command, answer)
    }
}

/// What the reader did.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Power was switched on.
    PowerOn,
    /// Power was switched off.
    PowerOff,
    /// The card was reset.
    Reset,
    /// A C-APDU was answered.
    Answered {
        /// C-APDU.
        command: &'a [u8],
        /// R-APDU.
        answer: &'a [u8],
    },
}

/// A connection to a virtual reader.
pub struct Vpcd {
    stream: TcpStream,
    address: String,
    input: Box<[u8]>,
    /// What was received and not yet used.
    start: usize,
    end: usize,
}

impl Vpcd {
    /// Connects to `address` (`HOST:PORT`); tries again until `patience` is over, since `pcscd` may just be starting.
    ///
    /// # Errors
    /// [`TransportError::Network`] with the last failure.
    pub fn connect(address: &str, patience: Duration) -> Result<Self, TransportError> {
        let deadline = Instant::now() + patience;
        loop {
            match TcpStream::connect(address) {
                Ok(stream) => return Self::over(stream, address),
                Err(error) if error.kind() != ErrorKind::InvalidInput && Instant::now() + RETRY < deadline => {
                    std::thread::sleep(RETRY);
                }
                Err(error) => {
                    let what = format!("cannot connect: {error}; is `pcscd` running with vpcd on this port");
                    return Err(TransportError::Network { address: address.to_owned(), what });
                }
            }
        }
    }

    /// Takes a connection that exists.
    ///
    /// # Errors
    /// [`TransportError::Network`] when it is already broken.
    pub fn over(stream: TcpStream, address: &str) -> Result<Self, TransportError> {
        let address = address.to_owned();
        // An answer is one small segment: it must not wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            return Err(TransportError::Network { address, what: error.to_string() });
        }
        let input = vec![0; HEADER + MAX_MESSAGE].into_boxed_slice();
        Ok(Self { stream, address, input, start: 0, end: 0 })
    }

    /// A handle that pulls the card out from another thread: [`Vpcd::serve`] then returns.
    ///
    /// # Errors
    /// [`TransportError::Network`].
    pub fn stopper(&self) -> Result<Stopper, TransportError> {
        self.stream.try_clone().map(Stopper).map_err(|error| self.broken(&error))
    }

    /// Presents `card` until the reader closes the connection or a [`Stopper`] does. Returns the number of C-APDUs.
    ///
    /// # Errors
    /// The connection broke, or the card was lost; either pulls the card out of the virtual reader.
    pub fn serve(&mut self, card: &mut dyn Picc, observe: &mut dyn FnMut(Event<'_>)) -> Result<u64, TransportError> {
        let mut apdus = 0;
        let mut output = vec![0; HEADER + MAX_MESSAGE];
        while let Some((start, end)) = self.receive().map_err(|error| self.broken(&error))? {
            let message = self.input.get(start..end).unwrap_or_default();
            let room = output.get_mut(HEADER..).unwrap_or_default();
            let length = match message {
                [] => continue,
                [code] => control(*code, card, room, observe)?,
                command => {
                    let length = card.answer(command, room)?;
                    apdus += 1;
                    observe(Event::Answered { command, answer: room.get(..length).unwrap_or_default() });
                    Some(length)
                }
            };
            if let Some(length) = length {
                self.send(&mut output, length).map_err(|error| self.broken(&error))?;
            }
        }
        Ok(apdus)
    }

    /// The next whole message: where it stands in `input`. `None`: the reader is gone.
    fn receive(&mut self) -> io::Result<Option<(usize, usize)>> {
        loop {
            if let Some([high, low]) = self.input.get(self.start..self.end).and_then(|rest| rest.first_chunk()) {
                let begin = self.start + HEADER;
                let finish = begin + usize::from(u16::from_be_bytes([*high, *low]));
                if finish <= self.end {
                    self.start = finish;
                    return Ok(Some((begin, finish)));
                }
            }
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let room = self.input.get_mut(self.end..).unwrap_or_default();
            match self.stream.read(room) {
                Ok(0) => return Ok(None),
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_gone(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
            if !self.holds_whole_message() {
                // vpcd sends the length by itself and then waits for its acknowledgement, which the kernel would hold
                // back for 40 ms.
                quick_ack(&self.stream);
            }
        }
    }

    fn holds_whole_message(&self) -> bool {
        match self.input.get(..self.end).and_then(|input| input.first_chunk()) {
            Some([high, low]) => HEADER + usize::from(u16::from_be_bytes([*high, *low])) <= self.end,
            None => false,
        }
    }

    /// Sends the message of `length` octets that stands behind the room for its header.
    fn send(&mut self, output: &mut [u8], length: usize) -> io::Result<()> {
        let header = u16::try_from(length).map_err(|_| io::Error::other("an answer longer than 65535 bytes"))?;
        if let Some(room) = output.first_chunk_mut() {
            *room = header.to_be_bytes();
        }
        match self.stream.write_all(output.get(..HEADER + length).unwrap_or_default()) {
            Err(error) if is_gone(&error) => Ok(()),
            other => other,
        }
    }

    fn broken(&self, error: &io::Error) -> TransportError {
        TransportError::Network { address: self.address.clone(), what: format!("the connection broke: {error}") }
    }
}

/// Pulls the card out.
pub struct Stopper(TcpStream);

impl Stopper {
    /// Closes the connection; harmless when it is closed already.
    pub fn stop(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Acts on a control code; the length of the answer that it wants, if any. Unknown codes want none.
fn control(
    code: u8,
    card: &mut dyn Picc,
    room: &mut [u8],
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<Option<usize>, TransportError> {
    match code {
        GIVE_ATR => {
            let atr = card.atr();
            if let Some(room) = room.get_mut(..atr.len()) {
                room.copy_from_slice(atr);
            }
            return Ok(Some(atr.len()));
        }
        POWER_ON => {
            card.reset()?;
            observe(Event::PowerOn);
        }
        RESET => {
            card.reset()?;
            observe(Event::Reset);
        }
        POWER_OFF => observe(Event::PowerOff),
        _ => {}
    }
    Ok(None)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
}

/// Sends the pending acknowledgement now. The setting does not last, so it is made again after each part of a message.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn quick_ack(stream: &TcpStream) {
    // Only speed depends on it.
    let _ = socket2::SockRef::from(stream).set_tcp_quickack(true);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn quick_ack(_stream: &TcpStream) {}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers each command with its own octets and 9000; loses itself on INS FF.
    struct Echo {
        resets: usize,
    }

    impl Picc for Echo {
        fn atr(&self) -> &[u8] {
            &[0x3B, 0x00]
        }
        fn reset(&mut self) -> Result<(), TransportError> {
            self.resets += 1;
            Ok(())
        }
        fn answer(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
            if command.get(1) == Some(&0xFF) {
                return Err(TransportError::CardRemoved);
            }
            let whole = [command, &[0x90, 0x00]].concat();
            let room = answer.get_mut(..whole.len()).ok_or(TransportError::AnswerTooLong { capacity: 0 })?;
            room.copy_from_slice(&whole);
            Ok(whole.len())
        }
    }

    /// Serves an [`Echo`]; `reader` plays vpcd. Returns what serving returned, and the resets.
    fn against(reader: impl FnOnce(TcpStream) + Send + 'static) -> (Result<u64, TransportError>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let reader = thread::spawn(move || reader(listener.accept().unwrap().0));
        let mut card = Echo { resets: 0 };
        let mut vpcd = Vpcd::connect(&address, Duration::ZERO).unwrap();
        let served = vpcd.serve(&mut card, &mut |_| {});
        drop(vpcd);
        reader.join().unwrap();
        (served, card.resets)
    }

    fn expect(stream: &mut TcpStream, expected: &[u8]) {
        let mut found = vec![0; expected.len()];
        stream.read_exact(&mut found).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn atr_power_and_commands_are_served() {
        let (served, resets) = against(|mut stream| {
            stream.write_all(&[0, 1, 4]).unwrap();
            expect(&mut stream, &[0, 2, 0x3B, 0x00]);
            stream.write_all(&[0, 1, 1, 0, 1, 2, 0, 1, 0, 0, 2, 0xAA, 0xBB]).unwrap();
            expect(&mut stream, &[0, 4, 0xAA, 0xBB, 0x90, 0x00]);
        });
        assert_eq!((served, resets), (Ok(1), 2));
    }

    #[test]
    fn messages_split_anywhere_are_put_together() {
        let (served, _) = against(|mut stream| {
            stream.set_nodelay(true).unwrap();
            for octet in [0, 3, 1, 2, 3, 0, 1, 4] {
                stream.write_all(&[octet]).unwrap();
            }
            expect(&mut stream, &[0, 5, 1, 2, 3, 0x90, 0x00, 0, 2, 0x3B, 0x00]);
        });
        assert_eq!(served, Ok(1));
    }

    #[test]
    fn empty_messages_and_unknown_codes_are_ignored() {
        let (served, resets) = against(|mut stream| {
            stream.write_all(&[0, 0, 0, 0, 0, 1, 9, 0, 1, 3, 0, 1, 4]).unwrap();
            expect(&mut stream, &[0, 2, 0x3B, 0x00]);
        });
        assert_eq!((served, resets), (Ok(0), 0));
    }

    #[test]
    fn the_longest_message_is_served() {
        let (served, _) = against(|mut stream| {
            let command = vec![7; MAX_MESSAGE - 2];
            stream.write_all(&[0xFF, 0xFD]).unwrap();
            stream.write_all(&command).unwrap();
            expect(&mut stream, &[&[0xFF, 0xFF][..], &command, &[0x90, 0x00]].concat());
        });
        assert_eq!(served, Ok(1));
    }

    #[test]
    fn an_answer_that_cannot_be_sent_pulls_the_card_out() {
        let (served, _) = against(|mut stream| {
            stream.write_all(&[0xFF, 0xFF]).unwrap();
            stream.write_all(&vec![7; MAX_MESSAGE]).unwrap();
            assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "the connection is closed");
        });
        assert_eq!(served, Err(TransportError::AnswerTooLong { capacity: 0 }));
    }

    #[test]
    fn a_lost_card_ends_the_connection() {
        let (served, _) = against(|mut stream| {
            stream.write_all(&[0, 2, 0, 0xFF]).unwrap();
            assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0);
        });
        assert_eq!(served, Err(TransportError::CardRemoved));
    }

    #[test]
    fn a_reader_that_leaves_in_the_middle_of_a_message_is_gone() {
        let (served, _) = against(|mut stream| stream.write_all(&[0, 9, 1, 2]).unwrap());
        assert_eq!(served, Ok(0));
    }

    #[test]
    fn a_stopper_pulls_the_card_out() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut vpcd = Vpcd::connect(&listener.local_addr().unwrap().to_string(), Duration::ZERO).unwrap();
        let stopper = vpcd.stopper().unwrap();
        let serving = thread::spawn(move || vpcd.serve(&mut Echo { resets: 0 }, &mut |_| {}));
        stopper.stop();
        assert_eq!(serving.join().unwrap(), Ok(0));
    }

    #[test]
    fn nobody_listening_is_said_with_the_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let error = Vpcd::connect(&address, Duration::ZERO).err().unwrap();
        assert!(matches!(&error, TransportError::Network { address: found, .. } if *found == address), "{error}");
    }
}

//! A card made of a closure, on the card side of the virtual reader's socket.
//!
//! It shows that the private daemon works without any code of ours in the path, and it misbehaves where a test wants
//! that: it can be pulled out at any moment. The wire format is that of vsmartcard's `vpcd`: a 16-bit big-endian length
//! and that many bytes; one byte from the reader is a control code, anything longer a C-APDU.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::programs::wait_for;

/// Control code by which the reader asks for the ATR; the others (power off, power on, reset) want no answer.
const GIVE_ATR: u8 = 0x04;

/// A card in a virtual reader until it is dropped.
#[derive(Debug)]
pub struct ScriptedCard {
    socket: TcpStream,
    commands: Arc<Mutex<Vec<Vec<u8>>>>,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedCard {
    /// Puts a card into the virtual reader on `port`: its ATR, and what it answers to each C-APDU. No R-APDU is empty, so
    /// an empty answer stands for a card that is pulled out at this moment.
    ///
    /// # Panics
    /// When nobody listens on the port.
    #[must_use]
    #[track_caller]
    pub fn insert(port: u16, atr: &[u8], answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        let socket = wait_for(Duration::from_secs(10), connect).expect("a virtual reader listens on the port");
        socket.set_nodelay(true).expect("TCP_NODELAY");
        let commands = Arc::default();
        let card = socket.try_clone().expect("a second handle of the socket");
        let (atr, seen) = (atr.to_vec(), Arc::clone(&commands));
        // An end of the conversation is either a daemon that stops or a card that is pulled: both end the thread.
        let thread = thread::spawn(move || drop(serve(card, &atr, &seen, answer)));
        Self { socket, commands, thread: Some(thread) }
    }

    /// Every C-APDU so far.
    #[must_use]
    pub fn commands(&self) -> Vec<Vec<u8>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ScriptedCard {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    mut socket: TcpStream,
    atr: &[u8],
    seen: &Mutex<Vec<Vec<u8>>>,
    mut answer: impl FnMut(&[u8]) -> Vec<u8>,
) -> io::Result<()> {
    loop {
        let message = read_message(&mut socket)?;
        match message.as_slice() {
            [GIVE_ATR] => write_message(&mut socket, atr)?,
            [] | [_] => (),
            command => {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(command.to_vec());
                match answer(command) {
                    nothing if nothing.is_empty() => return socket.shutdown(Shutdown::Both),
                    answer => write_message(&mut socket, &answer)?,
                }
            }
        }
    }
}

fn read_message(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    socket.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    socket.read_exact(&mut message)?;
    Ok(message)
}

fn write_message(socket: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    socket.write_all(&[&length.to_be_bytes(), message].concat())
}

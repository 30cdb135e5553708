//! A card with nothing in it: the least that answers over the protocol of vpcd.

use std::io::{Read, Write};
use std::net::TcpStream;

/// ATR of a contactless card, as PC/SC part 3 makes them.
const ATR: &[u8] = &[0x3B, 0x80, 0x80, 0x01, 0x01];

/// As long as the answer of our card to the same command, and as true as a floor needs.
pub(super) const ANSWER: &[u8] = &{
    let mut answer = [0; 52];
    answer[50] = 0x90;
    answer
};

/// Connects and answers until the reader hangs up.
pub(crate) fn floor(address: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut input, mut have) = ([0; 1024], 0);
    loop {
        match stream.read(&mut input[have..])? {
            0 => return Ok(()),
            count => have += count,
        }
        while let [high, low, rest @ ..] = &input[..have]
            && let Some(message) = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))
        {
            match message {
                [0x04] => send(&mut stream, ATR)?,
                [] | [_] => {}
                _ => send(&mut stream, ANSWER)?,
            }
            let used = 2 + message.len();
            input.copy_within(used..have, 0);
            have -= used;
        }
        if have > 0 {
            // vpcd sends the length by itself and waits for its acknowledgement, which else comes 40 ms later.
            rustix::net::sockopt::set_tcp_quickack(&stream, true)?;
        }
    }
}

fn send(stream: &mut TcpStream, message: &[u8]) -> anyhow::Result<()> {
    let mut whole = [0; 128];
    let length = u16::try_from(message.len())?.to_be_bytes();
    whole[..2].copy_from_slice(&length);
    whole[2..2 + message.len()].copy_from_slice(message);
    Ok(stream.write_all(&whole[..2 + message.len()])?)
}

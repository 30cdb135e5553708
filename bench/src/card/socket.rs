//! This program in the place of vpcd.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, bail, ensure};

use super::floor::ANSWER;
use super::{Args, Contender, SELECT, START_LIMIT, answers_per_second};
use crate::programs::wait_for;

const POWER_ON: u8 = 0x01;
const GIVE_ATR: u8 = 0x04;

/// Answers per second of a card on a socket of its own.
pub(super) fn rate(card: Contender, args: &Args) -> anyhow::Result<f64> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut running = card.start(args, listener.local_addr()?)?;
    listener.set_nonblocking(true)?;
    let accepted = wait_for(START_LIMIT, || match listener.accept() {
        Ok((stream, _)) => Some(Ok(stream)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            (!running.is_running()).then(|| Err(anyhow::anyhow!("it has ended by itself")))
        }
        Err(error) => Some(Err(error.into())),
    });
    let Some(stream) = accepted else { bail!("it does not connect") };
    let mut reader = Reader { stream: stream?, buffer: vec![0; 2 + usize::from(u16::MAX)] };
    reader.stream.set_nonblocking(false)?;
    reader.stream.set_nodelay(true)?;
    reader.stream.set_read_timeout(Some(START_LIMIT))?;
    reader.begin()?;
    let length = reader.ask(SELECT)?;
    if let Contender::Tapcard = card {
        ensure!(length == ANSWER.len(), "it answers with {length} octets, and so must the floor");
    }
    answers_per_second(args.seconds, || reader.ask(SELECT).map(drop))
}

struct Reader {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Reader {
    /// What vpcd does when a card comes: ATR, power on, ATR.
    fn begin(&mut self) -> anyhow::Result<()> {
        self.ask(&[GIVE_ATR]).context("no ATR")?;
        self.send(&[POWER_ON])?;
        self.ask(&[GIVE_ATR]).context("no ATR after power on")?;
        Ok(())
    }

    fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        let mut whole = [0; 64];
        whole[..2].copy_from_slice(&u16::try_from(message.len())?.to_be_bytes());
        whole[2..2 + message.len()].copy_from_slice(message);
        Ok(self.stream.write_all(&whole[..2 + message.len()])?)
    }

    /// Length of the answer.
    fn ask(&mut self, message: &[u8]) -> anyhow::Result<usize> {
        self.send(message)?;
        let mut have = 0;
        loop {
            match self.stream.read(&mut self.buffer[have..])? {
                0 => bail!("the card has gone"),
                count => have += count,
            }
            if let [high, low, rest @ ..] = &self.buffer[..have] {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if rest.len() >= length {
                    return Ok(length);
                }
            }
        }
    }
}

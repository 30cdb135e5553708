//! A PC/SC program as users write them.

use std::ffi::CStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use pcsc::{Card, Error, Protocols, Scope, ShareMode};

use super::{Args, Contender, SELECT, START_LIMIT, answers_per_second, own_program};
use crate::daemons::{Isolation, Pcscd};
use crate::programs::{find, run_for, wait_for};

/// Answers per second of a card in a virtual reader of its own.
pub(super) fn rate(card: Contender, args: &Args) -> anyhow::Result<f64> {
    let isolation =
        if find("systemd-socket-activate").is_some() { Isolation::SocketActivation } else { Isolation::MountNamespace };
    let pcscd = Pcscd::start_with(isolation).map_err(|why| anyhow!(why))?;
    let _running = card.start(args, SocketAddr::from((Ipv4Addr::LOCALHOST, pcscd.port())))?;
    // The client finds the daemon by its surroundings, so it is another process.
    let mut own = own_program()?;
    own.arg("client").arg(args.seconds.to_string());
    let limit = START_LIMIT + Duration::from_secs_f64(args.seconds) + Duration::from_secs(20);
    let ran = run_for(&mut pcscd.client(&own), limit).map_err(|why| anyhow!(why))?;
    ensure!(ran.code == Some(0), "{ran:?}\n{}", pcscd.log());
    ran.stdout.trim().parse().with_context(|| format!("{ran:?}"))
}

/// The other process: prints the answers per second.
pub(crate) fn client(seconds: f64) -> anyhow::Result<()> {
    let context = pcsc::Context::establish(Scope::User)?;
    let mut last = Error::NoReadersAvailable;
    let card = wait_for(START_LIMIT, || connect(&context).map_err(|error| last = error).ok());
    let card = card.ok_or(last).context("no card")?;
    let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
    let rate = answers_per_second(seconds, || {
        let answer = card.transmit(SELECT, &mut buffer)?;
        ensure!(answer.len() >= 2, "an answer without SW1-SW2");
        Ok(())
    })?;
    println!("{rate}");
    Ok(())
}

fn connect(context: &pcsc::Context) -> Result<Card, Error> {
    let readers = context.list_readers_owned()?;
    let reader = readers.first().ok_or(Error::NoReadersAvailable)?;
    let reader: &CStr = reader.as_c_str();
    context.connect(reader, ShareMode::Shared, Protocols::ANY)
}

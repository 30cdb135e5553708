//! The emulated card of `tapcard card serve` beside Debian's `vicc` and a floor, each a process of its own.
//!
//! Twice: with this program in the place of vpcd, which is the card and one socket and nothing else; and through vpcd, a
//! private `pcscd` and PC/SC, which is what users of the card get. All get the same command again and again, one at a
//! time: SELECT of the directory of contactless applications. The floor answers with as many octets as our card.

mod client;
mod floor;
mod socket;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use crate::programs::{Background, tied};

pub(crate) use client::client;
pub(crate) use floor::floor;

/// SELECT `2PAY.SYS.DDF01`.
const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";

/// Answers before the clock starts.
const WARM_UP: u32 = 20;

/// Longest time for a card to come up: `vicc` is an interpreter that loads many modules.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The built-in profile that is served.
const PROFILE: &str = "pboc-ec";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The program `tapcard`, built for release.
    #[arg(long)]
    tapcard: PathBuf,
    /// How long each card is asked, each time.
    #[arg(long, default_value_t = 0.5)]
    seconds: f64,
    /// How often each card is asked; the best round counts, for the load of others only takes away.
    #[arg(long, default_value_t = 15)]
    rounds: u32,
    /// Where the figures go.
    out: PathBuf,
}

/// Answers per second of each round, by card.
pub(crate) type Rates = BTreeMap<String, Vec<f64>>;

/// What [`run`] has measured.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Over the socket only.
    pub(crate) socket: Rates,
    /// Through vpcd, `pcscd` and PC/SC.
    pub(crate) pcsc: Rates,
}

/// Runs `vicc` as Debian 12 has it. Two things are missing there: its modules are beside the path of Python, and it wants
/// the library PyCryptodome by the name that it has everywhere but in Debian.
const VICC: &str = r#"
import runpy, sys, Cryptodome
sys.modules["Crypto"] = Cryptodome
sys.path.append("/usr/lib/python3/site-packages/virtualsmartcard")
sys.argv[0] = "vicc"
runpy.run_path("/usr/bin/vicc", run_name="__main__")
"#;

/// The cards, in the order of each round.
#[derive(Clone, Copy)]
enum Contender {
    Floor,
    Tapcard,
    Vicc,
}

impl Contender {
    const ALL: [Self; 3] = [Self::Floor, Self::Tapcard, Self::Vicc];

    fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Tapcard => "tapcard",
            Self::Vicc => "vicc",
        }
    }

    /// Starts the card, which connects to `vpcd`; dropping it pulls the card out.
    fn start(self, args: &Args, vpcd: SocketAddr) -> anyhow::Result<Background> {
        let (host, port) = (vpcd.ip().to_string(), vpcd.port().to_string());
        let mut command = match self {
            Self::Floor => own_program()?,
            Self::Tapcard => Command::new(&args.tapcard),
            Self::Vicc => tied("/usr/bin/python3").map_err(|why| anyhow!(why))?,
        };
        match self {
            Self::Floor => command.args(["floor", &vpcd.to_string()]),
            Self::Tapcard => command.args(["--quiet", "card", "serve", PROFILE, "--vpcd", &vpcd.to_string()]),
            Self::Vicc => command.args(["-c", VICC, "--type", "iso7816", "--hostname", &host, "--port", &port]),
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Background::spawn(&mut command).map_err(|why| anyhow!(why))
    }
}

fn own_program() -> anyhow::Result<Command> {
    Ok(Command::new(std::env::current_exe().context("where is this program")?))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut figures = Figures::default();
    // The rounds go through all cards, so that a busy spell of the machine meets each of them.
    for round in 1..=args.rounds {
        for card in Contender::ALL {
            eprintln!("virtual card, round {round} of {}: {}", args.rounds, card.name());
            let why = || format!("no figure for {}", card.name());
            let rate = socket::rate(card, args).with_context(why)?;
            figures.socket.entry(card.name().to_owned()).or_default().push(rate);
            let rate = client::rate(card, args).with_context(why)?;
            figures.pcsc.entry(card.name().to_owned()).or_default().push(rate);
        }
    }
    crate::write(&args.out, &figures)
}

/// Asks for answers for so many seconds; how many there were per second.
fn answers_per_second(seconds: f64, mut ask: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    for _ in 0..WARM_UP {
        ask()?;
    }
    let begin = Instant::now();
    let mut answers = 0_u32;
    while begin.elapsed().as_secs_f64() < seconds {
        ask()?;
        answers += 1;
    }
    Ok(f64::from(answers) / begin.elapsed().as_secs_f64())
}

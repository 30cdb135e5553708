//! `tapcard card serve`: an emulated card in a virtual reader, until it is pulled out or the reader goes away.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tapcard_emv::Sensitivity;
use tapcard_transport::trace::{TraceLog, explain_answer, explain_command};
use tapcard_transport::vpicc::{Event, Vpcd};
use tapcard_transport::{Masker, TransportError, VirtualCard};

use super::SCHEMA;
use crate::args::Global;
use crate::lang::Msg;

const EXAMPLES: &str = "\
Example:
  tapcard card serve pboc-ec --vpcd localhost:35963
  opensc-tool --list-readers

`pcscd` needs the vpcd driver (Debian, Ubuntu: `sudo apt install vsmartcard-vpcd`). Ctrl-C pulls the card out.
With `--json` each event is one line of JSON.";

/// Put an emulated card into a virtual reader, where every PC/SC program sees it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A card file, whose state is kept, or a built-in profile.
    #[arg(value_name = "FILE")]
    card: String,
    /// Where the virtual reader listens.
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:35963", conflicts_with = "pn532")]
    vpcd: String,
    /// How long the virtual reader may take to start.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u16,
    /// A PN532 that shows the card over RF.
    #[arg(long, value_name = "PORT")]
    pn532: Option<String>,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    if let Some(port) = &args.pn532 {
        let what = format!("`{port}`: this version has no PN532 driver; `--vpcd` shows the card to PC/SC programs");
        return Err(TransportError::Unsupported { what }.into());
    }
    let mut card = VirtualCard::open(&args.card)?;
    let mut session = card.session()?;
    let mut vpcd = Vpcd::connect(&args.vpcd, Duration::from_secs(args.wait.into())).context("no virtual reader")?;
    let stopper = vpcd.stopper()?;
    ctrlc::set_handler(move || stopper.stop()).context("cannot wait for Ctrl-C")?;
    let values = [("card", args.card.as_str()), ("reader", args.vpcd.as_str())];
    global.note(&global.lang().say(Msg::ServeInserted, &values));

    let mut log = Log::new(global, out);
    log.event(json!({"event": "inserted", "card": args.card, "reader": args.vpcd}));
    let served = vpcd.serve(&mut session, &mut |event| log.take(event));
    if let Ok(apdus) = &served {
        log.event(json!({"event": "removed", "apdus": apdus}));
    }
    log.broken.map_or(Ok(()), Err).context("cannot write")?;
    let apdus = served?;
    global.note(&global.lang().say(Msg::ServeRemoved, &[("apdus", &apdus.to_string())]));
    Ok(())
}

/// Events as JSON Lines on stdout, APDUs on stderr, or neither.
struct Log<'o> {
    json: bool,
    out: &'o mut dyn Write,
    trace: Option<TraceLog<std::io::Stderr>>,
    masker: Masker,
    /// The first failure of `out`; the card goes on.
    broken: Option<std::io::Error>,
}

impl<'o> Log<'o> {
    fn new(global: &Global, out: &'o mut dyn Write) -> Self {
        Self {
            json: global.json,
            out,
            trace: (global.verbose >= 2).then(|| TraceLog::new(std::io::stderr()).say(global.lang().teller())),
            masker: Masker::new(Sensitivity::Name),
            broken: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        if let (Event::Answered { command, answer }, Some(trace)) = (event, &mut self.trace) {
            trace.exchange(command, Ok(answer));
        }
        if !self.json {
            return;
        }
        let line = match event {
            Event::PowerOn => json!({"event": "power_on"}),
            Event::PowerOff => json!({"event": "power_off"}),
            Event::Reset => json!({"event": "reset"}),
            Event::Answered { command, answer } => json!({
                "event": "apdu",
                "c": self.masker.command(command).hex(),
                "r": self.masker.answer(command, answer).hex(),
                "asks": explain_command(command),
                "says": explain_answer(answer),
            }),
            _ => return,
        };
        self.event(line);
    }

    fn event(&mut self, line: Value) {
        if !self.json {
            return;
        }
        let mut whole = json!({ "schema": SCHEMA });
        if let (Value::Object(whole), Value::Object(line)) = (&mut whole, line) {
            whole.extend(line);
        }
        let written = writeln!(self.out, "{whole}").and_then(|()| self.out.flush());
        self.broken = self.broken.take().or(written.err());
    }
}

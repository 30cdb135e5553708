//! `tapcard doctor`: what is missing to read a card, and how to mend it. `facts` looks at the system, `check` judges.

mod check;
mod facts;
mod usb;

use std::io::Write;

use serde_json::json;

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::lang::{Lang, Msg, Said};
use crate::paint::Paint;
use crate::render::wrap::{Indent, padded, terminal_width, wrap};
use check::{Check, State, check};
use facts::Facts;

const EXAMPLES: &str = "\
Example:
  tapcard doctor --json

Exit code 3: something is missing to read a real card.";

/// Columns of a state and of a name.
const COLUMNS: (usize, usize) = (10, 13);

/// Say what is missing to read a card, and how to mend it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let checks = check(&Facts::gather());
    let ready = checks.iter().all(|check| check.state != State::Missing);
    if global.json {
        let list: Vec<_> = checks
            .iter()
            .map(|one| {
                let mend = one.mend.as_ref().map(|mend| mend.text(Lang::En));
                json!({
                    "name": one.name, "state": one.state.as_str(), "found": one.found.text(Lang::En), "mend": mend
                })
            })
            .collect();
        write_json(&json!({"schema": "tapcard.doctor/1", "ready": ready, "checks": list}), out)?;
    } else {
        write_text(&checks, global.lang(), global.paint(), out)?;
    }
    if ready { Ok(()) } else { Err(Failure::say(Code::NoCard, Said::new(Msg::NotReady)).into()) }
}

fn write_text(checks: &[Check], lang: Lang, paint: Paint, out: &mut dyn Write) -> anyhow::Result<()> {
    let width = terminal_width();
    let hang = " ".repeat(COLUMNS.0 + COLUMNS.1);
    for check in checks {
        let state = padded(lang.text(check.state.message()), COLUMNS.0);
        let state = match check.state {
            State::Ok => paint.good(&state),
            State::Missing => paint.warning(&state),
            State::Optional => paint.dim(&state),
        };
        let head = format!("{state}{}", padded(&lang.term(check.name), COLUMNS.1));
        let found = check.found.text(lang);
        writeln!(out, "{}", wrap(&found, width, Indent { first: &head, rest: &hang }))?;
        if let Some(mend) = &check.mend {
            writeln!(out, "{}", wrap(&mend.text(lang), width, Indent { first: &hang, rest: &hang }))?;
        }
    }
    Ok(())
}

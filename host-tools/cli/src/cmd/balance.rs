//! `tapcard balance`: every balance on the card, with the fewest commands.

use std::io::Write;

use anyhow::Context;
use tapcard_emv::Aid;
use tapcard_report::{BalanceReport, ReadOptions};

use super::read::{parse_aid, terminal_data};
use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::lang::{Msg, Said};
use crate::render::{json, text};

const EXAMPLES: &str = "\
Example:
  tapcard balance -r virtual:pboc-ec --limits

Nothing on the card changes. Exit code 4: the card gives no balance.";

/// Read the balances of a card with the fewest commands.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Also limits and reset thresholds.
    #[arg(long)]
    limits: bool,
    /// Only the application with this AID, in hexadecimal.
    #[arg(long, value_parser = parse_aid)]
    aid: Option<Aid>,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let report = read(args, global).context("cannot read the balance")?;
    let nothing = report.balances.is_empty() && report.purses.is_empty();
    if global.json {
        write_json(&json::balance(&report), out)?;
    } else if !nothing {
        text::balance(&report, args.limits, global.style(), out)?;
    }
    if nothing {
        let apdus = match report.apdus {
            1 => Msg::OneApdu.into(),
            count => Said::new(Msg::Apdus).with("count", count),
        };
        return Err(Failure::say(Code::CardRefused, Said::new(Msg::NoBalance).with_said("apdus", apdus)).into());
    }
    Ok(())
}

fn read(args: &Args, global: &Global) -> anyhow::Result<BalanceReport> {
    let mut connection = global.connect()?;
    let mut card = global.session(&mut connection)?;
    let options =
        ReadOptions { aid: args.aid, limits: args.limits, terminal: terminal_data()?, ..ReadOptions::default() };
    Ok(tapcard_report::balance(&mut card, &options)?)
}

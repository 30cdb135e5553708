//! The subcommands, one file each: its `Args`, and a `run` that writes to a given output.

pub(crate) mod apdu;
pub(crate) mod balance;
pub(crate) mod card;
pub(crate) mod completions;
pub(crate) mod decode;
pub(crate) mod doctor;
pub(crate) mod issuer;
pub(crate) mod man;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod vectors;

use std::fs::OpenOptions;
use std::io::Write;

use serde_json::Value;

use crate::args::{Cli, Command};

/// Runs the subcommand that was typed.
///
/// # Errors
/// Whatever keeps it from being done; `exit` knows the code.
pub(crate) fn run(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let global = &cli.global;
    match &cli.command {
        Command::Readers(args) => readers::run(args, global, out),
        Command::Doctor(args) => doctor::run(args, global, out),
        Command::Read(args) => read::run(args, global, out),
        Command::Balance(args) => balance::run(args, global, out),
        Command::Decode(args) => decode::run(args, global, out),
        Command::Apdu(args) => apdu::run(args, global, out),
        Command::Card(args) => card::run(args, global, out),
        Command::Issuer(args) => issuer::run(args, global, out),
        Command::Completions(args) => completions::run(args, global, out),
        Command::Man(args) => man::run(args, global, out),
        Command::Vectors(args) => vectors::run(args, global, out),
    }
}

/// The one JSON document of a command.
fn write_json(document: &Value, out: &mut dyn Write) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    Ok(writeln!(out)?)
}

/// A file that is made for its owner alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

//! `tapcard`: reads, explains and emulates payment and e-cash cards.
//!
//! This file parses, dispatches and turns the outcome into an exit code. Each subcommand is one file in `cmd`; what people
//! and scripts see of a report is made in `render`. Results go to stdout, everything else to stderr.

#![forbid(unsafe_code)]

mod args;
mod cmd;
mod exit;
mod input;
mod lang;
mod paint;
mod render;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use args::Cli;

fn main() -> ExitCode {
    let cli = Cli::of_arguments();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let result = cmd::run(&cli, &mut out).and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What was found is shown even when it is not a success.
            let _ = out.flush();
            exit::report(&error, cli.global.quiet, cli.global.lang(), &mut std::io::stderr())
        }
    }
}

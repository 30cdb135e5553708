//! `tapcard card new`: a card file to read, change and serve.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use serde_json::json;
use tapcard_profiles::builtin;
use tapcard_transport::TransportError;

use super::SCHEMA;
use crate::args::Global;
use crate::cmd::{private, write_json};
use crate::exit::{Code, Failure};
use crate::lang::{Msg, Said};

const EXAMPLES: &str = "\
Example:
  tapcard card new pboc-ec -o my-card.json
  tapcard read -r virtual:my-card.json

The file is JSON and can be edited. What changes in the card's life stands beside it in FILE.state.";

/// Make a card file from a built-in profile.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The built-in profile, see `tapcard card profiles`.
    profile: String,
    /// The file to make.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file and forget the state of the card that it was.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let profile = builtin().iter().find(|profile| profile.name == args.profile);
    let profile = profile
        .ok_or_else(|| Failure::say(Code::Usage, Said::new(Msg::UnknownProfile).with("profile", &args.profile)))?;
    write(args, profile.json()).map_err(|problem| TransportError::file(&args.output, problem))?;
    let file = args.output.display().to_string();
    if global.json {
        write_json(&json!({"schema": SCHEMA, "profile": profile.name, "file": file}), out)?;
    } else {
        let values = [("file", file.as_str()), ("profile", profile.name)];
        writeln!(out, "{}", global.lang().say(Msg::CardMade, &values))?;
    }
    Ok(())
}

fn write(args: &Args, text: &str) -> Result<(), String> {
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        let mut state = args.output.clone().into_os_string();
        state.push(".state");
        match std::fs::remove_file(&state) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(format!("the state of the old card cannot be removed: {error}"));
            }
            _ => options.create(true).truncate(true),
        };
    } else {
        options.create_new(true);
    }
    let written = private(&mut options).open(&args.output).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => "exists already; `--force` replaces it and forgets the card's state".to_owned(),
        _ => format!("cannot be written: {error}"),
    })
}

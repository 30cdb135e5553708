//! `tapcard card profiles`: the built-in cards.

use std::io::Write;

use serde_json::json;
use tapcard_profiles::builtin;

use super::SCHEMA;
use crate::args::Global;
use crate::cmd::write_json;
use crate::lang::Msg;

/// List the built-in profiles.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard card profiles --json")]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    if global.json {
        let profiles = builtin().iter().map(|profile| json!({"name": profile.name, "about": profile.about}));
        return write_json(&json!({"schema": SCHEMA, "profiles": profiles.collect::<Vec<_>>()}), out);
    }
    let mut table = global.style().table(&[Msg::Profile, Msg::WhatItIs]);
    for profile in builtin() {
        table.row([profile.name.to_owned(), global.lang().term(profile.about)]);
    }
    Ok(table.write("", out)?)
}

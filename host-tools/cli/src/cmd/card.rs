//! `tapcard card`: emulated cards. The file of each action stands beside this one.

mod new;
mod profiles;
mod serve;
mod show;

use std::io::Write;

use crate::args::Global;

const EXAMPLES: &str = "\
Examples:
  tapcard card profiles
  tapcard card new pboc-ec -o my-card.json
  tapcard card serve my-card.json --vpcd localhost:35963";

/// The first member of every JSON document of `tapcard card`.
const SCHEMA: &str = "tapcard.card/1";

/// List, make, inspect and serve emulated cards.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the built-in profiles.
    Profiles(profiles::Args),
    /// Make a card file from a built-in profile.
    New(new::Args),
    /// Show what a card file holds.
    Show(show::Args),
    /// Put an emulated card into a virtual reader, where every PC/SC program sees it.
    Serve(serve::Args),
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    match &args.action {
        Action::Profiles(args) => profiles::run(args, global, out),
        Action::New(args) => new::run(args, global, out),
        Action::Show(args) => show::run(args, global, out),
        Action::Serve(args) => serve::run(args, global, out),
    }
}

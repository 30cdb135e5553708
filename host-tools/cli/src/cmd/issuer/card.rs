//! `tapcard issuer card`: cards of an issuer.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde_json::json;
use tapcard_profiles::builtin;
use tapcard_transport::TransportError;

use super::{Files, SCHEMA, secret, show};
use crate::args::Global;
use crate::cmd::{private, write_json};
use crate::lang::Msg;

/// Cards.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard issuer card issue pboc-ec --account 1 -o card.json")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an emulated card for an account.
    #[command(after_help = "Example:\n  tapcard issuer card issue pboc-ec --account 1 --pin-file pin.txt -o card.json")]
    Issue(Issue),
    /// Decline a card from now on, and block its application with the next answer.
    #[command(after_help = "Example:\n  tapcard issuer card block 1")]
    Block(Number),
    /// Serve a card again, and unblock its application with its next online transaction.
    #[command(after_help = "Example:\n  tapcard issuer card unblock 1")]
    Unblock(Number),
    /// Give the PIN tries back with the card's next online transaction.
    #[command(after_help = "Example:\n  tapcard issuer card reset-pin 1")]
    ResetPin(Number),
}

#[derive(Debug, clap::Args)]
struct Issue {
    /// A built-in profile, or a card file as a pattern.
    profile: String,
    /// The number of the account whose money it spends.
    #[arg(long, value_name = "NUMBER")]
    account: i64,
    /// The card's PIN is the first line of FILE; without it, the card has the PIN of the profile.
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// The card file to make; it holds the keys of the card.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Number {
    /// The number of the card.
    card: i64,
}

pub(super) async fn run(args: &Args, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let (Number { card }, said) = match &args.action {
        Action::Issue(action) => return issue(action, files, global, out).await,
        Action::Block(number) => (number, Msg::IssuerBlocked),
        Action::Unblock(number) => (number, Msg::IssuerUnblocked),
        Action::ResetPin(number) => (number, Msg::IssuerPinReset),
    };
    let found = files.with(global, |issuer| async move {
        match &args.action {
            Action::Block(_) => issuer.block(*card).await?,
            Action::Unblock(_) => issuer.unblock(*card).await?,
            Action::ResetPin(_) | Action::Issue(_) => issuer.reset_pin(*card).await?,
        }
        let found = issuer.cards().await?.into_iter().find(|found| found.id == *card);
        Ok(found.ok_or(tapcard_issuer::IssuerError::NoCard(*card))?)
    });
    let found = found.await?;
    if global.json {
        return write_json(&json!({"schema": SCHEMA, "card": show::card_json(&found)}), out);
    }
    Ok(writeln!(out, "{}", global.lang().say(said, &[("pan", &found.pan)]))?)
}

async fn issue(args: &Issue, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let file_error = |problem: String| TransportError::file(&args.output, problem);
    let profile = match builtin().iter().find(|profile| profile.name == args.profile) {
        Some(profile) => profile.json().to_owned(),
        None => std::fs::read_to_string(&args.profile)
            .map_err(|error| TransportError::file(&args.profile, format!("cannot be read: {error}")))?,
    };
    let pin = args.pin_file.as_deref().map(secret::pin).transpose()?;
    // The file comes first: a card that is kept and was never written could not be issued again.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let file = private(&mut options).open(&args.output);
    let mut file = file.map_err(|error| file_error(format!("cannot be made: {error}")))?;
    let account = args.account;
    let issued = files
        .with(global, |issuer| async move { Ok(issuer.issue(&profile, account, pin.as_ref()).await?) })
        .await
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&args.output);
        })?;
    let written = file.write_all(issued.personalisation.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| file_error(format!("cannot be written: {error}")))?;
    if args.pin_file.is_none() {
        global.note(global.lang().text(Msg::IssuerProfilePin));
    }
    let output = args.output.display().to_string();
    if global.json {
        let card = show::card_json(&issued.card);
        return write_json(&json!({"schema": SCHEMA, "card": card, "file": output}), out);
    }
    let number = issued.card.id.to_string();
    let values = [("card", number.as_str()), ("pan", &issued.card.pan), ("file", &output)];
    Ok(writeln!(out, "{}", global.lang().say(Msg::IssuerIssued, &values))?)
}

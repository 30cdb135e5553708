//! `tapcard issuer`: the issuer's side of a card. The file of each action stands beside this one.

mod account;
mod authorise;
mod card;
mod init;
mod secret;
mod show;

use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::time::SystemTime;

use tapcard_issuer::{Issuer, SqliteStore, key_file};

use crate::args::Global;
use crate::lang::Msg;

const EXAMPLES: &str = "\
Examples:
  tapcard issuer init
  tapcard issuer account add --currency CNY --balance 500.00
  tapcard issuer card issue pboc-ec --account 1 -o card.json
  tapcard issuer authorise request.json

A request is JSON: {\"field55\": \"9F02 06 ..\", \"amount\": \"12.34\"}, or field 55 alone in hexadecimal.
`--passphrase-file /dev/fd/3` reads a file descriptor.";

/// The first member of every JSON document of `tapcard issuer`.
const SCHEMA: &str = "tapcard.issuer/1";

/// Keys, accounts and cards of an issuer, and its answers to online transactions.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    files: Files,
    #[command(subcommand)]
    action: Action,
}

/// Where an issuer keeps what it knows.
#[derive(Debug, clap::Args)]
pub(crate) struct Files {
    /// The database.
    #[arg(long, global = true, value_name = "FILE", default_value = "issuer.db")]
    db: PathBuf,
    /// The key file; only its owner may read it.
    #[arg(long, global = true, value_name = "FILE", default_value = "issuer.key")]
    keys: PathBuf,
    /// The passphrase of the key file is the first line of FILE; without it, it is asked for.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a key file and a database with new master keys.
    Init(init::Args),
    /// Add and show accounts.
    Account(account::Args),
    /// Issue, block and unblock cards.
    Card(card::Args),
    /// Answer one recorded online request.
    Authorise(authorise::Args),
    /// Show keys by their check values, accounts and cards.
    Show(show::Args),
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &args.action {
            Action::Init(action) => init::run(action, &args.files, global, out).await,
            Action::Account(action) => account::run(action, &args.files, global, out).await,
            Action::Card(action) => card::run(action, &args.files, global, out).await,
            Action::Authorise(action) => authorise::run(action, &args.files, global, out).await,
            Action::Show(action) => show::run(action, &args.files, global, out).await,
        }
    })
}

impl Files {
    /// Opens both, lets something be done, and closes the database, so that its file is whole for whoever copies it.
    async fn with<T, F: Future<Output = anyhow::Result<T>>>(
        &self,
        global: &Global,
        work: impl FnOnce(Issuer<SqliteStore>) -> F,
    ) -> anyhow::Result<T> {
        let prompt = || secret::passphrase(self.passphrase_file.as_deref(), global.lang());
        let vault = key_file::open(&self.keys, prompt)?;
        let store = SqliteStore::open(&self.db).await?;
        let issuer = Issuer::new(store.clone(), vault);
        let done = match issuer.key_sets().await {
            Ok(sets) => {
                if sets.iter().any(|set| set.is_test) {
                    global.note(global.lang().text(Msg::IssuerTestKeys));
                }
                work(issuer).await
            }
            Err(error) => Err(error.into()),
        };
        store.close().await;
        done
    }
}

/// Seconds since 1970 UTC.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

//! `tapcard issuer init`: a key file and a database with new master keys.

use std::io::Write;

use serde_json::json;
use tapcard_emv::Rid;
use tapcard_issuer::key_file::{self, Cost, Protection};
use tapcard_issuer::{Issuer, IssuerKeys, SqliteStore, StoreError};

use super::{Files, SCHEMA, secret};
use crate::args::Global;
use crate::cmd::write_json;
use crate::input;
use crate::lang::Msg;

const EXAMPLES: &str = "\
Example:
  tapcard issuer init --db bank.db --keys bank.key

The key file opens the database; without it nothing in there can be read. Keep a copy of both.";

/// Application owners whose cards the built-in profiles make: UnionPay and Visa.
const OWNERS: [[u8; 5]; 2] = [[0xA0, 0x00, 0x00, 0x03, 0x33], [0xA0, 0x00, 0x00, 0x00, 0x03]];

/// Make a key file and a database with new master keys.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Keep the key as it is, without a passphrase; only the file's mode protects it.
    #[arg(long)]
    plain: bool,
    /// Use the public test keys of the built-in profiles instead of new ones.
    #[arg(long)]
    test_keys: bool,
    /// Owner of the applications, five octets in hexadecimal; may be given again. Without it UnionPay and Visa.
    #[arg(long, value_name = "RID", value_parser = rid)]
    rid: Vec<Rid>,
}

fn rid(text: &str) -> Result<Rid, String> {
    let octets = input::parse(text).map_err(|said| said.to_string())?;
    let octets: [u8; 5] = octets.try_into().map_err(|_| "an RID has five octets".to_owned())?;
    Ok(Rid::new(octets))
}

pub(super) async fn run(args: &Args, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    // Asked before a key file is made that nothing would belong to.
    if files.db.exists() {
        return Err(StoreError::Exists(files.db.display().to_string()).into());
    }
    let vault = if args.plain {
        key_file::create(&files.keys, Protection::FileMode)?
    } else {
        let passphrase = secret::new_passphrase(files.passphrase_file.as_deref(), global.lang())?;
        key_file::create(&files.keys, Protection::Passphrase(&passphrase, Cost::default()))?
    };
    let store = SqliteStore::create(&files.db).await?;
    let issuer = Issuer::new(store.clone(), vault);
    let owners = if args.rid.is_empty() { OWNERS.map(Rid::new).to_vec() } else { args.rid.clone() };
    for owner in owners {
        let keys = if args.test_keys { IssuerKeys::test() } else { IssuerKeys::generate()? };
        issuer.add_keys(owner, "", &keys).await?;
    }
    store.close().await;
    let (db, keys) = (files.db.display().to_string(), files.keys.display().to_string());
    if args.test_keys {
        global.note(global.lang().text(Msg::IssuerTestKeys));
    }
    if global.json {
        return write_json(&json!({"schema": SCHEMA, "db": db, "keys": keys}), out);
    }
    Ok(writeln!(out, "{}", global.lang().say(Msg::IssuerMade, &[("db", &db), ("keys", &keys)]))?)
}

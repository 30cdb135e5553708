//! `tapcard issuer show`: everything that an issuer keeps and may be seen.

use std::io::Write;

use serde_json::{Value, json};
use tapcard_issuer::KeySetFacts;
use tapcard_issuer::model::{Account, Card, State, Waiting};

use super::{Files, SCHEMA, account};
use crate::args::Global;
use crate::cmd::write_json;
use crate::lang::Msg;
use crate::render::text::Style;
use crate::render::value::{amount, currency_name};

/// Show keys by their check values, accounts and cards.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard issuer show --json")]
pub(crate) struct Args {}

struct Seen {
    keys: Vec<KeySetFacts>,
    accounts: Vec<Account>,
    cards: Vec<(Card, Vec<Waiting>)>,
}

pub(super) async fn run(_args: &Args, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let seen = files.with(global, |issuer| async move {
        let mut cards = Vec::new();
        for card in issuer.cards().await? {
            let waiting = issuer.waiting(card.id).await?;
            cards.push((card, waiting));
        }
        Ok(Seen { keys: issuer.key_sets().await?, accounts: issuer.accounts().await?, cards })
    });
    let seen = seen.await?;
    if global.json { write_json(&to_json(&seen), out) } else { write_text(&seen, global.style(), out) }
}

/// The word for a state.
pub(super) const fn state(state: State) -> Msg {
    match state {
        State::Active => Msg::StateActive,
        State::Blocked => Msg::StateBlocked,
    }
}

pub(super) fn card_json(card: &Card) -> Value {
    json!({
        "id": card.id,
        "pan": card.pan,
        "psn": format!("{:02}", card.psn),
        "expiry": format!("20{:02}-{:02}", card.expiry / 100, card.expiry % 100),
        "account": card.account,
        "state": card.state.as_str(),
        "approved_atc": card.approved_atc,
        "bad_cryptograms": card.bad_cryptograms,
    })
}

fn to_json(seen: &Seen) -> Value {
    let keys = seen.keys.iter().map(|set| {
        let [ac, smi, smc] = set.kcvs.map(|kcv| kcv.to_string());
        json!({"rid": set.rid.to_string(), "bin": set.bin, "kcv": {"ac": ac, "smi": smi, "smc": smc}, "test": set.is_test})
    });
    let cards = seen.cards.iter().map(|(card, waiting)| {
        let scripts: Vec<_> = waiting.iter().map(|waiting| waiting.kind.as_str()).collect();
        let mut members = card_json(card);
        if let Value::Object(members) = &mut members {
            members.insert("waiting".to_owned(), json!(scripts));
        }
        members
    });
    json!({
        "schema": SCHEMA,
        "keys": keys.collect::<Vec<_>>(),
        "accounts": seen.accounts.iter().map(account::to_json).collect::<Vec<_>>(),
        "cards": cards.collect::<Vec<_>>(),
    })
}

fn write_text(seen: &Seen, style: Style, out: &mut dyn Write) -> anyhow::Result<()> {
    let lang = style.lang;
    let mut keys = style.table(&[Msg::IssuerKeys, Msg::IssuerKcvs]);
    for set in &seen.keys {
        let [ac, smi, smc] = set.kcvs;
        keys.row([format!("{} {}", set.rid, set.bin).trim_end().to_owned(), format!("AC {ac}, SMI {smi}, SMC {smc}")]);
    }
    keys.write("", out)?;
    if !seen.accounts.is_empty() {
        writeln!(out)?;
        let mut accounts = style.table(&[Msg::IssuerAccount, Msg::Balance, Msg::Currency, Msg::State]).right(&[0, 1]);
        for account in &seen.accounts {
            let currency = Some(account.currency.number());
            accounts.row([
                account.id.to_string(),
                amount(Some(account.balance.minor()), currency).unwrap_or_default(),
                currency_name(currency).unwrap_or_default(),
                lang.text(state(account.state)).to_owned(),
            ]);
        }
        accounts.write("", out)?;
    }
    if !seen.cards.is_empty() {
        writeln!(out)?;
        let heading = [Msg::Card, Msg::IssuerPan, Msg::IssuerAccount, Msg::State, Msg::Atc, Msg::IssuerWaiting];
        let mut cards = style.table(&heading).right(&[0, 2, 4]);
        for (card, waiting) in &seen.cards {
            let scripts: Vec<_> = waiting.iter().map(|waiting| waiting.kind.as_str()).collect();
            cards.row([
                card.id.to_string(),
                format!("{} {:02}", card.pan, card.psn),
                card.account.to_string(),
                lang.text(state(card.state)).to_owned(),
                crate::render::or_dash(card.approved_atc.map(|atc| atc.to_string())),
                crate::render::or_dash((!scripts.is_empty()).then(|| scripts.join(", "))),
            ]);
        }
        cards.write("", out)?;
    }
    Ok(())
}

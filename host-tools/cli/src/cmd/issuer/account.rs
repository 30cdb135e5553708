//! `tapcard issuer account`: accounts and what came and went.

use std::io::Write;

use serde_json::{Value, json};
use tapcard_emv::{Amount, Currency};
use tapcard_issuer::model::{Account, Movement};

use super::{Files, SCHEMA, now};
use crate::args::Global;
use crate::cmd::write_json;
use crate::exit::{Code, Failure};
use crate::lang::{Lang, Msg, Said};
use crate::render::text::Style;
use crate::render::value::{amount, currency_name};

/// Accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard issuer account add --currency CNY --balance 500.00")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add an account.
    #[command(after_help = "Example:\n  tapcard issuer account add --currency CNY --balance 500.00")]
    Add {
        /// Its currency, by letters or number.
        #[arg(long, value_name = "CUR")]
        currency: String,
        /// The first deposit in major units.
        #[arg(long, value_name = "AMOUNT", default_value = "0")]
        balance: String,
    },
    /// Show an account with its movements.
    #[command(after_help = "Example:\n  tapcard issuer account show 1")]
    Show {
        /// The number of the account.
        account: i64,
    },
}

pub(super) async fn run(args: &Args, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    match &args.action {
        Action::Add { currency, balance } => {
            let known = currency_of(currency);
            let (currency, exponent) = known.ok_or_else(|| {
                Failure::say(Code::Usage, Said::new(Msg::IssuerBadCurrency).with("currency", currency))
            })?;
            let deposit = minor(balance, exponent)
                .ok_or_else(|| Failure::say(Code::Usage, Said::new(Msg::IssuerBadAmount).with("amount", balance)))?;
            let account = files
                .with(global, |issuer| async move { Ok(issuer.add_account(currency, deposit, now()).await?) })
                .await?;
            write(&account, &[], global, out)
        }
        Action::Show { account } => {
            let found = files.with(global, |issuer| async move {
                Ok((issuer.account(*account).await?, issuer.movements(*account).await?))
            });
            let (account, movements) = found.await?;
            write(&account, &movements, global, out)
        }
    }
}

/// A currency by letters or number, with its number of decimals.
pub(super) fn currency_of(text: &str) -> Option<(Currency, u32)> {
    let known = iso_currency::Currency::from_code(&text.to_ascii_uppercase())
        .or_else(|| iso_currency::Currency::from_numeric(text.parse().ok()?))?;
    Some((Currency::new(known.numeric())?, u32::from(known.exponent().unwrap_or(0))))
}

/// Minor units of an amount in major ones; `None` for what is no amount, or has more decimals than the currency.
pub(super) fn minor(text: &str, exponent: u32) -> Option<Amount> {
    let (major, fraction) = text.split_once('.').unwrap_or((text, ""));
    let decimals = usize::try_from(exponent).ok()?;
    let digits = format!("{major}{fraction:0<decimals$}");
    let is_amount =
        !major.is_empty() && fraction.len() <= decimals && digits.bytes().all(|digit| digit.is_ascii_digit());
    let minor = is_amount.then(|| digits.parse().ok()).flatten().map(Amount::new)?;
    (minor <= Amount::MAX_N12 && (!text.contains('.') || !fraction.is_empty())).then_some(minor)
}

pub(super) fn to_json(account: &Account) -> Value {
    json!({
        "id": account.id,
        "currency": currency_name(Some(account.currency.number())),
        "balance": amount(Some(account.balance.minor()), Some(account.currency.number())),
        "state": account.state.as_str(),
    })
}

fn movement_json(movement: &Movement, account: &Account) -> Value {
    json!({
        "amount": signed(movement.minor, account),
        "authorisation": movement.authorisation,
        "time": movement.made_at,
    })
}

fn signed(minor: i64, account: &Account) -> String {
    let exponent = tapcard_report::currency::exponent(account.currency.number()).unwrap_or(2);
    tapcard_report::currency::format_balance(minor, exponent)
}

fn write(account: &Account, movements: &[Movement], global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    if global.json {
        let movements: Vec<_> = movements.iter().map(|movement| movement_json(movement, account)).collect();
        return write_json(&json!({"schema": SCHEMA, "account": to_json(account), "movements": movements}), out);
    }
    let style = global.style();
    style.facts(&facts(account, style.lang), 0, out)?;
    if movements.is_empty() { Ok(()) } else { table(movements, account, style, out) }
}

fn facts(account: &Account, lang: Lang) -> Vec<(&'static str, String)> {
    let currency = account.currency.number();
    let balance = amount(Some(account.balance.minor()), Some(currency)).unwrap_or_default();
    let name = currency_name(Some(currency)).unwrap_or_default();
    vec![
        (lang.text(Msg::IssuerAccount), account.id.to_string()),
        (lang.text(Msg::Balance), format!("{balance} {name}")),
        (lang.text(Msg::State), lang.text(super::show::state(account.state)).to_owned()),
    ]
}

fn table(movements: &[Movement], account: &Account, style: Style, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out)?;
    let mut table = style.table(&[Msg::Amount, Msg::IssuerAuthorisation]).right(&[0]);
    for movement in movements {
        let authorisation = movement.authorisation.map(|number| number.to_string());
        table.row([signed(movement.minor, account), crate::render::or_dash(authorisation)]);
    }
    Ok(table.write("", out)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_in_major_units_with_the_decimals_of_the_currency() {
        let yuan = |text| minor(text, 2).map(Amount::minor);
        assert_eq!(
            [yuan("50"), yuan("50.0"), yuan("50.00"), yuan("0.05")],
            [Some(5000), Some(5000), Some(5000), Some(5)]
        );
        for wrong in ["", ".", ".5", "5.", "50.000", "-1", "1e3", "1,5", "99999999999"] {
            assert_eq!(yuan(wrong), None, "{wrong}");
        }
        assert_eq!((minor("5", 0).map(Amount::minor), minor("5.0", 0)), (Some(5), None));
    }

    #[test]
    fn currencies_have_letters_and_numbers() {
        let yuan = currency_of("CNY");
        assert_eq!(yuan.map(|(currency, exponent)| (currency.number(), exponent)), Some((156, 2)));
        assert_eq!((currency_of("cny"), currency_of("156")), (yuan, yuan));
        assert_eq!(currency_of("???"), None);
    }
}

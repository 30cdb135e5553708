//! `tapcard issuer authorise`: the answer to one recorded online request.

use std::io::Write;

use serde_json::{Value, json};
use tapcard_issuer::{Answer, Reason, Request};
use tapcard_transport::TransportError;

use super::account::{currency_of, minor};
use super::{Files, SCHEMA, now};
use crate::args::Global;
use crate::cmd::write_json;
use crate::exit::{Code, Failure};
use crate::input;
use crate::lang::{Msg, Said};

/// Longest request file.
const MAX_FILE: usize = 1 << 16;

/// Answer one recorded online request.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  tapcard issuer authorise request.json\n\nThe same request gets the same answer, however often it is asked."
)]
pub(crate) struct Args {
    /// The request: JSON with `field55` and, if there is one, `amount`; or field 55 in hexadecimal; `-` reads stdin.
    #[arg(value_name = "FILE")]
    file: String,
}

pub(super) async fn run(args: &Args, files: &Files, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = if args.file == "-" {
        input::text(&mut std::io::stdin())?
    } else {
        std::fs::read_to_string(&args.file).map_err(|error| TransportError::file(&args.file, error.to_string()))?
    };
    let request = read(&text)?;
    let answer = files.with(global, |issuer| async move { Ok(issuer.authorise(&request, now()).await?) }).await?;
    if global.json {
        write_json(&to_json(&answer), out)?;
    } else {
        write_text(&answer, global, out)?;
    }
    if answer.reason.is_approval() {
        return Ok(());
    }
    Err(Failure::say(Code::No, Said::new(Msg::IssuerDeclined).with_said("reason", reason(answer.reason).into())).into())
}

/// A request from JSON or hexadecimal text.
fn read(text: &str) -> anyhow::Result<Request> {
    let bad = |what: Said| Failure::say(Code::BadInput, Said::new(Msg::IssuerBadRequest).with_said("what", what));
    let plain = |what: &str| bad(Said::new(Msg::Plain).with("what", what));
    if text.len() > MAX_FILE {
        return Err(plain("too long").into());
    }
    if !text.trim_start().starts_with('{') {
        return Ok(Request::from_field_55(&input::parse(text).map_err(bad)?)?);
    }
    let document: Value = serde_json::from_str(text).map_err(|error| plain(&error.to_string()))?;
    let member = |name: &str| document.get(name).and_then(Value::as_str);
    let field_55 = member("field55").ok_or_else(|| plain("`field55` is missing"))?;
    let request = Request::from_field_55(&input::parse(field_55).map_err(bad)?)?;
    let Some(amount) = document.get("amount") else { return Ok(request) };
    let known = currency_of(&request.currency().to_string());
    let amount = known.zip(amount.as_str()).and_then(|((_, exponent), text)| minor(text, exponent));
    Ok(request.with_amount(amount.ok_or_else(|| plain("`amount` is no amount in this currency"))?))
}

fn to_json(answer: &Answer) -> Value {
    json!({
        "schema": SCHEMA,
        "approved": answer.reason.is_approval(),
        "reason": answer.reason.as_str(),
        "arc": String::from_utf8_lossy(&answer.reason.response_code()),
        "pan": answer.pan,
        "field55": hex::encode_upper(&answer.data),
        "repeated": answer.repeated,
    })
}

fn write_text(answer: &Answer, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let (style, lang) = (global.style(), global.lang());
    let told = lang.text(reason(answer.reason));
    let told = if answer.repeated { lang.say(Msg::IssuerRepeated, &[("decision", told)]) } else { told.to_owned() };
    let facts = [
        (lang.text(Msg::IssuerDecision), told),
        (lang.text(Msg::IssuerPan), answer.pan.clone()),
        ("ARC", String::from_utf8_lossy(&answer.reason.response_code()).into_owned()),
        (lang.text(Msg::IssuerAnswer), hex::encode_upper(&answer.data)),
    ];
    Ok(style.facts(&facts, 0, out)?)
}

/// A reason in words.
const fn reason(reason: Reason) -> Msg {
    match reason {
        Reason::Approved => Msg::ReasonApproved,
        Reason::UnknownCard => Msg::ReasonUnknownCard,
        Reason::UnknownVersion => Msg::ReasonUnknownVersion,
        Reason::WrongCryptogram => Msg::ReasonWrongCryptogram,
        Reason::NotOnline => Msg::ReasonNotOnline,
        Reason::Replayed => Msg::ReasonReplayed,
        Reason::AmountDiffers => Msg::ReasonAmountDiffers,
        Reason::CardBlocked => Msg::ReasonCardBlocked,
        Reason::Expired => Msg::ReasonExpired,
        Reason::AccountBlocked => Msg::ReasonAccountBlocked,
        Reason::CurrencyDiffers => Msg::ReasonCurrencyDiffers,
        Reason::UnsupportedType => Msg::ReasonUnsupportedType,
        Reason::InsufficientFunds => Msg::ReasonInsufficientFunds,
        Reason::NoCash => Msg::ReasonNoCash,
        Reason::UnprovenBalance => Msg::ReasonUnprovenBalance,
        Reason::CashLimit => Msg::ReasonCashLimit,
        _ => Msg::ReasonOther,
    }
}

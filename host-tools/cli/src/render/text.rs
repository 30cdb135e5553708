//! Reports for people: one block for each application, tables for money and logs, warnings at the end.

use std::io::{self, Write};

use tapcard_emv::Aip;
use tapcard_report::{Application, BalanceReport, CardReport, ElectronicCash, Load, Transaction, Warning};
use tapcard_transport::CardInfo;

use super::json::{load_currency, pan, state};
use super::table::Table;
use super::value::{Values, amount, currency_name};
use super::{counted, or_dash, spaced_hex};
use crate::paint::Paint;

/// Octets of a value that fit on a line of the object list.
const SHOWN_OCTETS: usize = 64;

/// How a report is shown.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Colours or none.
    pub(crate) paint: Paint,
    /// Account numbers in full.
    pub(crate) show_pan: bool,
    /// Also every data object.
    pub(crate) objects: bool,
}

/// Writes everything that a card told.
///
/// # Errors
/// Those of `out`.
pub(crate) fn card(report: &CardReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    head(&report.card, out)?;
    for application in &report.applications {
        writeln!(out)?;
        one(application, style, out)?;
    }
    writeln!(out, "\n{}", style.paint.dim(&counted(report.apdus, "APDU")))?;
    warnings(&report.warnings, style.paint, out)
}

/// Writes the balances.
///
/// # Errors
/// Those of `out`.
pub(crate) fn balance(report: &BalanceReport, limits: bool, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if limits {
        let cash: Vec<_> = report.balances.iter().map(|balance| &balance.cash).collect();
        cash_table(&cash, "", out)?;
    } else {
        let mut table = Table::new(&["Balance", "Currency", "Application"]).right(&[0]);
        for balance in &report.balances {
            let cash = &balance.cash;
            let name = balance.label.clone().or_else(|| balance.aid.as_ref().map(ToString::to_string));
            let amount = or_dash(amount(cash.balance, cash.currency));
            table.row([amount, or_dash(currency_name(cash.currency)), or_dash(name)]);
        }
        table.write("", out)?;
    }
    writeln!(out, "{}", paint.dim(&counted(report.apdus, "APDU")))?;
    warnings(&report.warnings, paint, out)
}

fn head(card: &CardInfo, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Reader  {} ({})", card.reader, card.interface.as_str())?;
    for (name, octets) in [("ATR", &card.atr), ("UID", &card.uid)] {
        if let Some(octets) = octets {
            writeln!(out, "{name:<8}{}", spaced_hex(octets))?;
        }
    }
    Ok(())
}

fn one(application: &Application, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let aid = application.aid.as_ref().map(ToString::to_string);
    let name = application.preferred_name.as_ref().or(application.label.as_ref());
    let title = name.filter(|name| !name.is_empty()).cloned().or_else(|| aid.clone());
    writeln!(out, "{}", style.paint.bold(&title.unwrap_or_else(|| "Application".to_owned())))?;
    for (name, value) in facts(application, aid, style.show_pan) {
        writeln!(out, "  {name:<14}{value}")?;
    }
    let mut values = Values::new(style.show_pan);
    let heading = |text: &str, out: &mut dyn Write| writeln!(out, "\n  {}", style.paint.bold(text));
    if !application.electronic_cash.is_empty() {
        heading("Electronic cash", out)?;
        cash_table(&application.electronic_cash.iter().collect::<Vec<_>>(), "    ", out)?;
    }
    if !application.transactions.is_empty() {
        heading("Transactions, newest first", out)?;
        transactions(&application.transactions, out)?;
    }
    if !application.loads.is_empty() {
        heading("Loads, newest first", out)?;
        loads(application, out)?;
    }
    if style.objects && !application.objects.is_empty() {
        heading("Data objects", out)?;
        objects(application, &mut values, out)?;
    }
    Ok(())
}

/// The lines of an application that the card gave, each with its name.
fn facts(application: &Application, aid: Option<String>, show_pan: bool) -> Vec<(&'static str, String)> {
    let with = |text: String, name: &str, more: Option<String>| match more {
        Some(more) => format!("{text}, {name} {more}"),
        None => text,
    };
    let number = application.pan.as_ref().map(|number| pan(number, show_pan));
    let number = number.map(|number| with(number, "sequence", application.psn.map(|psn| format!("{psn:02}"))));
    let track2 = (application.track2_pan_matches == Some(false)).then(|| "has another PAN".to_owned());
    let atc = application.atc.map(|atc| atc.to_string());
    let atc = atc.map(|atc| with(atc, "last online", application.last_online_atc.map(|atc| atc.to_string())));
    let expiry = application.expiry.map(|date| date.to_string());
    let expiry = expiry.map(|date| with(date, "valid from", application.effective.map(|date| date.to_string())));
    let aip = application.aip.map(Aip::new);
    let aip = aip.map(|aip| with(aip.to_string(), "means", Some(aip.means().collect::<Vec<_>>().join("; "))));
    let currency = application.currency.as_ref().and_then(|number| number.parse().ok());
    let label = application.preferred_name.as_ref().and(application.label.clone());
    let lines = [
        ("AID", aid),
        ("Scheme", application.scheme.map(str::to_owned)),
        ("Label", label),
        ("Priority", application.priority.map(|priority| priority.to_string())),
        ("PAN", number),
        ("Track 2", track2),
        ("Expires", expiry),
        ("Cardholder", application.cardholder.clone()),
        ("Service code", application.service_code.clone()),
        ("Country", application.country.clone()),
        ("Currency", currency_name(currency)),
        ("AIP", aip),
        ("AFL", application.afl.as_deref().map(spaced_hex)),
        ("ATC", atc),
        ("PIN tries", application.pin_tries_left.map(|tries| format!("{tries} left"))),
        ("State", Some(state(application.state).to_owned())),
    ];
    lines.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

fn cash_table(cash: &[&ElectronicCash], indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let heading = ["Currency", "Balance", "Balance limit", "Single limit", "Reset threshold"];
    let mut table = Table::new(&heading).right(&[1, 2, 3, 4]);
    for cash in cash {
        let shown = |minor| or_dash(amount(minor, cash.currency));
        table.row([
            or_dash(currency_name(cash.currency)),
            shown(cash.balance),
            shown(cash.balance_limit),
            shown(cash.single_limit),
            shown(cash.reset_threshold),
        ]);
    }
    table.write(indent, out)
}

fn transactions(records: &[Transaction], out: &mut dyn Write) -> io::Result<()> {
    let mut table =
        Table::new(&["Date", "Time", "Amount", "Currency", "Country", "Type", "ATC", "Merchant"]).right(&[2, 6]);
    for record in records {
        table.row([
            or_dash(record.date.map(|date| date.to_string())),
            or_dash(record.time.map(|time| time.to_string())),
            or_dash(amount(record.amount, record.currency)),
            or_dash(currency_name(record.currency)),
            or_dash(record.country.map(|country| format!("{country:03}"))),
            or_dash(record.kind.map(|kind| format!("{kind:02X}"))),
            or_dash(record.atc.map(|atc| atc.to_string())),
            or_dash(record.merchant.clone().filter(|name| !name.is_empty())),
        ]);
    }
    table.write("    ", out)
}

fn loads(application: &Application, out: &mut dyn Write) -> io::Result<()> {
    let currency_of = |index: usize| application.electronic_cash.get(index).and_then(|cash| cash.currency);
    let mut table =
        Table::new(&["Date", "Time", "Object", "Before", "After", "Currency", "ATC", "Place"]).right(&[3, 4, 6]);
    for record in &application.loads {
        show_load(record, load_currency(record.object, currency_of(0), currency_of(1)), &mut table);
    }
    table.write("    ", out)
}

fn show_load(record: &Load, currency: Option<u16>, table: &mut Table) {
    table.row([
        or_dash(record.date.map(|date| date.to_string())),
        or_dash(record.time.map(|time| time.to_string())),
        record.object.to_string(),
        or_dash(amount(Some(record.before), currency)),
        or_dash(amount(Some(record.after), currency)),
        or_dash(currency_name(currency)),
        or_dash(record.atc.map(|atc| atc.to_string())),
        or_dash(record.merchant.clone().filter(|name| !name.is_empty())),
    ]);
}

fn objects(application: &Application, values: &mut Values, out: &mut dyn Write) -> io::Result<()> {
    let scheme = application.aid.as_ref().map(tapcard_emv::Aid::scheme);
    let mut table = Table::new(&["Tag", "From", "Name", "Value"]);
    for object in &application.objects {
        let shown = values.object(object.tag, &object.value, scheme);
        let value = shortened(if shown.means.is_empty() { shown.text } else { shown.means.join("; ") });
        table.row([object.tag.to_string(), object.from.to_string(), shown.name.unwrap_or("-").to_owned(), value]);
    }
    table.write("    ", out)
}

/// Keys and certificates would fill the screen; `--json` has them whole.
fn shortened(text: String) -> String {
    if text.chars().count() <= 2 * SHOWN_OCTETS {
        return text;
    }
    let start: String = text.chars().take(SHOWN_OCTETS).collect();
    format!("{start}... ({} characters)", text.chars().count())
}

/// Writes every broken rule.
fn warnings(warnings: &[Warning], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if warnings.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint.warning(&counted(warnings.len(), "warning")))?;
    for warning in warnings {
        writeln!(out, "  {}: {} ({})", warning.at, warning.message, warning.code)?;
    }
    Ok(())
}

//! Reports for people: one sheet for each application, tables for money and logs, warnings at the end. `sheet` has the
//! lines of an application, `logs` the tables, `objects` the list of data objects.

use std::io::{self, Write};

use tapcard_report::currency::format_balance;
use tapcard_report::{Application, Balance, BalanceReport, CardReport, PurseBalance, Warning};
use tapcard_transport::{CardInfo, Interface};

use super::table::Table;
use super::value::{Values, amount, currency_name};
use super::wrap::{Indent, padded, width_of, wrap};
use super::{logs, objects, or_dash, purse, sheet, spaced_hex};
use crate::lang::{Lang, Msg};
use crate::paint::Paint;

/// How a report is shown.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// The language.
    pub(crate) lang: Lang,
    /// Colours or none.
    pub(crate) paint: Paint,
    /// Columns of a line.
    pub(crate) width: usize,
    /// Account numbers in full.
    pub(crate) show_pan: bool,
    /// Also every data object.
    pub(crate) objects: bool,
}

impl Style {
    /// For a file: 80 columns without colours.
    #[cfg(test)]
    pub(crate) fn plain(lang: Lang) -> Self {
        let (paint, width) = (Paint::new(crate::args::Color::Never), super::wrap::PLAIN_WIDTH);
        Self { lang, paint, width, show_pan: false, objects: false }
    }

    /// A table with these columns.
    pub(crate) fn table(self, heading: &[Msg]) -> Table {
        let heading: Vec<_> = heading.iter().map(|message| self.lang.text(*message)).collect();
        Table::new(&heading).width(self.width)
    }

    /// Names with their values in one column, behind `indent` blanks.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn facts(
        self,
        facts: &[(impl AsRef<str>, String)],
        indent: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let names = facts.iter().map(|(name, _)| width_of(name.as_ref())).max().unwrap_or_default() + 2;
        let rest = " ".repeat(indent + names);
        for (name, value) in facts {
            let first = " ".repeat(indent) + &padded(name.as_ref(), names);
            writeln!(out, "{}", wrap(value, self.width, Indent { first: &first, rest: &rest }))?;
        }
        Ok(())
    }

    /// A paragraph behind `indent` blanks.
    fn paragraph(self, text: &str, indent: usize) -> String {
        let (first, rest) = (" ".repeat(indent), " ".repeat(indent + 2));
        wrap(text, self.width, Indent { first: &first, rest: &rest })
    }
}

/// Writes everything that a card told.
///
/// # Errors
/// Those of `out`.
pub(crate) fn card(report: &CardReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    head(&report.card, style, out)?;
    for application in &report.applications {
        writeln!(out)?;
        one(application, style, out)?;
    }
    writeln!(out)?;
    end(report.apdus, &report.warnings, style, out)
}

/// Writes the balances.
///
/// # Errors
/// Those of `out`.
pub(crate) fn balance(report: &BalanceReport, limits: bool, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (with_limits, plain) = report.balances.split_at(if limits { report.balances.len() } else { 0 });
    if !with_limits.is_empty() {
        let cash: Vec<_> = with_limits.iter().map(|balance| &balance.cash).collect();
        logs::cash(&cash, style).write("", out)?;
    }
    if !plain.is_empty() || !report.purses.is_empty() {
        balances(plain, &report.purses, style).write("", out)?;
    }
    end(report.apdus, &report.warnings, style, out)
}

/// One line for each balance, without limits: purses tell none.
fn balances(cash: &[Balance], purses: &[PurseBalance], style: Style) -> Table {
    let mut table = style.table(&[Msg::Balance, Msg::Currency, Msg::Application]).right(&[0]);
    for balance in cash {
        let cash = &balance.cash;
        let name = balance.label.clone().or_else(|| balance.aid.as_ref().map(ToString::to_string));
        let amount = or_dash(amount(cash.balance, cash.currency));
        table.row([amount, or_dash(currency_name(cash.currency)), or_dash(name)]);
    }
    for purse in purses {
        let balance = format_balance(purse.balance, purse.exponent);
        let name = purse.label.clone().unwrap_or_else(|| style.lang.term(purse.kind.name()));
        table.row([balance, or_dash(currency_name(Some(purse.currency))), name]);
    }
    table
}

fn head(card: &CardInfo, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let interface = style.lang.text(interface_name(card.interface));
    let reader = format!("{} ({interface})", card.reader);
    let octets = [("ATR", &card.atr), ("UID", &card.uid)];
    let octets = octets.into_iter().filter_map(|(name, octets)| Some((name, spaced_hex(octets.as_ref()?))));
    let facts: Vec<_> = std::iter::once((style.lang.text(Msg::Reader), reader)).chain(octets).collect();
    style.facts(&facts, 0, out)
}

/// The word for an interface.
pub(crate) const fn interface_name(interface: Interface) -> Msg {
    match interface {
        Interface::Contact => Msg::InterfaceContact,
        Interface::Contactless => Msg::InterfaceContactless,
    }
}

fn one(application: &Application, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let title = sheet::title(application).unwrap_or_else(|| style.lang.text(Msg::Application).to_owned());
    writeln!(out, "{}", style.paint.bold(&title))?;
    sheet::write(&sheet::card(application, style), style, 2, out)?;
    let mut values = Values::new(style.show_pan);
    let heading =
        |message: Msg, out: &mut dyn Write| writeln!(out, "\n  {}", style.paint.bold(style.lang.text(message)));
    if !application.electronic_cash.is_empty() {
        heading(Msg::ElectronicCash, out)?;
        logs::cash(&application.electronic_cash.iter().collect::<Vec<_>>(), style).write("    ", out)?;
    }
    if let Some(found) = &application.purse {
        if !found.log.is_empty() {
            heading(Msg::PurseLog, out)?;
            purse::log(found, &mut values, style).write("    ", out)?;
        }
        if !found.trips.is_empty() {
            heading(Msg::Trips, out)?;
            purse::trips(found, style).write("    ", out)?;
        }
    }
    // The log of a purse has a table of its own, above.
    let logged: Vec<_> = application.transactions.iter().filter(|record| record.sequence.is_none()).collect();
    if !logged.is_empty() {
        heading(Msg::Transactions, out)?;
        logs::transactions(&logged, application, style).write("    ", out)?;
    }
    if !application.loads.is_empty() {
        heading(Msg::Loads, out)?;
        logs::loads(application, style).write("    ", out)?;
    }
    let technical = sheet::technical(application, style);
    if !technical.is_empty() {
        heading(Msg::Technical, out)?;
        sheet::write(&technical, style, 4, out)?;
    }
    if style.objects && !application.objects.is_empty() {
        heading(Msg::DataObjects, out)?;
        objects::write(application, &mut values, style, out)?;
    }
    Ok(())
}

/// How many APDUs it took, and every broken rule.
fn end(apdus: usize, warnings: &[Warning], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Style { lang, paint, .. } = style;
    writeln!(out, "{}", paint.dim(&lang.counted(apdus, Msg::OneApdu, Msg::Apdus)))?;
    if warnings.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint.warning(&lang.counted(warnings.len(), Msg::OneWarning, Msg::Warnings)))?;
    for warning in warnings {
        // The English text may hold numbers, so the code finds the Chinese one.
        let message = match lang.term(warning.code) {
            untranslated if untranslated == warning.code => warning.message.clone(),
            translated => translated,
        };
        let line = format!("{}{}{message} ({})", lang.term(&warning.at), lang.colon(), warning.code);
        writeln!(out, "{}", style.paragraph(&line, 2))?;
    }
    Ok(())
}

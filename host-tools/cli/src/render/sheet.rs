//! The lines of an application: first what its holder wants to know, at the end what a terminal is told.

use std::io::{self, Write};

use iso_currency::Currency;
use tapcard_decode::registry;
use tapcard_emv::{Afl, Aip, Date};
use tapcard_report::{Application, ApplicationState};

use super::json::pan;
use super::purse;
use super::text::Style;
use super::wrap::{Indent, padded, width_of, wrap};
use crate::lang::{Lang, Msg, region_or_currency};

/// Columns of a name; a longer one widens them.
const NAME: usize = 14;

/// A name and what stands beside it, each in lines of its own.
pub(super) struct Line {
    name: String,
    values: Vec<String>,
}

/// What an application is called: its preferred name, its label, its AID.
pub(super) fn title(application: &Application) -> Option<String> {
    let names = [&application.preferred_name, &application.label];
    let name = names.into_iter().flatten().find(|name| !name.is_empty());
    name.cloned().or_else(|| application.aid.as_ref().map(ToString::to_string))
}

/// Writes lines behind `indent` blanks, their values below each other.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(lines: &[Line], style: Style, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let names = lines.iter().map(|line| width_of(&line.name) + 2).max().unwrap_or_default().max(NAME);
    let blanks = " ".repeat(indent + names);
    for line in lines {
        let mut first = format!("{}{}", " ".repeat(indent), padded(&line.name, names));
        for value in &line.values {
            writeln!(out, "{}", wrap(value, style.width, Indent { first: &first, rest: &blanks }))?;
            first.clone_from(&blanks);
        }
    }
    Ok(())
}

/// Gathers lines, leaving out what the card did not give.
struct Sheet {
    lang: Lang,
    lines: Vec<Line>,
}

impl Sheet {
    fn add(&mut self, name: Msg, value: Option<impl Into<String>>) {
        self.add_all(self.lang.text(name), value.into_iter().map(Into::into).collect());
    }

    fn add_all(&mut self, name: &str, values: Vec<String>) {
        if !values.is_empty() {
            self.lines.push(Line { name: name.to_owned(), values });
        }
    }
}

/// What the holder of the card wants to know.
pub(super) fn card(application: &Application, style: Style) -> Vec<Line> {
    let lang = style.lang;
    let mut sheet = Sheet { lang, lines: Vec::new() };
    sheet.add(Msg::Scheme, application.scheme);
    sheet.add_all("PAN", account(application, style).into_iter().collect());
    let differs = application.track2_pan_matches == Some(false);
    sheet.add(Msg::Track2, differs.then(|| lang.text(Msg::Track2Differs)));
    sheet.add(Msg::Cardholder, application.cardholder.clone());
    sheet.add(Msg::Valid, validity(application.effective, application.expiry, lang));
    let number = |text: &Option<String>| text.as_ref().and_then(|number| number.parse().ok());
    sheet.add(Msg::Country, application.country.as_ref().map(|text| country(text, number(&application.country), lang)));
    sheet.add(Msg::Currency, number(&application.currency).map(|number| currency(number, lang)));
    sheet.add(Msg::ServiceCode, application.service_code.clone());
    let tries = application.pin_tries_left.map(|tries| tries.to_string());
    sheet.add(Msg::PinTries, tries.map(|tries| lang.say(Msg::PinTriesLeft, &[("tries", &tries)])));
    for (name, value) in application.purse.iter().flat_map(|found| purse::facts(found, style)) {
        sheet.add(name, Some(value));
    }
    sheet.add(Msg::State, Some(lang.text(state(application.state))));
    sheet.lines
}

/// What a terminal is told.
pub(super) fn technical(application: &Application, style: Style) -> Vec<Line> {
    let lang = style.lang;
    let mut sheet = Sheet { lang, lines: Vec::new() };
    sheet.add_all("AID", application.aid.as_ref().map(ToString::to_string).into_iter().collect());
    // The label is the title already, unless there is a preferred name.
    let label = application.label.clone().filter(|label| title(application).as_ref() != Some(label));
    sheet.add(Msg::Label, label);
    sheet.add(Msg::Priority, application.priority.map(|priority| priority.to_string()));
    sheet.add_all("ATC", counter(application, lang).into_iter().collect());
    if let Some(aip) = application.aip.map(Aip::new) {
        let means = aip.means().map(|meaning| lang.term(meaning));
        sheet.add_all("AIP", std::iter::once(aip.to_string()).chain(means).collect());
    }
    sheet.add_all("AFL", application.afl.as_deref().map(|afl| files(afl, lang)).unwrap_or_default());
    sheet.lines
}

fn account(application: &Application, style: Style) -> Option<String> {
    let number = pan(application.pan.as_ref()?, style.show_pan);
    Some(match application.psn {
        Some(psn) => style.lang.say(Msg::PanWithSequence, &[("pan", &number), ("psn", &format!("{psn:02}"))]),
        None => number,
    })
}

/// From when to when, as far as the card says.
pub(super) fn validity(from: Option<Date>, to: Option<Date>, lang: Lang) -> Option<String> {
    let message = match (from, to) {
        (Some(_), Some(_)) => Msg::ValidFromTo,
        (None, Some(_)) => Msg::ValidTo,
        (Some(_), None) => Msg::ValidFrom,
        (None, None) => return None,
    };
    let shown = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    Some(lang.say(message, &[("from", &shown(from)), ("to", &shown(to))]))
}

fn counter(application: &Application, lang: Lang) -> Option<String> {
    let atc = application.atc?.to_string();
    Some(match application.last_online_atc {
        Some(online) => lang.say(Msg::AtcWithOnline, &[("atc", &atc), ("online", &online.to_string())]),
        None => atc,
    })
}

/// `China (CN)`; a number that no country has stays a number.
fn country(text: &str, number: Option<u16>, lang: Lang) -> String {
    let Some(name) = number.and_then(registry::country) else { return text.to_owned() };
    let letters = name.rsplit_once('(').map_or("", |(_, letters)| letters.trim_end_matches(')'));
    match region_or_currency(letters).filter(|_| lang == Lang::Zh) {
        Some(chinese) => format!("{chinese} ({letters})"),
        None => name,
    }
}

/// `Yuan Renminbi (CNY)`; a number that no currency has stays a number.
fn currency(number: u16, lang: Lang) -> String {
    let Some(currency) = Currency::from_numeric(number) else { return format!("{number:03}") };
    let name = region_or_currency(currency.code()).filter(|_| lang == Lang::Zh).unwrap_or(currency.name());
    format!("{name} ({})", currency.code())
}

const fn state(state: ApplicationState) -> Msg {
    match state {
        ApplicationState::Active => Msg::StateActive,
        ApplicationState::Blocked => Msg::StateBlocked,
        ApplicationState::Unknown => Msg::StateUnknown,
    }
}

/// Which records the AFL lists; an AFL that breaks a rule as octets.
fn files(afl: &[u8], lang: Lang) -> Vec<String> {
    let Ok(files) = Afl::parse(afl) else { return vec![super::spaced_hex(afl)] };
    let line = |entry: tapcard_emv::AflEntry| {
        let message = if entry.first == entry.last { Msg::AflRecord } else { Msg::AflRecords };
        let (first, last) = (entry.first.to_string(), entry.last.to_string());
        lang.say(message, &[("sfi", &entry.sfi.to_string()), ("first", &first), ("last", &last)])
    };
    files.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Color;
    use crate::paint::Paint;

    fn style(width: usize) -> Style {
        let paint = Paint::new(Color::Never);
        Style { lang: Lang::En, paint, width, show_pan: false, objects: false }
    }

    #[test]
    fn names_of_any_script_leave_values_in_one_column() {
        let line = |name: &str, values: &[&str]| Line {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let lines = [line("AIP", &["1C00", "cardholder verification"]), line("持卡人", &["银联测试卡片持有人"])];
        let mut out = Vec::new();
        write(&lines, style(30), 2, &mut out).unwrap();
        let expected = "  AIP           1C00\n                cardholder\n                verification\n  \
                        持卡人        银联测试卡片持\n                有人\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn regions_and_currencies_have_names_in_both_languages() {
        assert_eq!(country("156", Some(156), Lang::En), "China (CN)");
        assert_eq!(country("156", Some(156), Lang::Zh), "中国 (CN)");
        assert_eq!(country("000", Some(0), Lang::En), "000");
        assert_eq!(country("040", Some(40), Lang::Zh), "Austria (AT)");
        assert_eq!(currency(156, Lang::Zh), "人民币 (CNY)");
        assert_eq!(currency(1, Lang::En), "001");
        assert!(currency(344, Lang::En).ends_with("(HKD)"));
    }

    #[test]
    fn an_afl_is_told_by_its_records() {
        assert_eq!(files(&[0x08, 1, 2, 0, 0x10, 1, 1, 0], Lang::En), ["SFI 1: records 1 to 2", "SFI 2: record 1"]);
        assert_eq!(files(&[0x08, 1], Lang::En), ["08 01"]);
    }
}

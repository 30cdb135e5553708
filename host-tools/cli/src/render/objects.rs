//! Every data object of an application, under the place where it stood.

use std::io::{self, Write};

use tapcard_emv::Aid;
use tapcard_report::Application;
use tapcard_terminal::Place;

use super::text::Style;
use super::value::Values;
use super::wrap::{Indent, wrap};
use crate::lang::{Lang, Msg};

/// Octets of a value that are shown; `--json` has them all.
const SHOWN_OCTETS: usize = 64;

/// Writes the list.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(
    application: &Application,
    values: &mut Values,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let scheme = application.aid.as_ref().map(Aid::scheme);
    let mut place = None;
    for object in &application.objects {
        let from = match object.from {
            Place::Object(_) => "GET DATA".to_owned(),
            place => style.lang.term(&place.to_string()),
        };
        if place.as_ref() != Some(&from) {
            writeln!(out, "    {}", style.paint.dim(&from))?;
            place = Some(from);
        }
        let shown = values.object(object.tag, &object.value, scheme);
        let value = match shown.means.as_slice() {
            [] if shown.text.is_empty() => style.lang.text(Msg::Empty).to_owned(),
            [] if shown.is_text => shortened(shown.text, style.lang),
            [] => shortened(style.lang.term(&shown.text), style.lang),
            means => means.iter().map(|meaning| style.lang.term(meaning)).collect::<Vec<_>>().join("; "),
        };
        let name = shown.name.map(|name| format!("{name}{}", style.lang.colon())).unwrap_or_default();
        let tag = format!("      {:<6}", object.tag.to_string());
        let line = wrap(&format!("{name}{value}"), style.width, Indent { first: &tag, rest: "              " });
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Keys and certificates would fill the screen.
fn shortened(text: String, lang: Lang) -> String {
    let count = text.chars().count();
    if count <= 2 * SHOWN_OCTETS {
        return text;
    }
    let start: String = text.chars().take(SHOWN_OCTETS).collect();
    lang.say(Msg::Shortened, &[("start", &start), ("count", &count.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_says_how_long_it_is() {
        assert_eq!(shortened("00".repeat(64), Lang::En).len(), 128);
        let key = shortened("00".repeat(128), Lang::En);
        assert!(key.starts_with("0000") && key.ends_with("... (256 characters)"), "{key}");
    }
}

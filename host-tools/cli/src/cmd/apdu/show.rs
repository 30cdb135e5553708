//! One exchange for people and as JSON: the command by its name, the status word in words, the data as a tree.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use tapcard_decode::{Context, Explained, Input, Kind, Node, explain, render};
use tapcard_iso7816::{Command, Ins, Meaning, StatusWord};
use tapcard_transport::Masked;
use tapcard_transport::trace::explain_command;

use super::dialogue::Exchanged;
use crate::lang::{Lang, Msg};
use crate::paint::Paint;
use crate::render::wrap::{Indent, wrap};

/// How exchanges are shown.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// The language of what this program says itself.
    pub(super) lang: Lang,
    /// Colours or none.
    pub(super) paint: Paint,
    /// Columns of a line.
    pub(super) width: usize,
    /// Account numbers in full.
    pub(super) show_pan: bool,
}

/// Writes an exchange as text.
///
/// # Errors
/// Those of `out`.
pub(super) fn text(exchanged: &Exchanged, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Style { lang, paint, width, .. } = style;
    let hang = Indent { first: "", rest: "  " };
    let sent = wrap(&format!("> {}", exchanged.command.spaced_hex()), width, hang);
    writeln!(out, "{sent}")?;
    writeln!(out, "  {}", paint.bold(&lang.term(&explain_command(&exchanged.statement.command))))?;
    match &exchanged.answer {
        Ok(answer) => {
            let received = wrap(&format!("< {}", answer.spaced_hex()), width, hang);
            writeln!(out, "{received}")?;
        }
        Err(error) => return writeln!(out, "< {}", paint.warning(&lang.term(&error.to_string()))),
    }
    if let Some(sw) = exchanged.sw {
        let ok = !exchanged.is_refused() && exchanged.met != Some(false);
        let line = status_line(exchanged, sw, lang);
        let line = wrap(&format!("  {line}"), width, Indent { first: "", rest: "       " });
        writeln!(out, "{}", if ok { paint.good(&line) } else { paint.warning(&line) })?;
    }
    if exchanged.apdus > 1 {
        let count = lang.say(Msg::ApduWireCount, &[("count", &exchanged.apdus.to_string())]);
        writeln!(out, "  {}", paint.dim(&count))?;
    }
    if let (Some(expected), Some(false)) = (&exchanged.statement.expected, exchanged.met) {
        let expected = lang.say(Msg::ApduExpected, &[("expected", &expected.to_string())]);
        writeln!(out, "  {}", paint.warning(&expected))?;
    }
    tree(exchanged, style, out)
}

/// `6A83 record not found`, and how many octets of data came before.
fn status_line(exchanged: &Exchanged, sw: StatusWord, lang: Lang) -> String {
    let text = status_text(sw, ins(exchanged), lang);
    match exchanged.data_len() {
        0 => format!("{sw} {text}"),
        bytes => lang.say(Msg::ApduData, &[("sw", &sw.to_string()), ("text", &text), ("bytes", &bytes.to_string())]),
    }
}

/// What a status word says as the answer to a command.
pub(super) fn status_text(sw: StatusWord, ins: Option<Ins>, lang: Lang) -> String {
    let numbered = match sw.meaning() {
        Meaning::MoreData { left } if left != 0 => Some((Msg::StatusMoreData, left)),
        Meaning::WrongLe { exact } if exact != 0 => Some((Msg::StatusWrongLe, exact)),
        Meaning::TriesLeft(tries) if tries > 1 => Some((Msg::StatusTriesLeft, tries)),
        _ => None,
    };
    if let Some((message, number)) = numbered {
        return lang.say(message, &[("number", &number.to_string())]);
    }
    let special = ins.and_then(|ins| sw.text_for(ins));
    lang.term(special.unwrap_or_else(|| sw.text()))
}

/// The instruction that was answered.
pub(super) fn ins(exchanged: &Exchanged) -> Option<Ins> {
    Command::parse(&exchanged.statement.command).ok().map(|command| command.ins())
}

fn tree(exchanged: &Exchanged, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(explained) = data(exchanged, style.show_pan) else { return Ok(()) };
    let paint = style.paint;
    let colours = render::Style {
        tag: &|text| paint.bold(text),
        name: &|text| paint.dim(text),
        warning: &|text| paint.warning(text),
        say: &|text| style.lang.term(text),
    };
    let mut text = Vec::new();
    render::write_text(&explained, colours, &mut text)?;
    for line in String::from_utf8_lossy(&text).lines() {
        let depth = line.chars().take_while(|character| *character == ' ').count();
        let (first, rest) = (" ".repeat(depth + 2), " ".repeat(depth + 6));
        let indent = Indent { first: &first, rest: &rest };
        writeln!(out, "{}", wrap(line.trim_start(), style.width, indent))?;
    }
    Ok(())
}

/// The data of the answer, explained by the command.
fn data(exchanged: &Exchanged, show_pan: bool) -> Option<Explained> {
    if exchanged.data_len() == 0 {
        return None;
    }
    let context = Context { show_pan, scheme: exchanged.scheme, ..Context::default() };
    let input = Input::two(exchanged.command.octets(), &exchanged.explainable);
    let explained = explain(Kind::Apdu, input, &context);
    // The command and the status word have lines of their own.
    let answer = explained.nodes.into_iter().find(|node| node.name.as_deref() == Some("R-APDU"))?;
    let is_data = |node: &Node| !matches!(node.name.as_deref(), Some("SW1-SW2"));
    let nodes: Vec<_> = answer.children.into_iter().filter(is_data).collect();
    // Octets without a structure stand above already.
    let is_plain = |node: &Node| node.tag.is_none() && node.children.is_empty() && node.means.is_empty();
    let says_more = explained.remainder.is_some() || !nodes.iter().all(is_plain) || nodes.len() > 1;
    says_more.then_some(Explained { kind: Kind::Tlv, guess: None, nodes, remainder: explained.remainder })
}

/// The members of an exchange, without the schema.
pub(super) fn json(exchanged: &Exchanged, show_pan: bool) -> Map<String, Value> {
    let explained = data(exchanged, show_pan).map(|explained| render::to_json(&explained));
    let member = |name: &str| explained.as_ref().and_then(|document| document.get(name)).cloned();
    let says = exchanged.sw.map(|sw| status_text(sw, ins(exchanged), Lang::En));
    let document = json!({
        "number": exchanged.number,
        "c": exchanged.command.hex(),
        "asks": explain_command(&exchanged.statement.command),
        "r": exchanged.answer.as_ref().ok().map(Masked::hex),
        "sw": exchanged.sw.map(|sw| sw.to_string()),
        "says": says,
        "objects": member("objects").unwrap_or_else(|| json!([])),
        "remainder": member("remainder"),
        "error": exchanged.answer.as_ref().err().map(ToString::to_string),
        "expected": exchanged.statement.expected.as_ref().map(ToString::to_string),
        "as_expected": exchanged.met,
        "apdus": exchanged.apdus,
    });
    match document {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

//! `tapcard decode`: data of a card, explained.

use std::io::Write;

use serde_json::{Map, Value, json};
use tapcard_emv::Scheme;
use tapcard_iso7816::{Atr, Walk};

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::explain::{self, Explained, Settings};
use crate::input;
use crate::render::tree::Tree;
use crate::render::value::Values;

const EXAMPLES: &str = "\
Examples:
  tapcard decode tlv 6F0A8408A000000333010101
  tapcard decode aip 7C00
  tapcard decode tag 9F6B --scheme mastercard
  tapcard decode < record.hex -

Kinds: tlv dol tag aid atr sw afl track2 aip auc tvr tsi ttq ctq term-caps add-term-caps.
Without a kind the data decide, and stderr says what was guessed.
Exit codes: 2 when an argument is not hexadecimal, 7 when the data are not of the kind or end too early.";

/// Explain data of a card.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the data are, and the data in hexadecimal; `-` reads them from stdin.
    #[arg(required = true, value_name = "[KIND] HEX")]
    words: Vec<String>,
    /// Whose data objects they are, where that changes what a tag means.
    #[arg(long, value_parser = parse_scheme)]
    scheme: Option<Scheme>,
}

/// What data can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tlv,
    Dol,
    Tag,
    Aid,
    Atr,
    StatusWord,
    Afl,
    Track2,
    /// By its place in [`explain::BIT_FIELDS`].
    Bits(usize),
}

const WORDS: [(&str, Kind); 8] = [
    ("tlv", Kind::Tlv),
    ("dol", Kind::Dol),
    ("tag", Kind::Tag),
    ("aid", Kind::Aid),
    ("atr", Kind::Atr),
    ("sw", Kind::StatusWord),
    ("afl", Kind::Afl),
    ("track2", Kind::Track2),
];

impl Kind {
    fn from_word(word: &str) -> Option<Self> {
        let plain = WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        let bits = || explain::BIT_FIELDS.iter().position(|(known, _)| *known == word).map(Self::Bits);
        plain.or_else(bits)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Bits(index) => explain::BIT_FIELDS.get(index).map_or("", |(word, _)| word),
            kind => WORDS.iter().find(|(_, known)| *known == kind).map_or("", |(word, _)| word),
        }
    }

    /// The kind that the data look like: an ATR by its first octet, a status word by its length, else TLV.
    fn guess(data: &[u8]) -> Self {
        let is_tlv = || Walk::new(data).all(|item| item.is_ok());
        match data {
            [0x3B | 0x3F, ..] if Atr::parse(data).is_ok() => Self::Atr,
            [0x61..=0x6F | 0x90..=0x9F, _] => Self::StatusWord,
            [0xA0, 0x00, 0x00, ..] if (5..=16).contains(&data.len()) && !is_tlv() => Self::Aid,
            _ => Self::Tlv,
        }
    }

    fn explain(self, data: &[u8], settings: Settings) -> Explained {
        match self {
            Self::Tlv => Ok(Vec::new()),
            Self::Dol => explain::dol(data, settings),
            Self::Tag => explain::one_tag(data, settings),
            Self::Aid => explain::aid(data),
            Self::Atr => explain::atr(data),
            Self::StatusWord => explain::status_word(data),
            Self::Afl => explain::afl(data),
            Self::Track2 => explain::track2(data, settings),
            Self::Bits(index) => match explain::BIT_FIELDS.get(index) {
                Some((_, tag)) => explain::bit_field(*tag, data),
                None => Ok(Vec::new()),
            },
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let (kind, text) = split(&args.words)?;
    let data = input::octets(&text, &mut std::io::stdin().lock())?;
    let guessed = kind.is_none();
    let kind = kind.unwrap_or_else(|| Kind::guess(&data));
    if guessed {
        global.note(&format!("note: taken for `{0}`; `tapcard decode {0} ...` is sure", kind.word()));
    }
    let settings = Settings { scheme: args.scheme, show_pan: global.show_pan };
    let failed = match kind {
        Kind::Tlv => tlv(&data, guessed, settings, global, out)?,
        kind => fields(kind, &data, guessed, settings, global, out)?,
    };
    match failed {
        Some(what) => Err(Failure::new(Code::BadInput, format!("not a whole `{}`: {what}", kind.word())).into()),
        None => Ok(()),
    }
}

/// The kind, if the first word is one, and the text of the data.
fn split(words: &[String]) -> Result<(Option<Kind>, String), Failure> {
    let usage = |message: String| Failure::new(Code::Usage, message);
    match words {
        [word] if Kind::from_word(word).is_some() => {
            Err(usage(format!("`{word}` is a kind; write the data behind it, or `-` to read them from stdin")))
        }
        [first, rest @ ..] => match Kind::from_word(first) {
            Some(kind) => Ok((Some(kind), rest.join(" "))),
            None if !rest.is_empty() && input::parse(first).is_err() && first.len() > 1 => {
                Err(usage(format!("`{first}` is neither a kind that this version knows nor hexadecimal; see `--help`")))
            }
            None => Ok((None, words.join(" "))),
        },
        [] => Ok((None, String::new())),
    }
}

fn tlv(
    data: &[u8],
    guessed: bool,
    settings: Settings,
    global: &Global,
    out: &mut dyn Write,
) -> anyhow::Result<Option<String>> {
    let tree = Tree::new(data, settings.scheme, &mut Values::new(settings.show_pan));
    if global.json {
        let (objects, remainder) = tree.to_json();
        let mut document = head(None);
        document.insert("objects".into(), objects);
        document.insert("remainder".into(), remainder);
        note_guess(&mut document, Kind::Tlv, guessed);
        write_json(&Value::Object(document), out)?;
    } else {
        tree.write(global.paint(), out)?;
    }
    Ok(tree.remainder.map(|remainder| remainder.error.to_string()))
}

fn fields(
    kind: Kind,
    data: &[u8],
    guessed: bool,
    settings: Settings,
    global: &Global,
    out: &mut dyn Write,
) -> anyhow::Result<Option<String>> {
    let fields = match kind.explain(data, settings) {
        Ok(fields) => fields,
        Err(what) => return Ok(Some(what)),
    };
    if global.json {
        let mut document = head(Some(kind));
        let fields: Vec<_> = fields.iter().map(|(name, text)| json!({"name": name, "text": text})).collect();
        document.insert("fields".into(), json!(fields));
        note_guess(&mut document, kind, guessed);
        write_json(&Value::Object(document), out)?;
    } else {
        let width = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, text) in &fields {
            writeln!(out, "{name:<width$}  {text}")?;
        }
    }
    Ok(None)
}

fn head(kind: Option<Kind>) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("schema".into(), json!("tapcard.decode/1"));
    if let Some(kind) = kind {
        document.insert("kind".into(), json!(kind.word()));
    }
    document
}

fn note_guess(document: &mut Map<String, Value>, kind: Kind, guessed: bool) {
    if guessed {
        document.insert("guessed".into(), json!(kind.word()));
    }
}

/// A scheme by its name, without regard to case, blanks and hyphens.
fn parse_scheme(text: &str) -> Result<Scheme, String> {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let schemes: Vec<_> = tapcard_emv::objects().iter().filter_map(|object| object.scheme).collect();
    let found = schemes.iter().find(|scheme| plain(scheme.name()) == plain(text)).copied();
    found.ok_or_else(|| {
        let mut names: Vec<_> = schemes.iter().map(|scheme| scheme.name()).collect();
        names.sort_unstable();
        names.dedup();
        format!("no scheme with data objects of its own; there is {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_taken_for_what_they_look_like() {
        for (hex, kind) in [
            ("3B00", Kind::Atr),
            ("9000", Kind::StatusWord),
            ("6A82", Kind::StatusWord),
            ("A000000333010101", Kind::Aid),
            ("5A021234", Kind::Tlv),
            ("", Kind::Tlv),
        ] {
            assert_eq!(Kind::guess(&hex::decode(hex).unwrap()), kind, "{hex}");
        }
    }

    #[test]
    fn every_kind_has_a_word() {
        for (word, _) in
            WORDS.iter().map(|(word, _)| (*word, ())).chain(explain::BIT_FIELDS.iter().map(|(w, _)| (*w, ())))
        {
            assert_eq!(Kind::from_word(word).map(Kind::word), Some(word));
            assert!(EXAMPLES.contains(word), "{word}");
        }
    }

    #[test]
    fn schemes_are_found_in_any_spelling() {
        assert_eq!(parse_scheme("unionpay"), Ok(Scheme::UnionPay));
        assert_eq!(parse_scheme("MASTERCARD"), Ok(Scheme::Mastercard));
        assert!(parse_scheme("bank").unwrap_err().contains("UnionPay"));
    }
}

//! `tapcard card show`: what a card file holds, and the state that the card is in.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};
use tapcard_card::{Application, Image, Key};
use tapcard_emv::{Aid, tag};
use tapcard_iso7816::{Tag, find_deep};
use tapcard_transport::{Card, VirtualCard};

use super::SCHEMA;
use crate::args::Global;
use crate::cmd::write_json;
use crate::lang::Msg;
use crate::render::spaced_hex;
use crate::render::value::Values;

/// Show what a card file holds.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard card show my-card.json")]
pub(crate) struct Args {
    /// A card file, or a built-in profile.
    #[arg(value_name = "FILE")]
    card: String,
}

pub(crate) fn run(args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut card = VirtualCard::open(&args.card)?;
    let session = card.session()?;
    let image = session.card().image();
    let mut values = Values::new(global.show_pan);
    let content = Content::of(image);
    let atr = session.info().atr.clone().unwrap_or_default();
    let shown: Vec<_> = image
        .applications()
        .map(|application| Shown::new(application, &content, session.card().atc(application.number()), &mut values))
        .collect();
    if global.json {
        let applications: Vec<_> = shown.iter().map(Shown::to_json).collect();
        let atr = hex::encode_upper(atr);
        let document = json!({
            "schema": SCHEMA, "card": args.card, "atr": atr, "blocked": image.is_blocked(), "applications": applications,
        });
        return write_json(&document, out);
    }
    let style = global.style();
    let state = if image.is_blocked() { Msg::StateBlocked } else { Msg::StateActive };
    let state = style.lang.text(state).to_owned();
    style.facts(&[("ATR", spaced_hex(&atr)), (style.lang.text(Msg::State), state)], 0, out)?;
    shown.iter().try_for_each(|application| application.write(global, out))
}

/// Keys of an image by application number.
#[derive(Default)]
struct Content {
    records: BTreeMap<(u8, u8), usize>,
    data: BTreeMap<u8, Vec<Tag>>,
}

impl Content {
    fn of(image: Image<'_>) -> Self {
        let mut content = Self::default();
        for entry in image.entries() {
            match entry.key {
                Key::Record(sfi, _) => *content.records.entry((entry.application, sfi.get())).or_default() += 1,
                Key::Data(tag) => content.data.entry(entry.application).or_default().push(tag),
                _ => {}
            }
        }
        content
    }
}

/// One application as it is shown.
struct Shown {
    name: String,
    label: Option<String>,
    is_directory: bool,
    blocked: bool,
    atc: u16,
    files: Vec<(u8, usize)>,
    objects: Vec<(Tag, Option<&'static str>, String)>,
}

impl Shown {
    fn new(application: Application<'_>, content: &Content, atc: u16, values: &mut Values) -> Self {
        let name = application.name();
        let is_directory = name.is_ascii() && name.ends_with(b".DDF01");
        let aid = Aid::new(name).ok().filter(|_| !is_directory);
        let number = application.number();
        let scheme = aid.as_ref().map(Aid::scheme);
        let tags = content.data.get(&number).map(Vec::as_slice).unwrap_or_default();
        // The ATC is shown as it is now, not as it was personalised.
        let objects = tags.iter().filter(|tag| **tag != tag::ATC).filter_map(|&tag| {
            let shown = values.object(tag, application.data(tag)?, scheme);
            Some((tag, shown.name, shown.text))
        });
        let label =
            application.fci(tapcard_card::Interface::Contact).and_then(|fci| find_deep(fci, tag::APPLICATION_LABEL));
        Self {
            name: if is_directory { String::from_utf8_lossy(name).into_owned() } else { hex::encode_upper(name) },
            label: label.map(|label| tapcard_report::text::decode_text(label, None)),
            is_directory,
            blocked: application.is_blocked(),
            atc,
            files: content
                .records
                .range((number, 0)..=(number, u8::MAX))
                .map(|((_, sfi), count)| (*sfi, *count))
                .collect(),
            objects: objects.collect(),
        }
    }

    fn to_json(&self) -> Value {
        let files: Vec<_> = self.files.iter().map(|(sfi, records)| json!({"sfi": sfi, "records": records})).collect();
        let objects = self.objects.iter();
        let objects = objects.map(|(tag, name, value)| json!({"tag": tag.to_string(), "name": name, "value": value}));
        json!({
            "name": self.name,
            "label": self.label,
            "blocked": self.blocked,
            "atc": (!self.is_directory).then_some(self.atc),
            "files": files,
            "objects": objects.collect::<Vec<_>>(),
        })
    }

    fn write(&self, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
        let style = global.style();
        let lang = style.lang;
        writeln!(out, "\n{}", style.paint.bold(&self.name))?;
        let label = self.label.clone().map(|label| (lang.text(Msg::Label).to_owned(), label));
        let state = self.blocked.then(|| (lang.text(Msg::State).to_owned(), lang.text(Msg::StateBlocked).to_owned()));
        let atc = (!self.is_directory).then(|| ("ATC".to_owned(), self.atc.to_string()));
        let files = self
            .files
            .iter()
            .map(|(sfi, records)| (format!("SFI {sfi}"), lang.counted(*records, Msg::OneRecord, Msg::Records)));
        let facts: Vec<_> = label.into_iter().chain(state).chain(atc).chain(files).collect();
        style.facts(&facts, 2, out)?;
        if !self.objects.is_empty() {
            let mut table = style.table(&[Msg::Tag, Msg::Name, Msg::Value]);
            for (tag, name, value) in &self.objects {
                table.row([tag.to_string(), name.unwrap_or("-").to_owned(), value.clone()]);
            }
            table.write("  ", out)?;
        }
        Ok(())
    }
}

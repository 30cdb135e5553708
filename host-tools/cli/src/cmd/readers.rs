//! `tapcard readers`: the readers and what is in them.

use std::io::Write;

use serde_json::{Value, json};
use tapcard_transport::{Interface, Reader, TransportError, pcsc_readers};

use super::write_json;
use crate::args::Global;
use crate::render::spaced_hex;
use crate::render::table::Table;
use crate::render::wrap::terminal_width;

/// List readers and what is in them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tapcard readers --json")]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let readers = pcsc_readers()?;
    if global.json {
        let list: Vec<_> = readers.iter().map(to_json).collect();
        write_json(&json!({"schema": "tapcard.readers/1", "readers": list}), out)?;
    } else if !readers.is_empty() {
        write_text(&readers, terminal_width(), out)?;
    }
    if readers.is_empty() { Err(TransportError::NoReader.into()) } else { Ok(()) }
}

fn to_json(reader: &Reader) -> Value {
    json!({
        "spec": reader.spec,
        "name": reader.name,
        "kind": reader.kind,
        "card_present": reader.card_present,
        "atr": reader.atr.as_ref().map(hex::encode_upper),
        "interface": reader.interface.map(Interface::as_str),
    })
}

fn write_text(readers: &[Reader], width: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = Table::new(&["Reader", "Card", "ATR"]).width(width);
    for reader in readers {
        let card = match (reader.card_present, reader.interface) {
            (false, _) => "none",
            (true, Some(interface)) => interface.as_str(),
            (true, None) => "present",
        };
        table.row([reader.spec.clone(), card.to_owned(), reader.atr.as_deref().map(spaced_hex).unwrap_or_default()]);
    }
    Ok(table.write("", out)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(card_present: bool) -> Reader {
        Reader {
            spec: "pcsc:Virtual PCD 00 00".into(),
            name: "Virtual PCD 00 00".into(),
            kind: "pcsc",
            card_present,
            atr: card_present.then(|| vec![0x3B, 0x00]),
            interface: card_present.then_some(Interface::Contact),
        }
    }

    #[test]
    fn the_members_are_those_of_the_contract() {
        let expected = r#"{"spec":"pcsc:Virtual PCD 00 00","name":"Virtual PCD 00 00","kind":"pcsc","card_present":true,"atr":"3B00","interface":"contact"}"#;
        assert_eq!(to_json(&reader(true)).to_string(), expected);
        assert_eq!(to_json(&reader(false))["atr"], Value::Null);
    }

    #[test]
    fn columns_are_aligned() {
        let mut out = Vec::new();
        write_text(&[reader(false), reader(true)], 80, &mut out).unwrap();
        let expected = "Reader                  Card     ATR\n\
                        pcsc:Virtual PCD 00 00  none\n\
                        pcsc:Virtual PCD 00 00  contact  3B 00\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

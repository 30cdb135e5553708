//! `tapcard readers`: the readers and what is in them.

use std::io::Write;

use serde_json::{Value, json};
use tapcard_transport::{Interface, Reader, TransportError, pcsc_readers};

use super::write_json;
use crate::args::Global;
use crate::lang::Msg;
use crate::render::spaced_hex;
use crate::render::table::Table;
use crate::render::text::{Style, interface_name};

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
        write_text(&readers, global.style(), out)?;
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

fn write_text(readers: &[Reader], style: Style, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = Table::new(&[style.lang.text(Msg::Reader), style.lang.text(Msg::Card), "ATR"]).width(style.width);
    for reader in readers {
        let card = match (reader.card_present, reader.interface) {
            (false, _) => Msg::CardAbsent,
            (true, Some(interface)) => interface_name(interface),
            (true, None) => Msg::CardPresent,
        };
        let card = style.lang.text(card).to_owned();
        table.row([reader.spec.clone(), card, reader.atr.as_deref().map(spaced_hex).unwrap_or_default()]);
    }
    Ok(table.write("", out)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

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
        write_text(&[reader(false), reader(true)], Style::plain(Lang::En), &mut out).unwrap();
        let expected = "Reader                  Card     ATR\n\
                        pcsc:Virtual PCD 00 00  none\n\
                        pcsc:Virtual PCD 00 00  contact  3B 00\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_list_in_chinese_has_the_same_columns() {
        let mut out = Vec::new();
        write_text(&[reader(false), reader(true)], Style::plain(Lang::Zh), &mut out).unwrap();
        let expected = "读卡器                  卡片    ATR\n\
                        pcsc:Virtual PCD 00 00  无\n\
                        pcsc:Virtual PCD 00 00  接触式  3B 00\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

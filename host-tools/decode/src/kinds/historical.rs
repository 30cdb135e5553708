//! Historical octets of an ATR or ATS (ISO/IEC 7816-4:2005, 8.1.1).

use tapcard_iso7816::atr::historical::{Category, CompactTlv, Historical};
use tapcard_iso7816::{Atr, StatusWord};

use crate::field::Field;
use crate::node::Node;
use crate::registry;
use crate::setting::n3;
use crate::value::aid_line;

/// All historical octets as one node with parts; `None` if there are none.
pub(crate) fn node(field: Field<'_>, atr: Option<&Atr<'_>>) -> Option<Node> {
    let octets = field.octets;
    let historical = Historical::new(octets, field.offset);
    let category = match historical.category()? {
        Category::StatusAtEnd => "COMPACT-TLV, then three octets of status",
        Category::DirReference => "reference to the directory data",
        Category::CompactTlv => "COMPACT-TLV",
        Category::Reserved(_) => "reserved",
        _ => "the issuer's own",
    };
    let mut parts = vec![field.sub(0, 1).node("category").value(format!("{} ({category})", field.sub(0, 1).hex))];
    match atr.and_then(Atr::storage_card) {
        Some(card) => parts.extend(storage(field, card.standard, card.name)),
        None => parts.extend(objects(field, historical)),
    }
    let node = field.node("historical bytes").value(field.hex);
    let text: String =
        octets.iter().map(|octet| if octet.is_ascii_graphic() { char::from(*octet) } else { '.' }).collect();
    let graphic = octets.iter().filter(|octet| octet.is_ascii_graphic()).count();
    if 2 * graphic > octets.len() {
        parts.push(field.node("as text").value(text));
    }
    Some(node.children(parts))
}

fn objects(field: Field<'_>, historical: Historical<'_>) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut end = 1;
    for object in historical.compact_tlvs() {
        let Ok(object) = object else { break };
        parts.push(compact(field.sub(end, 1 + object.value.len()), object));
        end += 1 + object.value.len();
    }
    let rest = field.from(end);
    match historical.category() {
        Some(Category::StatusAtEnd) if rest.len() >= 3 => {
            let status = rest.from(rest.len() - 3);
            parts.push(life_cycle_and_status(status));
        }
        Some(Category::CompactTlv) if rest.len() > 0 => parts.push(rest.plain("cut off")),
        _ => {}
    }
    parts
}

fn compact(field: Field<'_>, object: CompactTlv<'_>) -> Node {
    let value = field.from(1);
    match (object.tag, object.value) {
        (1, value_octets) => field.plain("country and national data").all_means(country(value_octets)),
        (2, _) => field.plain("issuer identification number").value(value.hex),
        (3, [services]) => field.plain("card service data").value(value.hex).all_means(service_data(*services)),
        (4, _) => field.plain("initial access data").value(value.hex),
        (5, _) => field.plain("card issuer's data").value(value.hex),
        (6, _) => field.plain("pre-issuing data").value(value.hex),
        (7, octets) => field.plain("card capabilities").value(value.hex).all_means(capabilities(octets)),
        (8, _) => life_cycle_and_status(value),
        (15, octets) => field.plain("AID").value(value.hex).all_means(aid_line(octets)),
        (tag, _) => field.plain(format!("object {tag:X}")).value(value.hex),
    }
}

/// Three digits of ISO 3166-1, then the nation's own.
fn country(octets: &[u8]) -> Option<String> {
    let [first, second, ..] = octets else { return None };
    let number = u16::from_be_bytes([*first, *second]) >> 4;
    registry::country(n3(&number.to_be_bytes())?)
}

/// ISO/IEC 7816-4:2005, 8.1.1.2.3, table 85.
fn service_data(octet: u8) -> Vec<String> {
    let access = match octet >> 1 & 0x07 {
        0b100 => "EF.DIR and EF.ATR are read with READ BINARY",
        0b000 => "EF.DIR and EF.ATR are read with READ RECORD",
        0b010 => "EF.DIR and EF.ATR are read with GET DATA",
        _ => "EF.DIR and EF.ATR: reserved",
    };
    let bits = [
        (0x80, "selection by full DF name"),
        (0x40, "selection by partial DF name"),
        (0x20, "data objects in EF.DIR"),
        (0x10, "data objects in EF.ATR"),
    ];
    let mut lines: Vec<_> = set(octet, &bits);
    lines.push(access.to_owned());
    lines.push(if octet & 0x01 == 0 { "card with MF" } else { "card without MF" }.to_owned());
    lines
}

/// ISO/IEC 7816-4:2005, 8.1.1.2.7, tables 86 to 88.
fn capabilities(octets: &[u8]) -> Vec<String> {
    let selection = [
        (0x80, "DF selection by full name"),
        (0x40, "DF selection by partial name"),
        (0x20, "DF selection by path"),
        (0x10, "DF selection by file identifier"),
        (0x08, "implicit DF selection"),
        (0x04, "short EF identifiers"),
        (0x02, "record numbers"),
        (0x01, "record identifiers"),
    ];
    let mut lines = octets.first().map_or_else(Vec::new, |octet| set(*octet, &selection));
    if let Some(octet) = octets.get(1) {
        let writing = match octet >> 5 & 0x03 {
            0b00 => "one-time write",
            0b01 => "proprietary writing",
            0b10 => "write OR",
            _ => "write AND",
        };
        lines.extend(set(*octet, &[(0x80, "EFs of TLV structure"), (0x10, "FF may begin a BER-TLV tag")]));
        lines.push(writing.to_owned());
        lines.push(format!("data units of {} half octets", 1_u32 << (octet & 0x0F)));
    }
    if let Some(octet) = octets.get(2) {
        lines.extend(set(*octet, &[(0x80, "command chaining"), (0x40, "extended Lc and Le")]));
        match octet >> 3 & 0x03 {
            0b00 => lines.push("no logical channels".to_owned()),
            by => {
                let by = set(by, &[(0x02, "the card"), (0x01, "the reader")]).join(" or ");
                let count = if octet & 0x07 == 7 { "8 or more".to_owned() } else { ((octet & 0x07) + 1).to_string() };
                lines.push(format!("{count} logical channels, numbered by {by}"));
            }
        }
    }
    lines
}

fn set(octet: u8, bits: &[(u8, &str)]) -> Vec<String> {
    bits.iter().filter(|(mask, _)| octet & mask != 0).map(|(_, text)| (*text).to_owned()).collect()
}

/// One, two or three octets: life cycle status, SW1-SW2, or both (ISO/IEC 7816-4:2005, 8.1.1.3).
fn life_cycle_and_status(field: Field<'_>) -> Node {
    let (cycle, sw) = match *field.octets {
        [cycle] => (Some(cycle), None),
        [sw1, sw2] => (None, Some(StatusWord::from_octets(sw1, sw2))),
        [cycle, sw1, sw2] => (Some(cycle), Some(StatusWord::from_octets(sw1, sw2))),
        _ => (None, None),
    };
    let node = field.plain("status");
    let cycle = cycle.map(|octet| format!("life cycle: {}", life_cycle(octet)));
    let sw = sw.map(|sw| match sw.get() {
        0 => "SW1-SW2: not told".to_owned(),
        _ => format!("SW1-SW2 {sw}: {}", sw.text()),
    });
    node.all_means(cycle.into_iter().chain(sw))
}

/// ISO/IEC 7816-4:2005, 5.3.3.2, table 13.
fn life_cycle(octet: u8) -> &'static str {
    match octet {
        0x00 => "not told",
        0x01 => "creation",
        0x03 => "initialisation",
        0x05 | 0x07 => "operational, activated",
        0x04 | 0x06 => "operational, deactivated",
        0x0C..=0x0F => "termination",
        0x10.. => "proprietary",
        _ => "reserved",
    }
}

/// A card without APDUs, as PC/SC part 3 and its supplement number them.
fn storage(field: Field<'_>, standard: u8, name: u16) -> Vec<Node> {
    let standard_text = match standard {
        0x01 => "ISO/IEC 14443 A, part 1",
        0x02 => "ISO/IEC 14443 A, part 2",
        0x03 => "ISO/IEC 14443 A, part 3",
        0x05 => "ISO/IEC 14443 B, part 1",
        0x06 => "ISO/IEC 14443 B, part 2",
        0x07 => "ISO/IEC 14443 B, part 3",
        0x09..=0x0C => "ISO/IEC 15693",
        0x11 => "FeliCa",
        _ => "not known",
    };
    let name_text = match name {
        0x0001 => "MIFARE Classic 1K",
        0x0002 => "MIFARE Classic 4K",
        0x0003 => "MIFARE Ultralight",
        0x0026 => "MIFARE Mini",
        0x0030 => "Topaz, Jewel",
        0x0036 => "MIFARE Plus SL1, 2K",
        0x0037 => "MIFARE Plus SL1, 4K",
        0x0038 => "MIFARE Plus SL2, 2K",
        0x0039 => "MIFARE Plus SL2, 4K",
        0x003A => "MIFARE Ultralight C",
        0x003B => "FeliCa",
        0xF000..=0xFFFF => "the reader maker's own",
        _ => "not known",
    };
    vec![
        field.sub(3, 5).node("application identifier").value("PC/SC Workgroup"),
        field.sub(8, 1).node("standard").value(format!("{standard:02X} ({standard_text})")),
        field.sub(9, 2).node("card").value(format!("{name:04X} ({name_text})")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn lines(historical: &str) -> Vec<String> {
        let octets = hex::decode(historical).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        node(shown.field(&octets), None).map_or_else(Vec::new, |node| node.summary())
    }

    #[test]
    fn compact_objects_are_explained() {
        let found = lines("8031E073FE218D1125075282059000");
        assert_eq!(found[0], "category: 80 (COMPACT-TLV)");
        assert!(found.contains(&"card service data: selection by full DF name".to_owned()), "{found:#?}");
        assert!(found.contains(&"card capabilities: extended Lc and Le".to_owned()) || found.len() > 5, "{found:#?}");
        assert_eq!(lines(""), Vec::<String>::new());
    }

    #[test]
    fn status_stands_last_or_in_an_object() {
        assert_eq!(
            lines("0031E0059000")[5..],
            [
                "card service data: card with MF",
                "status: life cycle: operational, activated",
                "status: SW1-SW2 9000: done",
            ]
        );
        assert_eq!(
            lines("8083059000")[1..],
            ["status: life cycle: operational, activated", "status: SW1-SW2 9000: done"]
        );
        assert_eq!(lines("80830500")[1..], ["cut off: 830500"]);
    }

    #[test]
    fn issuers_write_their_name() {
        assert_eq!(lines("675441504341524454")[1], "as text: gTAPCARDT");
    }

    #[test]
    fn logical_channels_are_counted() {
        assert_eq!(
            capabilities(&[0x80, 0x21, 0x93])[1..],
            [
                "proprietary writing",
                "data units of 2 half octets",
                "command chaining",
                "4 logical channels, numbered by the card",
            ]
        );
        assert_eq!(
            capabilities(&[0, 0, 0x1F]).last().map(String::as_str),
            Some("8 or more logical channels, numbered by the card or the reader")
        );
    }
}

//! C-APDUs: header, parameters by instruction, data (ISO/IEC 7816-4:2005, clauses 5 and 7; EMV 4.4 Book 3, 6.5; JR/T 0025
//! for purses).

use tapcard_emv::bits::AcType;
use tapcard_emv::{Tag, lookup, tag};
use tapcard_iso7816::{Command, Ins};

use super::layout::{self, CREDIT_FOR_LOAD, DEBIT, INITIALIZE, PROVE};
use crate::field::Field;
use crate::kinds::tlv;
use crate::node::Node;
use crate::setting::Setting;
use crate::value;

/// Octets of Cla, Ins, P1, P2.
const HEADER: usize = 4;
/// Octets of the MAC of a script command.
const MAC: usize = 4;

/// The whole command as one node. `field` has the octets that `command` was read from.
pub(super) fn node(field: Field<'_>, command: &Command<'_>, setting: &Setting) -> Node {
    let mut parts = vec![
        field.sub(0, 1).plain("Cla").all_means(class(command.cla())),
        field.sub(1, 1).plain("Ins").means(name(command)),
    ];
    let (p1, p2) = (field.sub(2, 1).plain("P1"), field.sub(3, 1).plain("P2"));
    match both_parameters(command) {
        Some(text) => parts.push(field.sub(2, 2).plain("P1-P2").means(text)),
        None => parts.extend([p1.all_means(first_parameter(command)), p2.all_means(second_parameter(command))]),
    }
    parts.extend(body(field, command, setting));
    field.node("C-APDU").value(title(command)).children(parts)
}

/// Lc, data and Le.
fn body(field: Field<'_>, command: &Command<'_>, setting: &Setting) -> Vec<Node> {
    let length = command.data().len();
    let wide = if command.is_extended() { 3 } else { 1 };
    let mut parts = Vec::new();
    let mut at = HEADER;
    if length > 0 {
        parts.push(field.sub(at, wide).node("Lc").value(format!("{length}")));
        at += wide;
        parts.push(data(field.sub(at, length), command, setting));
        at += length;
    }
    if let Some(le) = command.le() {
        let all = if le.get() == 256 || le.get() == 65_536 { " (all that is there)" } else { "" };
        parts.push(field.from(at).node("Le").value(format!("{}{all}", le.get())));
    }
    parts
}

/// What the command asks for, in a line without data: `READ RECORD 1 of SFI 2`.
pub(crate) fn title(command: &Command<'_>) -> String {
    if command.cla() == 0xFF {
        return "for the reader, not for the card".to_owned();
    }
    let name = name(command);
    let tag = object_tag(command);
    let detail = match command.ins() {
        Ins::Select if command.p1() == 0x04 => value::aid_line(command.data()),
        Ins::ReadRecord => Some(format!("{} of SFI {}", command.p1(), command.p2() >> 3)),
        Ins::GetData | Ins::PutData => Some(match lookup(tag) {
            Some(object) => format!("{tag} {}", object.name),
            None => tag.to_string(),
        }),
        Ins::GenerateAc => Some(AcType::from_octet(command.p1()).to_string()),
        _ => None,
    };
    detail.map_or_else(|| name.clone(), |detail| format!("{name}: {detail}"))
}

/// P1-P2 as the tag of an object.
pub(super) fn object_tag(command: &Command<'_>) -> Tag {
    Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])))
}

/// The data of a script command before its MAC; all of it where Cla announces none.
pub(super) fn without_mac<'c>(command: &Command<'c>) -> &'c [u8] {
    let data = command.data();
    let mac = if command.cla() & 0x04 == 0 { 0 } else { MAC };
    data.get(..data.len().saturating_sub(mac)).unwrap_or_default()
}

/// The name of the instruction; Cla and P1 decide where one octet has several.
fn name(command: &Command<'_>) -> String {
    let proprietary = command.cla() & 0x80 != 0;
    let special = match (command.ins(), command.p1()) {
        (Ins::PerformSecurityOperation, _) if proprietary => Some("COMPUTE CRYPTOGRAPHIC CHECKSUM"),
        (Ins::PerformSecurityOperation, _) => Some("PERFORM SECURITY OPERATION"),
        (Ins::WriteBinary, _) if proprietary => Some("RECOVER AC"),
        (Ins::WriteBinary, _) => Some("WRITE BINARY"),
        (Ins::UpdateRecord, _) if command.cla() == 0x80 => Some("UPDATE CAPP DATA CACHE"),
        (Ins::UpdateRecord, _) => Some("UPDATE RECORD"),
        (Ins::ChangeReferenceData, _) if proprietary => Some("PIN CHANGE/UNBLOCK"),
        (Ins::ChangeReferenceData, _) => Some("CHANGE REFERENCE DATA"),
        (Ins::Initialize, 0x00) => Some("INITIALIZE FOR LOAD"),
        (Ins::Initialize, 0x01) => Some("INITIALIZE FOR PURCHASE"),
        (Ins::Initialize, 0x02) => Some("INITIALIZE FOR CASH WITHDRAWAL"),
        (Ins::Initialize, 0x03) => Some("INITIALIZE FOR CAPP PURCHASE"),
        (Ins::Initialize, 0x04) => Some("INITIALIZE FOR UPDATE"),
        (Ins::Initialize, 0x05) => Some("INITIALIZE FOR UNLOAD"),
        (Ins::Debit, 0x01) => Some("DEBIT FOR PURCHASE or CASH WITHDRAWAL"),
        (Ins::Debit, 0x03) => Some("DEBIT FOR UNLOAD"),
        (Ins::ChangePin, 0x00) => Some("RELOAD PIN"),
        (Ins::ChangePin, 0x01) => Some("CHANGE PIN"),
        _ => None,
    };
    let name = special.or_else(|| command.ins().name());
    name.map_or_else(|| format!("instruction {:02X}, not known", command.ins().octet()), str::to_owned)
}

/// ISO/IEC 7816-4:2005, 5.1.1, tables 2 and 3.
fn class(cla: u8) -> Vec<String> {
    let mut lines = Vec::new();
    match cla {
        0xFF => lines.push("not a class: for the reader".to_owned()),
        0x00..=0x1F | 0x80..=0x9F => {
            lines.push(if cla & 0x80 == 0 { "interindustry" } else { "proprietary" }.to_owned());
            lines.extend((cla & 0x10 != 0).then(|| "not the last command of a chain".to_owned()));
            match cla >> 2 & 0x03 {
                0 => {}
                1 => lines.push("secure messaging, proprietary".to_owned()),
                2 => lines.push("secure messaging, header not authenticated".to_owned()),
                _ => lines.push("secure messaging, header authenticated".to_owned()),
            }
            lines.extend((cla & 0x03 != 0).then(|| format!("logical channel {}", cla & 0x03)));
        }
        0x40..=0x7F => {
            lines.push("interindustry".to_owned());
            lines.push(format!("logical channel {}", 4 + (cla & 0x0F)));
        }
        _ => lines.push("proprietary or reserved".to_owned()),
    }
    lines
}

/// Parameters that say one thing together.
fn both_parameters(command: &Command<'_>) -> Option<String> {
    let [p1, p2] = [command.p1(), command.p2()];
    match command.ins() {
        Ins::GetData | Ins::PutData => {
            let tag = object_tag(command);
            Some(format!("object {tag} {}", lookup(tag).map_or("unknown", |object| object.name)))
        }
        Ins::ReadBinary | Ins::UpdateBinary if p1 & 0x80 != 0 => Some(format!("SFI {}, offset {p2}", p1 & 0x1F)),
        Ins::ReadBinary | Ins::UpdateBinary => {
            Some(format!("current file, offset {}", u16::from_be_bytes([p1 & 0x7F, p2])))
        }
        _ => None,
    }
}

fn first_parameter(command: &Command<'_>) -> Option<String> {
    let p1 = command.p1();
    let text = match command.ins() {
        Ins::Select => match p1 {
            0x00 => "by file identifier",
            0x01 => "a child DF",
            0x02 => "an EF under the current DF",
            0x03 => "the parent DF",
            0x04 => "by DF name",
            0x08 | 0x09 => "by path",
            _ => "reserved",
        },
        Ins::ReadRecord | Ins::UpdateRecord if matches!(command.p2() & 0x07, 4 | 5) => {
            return Some(format!("record {p1}"));
        }
        Ins::ReadRecord | Ins::UpdateRecord => return Some(format!("record identifier or tag {p1:02X}")),
        Ins::GenerateAc => {
            let signature = match p1 & 0x18 {
                0x00 => "",
                0x10 => ", with CDA",
                0x08 => ", with XDA",
                _ => ", signature reserved",
            };
            return Some(format!("{} is asked for{signature}", AcType::from_octet(p1)));
        }
        Ins::GetTransactionProve => return None,
        _ => return None,
    };
    Some(text.to_owned())
}

fn second_parameter(command: &Command<'_>) -> Option<String> {
    let p2 = command.p2();
    let text = match (command.ins(), p2) {
        (Ins::Select, _) => match p2 & 0x03 {
            0 => "first or only occurrence",
            1 => "last occurrence",
            2 => "next occurrence",
            _ => "previous occurrence",
        },
        (Ins::ReadRecord | Ins::UpdateRecord, _) => {
            let file = match p2 >> 3 {
                0 => "current file".to_owned(),
                sfi => format!("SFI {sfi}"),
            };
            let how = match p2 & 0x07 {
                4 => "by record number",
                5 => "all records from P1 on",
                _ => "by record identifier or tag",
            };
            return Some(format!("{file}, {how}"));
        }
        (Ins::Verify, 0x80) => "plaintext PIN",
        (Ins::Verify, 0x88) => "enciphered PIN",
        (Ins::Verify, 0x00) => "PIN of the application",
        (Ins::ChangeReferenceData, 0x00) => "unblock the PIN",
        (Ins::ChangeReferenceData, 0x01) => "change the PIN, using the current PIN",
        (Ins::ChangeReferenceData, 0x02) => "change the PIN",
        (Ins::GetBalance | Ins::Initialize, 0x01) => "electronic deposit",
        (Ins::GetBalance | Ins::Initialize, 0x02) => "electronic purse",
        _ => return None,
    };
    Some(text.to_owned())
}

/// The data field.
fn data(field: Field<'_>, command: &Command<'_>, setting: &Setting) -> Node {
    let node = field.plain("data");
    match command.ins() {
        Ins::Select if command.p1() == 0x04 => match value::aid_parts(field) {
            Ok(said) => node.children(said.parts),
            Err(_) => node,
        },
        Ins::GetProcessingOptions => match tlv::explain(field, setting) {
            (objects, None) => {
                Node { name: Some("data: what the PDOL asked for".to_owned()), ..node.children(objects) }
            }
            _ => node,
        },
        Ins::GenerateAc => Node { name: Some("data: what CDOL1 or CDOL2 asked for".to_owned()), ..node },
        Ins::InternalAuthenticate => Node { name: Some("data: what the DDOL asked for".to_owned()), ..node },
        Ins::Verify => Node { name: Some("data: the PIN".to_owned()), ..node },
        Ins::ExternalAuthenticate => {
            let said = value::said(tag::ISSUER_AUTHENTICATION_DATA, None, field, setting).unwrap_or_default();
            node.all_means(said.means)
        }
        Ins::PutData => {
            let (value, mac) = field.split(without_mac(command).len());
            let object = value::object(object_tag(command), value.offset, value, setting);
            let mac = (mac.len() > 0).then(|| mac.plain("MAC"));
            node.children(std::iter::once(object).chain(mac).collect())
        }
        Ins::UpdateRecord if command.cla() & 0x04 != 0 => {
            let (record, mac) = field.split(without_mac(command).len());
            node.children(vec![record.plain("record"), mac.plain("MAC")])
        }
        Ins::Initialize => node.children(layout::parts(field, INITIALIZE)),
        Ins::CreditForLoad => node.children(layout::parts(field, CREDIT_FOR_LOAD)),
        Ins::Debit if command.p1() == 0x01 => node.children(layout::parts(field, DEBIT)),
        Ins::Debit => node.children(layout::parts(field, CREDIT_FOR_LOAD)),
        Ins::GetTransactionProve => node.children(layout::parts(field, PROVE)),
        _ => node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masker;

    fn explained(octets: &str) -> Node {
        let octets = hex::decode(octets).unwrap();
        let shown = Shown::new(&Masker::new(tapcard_emv::Sensitivity::Name).command(&octets));
        node(shown.field(&octets), &Command::parse(&octets).unwrap(), &Setting::default())
    }

    #[test]
    fn a_command_has_a_title() {
        for (octets, expected) in [
            ("00B2010C00", "READ RECORD: 1 of SFI 1"),
            ("80CA9F7900", "GET DATA: 9F79 Electronic Cash Balance"),
            ("80AE5000", "GENERATE AC: TC"),
            ("80500002", "INITIALIZE FOR LOAD"),
            ("802A8E80", "COMPUTE CRYPTOGRAPHIC CHECKSUM"),
            ("00A4040008A00000033301010200", "SELECT: UnionPay credit, China (CN)"),
            ("00F90000", "instruction F9, not known"),
            ("FFCA000000", "for the reader, not for the card"),
        ] {
            assert_eq!(explained(octets).value.as_deref(), Some(expected), "{octets}");
        }
    }

    #[test]
    fn parameters_and_lengths_are_explained() {
        let found = explained("80AE5000021234").summary();
        assert!(found.contains(&"P1: TC is asked for, with CDA".to_owned()), "{found:#?}");
        assert!(found.contains(&"Lc: 2".to_owned()), "{found:#?}");
        assert!(explained("00B2010D00").summary().contains(&"P2: SFI 1, all records from P1 on".to_owned()));
        assert!(explained("00B0950800").summary().contains(&"P1-P2: SFI 21, offset 8".to_owned()));
        assert!(explained("00B20114000000").summary().contains(&"Le: 65536 (all that is there)".to_owned()));
    }

    #[test]
    fn a_pin_is_never_shown() {
        let all = format!("{:?}", explained("00200080082412345FFFFFFFFF"));
        assert!(all.contains("the PIN") && !all.contains("1234"), "{all}");
    }

    #[test]
    fn a_load_script_says_what_it_writes() {
        let found = explained("04DA9F790A000000012345AABBCCDD");
        let data = &found.children[4];
        assert_eq!(data.children[0].tag, Some(tag::EC_BALANCE));
        assert_eq!((data.children[1].hex.as_str(), data.children[1].offset), ("AABBCCDD", 11));
    }

    #[test]
    fn an_account_number_that_is_written_stays_hidden() {
        let octets = hex::decode("80DA005A086210948000000011").unwrap();
        let input = crate::Input::one(&octets);
        let explained = crate::explain(crate::Kind::Apdu, input, &crate::Context::default());
        let all = format!("{explained:?}");
        assert!(all.contains("621094******0011") && !all.contains("6210948000000011"), "{all}");
    }

    #[test]
    fn classes_are_taken_apart() {
        assert_eq!(class(0x8C), ["proprietary", "secure messaging, header authenticated"]);
        assert_eq!(class(0x12), ["interindustry", "not the last command of a chain", "logical channel 2"]);
        assert_eq!(class(0x41), ["interindustry", "logical channel 5"]);
    }
}

//! The specs of the core are those that `iso8583-messages.json` describes, its errors stand where the peer saw them, and
//! the lengths of `iso8583-framing.json` are those of its messages.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tapcard_iso8583::spec::{Coding, FieldSpec, Pad, Prefix, Size, Written};
use tapcard_iso8583::{Element, Message, Spec, specs};

fn load(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A field as the file would describe it.
fn described(field: &FieldSpec) -> Value {
    let octets = matches!(field.coding, Coding::Octets | Coding::PackedDigits(_) | Coding::PackedTrack(_));
    let (len_enc, len_type) = match field.size {
        Size::Fixed(_) => ("ascii", 0),
        Size::Variable { prefix: Prefix::Ascii(count), .. } => ("ascii", count),
        Size::Variable { prefix: Prefix::Bcd(count), .. } => ("bcd", count),
        Size::Variable { prefix: Prefix::Binary(_), .. } => panic!("the file knows no binary length"),
    };
    let mut row = json!({"data_enc": if octets { "b" } else { "ascii" }, "len_enc": len_enc, "len_type": len_type,
        "max_len": field.max()});
    if let Coding::PackedDigits(pad) | Coding::PackedTrack(pad) = field.coding {
        row["len_count"] = json!("nibbles");
        // A pad is described where a length can be odd.
        if matches!(field.size, Size::Variable { .. }) || field.max() % 2 == 1 {
            row[if pad == Pad::LeftZero { "left_pad" } else { "right_pad" }] = json!("0");
        }
    }
    row
}

fn frame(spec: &Spec<'_>) -> [(&'static str, Value); 4] {
    let fixed = |octets: bool, length: usize| json!({"data_enc": if octets { "b" } else { "ascii" }, "len_enc": "ascii", "len_type": 0, "max_len": length});
    let header = spec.header.octet_count();
    let packed = spec.mti == Written::Packed;
    let bitmap = spec.bitmap == Written::Packed;
    let bitmap = fixed(bitmap, if bitmap { 8 } else { 16 });
    let mti = fixed(packed, if packed { 2 } else { 4 });
    [("h", fixed(header > 0, header)), ("t", mti), ("p", bitmap.clone()), ("1", bitmap)]
}

#[test]
fn the_specs_are_those_of_the_file() {
    let file = load("iso8583-messages.json");
    for (name, described_spec) in file["specs"].as_object().unwrap() {
        let spec = specs::by_name(name).unwrap();
        let rows: BTreeMap<_, _> =
            described_spec.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        let fields = spec.fields.iter().map(|field| (field.number.to_string(), described(field)));
        let frame = frame(spec).into_iter().map(|(name, row)| (name.to_owned(), row));
        let own: BTreeMap<_, _> = fields.chain(frame).collect();
        assert_eq!(own, rows, "{name}");
    }
}

#[test]
fn errors_stand_where_the_peer_saw_them() {
    let file = load("iso8583-messages.json");
    for case in file["invalid"].as_array().unwrap() {
        let octets = hex::decode(case["hex"].as_str().unwrap()).unwrap();
        let spec = specs::by_name(case["spec"].as_str().unwrap()).unwrap();
        let error = Message::decode(spec, &octets).unwrap_err();
        let element = match case["peer_field"].as_str().unwrap() {
            "h" => Element::Header,
            "t" => Element::Mti,
            "p" => Element::PrimaryBitmap,
            "1" => Element::SecondaryBitmap,
            number => Element::Field(number.parse().unwrap()),
        };
        assert_eq!(error.element, element, "{}", case["id"]);
        // The peer points at the bitmap, we at the digit in it that is none.
        let inside = if case["error"] == "not-hexadecimal" { 15 } else { 0 };
        assert_eq!(json!(error.offset - inside), case["peer_pos"], "{}: {error}", case["id"]);
    }
}

/// Spec `host` has every field that `binbitmap` has, written the same way and at least as long.
#[test]
fn the_host_understands_every_message_of_binbitmap() {
    let file = load("iso8583-messages.json");
    let mut count = 0;
    for case in file["vectors"].as_array().unwrap().iter().filter(|case| case["spec"] == "binbitmap") {
        let octets = hex::decode(case["hex"].as_str().unwrap()).unwrap();
        let message = Message::decode(&specs::HOST, &octets).unwrap();
        assert!(message.fields().count() > 0);
        count += 1;
    }
    assert_eq!(count, 34);
}

#[test]
fn the_framed_lengths_are_those_of_the_messages() {
    let messages = load("iso8583-messages.json");
    let by_id: BTreeMap<_, _> = messages["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["id"].as_str().unwrap(), case["hex"].as_str().unwrap().len() / 2))
        .collect();
    for case in load("iso8583-framing.json")["frames"].as_array().unwrap() {
        let length = by_id.get(case["message_id"].as_str().unwrap()).unwrap();
        assert_eq!(json!(length), case["length"], "{}", case["id"]);
    }
}

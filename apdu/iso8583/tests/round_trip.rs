//! Any fields by any spec: what is written is read, in any order of writing, by any length prefix of the language.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use proptest::prelude::*;
use tapcard_iso8583::spec::{Coding, FieldSpec, Header, Pad, Prefix, Size, Spec, Written};
use tapcard_iso8583::{EncodeErrorKind, Message, MessageWriter, Mti, specs};

fn coding() -> impl Strategy<Value = Coding> {
    let pad = prop::sample::select(vec![Pad::LeftZero, Pad::RightZero, Pad::RightF]);
    pad.prop_flat_map(|pad| {
        prop::sample::select(vec![
            Coding::Text,
            Coding::Digits,
            Coding::SignedDigits,
            Coding::Track,
            Coding::PackedDigits(pad),
            Coding::PackedTrack(pad),
            Coding::Hex,
            Coding::Octets,
        ])
    })
}

fn size() -> impl Strategy<Value = Size> {
    let prefix = prop::sample::select(vec![
        Prefix::Ascii(2),
        Prefix::Ascii(3),
        Prefix::Bcd(1),
        Prefix::Bcd(2),
        Prefix::Binary(1),
    ]);
    prop_oneof![
        (0_u16..20).prop_map(|half| Size::Fixed(2 * half)),
        (prefix, 1_u16..60).prop_map(|(prefix, max)| Size::Variable { prefix, max }),
    ]
}

/// A value that the field takes, as text.
fn value(field: &FieldSpec) -> BoxedStrategy<String> {
    let length = match field.size {
        Size::Fixed(length) => usize::from(length)..=usize::from(length),
        Size::Variable { max, .. } => 0..=usize::from(max),
    };
    let (low, high) = (*length.start(), *length.end());
    let pattern = match field.coding {
        Coding::Text => format!("[ -~]{{{low},{high}}}"),
        Coding::Digits | Coding::PackedDigits(_) => format!("[0-9]{{{low},{high}}}"),
        Coding::SignedDigits if high == 0 => String::new(),
        Coding::SignedDigits => format!("[CD][0-9]{{{},{}}}", low.saturating_sub(1), high - 1),
        Coding::Track => format!("[0-9D=]{{{low},{high}}}"),
        Coding::PackedTrack(_) => format!("[0-9D]{{{low},{high}}}"),
        Coding::Hex => format!("([0-9A-F][0-9A-F]){{{},{}}}", low / 2, high / 2),
        Coding::Octets => format!("([0-9A-F][0-9A-F]){{{low},{high}}}"),
    };
    pattern.prop_map_boxed()
}

/// Strings of a pattern that is made at run time.
trait Pattern {
    fn prop_map_boxed(self) -> BoxedStrategy<String>;
}

impl Pattern for String {
    fn prop_map_boxed(self) -> BoxedStrategy<String> {
        proptest::string::string_regex(&self).unwrap().boxed()
    }
}

/// Fields with a value each, in rising order.
fn fields() -> impl Strategy<Value = Vec<(FieldSpec, String)>> {
    let numbers = prop::collection::btree_set((2_u8..=128).prop_filter("a bitmap", |number| *number != 65), 0..12);
    numbers.prop_flat_map(|numbers| {
        numbers
            .into_iter()
            .map(|number| {
                (coding(), size()).prop_flat_map(move |(coding, size)| {
                    let field = FieldSpec { number, coding, size };
                    value(&field).prop_map(move |value| (field, value))
                })
            })
            .collect::<Vec<_>>()
    })
}

fn frame() -> impl Strategy<Value = (Header, Written, Written)> {
    let written = || prop::sample::select(vec![Written::Text, Written::Packed]);
    (prop::sample::select(vec![Header::None, Header::Opaque(3), Header::Tpdu(6)]), written(), written())
}

fn write(spec: &Spec<'_>, fields: &[(FieldSpec, String)], out: &mut [u8]) -> Result<usize, EncodeErrorKind> {
    let header = [0x60; 11];
    let header = header.get(..spec.header.octet_count()).unwrap();
    let mut writer = MessageWriter::new(spec, header, Mti::FINANCIAL_REQUEST, out).map_err(|error| error.kind)?;
    for (field, value) in fields {
        writer.text(field.number, value).map_err(|error| error.kind)?;
    }
    Ok(writer.finish())
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_any_order(fields in fields(), (header, mti, bitmap) in frame(), seed: u64) {
        let table: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
        let spec = Spec { header, mti, bitmap, fields: &table };
        prop_assert_eq!(spec.check(), Ok(()));
        let mut buffer = vec![0xAA; 4096];
        let length = write(&spec, &fields, &mut buffer).unwrap();
        let message = Message::decode(&spec, &buffer[..length]).unwrap();
        let read: Vec<_> = message
            .fields()
            .map(|field| (*field.spec(), field.chars().map(char::from).collect::<String>()))
            .collect();
        prop_assert_eq!(&read, &fields);
        prop_assert_eq!(message.bitmap().contains(1), fields.iter().any(|(field, _)| field.number > 64));
        // Some other order.
        let mut mixed = fields.clone();
        mixed.sort_by_key(|(field, _)| u64::from(field.number).wrapping_mul(seed | 1).rotate_left(17));
        let mut other = vec![0x55; 4096];
        prop_assert_eq!(write(&spec, &mixed, &mut other), Ok(length));
        prop_assert_eq!(&other[..length], &buffer[..length]);
    }

    #[test]
    fn a_buffer_of_any_size_is_enough_or_said_to_be_too_small(fields in fields(), capacity in 0_usize..300) {
        let table: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
        let spec = Spec { header: Header::None, mti: Written::Text, bitmap: Written::Packed, fields: &table };
        let mut buffer = vec![0; 4096];
        let whole = write(&spec, &fields, &mut buffer).unwrap();
        match write(&spec, &fields, &mut vec![0; capacity]) {
            Ok(length) => prop_assert!(length == whole && whole <= capacity),
            Err(kind) => match kind {
                EncodeErrorKind::Capacity { needed, capacity: found } => {
                    prop_assert!(found == capacity && needed > capacity && needed <= whole);
                }
                other => prop_assert!(false, "{other}"),
            },
        }
    }

    #[test]
    fn every_part_of_a_message_is_truncated(fields in fields()) {
        let table: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
        let spec = Spec { header: Header::Opaque(2), mti: Written::Packed, bitmap: Written::Text, fields: &table };
        let mut buffer = vec![0; 4096];
        let length = write(&spec, &fields, &mut buffer).unwrap();
        for cut in 0..length {
            let error = Message::decode(&spec, &buffer[..cut]).unwrap_err();
            prop_assert_eq!(error.kind.name(), "truncated");
            prop_assert!(error.offset <= cut);
        }
    }

    #[test]
    fn what_is_read_is_written_the_same(octets: Vec<u8>, index in 0_usize..4, bits: [u8; 8]) {
        let (_, spec) = specs::ALL[index];
        // Noise hardly ever passes the frame, so half of it gets one.
        for octets in [octets.clone(), [&b"0200"[..], &bits, &octets].concat()] {
            if let Ok(message) = Message::decode(spec, &octets) {
                let mut buffer = vec![0; octets.len() + 32];
                let mut writer = MessageWriter::new(spec, message.header(), message.mti(), &mut buffer).unwrap();
                message.fields().for_each(|field| { writer.copy(&field).unwrap(); });
                let length = writer.finish();
                prop_assert_eq!(&buffer[..length], &octets[..]);
            }
            let _ = Message::decode_lenient(spec, &octets).map(|message| format!("{message} {message:?}"));
        }
    }

    #[test]
    fn a_message_changes_its_layout_and_comes_back(
        pan in "[1-9][0-9]{12,18}", amount in 0_u64..1_000_000_000_000, stan in 0_u64..1_000_000, chip in prop::collection::vec(any::<u8>(), 0..255),
    ) {
        let mut first = vec![0; 2048];
        let mut writer = MessageWriter::new(&specs::ASCII, &[], Mti::FINANCIAL_REQUEST, &mut first).unwrap();
        writer.text(2, &pan).unwrap().number(4, amount).unwrap().number(11, stan).unwrap().octets(55, &chip).unwrap();
        let length = writer.finish();
        let message = Message::decode(&specs::ASCII, &first[..length]).unwrap();
        let mut second = vec![0; 2048];
        let mut writer = MessageWriter::new(&specs::PACKED, &[0; 11], message.mti(), &mut second).unwrap();
        message.fields().for_each(|field| { writer.copy(&field).unwrap(); });
        let length = writer.finish();
        let packed = Message::decode(&specs::PACKED, &second[..length]).unwrap();
        prop_assert_eq!(packed.field(2).and_then(|field| field.pan()).map(|found| found.reveal().to_owned()), Some(pan));
        prop_assert_eq!(packed.field(4).and_then(|field| field.number_value()), Some(amount));
        prop_assert_eq!(packed.field(55).and_then(|field| field.as_octets()), Some(&chip[..]));
        prop_assert!(message.fields().zip(packed.fields()).all(|(a, b)| a.same_value(&b)));
    }
}

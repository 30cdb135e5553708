//! Messages that lie, and values that no message may hold: each has its exact error.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use tapcard_iso8583::spec::{Coding, FieldSpec, Header, Pad, Prefix, Spec, Written};
use tapcard_iso8583::{DecodeErrorKind, Element, EncodeErrorKind, MAX_MESSAGE, Message, MessageWriter, Mti, specs};

fn refused(spec: &'static Spec<'static>, octets: &[u8]) -> (DecodeErrorKind, Element, usize) {
    let error = Message::decode(spec, octets).unwrap_err();
    (error.kind, error.element, error.offset)
}

/// `binbitmap` with these bits and this behind them.
fn binary(bits: u64, rest: &[u8]) -> Vec<u8> {
    [b"0200", &bits.to_be_bytes()[..], rest].concat()
}

const BIT_2: u64 = 1 << 62;

#[test]
fn lying_lengths_are_refused() {
    for (rest, kind, offset) in [
        (&b"19123456789012345678"[..], DecodeErrorKind::Truncated { needed: 19, left: 18 }, 14),
        (b"20", DecodeErrorKind::TooLong { length: 20, max: 19 }, 12),
        (b"99", DecodeErrorKind::TooLong { length: 99, max: 19 }, 12),
        (b"1", DecodeErrorKind::Truncated { needed: 2, left: 1 }, 12),
        (b"-1", DecodeErrorKind::LengthNotNumeric, 12),
        (b"\xFF\xFF", DecodeErrorKind::LengthNotNumeric, 12),
        (b"0012", DecodeErrorKind::TrailingData { left: 2 }, 14),
        (b"0312A", DecodeErrorKind::NotNumeric, 16),
    ] {
        assert_eq!(refused(&specs::BINBITMAP, &binary(BIT_2, rest)), (kind, Element::Field(2), offset));
    }
    let packed = [&[0x60; 11][..], &[0x02, 0x00], &BIT_2.to_be_bytes()[..]].concat();
    for (rest, kind, offset) in [
        (&[0x20][..], DecodeErrorKind::TooLong { length: 20, max: 19 }, 21),
        (&[0x99, 0x00], DecodeErrorKind::TooLong { length: 99, max: 19 }, 21),
        (&[0x0F], DecodeErrorKind::LengthNotBcd, 21),
        (&[0x03, 0x12], DecodeErrorKind::Truncated { needed: 2, left: 1 }, 22),
        (&[0x03, 0x12, 0x34], DecodeErrorKind::BadPad, 23),
        (&[0x03, 0x12, 0xA0], DecodeErrorKind::NotNumeric, 23),
        (&[0x04, 0xD2, 0x34], DecodeErrorKind::NotNumeric, 22),
    ] {
        let octets = [&packed[..], rest].concat();
        assert_eq!(refused(&specs::PACKED, &octets), (kind, Element::Field(2), offset));
    }
}

#[test]
fn bitmaps_that_lie_are_refused() {
    let secondary = |bits: u64| binary(1 << 63, &bits.to_be_bytes());
    assert_eq!(
        refused(&specs::BINBITMAP, &secondary(0)),
        (DecodeErrorKind::BitmapConflict, Element::SecondaryBitmap, 12)
    );
    // Field 65 announces a third bitmap, which no spec here has.
    for spec in [&specs::BINBITMAP, &specs::HOST] {
        assert_eq!(refused(spec, &secondary(1 << 63)), (DecodeErrorKind::UnknownField, Element::Field(65), 20));
    }
    assert_eq!(refused(&specs::BINBITMAP, &secondary(1 << 62)).0, DecodeErrorKind::UnknownField);
    let all = refused(&specs::HOST, &secondary(u64::MAX));
    assert_eq!(all, (DecodeErrorKind::UnknownField, Element::Field(65), 20));
    let kind = DecodeErrorKind::Truncated { needed: 8, left: 7 };
    assert_eq!(refused(&specs::HOST, &secondary(1)[..19]), (kind, Element::SecondaryBitmap, 12));
    assert_eq!(
        refused(&specs::HOST, &binary(0, b"x")),
        (DecodeErrorKind::TrailingData { left: 1 }, Element::PrimaryBitmap, 12)
    );
    assert!(Message::decode(&specs::HOST, &binary(0, b"")).unwrap().bitmap().is_empty());
}

#[test]
fn every_single_bit_of_the_bitmaps_asks_for_what_is_not_there() {
    for number in 2..=128_u8 {
        let bits = 1_u128 << (128 - number) | if number > 64 { 1 << 127 } else { 0 };
        let octets = [b"0200", &bits.to_be_bytes()[..if number > 64 { 16 } else { 8 }]].concat();
        let error = Message::decode(&specs::HOST, &octets).unwrap_err();
        let expected = if number == 65 { "unknown-field" } else { "truncated" };
        assert_eq!((error.kind.name(), error.element), (expected, Element::Field(number)));
    }
}

#[test]
fn the_frame_is_checked() {
    let kind = DecodeErrorKind::NotNumeric;
    assert_eq!(refused(&specs::HOST, b"02A0\0\0\0\0\0\0\0\0"), (kind, Element::Mti, 0));
    let packed = [&[0x60; 11][..], &[0x0A, 0x00], &[0; 8]].concat();
    assert_eq!(refused(&specs::PACKED, &packed), (kind, Element::Mti, 11));
    let kind = DecodeErrorKind::NotHexadecimal;
    assert_eq!(refused(&specs::ASCII, b"02000000000000000a00"), (kind, Element::PrimaryBitmap, 17));
    let kind = DecodeErrorKind::TooLong { length: MAX_MESSAGE + 1, max: MAX_MESSAGE };
    assert_eq!(refused(&specs::HOST, &vec![b'0'; MAX_MESSAGE + 1]), (kind, Element::Message, 0));
}

#[test]
fn leniency_has_its_limits() {
    let lower = b"0200000000000000020000a";
    assert!(Message::decode_lenient(&specs::ASCII, lower).is_err());
    let field_52 = b"0200000000000000100007131d8c6751f082";
    assert_eq!(refused(&specs::ASCII, field_52), (DecodeErrorKind::NotHexadecimal, Element::Field(52), 25));
    let message = Message::decode_lenient(&specs::ASCII, field_52).unwrap();
    assert_eq!(message.field(52).unwrap().octets().nth(2), Some(0x1D));
    let empty = binary(1 << 63, &[0; 8]);
    assert!(Message::decode_lenient(&specs::HOST, &empty).unwrap().bitmap().contains(1));
    let packed = [&[0x60; 11][..], &[0x02, 0x00], &BIT_2.to_be_bytes()[..]].concat();
    let padded = [&packed[..], &[0x03, 0x12, 0x3F]].concat();
    let message = Message::decode_lenient(&specs::PACKED, &padded).unwrap();
    assert!(message.field(2).unwrap().is(b"123"));
    let broken = [&packed[..], &[0x03, 0x12, 0xF3]].concat();
    assert_eq!(Message::decode_lenient(&specs::PACKED, &broken).unwrap_err().kind, DecodeErrorKind::NotNumeric);
}

#[test]
fn an_odd_number_of_hexadecimal_digits_is_refused() {
    let octets = b"02000000000000000200003ABC";
    assert_eq!(refused(&specs::ASCII, octets), (DecodeErrorKind::OddHexadecimal, Element::Field(55), 23));
}

#[test]
fn signed_amounts_need_their_sign() {
    let bits = 1 << (64 - 28);
    let read =
        |value: &[u8]| Message::decode(&specs::HOST, &binary(bits, value)).map(|_| ()).map_err(|error| error.kind);
    assert_eq!(read(b"D00000125"), Ok(()));
    assert_eq!(read(b"000000125"), Err(DecodeErrorKind::NotNumeric));
    assert_eq!(read(b"CD0000125"), Err(DecodeErrorKind::NotNumeric));
}

#[test]
fn binary_lengths_are_read_and_bounded() {
    let fields = [FieldSpec::variable(2, Coding::PackedDigits(Pad::RightF), Prefix::Binary(1), 19)];
    let spec = Spec { header: Header::None, mti: Written::Text, bitmap: Written::Packed, fields: &fields };
    let octets = binary(BIT_2, &[3, 0x12, 0x3F]);
    assert_eq!(Message::decode(&spec, &octets).unwrap().field(2).unwrap().number_value(), Some(123));
    let octets = binary(BIT_2, &[0xFF]);
    let kind = DecodeErrorKind::TooLong { length: 255, max: 19 };
    assert_eq!(Message::decode(&spec, &octets).unwrap_err().kind, kind);
}

/// A table that nobody checked: its messages are refused, nothing panics.
#[test]
fn a_table_out_of_order_is_harmless() {
    let fields = [
        FieldSpec::fixed(11, Coding::Digits, 6),
        FieldSpec::variable(2, Coding::Digits, Prefix::Ascii(255), 19),
        FieldSpec::fixed(0, Coding::Hex, 7),
        FieldSpec::fixed(255, Coding::Text, u16::MAX),
    ];
    let spec = Spec { header: Header::Opaque(255), mti: Written::Text, bitmap: Written::Text, fields: &fields };
    for octets in [vec![b'0'; 300], vec![b'F'; 300], vec![b'3'; 600]] {
        assert!(Message::decode(&spec, &octets).is_err());
    }
    let mut buffer = [0; 600];
    let mut writer = MessageWriter::new(&spec, &[0; 255], Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
    for number in [0, 1, 2, 11, 65, 128, 255] {
        let _ = writer.text(number, "1").map(|_| ());
        let _ = writer.octets(number, &[1]).map(|_| ());
        let _ = writer.number(number, u64::MAX).map(|_| ());
    }
    assert!(writer.finish() <= 600);
}

#[test]
fn values_that_a_spec_refuses_are_not_written() {
    let mut buffer = [0; 64];
    let mut writer = MessageWriter::new(&specs::HOST, &[], Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
    writer.text(3, "000000").unwrap();
    let long = "1".repeat(20);
    for (number, text, kind) in [
        (2, long.as_str(), EncodeErrorKind::TooLong { length: 20, max: 19 }),
        (2, "12A", EncodeErrorKind::NotNumeric),
        (3, "000000", EncodeErrorKind::Duplicate),
        (4, "1", EncodeErrorKind::WrongLength { length: 1, expected: 12 }),
        (28, "000000000", EncodeErrorKind::NotNumeric),
        (35, "123F", EncodeErrorKind::NotNumeric),
        (52, "1234", EncodeErrorKind::WrongLength { length: 2, expected: 8 }),
        (52, "123", EncodeErrorKind::NotHexadecimal),
        (55, "9F3X", EncodeErrorKind::NotHexadecimal),
        (0, "", EncodeErrorKind::UnknownField),
        (1, "", EncodeErrorKind::UnknownField),
        (65, "", EncodeErrorKind::UnknownField),
        (129, "", EncodeErrorKind::UnknownField),
        (48, &"x".repeat(50), EncodeErrorKind::Capacity { needed: 71, capacity: 64 }),
        (104, &"x".repeat(40), EncodeErrorKind::Capacity { needed: 69, capacity: 64 }),
    ] {
        let error = writer.text(number, text).map(|_| ()).unwrap_err();
        assert_eq!((error.kind, error.element), (kind, Element::Field(number)), "{number} {text}");
    }
    let error = writer.octets(11, &[1, 2, 3]).map(|_| ()).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::NotOctets);
    let error = writer.number(11, 1_000_000).map(|_| ()).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::WrongLength { length: 7, expected: 6 });
    assert_eq!(writer.finish(), 18);
    assert_eq!(buffer[..18], *b"0200\x20\0\0\0\0\0\0\x00000000");
}

/// Found by a property: an empty field at the end has to move too.
#[test]
fn a_field_before_an_empty_one_keeps_the_order() {
    let fields = [
        FieldSpec::fixed(2, Coding::Text, 2),
        FieldSpec::fixed(3, Coding::Text, 2),
        FieldSpec::fixed(4, Coding::Text, 0),
    ];
    let spec = Spec { header: Header::None, mti: Written::Text, bitmap: Written::Packed, fields: &fields };
    let mut buffer = [0; 32];
    let mut writer = MessageWriter::new(&spec, &[], Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
    writer.text(4, "").unwrap().text(2, "22").unwrap().text(3, "33").unwrap();
    let length = writer.finish();
    assert_eq!(buffer.get(12..length), Some(&b"2233"[..]));
}

#[test]
fn a_writer_says_what_its_frame_needs() {
    let new = |header: &[u8], room: usize| {
        let mut buffer = vec![0; room];
        let error = MessageWriter::new(&specs::PACKED, header, Mti::FINANCIAL_REQUEST, &mut buffer).map(|_| ());
        error.map_err(|error| (error.kind, error.element))
    };
    let kind = EncodeErrorKind::WrongLength { length: 0, expected: 11 };
    assert_eq!(new(&[], 99), Err((kind, Element::Header)));
    let kind = EncodeErrorKind::Capacity { needed: 21, capacity: 20 };
    assert_eq!(new(&[0; 11], 20), Err((kind, Element::PrimaryBitmap)));
    assert_eq!(new(&[0; 11], 21), Ok(()));
}

#[test]
fn numbers_and_spaces_fill_fixed_fields() {
    let mut buffer = [0; 99];
    let mut writer = MessageWriter::new(&specs::HOST, &[], Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
    writer
        .number(32, 0)
        .unwrap()
        .number(4, 8917)
        .unwrap()
        .padded(41, "T1")
        .unwrap()
        .padded(42, "123456789012345")
        .unwrap();
    assert_eq!(writer.padded(43, "x".repeat(41)).map(|_| ()).unwrap_err().element, Element::Field(43));
    let length = writer.finish();
    let message = Message::decode(&specs::HOST, &buffer[..length]).unwrap();
    let text = |number| message.field(number).unwrap().as_text().unwrap();
    assert_eq!((text(4), text(32), text(41), text(42)), ("000000008917", "0", "T1      ", "123456789012345"));
}

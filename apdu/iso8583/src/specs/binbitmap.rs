//! Spec `binbitmap`: digits and text in ASCII, bitmaps and octets as they are; the fields of `vectors/iso8583-messages.json`.

use crate::spec::{Coding, FieldSpec, Header, Prefix, Spec, Written};

const DIGITS: Coding = Coding::Digits;
const OCTETS: Coding = Coding::Octets;
const TEXT: Coding = Coding::Text;
const TRACK: Coding = Coding::Track;

const fn fixed(number: u8, coding: Coding, length: u16) -> FieldSpec {
    FieldSpec::fixed(number, coding, length)
}

const fn variable(number: u8, coding: Coding, prefix: Prefix, max: u16) -> FieldSpec {
    FieldSpec::variable(number, coding, prefix, max)
}

/// Spec `binbitmap`: digits and text in ASCII, bitmaps and octets as they are.
pub static BINBITMAP: Spec<'static> =
    Spec { header: Header::None, mti: Written::Text, bitmap: Written::Packed, fields: &FIELDS };

static FIELDS: [FieldSpec; 29] = [
    variable(2, DIGITS, Prefix::Ascii(2), 19),
    fixed(3, DIGITS, 6),
    fixed(4, DIGITS, 12),
    fixed(7, DIGITS, 10),
    fixed(11, DIGITS, 6),
    fixed(12, DIGITS, 6),
    fixed(13, DIGITS, 4),
    fixed(14, DIGITS, 4),
    fixed(22, DIGITS, 3),
    fixed(23, DIGITS, 3),
    fixed(25, DIGITS, 2),
    variable(32, DIGITS, Prefix::Ascii(2), 11),
    variable(35, TRACK, Prefix::Ascii(2), 37),
    fixed(37, TEXT, 12),
    fixed(38, TEXT, 6),
    fixed(39, TEXT, 2),
    fixed(41, TEXT, 8),
    fixed(42, TEXT, 15),
    variable(48, TEXT, Prefix::Ascii(3), 999),
    fixed(49, TEXT, 3),
    fixed(52, OCTETS, 8),
    variable(54, TEXT, Prefix::Ascii(3), 240),
    variable(55, OCTETS, Prefix::Ascii(3), 255),
    variable(60, TEXT, Prefix::Ascii(3), 999),
    fixed(64, OCTETS, 8),
    fixed(70, DIGITS, 3),
    fixed(90, DIGITS, 42),
    variable(102, TEXT, Prefix::Ascii(2), 28),
    fixed(128, OCTETS, 8),
];

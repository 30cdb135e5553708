//! Spec `packed`: two digits an octet behind a TPDU, as point-of-sale networks have it; the fields of `vectors/iso8583-messages.json`.
//!
//! On which side a digit is padded is a choice of the vectors; networks differ.

use crate::spec::{Coding, FieldSpec, Header, Pad, Prefix, Spec, Written};

const DIGITS_LEFT: Coding = Coding::PackedDigits(Pad::LeftZero);
const DIGITS_RIGHT: Coding = Coding::PackedDigits(Pad::RightZero);
const OCTETS: Coding = Coding::Octets;
const TEXT: Coding = Coding::Text;
const TRACK: Coding = Coding::PackedTrack(Pad::RightZero);

const fn fixed(number: u8, coding: Coding, length: u16) -> FieldSpec {
    FieldSpec::fixed(number, coding, length)
}

const fn variable(number: u8, coding: Coding, prefix: Prefix, max: u16) -> FieldSpec {
    FieldSpec::variable(number, coding, prefix, max)
}

/// Spec `packed`: two digits an octet behind a TPDU, as point-of-sale networks have it.
pub static PACKED: Spec<'static> =
    Spec { header: Header::Tpdu(6), mti: Written::Packed, bitmap: Written::Packed, fields: &FIELDS };

static FIELDS: [FieldSpec; 28] = [
    variable(2, DIGITS_RIGHT, Prefix::Bcd(1), 19),
    fixed(3, DIGITS_RIGHT, 6),
    fixed(4, DIGITS_RIGHT, 12),
    fixed(7, DIGITS_RIGHT, 10),
    fixed(11, DIGITS_RIGHT, 6),
    fixed(12, DIGITS_RIGHT, 6),
    fixed(13, DIGITS_RIGHT, 4),
    fixed(14, DIGITS_RIGHT, 4),
    fixed(22, DIGITS_RIGHT, 3),
    fixed(23, DIGITS_LEFT, 3),
    fixed(25, DIGITS_RIGHT, 2),
    variable(32, DIGITS_RIGHT, Prefix::Bcd(1), 11),
    variable(35, TRACK, Prefix::Bcd(1), 37),
    fixed(37, TEXT, 12),
    fixed(38, TEXT, 6),
    fixed(39, TEXT, 2),
    fixed(41, TEXT, 8),
    fixed(42, TEXT, 15),
    variable(48, DIGITS_RIGHT, Prefix::Bcd(2), 322),
    fixed(49, TEXT, 3),
    fixed(52, OCTETS, 8),
    variable(54, TEXT, Prefix::Bcd(2), 20),
    variable(55, OCTETS, Prefix::Bcd(2), 255),
    variable(60, DIGITS_RIGHT, Prefix::Bcd(2), 17),
    variable(63, TEXT, Prefix::Bcd(2), 163),
    fixed(64, OCTETS, 8),
    fixed(90, DIGITS_RIGHT, 42),
    fixed(128, OCTETS, 8),
];

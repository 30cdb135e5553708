//! Status words. What a value means does not stand in the vectors: it is ISO/IEC 7816-4:2005, 5.1.3, tables 5 and 6, written
//! down here a second time, as rows of a table, for every answer of the transcripts and for all values there are.

use core::ops::RangeInclusive;

use tapcard_iso7816::{Meaning, StatusWord};

/// What is expected of a range of values; the octet or digit that counts is SW2.
#[derive(Clone, Copy)]
enum Row {
    Done,
    MoreData,
    WrongLe,
    TriesLeft,
    Warning,
    ExecutionError,
    CheckingError,
    Unassigned,
}

/// By SW1-SW2 in ascending order, without gaps.
const TABLE: &[(RangeInclusive<u16>, Row)] = &[
    (0x0000..=0x60FF, Row::Unassigned),
    (0x6100..=0x61FF, Row::MoreData),
    (0x6200..=0x62FF, Row::Warning),
    (0x6300..=0x63BF, Row::Warning),
    (0x63C0..=0x63CF, Row::TriesLeft),
    (0x63D0..=0x63FF, Row::Warning),
    (0x6400..=0x66FF, Row::ExecutionError),
    (0x6700..=0x6BFF, Row::CheckingError),
    (0x6C00..=0x6CFF, Row::WrongLe),
    (0x6D00..=0x6FFF, Row::CheckingError),
    (0x7000..=0x8FFF, Row::Unassigned),
    (0x9000..=0x9000, Row::Done),
    (0x9001..=0xFFFF, Row::Unassigned),
];

/// Whether the core sorts a value as the tables do.
pub(crate) fn means_what_the_tables_say(sw: StatusWord) -> bool {
    let Some((_, row)) = TABLE.iter().find(|(range, _)| range.contains(&sw.get())) else { return false };
    let [_, sw2] = sw.get().to_be_bytes();
    let expected = match row {
        Row::Done => Meaning::Done,
        Row::MoreData => Meaning::MoreData { left: sw2 },
        Row::WrongLe => Meaning::WrongLe { exact: sw2 },
        Row::TriesLeft => Meaning::TriesLeft(sw2 % 16),
        Row::Warning => Meaning::Warning,
        Row::ExecutionError => Meaning::ExecutionError,
        Row::CheckingError => Meaning::CheckingError,
        Row::Unassigned => Meaning::Unassigned,
    };
    sw.meaning() == expected
}

/// How many of all 65,536 values the core sorts otherwise.
pub(crate) fn differing_values() -> usize {
    (0..=u16::MAX).filter(|value| !means_what_the_tables_say(StatusWord::new(*value))).count()
}

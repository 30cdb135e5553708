//! Data of a fixed layout, field by field: what purses send and answer (JR/T 0025 for electronic purses).

use tapcard_emv::Date;

use crate::field::Field;
use crate::node::Node;
use crate::value::amounts;

/// The currency of every purse of this family: yuan.
const CNY: u16 = 156;

/// How a field is coded.
#[derive(Clone, Copy)]
pub(super) enum Coding {
    /// As it stands.
    Hex,
    /// A binary number.
    Number,
    /// An amount in fen, binary; the top bit is a sign that cards use for other things.
    Fen,
    /// YYYYMMDD in four octets.
    Date,
    /// HHMMSS in three octets.
    Time,
}

/// Name, octets and coding of each field.
pub(super) type Layout = [(&'static str, usize, Coding)];

pub(super) const INITIALIZE: &Layout =
    &[("key index", 1, Coding::Number), ("amount", 4, Coding::Fen), ("terminal", 6, Coding::Hex)];
pub(super) const CREDIT_FOR_LOAD: &Layout =
    &[("date", 4, Coding::Date), ("time", 3, Coding::Time), ("MAC2", 4, Coding::Hex)];
pub(super) const DEBIT: &Layout = &[
    ("terminal counter", 4, Coding::Number),
    ("date", 4, Coding::Date),
    ("time", 3, Coding::Time),
    ("MAC1", 4, Coding::Hex),
];
pub(super) const PROVE: &Layout = &[("transaction counter", 2, Coding::Number)];

pub(super) const BALANCE: &Layout = &[("balance", 4, Coding::Fen)];
pub(super) const LOAD_INITIALIZED: &Layout = &[
    ("balance", 4, Coding::Fen),
    ("online counter", 2, Coding::Number),
    ("key version", 1, Coding::Number),
    ("algorithm", 1, Coding::Hex),
    ("random", 4, Coding::Hex),
    ("MAC1", 4, Coding::Hex),
];
pub(super) const PURCHASE_INITIALIZED: &Layout = &[
    ("balance", 4, Coding::Fen),
    ("offline counter", 2, Coding::Number),
    ("overdraft limit", 3, Coding::Number),
    ("key version", 1, Coding::Number),
    ("algorithm", 1, Coding::Hex),
    ("random", 4, Coding::Hex),
];
pub(super) const LOADED: &Layout = &[("TAC", 4, Coding::Hex)];
pub(super) const DEBITED: &Layout = &[("TAC", 4, Coding::Hex), ("MAC2", 4, Coding::Hex)];
pub(super) const PROVED: &Layout = &[("MAC", 4, Coding::Hex), ("TAC", 4, Coding::Hex)];
/// EMV Contactless C-2: the answer to EXCHANGE RELAY RESISTANCE DATA, in 100 microseconds.
pub(super) const RELAY: &Layout = &[
    ("device entropy", 4, Coding::Hex),
    ("shortest time, in 100 µs", 2, Coding::Number),
    ("longest time, in 100 µs", 2, Coding::Number),
    ("transmission time of the answer, in 100 µs", 2, Coding::Number),
];

/// The fields as far as there are octets for them; octets behind the last are a part of their own.
pub(super) fn parts(field: Field<'_>, layout: &Layout) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut rest = field;
    for (name, length, coding) in layout {
        let (place, behind) = rest.split(*length);
        if place.len() < *length {
            break;
        }
        parts.push(place.node(*name).value(value(place, *coding)));
        rest = behind;
    }
    if rest.len() > 0 {
        parts.push(rest.plain("further data"));
    }
    parts
}

fn value(field: Field<'_>, coding: Coding) -> String {
    let number = || field.octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    let text = match coding {
        _ if field.hides() => None,
        Coding::Hex => None,
        Coding::Number => Some(number().to_string()),
        Coding::Fen => Some(amounts::text(number() & 0x7FFF_FFFF, Some(CNY))),
        Coding::Date => date(field.octets),
        Coding::Time => tapcard_emv::Time::from_hhmmss(field.octets).ok().map(|time| time.to_string()),
    };
    text.unwrap_or_else(|| field.hex.to_owned())
}

/// The century is written, so two-digit rules do not apply.
fn date(octets: &[u8]) -> Option<String> {
    let [century, rest @ ..] = octets else { return None };
    let date = Date::from_yymmdd(rest).ok()?.to_string();
    Some(format!("{century:02X}{}", date.get(2..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn lines(value: &str, layout: &Layout) -> Vec<String> {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        shown.field(&octets).node("").children(parts(shown.field(&octets), layout)).summary()
    }

    #[test]
    fn fields_are_shown_by_their_coding() {
        let found = lines("01800003E8112233445566", INITIALIZE);
        assert_eq!(found, ["key index: 1", "amount: 10.00 CNY", "terminal: 112233445566"]);
        let found = lines("20180305201033AABBCCDDEE", CREDIT_FOR_LOAD);
        assert_eq!(found, ["date: 2018-03-05", "time: 20:10:33", "MAC2: AABBCCDD", "further data: EE"]);
        assert_eq!(lines("20181305201066AABBCCDD", CREDIT_FOR_LOAD)[..2], ["date: 20181305", "time: 201066"]);
    }

    #[test]
    fn a_field_that_is_cut_off_is_further_data() {
        assert_eq!(lines("0000", BALANCE), ["further data: 0000"]);
        assert!(lines("", BALANCE).is_empty());
    }
}

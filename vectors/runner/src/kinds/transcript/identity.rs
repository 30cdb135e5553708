//! Members that say whose card it is.

use serde_json::{Value, json};
use tapcard_emv::{Date, Track1, tag};
use tapcard_iso7816::Tag;
use tapcard_report::text::decode_text;

use super::evidence::Evidence;
use super::judge::Judge;

/// Text of every occurrence of an object.
fn texts(evidence: &Evidence, tag: Tag) -> Vec<Value> {
    evidence.values(tag).into_iter().map(|value| json!(decode_text(value, None))).collect()
}

pub(super) fn text(judge: &mut Judge<'_>, member: &str, expected: &Value, tag: Tag) {
    judge.one_of(member, expected, texts(judge.evidence, tag));
}

pub(super) fn octets(judge: &mut Judge<'_>, member: &str, expected: &Value, tag: Tag) {
    judge.one_of(member, expected, judge.evidence.octets(tag));
}

pub(super) fn pan(judge: &mut Judge<'_>, expected: &Value) {
    let pans = judge.evidence.applications().iter().filter_map(|application| application.pan.as_ref());
    let pans = pans.map(|pan| json!(pan.reveal()));
    // The account number of a card with no other account.
    let serials = judge.evidence.purses().filter_map(|purse| purse.serial.as_ref()).map(|serial| json!(serial));
    judge.one_of("pan", expected, pans.chain(serials));
}

pub(super) fn cardholder(judge: &mut Judge<'_>, expected: &Value) {
    let names = judge.evidence.applications().iter().filter_map(|application| application.cardholder.as_ref());
    judge.one_of("cardholder", expected, names.map(|name| json!(name)));
}

/// Octets of 5F30, or the three digits of a track.
pub(super) fn service_code(judge: &mut Judge<'_>, expected: &Value) {
    let tracks = judge.evidence.applications().iter().filter_map(|application| application.service_code.as_ref());
    let found = judge.evidence.octets(tag::SERVICE_CODE).into_iter().chain(tracks.map(|code| json!(code)));
    judge.one_of("service_code", expected, found);
}

pub(super) fn track1_format(judge: &mut Judge<'_>, expected: &Value) {
    let first = |track: &[u8]| track.first().map(|format| json!(char::from(*format).to_string()));
    let found = judge.evidence.values(tag::TRACK1_DATA).into_iter().filter_map(first);
    judge.one_of("track1_format", expected, found);
}

pub(super) fn track1_pan(judge: &mut Judge<'_>, expected: &Value) {
    let pan = |track: &[u8]| Track1::parse(track).ok().map(|track| json!(track.pan().reveal()));
    let found = judge.evidence.values(tag::TRACK1_DATA).into_iter().filter_map(pan);
    judge.one_of("track1_pan", expected, found);
}

/// A pad F at the end has no meaning on either side.
pub(super) fn track2(judge: &mut Judge<'_>, expected: &Value) {
    let mut found = judge.evidence.octets(tag::TRACK2_EQUIVALENT_DATA);
    found.extend(judge.evidence.octets(tag::TRACK2_DATA));
    let bare = |value: &Value| value.as_str().map(|track| track.to_ascii_uppercase().trim_end_matches('F').to_owned());
    judge.one_by("track2", expected, found, |expected, found| bare(expected) == bare(found));
}

fn expiries<'e>(evidence: &'e Evidence) -> impl Iterator<Item = Date> + 'e {
    evidence.applications().iter().filter_map(|application| application.expiry)
}

pub(super) fn expiry(judge: &mut Judge<'_>, expected: &Value) {
    let purses = judge.evidence.purses().filter_map(|purse| purse.valid_to);
    let found = expiries(judge.evidence).chain(purses).map(|date| json!(date.to_string()));
    judge.one_by("expiry", expected, found, same_day);
}

pub(super) fn effective(judge: &mut Judge<'_>, expected: &Value) {
    let dates = judge.evidence.applications().iter().filter_map(|application| application.effective);
    judge.one_by("effective", expected, dates.map(|date| json!(date.to_string())), same_day);
}

pub(super) fn expiry_yymm(judge: &mut Judge<'_>, expected: &Value) {
    let yymm = |date: Date| json!(format!("{:02}{:02}", date.year() % 100, date.month()));
    judge.one_of("expiry_yymm", expected, expiries(judge.evidence).map(yymm));
}

/// Length of `YYYY-MM`.
const MONTH: usize = 7;
/// Length of `YYYY-MM-DD`.
const DAY: usize = 10;

/// `YYYY-MM` of both is equal, and the day where both have one.
fn same_day(expected: &Value, found: &Value) -> bool {
    let (Some(expected), Some(found)) = (expected.as_str(), found.as_str()) else { return false };
    let length = expected.len().min(found.len());
    let whole = matches!(expected.len(), MONTH | DAY) && length >= MONTH;
    whole && expected.get(..length) == found.get(..length)
}

/// Without case: the scheme of an AID, or of the first digits of the PAN. National schemes share cards with the
/// international one that their PAN belongs to, and the origins name either.
pub(super) fn scheme(judge: &mut Judge<'_>, expected: &Value) {
    let applications = judge.evidence.applications();
    let by_name = applications.iter().filter_map(|application| application.scheme);
    let by_number = applications.iter().filter_map(|application| by_first_digits(application.pan.as_ref()?.reveal()));
    // A purse has a name of its own beside the scheme of the card that carries it.
    let purses = judge.evidence.purses().map(|purse| purse.kind.code());
    let found = by_name.chain(by_number).chain(purses).map(|scheme| json!(scheme));
    let lower = |value: &Value| value.as_str().map(str::to_ascii_lowercase);
    judge.one_by("scheme", expected, found, |expected, found| lower(expected) == lower(found));
}

/// Major industry identifiers of ISO/IEC 7812-1 as the international schemes use them.
fn by_first_digits(pan: &str) -> Option<&'static str> {
    match pan.get(..2)? {
        "34" | "37" => Some("American Express"),
        "62" => Some("UnionPay"),
        "51" | "52" | "53" | "54" | "55" => Some("Mastercard"),
        other if other.starts_with('4') => Some("Visa"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_only_where_both_sides_have_one() {
        for (expected, found, same) in [
            ("2030-10-31", "2030-10-31", true),
            ("2030-10-30", "2030-10-31", false),
            ("2030-10", "2030-10-31", true),
            ("2030-10-31", "2030-10", true),
            ("2030-1", "2030-10", false),
            ("2030-10-3", "2030-10-31", false),
            ("2030-10-31x", "2030-10-31", false),
            ("", "2030-10", false),
        ] {
            assert_eq!(same_day(&json!(expected), &json!(found)), same, "{expected} {found}");
        }
    }
}

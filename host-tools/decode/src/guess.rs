//! What data look like, when nobody says what they are.
//!
//! Every kind that could be is tried and says how sure it is; the surest wins, and among equals the one that people have
//! at hand most often. A guess is always told together with its reason.

use std::fmt;

use tapcard_emv::tags::meanings;
use tapcard_emv::{Afl, Aid, Dol, Layout, Scheme, Tag, Track2, bits, tag};
use tapcard_iso7816::atr::Tck;
use tapcard_iso7816::{Atr, Ats, Command, Meaning, StatusWord, TlvErrorKind, Walk};

use crate::input::Input;
use crate::kind::Kind;
use crate::kinds::apdu::{looks_like_answer, looks_like_command, title};
use crate::kinds::dol_data;
use crate::registry;
use crate::words::count;

/// How sure a guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// It fits, and so would other kinds.
    Unsure,
    /// Little else looks so.
    Likely,
    /// A checksum, a registered number or several lengths agree.
    Certain,
}

/// A word for scripts and people.
impl fmt::Display for Sureness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Unsure => "unsure",
        })
    }
}

/// What data were taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The kind.
    pub kind: Kind,
    /// How sure it is.
    pub sure: Sureness,
    /// Why, in a few words.
    pub why: String,
    /// Other kinds that fit, the surest first.
    pub others: Vec<Kind>,
}

/// What one kind says for itself.
type Claim = Option<(Sureness, String)>;

/// The kind that the data look most like. Data that look like nothing are taken for TLV, which shows how far it goes.
///
/// ```
/// use tapcard_decode::{Input, Kind, guess};
///
/// let guess = guess(Input::one(&[0x9F, 0x36, 0x02, 0x00, 0x0A]));
/// assert_eq!((guess.kind, guess.why.as_str()), (Kind::Tlv, "whole data objects, all known to the dictionary"));
/// ```
#[must_use]
pub fn guess(input: Input<'_>) -> Guess {
    let mut claims: Vec<(Kind, Sureness, String)> = Vec::new();
    for kind in ORDER {
        if let Some((sure, why)) = claim(kind, input) {
            claims.push((kind, sure, why));
        }
    }
    // Stable: among equals the order decides.
    claims.sort_by_key(|(_, sure, _)| std::cmp::Reverse(*sure));
    let mut claims = claims.into_iter();
    match claims.next() {
        Some((kind, sure, why)) => Guess { kind, sure, why, others: claims.map(|(kind, ..)| kind).collect() },
        None => {
            let kind = if input.second.is_some() { Kind::Apdu } else { Kind::Tlv };
            Guess { kind, sure: Sureness::Unsure, why: "nothing fits better".to_owned(), others: Vec::new() }
        }
    }
}

/// The kinds in the order in which people have them at hand.
const ORDER: [Kind; 23] = [
    Kind::Sw,
    Kind::Tag,
    Kind::Atr,
    Kind::DolData,
    Kind::Apdu,
    Kind::Tlv,
    Kind::Aid,
    Kind::Track2,
    Kind::Dol,
    Kind::Iad,
    Kind::CvmList,
    Kind::Afl,
    Kind::Tvr,
    Kind::Aip,
    Kind::CvmResults,
    Kind::Ttq,
    Kind::Ffi,
    Kind::TermCaps,
    Kind::Ctq,
    Kind::Tsi,
    Kind::Auc,
    Kind::AddTermCaps,
    Kind::Ats,
];

fn claim(kind: Kind, input: Input<'_>) -> Claim {
    let octets = input.first;
    if octets.is_empty() || (input.second.is_some() && !kind.takes_two()) {
        return None;
    }
    match kind {
        Kind::Sw => status_word(octets),
        Kind::Tag => lone_tag(octets),
        Kind::Atr => answer_to_reset(octets),
        Kind::DolData => dol_and_data(octets, input.second?),
        Kind::Apdu => apdu(octets, input.second),
        Kind::Tlv => tlv(octets),
        Kind::Aid => aid(octets),
        Kind::Track2 => track2(octets),
        Kind::Dol => dol(octets),
        Kind::Iad => iad(octets),
        Kind::CvmList => cvm_list(octets),
        Kind::Afl => afl(octets),
        Kind::CvmResults => cvm_results(octets),
        Kind::Ats => answer_to_select(octets),
        _ => bit_field(kind, octets),
    }
}

fn certain(why: impl Into<String>) -> Claim {
    Some((Sureness::Certain, why.into()))
}

fn likely(why: impl Into<String>) -> Claim {
    Some((Sureness::Likely, why.into()))
}

fn unsure(why: impl Into<String>) -> Claim {
    Some((Sureness::Unsure, why.into()))
}

fn status_word(octets: &[u8]) -> Claim {
    let &[sw1, sw2] = octets else { return None };
    let sw = StatusWord::from_octets(sw1, sw2);
    match sw.meaning() {
        Meaning::Done => certain("9000"),
        Meaning::Unassigned if matches!(sw1, 0x93 | 0x94) => likely("two bytes with the status of a purse"),
        Meaning::Unassigned => None,
        _ => certain("two bytes, the first 61 to 6F"),
    }
}

fn lone_tag(octets: &[u8]) -> Claim {
    let (tag, length) = Tag::parse(octets).ok()?;
    let known = length == octets.len() && !meanings(tag).is_empty();
    known.then(|| (Sureness::Certain, "one tag of the dictionary, without length and value".to_owned()))
}

fn answer_to_reset(octets: &[u8]) -> Claim {
    let atr = Atr::parse(octets).ok()?;
    match atr.tck() {
        Tck::Correct => certain("begins with TS and has a right TCK"),
        Tck::NotUsed => likely("begins with TS, and its lengths agree"),
        Tck::Missing { .. } | Tck::Wrong { .. } => unsure("begins with TS, but TCK is not right"),
    }
}

fn answer_to_select(octets: &[u8]) -> Claim {
    let ats = Ats::parse(octets).ok()?;
    let plain = ats.t0().is_some_and(|t0| t0 & 0x80 == 0) && ats.fsci() <= 12;
    match octets.len() {
        5.. if plain => likely("begins with its own length and a format byte"),
        2.. if plain => unsure("begins with its own length"),
        _ => None,
    }
}

fn dol_and_data(list: &[u8], data: &[u8]) -> Claim {
    match dol_data::fits(list, data.len())? {
        true => certain("the list asks for as many bytes as the data have"),
        false => likely("the list asks for as many bytes as the data have, but has unknown objects"),
    }
}

fn apdu(first: &[u8], second: Option<&[u8]>) -> Claim {
    let command = || Command::parse(first).map_or_else(|_| String::new(), |command| title(&command));
    match (looks_like_command(first), second) {
        (true, Some(answer)) if looks_like_answer(answer) => {
            certain(format!("a command and its answer: {}", command()))
        }
        (_, Some(_)) => None,
        (true, None) if first.len() >= 5 => {
            likely(format!("a class, a known instruction and right lengths: {}", command()))
        }
        (true, None) => unsure("four bytes that could be a header"),
        (false, None) => answer(first),
    }
}

/// Data objects and a status word behind them.
fn answer(octets: &[u8]) -> Claim {
    let (data, _) = octets.split_last_chunk::<2>()?;
    let whole = !data.is_empty() && looks_like_answer(octets) && known_objects(data)?;
    whole.then(|| (Sureness::Certain, "whole data objects and a status word".to_owned()))
}

/// Whether there are whole data objects and nothing else, and whether the dictionary knows them all.
fn known_objects(octets: &[u8]) -> Option<bool> {
    let mut all_known = true;
    let mut any = false;
    for object in Walk::new(octets) {
        let (_, object) = object.ok()?;
        any = true;
        all_known &= meanings(object.tag).iter().any(|row| row.accepts_length(object.value.len()));
    }
    any.then_some(all_known)
}

fn tlv(octets: &[u8]) -> Claim {
    // An empty object alone is rather two octets of something else.
    if matches!(octets, [_, 0x00]) {
        return None;
    }
    let Some(all_known) = known_objects(octets) else { return cut_off(octets) };
    match all_known {
        // Amounts of a CVM list look like fill bytes.
        _ if octets.starts_with(&[0; 4]) => unsure("whole data objects behind fill bytes"),
        true => certain("whole data objects, all known to the dictionary"),
        false => likely("whole data objects, some unknown or of unusual length"),
    }
}

/// The beginning of an object that the dictionary knows.
fn cut_off(octets: &[u8]) -> Claim {
    let error = Walk::new(octets).find_map(Result::err)?;
    let TlvErrorKind::TruncatedValue { needed, .. } = error.kind else { return None };
    let (tag, _) = Tag::parse(octets).ok().filter(|_| error.offset == 0)?;
    let is_known = meanings(tag).iter().any(|row| row.accepts_length(needed));
    is_known.then(|| (Sureness::Unsure, "a data object of the dictionary that is cut off".to_owned()))
}

fn aid(octets: &[u8]) -> Claim {
    let aid = Aid::new(octets).ok()?;
    match registry::known_aid(octets) {
        Some(known) => certain(format!("begins with an identifier of {}", known.owner)),
        None if aid.scheme() != Scheme::Emv => certain(format!("begins with an identifier of {}", aid.scheme().name())),
        None if octets.starts_with(&[0xA0, 0x00, 0x00]) => likely("begins like a registered provider"),
        None => None,
    }
}

fn track2(octets: &[u8]) -> Claim {
    let track = Track2::parse(octets).ok()?;
    if track.pan().len() < 12 {
        return None;
    }
    match (track.pan().is_luhn(), track.expiry()) {
        (true, Some(_)) => certain("an account number with a right check digit, a separator and an expiry"),
        (_, Some(_)) => likely("digits, a separator and an expiry"),
        (_, None) => unsure("digits and a separator"),
    }
}

fn dol(octets: &[u8]) -> Claim {
    let list = Dol::new(octets);
    list.total_length().ok()?;
    // Lists ask for short values; a long one is rather the octet behind a tag that means something else.
    let known = |entry: tapcard_emv::DolEntry| {
        (1..=64).contains(&entry.length) && meanings(entry.tag).iter().any(|row| row.accepts_length(entry.length))
    };
    match (list.iter().flatten().all(known), list.iter().count()) {
        (true, 2..) => certain("tags and lengths, all as the dictionary has them"),
        (true, _) => likely("a tag and a length as the dictionary has it"),
        (false, 3..) if list.iter().flatten().any(known) => unsure("tags and lengths, some not in the dictionary"),
        _ => None,
    }
}

fn iad(octets: &[u8]) -> Claim {
    let layout = Layout::ALL.into_iter().find(|layout| layout.fits(octets))?;
    likely(format!("the layout of {}", layout.name()))
}

fn cvm_list(octets: &[u8]) -> Claim {
    let list = bits::CvmList::parse(octets).ok()?;
    let known = |rule: bits::CvmRule| {
        !matches!(rule.condition(), bits::CvmCondition::Other(_))
            && !matches!(rule.method(), bits::CvmMethod::Other(_) | bits::CvmMethod::NotPerformed)
            && rule.cvm & 0x80 == 0
    };
    let whole = list.rules().next().is_some() && list.rules().all(known);
    whole.then(|| (Sureness::Likely, "two amounts and rules that all have a meaning".to_owned()))
}

fn cvm_results(octets: &[u8]) -> Claim {
    let results = bits::CvmResults::from_slice(octets)?;
    let rule = results.rule();
    let known = !matches!(rule.condition(), bits::CvmCondition::Other(_))
        && !matches!(rule.method(), bits::CvmMethod::Other(_) | bits::CvmMethod::Biometric(_))
        && !matches!(results.outcome(), bits::CvmOutcome::Other(_))
        && rule.cvm & 0x80 == 0;
    known.then(|| (Sureness::Likely, "a method, a condition and a result that have a meaning".to_owned()))
}

fn afl(octets: &[u8]) -> Claim {
    let afl = Afl::parse(octets).ok()?;
    let few = afl.record_count() <= 64;
    few.then(|| (Sureness::Likely, "files and records in the form of an AFL".to_owned()))
}

/// Fields of the right length without reserved bits.
fn bit_field(kind: Kind, octets: &[u8]) -> Claim {
    let tag = kind.tag()?;
    let mut assigned = vec![0; octets.len()];
    let is_field = bits::explain(tag, octets, &mut |bit| {
        if let Some(octet) = assigned.get_mut(usize::from(bit.byte) - 1) {
            *octet |= bit.mask;
        }
    });
    let is_field = is_field || (tag == tag::FFI && is_form_factor(octets, &mut assigned));
    let clean = octets.iter().zip(&assigned).all(|(octet, assigned)| octet & !assigned == 0);
    let any = octets.iter().any(|octet| *octet != 0);
    match (is_field && clean, any) {
        (true, true) => unsure(format!("{} without reserved bits", count(octets.len(), "byte"))),
        (true, false) => unsure(count(octets.len(), "byte")),
        _ => None,
    }
}

/// Version 1 with a form that is assigned; its bytes have more than single bits.
fn is_form_factor(octets: &[u8], assigned: &mut [u8]) -> bool {
    let Some(ffi) = bits::FormFactorIndicator::from_slice(octets) else { return false };
    assigned.copy_from_slice(&[0x3F, 0xFE, 0x00, 0x0F]);
    ffi.version() == 1 && !matches!(ffi.form_factor(), bits::FormFactor::Other(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(hex: &str) -> Guess {
        guess(Input::one(&hex::decode(hex).unwrap()))
    }

    #[test]
    fn data_are_taken_for_what_they_look_like() {
        for (hex, kind, sure) in [
            ("9000", Kind::Sw, Sureness::Certain),
            ("6A82", Kind::Sw, Sureness::Certain),
            ("9401", Kind::Sw, Sureness::Likely),
            ("9F36", Kind::Tag, Sureness::Certain),
            ("95", Kind::Tag, Sureness::Certain),
            ("3BE900008131FE458067544150434152444C", Kind::Atr, Sureness::Unsure),
            ("3B6500002063CBA000", Kind::Atr, Sureness::Likely),
            ("00A4040007A000000333010100", Kind::Apdu, Sureness::Likely),
            ("80CA9F7900", Kind::Apdu, Sureness::Likely),
            ("9F360200019000", Kind::Apdu, Sureness::Certain),
            ("5A0862109480000000115F340101", Kind::Tlv, Sureness::Certain),
            ("DF7E0100", Kind::Tlv, Sureness::Likely),
            ("5A0862109480", Kind::Tlv, Sureness::Unsure),
            ("A000000333010106", Kind::Aid, Sureness::Certain),
            ("F0000000030001", Kind::Aid, Sureness::Certain),
            ("4111111111111111D30122200123000F", Kind::Track2, Sureness::Certain),
            ("9F02069F03069F1A0295055F2A029A039C019F3704", Kind::Dol, Sureness::Certain),
            ("06010A03A4B800", Kind::Iad, Sureness::Likely),
            ("000000000000000042031E031F00", Kind::CvmList, Sureness::Likely),
            ("0801010110010301", Kind::Afl, Sureness::Likely),
            ("0000048000", Kind::Tvr, Sureness::Unsure),
            ("7C00", Kind::Aip, Sureness::Unsure),
            ("36800000", Kind::Ttq, Sureness::Unsure),
            ("420300", Kind::CvmResults, Sureness::Likely),
            ("E0F8C8", Kind::TermCaps, Sureness::Unsure),
            ("0A78808002206380830590", Kind::Tlv, Sureness::Unsure),
            ("067577810280", Kind::Ats, Sureness::Likely),
        ] {
            let found = guessed(hex);
            assert_eq!((found.kind, found.sure), (kind, sure), "{hex}: {found:?}");
        }
    }

    #[test]
    fn two_pieces_are_a_list_with_data_or_a_command_with_its_answer() {
        let two =
            |first: &str, second: &str| guess(Input::two(&hex::decode(first).unwrap(), &hex::decode(second).unwrap()));
        assert_eq!(two("9F02065F2A02", "0000000010000156").kind, Kind::DolData);
        assert_eq!(two("00B2010C00", "70009000").kind, Kind::Apdu);
        let found = two("00B2010C00", "7000");
        assert_eq!((found.kind, found.sure), (Kind::Apdu, Sureness::Unsure));
    }

    #[test]
    fn other_kinds_that_fit_are_told() {
        let found = guessed("7C00");
        assert!(found.others.contains(&Kind::Auc) && found.others.contains(&Kind::Tsi), "{found:?}");
        let nothing = guessed("FF");
        assert_eq!((nothing.kind, nothing.why.as_str()), (Kind::Tlv, "nothing fits better"));
        assert_eq!(guess(Input::one(&[])).kind, Kind::Tlv);
    }

    #[test]
    fn every_kind_can_be_guessed() {
        assert!(Kind::ALL.iter().all(|kind| ORDER.contains(kind)));
    }
}

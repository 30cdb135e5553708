//! Whether the parts of a personalisation fit together: what one part announces, another one must have.

use tapcard_card::Key;
use tapcard_emv::afl::Afl;
use tapcard_emv::dol::Dol;
use tapcard_emv::pan::Pan;
use tapcard_emv::pboc::LOAD_RECORD_HEAD;
use tapcard_emv::tags::tag;
use tapcard_emv::track::Track2;
use tapcard_iso7816::atr::Tck;
use tapcard_iso7816::{Atr, Sfi, Tag, Walk};

use crate::compile::{Compiled, Values};
use crate::error::{Place, ProfileError};

/// Most octets of an ATR (ISO/IEC 7816-3:2006, 8.2.1), TS included.
const MAX_ATR: usize = 33;

/// The ATR: well-formed, with the check octet that it needs.
pub(crate) fn atr(place: &Place, octets: &[u8]) -> Result<(), ProfileError> {
    let atr = Atr::parse(octets).map_err(|error| place.error(format!("no ATR: {error}"), "see ISO/IEC 7816-3, 8.2"))?;
    if octets.len() > MAX_ATR {
        return Err(place.error(format!("{} octets", octets.len()), "an ATR has at most 33"));
    }
    match atr.tck() {
        Tck::Wrong { expected, found } => {
            Err(place.error(format!("the check octet is {found:02X}"), format!("it comes to {expected:02X}")))
        }
        Tck::Missing { expected } => Err(place.error("the check octet is missing", format!("it is {expected:02X}"))),
        _ => Ok(()),
    }
}

/// The names: 5 to 16 octets, none twice; and directories list applications that are there.
pub(crate) fn directory(root: &Place, all: &[Compiled]) -> Result<(), ProfileError> {
    for (index, application) in all.iter().enumerate() {
        let place = root.index(index).key("name");
        if !matches!(application.name.len(), 5..=16) {
            return Err(place.error(format!("{} octets", application.name.len()), "a DF name has 5 to 16"));
        }
        if all.iter().take(index).any(|other| other.name == application.name) {
            return Err(place.error("another application has this name", "each name once"));
        }
        for (key, value) in &application.values {
            let listed = objects(value).filter(|(tag, _)| *tag == tag::ADF_NAME);
            for (_, aid) in listed {
                if !all.iter().any(|other| other.name.starts_with(aid)) {
                    let problem = format!("the {key} lists {}, which is not on this card", hex::encode_upper(aid));
                    return Err(root.index(index).error(problem, "list applications of this card"));
                }
            }
        }
    }
    Ok(())
}

/// An AFL: in form, and every record that it names is there (EMV 4.4 Book 3, 10.2).
pub(crate) fn afl(place: &Place, afl: &[u8], values: &Values) -> Result<(), ProfileError> {
    let expected = "SFI times 8, first record, last record, how many of them are signed; for each file";
    let afl = Afl::parse(afl).map_err(|error| place.error(format!("no AFL: {error}"), expected))?;
    for entry in afl.iter() {
        let mut numbers = entry.records().map(|(number, _)| number);
        if let Some(missing) = numbers.find(|number| !has(values, Key::Record(entry.sfi, *number))) {
            let problem = format!("the AFL names record {}.{missing}, which is not there", entry.sfi);
            return Err(place.error(problem, "put it under `records`"));
        }
    }
    Ok(())
}

/// The logs: announced in the FCI or by GET DATA, with a format, records of its length, and no more than announced.
pub(crate) fn logs(place: &Place, values: &Values) -> Result<(), ProfileError> {
    let announced =
        [(tag::LOG_ENTRY, tag::LOG_FORMAT, 0), (tag::LOAD_LOG_ENTRY, tag::LOAD_LOG_FORMAT, LOAD_RECORD_HEAD)]
            .map(|(entry, format, prefix)| (find(values, entry), entry, format, prefix));
    for (value, entry, format, prefix) in &announced {
        let Some([sfi, count]) = *value else { continue };
        let Some(sfi) = Sfi::new(*sfi).filter(|sfi| sfi.get() > 10) else {
            return Err(place.error(format!("{entry} names the file {sfi}"), "log files are 11 to 30"));
        };
        let log = place.key("logs").key(sfi);
        if !has(values, Key::File(sfi)) {
            return Err(
                log.error(format!("{entry} announces this log, it is not there"), "put it there, `[]` if empty")
            );
        }
        let Some(fields) = data(values, *format).and_then(|list| Dol::new(list).total_length().ok()) else {
            return Err(place.key("data").error(format!("{format} is missing"), format!("the format of log {sfi}")));
        };
        for (number, record) in records(values, sfi) {
            let log = log.index(usize::from(number) - 1);
            if record.len() != prefix + fields {
                let expected = format!("{format} says {}", prefix + fields);
                return Err(log.error(format!("the record has {} octets", record.len()), expected));
            }
            if number > *count {
                return Err(log.error("more records than announced", format!("{entry} announces {count}")));
            }
        }
    }
    let is_announced =
        |sfi: Sfi| announced.iter().any(|(value, ..)| matches!(value, Some([own, _]) if *own == sfi.get()));
    for (key, _) in values {
        if let Key::File(sfi) = key
            && !is_announced(*sfi)
        {
            let problem = "nothing announces this log";
            return Err(place.key("logs").key(sfi).error(problem, "put 9F4D or DF4D into `BF0C` of the FCI"));
        }
    }
    Ok(())
}

/// The PAN: with its check digit, and the same in track 2.
pub(crate) fn pan(place: &Place, values: &Values) -> Result<(), ProfileError> {
    let mut first: Option<Pan> = None;
    for (key, value) in values {
        for (tag, value) in objects(value) {
            let pan = match tag {
                tag::PAN => Pan::from_cn(value).map_err(|error| error.to_string()),
                tag::TRACK2_EQUIVALENT_DATA => {
                    Track2::parse(value).map(|track| track.pan().clone()).map_err(|error| error.to_string())
                }
                _ => continue,
            };
            let place = place_of(place, *key).key(tag);
            let pan = pan.map_err(|error| place.error(format!("no PAN: {error}"), "up to 19 digits in format cn"))?;
            if !pan.is_luhn() {
                return Err(place.error("the PAN's check digit is wrong", "the last digit follows ISO/IEC 7812-1"));
            }
            if first.as_ref().is_some_and(|first| *first != pan) {
                return Err(place.error("another PAN than before", "5A and 57 hold the same PAN"));
            }
            first = Some(pan);
        }
    }
    Ok(())
}

/// Where the JSON form has a value.
fn place_of(application: &Place, key: Key) -> Place {
    match key {
        Key::Record(sfi, number) => application.key("records").key(format!("{sfi}.{number}")),
        key => application.key(key),
    }
}

fn has(values: &Values, key: Key) -> bool {
    values.iter().any(|(known, _)| *known == key)
}

fn data(values: &Values, tag: Tag) -> Option<&[u8]> {
    values.iter().find(|(key, _)| *key == Key::Data(tag)).map(|(_, value)| value.as_slice())
}

/// An object that stands in the FCI or is there for GET DATA.
fn find(values: &Values, wanted: Tag) -> Option<&[u8]> {
    let fcis = values.iter().filter(|(key, _)| matches!(key, Key::Fci(_)));
    let in_fci = fcis.flat_map(|(_, value)| objects(value)).find(|(tag, _)| *tag == wanted).map(|(_, value)| value);
    in_fci.or_else(|| data(values, wanted))
}

fn records(values: &Values, file: Sfi) -> impl Iterator<Item = (u8, &[u8])> {
    values.iter().filter_map(move |(key, value)| match key {
        Key::Record(sfi, number) if *sfi == file => Some((*number, value.as_slice())),
        _ => None,
    })
}

/// All objects at all levels.
fn objects(octets: &[u8]) -> impl Iterator<Item = (Tag, &[u8])> {
    Walk::new(octets).map_while(Result::ok).map(|(_, object)| (object.tag, object.value))
}

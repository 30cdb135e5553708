//! What single values mean, one line for each part: ATR, status word, tag, AID, AFL, DOL, track 2 and the bit fields.

use tapcard_emv::tags::{lookup_for, meanings};
use tapcard_emv::{Afl, Aid, DataObject, Dol, Scheme, Source, Track2, bits, tag};
use tapcard_iso7816::{Atr, StatusWord, Tag};

use crate::render::json::pan;
use crate::render::{counted, spaced_hex};

/// What a part is called, and what it says.
pub(crate) type Field = (String, String);

/// What there is to say, or why nothing can be said.
pub(crate) type Explained = Result<Vec<Field>, String>;

/// How a value is to be explained.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Whose tags they are.
    pub(crate) scheme: Option<Scheme>,
    /// Account numbers in full.
    pub(crate) show_pan: bool,
}

fn field(name: impl Into<String>, text: impl Into<String>) -> Field {
    (name.into(), text.into())
}

/// Bits of the field that stands under `tag`.
pub(crate) fn bit_field(tag: Tag, value: &[u8]) -> Explained {
    let mut fields = Vec::new();
    let mut see = |bit: bits::BitMeaning| {
        if bit.set {
            fields.push(field(format!("byte {} mask {:02X}", bit.byte, bit.mask), bit.meaning));
        }
    };
    if bits::explain(tag, value, &mut see) { Ok(fields) } else { Err(wrong_length(tag, value.len())) }
}

fn wrong_length(tag: Tag, found: usize) -> String {
    let needed = meanings(tag).iter().find(|object| object.min_len == object.max_len).map(|object| object.min_len);
    match needed {
        Some(needed) => format!("{found} bytes; {needed} are needed"),
        None => format!("{found} bytes; that is no value of {tag}"),
    }
}

/// A data object list.
pub(crate) fn dol(value: &[u8], settings: Settings) -> Explained {
    let list = Dol::new(value);
    let mut fields = Vec::new();
    for entry in list.iter() {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = known(entry.tag, settings.scheme).map_or("unknown", |object| object.name);
        fields.push(field(entry.tag.to_string(), format!("{}  {name}", counted(entry.length, "byte"))));
    }
    let total = list.total_length().map_err(|error| error.to_string())?;
    fields.push(field("total", counted(total, "byte")));
    Ok(fields)
}

/// What a tag is, for every scheme that gives it a meaning.
pub(crate) fn one_tag(value: &[u8], settings: Settings) -> Explained {
    let (found, length) = Tag::parse(value).map_err(|error| error.to_string())?;
    if length != value.len() {
        return Err(format!("{} bytes behind the tag {found}", value.len() - length));
    }
    let class = if found.is_constructed() { "constructed" } else { "primitive" };
    let mut fields = vec![field("tag", found.to_string()), field("form", class)];
    let known: Vec<_> = match settings.scheme {
        Some(scheme) => lookup_for(found, scheme).into_iter().collect(),
        None => meanings(found).iter().collect(),
    };
    for object in &known {
        let scheme = object.scheme.map_or(String::new(), |scheme| format!(" ({})", scheme.name()));
        let length = match (object.min_len, object.max_len) {
            (least, most) if least == most => counted(most.into(), "byte"),
            (least, most) => format!("{least} to {most} bytes"),
        };
        fields.push(field("name", format!("{}{scheme}", object.name)));
        fields.push(field(
            "value",
            format!("{:?}, {length}, from the {}", object.format, source(object.source)).to_lowercase(),
        ));
        fields.push(field("defined in", object.clause));
    }
    if known.is_empty() {
        fields.push(field("name", "not in the dictionary"));
    }
    Ok(fields)
}

/// An application identifier.
pub(crate) fn aid(value: &[u8]) -> Explained {
    let aid = Aid::new(value).map_err(|error| error.to_string())?;
    let mut fields = vec![field("RID", aid.rid().to_string()), field("scheme", aid.scheme().name())];
    if let Some(name) = aid.name() {
        fields.push(field("application", name));
    }
    let suffix = value.get(5..).unwrap_or_default();
    if !suffix.is_empty() {
        fields.push(field("PIX", spaced_hex(suffix)));
    }
    Ok(fields)
}

/// A status word.
pub(crate) fn status_word(value: &[u8]) -> Explained {
    let &[sw1, sw2] = value else { return Err(format!("{} bytes; SW1-SW2 has 2", value.len())) };
    let sw = StatusWord::from_octets(sw1, sw2);
    Ok(vec![field("SW1-SW2", sw.to_string()), field("means", sw.text())])
}

/// An application file locator.
pub(crate) fn afl(value: &[u8]) -> Explained {
    let afl = Afl::parse(value).map_err(|error| error.to_string())?;
    let entry = |entry: tapcard_emv::AflEntry| {
        let oda = match entry.oda_records {
            0 => String::new(),
            count => format!(", the first {count} authenticated offline"),
        };
        field(format!("SFI {}", entry.sfi), format!("records {} to {}{oda}", entry.first, entry.last))
    };
    let mut fields: Vec<_> = afl.iter().map(entry).collect();
    fields.push(field("total", counted(afl.record_count(), "record")));
    Ok(fields)
}

/// Track 2 equivalent data; the discretionary data are counted, never shown.
pub(crate) fn track2(value: &[u8], settings: Settings) -> Explained {
    let track = Track2::parse(value).map_err(|error| error.to_string())?;
    let mut fields = vec![field("PAN", pan(track.pan(), settings.show_pan))];
    fields.extend(track.expiry().map(|date| field("expires", date.to_string())));
    fields.extend(track.service_code().map(|code| field("service code", code)));
    fields.push(field("discretionary", format!("{} digits, not shown", track.discretionary_len())));
    Ok(fields)
}

/// Answer to reset.
pub(crate) fn atr(value: &[u8]) -> Explained {
    let atr = Atr::parse(value).map_err(|error| error.to_string())?;
    let mut fields =
        vec![field("TS", format!("{:?} convention", atr.convention())), field("T0", format!("{:02X}", atr.t0()))];
    for byte in atr.interface_bytes() {
        let protocol = byte.protocol.map_or(String::new(), |protocol| format!(", for T={protocol}"));
        fields.push(field(format!("{}{}", byte.name, byte.index), format!("{:02X}{protocol}", byte.value)));
    }
    let mut protocols: Vec<_> = atr.protocols().map(|protocol| format!("T={protocol}")).collect();
    protocols.dedup();
    fields.push(field("protocols", protocols.join(", ")));
    let speed = atr.speed();
    if let (Some(fi), Some(di)) = (speed.fi, speed.di) {
        fields.push(field("speed", format!("Fi {fi}, Di {di}: {} cycles for each bit", fi / u16::from(di.max(1)))));
    }
    let historical = atr.historical_bytes().octets();
    if !historical.is_empty() {
        let text: String =
            historical.iter().map(|octet| if octet.is_ascii_graphic() { char::from(*octet) } else { '.' }).collect();
        fields.push(field("historical", format!("{}  {text}", spaced_hex(historical))));
    }
    fields.push(field("TCK", format!("{:?}", atr.tck())));
    let interface = if atr.is_contactless() { "contactless, made up by the reader" } else { "contact" };
    fields.push(field("interface", interface));
    Ok(fields)
}

const fn source(source: Source) -> &'static str {
    match source {
        Source::Icc => "card",
        Source::Terminal => "terminal",
        Source::Issuer => "issuer",
    }
}

fn known(tag: Tag, scheme: Option<Scheme>) -> Option<&'static DataObject> {
    scheme.map_or_else(|| tapcard_emv::lookup(tag), |scheme| lookup_for(tag, scheme))
}

/// The bit fields, by their word on the command line.
pub(crate) const BIT_FIELDS: [(&str, Tag); 8] = [
    ("aip", tag::AIP),
    ("auc", tag::AUC),
    ("tvr", tag::TVR),
    ("tsi", tag::TSI),
    ("ttq", tag::TTQ),
    ("ctq", tag::CTQ),
    ("term-caps", tag::TERMINAL_CAPABILITIES),
    ("add-term-caps", tag::ADDITIONAL_TERMINAL_CAPABILITIES),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(explained: Explained) -> String {
        explained.unwrap().into_iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn bits_that_are_set_are_named() {
        assert_eq!(lines(bit_field(tag::AIP, &[0x60, 0x00])), "byte 1 mask 40=SDA|byte 1 mask 20=DDA");
        assert_eq!(bit_field(tag::AIP, &[0x60]), Err("1 bytes; 2 are needed".into()));
    }

    #[test]
    fn a_status_word_and_an_afl_are_explained() {
        assert!(lines(status_word(&[0x6A, 0x82])).starts_with("SW1-SW2=6A82|means="));
        assert_eq!(status_word(&[0x90]), Err("1 bytes; SW1-SW2 has 2".into()));
        assert_eq!(
            lines(afl(&[0x08, 1, 3, 1])),
            "SFI 1=records 1 to 3, the first 1 authenticated offline|total=3 records"
        );
        assert!(afl(&[0x08, 1]).is_err());
    }

    #[test]
    fn track_2_is_masked() {
        let value = hex::decode("6210948000000011D30122200123000F").unwrap();
        let hidden = "PAN=621094******0011|expires=2030-12|service code=220|discretionary=7 digits, not shown";
        assert_eq!(lines(track2(&value, Settings::default())), hidden);
        let shown = lines(track2(&value, Settings { show_pan: true, ..Settings::default() }));
        assert!(shown.starts_with("PAN=6210948000000011|") && !shown.contains("0123000"), "{shown}");
    }

    #[test]
    fn a_dol_names_what_it_asks_for() {
        let found = lines(dol(&[0x9F, 0x02, 6, 0x9F, 0x37, 4], Settings::default()));
        assert!(found.starts_with("9F02=6 bytes  Amount, Authorised") && found.ends_with("|total=10 bytes"), "{found}");
        assert!(dol(&[0x9F], Settings::default()).is_err());
    }

    #[test]
    fn a_tag_shows_every_meaning_unless_the_scheme_is_given() {
        let all = lines(one_tag(&[0x9F, 0x6B], Settings::default()));
        assert!(all.contains("Track 2 Data (Mastercard)"), "{all}");
        let one = lines(one_tag(&[0x9F, 0x6B], Settings { scheme: Some(Scheme::UnionPay), ..Settings::default() }));
        assert!(!one.contains("Track 2"), "{one}");
        assert!(one_tag(&[0x82, 0x00], Settings::default()).is_err());
    }

    #[test]
    fn an_atr_is_taken_apart() {
        let found = lines(atr(&hex::decode("3BE900008131FE4580675441504341524454").unwrap()));
        assert!(found.contains("TD1=81") && found.contains("protocols=T=1"), "{found}");
    }
}

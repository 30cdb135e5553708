//! `iso8583`, `iso8583-framing`, `iso8583-mti`: messages by a spec, length prefixes, message types.
//!
//! A message is decoded from `hex`, and encoded from the members of the case, not from what was decoded: an error that
//! both directions have in common would not be seen otherwise. That the specs of the core are those that the file
//! describes is checked in `tests/iso8583.rs`.

use serde_json::{Map, Value, json};
use tapcard_iso7816::Tlvs;
use tapcard_iso8583::{Deframer, EncodeError, FieldRef, Framing, Message, MessageWriter, Mti, Spec, specs};

use crate::cases::Case;
use crate::json;
use crate::outcome::Outcome;

/// What a message comes to, beside `hex` itself.
const MEMBERS: [&str; 6] = ["mti", "bitmap", "bitmap2", "header", "fields", "field55_tlv"];

pub(super) fn message(case: &Case<'_>) -> Outcome {
    let Some(octets) = case.body.get("hex").and_then(json::octets) else {
        return Outcome::unusable("`hex` holds no octets");
    };
    let Some(name) = case.body.get("spec").and_then(Value::as_str) else { return Outcome::unusable("no `spec`") };
    let Some(spec) = specs::by_name(name) else { return Outcome::unsupported(format!("spec {name}"), None) };
    let decoded = Message::decode(spec, &octets);
    if let Some(error) = case.body.get("error") {
        let found = decoded.map_or_else(|error| json!(error.kind.name()), |message| json!({"mti": mti_text(&message)}));
        return Outcome::whole(json!({"error": error}), json!({"error": found}));
    }
    if case.body.get("valid") == Some(&json!(false)) {
        return Outcome::unusable("not valid, but no `error`");
    }
    let mut expected: Map<String, Value> = MEMBERS
        .iter()
        .map(|name| ((*name).to_owned(), case.body.get(*name).map_or(Value::Null, json::normal)))
        .collect();
    expected.insert("hex".to_owned(), json::hex(&octets));
    let mut found = match decoded {
        Ok(message) => members(&message),
        Err(error) => Map::from_iter([("error".to_owned(), json!(error.to_string()))]),
    };
    found.insert("hex".to_owned(), encoded(spec, case.body));
    Outcome::whole(Value::Object(expected), json::normal(&Value::Object(found)))
}

fn mti_text(message: &Message<'_>) -> String {
    message.mti().to_string()
}

fn text(field: &FieldRef<'_>) -> String {
    field.chars().map(char::from).collect()
}

fn members(message: &Message<'_>) -> Map<String, Value> {
    let bitmap = message.bitmap();
    let secondary = bitmap.contains(1).then(|| format!("{:016X}", bitmap.secondary()));
    let header = Some(message.header()).filter(|header| !header.is_empty()).map(json::hex);
    let fields: Map<String, Value> =
        message.fields().map(|field| (field.number().to_string(), json!(text(&field)))).collect();
    let values = [
        json!(mti_text(message)),
        json!(format!("{:016X}", bitmap.primary())),
        json!(secondary),
        json!(header),
        Value::Object(fields),
        message.field(55).map_or(Value::Null, |field| chip_data(&field)),
    ];
    MEMBERS.iter().map(|name| (*name).to_owned()).zip(values).collect()
}

/// `[tag, value]` of each object at the top, or what is wrong with one.
fn chip_data(field: &FieldRef<'_>) -> Value {
    let octets: Vec<u8> = field.octets().collect();
    Tlvs::new(&octets)
        .map(|object| match object {
            Ok(object) => json!([object.tag.to_string(), json::hex(object.value)]),
            Err(error) => json!(error.to_string()),
        })
        .collect()
}

/// The message that the members of the case describe, or why there is none.
fn encoded(spec: &Spec<'_>, body: &Map<String, Value>) -> Value {
    let mut buffer = vec![0; 4096];
    let header = body.get("header").and_then(json::octets).unwrap_or_default();
    let mti = body.get("mti").and_then(digits).and_then(Mti::from_ascii);
    let fields = body.get("fields").and_then(Value::as_object);
    let (Some(mti), Some(fields)) = (mti, fields) else { return json!("no `mti` or no `fields`") };
    let write = |buffer: &mut [u8]| -> Result<usize, EncodeError> {
        let mut writer = MessageWriter::new(spec, &header, mti, buffer)?;
        for (number, value) in fields {
            writer.text(number.parse().unwrap_or_default(), value.as_str().unwrap_or_default())?;
        }
        Ok(writer.finish())
    };
    match write(&mut buffer) {
        Ok(length) => json::hex(buffer.get(..length).unwrap_or_default()),
        Err(error) => json!(error.to_string()),
    }
}

fn digits(value: &Value) -> Option<[u8; 4]> {
    value.as_str()?.as_bytes().try_into().ok()
}

pub(super) fn mti(case: &Case<'_>) -> Outcome {
    let Some(mti) = case.body.get("mti").and_then(digits).and_then(Mti::from_ascii) else {
        return Outcome::unusable("`mti` is not four digits");
    };
    let names = ["version", "class", "function", "origin"];
    let expected: Vec<_> = names.iter().map(|name| case.body.get(*name).cloned().unwrap_or(Value::Null)).collect();
    let found: Vec<_> = mti_parts(mti).iter().map(|digit| json!(digit.to_string())).collect();
    Outcome::whole(named(&names, expected), named(&names, found))
}

/// The digits of the parts, by the meaning that the core gives them.
fn mti_parts(mti: Mti) -> [u8; 4] {
    use tapcard_iso8583::mti::{Class, Function, Origin, Version};

    let version = match mti.version() {
        Version::Iso1987 => 0,
        Version::Iso1993 => 1,
        Version::Iso2003 => 2,
        Version::Other(digit) => digit,
    };
    let class = match mti.class() {
        Class::Authorisation => 1,
        Class::Financial => 2,
        Class::FileAction => 3,
        Class::Reversal => 4,
        Class::Reconciliation => 5,
        Class::Administrative => 6,
        Class::FeeCollection => 7,
        Class::NetworkManagement => 8,
        Class::Other(digit) => digit,
    };
    let function = match mti.function() {
        Function::Request => 0,
        Function::Response => 1,
        Function::Advice => 2,
        Function::AdviceResponse => 3,
        Function::Notification => 4,
        Function::NotificationAcknowledgement => 5,
        Function::Other(digit) => digit,
    };
    let origin = match mti.origin() {
        Origin::Acquirer => 0,
        Origin::AcquirerRepeat => 1,
        Origin::Issuer => 2,
        Origin::IssuerRepeat => 3,
        Origin::Else => 4,
        Origin::ElseRepeat => 5,
        Origin::Other(digit) => digit,
    };
    [version, class, function, origin]
}

/// The prefixes of a message of `length` octets, and how long the message is that each given prefix announces.
pub(super) fn framing(case: &Case<'_>) -> Outcome {
    let length = case.body.get("length").and_then(Value::as_u64).and_then(|length| u16::try_from(length).ok());
    let Some(length) = length.map(usize::from) else { return Outcome::unusable("`length` is no length") };
    let kinds = [Framing::Binary2, Framing::Bcd2, Framing::Ascii4];
    let names = ["binary2_prefix", "bcd2_prefix", "ascii4_prefix", "binary2", "bcd2", "ascii4"];
    let given: Vec<_> = names.iter().take(3).map(|name| case.body.get(*name).cloned().unwrap_or(Value::Null)).collect();
    let mut found: Vec<_> = kinds.iter().map(|framing| prefix(*framing, length)).collect();
    found.extend(kinds.iter().zip(&given).map(|(framing, prefix)| announced(*framing, prefix, length)));
    let mut expected: Vec<_> = given.iter().map(json::normal).collect();
    expected.extend([json!(length), json!(length), json!(length)]);
    Outcome::whole(named(&names, expected), named(&names, found))
}

fn prefix(framing: Framing, length: usize) -> Value {
    match framing.prefix(length) {
        Ok((octets, count)) => json::hex(octets.get(..count).unwrap_or_default()),
        Err(error) => json!(error.to_string()),
    }
}

/// The length of the message that comes out of a stream of this prefix and `length` octets.
fn announced(framing: Framing, prefix: &Value, length: usize) -> Value {
    let mut stream = json::octets(prefix).unwrap_or_default();
    stream.resize(stream.len() + length, 0);
    let mut buffer = vec![0; length];
    match Deframer::new(framing, &mut buffer).push(&stream) {
        Ok((_, message)) => json!(message.map(<[u8]>::len)),
        Err(error) => json!(error.to_string()),
    }
}

fn named(names: &[&str], values: Vec<Value>) -> Value {
    names.iter().map(|name| (*name).to_owned()).zip(values).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcomes, status};
    use crate::summary::Status;
    use serde_json::{Value, json};

    fn sign_on() -> Value {
        json!({"kind": "iso8583", "spec": "binbitmap", "mti": "0800", "bitmap": "8220000000000000",
            "bitmap2": "0400000000000000",
            "hex": "30383030822000000000000004000000000000003037303331383536353538383431363830 3031".replace(' ', ""),
            "fields": {"7": "0703185655", "11": "884168", "70": "001"}})
    }

    #[test]
    fn a_message_is_decoded_and_encoded() {
        assert_eq!(status(&sign_on()), Status::Passed);
        for (member, value) in [
            ("mti", json!("0801")),
            ("bitmap", json!("8220000000000001")),
            ("bitmap2", Value::Null),
            ("header", json!("60")),
            ("fields", json!({"7": "0703185655", "11": "884168"})),
            ("field55_tlv", json!([])),
        ] {
            let mut case = sign_on();
            case[member] = value;
            assert_eq!(status(&case), Status::Failed, "{member}");
        }
    }

    #[test]
    fn a_broken_message_has_to_be_refused_with_its_error() {
        let case =
            |error: &str| json!({"kind": "iso8583", "spec": "ascii", "hex": "303230", "valid": false, "error": error});
        assert_eq!(status(&case("truncated")), Status::Passed);
        assert_eq!(status(&case("too-long")), Status::Failed);
        let mut good = sign_on();
        good["error"] = json!("truncated");
        assert_eq!(status(&good), Status::Failed);
        assert_eq!(status(&json!({"kind": "iso8583", "spec": "ascii", "hex": "303230"})), Status::Failed);
        assert_eq!(
            status(&json!({"kind": "iso8583", "spec": "ascii", "hex": "303230", "valid": false})),
            Status::Failed
        );
    }

    #[test]
    fn a_spec_that_this_build_does_not_have_is_unsupported() {
        let case = json!({"kind": "iso8583", "spec": "other", "hex": ""});
        assert_eq!(status(&case), Status::Unsupported);
        assert_eq!(outcomes(&case).first().unwrap().1.left_out.first().unwrap().what, "spec other");
    }

    #[test]
    fn prefixes_are_made_and_read() {
        let case = |binary: &str, bcd: &str| {
            json!({"kind": "iso8583-framing", "length": 133, "binary2_prefix": binary, "bcd2_prefix": bcd,
                "ascii4_prefix": "30313333"})
        };
        assert_eq!(status(&case("0085", "0133")), Status::Passed);
        assert_eq!(status(&case("0086", "0133")), Status::Failed);
        assert_eq!(status(&case("0085", "013A")), Status::Failed);
    }

    #[test]
    fn message_types_are_digits() {
        let case = |mti: &str, origin: &str| json!({"kind": "iso8583-mti", "mti": mti, "version": "0", "class": "4", "function": "2", "origin": origin});
        assert_eq!(status(&case("0421", "1")), Status::Passed);
        assert_eq!(status(&case("0421", "0")), Status::Failed);
        assert_eq!(status(&case("042", "1")), Status::Failed);
    }
}

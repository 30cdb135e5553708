//! Recorded sessions as files: the `transcript` cases of `vectors/README.md`, read by [`crate::replay`] and written by
//! [`crate::record`].
//!
//! A file is an array of cases, an object with arrays of cases, or one case. Only the case that is asked for is decoded, so
//! that one broken case does not spoil its neighbours. Files come from anywhere: every size is bounded, every error says
//! where.

use std::io::{self, Read, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use tapcard_iso7816::Protocol;

use crate::error::TransportError;

/// Longest file that is read.
const MAX_FILE: u64 = 16 << 20;
/// Most exchanges of one transcript.
const MAX_EXCHANGES: usize = 1 << 16;
/// Longest C-APDU: extended header, 65535 octets, extended Le.
const MAX_COMMAND: usize = 65_544;
/// Longest R-APDU: 65536 octets and SW1-SW2.
const MAX_ANSWER: usize = 65_538;
/// Longest ATR (ISO/IEC 7816-3:2006, 8.2.1).
const MAX_ATR: usize = 33;

/// One recorded session.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// Its name inside the file.
    pub id: String,
    /// The card's ATR.
    pub atr: Option<Vec<u8>>,
    /// The transmission protocol, where the recording tells.
    pub protocol: Option<Protocol>,
    /// An empty command stands for any command.
    pub wildcard_empty_c: bool,
    /// The last answer repeats for ever.
    pub repeat_last: bool,
    /// The application that was selected when the recording began: `pboc`, `t-union`, `beijing`, `city-union`.
    pub selected: Option<String>,
    /// What was said.
    pub exchanges: Vec<Exchange>,
}

/// One command and what came back.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// C-APDU as sent.
    pub command: Vec<u8>,
    /// R-APDU with SW1-SW2 last; `None` when the card was lost before it answered.
    pub answer: Option<Vec<u8>>,
}

impl Transcript {
    /// Reads the transcript called `name` from a file; without a name the only one.
    ///
    /// # Errors
    /// [`TransportError::File`]: unreadable, too long, not JSON (line and column), no or several transcripts, a case that
    /// breaks the format (its JSON path).
    pub fn load(path: &Path, name: Option<&str>) -> Result<Self, TransportError> {
        let text = read_bounded(path).map_err(|what| TransportError::file(path, what))?;
        Self::pick(&text, name).map_err(|what| TransportError::file(path, what))
    }

    /// Picks one transcript out of the text of a file, as [`Transcript::load`] does.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn pick(text: &str, name: Option<&str>) -> Result<Self, String> {
        let file: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        let cases = transcripts(&file);
        let found = match name {
            Some(name) => cases.iter().find(|(_, case)| id(case) == Some(name)),
            None => match cases.as_slice() {
                [only] => Some(only),
                _ => None,
            },
        };
        let (path, case) = found.ok_or_else(|| choose(&cases, name))?;
        decode(path, case)
    }

    /// Writes a file with this transcript alone.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &json!([self.to_value()]))?;
        out.write_all(b"\n")
    }

    fn to_value(&self) -> Value {
        let mut case = Map::new();
        case.insert("id".into(), json!(self.id));
        case.insert("kind".into(), json!("transcript"));
        if let Some(atr) = &self.atr {
            case.insert("atr".into(), json!(hex::encode_upper(atr)));
        }
        if let Some(protocol) = self.protocol {
            case.insert("protocol".into(), json!(protocol_name(protocol)));
        }
        for (flag, on) in [("wildcard_empty_c", self.wildcard_empty_c), ("repeat_last", self.repeat_last)] {
            if on {
                case.insert(flag.into(), json!(true));
            }
        }
        if let Some(selected) = &self.selected {
            case.insert("given".into(), json!({ "selected": selected }));
        }
        let exchanges = self.exchanges.iter().map(|exchange| {
            json!({"c": hex::encode_upper(&exchange.command), "r": exchange.answer.as_ref().map(hex::encode_upper)})
        });
        case.insert("exchanges".into(), exchanges.collect());
        Value::Object(case)
    }
}

fn read_bounded(path: &Path) -> Result<String, String> {
    let cannot = |error: io::Error| format!("cannot be read: {error}");
    let mut octets = Vec::new();
    std::fs::File::open(path).map_err(cannot)?.take(MAX_FILE + 1).read_to_end(&mut octets).map_err(cannot)?;
    if octets.len() as u64 > MAX_FILE {
        return Err(format!("longer than {MAX_FILE} bytes; split it"));
    }
    String::from_utf8(octets).map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

/// Every case of kind `transcript`, with its JSON path.
fn transcripts(file: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    match file {
        Value::Object(case) if case.contains_key("exchanges") => found.push((String::new(), file)),
        Value::Object(members) => {
            for (name, member) in members {
                list(name, member, &mut found);
            }
        }
        _ => list("", file, &mut found),
    }
    found
}

fn list<'v>(path: &str, value: &'v Value, found: &mut Vec<(String, &'v Value)>) {
    let cases = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let numbered = cases.iter().enumerate().map(|(index, case)| (format!("{path}[{index}]"), case));
    found.extend(numbered.filter(|(_, case)| case.get("kind").and_then(Value::as_str) == Some("transcript")));
}

fn id(case: &Value) -> Option<&str> {
    case.get("id").and_then(Value::as_str)
}

/// The message when no single transcript could be picked.
fn choose(cases: &[(String, &Value)], name: Option<&str>) -> String {
    if cases.is_empty() {
        return "holds no case of kind `transcript`; record one with `tapcard read --record FILE`".to_owned();
    }
    let names: Vec<_> = cases.iter().filter_map(|(_, case)| id(case)).map(|id| format!("`{id}`")).collect();
    let names = names.join(", ");
    match name {
        Some(name) => format!("holds no transcript called `{name}`; there is {names}"),
        None => format!("holds {} transcripts; name one with `#NAME`: {names}", cases.len()),
    }
}

fn decode(path: &str, case: &Value) -> Result<Transcript, String> {
    let at = |member: &str| if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") };
    let exchanges = match case.get("exchanges") {
        Some(Value::Array(list)) if list.len() <= MAX_EXCHANGES => list,
        Some(Value::Array(list)) => {
            return Err(format!("{}: {} exchanges; at most {MAX_EXCHANGES} are read", at("exchanges"), list.len()));
        }
        _ => return Err(format!("{}: a list of `{{c, r}}` is needed", at("exchanges"))),
    };
    let decoded = exchanges.iter().enumerate().map(|(index, exchange)| {
        decode_exchange(exchange).map_err(|(member, what)| format!("{}[{index}].{member}: {what}", at("exchanges")))
    });
    let atr = octets(case.get("atr"), 1, MAX_ATR).map_err(|what| format!("{}: {what}", at("atr")))?;
    Ok(Transcript {
        id: id(case).unwrap_or_default().to_owned(),
        atr,
        protocol: protocol(case.get("protocol")).map_err(|what| format!("{}: {what}", at("protocol")))?,
        wildcard_empty_c: flag(case, "wildcard_empty_c")
            .map_err(|what| format!("{}: {what}", at("wildcard_empty_c")))?,
        repeat_last: flag(case, "repeat_last").map_err(|what| format!("{}: {what}", at("repeat_last")))?,
        selected: case.pointer("/given/selected").and_then(Value::as_str).map(str::to_owned),
        exchanges: decoded.collect::<Result<_, _>>()?,
    })
}

fn decode_exchange(exchange: &Value) -> Result<Exchange, (&'static str, String)> {
    let command = octets(exchange.get("c"), 0, MAX_COMMAND).map_err(|what| ("c", what))?.unwrap_or_default();
    let answer = octets(exchange.get("r"), 2, MAX_ANSWER).map_err(|what| ("r", what))?;
    Ok(Exchange { command, answer })
}

/// Octets as hexadecimal text; `null` and a missing member are not there.
fn octets(value: Option<&Value>, least: usize, most: usize) -> Result<Option<Vec<u8>>, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err("hexadecimal text is needed".to_owned()),
    };
    let octets = hex::decode(text).map_err(|error| match error {
        hex::FromHexError::InvalidHexCharacter { c, index } => {
            format!("`{c}` at character {} is not hexadecimal", index + 1)
        }
        _ => format!("{} hexadecimal digits; an even number is needed", text.len()),
    })?;
    if octets.len() < least || octets.len() > most {
        return Err(format!("{} bytes; {least} to {most} are possible", octets.len()));
    }
    Ok(Some(octets))
}

fn flag(case: &Value, name: &str) -> Result<bool, String> {
    match case.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(on)) => Ok(*on),
        Some(_) => Err("`true` or `false` is needed".to_owned()),
    }
}

fn protocol(value: Option<&Value>) -> Result<Option<Protocol>, String> {
    match value.map(|value| value.as_str()) {
        None => Ok(None),
        Some(Some("T=0")) => Ok(Some(Protocol::T0)),
        Some(Some("T=1")) => Ok(Some(Protocol::T1)),
        Some(_) => Err("`T=0` or `T=1` is needed".to_owned()),
    }
}

/// The protocol as people and files write it.
#[must_use]
pub const fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::T0 => "T=0",
        Protocol::T1 => "T=1",
    }
}

/// Shows the name and the size only: the octets may hold a PAN.
impl std::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transcript({:?}, {} exchanges)", self.id, self.exchanges.len())
    }
}

/// Shows the sizes only: the octets may hold a PAN.
impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exchange({} octets, {:?})", self.command.len(), self.answer.as_ref().map(Vec::len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Transcript {
        Transcript {
            id: "a".into(),
            atr: Some(vec![0x3B, 0x00]),
            protocol: Some(Protocol::T0),
            wildcard_empty_c: true,
            repeat_last: true,
            selected: Some("pboc".into()),
            exchanges: vec![
                Exchange { command: vec![0x80, 0xCA, 0x9F, 0x36, 0x00], answer: Some(vec![0x6A, 0x88]) },
                Exchange { command: vec![], answer: None },
            ],
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let mut text = Vec::new();
        sample().write(&mut text).unwrap();
        assert_eq!(Transcript::pick(std::str::from_utf8(&text).unwrap(), None), Ok(sample()));
    }

    #[test]
    fn both_file_shapes_and_a_single_case_are_found() {
        let case = r#"{"id":"x","kind":"transcript","exchanges":[{"c":"00","r":"9000"}]}"#;
        let other = r#"{"id":"y","kind":"tlv","hex":""}"#;
        for text in [
            format!("[{other},{case}]"),
            format!(r#"{{"about":"-","vectors":[{other}],"sessions":[{case}]}}"#),
            case.to_owned(),
        ] {
            assert_eq!(Transcript::pick(&text, Some("x")).unwrap().exchanges.len(), 1, "{text}");
            assert_eq!(Transcript::pick(&text, None).unwrap().id, "x", "{text}");
        }
    }

    #[test]
    fn a_file_with_several_asks_for_a_name() {
        let text = r#"[{"id":"x","kind":"transcript","exchanges":[]},{"id":"y","kind":"transcript","exchanges":[]}]"#;
        let both = "holds 2 transcripts; name one with `#NAME`: `x`, `y`";
        assert_eq!(Transcript::pick(text, None).unwrap_err(), both);
        assert_eq!(Transcript::pick(text, Some("z")).unwrap_err(), "holds no transcript called `z`; there is `x`, `y`");
    }

    #[test]
    fn a_broken_case_is_named_by_its_path() {
        let case = |exchange: &str| format!(r#"[{{"id":"x","kind":"transcript","exchanges":[{exchange}]}}]"#);
        for (exchange, expected) in [
            (r#"{"c":"0","r":"9000"}"#, "[0].exchanges[0].c: 1 hexadecimal digits; an even number is needed"),
            (r#"{"c":"00","r":"90g0"}"#, "[0].exchanges[0].r: `g` at character 3 is not hexadecimal"),
            (r#"{"c":"00","r":"90"}"#, "[0].exchanges[0].r: 1 bytes; 2 to 65538 are possible"),
            (r#"{"c":7,"r":"9000"}"#, "[0].exchanges[0].c: hexadecimal text is needed"),
        ] {
            assert_eq!(Transcript::pick(&case(exchange), None).unwrap_err(), expected);
        }
        let text = r#"{"vectors":[{"id":"x","kind":"transcript"}]}"#;
        assert_eq!(Transcript::pick(text, None).unwrap_err(), "vectors[0].exchanges: a list of `{c, r}` is needed");
    }

    #[test]
    fn broken_json_names_line_and_column() {
        let what = Transcript::pick("[{\n\"id\": }]", None).unwrap_err();
        assert_eq!(what, "not JSON: expected value at line 2 column 7");
        assert!(Transcript::pick(&"[".repeat(100_000), None).unwrap_err().starts_with("not JSON: recursion limit"));
    }

    #[test]
    fn a_missing_file_and_one_that_is_not_text_are_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        assert!(Transcript::load(&path, None).unwrap_err().to_string().contains("a.json: cannot be read"));
        std::fs::write(&path, b"ab\xFF").unwrap();
        assert!(Transcript::load(&path, None).unwrap_err().to_string().ends_with("a.json: not UTF-8 at byte 2"));
    }
}

//! Writes the inputs that fuzzing begins with: what `vectors/` holds, in the form of each target.
//!
//! `seeds DIR` fills `DIR/TARGET`. The same vectors and the same corpus give the same files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tapcard_card::{ImageBuilder, Key};
use tapcard_decode::Kind;
use tapcard_emv::{Tag, tag};
use tapcard_flow::checksum::Crc32;
use tapcard_flow::log::RecordLog;
use tapcard_flow::log::model::NorModel;
use tapcard_fuzz::join;
use tapcard_iso7816::{Sfi, Walk};
use tapcard_profiles::{Profile, builtin};

/// Longer texts would slow every mutation down and teach nothing new.
const MAX_TEXT: usize = 3000;

/// The objects that are lists of tags and lengths.
const LISTS: [Tag; 6] = [tag::PDOL, tag::CDOL1, tag::CDOL2, tag::DDOL, tag::LOG_FORMAT, tag::LOAD_LOG_FORMAT];

fn main() {
    let out = PathBuf::from(std::env::args_os().nth(1).expect("usage: seeds DIR"));
    let vectors = Vectors::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors"));
    let seeds = Seeds { out };
    seeds.octets(&vectors);
    seeds.lists_and_iads(&vectors);
    seeds.sessions(&vectors);
    seeds.texts(&vectors);
    seeds.cards();
    seeds.logs();
    seeds.announcements();
    seeds.issuers();
    seeds.recordings();
    seeds.codes();
    seeds.crossed();
}

struct Seeds {
    out: PathBuf,
}

impl Seeds {
    /// Equal inputs have the same name and are there once.
    fn put(&self, target: &str, input: &[u8]) {
        let folder = self.out.join(target);
        fs::create_dir_all(&folder).expect("the folder can be made");
        let name = format!("{:08x}-{}", Crc32::new().with(input).value(), input.len());
        fs::write(folder.join(name), input).expect("the seed can be written");
    }

    fn octets(&self, vectors: &Vectors) {
        for session in &vectors.sessions {
            for (command, answer) in &session.exchanges {
                self.put("command", command);
                self.put("response", answer);
                self.put("tlv", answer.strip_suffix(&[0x90, 0x00]).unwrap_or(answer));
                self.put("exchange", &[&[0], &join([&command[..], answer])[..]].concat());
                self.put("decode", &[&kind("apdu"), &[2], &join([&command[..], answer])[..]].concat());
            }
        }
        for octets in &vectors.blobs {
            self.put("tlv", octets);
            self.put("decode", &[&kind("tlv"), &[0], &join([&octets[..]])[..]].concat());
            self.put("decode", &[&kind("tlv"), &[1], &join([&octets[..]])[..]].concat());
        }
        let long = [&[0x80, 0xE2, 0x00, 0x00, 0x00, 0x01, 0x2C], &[0x55; 300][..], &[0x00, 0x00]].concat();
        self.put("command", &long);
        let parts: [&[u8]; 6] =
            [&long, &[0x90, 0x00], &[0x6C, 0x10], &[0x70, 0x61, 0x02], &[0x62, 0x83], &[0x5A, 0x00, 0x90, 0x00]];
        for options in 0..8 {
            self.put("exchange", &[&[options], &join(parts)[..]].concat());
        }
    }

    fn lists_and_iads(&self, vectors: &Vectors) {
        let answers = vectors.sessions.iter().flat_map(|session| session.exchanges.iter().map(|(_, answer)| answer));
        for octets in answers.chain(&vectors.blobs) {
            for (_, object) in Walk::new(octets).map_while(Result::ok) {
                if LISTS.contains(&object.tag) {
                    self.put("dol", &join([object.value, &[0x12; 60]]));
                }
                for (number, _) in (0..).zip(Kind::ALL).filter(|(_, kind)| kind.tag() == Some(object.tag)) {
                    self.put("decode", &[&[number, 0], &join([object.value])[..]].concat());
                }
                if object.tag == tag::IAD {
                    (0..6).for_each(|scheme| self.put("iad", &[&[scheme], object.value].concat()));
                }
            }
        }
        for list in &vectors.lists {
            self.put("dol", &join([&list[..], &[0x34; 30]]));
        }
    }

    fn sessions(&self, vectors: &Vectors) {
        for session in &vectors.sessions {
            let commands = join(session.exchanges.iter().map(|(command, _)| command.as_slice()));
            let answers = join(session.exchanges.iter().map(|(_, answer)| answer.as_slice()));
            for options in [0x00, 0x01, 0x02, 0x04, 0x08, 0x10] {
                self.put("reader", &[&[options], &answers[..]].concat());
            }
            for profile in 0..builtin().len() as u8 {
                self.put("card", &[&[profile], &commands[..]].concat());
            }
            for (_, answer) in &session.exchanges {
                let data = answer.strip_suffix(&[0x90, 0x00]).unwrap_or(answer);
                if matches!(data.len(), 4..=64) {
                    let purses = tapcard_emv::purse::purses().len() as u8;
                    (0..purses).for_each(|purse| self.put("purse", &[&[purse], &join([data, data])[..]].concat()));
                }
            }
            self.put("atr", &session.atr);
        }
    }

    fn texts(&self, vectors: &Vectors) {
        for case in &vectors.cases {
            let text = json!([case]).to_string();
            if text.len() <= MAX_TEXT {
                self.put("vectors", text.as_bytes());
            }
            if case["kind"] == "transcript" {
                self.put("transcript", short(case).as_bytes());
            }
        }
        let tiny =
            |id: &str| json!({"id": id, "kind": "tlv", "hex": "5A0112", "expect": [{"tag": "5A", "value": "12"}]});
        let (some, others) = (["a", "b", "c", "d"].map(tiny), ["e", "f"].map(tiny));
        let file = json!({"about": "-", "vectors": some, "invalid": others});
        self.put("vectors", file.to_string().as_bytes());
        for octets in vectors.blobs.iter().take(8) {
            let digits: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            for text in [digits.concat(), digits.join(" "), digits.join(":"), format!("0x{}\n", digits.join(" 0x"))] {
                self.put("hex", text.as_bytes());
            }
        }
        for mistake in ["9F7g", "10x20", "卡12", "\u{1b}[", "123", " ", "0x"] {
            self.put("hex", mistake.as_bytes());
        }
        for profile in builtin() {
            let whole: Value = serde_json::from_str(profile.json()).expect("it is built in");
            self.put("profile", whole.to_string().as_bytes());
            for application in whole["applications"].as_array().expect("it has applications") {
                let mut single = whole.clone();
                single["applications"] = json!([application]);
                self.put("profile", single.to_string().as_bytes());
            }
        }
    }

    fn cards(&self) {
        for profile in builtin() {
            let image = Profile::load(profile.name).expect("it is built in").image().expect("it fits");
            self.put("image", &[&[1], &join([&[][..]])[..], &image].concat());
        }
        let name = b"\xA0\x00\x00\x03\x33\x01\x01\x01";
        let mut buffer = [0; 512];
        let mut builder = ImageBuilder::new(&mut buffer).expect("there is room");
        let number = builder.application(name).expect("it is a name");
        let sfi = Sfi::new(1).expect("1 is in range");
        for (key, value) in [
            (Key::Data(tag::ATC), &[0x00, 0x07][..]),
            (Key::Data(tag::EC_BALANCE), &[0, 0, 0, 1, 0x23, 0x45]),
            (Key::Record(sfi, 1), &[0x70, 0x00]),
            (Key::Blocked, &[]),
        ] {
            builder.put(number, key, value).expect("there is room");
        }
        let length = builder.finish();
        let record = [&[0x01, 0x00, 0x09], &name[..]].concat();
        self.put("image", &[&[1], &join([&record[..]])[..], &buffer[..length]].concat());
        self.put("image", &[&[0], &join([&record[..]])[..], &buffer[..length]].concat());
    }

    fn logs(&self) {
        let mut flash = NorModel::<4, 256>::new();
        let mut log = RecordLog::open(&mut flash).expect("it is empty");
        for (kind, length) in [(1, 0), (7, 19), (2, 100), (7, 64)] {
            log.append(kind, &vec![kind; length]).expect("there is room");
            log = RecordLog::open(log.release()).expect("it is a log");
        }
        let mut content: Vec<u8> = flash.octets_mut().map(|octet| *octet).collect();
        self.put("log", &[&[0], &content[..]].concat());
        RecordLog::open(&mut flash).and_then(|mut log| log.compact(|kind, _, _| kind == 7)).expect("it is in order");
        content = flash.octets_mut().map(|octet| *octet).collect();
        self.put("log", &[&[0], &content[..]].concat());

        let append = |kind: u8, length| [&[kind << 2][..], &vec![0x5A; length]].concat();
        let (compact, open, cut) = (vec![0x05], vec![0x02], vec![0xF3, 0x20]);
        let life = [append(1, 30), append(2, 300), open, cut.clone(), append(1, 9), append(3, 512), compact, cut];
        self.put("log", &[&[1], &join(life.iter().map(Vec::as_slice))[..]].concat());
    }

    /// Issuer application data of each layout: most vectors with one are Visa's.
    fn issuers(&self) {
        let ccd = |cci| [&[0x0F, cci, 5, 0x48, 0x8F, 0x72, 0x41, 0], &[0x11; 8][..], &[0x0F], &[0x22; 15]].concat();
        let mchip =
            |cvn, length: usize| [&[0x01, cvn, 0x60, 0x10, 0x03, 0x22, 0, 0][..], &vec![0; length - 8]].concat();
        let mut values = vec![ccd(0xA5), ccd(0xA6), vec![0x06, 0x01, 0x0A, 0x03, 0xA4, 0xB8, 0x00]];
        values.extend([0x10, 0x11, 0x14, 0x15].into_iter().flat_map(|cvn| [18, 20, 26, 28].map(|len| mchip(cvn, len))));
        values
            .extend([0x22, 0x43].map(|cvn| [&[0x1F, cvn, 0x01, 0x00, 0xA0, 0x00, 0x00, 0x00][..], &[0; 24]].concat()));
        values.push([&[0x07, 0x01, 0x03, 0xA0, 0xB0, 0x00, 0x01][..], &[0x0A, 0x01], &[0; 9]].concat());
        for (value, scheme) in values.iter().flat_map(|value| (0..6).map(move |scheme| (value, scheme))) {
            self.put("iad", &[&[scheme], &value[..]].concat());
        }
    }

    /// The forms of a recording that the vectors do not have: a case alone, a named list, with a protocol, with a mistake.
    fn recordings(&self) {
        let exchange = json!({"c": "00A40400", "r": "9000"});
        let case = json!({"id": "a", "exchanges": [exchange, {"c": "00B2010C", "r": null}]});
        let with = |member: &str, value: Value| {
            let mut case = case.clone();
            case[member] = value;
            case
        };
        let mut texts = vec![case.clone(), json!({"b": [case]}), json!([case, with("id", json!("b"))])];
        for (member, value) in [
            ("protocol", json!("T=0")),
            ("protocol", json!("T=1")),
            ("protocol", json!("T=9")),
            ("contactless", json!(true)),
            ("contactless", json!(1)),
            ("atr", json!("3B00")),
            ("atr", json!(7)),
            ("exchanges", json!([{"c": 1, "r": "9000"}])),
            ("exchanges", json!({})),
        ] {
            texts.push(with(member, value));
        }
        texts.iter().for_each(|text| self.put("transcript", text.to_string().as_bytes()));
    }

    /// Values that stand for words: transaction types and authorisation response codes.
    fn codes(&self) {
        for code in [0x00, 0x01, 0x09, 0x12, 0x17, 0x20, 0x21, 0x30, 0x40, 0x60, 0x62, 0x63] {
            for scheme in [0x00, 0x30] {
                self.put("decode", &[&kind("tlv"), &[scheme], &join([&[0x9C, 0x01, code][..]])[..]].concat());
            }
        }
        for code in ["Y1", "Z1", "Y2", "Z2", "Y3", "Z3", "00", "01", "05", "14", "41", "51", "54", "55", "75", "91"] {
            self.put(
                "decode",
                &[&kind("tlv"), &[0], &join([&[&[0x8A, 0x02], code.as_bytes()].concat()[..]])[..]].concat(),
            );
        }
    }

    /// What the targets of the parts have found is explained, too.
    fn crossed(&self) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let inputs = |target: &str| {
            let files = fs::read_dir(corpus.join(target)).into_iter().flatten();
            let mut paths: Vec<_> = files.map(|file| file.expect("it can be read").path()).collect();
            paths.extend(
                fs::read_dir(self.out.join(target)).into_iter().flatten().filter_map(|it| Some(it.ok()?.path())),
            );
            paths.sort();
            paths.into_iter().map(|path| fs::read(path).expect("it can be read"))
        };
        for word in ["atr", "ats"] {
            inputs(word).for_each(|input| self.put("decode", &[&kind(word), &[0], &join([&input[..]])[..]].concat()));
        }
        for input in inputs("iad") {
            let Some((scheme, value)) = input.split_first() else { continue };
            self.put("decode", &[&kind("iad"), &[scheme % 6 << 4], &join([value])[..]].concat());
        }
        for input in inputs("command") {
            self.put("decode", &[&kind("apdu"), &[0], &join([&input[..]])[..]].concat());
        }
    }

    /// Answer-to-Reset and Answer-to-Select: the vectors have few of the first and none of the second.
    fn announcements(&self) {
        for atr in [
            &[0x3B, 0x00][..],
            &[0x3B, 0x84, 0x80, 0x01, 0x78, 0x80, 0x70, 0x02, 0x8F],
            &[0x3F, 0x65, 0x25, 0x00, 0x2C, 0x09, 0x69, 0x90, 0x00],
            b"\x3B\xF8\x13\x00\x00\x81\x31\xFE\x45JCOPv241\xB7",
            &[0x3B, 0x80, 0x80, 0x1F, 0x03, 0x1C],
            b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x03\x00\x01\x00\x00\x00\x00\x6A",
        ] {
            self.put("atr", atr);
            self.put("decode", &[&kind("atr"), &[0], &join([atr])[..]].concat());
        }
        for ats in [
            &[0x01][..],
            &[0x06, 0x75, 0x77, 0x81, 0x02, 0x80],
            &[0x09, 0x78, 0x33, 0x88, 0x03, 0x80, 0x73, 0xC8, 0x21],
            &[0x03, 0x40, 0x00],
        ] {
            self.put("ats", ats);
            self.put("decode", &[&kind("ats"), &[0], &join([ats])[..]].concat());
        }
    }
}

/// The octet by which the target takes this kind.
fn kind(word: &str) -> [u8; 1] {
    let place = Kind::ALL.iter().position(|kind| kind.word() == word);
    [place.expect("there is such a kind") as u8]
}

/// A session as a file of its own, with as many exchanges as a short text holds.
fn short(case: &Value) -> String {
    let mut case = case.clone();
    case.as_object_mut().expect("a case is an object").retain(|member, _| member != "expect" && member != "source");
    loop {
        let text = json!([case]).to_string();
        let exchanges = case["exchanges"].as_array_mut().expect("a transcript has exchanges");
        if text.len() <= MAX_TEXT || exchanges.pop().is_none() {
            return text;
        }
    }
}

struct Session {
    atr: Vec<u8>,
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

#[derive(Default)]
struct Vectors {
    cases: Vec<Value>,
    sessions: Vec<Session>,
    /// Whole BER-TLV texts.
    blobs: Vec<Vec<u8>>,
    lists: Vec<Vec<u8>>,
}

impl Vectors {
    fn read(folder: &Path) -> Self {
        let files = fs::read_dir(folder).expect("the vectors are there");
        let mut files: Vec<_> = files.map(|file| file.expect("it can be read").path()).collect();
        files.sort();
        let mut vectors = Self::default();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
            let text = fs::read_to_string(file).expect("it is text");
            match serde_json::from_str(&text).expect("it is JSON") {
                Value::Array(cases) => cases.into_iter().for_each(|case| vectors.add(case)),
                Value::Object(members) => {
                    let lists = members.into_iter().filter_map(|(_, member)| member.as_array().cloned());
                    lists.flatten().for_each(|case| vectors.add(case));
                }
                _ => {}
            }
        }
        vectors
    }

    fn add(&mut self, case: Value) {
        match case["kind"].as_str() {
            Some("transcript") => self.sessions.push(Session {
                atr: octets(&case["atr"]),
                exchanges: case["exchanges"]
                    .as_array()
                    .map(|exchanges| exchanges.iter().map(|it| (octets(&it["c"]), octets(&it["r"]))).collect())
                    .unwrap_or_default(),
            }),
            Some("tlv" | "tlv-values") => self.blobs.push(octets(&case["hex"])),
            Some("dol") => self.lists.push(octets(&case["hex"])),
            _ => {}
        }
        self.cases.push(case);
    }
}

/// Octets as the vectors write them; what is none is no octets.
fn octets(value: &Value) -> Vec<u8> {
    let digits: Vec<_> = value.as_str().unwrap_or_default().chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

//! From the JSON form to the values of an image.

use tapcard_card::{Behaviour, Face, Interface, Key, Rules};
use tapcard_emv::aid::Aid;
use tapcard_emv::pboc::LogEntry;
use tapcard_emv::tags::{Scheme, tag};
use tapcard_iso7816::{Sfi, Tag, find_deep, find_path};

use crate::error::{Place, ProfileError};
use crate::source::{self, Node, Octets, TagKey};
use crate::{check, encode, keys, oda};

/// The values of one application.
pub(crate) type Values = Vec<(Key, Vec<u8>)>;

/// One application, ready for the image.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Compiled {
    pub(crate) name: Vec<u8>,
    pub(crate) values: Values,
    pub(crate) secrets: Values,
}

const CONTACTLESS: Face = Face::Only(Interface::Contactless);
/// Most octets of data in an answer to a short Le.
const MAX_ANSWER: usize = 256;

/// Encodes one application and checks it by itself.
pub(crate) fn application(place: &Place, source: &source::Application) -> Result<Compiled, ProfileError> {
    let scheme = Aid::new(&source.name.0).map_or(Scheme::Emv, |aid| aid.scheme());
    let mut compiler = Compiler { place, scheme, values: Vec::new() };
    compiler.fci(source)?;
    compiler.records(source)?;
    compiler.logs(source);
    compiler.data(source)?;
    compiler.purse(&source.purse)?;
    let mut secrets = Vec::new();
    if let Some(oda) = &source.oda {
        let signed = oda::sign(&place.key("oda"), oda, source.gpo.as_ref(), &compiler.values)?;
        compiler.values.extend(signed.records);
        secrets.extend(signed.secrets);
    }
    compiler.options("gpo", Key::ProcessingOptions(Face::Any), source.gpo.as_ref())?;
    compiler.options("gpo_contactless", Key::ProcessingOptions(CONTACTLESS), source.gpo_contactless.as_ref())?;
    compiler.options("gpo_cash", Key::CashOptions(Face::Any), source.gpo_cash.as_ref())?;
    compiler.behaviour(source.behaviour.as_ref())?;
    if source.blocked {
        compiler.values.push((Key::Blocked, Vec::new()));
    }
    let values = compiler.values;
    check::logs(place, &values)?;
    check::pan(place, &values)?;
    for (key, value) in &values {
        if value.len() > MAX_ANSWER {
            return Err(place.error(format!("{key} has {} octets", value.len()), "an answer has at most 256"));
        }
    }
    if let Some(keys) = &source.keys {
        secrets.extend(keys::secrets(&place.key("keys"), keys, &values)?);
    }
    Ok(Compiled { name: source.name.0.clone(), values, secrets })
}

/// An FCI with the DF name alone: what `"fci": {}` becomes.
fn is_empty_fci(fci: &[u8]) -> bool {
    find_path(fci, &[tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY_TEMPLATE]).is_some_and(<[u8]>::is_empty)
}

struct Compiler<'p> {
    place: &'p Place,
    scheme: Scheme,
    values: Values,
}

impl Compiler<'_> {
    fn fci(&mut self, source: &source::Application) -> Result<(), ProfileError> {
        let faces =
            [("fci", Face::Any, Some(&source.fci)), ("fci_contactless", CONTACTLESS, source.fci_contactless.as_ref())];
        for (key, face, fci) in faces {
            let Some(fci) = fci else { continue };
            let proprietary = encode::template(&self.place.key(key), fci, self.scheme)?;
            let mut content = encode::object(tag::DF_NAME, &source.name.0);
            content.extend(encode::object(tag::FCI_PROPRIETARY_TEMPLATE, &proprietary));
            self.values.push((Key::Fci(face), encode::object(tag::FCI_TEMPLATE, &content)));
        }
        Ok(())
    }

    fn records(&mut self, source: &source::Application) -> Result<(), ProfileError> {
        for (id, content) in &source.records.0 {
            let content = encode::template(&self.place.key("records").key(id), content, self.scheme)?;
            self.values.push((Key::Record(id.sfi, id.number), encode::object(tag::READ_RECORD_TEMPLATE, &content)));
        }
        Ok(())
    }

    fn logs(&mut self, source: &source::Application) {
        for (source::SfiKey(sfi), log) in &source.logs.0 {
            self.values.push((Key::File(*sfi), Vec::new()));
            if let Some(size) = self.log_size(*sfi) {
                self.values.push((Key::LogSize(*sfi), vec![size]));
            }
            let numbered = (1..=u8::MAX).zip(log).map(|(number, record)| (Key::Record(*sfi, number), record.0.clone()));
            self.values.extend(numbered);
        }
    }

    /// How many records the FCI says that a log has (`9F4D`, `DF4D`).
    fn log_size(&self, sfi: Sfi) -> Option<u8> {
        let fcis = self.values.iter().filter(|(key, _)| matches!(key, Key::Fci(_)));
        let entries = fcis.flat_map(|(_, fci)| [tag::LOG_ENTRY, tag::LOAD_LOG_ENTRY].map(|tag| find_deep(fci, tag)));
        let entries = entries.flatten().filter_map(|entry| LogEntry::parse(entry).ok());
        entries.into_iter().find(|entry| entry.sfi == sfi && entry.records > 0).map(|entry| entry.records)
    }

    fn behaviour(&mut self, behaviour: Option<&source::Behaviour>) -> Result<(), ProfileError> {
        let Some(source) = behaviour else { return Ok(()) };
        let place = self.place.key("behaviour");
        let octet = |key: &str, Octets(octets): &Octets| match octets[..] {
            [octet] => Ok(octet),
            _ => Err(place.key(key).error(format!("{} octets", octets.len()), "one octet")),
        };
        let (rules, algorithm) = match source.rules {
            source::Rules::Pboc => (Rules::Pboc, 1),
            source::Rules::Visa => (Rules::Visa, 0),
        };
        let (dki, cvn) = (octet("dki", &source.dki)?, octet("cvn", &source.cvn)?);
        let value = Behaviour { rules, dki, cvn, algorithm }.encode();
        if Behaviour::decode(&value).is_none() {
            let problem = format!("cryptogram version {cvn:02X} is not known");
            return Err(place.key("cvn").error(problem, "01 of PBOC, 0A of Visa"));
        }
        self.values.push((Key::Behaviour, value.to_vec()));
        Ok(())
    }

    fn data(&mut self, source: &source::Application) -> Result<(), ProfileError> {
        for (TagKey(tag), Octets(value)) in &source.data.0 {
            let place = self.place.key("data").key(tag);
            if tag.octet_count() > 2 {
                return Err(place.error("GET DATA has no room for this tag", "tags of one or two octets"));
            }
            encode::value(&place, *tag, value, self.scheme)?;
            self.values.push((Key::Data(*tag), value.clone()));
        }
        Ok(())
    }

    fn purse(&mut self, purse: &source::Purse) -> Result<(), ProfileError> {
        let place = self.place.key("purse");
        if let Some(Octets(identifier)) = &purse.identifier {
            if identifier.len() != 2 {
                let problem = format!("{} octets", identifier.len());
                return Err(place.key("identifier").error(problem, "a file identifier has two"));
            }
            self.values.push((Key::Identifier, identifier.clone()));
        }
        if let Some(Octets(fci)) = &purse.fci {
            if self.values.iter().any(|(key, value)| matches!(key, Key::Fci(_)) && !is_empty_fci(value)) {
                return Err(place.key("fci").error("there is another `fci`", "`{}` beside this one"));
            }
            self.values.retain(|(key, _)| !matches!(key, Key::Fci(_)));
            self.values.push((Key::Fci(Face::Any), fci.clone()));
        }
        let registers = purse.registers.0.iter();
        self.values.extend(registers.map(|(header, octets)| (Key::Answer(header.0), octets.0.clone())));
        self.values.extend(purse.files.0.iter().map(|(file, octets)| (Key::Binary(file.0), octets.0.clone())));
        for (file, records) in &purse.records.0 {
            for (number, Octets(record)) in (1..=u8::MAX).zip(records) {
                let key = Key::Record(file.0, number);
                if self.values.iter().any(|(known, _)| *known == key) {
                    let place = place.key("records").key(file);
                    return Err(place.error(format!("{key} is there already"), "each record once"));
                }
                self.values.push((key, record.clone()));
            }
        }
        Ok(())
    }

    fn options(&mut self, key: &str, stored: Key, options: Option<&source::Options>) -> Result<(), ProfileError> {
        let Some(options) = options else { return Ok(()) };
        let place = self.place.key(key);
        let objects = place.key("objects");
        let content = encode::template(&objects, &options.objects, self.scheme)?;
        let find = |wanted: Tag| {
            options.objects.0.iter().find_map(|(TagKey(tag), node)| match node {
                Node::Value(Octets(value)) if *tag == wanted => Some(value.as_slice()),
                _ => None,
            })
        };
        let aip = find(tag::AIP);
        let aip = aip.ok_or_else(|| objects.error("82 is missing", "every answer has the AIP"))?;
        let afl = find(tag::AFL);
        if let Some(afl) = afl {
            check::afl(&objects.key(tag::AFL), afl, &self.values)?;
        }
        let answer = match options.template.0.as_slice() {
            [0x77] => encode::object(tag::RESPONSE_TEMPLATE_2, &content),
            [0x80] => {
                let (Some(afl), 2) = (afl, options.objects.0.len()) else {
                    return Err(objects.error("template 80 has room for AIP and AFL only", "82 and 94, or template 77"));
                };
                encode::object(tag::RESPONSE_TEMPLATE_1, &[aip, afl].concat())
            }
            _ => return Err(place.key("template").error("no such template", "`80` or `77`")),
        };
        self.values.push((stored, answer));
        Ok(())
    }
}

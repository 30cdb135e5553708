//! The JSON form: what may stand where. Whether it makes sense as a card is [`crate::check`]'s matter.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use tapcard_iso7816::{Sfi, Tag};

use crate::value;

/// The whole file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) atr: Octets,
    #[serde(default)]
    pub(crate) blocked: bool,
    pub(crate) applications: Vec<Application>,
}

/// One application or directory.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) name: Octets,
    #[serde(default)]
    pub(crate) blocked: bool,
    /// The content of `A5`.
    pub(crate) fci: Template,
    pub(crate) fci_contactless: Option<Template>,
    pub(crate) gpo: Option<Options>,
    pub(crate) gpo_contactless: Option<Options>,
    /// The content of each template `70`.
    #[serde(default)]
    pub(crate) records: Pairs<RecordId, Template>,
    /// Raw records, the newest first, by SFI.
    #[serde(default)]
    pub(crate) logs: Pairs<SfiKey, Vec<Octets>>,
    /// What GET DATA answers.
    #[serde(default)]
    pub(crate) data: Pairs<TagKey, Octets>,
    /// What makes it an electronic purse.
    #[serde(default)]
    pub(crate) purse: Purse,
    /// The answer to GET PROCESSING OPTIONS of an electronic cash transaction, where it is another one.
    pub(crate) gpo_cash: Option<Options>,
    /// How it computes.
    pub(crate) behaviour: Option<Behaviour>,
    /// What it computes with.
    pub(crate) keys: Option<Keys>,
    /// What makes it sign.
    pub(crate) oda: Option<Oda>,
}

/// Certificates of a test chain.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oda {
    /// Index of the test CA.
    pub(crate) ca: Octets,
    /// The file that holds the certificates: three records that the AFL lists and does not mark for authentication.
    pub(crate) file: FileKey,
}

/// How a payment application computes.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behaviour {
    pub(crate) rules: Rules,
    /// Derivation key index, one octet.
    pub(crate) dki: Octets,
    /// Cryptogram version number, one octet.
    pub(crate) cvn: Octets,
}

/// Whose rules.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rules {
    Pboc,
    Visa,
}

/// Whose keys stand in a personalisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeysOf {
    /// The issuer's master keys, from which those of the card are derived: for public test keys alone.
    #[default]
    Issuer,
    /// The keys of this card, derived by its issuer.
    Card,
}

/// The keys of the card, or the issuer's master keys from which they are derived, and the PIN.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    #[serde(default)]
    pub(crate) of: KeysOf,
    pub(crate) ac: Octets,
    pub(crate) mac: Octets,
    pub(crate) enc: Octets,
    pub(crate) pin: Option<String>,
}

/// Shows nothing of them.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

/// Files and registers of an electronic purse.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Purse {
    /// The identifier of its DF.
    pub(crate) identifier: Option<Octets>,
    /// The whole answer to SELECT, for purses whose FCI is not that of EMV.
    pub(crate) fci: Option<Octets>,
    /// Registers: answers by the header of the command that asks for them.
    #[serde(default)]
    pub(crate) registers: Pairs<HeaderKey, Octets>,
    /// Transparent files by SFI.
    #[serde(default)]
    pub(crate) files: Pairs<FileKey, Octets>,
    /// Raw records, the newest first, by SFI.
    #[serde(default)]
    pub(crate) records: Pairs<FileKey, Vec<Octets>>,
}

/// An answer to GET PROCESSING OPTIONS.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) template: Octets,
    pub(crate) objects: Template,
}

/// Data objects in order.
pub(crate) type Template = Pairs<TagKey, Node>;

/// The value of a data object.
#[derive(Debug)]
pub(crate) enum Node {
    Value(Octets),
    Template(Template),
    /// The same tag several times.
    List(Vec<Node>),
}

/// A JSON object in its own order, each key once.
#[derive(Debug)]
pub(crate) struct Pairs<K, V>(pub(crate) Vec<(K, V)>);

impl<K, V> Default for Pairs<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Octets as `"hex"`, `"text:…"` or `"amount:…"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Octets(pub(crate) Vec<u8>);

/// A tag as key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TagKey(pub(crate) Tag);

/// SFI and record number as key: `1.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordId {
    pub(crate) sfi: Sfi,
    pub(crate) number: u8,
}

/// An SFI as key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SfiKey(pub(crate) Sfi);

/// Any SFI as key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileKey(pub(crate) Sfi);

/// Cla, Ins, P1 and P2 as key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderKey(pub(crate) [u8; 4]);

/// A string that means something.
trait Form: Sized {
    /// How it is written, for messages.
    const EXPECTED: &'static str;

    fn read(text: &str) -> Option<Self>;
}

impl Form for TagKey {
    const EXPECTED: &'static str = "a tag in hex, such as `9F79`";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl Form for RecordId {
    const EXPECTED: &'static str = "SFI 1 to 10, a dot and a record number 1 to 255, such as `1.2`";

    fn read(text: &str) -> Option<Self> {
        let (sfi, number) = text.split_once('.')?;
        let sfi = sfi.parse().ok().filter(|sfi| *sfi <= 10).and_then(Sfi::new)?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        Some(Self { sfi, number })
    }
}

impl Form for SfiKey {
    const EXPECTED: &'static str = "an SFI from 11 to 30";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|sfi| *sfi > 10).and_then(Sfi::new).map(Self)
    }
}

impl Form for FileKey {
    const EXPECTED: &'static str = "an SFI from 1 to 30";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().and_then(Sfi::new).map(Self)
    }
}

impl Form for HeaderKey {
    const EXPECTED: &'static str = "Cla, Ins, P1 and P2 in hex, such as `805C0002`";

    fn read(text: &str) -> Option<Self> {
        value::octets(text)?.try_into().ok().map(Self)
    }
}

impl Form for Octets {
    const EXPECTED: &'static str =
        "hex (spaces and commas are ignored), `text:` and ASCII, or `amount:` and two decimals";

    fn read(text: &str) -> Option<Self> {
        value::octets(text).map(Self)
    }
}

impl fmt::Display for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SfiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for HeaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.sfi, self.number)
    }
}

/// Reads a string by its [`Form`].
struct Text<T>(PhantomData<T>);

impl<T: Form> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::read(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

macro_rules! from_text {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(PhantomData))
            }
        }
    )*};
}
from_text!(TagKey, RecordId, SfiKey, FileKey, HeaderKey, Octets);

struct PairsVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + PartialEq + fmt::Display, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<K, V> {
    type Value = Pairs<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs: Vec<(K, V)> = Vec::new();
        while let Some((key, value)) = map.next_entry()? {
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(A::Error::custom(format!(
                    "`{key}` comes twice, expected each key once; a list repeats a tag"
                )));
            }
            pairs.push((key, value));
        }
        Ok(Pairs(pairs))
    }
}

impl<'de, K: Deserialize<'de> + PartialEq + fmt::Display, V: Deserialize<'de>> Deserialize<'de> for Pairs<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("octets as a string, data objects as an object, or a list of these")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Text(PhantomData).visit_str(text).map(Node::Value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Node, A::Error> {
        PairsVisitor(PhantomData).visit_map(map).map(Node::Template)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

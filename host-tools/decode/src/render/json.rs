//! JSON: `tapcard.decode/1`.

use serde_json::{Map, Value, json};

use super::{is_detailed, shown_children};
use crate::kind::Kind;
use crate::node::{Explained, Node};

/// The document. For `tlv` it has the members `schema`, `objects` and `remainder` alone; other kinds add `kind`, a guess
/// adds `guessed`.
///
/// ```
/// use tapcard_decode::{Context, Kind, explain, render};
///
/// let explained = explain(Kind::Aip, &[0x60, 0x00], &Context::default());
/// let document = render::to_json(&explained);
/// assert_eq!(document["objects"][0]["means"], serde_json::json!(["SDA", "DDA"]));
/// ```
#[must_use]
pub fn to_json(explained: &Explained) -> Value {
    let mut document = Map::new();
    document.insert("schema".into(), json!("tapcard.decode/1"));
    if explained.kind != Kind::Tlv {
        document.insert("kind".into(), json!(explained.kind.word()));
    }
    if let Some(guess) = &explained.guess {
        let others: Vec<_> = guess.others.iter().map(|kind| kind.word()).collect();
        let guess = json!({
            "kind": guess.kind.word(), "sure": guess.sure.to_string(), "why": guess.why, "others": others
        });
        document.insert("guessed".into(), guess);
    }
    let detailed = is_detailed(explained);
    let objects: Vec<_> = explained.nodes.iter().map(|node| node_to_json(node, detailed)).collect();
    document.insert("objects".into(), json!(objects));
    let remainder = explained
        .remainder
        .as_ref()
        .map(|remainder| json!({"offset": remainder.offset, "hex": remainder.hex, "error": remainder.error}));
    document.insert("remainder".into(), json!(remainder));
    Value::Object(document)
}

fn node_to_json(node: &Node, detailed: bool) -> Value {
    let children: Vec<_> = shown_children(node, detailed).map(|child| node_to_json(child, detailed)).collect();
    // Parts that have a place of their own below need not be repeated.
    let means = if node.tag.is_some() { node.summary() } else { node.means.clone() };
    json!({
        "tag": node.tag.map(|tag| tag.to_string()),
        "name": node.name,
        "length": node.length,
        "offset": node.offset,
        "hex": node.hex,
        "value": node.value,
        "means": means,
        "children": children,
    })
}

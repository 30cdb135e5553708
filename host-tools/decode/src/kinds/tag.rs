//! A tag alone: its form and every meaning that the dictionary has.

use tapcard_emv::tags::{lookup_for, meanings};
use tapcard_emv::{DataObject, Format, Sensitivity, Source, Tag};
use tapcard_iso7816::Class;

use crate::field::Field;
use crate::kinds::Parts;
use crate::node::Node;
use crate::setting::Setting;
use crate::value::lengths;
use crate::words::count;

/// The tag field, and one node for each meaning.
pub(crate) fn explain(field: Field<'_>, setting: &Setting) -> Parts {
    let (tag, length) = match Tag::parse(field.octets) {
        Ok(found) => found,
        Err(error) => return (Vec::new(), Some(field.broken(&error))),
    };
    let (place, rest) = field.split(length);
    let rows: Vec<_> = match setting.scheme {
        Some(scheme) => lookup_for(tag, scheme).into_iter().collect(),
        None => meanings(tag).iter().collect(),
    };
    let form = if tag.is_constructed() { "constructed: holds data objects" } else { "primitive: holds a value" };
    let mut nodes = vec![place.node("tag").value(tag.to_string()).means(class(tag)).means(form)];
    nodes.extend(rows.into_iter().map(|row| meaning(place, row)));
    if nodes.len() == 1 {
        nodes.push(place.node("meaning").value("not in the dictionary"));
    }
    let remainder = (rest.len() > 0).then(|| rest.broken(&format!("{} behind the tag", count(rest.len(), "byte"))));
    (nodes, remainder)
}

fn class(tag: Tag) -> &'static str {
    match tag.class() {
        Class::Universal => "class: universal",
        Class::Application => "class: application",
        Class::ContextSpecific => "class: context-specific",
        Class::Private => "class: private",
    }
}

fn meaning(place: Field<'_>, row: &DataObject) -> Node {
    let scheme = match row.scheme {
        Some(scheme) => format!("meaning, {}", scheme.name()),
        None => "meaning".to_owned(),
    };
    let source = match row.source {
        Source::Icc => "from the card",
        Source::Terminal => "from the terminal",
        Source::Issuer => "from the issuer",
    };
    let node = place.node(scheme).value(row.name);
    let node = node.means(format!("format {}, {}", format(row.format), lengths(row))).means(source);
    let node = match row.class {
        Sensitivity::Plain => node,
        Sensitivity::Name => node.means("hidden: personal data"),
        Sensitivity::Pan => node.means("hidden: account number"),
        Sensitivity::Track => node.means("hidden: track data"),
        Sensitivity::Secret => node.means("hidden: secret"),
    };
    node.means(row.clause)
}

const fn format(format: Format) -> &'static str {
    match format {
        Format::A => "a",
        Format::An => "an",
        Format::Ans => "ans",
        Format::B => "b",
        Format::Cn => "cn",
        Format::N => "n",
        Format::Dol => "data object list",
        Format::TagList => "tag list",
        Format::Template => "template",
        _ => "var",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_emv::Scheme;
    use tapcard_transport::Masked;

    fn explained(value: &str, scheme: Option<Scheme>) -> Parts {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        explain(shown.field(&octets), &Setting::default().or_scheme(scheme))
    }

    #[test]
    fn every_meaning_is_told_unless_the_scheme_is_given() {
        let (nodes, _) = explained("9F6B", None);
        assert_eq!(nodes[0].means, ["class: context-specific", "primitive: holds a value"]);
        let names: Vec<_> = nodes[1..].iter().map(|node| node.value.as_deref().unwrap()).collect();
        assert_eq!(names, ["Card CVM Limit", "Track 2 Data"]);
        assert_eq!(nodes[2].name.as_deref(), Some("meaning, Mastercard"));
        assert!(nodes[2].means.contains(&"hidden: track data".to_owned()));
        assert_eq!(explained("9F6B", Some(Scheme::UnionPay)).0.len(), 2);
    }

    #[test]
    fn unknown_tags_and_octets_behind_a_tag_are_told() {
        let (nodes, remainder) = explained("DF7E00", None);
        assert_eq!(nodes[1].value.as_deref(), Some("not in the dictionary"));
        assert_eq!(remainder.unwrap().error, "1 byte behind the tag");
        assert_eq!(explained("9F", None).1.unwrap().error, "the tag field is cut off");
    }
}

//! Values of data objects: as text, and what they mean.

mod aid;
pub(crate) mod amounts;
pub(crate) mod bits;
mod cvm;
mod ffi;
mod iad;
pub(crate) mod lists;
mod small;
mod track;

use tapcard_emv::{DataObject, Format, Sensitivity, Tag, ValueText, bits as fields, tag};
use tapcard_report::text::decode_text;

use crate::field::Field;
use crate::node::Node;
use crate::setting::Setting;
use crate::words::count;
use bits::Bits;

pub(crate) use aid::one_line as aid_line;
pub(crate) use small::lengths;

/// What can be said of a value beyond its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Lines that stand for themselves.
    pub(crate) means: Vec<String>,
    /// Its parts.
    pub(crate) parts: Vec<Node>,
}

/// A data object as a node. `offset` is that of its tag field, `field` its value.
pub(crate) fn object(tag: Tag, offset: usize, field: Field<'_>, setting: &Setting) -> Node {
    let row = setting.lookup(tag, field.len());
    let node = Node {
        tag: Some(tag),
        name: row.map(|row| row.name.to_owned()),
        offset,
        length: field.len(),
        hex: field.hex.to_owned(),
        ..Node::default()
    };
    if tag.is_constructed() {
        return node;
    }
    let node = node.value(text(row, field, setting));
    let node = match said(tag, row, field, setting) {
        Ok(said) => node.all_means(said.means).children(said.parts),
        Err(_) if field.len() == 0 => node,
        Err(error) => node.means(format!("not explained: {error}")),
    };
    let others = setting.other_meanings(tag, field.len());
    if others.is_empty() || field.len() == 0 {
        return node;
    }
    let names = others.iter().map(|row| match row.scheme {
        Some(scheme) => format!("{} ({})", row.name, scheme.name()),
        None => row.name.to_owned(),
    });
    let line = format!("or, by the scheme: {}", names.collect::<Vec<_>>().join(", "));
    // Means would hide the parts of a value that has no lines of its own.
    let mut node = node;
    match node.children.is_empty() || !node.means.is_empty() {
        true => node.means.push(line),
        false => node.children.push(Node { name: Some("meaning".into()), value: Some(line), ..Node::default() }),
    }
    node
}

/// The value as text.
pub(crate) fn text(row: Option<&DataObject>, field: Field<'_>, setting: &Setting) -> String {
    let Some(row) = row else { return field.hex.to_owned() };
    match row.format {
        Format::A | Format::An | Format::Ans => {
            let table = setting.code_table.filter(|_| row.tag == tag::APPLICATION_PREFERRED_NAME);
            decode_text(&field.text_octets(), table)
        }
        _ if row.class == Sensitivity::Plain && field.hides() => field.hex.to_owned(),
        _ if setting.show_pan => ValueText::new(row, field.octets).revealed().to_string(),
        _ => ValueText::new(row, field.octets).to_string(),
    }
}

/// What a value means; an empty answer where its text says it all.
pub(crate) fn said(tag: Tag, row: Option<&DataObject>, field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let format = row.map(|row| row.format);
    match tag {
        tag::TRACK2_EQUIVALENT_DATA => return track::track2(field, setting),
        tag::TRACK2_DATA if row.is_some_and(|row| row.class == Sensitivity::Track) => {
            return track::track2(field, setting);
        }
        _ if field.hides() => return Ok(Said::default()),
        tag::CVM_LIST => return cvm::list(field, setting),
        tag::CVM_RESULTS => return cvm::results(field),
        tag::IAD => return iad::iad(field, setting),
        tag::FFI => return ffi::ffi(field, setting),
        tag::AFL => return lists::afl(field),
        tag::ADF_NAME | tag::DF_NAME | tag::AID_TERMINAL | tag::DDF_NAME => return aid::aid(field),
        _ => {}
    }
    match format {
        Some(Format::Dol) => return dol_lines(field, setting),
        Some(Format::TagList) => return lists::tag_list(field, setting),
        _ => {}
    }
    if let Some(said) = bit_field(tag, row, field)? {
        return Ok(said);
    }
    Ok(Said { means: small::lines(tag, row, field, setting), ..Said::default() })
}

/// An application identifier that stands alone.
pub(crate) fn aid_parts(field: Field<'_>) -> Result<Said, String> {
    aid::aid(field)
}

/// The entries of a list as lines: inside other objects they are no objects themselves.
fn dol_lines(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let (nodes, remainder) = lists::dol(field, setting);
    if let Some(remainder) = remainder {
        return Err(remainder.error);
    }
    let line = |node: &Node| {
        let value = node.value.as_deref().unwrap_or_default();
        match node.tag {
            Some(tag) => format!("{tag} {}: {value}", node.name.as_deref().unwrap_or("unknown")),
            None => format!("total: {value}"),
        }
    };
    Ok(Said { means: nodes.iter().map(line).collect(), ..Said::default() })
}

/// A value that is a bit field; `None` if the tag stands for none.
fn bit_field(tag: Tag, row: Option<&DataObject>, field: Field<'_>) -> Result<Option<Said>, String> {
    let mut found = Vec::new();
    if fields::explain(tag, field.octets, &mut |bit| found.push(bit)) {
        return Ok(Some(Bits::new(field).single(found).said()));
    }
    // A tag that stands for a bit field with another number of octets.
    let Some(length) = row.filter(|row| is_bit_field(tag, row)).map(|row| usize::from(row.max_len)) else {
        return Ok(None);
    };
    Err(format!("{}; {length} are needed", count(field.len(), "byte")))
}

fn is_bit_field(tag: Tag, row: &DataObject) -> bool {
    row.min_len == row.max_len && fields::explain(tag, &vec![0; usize::from(row.max_len)], &mut |_| ())
}

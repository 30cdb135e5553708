//! Data that a data object list lays out: the data of a command, a log record (EMV 4.4 Book 3, 5.4).

use tapcard_emv::{Dol, Tag};
use tapcard_transport::Masker;

use crate::field::Shown;
use crate::input::Context;
use crate::kinds::Parts;
use crate::limits::MAX_NODES;
use crate::node::Remainder;
use crate::setting::Setting;
use crate::value;
use crate::value::lists::too_many;
use crate::words::count;

/// The values with their names; offsets count in the data.
pub(crate) fn explain(list: &[u8], data: &[u8], context: &Context, masker: &mut Masker) -> Parts {
    let dol = Dol::new(list);
    if let Err(error) = dol.total_length() {
        // Nothing is known of the data; what is wrong stands in the list.
        let shown = Shown::new(&context.unknown(list));
        let broken = shown.field(list).from(error.offset).broken(&format!("in the list: {error}"));
        return (Vec::new(), Some(broken));
    }
    let mut values: Vec<(Tag, usize, &[u8])> = Vec::new();
    let mut rest = dol.decode(data);
    let mut error = None;
    for item in rest.by_ref() {
        match item {
            Ok(_) if values.len() >= MAX_NODES => error = Some(too_many()),
            Ok((entry, value)) => values.push((entry.tag, entry.data_offset, value)),
            Err(cut) => error = Some(cut.to_string()),
        }
    }
    let shown = Shown::joined(values.iter().map(|(tag, _, value)| masker.value(*tag, value)));
    let taken: usize = values.iter().map(|(_, _, value)| value.len()).sum();
    let whole = shown.field(data.get(..taken).unwrap_or_default());
    let find = |wanted: Tag| values.iter().find(|(tag, ..)| *tag == wanted).map(|(_, _, value)| *value);
    let setting = Setting::with(context, find);
    let object = |(tag, offset, value): &(Tag, usize, &[u8])| {
        value::object(*tag, *offset, whole.sub(*offset, value.len()), &setting)
    };
    let nodes = values.iter().map(object).collect();
    let left = data.get(taken..).unwrap_or_default();
    let error =
        error.or_else(|| (!left.is_empty()).then(|| format!("{} behind the last entry", count(left.len(), "byte"))));
    let remainder = error.map(|error| Remainder { offset: taken, hex: masker.raw(left).hex(), error });
    (nodes, remainder)
}

/// Whether a list could lay out data of this length, and how well: all its tags are known and as long as usual.
pub(crate) fn fits(list: &[u8], length: usize) -> Option<bool> {
    let dol = Dol::new(list);
    if list.is_empty() || dol.total_length().ok()? != length {
        return None;
    }
    Some(dol.iter().flatten().all(|entry| {
        let rows = tapcard_emv::tags::meanings(entry.tag);
        rows.iter().any(|row| row.accepts_length(entry.length))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(list: &str, data: &str) -> Parts {
        let context = Context::default();
        let (list, data) = (hex::decode(list).unwrap(), hex::decode(data).unwrap());
        explain(&list, &data, &context, &mut context.masker())
    }

    #[test]
    fn values_have_names_places_and_the_currency_beside_them() {
        let (nodes, remainder) = explained("9F02065F2A02", "0000000010000392");
        assert_eq!(remainder, None);
        assert_eq!((nodes[0].means.as_slice(), nodes[0].offset), (&["1000 JPY".to_owned()][..], 0));
        assert_eq!((nodes[1].hex.as_str(), nodes[1].offset), ("0392", 6));
    }

    #[test]
    fn data_of_another_length_leave_a_remainder() {
        let (nodes, remainder) = explained("9C019A03", "00180305FF");
        assert_eq!((nodes.len(), remainder.unwrap().error.as_str()), (2, "1 byte behind the last entry"));
        let (nodes, remainder) = explained("9C019A03", "001803");
        let remainder = remainder.unwrap();
        assert_eq!((nodes.len(), remainder.offset, remainder.hex.as_str()), (1, 1, "1803"));
        let (nodes, remainder) = explained("9C", "00");
        assert_eq!(
            (nodes.len(), remainder.unwrap().error.as_str()),
            (0, "in the list: the length is missing at byte 1")
        );
    }

    #[test]
    fn an_account_number_in_a_list_is_hidden() {
        let (nodes, _) = explained("5A089C01", "621094800000001100");
        assert_eq!((nodes[0].hex.as_str(), nodes[0].value.as_deref()), ("621094******0011", Some("621094******0011")));
    }
}

//! R-APDUs: data as the command has them, and the status word (EMV 4.4 Book 3, 6.5; JR/T 0025 for purses).

use tapcard_emv::{Scheme, Tag, tag};
use tapcard_iso7816::{Command, Ins, Response, Walk};

use super::layout::{self, BALANCE, DEBITED, LOAD_INITIALIZED, LOADED, PROVED, PURCHASE_INITIALIZED, RELAY};
use crate::field::Field;
use crate::input::Context;
use crate::kinds::{Parts, sw, tlv};
use crate::node::Node;
use crate::setting::Setting;
use crate::value;
use crate::words::count;

/// The whole answer. `scheme`: that of the application, if the command told it.
pub(super) fn explain(
    field: Field<'_>,
    command: Option<&Command<'_>>,
    context: &Context,
    scheme: Option<Scheme>,
) -> Parts {
    let response = match Response::parse(field.octets) {
        Ok(response) => response,
        Err(error) => return (Vec::new(), Some(field.broken(&error))),
    };
    let (place, status) = field.split(response.data.len());
    let setting = Setting::of_tlv(context, place.octets).or_scheme(scheme);
    let (mut parts, remainder) = data(place, command, &setting);
    let ins = command.map(Command::ins);
    parts.push(sw::node(status, response.sw, ins));
    let title = format!("{} with {} of data", response.sw, count(place.len(), "byte"));
    let node = field.node("R-APDU").value(title).children(parts);
    (vec![node], remainder)
}

fn data(field: Field<'_>, command: Option<&Command<'_>>, setting: &Setting) -> Parts {
    if field.len() == 0 {
        return (Vec::new(), None);
    }
    let layout = match command.map(|command| (command.ins(), command.p1())) {
        Some((Ins::GetBalance, _)) => BALANCE,
        Some((Ins::Initialize, 0x00 | 0x05)) => LOAD_INITIALIZED,
        Some((Ins::Initialize, 0x01..=0x03)) => PURCHASE_INITIALIZED,
        Some((Ins::CreditForLoad, _)) => LOADED,
        Some((Ins::Debit, 0x01)) => DEBITED,
        Some((Ins::GetTransactionProve, _)) => PROVED,
        Some((Ins::GetChallenge, _)) => return (vec![field.plain("random number")], None),
        Some((Ins::ReadRecord | Ins::ReadBinary, _)) if field.octets.first() != Some(&0x70) => {
            return (vec![field.plain("data, not in a template")], None);
        }
        _ => return objects(field, command.map(Command::ins), setting),
    };
    (layout::parts(field, layout), None)
}

/// Data objects; what is none at all is shown as it is.
fn objects(field: Field<'_>, ins: Option<Ins>, setting: &Setting) -> Parts {
    // Of these commands data that are no objects are broken; others answer as they like.
    let must =
        matches!(ins, Some(Ins::Select | Ins::ReadRecord | Ins::GetData | Ins::GetProcessingOptions | Ins::GenerateAc));
    if !must && !matches!(Walk::new(field.octets).next(), Some(Ok(_))) {
        return (vec![field.plain("data")], None);
    }
    let (mut nodes, remainder) = tlv::explain(field, setting);
    if let Some(node) = nodes.first_mut().filter(|node| node.tag == Some(tag::RESPONSE_TEMPLATE_1)) {
        let value = field.sub(first_value(field.octets), node.length);
        node.children = format_1(value, ins, setting);
    }
    (nodes, remainder)
}

/// Where the value of the first object begins.
fn first_value(octets: &[u8]) -> usize {
    match Walk::new(octets).next() {
        Some(Ok((_, object))) => object.offset + object.header,
        _ => 0,
    }
}

/// Template 80: values without tags, by the command that was answered.
fn format_1(field: Field<'_>, ins: Option<Ins>, setting: &Setting) -> Vec<Node> {
    let object = |tag: Tag, start: usize, length: usize| {
        let place = field.sub(start, length);
        let node = value::object(tag, place.offset, place, setting);
        // There is no tag in the octets; the name tells it.
        Node { name: node.name.map(|name| format!("{tag} {name}")), tag: None, ..node }
    };
    match ins {
        Some(Ins::GetProcessingOptions) if field.len() >= 2 => {
            vec![object(tag::AIP, 0, 2), object(tag::AFL, 2, usize::MAX)]
        }
        Some(Ins::GenerateAc) if field.len() >= 11 => {
            let mut parts = vec![object(tag::CID, 0, 1), object(tag::ATC, 1, 2), object(tag::AC, 3, 8)];
            parts.extend((field.len() > 11).then(|| object(tag::IAD, 11, usize::MAX)));
            parts
        }
        Some(Ins::InternalAuthenticate) => vec![object(tag::SDAD, 0, usize::MAX)],
        Some(Ins::ExchangeRelayResistanceData) => layout::parts(field, RELAY),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn explained(command: &str, answer: &str) -> (Node, Option<crate::node::Remainder>) {
        let (command, answer) = (hex::decode(command).unwrap(), hex::decode(answer).unwrap());
        let command = (!command.is_empty()).then(|| Command::parse(&command).unwrap());
        let shown = Shown::new(&Masked::plain(&answer));
        let (mut nodes, remainder) = explain(shown.field(&answer), command.as_ref(), &Context::default(), None);
        (nodes.remove(0), remainder)
    }

    #[test]
    fn template_80_is_read_by_its_command() {
        let (node, _) = explained("80A8000002830000", "80067C00080101009000");
        let parts: Vec<_> =
            node.children[0].children.iter().map(|part| (part.name.as_deref().unwrap(), part.offset)).collect();
        assert_eq!(parts, [("82 Application Interchange Profile (AIP)", 2), ("94 Application File Locator (AFL)", 4)]);
        let (node, _) = explained("80AE80000100", "800B80000A11223344556677889000");
        assert_eq!(node.children[0].children[0].means, ["ARQC"]);
        assert_eq!(node.children[0].children[1].means, ["decimal 10"]);
    }

    #[test]
    fn purses_answer_without_tags() {
        let (node, _) = explained("805C000204", "800003E89000");
        assert_eq!(node.children[0].value.as_deref(), Some("10.00 CNY"));
        let (node, _) = explained("8050000200", "000003E80005010011223344AABBCCDD9000");
        assert_eq!(node.children.len(), 7);
    }

    #[test]
    fn what_is_no_object_is_shown_as_it_is() {
        let (node, remainder) = explained("00B2010C00", "1803059000");
        assert_eq!((node.children[0].name.as_deref(), remainder), (Some("data, not in a template"), None));
        let (_, remainder) = explained("", "5A0212348202 9000".replace(' ', "").as_str());
        assert_eq!(remainder.unwrap().offset, 4);
    }

    #[test]
    fn a_lone_status_word_is_a_whole_answer() {
        let (node, _) = explained("00B2010C00", "6A83");
        assert_eq!(node.value.as_deref(), Some("6A83 with 0 bytes of data"));
        assert_eq!(node.children[0].means[0], "no such record: the file has ended");
    }
}

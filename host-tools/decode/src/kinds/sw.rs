//! Status words, by themselves and as the answer to a command (ISO/IEC 7816-4:2005, 5.1.3).

use tapcard_iso7816::{Ins, Meaning, StatusWord};

use crate::field::Field;
use crate::kinds::Parts;
use crate::node::Node;
use crate::words::count;

/// SW1-SW2.
pub(crate) fn explain(field: Field<'_>, command: Option<Ins>) -> Parts {
    match *field.octets {
        [sw1, sw2] => (vec![node(field, StatusWord::from_octets(sw1, sw2), command)], None),
        _ => (Vec::new(), Some(field.broken(&format!("{}; 2 are needed", count(field.len(), "byte"))))),
    }
}

/// The two octets of `field` as a node.
pub(crate) fn node(field: Field<'_>, sw: StatusWord, command: Option<Ins>) -> Node {
    let node = field.plain("SW1-SW2");
    let special = command.and_then(|ins| sw.text_for(ins));
    let text = numbered(sw).unwrap_or_else(|| sw.text().to_owned());
    let node = match special {
        Some(special) => node.means(special).means(format!("in general: {text}")),
        None => node.means(text),
    };
    node.means(class(sw.meaning()))
}

/// Texts with the number that SW2 gives.
fn numbered(sw: StatusWord) -> Option<String> {
    Some(match sw.meaning() {
        Meaning::MoreData { left } if left != 0 => format!("done, {left} octets wait for GET RESPONSE"),
        Meaning::WrongLe { exact } if exact != 0 => format!("wrong Le, {exact} octets are available"),
        Meaning::TriesLeft(tries) if tries > 1 => format!("wrong PIN, {tries} tries are left"),
        _ => return None,
    })
}

fn class(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Done | Meaning::MoreData { .. } => "class: normal processing",
        Meaning::Warning | Meaning::TriesLeft(_) => "class: warning processing, done",
        Meaning::ExecutionError => "class: execution error, not done",
        Meaning::WrongLe { .. } | Meaning::CheckingError => "class: checking error, not done",
        _ => "class: not assigned by ISO/IEC 7816-4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn means(sw: u16, command: Option<Ins>) -> Vec<String> {
        let octets = sw.to_be_bytes();
        let shown = Shown::new(&Masked::plain(&octets));
        explain(shown.field(&octets), command).0.remove(0).means
    }

    #[test]
    fn the_command_comes_first() {
        let expected = [
            "selected, but the application is blocked",
            "in general: the selected file is invalidated (EMV: the application is blocked)",
            "class: warning processing, done",
        ];
        assert_eq!(means(0x6283, Some(Ins::Select)), expected);
        assert_eq!(means(0x9000, Some(Ins::Select)), ["done", "class: normal processing"]);
    }

    #[test]
    fn numbers_in_sw2_are_told() {
        assert_eq!(means(0x611C, None)[0], "done, 28 octets wait for GET RESPONSE");
        assert_eq!(means(0x6C0A, None)[0], "wrong Le, 10 octets are available");
        assert_eq!(means(0x63C2, None)[0], "wrong PIN, 2 tries are left");
        assert_eq!(means(0x6C00, None)[0], "wrong Le, 256 octets are available");
    }

    #[test]
    fn anything_but_two_octets_is_left() {
        let octets = [0x90];
        let shown = Shown::new(&Masked::plain(&octets));
        let (nodes, remainder) = explain(shown.field(&octets), None);
        assert_eq!((nodes.len(), remainder.unwrap().error.as_str()), (0, "1 byte; 2 are needed"));
    }
}

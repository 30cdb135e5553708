//! Explanations of any data: the parts lie in the data, what is printed cannot steer a terminal, and an account number stays
//! hidden.
//!
//! Input: an octet for the kind, an octet (bit 1: a guess instead; bit 2: two pieces; bit 3: account numbers are shown;
//! bits 8 to 5: the scheme), then pieces: the data, the second data.
//!
//! Covers: host-tools/decode/src
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_decode::render::{Style, to_json, write_text};
use tapcard_decode::{Context, Explained, Input, Kind, Node, explain, explain_guessed};
use tapcard_emv::{Scheme, tag};
use tapcard_fuzz::Pieces;
use tapcard_iso7816::{Ins, Walk};

const SCHEMES: [Option<Scheme>; 6] = [
    None,
    Some(Scheme::Visa),
    Some(Scheme::Mastercard),
    Some(Scheme::UnionPay),
    Some(Scheme::Amex),
    Some(Scheme::TUnion),
];

fuzz_target!(|data: &[u8]| {
    let Some(([kind, options], rest)) = data.split_first_chunk() else { return };
    let mut pieces = Pieces(rest);
    let first = pieces.next().unwrap_or_default();
    let second = pieces.next().unwrap_or_default();
    let kind = Kind::ALL[usize::from(*kind) % Kind::ALL.len()];
    let input = if options & 2 != 0 { Input::two(first, second) } else { Input::one(first) };
    let scheme = SCHEMES[usize::from(options >> 4) % SCHEMES.len()];
    let command = second.first().map(|ins| Ins::from_octet(*ins));
    let context = Context { scheme, show_pan: options & 4 != 0, command };
    let explained = if options & 1 != 0 { explain_guessed(input, &context) } else { explain(kind, input, &context) };
    check(&explained, first.len().max(second.len()));
    let printed = printed(&explained);
    if !context.show_pan && explained.kind == Kind::Tlv {
        check_masking(first, &printed);
    }
});

fn check(explained: &Explained, longest: usize) {
    assert_eq!(Kind::from_word(&explained.kind.to_string()), Some(explained.kind));
    explained.nodes.iter().for_each(|node| check_node(node, longest));
    if let Some(remainder) = &explained.remainder {
        assert!(remainder.offset <= longest && remainder.hex.len() <= 2 * longest && !remainder.error.is_empty());
    }
    if let Some(guess) = &explained.guess {
        assert!(guess.kind == explained.kind && !guess.others.contains(&guess.kind));
    }
}

fn check_node(node: &Node, longest: usize) {
    assert!(node.offset + node.length <= longest, "{node:?}");
    // A sum over several octets has none of its own.
    assert!(node.hex.is_empty() || node.hex.len() == 2 * node.length, "{node:?}");
    assert!(node.hex.chars().all(|c| c.is_ascii_hexdigit() || c == '*'), "{node:?}");
    let own = node.children.iter().filter(|child| child.tag.is_some());
    let objects: usize = own.map(|child| child.length).sum();
    assert!(objects <= node.length, "{node:?}");
    node.children.iter().for_each(|child| check_node(child, longest));
}

/// All that people and scripts see.
fn printed(explained: &Explained) -> String {
    let mut text = Vec::new();
    write_text(explained, Style::default(), &mut text).expect("memory takes everything");
    let text = String::from_utf8(text).expect("text");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?} would steer the terminal");
    let document = to_json(explained);
    let json = document.to_string();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON"), document);
    text + &json
}

/// The digits of an account number that stands nowhere else in the data are nowhere in the output.
fn check_masking(data: &[u8], printed: &str) {
    let digits = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02X}")).collect::<String>();
    let whole = digits(data);
    for (_, object) in Walk::new(data).map_while(Result::ok).filter(|(_, object)| object.tag == tag::PAN) {
        let hex = digits(object.value);
        let pan = hex.trim_end_matches('F');
        let is_pan = (13..=19).contains(&pan.len()) && pan.bytes().all(|digit| digit.is_ascii_digit());
        if is_pan && whole.matches(pan).count() == 1 {
            assert!(!printed.contains(pan), "{pan}");
        }
    }
}

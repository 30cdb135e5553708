//! Any octets, for every kind: nothing panics, output stays bounded, and account numbers stay hidden.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its failure")]

use proptest::prelude::*;
use tapcard_decode::limits::MAX_NODES;
use tapcard_decode::{Context, Explained, Input, Kind, Node, explain, explain_guessed, render};
use tapcard_emv::{Pan, Scheme};
use tapcard_iso7816::Ins;

/// Text and JSON.
fn rendered(explained: &Explained) -> String {
    let mut text = Vec::new();
    render::write_text(explained, render::Style::default(), &mut text).unwrap();
    String::from_utf8(text).unwrap() + &render::to_json(explained).to_string()
}

fn count(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| 1 + count(&node.children)).sum()
}

fn depth(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| 1 + depth(&node.children)).max().unwrap_or_default()
}

/// Octets that are often headers, fill and digits.
fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0x00, 0x01, 0x02, 0x06, 0x07, 0x0F, 0x10, 0x1F, 0x3B, 0x5A, 0x57, 0x70, 0x80, 0x82]),
        prop::sample::select(vec![0x9F, 0x10, 0x6E, 0x8E, 0xA5, 0xBF, 0x0C, 0x62, 0x03, 0xA0, 0x90, 0x84, 0x6F, 0xDA]),
    ];
    prop::collection::vec(octet, 0..most)
}

fn context() -> impl Strategy<Value = Context> {
    let schemes = vec![
        None,
        Some(Scheme::UnionPay),
        Some(Scheme::Visa),
        Some(Scheme::Mastercard),
        Some(Scheme::Amex),
        Some(Scheme::Jcb),
    ];
    (prop::sample::select(schemes), any::<bool>(), prop::option::of(any::<u8>()))
        .prop_map(|(scheme, show_pan, command)| Context { scheme, show_pan, command: command.map(Ins::from) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_octets_make_any_kind_panic(first in octets(80), second in prop::option::of(octets(80)), context in context()) {
        let input = Input { first: &first, second: second.as_deref() };
        for kind in Kind::ALL {
            let explained = explain(*kind, input, &context);
            let size = first.len() + second.as_ref().map_or(0, Vec::len);
            prop_assert!(count(&explained.nodes) <= 60 + 20 * size, "{kind}: {}", count(&explained.nodes));
            // 16 levels of TLV, then the parts of a value, and the APDU around.
            prop_assert!(depth(&explained.nodes) <= 22, "{kind}");
            let _ = rendered(&explained);
        }
        let _ = rendered(&explain_guessed(input, &context));
    }

    #[test]
    fn every_part_lies_inside_the_input(octets in octets(120), context in context()) {
        fn check(node: &Node, length: usize) {
            assert!(node.offset + node.length <= length + 8, "{node:?}");
            assert!(node.hex.len() <= 2 * length, "{node:?}");
            node.children.iter().for_each(|child| check(child, length));
        }
        for kind in Kind::ALL {
            let explained = explain(*kind, octets.as_slice(), &context);
            explained.nodes.iter().for_each(|node| check(node, octets.len()));
            if let Some(remainder) = explained.remainder {
                prop_assert!(remainder.offset <= octets.len() && !remainder.error.is_empty());
            }
        }
    }

    #[test]
    fn account_numbers_stay_hidden_in_every_kind_that_may_hold_them(
        digits in "[4-6][0-9]{14}", behind in octets(20), cut in 0_usize..30
    ) {
        let number = luhn(&digits);
        let cn = Pan::from_digits(&number).unwrap().to_cn();
        let object = [&[0x5A, 0x08], &cn[..8]].concat();
        let track = [&[0x57, 0x0D], &cn[..8], &[0xD3, 0x01, 0x22, 0x20, 0x1F]].concat();
        for object in [object, track] {
            // Well-formed data, data cut off, data in front of anything.
            let template = [&[0x70, u8::try_from(object.len()).unwrap()], &object[..]].concat();
            let broken = [&object[..], &behind].concat();
            for data in [&template[..], &template[..template.len().min(cut.max(12))], &broken] {
                for kind in [Kind::Tlv, Kind::Track2] {
                    let text = rendered(&explain(kind, data, &Context::default()));
                    prop_assert!(!text.contains(&number), "{kind}: {text}");
                }
            }
            let answer = [&template[..], &[0x90, 0x00]].concat();
            for apdu in [Input::one(&answer), Input::two(&[0x00, 0xB2, 0x01, 0x0C, 0x00], &answer)] {
                let text = rendered(&explain(Kind::Apdu, apdu, &Context::default()));
                prop_assert!(!text.contains(&number), "{text}");
            }
        }
        let list = explain(Kind::DolData, Input::two(&[0x5A, 0x08], &cn[..8]), &Context::default());
        prop_assert!(!rendered(&list).contains(&number));
        let value = [&cn[..8], &[0xD3, 0x01, 0x22, 0x20, 0x1F]].concat();
        for kind in Kind::ALL {
            // A kind that the octets are not leaves them as the remainder.
            let explained = explain(*kind, value.as_slice(), &Context::default());
            if explained.nodes.is_empty() || *kind == Kind::Track2 {
                prop_assert!(!rendered(&explained).contains(&number), "{kind}: {}", rendered(&explained));
            }
        }
    }
}

/// The digits with the check digit that makes them an account number.
fn luhn(digits: &str) -> String {
    let numbers = (0..10).map(|check| format!("{digits}{check}"));
    numbers.into_iter().find(|number| Pan::from_digits(number).is_ok_and(|pan| pan.is_luhn())).unwrap()
}

#[test]
fn a_flood_of_objects_and_entries_is_cut_off() {
    for (kind, data) in [
        (Kind::Tlv, [0x50, 0x00].repeat(MAX_NODES + 100)),
        (Kind::Dol, [0x9A, 0x03].repeat(MAX_NODES + 100)),
        (Kind::Apdu, [[0x50, 0x00].repeat(MAX_NODES + 100), vec![0x90, 0x00]].concat()),
    ] {
        let explained = explain(kind, data.as_slice(), &Context::default());
        assert!(count(&explained.nodes) <= MAX_NODES + 10, "{kind}");
        assert!(explained.remainder.unwrap().error.contains("more than"), "{kind}");
    }
}

#[test]
fn sixty_levels_end_at_the_sixteenth() {
    let data: Vec<u8> = (0..60_u8).rev().flat_map(|level| [0x70, 2 * level]).collect();
    let explained = explain(Kind::Tlv, data.as_slice(), &Context::default());
    assert_eq!(depth(&explained.nodes), 15);
    assert_eq!(explained.remainder.unwrap().error, "objects are nested too deeply");
}

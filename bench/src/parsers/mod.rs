//! Every parser behind one signature.
//!
//! The task is the same for all: decode the input down to its leaves, and hand each leaf over as tag and value slice. What
//! takes them here adds up tags and lengths, so nothing of that can be left out, and nothing else is asked for. The tag is
//! the number of its octets, or the tag number without class where a parser gives only that ([`flexiber`]).

pub mod emv_rs;
pub mod emv_tlv_parser;
pub mod flexiber;
pub mod hop;
pub mod iso7816_tlv;
pub mod nom_grammar;
pub mod ours;
pub mod tlv_parser;

/// Takes the leaves.
pub trait Sink {
    /// One primitive object.
    fn leaf(&mut self, tag: u32, value: &[u8]);
}

/// Tags and lengths added up.
#[derive(Default)]
struct Sum(u64);

impl Sink for Sum {
    #[inline(always)]
    fn leaf(&mut self, tag: u32, value: &[u8]) {
        self.0 = self.0.wrapping_add(u64::from(tag)).wrapping_add(value.len() as u64);
    }
}

/// A leaf as it was handed over.
pub type Leaf = (u32, Vec<u8>);

#[derive(Default)]
struct Leaves(Vec<Leaf>);

impl Sink for Leaves {
    fn leaf(&mut self, tag: u32, value: &[u8]) {
        self.0.push((tag, value.to_vec()));
    }
}

/// A parser.
#[derive(Clone, Copy)]
pub struct Parser {
    /// For command lines.
    pub name: &'static str,
    /// What it is, for tables.
    pub title: &'static str,
    /// What is measured: adds up tags and lengths of the leaves. `None`: refused.
    pub sum: fn(&[u8]) -> Option<u64>,
    /// The leaves themselves, to see that all parsers find the same.
    pub leaves: fn(&[u8]) -> Option<Vec<Leaf>>,
}

/// A row of [`ALL`]: two instances of one generic function.
macro_rules! parser {
    ($name:literal, $title:literal, $decode:path) => {{
        #[inline(never)]
        fn sum(input: &[u8]) -> Option<u64> {
            let mut sum = Sum::default();
            $decode(input, &mut sum)?;
            Some(sum.0)
        }
        fn leaves(input: &[u8]) -> Option<Vec<Leaf>> {
            let mut leaves = Leaves::default();
            $decode(input, &mut leaves)?;
            Some(leaves.0)
        }
        Parser { name: $name, title: $title, sum, leaves }
    }};
}

/// All parsers, in the order of the tables: the floor, ours, the peers.
pub const ALL: &[Parser] = &[
    parser!("hop", "unchecked header hop (floor)", hop::decode),
    parser!("walk", "tapcard `Walk`", ours::walk),
    parser!("tlvs", "tapcard `Tlvs`, one per level", ours::tlvs),
    parser!("nom", "nom 8, hand-written grammar", nom_grammar::decode),
    parser!("flexiber", "flexiber 0.2", flexiber::decode),
    parser!("tlv_parser", "tlv_parser 0.10", tlv_parser::decode),
    parser!("emv", "emv 0.1", emv_rs::decode),
    parser!("iso7816-tlv", "iso7816-tlv 0.4", iso7816_tlv::decode),
    parser!("emv_tlv_parser", "emv_tlv_parser 0.1", emv_tlv_parser::decode),
];

/// The parser with this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Parser> {
    ALL.iter().copied().find(|parser| parser.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::Shape;

    /// The tag number without class: what [`flexiber`] gives.
    fn number(tag: u32) -> u32 {
        if tag > 0xFF { tag & 0x7F } else { tag & 0x1F }
    }

    #[test]
    fn all_parsers_find_the_same_leaves() {
        let floor = by_name("hop").unwrap();
        for input in Shape::all().iter().flat_map(|shape| &shape.inputs) {
            let mut expected = (floor.leaves)(input).unwrap();
            for parser in ALL {
                if parser.name == "flexiber" {
                    continue;
                }
                assert_eq!((parser.leaves)(input).unwrap(), expected, "{}", parser.name);
                assert_eq!((parser.sum)(input), (floor.sum)(input), "{}", parser.name);
            }
            expected.iter_mut().for_each(|(tag, _)| *tag = number(*tag));
            assert_eq!((by_name("flexiber").unwrap().leaves)(input).unwrap(), expected);
        }
    }
}

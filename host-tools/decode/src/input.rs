//! What is to be explained, and what is known beside it.

use tapcard_emv::{Scheme, Sensitivity};
use tapcard_iso7816::Ins;
use tapcard_transport::{Masked, Masker};

use crate::kinds::Parts;
use crate::node::Remainder;

/// The octets to explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input<'a> {
    /// The data; for `dol-data` the list, for `apdu` the command (or an answer alone).
    pub first: &'a [u8],
    /// For `dol-data` the data that the list lays out, for `apdu` the answer.
    pub second: Option<&'a [u8]>,
}

impl<'a> Input<'a> {
    /// One piece.
    #[must_use]
    pub const fn one(octets: &'a [u8]) -> Self {
        Self { first: octets, second: None }
    }

    /// A list and its data, or a command and its answer.
    #[must_use]
    pub const fn two(first: &'a [u8], second: &'a [u8]) -> Self {
        Self { first, second: Some(second) }
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self::one(octets)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(octets: &'a [u8; N]) -> Self {
        Self::one(octets)
    }
}

/// What is known beside the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Whose application it is. Without it an AID among the data decides; without that, the general meanings.
    pub scheme: Option<Scheme>,
    /// Account numbers and names in full. Full track data, PINs and keys stay hidden.
    pub show_pan: bool,
    /// For `sw`: the command that was answered.
    pub command: Option<Ins>,
}

impl Context {
    /// Hides what is not to be shown.
    pub(crate) const fn masker(&self) -> Masker {
        Masker::new(if self.show_pan { Sensitivity::Track } else { Sensitivity::Name })
    }

    /// Octets that are not what they were said to be: account numbers are looked for everywhere, and objects that hide
    /// something are hidden too.
    pub(crate) fn unknown(&self, octets: &[u8]) -> Masked {
        let mut masker = self.masker();
        let anywhere = masker.raw(octets);
        if anywhere.hides() { anywhere } else { masker.tlv(octets) }
    }

    /// What is left of data of a wrong kind may be anything, an account number too. `octets` is the whole input.
    pub(crate) fn hide(&self, (nodes, remainder): Parts, octets: &[u8]) -> Parts {
        let remainder = remainder.map(|remainder| {
            let rest = octets.iter().skip(remainder.offset).take(remainder.hex.len() / 2).copied().collect::<Vec<_>>();
            Remainder { hex: stricter(&remainder.hex, &self.unknown(&rest).hex()), ..remainder }
        });
        (nodes, remainder)
    }
}

/// The same octets with every digit hidden that either hides.
fn stricter(one: &str, other: &str) -> String {
    let hidden = other.chars().map(|digit| digit == '*').chain(std::iter::repeat(false));
    one.chars().zip(hidden).map(|(digit, hidden)| if hidden { '*' } else { digit }).collect()
}

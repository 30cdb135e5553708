#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

pub mod registry;
pub mod render;

mod codes;
mod field;
mod guess;
mod input;
mod kind;
mod kinds;
pub mod limits;
mod node;
mod setting;
mod value;
mod words;

pub use guess::{Guess, Sureness, guess};
pub use input::{Context, Input};
pub use kind::{Kind, UnknownKind};
pub use node::{Explained, Node, Remainder};

use tapcard_emv::{Tag, tag};
use tapcard_transport::Masked;

use field::Shown;
use kinds::Parts;
use setting::Setting;

/// Explains data of a kind. It never fails: what nothing can be made of is the remainder, with the reason.
///
/// ```
/// use tapcard_decode::{Context, Kind, explain};
///
/// let explained = explain(Kind::Tvr, &[0x00, 0x00, 0x04, 0x80, 0x00], &Context::default());
/// assert_eq!(explained.nodes[0].means, ["online PIN entered", "amount exceeds the floor limit"]);
///
/// let cut = explain(Kind::Tvr, &[0x00, 0x00], &Context::default()).remainder.expect("five bytes are needed");
/// assert_eq!((cut.offset, cut.error.as_str()), (0, "2 bytes; 5 are needed"));
/// ```
#[must_use]
pub fn explain<'a>(kind: Kind, input: impl Into<Input<'a>>, context: &Context) -> Explained {
    let (nodes, remainder) = parts(kind, input.into(), context);
    Explained { kind, guess: None, nodes, remainder }
}

/// Explains data of a kind that nobody told, and says what they were taken for.
///
/// ```
/// use tapcard_decode::{Context, Kind, Sureness, explain_guessed};
///
/// let explained = explain_guessed(&[0x6A, 0x82], &Context::default());
/// assert_eq!(explained.kind, Kind::Sw);
/// assert_eq!(explained.guess.map(|guess| guess.sure), Some(Sureness::Certain));
/// ```
#[must_use]
pub fn explain_guessed<'a>(input: impl Into<Input<'a>>, context: &Context) -> Explained {
    let input = input.into();
    let guess = guess(input);
    Explained { guess: Some(guess.clone()), ..explain(guess.kind, input, context) }
}

fn parts(kind: Kind, input: Input<'_>, context: &Context) -> Parts {
    let octets = input.first;
    let plain = || Shown::new(&Masked::plain(octets));
    match kind {
        Kind::Tlv => {
            let shown = Shown::new(&context.masker().tlv(octets));
            context.hide(kinds::tlv::explain(shown.field(octets), &Setting::of_tlv(context, octets)), octets)
        }
        Kind::Dol => context.hide(value::lists::dol(plain().field(octets), &Setting::new(context)), octets),
        Kind::DolData => {
            let data = input.second.unwrap_or_default();
            kinds::dol_data::explain(octets, data, context, &mut context.masker())
        }
        Kind::Apdu => kinds::apdu::explain(input, context),
        Kind::Atr => context.hide(kinds::atr::explain(plain().field(octets)), octets),
        Kind::Ats => context.hide(kinds::ats::explain(plain().field(octets)), octets),
        Kind::Sw => context.hide(kinds::sw::explain(plain().field(octets), context.command), octets),
        Kind::Tag => context.hide(kinds::tag::explain(plain().field(octets), &Setting::new(context)), octets),
        Kind::Aid => context.hide(aid(plain().field(octets)), octets),
        _ => match kind.tag() {
            Some(tag) => object(tag, octets, context),
            None => (Vec::new(), None),
        },
    }
}

fn aid(field: field::Field<'_>) -> Parts {
    match value::aid_parts(field) {
        Ok(said) => (said.parts, None),
        Err(error) => (Vec::new(), Some(field.broken(&error))),
    }
}

/// One value, every part of it.
fn object(tag: Tag, octets: &[u8], context: &Context) -> Parts {
    let setting = Setting::new(context);
    let masked = match tag {
        tag::TRACK2_EQUIVALENT_DATA => context.masker().value(tag, octets),
        _ => Masked::plain(octets),
    };
    let shown = Shown::new(&masked);
    let field = shown.field(octets);
    let row = match tag {
        // What `9F6E` is depends on the scheme and, without one, on the length.
        tag::FFI => setting.lookup(tag, octets.len()),
        _ => tapcard_emv::lookup(tag),
    };
    match value::said(tag, row, field, &setting) {
        Ok(said) => {
            let name = row.map(|row| row.name.to_owned());
            let node = Node { tag: Some(tag), name, ..field.node("").value(value::text(row, field, &setting)) };
            (vec![node.all_means(said.means).children(said.parts)], None)
        }
        Err(error) => {
            let hex = match tag {
                // Whatever is wrong with it, it may be a whole track.
                tag::TRACK2_EQUIVALENT_DATA => "*".repeat(2 * octets.len()),
                _ => context.unknown(octets).hex(),
            };
            (Vec::new(), Some(Remainder { hex, ..field.broken(&error) }))
        }
    }
}

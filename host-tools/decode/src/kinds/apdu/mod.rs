//! C-APDUs and R-APDUs, and what an answer means to its command.

mod answer;
mod command;
mod layout;

use tapcard_emv::{Aid, Scheme};
use tapcard_iso7816::{Command, Ins};

use crate::field::Shown;
use crate::input::{Context, Input};
use crate::kinds::Parts;
use crate::setting::Setting;

pub(crate) use command::title;

/// A command, an answer, or both. Offsets count in the command for its parts, in the answer for its own.
pub(crate) fn explain(input: Input<'_>, context: &Context) -> Parts {
    let mut masker = context.masker();
    if input.second.is_none() && !looks_like_command(input.first) && looks_like_answer(input.first) {
        let masked = masker.answer(&[], input.first);
        // What looks like a status word may be the end of data that were cut off.
        let shown = Shown::new(&if masked.hides() { masked } else { context.unknown(input.first) });
        let parts = answer::explain(shown.field(input.first), None, context, context.scheme);
        return context.hide(parts, input.first);
    }
    let command = match Command::parse(input.first) {
        Ok(command) => command,
        Err(error) => {
            let shown = Shown::new(&context.unknown(input.first));
            return (Vec::new(), Some(shown.field(input.first).broken(&format!("not a C-APDU: {error}"))));
        }
    };
    // Account numbers in the data are learnt here, and hidden where they stand.
    let _ = match command.ins() {
        Ins::PutData => masker.value(command::object_tag(&command), command::without_mac(&command)),
        _ => masker.tlv(command.data()),
    };
    let shown = Shown::new(&masker.command(input.first));
    let field = shown.field(input.first);
    let setting = Setting::new(context).or_scheme(scheme_of(&command));
    let mut nodes = vec![command::node(field, &command, &setting)];
    let Some(octets) = input.second else { return (nodes, None) };
    let shown = Shown::new(&masker.answer(input.first, octets));
    let parts = answer::explain(shown.field(octets), Some(&command), context, setting.scheme);
    let (answer, remainder) = context.hide(parts, octets);
    nodes.extend(answer);
    (nodes, remainder)
}

/// The scheme of the application that a command selects.
fn scheme_of(command: &Command<'_>) -> Option<Scheme> {
    if command.ins() != Ins::Select || command.p1() != 0x04 {
        return None;
    }
    let scheme = Aid::new(command.data()).ok()?.scheme();
    (scheme != Scheme::Emv).then_some(scheme)
}

/// Whether octets are a command that a payment card could get: a class in use and an instruction that has a name.
pub(crate) fn looks_like_command(octets: &[u8]) -> bool {
    let class = matches!(octets.first(), Some(0x00..=0x0F | 0x80..=0x8F | 0x90));
    class && Command::parse(octets).is_ok_and(|command| command.ins().name().is_some())
}

/// Whether octets end with a status word that has a class.
pub(crate) fn looks_like_answer(octets: &[u8]) -> bool {
    matches!(octets, [.., 0x61..=0x6F, _] | [.., 0x90, 0x00] | [.., 0x93 | 0x94, _])
}

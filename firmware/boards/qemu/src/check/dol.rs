//! `dol`: data object lists.

use tapcard_emv::Dol;
use tapcard_emv::dol::DolErrorKind;

use super::{Differs, tlv};
use crate::case::{Case, DolExpected};

pub(crate) fn check(case: &Case<DolExpected>) -> Result<(), Differs> {
    let dol = Dol::new(case.octets);
    match case.expected {
        Ok((entries, total)) => {
            if !has_entries(&dol, entries) {
                return Err("the entries differ");
            }
            if total.is_none_or(|total| dol.total_length() == Ok(total)) { Ok(()) } else { Err("the sum differs") }
        }
        Err(name) => match dol.total_length() {
            Err(error) if error_name(error.kind) == name => Ok(()),
            Err(_) => Err("another error"),
            Ok(_) => Err("no error"),
        },
    }
}

/// Whether the list has these tags and lengths, and no others.
pub(crate) fn has_entries(dol: &Dol<'_>, entries: &[(u32, usize)]) -> bool {
    let found = dol.iter().map(|entry| entry.map(|entry| (entry.tag.get(), entry.length)));
    found.eq(entries.iter().map(|entry| Ok(*entry)))
}

fn error_name(kind: DolErrorKind) -> &'static str {
    match kind {
        DolErrorKind::LengthMissing => "truncated",
        DolErrorKind::Tag(kind) => tlv::error_name(kind),
        _ => "other",
    }
}

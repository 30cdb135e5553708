//! `tlv`: the walk over all levels.

use tapcard_iso7816::{TlvErrorKind, Walk};

use super::Differs;
use crate::case::{Case, TlvExpected};

pub(crate) fn check(case: &Case<TlvExpected>) -> Result<(), Differs> {
    let mut walk = Walk::new(case.octets);
    match case.expected {
        Ok(objects) => {
            for (tag, value) in objects {
                let Some(Ok((_, object))) = walk.next() else { return Err("an object is missing") };
                if (object.tag.get(), object.value) != (*tag, *value) {
                    return Err("an object differs");
                }
            }
            if walk.next().is_none() { Ok(()) } else { Err("there is more than expected") }
        }
        Err(name) => match walk.find_map(Result::err) {
            Some(error) if error_name(error.kind) == name => Ok(()),
            Some(_) => Err("another error"),
            None => Err("no error"),
        },
    }
}

/// The name that the format of the vectors has for an error.
pub(crate) fn error_name(kind: TlvErrorKind) -> &'static str {
    match kind {
        TlvErrorKind::TruncatedTag | TlvErrorKind::TruncatedLength | TlvErrorKind::TruncatedValue { .. } => "truncated",
        TlvErrorKind::IndefiniteLength => "indefinite-length",
        TlvErrorKind::TagTooLong => "tag-too-long",
        TlvErrorKind::LengthTooLong => "length-too-long",
        TlvErrorKind::TooDeep => "too-deep",
        _ => "other",
    }
}

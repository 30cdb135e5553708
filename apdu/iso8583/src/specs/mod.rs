//! Layouts as data: three that the test vectors use, and the one of this toolkit's own host.
//!
//! Networks have layouts of their own; a host describes them in the same way and needs no code for it.

mod ascii;
mod binbitmap;
mod host;
mod packed;

pub use ascii::ASCII;
pub use binbitmap::BINBITMAP;
pub use host::HOST;
pub use packed::PACKED;

use crate::spec::Spec;

/// Every layout of this crate with its name.
pub static ALL: [(&str, &Spec<'static>); 4] =
    [("ascii", &ASCII), ("binbitmap", &BINBITMAP), ("packed", &PACKED), ("host", &HOST)];

/// The layout of this name.
///
/// ```
/// use tapcard_iso8583::specs;
///
/// assert_eq!(specs::by_name("packed"), Some(&specs::PACKED));
/// assert_eq!(specs::by_name("nobody's"), None);
/// ```
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Spec<'static>> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, spec)| *spec)
}

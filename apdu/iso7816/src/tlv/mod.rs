//! BER-TLV data objects: a borrowing walk with offsets, and a writer into the caller's buffer.
//!
//! Reading trusts nothing and copies nothing; what a tag means is left to the layer above. Lengths may be coded longer
//! than needed, because cards do that; the writer always uses the shortest form. The indefinite form is refused: EMV and
//! ISO/IEC 7816 do not use it.
//!
//! Defined in ISO/IEC 7816-4:2005, 5.2.2 and EMV 4.4 Book 3, Annex B.

pub mod error;
mod header;
pub mod reader;
pub mod tag;
pub mod walk;
pub mod writer;

pub use error::{CapacityError, TlvError, TlvErrorKind};
pub use reader::{Tlv, Tlvs, find, find_path};
pub use tag::{Class, ParseTagError, Tag};
pub use walk::{MAX_DEPTH, Walk, find_deep};
pub use writer::TlvWriter;

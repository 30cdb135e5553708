//! Which octets are the static data to authenticate (EMV 4.4 Book 3, 10.3).
//!
//! In the order of the AFL: of each record that it marks, [`record_part`]; then [`tag_list_part`]. Both only point into what
//! they are given, so a caller can hash records as they come or keep them.

use tapcard_iso7816::{Tag, Tlvs};

/// Why there are no static data to authenticate; SDA, DDA and CDA fail all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StaticDataError {
    /// The record is not exactly one template 70.
    #[error("the record is not one template 70")]
    NotTemplate70,
    /// The static data authentication tag list `9F4A` names something else than the AIP.
    #[error("`9F4A` is not 82")]
    TagListNot82,
}

impl StaticDataError {
    /// The name in the test vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotTemplate70 => "not_template_70",
            Self::TagListNot82 => "taglist_not_82",
        }
    }
}

/// The octets of a record that count: without tag and length of template 70 in files 1 to 10, all of it in files 11 to 30.
///
/// ```
/// use tapcard_crypto::oda::static_data::{StaticDataError, record_part};
///
/// let record = [0x70, 0x03, 0x5A, 0x01, 0x12];
/// assert_eq!(record_part(1, &record), Ok(&record[2..]));
/// assert_eq!(record_part(11, &record), Ok(&record[..]));
/// assert_eq!(record_part(1, &record[2..]), Err(StaticDataError::NotTemplate70));
/// ```
///
/// # Errors
/// [`StaticDataError::NotTemplate70`].
pub fn record_part(sfi: u8, record: &[u8]) -> Result<&[u8], StaticDataError> {
    match Tlvs::new(record).next() {
        Some(Ok(object)) if object.tag == Tag::new(0x70) && record.len() == object.whole_len() => {
            Ok(if sfi <= 10 { object.value } else { record })
        }
        _ => Err(StaticDataError::NotTemplate70),
    }
}

/// The AIP where `9F4A` is there, which then has to be `82`; nothing where it is not.
///
/// # Errors
/// [`StaticDataError::TagListNot82`].
pub fn tag_list_part<'a>(tag_list: Option<&[u8]>, aip: &'a [u8; 2]) -> Result<&'a [u8], StaticDataError> {
    match tag_list {
        None => Ok(&[]),
        Some([0x82]) => Ok(aip),
        Some(_) => Err(StaticDataError::TagListNot82),
    }
}

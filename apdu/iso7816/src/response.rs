//! R-APDUs: data and SW1-SW2 (ISO/IEC 7816-4:2005, 5.1). What the data means is left to the layer above.

use core::fmt;

use crate::status::StatusWord;

/// A whole answer of a card.
///
/// ```
/// use tapcard_iso7816::{Response, StatusWord};
///
/// let response = Response::parse(&[0x12, 0x34, 0x90, 0x00])?;
/// assert_eq!((response.data, response.sw), (&[0x12, 0x34][..], StatusWord::OK));
/// # Ok::<(), tapcard_iso7816::ResponseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The data field, often empty.
    pub data: &'a [u8],
    /// SW1-SW2.
    pub sw: StatusWord,
}

/// Why octets are not an R-APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ResponseError {
    /// SW1-SW2 need two octets.
    #[error("an answer has at least 2 octets, this one has {len}")]
    TooShort {
        /// How many octets there are.
        len: usize,
    },
}

impl<'a> Response<'a> {
    /// Splits an answer into data and SW1-SW2, which stand last.
    ///
    /// # Errors
    /// [`ResponseError::TooShort`].
    pub const fn parse(octets: &'a [u8]) -> Result<Self, ResponseError> {
        match octets {
            [data @ .., sw1, sw2] => Ok(Self { data, sw: StatusWord::from_octets(*sw1, *sw2) }),
            _ => Err(ResponseError::TooShort { len: octets.len() }),
        }
    }
}

/// Shows the length of the data only: it may hold a PAN.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} octets, {})", self.data.len(), self.sw)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Response<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Response({=usize} octets, {})", self.data.len(), self.sw);
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn sw1_sw2_stand_last() {
        let response = Response::parse(&[0x6F, 0x00, 0x62, 0x83]).unwrap();
        assert_eq!(response, Response { data: &[0x6F, 0x00], sw: StatusWord::SELECTED_FILE_INVALIDATED });
        assert_eq!(Response::parse(&[0x6A, 0x82]), Ok(Response { data: &[], sw: StatusWord::FILE_NOT_FOUND }));
    }

    #[test]
    fn an_answer_without_status_word_is_too_short() {
        assert_eq!(Response::parse(&[]), Err(ResponseError::TooShort { len: 0 }));
        assert_eq!(Response::parse(&[0x90]), Err(ResponseError::TooShort { len: 1 }));
    }

    #[test]
    fn debug_shows_no_data() {
        let response = Response::parse(&[0x5A, 0x01, 0x62, 0x90, 0x00]).unwrap();
        assert_eq!(format!("{response:?}"), "Response(3 octets, 9000)");
    }
}

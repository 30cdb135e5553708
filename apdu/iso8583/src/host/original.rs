//! Field 90: which message a reversal is about (ISO 8583:1987, 4.4.38).

use crate::field::FieldRef;
use crate::message::Message;
use crate::mti::Mti;

/// The original data elements, each as its ASCII digits; what is not known is zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OriginalData {
    /// The message type.
    pub mti: Mti,
    /// Field 11, the system trace audit number.
    pub stan: [u8; 6],
    /// Field 7, transmission date and time: MMDDhhmmss.
    pub transmitted: [u8; 10],
    /// Field 32, right-justified.
    pub acquirer: [u8; 11],
    /// Field 33, right-justified.
    pub forwarder: [u8; 11],
}

/// Why a field holds no original data elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("not 42 digits")]
pub struct OriginalDataError;

impl OriginalData {
    /// What a reversal of `message` says. Without field 7 the local date and time (13, 12) stand in for it.
    #[must_use]
    pub fn of(message: &Message<'_>) -> Self {
        let mut local = [b'0'; 10];
        let (date, time) = local.split_at_mut(4);
        right(date, message.field(13));
        right(time, message.field(12));
        let mut original = Self {
            mti: message.mti(),
            stan: [b'0'; 6],
            transmitted: local,
            acquirer: [b'0'; 11],
            forwarder: [b'0'; 11],
        };
        right(&mut original.stan, message.field(11));
        right(&mut original.transmitted, message.field(7));
        right(&mut original.acquirer, message.field(32));
        right(&mut original.forwarder, message.field(33));
        original
    }

    /// Reads field 90.
    ///
    /// ```
    /// use tapcard_iso8583::host::{OriginalData, OriginalDataError};
    ///
    /// let original = OriginalData::parse(b"020088416807031856550007241967500000000000")?;
    /// assert_eq!((original.mti.digits(), original.stan), (*b"0200", *b"884168"));
    /// assert_eq!(OriginalData::parse(b"0200"), Err(OriginalDataError));
    /// # Ok::<(), OriginalDataError>(())
    /// ```
    ///
    /// # Errors
    /// It is not 42 ASCII digits.
    pub fn parse(digits: &[u8]) -> Result<Self, OriginalDataError> {
        let parts = || -> Option<Self> {
            let (mti, rest) = digits.split_first_chunk()?;
            let (stan, rest) = rest.split_first_chunk()?;
            let (transmitted, rest) = rest.split_first_chunk()?;
            let (acquirer, rest) = rest.split_first_chunk()?;
            let forwarder = *<&[u8; 11]>::try_from(rest).ok()?;
            let mti = Mti::from_ascii(*mti)?;
            Some(Self { mti, stan: *stan, transmitted: *transmitted, acquirer: *acquirer, forwarder })
        };
        parts().filter(|_| digits.iter().all(u8::is_ascii_digit)).ok_or(OriginalDataError)
    }

    /// The 42 digits of field 90.
    #[must_use]
    pub fn digits(&self) -> [u8; 42] {
        let mut digits = [b'0'; 42];
        let mti = self.mti.digits();
        let parts = [&mti[..], &self.stan, &self.transmitted, &self.acquirer, &self.forwarder];
        digits.iter_mut().zip(parts.into_iter().flatten()).for_each(|(place, digit)| *place = *digit);
        digits
    }
}

/// The digits of a field at the right end of `out`; a field that is missing or longer changes nothing.
fn right(out: &mut [u8], field: Option<FieldRef<'_>>) {
    let Some(field) = field else { return };
    let from = out.len().checked_sub(field.chars().len());
    let Some(out) = from.and_then(|from| out.get_mut(from..)) else { return };
    out.iter_mut().zip(field.chars()).for_each(|(place, digit)| *place = digit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageWriter, specs};
    use proptest::prelude::*;

    #[test]
    fn a_message_without_field_7_is_dated_by_its_local_time() {
        let mut buffer = [0; 128];
        let mut writer = MessageWriter::new(&specs::HOST, &[], Mti::FINANCIAL_REQUEST, &mut buffer).unwrap();
        writer.text(11, "884168").unwrap().text(12, "185655").unwrap().text(13, "0703").unwrap();
        writer.text(32, "72419675").unwrap();
        let length = writer.finish();
        let message = Message::decode(&specs::HOST, &buffer[..length]).unwrap();
        let digits = OriginalData::of(&message).digits();
        assert_eq!(digits, *b"020088416807031856550007241967500000000000");
    }

    #[test]
    fn what_is_no_digit_is_refused() {
        for digits in
            [&b""[..], b"02008841680703185655000724196750000000000", b"020088416807031856550007241967500000000000 "]
        {
            assert_eq!(OriginalData::parse(digits), Err(OriginalDataError));
        }
        assert_eq!(OriginalData::parse(b"02008841680703185655000724196750000000000A"), Err(OriginalDataError));
    }

    proptest! {
        #[test]
        fn digits_are_read_and_written(digits in "[0-9]{42}") {
            let original = OriginalData::parse(digits.as_bytes()).unwrap();
            prop_assert_eq!(&original.digits()[..], digits.as_bytes());
        }
    }
}

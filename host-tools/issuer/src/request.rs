//! A request for authorisation: what the terminal sent in field 55, with PAN and amount out of it.

use tapcard_crypto::ac::{AcData, AcError};
use tapcard_crypto::derive::Psn;
use tapcard_emv::pan::Pan;
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::{Tag, TlvError, Tlvs};
use zeroize::Zeroizing;

/// Longest field 55 (ISO 8583:1993).
pub const MAX_FIELD_55: usize = 999;

/// Why something is no request. It never holds octets of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// More octets than field 55 may have.
    #[error("field 55 of {found} octets; at most 999 are allowed")]
    TooLong {
        /// Octets found.
        found: usize,
    },
    /// Field 55 is no TLV.
    #[error("field 55: {0}")]
    Tlv(TlvError),
    /// A value that has to be there is not, or is there twice, or has another length.
    #[error("field 55: {0}")]
    Value(AcError),
    /// There is no PAN in `5A` or `57`.
    #[error("field 55: no PAN in 5A or 57")]
    NoPan,
    /// `5A` and `57` have different PANs.
    #[error("field 55: 5A and 57 have different PANs")]
    PanDiffers,
    /// A value is not what its definition says.
    #[error("field 55: {0} cannot be read")]
    Malformed(Tag),
}

/// A request that was read. What the card authenticated is checked by [`crate::Issuer::authorise`].
#[derive(Clone)]
pub struct Request {
    octets: Zeroizing<Vec<u8>>,
    pub(crate) pan: Pan,
    pub(crate) psn: Psn,
    pub(crate) psn_number: u8,
    pub(crate) atc: u16,
    pub(crate) cryptogram: [u8; 8],
    pub(crate) amount: Amount,
    pub(crate) currency: u16,
    pub(crate) transaction_type: u8,
    pub(crate) cid: Option<u8>,
    /// The amount beside field 55, where the message has one.
    pub(crate) message_amount: Option<Amount>,
}

impl Request {
    /// Reads field 55.
    ///
    /// ```
    /// use tapcard_issuer::{Request, RequestError};
    ///
    /// assert_eq!(Request::from_field_55(&[]).unwrap_err(), RequestError::NoPan);
    /// ```
    ///
    /// # Errors
    /// [`RequestError`]: no TLV, or a value that a decision needs is missing, double or malformed.
    pub fn from_field_55(octets: &[u8]) -> Result<Self, RequestError> {
        if octets.len() > MAX_FIELD_55 {
            return Err(RequestError::TooLong { found: octets.len() });
        }
        let data = AcData::of_request(octets).map_err(RequestError::Value)?;
        let pan = pan(octets)?;
        let psn_octet = once(octets, tag::PSN)?;
        let psn_number = match psn_octet {
            None => 0,
            Some(&[octet]) => (octet >> 4) * 10 + (octet & 0x0F),
            Some(_) => return Err(RequestError::Malformed(tag::PSN)),
        };
        let psn = match psn_octet {
            Some(&[octet]) => Psn::from_bcd(octet).ok_or(RequestError::Malformed(tag::PSN))?,
            _ => Psn::default(),
        };
        let cryptogram = once(octets, tag::AC)?.ok_or(missing(tag::AC))?;
        let currency = currency(&data)?;
        Ok(Self {
            octets: Zeroizing::new(octets.to_vec()),
            pan,
            psn,
            psn_number,
            atc: u16::from_be_bytes(array(&data, tag::ATC)?),
            cryptogram: cryptogram.try_into().map_err(|_| RequestError::Malformed(tag::AC))?,
            amount: amount(&data)?,
            currency,
            transaction_type: u8::from_be_bytes(array(&data, tag::TRANSACTION_TYPE)?),
            cid: once(octets, tag::CID)?.and_then(|value| value.first().copied()),
            message_amount: None,
        })
    }

    /// With the amount that the message has beside field 55; it has to be the one that the card authenticated.
    #[must_use]
    pub fn with_amount(self, amount: Amount) -> Self {
        Self { message_amount: Some(amount), ..self }
    }

    /// Field 55 as it came.
    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What makes two requests the same one.
    pub(crate) fn identity(&self) -> Zeroizing<Vec<u8>> {
        let amount = self.message_amount.map_or(u64::MAX, Amount::minor).to_be_bytes();
        Zeroizing::new([amount.as_slice(), &self.octets].concat())
    }

    /// Amount of the transaction as the card saw it, in minor units.
    #[must_use]
    pub const fn amount(&self) -> Amount {
        self.amount
    }

    /// Currency of the transaction, numeric.
    #[must_use]
    pub const fn currency(&self) -> u16 {
        self.currency
    }
}

/// Shows nothing that identifies the card.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({}, ATC {})", self.pan.masked(), self.atc)
    }
}

const fn missing(tag: Tag) -> RequestError {
    RequestError::Value(AcError::Missing(tag))
}

/// The value of an object that may stand there once.
fn once(octets: &[u8], wanted: Tag) -> Result<Option<&[u8]>, RequestError> {
    let mut found = None;
    for object in Tlvs::new(octets) {
        let object = object.map_err(RequestError::Tlv)?;
        if object.tag == wanted && found.replace(object.value).is_some() {
            return Err(RequestError::Value(AcError::Twice(wanted)));
        }
    }
    Ok(found)
}

fn array<const N: usize>(data: &AcData<'_>, tag: Tag) -> Result<[u8; N], RequestError> {
    let value = data.require(tag).map_err(RequestError::Value)?;
    value.try_into().map_err(|_| RequestError::Malformed(tag))
}

fn amount(data: &AcData<'_>) -> Result<Amount, RequestError> {
    let value = array::<6>(data, tag::AMOUNT_AUTHORISED)?;
    Amount::from_n12(&value).map_err(|_| RequestError::Malformed(tag::AMOUNT_AUTHORISED))
}

fn currency(data: &AcData<'_>) -> Result<u16, RequestError> {
    let value = array::<2>(data, tag::TRANSACTION_CURRENCY_CODE)?;
    let currency = tapcard_emv::Currency::from_n3(&value);
    currency.map(tapcard_emv::Currency::number).map_err(|_| RequestError::Malformed(tag::TRANSACTION_CURRENCY_CODE))
}

/// From `5A`, and from `57` up to its separator; both have to agree.
fn pan(octets: &[u8]) -> Result<Pan, RequestError> {
    let of_5a = once(octets, tag::PAN)?.map(|value| Pan::from_cn(value).map_err(|_| RequestError::Malformed(tag::PAN)));
    let of_57 = once(octets, tag::TRACK2_EQUIVALENT_DATA)?.map(of_track2);
    match (of_5a.transpose()?, of_57.transpose()?) {
        (Some(first), Some(second)) if first != second => Err(RequestError::PanDiffers),
        (Some(pan), _) | (None, Some(pan)) => Ok(pan),
        (None, None) => Err(RequestError::NoPan),
    }
}

fn of_track2(value: &[u8]) -> Result<Pan, RequestError> {
    let text = Zeroizing::new(hex::encode_upper(value));
    let digits = text.split_once('D').map(|(digits, _)| digits);
    digits.and_then(|digits| Pan::from_digits(digits).ok()).ok_or(RequestError::Malformed(tag::TRACK2_EQUIVALENT_DATA))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = "9F0206000000001000 9F0306000000000000 9F1A020156 95050000000000 5F2A020156 9A03260101 9C0100 \
        9F3704AABBCCDD 82021C00 9F36020001 9F100807010103A0000001 9F26081122334455667788 9F270180 5A086210948000000011 5F340101";

    fn octets(text: &str) -> Vec<u8> {
        hex::decode(text.replace(' ', "")).unwrap()
    }

    fn error(text: &str) -> RequestError {
        Request::from_field_55(&octets(text)).unwrap_err()
    }

    #[test]
    fn a_request_is_read() {
        let request = Request::from_field_55(&octets(COMPLETE)).unwrap();
        assert_eq!((request.atc, request.psn_number, request.amount.minor(), request.currency), (1, 1, 1000, 156));
        assert_eq!(format!("{request:?}"), "Request(621094******0011, ATC 1)");
    }

    #[test]
    fn what_is_missing_double_or_different_is_named() {
        assert_eq!(error(&COMPLETE.replace("5A086210948000000011", "")), RequestError::NoPan);
        assert_eq!(error(&format!("{COMPLETE} 5A086210948000000011")), RequestError::Value(AcError::Twice(tag::PAN)));
        assert_eq!(error(&format!("{COMPLETE} 570B4761340000000050D30122")), RequestError::PanDiffers);
        assert_eq!(error(&COMPLETE.replace("9F36020001", "")), missing(tag::ATC));
        assert_eq!(error(&COMPLETE.replace("9F26081122334455667788", "")), missing(tag::AC));
        assert_eq!(error(&COMPLETE.replace("5F340101", "5F34010A")), RequestError::Malformed(tag::PSN));
        assert_eq!(Request::from_field_55(&[0; 1000]).unwrap_err(), RequestError::TooLong { found: 1000 });
        assert!(matches!(error("9F02"), RequestError::Value(AcError::Tlv(_))));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(octets: Vec<u8>) {
            let _ = Request::from_field_55(&octets);
        }
    }
}

//! Signed static data (`93`) and signed dynamic data (`9F4B`) in SM2 (JR/T 0025.17).

use super::{HASH_LEN, SIGNATURE_LEN, Sm2Error, Sm2Key};

/// First octet of signed static data.
const STATIC_FORMAT: u8 = 0x13;
/// First octet of signed dynamic data.
const DYNAMIC_FORMAT: u8 = 0x15;

/// Signed static data, before anything is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedStatic<'a> {
    signed: &'a [u8; 3],
    signature: &'a [u8; SIGNATURE_LEN],
}

/// Signed dynamic data, before anything is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedDynamic<'a> {
    signed: &'a [u8],
    signature: &'a [u8; SIGNATURE_LEN],
}

/// The dynamic data of CDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CdaData<'a> {
    /// The ICC dynamic number.
    pub icc_dynamic_number: &'a [u8],
    /// The signed CID.
    pub cid: u8,
    /// The signed application cryptogram.
    pub cryptogram: [u8; 8],
    /// The signed transaction data hash, SM3.
    pub transaction_hash: [u8; HASH_LEN],
}

fn split(value: &[u8], format: u8) -> Result<(&[u8], &[u8; SIGNATURE_LEN]), Sm2Error> {
    let parts = value.split_last_chunk::<SIGNATURE_LEN>().ok_or(Sm2Error::Length { found: value.len() })?;
    if parts.0.first() == Some(&format) { Ok(parts) } else { Err(Sm2Error::BadFormat) }
}

impl<'a> SignedStatic<'a> {
    /// Reads the value of `93`.
    ///
    /// # Errors
    /// [`Sm2Error::Length`] or [`Sm2Error::BadFormat`].
    pub fn parse(value: &'a [u8]) -> Result<Self, Sm2Error> {
        let (signed, signature) = split(value, STATIC_FORMAT)?;
        let signed = signed.try_into().map_err(|_| Sm2Error::Length { found: value.len() })?;
        Ok(Self { signed, signature })
    }

    /// The data authentication code, when the issuer signed it with the static data and the AIP (in pieces, in order).
    ///
    /// # Errors
    /// [`Sm2Error::Signature`].
    pub fn verify<'d>(
        &self,
        issuer: &Sm2Key,
        static_data: impl IntoIterator<Item = &'d [u8]>,
    ) -> Result<[u8; 2], Sm2Error>
    where
        'a: 'd,
    {
        issuer.verify([self.signed.as_slice()].into_iter().chain(static_data), self.signature)?;
        let [_, code @ ..] = *self.signed;
        Ok(code)
    }
}

impl<'a> SignedDynamic<'a> {
    /// Reads the value of `9F4B`.
    ///
    /// # Errors
    /// [`Sm2Error::Length`] or [`Sm2Error::BadFormat`].
    pub fn parse(value: &'a [u8]) -> Result<Self, Sm2Error> {
        let (signed, signature) = split(value, DYNAMIC_FORMAT)?;
        match signed {
            [_, len, data @ ..] if usize::from(*len) == data.len() => Ok(Self { signed, signature }),
            _ => Err(Sm2Error::Length { found: value.len() }),
        }
    }

    /// The ICC dynamic data.
    #[must_use]
    pub fn dynamic_data(&self) -> &'a [u8] {
        self.signed.get(2..).unwrap_or_default()
    }

    /// The fields of CDA's dynamic data, before anything is believed.
    ///
    /// # Errors
    /// [`Sm2Error::Length`] when the dynamic data are not a number, a CID, a cryptogram and a hash.
    pub fn cda(&self) -> Result<CdaData<'a>, Sm2Error> {
        let data = self.dynamic_data();
        let fields = || {
            let (len, rest) = data.split_first()?;
            let (icc_dynamic_number, rest) = rest.split_at_checked(usize::from(*len))?;
            let (cid, rest) = rest.split_first()?;
            let (cryptogram, hash) = rest.split_first_chunk()?;
            let transaction_hash = hash.try_into().ok()?;
            Some(CdaData { icc_dynamic_number, cid: *cid, cryptogram: *cryptogram, transaction_hash })
        };
        fields().ok_or(Sm2Error::Length { found: data.len() })
    }

    /// The ICC dynamic data, when the card signed them with the terminal's: the values of the DDOL, or `9F37` for CDA.
    ///
    /// # Errors
    /// [`Sm2Error::Signature`].
    pub fn verify(&self, icc: &Sm2Key, terminal_data: &[u8]) -> Result<&'a [u8], Sm2Error> {
        icc.verify([self.signed, terminal_data], self.signature)?;
        Ok(self.dynamic_data())
    }
}

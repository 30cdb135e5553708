//! Signed dynamic application data (`9F4B`) of DDA, CDA and fDDA: EMV 4.4 Book 2, 6.5 and 6.6, tables 17, 19 and 22; EMV
//! Contactless Book C-3, Annex C.

use super::block::{ALGORITHM, Block, TAIL_LEN};
use super::hash::HASH_LEN;
use super::{IccKey, OdaError};
use subtle::ConstantTimeEq;

/// Format of signed dynamic data.
pub(crate) const FORMAT: u8 = 0x05;
/// Octets before the dynamic data: header, format, hash algorithm, length.
pub(crate) const FIXED_LEN: usize = 4;
/// What follows the ICC dynamic number with CDA: CID, application cryptogram, transaction data hash.
const CDA_LEN: usize = 1 + 8 + HASH_LEN;

/// Recovered signed dynamic data, before anything is believed.
#[derive(Debug)]
pub struct SignedDynamicData<'r>(Block<'r>);

/// What CDA proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CdaData<'a> {
    /// The ICC dynamic number, 2 to 8 octets: `9F4C`.
    pub icc_dynamic_number: &'a [u8],
    /// The signed CID.
    pub cid: u8,
    /// The signed application cryptogram: the one to go on with.
    pub cryptogram: [u8; 8],
    /// The signed transaction data hash.
    pub transaction_hash: [u8; HASH_LEN],
}

/// What the terminal adds to the hash of fDDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FddaData<'a> {
    /// `9F37`, the unpredictable number.
    pub unpredictable_number: [u8; 4],
    /// `9F02`, the amount.
    pub amount: [u8; 6],
    /// `5F2A`, the currency.
    pub currency: [u8; 2],
    /// `9F69`, the card authentication related data, as the card sent them.
    pub card_authentication_data: &'a [u8],
}

impl<'r> SignedDynamicData<'r> {
    /// Recovers the value of `9F4B` with the ICC's key into `room`.
    ///
    /// # Errors
    /// As [`super::IssuerCertificate::open`].
    pub fn open(icc: &IccKey<'_>, signature: &[u8], room: &'r mut [u8]) -> Result<Self, OdaError> {
        Block::open(icc.public(), signature, FORMAT, FIXED_LEN + TAIL_LEN, room).map(Self)
    }

    /// The ICC dynamic data: as many octets as they say; none when the block does not hold them.
    #[must_use]
    pub fn dynamic_data(&self) -> &[u8] {
        let len = usize::from(self.0.octet(3));
        if len > self.0.len_from(FIXED_LEN) { &[] } else { self.0.at(FIXED_LEN, len) }
    }

    /// The hash inside, right or wrong.
    #[must_use]
    pub fn hash(&self) -> [u8; HASH_LEN] {
        self.0.hash()
    }

    /// The ICC dynamic number at the front of the dynamic data, 2 to 8 octets, and what follows it.
    ///
    /// # Errors
    /// [`OdaError::BadDynamicDataLength`] for another length, or one that the dynamic data do not hold.
    pub fn dynamic_number(&self) -> Result<(&[u8], &[u8]), OdaError> {
        match self.dynamic_data() {
            [len @ 2..=8, rest @ ..] => rest.split_at_checked(usize::from(*len)),
            _ => None,
        }
        .ok_or(OdaError::BadDynamicDataLength)
    }

    fn check(&self, terminal_data: &[&[u8]]) -> Result<(), OdaError> {
        if self.0.octet(2) != ALGORITHM {
            return Err(OdaError::UnsupportedHashAlgorithm);
        }
        self.0.check(terminal_data.iter().fold(self.0.hasher(), |hash, data| hash.with(data)))
    }

    /// DDA: the ICC dynamic number, when the hash is right with the values of the DDOL.
    ///
    /// # Errors
    /// [`OdaError::UnsupportedHashAlgorithm`], [`OdaError::HashMismatch`], or [`OdaError::BadDynamicDataLength`] for dynamic
    /// data without such a number.
    pub fn verify_dda(&self, ddol_data: &[u8]) -> Result<&[u8], OdaError> {
        self.check(&[ddol_data])?;
        self.dynamic_number().map(|(number, _)| number)
    }

    /// The fields of CDA's dynamic data, before anything is believed.
    ///
    /// # Errors
    /// [`OdaError::BadDynamicDataLength`] when the dynamic data are not a number, a CID, a cryptogram and a hash.
    pub fn cda(&self) -> Result<CdaData<'_>, OdaError> {
        // 32 to 38 octets: the recommendation is "at least", but a longer one has no meaning (EMV 4.4 Book 2, table 19).
        let (icc_dynamic_number, rest) = self.dynamic_number()?;
        let rest: &[u8; CDA_LEN] = rest.try_into().map_err(|_| OdaError::BadDynamicDataLength)?;
        let (head, hash) = rest.split_last_chunk::<HASH_LEN>().ok_or(OdaError::BadDynamicDataLength)?;
        let [cid, cryptogram @ ..] = head else { return Err(OdaError::BadDynamicDataLength) };
        let cryptogram = cryptogram.try_into().map_err(|_| OdaError::BadDynamicDataLength)?;
        Ok(CdaData { icc_dynamic_number, cid: *cid, cryptogram, transaction_hash: *hash })
    }

    /// CDA: what is proven, when the CID of the answer, the hash and the transaction data hash are right.
    ///
    /// # Errors
    /// [`OdaError::BadDynamicDataLength`], [`OdaError::CidMismatch`], [`OdaError::UnsupportedHashAlgorithm`],
    /// [`OdaError::HashMismatch`] and [`OdaError::TransactionDataHashMismatch`], in this order.
    pub fn verify_cda(
        &self,
        unpredictable_number: [u8; 4],
        cid: u8,
        transaction_hash: &[u8; HASH_LEN],
    ) -> Result<CdaData<'_>, OdaError> {
        let data = self.cda()?;
        if data.cid != cid {
            return Err(OdaError::CidMismatch);
        }
        self.check(&[&unpredictable_number])?;
        if !bool::from(data.transaction_hash.ct_eq(transaction_hash)) {
            return Err(OdaError::TransactionDataHashMismatch);
        }
        Ok(data)
    }

    /// fDDA version 01: the ATC, when the hash is right with the terminal's data and `9F69`.
    ///
    /// # Errors
    /// [`OdaError::UnsupportedVersion`] when `9F69` does not begin with 01, [`OdaError::UnsupportedHashAlgorithm`],
    /// [`OdaError::HashMismatch`], or [`OdaError::BadDynamicDataLength`] when the dynamic data are not an ATC.
    pub fn verify_fdda(&self, data: &FddaData<'_>) -> Result<[u8; 2], OdaError> {
        let [0x01, ..] = data.card_authentication_data else { return Err(OdaError::UnsupportedVersion) };
        let FddaData { unpredictable_number, amount, currency, card_authentication_data } = data;
        self.check(&[unpredictable_number, amount, currency, card_authentication_data])?;
        match self.dynamic_number()? {
            ([high, low], []) => Ok([*high, *low]),
            _ => Err(OdaError::BadDynamicDataLength),
        }
    }
}

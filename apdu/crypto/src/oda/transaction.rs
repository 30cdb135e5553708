//! The transaction data hash of CDA (EMV 4.4 Book 2, 6.6.1 and 6.6.2).

use tapcard_iso7816::{Tag, TlvError, Tlvs};

use super::hash::{DataHash, HASH_LEN};

/// `9F4B`: the signature, which cannot be part of what it signs.
const SIGNED_DYNAMIC_DATA: u32 = 0x9F4B;

/// Grows with the transaction: values of the PDOL, of CDOL1, of CDOL2 at the second GENERATE AC, then the answer.
///
/// ```
/// use tapcard_crypto::oda::{DataHash, TransactionHash};
///
/// let mut hash = TransactionHash::new();
/// hash.values(&[0xEA]); // what GET PROCESSING OPTIONS was given
/// hash.values(&[0x00, 0x01]); // what the first GENERATE AC was given
/// hash.answer(&[0x9F, 0x27, 0x01, 0x80, 0x9F, 0x4B, 0x02, 0xAA, 0xBB])?;
/// let signed = [0xEA, 0x00, 0x01, 0x9F, 0x27, 0x01, 0x80];
/// assert_eq!(hash.finish(), DataHash::new().with(&signed).finish());
/// # Ok::<(), tapcard_iso7816::TlvError>(())
/// ```
#[derive(Clone, Default)]
pub struct TransactionHash(DataHash);

impl TransactionHash {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the values of a list, as they were sent to the card.
    pub fn values(&mut self, values: &[u8]) {
        self.0.update(values);
    }

    /// Adds the value of template 77 of the answer: its objects with tag and length, as they came, without `9F4B`.
    ///
    /// # Errors
    /// [`TlvError`] when the value is not a list of data objects.
    pub fn answer(&mut self, template: &[u8]) -> Result<(), TlvError> {
        let mut objects = Tlvs::new(template);
        loop {
            let before = objects.rest();
            let Some(object) = objects.next() else { return Ok(()) };
            if object?.tag == Tag::new(SIGNED_DYNAMIC_DATA) {
                continue;
            }
            let len = before.len() - objects.rest().len();
            self.0.update(before.get(..len).unwrap_or_default());
        }
    }

    /// The hash.
    #[must_use]
    pub fn finish(self) -> [u8; HASH_LEN] {
        self.0.finish()
    }
}

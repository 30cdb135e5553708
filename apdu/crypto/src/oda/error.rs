//! What can be wrong with a certificate or with signed data.

use crate::rsa::RsaError;

/// Why offline data authentication failed, in the order in which it is looked for (EMV 4.4 Book 2, 5.3, 5.4, 6.3 to 6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OdaError {
    /// No CA public key with this RID and index.
    #[error("no CA public key with this RID and index")]
    CaKeyNotFound,
    /// The signature has another length than the key, or a key another length than its certificate says.
    #[error("a length that does not fit the key")]
    LengthMismatch,
    /// Key, signature or buffer cannot be used at all.
    #[error(transparent)]
    Rsa(RsaError),
    /// The last octet recovered is not BC.
    #[error("the recovered block does not end with BC")]
    BadTrailer,
    /// The first octet recovered is not 6A.
    #[error("the recovered block does not begin with 6A")]
    BadHeader,
    /// The format octet is that of something else.
    #[error("the recovered block is of another format")]
    BadFormat,
    /// The dynamic data are not as long as their kind.
    #[error("dynamic data of the wrong length")]
    BadDynamicDataLength,
    /// The CID in the clear is not the signed one.
    #[error("the signed CID differs from the one in the answer")]
    CidMismatch,
    /// The hash is not made with SHA-1.
    #[error("a hash algorithm other than SHA-1")]
    UnsupportedHashAlgorithm,
    /// The hash recovered is not that of the data.
    #[error("the hash differs")]
    HashMismatch,
    /// The transaction data hash recovered is not that of the transaction.
    #[error("the transaction data hash differs")]
    TransactionDataHashMismatch,
    /// The issuer identifier is not that of the PAN.
    #[error("the issuer certificate is of another issuer")]
    IssuerIdMismatch,
    /// The PAN in the certificate is another one.
    #[error("the ICC certificate is of another PAN")]
    PanMismatch,
    /// The certificate, or the CA key, ended before today.
    #[error("expired")]
    Expired,
    /// The issuer certificate is on the revocation list.
    #[error("the issuer certificate is revoked")]
    Revoked,
    /// The certified key is not for RSA.
    #[error("a key algorithm other than RSA")]
    UnsupportedKeyAlgorithm,
    /// A version of fDDA other than 01, or none.
    #[error("a version of fDDA other than 01")]
    UnsupportedVersion,
}

impl OdaError {
    /// The name in the test vectors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaKeyNotFound => "ca_key_not_found",
            Self::LengthMismatch => "length_mismatch",
            Self::Rsa(_) => "unusable_key_or_signature",
            Self::BadTrailer => "bad_trailer",
            Self::BadHeader => "bad_header",
            Self::BadFormat => "bad_format",
            Self::BadDynamicDataLength => "bad_dynamic_data_length",
            Self::CidMismatch => "cid_mismatch",
            Self::UnsupportedHashAlgorithm => "unsupported_hash_alg",
            Self::HashMismatch => "hash_mismatch",
            Self::TransactionDataHashMismatch => "transaction_data_hash_mismatch",
            Self::IssuerIdMismatch => "issuer_id_mismatch",
            Self::PanMismatch => "pan_mismatch",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::UnsupportedKeyAlgorithm => "unsupported_pk_alg",
            Self::UnsupportedVersion => "unsupported_version",
        }
    }
}

impl From<RsaError> for OdaError {
    fn from(error: RsaError) -> Self {
        match error {
            RsaError::SignatureLength { .. } => Self::LengthMismatch,
            other => Self::Rsa(other),
        }
    }
}

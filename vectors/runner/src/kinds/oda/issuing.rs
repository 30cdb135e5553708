//! Operations with a private key: issuing, and the card's side of an enciphered PIN.

use tapcard_crypto::oda::issue::{self, IssueError, Issued, Subject};
use tapcard_crypto::oda::pin;
use tapcard_crypto::rsa::{Exponent, MAX_MODULUS_LEN, PrivateKey, PublicKey};

use super::given::{Failed, Given, unusable};
use super::private::{BLINDING, Signer};

type Found = Result<Vec<u8>, Failed>;

const ROOM: [u8; MAX_MODULUS_LEN] = [0; MAX_MODULUS_LEN];

impl From<IssueError> for Failed {
    fn from(error: IssueError) -> Self {
        Self::Unusable(format!("nothing was issued: {error}"))
    }
}

/// What is certified; its octets are in `modulus`.
fn subject<'m>(given: &Given<'_>, modulus: &'m [u8]) -> Result<Subject<'m>, Failed> {
    let exponent = Exponent::from_octets(&given.octets("subject_exponent")?)?;
    Ok(Subject {
        key: PublicKey::new(modulus, exponent)?,
        expiry_mmyy: given.array("expiry_mmyy")?,
        serial: given.array("serial")?,
    })
}

fn whole(issued: &Issued<'_, '_>) -> Vec<u8> {
    [issued.certificate, issued.remainder].concat()
}

pub(super) fn issuer_certificate(given: &Given<'_>) -> Found {
    let (signer, modulus) = (Signer::of(given.object("signer")?)?, given.octets("subject_modulus")?);
    let identifier = given.array("issuer_identifier")?;
    let (subject, mut room) = (subject(given, &modulus)?, ROOM);
    Ok(whole(&issue::issuer_certificate(&signer.key()?, identifier, &subject, BLINDING, &mut room)?))
}

pub(super) fn icc_certificate(given: &Given<'_>) -> Found {
    let (signer, modulus) = (Signer::of(given.object("signer")?)?, given.octets("subject_modulus")?);
    let (pan, static_data) = (given.pan()?, given.octets_or_none("static_data")?);
    let (subject, mut room) = (subject(given, &modulus)?, ROOM);
    let data = [static_data.as_slice()];
    Ok(whole(&issue::icc_certificate(&signer.key()?, &pan, &subject, data, BLINDING, &mut room)?))
}

pub(super) fn signed_static(given: &Given<'_>) -> Found {
    let (signer, static_data) = (Signer::of(given.object("signer")?)?, given.octets("static_data")?);
    let code = given.array("data_authentication_code")?;
    let mut room = ROOM;
    Ok(issue::signed_static_data(&signer.key()?, code, [static_data.as_slice()], BLINDING, &mut room)?.to_vec())
}

pub(super) fn signed_dynamic(given: &Given<'_>) -> Found {
    let (signer, terminal_data) = (Signer::of(given.object("signer")?)?, given.octets("terminal_data")?);
    let dynamic_data = given.octets("icc_dynamic_data")?;
    let (data, mut room) = ([terminal_data.as_slice()], ROOM);
    Ok(issue::signed_dynamic_data(&signer.key()?, &dynamic_data, data, BLINDING, &mut room)?.to_vec())
}

pub(super) fn decipher(given: &Given<'_>) -> Found {
    let signer = Signer::of(*given)?;
    let key: PrivateKey<'_> = signer.key()?;
    let mut room = ROOM;
    let plaintext = key.apply(&given.octets("data")?, BLINDING, &mut room);
    let plaintext = plaintext.map_err(|_| unusable("data", "a ciphertext of this key"))?;
    Ok(pin::block_of(plaintext, &given.array("icc_unpredictable_number")?)?.to_vec())
}

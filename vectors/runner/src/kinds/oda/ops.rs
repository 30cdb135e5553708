//! The operations, each from the members of `in` to `out`.

use tapcard_crypto::capk::{self, CaKey};
use tapcard_crypto::oda::static_data::{record_part, tag_list_part};
use tapcard_crypto::oda::{
    Chain, ChainData, FddaData, IccCertificate, IccKey, IssuerCertificate, IssuerKey, SignedDynamicData,
    SignedStaticData, TransactionHash, pin,
};
use tapcard_crypto::rsa::MAX_MODULUS_LEN;

use super::given::{Failed, Given, key, unusable};
use super::issuing;

type Found = Result<Vec<u8>, Failed>;
type Room = [u8; MAX_MODULUS_LEN];

const ROOM: Room = [0; MAX_MODULUS_LEN];

pub(super) fn run(op: &str, given: &Given<'_>) -> Found {
    match op {
        "oda_recover_issuer_key" => issuer_key(given),
        "oda_recover_icc_key" => icc_key(given),
        "oda_recover_icc_pe_key" => pin_key(given),
        "oda_verify_ssad" => ssad(given),
        "oda_verify_sdad_dda" => dda(given),
        "oda_verify_sdad_cda" => cda(given),
        "oda_verify_sdad_fdda" => fdda(given),
        "oda_chain" => chain(given),
        "oda_capk_checksum" => checksum(given),
        "oda_static_data" => static_data(given),
        "offline_pin_encipher" => encipher(given),
        "offline_pin_decipher" => issuing::decipher(given),
        "oda_issue_issuer_cert" => issuing::issuer_certificate(given),
        "oda_issue_icc_cert" => issuing::icc_certificate(given),
        "oda_issue_ssad" => issuing::signed_static(given),
        "oda_issue_sdad" => issuing::signed_dynamic(given),
        _ => Err(Failed::Unknown),
    }
}

fn issuer_key(given: &Given<'_>) -> Found {
    let modulus = given.octets("ca_modulus")?;
    let ca = key(&modulus, &given.octets("ca_exponent")?)?;
    let mut room = ROOM;
    let issuer = IssuerCertificate::open(&ca, &given.octets("cert_90")?, &mut room)?.verify(
        &given.octets_or_none("remainder_92")?,
        &given.octets("exponent_9F32")?,
        &given.pan()?,
        given.date("today")?,
    )?;
    Ok(issuer.public().modulus().to_vec())
}

/// The issuer's key of a case, its octets in `modulus`.
fn issuer<'m>(given: &Given<'_>, modulus: &'m mut Vec<u8>) -> Result<IssuerKey<'m>, Failed> {
    *modulus = given.octets("issuer_modulus")?;
    Ok(IssuerKey::new(key(modulus, &given.octets("issuer_exponent")?)?))
}

fn icc<'m>(given: &Given<'_>, modulus: &'m mut Vec<u8>) -> Result<IccKey<'m>, Failed> {
    *modulus = given.octets("icc_modulus")?;
    Ok(IccKey::new(key(modulus, &given.octets("icc_exponent")?)?))
}

fn icc_key(given: &Given<'_>) -> Found {
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let issuer = issuer(given, &mut modulus)?;
    let icc = IccCertificate::open(&issuer, &given.octets("cert_9F46")?, &mut room)?.verify(
        &given.octets_or_none("remainder_9F48")?,
        &given.octets("exponent_9F47")?,
        [given.octets("static_data")?.as_slice()],
        &given.pan()?,
        given.date("today")?,
    )?;
    Ok(icc.public().modulus().to_vec())
}

/// `9F2D`, `9F2F` and `9F2E` stand in the members of the ICC certificate.
fn pin_key(given: &Given<'_>) -> Found {
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let issuer = issuer(given, &mut modulus)?;
    let key = IccCertificate::open(&issuer, &given.octets("cert_9F46")?, &mut room)?.verify_pin_key(
        &given.octets_or_none("remainder_9F48")?,
        &given.octets("exponent_9F47")?,
        &given.pan()?,
        given.date("today")?,
    )?;
    Ok(key.public().modulus().to_vec())
}

fn ssad(given: &Given<'_>) -> Found {
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let issuer = issuer(given, &mut modulus)?;
    let signed = SignedStaticData::open(&issuer, &given.octets("ssad_93")?, &mut room)?;
    Ok(signed.verify([given.octets("static_data")?.as_slice()])?.to_vec())
}

fn dda(given: &Given<'_>) -> Found {
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let icc = icc(given, &mut modulus)?;
    let signed = SignedDynamicData::open(&icc, &given.octets("sdad_9F4B")?, &mut room)?;
    Ok(signed.verify_dda(&given.octets("ddol_data")?)?.to_vec())
}

fn cda(given: &Given<'_>) -> Found {
    let mut hash = TransactionHash::new();
    for values in ["pdol_data", "cdol1_data", "cdol2_data"] {
        hash.values(&given.octets_or_none(values)?);
    }
    let answer = "response_tlvs_without_9F4B";
    hash.answer(&given.octets(answer)?).map_err(|_| unusable(answer, "a list of objects"))?;
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let icc = icc(given, &mut modulus)?;
    let signed = SignedDynamicData::open(&icc, &given.octets("sdad_9F4B")?, &mut room)?;
    let data = signed.verify_cda(given.array("un_9F37")?, given.octet("cid")?, &hash.finish())?;
    Ok(data.cryptogram.to_vec())
}

fn fdda(given: &Given<'_>) -> Found {
    let (mut modulus, mut room) = (Vec::new(), ROOM);
    let icc = icc(given, &mut modulus)?;
    let signed = SignedDynamicData::open(&icc, &given.octets("sdad_9F4B")?, &mut room)?;
    let atc = signed.verify_fdda(&FddaData {
        unpredictable_number: given.array("un_9F37")?,
        amount: given.array("amount_9F02")?,
        currency: given.array("currency_5F2A")?,
        card_authentication_data: &given.octets("card_auth_data_9F69")?,
    })?;
    Ok(atc.to_vec())
}

fn chain(given: &Given<'_>) -> Found {
    let table = given.list("ca_table")?;
    let moduli = table.iter().map(|entry| entry.octets("modulus")).collect::<Result<Vec<_>, _>>()?;
    let mut keys = Vec::new();
    for (entry, modulus) in table.iter().zip(&moduli) {
        let key = key(modulus, &entry.octets("exponent")?)?;
        keys.push(CaKey::new(entry.rid()?, entry.octet("index")?, key, Some(entry.date("expiry")?)));
    }
    let (mut issuer_room, mut icc_room) = (ROOM, ROOM);
    let data = ChainData {
        rid: given.rid()?,
        ca_index: given.octet("ca_index_8F")?,
        issuer_certificate: &given.octets("cert_90")?,
        issuer_remainder: &given.octets_or_none("remainder_92")?,
        issuer_exponent: &given.octets("exponent_9F32")?,
        icc_certificate: &given.octets("cert_9F46")?,
        icc_remainder: &given.octets_or_none("remainder_9F48")?,
        icc_exponent: &given.octets("exponent_9F47")?,
        pan: &given.pan()?,
    };
    let static_data = given.octets("static_data")?;
    let rooms = (&mut issuer_room[..], &mut icc_room[..]);
    let chain = Chain::verify(&keys, &[], &data, [static_data.as_slice()], given.date("today")?, rooms)?;
    Ok(chain.icc.public().modulus().to_vec())
}

fn checksum(given: &Given<'_>) -> Found {
    let (modulus, exponent) = (given.octets("modulus")?, given.octets("exponent")?);
    Ok(capk::checksum(given.rid()?, given.octet("index")?, &modulus, &exponent).to_vec())
}

fn static_data(given: &Given<'_>) -> Found {
    let mut found = Vec::new();
    for record in given.list("records")? {
        found.extend_from_slice(record_part(record.number("sfi")?, &record.octets("data")?)?);
    }
    let tag_list = given.is_there("tag_list_9F4A").then(|| given.octets("tag_list_9F4A")).transpose()?;
    found.extend_from_slice(tag_list_part(tag_list.as_deref(), &given.array("aip_82")?)?);
    Ok(found)
}

/// The PIN block of ISO 9564-1 format 2.
fn pin_block(pin: &str) -> Result<[u8; 8], Failed> {
    let text = format!("2{:X}{pin:F<14}", pin.len());
    hex::decode(text).ok().and_then(|block| block.try_into().ok()).ok_or_else(|| unusable("pin", "a PIN"))
}

fn encipher(given: &Given<'_>) -> Found {
    let modulus = given.octets("modulus")?;
    let key = key(&modulus, &given.octets("exponent")?)?;
    let block = pin_block(given.text("pin")?)?;
    let challenge = given.array("icc_unpredictable_number")?;
    let mut room = ROOM;
    Ok(pin::encipher(&key, &block, &challenge, &given.octets("random_padding")?, &mut room)?.to_vec())
}

//! A new card of a profile: its own PAN and its own keys in the place of the profile's, everything else as it is.
//!
//! The values are looked up in the compiled image, which is what the card will say; the new ones go into the JSON text. A
//! profile with signed data cannot be used: its certificates are for its own PAN.

use serde_json::{Value, json};
use tapcard_card::{Application, Behaviour, Image, Key};
use tapcard_emv::pan::Pan;
use tapcard_emv::{Amount, Currency, Rid, tag};
use tapcard_iso7816::{Tag, find_deep};
use tapcard_profiles::from_json;
use zeroize::{Zeroize, Zeroizing};

use crate::error::IssuerError;
use crate::keys::CardKeys;
use crate::model::Cash;
use crate::vault::random;

/// Octets of a script MAC that emulated cards expect.
pub(crate) const SCRIPT_MAC: usize = 4;
const SIGNED: [Tag; 2] = [tag::ICC_PUBLIC_KEY_CERTIFICATE, tag::SIGNED_STATIC_APPLICATION_DATA];

/// Why no card of this issuer can be made of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileUnfit {
    /// Not exactly one application computes with keys.
    #[error("a profile for an issuer has one application with `keys` and `behaviour`; this one has {found}")]
    Applications {
        /// Applications found.
        found: usize,
    },
    /// A value that has to be there is missing or malformed.
    #[error("the application of the profile has no usable {0}")]
    Value(Tag),
    /// Certificates are for one PAN alone.
    #[error("the profile has data signed for its own PAN ({0})")]
    Signed(Tag),
}

/// What a profile says of the card that is made of it.
pub(crate) struct Facts {
    pub(crate) rid: Rid,
    pub(crate) pan: Pan,
    pub(crate) psn: u8,
    pub(crate) expiry: u16,
    pub(crate) iad: Vec<u8>,
    pub(crate) cash: Option<Cash>,
}

pub(crate) fn facts(profile: &str) -> Result<Facts, IssuerError> {
    let image = from_json(profile)?.image()?;
    let image = Image::parse(&image).map_err(|_| IssuerError::Damaged)?;
    let behaviour = |application: &Application<'_>| application.get(Key::Behaviour).and_then(Behaviour::decode);
    let computing: Vec<_> =
        image.applications().filter_map(|application| Some((application, behaviour(&application)?))).collect();
    let [(application, behaviour)] = computing.as_slice() else {
        return Err(ProfileUnfit::Applications { found: computing.len() }.into());
    };
    let find = |wanted: Tag| {
        let records = image.entries().filter(|entry| entry.application == application.number());
        records.filter(|entry| matches!(entry.key, Key::Record(..))).find_map(|entry| find_deep(entry.value, wanted))
    };
    if let Some(signed) = SIGNED.into_iter().find(|signed| find(*signed).is_some()) {
        return Err(ProfileUnfit::Signed(signed).into());
    }
    let unfit = |tag: Tag| move || ProfileUnfit::Value(tag);
    let rid = application.name().first_chunk::<5>().ok_or_else(unfit(tag::DF_NAME))?;
    let pan = find(tag::PAN).and_then(|value| Pan::from_cn(value).ok()).ok_or_else(unfit(tag::PAN))?;
    let psn = find(tag::PSN).map_or(Some(0), decimal).ok_or_else(unfit(tag::PSN))?;
    let expiry = find(tag::EXPIRATION_DATE).and_then(|value| decimal(value.get(..2)?));
    Ok(Facts {
        rid: Rid::new(*rid),
        pan,
        psn: u8::try_from(psn).map_err(|_| ProfileUnfit::Value(tag::PSN))?,
        expiry: expiry.ok_or_else(unfit(tag::EXPIRATION_DATE))?,
        iad: iad(*behaviour),
        cash: cash(application),
    })
}

/// Issuer application data that names the version of a behaviour, for the table of versions.
fn iad(behaviour: Behaviour) -> Vec<u8> {
    let Behaviour { dki, cvn, algorithm, .. } = behaviour;
    if algorithm == 0 { vec![0x06, dki, cvn, 0x03, 0, 0, 0] } else { vec![0x07, dki, cvn, 0x03, 0, 0, 0, algorithm] }
}

fn cash(application: &Application<'_>) -> Option<Cash> {
    application.data(tag::EC_BALANCE)?;
    let currency = Currency::from_n3(application.data(tag::EC_CURRENCY_CODE)?).ok()?;
    Some(Cash { currency, limit: Amount::from_n12(application.data(tag::EC_BALANCE_LIMIT)?).ok()? })
}

/// Decimal digits, two in each octet.
fn decimal(octets: &[u8]) -> Option<u16> {
    u16::try_from(tapcard_emv::bcd::number(octets).ok()?).ok()
}

/// A random PAN with the first digits and the length of another one, and its own check digit (ISO/IEC 7812-1, Annex B).
pub(crate) fn new_pan(pattern: &Pan, bin: &str) -> Result<Pan, IssuerError> {
    let length = pattern.len().max(bin.len() + 2);
    let mut digits = Zeroizing::new(String::with_capacity(length));
    digits.push_str(bin);
    while digits.len() < length - 1 {
        // 250 of 256 values are ten times the same number of each digit.
        match random::<1>()?.first() {
            Some(octet) if *octet < 250 => digits.push(char::from(b'0' + octet % 10)),
            _ => {}
        }
    }
    let pans = (b'0'..=b'9').filter_map(|check| {
        let text = Zeroizing::new(format!("{}{}", *digits, char::from(check)));
        Pan::from_digits(&text).ok()
    });
    pans.into_iter().find(Pan::is_luhn).ok_or(IssuerError::Damaged)
}

/// The JSON of the profile with the new PAN, the card's own keys and, if there is one, another PIN.
pub(crate) fn write(
    profile: &str,
    old: &Pan,
    new: &Pan,
    keys: &CardKeys,
    pin: Option<&str>,
) -> Result<Zeroizing<String>, IssuerError> {
    let mut document: Value = serde_json::from_str(profile).map_err(|_| IssuerError::Damaged)?;
    replace(&mut document, old.reveal(), new.reveal());
    let applications = document.get_mut("applications").and_then(Value::as_array_mut);
    for application in applications.into_iter().flatten() {
        let Some(Value::Object(members)) = application.get_mut("keys") else { continue };
        members.insert("of".to_owned(), json!("card"));
        for (name, key) in [("ac", &keys.ac), ("mac", &keys.smi), ("enc", &keys.smc)] {
            members.insert(name.to_owned(), Value::String(hex_of(key)?));
        }
        if let Some(pin) = pin {
            members.insert("pin".to_owned(), json!(pin));
        }
    }
    let text = Zeroizing::new(serde_json::to_string_pretty(&document).map_err(|_| IssuerError::Damaged)?);
    wipe(&mut document);
    from_json(&text)?;
    Ok(text)
}

fn hex_of(key: &tapcard_crypto::keys::SecretKey) -> Result<String, IssuerError> {
    match key {
        tapcard_crypto::keys::SecretKey::Tdes(key) => Ok(hex::encode_upper(key.reveal())),
        _ => Err(IssuerError::Keys),
    }
}

/// Every text that has the PAN in it: `5A`, and the tracks.
fn replace(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) => {
            let plain: String = text.chars().filter(|character| *character != ' ').collect();
            if plain.contains(old) {
                *text = plain.replace(old, new);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, old, new)),
        Value::Object(members) => members.values_mut().for_each(|value| replace(value, old, new)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::IssuerKeys;
    use tapcard_crypto::ac::CryptogramVersion;
    use tapcard_crypto::derive::Psn;
    use tapcard_profiles::builtin;

    fn profile(name: &str) -> &'static str {
        builtin().iter().find(|profile| profile.name == name).unwrap().json()
    }

    #[test]
    fn profiles_say_what_cards_they_make() {
        let pboc = facts(profile("pboc-ec")).unwrap();
        assert_eq!((pboc.psn, pboc.expiry), (1, 3012));
        assert_eq!(pboc.cash, Some(Cash { currency: Currency::new(156).unwrap(), limit: Amount::new(100_000) }));
        let visa = facts(profile("visa")).unwrap();
        assert_eq!(visa.cash, None);
        assert_eq!(CryptogramVersion::of(visa.rid, &visa.iad), Ok(CryptogramVersion::VISA_10));
        let error = facts(profile("t-union")).err().unwrap();
        assert!(matches!(error, IssuerError::Unfit(ProfileUnfit::Applications { found: 0 })), "{error}");
    }

    #[test]
    fn a_new_card_has_nothing_of_the_profiles_number_and_keys() {
        let text = profile("pboc-ec");
        let old = facts(text).unwrap();
        let new = new_pan(&old.pan, "621094").unwrap();
        assert!(new.is_luhn() && new.reveal().starts_with("621094") && new.len() == 16);
        let keys = IssuerKeys::test().of_card(&CryptogramVersion::PBOC_01, &new, Psn::new(1).unwrap()).unwrap();
        let made = write(text, &old.pan, &new, &keys, Some("4711")).unwrap();
        assert!(!made.contains(old.pan.reveal()) && !made.contains("F0C34A8124CEE0A9") && !made.contains("123456\""));
        assert_eq!(facts(&made).unwrap().pan, new);
        // The keys are those that the profile would derive for this number.
        let derived = text.replace(old.pan.reveal(), new.reveal()).replace("\"123456\"", "\"4711\"");
        assert_eq!(
            *from_json(&made).unwrap().keys().unwrap().unwrap(),
            *from_json(&derived).unwrap().keys().unwrap().unwrap()
        );
    }
}

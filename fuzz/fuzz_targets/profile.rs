//! Personalisations as JSON: what is accepted becomes a card image that says the same.
//!
//! Covers: host-tools/profiles/src
#![no_main]

use libfuzzer_sys::fuzz_target;
use tapcard_card::{Card, Image};
use tapcard_iso7816::Atr;
use tapcard_profiles::from_json;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    let card = match from_json(text) {
        Ok(card) => card,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(Atr::parse(card.atr()).is_ok());
    let image = match card.image() {
        Ok(image) => image,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let image = Image::parse(&image).expect("it was just built");
    assert_eq!(image.atr(), Some(card.atr()));
    assert!(Card::new(image).selected().is_none());
});

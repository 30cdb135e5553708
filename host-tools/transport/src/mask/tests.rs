use proptest::prelude::*;
use tapcard_emv::tags::tag;

use super::masked::{looks_like_pan, pan};
use super::*;

const GET_DATA: [u8; 5] = [0x80, 0xCA, 0x9F, 0x36, 0x00];
const READ_RECORD: [u8; 5] = [0x00, 0xB2, 0x01, 0x0C, 0x00];

fn octets(hex: &str) -> Vec<u8> {
    hex::decode(hex.replace(' ', "")).unwrap()
}

fn masked(hide: Sensitivity, command: &[u8], answer: &str) -> String {
    Masker::new(hide).answer(command, &octets(answer)).hex()
}

#[test]
fn a_record_keeps_its_structure() {
    let record = "70 1E 5A 08 6228480402564890 57 12 6228480402564890D301220112345678900F 9000";
    let found = masked(Sensitivity::Name, &READ_RECORD, record);
    assert_eq!(found, "701E5A08622848******48905712622848******4890D3012201************F9000".replace("**F", "*F"));
}

#[test]
fn names_are_hidden_in_recordings_and_shown_in_reports() {
    let record = "70 0D 5F20 0A 57414E47204C49202020 9000";
    assert_eq!(masked(Sensitivity::Name, &READ_RECORD, record), "700D5F200A**************2020209000");
    assert_eq!(masked(Sensitivity::Pan, &READ_RECORD, record), record.replace(' ', ""));
}

#[test]
fn track_1_keeps_expiry_and_service_code() {
    let track1 = b"B4111111111111111^SMITH/JO^30122011234";
    let masked = Masker::new(Sensitivity::Pan).value(tag::TRACK1_DATA, track1);
    assert_eq!(masked.text_octets(), b"B411111******1111^********^3012201****");
    let masked = Masker::new(Sensitivity::Pan).value(tag::TRACK1_DISCRETIONARY_DATA, b"4111111111111111ABC");
    assert_eq!(masked.text_octets(), [b'*'; 19]);
}

#[test]
fn full_track_data_stay_hidden_when_the_pan_is_shown() {
    let masked =
        Masker::new(Sensitivity::Track).value(tag::TRACK2_EQUIVALENT_DATA, &octets("4111111111111111D30122011234F0"));
    assert_eq!(masked.hex(), "4111111111111111D3012201****F*");
}

#[test]
fn a_masked_pan_is_the_same_everywhere_and_fails_the_check() {
    let mut masker = Masker::new(Sensitivity::Name);
    let pan = masker.value(tag::PAN, &octets("4000000000000010"));
    assert!(!looks_like_pan(&pan.nibbles_of(0..16)), "{}", hex::encode(pan.octets()));
    let track2 = masker.value(tag::TRACK2_EQUIVALENT_DATA, &octets("4000000000000010D3012201000F"));
    assert_eq!(track2.octets()[..8], *pan.octets());
}

#[test]
fn a_pan_seen_once_is_found_in_any_octets_afterwards() {
    let mut masker = Masker::new(Sensitivity::Pan);
    masker.value(tag::PAN, &octets("6228480402564890"));
    assert_eq!(masker.raw(&octets("06228480402564890123456789012A")).hex(), "0622848******4890123456789012A");
    let text = masker.raw(b"77776228480402564890777");
    assert_eq!(text.text_octets(), b"7777622848******4890777");
}

#[test]
fn what_looks_like_a_pan_is_hidden_where_nothing_is_known() {
    for (raw, expected) in [
        ("A4111111111111111B", "A411111******1111B"),
        ("A4111111111111112B", "A4111111111111112B"),
        ("A4111111111111112D301220112B", "A411111******1112D3012201**B"),
        ("000000000000", "000000000000"),
    ] {
        assert_eq!(Masker::new(Sensitivity::Pan).raw(&octets(raw)).hex(), expected);
    }
    assert_eq!(Masker::new(Sensitivity::Pan).raw(b"no 4111111111111111!").text_octets(), b"no 411111******1111!");
}

#[test]
fn what_a_reading_needs_is_left_alone() {
    // AFL, CDOL1 and an amount whose digits happen to pass the check.
    for record in ["700A 9408 4111111111111111 9000", "700E 8C0C 411111111111111100000000 9000"] {
        assert_eq!(masked(Sensitivity::Name, &READ_RECORD, record), record.replace(' ', ""));
    }
    let limit = "9F6B06 000000001000 9000";
    assert_eq!(masked(Sensitivity::Name, &GET_DATA, limit), limit.replace(' ', ""));
}

#[test]
fn objects_behind_a_broken_length_are_searched() {
    for (record, expected) in [
        ("70 20 5A 20 6210948000000011 9000", "70205A20621094******00119000"),
        ("70 0A 5A 20 6210948000000011 9000", "700A5A20621094******00119000"),
        ("70 81 5A 08 6210948000000011 9000", "70815A08621094******00119000"),
        ("70 85 00 5A 08 6210948000000011 9000", "7085005A08621094******00119000"),
        ("70 0A 5A 85 6210948000000011 9000", "700A5A85621094******00119000"),
    ] {
        assert_eq!(masked(Sensitivity::Name, &READ_RECORD, record), expected);
    }
}

#[test]
fn a_pin_is_never_shown() {
    let found = Masker::new(Sensitivity::Secret).command(&octets("0020008008241234FFFFFFFFFF")).hex();
    assert_eq!(found, "0020008008****************");
}

#[test]
fn a_short_number_only_shows_its_end() {
    assert_eq!(Masker::new(Sensitivity::Pan).value(tag::PAN, &octets("1500001111")).hex(), "******1111");
    assert_eq!(Masker::new(Sensitivity::Pan).value(tag::PAN, &octets("1234")).hex(), "****");
}

proptest! {
    #[test]
    fn any_octets_are_masked_without_panic_and_keep_their_length(
        command in prop::collection::vec(any::<u8>(), 0..12),
        answer in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut masker = Masker::new(Sensitivity::Name);
        prop_assert_eq!(masker.command(&command).octets().len(), command.len());
        let masked = masker.answer(&command, &answer);
        prop_assert_eq!(masked.octets().len(), answer.len());
        prop_assert_eq!(masked.hex().len(), 2 * answer.len());
    }

    #[test]
    fn no_masked_pan_passes_the_check(digits in prop::collection::vec(0u8..10, 12..=19), variant in 0u8..30) {
        let mut masker = Masker::new(Sensitivity::Pan).with_variant(variant);
        let mut whole = digits.clone();
        for (index, filler) in masker.hidden_digits(&digits) {
            whole[index] = filler;
        }
        prop_assert!(!pan(&whole).unwrap().is_luhn());
        prop_assert_ne!(&whole, &digits);
        prop_assert!(digits.len() < 13 || whole[..6] == digits[..6]);
        prop_assert_eq!(&whole[digits.len() - 4..], &digits[digits.len() - 4..]);
    }
}

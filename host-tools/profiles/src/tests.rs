//! The profiles as cards, and every check with the message that it gives.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Value, json};
use tapcard_card::{Card, Image, Interface};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{MAX_SHORT_ANSWER, Tag, find_deep, find_path};

use super::*;

/// Sends hex, keeps every record, answers hex.
fn send(card: &mut Card<'_>, command: &str) -> String {
    let mut out = [0; MAX_SHORT_ANSWER];
    let mut action = card.step(0, Input::Received(&value::octets(command).unwrap()), &mut out);
    if matches!(action, Action::Persist(_)) {
        action = card.step(0, Input::Persisted, &mut out);
    }
    match action {
        Action::Transmit(length) => hex::encode_upper(&out[..length]),
        other => panic!("{other:?}"),
    }
}

fn played(octets: &[u8]) -> Card<'_> {
    let mut card = Card::new(Image::parse(octets).unwrap());
    card.step(0, Input::Start, &mut []);
    card
}

/// The records that an AFL names, read in order.
fn read_afl(card: &mut Card<'_>, afl: &[u8]) -> Vec<String> {
    let mut records = Vec::new();
    for entry in tapcard_emv::afl::Afl::parse(afl).unwrap().iter() {
        for (number, _) in entry.records() {
            records.push(send(card, &format!("00B2{number:02X}{:02X}00", entry.sfi.get() << 3 | 4)));
        }
    }
    assert!(records.iter().all(|record| record.starts_with("70") && record.ends_with("9000")), "{records:?}");
    records
}

const SELECT_EC: &str = "00A4040008 A000000333010101 00";

#[test]
fn every_built_in_profile_is_a_card_with_the_name_that_it_is_listed_under() {
    for profile in builtin() {
        let personalisation = Profile::load(profile.name).unwrap();
        assert_eq!((personalisation.name(), personalisation.about()), (profile.name, profile.about));
        let octets = personalisation.image().unwrap();
        assert_eq!(Image::parse(&octets).unwrap().atr(), Some(personalisation.atr()));
        assert_eq!(format!("{personalisation:?}"), format!("Personalisation {{ name: {:?}, .. }}", profile.name));
    }
}

#[test]
fn a_name_that_is_not_built_in_gets_the_list_of_those_that_are() {
    let error = Profile::load("pboc-ed").unwrap_err();
    let known = "pboc-ec, ec-only, t-union, visa, mastercard, t-money";
    assert_eq!(error.to_string(), format!("there is no built-in profile `pboc-ed`; there are: {known}"));
}

#[test]
fn pboc_ec_is_found_through_both_directories() {
    let octets = Profile::load("pboc-ec").unwrap().image().unwrap();
    let mut card = played(&octets);
    let entry = "61194F08A000000333010101500A50424F43204445424954870101";
    let ppse = send(&mut card, "00A404000E 325041592E5359532E4444463031 00");
    assert_eq!(ppse, format!("6F30840E325041592E5359532E4444463031A51EBF0C1B{entry}9000"));
    assert!(send(&mut card, "00A404000E 315041592E5359532E4444463031 00").ends_with("A50A8801015F2D047A68656E9000"));
    assert_eq!(send(&mut card, "00B2010C00"), format!("701B{entry}9000"));
    assert_eq!(send(&mut card, "00B2020C00"), "6A83");
}

#[test]
fn pboc_ec_tells_balances_and_limits_of_both_currencies() {
    let octets = Profile::load("pboc-ec").unwrap().image().unwrap();
    let mut card = played(&octets);
    send(&mut card, SELECT_EC);
    let n12 = |fen: u32| format!("06{fen:012}9000");
    for (tag, fen) in [("9F79", 12345), ("9F77", 100_000), ("9F78", 50_000), ("9F6D", 0), ("DF79", 6780)] {
        assert_eq!(send(&mut card, &format!("80CA{tag}00")), format!("{tag}{}", n12(fen)));
    }
    for (tag, value) in [("9F51", "020156"), ("DF71", "020344"), ("9F36", "02000A"), ("9F13", "020008")] {
        assert_eq!(send(&mut card, &format!("80CA{tag}00")), format!("{tag}{value}9000"));
    }
    assert_eq!(send(&mut card, "80CA9F1700"), "9F1701039000");
    assert_eq!(send(&mut card, "80CA9F4D00"), "6A88", "the log entry is in the FCI");
}

#[test]
fn pboc_ec_reads_on_both_interfaces() {
    let octets = Profile::load("pboc-ec").unwrap().image().unwrap();
    let contact = "80A800000B 8309 01 000000000100 0156 00";
    let contactless = "80A8000023 8321 36000000 000000000100 000000000000 0156 0000000000 0156 251101 00 11223344 00";
    for (interface, options) in [(Interface::Contact, contact), (Interface::Contactless, contactless)] {
        let mut card = played(&octets).with_interface(interface);
        assert!(send(&mut card, SELECT_EC).ends_with("9F4D020B0ADF4D020C0A9000"));
        let answer = hex::decode(send(&mut card, options)).unwrap();
        assert_eq!(hex::encode_upper(&answer), "800E1C000801020010010100180101009000", "{interface:?}");
        let records = read_afl(&mut card, &answer[4..16]).concat();
        let records = hex::decode(records.replace("9000", "")).unwrap();
        assert_eq!(find_deep(&records, Tag::new(0x5A)), Some(&hex::decode("6210948000000011").unwrap()[..]));
        assert_eq!(find_deep(&records, Tag::new(0x9F74)), Some(&b"ECC001"[..]));
        assert_eq!(send(&mut card, "80CA9F3600"), "9F3602000B9000");
    }
}

#[test]
fn pboc_ec_has_three_transactions_and_two_loads_in_its_logs() {
    let octets = Profile::load("pboc-ec").unwrap().image().unwrap();
    let mut card = played(&octets);
    send(&mut card, SELECT_EC);
    for (p2, count, length) in [("5C", 3, 45), ("64", 2, 44)] {
        for number in 1..=count {
            let record = send(&mut card, &format!("00B2{number:02X}{p2}00"));
            assert_eq!(record.len(), 2 * (length + 2), "{record}");
        }
        assert_eq!(send(&mut card, &format!("00B2{:02X}{p2}00", count + 1)), "6A83");
    }
    // The newest transaction brought the balance to what it is now: 130.00 - 6.55.
    assert!(send(&mut card, "00B2015C00").starts_with("251017184205000000000655"));
    assert!(send(&mut card, "00B2016400").starts_with("9F79000000009000000000015000"));
}

#[test]
fn a_contactless_card_of_four_records_is_read_with_seven_apdus() {
    let octets = from_json(include_str!("../profiles/test/contactless-4-records.json")).unwrap().image().unwrap();
    let mut card = played(&octets).with_interface(Interface::Contactless);
    let ppse = hex::decode(send(&mut card, "00A404000E 325041592E5359532E4444463031 00")).unwrap();
    let aid = hex::encode(find_deep(&ppse, Tag::new(0x4F)).unwrap());
    let fci = hex::decode(send(&mut card, &format!("00A4040007{aid}00"))).unwrap();
    assert_eq!(find_path(&fci, &[Tag::new(0x6F), Tag::new(0xA5), Tag::new(0xBF0C)]), None, "no log");
    let mut options = String::from("80A80000238321");
    for _ in 0..33 {
        options.write_str("00").unwrap();
    }
    let answer = hex::decode(send(&mut card, &format!("{options}00"))).unwrap();
    assert_eq!(
        find_path(&answer, &[Tag::new(0x77), Tag::new(0x9F36)]),
        Some(&[0, 8][..]),
        "the ATC of this transaction"
    );
    let afl = find_path(&answer, &[Tag::new(0x77), Tag::new(0x94)]).unwrap();
    assert_eq!(3 + read_afl(&mut card, afl).len(), 7);
}

/// `pboc-ec` with one value replaced, or removed if it is null; and the error that this gives.
#[track_caller]
fn refused(pointer: &str, value: Value, message: &str) {
    let mut source: Value = serde_json::from_str(builtin()[0].json).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = source.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(object), Value::Null) => drop(object.shift_remove(key).unwrap()),
        (Value::Object(object), value) => drop(object.insert(key.to_owned(), value)),
        (Value::Array(list), value) => list.insert(key.parse().unwrap(), value),
        other => panic!("{other:?}"),
    }
    assert_eq!(from_json(&source.to_string()).map_err(|error| error.to_string()), Err(message.to_owned()));
}

#[test]
fn what_is_no_json_is_told_by_line_and_column() {
    let error = from_json("{\n  \"schema\" 5").unwrap_err();
    assert_eq!(error, ProfileError::Json { line: 2, column: 12, problem: "expected `:`".into() });
    assert!(matches!(from_json(""), Err(ProfileError::Json { line: 1, .. })));
    let twice = format!("{0} {0}", builtin()[0].json);
    assert!(matches!(from_json(&twice), Err(ProfileError::Json { problem, .. }) if problem == "trailing characters"));
}

#[test]
fn what_is_not_in_form_is_told_with_its_keys() {
    refused("/schema", json!("x/1"), "`schema`: `x/1` is not known; it is `tapcard.personalisation/1`");
    refused("/atr", Value::Null, "`(top level)`: missing field `atr`; see the built-in profiles for the form");
    refused("/blocked", json!("yes"), "`blocked`: invalid type: string \"yes\"; expected a boolean");
    let expected = "expected hex (spaces and commas are ignored), `text:` and ASCII, or `amount:` and two decimals";
    let at = "`applications[2].data.9F36`: invalid value: string";
    refused("/applications/2/data/9F36", json!("00A"), &format!("{at} \"00A\"; {expected}"));
    refused("/applications/2/data/9F36", json!("amount:1"), &format!("{at} \"amount:1\"; {expected}"));
    refused(
        "/applications/2/data/9F",
        json!("00"),
        "`applications[2].data.9F`: invalid value: string \"9F\"; expected a tag in hex, such as `9F79`",
    );
    refused(
        "/applications/2/records/11.1",
        json!({}),
        "`applications[2].records.11.1`: invalid value: string \"11.1\"; expected SFI 1 to 10, a dot and a record number 1 to 255, \
         such as `1.2`",
    );
    refused(
        "/applications/2/logs/10",
        json!([]),
        "`applications[2].logs.10`: invalid value: string \"10\"; expected an SFI from 11 to 30",
    );
    refused(
        "/applications/2/fci/50",
        json!(5),
        "`applications[2].fci.50`: invalid type: integer `5`; expected octets as a string, data objects as an object, or a list \
         of these",
    );
}

#[test]
fn a_key_that_comes_twice_or_is_not_known_is_refused() {
    let json = builtin()[0].json.replace("\"9F13\": \"0008\"", "\"9F36\": \"0008\"");
    let error = from_json(&json).unwrap_err().to_string();
    assert_eq!(error, "`applications[2].data`: `9F36` comes twice; expected each key once; a list repeats a tag");
    let error = from_json(&builtin()[0].json.replace("\"about\"", "\"info\"")).unwrap_err().to_string();
    assert!(error.starts_with("`info`: unknown field `info`; expected one of `schema`, `name`, `about`"), "{error}");
}

#[test]
fn data_objects_are_checked_against_the_dictionary() {
    let data = |tag: &str| format!("/applications/2/data/{tag}");
    refused(&data("9F79"), json!("0000000000"), "`applications[2].data.9F79`: 9F79 has 5 octets; it has 6");
    refused(
        &data("9F79"),
        json!("00000000000A"),
        "`applications[2].data.9F79`: 9F79 has half octets that are no digits; format n has digits only",
    );
    refused(
        &data("9F4F"),
        json!("9A 03 9F"),
        "`applications[2].data.9F4F`: 9F4F is no data object list: the tag field is cut off at byte 2; tags with one length \
         octet each",
    );
    refused(
        &data("DF8129"),
        json!("00"),
        "`applications[2].data.DF8129`: GET DATA has no room for this tag; tags of one or two octets",
    );
    refused(
        "/applications/2/records/2.1/5A",
        json!("62109480000000F1"),
        "`applications[2].records.2.1.5A`: 5A is not in format cn; digits, then F to the end",
    );
    refused(
        "/applications/2/fci/A5",
        json!("00"),
        "`applications[2].fci.A5`: A5 holds data objects, not octets; write an object of tags",
    );
    refused(
        "/applications/2/fci/50",
        json!({"87": "01"}),
        "`applications[2].fci.50`: 50 holds octets, not data objects; write a string",
    );
    refused(
        "/applications/0/fci/BF0C/61/1",
        json!([]),
        "`applications[0].fci.BF0C.61[1]`: a list in a list; write a string or an object of tags",
    );
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let cut_off = tapcard_iso7816::Atr::parse(&[0x3B]).unwrap_err();
    refused("/atr", json!("3B"), &format!("`atr`: no ATR: {cut_off}; see ISO/IEC 7816-3, 8.2"));
    refused("/atr", json!("3B 80 01 00"), "`atr`: the check octet is 00; it comes to 81");
    refused("/atr", json!("3B 80 01"), "`atr`: the check octet is missing; it is 81");
    refused("/applications/0/name", json!("A0000003"), "`applications[0].name`: 4 octets; a DF name has 5 to 16");
    refused(
        "/applications/1/name",
        json!("text:2PAY.SYS.DDF01"),
        "`applications[1].name`: another application has this name; each name once",
    );
    refused(
        "/applications/0/fci/BF0C/61/1",
        json!({"4F": "A000000004"}),
        "`applications[0]`: the FCI lists A000000004, which is not on this card; list applications of this card",
    );
    let at = "`applications[2].gpo.objects.94`:";
    let form = "SFI times 8, first record, last record, how many of them are signed; for each file";
    refused(
        "/applications/2/gpo/objects/94",
        json!("080101"),
        &format!("{at} no AFL: 3 octets, not a multiple of 4 from 4 to 252 at byte 0; {form}"),
    );
    refused(
        "/applications/2/gpo/objects/94",
        json!("08010300"),
        &format!("{at} the AFL names record 1.3, which is not there; put it under `records`"),
    );
    refused(
        "/applications/2/gpo/objects/82",
        Value::Null,
        "`applications[2].gpo.objects`: 82 is missing; every answer has the AIP",
    );
    refused(
        "/applications/2/gpo/template",
        json!("78"),
        "`applications[2].gpo.template`: no such template; `80` or `77`",
    );
    refused(
        "/applications/2/gpo/objects/9F36",
        json!("0000"),
        "`applications[2].gpo.objects`: template 80 has room for AIP and AFL only; 82 and 94, or template 77",
    );
    refused(
        "/applications/2/records/2.1/DF0A",
        json!("00".repeat(130)),
        "`applications[2]`: record 2.1 has 262 octets; an answer has at most 256",
    );
}

#[test]
fn logs_that_do_not_fit_what_announces_them_are_refused() {
    let logs = "`applications[2].logs";
    refused(
        "/applications/2/logs/11",
        Value::Null,
        &format!("{logs}.11`: 9F4D announces this log, it is not there; put it there, `[]` if empty"),
    );
    refused(
        "/applications/2/logs/13",
        json!([]),
        &format!("{logs}.13`: nothing announces this log; put 9F4D or DF4D into `BF0C` of the FCI"),
    );
    refused("/applications/2/logs/11/0", json!("00"), &format!("{logs}.11[0]`: the record has 1 octets; 9F4F says 45"));
    refused(
        "/applications/2/logs/12/2",
        json!("9F79"),
        &format!("{logs}.12[2]`: the record has 2 octets; DF4F says 44"),
    );
    refused("/applications/2/data/9F4F", Value::Null, "`applications[2].data`: 9F4F is missing; the format of log 11");
    refused(
        "/applications/2/fci/BF0C/9F4D",
        json!("0102"),
        "`applications[2]`: 9F4D names the file 1; log files are 11 to 30",
    );
    refused(
        "/applications/2/fci/BF0C/9F4D",
        json!("0B02"),
        &format!("{logs}.11[2]`: more records than announced; 9F4D announces 2"),
    );
}

#[test]
fn t_union_answers_as_a_purse() {
    let octets = Profile::load("t-union").unwrap().image().unwrap();
    let mut card = played(&octets);
    assert!(send(&mut card, "00A4040008 A000000632010105 00").contains("9F0C1E02002900FFFFFFFF0201"));
    assert_eq!(send(&mut card, "805C000204"), "00000C809000");
    assert_eq!(send(&mut card, "805C050210"), "00000C800007A12000000000000000009000");
    assert_eq!(send(&mut card, "00B0950002"), "02009000");
    assert_eq!(send(&mut card, "00B201C417"), "00030000000000019009290000010007202511071835129000");
    assert_eq!(send(&mut card, "00B205C400"), "6A83");
}

#[test]
fn t_money_answers_with_its_own_fci_and_balance() {
    let octets = Profile::load("t-money").unwrap().image().unwrap();
    let mut card = played(&octets);
    assert!(send(&mut card, "00A4040007 D4100000030001 00").starts_with("6F31B02F0010010810100300001234"));
    assert_eq!(send(&mut card, "904C000004"), "000044F29000");
    assert!(send(&mut card, "00B2012400").starts_with("012C000044F2"));
}

#[test]
fn what_makes_no_purse_is_refused() {
    let purse = |purse: Value| {
        let mut source: Value = serde_json::from_str(builtin()[0].json).unwrap();
        source["applications"][2]["purse"] = purse;
        from_json(&source.to_string()).unwrap_err().to_string()
    };
    assert_eq!(
        purse(json!({"identifier": "1001FF"})),
        "`applications[2].purse.identifier`: 3 octets; a file identifier has two"
    );
    assert_eq!(
        purse(json!({"fci": "6F00"})),
        "`applications[2].purse.fci`: there is another `fci`; `{}` beside this one"
    );
    assert_eq!(
        purse(json!({"records": {"1": ["00"]}})),
        "`applications[2].purse.records.1`: record 1.1 is there already; each record once"
    );
    assert!(purse(json!({"registers": {"805C": "00000000"}})).contains("Cla, Ins, P1 and P2 in hex"));
    assert!(purse(json!({"files": {"31": "00"}})).contains("an SFI from 1 to 30"));
    assert!(purse(json!({"pin": "123456"})).contains("unknown field `pin`"));
}

#[test]
fn pans_without_check_digit_or_of_another_card_are_refused() {
    let place = "`applications[2]";
    refused(
        "/applications/2/records/2.1/5A",
        json!("6210948000000012"),
        &format!("{place}.records.2.1.5A`: the PAN's check digit is wrong; the last digit follows ISO/IEC 7812-1"),
    );
    refused(
        "/applications/2/records/2.1/5A",
        json!("4761739001010010"),
        &format!("{place}.records.2.1.5A`: another PAN than before; 5A and 57 hold the same PAN"),
    );
}

#[test]
fn a_blocked_card_and_a_blocked_application_say_so() {
    let mut source: Value = serde_json::from_str(builtin()[0].json).unwrap();
    source["applications"][2]["blocked"] = json!(true);
    let octets = from_json(&source.to_string()).unwrap().image().unwrap();
    assert!(send(&mut played(&octets), SELECT_EC).ends_with("6283"));
    source["blocked"] = json!(true);
    let octets = from_json(&source.to_string()).unwrap().image().unwrap();
    assert_eq!(send(&mut played(&octets), SELECT_EC), "6A81");
}

proptest! {
    #[test]
    fn any_string_at_any_place_is_a_card_or_an_error(place in 0..120usize, text in "[0-9A-F]{0,40}|text:[a-z]{0,40}|.{0,20}") {
        fn strings<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
            match value {
                Value::String(_) => found.push(value),
                Value::Array(list) => list.iter_mut().for_each(|value| strings(value, found)),
                Value::Object(object) => object.values_mut().for_each(|value| strings(value, found)),
                _ => {}
            }
        }
        let mut source: Value = serde_json::from_str(builtin()[0].json).unwrap();
        let mut found = Vec::new();
        strings(&mut source, &mut found);
        if let Some(value) = found.into_iter().nth(place) {
            *value = Value::String(text);
        }
        if let Ok(personalisation) = from_json(&source.to_string()) {
            let octets = personalisation.image().unwrap();
            Image::parse(&octets).unwrap();
        }
    }

    #[test]
    fn any_text_is_an_error(text in ".{0,60}") {
        prop_assert!(from_json(&text).is_err());
    }
}

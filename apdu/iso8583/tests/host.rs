//! The dialogues of the host, both ends: asked by one, answered by the other, checked by the first.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use proptest::prelude::*;
use tapcard_iso8583::host::{
    self, HostError, Mismatch, NetworkAction, OriginalData, RequestKey, ResponseCode, Trace, Verdict,
};
use tapcard_iso8583::mti::Function;
use tapcard_iso8583::{Element, EncodeErrorKind, Message, Mti, Spec, specs};

const TRACE: Trace = Trace { transmitted: *b"0703185655", stan: 884_168 };
const HEADER: [u8; 11] = [0x60, 0x00, 0x03, 0x12, 0x34, 0x60, 0x31, 0x00, 0x31, 0x00, 0x00];

fn header(spec: &Spec<'_>) -> &'static [u8] {
    HEADER.get(..spec.header.octet_count()).unwrap()
}

fn purchase(spec: &'static Spec<'static>, mti: Mti) -> Vec<u8> {
    let mut out = vec![0; 512];
    let mut writer = host::request(spec, header(spec), mti, &TRACE, &mut out).unwrap();
    writer.text(2, "6210940000000018").unwrap().text(3, "000000").unwrap().number(4, 8917).unwrap();
    writer
        .text(12, "185655")
        .unwrap()
        .text(13, "0703")
        .unwrap()
        .text(14, "3012")
        .unwrap()
        .text(32, "72419675")
        .unwrap();
    writer.text(37, "621076180413").unwrap().padded(41, "T1").unwrap().padded(42, "SHOP").unwrap();
    writer.text(49, "156").unwrap().octets(52, &[7; 8]).unwrap().octets(55, &[0x9F, 0x36, 0x02, 0, 1]).unwrap();
    let length = writer.finish();
    out.truncate(length);
    out
}

fn numbers(message: &Message<'_>) -> Vec<u8> {
    message.fields().map(|field| field.number()).collect()
}

#[test]
fn a_purchase_is_answered_in_every_layout() {
    for (name, spec) in specs::ALL {
        let asked = purchase(spec, Mti::FINANCIAL_REQUEST);
        let request = Message::decode(spec, &asked).unwrap();
        assert_eq!(host::check_request(&request), Ok(()), "{name}");
        let mut out = [0; 512];
        let mut writer = host::respond(&request, ResponseCode::INSUFFICIENT_FUNDS, &mut out).unwrap();
        writer.octets(55, &[0x8A, 0x02, 0x35, 0x31]).unwrap();
        let length = writer.finish();
        let response = Message::decode(spec, &out[..length]).unwrap();
        assert_eq!(response.mti(), Mti::FINANCIAL_RESPONSE);
        assert_eq!(numbers(&response), [2, 3, 4, 7, 11, 12, 13, 32, 37, 39, 41, 42, 49, 55], "{name}");
        let code = host::check_response(&request, &response).unwrap();
        assert_eq!((code, code.verdict()), (ResponseCode::INSUFFICIENT_FUNDS, Verdict::Declined));
    }
}

#[test]
fn an_answer_goes_back_to_where_the_request_came_from() {
    let asked = purchase(&specs::PACKED, Mti::FINANCIAL_REQUEST);
    let request = Message::decode(&specs::PACKED, &asked).unwrap();
    let mut out = [0; 512];
    let length = host::respond(&request, ResponseCode::APPROVED, &mut out).unwrap().finish();
    let response = Message::decode(&specs::PACKED, &out[..length]).unwrap();
    assert_eq!(response.header()[..5], [0x60, 0x12, 0x34, 0x00, 0x03]);
    assert_eq!(response.header()[5..], HEADER[5..]);
}

#[test]
fn a_reversal_names_its_original_and_is_repeated_with_the_same_key() {
    let asked = purchase(&specs::HOST, Mti::FINANCIAL_REQUEST);
    let original = Message::decode(&specs::HOST, &asked).unwrap();
    for (function, mti, answer) in [
        (Function::Request, Mti::REVERSAL_REQUEST, Mti::REVERSAL_RESPONSE),
        (Function::Advice, Mti::REVERSAL_ADVICE, Mti::REVERSAL_ADVICE_RESPONSE),
    ] {
        let trace = Trace { transmitted: *b"0703185755", stan: 884_169 };
        let mut out = [0; 512];
        let reason = ResponseCode::NO_ANSWER;
        let length = host::reversal(&original, function, reason, &trace, &mut out).unwrap().finish();
        let reversal = Message::decode(&specs::HOST, &out[..length]).unwrap();
        assert_eq!((reversal.mti(), host::check_request(&reversal)), (mti, Ok(())));
        assert_eq!(numbers(&reversal), [2, 3, 4, 7, 11, 12, 13, 14, 32, 37, 39, 41, 42, 49, 90]);
        let digits = reversal.field(90).unwrap().wire();
        assert_eq!(OriginalData::parse(digits), Ok(OriginalData::of(&original)));
        assert_eq!(digits, b"020088416807031856550007241967500000000000");
        // The same again, and its answer.
        let mut again = [0; 512];
        let length = host::repeat_into(&reversal, &mut again).unwrap();
        let repeat = Message::decode(&specs::HOST, &again[..length]).unwrap();
        assert!(repeat.mti().is_repeat());
        assert_eq!(RequestKey::of(&repeat), RequestKey::of(&reversal));
        assert_ne!(RequestKey::of(&repeat), RequestKey::of(&original));
        let mut answered = [0; 512];
        let length = host::respond(&repeat, ResponseCode::APPROVED, &mut answered).unwrap().finish();
        let response = Message::decode(&specs::HOST, &answered[..length]).unwrap();
        assert_eq!(response.mti(), answer);
        assert_eq!(host::check_response(&reversal, &response), Ok(ResponseCode::APPROVED));
    }
}

#[test]
fn every_class_has_what_it_must_have() {
    let missing = |mti, fields: &[(u8, &str)]| {
        let mut out = [0; 512];
        let mut writer = tapcard_iso8583::MessageWriter::new(&specs::HOST, &[], mti, &mut out).unwrap();
        fields.iter().for_each(|(number, text)| {
            writer.text(*number, text).unwrap();
        });
        let length = writer.finish();
        let message = Message::decode(&specs::HOST, &out[..length]).unwrap();
        host::check_request(&message)
    };
    let basic = [(3, "000000"), (11, "000001"), (41, "T1      ")];
    assert_eq!(missing(Mti::AUTHORISATION_REQUEST, &basic), Err(HostError::Missing { field: 2 }));
    assert_eq!(missing(Mti::AUTHORISATION_REQUEST, &[&basic[..], &[(55, "")]].concat()), Ok(()));
    assert_eq!(missing(Mti::FINANCIAL_REQUEST, &basic), Err(HostError::Missing { field: 4 }));
    assert_eq!(missing(Mti::REVERSAL_ADVICE, &basic), Err(HostError::Missing { field: 4 }));
    assert_eq!(missing(Mti::ADMINISTRATIVE_ADVICE, &basic), Err(HostError::Missing { field: 55 }));
    assert_eq!(missing(Mti::ADMINISTRATIVE_ADVICE, &[&basic[..], &[(55, "9F3600")]].concat()), Ok(()));
    assert_eq!(missing(Mti::NETWORK_REQUEST, &basic), Err(HostError::Missing { field: 7 }));
    let mti = Mti::FINANCIAL_RESPONSE;
    assert_eq!(missing(mti, &basic), Err(HostError::NoAnswer { mti }));
}

#[test]
fn an_answer_to_someone_else_is_refused() {
    let asked = purchase(&specs::HOST, Mti::FINANCIAL_REQUEST);
    let request = Message::decode(&specs::HOST, &asked).unwrap();
    let answer = |mti: Mti, changed: u8, text: &str| {
        let mut out = [0; 512];
        let mut writer = tapcard_iso8583::MessageWriter::new(&specs::HOST, &[], mti, &mut out).unwrap();
        for number in [3, 4, 11, 41] {
            if number != changed {
                writer.copy(&request.field(number).unwrap()).unwrap();
            }
        }
        if changed != 39 {
            writer.text(39, "00").unwrap();
        }
        if !text.is_empty() {
            writer.text(changed, text).unwrap();
        }
        let length = writer.finish();
        host::check_response(&request, &Message::decode(&specs::HOST, &out[..length]).unwrap())
    };
    let mti = Mti::FINANCIAL_RESPONSE;
    assert_eq!(answer(mti, 0, ""), Ok(ResponseCode::APPROVED));
    assert_eq!(answer(mti, 3, "010000"), Err(Mismatch::Field { field: 3 }));
    assert_eq!(answer(mti, 4, "000000008918"), Err(Mismatch::Field { field: 4 }));
    assert_eq!(answer(mti, 4, ""), Ok(ResponseCode::APPROVED), "an answer need not repeat the amount");
    assert_eq!(answer(mti, 11, "884167"), Err(Mismatch::Field { field: 11 }));
    assert_eq!(answer(mti, 11, ""), Err(Mismatch::Field { field: 11 }));
    assert_eq!(answer(mti, 39, ""), Err(Mismatch::NoCode));
    assert_eq!(answer(mti, 39, "0 "), Err(Mismatch::NoCode));
    let (asked, found) = (Mti::FINANCIAL_REQUEST, Mti::AUTHORISATION_RESPONSE);
    assert_eq!(answer(found, 0, ""), Err(Mismatch::Mti { asked, found }));
}

#[test]
fn an_answer_has_no_answer_and_a_small_buffer_is_said_to_be() {
    let answer = purchase(&specs::HOST, Mti::FINANCIAL_RESPONSE);
    let message = Message::decode(&specs::HOST, &answer).unwrap();
    let error = host::respond(&message, ResponseCode::APPROVED, &mut [0; 512]).map(|_| ()).unwrap_err();
    assert_eq!(error, HostError::NoAnswer { mti: Mti::FINANCIAL_RESPONSE });
    let asked = purchase(&specs::HOST, Mti::FINANCIAL_REQUEST);
    let request = Message::decode(&specs::HOST, &asked).unwrap();
    let Err(HostError::Encode(error)) = host::respond(&request, ResponseCode::APPROVED, &mut [0; 40]).map(|_| ())
    else {
        panic!("it does not fit")
    };
    assert_eq!(
        (error.kind, error.element),
        (EncodeErrorKind::Capacity { needed: 48, capacity: 40 }, Element::Field(4))
    );
    let odd = purchase(&specs::HOST, Mti::from_ascii(*b"0209").unwrap());
    let odd = Message::decode(&specs::HOST, &odd).unwrap();
    assert_eq!(host::repeat_into(&odd, &mut [0; 512]).unwrap_err().element, Element::Mti);
}

#[test]
fn sign_on_and_echo_are_told_apart_by_field_70() {
    for action in [NetworkAction::SignOn, NetworkAction::SignOff, NetworkAction::Echo] {
        let mut out = [0; 128];
        let length = host::network_request(&specs::HOST, &[], action, &TRACE, &mut out).unwrap().finish();
        let request = Message::decode(&specs::HOST, &out[..length]).unwrap();
        assert_eq!(host::check_request(&request), Ok(()));
        let code = request.field(70).and_then(|field| field.number_value()).unwrap();
        assert_eq!(NetworkAction::new(u16::try_from(code).unwrap()), action);
    }
    let mut out = [0; 128];
    let error = host::network_request(&specs::HOST, &[], NetworkAction::Other(1000), &TRACE, &mut out).map(|_| ());
    assert_eq!(error.unwrap_err().element, Element::Field(70));
}

proptest! {
    /// Whatever a request holds, its answer can be made in a buffer that is a little larger, and belongs to it.
    #[test]
    fn any_request_that_can_be_read_can_be_answered(bits: u64, digits in prop::collection::vec(b'0'..=b'3', 0..400)) {
        let octets = [&b"0200"[..], &(bits & 0x7FFF_FFFF_FFFF_FFFF).to_be_bytes(), &digits].concat();
        if let Err(error) = Message::decode(&specs::HOST, &octets) {
            // Cut what is too much: most of the rest is a message then.
            if let Ok(request) = Message::decode(&specs::HOST, &octets[..error.offset]) {
                let mut out = vec![0; octets.len() + 8];
                let length = host::respond(&request, ResponseCode::APPROVED, &mut out).unwrap().finish();
                let response = Message::decode(&specs::HOST, &out[..length]).unwrap();
                let checked = host::check_response(&request, &response);
                prop_assert_eq!(checked, Ok(ResponseCode::APPROVED));
            }
        }
    }
}

//! The published chain `sm2-chain` of `vectors/pboc-certificates.json`, whole and changed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use super::*;
use std::vec::Vec;
use tapcard_emv::date::Date;
use tapcard_emv::pan::Pan;

const CA: &str = "\
    37710FEB7CC3617767874E85509C268E8F931D68773E93A89F39A4247DFE2D280FC5BC838353885B6DAD447C8F90116BD9D3\
    14047591989F67F319544D42A48B\
";
const ISSUER: &str = "\
    1262354897123000125804001140C9DAD9AC482C02D489E24EEDFCE7C2F0EA4450D208E8E3847FDDCE6B9D55EDC8C97154E0\
    19C9E5C1419629587C9C923529D5A18D1715E6EF9DAEB057987FEDFAE1F1F48346B2E90A4443CB7DD42748236C2264FCE4A4\
    7B68EF505F2E2FCE4736BA8EC9B67611DB07E31FA90E245300BA278EBDD345508FACE2485E242CE09363\
";
const ICC: &str = "\
    14623548973000021812FF0625007EB004001140342A63B591135AEFC30A2A308A0F8185FB6E35A85F75A26487501B0CAFE3\
    91113BEDDA0888B126FC7F64E2E070F9CC06D456BF7C984EE7D1194F9DE23D9ADCA3C4D73FA5EA6B7040AACE51D5AE016DA2\
    DD74F7147BFD31925EFE8C09E5308C26BD54FFE78B8CEEBF140E7506B9418B209C4D244F799CC8B6E3E0FA2F3212DC22\
";
const STATIC_DATA: &str = "\
    5F24032506015F25031706015A096235489730000218129F0702FF008E0C000000000000000002031F009F0D05D8609CA800\
    9F0E0500100000009F0F05D8689CF8005F280201569F080200308C1B9F02069F03069F1A0295055F2A029A039C019F37049F\
    21039F4E148D1A8A029F02069F03069F1A0295055F2A029A039C019F37049F21037C00\
";

fn octets(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn chain(ca: &[u8], issuer: &[u8], icc: &[u8], data: &[u8], today: Date) -> Result<Sm2Key, Sm2Error> {
    let pan = Pan::from_digits("623548973000021812").unwrap();
    let ca = Sm2Key::new(ca.try_into().unwrap())?;
    let issuer = IssuerCertificate::parse(issuer)?.verify(&ca, &pan, today)?;
    IccCertificate::parse(icc)?.verify(&issuer, [data], &pan, today)
}

fn today() -> Date {
    Date::new(2020, 1, Some(1)).unwrap()
}

#[test]
fn the_published_chain_verifies_and_ends_with_the_cards_key() {
    let icc = octets(ICC);
    let key = chain(&octets(CA), &octets(ISSUER), &icc, &octets(STATIC_DATA), today()).unwrap();
    assert_eq!(key.octets().as_slice(), &icc[20..84]);
}

#[test]
fn every_changed_octet_of_a_certificate_is_noticed() {
    let (ca, issuer, icc, data) = (octets(CA), octets(ISSUER), octets(ICC), octets(STATIC_DATA));
    let change = |octets: &[u8], position: usize| {
        let mut octets = octets.to_vec();
        octets[position] ^= 0x10;
        octets
    };
    // The first octets are formats; the others are signed, or the signature itself.
    for position in [1, 5, 9, 10, 11, 12, 13, 14, 77, 78, 109, 110, 141] {
        let found = chain(&ca, &change(&issuer, position), &icc, &data, today());
        assert_eq!(found, Err(Sm2Error::Signature), "{position}");
    }
    for position in [1, 11, 16, 20, 83, 84, 147] {
        let found = chain(&ca, &issuer, &change(&icc, position), &data, today());
        assert_eq!(found, Err(Sm2Error::Signature), "{position}");
    }
    assert_eq!(chain(&ca, &change(&issuer, 0), &icc, &data, today()), Err(Sm2Error::BadFormat));
    assert_eq!(chain(&ca, &issuer, &icc, &change(&data, 0), today()), Err(Sm2Error::Signature));
    assert_eq!(chain(&change(&ca, 0), &issuer, &icc, &data, today()), Err(Sm2Error::NotOnCurve));
    let late = Date::new(2025, 7, Some(1)).unwrap();
    assert_eq!(chain(&ca, &issuer, &icc, &data, late), Err(Sm2Error::Expired));
}

#[test]
fn every_truncated_value_is_of_the_wrong_length() {
    let (issuer, icc) = (octets(ISSUER), octets(ICC));
    for found in 0..issuer.len() {
        assert_eq!(IssuerCertificate::parse(&issuer[..found]), Err(Sm2Error::Length { found }));
    }
    for found in 0..icc.len() {
        assert_eq!(IccCertificate::parse(&icc[..found]), Err(Sm2Error::Length { found }));
    }
    let dynamic = [&[0x15, 3, 2, 0xAB, 0xCD][..], &[1; 64]].concat();
    for found in 0..dynamic.len() {
        let expected = if found == 64 { Sm2Error::BadFormat } else { Sm2Error::Length { found } };
        assert_eq!(SignedDynamic::parse(&dynamic[..found]), Err(expected));
    }
    let fixed = [&[0x13, 0xDA, 0xC0][..], &[1; 64]].concat();
    for found in 0..fixed.len() {
        let expected = if found == 64 { Sm2Error::BadFormat } else { Sm2Error::Length { found } };
        assert_eq!(SignedStatic::parse(&fixed[..found]), Err(expected));
    }
}

#[test]
fn numbers_out_of_range_are_no_signature() {
    let key = Sm2Key::new(octets(CA).try_into().unwrap()).unwrap();
    let order = octets("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
    let one = [&[0; 31][..], &[1]].concat();
    let mut minus_one = order.clone();
    minus_one[31] -= 1;
    for (r, s) in [
        (&[0; 32][..], &one[..]),
        (&one, &[0; 32]),
        (&order, &one),
        (&one, &order),
        (&[0xFF; 32], &[0xFF; 32]),
        (&one, &minus_one),
    ] {
        let signature = [r, s].concat().try_into().unwrap();
        assert_eq!(key.verify([&b"data"[..]], &signature), Err(Sm2Error::Signature));
    }
}

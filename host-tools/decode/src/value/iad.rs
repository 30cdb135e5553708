//! Issuer application data (`9F10`) with card verification results, in the layouts of `tapcard_emv::iad`.

use tapcard_emv::bits::BitMeaning;
use tapcard_emv::iad::{
    CcdCipher, CcdIad, Cvr, CvrAc, DeviceCvr, Iad, Layout, MChipIad, MChipProduct, MChipSessionKey, UnionPayIad,
    VisaCvr, VisaIad,
};

use crate::field::Field;
use crate::node::Node;
use crate::setting::Setting;
use crate::value::bits::Bits;
use crate::value::{Said, amounts};

/// The currency of electronic cash in the discretionary data: yuan.
const CNY: u16 = 156;

/// `9F10`
pub(crate) fn iad(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let iad = Iad::parse(field.octets, setting.scheme).map_err(|error| error.to_string())?;
    let mut parts = vec![layout(field, &iad, setting)];
    parts.extend(match &iad {
        Iad::Ccd(iad) => ccd(field, iad),
        Iad::MChip(iad) => mchip(field, iad),
        Iad::Visa(iad) => visa(field, iad),
        Iad::UnionPay(iad) => unionpay(field, iad),
        Iad::Amex(iad) => card(field, iad.cvn, false, iad.cvr),
        _ => Vec::new(),
    });
    Ok(Said { parts, ..Said::default() })
}

/// Which layout it is, and how sure that is.
fn layout(field: Field<'_>, iad: &Iad<'_>, setting: &Setting) -> Node {
    let layout = iad.layout();
    let name = match iad {
        Iad::Visa(iad) => format!("{}, format {}", layout.name(), iad.format()),
        Iad::MChip(iad) => match iad.product() {
            MChipProduct::MChip4OrAdvance => "M/Chip 4 or Advance".to_owned(),
            MChipProduct::MChipAdvance => "M/Chip Advance".to_owned(),
        },
        Iad::Amex(_) => format!("{}; single bits of its CVR are read as Visa's, which is not confirmed", layout.name()),
        _ => layout.name().to_owned(),
    };
    let node = Node { length: field.len(), offset: field.offset, name: Some("layout".to_owned()), ..Node::default() };
    let sure = match setting.scheme {
        _ if layout == Layout::Ccd => None,
        Some(scheme) if Layout::of(scheme).is_some() => None,
        Some(scheme) => Some(format!("by its octets; what {} uses is not known", scheme.name())),
        None => {
            let others = Layout::ALL.into_iter().filter(|other| *other != layout && other.fits(field.octets));
            let others: Vec<_> = others.map(Layout::name).collect();
            (!others.is_empty()).then(|| format!("by its octets, which also fit {}", others.join(", ")))
        }
    };
    match sure {
        Some(sure) => node.value(format!("{name} ({sure})")),
        None => node.value(name),
    }
}

fn dki(field: Field<'_>) -> Node {
    field.plain("derivation key index")
}

/// The number with the name that people use: mostly its decimal form.
fn cvn(field: Field<'_>, octet: u8, visa: bool) -> Node {
    let known_as = if visa && octet == 0x22 { "22".to_owned() } else { octet.to_string() };
    field.node("cryptogram version number").value(format!("{octet:02X} (CVN {known_as})"))
}

fn answers(bits: Bits<'_>, byte: usize, first: CvrAc, second: CvrAc) -> Bits<'_> {
    bits.span(byte, 0xC0, format!("second GENERATE AC: {second}")).span(
        byte,
        0x30,
        format!("first GENERATE AC: {first}"),
    )
}

fn cvr(said: Said, field: Field<'_>) -> Node {
    field.plain("card verification results").all_means(said.means).children(said.parts)
}

/// The four octets that VIS defines.
fn vis_cvr(field: Field<'_>, cvr_octets: Cvr) -> Node {
    let bits = Bits::new(field).quiet(1, 0xFF, "octets that follow").single(cvr_octets.bits());
    let bits = answers(bits, 2, cvr_octets.first_ac(), cvr_octets.second_ac());
    cvr(scripts(bits, cvr_octets.script_count()).said(), field)
}

fn scripts(bits: Bits<'_>, count: u8) -> Bits<'_> {
    let text = format!("issuer script commands processed: {count}");
    if count == 0 { bits.quiet(4, 0xF0, text) } else { bits.span(4, 0xF0, text) }
}

fn data(field: Field<'_>, name: &str) -> Option<Node> {
    (field.len() > 0).then(|| field.plain(name))
}

fn ccd(field: Field<'_>, iad: &CcdIad<'_>) -> Vec<Node> {
    let cipher = match iad.cipher() {
        CcdCipher::TripleDes => "format 4.1, cryptogram version 5: triple DES",
        CcdCipher::Aes => "format 4.1, cryptogram version 6: AES",
    };
    let place = field.sub(3, 5);
    let results = iad.cvr;
    let bits = answers(Bits::new(place).single(results.bits()), 1, results.first_ac(), results.second_ac());
    let bits = bits.quiet(2, 0xF0, format!("PIN try counter, lower half: {}", results.pin_tries()));
    vec![
        field.sub(0, 1).plain("length of the first half"),
        field.sub(1, 1).node("common core identifier").value(format!("{:02X} ({cipher})", iad.cci)),
        dki(field.sub(2, 1)),
        cvr(scripts(bits, results.script_count()).said(), place),
        field.sub(8, 8).plain("counters"),
        field.sub(16, 1).plain("length of the second half"),
        field.sub(17, 15).plain("issuer discretionary data"),
    ]
}

fn mchip(field: Field<'_>, iad: &MChipIad<'_>) -> Vec<Node> {
    let key = match iad.session_key() {
        MChipSessionKey::MastercardSkd => "Mastercard session key",
        MChipSessionKey::EmvCsk => "EMV common session key",
    };
    let counters = if iad.has_counters_in_mac() { "counters in the MAC" } else { "no counters in the MAC" };
    let version = format!("{:02X} (CVN {}: {key}, {counters})", iad.cvn, iad.cvn);
    let place = field.sub(2, 6);
    let results = iad.cvr;
    let has_one_counter = iad.further.is_empty();
    let bits = Bits::new(place).single(results.bits().map(|bit| one_counter(bit, has_one_counter)));
    let bits = answers(bits, 1, results.first_ac(), results.second_ac());
    let bits = bits.quiet(3, 0xF0, format!("script counter, lower half: {}", results.script_count()));
    let bits = bits.quiet(3, 0x0F, format!("PIN try counter, lower half: {}", results.pin_tries()));
    let mut parts = vec![
        field.sub(0, 1).plain("key derivation index"),
        field.sub(1, 1).node("cryptogram version number").value(version),
        cvr(bits.said(), place),
        field.sub(8, 2).plain("data authentication code or ICC dynamic number"),
        field.sub(10, 8).plain("counters, plaintext or enciphered"),
    ];
    parts.extend(data(field.from(18), "further counters"));
    parts
}

/// M/Chip 4 has one counter and one accumulator: their bits need no number.
fn one_counter(bit: BitMeaning, has_one: bool) -> BitMeaning {
    let meaning = match (bit.byte, bit.mask) {
        (5, 0x80) if has_one => "lower consecutive offline limit (counter 1) exceeded",
        (5, 0x40) if has_one => "upper consecutive offline limit (counter 1) exceeded",
        (5, 0x20) if has_one => "lower cumulative offline limit (accumulator 1) exceeded",
        (5, 0x10) if has_one => "upper cumulative offline limit (accumulator 1) exceeded",
        _ => bit.meaning,
    };
    BitMeaning { meaning, ..bit }
}

fn visa(field: Field<'_>, iad: &VisaIad<'_>) -> Vec<Node> {
    match iad.cvr {
        VisaCvr::Card(results) => card(field, iad.cvn, true, results),
        VisaCvr::Device(results) => {
            let mut parts = vec![
                field.sub(0, 1).plain("length"),
                cvn(field.sub(1, 1), iad.cvn, true),
                dki(field.sub(2, 1)),
                device_cvr(field.sub(3, 5), iad.cvr, results),
                field.sub(8, 1).plain("option of the discretionary data"),
            ];
            parts.extend(data(field.from(9), "issuer discretionary data"));
            parts
        }
    }
}

fn device_cvr(field: Field<'_>, both: VisaCvr, results: DeviceCvr) -> Node {
    let bits = Bits::new(field).single(results.bits());
    let bits = bits.span(1, 0xF0, format!("cardholder verified by: {}", results.entity().meaning()));
    let bits = bits.span(1, 0x0F, format!("cardholder verification: {}", results.kind().meaning()));
    let bits = answers(bits, 2, both.first_ac(), both.second_ac());
    cvr(scripts(bits, both.script_count()).said(), field)
}

/// The layout of Visa formats 0, 1 and 3 and of American Express.
fn card(field: Field<'_>, version: u8, visa: bool, results: Cvr) -> Vec<Node> {
    let mut parts = vec![
        field.sub(0, 1).plain("length"),
        dki(field.sub(1, 1)),
        cvn(field.sub(2, 1), version, visa),
        vis_cvr(field.sub(3, 4), results),
    ];
    parts.extend(data(field.sub(7, 1), "length of the discretionary data"));
    parts.extend(data(field.from(8), "issuer discretionary data"));
    parts
}

fn unionpay(field: Field<'_>, iad: &UnionPayIad<'_>) -> Vec<Node> {
    let algorithm = match iad.algorithm_id {
        0x01 => "01 (triple DES)".to_owned(),
        0x04 => "04 (SM4)".to_owned(),
        other => format!("{other:02X} (not known)"),
    };
    let mut parts = vec![
        field.sub(0, 1).plain("length"),
        dki(field.sub(1, 1)),
        cvn(field.sub(2, 1), iad.cvn, false),
        vis_cvr(field.sub(3, 4), iad.cvr),
        field.sub(7, 1).node("algorithm").value(algorithm),
    ];
    parts.extend(data(field.sub(8, 1), "length of the discretionary data"));
    let Some(idd) = iad.idd else { return parts };
    let id = match idd.id {
        0x01 => "01 (electronic cash balance)".to_owned(),
        other => format!("{other:02X}"),
    };
    parts.push(field.sub(9, 1).node("kind of the discretionary data").value(id));
    match idd.ec_balance() {
        Some(balance) => {
            let rest = field.from(15);
            parts.push(
                field.sub(10, 5).node("electronic cash balance").value(amounts::text(balance.minor(), Some(CNY))),
            );
            let (more, mac) = rest.split(rest.len().saturating_sub(4));
            parts.extend(data(more, "further data"));
            parts.extend(data(mac, "MAC"));
        }
        None => parts.extend(data(field.from(10), "issuer discretionary data")),
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_emv::Scheme;
    use tapcard_transport::Masked;

    fn lines(value: &str, scheme: Option<Scheme>) -> Vec<String> {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let said = iad(shown.field(&octets), &Setting::default().or_scheme(scheme)).unwrap();
        shown.field(&octets).node("IAD").children(said.parts).summary()
    }

    #[test]
    fn a_visa_card_tells_its_results() {
        assert_eq!(
            lines("06010A03A4B800", None),
            [
                "layout: Visa, format 0 (by its octets, which also fit American Express)",
                "length: 06",
                "derivation key index: 01",
                "cryptogram version number: 0A (CVN 10)",
                "card verification results: second GENERATE AC: not requested",
                "card verification results: first GENERATE AC: ARQC",
                "card verification results: offline PIN verification performed",
                "card verification results: last online transaction not completed",
                "card verification results: velocity checking counters exceeded",
                "card verification results: new card",
                "card verification results: issuer authentication failed in the last online transaction",
            ]
        );
    }

    #[test]
    fn the_balance_of_a_unionpay_card_is_told() {
        let found = lines("07010103A00000010A010000038787868FD1FC", Some(Scheme::UnionPay));
        assert_eq!(found[0], "layout: UnionPay/PBOC");
        assert!(found.contains(&"electronic cash balance: 387.87 CNY".to_owned()), "{found:#?}");
        assert_eq!(found.last().map(String::as_str), Some("MAC: 868FD1FC"));
    }

    #[test]
    fn what_is_not_confirmed_is_said_to_be_so() {
        let found = lines("06010103A03002", Some(Scheme::Amex));
        assert!(found[0].ends_with("not confirmed"), "{found:#?}");
        let found = lines("06010103A03002", Some(Scheme::Jcb));
        assert_eq!(found[0], "layout: Visa, format 0 (by its octets; what JCB uses is not known)");
    }

    #[test]
    fn a_scheme_with_another_layout_is_told_the_reason() {
        let octets = [0x07; 8];
        let shown = Shown::new(&Masked::plain(&octets));
        let setting = Setting::default().or_scheme(Some(Scheme::Visa));
        assert_eq!(iad(shown.field(&octets), &setting), Err("07 instead of 06 at byte 0".into()));
    }
}

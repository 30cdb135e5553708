//! Application identifiers: who registered it, what it is (ISO/IEC 7816-4:2005, 8.2.1.2).

use tapcard_emv::{Aid, Scheme};

use crate::codes;
use crate::field::Field;
use crate::node::Node;
use crate::registry::{self, KnownAid};
use crate::value::Said;

/// Lines about the application, and RID and PIX as parts.
pub(crate) fn aid(field: Field<'_>) -> Result<Said, String> {
    let aid = Aid::new(field.octets).map_err(|error| error.to_string())?;
    let known = registry::known_aid(field.octets);
    let means = application(&aid, known);
    if let Some(text) = text(field.octets) {
        let name = field.node("name").value(format!("`{text}`")).all_means(means.clone());
        return Ok(Said { means, parts: vec![name] });
    }
    let (rid, pix) = field.split(5);
    let owner = registry::known_aid(rid.octets).or(known).map(|known| known.owner.to_owned());
    let owner = owner.or_else(|| Some(aid.rid().scheme()).filter(|scheme| *scheme != Scheme::Emv).map(scheme_name));
    let mut parts = vec![rid.node("RID").value(rid.hex).all_means(owner.into_iter().chain(registration(rid.octets)))];
    if pix.len() > 0 {
        parts.push(pix.plain("PIX"));
    }
    if !means.is_empty() {
        let whole = Node { offset: field.offset, length: field.len(), ..Node::default() };
        parts.push(Node { name: Some("application".into()), ..whole }.all_means(means.clone()));
    }
    Ok(Said { means, parts })
}

/// What one line says of an AID: `UnionPay electronic cash`.
pub(crate) fn one_line(octets: &[u8]) -> Option<String> {
    let aid = Aid::new(octets).ok()?;
    application(&aid, registry::known_aid(octets)).into_iter().next()
}

fn application(aid: &Aid, known: Option<&KnownAid>) -> Vec<String> {
    let mut means = Vec::new();
    match known {
        Some(KnownAid { owner, product: Some(product), country, .. }) => {
            let country = country.and_then(registry::country_of_letters).map(|name| format!(", {name}"));
            means.push(format!("{owner} {product}{}", country.unwrap_or_default()));
        }
        Some(known) => means.push(known.owner.to_owned()),
        None => means.extend(aid.name().map(str::to_owned)),
    }
    means.extend(codes::kernel_of(aid.rid().as_bytes()).map(|kernel| format!("{kernel} unless 9F2A says otherwise")));
    means
}

fn scheme_name(scheme: Scheme) -> String {
    scheme.name().to_owned()
}

/// Who registers: the first half octet.
fn registration(rid: &[u8]) -> Option<String> {
    match rid {
        [first, second, ..] if first >> 4 == 0xD => {
            let number = u16::from(first & 0x0F) * 100 + u16::from(second >> 4) * 10 + u16::from(second & 0x0F);
            let country = registry::country(number).unwrap_or_else(|| format!("country {number:03}"));
            Some(format!("registered in {country}"))
        }
        [first, ..] => Some(
            match first >> 4 {
                0xA => "registered internationally",
                0xE => "derived from an object identifier",
                0xF => "not registered",
                _ => "by an issuer identification number, or not by the standard",
            }
            .to_owned(),
        ),
        [] => None,
    }
}

/// A name that is text, such as that of a directory.
fn text(octets: &[u8]) -> Option<&str> {
    let is_text = octets.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(octets).ok().filter(|_| is_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn lines(value: &str) -> Vec<String> {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let said = aid(shown.field(&octets)).unwrap();
        shown.field(&octets).node("").children(said.parts).summary()
    }

    #[test]
    fn an_application_has_an_owner_and_a_product() {
        assert_eq!(
            lines("A000000333010106"),
            [
                "RID: UnionPay",
                "RID: registered internationally",
                "PIX: 010106",
                "application: UnionPay electronic cash, China (CN)",
                "application: kernel 7 (UnionPay) unless 9F2A says otherwise",
            ]
        );
        assert_eq!(one_line(&hex::decode("A0000000041010").unwrap()).as_deref(), Some("Mastercard credit or debit"));
    }

    #[test]
    fn the_first_half_octet_says_who_registered_it() {
        assert_eq!(lines("D27600002547410100")[1], "RID: registered in Germany (DE)");
        assert_eq!(lines("F000000001"), ["RID: not registered"]);
    }

    #[test]
    fn a_name_of_letters_is_shown_as_such() {
        assert_eq!(
            lines(&hex::encode("2PAY.SYS.DDF01"))[0],
            "name: EMVCo directory of applications, contactless (PPSE)"
        );
    }
}

//! `9F6E`: form factor of Visa, third party data of Mastercard, reader capabilities of American Express.

use tapcard_emv::Scheme;
use tapcard_emv::bits::{EnhancedReaderCapabilities, FormFactorIndicator, ThirdPartyData};

use crate::field::Field;
use crate::registry;
use crate::setting::Setting;
use crate::value::Said;
use crate::value::bits::Bits;

/// Octets of Visa's and of American Express's meaning; Mastercard's can have as many.
const FIXED: usize = 4;

pub(crate) fn ffi(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    match setting.scheme {
        Some(Scheme::Mastercard) => third_party(field),
        Some(Scheme::Amex) => reader(field),
        None if field.len() != FIXED => third_party(field),
        _ => form_factor(field),
    }
}

fn form_factor(field: Field<'_>) -> Result<Said, String> {
    let ffi = FormFactorIndicator::from_slice(field.octets)
        .ok_or_else(|| format!("a form factor indicator has 4 octets, not {}", field.len()))?;
    let technology = match ffi.technology() {
        0 => "proximity by ISO/IEC 14443",
        1 => "not used over RF",
        _ => "not assigned",
    };
    let bits = Bits::new(field).single(ffi.bits());
    let bits = bits.quiet(1, 0xE0, format!("version {}", ffi.version()));
    let bits = bits.span(1, 0x1F, format!("form factor: {}", ffi.form_factor().meaning()));
    Ok(bits.span(4, 0x0F, format!("payment technology: {technology}")).said())
}

fn reader(field: Field<'_>) -> Result<Said, String> {
    let capabilities = EnhancedReaderCapabilities::from_slice(field.octets)
        .ok_or_else(|| format!("enhanced contactless reader capabilities have 4 octets, not {}", field.len()))?;
    let version = match capabilities.kernel_version() {
        1 => "kernel version 2.2 or 2.3",
        2 => "kernel version 2.4 to 2.6",
        3 => "kernel version 2.7 or later",
        _ => "kernel version not known",
    };
    Ok(Bits::new(field).single(capabilities.bits()).span(4, 0x07, version).said())
}

fn third_party(field: Field<'_>) -> Result<Said, String> {
    let data = ThirdPartyData::parse(field.octets).map_err(|error| error.to_string())?;
    let country = match data.country {
        Ok(country) => registry::country(country.number()).unwrap_or_else(|| format!("{country} (not assigned)")),
        Err(error) => format!("not a country: {error}"),
    };
    let unique = match data.unique_id {
        0x0000 => "0000 (no proprietary data)".to_owned(),
        id @ (0x0003 | 0x8003) => format!("{id:04X} (product extension of Mastercard)"),
        id => format!("{id:04X}"),
    };
    let mut parts =
        vec![field.sub(0, 2).node("country").value(country), field.sub(2, 2).node("unique identifier").value(unique)];
    if let Some(device_type) = data.device_type {
        let text = String::from_utf8_lossy(&device_type).escape_debug().to_string();
        let device = data.device().unwrap_or("not known");
        parts.push(field.sub(4, 2).node("device type").value(format!("{text} ({device})")));
    }
    parts.push(field.from(field.len() - data.proprietary.len()).plain("proprietary data"));
    Ok(Said { parts, ..Said::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn lines(value: &str, scheme: Option<Scheme>) -> Result<Vec<String>, String> {
        let octets = hex::decode(value).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let said = ffi(shown.field(&octets), &Setting::default().or_scheme(scheme))?;
        Ok(shown.field(&octets).node("").all_means(said.means).children(said.parts).summary())
    }

    #[test]
    fn four_octets_are_a_form_factor() {
        let expected = [
            "form factor: mobile phone",
            "passcode capable",
            "two-way messaging",
            "payment technology: proximity by ISO/IEC 14443",
        ];
        assert_eq!(lines("23880000", None).unwrap(), expected);
        assert_eq!(lines("2388", Some(Scheme::Visa)), Err("a form factor indicator has 4 octets, not 2".into()));
    }

    #[test]
    fn more_octets_are_third_party_data() {
        let expected = [
            "country: Cabo Verde (CV)",
            "unique identifier: 0000 (no proprietary data)",
            "device type: 00 (card)",
            "proprietary data: 00",
        ];
        let found = lines("01320000303000", None).unwrap();
        assert_eq!(found[1..], expected[1..]);
        assert!(found[0].ends_with("(CV)"), "{found:?}");
        assert!(lines("0210", Some(Scheme::Mastercard)).is_err());
    }

    #[test]
    fn american_express_means_the_reader() {
        let found = lines("D8E00003", Some(Scheme::Amex)).unwrap();
        assert_eq!(
            (found[0].as_str(), found.last().unwrap().as_str()),
            ("contact mode", "kernel version 2.7 or later")
        );
    }
}

//! Track 2 data (`57`, `9F6B`) and the service code (ISO/IEC 7813).

use tapcard_emv::{ServiceCode, Track2};

use crate::field::Field;
use crate::node::Node;
use crate::setting::Setting;
use crate::value::Said;

/// Half octets of expiry and service code.
const EXPIRY: usize = 4;
const SERVICE: usize = 3;
/// Half octet between the fields.
const SEPARATOR: u8 = 0x0D;

/// Track 2 in its parts. The discretionary data are counted, never shown.
pub(crate) fn track2(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let track = Track2::parse(field.octets).map_err(|error| error.to_string())?;
    let pan = track.pan();
    let mut place = Nibbles { field, at: 0 };
    let number = if setting.show_pan { pan.reveal().to_owned() } else { pan.to_string() };
    let check = if pan.is_luhn() { "check digit right" } else { "check digit wrong" };
    let mut parts = vec![place.take(pan.len()).node("PAN").value(format!("{number} ({check})"))];
    place.take(1);
    let expiry = place.take_unless_separator(EXPIRY).node("expiry");
    parts.push(expiry.value(match (track.expiry(), track.expiry_yymm()) {
        (Some(date), _) => date.to_string(),
        (None, Some(digits)) => format!("{digits} (no month)"),
        (None, None) => "not told".to_owned(),
    }));
    let code = place.take_unless_separator(SERVICE);
    parts.push(match track.service_code().and_then(ServiceCode::from_digits) {
        Some(digits) => service_code(code, digits),
        None => code.node("service code").value("not told"),
    });
    let left = track.discretionary_len();
    parts.push(place.take(left).node("discretionary data").value(format!("{left} digits, not shown")));
    Ok(Said { parts, ..Said::default() })
}

/// The three digits, each explained.
pub(crate) fn service_code(field: Field<'_>, code: ServiceCode) -> Node {
    let [first, second, third] = code.digits();
    field.node("service code").value(code.to_string()).all_means([
        format!("{first}: {}", code.interchange().meaning()),
        format!("{second}: {}", code.authorisation().meaning()),
        format!("{third}: {}", code.services().meaning()),
    ])
}

/// Walks half octets; what it takes are the octets that they are in.
struct Nibbles<'a> {
    field: Field<'a>,
    at: usize,
}

impl<'a> Nibbles<'a> {
    fn take(&mut self, count: usize) -> Field<'a> {
        let (start, end) = (self.at / 2, (self.at + count).div_ceil(2));
        self.at += count;
        self.field.sub(start, end.saturating_sub(start))
    }

    /// A separator stands for a whole field.
    fn take_unless_separator(&mut self, count: usize) -> Field<'a> {
        let octet = self.field.octets.get(self.at / 2).copied().unwrap_or_default();
        let nibble = if self.at.is_multiple_of(2) { octet >> 4 } else { octet & 0x0F };
        self.take(if nibble == SEPARATOR { 1 } else { count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_emv::{Sensitivity, tag};
    use tapcard_transport::Masker;

    #[test]
    fn a_track_is_taken_apart_and_stays_hidden() {
        let octets = hex::decode("6210948000000011D30122200123000F").unwrap();
        let shown = Shown::new(&Masker::new(Sensitivity::Name).value(tag::TRACK2_EQUIVALENT_DATA, &octets));
        let said = track2(shown.field(&octets), &Setting::default()).unwrap();
        let values: Vec<_> = said.parts.iter().map(|part| part.value.as_deref().unwrap()).collect();
        assert_eq!(values, ["621094******0011 (check digit right)", "2030-12", "220", "7 digits, not shown"]);
        assert_eq!(
            said.parts[2].means,
            [
                "2: international use, the chip is to be used where possible",
                "2: authorisation by the issuer online",
                "0: no restriction, PIN required",
            ]
        );
        let places: Vec<_> = said.parts.iter().map(|part| (part.offset, part.length)).collect();
        assert_eq!(places, [(0, 8), (8, 3), (10, 2), (12, 4)]);
        let all = format!("{said:?}");
        assert!(!all.contains("6210948000000011") && !all.contains("0123000"), "{all}");
    }

    #[test]
    fn fields_that_are_left_out_are_said_to_be_so() {
        let octets = hex::decode("4761739001010010DDD1").unwrap();
        let shown = Shown::new(&Masker::new(Sensitivity::Name).value(tag::TRACK2_EQUIVALENT_DATA, &octets));
        let said = track2(shown.field(&octets), &Setting::default()).unwrap();
        let values: Vec<_> = said.parts.iter().map(|part| part.value.as_deref().unwrap()).collect();
        assert_eq!(values[1..], ["not told", "not told", "1 digits, not shown"]);
    }
}

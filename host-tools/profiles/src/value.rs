//! How octets are written in a personalisation: hex, text or an amount.

/// Reads `"9F79 06"`, `"text:TEST CARD"` or `"amount:123.45"`.
///
/// An amount becomes six octets in format n12, in hundredths: all currencies that EC cards are issued in have two decimals.
pub(crate) fn octets(text: &str) -> Option<Vec<u8>> {
    if let Some(text) = text.strip_prefix("text:") {
        return text.is_ascii().then(|| text.as_bytes().to_vec());
    }
    if let Some(amount) = text.strip_prefix("amount:") {
        return n12(amount);
    }
    let digits: String = text.chars().filter(|character| !matches!(character, ' ' | ',')).collect();
    hex::decode(digits).ok()
}

fn n12(amount: &str) -> Option<Vec<u8>> {
    let (major, minor) = amount.split_once('.')?;
    let digits = format!("{major:0>10}{minor}");
    let fits = minor.len() == 2 && !major.is_empty() && digits.len() == 12;
    (fits && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| hex::decode(digits).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_may_have_spaces_and_commas() {
        assert_eq!(octets("9F66 04, 9F02 06"), Some(vec![0x9F, 0x66, 0x04, 0x9F, 0x02, 0x06]));
        assert_eq!(octets(""), Some(vec![]));
        assert_eq!(octets("9F6"), None);
        assert_eq!(octets("0x9F"), None);
    }

    #[test]
    fn text_is_ascii() {
        assert_eq!(octets("text:CARD 1"), Some(b"CARD 1".to_vec()));
        assert_eq!(octets("text:卡"), None);
    }

    #[test]
    fn amounts_have_two_decimals() {
        assert_eq!(octets("amount:123.45"), Some(vec![0, 0, 0, 1, 0x23, 0x45]));
        assert_eq!(octets("amount:0.00"), Some(vec![0; 6]));
        assert_eq!(octets("amount:9999999999.99"), Some(vec![0x99; 6]));
        for wrong in ["amount:1", "amount:1.2", "amount:1.234", "amount:.50", "amount:-1.00", "amount:12345678901.00"] {
            assert_eq!(octets(wrong), None, "{wrong}");
        }
    }
}

//! Currencies by their ISO 4217 number: letters and exponent, and amounts as text.

use iso_currency::Currency;

/// The three letters, `CNY` for 156.
#[must_use]
pub fn alpha(numeric: u16) -> Option<&'static str> {
    Currency::from_numeric(numeric).map(|currency| currency.code())
}

/// Decimal digits of the minor unit: 2 for 156, 0 for 392.
#[must_use]
pub fn exponent(numeric: u16) -> Option<u8> {
    Currency::from_numeric(numeric)?.exponent().and_then(|digits| u8::try_from(digits).ok())
}

/// An amount in minor units as decimal text; a currency that is not known has two decimals, as most have.
///
/// ```
/// use tapcard_report::currency::format_minor;
/// assert_eq!(format_minor(12345, Some(156)), "123.45");
/// assert_eq!(format_minor(500, Some(392)), "500");
/// assert_eq!(format_minor(7, None), "0.07");
/// ```
#[must_use]
pub fn format_minor(amount: u64, numeric: Option<u16>) -> String {
    tapcard_emv::amount::format_minor(amount, numeric.and_then(exponent).unwrap_or(2)).to_string()
}

/// A balance in minor units that may be below zero.
///
/// ```
/// use tapcard_report::currency::format_balance;
/// assert_eq!(format_balance(-300, 2), "-3.00");
/// assert_eq!(format_balance(17_650, 0), "17650");
/// ```
#[must_use]
pub fn format_balance(balance: i64, exponent: u8) -> String {
    let sign = if balance < 0 { "-" } else { "" };
    format!("{sign}{}", tapcard_emv::amount::format_minor(balance.unsigned_abs(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_exponents_follow_iso_4217() {
        assert_eq!((alpha(156), exponent(156)), (Some("CNY"), Some(2)));
        assert_eq!((alpha(392), exponent(392)), (Some("JPY"), Some(0)));
        assert_eq!((alpha(344), exponent(344)), (Some("HKD"), Some(2)));
        assert_eq!((alpha(48), exponent(48)), (Some("BHD"), Some(3)));
        assert_eq!(alpha(0), None);
    }

    #[test]
    fn an_amount_below_one_keeps_its_zero() {
        assert_eq!(format_minor(0, Some(156)), "0.00");
        assert_eq!(format_minor(1, Some(48)), "0.001");
        assert_eq!(format_minor(999_999_999_999, Some(156)), "9999999999.99");
    }
}

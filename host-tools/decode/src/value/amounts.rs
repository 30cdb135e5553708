//! Amounts in words, with the currency if the data name one.

use tapcard_emv::Amount;
use tapcard_report::currency;

/// An amount of minor units.
pub(crate) fn text(minor: u64, number: Option<u16>) -> String {
    let amount = currency::format_minor(minor, number);
    match number {
        Some(number) => {
            format!("{amount} {}", currency::alpha(number).map_or_else(|| format!("{number:03}"), str::to_owned))
        }
        None => format!("{amount} if the currency has 2 decimals"),
    }
}

/// An amount in format n.
pub(crate) fn of_digits(octets: &[u8], number: Option<u16>) -> Option<String> {
    Amount::from_bcd(octets).ok().map(|amount| text(amount.minor(), number))
}

/// An amount in format b.
pub(crate) fn of_binary(octets: &[u8], number: Option<u16>) -> Option<String> {
    Amount::from_binary(octets).ok().map(|amount| text(amount.minor(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_currency_decides_about_decimals() {
        assert_eq!(of_digits(&[0x12, 0x34], Some(156)).as_deref(), Some("12.34 CNY"));
        assert_eq!(of_digits(&[0x12, 0x34], Some(392)).as_deref(), Some("1234 JPY"));
        assert_eq!(of_digits(&[0x12, 0x34], Some(1)).as_deref(), Some("12.34 001"));
        assert_eq!(of_binary(&[0, 0, 0, 5], None).as_deref(), Some("0.05 if the currency has 2 decimals"));
        assert_eq!((of_digits(&[0x1A], None), of_binary(&[1], None)), (None, None));
    }
}

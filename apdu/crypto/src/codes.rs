//! Card codes of decimal digits: CVV, dCVV, PVV and CVC3.
//!
//! The tables of a host that say which key and which service code a product has are left to the host.

use core::fmt;

use subtle::ConstantTimeEq;
use tapcard_emv::pan::Pan;
use zeroize::Zeroizing;

use crate::keys::TdesKey;
use crate::mac::{Padding, retail_mac};
use crate::pin::Pin;

/// A code of `N` decimal digits that this side computed. It prints nothing.
#[derive(Clone, Copy)]
pub struct Code<const N: usize>([u8; N]);

impl<const N: usize> Code<N> {
    /// The digits, 0 to 9. Keep them away from logs.
    #[must_use]
    pub const fn digits(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether received digits in ASCII are this code. The time that it takes depends on their number alone.
    #[must_use]
    pub fn verify(&self, received: &[u8]) -> bool {
        self.0.map(|digit| digit + b'0').ct_eq(received).into()
    }

    /// Decimal digits of the half octets, then A to F as 0 to 5.
    fn of(octets: &[u8]) -> Self {
        let halves = || octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
        let decimal = halves().filter(|half| *half < 10);
        let digits = decimal.chain(halves().filter_map(|half| half.checked_sub(10)));
        let mut code = [0; N];
        code.iter_mut().zip(digits).for_each(|(to, digit)| *to = digit);
        Self(code)
    }
}

impl<const N: usize> PartialEq for Code<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for Code<N> {}

impl<const N: usize> fmt::Debug for Code<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({N} digits)")
    }
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CodeError {
    /// The digits of expiry, service code, counter or key index are not as many digits as they should be.
    #[error("digits expected")]
    Digits,
    /// The PAN is too short for the code.
    #[error("the PAN is too short")]
    Pan,
}

/// `N` characters as digits 0 to 9.
fn digits<const N: usize>(text: &str) -> Result<[u8; N], CodeError> {
    let characters: [u8; N] = text.as_bytes().try_into().map_err(|_| CodeError::Digits)?;
    if !characters.iter().all(u8::is_ascii_digit) {
        return Err(CodeError::Digits);
    }
    Ok(characters.map(|character| character - b'0'))
}

/// Packs digits from the left; what is too much is left out, what is missing is 0.
fn packed<const N: usize>(mut digits: impl Iterator<Item = u8>) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    for octet in out.iter_mut() {
        let high = digits.next().unwrap_or(0);
        *octet = high << 4 | digits.next().unwrap_or(0);
    }
    out
}

fn value(key: &TdesKey, digits: impl Iterator<Item = u8>) -> Code<3> {
    let blocks = packed::<16>(digits);
    let schedule = key.schedule();
    let (first, second) = (blocks.first_chunk().unwrap_or(&[0; 8]), blocks.last_chunk::<8>().unwrap_or(&[0; 8]));
    let mut block = schedule.left().encrypt(first);
    block.iter_mut().zip(second).for_each(|(octet, other)| *octet ^= other);
    Code::of(&schedule.encrypt(&block))
}

/// CVV and CVC of the magnetic stripe: three digits of PAN, expiry and service code. `expiry` stands in the order in which the
/// product has it, YYMM on the track.
///
/// ```
/// use tapcard_crypto::codes::cvv;
/// use tapcard_crypto::keys::TdesKey;
/// use tapcard_emv::pan::Pan;
///
/// let key = TdesKey::new(0x9EB3_2AEF_1945_4C4F_E3D0_0815_7A67_3B34_u128.to_be_bytes());
/// let pan = Pan::from_digits("9969299966888438").unwrap();
/// assert!(cvv(&key, &pan, "3108", "201")?.verify(b"607"));
/// # Ok::<(), tapcard_crypto::codes::CodeError>(())
/// ```
///
/// # Errors
/// The expiry is not four digits, or the service code not three.
pub fn cvv(key: &TdesKey, pan: &Pan, expiry: &str, service_code: &str) -> Result<Code<3>, CodeError> {
    let (expiry, service) = (digits::<4>(expiry)?, digits::<3>(service_code)?);
    Ok(value(key, pan.digits().chain(expiry).chain(service)))
}

/// dCVV of Visa: as [`cvv`] with the card key, and with the last four digits of the ATC in place of the first four of the PAN.
///
/// # Errors
/// As [`cvv`], or the PAN has fewer than four digits, or the ATC is not four digits.
pub fn dcvv(
    card_key: &TdesKey,
    pan: &Pan,
    expiry: &str,
    service_code: &str,
    atc_digits: &str,
) -> Result<Code<3>, CodeError> {
    if pan.digits().len() < 4 {
        return Err(CodeError::Pan);
    }
    let (expiry, service, atc) = (digits::<4>(expiry)?, digits::<3>(service_code)?, digits::<4>(atc_digits)?);
    Ok(value(card_key, atc.into_iter().chain(pan.digits().skip(4)).chain(expiry).chain(service)))
}

/// PVV of Visa: four digits of the eleven PAN digits before the check digit, the key index and the first four PIN digits.
///
/// # Errors
/// The key index is no digit, or the PAN has fewer than twelve.
pub fn pvv(key: &TdesKey, key_index: &str, pin: &Pin, pan: &Pan) -> Result<Code<4>, CodeError> {
    let index = digits::<1>(key_index)?;
    let count = pan.digits().len();
    let before = count.checked_sub(12).ok_or(CodeError::Pan)?;
    let account = pan.digits().skip(before).take(11);
    let block = packed::<8>(account.chain(index).chain(pin.digits().take(4)));
    Ok(Code::of(&key.schedule().encrypt(&block)))
}

/// CVC3 of Mastercard in its two forms. It prints nothing.
#[derive(Clone, Copy)]
pub struct Cvc3([u8; 2]);

impl PartialEq for Cvc3 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Cvc3 {}

impl Cvc3 {
    /// The two octets that a card answers.
    #[must_use]
    pub const fn octets(&self) -> &[u8; 2] {
        &self.0
    }

    /// Five digits with leading zeros, of which the track has the last ones.
    #[must_use]
    pub fn decimal(&self) -> Code<5> {
        let number = u32::from(u16::from_be_bytes(self.0));
        let mut code = [0; 5];
        code.iter_mut().zip([10_000, 1000, 100, 10, 1]).for_each(|(digit, place)| {
            *digit = u8::try_from(number / place % 10).unwrap_or(0);
        });
        Code(code)
    }
}

impl fmt::Debug for Cvc3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cvc3(..)")
    }
}

/// IVCVC3: the last two octets of a retail MAC over the static track data.
#[must_use]
pub fn iv_cvc3(card_key: &TdesKey, track: &[u8]) -> [u8; 2] {
    let [.., a, b] = *retail_mac(&card_key.schedule(), Padding::Method2, &[track]).octets();
    [a, b]
}

/// CVC3: the last two octets of the enciphered IVCVC3, unpredictable number and ATC.
#[must_use]
pub fn cvc3(card_key: &TdesKey, iv: [u8; 2], un: [u8; 4], atc: [u8; 2]) -> Cvc3 {
    let ([a, b], [c, d, e, f], [g, h]) = (iv, un, atc);
    let [.., high, low] = card_key.schedule().encrypt(&[a, b, c, d, e, f, g, h]);
    Cvc3([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    fn pan(digits: &str) -> Pan {
        Pan::from_digits(digits).unwrap()
    }

    #[test]
    fn digits_that_are_not_there_are_named() {
        let key = TdesKey::new([0x31; 16]);
        let pan = pan("9969299966888438");
        assert_eq!(cvv(&key, &pan, "318", "201"), Err(CodeError::Digits));
        assert_eq!(cvv(&key, &pan, "3108", "2O1"), Err(CodeError::Digits));
        assert_eq!(dcvv(&key, &pan, "3108", "201", "12"), Err(CodeError::Digits));
        let pin = Pin::from_digits("1234").unwrap();
        assert_eq!(pvv(&key, "A", &pin, &pan), Err(CodeError::Digits));
    }

    #[test]
    fn a_pan_that_is_too_short_is_refused() {
        let key = TdesKey::new([0x31; 16]);
        let pin = Pin::from_digits("1234").unwrap();
        assert_eq!(pvv(&key, "1", &pin, &pan("12345678901")), Err(CodeError::Pan));
        assert!(pvv(&key, "1", &pin, &pan("123456789012")).is_ok());
        assert_eq!(dcvv(&key, &pan("123"), "3108", "201", "0001"), Err(CodeError::Pan));
    }

    /// Regression: others print it without its leading zeros.
    #[test]
    fn the_decimal_form_keeps_its_leading_zeros() {
        assert!(Cvc3([0x00, 0x07]).decimal().verify(b"00007"));
        assert!(Cvc3([0xFF, 0xFF]).decimal().verify(b"65535"));
        assert_eq!(format!("{:?}{:?}", Cvc3([1, 2]), Cvc3([1, 2]).decimal()), "Cvc3(..)Code(5 digits)");
    }

    proptest! {
        #[test]
        fn codes_are_decimal_whatever_the_cipher_gives(octets: [u8; 8]) {
            let code = Code::<5>::of(&octets);
            prop_assert!(code.digits().iter().all(|digit| *digit < 10));
            prop_assert!(code.verify(&code.digits().map(|digit| digit + b'0')));
            prop_assert!(!code.verify(&[]));
        }

        #[test]
        fn any_number_has_its_codes(digits in "[0-9]{1,19}", key: [u8; 16]) {
            let (key, pan) = (TdesKey::new(key), pan(&digits));
            prop_assert!(cvv(&key, &pan, "3108", "201").is_ok());
            prop_assert_eq!(dcvv(&key, &pan, "3108", "201", "0001").is_ok(), digits.len() >= 4);
        }
    }
}

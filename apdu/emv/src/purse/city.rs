//! Names of cities by the codes of China T-Union.
//!
//! The codes are those of UnionPay's areas. Only cities whose code a public reader names are here (TU-Reader); any other
//! code is shown as it is.

/// The city in English.
///
/// ```
/// assert_eq!(tapcard_emv::purse::city_name(&[0x29, 0x00]), Some("Shanghai"));
/// ```
#[must_use]
pub const fn city_name(code: &[u8]) -> Option<&'static str> {
    Some(match code {
        [0x10, 0x00] => "Beijing",
        [0x29, 0x00] => "Shanghai",
        [0x30, 0x10] => "Nanjing",
        [0x30, 0x20] => "Changzhou",
        [0x30, 0x50] => "Suzhou",
        [0x58, 0x10] => "Guangzhou",
        [0x58, 0x80] => "Foshan",
        _ => return None,
    })
}

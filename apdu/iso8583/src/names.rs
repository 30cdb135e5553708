//! Names of the fields for tools that explain (ISO 8583:1987, table 6), in our own words where the standard is long.

/// The name of a field, 2 to 128; `None` for the bitmaps and beyond.
///
/// ```
/// assert_eq!(tapcard_iso8583::field_name(11), Some("System trace audit number"));
/// assert_eq!(tapcard_iso8583::field_name(1), None);
/// ```
#[must_use]
pub fn field_name(number: u8) -> Option<&'static str> {
    match number {
        56..=59 => return Some("Reserved, national use"),
        60..=63 | 120..=127 => return Some("Reserved, private use"),
        105..=111 => return Some("Reserved, ISO use"),
        112..=119 => return Some("Reserved, national use"),
        64 | 128 => return Some("Message authentication code"),
        _ => {}
    }
    let index = NAMES.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    NAMES.get(index).map(|(_, name)| *name)
}

static NAMES: [(u8, &str); 93] = [
    (2, "Primary account number"),
    (3, "Processing code"),
    (4, "Amount, transaction"),
    (5, "Amount, settlement"),
    (6, "Amount, cardholder billing"),
    (7, "Transmission date and time"),
    (8, "Amount, cardholder billing fee"),
    (9, "Conversion rate, settlement"),
    (10, "Conversion rate, cardholder billing"),
    (11, "System trace audit number"),
    (12, "Time, local transaction"),
    (13, "Date, local transaction"),
    (14, "Date, expiration"),
    (15, "Date, settlement"),
    (16, "Date, conversion"),
    (17, "Date, capture"),
    (18, "Merchant type"),
    (19, "Country, acquiring institution"),
    (20, "Country, primary account number"),
    (21, "Country, forwarding institution"),
    (22, "Point of service entry mode"),
    (23, "Card sequence number"),
    (24, "Network international identifier"),
    (25, "Point of service condition code"),
    (26, "Point of service PIN capture code"),
    (27, "Length of the authorisation identification response"),
    (28, "Amount, transaction fee"),
    (29, "Amount, settlement fee"),
    (30, "Amount, transaction processing fee"),
    (31, "Amount, settlement processing fee"),
    (32, "Acquiring institution"),
    (33, "Forwarding institution"),
    (34, "Primary account number, extended"),
    (35, "Track 2"),
    (36, "Track 3"),
    (37, "Retrieval reference number"),
    (38, "Authorisation identification response"),
    (39, "Response code"),
    (40, "Service restriction code"),
    (41, "Card acceptor terminal"),
    (42, "Card acceptor"),
    (43, "Card acceptor name and location"),
    (44, "Additional response data"),
    (45, "Track 1"),
    (46, "Additional data, ISO"),
    (47, "Additional data, national"),
    (48, "Additional data, private"),
    (49, "Currency, transaction"),
    (50, "Currency, settlement"),
    (51, "Currency, cardholder billing"),
    (52, "PIN block"),
    (53, "Security-related control information"),
    (54, "Additional amounts"),
    (55, "Chip data"),
    (66, "Settlement code"),
    (67, "Extended payment code"),
    (68, "Country, receiving institution"),
    (69, "Country, settlement institution"),
    (70, "Network management information code"),
    (71, "Message number"),
    (72, "Message number, last"),
    (73, "Date, action"),
    (74, "Credits, number"),
    (75, "Credits, reversal number"),
    (76, "Debits, number"),
    (77, "Debits, reversal number"),
    (78, "Transfers, number"),
    (79, "Transfers, reversal number"),
    (80, "Inquiries, number"),
    (81, "Authorisations, number"),
    (82, "Credits, processing fee amount"),
    (83, "Credits, transaction fee amount"),
    (84, "Debits, processing fee amount"),
    (85, "Debits, transaction fee amount"),
    (86, "Credits, amount"),
    (87, "Credits, reversal amount"),
    (88, "Debits, amount"),
    (89, "Debits, reversal amount"),
    (90, "Original data elements"),
    (91, "File update code"),
    (92, "File security code"),
    (93, "Response indicator"),
    (94, "Service indicator"),
    (95, "Replacement amounts"),
    (96, "Message security code"),
    (97, "Amount, net settlement"),
    (98, "Payee"),
    (99, "Settlement institution"),
    (100, "Receiving institution"),
    (101, "File name"),
    (102, "Account identification 1"),
    (103, "Account identification 2"),
    (104, "Transaction description"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specs;

    #[test]
    fn every_field_of_the_host_has_a_name_and_no_other_number_has() {
        for number in 0..=u8::MAX {
            assert_eq!(field_name(number).is_some(), specs::HOST.field(number).is_some(), "{number}");
        }
    }
}

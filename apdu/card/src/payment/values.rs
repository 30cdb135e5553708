//! What the terminal told in the data of its PDOL and CDOLs, as far as the card needs it again: for the cryptogram, for its own
//! risk management and for its logs.

use tapcard_emv::dol::Dol;
use tapcard_emv::tag;
use tapcard_iso7816::Tag;

/// The objects that are kept, with their lengths. A list that asks for one with another length is not taken for it.
const FIELDS: [(Tag, usize); 14] = [
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY_CODE, 2),
    (tag::TVR, 5),
    (tag::TRANSACTION_CURRENCY_CODE, 2),
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TYPE, 1),
    (tag::UN, 4),
    (tag::TRANSACTION_TIME, 3),
    (tag::MERCHANT_NAME_AND_LOCATION, 20),
    (tag::TTQ, 4),
    (tag::EC_TERMINAL_SUPPORT, 1),
    (tag::ARC, 2),
    (tag::CVM_RESULTS, 3),
];

/// Octets of all fields together.
const ALL: usize = 62;

/// Values by tag. What was not told is zeros, as it is in the data of a list (EMV 4.4 Book 3, 5.4).
#[derive(Clone, Copy)]
pub(crate) struct TerminalValues {
    octets: [u8; ALL],
    /// One bit for each field that was told.
    known: u16,
}

impl Default for TerminalValues {
    fn default() -> Self {
        Self { octets: [0; ALL], known: 0 }
    }
}

impl TerminalValues {
    /// Takes the data that a list lays out; later ones replace earlier ones.
    pub(crate) fn take(&mut self, list: &[u8], data: &[u8]) {
        for (entry, value) in Dol::new(list).decode(data).flatten() {
            let Some((index, start, length)) = place(entry.tag) else { continue };
            if let (true, Some(room)) = (value.len() == length, self.octets.get_mut(start..start + length)) {
                room.copy_from_slice(value);
                self.known |= 1 << index;
            }
        }
    }

    /// The value of an object; `None` for one that was not told.
    pub(crate) fn get(&self, tag: Tag) -> Option<&[u8]> {
        let (index, start, length) = place(tag)?;
        if self.known & 1 << index == 0 {
            return None;
        }
        self.octets.get(start..start + length)
    }

    /// The value of an object of `N` octets; zeros when it was not told.
    pub(crate) fn array<const N: usize>(&self, tag: Tag) -> [u8; N] {
        self.get(tag).and_then(|value| value.try_into().ok()).unwrap_or([0; N])
    }
}

/// Index, first octet and length of a field.
fn place(tag: Tag) -> Option<(usize, usize, usize)> {
    let mut start = 0;
    for (index, (field, length)) in FIELDS.iter().enumerate() {
        if *field == tag {
            return Some((index, start, *length));
        }
        start += length;
    }
    None
}

/// Shows how much is known: amounts and merchants are the cardholder's matter.
impl core::fmt::Debug for TerminalValues {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "TerminalValues({} known)", self.known.count_ones())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_by_tag_and_the_last_one_counts() {
        let mut values = TerminalValues::default();
        values.take(&[0x9F, 0x02, 6, 0x9A, 3, 0xDF, 0x60, 1], &[0, 0, 0, 0, 0x10, 0, 0x26, 0x11, 0x21, 7]);
        assert_eq!(values.array(tag::AMOUNT_AUTHORISED), [0, 0, 0, 0, 0x10, 0]);
        assert_eq!(values.get(tag::TRANSACTION_DATE), Some(&[0x26, 0x11, 0x21][..]));
        values.take(&[0x9A, 3], &[0x26, 0x11, 0x22]);
        assert_eq!(values.array(tag::TRANSACTION_DATE), [0x26, 0x11, 0x22]);
        assert_eq!(values.get(tag::TVR), None);
        assert_eq!(values.array(tag::TVR), [0; 5]);
    }

    #[test]
    fn there_is_room_for_all_fields() {
        assert_eq!(FIELDS.iter().map(|(_, length)| length).sum::<usize>(), ALL);
        assert!(FIELDS.len() <= 16, "a bit for each");
    }

    #[test]
    fn another_length_is_not_the_object() {
        let mut values = TerminalValues::default();
        values.take(&[0x9F, 0x02, 4], &[1, 2, 3, 4]);
        assert_eq!(values.get(tag::AMOUNT_AUTHORISED), None);
    }
}

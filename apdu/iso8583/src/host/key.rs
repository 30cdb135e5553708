//! Which requests are the same one: a host that sees a request again gives the answer that it has stored.

use crate::host::HostError;
use crate::message::Message;

/// What identifies a request: class of the message type, fields 7, 13, 12, 11, 41, 42, and 37 when it is there. Equal for a
/// request and its repeats, whatever their layout. Holds no account number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RequestKey {
    class: u8,
    fields: [u8; LEN],
}

/// Fields and the most characters of each; a field that is missing is zero octets.
const PARTS: [(u8, usize); 7] = [(7, 10), (13, 4), (12, 6), (11, 6), (41, 8), (42, 15), (37, 12)];
const LEN: usize = 61;

impl RequestKey {
    /// The key of a request.
    ///
    /// # Errors
    /// Field 11 is missing, or there is no date: neither field 7 nor fields 12 and 13; or one of them is longer than in the
    /// standard.
    pub fn of(message: &Message<'_>) -> Result<Self, HostError> {
        let has = |number: u8| message.field(number).is_some();
        if !has(11) {
            return Err(HostError::Missing { field: 11 });
        }
        if !(has(7) || has(12) && has(13)) {
            return Err(HostError::Missing { field: 7 });
        }
        let [_, class, ..] = message.mti().digits();
        let mut fields = [0; LEN];
        let mut rest = &mut fields[..];
        for (number, len) in PARTS {
            let (part, behind) = rest.split_at_mut_checked(len).unwrap_or_default();
            if let Some(field) = message.field(number)
                && field.copy_chars(part).is_err()
            {
                return Err(HostError::TooLong { field: number });
            }
            rest = behind;
        }
        Ok(Self { class, fields })
    }

    /// The key as octets, to be stored.
    #[must_use]
    pub fn octets(&self) -> [u8; LEN + 1] {
        let mut octets = [self.class; LEN + 1];
        octets.iter_mut().skip(1).zip(self.fields).for_each(|(place, octet)| *place = octet);
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageWriter, Mti, specs};

    fn key(mti: Mti, fields: &[(u8, &str)]) -> Result<RequestKey, HostError> {
        let mut buffer = [0; 256];
        let mut writer = MessageWriter::new(&specs::HOST, &[], mti, &mut buffer).unwrap();
        for (number, text) in fields {
            writer.text(*number, text).unwrap();
        }
        let length = writer.finish();
        RequestKey::of(&Message::decode(&specs::HOST, &buffer[..length]).unwrap())
    }

    #[test]
    fn a_repeat_has_the_key_of_the_first() {
        let fields = [(7, "0703185655"), (11, "884168"), (41, "J788UXG9")];
        let repeat = Mti::FINANCIAL_REQUEST.repeat().unwrap();
        let first = key(Mti::FINANCIAL_REQUEST, &fields).unwrap();
        assert_eq!(key(repeat, &fields), Ok(first));
        assert_eq!(first.octets()[..11], *b"20703185655");
        assert_ne!(key(Mti::REVERSAL_REQUEST, &fields), Ok(first));
        for other in [(7, "0703185656"), (11, "884169"), (41, "J788UXG8")] {
            let mut changed = fields;
            changed.iter_mut().filter(|field| field.0 == other.0).for_each(|field| *field = other);
            assert_ne!(key(Mti::FINANCIAL_REQUEST, &changed), Ok(first));
        }
        let more = [&fields[..], &[(37, "621076180413")]].concat();
        assert_ne!(key(Mti::FINANCIAL_REQUEST, &more), Ok(first));
    }

    #[test]
    fn what_cannot_be_told_apart_has_no_key() {
        let of = |fields: &[(u8, &str)]| key(Mti::FINANCIAL_REQUEST, fields).map(|_| ());
        assert_eq!(of(&[(7, "0703185655")]), Err(HostError::Missing { field: 11 }));
        assert_eq!(of(&[(11, "000001")]), Err(HostError::Missing { field: 7 }));
        assert_eq!(of(&[(11, "000001"), (12, "185655")]), Err(HostError::Missing { field: 7 }));
        assert_eq!(of(&[(11, "000001"), (12, "185655"), (13, "0703")]), Ok(()));
    }
}

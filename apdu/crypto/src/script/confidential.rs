//! Encipherment of script data, by the set of the card.

use zeroize::Zeroize;

use super::{ScriptError, ScriptSet};
use crate::keys::{TdesKey, TdesSchedule};

/// How data of a script is enciphered and padded, always with two-key TDES and its session key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DataCipher {
    /// Block by block, with a length octet before the data and padding method 2 (VIS 1.5, Appendix B.4).
    Visa,
    /// Chained, with padding method 2 unless the data is whole blocks already (M/Chip 4).
    Mastercard,
    /// Chained, always with padding method 2 (EMV 4.4 Book 2, 9.3.2).
    Emv,
}

impl ScriptSet {
    /// How this set enciphers. For PBOC it is **unconfirmed** and therefore refused.
    ///
    /// # Errors
    /// [`ScriptError::NoRule`].
    pub const fn data_cipher(self) -> Result<DataCipher, ScriptError> {
        match self {
            Self::Visa | Self::VisaCommon => Ok(DataCipher::Visa),
            Self::Mastercard | Self::Interac => Ok(DataCipher::Mastercard),
            Self::Pboc => Err(ScriptError::NoRule),
        }
    }
}

/// Enciphers `data` with a session key into `out` and gives the length of the result.
///
/// # Errors
/// The result does not fit, or the data is longer than its length octet can say.
pub fn encipher(cipher: DataCipher, key: &TdesKey, data: &[u8], out: &mut [u8]) -> Result<usize, ScriptError> {
    let capacity = ScriptError::Capacity { needed: data.len() };
    let head = usize::from(cipher == DataCipher::Visa);
    let is_padded = cipher != DataCipher::Mastercard || !data.len().is_multiple_of(8);
    let needed = (head + data.len() + usize::from(is_padded)).next_multiple_of(8);
    let out = out.get_mut(..needed).ok_or(ScriptError::Capacity { needed })?;
    out.fill(0);
    let (length, rest) = out.split_at_mut_checked(head).ok_or(capacity)?;
    if let [length] = length {
        *length = u8::try_from(data.len()).map_err(|_| capacity)?;
    }
    let (body, padding) = rest.split_at_mut_checked(data.len()).ok_or(capacity)?;
    body.copy_from_slice(data);
    if let ([first, ..], true) = (padding, is_padded) {
        *first = 0x80;
    }
    let schedule = key.schedule();
    let mut before = [0; 8];
    for block in out.as_chunks_mut::<8>().0 {
        if cipher != DataCipher::Visa {
            block.iter_mut().zip(before).for_each(|(octet, before)| *octet ^= before);
        }
        *block = schedule.encrypt(block);
        before = *block;
    }
    Ok(needed)
}

/// Deciphers in place with a session key and gives the data without its padding: the card's side. For M/Chip, data that was
/// whole blocks has no padding, and only the command tells how long it is; all of it is given back.
///
/// # Errors
/// No whole blocks, or a padding that is not there.
pub fn decipher<'d>(cipher: DataCipher, key: &TdesKey, data: &'d mut [u8]) -> Result<&'d [u8], ScriptError> {
    if !data.len().is_multiple_of(8) {
        return Err(ScriptError::Blocks { found: data.len() });
    }
    decipher_blocks(&key.schedule(), cipher, data);
    let length = match cipher {
        DataCipher::Mastercard => Some((0, data.len())),
        DataCipher::Visa => after_length(data),
        DataCipher::Emv => before_padding(data).map(|end| (0, end)),
    };
    match length.and_then(|(start, end)| data.get(start..end).map(|_| start..end)) {
        Some(range) => Ok(data.get(range).unwrap_or_default()),
        None => {
            data.zeroize();
            Err(ScriptError::Padding)
        }
    }
}

fn decipher_blocks(schedule: &TdesSchedule, cipher: DataCipher, data: &mut [u8]) {
    let mut before = [0; 8];
    for block in data.as_chunks_mut::<8>().0 {
        let received = *block;
        *block = schedule.decrypt(block);
        if cipher != DataCipher::Visa {
            block.iter_mut().zip(before).for_each(|(octet, before)| *octet ^= before);
        }
        before = received;
    }
}

/// Where the data is whose length stands before it and whose padding behind it.
fn after_length(data: &[u8]) -> Option<(usize, usize)> {
    let end = 1 + usize::from(*data.first()?);
    (before_padding(data)? == end).then_some((1, end))
}

/// Where the data ends: at the last `80`, with nothing but zeros of the same block behind it.
fn before_padding(data: &[u8]) -> Option<usize> {
    let last = data.iter().rposition(|octet| *octet != 0)?;
    (data.get(last) == Some(&0x80) && data.len() - last <= 8).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [DataCipher; 3] = [DataCipher::Visa, DataCipher::Mastercard, DataCipher::Emv];

    #[test]
    fn whole_blocks_are_padded_by_all_but_m_chip() {
        let (key, mut out) = (TdesKey::new([0x31; 16]), [0; 32]);
        let lengths = ALL.map(|cipher| encipher(cipher, &key, &[7; 8], &mut out).unwrap());
        assert_eq!(lengths, [16, 8, 16]);
        assert_eq!(encipher(DataCipher::Emv, &key, &[7; 8], &mut [0; 15]), Err(ScriptError::Capacity { needed: 16 }));
        let long = encipher(DataCipher::Visa, &key, &[7; 256], &mut [0; 512]);
        assert_eq!(long, Err(ScriptError::Capacity { needed: 256 }));
    }

    #[test]
    fn equal_blocks_are_chained_apart_by_all_but_visa() {
        let key = TdesKey::new([0x31; 16]);
        for cipher in [DataCipher::Mastercard, DataCipher::Emv] {
            let mut out = [0; 24];
            encipher(cipher, &key, &[7; 16], &mut out).unwrap();
            assert_ne!(out[..8], out[8..16]);
        }
    }

    #[test]
    fn what_is_no_whole_block_or_has_no_padding_is_refused() {
        let key = TdesKey::new([0x31; 16]);
        for cipher in ALL {
            assert_eq!(decipher(cipher, &key, &mut [0; 9]), Err(ScriptError::Blocks { found: 9 }));
        }
        let mut wrong = [0; 8];
        assert_eq!(decipher(DataCipher::Emv, &key, &mut wrong), Err(ScriptError::Padding));
        assert_eq!(wrong, [0; 8], "nothing of it is left in the buffer");
        assert_eq!(decipher(DataCipher::Visa, &key, &mut []), Err(ScriptError::Padding));
    }

    proptest! {
        #[test]
        fn the_card_deciphers_what_the_issuer_enciphered(key: [u8; 16], data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let key = TdesKey::new(key);
            for cipher in ALL {
                let mut out = [0; 256];
                let len = encipher(cipher, &key, &data, &mut out).unwrap();
                let found = decipher(cipher, &key, &mut out[..len]).unwrap();
                prop_assert_eq!(found.get(..data.len()), Some(&data[..]));
                prop_assert!(cipher == DataCipher::Mastercard || found.len() == data.len());
            }
        }

        #[test]
        fn no_octets_make_the_card_panic(mut data: std::vec::Vec<u8>) {
            for cipher in ALL {
                let _ = decipher(cipher, &TdesKey::new([0x31; 16]), &mut data);
            }
        }
    }
}

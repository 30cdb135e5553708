//! Reads C-APDUs: every length must be exactly what Lc and Le say, because a card must not guess.

use super::{Command, HEADER, Le};
use crate::ins::Ins;

impl<'a> Command<'a> {
    /// Reads a whole C-APDU of any case: 1, 2S, 3S, 4S, 2E, 3E, 4E (ISO/IEC 7816-3:2006, 12.1.3).
    ///
    /// # Errors
    /// See [`CommandError`].
    pub const fn parse(octets: &'a [u8]) -> Result<Self, CommandError> {
        let (header, body) = match octets {
            [cla, ins, p1, p2, body @ ..] => (Self::new(*cla, Ins::from_octet(*ins), *p1, *p2), body),
            _ => return Err(CommandError::HeaderTruncated { found: octets.len() }),
        };
        match body {
            [] => Ok(header),
            [le] => Ok(header.with_le(Le::from_octet(*le))),
            [0x00, _] => Err(CommandError::LengthTruncated { offset: HEADER + 1, found: 1 }),
            [0x00, high, low] => Ok(header.with_le(Le::from_octets([*high, *low]))),
            [0x00, 0x00, 0x00, ..] => Err(CommandError::ZeroLc { offset: HEADER + 1 }),
            [0x00, high, low, behind @ ..] => {
                let lc = u16::from_be_bytes([*high, *low]) as usize;
                header.parse_data(behind, lc, HEADER + 3, true)
            }
            [lc, behind @ ..] => header.parse_data(behind, *lc as usize, HEADER + 1, false),
        }
    }

    /// Reads the data field, which begins at `offset` and has `lc` octets, and Le if there is one.
    const fn parse_data(
        self,
        behind: &'a [u8],
        lc: usize,
        offset: usize,
        extended: bool,
    ) -> Result<Self, CommandError> {
        let Some((data, le)) = behind.split_at_checked(lc) else {
            return Err(CommandError::DataTruncated { offset, expected: lc, found: behind.len() });
        };
        let command = self.with_data(data);
        let le_offset = offset + lc;
        match (le, extended) {
            ([], _) => Ok(command),
            ([le], false) => Ok(command.with_le(Le::from_octet(*le))),
            ([_], true) => Err(CommandError::LengthTruncated { offset: le_offset, found: 1 }),
            ([high, low], true) => Ok(command.with_le(Le::from_octets([*high, *low]))),
            ([_, trailing @ ..], false) => Err(CommandError::Trailing { offset: le_offset + 1, found: trailing.len() }),
            ([_, _, trailing @ ..], true) => {
                Err(CommandError::Trailing { offset: le_offset + 2, found: trailing.len() })
            }
        }
    }
}

/// Why octets are not a C-APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CommandError {
    /// Fewer than four octets.
    #[error("the header needs 4 octets, found {found}")]
    HeaderTruncated {
        /// How many octets there are.
        found: usize,
    },
    /// An extended Lc or Le of which only one octet is there.
    #[error("an extended length at byte {offset} needs 2 octets, found {found}")]
    LengthTruncated {
        /// Where the length begins, behind the octet `00`.
        offset: usize,
        /// How many octets there are.
        found: usize,
    },
    /// An extended Lc of 0, which announces data and has none.
    #[error("the extended Lc at byte {offset} is 0")]
    ZeroLc {
        /// Where Lc begins, behind the octet `00`.
        offset: usize,
    },
    /// Fewer octets of data than Lc says.
    #[error("the data at byte {offset} needs {expected} octets, found {found}")]
    DataTruncated {
        /// Where the data field begins.
        offset: usize,
        /// Lc.
        expected: usize,
        /// How many octets there are.
        found: usize,
    },
    /// Octets behind Le.
    #[error("{found} octets too many at byte {offset}")]
    Trailing {
        /// Where they begin.
        offset: usize,
        /// How many there are.
        found: usize,
    },
}

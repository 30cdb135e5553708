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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    const HEADER_OCTETS: [u8; 4] = [0x80, 0xE2, 0x01, 0x02];

    fn of(body: &[u8]) -> Vec<u8> {
        [&HEADER_OCTETS, body].concat()
    }

    #[test]
    fn all_seven_cases_are_read() {
        let long = [0x77; 256];
        let case_3e = [&[0x00, 0x01, 0x00][..], &long].concat();
        let case_4e = [&case_3e[..], &[0x00, 0x00]].concat();
        for (body, data, le) in [
            (&[][..], &[][..], None),
            (&[0x00], &[], Some(256)),
            (&[0x09], &[], Some(9)),
            (&[0x02, 0x77, 0x77], &long[..2], None),
            (&[0x02, 0x77, 0x77, 0x00], &long[..2], Some(256)),
            (&[0x00, 0x00, 0x00], &[], Some(65_536)),
            (&[0x00, 0x01, 0x2C], &[], Some(300)),
            (&case_3e, &long, None),
            (&case_4e, &long, Some(65_536)),
            (&[0x00, 0x00, 0x01, 0x77], &long[..1], None),
            (&[0x00, 0x00, 0x01, 0x77, 0x01, 0x00], &long[..1], Some(256)),
        ] {
            let octets = of(body);
            let command = Command::parse(&octets).unwrap();
            assert_eq!((command.cla(), command.ins(), command.p1(), command.p2()), (0x80, Ins::AppendRecord, 1, 2));
            assert_eq!((command.data(), command.le().map(Le::get)), (data, le), "{body:02X?}");
        }
    }

    #[test]
    fn every_truncation_of_the_header_is_an_error() {
        for length in 0..4 {
            assert_eq!(Command::parse(&HEADER_OCTETS[..length]), Err(CommandError::HeaderTruncated { found: length }));
        }
    }

    #[test]
    fn every_truncation_of_a_short_case_4_is_an_error_or_another_case() {
        let whole = of(&[0x03, 0x11, 0x22, 0x33, 0x00]);
        assert_eq!(Command::parse(&whole[..5]).unwrap().le(), Some(Le::from_octet(3)), "a case 2");
        for length in 6..8 {
            let error = CommandError::DataTruncated { offset: 5, expected: 3, found: length - 5 };
            assert_eq!(Command::parse(&whole[..length]), Err(error));
        }
        assert_eq!(Command::parse(&whole[..8]).unwrap().le(), None, "a case 3");
    }

    #[test]
    fn every_truncation_of_an_extended_case_4_is_an_error_or_another_case() {
        let whole = of(&[0x00, 0x00, 0x03, 0x11, 0x22, 0x33, 0x01, 0x00]);
        assert_eq!(Command::parse(&whole[..5]).unwrap().le(), Some(Le::MAX_SHORT), "a short case 2");
        assert_eq!(Command::parse(&whole[..6]), Err(CommandError::LengthTruncated { offset: 5, found: 1 }));
        assert_eq!(Command::parse(&whole[..7]).unwrap().le(), Le::new(3), "an extended case 2");
        for length in 8..10 {
            let error = CommandError::DataTruncated { offset: 7, expected: 3, found: length - 7 };
            assert_eq!(Command::parse(&whole[..length]), Err(error));
        }
        assert_eq!(Command::parse(&whole[..10]).unwrap().le(), None, "an extended case 3");
        assert_eq!(Command::parse(&whole[..11]), Err(CommandError::LengthTruncated { offset: 10, found: 1 }));
        assert!(Command::parse(&whole).is_ok());
    }

    #[test]
    fn octets_behind_the_end_are_an_error() {
        let short = of(&[0x01, 0x11, 0x00, 0x22, 0x33]);
        assert_eq!(Command::parse(&short), Err(CommandError::Trailing { offset: 7, found: 2 }));
        let extended = of(&[0x00, 0x00, 0x01, 0x11, 0x00, 0x00, 0x22]);
        assert_eq!(Command::parse(&extended), Err(CommandError::Trailing { offset: 10, found: 1 }));
    }

    #[test]
    fn an_extended_lc_of_zero_is_an_error() {
        assert_eq!(Command::parse(&of(&[0x00, 0x00, 0x00, 0x11])), Err(CommandError::ZeroLc { offset: 5 }));
        assert_eq!(Command::parse(&of(&[0x00, 0x00, 0x00, 0x01, 0x00])), Err(CommandError::ZeroLc { offset: 5 }));
    }

    fn command_parts() -> impl Strategy<Value = ([u8; 4], Vec<u8>, Option<u32>)> {
        let data = prop_oneof![
            Just(vec![]),
            prop::collection::vec(any::<u8>(), 1..=255),
            prop::collection::vec(any::<u8>(), 256..=700),
        ];
        let le = prop_oneof![1_u32..=256, Just(256), 257_u32..=65_536, Just(65_536)];
        (any::<[u8; 4]>(), data, prop::option::of(le))
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed_as_the_same_command((header, data, le) in command_parts()) {
            let [cla, ins, p1, p2] = header;
            let mut command = Command::new(cla, Ins::from(ins), p1, p2).with_data(&data);
            if let Some(le) = le {
                command = command.with_le(Le::new(le).unwrap());
            }
            let mut buffer = vec![0; 1000];
            let length = command.encode_into(&mut buffer).unwrap();
            prop_assert_eq!(length, command.encoded_len());
            prop_assert_eq!(Command::parse(&buffer[..length]), Ok(command));
        }

        #[test]
        fn what_is_parsed_is_never_longer_when_it_is_encoded(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(command) = Command::parse(&octets) {
                let mut buffer = vec![0; 300];
                let length = command.encode_into(&mut buffer).unwrap();
                prop_assert!(length <= octets.len());
                prop_assert_eq!(Command::parse(&buffer[..length]), Ok(command));
            }
        }

        #[test]
        fn short_commands_are_encoded_as_they_came(body in prop::collection::vec(1_u8.., 0..3)) {
            let octets = of(&body);
            if let Ok(command) = Command::parse(&octets) {
                let mut buffer = [0; 8];
                let length = command.encode_into(&mut buffer).unwrap();
                prop_assert_eq!(&buffer[..length], &octets);
            }
        }

        #[test]
        fn offsets_of_errors_are_inside_the_input(body in prop::collection::vec(0_u8..4, 0..12)) {
            let octets = of(&body);
            match Command::parse(&octets) {
                Ok(_) => {}
                Err(
                    CommandError::LengthTruncated { offset, .. }
                    | CommandError::ZeroLc { offset }
                    | CommandError::DataTruncated { offset, .. }
                    | CommandError::Trailing { offset, .. },
                ) => prop_assert!(offset < octets.len()),
                Err(CommandError::HeaderTruncated { .. }) => prop_assert!(false, "the header is there"),
            }
        }
    }
}

//! What a command comes to: data in the caller's buffer, SW1-SW2, and what changes if the answer really goes out.

use tapcard_iso7816::{Command, StatusWord};

use crate::random::Generator;
use crate::session::Session;
use crate::state::Changes;

/// An answer whose data already stand at the start of the output buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Octets of data.
    pub(crate) length: usize,
    pub(crate) sw: StatusWord,
}

/// What a command works with: where its answer goes, and what changes with it.
///
/// A command that is refused leaves `changes` and `session` as they were handed to it, unless the refusal itself is an event:
/// a wrong PIN costs a try.
pub(crate) struct Work<'o> {
    /// For the data of the answer.
    pub(crate) out: &'o mut [u8],
    /// What is kept before the answer goes out.
    pub(crate) changes: Changes,
    /// What the card remembers until the next reset.
    pub(crate) session: Session,
    /// Random numbers, if the owner has given a seed. What was drawn stays drawn, whatever becomes of the command.
    pub(crate) random: Option<Generator>,
}

impl Work<'_> {
    /// Writes the parts one after the other as the data of the answer.
    pub(crate) fn answer(&mut self, parts: &[&[u8]]) -> Answer {
        put(self.out, parts).map_or(StatusWord::NO_PRECISE_DIAGNOSIS.into(), Answer::data)
    }
}

impl Answer {
    /// Data and 9000.
    pub(crate) const fn data(length: usize) -> Self {
        Self { length, sw: StatusWord::OK }
    }

    pub(crate) const fn with(mut self, sw: StatusWord) -> Self {
        self.sw = sw;
        self
    }

    /// Le smaller than the data: 6Cxx, which names the right one (ISO/IEC 7816-4:2005, 5.1.3).
    pub(crate) fn wrong_le(self, command: &Command<'_>) -> Option<Self> {
        command.le().filter(|le| (le.get() as usize) < self.length)?;
        let [.., exact] = self.length.to_be_bytes();
        Some(Self::from(StatusWord::from_octets(0x6C, exact)))
    }

    /// Writes SW1-SW2 behind the data; returns the octets of the whole R-APDU.
    ///
    /// Data that leave no room for SW1-SW2 are answered with 6F00; a buffer of less than two octets gets nothing.
    pub(crate) fn seal(self, out: &mut [u8]) -> usize {
        let length = if self.length + 2 <= out.len() { Some(self.length) } else { None };
        let sw = length.map_or(StatusWord::NO_PRECISE_DIAGNOSIS, |_| self.sw);
        let length = length.unwrap_or_default();
        let [sw1, sw2] = sw.to_octets();
        match out.get_mut(length..) {
            Some([first, second, ..]) => {
                (*first, *second) = (sw1, sw2);
                length + 2
            }
            _ => 0,
        }
    }
}

/// No data.
impl From<StatusWord> for Answer {
    fn from(sw: StatusWord) -> Self {
        Self { length: 0, sw }
    }
}

/// Writes the parts one after the other to the start of `out`; `None` when they do not fit.
pub(crate) fn put(out: &mut [u8], parts: &[&[u8]]) -> Option<usize> {
    let length = parts.iter().map(|part| part.len()).sum();
    let octets = parts.iter().flat_map(|part| part.iter());
    out.get_mut(..length)?.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
    Some(length)
}

#[cfg(test)]
mod tests {
    use tapcard_iso7816::{Ins, Le};

    use super::*;

    #[test]
    fn a_short_le_is_corrected() {
        let answer = Answer::data(256);
        let command = |le| Command::new(0, Ins::ReadRecord, 1, 0x0C).with_le(Le::new(le).unwrap());
        assert_eq!(answer.wrong_le(&command(255)), Some(Answer::from(StatusWord::new(0x6C00))));
        assert_eq!(answer.wrong_le(&command(256)), None);
        assert_eq!(Answer::data(255).wrong_le(&command(1)), Some(Answer::from(StatusWord::new(0x6CFF))));
        assert_eq!(answer.wrong_le(&command(1).without_le()), None);
    }

    #[test]
    fn data_without_room_for_the_status_are_6f00() {
        let mut out = [1, 2, 3, 4];
        assert_eq!(Answer::data(2).seal(&mut out), 4);
        assert_eq!(out, [1, 2, 0x90, 0x00]);
        assert_eq!(Answer::data(3).seal(&mut out), 2);
        assert_eq!(out[..2], [0x6F, 0x00]);
        assert_eq!(Answer::data(0).seal(&mut out[..1]), 0);
    }

    #[test]
    fn parts_fit_or_not() {
        let mut out = [0; 3];
        assert_eq!(put(&mut out, &[&[1], &[2, 3]]), Some(3));
        assert_eq!(out, [1, 2, 3]);
        assert_eq!(put(&mut out, &[&[1], &[2, 3, 4]]), None);
    }
}

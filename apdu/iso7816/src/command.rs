//! C-APDUs of cases 1 to 4, short and extended (ISO/IEC 7816-4:2005, 5.1; EMV 4.4 Book 3, 6.3).
//!
//! A [`Command`] is what is meant; how it is coded follows from the lengths. How it is carried (T=0 has no case 4) belongs
//! to [`crate::exchange`], what the data mean to the layers above.

use core::fmt;

pub mod parameters;
pub mod parse;

pub use parameters::{Le, Sfi};
pub use parse::CommandError;

use crate::ins::Ins;
use crate::tlv::{CapacityError, Tag};

/// The longest data field of a short command.
pub(crate) const MAX_SHORT_DATA: usize = 255;
/// The longest data field of an extended command.
const MAX_EXTENDED_DATA: usize = 65_535;
/// Octets of Cla, Ins, P1, P2.
pub(crate) const HEADER: usize = 4;

/// A command to the card.
///
/// ```
/// use tapcard_iso7816::{Command, Ins, Le, Sfi};
///
/// let sfi = Sfi::new(1).expect("1 is in range");
/// let mut buffer = [0; 5];
/// let length = Command::read_record(sfi, 2).encode_into(&mut buffer)?;
/// assert_eq!(buffer[..length], [0x00, 0xB2, 0x02, 0x0C, 0x00]);
///
/// let command = Command::parse(&buffer)?;
/// assert_eq!((command.ins(), command.le()), (Ins::ReadRecord, Some(Le::MAX_SHORT)));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    cla: u8,
    ins: Ins,
    p1: u8,
    p2: u8,
    data: &'a [u8],
    le: Option<Le>,
}

impl<'a> Command<'a> {
    /// A command of case 1: no data, none expected.
    #[must_use]
    pub const fn new(cla: u8, ins: Ins, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: &[], le: None }
    }

    /// With this data field; an empty one is none.
    #[must_use]
    pub const fn with_data(mut self, data: &'a [u8]) -> Self {
        self.data = data;
        self
    }

    /// Expecting data.
    #[must_use]
    pub const fn with_le(mut self, le: Le) -> Self {
        self.le = Some(le);
        self
    }

    /// Expecting no data.
    #[must_use]
    pub const fn without_le(mut self) -> Self {
        self.le = None;
        self
    }

    /// With another Cla.
    #[must_use]
    pub const fn with_cla(mut self, cla: u8) -> Self {
        self.cla = cla;
        self
    }

    /// SELECT by name, first or only occurrence (EMV 4.4 Book 1, 11.3): `00 A4 04 00 Lc name 00`.
    #[must_use]
    pub const fn select_name(name: &'a [u8]) -> Self {
        Self::new(0x00, Ins::Select, 0x04, 0x00).with_data(name).with_le(Le::MAX_SHORT)
    }

    /// SELECT by name, next occurrence (EMV 4.4 Book 1, 11.3): `00 A4 04 02 Lc name 00`.
    #[must_use]
    pub const fn select_next(name: &'a [u8]) -> Self {
        Self::new(0x00, Ins::Select, 0x04, 0x02).with_data(name).with_le(Le::MAX_SHORT)
    }

    /// READ RECORD by number in a file (EMV 4.4 Book 1, 11.2): `00 B2 record SFI·8+4 00`.
    #[must_use]
    pub const fn read_record(sfi: Sfi, record: u8) -> Self {
        Self::new(0x00, Ins::ReadRecord, record, sfi.get() << 3 | 0x04).with_le(Le::MAX_SHORT)
    }

    /// READ BINARY of a file by its short identifier (ISO/IEC 7816-4:2005, 7.2.3): `00 B0 80+SFI offset 00`.
    #[must_use]
    pub const fn read_binary_sfi(sfi: Sfi, offset: u8) -> Self {
        Self::new(0x00, Ins::ReadBinary, 0x80 | sfi.get(), offset).with_le(Le::MAX_SHORT)
    }

    /// GET DATA (EMV 4.4 Book 3, 6.5.7): `80 CA tag 00`. P1-P2 are the last two octets of the tag, `00xx` for a tag of one.
    #[must_use]
    pub const fn get_data(tag: Tag) -> Self {
        let [_, _, p1, p2] = tag.get().to_be_bytes();
        Self::new(0x80, Ins::GetData, p1, p2).with_le(Le::MAX_SHORT)
    }

    /// GET PROCESSING OPTIONS (EMV 4.4 Book 3, 6.5.8): `80 A8 00 00 Lc data 00`. `data` is the whole object `83`.
    #[must_use]
    pub const fn get_processing_options(data: &'a [u8]) -> Self {
        Self::new(0x80, Ins::GetProcessingOptions, 0x00, 0x00).with_data(data).with_le(Le::MAX_SHORT)
    }

    /// GET RESPONSE (EMV 4.4 Book 1, 9.3.1.3): `cla C0 00 00 Le`.
    #[must_use]
    pub const fn get_response(cla: u8, le: Le) -> Self {
        Self::new(cla, Ins::GetResponse, 0x00, 0x00).with_le(le)
    }

    /// The class.
    #[must_use]
    pub const fn cla(&self) -> u8 {
        self.cla
    }

    /// The instruction.
    #[must_use]
    pub const fn ins(&self) -> Ins {
        self.ins
    }

    /// The first parameter.
    #[must_use]
    pub const fn p1(&self) -> u8 {
        self.p1
    }

    /// The second parameter.
    #[must_use]
    pub const fn p2(&self) -> u8 {
        self.p2
    }

    /// The data field; empty: none.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// How many octets are expected; `None`: no data.
    #[must_use]
    pub const fn le(&self) -> Option<Le> {
        self.le
    }

    /// Whether it only fits the extended form: more than 255 octets of data, or more than 256 expected.
    #[must_use]
    pub const fn is_extended(&self) -> bool {
        let long_le = match self.le {
            Some(le) => !le.is_short(),
            None => false,
        };
        self.data.len() > MAX_SHORT_DATA || long_le
    }

    /// How many octets [`Command::encode_into`] writes.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        let extended = self.is_extended();
        let lc = match (self.data.is_empty(), extended) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 3,
        };
        let le = match (self.le.is_some(), extended) {
            (false, _) => 0,
            (true, false) => 1,
            // Without Lc, the octet 00 that announces the extended form stands before Le.
            (true, true) => 2 + self.data.is_empty() as usize,
        };
        HEADER + lc + self.data.len() + le
    }

    /// Writes the command to the start of `out` in the short form if it can, else in the extended form; returns its length.
    ///
    /// # Errors
    /// `out` is too short. More than 65535 octets of data do not fit any C-APDU: the capacity is then 65535.
    pub fn encode_into(&self, out: &mut [u8]) -> Result<usize, CapacityError> {
        if self.data.len() > MAX_EXTENDED_DATA {
            return Err(CapacityError { needed: self.data.len(), capacity: MAX_EXTENDED_DATA });
        }
        let (needed, capacity) = (self.encoded_len(), out.len());
        let mut place = out.get_mut(..needed).ok_or(CapacityError { needed, capacity })?.iter_mut();
        let mut put = |octets: &[u8]| place.by_ref().zip(octets).for_each(|(place, octet)| *place = *octet);

        put(&[self.cla, self.ins.octet(), self.p1, self.p2]);
        let extended = self.is_extended();
        if extended {
            put(&[0x00]);
        }
        if !self.data.is_empty() {
            let [.., high, low] = self.data.len().to_be_bytes();
            if extended {
                put(&[high, low]);
            } else {
                put(&[low]);
            }
            put(self.data);
        }
        if let Some(le) = self.le {
            let [high, low] = le.field();
            if extended { put(&[high, low]) } else { put(&[low]) }
        }
        Ok(needed)
    }
}

/// Shows the header and the lengths only: the data may be a PIN.
impl fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cla, ins, p1, p2, data, le } = self;
        write!(f, "Command({cla:02X} {:02X} {p1:02X} {p2:02X}, {} octets", ins.octet(), data.len())?;
        match le {
            Some(le) => write!(f, ", Le {})", le.get()),
            None => f.write_str(")"),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Command<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { cla, ins, p1, p2, data, le } = self;
        let (ins, length, le) = (ins.octet(), data.len(), le.map_or(0, Le::get));
        defmt::write!(f, "Command({=u8:02X} {=u8:02X} {=u8:02X} {=u8:02X}", cla, ins, p1, p2);
        defmt::write!(f, ", {=usize} octets, Le {=u32})", length, le);
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;
    use std::{format, string::ToString};

    use super::*;

    fn encode(command: &Command<'_>) -> Vec<u8> {
        let mut buffer = vec![0; 70_000];
        let length = command.encode_into(&mut buffer).unwrap();
        assert_eq!(length, command.encoded_len());
        buffer.truncate(length);
        buffer
    }

    #[test]
    fn the_builders_write_what_the_standards_say() {
        let sfi = Sfi::new(2).unwrap();
        for (command, octets) in [
            (Command::select_name(b"\xA0\0\0\0\x03"), &b"\x00\xA4\x04\x00\x05\xA0\0\0\0\x03\x00"[..]),
            (Command::select_next(b"\xA0\0\0\0\x03"), b"\x00\xA4\x04\x02\x05\xA0\0\0\0\x03\x00"),
            (Command::read_record(sfi, 3), b"\x00\xB2\x03\x14\x00"),
            (Command::read_binary_sfi(Sfi::new(21).unwrap(), 0), b"\x00\xB0\x95\x00\x00"),
            (Command::get_data(Tag::new(0x9F79)), b"\x80\xCA\x9F\x79\x00"),
            (Command::get_data(Tag::new(0x5A)), b"\x80\xCA\x00\x5A\x00"),
            (Command::get_processing_options(b"\x83\x00"), b"\x80\xA8\x00\x00\x02\x83\x00\x00"),
            (Command::get_response(0x01, Le::from_octet(0x1C)), b"\x01\xC0\x00\x00\x1C"),
        ] {
            assert_eq!(encode(&command), octets);
        }
    }

    #[test]
    fn the_form_follows_from_the_lengths() {
        let header = Command::new(0x00, Ins::PutData, 0x12, 0x34);
        let le = |octets| Le::new(octets).unwrap();
        let long = [0x55; 256];
        assert_eq!(encode(&header), [0x00, 0xDA, 0x12, 0x34]);
        assert_eq!(encode(&header.with_le(le(256)))[4..], [0x00]);
        assert_eq!(encode(&header.with_le(le(257)))[4..], [0x00, 0x01, 0x01]);
        assert_eq!(encode(&header.with_le(Le::MAX_EXTENDED))[4..], [0x00, 0x00, 0x00]);
        assert_eq!(encode(&header.with_data(&[0x55]))[4..], [0x01, 0x55]);
        assert_eq!(encode(&header.with_data(&long[..255]))[4..6], [0xFF, 0x55]);
        assert_eq!(encode(&header.with_data(&long))[4..8], [0x00, 0x01, 0x00, 0x55]);
        assert_eq!(encode(&header.with_data(&[0x55]).with_le(le(9)))[4..], [0x01, 0x55, 0x09]);
        assert_eq!(encode(&header.with_data(&[0x55]).with_le(le(300)))[4..], [0x00, 0x00, 0x01, 0x55, 0x01, 0x2C]);
        let both = encode(&header.with_data(&long).with_le(le(9)));
        assert_eq!((both.len(), &both[263..]), (265, &[0x00, 0x09][..]));
    }

    #[test]
    fn a_buffer_that_is_too_short_is_refused() {
        let command = Command::select_name(b"1PAY.SYS.DDF01");
        for capacity in 0..20 {
            let error = CapacityError { needed: 20, capacity };
            assert_eq!(command.encode_into(&mut [0; 20][..capacity]), Err(error));
        }
        assert_eq!(command.encode_into(&mut [0; 20]), Ok(20));
    }

    #[test]
    fn more_data_than_lc_can_say_are_refused() {
        let data = vec![0; 65_536];
        let command = Command::new(0x00, Ins::PutData, 0, 0).with_data(&data);
        let error = CapacityError { needed: 65_536, capacity: 65_535 };
        assert_eq!(command.encode_into(&mut vec![0; 70_000]), Err(error));
        assert_eq!(encode(&command.with_data(&data[1..])).len(), 4 + 3 + 65_535);
    }

    #[test]
    fn debug_shows_no_data() {
        let verify = Command::new(0x00, Ins::Verify, 0x00, 0x80).with_data(&[0x24, 0x12, 0x34, 0xFF]);
        assert_eq!(format!("{verify:?}"), "Command(00 20 00 80, 4 octets)");
        assert_eq!(format!("{:?}", verify.with_le(Le::MAX_SHORT)), "Command(00 20 00 80, 4 octets, Le 256)");
        assert_eq!(Sfi::new(21).unwrap().to_string(), "21");
    }
}

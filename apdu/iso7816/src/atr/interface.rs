//! Interface octets TA, TB, TC, TD and what they say (ISO/IEC 7816-3:2006, 8.2.3 and 8.3; 10.2 for T=0, 11.4 for T=1).

use core::fmt;

use crate::atr::{Atr, AtrError};

/// Which of the four octets of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InterfaceName {
    /// TA.
    Ta,
    /// TB.
    Tb,
    /// TC.
    Tc,
    /// TD: which octets the next group has, and the protocol that it is for.
    Td,
}

/// As in the standard: `TA`.
impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ta => "TA",
            Self::Tb => "TB",
            Self::Tc => "TC",
            Self::Td => "TD",
        })
    }
}

/// One interface octet; with `name` and `index` it is called TA1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InterfaceByte {
    /// TA, TB, TC or TD.
    pub name: InterfaceName,
    /// Number of its group, from 1.
    pub index: u8,
    /// T of the TD octet that announced the group; `None` in the first group.
    pub protocol: Option<u8>,
    /// The octet.
    pub value: u8,
    /// Where it stands in the ATR.
    pub offset: usize,
}

impl InterfaceByte {
    /// The protocol T that a TD octet offers; 15 announces global octets and is no protocol.
    pub(crate) const fn announces(&self) -> Option<u8> {
        match self.name {
            InterfaceName::Td => Some(self.value & 0x0F),
            _ => None,
        }
    }
}

/// Walks the groups: T0 or a TD octet says in its upper half which octets the next group has.
#[derive(Clone)]
pub(crate) struct InterfaceBytes<'a> {
    rest: &'a [u8],
    offset: usize,
    /// Bits 4 to 1: which of TD, TC, TB, TA of this group are still to come.
    to_come: u8,
    index: u8,
    protocol: Option<u8>,
}

impl<'a> InterfaceBytes<'a> {
    pub(crate) const fn new(t0: u8, rest: &'a [u8], offset: usize) -> Self {
        Self { rest, offset, to_come: t0 >> 4, index: 1, protocol: None }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl Iterator for InterfaceBytes<'_> {
    type Item = Result<InterfaceByte, AtrError>;

    fn next(&mut self) -> Option<Self::Item> {
        let name = match self.to_come.trailing_zeros() {
            0 => InterfaceName::Ta,
            1 => InterfaceName::Tb,
            2 => InterfaceName::Tc,
            3 => InterfaceName::Td,
            _ => return None,
        };
        let (index, offset) = (self.index, self.offset);
        let Some((&value, rest)) = self.rest.split_first() else {
            self.to_come = 0;
            return Some(Err(AtrError::InterfaceTruncated { offset, name, index }));
        };
        let byte = InterfaceByte { name, index, protocol: self.protocol, value, offset };
        self.rest = rest;
        self.offset += 1;
        match byte.announces() {
            // The index cannot overflow: an ATR of 33 octets has fewer groups.
            Some(protocol) => (self.to_come, self.index, self.protocol) = (value >> 4, index + 1, Some(protocol)),
            None => self.to_come &= self.to_come - 1,
        }
        Some(Ok(byte))
    }
}

/// Fi and Di, the factors of speed (ISO/IEC 7816-3:2006, 8.3, tables 7 and 8); `None`: reserved value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Speed {
    /// Clock rate conversion integer: so many clock cycles are Di bits.
    pub fi: Option<u16>,
    /// Baud rate adjustment integer.
    pub di: Option<u8>,
    /// The highest clock frequency in kHz.
    pub max_clock_khz: Option<u32>,
}

/// TA2: the card is in specific mode, it runs one protocol without negotiation (ISO/IEC 7816-3:2006, 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SpecificMode {
    /// The protocol T.
    pub protocol: u8,
    /// Whether a reset can bring the card to negotiable mode.
    pub can_change: bool,
    /// Whether Fi and Di are implied by the card; otherwise TA1 holds.
    pub implicit_speed: bool,
}

/// Which check the blocks of T=1 carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Edc {
    /// LRC, one octet.
    Lrc,
    /// CRC, two octets.
    Crc,
}

/// What the ATR says for T=1, with the values that hold where it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct T1Parameters {
    /// Longest information field that the card takes, in octets; 0 and 255 are reserved.
    pub ifsc: u8,
    /// Block waiting time integer; above 9 is reserved.
    pub bwi: u8,
    /// Character waiting time integer.
    pub cwi: u8,
    /// The error detection code.
    pub edc: Edc,
}

impl Atr<'_> {
    /// The value of one interface octet by name and number.
    #[must_use]
    pub fn interface(&self, name: InterfaceName, index: u8) -> Option<u8> {
        self.interface_bytes().find(|byte| (byte.name, byte.index) == (name, index)).map(|byte| byte.value)
    }

    /// The first octet of a name from group 3 on that is for this T; in groups 1 and 2 octets have fixed meanings.
    fn specific(&self, name: InterfaceName, protocol: u8) -> Option<u8> {
        let fits = |byte: &InterfaceByte| byte.name == name && byte.index > 2 && byte.protocol == Some(protocol);
        self.interface_bytes().find(fits).map(|byte| byte.value)
    }

    /// The protocols T that are offered, in order; T=0 where the ATR names none.
    pub fn protocols(&self) -> impl Iterator<Item = u8> {
        let named = self.interface_bytes().filter_map(|byte| byte.announces()).filter(|protocol| *protocol != 15);
        let silent = named.clone().next().is_none();
        silent.then_some(0).into_iter().chain(named)
    }

    /// The protocol that runs without negotiation: that of TA2, else the first offered.
    #[must_use]
    pub fn default_protocol(&self) -> u8 {
        match self.specific_mode() {
            Some(mode) => mode.protocol,
            None => self.protocols().next().unwrap_or(0),
        }
    }

    /// TA1, or Fi = 372 and Di = 1 where it is absent.
    #[must_use]
    pub fn speed(&self) -> Speed {
        let ta1 = self.interface(InterfaceName::Ta, 1).unwrap_or(0x11);
        let (fi, max_clock_khz) = match ta1 >> 4 {
            0 => (372, 4_000),
            1 => (372, 5_000),
            2 => (558, 6_000),
            3 => (744, 8_000),
            4 => (1116, 12_000),
            5 => (1488, 16_000),
            6 => (1860, 20_000),
            9 => (512, 5_000),
            10 => (768, 7_500),
            11 => (1024, 10_000),
            12 => (1536, 15_000),
            13 => (2048, 20_000),
            _ => (0, 0),
        };
        let di = match ta1 & 0x0F {
            low @ 1..=7 => 1 << (low - 1),
            8 => 12,
            9 => 20,
            _ => 0,
        };
        Speed {
            fi: (fi != 0).then_some(fi),
            di: (di != 0).then_some(di),
            max_clock_khz: (fi != 0).then_some(max_clock_khz),
        }
    }

    /// TA2, if the card is in specific mode.
    #[must_use]
    pub fn specific_mode(&self) -> Option<SpecificMode> {
        let ta2 = self.interface(InterfaceName::Ta, 2)?;
        Some(SpecificMode { protocol: ta2 & 0x0F, can_change: ta2 & 0x80 == 0, implicit_speed: ta2 & 0x10 != 0 })
    }

    /// TC1: the extra guard time N that the card needs between characters; 255 is the shortest that T allows.
    #[must_use]
    pub fn extra_guard_time(&self) -> u8 {
        self.interface(InterfaceName::Tc, 1).unwrap_or(0)
    }

    /// TC2: the waiting time integer WI of T=0; 0 is reserved.
    #[must_use]
    pub fn waiting_time_integer(&self) -> u8 {
        self.interface(InterfaceName::Tc, 2).unwrap_or(10)
    }

    /// TA, TB, TC for T=1; `None` if T=1 is not offered.
    #[must_use]
    pub fn t1_parameters(&self) -> Option<T1Parameters> {
        self.protocols().find(|protocol| *protocol == 1)?;
        let tb = self.specific(InterfaceName::Tb, 1).unwrap_or(0x4D);
        let tc = self.specific(InterfaceName::Tc, 1).unwrap_or(0);
        Some(T1Parameters {
            ifsc: self.specific(InterfaceName::Ta, 1).unwrap_or(32),
            bwi: tb >> 4,
            cwi: tb & 0x0F,
            edc: if tc & 0x01 == 0 { Edc::Lrc } else { Edc::Crc },
        })
    }

    /// TA for T=15, bits 6 to 1: classes of supply voltage, A (5 V) lowest; class A where the ATR says nothing.
    #[must_use]
    pub fn voltage_classes(&self) -> u8 {
        self.specific(InterfaceName::Ta, 15).map_or(0x01, |ta| ta & 0x3F)
    }

    /// TA for T=15, bits 8 and 7: 0 the clock must not stop, 1 it may at low, 2 at high, 3 at either.
    #[must_use]
    pub fn clock_stop(&self) -> u8 {
        self.specific(InterfaceName::Ta, 15).map_or(0, |ta| ta >> 6)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    /// An ATR of interface octets only; TCK is left out, which parses.
    fn atr(octets: &[u8]) -> Atr<'_> {
        Atr::parse(octets).unwrap()
    }

    #[test]
    fn absent_octets_have_the_values_of_the_standard() {
        let atr = atr(&[0x3B, 0x00]);
        assert_eq!(atr.speed(), Speed { fi: Some(372), di: Some(1), max_clock_khz: Some(5_000) });
        assert_eq!((atr.extra_guard_time(), atr.waiting_time_integer()), (0, 10));
        assert_eq!((atr.specific_mode(), atr.t1_parameters()), (None, None));
        assert_eq!((atr.voltage_classes(), atr.clock_stop(), atr.default_protocol()), (1, 0, 0));
    }

    #[test]
    fn ta1_says_the_speed() {
        let speed = |ta1| atr(&[0x3B, 0x10, ta1]).speed();
        assert_eq!(speed(0x96), Speed { fi: Some(512), di: Some(32), max_clock_khz: Some(5_000) });
        assert_eq!(speed(0x18), Speed { fi: Some(372), di: Some(12), max_clock_khz: Some(5_000) });
        assert_eq!(speed(0xD7), Speed { fi: Some(2048), di: Some(64), max_clock_khz: Some(20_000) });
        assert_eq!(speed(0xA9), Speed { fi: Some(768), di: Some(20), max_clock_khz: Some(7_500) });
        assert_eq!(speed(0x70), Speed { fi: None, di: None, max_clock_khz: None });
    }

    #[test]
    fn ta2_says_the_specific_mode() {
        let atr = atr(&[0x3B, 0x80, 0x10, 0x91]);
        let mode = SpecificMode { protocol: 1, can_change: false, implicit_speed: true };
        assert_eq!((atr.specific_mode(), atr.default_protocol()), (Some(mode), 1));
    }

    #[test]
    fn tc1_and_tc2_are_guard_time_and_waiting_time() {
        let atr = atr(&[0x3B, 0xC0, 0xFF, 0x40, 0x0F]);
        assert_eq!((atr.extra_guard_time(), atr.waiting_time_integer()), (255, 15));
    }

    #[test]
    fn t1_has_its_parameters_from_group_3_on() {
        // TD1 T=1 with TA2; TD2 T=1 with TA3, TB3, TC3.
        let all = atr(&[0x3B, 0x80, 0x91, 0x05, 0x71, 0x40, 0x35, 0x01]);
        let parameters = T1Parameters { ifsc: 0x40, bwi: 3, cwi: 5, edc: Edc::Crc };
        assert_eq!(all.t1_parameters(), Some(parameters));
        let none = atr(&[0x3B, 0x80, 0x01]);
        assert_eq!(none.t1_parameters(), Some(T1Parameters { ifsc: 32, bwi: 4, cwi: 13, edc: Edc::Lrc }));
    }

    #[test]
    fn octets_for_other_protocols_are_not_mistaken() {
        // T=0 first, T=1 in group 3, T=15 in group 4.
        let atr = atr(&[0x3B, 0x80, 0x80, 0x91, 0x20, 0x1F, 0xC7]);
        assert_eq!(atr.t1_parameters().map(|parameters| parameters.ifsc), Some(0x20));
        assert_eq!((atr.voltage_classes(), atr.clock_stop()), (0x07, 3));
        assert_eq!(atr.protocols().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(atr.interface(InterfaceName::Ta, 4), Some(0xC7));
        assert_eq!(atr.interface(InterfaceName::Tb, 4), None);
        assert_eq!((InterfaceName::Tc.to_string(), atr.default_protocol()), ("TC".to_string(), 0));
    }

    #[test]
    fn a_protocol_that_comes_twice_is_told_twice() {
        assert!(atr(&[0x3B, 0x80, 0x81, 0x01]).protocols().eq([1, 1]));
    }
}

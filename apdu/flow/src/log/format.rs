//! How the log looks in the flash: two headers and a mark, all of fixed size, each with its own checksum.
//!
//! ```text
//! half     A1 54 4C 31 | generation 4 | next sequence number 4 | CRC-32 of these 12
//! mark     C3 4F 4B 3C                       "the other half is erased", written last
//! record   A5 | kind 1 | length 2 | sequence number 4 | CRC-32 of these 8
//!          record | CRC-32 of the first 8 octets of the header and the record
//! ```
//!
//! Numbers are big-endian. Every part begins at a multiple of the flash's write size; what is left of the last word stays
//! erased (FF). No part begins with FF, so that a part of which only the first word was programmed is not taken for erased.

use crate::checksum::Crc32;

/// Octets of the header of a half.
pub(super) const HALF_HEADER: usize = 16;
/// Octets of the mark behind it.
pub(super) const MARK: [u8; 4] = [0xC3, 0x4F, 0x4B, 0x3C];
/// Octets of the header of a record.
pub(super) const RECORD_HEADER: usize = 12;
/// Octets of the checksum behind a record.
pub(super) const CHECK: usize = 4;
/// What an erased octet reads as.
pub(super) const ERASED: u8 = 0xFF;

const HALF_MAGIC: [u8; 4] = [0xA1, b'T', b'L', b'1'];
const RECORD_MAGIC: u8 = 0xA5;

/// The header of a half that holds a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HalfHeader {
    /// Counts the compactions.
    pub(super) generation: u32,
    /// Above every sequence number that was given away when this half was begun.
    pub(super) next_seq: u32,
}

impl HalfHeader {
    pub(super) fn encode(self) -> [u8; HALF_HEADER] {
        let [g0, g1, g2, g3] = self.generation.to_be_bytes();
        let [s0, s1, s2, s3] = self.next_seq.to_be_bytes();
        let [m0, m1, m2, m3] = HALF_MAGIC;
        let [c0, c1, c2, c3] = check(&[m0, m1, m2, m3, g0, g1, g2, g3, s0, s1, s2, s3]);
        [m0, m1, m2, m3, g0, g1, g2, g3, s0, s1, s2, s3, c0, c1, c2, c3]
    }

    pub(super) fn decode(octets: [u8; HALF_HEADER]) -> Option<Self> {
        let [_, _, _, _, g0, g1, g2, g3, s0, s1, s2, s3, ..] = octets;
        let header =
            Self { generation: u32::from_be_bytes([g0, g1, g2, g3]), next_seq: u32::from_be_bytes([s0, s1, s2, s3]) };
        (header.encode() == octets).then_some(header)
    }

    /// Which of two headers is the later one; generations may wrap.
    pub(super) fn follows(self, other: Self) -> bool {
        let distance = self.generation.wrapping_sub(other.generation);
        distance != 0 && distance < 0x8000_0000
    }
}

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordHeader {
    pub(super) kind: u8,
    pub(super) length: u16,
    pub(super) seq: u32,
}

impl RecordHeader {
    fn covered(self) -> [u8; 8] {
        let [l0, l1] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.seq.to_be_bytes();
        [RECORD_MAGIC, self.kind, l0, l1, s0, s1, s2, s3]
    }

    pub(super) fn encode(self) -> [u8; RECORD_HEADER] {
        let [m, k, l0, l1, s0, s1, s2, s3] = self.covered();
        let [c0, c1, c2, c3] = check(&self.covered());
        [m, k, l0, l1, s0, s1, s2, s3, c0, c1, c2, c3]
    }

    pub(super) fn decode(octets: [u8; RECORD_HEADER]) -> Option<Self> {
        let [_, kind, l0, l1, s0, s1, s2, s3, ..] = octets;
        let header = Self { kind, length: u16::from_be_bytes([l0, l1]), seq: u32::from_be_bytes([s0, s1, s2, s3]) };
        (header.encode() == octets).then_some(header)
    }

    /// The checksum that stands behind the record.
    pub(super) fn check(self, record: &[u8]) -> [u8; CHECK] {
        Crc32::new().with(&self.covered()).with(record).value().to_be_bytes()
    }
}

fn check(octets: &[u8]) -> [u8; CHECK] {
    Crc32::new().with(octets).value().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_as_they_were() {
        let half = HalfHeader { generation: 7, next_seq: 0x0102_0304 };
        assert_eq!(HalfHeader::decode(half.encode()), Some(half));
        let record = RecordHeader { kind: 0xFF, length: 512, seq: 9 };
        assert_eq!(RecordHeader::decode(record.encode()), Some(record));
    }

    #[test]
    fn a_header_with_any_bit_changed_is_none() {
        let octets = RecordHeader { kind: 1, length: 3, seq: 9 }.encode();
        for bit in 0..8 * RECORD_HEADER {
            let mut broken = octets;
            broken[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHeader::decode(broken), None, "bit {bit}");
        }
        let octets = HalfHeader { generation: 1, next_seq: 0 }.encode();
        for bit in 0..8 * HALF_HEADER {
            let mut broken = octets;
            broken[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(HalfHeader::decode(broken), None, "bit {bit}");
        }
    }

    #[test]
    fn generations_are_ordered_across_the_wrap() {
        let of = |generation| HalfHeader { generation, next_seq: 0 };
        assert!(of(2).follows(of(1)));
        assert!(!of(1).follows(of(2)));
        assert!(!of(1).follows(of(1)));
        assert!(of(0).follows(of(u32::MAX)));
        assert!(!of(u32::MAX).follows(of(0)));
    }
}

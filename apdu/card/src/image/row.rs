//! A row of an image's table.

use core::cmp::Ordering;

/// Octets of a row.
pub(super) const ENTRY: usize = 12;

/// An entry of the table as it stands there.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) application: u8,
    pub(super) kind: u8,
    pub(super) length: u16,
    pub(super) number: u32,
    pub(super) offset: u32,
}

impl Row {
    pub(super) fn decode(octets: &[u8]) -> Option<Self> {
        let [application, kind, l0, l1, n0, n1, n2, n3, o0, o1, o2, o3] = *octets else { return None };
        Some(Self {
            application,
            kind,
            length: u16::from_be_bytes([l0, l1]),
            number: u32::from_be_bytes([n0, n1, n2, n3]),
            offset: u32::from_be_bytes([o0, o1, o2, o3]),
        })
    }

    pub(super) fn encode(self) -> [u8; ENTRY] {
        let [l0, l1] = self.length.to_be_bytes();
        let [n0, n1, n2, n3] = self.number.to_be_bytes();
        let [o0, o1, o2, o3] = self.offset.to_be_bytes();
        [self.application, self.kind, l0, l1, n0, n1, n2, n3, o0, o1, o2, o3]
    }

    pub(super) fn order(self, application: u8, (kind, number): (u8, u32)) -> Ordering {
        (self.application, self.kind, self.number).cmp(&(application, kind, number))
    }

    pub(super) fn value(self, image: &[u8]) -> Option<&[u8]> {
        let start = self.offset as usize;
        image.get(start..start.checked_add(usize::from(self.length))?)
    }
}

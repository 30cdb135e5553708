//! Writes BER-TLV into the caller's buffer, lengths in the shortest form (EMV 4.4 Book 3, Annex B2).
//!
//! The order of objects and what they mean is left to the caller.

use super::tag::Tag;

/// A buffer is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{needed} octets are needed, the buffer has {capacity}")]
pub struct CapacityError {
    /// How many octets the buffer would need to have for what was written so far and this.
    pub needed: usize,
    /// How many octets it has.
    pub capacity: usize,
}

/// Appends data objects to the caller's buffer. An object that does not fit leaves what was written before as it is.
///
/// ```
/// use tapcard_iso7816::{Tag, TlvWriter};
///
/// let mut buffer = [0; 16];
/// let mut writer = TlvWriter::new(&mut buffer);
/// writer.constructed(Tag::new(0x6F), |fci| {
///     fci.primitive(Tag::new(0x84), &[0xA0, 0x00])?;
///     fci.constructed(Tag::new(0xA5), |_| Ok(()))
/// })?;
/// assert_eq!(writer.written(), [0x6F, 0x06, 0x84, 0x02, 0xA0, 0x00, 0xA5, 0x00]);
/// # Ok::<(), tapcard_iso7816::CapacityError>(())
/// ```
pub struct TlvWriter<'b> {
    out: &'b mut [u8],
    written: usize,
}

impl<'b> TlvWriter<'b> {
    /// Writes to the start of `out`.
    #[must_use]
    pub const fn new(out: &'b mut [u8]) -> Self {
        Self { out, written: 0 }
    }

    /// Appends one object with the value as given.
    ///
    /// # Errors
    /// The object does not fit.
    pub fn primitive(&mut self, tag: Tag, value: &[u8]) -> Result<(), CapacityError> {
        let (length, length_octets) = length_field(value.len())?;
        let header = tag.octet_count() + length_octets;
        let free = self.claim(header + value.len())?;
        let tag_octets = tag.encode_into(free)?;
        copy_to(free, tag_octets, length.get(..length_octets).unwrap_or_default());
        copy_to(free, header, value);
        self.written += header + value.len();
        Ok(())
    }

    /// Appends one object whose value is what `fill` writes; that writer sees only the value.
    ///
    /// # Errors
    /// The object does not fit, or `fill` fails.
    pub fn constructed(
        &mut self,
        tag: Tag,
        fill: impl FnOnce(&mut TlvWriter<'_>) -> Result<(), CapacityError>,
    ) -> Result<(), CapacityError> {
        // The value is written where it belongs if its length takes one octet, and moved up if that is not enough.
        let guess = tag.octet_count() + 1;
        let capacity = self.out.len();
        let start = self.written + guess;
        let mut inner = TlvWriter::new(self.claim(guess)?.get_mut(guess..).unwrap_or_default());
        fill(&mut inner).map_err(|inner| CapacityError { needed: start + inner.needed, capacity })?;
        let value_len = inner.written;

        let (length, length_octets) = length_field(value_len)?;
        let header = tag.octet_count() + length_octets;
        let free = self.claim(header + value_len)?;
        free.copy_within(guess..guess + value_len, header);
        let tag_octets = tag.encode_into(free)?;
        copy_to(free, tag_octets, length.get(..length_octets).unwrap_or_default());
        self.written += header + value_len;
        Ok(())
    }

    /// Appends octets as they are: objects encoded before, or fill.
    ///
    /// # Errors
    /// The octets do not fit.
    pub fn raw(&mut self, octets: &[u8]) -> Result<(), CapacityError> {
        copy_to(self.claim(octets.len())?, 0, octets);
        self.written += octets.len();
        Ok(())
    }

    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.out.get(..self.written).unwrap_or_default()
    }

    /// How many octets were written.
    #[must_use]
    pub const fn finish(self) -> usize {
        self.written
    }

    /// The free part of the buffer, which has at least `count` octets.
    fn claim(&mut self, count: usize) -> Result<&mut [u8], CapacityError> {
        let capacity = self.out.len();
        let needed = self.written.saturating_add(count);
        self.out.get_mut(self.written..).filter(|_| needed <= capacity).ok_or(CapacityError { needed, capacity })
    }
}

/// Copies to a place that `claim` has made sure of.
fn copy_to(out: &mut [u8], offset: usize, octets: &[u8]) {
    if let Some(place) = out.get_mut(offset..offset + octets.len()) {
        place.copy_from_slice(octets);
    }
}

/// The shortest length field and how many of its octets count.
fn length_field(length: usize) -> Result<([u8; 5], usize), CapacityError> {
    let Ok(length) = u32::try_from(length) else {
        return Err(CapacityError { needed: length, capacity: u32::MAX as usize });
    };
    let [a, b, c, d] = length.to_be_bytes();
    Ok(match length {
        0..=0x7F => ([d, 0, 0, 0, 0], 1),
        0x80..=0xFF => ([0x81, d, 0, 0, 0], 2),
        0x100..=0xFFFF => ([0x82, c, d, 0, 0], 3),
        0x1_0000..=0xFF_FFFF => ([0x83, b, c, d, 0], 4),
        _ => ([0x84, a, b, c, d], 5),
    })
}

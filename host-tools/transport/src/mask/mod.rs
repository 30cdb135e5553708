//! What recordings, traces and reports must not show: account numbers, track data, names, PINs and keys.
//!
//! The dictionary of `tapcard-emv` says what an object is. Octets without a known meaning are searched for what looks like an
//! account number or track 2, and an account number that was seen once is hidden wherever it stands afterwards. Lengths and
//! TLV structure stay, and one account number always becomes the same, so that what was masked can be read as a card again.
//!
//! Left alone is what a reading needs and no account number can be in: AFL, DOLs, AIDs, amounts, dates, certificates.

mod hide;
mod masked;
mod search;
mod secret;

pub use masked::Masked;
pub use secret::in_command as carries_secret;

use std::ops::Range;

use tapcard_emv::tags::{DataObject, Format, Sensitivity, meanings};
use tapcard_iso7816::{Command, Ins, Tag, Walk};

use hide::SEPARATOR;

/// Hides what must not be seen in everything that passes through it.
pub struct Masker {
    hide: Sensitivity,
    pans: Vec<Vec<u8>>,
    variant: u8,
    /// INS of the last command that was no GET RESPONSE: it says what the data are.
    asked: Option<Ins>,
}

impl Masker {
    /// Hides every object of class `hide` and above.
    ///
    /// ```
    /// use tapcard_emv::tags::{Sensitivity, tag};
    /// use tapcard_transport::Masker;
    ///
    /// let pan = [0x62, 0x10, 0x94, 0x80, 0x00, 0x00, 0x00, 0x11];
    /// let masked = Masker::new(Sensitivity::Pan).value(tag::PAN, &pan);
    /// assert_eq!(masked.hex(), "621094******0011");
    /// ```
    #[must_use]
    pub const fn new(hide: Sensitivity) -> Self {
        Self { hide, pans: Vec::new(), variant: 0, asked: None }
    }

    /// With other filler; a recording takes the one that makes the fewest accidental numbers.
    pub(crate) const fn with_variant(mut self, variant: u8) -> Self {
        self.variant = variant;
        self
    }

    /// A C-APDU: PINs and keys are hidden, account numbers and names in what is written to the card, and account numbers that
    /// were seen before.
    pub fn command(&mut self, command: &[u8]) -> Masked {
        let mut masked = Masked::plain(command);
        match Command::parse(command) {
            _ if secret::in_command(command) => {
                // To the end: with a wrong Lc, what looks like Le is a part of the secret.
                (secret::data_of(command).start..command.len()).for_each(|index| masked.hide_octet(index, 0));
            }
            Ok(parsed) => self.written(&mut masked, &parsed),
            Err(_) => {}
        }
        self.known_pans(&mut masked, 0..command.len());
        masked
    }

    /// The data of the commands that write to the card.
    fn written(&mut self, masked: &mut Masked, command: &Command<'_>) {
        let data = command.data();
        let hidden = match command.ins() {
            Ins::PutData => {
                let tag = Tag::new(u32::from(u16::from_be_bytes([command.p1(), command.p2()])));
                self.value(tag, data)
            }
            Ins::UpdateRecord | Ins::WriteRecord | Ins::AppendRecord if data.first() == Some(&0x70) => self.tlv(data),
            Ins::PutDataTlv | Ins::UpdateRecordTlv | Ins::UpdateBinaryTlv | Ins::WriteBinaryTlv => self.tlv(data),
            Ins::UpdateRecord | Ins::WriteRecord | Ins::AppendRecord | Ins::UpdateBinary | Ins::WriteBinary => {
                self.raw(data)
            }
            _ => return,
        };
        masked.overlay(secret::data_of(masked.octets()).start, &hidden);
    }

    /// An R-APDU with SW1-SW2 last, as the answer to `command`.
    pub fn answer(&mut self, command: &[u8], answer: &[u8]) -> Masked {
        let mut masked = Masked::plain(answer);
        let end = answer.len().saturating_sub(2);
        let data = answer.get(..end).unwrap_or_default();
        match command.get(1).copied().map(Ins::from) {
            Some(Ins::GetResponse) => {}
            asked => self.asked = asked,
        }
        let broken_at = if self.is_tlv(data) { self.objects(&mut masked, data) } else { 0 };
        self.search(&mut masked, broken_at..end, true);
        self.known_pans(&mut masked, 0..end);
        masked
    }

    /// The value of one object.
    pub fn value(&mut self, tag: Tag, value: &[u8]) -> Masked {
        if tag.is_constructed() {
            return self.tlv(value);
        }
        let mut masked = Masked::plain(value);
        self.object(&mut masked, tag, 0..value.len());
        self.known_pans(&mut masked, 0..value.len());
        masked
    }

    /// Data objects one after the other, whole or broken.
    pub fn tlv(&mut self, data: &[u8]) -> Masked {
        let mut masked = Masked::plain(data);
        let broken_at = self.objects(&mut masked, data);
        self.search(&mut masked, broken_at..data.len(), true);
        self.known_pans(&mut masked, 0..data.len());
        masked
    }

    /// Octets of unknown meaning, such as a log record.
    pub fn raw(&mut self, octets: &[u8]) -> Masked {
        let mut masked = Masked::plain(octets);
        self.search(&mut masked, 0..octets.len(), true);
        self.known_pans(&mut masked, 0..octets.len());
        masked
    }

    /// Whether the data of an answer are TLV: log records and files of purses are not.
    fn is_tlv(&self, data: &[u8]) -> bool {
        match self.asked {
            Some(Ins::ReadRecord | Ins::ReadBinary) => data.first() == Some(&0x70),
            _ => matches!(Walk::new(data).next(), Some(Ok(_))),
        }
    }

    /// Masks every object in `data`, which stands at the start of `masked`; returns where nothing can be made of it.
    fn objects(&mut self, masked: &mut Masked, data: &[u8]) -> usize {
        let mut base = 0;
        while let Some(rest) = data.get(base..).filter(|rest| !rest.is_empty()) {
            let mut broken = None;
            for object in Walk::new(rest) {
                match object {
                    Ok((_, object)) if !object.tag.is_constructed() => {
                        let start = base + object.offset + object.header;
                        self.object(masked, object.tag, start..start + object.value.len());
                    }
                    Ok(_) => {}
                    Err(error) => broken = Some(base + error.offset),
                }
            }
            let Some(offset) = broken else { break };
            let Some((tag, start, length)) = broken_header(data, offset) else {
                self.search_inside(masked, offset..data.len());
                return offset;
            };
            if tag.is_constructed() {
                base = start;
            } else {
                let end = data.len().min(start.saturating_add(length));
                self.object(masked, tag, start..end);
                self.search(masked, start..end, true);
                self.search_inside(masked, offset..end);
                base = end;
            }
        }
        data.len()
    }

    fn object(&mut self, masked: &mut Masked, tag: Tag, at: Range<usize>) {
        let value = masked.octets().get(at.clone()).unwrap_or_default().to_vec();
        let meaning = meaning(tag, &value);
        let class = meaning.map_or(Sensitivity::Plain, |row| row.class);
        let is_text = matches!(meaning.map(|row| row.format), Some(Format::A | Format::An | Format::Ans));
        match class {
            _ if class < self.hide => match meaning.map(|row| row.format) {
                None | Some(Format::Cn | Format::Var) => self.search(masked, at, true),
                Some(_) if is_text => self.search(masked, at, false),
                Some(_) => {}
            },
            Sensitivity::Plain => {}
            Sensitivity::Name if is_text => self.hide_text(masked, at),
            Sensitivity::Name => at.for_each(|index| masked.hide_octet(index, 0)),
            Sensitivity::Pan if is_text => self.hide_middle(masked, at),
            Sensitivity::Pan => self.hide_cn(masked, at),
            Sensitivity::Track if is_text => self.hide_track1(masked, at),
            Sensitivity::Track => self.hide_track2(masked, 2 * at.start..2 * at.end),
            Sensitivity::Secret => at.for_each(|index| masked.hide_octet(index, 0)),
        }
    }
}

/// The meaning of a value that hides most, unless length or shape speak for a harmless one.
fn meaning(tag: Tag, value: &[u8]) -> Option<&'static DataObject> {
    let rows = meanings(tag);
    let fitting: Vec<_> = rows.iter().filter(|row| row.accepts_length(value.len())).collect();
    let strictest = fitting.iter().copied().max_by_key(|row| row.class).or(rows.iter().max_by_key(|row| row.class))?;
    let fixed = fitting.iter().find(|row| row.class == Sensitivity::Plain && row.min_len == row.max_len);
    // 9F6B is track 2 on some cards and a limit of six octets on others; only track 2 has the separator.
    let has_separator = value.iter().any(|octet| octet >> 4 == SEPARATOR || octet & 0x0F == SEPARATOR);
    let is_other = strictest.class == Sensitivity::Name || !has_separator;
    Some(fixed.copied().filter(|_| is_other).unwrap_or(strictest))
}

/// Tag, start and length of an object that does not fit where it stands: a lying length must not show what it hides.
fn broken_header(data: &[u8], offset: usize) -> Option<(Tag, usize, usize)> {
    let field = data.get(offset..)?;
    let (tag, tag_len) = Tag::parse(field).ok()?;
    let (first, behind) = field.get(tag_len..)?.split_first()?;
    let more = if *first < 0x80 { 0 } else { usize::from(first & 0x7F) };
    let length = match behind.get(..more).filter(|_| more <= 4)? {
        [] => usize::from(*first),
        octets => octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
    };
    Some((tag, offset + tag_len + 1 + more, length)).filter(|(_, start, _)| *start <= data.len())
}

#[cfg(test)]
mod tests;

//! Cyclic log files: the newest record is record 1, and the oldest makes room for it (JR/T 0025; EMV 4.4 Book 3, 6.5.11 leaves
//! their order to the card).
//!
//! A record is written once, to slot `count mod size`, and never moved: one new line costs one value and the counter.

use tapcard_iso7816::Sfi;

use super::{Changes, State};
use crate::image::{Image, Key};

impl State {
    /// How many lines were ever written to a log file, modulo 65536.
    fn log_count(&self, application: u8, sfi: Sfi) -> u16 {
        match self.get(application, Key::LogCount(sfi)) {
            Some(&[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0,
        }
    }

    /// Adds a line to a log file; nothing happens when the application has no such log.
    pub(crate) fn log(&self, image: Image<'_>, application: u8, sfi: Sfi, line: &[u8], changes: &mut Changes) {
        let Some(&[size @ 1..=u8::MAX]) = image.get(application, Key::LogSize(sfi)) else { return };
        let count = self.log_count(application, sfi);
        let slot = u8::try_from(count % u16::from(size)).unwrap_or_default();
        changes.put(Key::Log(sfi, slot), line);
        // Wraps at a multiple of the size that is large enough, so that the next slot stays the next slot.
        let wrap = u16::MAX / u16::from(size) * u16::from(size);
        let next = if count + 1 >= wrap { u16::from(size) } else { count + 1 };
        changes.put(Key::LogCount(sfi), &next.to_be_bytes());
    }

    /// Record `number` of a file, newest first in a log; otherwise as written, or as personalised.
    pub(crate) fn record<'s>(&'s self, image: Image<'s>, application: u8, sfi: Sfi, number: u8) -> Option<&'s [u8]> {
        let Some(&[size @ 1..=u8::MAX]) = image.get(application, Key::LogSize(sfi)) else {
            return self.value(image, application, Key::Record(sfi, number));
        };
        let count = self.log_count(application, sfi);
        let (written, wanted) = (count.min(size.into()), u16::from(number));
        if wanted > u16::from(size) || wanted == 0 {
            return None;
        }
        if wanted <= written {
            let slot = u8::try_from((count - wanted) % u16::from(size)).unwrap_or_default();
            return self.get(application, Key::Log(sfi, slot));
        }
        image.get(application, Key::Record(sfi, u8::try_from(wanted - written).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::image::ImageBuilder;

    #[test]
    fn new_lines_come_first_and_the_oldest_goes() {
        let sfi = Sfi::new(11).unwrap();
        let mut buffer = [0; 300];
        let mut builder = ImageBuilder::new(&mut buffer).unwrap();
        let number = builder.application(b"PURSE").unwrap();
        builder.put(number, Key::LogSize(sfi), &[3]).unwrap();
        builder.put(number, Key::Record(sfi, 1), b"b").unwrap();
        builder.put(number, Key::Record(sfi, 2), b"a").unwrap();
        let length = builder.finish();
        let image = Image::parse(&buffer[..length]).unwrap();
        let mut state = State::new();
        let lines = |state: &State| -> Vec<u8> {
            (1..=4).filter_map(|index| state.record(image, number, sfi, index).map(|line| line[0])).collect()
        };
        assert_eq!(lines(&state), b"ba");
        for (line, expected) in [(b"c", &b"cba"[..]), (b"d", b"dcb"), (b"e", b"edc"), (b"f", b"fed")] {
            let mut changes = state.changes(image, number);
            state.log(image, number, sfi, line, &mut changes);
            state.restore(image, changes.record().unwrap()).unwrap();
            assert_eq!(lines(&state), expected);
        }
        // At the end of the counter nothing jumps.
        for index in 0..u32::from(u16::MAX) + 10 {
            let line = [u8::try_from(index % 251).unwrap()];
            let mut changes = state.changes(image, number);
            state.log(image, number, sfi, &line, &mut changes);
            state.restore(image, changes.record().unwrap()).unwrap();
            if index > 2 {
                let past = |back: u32| u8::try_from((index - back) % 251).unwrap();
                assert_eq!(lines(&state), [past(0), past(1), past(2)]);
            }
        }
    }
}

//! Cuts at every octet, hostile content, and random histories against a list in memory.

use embedded_storage::nor_flash::NorFlash;
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;

use super::model::{ModelError, NorModel};
use super::*;

type Kept = Vec<(u8, u32, Vec<u8>)>;

/// How far the octet under the cut has come.
const TEARS: [u8; 5] = [0xFF, 0x00, 0x0F, 0xF0, 0x55];

fn contents<F: NorFlash>(log: &mut RecordLog<F>) -> Kept
where
    F::Error: PartialEq,
{
    let mut kept = Vec::new();
    log.scan(|kind, seq, record| kept.push((kind, seq, record.to_vec()))).unwrap();
    kept
}

fn reopened<const P: usize, const N: usize, const W: usize>(flash: &mut NorModel<P, N, W>) -> Kept {
    contents(&mut RecordLog::open(flash).unwrap())
}

fn up<const W: usize>(length: usize) -> usize {
    length.next_multiple_of(W)
}

fn slot<const W: usize>(length: usize) -> usize {
    up::<W>(12) + up::<W>(length + 4)
}

/// Four records with two dropped by `keep_even`, one of them torn: every kind of slot that a compaction meets.
fn history<const P: usize, const N: usize, const W: usize>() -> NorModel<P, N, W> {
    let mut flash = NorModel::<P, N, W>::new();
    let mut log = RecordLog::open(&mut flash).unwrap();
    log.append(1, b"one").unwrap();
    log.append(2, b"").unwrap();
    flash.power_on();
    flash.cut_after(up::<W>(12) + 3, 0xFF);
    RecordLog::open(&mut flash).unwrap().append(9, b"torn away").unwrap_err();
    flash.power_on();
    let mut log = RecordLog::open(&mut flash).unwrap();
    log.append(3, &[0xFF; 20]).unwrap();
    log.append(4, &[0x00; 37]).unwrap();
    flash.power_on();
    flash
}

fn keep_even(kind: u8, _seq: u32, _record: &[u8]) -> bool {
    kind.is_multiple_of(2)
}

fn every_cut_in_append<const P: usize, const N: usize, const W: usize>() {
    let flash = history::<P, N, W>();
    let record: Vec<u8> = (0..61).collect();
    let old = reopened(&mut flash.clone());
    let mut new = old.clone();
    new.push((7, old.last().unwrap().1 + 1, record.clone()));
    let total = up::<W>(12) + up::<W>(record.len() + 4);
    let mut cuts = 0;
    for tear in TEARS {
        for at in 0.. {
            let mut flash = flash.clone();
            flash.cut_after(at, tear);
            let result = RecordLog::open(&mut flash).unwrap().append(7, &record);
            if result.is_ok() {
                assert_eq!(at, total);
                assert_eq!(reopened(&mut flash), new);
                break;
            }
            assert_eq!(result, Err(LogError::Flash(ModelError::NoPower)));
            cuts += 1;
            flash.power_on();
            let found = reopened(&mut flash);
            assert!(found == old || found == new, "cut at {at}, tear {tear:02X}");
            assert_eq!(found, reopened(&mut flash), "a second open finds the same");
            let mut log = RecordLog::open(&mut flash).unwrap();
            log.append(8, b"after").unwrap();
            assert_eq!(contents(&mut log)[..found.len()], found[..]);
            assert_eq!(contents(&mut log).len(), found.len() + 1);
        }
    }
    assert_eq!(cuts, TEARS.len() * total);
}

#[test]
fn an_append_cut_at_any_octet_is_there_or_not() {
    every_cut_in_append::<2, 512, 1>();
    every_cut_in_append::<2, 512, 4>();
    every_cut_in_append::<4, 256, 8>();
    every_cut_in_append::<2, 1024, 32>();
}

fn every_cut_in_compact<const P: usize, const N: usize, const W: usize>(spare_erased: bool) {
    let mut flash = history::<P, N, W>();
    let half = P / 2 * N;
    let mut begun = 0;
    if !spare_erased {
        // A compaction that was cut before its header leaves the spare half half-written.
        flash.cut_after(slot::<W>(0), 0xFF);
        RecordLog::open(&mut flash).unwrap().compact(keep_even).unwrap_err();
        flash.power_on();
        begun = half;
    }
    let old = reopened(&mut flash.clone());
    let mut new = old.clone();
    new.retain(|(kind, ..)| kind.is_multiple_of(2));
    assert!(new.len() < old.len());
    let copied: usize = new.iter().map(|(.., record)| slot::<W>(record.len())).sum();
    let total = begun + copied + up::<W>(16) + half + up::<W>(4);
    let mut cuts = 0;
    for tear in TEARS {
        for at in 0.. {
            let mut flash = flash.clone();
            flash.cut_after(at, tear);
            let result = RecordLog::open(&mut flash).unwrap().compact(keep_even);
            if result.is_ok() {
                assert_eq!(at, total);
                assert_eq!(reopened(&mut flash), new);
                break;
            }
            assert_eq!(result, Err(LogError::Flash(ModelError::NoPower)));
            cuts += 1;
            flash.power_on();
            let found = reopened(&mut flash);
            let expected = match at.checked_sub(begun + copied) {
                None => found == old,
                Some(0..16) => found == old || found == new,
                Some(_) => found == new,
            };
            assert!(expected, "cut at {at}, tear {tear:02X}");
            let mut log = RecordLog::open(&mut flash).unwrap();
            log.append(8, b"after").unwrap();
            log.compact(keep_even).unwrap();
            let mut all = new.clone();
            all.push((8, old.last().unwrap().1 + 1, b"after".to_vec()));
            assert_eq!(contents(&mut log), all);
            assert_eq!(reopened(&mut flash), all);
        }
    }
    assert_eq!(cuts, TEARS.len() * total);
}

#[test]
fn a_compaction_cut_at_any_octet_loses_nothing() {
    every_cut_in_compact::<2, 256, 1>(true);
    every_cut_in_compact::<2, 256, 4>(true);
    every_cut_in_compact::<4, 128, 8>(true);
    every_cut_in_compact::<2, 512, 32>(true);
}

#[test]
fn a_compaction_after_a_cut_compaction_loses_nothing_either() {
    every_cut_in_compact::<2, 256, 4>(false);
    every_cut_in_compact::<4, 128, 8>(false);
}

#[test]
fn the_first_open_may_be_cut_anywhere() {
    let total = 2 * 256 + 16 + 4;
    for tear in TEARS {
        for at in 0..=total {
            let mut flash = NorModel::<2, 256>::new();
            flash.cut_after(at, tear);
            assert_eq!(RecordLog::open(&mut flash).is_ok(), at == total, "cut at {at}");
            flash.power_on();
            let mut log = RecordLog::open(&mut flash).unwrap();
            assert_eq!(contents(&mut log), vec![]);
            log.append(1, b"x").unwrap();
        }
    }
}

#[test]
fn a_full_log_says_so_and_has_room_after_compaction() {
    let mut log = RecordLog::open(NorModel::<2, 256>::new()).unwrap();
    assert_eq!(log.room(), Ok(Some(256 - 20 - 16)));
    for _ in 0..3 {
        log.append(1, &[7; 50]).unwrap();
    }
    assert_eq!(log.append(1, &[7; 50]), Err(LogError::Full { needed: 68, left: 256 - 20 - 3 * 68 }));
    assert_eq!(log.room(), Ok(Some(16)));
    log.compact(|_, seq, _| seq == 2).unwrap();
    log.append(1, &[8; 50]).unwrap();
    assert_eq!(contents(&mut log), vec![(1, 2, vec![7; 50]), (1, 3, vec![8; 50])]);
}

#[test]
fn sequence_numbers_survive_a_compaction_that_drops_everything() {
    let mut flash = NorModel::<2, 256>::new();
    let mut log = RecordLog::open(&mut flash).unwrap();
    log.append(1, b"a").unwrap();
    log.append(1, b"b").unwrap();
    log.compact(|_, _, _| false).unwrap();
    let mut log = RecordLog::open(&mut flash).unwrap();
    log.append(1, b"c").unwrap();
    assert_eq!(contents(&mut log), vec![(1, 2, b"c".to_vec())]);
}

#[test]
fn the_longest_record_fits_and_one_octet_more_does_not() {
    let mut log = RecordLog::open(NorModel::<2, 1024>::new()).unwrap();
    log.append(1, &[0x5A; MAX_RECORD]).unwrap();
    assert_eq!(contents(&mut log), vec![(1, 0, vec![0x5A; MAX_RECORD])]);
    assert_eq!(log.append(1, &[0; MAX_RECORD + 1]), Err(LogError::TooLong { length: 513, max: 512 }));
}

#[test]
fn a_compaction_erases_the_spare_half_only_after_an_interruption() {
    let mut flash = NorModel::<2, 256>::new();
    RecordLog::open(&mut flash).unwrap().append(1, b"a").unwrap();
    for _ in 0..3 {
        flash.power_on();
        RecordLog::open(&mut flash).unwrap().compact(|_, _, _| true).unwrap();
        assert_eq!(flash.spent(), 20 + 16 + 256 + 4);
    }
}

#[test]
fn foreign_content_is_not_wiped_unless_told() {
    let mut flash = NorModel::<2, 256>::new();
    flash.octets_mut().for_each(|octet| *octet = 0x42);
    assert_eq!(RecordLog::open(&mut flash).err(), Some(LogError::NotALog));
    RecordLog::format(&mut flash).unwrap();
    assert_eq!(reopened(&mut flash), vec![]);
}

#[test]
fn a_flash_of_one_page_or_long_words_is_refused() {
    assert_eq!(RecordLog::open(NorModel::<1, 256>::new()).err(), Some(LogError::Geometry));
    assert_eq!(RecordLog::open(NorModel::<2, 256, 128>::new()).err(), Some(LogError::Geometry));
    assert_eq!(RecordLog::open(NorModel::<2, 12, 3>::new()).err(), Some(LogError::Geometry));
    assert_eq!(RecordLog::open(NorModel::<2, 16, 4>::new()).err(), Some(LogError::Geometry));
}

#[test]
fn octets_behind_the_end_make_a_log_full_until_it_is_compacted() {
    let mut flash = history::<2, 512, 4>();
    *flash.octets_mut().nth(500).unwrap() = 0;
    let mut log = RecordLog::open(&mut flash).unwrap();
    assert!(matches!(log.append(1, b"x"), Err(LogError::Full { left: 0, .. })));
    log.compact(|_, _, _| true).unwrap();
    log.append(1, b"x").unwrap();
    assert_eq!(contents(&mut log).len(), 5);
}

#[test]
fn a_worn_word_is_reported_and_passed_over() {
    /// Bit 0 of one octet is stuck at 1.
    struct Worn(NorModel<2, 512>, u32);
    impl embedded_storage::nor_flash::ErrorType for Worn {
        type Error = ModelError;
    }
    impl embedded_storage::nor_flash::ReadNorFlash for Worn {
        const READ_SIZE: usize = 1;
        fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ModelError> {
            self.0.read(offset, bytes)?;
            if let Some(octet) = self.1.checked_sub(offset).and_then(|at| bytes.get_mut(at as usize)) {
                *octet |= 1;
            }
            Ok(())
        }
        fn capacity(&self) -> usize {
            self.0.capacity()
        }
    }
    impl NorFlash for Worn {
        const WRITE_SIZE: usize = 4;
        const ERASE_SIZE: usize = 512;
        fn erase(&mut self, from: u32, to: u32) -> Result<(), ModelError> {
            self.0.erase(from, to)
        }
        fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ModelError> {
            self.0.write(offset, bytes)
        }
    }
    let mut log = RecordLog::open(Worn(NorModel::new(), 40)).unwrap();
    assert_eq!(log.append(1, &[0; 30]), Err(LogError::NotKept { address: 32 }));
    log.append(1, &[0; 30]).unwrap();
    assert_eq!(contents(&mut log), vec![(1, 1, vec![0; 30])]);
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8, Vec<u8>),
    Compact(u8),
    CutAppend(Vec<u8>, usize, u8),
    CutCompact(u8, usize, u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let record = || prop::collection::vec(any::<u8>(), 0..60);
    prop_oneof![
        4 => (any::<u8>(), record()).prop_map(|(kind, record)| Step::Append(kind, record)),
        1 => any::<u8>().prop_map(Step::Compact),
        2 => (record(), 0..90usize, any::<u8>()).prop_map(|(record, at, tear)| Step::CutAppend(record, at, tear)),
        2 => (any::<u8>(), 0..600usize, any::<u8>()).prop_map(|(mask, at, tear)| Step::CutCompact(mask, at, tear)),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #[test]
    fn any_history_keeps_what_was_acknowledged(steps in prop::collection::vec(step(), 0..40)) {
        let mut flash = NorModel::<2, 256>::new();
        RecordLog::open(&mut flash).unwrap();
        let mut model: Kept = vec![];
        for step in steps {
            let before = reopened(&mut flash);
            prop_assert_eq!(&before, &model);
            match step {
                Step::Append(kind, record) => {
                    let mut log = RecordLog::open(&mut flash).unwrap();
                    match log.append(kind, &record) {
                        Ok(()) => model.push((kind, log.next_seq - 1, record)),
                        Err(error) => prop_assert!(matches!(error, LogError::Full { .. }), "{error:?}"),
                    }
                }
                Step::Compact(mask) => {
                    RecordLog::open(&mut flash).unwrap().compact(|kind, _, _| kind & mask != 0).unwrap();
                    model.retain(|(kind, ..)| kind & mask != 0);
                }
                Step::CutAppend(record, at, tear) => {
                    flash.cut_after(at, tear);
                    let _ = RecordLog::open(&mut flash).unwrap().append(1, &record);
                    flash.power_on();
                    let found = reopened(&mut flash);
                    prop_assert!(found.starts_with(&before) && found.len() <= before.len() + 1);
                    if let Some((.., last)) = found.get(before.len()) {
                        prop_assert_eq!(last, &record);
                    }
                    model = found;
                }
                Step::CutCompact(mask, at, tear) => {
                    flash.cut_after(at, tear);
                    let _ = RecordLog::open(&mut flash).unwrap().compact(|kind, _, _| kind & mask != 0);
                    flash.power_on();
                    let found = reopened(&mut flash);
                    model.retain(|(kind, ..)| kind & mask != 0);
                    prop_assert!(found == before || found == model);
                    model = found;
                }
                Step::Reopen => {}
            }
        }
    }

    #[test]
    fn any_content_is_survived(content in prop::collection::vec(any::<u8>(), 512), kind: u8) {
        let mut flash = NorModel::<2, 256>::new();
        flash.octets_mut().zip(&content).for_each(|(to, from)| *to = *from);
        prop_assert_eq!(RecordLog::open(&mut flash).err(), Some(LogError::NotALog));
        // The same behind a header that is right.
        let header = HalfHeader { generation: 1, next_seq: u32::MAX }.encode();
        flash.octets_mut().zip(header).for_each(|(to, from)| *to = from);
        survives(&mut flash, kind);
    }

    #[test]
    fn any_damage_to_a_log_is_survived(
        damage in prop::collection::vec((0..1024usize, any::<u8>()), 1..30),
        kind: u8,
    ) {
        let mut flash = history::<2, 512, 4>();
        for (at, octet) in damage {
            if let Some(to) = flash.octets_mut().nth(at) {
                *to = octet;
            }
        }
        survives(&mut flash, kind);
    }
}

/// Whatever is in there: no panic, an end, and a log that works after a compaction.
fn survives<const P: usize, const N: usize>(flash: &mut NorModel<P, N>, kind: u8) {
    let Ok(mut log) = RecordLog::open(&mut *flash) else { return };
    let before = contents(&mut log);
    log.compact(|_, _, _| true).unwrap();
    assert_eq!(contents(&mut log), before);
    log.append(kind, b"x").unwrap();
    assert_eq!(contents(&mut log).len(), before.len() + 1);
}

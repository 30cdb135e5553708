//! The emulated card in this process: a built-in profile, or a card file whose state is kept beside it.
//!
//! `tapcard-card` says what is to be kept before an answer may go out; here it is kept: in `FILE.state`, a record log in a
//! file, or in memory for a built-in profile, which begins anew each time.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tapcard_card::{CardKeys, Image, MAX_OUT};
use tapcard_flow::log::{LogError, RecordLog};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::Protocol;
use tapcard_profiles::{Personalisation, Profile, builtin, from_json};
use zeroize::Zeroizing;

use crate::card::{Card, CardInfo, Interface};
use crate::error::TransportError;
use crate::file_flash::{FileFlash, FlashError};
use crate::vpicc::Picc;

/// Longest card file that is read.
const MAX_FILE: u64 = 4 << 20;
/// The kind of our records in the log; the card tells its own apart.
const CARD_STATE: u8 = 1;

/// An emulated card that lies there; [`VirtualCard::session`] powers it on.
pub struct VirtualCard {
    name: String,
    atr: Vec<u8>,
    image: Vec<u8>,
    keys: Option<Zeroizing<Vec<u8>>>,
    state: State,
}

impl VirtualCard {
    /// Opens the built-in profile called `what`, else the card file `what`.
    ///
    /// # Errors
    /// [`TransportError::File`]: no such file, not a card file, or its state is damaged.
    pub fn open(what: &str) -> Result<Self, TransportError> {
        if builtin().iter().any(|profile| profile.name == what) {
            let card = Profile::load(what).map_err(|error| TransportError::file(what, error.to_string()))?;
            return Self::new(what, &card, State::Memory(Vec::new()));
        }
        let path = Path::new(what);
        let card = read_card_file(path).map_err(|problem| TransportError::file(path, problem))?;
        Self::new(what, &card, State::File(StateFile::open(path)?))
    }

    fn new(what: &str, card: &Personalisation, state: State) -> Result<Self, TransportError> {
        let image = card.image().map_err(|error| TransportError::file(what, error.to_string()))?;
        let keys = card.keys().map_err(|error| TransportError::file(what, error.to_string()))?;
        Ok(Self { name: what.to_owned(), atr: card.atr().to_vec(), image, keys, state })
    }

    /// Powers the card on: nothing is selected, its counters are where they were.
    ///
    /// # Errors
    /// [`TransportError::File`]: its state cannot be read, or is of another card.
    pub fn session(&mut self) -> Result<VirtualSession<'_>, TransportError> {
        let image = Image::parse(&self.image).map_err(|error| TransportError::file(&self.name, error.to_string()))?;
        let interface = Interface::of_atr(&self.atr);
        let mut card = tapcard_card::Card::new(image).with_interface(match interface {
            Interface::Contact => tapcard_card::Interface::Contact,
            Interface::Contactless => tapcard_card::Interface::Contactless,
        });
        if let Some(keys) = &self.keys {
            let keys = CardKeys::parse(keys).map_err(|error| TransportError::file(&self.name, error.to_string()))?;
            card = card.with_keys(keys);
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| TransportError::Reader(format!("no random numbers: {error}")))?;
        card = card.with_seed(seed);
        self.state.restore(&mut card)?;
        let info =
            CardInfo { reader: format!("virtual:{}", self.name), interface, atr: Some(self.atr.clone()), uid: None };
        let mut session = VirtualSession { card, state: &mut self.state, info, is_lost: false };
        session.power_on();
        Ok(session)
    }
}

/// An emulated card under power.
pub struct VirtualSession<'v> {
    card: tapcard_card::Card<'v>,
    state: &'v mut State,
    info: CardInfo,
    /// A record could not be kept. It may be in the log or not: only what is read back from there says what the card's state is.
    is_lost: bool,
}

impl VirtualSession<'_> {
    /// The machine behind it.
    #[must_use]
    pub const fn card(&self) -> &tapcard_card::Card<'_> {
        &self.card
    }

    fn power_on(&mut self) {
        self.card.step(0, Input::Start, &mut [0; MAX_OUT]);
    }
}

impl Card for VirtualSession<'_> {
    fn info(&self) -> &CardInfo {
        &self.info
    }

    /// T=1: whole commands go in and whole answers come out.
    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        if self.is_lost {
            return Err(TransportError::CardRemoved);
        }
        let mut out = [0; MAX_OUT];
        let mut action = self.card.step(0, Input::Received(command), &mut out);
        while let Action::Persist(length) = action {
            if let Err(error) = self.state.keep(&self.card, out.get(..length).unwrap_or_default()) {
                self.is_lost = true;
                return Err(error);
            }
            action = self.card.step(0, Input::Persisted, &mut out);
        }
        let Action::Transmit(length) = action else {
            return Err(TransportError::Reader("the emulated card does not answer".to_owned()));
        };
        let capacity = answer.len();
        let room = answer.get_mut(..length).ok_or(TransportError::AnswerTooLong { capacity })?;
        room.copy_from_slice(out.get(..length).unwrap_or_default());
        Ok(length)
    }
}

impl Picc for VirtualSession<'_> {
    fn atr(&self) -> &[u8] {
        self.info.atr.as_deref().unwrap_or_default()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.power_on();
        Ok(())
    }

    fn answer(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        self.transmit(command, answer)
    }
}

/// Where the card's records are kept.
enum State {
    Memory(Vec<Vec<u8>>),
    File(StateFile),
}

/// The record log beside a card file; made when the first record comes, so that reading leaves no trace.
struct StateFile {
    path: PathBuf,
    log: Option<RecordLog<FileFlash>>,
    /// The card file, locked: two processes with one card would give out the same ATC twice.
    _held: File,
}

impl State {
    fn restore(&mut self, card: &mut tapcard_card::Card<'_>) -> Result<(), TransportError> {
        match self {
            Self::Memory(records) => {
                let restored = records.iter().map(|record| card.restore(record));
                restored.collect::<Result<(), _>>().map_err(|error| TransportError::Reader(error.to_string()))
            }
            Self::File(file) => file.restore(card),
        }
    }

    fn keep(&mut self, card: &tapcard_card::Card<'_>, record: &[u8]) -> Result<(), TransportError> {
        match self {
            Self::Memory(records) => {
                records.push(record.to_vec());
                Ok(())
            }
            Self::File(file) => file.keep(card, record),
        }
    }
}

impl StateFile {
    fn open(card: &Path) -> Result<Self, TransportError> {
        let held = hold(card)?;
        let mut path = card.as_os_str().to_owned();
        path.push(".state");
        let path = PathBuf::from(path);
        let log = match FileFlash::open(&path)? {
            Some(flash) => Some(RecordLog::open(flash).map_err(|error| explain(&path, &error))?),
            None => None,
        };
        Ok(Self { path, log, _held: held })
    }

    fn restore(&mut self, card: &mut tapcard_card::Card<'_>) -> Result<(), TransportError> {
        let Some(log) = &mut self.log else { return Ok(()) };
        let mut wrong = None;
        log.scan(|_, _, record| wrong = wrong.or(card.restore(record).err()))
            .map_err(|error| explain(&self.path, &error))?;
        match wrong {
            Some(error) => {
                let what = format!("{error}; if the card file was changed on purpose, remove this file");
                Err(TransportError::file(&self.path, what))
            }
            None => Ok(()),
        }
    }

    fn keep(&mut self, card: &tapcard_card::Card<'_>, record: &[u8]) -> Result<(), TransportError> {
        let log = match &mut self.log {
            Some(log) => log,
            None => {
                let flash = FileFlash::create(&self.path)?;
                self.log.insert(RecordLog::open(flash).map_err(|error| explain(&self.path, &error))?)
            }
        };
        let mut kept = log.append(CARD_STATE, record);
        if matches!(kept, Err(LogError::Full { .. })) {
            kept = log.compact(|_, _, old| card.is_current(old)).and_then(|()| log.append(CARD_STATE, record));
        }
        kept.map_err(|error| explain(&self.path, &error))
    }
}

/// Locks a card file for as long as the answer lives.
fn hold(card: &Path) -> Result<File, TransportError> {
    let cannot = |error: io::Error| TransportError::file(card, format!("cannot be locked: {error}"));
    let file = File::open(card).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TransportError::Busy { reader: card.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn explain(path: &Path, error: &LogError<FlashError>) -> TransportError {
    let what = match error {
        LogError::Flash(error) => format!("the card's state cannot be kept: {error}"),
        LogError::NotALog => {
            "not the state of a card; remove it to begin with the card as it was personalised".to_owned()
        }
        error => format!("the card's state cannot be kept: {error}"),
    };
    TransportError::file(path, what)
}

fn read_card_file(path: &Path) -> Result<Personalisation, String> {
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text)) {
        Ok(_) if text.len() as u64 > MAX_FILE => Err(format!("longer than {MAX_FILE} bytes")),
        Ok(_) => from_json(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let known: Vec<_> = builtin().iter().map(|profile| format!("`{}`", profile.name)).collect();
            Err(format!("no such file, and no built-in profile of that name; there are {}", known.join(", ")))
        }
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

    use super::*;

    const SELECT: [u8; 13] = [0x00, 0xA4, 0x04, 0x00, 0x08, 0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
    const GET_ATC: [u8; 5] = [0x80, 0xCA, 0x9F, 0x36, 0x00];

    #[test]
    fn a_card_file_is_one_programs_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("card.json");
        std::fs::write(&file, builtin()[0].json()).unwrap();
        let file = file.to_str().unwrap();
        let first = VirtualCard::open(file).unwrap();
        assert_eq!(VirtualCard::open(file).err(), Some(TransportError::Busy { reader: file.to_owned() }));
        drop(first);
        assert!(VirtualCard::open(file).is_ok());
    }

    fn ask(card: &mut dyn Card, command: &[u8]) -> Vec<u8> {
        let mut answer = [0; 258];
        let length = card.transmit(command, &mut answer).unwrap();
        answer[..length].to_vec()
    }

    /// The ATC before and after GET PROCESSING OPTIONS.
    fn raise_atc(card: &mut VirtualCard) -> (u16, u16) {
        let mut session = card.session().unwrap();
        let atc = |session: &mut VirtualSession<'_>| match ask(session, &GET_ATC)[..] {
            [0x9F, 0x36, 2, high, low, 0x90, 0x00] => u16::from_be_bytes([high, low]),
            ref other => panic!("{}", hex::encode(other)),
        };
        let fci = ask(&mut session, &[&SELECT[..], &[0x00]].concat());
        assert_eq!(fci[fci.len() - 2..], [0x90, 0x00], "{}", hex::encode(&fci));
        let before = atc(&mut session);
        let pdol =
            tapcard_iso7816::find_deep(&fci[..fci.len() - 2], tapcard_iso7816::Tag::new(0x9F38)).unwrap_or_default();
        let length = tapcard_emv::Dol::new(pdol).total_length().unwrap();
        let data = [&[0x83, u8::try_from(length).unwrap()][..], &vec![0; length]].concat();
        let command = tapcard_iso7816::Command::get_processing_options(&data);
        let mut octets = [0; 261];
        let length = command.encode_into(&mut octets).unwrap();
        let answer = ask(&mut session, &octets[..length]);
        assert_eq!(answer[answer.len() - 2..], [0x90, 0x00], "{}", hex::encode(&answer));
        (before, atc(&mut session))
    }

    fn card_file(dir: &Path) -> String {
        let path = dir.join("card.json");
        std::fs::write(&path, builtin()[0].json()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_card_file_keeps_its_state_and_a_profile_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = card_file(dir.path());
        let (before, after) = raise_atc(&mut VirtualCard::open(&file).unwrap());
        assert_eq!(after, before + 1);
        assert_eq!(raise_atc(&mut VirtualCard::open(&file).unwrap()), (after, after + 1));

        let mut profile = VirtualCard::open("pboc-ec").unwrap();
        assert_eq!(raise_atc(&mut profile), (before, after));
        assert_eq!(raise_atc(&mut profile), (after, after + 1), "as long as it lies there");
        assert_eq!(raise_atc(&mut VirtualCard::open("pboc-ec").unwrap()), (before, after));
    }

    #[test]
    fn reading_leaves_no_state_behind() {
        let dir = tempfile::tempdir().unwrap();
        let file = card_file(dir.path());
        let mut card = VirtualCard::open(&file).unwrap();
        ask(&mut card.session().unwrap(), &[&SELECT[..], &[0x00]].concat());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    /// Flash in memory: filling a file would wait for the disk a thousand times.
    struct Memory(Vec<u8>);

    impl ErrorType for Memory {
        type Error = Infallible;
    }
    impl ReadNorFlash for Memory {
        const READ_SIZE: usize = FileFlash::READ_SIZE;
        fn read(&mut self, offset: u32, octets: &mut [u8]) -> Result<(), Infallible> {
            octets.copy_from_slice(&self.0[offset as usize..][..octets.len()]);
            Ok(())
        }
        fn capacity(&self) -> usize {
            self.0.len()
        }
    }
    impl NorFlash for Memory {
        const WRITE_SIZE: usize = FileFlash::WRITE_SIZE;
        const ERASE_SIZE: usize = FileFlash::ERASE_SIZE;
        fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
            self.0[from as usize..to as usize].fill(0xFF);
            Ok(())
        }
        fn write(&mut self, offset: u32, octets: &[u8]) -> Result<(), Infallible> {
            self.0[offset as usize..][..octets.len()].copy_from_slice(octets);
            Ok(())
        }
    }

    #[test]
    fn a_full_log_is_compacted_and_the_counter_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let file = card_file(dir.path());
        let (first, _) = raise_atc(&mut VirtualCard::open(&file).unwrap());
        let state = format!("{file}.state");
        let mut log = RecordLog::open(Memory(std::fs::read(&state).unwrap())).unwrap();
        let mut record = Vec::new();
        log.scan(|_, _, found| record = found.to_vec()).unwrap();
        let mut atc = first + 1;
        let value = record.len() - 2;
        while log.room().unwrap().is_some_and(|room| room >= record.len()) {
            atc += 1;
            // The sequence number, then the ATC at the end.
            record[1..5].copy_from_slice(&u32::from(atc).to_be_bytes());
            record[value..].copy_from_slice(&atc.to_be_bytes());
            log.append(CARD_STATE, &record).unwrap();
        }
        std::fs::write(&state, log.release().0).unwrap();
        assert_eq!(raise_atc(&mut VirtualCard::open(&file).unwrap()), (atc, atc + 1));
        assert_eq!(raise_atc(&mut VirtualCard::open(&file).unwrap()), (atc + 1, atc + 2));
    }

    #[test]
    fn what_is_no_card_is_refused_with_what_would_do() {
        let error = VirtualCard::open("pboc-ed").err().unwrap().to_string();
        let known = "`pboc-ec`, `ec-only`, `t-union`, `visa`, `mastercard`, `t-money`";
        assert_eq!(error, format!("pboc-ed: no such file, and no built-in profile of that name; there are {known}"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        std::fs::write(&path, "{").unwrap();
        let error = VirtualCard::open(path.to_str().unwrap()).err().unwrap().to_string();
        assert!(error.contains("a.json: no JSON at line 1"), "{error}");
    }

    #[test]
    fn the_state_of_another_card_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = card_file(dir.path());
        let state = format!("{file}.state");
        let mut log = RecordLog::open(FileFlash::create(Path::new(&state)).unwrap()).unwrap();
        log.append(CARD_STATE, &[1, 0, 7, 1, 2, 3, 4, 5]).unwrap();
        drop(log);
        let error = VirtualCard::open(&file).unwrap().session().err().unwrap().to_string();
        assert!(error.contains(".state: ") && error.contains("remove this file"), "{error}");
    }
}

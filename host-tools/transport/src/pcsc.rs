//! Readers behind PC/SC. The only file that names the `pcsc` crate.
//!
//! A dialogue holds one PC/SC transaction from its first APDU to its last, as a borrow that ends by itself, so that no
//! other program can select something else in between (PC/SC part 5, 3.1.3).

use std::ffi::{CStr, CString};
use std::time::Duration;

use ::pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State, Transaction};
use tapcard_iso7816::Protocol;

use crate::acr122u::{Channel, first_supported};
use crate::card::{Card, CardInfo, Interface};
use crate::connect::Reader;
use crate::error::TransportError;

/// Asks the reader, not the card, for the UID of a contactless card (PC/SC part 3, 3.2.2.1.3).
const GET_UID: [u8; 5] = [0xFF, 0xCA, 0x00, 0x00, 0x00];

/// How long to wait for the service to notice that a card which stopped answering is gone; it looks every 400 ms.
const NOTICE_REMOVAL: Duration = Duration::from_millis(1500);

/// The readers that PC/SC knows, with their state.
pub(crate) fn readers() -> Result<Vec<Reader>, TransportError> {
    list(&establish()?)
}

/// A card in a PC/SC reader, connected but not held.
pub(crate) struct PcscCard {
    context: Context,
    reader: CString,
    card: ::pcsc::Card,
}

impl PcscCard {
    /// Connects to the reader whose name contains `wanted` in any case; without a name to the only one that holds a card.
    pub(crate) fn connect(wanted: Option<&str>) -> Result<Self, TransportError> {
        let context = establish()?;
        let readers = list(&context)?;
        let name = choose(&readers, wanted)?;
        let reader = CString::new(name.clone()).map_err(|error| TransportError::Reader(error.to_string()))?;
        let card = context
            .connect(&reader, ShareMode::Shared, Protocols::ANY)
            .map_err(|error| explain_connect(error, &name))?;
        Ok(Self { context, reader, card })
    }

    /// Takes the card for a whole dialogue.
    pub(crate) fn session(&mut self) -> Result<PcscSession<'_>, TransportError> {
        let Self { context, reader, card } = self;
        let name = reader.to_string_lossy().into_owned();
        let transaction = match card.transaction2() {
            Ok(transaction) => transaction,
            Err((card, Error::ResetCard)) => {
                // Another program reset the card since we connected: take it as it is now.
                card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)
                    .map_err(|error| explain_connect(error, &name))?;
                card.transaction().map_err(|error| explain_connect(error, &name))?
            }
            Err((_, error)) => return Err(explain_connect(error, &name)),
        };
        let status = transaction.status2_owned().map_err(|error| explain_connect(error, &name))?;
        let protocol = match status.protocol2() {
            Some(::pcsc::Protocol::T0) => Protocol::T0,
            _ => Protocol::T1,
        };
        let atr = status.atr().to_vec();
        let interface = Interface::of_atr(&atr);
        let info = CardInfo { reader: name, interface, atr: (!atr.is_empty()).then_some(atr), uid: None };
        let mut session = PcscSession { transaction, context, reader, info, protocol };
        if interface == Interface::Contactless {
            session.info.uid = session.uid()?;
        }
        Ok(session)
    }
}

/// A card held in a transaction.
pub(crate) struct PcscSession<'c> {
    transaction: Transaction<'c>,
    context: &'c Context,
    reader: &'c CStr,
    info: CardInfo,
    protocol: Protocol,
}

impl PcscSession<'_> {
    /// The UID, where the reader tells it; many do not.
    fn uid(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut answer = [0; 64];
        match self.transmit(&GET_UID, &mut answer) {
            Ok(length) => Ok(match answer.get(..length) {
                Some([uid @ .., 0x90, 0x00]) if !uid.is_empty() => Some(uid.to_vec()),
                _ => None,
            }),
            Err(TransportError::CardRemoved) => Err(TransportError::CardRemoved),
            Err(_) => Ok(None),
        }
    }

    /// Whether the card leaves the reader within the time that the service needs to notice.
    fn leaves(&self) -> bool {
        let mut state = [ReaderState::new(self.reader, State::PRESENT)];
        // The first look only learns the state; the service counts events, so a few more may be needed.
        for _ in 0..4 {
            match self.context.get_status_change(NOTICE_REMOVAL, &mut state) {
                Ok(()) => {}
                Err(Error::Timeout) => return false,
                Err(_) => return true,
            }
            let [state] = &mut state;
            if !state.event_state().contains(State::PRESENT) {
                return true;
            }
            state.sync_current_state();
        }
        false
    }

    fn explain(&self, error: Error, capacity: usize) -> TransportError {
        match error {
            Error::RemovedCard | Error::NoSmartcard | Error::ReaderUnavailable | Error::UnpoweredCard => {
                TransportError::CardRemoved
            }
            Error::InsufficientBuffer => TransportError::AnswerTooLong { capacity },
            Error::NoService | Error::ServiceStopped => TransportError::NoService,
            // A card that is pulled out while it computes shows as a failed transmission first.
            Error::NotTransacted | Error::CommError | Error::CommDataLost | Error::InternalError if self.leaves() => {
                TransportError::CardRemoved
            }
            error => TransportError::Reader(format!("{error}; see `tapcard doctor`")),
        }
    }
}

impl Card for PcscSession<'_> {
    fn info(&self) -> &CardInfo {
        &self.info
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        let capacity = answer.len();
        match self.transaction.transmit(command, answer).map(<[u8]>::len) {
            // Some drivers report a card that leaves in the middle as an empty answer.
            Ok(0 | 1) if self.leaves() => Err(TransportError::CardRemoved),
            Ok(length) => Ok(length),
            Err(error) => Err(self.explain(error, capacity)),
        }
    }
}

/// A way for commands to a reader itself: through the card that is in it, else through its escape channel.
pub(crate) struct ReaderChannel {
    name: String,
    /// Connected as long as the channel is there; `None` once it was given back.
    card: Option<::pcsc::Card>,
    direct: bool,
}

impl ReaderChannel {
    /// Connects to `reader`.
    pub(crate) fn open(reader: &Reader) -> Result<Self, TransportError> {
        let name = CString::new(reader.name.clone()).map_err(|error| TransportError::Reader(error.to_string()))?;
        let (mode, protocols) = match reader.card_present {
            true => (ShareMode::Shared, Protocols::ANY),
            false => (ShareMode::Direct, Protocols::UNDEFINED),
        };
        let card =
            establish()?.connect(&name, mode, protocols).map_err(|error| explain_connect(error, &reader.name))?;
        Ok(Self { name: reader.name.clone(), card: Some(card), direct: !reader.card_present })
    }
}

impl Channel for ReaderChannel {
    fn exchange(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        let Some(card) = &self.card else { return Err(TransportError::CardRemoved) };
        if !self.direct {
            let sent = card.transmit(command, answer).map(<[u8]>::len);
            return sent.map_err(|error| explain_connect(error, &self.name));
        }
        first_supported(|function| {
            let control = card.control(::pcsc::ctl_code(function.into()), command, answer).map(<[u8]>::len);
            control.map_err(|error| explain_control(error, &self.name))
        })
    }
}

/// What was asked of the reader does not concern the card in it.
impl Drop for ReaderChannel {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            let _ = card.disconnect(Disposition::LeaveCard);
        }
    }
}

fn establish() -> Result<Context, TransportError> {
    Context::establish(Scope::User).map_err(explain)
}

fn list(context: &Context) -> Result<Vec<Reader>, TransportError> {
    let names = match context.list_readers_owned() {
        Ok(names) => names,
        Err(Error::NoReadersAvailable) => return Ok(Vec::new()),
        Err(error) => return Err(explain(error)),
    };
    let mut states: Vec<_> = names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect();
    if states.is_empty() {
        return Ok(Vec::new());
    }
    context.get_status_change(Duration::ZERO, &mut states).map_err(explain)?;
    Ok(states.iter().map(describe).collect())
}

fn describe(state: &ReaderState) -> Reader {
    let name = state.name().to_string_lossy().into_owned();
    let card_present = state.event_state().contains(State::PRESENT);
    let atr = (card_present && !state.atr().is_empty()).then(|| state.atr().to_vec());
    Reader {
        spec: format!("pcsc:{name}"),
        name,
        kind: "pcsc",
        card_present,
        interface: atr.as_deref().map(Interface::of_atr),
        atr,
    }
}

fn choose(readers: &[Reader], wanted: Option<&str>) -> Result<String, TransportError> {
    let names = |readers: &[&Reader]| readers.iter().map(|reader| reader.name.clone()).collect::<Vec<_>>();
    let all: Vec<_> = readers.iter().collect();
    let Some(wanted) = wanted else {
        let with_card: Vec<_> = readers.iter().filter(|reader| reader.card_present).collect();
        return match with_card.as_slice() {
            [only] => Ok(only.name.clone()),
            [] if all.is_empty() => Err(TransportError::NoReader),
            [] => Err(TransportError::NoCard { reader: None }),
            several => Err(TransportError::Several { readers: names(several) }),
        };
    };
    let found = by_name(readers, wanted);
    match found.as_slice() {
        [] => Err(TransportError::UnknownReader { wanted: wanted.to_owned(), known: names(&all) }),
        [only] if only.card_present => Ok(only.name.clone()),
        [only] => Err(TransportError::NoCard { reader: Some(only.name.clone()) }),
        several => Err(TransportError::Several { readers: names(several) }),
    }
}

/// The reader with exactly this name, else every one whose name contains it.
fn by_name<'r>(readers: &'r [Reader], wanted: &str) -> Vec<&'r Reader> {
    if let Some(exact) = readers.iter().find(|reader| reader.name == wanted) {
        return vec![exact];
    }
    let wanted = wanted.to_lowercase();
    readers.iter().filter(|reader| reader.name.to_lowercase().contains(&wanted)).collect()
}

fn explain(error: Error) -> TransportError {
    match error {
        Error::NoService | Error::ServiceStopped => TransportError::NoService,
        Error::SecurityViolation | Error::NoAccess => TransportError::NotAllowed,
        Error::NoReadersAvailable => TransportError::NoReader,
        error => TransportError::Reader(format!("{error}; see `tapcard doctor`")),
    }
}

fn explain_connect(error: Error, reader: &str) -> TransportError {
    let reader = reader.to_owned();
    match error {
        Error::NoSmartcard | Error::RemovedCard => TransportError::NoCard { reader: Some(reader) },
        Error::SharingViolation => TransportError::Busy { reader },
        Error::UnknownReader | Error::ReaderUnavailable => {
            TransportError::UnknownReader { wanted: reader, known: Vec::new() }
        }
        Error::UnresponsiveCard | Error::UnpoweredCard | Error::UnsupportedCard => TransportError::Reader(format!(
            "the card in `{reader}` does not answer to reset; turn it over or clean its contacts"
        )),
        error => explain(error),
    }
}

/// A driver that does not know a function of SCardControl says so in several ways.
fn explain_control(error: Error, reader: &str) -> TransportError {
    match error {
        Error::UnsupportedFeature | Error::NotTransacted | Error::InvalidParameter | Error::InvalidValue => {
            let what = format!("the driver of `{reader}` does not let commands through to the reader ({error})");
            TransportError::Unsupported { what }
        }
        error => explain_connect(error, reader),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(name: &str, card_present: bool) -> Reader {
        Reader {
            spec: format!("pcsc:{name}"),
            name: name.into(),
            kind: "pcsc",
            card_present,
            atr: None,
            interface: None,
        }
    }

    #[test]
    fn the_only_reader_with_a_card_needs_no_name() {
        let readers = [reader("A", false), reader("B", true)];
        assert_eq!(choose(&readers, None), Ok("B".into()));
        assert_eq!(choose(&readers[..1], None), Err(TransportError::NoCard { reader: None }));
        assert_eq!(choose(&[], None), Err(TransportError::NoReader));
        let both = [reader("A", true), reader("B", true)];
        assert_eq!(choose(&both, None), Err(TransportError::Several { readers: vec!["A".into(), "B".into()] }));
    }

    #[test]
    fn a_part_of_the_name_in_any_case_is_enough() {
        let readers = [reader("ACS ACR122U 00 00", true), reader("Virtual PCD 00 00", false)];
        assert_eq!(choose(&readers, Some("acr122")), Ok("ACS ACR122U 00 00".into()));
        let empty = TransportError::NoCard { reader: Some("Virtual PCD 00 00".into()) };
        assert_eq!(choose(&readers, Some("virtual")), Err(empty));
        assert!(matches!(choose(&readers, Some("00 00")), Err(TransportError::Several { .. })));
        let error = choose(&readers, Some("omnikey")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no reader is called `omnikey`; there is `ACS ACR122U 00 00`, `Virtual PCD 00 00`"
        );
    }

    #[test]
    fn an_exact_name_wins_over_names_that_contain_it() {
        let readers = [reader("Reader 0", true), reader("Reader 00", true)];
        assert_eq!(choose(&readers, Some("Reader 0")), Ok("Reader 0".into()));
    }

    #[test]
    fn what_the_service_says_is_told_apart() {
        assert_eq!(explain(Error::NoService), TransportError::NoService);
        assert_eq!(explain(Error::SecurityViolation), TransportError::NotAllowed);
        assert_eq!(explain_connect(Error::SharingViolation, "A"), TransportError::Busy { reader: "A".into() });
        assert_eq!(explain_connect(Error::NoSmartcard, "A"), TransportError::NoCard { reader: Some("A".into()) });
        assert!(matches!(explain_control(Error::NotTransacted, "A"), TransportError::Unsupported { .. }));
        assert_eq!(explain_control(Error::NoService, "A"), TransportError::NoService);
    }
}

//! The answer to a request: what it repeats, and whether an answer belongs to a request.

use crate::bitmap::Bitmap;
use crate::error::EncodeError;
use crate::host::ResponseCode;
use crate::message::Message;
use crate::mti::{Class, Mti};
use crate::spec::{Header, TPDU};
use crate::writer::MessageWriter;

/// Why a message cannot be worked on. A host answers [`ResponseCode::FORMAT_ERROR`] where it can answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HostError {
    /// The message is itself an answer, or its function is not known.
    #[error("{mti} has no answer")]
    NoAnswer {
        /// Its type.
        mti: Mti,
    },
    /// A field that this message must have.
    #[error("field {field} is missing")]
    Missing {
        /// The lowest one.
        field: u8,
    },
    /// A field longer than in the standard.
    #[error("field {field} is too long")]
    TooLong {
        /// The field.
        field: u8,
    },
    /// The answer could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What an answer repeats when the request has it. Not the tracks, the PIN block, the expiry date and the chip data.
const ECHOED: [u8; 23] = [2, 3, 4, 7, 11, 12, 13, 15, 23, 24, 25, 32, 33, 37, 41, 42, 49, 50, 51, 70, 90, 102, 103];

/// The longest header that an answer can have: TPDU and 255 octets.
const MAX_HEADER: usize = TPDU + 255;

/// Begins the answer to a request: the type of the answer, the header with destination and source swapped where it has
/// them, the fields that are repeated, and field 39. What else there is (38, 54, 55, 64) is the caller's.
///
/// ```
/// use tapcard_iso8583::host::{self, NetworkAction, ResponseCode, Trace};
/// use tapcard_iso8583::{Message, Mti, specs};
///
/// let (mut asked, mut answered) = ([0; 128], [0; 128]);
/// let trace = Trace { transmitted: *b"0703185655", stan: 7 };
/// let length = host::network_request(&specs::HOST, &[], NetworkAction::Echo, &trace, &mut asked)?.finish();
/// let request = Message::decode(&specs::HOST, &asked[..length])?;
/// let length = host::respond(&request, ResponseCode::APPROVED, &mut answered)?.finish();
/// let response = Message::decode(&specs::HOST, &answered[..length])?;
/// assert_eq!(response.mti(), Mti::NETWORK_RESPONSE);
/// assert_eq!(host::check_response(&request, &response), Ok(ResponseCode::APPROVED));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// The message is no request, or what the writer refuses.
pub fn respond<'a, 'b>(
    request: &Message<'a>,
    code: ResponseCode,
    out: &'b mut [u8],
) -> Result<MessageWriter<'a, 'b>, HostError> {
    let mti = request.mti().response().ok_or(HostError::NoAnswer { mti: request.mti() })?;
    let mut header = [0; MAX_HEADER];
    let header = header.get_mut(..request.header().len()).unwrap_or_default();
    header.iter_mut().zip(request.header()).for_each(|(place, octet)| *place = *octet);
    if let (Header::Tpdu(_), [_, to_a, to_b, from_a, from_b, ..]) = (request.spec().header, &mut *header) {
        core::mem::swap(to_a, from_a);
        core::mem::swap(to_b, from_b);
    }
    let mut writer = MessageWriter::new(request.spec(), header, mti, out)?;
    for field in ECHOED.iter().filter_map(|number| request.field(*number)) {
        writer.copy(&field)?;
    }
    writer.text(39, code.characters())?;
    Ok(writer)
}

/// The fields that each class of request must have here.
const fn required(class: Class) -> Bitmap {
    match class {
        Class::Authorisation => Bitmap::of(&[3, 11, 41]),
        Class::Financial => Bitmap::of(&[3, 4, 11, 41, 49]),
        Class::Reversal => Bitmap::of(&[3, 4, 11, 39, 41, 49, 90]),
        Class::Administrative => Bitmap::of(&[3, 11, 41, 55]),
        Class::NetworkManagement => Bitmap::of(&[7, 11, 70]),
        _ => Bitmap::of(&[11]),
    }
}

/// Whether a request has what a host needs to work on it: its fields, and a card where money is concerned (field 2, 35 or
/// 55).
///
/// # Errors
/// It is no request, or the lowest field that is missing.
pub fn check_request(request: &Message<'_>) -> Result<(), HostError> {
    let class = request.mti().class();
    if !request.mti().expects_response() {
        return Err(HostError::NoAnswer { mti: request.mti() });
    }
    if let Some(field) = required(class).without(request.bitmap()).fields().next() {
        return Err(HostError::Missing { field });
    }
    let card = !Bitmap::of(&[2, 35, 55]).and(request.bitmap()).is_empty();
    let needs_card = matches!(class, Class::Authorisation | Class::Financial | Class::Administrative);
    if needs_card && !card { Err(HostError::Missing { field: 2 }) } else { Ok(()) }
}

/// Why a message is not the answer that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mismatch {
    /// Another message type.
    #[error("{found} does not answer {asked}")]
    Mti {
        /// Type of the request.
        asked: Mti,
        /// Type of what came.
        found: Mti,
    },
    /// A field differs from the request's, or is missing.
    #[error("field {field} differs from the request")]
    Field {
        /// The lowest one.
        field: u8,
    },
    /// Field 39 is missing or is no response code.
    #[error("no response code")]
    NoCode,
}

/// Fields that an answer repeats unchanged when it has them.
const COMPARED: [u8; 8] = [3, 4, 7, 37, 41, 42, 49, 70];

/// Whether `response` answers `request`: its type, field 11, and whatever else it repeats. The response code, if so.
///
/// # Errors
/// What differs. The answer is then someone else's, or late; waiting goes on.
pub fn check_response(request: &Message<'_>, response: &Message<'_>) -> Result<ResponseCode, Mismatch> {
    let (asked, found) = (request.mti(), response.mti());
    if !found.answers(asked) {
        return Err(Mismatch::Mti { asked, found });
    }
    let same = |number: u8| match (request.field(number), response.field(number)) {
        (Some(asked), Some(found)) => asked.same_value(&found),
        (asked, found) => asked.is_none() && found.is_none(),
    };
    let compared = COMPARED.iter().filter(|number| request.bitmap().and(response.bitmap()).contains(**number));
    if let Some(field) = compared.chain([&11]).find(|number| !same(**number)) {
        return Err(Mismatch::Field { field: *field });
    }
    let mut characters = [0; 2];
    let code = response.field(39).filter(|field| field.chars().len() == 2);
    code.and_then(|field| field.copy_chars(&mut characters).ok()).ok_or(Mismatch::NoCode)?;
    ResponseCode::new(characters).ok_or(Mismatch::NoCode)
}

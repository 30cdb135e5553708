//! Messages that ask: begun with what each of them has, to be completed by the caller.

use crate::error::{Element, EncodeError, EncodeErrorKind};
use crate::host::{NetworkAction, OriginalData, ResponseCode};
use crate::message::Message;
use crate::mti::{Function, Mti};
use crate::spec::Spec;
use crate::writer::MessageWriter;

/// What makes a message one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Trace {
    /// Field 7, transmission date and time: MMDDhhmmss as ASCII digits.
    pub transmitted: [u8; 10],
    /// Field 11, the system trace audit number, up to 999999.
    pub stan: u32,
}

/// Begins a request or an advice: fields 7 and 11.
///
/// ```
/// use tapcard_iso8583::host::{self, Trace};
/// use tapcard_iso8583::{Message, Mti, specs};
///
/// let mut buffer = [0; 256];
/// let trace = Trace { transmitted: *b"0703185655", stan: 7 };
/// let mut writer = host::request(&specs::HOST, &[], Mti::FINANCIAL_REQUEST, &trace, &mut buffer)?;
/// writer.text(3, "000000")?.number(4, 1234)?.text(49, "156")?.padded(41, "T1")?;
/// let length = writer.finish();
/// let message = Message::decode(&specs::HOST, &buffer[..length])?;
/// assert_eq!(message.field(11).and_then(|stan| stan.number_value()), Some(7));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// What the writer refuses.
pub fn request<'s, 'b>(
    spec: &'s Spec<'s>,
    header: &[u8],
    mti: Mti,
    trace: &Trace,
    out: &'b mut [u8],
) -> Result<MessageWriter<'s, 'b>, EncodeError> {
    let mut writer = MessageWriter::new(spec, header, mti, out)?;
    writer.text(7, trace.transmitted)?.number(11, trace.stan.into())?;
    Ok(writer)
}

/// A whole network management request: fields 7, 11 and 70.
///
/// # Errors
/// What the writer refuses.
pub fn network_request<'s, 'b>(
    spec: &'s Spec<'s>,
    header: &[u8],
    action: NetworkAction,
    trace: &Trace,
    out: &'b mut [u8],
) -> Result<MessageWriter<'s, 'b>, EncodeError> {
    let mut writer = request(spec, header, Mti::NETWORK_REQUEST, trace, out)?;
    writer.number(70, action.code().into())?;
    Ok(writer)
}

/// What a reversal repeats of its original.
const REVERSED: [u8; 18] = [2, 3, 4, 12, 13, 14, 22, 23, 24, 25, 32, 33, 37, 38, 41, 42, 49, 95];

/// Begins a reversal of `original`, as a request (0400) or an advice (0420): what it repeats of the original, the reason in
/// field 39 and the original data elements in field 90. Chip data and the MAC are the caller's.
///
/// # Errors
/// What the writer refuses.
pub fn reversal<'a, 'b>(
    original: &Message<'a>,
    function: Function,
    reason: ResponseCode,
    trace: &Trace,
    out: &'b mut [u8],
) -> Result<MessageWriter<'a, 'b>, EncodeError> {
    let mti = if function == Function::Advice { Mti::REVERSAL_ADVICE } else { Mti::REVERSAL_REQUEST };
    let mut writer = request(original.spec(), original.header(), mti, trace, out)?;
    for field in REVERSED.iter().filter_map(|number| original.field(*number)) {
        writer.copy(&field)?;
    }
    writer.text(39, reason.characters())?.text(90, OriginalData::of(original).digits())?;
    Ok(writer)
}

/// Copies a message to `out` as its own repeat (origin 1, 3 or 5); everything else stays, so that its [`super::RequestKey`]
/// does. Returns its length. The MAC, where there is one, has to be made anew.
///
/// # Errors
/// The origin has no repeat ([`EncodeErrorKind::UnknownField`] of the message type), or the buffer is too small.
pub fn repeat_into(message: &Message<'_>, out: &mut [u8]) -> Result<usize, EncodeError> {
    let refused = EncodeError { kind: EncodeErrorKind::UnknownField, element: Element::Mti };
    let mti = message.mti().repeat().ok_or(refused)?;
    let mut writer = MessageWriter::new(message.spec(), message.header(), mti, out)?;
    for field in message.fields() {
        writer.copy(&field)?;
    }
    Ok(writer.finish())
}

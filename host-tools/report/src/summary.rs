//! The members of an application and of its log records out of raw data objects.

use tapcard_emv::pboc::LoadRecordHead;
use tapcard_emv::{Aid, Amount, Date, Dol, Pan, Scheme, Time, Track1, Track2, tag};
use tapcard_iso7816::{StatusWord, Tag};

use crate::model::{Application, ApplicationState, ElectronicCash, Load, Transaction, Warning};
use crate::text::decode_text;

/// The members that follow from data objects. `value` gives the first object with a tag.
pub(crate) fn application<'o>(
    value: &impl Fn(Tag) -> Option<&'o [u8]>,
    requested: Option<Aid>,
    directory_label: Option<String>,
) -> Application {
    let tracks = Tracks::new(value);
    let name = value(tag::DF_NAME).and_then(|name| Aid::new(name).ok()).or(requested);
    let pan = value(tag::PAN).and_then(|pan| Pan::from_cn(pan).ok());
    let track2_pan =
        value(tag::TRACK2_EQUIVALENT_DATA).and_then(|track| Track2::parse(track).ok()).map(|track| track.pan().clone());
    let code_table = value(tag::ISSUER_CODE_TABLE_INDEX).and_then(|index| index.first().copied());
    Application {
        aid: name,
        directory_aid: None,
        label: value(tag::APPLICATION_LABEL).map(|label| decode_text(label, None)).or(directory_label),
        preferred_name: value(tag::APPLICATION_PREFERRED_NAME).map(|name| decode_text(name, code_table)),
        priority: value(tag::APPLICATION_PRIORITY)
            .and_then(|indicator| indicator.first())
            .map(|indicator| indicator & 0x0F)
            .filter(|priority| *priority != 0),
        scheme: name.map(|aid| aid.scheme()).filter(|scheme| *scheme != Scheme::Emv).map(Scheme::name),
        track2_pan_matches: pan.as_ref().zip(track2_pan).map(|(pan, other)| *pan == other),
        pan: pan.or(tracks.pan),
        psn: value(tag::PSN).and_then(|number| digits(number, 2)).and_then(|n| n.parse().ok()),
        expiry: value(tag::EXPIRATION_DATE).and_then(|date| Date::from_yymmdd(date).ok()).or(tracks.expiry),
        effective: value(tag::EFFECTIVE_DATE).and_then(|date| Date::from_yymmdd(date).ok()),
        cardholder: value(tag::CARDHOLDER_NAME)
            .or_else(|| value(tag::CARDHOLDER_NAME_EXTENDED))
            .map(|name| decode_text(name, None))
            .filter(|name| !name.is_empty() && name != " /" && name != "/"),
        service_code: value(tag::SERVICE_CODE).and_then(|code| digits(code, 3)).or(tracks.service_code),
        country: value(tag::ISSUER_COUNTRY_CODE)
            .or_else(|| value(tag::CARD_ISSUER_COUNTRY_CODE))
            .and_then(|code| digits(code, 3)),
        currency: value(tag::APPLICATION_CURRENCY_CODE)
            .or_else(|| value(tag::EC_CURRENCY_CODE))
            .and_then(|code| digits(code, 3)),
        aip: value(tag::AIP).and_then(|aip| aip.try_into().ok()),
        afl: value(tag::AFL).map(<[u8]>::to_vec),
        atc: value(tag::ATC).and_then(number_u16),
        last_online_atc: value(tag::LAST_ONLINE_ATC).and_then(number_u16),
        pin_tries_left: value(tag::PIN_TRY_COUNTER).and_then(|tries| tries.first().copied()),
        state: ApplicationState::Unknown,
        select_sw: StatusWord::OK,
        electronic_cash: electronic_cash(value),
        purse: None,
        transactions: Vec::new(),
        loads: Vec::new(),
        objects: Vec::new(),
    }
}

/// What track 2 or track 1 data say where the chip's own objects are absent (magnetic stripe profiles over RF).
#[derive(Default)]
struct Tracks {
    pan: Option<Pan>,
    expiry: Option<Date>,
    service_code: Option<String>,
}

impl Tracks {
    fn new<'o>(value: &impl Fn(Tag) -> Option<&'o [u8]>) -> Self {
        let mut tracks = Self::default();
        for track in [tag::TRACK2_EQUIVALENT_DATA, tag::TRACK2_DATA] {
            if let Some(track) = value(track).and_then(|octets| Track2::parse(octets).ok()) {
                tracks.add(track.pan(), track.expiry(), track.service_code());
            }
        }
        if let Some(track) = value(tag::TRACK1_DATA).and_then(|octets| Track1::parse(octets).ok()) {
            tracks.add(track.pan(), track.expiry(), track.service_code());
        }
        tracks
    }

    fn add(&mut self, pan: &Pan, expiry: Option<Date>, service_code: Option<&str>) {
        if self.pan.is_none() {
            self.pan = Some(pan.clone());
        }
        self.expiry = self.expiry.or(expiry);
        if self.service_code.is_none() {
            self.service_code = service_code.map(str::to_owned);
        }
    }
}

/// Both currencies of electronic cash, as far as there is a balance or a limit.
pub(crate) fn electronic_cash<'o>(value: &impl Fn(Tag) -> Option<&'o [u8]>) -> Vec<ElectronicCash> {
    let amount = |wanted| value(wanted).and_then(amount_minor);
    let code = |wanted| value(wanted).and_then(currency_number);
    let first = ElectronicCash {
        currency: code(tag::EC_CURRENCY_CODE),
        balance: amount(tag::EC_BALANCE),
        balance_limit: amount(tag::EC_BALANCE_LIMIT),
        single_limit: amount(tag::EC_SINGLE_LIMIT),
        reset_threshold: amount(tag::EC_RESET_THRESHOLD),
    };
    let second = ElectronicCash {
        currency: code(tag::EC2_CURRENCY_CODE),
        balance: amount(tag::EC2_BALANCE),
        balance_limit: amount(tag::EC2_BALANCE_LIMIT),
        single_limit: amount(tag::EC2_SINGLE_LIMIT),
        reset_threshold: amount(tag::EC2_RESET_THRESHOLD),
    };
    [first, second].into_iter().filter(|cash| cash.balance.is_some()).collect()
}

/// One record of the transaction log by the card's own format (EMV 4.4 Book 3, Annex D).
pub(crate) fn transaction(format: &Dol<'_>, record: &[u8], warnings: &mut Vec<Warning>) -> Transaction {
    let fields = fields(format, record, "transaction log", warnings);
    let value = |wanted: Tag| fields.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    Transaction {
        date: value(tag::TRANSACTION_DATE).and_then(|date| Date::from_yymmdd(date).ok()),
        time: value(tag::TRANSACTION_TIME).and_then(|time| Time::from_hhmmss(time).ok()),
        amount: value(tag::AMOUNT_AUTHORISED).and_then(amount_minor),
        amount_other: value(tag::AMOUNT_OTHER).and_then(amount_minor),
        currency: value(tag::TRANSACTION_CURRENCY_CODE).and_then(currency_number),
        country: value(tag::TERMINAL_COUNTRY_CODE).and_then(currency_number),
        merchant: value(tag::MERCHANT_NAME_AND_LOCATION).map(|name| decode_text(name, None)).filter(|n| !n.is_empty()),
        kind: value(tag::TRANSACTION_TYPE).and_then(|kind| kind.first().copied()),
        cid: value(tag::CID).and_then(|cid| cid.first().copied()),
        atc: value(tag::ATC).and_then(number_u16),
        sequence: None,
        terminal: None,
        movement: None,
        raw: record.to_vec(),
    }
}

/// One record of the load log: P1, P2, value before, value after, then the fields of DF4F (JR/T 0025.13).
pub(crate) fn load(format: &Dol<'_>, record: &[u8], warnings: &mut Vec<Warning>) -> Option<Load> {
    let Ok((head, rest)) = LoadRecordHead::parse(record) else {
        warnings.push(malformed("load log", "shorter than the fixed fields of a load record"));
        return None;
    };
    let fields = fields(format, rest, "load log", warnings);
    let value = |wanted: Tag| fields.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    Some(Load {
        object: head.object(),
        before: head.before.minor(),
        after: head.after.minor(),
        date: value(tag::TRANSACTION_DATE).and_then(|date| Date::from_yymmdd(date).ok()),
        time: value(tag::TRANSACTION_TIME).and_then(|time| Time::from_hhmmss(time).ok()),
        country: value(tag::TERMINAL_COUNTRY_CODE).and_then(currency_number),
        merchant: value(tag::MERCHANT_NAME_AND_LOCATION).map(|name| decode_text(name, None)).filter(|n| !n.is_empty()),
        atc: value(tag::ATC).and_then(number_u16),
        raw: record.to_vec(),
    })
}

/// The fields that fit; a record of another length than its format is a warning.
fn fields<'r>(
    format: &Dol<'_>,
    record: &'r [u8],
    log: &'static str,
    warnings: &mut Vec<Warning>,
) -> Vec<(Tag, &'r [u8])> {
    let mut fields = Vec::new();
    for field in format.decode(record) {
        match field {
            Ok((entry, value)) => fields.push((entry.tag, value)),
            Err(error) => {
                warnings.push(malformed(log, &error.to_string()));
                break;
            }
        }
    }
    fields
}

fn malformed(log: &str, message: &str) -> Warning {
    Warning { code: "log_record_malformed", message: message.to_owned(), at: log.to_owned() }
}

/// The last `count` digits of an n or cn value: `0156` is `156`.
fn digits(octets: &[u8], count: usize) -> Option<String> {
    let text = hex::encode(octets);
    let text = text.get(text.len().checked_sub(count)?..)?;
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.to_owned())
}

fn amount_minor(octets: &[u8]) -> Option<u64> {
    Amount::from_bcd(octets).ok().map(Amount::minor)
}

fn currency_number(octets: &[u8]) -> Option<u16> {
    digits(octets, 3)?.parse().ok()
}

fn number_u16(octets: &[u8]) -> Option<u16> {
    octets.try_into().ok().map(u16::from_be_bytes)
}

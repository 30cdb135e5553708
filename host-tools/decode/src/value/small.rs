//! Values that are one code or one number: a line each.

use tapcard_emv::bits::Cid;
use tapcard_emv::pboc::LogEntry;
use tapcard_emv::{DataObject, Format, Pan, ServiceCode, Tag, tag};

use crate::codes;
use crate::field::Field;
use crate::registry;
use crate::setting::{Setting, n3};
use crate::value::amounts;
use crate::words::count;

/// Lines about a value; none where nothing is known.
pub(super) fn lines(tag: Tag, row: Option<&DataObject>, field: Field<'_>, setting: &Setting) -> Vec<String> {
    if field.len() == 0 {
        return Vec::new();
    }
    let mut lines = several(tag, field, setting);
    lines.extend(one(tag, field.octets, setting));
    if let (true, Some(row)) = (lines.is_empty(), row) {
        lines.extend(amount(row, field.octets, setting));
    }
    if let Some(row) = row.filter(|row| !row.accepts_length(field.len())) {
        lines.push(format!("unusual: {}, the dictionary has {}", count(field.len(), "byte"), lengths(row)));
    }
    lines
}

/// How long a value may be, in words.
pub(crate) fn lengths(row: &DataObject) -> String {
    match (row.min_len, row.max_len) {
        (least, most) if least == most => count(most.into(), "byte"),
        (0, most) => format!("up to {most} bytes"),
        (least, most) => format!("{least} to {most} bytes"),
    }
}

/// Amounts: six octets of digits, or the four octets that are amounts.
fn amount(row: &DataObject, octets: &[u8], setting: &Setting) -> Option<String> {
    let currency = setting.currency_of(row.tag);
    match row.tag {
        tag::AMOUNT_AUTHORISED_BINARY | tag::AMOUNT_OTHER_BINARY | tag::TERMINAL_FLOOR_LIMIT => {
            amounts::of_binary(octets, currency)
        }
        _ if row.format == Format::N && row.min_len <= 6 && row.max_len == 6 && octets.len() == 6 && is_amount(row) => {
            amounts::of_digits(octets, currency)
        }
        _ => None,
    }
}

/// Of the values of six octets of digits, two are numbers of somebody.
fn is_amount(row: &DataObject) -> bool {
    !matches!(row.tag, tag::ACQUIRER_IDENTIFIER | tag::TOKEN_REQUESTOR_ID)
}

/// Values whose parts have a line each.
fn several(tag: Tag, field: Field<'_>, setting: &Setting) -> Vec<String> {
    let octets = field.octets;
    match tag {
        tag::LANGUAGE_PREFERENCE => octets.chunks(2).map(language).collect(),
        tag::APPLICATION_REFERENCE_CURRENCY => octets.chunks(2).filter_map(currency).collect(),
        tag::CID => match octets {
            [octet] => codes::cryptogram_information(Cid::new(*octet)).into_iter().flatten().collect(),
            _ => Vec::new(),
        },
        tag::SERVICE_CODE => {
            ServiceCode::from_n3(octets).map_or_else(Vec::new, |code| super::track::service_code(field, code).means)
        }
        tag::ISSUER_SCRIPT_RESULTS | tag::UPI_SCRIPT_RESULTS if octets.len().is_multiple_of(5) => {
            octets.chunks(5).map(script).collect()
        }
        tag::ISSUER_AUTHENTICATION_DATA => issuer_authentication(field),
        tag::CARD_AUTHENTICATION_RELATED_DATA if setting.scheme != Some(tapcard_emv::Scheme::Mastercard) => {
            card_authentication(field)
        }
        tag::APPLICATION_PRIORITY => match octets {
            [octet] => priority(*octet),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn language(letters: &[u8]) -> String {
    let letters = String::from_utf8_lossy(letters).escape_debug().to_string();
    format!("{letters}: {}", registry::language(&letters).unwrap_or("not assigned"))
}

fn currency(octets: &[u8]) -> Option<String> {
    let number = n3(octets)?;
    Some(registry::currency(number).unwrap_or_else(|| format!("{number:03} is not assigned")))
}

fn country(octets: &[u8]) -> Option<String> {
    let number = n3(octets)?;
    Some(registry::country(number).unwrap_or_else(|| format!("{number:03} is not assigned")))
}

/// Five octets for each script: result, number of the command, identifier.
fn script(result: &[u8]) -> String {
    let [state, id @ ..] = result else { return String::new() };
    let id: String = id.iter().map(|octet| format!("{octet:02X}")).collect();
    let at = match state & 0x0F {
        0 => String::new(),
        0x0F => " at command 15 or later".to_owned(),
        number => format!(" at command {number}"),
    };
    format!("script {id}: {}{at}", codes::script_result(state >> 4))
}

/// EMV 4.4 Book 2, 8.2: method 1 has 8 and 2 octets, method 2 has 4, 4 and up to 8.
fn issuer_authentication(field: Field<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if field.len() == 10 {
        let code = field.sub(8, 2);
        let text = codes::response_code(code.octets).map_or_else(String::new, |text| format!(", {text}"));
        lines.push(format!("method 1: ARPC {}, response code {}{text}", field.sub(0, 8).hex, code.hex));
    }
    if (8..=16).contains(&field.len()) {
        let more = field.from(8);
        let more = if more.len() > 0 { format!(", proprietary data {}", more.hex) } else { String::new() };
        lines.push(format!("method 2: ARPC {}, CSU {}{more}", field.sub(0, 4).hex, field.sub(4, 4).hex));
    }
    lines
}

/// EMV Contactless C-3, Annex A: version, unpredictable number of the card, copy of the CTQ.
fn card_authentication(field: Field<'_>) -> Vec<String> {
    let parts = [("fDDA version", 0, 1), ("unpredictable number of the card", 1, 4), ("CTQ", 5, 2)];
    let parts = parts.into_iter().map(|(name, start, length)| (name, field.sub(start, length), length));
    let whole = parts.filter(|(_, part, length)| part.len() == *length);
    whole.map(|(name, part, _)| format!("{name}: {}", part.hex)).collect()
}

fn priority(octet: u8) -> Vec<String> {
    let order = match octet & 0x0F {
        0 => "no priority".to_owned(),
        order => format!("priority {order}, 1 is the highest"),
    };
    let confirmation =
        (octet & 0x80 != 0).then(|| "not to be selected without the cardholder's confirmation".to_owned());
    [Some(order), confirmation].into_iter().flatten().collect()
}

/// Values that one line explains.
fn one(tag: Tag, octets: &[u8], setting: &Setting) -> Option<String> {
    let digit = || octets.first().copied().filter(|_| octets.len() == 1);
    match tag {
        tag::PAN => Pan::from_cn(octets).ok().map(|pan| check_digit(&pan)),
        tag::ISSUER_COUNTRY_CODE | tag::TERMINAL_COUNTRY_CODE => country(octets),
        tag::ISSUER_COUNTRY_ALPHA2 | tag::ISSUER_COUNTRY_ALPHA3 => {
            registry::country_of_letters(std::str::from_utf8(octets).ok()?)
        }
        tag::TRANSACTION_CURRENCY_CODE
        | tag::APPLICATION_CURRENCY_CODE
        | tag::TRANSACTION_REFERENCE_CURRENCY
        | tag::EC2_CURRENCY_CODE => currency(octets),
        // Electronic cash and VIS; a DOL of kernel 2.
        tag::EC_CURRENCY_CODE if octets.len() == 2 => currency(octets),
        tag::TRANSACTION_CURRENCY_EXPONENT
        | tag::APPLICATION_CURRENCY_EXPONENT
        | tag::TRANSACTION_REFERENCE_EXPONENT => digit().map(|digits| format!("{digits} decimals")),
        tag::MERCHANT_CATEGORY_CODE => category(octets),
        tag::TRANSACTION_TYPE => codes::transaction_type(digit()?, setting.scheme).map(str::to_owned),
        tag::ARC => codes::response_code(octets).map(str::to_owned),
        tag::POS_ENTRY_MODE => codes::entry_mode(digit()?).map(str::to_owned),
        tag::ACCOUNT_TYPE => codes::account_type(digit()?).map(str::to_owned),
        tag::TERMINAL_TYPE => codes::terminal_type(digit()?),
        tag::ATC | tag::LAST_ONLINE_ATC => {
            octets.try_into().ok().map(|octets| format!("decimal {}", u16::from_be_bytes(octets)))
        }
        tag::PIN_TRY_COUNTER => digit().map(|tries| match tries {
            0 => "the PIN is blocked".to_owned(),
            1 => "1 try left".to_owned(),
            tries => format!("{tries} tries left"),
        }),
        tag::LOWER_CONSECUTIVE_OFFLINE_LIMIT | tag::UPPER_CONSECUTIVE_OFFLINE_LIMIT => {
            digit().map(|limit| format!("decimal {limit}"))
        }
        tag::LOG_ENTRY | tag::LOAD_LOG_ENTRY => LogEntry::parse(octets)
            .ok()
            .map(|entry| format!("SFI {}, {}", entry.sfi, count(entry.records.into(), "record"))),
        tag::SFI => digit().map(|sfi| format!("SFI {sfi}")),
        tag::ISSUER_CODE_TABLE_INDEX => digit().map(|part| format!("ISO/IEC 8859-{part:X}")),
        tag::KERNEL_IDENTIFIER => codes::kernel(octets.first()? & 0x3F).map(str::to_owned),
        tag::SM_ALGORITHM_SUPPORT => digit().map(|support| match support {
            0 => "international algorithms".to_owned(),
            1 => "SM algorithms".to_owned(),
            _ => "not assigned".to_owned(),
        }),
        _ => None,
    }
}

fn check_digit(pan: &Pan) -> String {
    if pan.is_luhn() { "check digit right".to_owned() } else { "check digit wrong".to_owned() }
}

fn category(octets: &[u8]) -> Option<String> {
    let [high, low] = octets else { return None };
    let code = format!("{high:02X}{low:02X}").parse().ok()?;
    Some(registry::merchant_category(code).unwrap_or("not assigned").to_owned())
}

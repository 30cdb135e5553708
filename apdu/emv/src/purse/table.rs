//! Every purse that is known, one entry each. A new city is an entry here and a vector under `vectors/`.
//!
//! Where the facts are from: JR/T 0025.2 for EP, ED and their log; JT/T 978 for T-Union; KS X 6924 for T-money. The cities
//! are as the public readers nfcard, metrodroid and TU-Reader read them; what only one of them has, and what was never seen
//! on a card, is marked **unconfirmed**.

use tapcard_iso7816::{Sfi, Tag};

use super::balance::{Ask, BalanceRule, Number, Register};
use super::log::{Clock, LogLayout, Span};
use super::movement::TypeCode;
use super::public::{At, DateForm, PublicLayout, SerialForm};
use super::schema::{FciCopy, File, Log, Purse, PurseKind, Selection, Structure, Variant, When};
use crate::amount::Currency;
use crate::tags::tag;

/// The master file.
const MF: Selection = Selection::File(0x3F00);

/// A short file identifier that the compiler checks.
const fn sfi(number: u8) -> Sfi {
    match Sfi::new(number) {
        Some(sfi) => sfi,
        None => panic!("an SFI is 1 to 30"),
    }
}

/// GET BALANCE of JR/T 0025.2; the top bit is set on some cards and does not count.
const fn register(p1: u8, p2: u8) -> Register {
    Register { number: p1, ask: Ask::GetBalance { p1, p2, le: 4 }, amount: Number::binary_31(0) }
}

const fn at(file: u8, offset: u8, length: u8) -> Option<At> {
    Some(At { file, offset, length })
}

const fn day(file: u8, offset: u8) -> Option<(At, DateForm)> {
    Some((At { file, offset, length: 4 }, DateForm::Yyyymmdd))
}

const fn binary(number: u8, copy: FciCopy) -> File {
    File { sfi: sfi(number), structure: Structure::Binary, copy }
}

/// P2 of GET BALANCE for the e-deposit.
const ED: u8 = 0x01;
/// P2 of GET BALANCE for the e-purse.
const EP: u8 = 0x02;

const EP_BALANCE: &[BalanceRule] = &[BalanceRule { plus: register(0, EP), minus: None }];
const ED_BALANCE: &[BalanceRule] = &[BalanceRule { plus: register(0, ED), minus: None }];

/// Log record 0018 of JR/T 0025.2: 23 octets.
const PBOC_LOG: LogLayout = LogLayout {
    length: 23,
    sequence: Span { offset: 0, length: 2 },
    overdraft: Some(Span { offset: 2, length: 3 }),
    amount: Number::binary(5),
    balance_after: None,
    kind: 9,
    code: TypeCode::Pboc,
    terminal: Span { offset: 10, length: 6 },
    clock: Clock::Full(16),
    vehicle: None,
};

/// The log of JR/T 0025.2 with further files of the same records.
const fn log(layout: &'static LogLayout, more: &'static [Sfi]) -> Option<Log> {
    Some(Log { sfi: sfi(0x18), layout, more })
}

/// File 0015 of JR/T 0025.2: 30 octets.
const FILE_15: PublicLayout = PublicLayout {
    serial: Some((At { file: 0, offset: 10, length: 10 }, SerialForm::Digits)),
    valid_from: day(0, 20),
    valid_to: day(0, 24),
    issuer: at(0, 0, 8),
    city: None,
    application_type: at(0, 8, 1),
    application_version: at(0, 9, 1),
    issuer_data: at(0, 28, 2),
    trips: None,
};

/// What most of the entries have in common.
const PBOC: Purse = Purse {
    kind: PurseKind::Ep,
    select: &[],
    home: None,
    opaque_fci: false,
    emv: false,
    account: false,
    currency: Currency::CNY,
    exponent: 2,
    balance: EP_BALANCE,
    registers: &[],
    files: &[binary(0x15, FciCopy::Stale(tag::PURSE_PUBLIC_DATA))],
    public: FILE_15,
    log: log(&PBOC_LOG, &[]),
    trips: None,
    sibling: None,
    variants: &[],
};

/// The usual DF of a purse under the MF, and the one that the directory of City Union names. An EP whose file 0015 has 32
/// octets is Shenzhen's, which is said to have the same identifier besides its name; **unconfirmed** on a card.
const E_PURSE: Purse = Purse {
    select: &[Selection::File(0x1001), Selection::File(0x3F01)],
    sibling: Some(PurseKind::Ed),
    variants: &[Variant { when: When::Length(32), kind: PurseKind::Shenzhen }],
    ..PBOC
};

/// In the DF of the e-purse. Cards want VERIFY before any of its commands, so a reader may well be refused.
const E_DEPOSIT: Purse = Purse { kind: PurseKind::Ed, balance: ED_BALANCE, ..PBOC };

/// Which registers make the balance is **unconfirmed**; three public readers differ, and no text of the standard was read.
/// Register 3 less register 2 (balance, overdraft used) where the card answers register 3; else register 0 less register 1,
/// which fits the one logged card that tells them apart; else register 0.
const T_UNION_BALANCE: &[BalanceRule] = &[
    BalanceRule { plus: register(3, EP), minus: Some(register(2, EP)) },
    BalanceRule { plus: register(0, EP), minus: Some(register(1, EP)) },
];

const T_UNION: Purse = Purse {
    kind: PurseKind::TUnion,
    select: &[Selection::Name(&[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x05])],
    balance: T_UNION_BALANCE,
    // Answers 16 octets on some cards. The first four repeat the balance; the next four were 500000, which may be the
    // largest balance: **unconfirmed**.
    registers: &[Register { number: 5, ask: Ask::GetBalance { p1: 5, p2: EP, le: 16 }, amount: Number::binary_31(0) }],
    files: &[binary(0x15, FciCopy::Equal(tag::PURSE_PUBLIC_DATA))],
    public: PublicLayout {
        // Printed without the leading zero: 19 digits.
        serial: Some((At { file: 0, offset: 10, length: 10 }, SerialForm::DigitsWithoutFirst)),
        city: at(0, 2, 2),
        ..FILE_15
    },
    trips: Some(sfi(0x1E)),
    ..PBOC
};

/// The serial number is as two readers have it; a newer description puts eight octets at 12: **unconfirmed**. So are the
/// further logs, which one reader reads.
const CITY_UNION: Purse = Purse {
    kind: PurseKind::CityUnion,
    select: &[Selection::Name(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x86, 0x98, 0x07])],
    files: &[binary(0x15, FciCopy::Equal(tag::PURSE_PUBLIC_DATA))],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 16, length: 4 }, SerialForm::LittleEndian)),
        city: at(0, 2, 2),
        ..FILE_15
    },
    log: log(&PBOC_LOG, &[sfi(0x10), sfi(0x06), sfi(0x1A)]),
    variants: &[Variant { when: When::Octets(2, &[0x20, 0x00]), kind: PurseKind::CityUnionShanghai }],
    ..PBOC
};

/// City 2000 has its serial number the other way round.
const CITY_UNION_SHANGHAI: Purse = Purse {
    kind: PurseKind::CityUnionShanghai,
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 16, length: 4 }, SerialForm::BigEndian)),
        ..CITY_UNION.public
    },
    variants: &[],
    ..CITY_UNION
};

/// Files 04 and 05 stand under the MF, beside the DF of the purse.
const BEIJING: Purse = Purse {
    kind: PurseKind::Beijing,
    select: &[Selection::File(0x1001), Selection::Name(b"OC"), Selection::Name(b"PBOC")],
    home: Some(MF),
    files: &[binary(0x04, FciCopy::None), binary(0x05, FciCopy::None)],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 0, length: 8 }, SerialForm::Digits)),
        valid_from: day(0, 24),
        valid_to: day(0, 28),
        application_version: at(0, 8, 3),
        trips: at(1, 0, 5),
        ..PublicLayout::EMPTY
    },
    ..PBOC
};

/// The FCI has a copy of file 0015 that was seen to differ from it in one half octet of the serial number. The upper half of
/// the terminal's third octet tells the vehicle.
const SHENZHEN: Purse = Purse {
    kind: PurseKind::Shenzhen,
    select: &[Selection::Name(b"PAY.SZT")],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 16, length: 4 }, SerialForm::LittleEndianChecked)),
        valid_from: day(0, 20),
        valid_to: day(0, 24),
        ..PublicLayout::EMPTY
    },
    log: log(&LogLayout { vehicle: Some(12), ..PBOC_LOG }, &[]),
    ..PBOC
};

/// The serial number stands in file 0A, everything else in file 05, both under the MF; the end of validity comes first.
const WUHAN: Purse = Purse {
    kind: PurseKind::Wuhan,
    select: &[Selection::Name(b"AP1.WHCTC")],
    home: Some(MF),
    files: &[binary(0x0A, FciCopy::None), binary(0x05, FciCopy::None)],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 0, length: 5 }, SerialForm::Digits)),
        valid_from: day(1, 20),
        valid_to: day(1, 16),
        application_version: at(1, 24, 1),
        ..PublicLayout::EMPTY
    },
    ..PBOC
};

/// The public data belong to another application. One reader only (**unconfirmed**): log records have month, day, hour and
/// minute at 18, and no year.
const LINGNAN: Purse = Purse {
    kind: PurseKind::Lingnan,
    select: &[Selection::Name(b"PAY.TICL")],
    home: Some(Selection::Name(b"PAY.APPY")),
    files: &[binary(0x15, FciCopy::None)],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 11, length: 5 }, SerialForm::Digits)),
        valid_from: day(0, 23),
        valid_to: day(0, 27),
        ..PublicLayout::EMPTY
    },
    log: log(&LogLayout { clock: Clock::WithoutYear(18), ..PBOC_LOG }, &[]),
    ..PBOC
};

/// The money is in the e-deposit, behind a PIN (published as 123456) that a reader does not send: the balance may be refused.
const SUZHOU: Purse = Purse {
    kind: PurseKind::Suzhou,
    select: &[Selection::Name(b"SUXIN.DDF01")],
    balance: ED_BALANCE,
    public: PublicLayout { issuer_data: None, ..FILE_15 },
    ..PBOC
};

/// The further logs are what one reader reads: **unconfirmed**.
const TIANJIN: Purse = Purse {
    kind: PurseKind::Tianjin,
    select: &[Selection::Name(&[0xD1, 0x56, 0x00, 0x00, 0x15, 0xB9, 0xAB, 0xB9, 0xB2, 0xD3, 0xA6, 0xD3, 0xC3])],
    public: PublicLayout { issuer_data: None, ..FILE_15 },
    log: log(&PBOC_LOG, &[sfi(0x10), sfi(0x09)]),
    ..PBOC
};

/// `B0`: the purse information of KS X 6924, 47 octets; in the FCI and in record 1 of file 2.
const KOREAN_PURSE_INFORMATION: Tag = Tag::new(0xB0);

/// Record of file 4: 46 octets, type and length first.
const KOREAN_LOG: LogLayout = LogLayout {
    length: 46,
    sequence: Span { offset: 6, length: 4 },
    overdraft: None,
    amount: Number::binary(10),
    balance_after: Some(Number::binary(2)),
    kind: 0,
    code: TypeCode::KsX6924,
    terminal: Span { offset: 14, length: 8 },
    clock: Clock::Full(26),
    vehicle: None,
};

/// The names are those of T-money and Snapper, Cashbee, MOIBA and K-Cash; the last two are **unconfirmed**.
const KS_X_6924: Purse = Purse {
    kind: PurseKind::KsX6924,
    select: &[
        Selection::Name(&[0xD4, 0x10, 0x00, 0x00, 0x03, 0x00, 0x01]),
        Selection::Name(&[0xD4, 0x10, 0x00, 0x00, 0x14, 0x00, 0x01]),
        Selection::Name(&[0xD4, 0x10, 0x00, 0x00, 0x30, 0x00, 0x01]),
        Selection::Name(&[0xD4, 0x10, 0x65, 0x09, 0x90, 0x00, 0x20]),
    ],
    home: None,
    opaque_fci: true,
    emv: false,
    account: false,
    currency: Currency::KRW,
    exponent: 0,
    balance: &[BalanceRule {
        plus: Register { number: 0, ask: Ask::KoreanBalance, amount: Number::binary(0) },
        minus: None,
    }],
    registers: &[],
    files: &[File { sfi: sfi(2), structure: Structure::Record(1), copy: FciCopy::Equal(KOREAN_PURSE_INFORMATION) }],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 4, length: 8 }, SerialForm::DigitsInFours)),
        valid_from: day(0, 17),
        valid_to: day(0, 21),
        issuer: at(0, 3, 1),
        ..PublicLayout::EMPTY
    },
    log: Some(Log { sfi: sfi(4), layout: &KOREAN_LOG, more: &[] }),
    trips: None,
    sibling: None,
    variants: &[],
};

/// `EF_BLOG`: status, number of the booking, number of the load, amount, merchant card, two counters of the merchant's,
/// balance, date, time; more octets may follow.
const GELDKARTE_LOG: LogLayout = LogLayout {
    length: 36,
    sequence: Span { offset: 1, length: 2 },
    overdraft: None,
    amount: Number::six_digits(5),
    balance_after: Some(Number::six_digits(26)),
    kind: 0,
    code: TypeCode::GeldKarte,
    terminal: Span { offset: 8, length: 10 },
    clock: Clock::Full(29),
    vehicle: None,
};

/// On a girocard: the purse is a DF of its own, but the directory may name it together with the EMV application. The files are
/// `EF_ID` (17), `EF_BETRAG` (18) and `EF_BLOG` (1D). Cards in marks have not been valid since 2002.
const GELDKARTE: Purse = Purse {
    kind: PurseKind::GeldKarte,
    select: &[Selection::Name(&[0xD2, 0x76, 0x00, 0x00, 0x25, 0x45, 0x50])],
    home: None,
    opaque_fci: false,
    emv: true,
    account: true,
    currency: Currency::EUR,
    exponent: 2,
    balance: &[BalanceRule {
        plus: Register { number: 0, ask: Ask::Record(sfi(0x18), 1), amount: Number::six_digits(0) },
        minus: None,
    }],
    registers: &[],
    files: &[File { sfi: sfi(0x17), structure: Structure::Record(1), copy: FciCopy::None }],
    public: PublicLayout {
        serial: Some((At { file: 0, offset: 4, length: 5 }, SerialForm::Digits)),
        valid_from: Some((At { file: 0, offset: 12, length: 3 }, DateForm::Yymmdd)),
        valid_to: Some((At { file: 0, offset: 10, length: 2 }, DateForm::Yymm)),
        issuer: at(0, 1, 3),
        ..PublicLayout::EMPTY
    },
    log: Some(Log { sfi: sfi(0x1D), layout: &GELDKARTE_LOG, more: &[] }),
    trips: None,
    sibling: None,
    variants: &[],
};

static PURSES: [Purse; 13] = [
    E_PURSE,
    E_DEPOSIT,
    BEIJING,
    T_UNION,
    CITY_UNION,
    CITY_UNION_SHANGHAI,
    SHENZHEN,
    WUHAN,
    LINGNAN,
    SUZHOU,
    TIANJIN,
    KS_X_6924,
    GELDKARTE,
];

/// The purses that a card may have under a file identifier, in the order in which they can be told from each other: Beijing
/// has files under the MF, which others do not have.
pub const WITHOUT_NAME: [PurseKind; 2] = [PurseKind::Beijing, PurseKind::Ep];

/// Every purse that is known.
#[must_use]
pub fn purses() -> &'static [Purse] {
    &PURSES
}

/// The description of this kind.
#[must_use]
pub const fn by_kind(kind: PurseKind) -> &'static Purse {
    let [
        e_purse,
        e_deposit,
        beijing,
        t_union,
        city_union,
        city_union_shanghai,
        shenzhen,
        wuhan,
        lingnan,
        suzhou,
        tianjin,
        ks_x_6924,
        geldkarte,
    ] = &PURSES;
    match kind {
        PurseKind::Ep => e_purse,
        PurseKind::Ed => e_deposit,
        PurseKind::Beijing => beijing,
        PurseKind::TUnion => t_union,
        PurseKind::CityUnion => city_union,
        PurseKind::CityUnionShanghai => city_union_shanghai,
        PurseKind::Shenzhen => shenzhen,
        PurseKind::Wuhan => wuhan,
        PurseKind::Lingnan => lingnan,
        PurseKind::Suzhou => suzhou,
        PurseKind::Tianjin => tianjin,
        PurseKind::KsX6924 => ks_x_6924,
        PurseKind::GeldKarte => geldkarte,
    }
}

/// The purse whose DF has this name.
///
/// ```
/// use tapcard_emv::purse::{PurseKind, by_name};
///
/// assert_eq!(by_name(b"PAY.SZT").map(|purse| purse.kind), Some(PurseKind::Shenzhen));
/// assert_eq!(by_name(&[0xA0, 0x00, 0x00, 0x06, 0x32, 0x01, 0x01, 0x06]), None); // electronic cash of T-Union
/// ```
#[must_use]
pub fn by_name(name: &[u8]) -> Option<&'static Purse> {
    PURSES.iter().find(|purse| purse.has_name(name))
}

#[cfg(test)]
mod tests {
    use super::super::schema::MAX_FILES;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn every_kind_has_one_entry() {
        for (index, purse) in PURSES.iter().enumerate() {
            assert_eq!(by_kind(purse.kind), purse);
            assert!(PURSES[index + 1..].iter().all(|other| other.kind != purse.kind), "{:?}", purse.kind);
        }
    }

    #[test]
    fn every_name_finds_its_own_entry() {
        for purse in &PURSES {
            for name in purse.select.iter().filter_map(|select| match select {
                Selection::Name(name) => Some(*name),
                Selection::File(_) => None,
            }) {
                // Shanghai is told from City Union by its file, not by its name.
                let expected =
                    if purse.kind == PurseKind::CityUnionShanghai { PurseKind::CityUnion } else { purse.kind };
                assert_eq!(by_name(name).map(|purse| purse.kind), Some(expected));
            }
        }
    }

    #[test]
    fn layouts_speak_of_files_that_are_listed() {
        for purse in &PURSES {
            assert!(purse.files.len() <= MAX_FILES, "{:?}", purse.kind);
            let layout = &purse.public;
            let fields = [
                layout.serial.map(|(at, _)| at),
                layout.valid_from.map(|(at, _)| at),
                layout.valid_to.map(|(at, _)| at),
                layout.issuer,
                layout.city,
                layout.application_type,
                layout.application_version,
                layout.issuer_data,
                layout.trips,
            ];
            for at in fields.into_iter().flatten() {
                assert!(usize::from(at.file) < purse.files.len(), "{:?}", purse.kind);
            }
        }
    }

    #[test]
    fn registers_have_numbers_of_their_own() {
        for purse in &PURSES {
            let mut numbers: Vec<_> = purse.all_registers().map(|register| register.number).collect();
            let all = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "{:?}", purse.kind);
        }
    }

    #[test]
    fn a_short_name_is_meant_whole() {
        assert_eq!(by_name(b"PBOC").map(|purse| purse.kind), Some(PurseKind::Beijing));
        assert_eq!(by_name(b"PBOC2"), None);
        assert_eq!(by_name(b"OCEAN"), None);
    }
}

//! Emulated purses and recordings through the whole reader: what is sent, octet by octet, and what the report says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

use tapcard_emv::purse::{Movement, Vehicle};
use tapcard_emv::{Aid, Pan, PurseKind};
use tapcard_iso7816::{Protocol, StatusWord};
use tapcard_report::{
    Application, ApplicationState, CardReport, Purse, PurseBalance, ReadOptions, Session, balance, read,
};
use tapcard_terminal::FoundBy;
use tapcard_transport::{Card, CardInfo, Interface, TransportError, VirtualCard};

/// Passes everything on and keeps the commands.
struct Spy<C>(C, Vec<String>);

impl<C: Card> Card for Spy<C> {
    fn info(&self) -> &CardInfo {
        self.0.info()
    }

    fn protocol(&self) -> Protocol {
        self.0.protocol()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<usize, TransportError> {
        self.1.push(hex::encode_upper(command));
        self.0.transmit(command, answer)
    }
}

fn options(aid: Option<&str>) -> ReadOptions {
    ReadOptions { aid: aid.map(|aid| Aid::new(&hex::decode(aid).unwrap()).unwrap()), ..ReadOptions::default() }
}

/// The commands of a reading, and the report.
fn read_profile(profile: &str, aid: Option<&str>) -> (Vec<String>, CardReport) {
    let mut card = VirtualCard::open(profile).unwrap();
    let mut spy = Spy(card.session().unwrap(), Vec::new());
    let report = read(&mut spy, &options(aid)).unwrap();
    assert_eq!(report.apdus, spy.1.len());
    (spy.1, report)
}

fn balance_of(profile: &str, aid: Option<&str>) -> (Vec<String>, Vec<PurseBalance>) {
    let mut card = VirtualCard::open(profile).unwrap();
    let mut spy = Spy(card.session().unwrap(), Vec::new());
    let report = balance(&mut spy, &options(aid)).unwrap();
    assert_eq!((report.apdus, report.warnings), (spy.1.len(), vec![]));
    (spy.1, report.purses)
}

fn purse(application: &Application) -> &Purse {
    application.purse.as_ref().unwrap()
}

const PPSE: &str = "00A404000E325041592E5359532E444446303100";
const SELECT_T_UNION: &str = "00A4040008A00000063201010500";
const SELECT_T_MONEY: &str = "00A4040007D410000003000100";

#[test]
fn the_balance_of_t_union_takes_two_registers_behind_the_directory() {
    let (commands, purses) = balance_of("t-union", None);
    assert_eq!(commands, [PPSE, SELECT_T_UNION, "805C030204", "805C020204"]);
    let [purse] = purses.as_slice() else { panic!("one purse") };
    assert_eq!((purse.kind, purse.balance, purse.currency, purse.exponent), (PurseKind::TUnion, 3200, 156, 2));
    assert_eq!((purse.aid.unwrap().to_string(), purse.label.as_deref()), ("A000000632010105".into(), Some("MOT_T_EP")));
    assert_eq!(balance_of("t-union", Some("A000000632010105")).0, commands[1..]);
}

#[test]
fn the_balance_of_t_money_takes_two_apdus() {
    let (commands, purses) = balance_of("t-money", Some("D4100000030001"));
    assert_eq!(commands, [SELECT_T_MONEY, "904C000004"]);
    assert_eq!(
        purses.iter().map(|purse| (purse.kind, purse.balance)).collect::<Vec<_>>(),
        [(PurseKind::KsX6924, 17_650)]
    );
    // Without a directory the same comes at the end of the terminal's list.
    let (listed, purses) = balance_of("t-money", None);
    let at = listed.iter().position(|command| command == SELECT_T_MONEY).unwrap();
    assert_eq!((listed[at + 1].as_str(), purses.len()), ("904C000004", 1));
    assert!(listed.iter().all(|command| command.starts_with("00A404") || command == "904C000004"));
}

#[test]
fn t_union_tells_serial_validity_log_and_trips() {
    let (commands, report) = read_profile("t-union", None);
    assert_eq!(
        commands,
        [
            PPSE,
            SELECT_T_UNION,
            "805C030204",
            "805C020204",
            "805C050210",
            "00B201C400",
            "00B202C400",
            "00B203C400",
            "00B204C400",
            "00B205C400",
            "00B201F400",
            "00B202F400",
            "00B203F400",
            "00B204F400",
        ],
        "the FCI has the file already"
    );
    assert_eq!((report.warnings.len(), report.found_by), (0, Some(FoundBy::Ppse)));
    let [application] = report.applications.as_slice() else { panic!("one application") };
    assert_eq!((application.state, application.scheme), (ApplicationState::Active, Some("T-Union")));
    let found = purse(application);
    assert_eq!(
        (found.kind, found.balance, found.serial.as_deref()),
        (PurseKind::TUnion, Some(3200), Some("3104770000000000017"))
    );
    assert_eq!(found.valid_from.unwrap().to_string(), "2024-01-01");
    assert_eq!(found.valid_to.unwrap().to_string(), "2049-12-31");
    assert_eq!(found.city.as_deref(), Some(&[0x29, 0x00][..]));
    let log: Vec<_> =
        found.log.iter().map(|record| (record.movement, record.amount.unwrap(), record.sequence)).collect();
    let expected = [
        (Movement::CompositePurchase, 400, 3),
        (Movement::CompositePurchase, 0, 2),
        (Movement::Purchase, 200, 1),
        (Movement::Load, 3800, 1),
    ];
    assert_eq!(log, expected);
    let trips: Vec<_> = found.trips.iter().map(|trip| (trip.code, trip.vehicle, trip.balance_after)).collect();
    assert_eq!(
        trips,
        [(4, Some(Vehicle::Metro), 3200), (3, Some(Vehicle::Metro), 3600), (6, Some(Vehicle::Bus), 3600)]
    );
    let newest = &application.transactions[0];
    assert_eq!(
        (newest.kind, newest.sequence, newest.amount, newest.currency),
        (Some(9), Some(3), Some(400), Some(156))
    );
    assert_eq!(newest.terminal.as_deref(), Some(&[0x29, 0x00, 0x00, 0x01, 0x00, 0x07][..]));
    assert_eq!(newest.date.unwrap().to_string(), "2025-11-07");
}

#[test]
fn t_money_tells_what_its_fci_and_its_records_say() {
    let (commands, report) = read_profile("t-money", Some("D4100000030001"));
    assert_eq!(commands[..3], [SELECT_T_MONEY, "904C000004", "00B2012400"]);
    assert_eq!(commands.len(), 2 + 8 + 1, "eight records and the end of the file");
    assert_eq!(report.warnings, []);
    let found = purse(&report.applications[0]);
    assert_eq!(
        (found.serial.as_deref(), found.balance, found.currency),
        (Some("1010 0300 0012 3456"), Some(17_650), 410)
    );
    // Three records were prepared and never used.
    assert_eq!(found.log.len(), 5);
    let loaded = &found.log[4];
    assert_eq!(
        (loaded.movement, loaded.amount, loaded.date, loaded.balance_after),
        (Movement::Load, Some(46_000), None, Some(46_000))
    );
}

#[test]
fn cards_without_purses_are_read_as_before() {
    for profile in ["pboc-ec", "ec-only", "visa", "mastercard"] {
        let (commands, report) = read_profile(profile, None);
        assert!(report.applications.iter().all(|application| application.purse.is_none()), "{profile}");
        assert!(!report.applications.is_empty() && report.warnings.is_empty(), "{profile}");
        assert!(commands.iter().all(|command| ["A4", "B2", "CA"].contains(&&command[2..4])), "{profile}");
    }
}

#[test]
fn the_new_emv_cards_tell_who_they_are() {
    for (profile, pan, scheme) in [
        ("ec-only", "6210948000000011", "UnionPay"),
        ("visa", "4761340000000050", "Visa"),
        ("mastercard", "5413330056003511", "Mastercard"),
    ] {
        let mut card = VirtualCard::open(profile).unwrap();
        let full = ReadOptions { full: true, ..ReadOptions::default() };
        let report = read(&mut card.session().unwrap(), &full).unwrap();
        let application = &report.applications[0];
        assert_eq!((report.warnings.as_slice(), application.scheme), (&[][..], Some(scheme)), "{profile}");
        assert_eq!(application.pan.as_ref().map(Pan::reveal), Some(pan), "{profile}");
        assert_eq!(application.expiry.unwrap().to_string(), "2030-12-31", "{profile}");
        assert_eq!(application.track2_pan_matches, Some(true), "{profile}");
    }
    let (_, mastercard) = read_profile("mastercard", None);
    assert_eq!(mastercard.applications[0].transactions.len(), 2);
    let mut card = VirtualCard::open("ec-only").unwrap();
    let cash = balance(&mut card.session().unwrap(), &ReadOptions::default()).unwrap();
    assert_eq!((cash.apdus, cash.balances.len(), cash.balances[0].cash.balance), (5, 1, Some(5000)));
}

/// A recorded session, decoded.
fn decoded(selected: Option<&str>, exchanges: &[(&str, &str)]) -> CardReport {
    let info = CardInfo { reader: "recording".into(), interface: Interface::Contactless, atr: None, uid: None };
    let mut session = Session::new(info).after_selecting(selected);
    for (command, answer) in exchanges {
        session.exchange(&hex::decode(command).unwrap(), &hex::decode(answer).unwrap());
    }
    session.finish()
}

#[test]
fn a_fragment_is_decoded_as_the_purse_that_it_begins_in() {
    let report = decoded(
        Some("beijing"),
        &[
            ("00B0840000", "10007511361412850602003000000000000000000000000020180309202403099000"),
            ("00B0850000", "00000000149000"),
        ],
    );
    let found = purse(&report.applications[0]);
    assert_eq!((found.kind, found.serial.as_deref()), (PurseKind::Beijing, Some("1000751136141285")));
    assert_eq!((found.trip_count, found.balance), (Some((0, 20)), None));
    assert_eq!((report.applications[0].aid, report.warnings.as_slice()), (None, &[][..]));
    assert!(decoded(Some("pboc"), &[]).applications.is_empty());
}

#[test]
fn files_that_are_read_before_the_purse_belong_to_it() {
    let report = decoded(
        None,
        &[
            ("00A40000023F0000", "9000"),
            ("00B0840000", "10007511361412850602003000000000000000000000000020180309202403099000"),
            ("00A4000002100100", "6F009000"),
            ("805C000204", "000000649000"),
        ],
    );
    let found = purse(&report.applications[0]);
    assert_eq!((found.kind, found.balance, report.applications.len()), (PurseKind::Beijing, Some(100), 1));
    assert_eq!(found.valid_to.unwrap().to_string(), "2024-03-09");
    // Without such a file the identifier is that of any e-purse.
    let report = decoded(None, &[("00A4000002100100", "6F009000"), ("805C000204", "000000649000")]);
    assert_eq!(purse(&report.applications[0]).kind, PurseKind::Ep);
}

#[test]
fn lingnan_keeps_its_public_data_in_another_application() {
    let info = "0000000000000000000000012345678900000000000000202001012030010100009000";
    let log = "0001000000000000C809000000000000000002291830009000";
    let report = decoded(
        None,
        &[
            ("00A40400085041592E4150505900", "6F0A84085041592E415050599000"),
            ("00B0950000", info),
            ("00A40400085041592E5449434C00", "6F0A84085041592E5449434C9000"),
            ("805C000204", "800003E89000"),
            ("00B201C417", log),
        ],
    );
    let found = purse(&report.applications[0]);
    assert_eq!(
        (found.kind, found.serial.as_deref(), found.balance),
        (PurseKind::Lingnan, Some("0123456789"), Some(1000))
    );
    assert_eq!((found.log[0].date, found.log[0].month_day), (None, Some((2, 29))));
    assert_eq!(report.applications[0].transactions[0].date, None, "no guessed year");
}

#[test]
fn a_register_that_is_too_short_is_a_warning_and_no_balance() {
    let report = decoded(Some("t-union"), &[("805C000204", "00649000"), ("00B201C400", "00019000")]);
    let found = purse(&report.applications[0]);
    assert_eq!((found.balance, found.log.len()), (None, 0));
    let told: Vec<_> = report.warnings.iter().map(|warning| (warning.code, warning.at.as_str())).collect();
    assert_eq!(told, [("balance_malformed", "balance"), ("log_record_malformed", "purse record 24.1")]);
    assert!(
        report.warnings[0].message.contains("2 octets where at least 4 are needed"),
        "{}",
        report.warnings[0].message
    );
}

#[test]
fn the_deposit_in_the_same_df_is_a_purse_of_its_own() {
    let report = decoded(
        None,
        &[("00A4000002100100", "6F009000"), ("805C000204", "000000649000"), ("805C000104", "000003E89000")],
    );
    let kinds: Vec<_> = report.applications.iter().map(|one| (purse(one).kind, purse(one).balance)).collect();
    assert_eq!(kinds, [(PurseKind::Ep, Some(100)), (PurseKind::Ed, Some(1000))]);
}

#[test]
fn a_file_that_is_refused_is_replaced_by_the_copy_in_the_fci() {
    let fci =
        "6F3284075041592E535A54A5279F0801029F0C200000000000000000FD44000051800000E63C1D292017120120271201101000009000";
    let whole = |file: Option<&str>| {
        let mut exchanges = vec![("00A40400075041592E535A54", fci), ("805C000204", "800000649000")];
        exchanges.extend(file.map(|file| ("00B0950000", file)));
        decoded(None, &exchanges)
    };
    let serial = |report: &CardReport| purse(&report.applications[0]).serial_number;
    assert_eq!(serial(&whole(None)), Some(0x291D_3CE6));
    let file = "0000000000000000FD44000051800000D63C1D292017120120271201101000009000";
    assert_eq!(serial(&whole(Some(file))), Some(0x291D_3CD6));
    assert_eq!(whole(Some(file)).applications[0].select_sw, StatusWord::OK);
}

//! An issuer with one account and one card, and a terminal that takes the card through an online transaction.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]
#![allow(dead_code, reason = "each test file uses a part")]

use std::future::Future;
use std::path::PathBuf;

use tapcard_emv::{Amount, Currency, Rid};
use tapcard_issuer::model::{Account, Card as StoredCard};
use tapcard_issuer::{Answer, Issuer, IssuerKeys, Reason, Request, SqliteStore, key_file};
use tapcard_transport::{Card as _, VirtualCard};
use tempfile::TempDir;

/// 2026-01-01.
pub(crate) const NOW: u64 = 1_767_225_600;
pub(crate) const UNIONPAY: Rid = Rid::new([0xA0, 0x00, 0x00, 0x03, 0x33]);
pub(crate) const VISA: Rid = Rid::new([0xA0, 0x00, 0x00, 0x00, 0x03]);

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The JSON of a built-in profile, with contacts: the one for Visa is contactless.
pub(crate) fn profile(name: &str) -> String {
    let profile = tapcard_profiles::builtin().iter().find(|profile| profile.name == name).unwrap();
    profile
        .json()
        .replace("3B 89 80 01 80 67 54 41 50 43 41 52 44 BE", "3B E9 00 00 81 31 FE 45 80 67 54 41 50 43 41 52 44 54")
}

/// An issuer in a folder of its own.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) issuer: Issuer<SqliteStore>,
    pub(crate) account: Account,
    pub(crate) card: StoredCard,
}

impl World {
    /// With a card of a profile, and so much on the account.
    pub(crate) async fn new(name: &str, currency: u16, deposit: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = key_file::create(&folder.path().join("issuer.key"), key_file::Protection::FileMode).unwrap();
        let store = SqliteStore::create(&folder.path().join("issuer.db")).await.unwrap();
        let issuer = Issuer::new(store, vault);
        for rid in [UNIONPAY, VISA] {
            assert!(issuer.add_keys(rid, "", &IssuerKeys::generate().unwrap()).await.unwrap());
        }
        let currency = Currency::new(currency).unwrap();
        let account = issuer.add_account(currency, Amount::new(deposit), NOW).await.unwrap();
        let issued = issuer.issue(&profile(name), account.id, None).await.unwrap();
        std::fs::write(folder.path().join("card.json"), issued.personalisation.as_bytes()).unwrap();
        Self { folder, issuer, account, card: issued.card }
    }

    /// The same issuer in a process that was started anew.
    pub(crate) async fn reopened(&self) -> Issuer<SqliteStore> {
        let vault = key_file::open(&self.folder.path().join("issuer.key"), || Ok(None)).unwrap();
        Issuer::new(SqliteStore::open(&self.folder.path().join("issuer.db")).await.unwrap(), vault)
    }

    pub(crate) fn card_file(&self) -> PathBuf {
        self.folder.path().join("card.json")
    }

    pub(crate) fn emulated(&self) -> VirtualCard {
        VirtualCard::open(self.card_file().to_str().unwrap()).unwrap()
    }

    pub(crate) async fn balance(&self) -> u64 {
        self.issuer.account(self.account.id).await.unwrap().balance.minor()
    }

    /// The balance is what came and went, and nothing else.
    pub(crate) async fn assert_books_agree(&self) {
        let sum: i64 = self.issuer.movements(self.account.id).await.unwrap().iter().map(|one| one.minor).sum();
        assert_eq!(u64::try_from(sum).unwrap(), self.balance().await);
    }

    pub(crate) async fn authorise(&self, field_55: &[u8]) -> Answer {
        self.issuer.authorise(&Request::from_field_55(field_55).unwrap(), NOW).await.unwrap()
    }

    /// The card as it is kept now.
    pub(crate) async fn stored(&self) -> StoredCard {
        self.issuer.cards().await.unwrap().into_iter().find(|card| card.id == self.card.id).unwrap()
    }
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

pub(crate) fn object(tag: &str, value: &[u8]) -> Vec<u8> {
    [hex(tag), vec![u8::try_from(value.len()).unwrap()], value.to_vec()].concat()
}

/// What a terminal asks for.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) minor: u64,
    pub(crate) transaction_type: u8,
    pub(crate) currency: &'static str,
    pub(crate) aid: &'static str,
}

impl Asked {
    pub(crate) const fn yuan(minor: u64, transaction_type: u8) -> Self {
        Self { minor, transaction_type, currency: "0156", aid: "A000000333010101" }
    }

    pub(crate) const fn dollars(minor: u64) -> Self {
        Self { minor, transaction_type: 0, currency: "0840", aid: "A0000000031010" }
    }

    fn is_visa(self) -> bool {
        self.aid == "A0000000031010"
    }

    /// The objects of the CDOLs up to the unpredictable number.
    fn objects(self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("9F02", Amount::new(self.minor).to_n12().unwrap().to_vec()),
            ("9F03", vec![0; 6]),
            ("9F1A", hex(self.currency)),
            ("95", vec![0; 5]),
            ("5F2A", hex(self.currency)),
            ("9A", hex("260101")),
            ("9C", vec![self.transaction_type]),
            ("9F37", hex("A1B2C3D4")),
        ]
    }
}

/// A terminal with a card in it.
pub(crate) struct Terminal<'c> {
    session: tapcard_transport::VirtualSession<'c>,
    asked: Asked,
    cid: u8,
}

impl<'c> Terminal<'c> {
    /// SELECT up to the first GENERATE AC; field 55 as it goes to the issuer.
    pub(crate) fn go_online(card: &'c mut VirtualCard, asked: Asked) -> (Self, Vec<u8>) {
        let mut terminal = Self { session: card.session().unwrap(), asked, cid: 0 };
        let aid = hex(asked.aid);
        terminal.expect(&[&hex("00A40400"), &[u8::try_from(aid.len()).unwrap()][..], &aid, &[0]].concat());
        let objects = asked.objects();
        let (options, aip) = if asked.is_visa() {
            (hex("80A80000028300 00"), "1800")
        } else {
            let pdol = [&[0][..], &objects[0].1, &objects[4].1].concat();
            ([&hex("80A800000B8309")[..], &pdol, &[0]].concat(), "1C00")
        };
        terminal.expect(&options);
        let record = terminal.expect(&hex("00B2011400"));
        let pan = tapcard_iso7816::find_deep(&record, tapcard_emv::tag::PAN).unwrap().to_vec();
        let psn = tapcard_iso7816::find_deep(&record, tapcard_emv::tag::PSN).unwrap().to_vec();
        let answer = terminal.generate_ac(0x80, &[]);
        let (cid, atc, ac, iad) = (answer[2], &answer[3..5], &answer[5..13], &answer[13..answer.len() - 2]);
        terminal.cid = cid;
        let mut field_55: Vec<u8> = objects.iter().flat_map(|(tag, value)| object(tag, value)).collect();
        let of_card = [
            ("82", &hex(aip)[..]),
            ("9F27", &[cid]),
            ("9F36", atc),
            ("9F26", ac),
            ("9F10", iad),
            ("5A", &pan),
            ("5F34", &psn),
        ];
        of_card.iter().for_each(|(tag, value)| field_55.extend(object(tag, value)));
        (terminal, field_55)
    }

    pub(crate) fn send(&mut self, command: &[u8]) -> Vec<u8> {
        let mut answer = [0; 258];
        let length = self.session.transmit(command, &mut answer).unwrap();
        answer[..length].to_vec()
    }

    pub(crate) fn expect(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = self.send(command);
        assert!(answer.ends_with(&[0x90, 0x00]), "{} -> {}", hex::encode_upper(command), hex::encode_upper(&answer));
        answer
    }

    fn generate_ac(&mut self, p1: u8, before: &[u8]) -> Vec<u8> {
        let mut data = before.to_vec();
        self.asked.objects().into_iter().for_each(|(_, value)| data.extend(value));
        if !self.asked.is_visa() {
            data.extend(hex("120000"));
            if before.is_empty() {
                data.extend([b' '; 20]);
            }
        }
        self.expect(&[&[0x80, 0xAE, p1, 0, u8::try_from(data.len()).unwrap()][..], &data, &[0]].concat())
    }

    /// EXTERNAL AUTHENTICATE, scripts, the second GENERATE AC, scripts; the CID of the second one.
    pub(crate) fn finish(&mut self, answer: &Answer) -> u8 {
        let find = |tag: u32| tapcard_iso7816::find(&answer.data, tapcard_iso7816::Tag::new(tag)).map(<[u8]>::to_vec);
        let tag91 = find(0x91).unwrap();
        self.expect(&[&hex("008200000A")[..], &tag91].concat());
        self.scripts(find(0x71));
        let arc = find(0x8A).unwrap();
        let p1 = if answer.reason == Reason::Approved { 0x40 } else { 0x00 };
        let cid = self.generate_ac(p1, &arc)[2];
        self.scripts(find(0x72));
        cid
    }

    fn scripts(&mut self, template: Option<Vec<u8>>) {
        for object in tapcard_iso7816::Tlvs::new(&template.unwrap_or_default()) {
            let object = object.unwrap();
            if object.tag.get() == 0x86 {
                self.expect(object.value);
            }
        }
    }

    /// A data object of the card.
    pub(crate) fn get_data(&mut self, tag: &str) -> String {
        let answer = self.expect(&[&hex("80CA")[..], &hex(tag), &[0]].concat());
        hex::encode_upper(&answer[3..answer.len() - 2])
    }
}

/// One online transaction from beginning to end.
pub(crate) async fn pay(world: &World, card: &mut VirtualCard, asked: Asked) -> (Reason, u8) {
    let (mut terminal, field_55) = Terminal::go_online(card, asked);
    let answer = world.authorise(&field_55).await;
    (answer.reason, terminal.finish(&answer))
}

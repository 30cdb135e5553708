//! Random visits of a terminal: whole transactions with and without mistakes, purse commands, and octets without sense.

use anyhow::{Context, Result};
use tapcard_card::{Application, Interface, Key, Secret};
use tapcard_crypto::ac::{AcData, CryptogramVersion};
use tapcard_crypto::arpc::IssuerAnswer;
use tapcard_crypto::keys::{SecretKey, TdesKey};
use tapcard_crypto::script::ScriptContext;
use tapcard_emv::Dol;
use tapcard_iso7816::{Tag, find_deep};

use super::dice::Dice;
use super::host::Host;

const PIN: [u8; 8] = [0x26, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0xFF, 0xFF];
const OTHER_PIN: [u8; 8] = [0x24, 0x99, 0x99, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// What is asked of a card besides payment objects: balances, limits, counters, logs' formats, objects that no card has.
const ASKED: [u16; 18] = [
    0x9F79, 0x9F36, 0x9F13, 0x9F17, 0x9F4F, 0x9F77, 0x9F78, 0x9F6D, 0x9F51, 0xDF4F, 0xDF71, 0xDF79, 0x9F52, 0x9F5D,
    0x9F50, 0x9F6B, 0x0082, 0xFFFF,
];

/// Instructions with the class they come with.
const INSTRUCTIONS: [[u8; 2]; 24] = [
    [0x00, 0xA4],
    [0x00, 0xB2],
    [0x00, 0xB0],
    [0x00, 0x20],
    [0x00, 0x82],
    [0x00, 0x84],
    [0x00, 0x88],
    [0x00, 0xC0],
    [0x80, 0xA8],
    [0x80, 0xAE],
    [0x80, 0xCA],
    [0x80, 0x50],
    [0x80, 0x52],
    [0x80, 0x54],
    [0x80, 0x5A],
    [0x80, 0x5C],
    [0x90, 0x4C],
    [0x04, 0xDA],
    [0x04, 0xDC],
    [0x04, 0xD6],
    [0x84, 0x1E],
    [0x84, 0x18],
    [0x84, 0x16],
    [0x84, 0x24],
];

pub(crate) struct Terminal<'h, 'a> {
    pub(crate) host: &'h mut Host<'a>,
    pub(crate) dice: &'h mut Dice,
    /// How the issuer of this profile computes.
    pub(crate) version: CryptogramVersion,
}

/// What DOLs are filled from.
struct Values(Vec<(u32, Vec<u8>)>);

impl Values {
    fn draw(dice: &mut Dice) -> Self {
        let most = dice.one_of(&[300, 15_000, 60_000, 999_999_999_999]);
        let amount = format!("{:012}", dice.next() % most);
        let currency = dice.one_of(&["0156", "0344", "0840"]);
        let of = |text: &str| hex::decode(text).unwrap_or_default();
        Self(vec![
            (0x9F02, of(&amount)),
            (0x9F1A, of("0156")),
            (0x5F2A, of(currency)),
            (0x9A, of("261121")),
            (0x9F21, of("101112")),
            (0x9F7A, vec![dice.one_of(&[0, 1])]),
            (0x9F66, of(dice.one_of(&["36000000", "26000080", "28000000", "B6A04000"]))),
            (0x95, of(dice.one_of(&["0000000000", "0000008000", "8000000000"]))),
            (0x9F37, dice.octets(4)),
            (0x9F4E, b"TEST MERCHANT".to_vec()),
            (0x8A, dice.one_of(&[*b"00", *b"05", *b"Y3"]).to_vec()),
            (0x9F45, dice.octets(2)),
            (0x9F4C, dice.octets(8)),
        ])
    }

    fn fill(&self, list: &[u8]) -> Result<Vec<u8>> {
        let mut out = [0; 252];
        let value = |tag: Tag| self.0.iter().find(|(own, _)| *own == tag.get()).map(|(_, value)| value.as_slice());
        let length = Dol::new(list).fill_into(&mut out, value).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(out[..length].to_vec())
    }
}

/// The first cryptogram of a transaction, from the answer to GENERATE AC.
#[derive(Clone, Copy)]
struct Seen {
    cid: u8,
    atc: [u8; 2],
    cryptogram: [u8; 8],
}

impl Seen {
    fn read(answer: &[u8]) -> Option<Self> {
        let objects = answer.strip_suffix(&[0x90, 0x00])?;
        if let [0x80, _, cid, high, low, rest @ ..] = objects {
            return Some(Self { cid: *cid, atc: [*high, *low], cryptogram: *rest.first_chunk()? });
        }
        let value = |tag| find_deep(objects, Tag::new(tag));
        let cryptogram = value(0x9F26).and_then(|value| value.try_into().ok()).unwrap_or_default();
        Some(Self { cid: *value(0x9F27)?.first()?, atc: value(0x9F36)?.try_into().ok()?, cryptogram })
    }
}

/// A command of case 4, or of case 2 without data.
fn command(header: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    let length = if data.is_empty() { vec![] } else { vec![length] };
    [&header[..], &length, data, &[0]].concat()
}

impl<'a> Terminal<'_, 'a> {
    /// A card as it was personalised and about `apdus` commands; the power goes now and then.
    pub(crate) fn visit(&mut self, apdus: usize) -> Result<()> {
        let interface = self.dice.one_of(&[Interface::Contact, Interface::Contactless]);
        self.host.fresh(interface)?;
        let end = self.host.apdus + apdus;
        while self.host.apdus < end {
            match self.dice.below(8) {
                0..=3 => self.pay()?,
                4 => self.look()?,
                5 => self.purse()?,
                6 => self.noise()?,
                _ if self.dice.once_in(2) => self.host.reset(),
                _ => self.host.power_cut()?,
            }
        }
        Ok(())
    }

    fn application(&mut self) -> Result<Application<'a>> {
        let all: Vec<_> = self.host.image.applications().collect();
        // The last ones pay; those before are directories.
        let first = if self.dice.once_in(6) { 0 } else { all.len().saturating_sub(1) };
        let place = first + self.dice.below(all.len() - first);
        all.get(place).copied().context("no application")
    }

    fn select(&mut self) -> Result<(Application<'a>, Vec<u8>)> {
        let application = self.application()?;
        let name = application.name();
        let (name, p2) = match self.dice.below(12) {
            0 if name.len() > 5 => (&name[..5], 0x00),
            1 if name.len() > 5 => (&name[..5], 0x02),
            _ => (name, 0x00),
        };
        let answer = self.host.send(&command([0x00, 0xA4, 0x04, p2], name))?;
        Ok((application, answer))
    }

    fn pay(&mut self) -> Result<()> {
        let (application, fci) = self.select()?;
        let values = Values::draw(self.dice);
        let pdol = find_deep(&fci, Tag::new(0x9F38)).unwrap_or_default();
        let data = values.fill(pdol)?;
        let data = [&[0x83, u8::try_from(data.len())?][..], &data].concat();
        let options = command([0x80, 0xA8, 0, 0], &data);
        if self.dice.once_in(20) {
            return self.host.send_and_cut(&options);
        }
        let options = self.host.send(&options)?;
        if self.dice.once_in(3) {
            self.read(&options)?;
        }
        if self.dice.once_in(3) {
            let pin = self.dice.one_of(&[PIN, PIN, OTHER_PIN]);
            self.host.send(&[&[0x00, 0x20, 0x00, 0x80, 8][..], &pin].concat())?;
        }
        if self.dice.once_in(3) {
            let number = self.dice.octets(4);
            self.host.send(&command([0x00, 0x88, 0, 0], &number))?;
        }
        if self.dice.once_in(6) {
            // Not enciphered for anybody: what comes out is no PIN block.
            self.host.send(&[0x00, 0x84, 0, 0, 0])?;
            let enciphered = [&[0][..], &self.dice.octets(127)].concat();
            self.host.send(&[&[0x00, 0x20, 0x00, 0x88, 128][..], &enciphered].concat())?;
        }
        let Some(first) = self.generate(&application, 0x8C, &values)? else { return Ok(()) };
        self.online(&application, first)?;
        if first.cid & 0xC0 == 0x80 || self.dice.once_in(6) {
            self.generate(&application, 0x8D, &values)?;
        }
        Ok(())
    }

    /// The records of the AFL, where there is one.
    fn read(&mut self, options: &[u8]) -> Result<()> {
        let afl = match options {
            [0x80, _, _, _, afl @ .., 0x90, 0x00] => afl,
            _ => find_deep(options, Tag::new(0x94)).unwrap_or_default(),
        };
        for entry in afl.chunks_exact(4) {
            for record in entry[1]..=entry[2] {
                self.host.send(&[0x00, 0xB2, record, entry[0] & 0xF8 | 0x04, 0x00])?;
            }
        }
        Ok(())
    }

    fn generate(&mut self, application: &Application<'a>, list: u32, values: &Values) -> Result<Option<Seen>> {
        let records = self.host.image.entries().filter(|entry| entry.application == application.number());
        let mut records = records.filter(|entry| matches!(entry.key, Key::Record(..)));
        let list = records.find_map(|entry| find_deep(entry.value, Tag::new(list))).unwrap_or_default();
        let mut data = values.fill(list)?;
        if self.dice.once_in(20) {
            data.pop();
        }
        let p1 = self.dice.one_of(&[0x40, 0x40, 0x80, 0x80, 0x00, 0x50, 0x50, 0x90, 0xC0]);
        let generate = command([0x80, 0xAE, p1, 0x00], &data);
        if self.dice.once_in(20) {
            return self.host.send_and_cut(&generate).map(|()| None);
        }
        Ok(Seen::read(&self.host.send(&generate)?))
    }

    fn card_key(&self, application: &Application<'_>, secret: Secret) -> Option<SecretKey> {
        let octets = self.host.keys.get(application.name(), secret)?;
        TdesKey::import(octets).ok().map(SecretKey::from)
    }

    /// The issuer's answer and scripts, right more often than not.
    fn online(&mut self, application: &Application<'_>, seen: Seen) -> Result<()> {
        let (Some(ac), Some(mac)) = (self.card_key(application, Secret::Ac), self.card_key(application, Secret::Mac))
        else {
            return Ok(());
        };
        if self.dice.once_in(2) {
            let data = AcData::of_card(&[], &[0; 2], &seen.atc);
            let (mut out, code) = ([0; 16], IssuerAnswer::ResponseCode(*b"00"));
            let length = self.version.answer(&ac, &data, &seen.cryptogram, &code, &mut out)?;
            if self.dice.once_in(4) {
                out[self.dice.below(8)] ^= 1;
            }
            let length_octet = u8::try_from(length)?;
            self.host.send(&[&[0x00, 0x82, 0, 0, length_octet][..], &out[..length]].concat())?;
        }
        while self.dice.once_in(2) {
            let script = self.script(&mac, seen)?;
            if self.dice.once_in(10) {
                self.host.send_and_cut(&script)?;
            } else {
                self.host.send(&script)?;
            }
        }
        Ok(())
    }

    fn script(&mut self, key: &SecretKey, seen: Seen) -> Result<Vec<u8>> {
        let amount = hex::decode(format!("{:012}", self.dice.below(60_000)))?;
        let (header, data): ([u8; 4], &[u8]) = match self.dice.below(12) {
            0..=4 => ([0x04, 0xDA, 0x9F, 0x79], &amount),
            5 => ([0x04, 0xDA, 0x9F, 0x78], &amount),
            6 => ([0x04, 0xDA, 0x9F, 0x36], &[0, 1]),
            7 => ([0x84, 0x1E, 0, 0], &[]),
            8 => ([0x84, 0x16, 0, 0], &[]),
            9 => ([0x84, 0x18, 0, 0], &[]),
            _ => ([0x84, 0x24, 0, 0], &[]),
        };
        let set = self.version.scripts.context("no scripts in this version")?;
        let [cla, ins, p1, p2] = header;
        let header = [cla, ins, p1, p2, u8::try_from(data.len() + set.mac_octets())?];
        let mac = set.mac(key, &ScriptContext { atc: seen.atc, cryptogram: seen.cryptogram }, header, data)?;
        let mut script = [&header[..], data, &mac.octets()[..set.mac_octets()]].concat();
        if self.dice.once_in(4) {
            let place = self.dice.below(script.len());
            script[place] ^= 1 << self.dice.below(8);
        }
        Ok(script)
    }

    /// Everything that anybody may read.
    fn look(&mut self) -> Result<()> {
        self.select()?;
        for _ in 0..1 + self.dice.below(4) {
            let [high, low] = self.dice.one_of(&ASKED).to_be_bytes();
            self.host.send(&[0x80, 0xCA, high, low, self.dice.one_of(&[0, 0, 1, 5])])?;
        }
        for _ in 0..self.dice.below(3) {
            let (record, sfi) = (self.dice.one_of(&[1, 2, 3, 11]), self.dice.one_of(&[1, 2, 3, 11, 12, 24]));
            self.host.send(&[0x00, 0xB2, record, sfi << 3 | 4, 0])?;
        }
        if self.dice.once_in(2) {
            self.host.send(&[0x00, 0x84, 0, 0, self.dice.one_of(&[0, 4, 8])])?;
        }
        Ok(())
    }

    /// Balance, files, and what begins a load or a purchase.
    fn purse(&mut self) -> Result<()> {
        self.select()?;
        for _ in 0..1 + self.dice.below(3) {
            let terminal = self.dice.octets(6);
            let amount = [0, 0, self.dice.octets(1)[0], 100];
            let initialize = [&[1][..], &amount, &terminal].concat();
            let rest = self.dice.octets(11);
            let sent = match self.dice.below(8) {
                0 => vec![0x80, 0x5C, 0x00, self.dice.one_of(&[1, 2, 3]), 0x04],
                1 => vec![0x90, 0x4C, 0x00, 0x00, 0x04],
                2 | 3 => vec![0x00, 0xB0, 0x80 | self.dice.one_of(&[0x15, 0x16, 0x17, 0x05]), 0x00, 0x00],
                4 => command([0x80, 0x50, 0x00, self.dice.one_of(&[1, 2])], &initialize),
                5 => command([0x80, 0x50, 0x01, 0x02], &initialize),
                6 => command([0x80, 0x52, 0x00, 0x00], &rest),
                _ => command([0x80, 0x54, 0x01, 0x00], &[&rest[..], &terminal[..4]].concat()),
            };
            self.host.send(&sent)?;
        }
        Ok(())
    }

    /// Any instruction with any parameters and lengths that need not agree; sometimes any octets at all.
    fn noise(&mut self) -> Result<()> {
        let count = self.dice.below(14);
        let mut sent = self.dice.octets(count);
        if !self.dice.once_in(4) {
            let [cla, ins] = self.dice.one_of(&INSTRUCTIONS);
            let (p1, p2) = (self.dice.one_of(&[0, 1, 4, 0x40, 0x80]), self.dice.one_of(&[0, 1, 4, 0x0C, 0x80]));
            let tail = match self.dice.below(4) {
                0 => vec![],
                1 => vec![self.dice.octets(1)[0]],
                2 => [&[u8::try_from(sent.len())?][..], &sent].concat(),
                _ => sent,
            };
            sent = [&[cla, ins, p1, p2][..], &tail].concat();
        }
        if self.dice.once_in(6) { self.host.send_and_cut(&sent) } else { self.host.send(&sent).map(drop) }
    }
}

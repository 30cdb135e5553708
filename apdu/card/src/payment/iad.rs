//! Issuer application data (`9F10`) as each owner of an application lays them out; `tapcard_emv::iad` reads them.

use tapcard_emv::iad::{Cvr, MChipCvr};

use super::counters::Account;
use super::risk;
use super::transaction::{IssuerAuthentication, PinCheck, Transaction};

/// The longest that is built here.
const MAX: usize = 19;
/// Identifier of UnionPay's discretionary data with the electronic cash balance, after their length with the MAC.
const BALANCE: [u8; 2] = [0x0A, 0x01];

/// The octets of one IAD.
pub(crate) struct IadOctets {
    octets: [u8; MAX],
    length: usize,
}

impl IadOctets {
    fn of(parts: &[&[u8]]) -> Self {
        let mut iad = Self { octets: [0; MAX], length: 0 };
        for (to, from) in iad.octets.iter_mut().zip(parts.iter().copied().flatten()) {
            *to = *from;
            iad.length += 1;
        }
        iad
    }

    pub(crate) fn octets(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

/// Visa, format 0 and 1: `06 DKI CVN` and the CVR with its length.
pub(crate) fn visa(dki: u8, cvn: u8, cvr: Cvr) -> IadOctets {
    IadOctets::of(&[&[0x06, dki, cvn], &cvr.octets()])
}

/// UnionPay: `07 DKI CVN`, the CVR with its length, the algorithm, and the balance with its MAC where there is one.
pub(crate) fn unionpay(dki: u8, cvn: u8, cvr: Cvr, algorithm: u8, balance: Option<([u8; 5], [u8; 4])>) -> IadOctets {
    let (head, cvr, algorithm) = ([0x07, dki, cvn], cvr.octets(), [algorithm]);
    match &balance {
        None => IadOctets::of(&[&head, &cvr, &algorithm]),
        Some((balance, mac)) => IadOctets::of(&[&head, &cvr, &algorithm, &BALANCE, balance, mac]),
    }
}

/// M/Chip 4: `KDI CVN`, a CVR of six octets, two of the data authentication code (none here), eight of counters.
pub(crate) fn mchip(kdi: u8, cvn: u8, cvr: Cvr, account: &Account<'_>, running: &Transaction) -> IadOctets {
    let offline = account.atc().saturating_sub(account.last_online_atc());
    let [.., count] = offline.min(0xFF).to_be_bytes();
    let amount = account.offline_amount().to_n12().unwrap_or_default();
    let counters = amount.into_iter().chain([count, 0xFF]);
    let mut room = [0; 8];
    room.iter_mut().zip(counters).for_each(|(to, from)| *to = from);
    IadOctets::of(&[&[kdi, cvn], &mchip_cvr(cvr, account, running).octets(), &[0, 0], &room])
}

/// The results in M/Chip's own bits.
fn mchip_cvr(cvr: Cvr, account: &Account<'_>, running: &Transaction) -> MChipCvr {
    let [_, results, ..] = cvr.octets();
    let tries = account.pin_tries().unwrap_or_default().min(0x0F);
    let mut own = MChipCvr::new([results & 0xF0, 0, cvr.script_count() << 4 | tries, 0, 0, 0]);
    let (is_foreign, _) = risk::foreign(account, running);
    let facts = [
        (running.pin != PinCheck::NotPerformed, MChipCvr::OFFLINE_PIN_PERFORMED),
        (running.pin == PinCheck::Right, MChipCvr::OFFLINE_PIN_SUCCESSFUL),
        (cvr.dda_performed(), MChipCvr::DDA_RETURNED),
        (running.issuer != IssuerAuthentication::NotPerformed, MChipCvr::ISSUER_AUTHENTICATION_PERFORMED),
        (cvr.last_online_incomplete(), MChipCvr::LAST_ONLINE_INCOMPLETE),
        (cvr.unable_to_go_online(), MChipCvr::UNABLE_TO_GO_ONLINE),
        (running.pin == PinCheck::NotPerformed, MChipCvr::OFFLINE_PIN_NOT_PERFORMED),
        (running.pin == PinCheck::Wrong, MChipCvr::OFFLINE_PIN_FAILED),
        (cvr.pin_try_limit_exceeded(), MChipCvr::PIN_TRY_LIMIT_EXCEEDED),
        (is_foreign, MChipCvr::INTERNATIONAL),
        (!is_foreign, MChipCvr::DOMESTIC),
        (cvr.velocity_exceeded(), MChipCvr::LOWER_COUNT_1_EXCEEDED),
        (cvr.issuer_authentication_failed(), MChipCvr::ISSUER_AUTHENTICATION_FAILED),
        (cvr.script_count() > 0, MChipCvr::SCRIPT_RECEIVED),
        (cvr.script_failed(), MChipCvr::SCRIPT_FAILED),
    ];
    facts.into_iter().filter(|(is_so, _)| *is_so).for_each(|(_, bit)| own.set(bit));
    own
}

//! E-deposit and e-purse.

use serde_json::{Map, Value};
use tapcard_crypto::purse::{self, PurseDeal, PurseKey, PurseTime, PurseType};

use super::{Found, members, taken_over};
use crate::kinds::crypto::Failure;
use crate::kinds::crypto::input::Input;

const DONE: [u8; 2] = [0x90, 0x00];

fn deal(input: &Input<'_>) -> Result<(PurseDeal, PurseTime), Failure> {
    let [kind] = input.array("type")?;
    let deal = PurseDeal { kind: PurseType(kind), amount: input.array("amount")?, terminal: input.array("terminal")? };
    Ok((deal, PurseTime { date: input.array("date")?, time: input.array("time")? }))
}

/// INITIALIZE for a deal; P2 says deposit or purse.
fn initialize(p1: u8, deal: &PurseDeal, key_index: [u8; 1], le: u8) -> Vec<u8> {
    let is_deposit = [PurseType::DEPOSIT_LOAD, PurseType::DEPOSIT_PURCHASE].contains(&deal.kind);
    let header = [0x80, 0x50, p1, if is_deposit { 1 } else { 2 }, 0x0B];
    [&header[..], &key_index, &deal.amount, &deal.terminal, &[le]].concat()
}

pub(super) fn load(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let (deal, at) = deal(input)?;
    let (random, counter, old): ([u8; 4], [u8; 2], [u8; 4]) =
        (input.array("random")?, input.array("online_counter")?, input.array("old_balance")?);
    let new = u32::from_be_bytes(old).wrapping_add(u32::from_be_bytes(deal.amount)).to_be_bytes();
    let key = PurseKey::load(&input.tdes("load_key")?, random, counter);
    let (mac1, mac2) = (key.load_mac1(old, &deal), key.load_mac2(&deal, &at));
    let tac = PurseKey::tac(&input.tdes("tac_key")?).load_tac(new, counter, &deal, &at);
    let key_data: [u8; 2] = taken_over(expect, "init_response", 6);
    Ok(members([
        ("session_key", key.reveal().to_vec()),
        ("mac1", mac1.octets().to_vec()),
        ("mac2", mac2.octets().to_vec()),
        ("tac", tac.octets().to_vec()),
        ("init_command", initialize(0, &deal, taken_over(expect, "init_command", 5), 0x10)),
        ("init_response", [&old[..], &counter, &key_data, &random, mac1.octets(), &DONE].concat()),
        ("load_command", [&[0x80, 0x52, 0x00, 0x00, 0x0B], &at.date[..], &at.time, mac2.octets(), &[0x04]].concat()),
        ("load_response", [&tac.octets()[..], &DONE].concat()),
        ("new_balance", new.to_vec()),
    ]))
}

pub(super) fn purchase(input: &Input<'_>, expect: &Input<'_>) -> Found {
    let (deal, at) = deal(input)?;
    let (random, offline, counter): ([u8; 4], [u8; 2], [u8; 4]) =
        (input.array("random")?, input.array("offline_counter")?, input.array("terminal_counter")?);
    let key = PurseKey::purchase(&input.tdes("purchase_key")?, random, offline, counter);
    let (mac1, mac2) = (key.purchase_mac1(&deal, &at), key.purchase_mac2(deal.amount));
    let tac = PurseKey::tac(&input.tdes("tac_key")?).purchase_tac(&deal, counter, &at);
    let balance: [u8; 4] = taken_over(expect, "init_response", 0);
    let limit_and_key: [u8; 5] = taken_over(expect, "init_response", 6);
    let debit = [&[0x80, 0x54, 0x01, 0x00, 0x0F], &counter[..], &at.date, &at.time, mac1.octets(), &[0x08]].concat();
    Ok(members([
        ("session_key", key.reveal().to_vec()),
        ("mac1", mac1.octets().to_vec()),
        ("mac2", mac2.octets().to_vec()),
        ("tac", tac.octets().to_vec()),
        ("init_command", initialize(1, &deal, taken_over(expect, "init_command", 5), 0x0F)),
        ("init_response", [&balance[..], &offline, &limit_and_key, &random, &DONE].concat()),
        ("debit_command", debit),
        ("debit_response", [&tac.octets()[..], mac2.octets(), &DONE].concat()),
    ]))
}

pub(super) fn card_key(input: &Input<'_>) -> Found {
    let key = purse::card_key(&input.tdes("master_key")?, &input.array("diversifier_8")?);
    Ok(members([("card_key", key.reveal().to_vec())]))
}

pub(super) fn file_update(input: &Input<'_>) -> Found {
    let [challenge @ .., 0, 0, 0, 0] = input.array::<8>("iv")? else {
        return Err(Failure::Unusable("`iv` is no challenge and four zeros".into()));
    };
    let data = input.octets("data")?;
    let mac = purse::file_update_mac(&input.tdes("key")?, challenge, &[&data]);
    let apdu = [&data[..], mac.octets()].concat();
    Ok::<Map<String, Value>, Failure>(members([("mac4", mac.octets().to_vec()), ("apdu", apdu)]))
}

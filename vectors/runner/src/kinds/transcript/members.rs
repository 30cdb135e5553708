//! The table of `expect` (`vectors/README.md`, 5.1): which member is compared with what.
//!
//! Members of a terminal's session return by themselves when a reader read the card; what is not here is unknown, and makes
//! the run unsupported.

use serde_json::Value;
use tapcard_emv::tag;

use super::judge::Judge;
use super::{apps, counters, identity, purses, recovered, terminal};
use crate::kinds::values;

/// Text for people, and material for other kinds of cases.
const DESCRIPTIONS: &[&str] =
    &["brand", "contact", "t0_sequences", "behaviour", "capk", "pin", "multi", "note", "what", "why", "reason_text"];

/// Recovered from certificates and signatures.
const RECOVERED: &[&str] = &["icc_cert", "icc_cert_hash", "issuer_cert_hash", "ssad_hash"];

/// Compares one member.
pub(super) fn check(judge: &mut Judge<'_>, member: &str, expected: &Value) {
    match member {
        "pan" => identity::pan(judge, expected),
        "aid" => apps::aid(judge, expected),
        "label" => apps::label(judge, expected),
        "cardholder" => identity::cardholder(judge, expected),
        "psn" => identity::octets(judge, member, expected, tag::PSN),
        "service_code" => identity::service_code(judge, expected),
        "aip" => identity::octets(judge, member, expected, tag::AIP),
        "afl" => identity::octets(judge, member, expected, tag::AFL),
        "log_entry" => identity::octets(judge, member, expected, tag::LOG_ENTRY),
        "track1" => identity::text(judge, member, expected, tag::TRACK1_DATA),
        "track1_format" => identity::track1_format(judge, expected),
        "track1_pan" => identity::track1_pan(judge, expected),
        "track2" => identity::track2(judge, expected),
        "bic" => identity::text(judge, member, expected, tag::BIC),
        "iban" => identity::text(judge, member, expected, tag::IBAN),
        "cardholder_id_type" => identity::octets(judge, member, expected, tag::CARDHOLDER_ID_TYPE),
        "cardholder_id" => identity::text(judge, member, expected, tag::CARDHOLDER_ID_NUMBER),
        "expiry" => identity::expiry(judge, expected),
        "effective" => identity::effective(judge, expected),
        "expiry_yymm" => identity::expiry_yymm(judge, expected),
        "scheme" => identity::scheme(judge, expected),
        "apps" => apps::apps(judge, expected),
        "aids" => apps::aids(judge, expected),
        "state" => apps::state(judge, expected),
        "gpo_template" => apps::options_template(judge, expected),
        "log_count" => counters::log_count(judge, expected),
        "log_first" => counters::log_first(judge, expected),
        "balance_fen" => counters::balance(judge, expected),
        "genac" => terminal::genac(judge, expected),
        "tvr_2nd" => terminal::second_tvr(judge, expected),
        "ccc" => terminal::checksum(judge, expected),
        "ext_auth_sw" => terminal::external_authenticate(judge, expected),
        "final_sw" => terminal::last_status(judge, expected),
        "dda" => terminal::dda(judge, expected),
        "cda" => terminal::cda(judge, expected),
        _ => by_list(judge, member, expected),
    }
}

fn by_list(judge: &mut Judge<'_>, member: &str, expected: &Value) {
    if let Some((_, tag)) = counters::NUMBERS.iter().find(|(name, _)| *name == member) {
        counters::number(judge, member, expected, *tag);
    } else if RECOVERED.contains(&member) {
        recovered::certificate(judge, member, expected);
    } else if purses::MEMBERS.contains(&member) {
        purses::check(judge, member, expected);
    } else if !DESCRIPTIONS.contains(&member) {
        match values::found(member, expected, &|tag| judge.evidence.values(tag)) {
            Some(found) => judge.one_of(member, expected, found),
            None => judge.unknown(member),
        }
    }
}

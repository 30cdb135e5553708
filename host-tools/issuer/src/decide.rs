//! The decision on one request: from what was read inside the store's transaction to what is written and answered. No I/O.
//!
//! Order: card, cryptogram version, cryptogram, repetition, then everything about money. Whoever has not proved to be the
//! card learns nothing of its state and changes nothing but a counter: a cryptogram that is wrong is not kept, or somebody
//! could spoil the right one by sending it with other data first.

use tapcard_crypto::ac::{AcData, AcInput, CryptogramVersion};
use tapcard_crypto::arpc::{ArpcMethod, Csu, IssuerAnswer};
use tapcard_crypto::pboc;
use tapcard_crypto::script::{ScriptContext, ScriptSet};
use tapcard_emv::Amount;
use tapcard_emv::iad::{Cvr, UnionPayIad};

use crate::error::IssuerError;
use crate::keys::{CardKeys, IssuerKeys};
use crate::model::{Change, Posting, Recorded, Situation, State, Waiting};
use crate::reason::Reason;
use crate::request::{Request, RequestError};
use crate::script::{self, Commands, Scripts};
use crate::vault::Vault;

/// CID of a card that asks to go online (EMV 4.4 Book 3, table 15).
const ARQC: u8 = 0x80;
const AC_KIND: u8 = 0xC0;
/// ARPC response code of M/Chip for an approval: approved online, counters reset.
const MCHIP_APPROVED: [u8; 2] = [0x00, 0x12];
/// CSU for a refusal: nothing is approved, nothing changes.
const CSU_DECLINE: Csu = Csu([0; 4]);

/// What a transaction type (`9C`) does here. Types that make money (refund, cash load) are not among them: the cryptogram proves
/// the card, and says nothing of a merchant who gives money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Money leaves the account: purchase, cash, cashback.
    Spend,
    /// Money leaves the account and goes to the card's electronic cash (specified-account load; JR/T 0025.13).
    LoadFromAccount,
    /// Nothing moves.
    Inquiry,
}

impl Kind {
    const fn of(transaction_type: u8) -> Option<Self> {
        Some(match transaction_type {
            0x00 | 0x01 | 0x09 => Self::Spend,
            0x30 | 0x31 => Self::Inquiry,
            0x60 => Self::LoadFromAccount,
            _ => return None,
        })
    }
}

/// What a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Approved, or why not.
    pub reason: Reason,
    /// Field 55 of the answer: `8A`, `91`, `71`, `72`, as far as there are any.
    pub data: Vec<u8>,
    /// The same request was answered before; this is that answer.
    pub repeated: bool,
    /// The card, masked.
    pub pan: String,
}

impl Answer {
    /// Without anything that would need the card's keys.
    fn plain(reason: Reason, request: &Request) -> Result<Self, IssuerError> {
        let data = script::answer(reason.response_code(), &[], [0; 4], &Commands::default())?;
        Ok(Self { reason, data, repeated: false, pan: request.pan.masked().to_string() })
    }
}

/// What is known once the card has proved itself.
struct Proved<'a> {
    request: &'a Request,
    data: AcData<'a>,
    version: CryptogramVersion,
    keys: CardKeys,
    situation: &'a Situation,
    now: u64,
}

/// Money and balances that follow from an approval.
#[derive(Clone, Copy, Debug, Default)]
struct Effect {
    movement: i64,
    cash: Option<Amount>,
}

pub(crate) fn decide(
    vault: &Vault,
    request: &Request,
    now: u64,
    situation: Option<&Situation>,
) -> Result<(Change, Answer), IssuerError> {
    let plain = |change, reason| Ok((change, Answer::plain(reason, request)?));
    let Some(situation) = situation else { return plain(Change::Nothing, Reason::UnknownCard) };
    let data = AcData::of_request(request.octets()).map_err(RequestError::Value)?;
    let Ok(version) = CryptogramVersion::of(situation.card.rid, data.iad()) else {
        return plain(Change::Nothing, Reason::UnknownVersion);
    };
    let imk = open_keys(vault, &situation.keys)?;
    let keys = imk.of_card(&version, &request.pan, request.psn).map_err(|_| IssuerError::Keys)?;
    let own = version.cryptogram(&keys.ac, &data).map_err(RequestError::Value)?;
    if !own.verify(&request.cryptogram) {
        return plain(Change::CountBadCryptogram, Reason::WrongCryptogram);
    }
    let digest = vault.digest(&request.identity());
    if let Some(recorded) = &situation.recorded {
        return if recorded.digest == digest {
            let reason = Reason::of(&recorded.reason).ok_or(IssuerError::Damaged)?;
            let pan = request.pan.masked().to_string();
            Ok((Change::Nothing, Answer { reason, data: recorded.answer.clone(), repeated: true, pan }))
        } else {
            plain(Change::Nothing, Reason::Replayed)
        };
    }
    Proved { request, data, version, keys, situation, now }.answer(digest)
}

pub(crate) fn open_keys(vault: &Vault, sealed: &[u8]) -> Result<IssuerKeys, IssuerError> {
    IssuerKeys::from_octets(&vault.open(crate::KEYS_PURPOSE, sealed)?).ok_or(IssuerError::Damaged)
}

impl Proved<'_> {
    fn answer(&self, digest: [u8; 32]) -> Result<(Change, Answer), IssuerError> {
        let (reason, effect) = match self.judge() {
            Ok(effect) => (Reason::Approved, effect),
            Err(reason) => (reason, Effect::default()),
        };
        let (confirmed, waiting) = self.waiting();
        // A script is bound to the transaction under way; a replayed one has none.
        let commands = match self.version.scripts {
            Some(set) if !matches!(reason, Reason::Replayed | Reason::NotOnline) => {
                let blocked = self.situation.card.state == State::Blocked;
                Some(self.scripts(set).commands(blocked, &waiting, effect.cash)?)
            }
            _ => None,
        };
        let scripts_sent = commands.as_ref().map(|commands| u8::try_from(commands.after.len()).unwrap_or(u8::MAX));
        let commands = commands.unwrap_or_default();
        let [high, low] = self.request.atc.to_be_bytes();
        let data = script::answer(reason.response_code(), &self.tag91(reason)?, [0, 0, high, low], &commands)?;
        let recorded = Recorded { digest, reason: reason.as_str().to_owned(), answer: data.clone() };
        let posting = Posting {
            recorded,
            amount: self.request.amount,
            currency: self.request.currency,
            transaction_type: self.request.transaction_type,
            movement: effect.movement,
            approved: reason.is_approval(),
            confirmed: confirmed.iter().map(|waiting| waiting.kind).collect(),
            scripts_sent,
            made_at: self.now,
        };
        let pan = self.request.pan.masked().to_string();
        Ok((Change::Post(Box::new(posting)), Answer { reason, data, repeated: false, pan }))
    }

    /// What an approval does, or why there is none.
    fn judge(&self) -> Result<Effect, Reason> {
        let (request, card, account) = (self.request, &self.situation.card, &self.situation.account);
        if request.cid.is_some_and(|cid| cid & AC_KIND != ARQC) {
            return Err(Reason::NotOnline);
        }
        if card.approved_atc.is_some_and(|last| request.atc <= last) {
            return Err(Reason::Replayed);
        }
        if request.message_amount.is_some_and(|amount| amount != request.amount) {
            return Err(Reason::AmountDiffers);
        }
        if card.state == State::Blocked {
            return Err(Reason::CardBlocked);
        }
        if month(self.now) > card.expiry {
            return Err(Reason::Expired);
        }
        if account.state == State::Blocked {
            return Err(Reason::AccountBlocked);
        }
        let kind = Kind::of(request.transaction_type).ok_or(Reason::UnsupportedType)?;
        if account.currency.number() != request.currency {
            return Err(Reason::CurrencyDiffers);
        }
        let minor = i64::try_from(request.amount.minor()).map_err(|_| Reason::InsufficientFunds)?;
        let cash = match kind {
            Kind::LoadFromAccount => Some(self.loaded()?),
            Kind::Spend | Kind::Inquiry => None,
        };
        let movement = match kind {
            Kind::Spend | Kind::LoadFromAccount => {
                account.balance.checked_sub(request.amount).ok_or(Reason::InsufficientFunds)?;
                -minor
            }
            Kind::Inquiry => 0,
        };
        Ok(Effect { movement, cash })
    }

    /// The balance of electronic cash after a load: the one that the card proved, and the amount.
    fn loaded(&self) -> Result<Amount, Reason> {
        let cash = self.situation.card.cash.filter(|cash| cash.currency.number() == self.request.currency);
        let cash = cash.filter(|_| self.version.scripts == Some(ScriptSet::Pboc)).ok_or(Reason::NoCash)?;
        let before = self.proved_balance().ok_or(Reason::UnprovenBalance)?;
        let after = before.checked_add(self.request.amount).filter(|after| *after <= cash.limit);
        after.ok_or(Reason::CashLimit)
    }

    /// The balance in the issuer application data, if its MAC is right (JR/T 0025.5).
    fn proved_balance(&self) -> Option<Amount> {
        let idd = UnionPayIad::parse(self.data.iad()).ok()?.idd?;
        let balance = idd.ec_balance()?;
        let (protected, mac) = idd.protected()?;
        let octets: [u8; 5] = protected.try_into().ok()?;
        let key = ScriptSet::Pboc.session_key(&self.keys.smi, &self.context()).ok()?;
        pboc::balance_mac(&key, self.request.atc.to_be_bytes(), octets).verify(mac).then_some(balance)
    }

    const fn context(&self) -> ScriptContext {
        ScriptContext { atc: self.request.atc.to_be_bytes(), cryptogram: self.request.cryptogram }
    }

    const fn scripts(&self, set: ScriptSet) -> Scripts<'_> {
        Scripts { set, smi: &self.keys.smi, context: self.context(), mac_octets: self.situation.card.script_mac }
    }

    /// What the card has carried out, and what goes out with this answer. The CVR counts the commands since the last online
    /// transaction, so it has to count as many as the last answer had.
    fn waiting(&self) -> (Vec<Waiting>, Vec<Waiting>) {
        let sent = self.situation.card.scripts_sent.min(0x0F);
        let done = self.cvr().is_some_and(|cvr| sent > 0 && cvr.script_count() >= sent && !cvr.script_failed());
        self.situation.waiting.iter().partition(|waiting| done && waiting.sent)
    }

    /// The CVR where it has the layout of VIS, which PBOC shares.
    fn cvr(&self) -> Option<Cvr> {
        if self.version.input != AcInput::WithLengthAndCvr {
            return None;
        }
        Some(Cvr::new(self.data.iad().get(3..7)?.try_into().ok()?))
    }

    /// The value of tag `91`; empty where the version knows none.
    fn tag91(&self, reason: Reason) -> Result<Vec<u8>, IssuerError> {
        let Some((method, _)) = self.version.arpc else { return Ok(Vec::new()) };
        let approved = reason.is_approval();
        let code = match (self.version.scripts, approved) {
            (Some(ScriptSet::Mastercard), true) => MCHIP_APPROVED,
            (Some(ScriptSet::Mastercard), false) => [0; 2],
            _ => reason.response_code(),
        };
        let answer = match method {
            ArpcMethod::Method1 => IssuerAnswer::ResponseCode(code),
            ArpcMethod::Method2 if approved => IssuerAnswer::StatusUpdate(Csu::APPROVE_AND_RESET, &[]),
            ArpcMethod::Method2 => IssuerAnswer::StatusUpdate(CSU_DECLINE, &[]),
        };
        let mut out = [0; 16];
        let length = self.version.answer(&self.keys.ac, &self.data, &self.request.cryptogram, &answer, &mut out);
        let length = length.map_err(|_| IssuerError::Keys)?;
        Ok(out.get(..length).unwrap_or_default().to_vec())
    }
}

/// The month of a time as the number YYMM; cards of this host live in this century.
fn month(now: u64) -> u16 {
    let time = i64::try_from(now).ok().and_then(|now| time::OffsetDateTime::from_unix_timestamp(now).ok());
    time.map_or(u16::MAX, |time| {
        let year = u16::try_from(time.year() - 2000).unwrap_or(u16::MAX / 100 - 1);
        year * 100 + u16::from(u8::from(time.month()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_valid_through_its_last_month() {
        assert_eq!(month(1_924_991_999), 3012, "2030-12-31 23:59:59");
        assert_eq!(month(1_924_992_000), 3101, "2031-01-01 00:00:00");
        assert_eq!(month(u64::MAX), u16::MAX);
    }

    #[test]
    fn types_that_nobody_defined_do_nothing() {
        for unsupported in [0x20, 0x62, 0x63, 0xFF] {
            assert_eq!(Kind::of(unsupported), None);
        }
        assert_eq!(Kind::of(0x00), Some(Kind::Spend));
        assert_eq!(Kind::of(0x60), Some(Kind::LoadFromAccount));
    }
}

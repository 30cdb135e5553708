//! What a payment application computes with its keys: the application cryptogram, the MAC in its IAD, issuer authentication,
//! the MAC of a script. The one place of the card that meets the symmetric half of `tapcard-crypto`.

use tapcard_crypto::ac::{AcData, CryptogramVersion};
use tapcard_crypto::arpc::IssuerAnswer;
use tapcard_crypto::keys::{Cipher, SecretKey, TdesKey};
use tapcard_crypto::pboc;
use tapcard_crypto::script::{ScriptContext, ScriptSet};
use tapcard_emv::Dol;
use tapcard_emv::iad::Cvr;

use super::behaviour::{Behaviour, Rules};
use super::cash;
use super::counters::Account;
use super::iad::{self, IadOctets};
use super::transaction::Transaction;
use crate::keys::{CardKeys, Secret};

/// The values of the terminal that a cryptogram protects, in the order in which [`values`] puts them together.
const LIST: Dol<'static> =
    Dol::new(&[0x9F, 0x02, 6, 0x9F, 0x03, 6, 0x9F, 0x1A, 2, 0x95, 5, 0x5F, 0x2A, 2, 0x9A, 3, 0x9C, 1, 0x9F, 0x37, 4]);
/// Octets of these values.
const VALUES: usize = 29;

/// The keys of one application in one transaction.
pub(crate) struct TransactionKeys<'c> {
    behaviour: Behaviour,
    version: CryptogramVersion,
    keys: CardKeys<'c>,
    name: &'c [u8],
    atc: [u8; 2],
}

impl<'c> TransactionKeys<'c> {
    pub(crate) fn new(behaviour: Behaviour, keys: CardKeys<'c>, account: &Account<'c>) -> Self {
        let version = behaviour.version();
        Self { behaviour, version, keys, name: account.application.name(), atc: account.atc().to_be_bytes() }
    }

    fn card_key(&self, secret: Secret) -> Option<SecretKey> {
        let octets = self.keys.get(self.name, secret)?;
        match self.version.cipher {
            Cipher::Tdes => TdesKey::import(octets).ok().map(SecretKey::from),
            #[cfg(feature = "sm")]
            Cipher::Sm4 => tapcard_crypto::keys::Sm4Key::import(octets).ok().map(SecretKey::from),
            _ => None,
        }
    }

    /// The application cryptogram over the values of the terminal, AIP, ATC and CVR or IAD; `None` without a key.
    pub(crate) fn cryptogram(&self, transaction: &Transaction, iad: &IadOctets) -> Option<[u8; 8]> {
        let told = values(transaction);
        let mut data = AcData::of_card(iad.octets(), &transaction.aip, &self.atc);
        data.add_dol(LIST, &told).ok()?;
        Some(*self.version.cryptogram(&self.card_key(Secret::Ac)?, &data).ok()?.octets())
    }

    /// The IAD; with the balance as it is after this answer where the application has electronic cash.
    pub(crate) fn iad(&self, account: &Account<'_>, running: &Transaction, cvr: Cvr, paid: bool) -> Option<IadOctets> {
        let Behaviour { rules, dki, cvn, algorithm } = self.behaviour;
        Some(match rules {
            Rules::Visa => iad::visa(dki, cvn, cvr),
            Rules::Mastercard => iad::mchip(dki, cvn, cvr, account, running),
            Rules::Pboc => {
                let protected = match balance(account, running, paid) {
                    Some(balance) => {
                        let key = self.script_set()?.session_key(&self.card_key(Secret::Mac)?, &self.context([0; 8]));
                        Some((balance, *pboc::balance_mac(&key.ok()?, self.atc, balance).octets()))
                    }
                    None => None,
                };
                iad::unionpay(dki, cvn, cvr, algorithm, protected)
            }
        })
    }

    /// What the issuer says by the value of tag `91`; `None` when the issuer has not made it for this cryptogram.
    pub(crate) fn issuers_answer<'v>(
        &self,
        running: &Transaction,
        arqc: &[u8; 8],
        value: &'v [u8],
    ) -> Option<IssuerAnswer<'v>> {
        let told = values(running);
        let mut data = AcData::of_card(&[], &running.aip, &self.atc);
        data.add_dol(LIST, &told).ok()?;
        self.version.check_answer(&self.card_key(Secret::Ac)?, &data, arqc, value).ok()?
    }

    /// Octets that the value of tag `91` has at least.
    pub(crate) const fn shortest_answer(&self) -> usize {
        match self.version.arpc {
            Some((tapcard_crypto::arpc::ArpcMethod::Method2, _)) => 8,
            _ => 10,
        }
    }

    /// The rules of scripts, where the version has any.
    pub(crate) const fn script_set(&self) -> Option<ScriptSet> {
        self.version.scripts
    }

    pub(crate) const fn context(&self, cryptogram: [u8; 8]) -> ScriptContext {
        ScriptContext { atc: self.atc, cryptogram }
    }

    /// Whether a script command was made by the issuer for this transaction.
    pub(crate) fn is_issuers_script(&self, header: [u8; 5], context: &ScriptContext, data: &[u8], mac: &[u8]) -> bool {
        let (Some(set), Some(key)) = (self.script_set(), self.card_key(Secret::Mac)) else { return false };
        set.mac(&key, context, header, data).is_ok_and(|own| own.verify(mac))
    }
}

/// The values that [`LIST`] lays out.
fn values(running: &Transaction) -> [u8; VALUES] {
    let mut octets = [0; VALUES];
    let told = |tag| running.values.get(tag);
    // The list is ours, and its data has just this length.
    let _ = LIST.fill_into(&mut octets, told);
    octets
}

/// The low ten digits of the balance in the transaction's currency, else of the first one.
fn balance(account: &Account<'_>, running: &Transaction, paid: bool) -> Option<[u8; 5]> {
    let purse = cash::purse(account, &running.values).unwrap_or(tapcard_emv::pboc::EcTags::FIRST);
    let now = account.amount(purse.balance)?;
    let after = cash::after_purchase(account, &running.values).filter(|_| paid).map_or(now, |(_, after)| after);
    after.to_n12().ok()?.last_chunk::<5>().copied()
}

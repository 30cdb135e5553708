//! What a payment application computes with its keys: the application cryptogram, the MAC in its IAD, issuer authentication,
//! the MAC of a script. The one place of the card that meets `tapcard-crypto`.

use subtle::ConstantTimeEq;
use tapcard_crypto::keys::TdesKey;
use tapcard_crypto::mac::{Padding, retail_mac};
use tapcard_crypto::session;
use tapcard_emv::iad::Cvr;
use tapcard_emv::tag;

use super::behaviour::{Behaviour, Rules};
use super::cash;
use super::counters::Account;
use super::transaction::Transaction;
use crate::keys::{CardKeys, Secret};

/// Identifier of issuer discretionary data with the electronic cash balance, and its length with the MAC.
const IDD_BALANCE: [u8; 2] = [0x0A, 0x01];

/// The longest IAD that is built here.
const MAX_IAD: usize = 19;

/// Issuer application data (`9F10`).
pub(crate) struct IadOctets {
    octets: [u8; MAX_IAD],
    length: usize,
}

impl IadOctets {
    fn of(parts: &[&[u8]]) -> Self {
        let mut iad = Self { octets: [0; MAX_IAD], length: 0 };
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

/// The keys of one application in one transaction.
pub(crate) struct TransactionKeys<'c> {
    behaviour: Behaviour,
    keys: CardKeys<'c>,
    name: &'c [u8],
    atc: [u8; 2],
}

impl<'c> TransactionKeys<'c> {
    pub(crate) fn new(behaviour: Behaviour, keys: CardKeys<'c>, account: &Account<'c>) -> Self {
        Self { behaviour, keys, name: account.application.name(), atc: account.atc().to_be_bytes() }
    }

    fn master(&self, secret: Secret) -> Option<TdesKey> {
        TdesKey::import(self.keys.get(self.name, secret)?).ok()
    }

    /// The key of cryptograms and of issuer authentication.
    fn ac(&self) -> Option<TdesKey> {
        let master = self.master(Secret::Ac)?;
        Some(match self.behaviour.rules {
            Rules::Pboc => session::pboc(&master, self.atc),
            Rules::Visa => master,
        })
    }

    fn mac(&self) -> Option<TdesKey> {
        let master = self.master(Secret::Mac)?;
        Some(match self.behaviour.rules {
            Rules::Pboc => session::pboc(&master, self.atc),
            Rules::Visa => session::visa_sm(&master, self.atc),
        })
    }

    /// The application cryptogram over the values of the terminal, AIP, ATC and CVR; `None` without a key.
    pub(crate) fn cryptogram(&self, transaction: &Transaction, cvr: Cvr) -> Option<[u8; 8]> {
        let values = &transaction.values;
        let padding = match self.behaviour.rules {
            Rules::Pboc => Padding::Method2,
            Rules::Visa => Padding::Method1,
        };
        let parts: [&[u8]; 11] = [
            &values.array::<6>(tag::AMOUNT_AUTHORISED),
            &values.array::<6>(tag::AMOUNT_OTHER),
            &values.array::<2>(tag::TERMINAL_COUNTRY_CODE),
            &values.array::<5>(tag::TVR),
            &values.array::<2>(tag::TRANSACTION_CURRENCY_CODE),
            &values.array::<3>(tag::TRANSACTION_DATE),
            &values.array::<1>(tag::TRANSACTION_TYPE),
            &values.array::<4>(tag::UN),
            &transaction.aip,
            &self.atc,
            &cvr.octets(),
        ];
        Some(*retail_mac(&self.ac()?.schedule(), padding, &parts).octets())
    }

    /// The IAD; with the balance as it is after this answer where the application has electronic cash.
    pub(crate) fn iad(
        &self,
        account: &Account<'_>,
        transaction: &Transaction,
        cvr: Cvr,
        paid: bool,
    ) -> Option<IadOctets> {
        let Behaviour { dki, cvn, algorithm, .. } = self.behaviour;
        match self.behaviour.rules {
            Rules::Visa => Some(IadOctets::of(&[&[0x06, dki, cvn], &cvr.octets()])),
            Rules::Pboc => {
                let fixed: [&[u8]; 3] = [&[0x07, dki, cvn], &cvr.octets(), &[algorithm]];
                let [head, cvr, tail] = fixed;
                let Some(balance) = balance(account, transaction, paid) else {
                    return Some(IadOctets::of(&fixed));
                };
                let mac = retail_mac(&self.mac()?.schedule(), Padding::Method2, &[&self.atc, &balance, &[0]]);
                let mac = mac.leftmost::<4>();
                Some(IadOctets::of(&[head, cvr, tail, &IDD_BALANCE, &balance, mac.octets()]))
            }
        }
    }

    /// Whether the eight octets are the answer of the issuer to this cryptogram (method 1; EMV 4.4 Book 2, 8.2.1).
    pub(crate) fn is_issuers(&self, arqc: [u8; 8], arpc: &[u8; 8], arc: [u8; 2]) -> bool {
        let Some(key) = self.ac() else { return false };
        let mut block = arqc;
        block.iter_mut().zip(arc).for_each(|(octet, code)| *octet ^= code);
        key.schedule().encrypt(&block).ct_eq(arpc).into()
    }

    /// Whether a script command was made by the issuer for this transaction: its MAC is over header, ATC, cryptogram and data
    /// (JR/T 0025.5; VIS 1.4 has the same).
    pub(crate) fn is_issuers_script(&self, header: &[u8; 5], ac: [u8; 8], data: &[u8], mac: &[u8]) -> bool {
        let Some(key) = self.mac() else { return false };
        retail_mac(&key.schedule(), Padding::Method2, &[header, &self.atc, &ac, data]).verify(mac)
    }
}

/// The low ten digits of the balance in the transaction's currency, else of the first one.
fn balance(account: &Account<'_>, transaction: &Transaction, paid: bool) -> Option<[u8; 5]> {
    let purse = cash::purse(account, &transaction.values).unwrap_or(tapcard_emv::pboc::EcTags::FIRST);
    let now = account.amount(purse.balance)?;
    let after = cash::after_purchase(account, &transaction.values).filter(|_| paid).map_or(now, |(_, after)| after);
    after.to_n12().ok()?.last_chunk::<5>().copied()
}

//! What a payment application counts and remembers from one transaction to the next (EMV 4.4 Book 3, Annex D leaves it to the
//! card; JR/T 0025.5 and VIS 1.4 name the counters that are kept here).

use tapcard_emv::tag;
use tapcard_emv::{Amount, Currency};
use tapcard_iso7816::Tag;

use crate::card::Card;
use crate::image::{Application, Key};
use crate::state::Changes;

/// A value of the state that no command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Counter {
    /// [`Flags`], one octet.
    Flags = 1,
    /// How many issuer script commands came since the last online transaction, one octet.
    Scripts = 2,
    /// Offline amount in the application's own currency since the last online transaction, n12.
    OfflineAmount = 3,
    /// Offline transactions in other currencies, one octet.
    ForeignCurrency = 4,
    /// Offline transactions in other countries, one octet.
    ForeignCountry = 5,
}

impl Counter {
    pub(crate) const fn key(self) -> Key {
        Key::Counter(self as u8)
    }
}

/// What the last transaction left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    /// A transaction went online and was not completed.
    pub(crate) const ONLINE_INCOMPLETE: Self = Self(0x80);
    pub(crate) const ISSUER_AUTHENTICATION_FAILED: Self = Self(0x40);
    pub(crate) const ISSUER_AUTHENTICATION_MISSING: Self = Self(0x20);
    pub(crate) const SCRIPT_FAILED: Self = Self(0x10);
    pub(crate) const SDA_FAILED: Self = Self(0x08);
    pub(crate) const DDA_FAILED: Self = Self(0x04);

    pub(crate) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) const fn with(self, flag: Self, set: bool) -> Self {
        if set { Self(self.0 | flag.0) } else { Self(self.0 & !flag.0) }
    }
}

/// One application with what is personalised, changed and counted.
pub(crate) struct Account<'c> {
    card: &'c Card<'c>,
    pub(crate) application: Application<'c>,
}

impl<'c> Account<'c> {
    pub(crate) fn new(card: &'c Card<'_>, application: Application<'c>) -> Self {
        Self { card, application }
    }

    pub(crate) fn number(&self) -> u8 {
        self.application.number()
    }

    /// A value as it is now.
    pub(crate) fn value(&self, key: Key) -> Option<&'c [u8]> {
        self.card.state.value(self.card.image, self.number(), key)
    }

    /// An object as it is now.
    pub(crate) fn data(&self, tag: Tag) -> Option<&'c [u8]> {
        self.value(Key::Data(tag))
    }

    pub(crate) fn octet(&self, tag: Tag) -> Option<u8> {
        self.data(tag)?.first().copied()
    }

    /// An amount in minor units; `None` when it is not there or not six octets BCD.
    pub(crate) fn amount(&self, tag: Tag) -> Option<Amount> {
        Amount::from_n12(self.data(tag)?).ok()
    }

    pub(crate) fn currency(&self, tag: Tag) -> Option<Currency> {
        Currency::from_n3(self.data(tag)?).ok()
    }

    pub(crate) fn atc(&self) -> u16 {
        self.card.atc(self.number())
    }

    /// The ATC of the last online transaction (`9F13`); 0 for a card that was never online.
    pub(crate) fn last_online_atc(&self) -> u16 {
        match self.data(tag::LAST_ONLINE_ATC) {
            Some(&[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0,
        }
    }

    pub(crate) fn flags(&self) -> Flags {
        Flags(self.counter(Counter::Flags))
    }

    /// A counter of one octet.
    pub(crate) fn counter(&self, counter: Counter) -> u8 {
        self.value(counter.key()).and_then(<[u8]>::first).copied().unwrap_or_default()
    }

    /// What was spent offline in the application's own currency since the last online transaction.
    pub(crate) fn offline_amount(&self) -> Amount {
        let octets = self.value(Counter::OfflineAmount.key());
        octets.and_then(|octets| Amount::from_n12(octets).ok()).unwrap_or_default()
    }

    /// PIN tries left (`9F17`); `None` for an application without PIN.
    pub(crate) fn pin_tries(&self) -> Option<u8> {
        self.octet(tag::PIN_TRY_COUNTER)
    }

    /// Adds a line to a log file.
    pub(crate) fn log(&self, sfi: tapcard_iso7816::Sfi, line: &[u8], changes: &mut Changes) {
        self.card.state.log(self.card.image, self.number(), sfi, line, changes);
    }

    /// An object in the records of the application, as personalised or as updated by a script: a CDOL, the PAN.
    pub(crate) fn in_records(&self, tag: Tag) -> Option<&'c [u8]> {
        let records = self.card.image.entries().filter(|entry| entry.application == self.number());
        records.into_iter().find_map(|entry| match entry.key {
            Key::Record(..) => {
                let record = self.value(entry.key).unwrap_or(entry.value);
                tapcard_iso7816::find_deep(record, tag)
            }
            _ => None,
        })
    }
}

//! The message type identifier: version, class, function and origin, one digit each (ISO 8583:1987, 4.1; ISO 8583:2003, 5.2).
//!
//! Digits without a meaning are kept and shown as [`Class::Other`] and its like, so that a log can name a message that
//! nobody defined. Which message follows which is [`Mti::response`] and [`Mti::repeat`].

use core::fmt;

/// A message type. Its digits are those that were received.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mti([u8; 4]);

/// The first digit: edition of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Version {
    /// 0: ISO 8583:1987.
    Iso1987,
    /// 1: ISO 8583:1993.
    Iso1993,
    /// 2: ISO 8583:2003.
    Iso2003,
    /// Reserved, national or private.
    Other(u8),
}

/// The second digit: what the message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Class {
    /// 1: authorisation.
    Authorisation,
    /// 2: financial.
    Financial,
    /// 3: file action, batch upload.
    FileAction,
    /// 4: reversal.
    Reversal,
    /// 5: reconciliation.
    Reconciliation,
    /// 6: administrative, as the notice of a script's result.
    Administrative,
    /// 7: fee collection.
    FeeCollection,
    /// 8: network management.
    NetworkManagement,
    /// Reserved.
    Other(u8),
}

/// The third digit: question, answer or notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Function {
    /// 0: a request.
    Request,
    /// 1: the answer to a request.
    Response,
    /// 2: something has been done already.
    Advice,
    /// 3: the answer to an advice.
    AdviceResponse,
    /// 4: a notice that needs no answer.
    Notification,
    /// 5: the answer to a notice, where one is given.
    NotificationAcknowledgement,
    /// Reserved or of later editions.
    Other(u8),
}

/// The fourth digit: who began, and whether it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Origin {
    /// 0: the acquirer.
    Acquirer,
    /// 1: the acquirer, again.
    AcquirerRepeat,
    /// 2: the issuer.
    Issuer,
    /// 3: the issuer, again.
    IssuerRepeat,
    /// 4: someone else.
    Else,
    /// 5: someone else, again.
    ElseRepeat,
    /// Reserved.
    Other(u8),
}

impl Mti {
    /// `0100`: an authorisation request.
    pub const AUTHORISATION_REQUEST: Self = Self(*b"0100");
    /// `0110`: the answer to `0100`.
    pub const AUTHORISATION_RESPONSE: Self = Self(*b"0110");
    /// `0200`: a financial request.
    pub const FINANCIAL_REQUEST: Self = Self(*b"0200");
    /// `0210`: the answer to `0200`.
    pub const FINANCIAL_RESPONSE: Self = Self(*b"0210");
    /// `0400`: a reversal request.
    pub const REVERSAL_REQUEST: Self = Self(*b"0400");
    /// `0410`: the answer to `0400`.
    pub const REVERSAL_RESPONSE: Self = Self(*b"0410");
    /// `0420`: a reversal advice.
    pub const REVERSAL_ADVICE: Self = Self(*b"0420");
    /// `0430`: the answer to `0420`.
    pub const REVERSAL_ADVICE_RESPONSE: Self = Self(*b"0430");
    /// `0620`: an administrative advice; here the result of an issuer script.
    pub const ADMINISTRATIVE_ADVICE: Self = Self(*b"0620");
    /// `0630`: the answer to `0620`.
    pub const ADMINISTRATIVE_ADVICE_RESPONSE: Self = Self(*b"0630");
    /// `0800`: a network management request.
    pub const NETWORK_REQUEST: Self = Self(*b"0800");
    /// `0810`: the answer to `0800`.
    pub const NETWORK_RESPONSE: Self = Self(*b"0810");

    /// From four ASCII digits; `None` when one is no digit.
    ///
    /// ```
    /// use tapcard_iso8583::mti::{Class, Function, Mti, Origin};
    ///
    /// let mti = Mti::from_ascii(*b"0421").ok_or("no digits")?;
    /// assert_eq!((mti.class(), mti.function(), mti.origin()), (Class::Reversal, Function::Advice, Origin::AcquirerRepeat));
    /// assert_eq!(mti.response(), Some(Mti::REVERSAL_ADVICE_RESPONSE));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub const fn from_ascii(digits: [u8; 4]) -> Option<Self> {
        let [a, b, c, d] = digits;
        let all = a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit() && d.is_ascii_digit();
        if all { Some(Self(digits)) } else { None }
    }

    /// From two octets of two digits each; `None` when a half octet is above 9.
    #[must_use]
    pub const fn from_packed(octets: [u8; 2]) -> Option<Self> {
        let [a, b] = octets;
        if a >> 4 > 9 || a & 15 > 9 || b >> 4 > 9 || b & 15 > 9 {
            return None;
        }
        Some(Self([b'0' + (a >> 4), b'0' + (a & 15), b'0' + (b >> 4), b'0' + (b & 15)]))
    }

    /// The four ASCII digits.
    #[must_use]
    pub const fn digits(self) -> [u8; 4] {
        self.0
    }

    /// Two octets of two digits each.
    #[must_use]
    pub const fn packed(self) -> [u8; 2] {
        let [a, b, c, d] = self.0;
        [(a & 15) << 4 | (b & 15), (c & 15) << 4 | (d & 15)]
    }

    /// Edition of the standard.
    #[must_use]
    pub const fn version(self) -> Version {
        let [digit, ..] = self.0;
        match digit {
            b'0' => Version::Iso1987,
            b'1' => Version::Iso1993,
            b'2' => Version::Iso2003,
            other => Version::Other(other - b'0'),
        }
    }

    /// What the message is about.
    #[must_use]
    pub const fn class(self) -> Class {
        let [_, digit, ..] = self.0;
        match digit {
            b'1' => Class::Authorisation,
            b'2' => Class::Financial,
            b'3' => Class::FileAction,
            b'4' => Class::Reversal,
            b'5' => Class::Reconciliation,
            b'6' => Class::Administrative,
            b'7' => Class::FeeCollection,
            b'8' => Class::NetworkManagement,
            other => Class::Other(other - b'0'),
        }
    }

    /// Question, answer or notice.
    #[must_use]
    pub const fn function(self) -> Function {
        let [_, _, digit, _] = self.0;
        match digit {
            b'0' => Function::Request,
            b'1' => Function::Response,
            b'2' => Function::Advice,
            b'3' => Function::AdviceResponse,
            b'4' => Function::Notification,
            b'5' => Function::NotificationAcknowledgement,
            other => Function::Other(other - b'0'),
        }
    }

    /// Who began.
    #[must_use]
    pub const fn origin(self) -> Origin {
        let [.., digit] = self.0;
        match digit {
            b'0' => Origin::Acquirer,
            b'1' => Origin::AcquirerRepeat,
            b'2' => Origin::Issuer,
            b'3' => Origin::IssuerRepeat,
            b'4' => Origin::Else,
            b'5' => Origin::ElseRepeat,
            other => Origin::Other(other - b'0'),
        }
    }

    /// Whether the message is sent again (origin 1, 3 or 5): it must be given the stored answer.
    #[must_use]
    pub const fn is_repeat(self) -> bool {
        matches!(self.origin(), Origin::AcquirerRepeat | Origin::IssuerRepeat | Origin::ElseRepeat)
    }

    /// Whether somebody waits for an answer: a request, an advice or a notification.
    #[must_use]
    pub const fn expects_response(self) -> bool {
        self.response().is_some()
    }

    /// The type of the answer; `None` for what is itself an answer. The answer to a repeat is the one to the first.
    #[must_use]
    pub const fn response(self) -> Option<Self> {
        let [version, class, function, origin] = self.0;
        if !matches!(self.function(), Function::Request | Function::Advice | Function::Notification) {
            return None;
        }
        let origin = if self.is_repeat() { origin - 1 } else { origin };
        Some(Self([version, class, function + 1, origin]))
    }

    /// The same message sent again; a repeat stays as it is. `None` where the origin has no repeat.
    #[must_use]
    pub const fn repeat(self) -> Option<Self> {
        let [version, class, function, origin] = self.0;
        match self.origin() {
            Origin::Other(_) => None,
            _ if self.is_repeat() => Some(self),
            _ => Some(Self([version, class, function, origin + 1])),
        }
    }

    /// Whether this is the type of the answer to `request`.
    #[must_use]
    pub fn answers(self, request: Self) -> bool {
        request.response() == Some(self)
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

impl fmt::Debug for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mti({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    fn mti(digits: [u8; 4]) -> Mti {
        Mti::from_ascii(digits).unwrap()
    }

    #[test]
    fn every_request_has_the_answer_of_its_class() {
        for (request, response) in [
            (Mti::AUTHORISATION_REQUEST, Mti::AUTHORISATION_RESPONSE),
            (Mti::FINANCIAL_REQUEST, Mti::FINANCIAL_RESPONSE),
            (Mti::REVERSAL_REQUEST, Mti::REVERSAL_RESPONSE),
            (Mti::REVERSAL_ADVICE, Mti::REVERSAL_ADVICE_RESPONSE),
            (Mti::ADMINISTRATIVE_ADVICE, Mti::ADMINISTRATIVE_ADVICE_RESPONSE),
            (Mti::NETWORK_REQUEST, Mti::NETWORK_RESPONSE),
            (mti(*b"0201"), Mti::FINANCIAL_RESPONSE),
            (mti(*b"0423"), mti(*b"0432")),
            (mti(*b"1644"), mti(*b"1654")),
        ] {
            assert_eq!(request.response(), Some(response));
            assert!(request.expects_response() && response.answers(request));
            assert!(!response.expects_response() && !request.answers(response));
        }
    }

    #[test]
    fn a_repeat_stays_a_repeat() {
        assert_eq!(Mti::REVERSAL_ADVICE.repeat(), Some(mti(*b"0421")));
        assert_eq!(mti(*b"0421").repeat(), Some(mti(*b"0421")));
        assert_eq!(mti(*b"0209").repeat(), None);
        assert!(mti(*b"0421").is_repeat() && !Mti::REVERSAL_ADVICE.is_repeat());
    }

    #[test]
    fn digits_without_a_meaning_are_kept() {
        let odd = mti(*b"9999");
        let parts = (odd.version(), odd.class(), odd.function(), odd.origin());
        assert_eq!(parts, (Version::Other(9), Class::Other(9), Function::Other(9), Origin::Other(9)));
        assert_eq!((format!("{odd}"), format!("{odd:?}")), ("9999".into(), "Mti(9999)".into()));
        assert_eq!(mti(*b"1000").version(), Version::Iso1993);
        assert_eq!(mti(*b"2000").version(), Version::Iso2003);
    }

    #[test]
    fn what_is_no_digit_makes_no_type() {
        assert_eq!(Mti::from_ascii(*b"02A0"), None);
        assert_eq!(Mti::from_packed([0x02, 0x0A]), None);
        assert_eq!(Mti::from_packed([0xA2, 0x00]), None);
    }

    proptest! {
        #[test]
        fn both_ways_of_writing_are_the_same(octets: [u8; 2]) {
            if let Some(mti) = Mti::from_packed(octets) {
                prop_assert_eq!(mti.packed(), octets);
                prop_assert_eq!(Mti::from_ascii(mti.digits()), Some(mti));
                prop_assert_eq!(format!("{mti}"), format!("{:02X}{:02X}", octets[0], octets[1]));
                prop_assert!(mti.response().is_none_or(|response| response.response().is_none()));
            }
        }
    }
}

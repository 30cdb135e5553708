//! Offline data authentication: which method, with which objects, and what its result does to TVR and TSI (EMV 4.4 Book 2, 5
//! and 6; Book 3, 10.3). Certificates and signatures themselves are `tapcard_crypto::oda`.
//!
//! Exactly one method is tried. CDA ends with the answer to GENERATE AC; what fails before that is in the TVR before the
//! action codes are compared.

use heapless::Vec;
use tapcard_crypto::oda::{DataHash, IccKey, SignedDynamicData, SignedStaticData};
use tapcard_crypto::rsa::MAX_MODULUS_LEN;
use tapcard_emv::bits::TerminalCapabilities;
use tapcard_emv::{Aip, Cid, Dol, Tag, Tsi, Tvr, tag};
use tapcard_iso7816::{Command, Ins, Le, StatusWord, find, find_path};

use super::keys::{Failure, KeptKey};
use super::outcome::{Reason, Report, Step};
use super::{Contact, Next};

/// A method (EMV 4.4 Book 3, 10.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Sda,
    Dda,
    Cda,
}

impl Method {
    /// The strongest one that both sides know.
    fn choose(aip: Aip, terminal: TerminalCapabilities) -> Option<Self> {
        if aip.cda() && terminal.cda() {
            Some(Self::Cda)
        } else if aip.dda() && terminal.dda() {
            Some(Self::Dda)
        } else if aip.sda() && terminal.sda() {
            Some(Self::Sda)
        } else {
            None
        }
    }

    const fn failed(self) -> tapcard_emv::bits::Bit {
        match self {
            Self::Sda => Tvr::SDA_FAILED,
            Self::Dda => Tvr::DDA_FAILED,
            Self::Cda => Tvr::CDA_FAILED,
        }
    }

    /// What the card must have for it.
    const fn objects(self) -> &'static [Tag] {
        match self {
            Self::Sda => &[
                tag::CA_PUBLIC_KEY_INDEX,
                tag::ISSUER_PUBLIC_KEY_CERTIFICATE,
                tag::ISSUER_PUBLIC_KEY_EXPONENT,
                tag::SIGNED_STATIC_APPLICATION_DATA,
            ],
            Self::Dda | Self::Cda => &[
                tag::CA_PUBLIC_KEY_INDEX,
                tag::ISSUER_PUBLIC_KEY_CERTIFICATE,
                tag::ISSUER_PUBLIC_KEY_EXPONENT,
                tag::ICC_PUBLIC_KEY_CERTIFICATE,
                tag::ICC_PUBLIC_KEY_EXPONENT,
            ],
        }
    }
}

/// Progress of the authentication.
#[derive(Default)]
pub(super) struct Oda {
    method: Option<Method>,
    /// The ICC's key, once it is recovered.
    pub(super) icc: Option<KeptKey>,
}

impl Oda {
    /// CDA is chosen and its key is there.
    pub(super) fn awaits_cda(&self) -> bool {
        self.method == Some(Method::Cda) && self.icc.is_some()
    }
}

impl Contact<'_> {
    pub(super) fn begin_oda(&mut self) -> Next {
        self.oda.method = Method::choose(self.aip, self.terminal.capabilities);
        let Some(method) = self.oda.method else {
            self.values.tvr.set(Tvr::ODA_NOT_PERFORMED);
            return self.end_oda();
        };
        if method == Method::Sda {
            self.values.tvr.set(Tvr::SDA_SELECTED);
        }
        match self.prepare(method) {
            Err(failure) => self.fail_oda(method, failure),
            Ok(()) => match method {
                Method::Sda => {
                    self.values.tsi.set(Tsi::ODA_PERFORMED);
                    self.end_oda()
                }
                Method::Dda => Next::InternalAuthenticate,
                Method::Cda => self.end_oda(),
            },
        }
    }

    /// All of SDA; for DDA and CDA the ICC's key, and for DDA a list that a signature can be made with.
    fn prepare(&mut self, method: Method) -> Result<(), Failure> {
        if method.objects().iter().any(|wanted| self.card.find(*wanted).is_none()) {
            return Err(Failure::Missing);
        }
        match method {
            Method::Sda => {
                let code = self.verify_static()?;
                self.values.data_authentication_code = Some(code);
            }
            Method::Dda => {
                self.oda.icc = Some(self.recover_icc_key()?);
                self.ddol().ok_or(Failure::Wrong)?;
            }
            Method::Cda => self.oda.icc = Some(self.recover_icc_key()?),
        }
        Ok(())
    }

    fn fail_oda(&mut self, method: Method, failure: Failure) -> Next {
        self.oda.icc = None;
        if failure == Failure::Missing {
            self.values.tvr.set(Tvr::ICC_DATA_MISSING);
        }
        self.values.tvr.set(method.failed());
        self.values.tsi.set(Tsi::ODA_PERFORMED);
        self.end_oda()
    }

    fn end_oda(&mut self) -> Next {
        self.report(Report::Done(Step::DataAuthentication));
        self.restrict()
    }

    fn verify_static(&self) -> Result<[u8; 2], Failure> {
        let (mut issuer_room, mut room) = ([0; MAX_MODULUS_LEN], [0; MAX_MODULUS_LEN]);
        let issuer = self.recover_issuer_key(&mut issuer_room)?;
        let signature = self.card.find(tag::SIGNED_STATIC_APPLICATION_DATA).ok_or(Failure::Missing)?;
        let signed = SignedStaticData::open(&issuer, signature, &mut room).map_err(|_| Failure::Wrong)?;
        signed.verify(self.static_data()?).map_err(|_| Failure::Wrong)
    }

    /// The card's DDOL, else the terminal's; without the unpredictable number a signature would prove nothing.
    fn ddol(&self) -> Option<Dol<'_>> {
        let default = self.application().and_then(|application| application.default_ddol);
        let list = self.card.find(tag::DDOL).or(default).map(Dol::new)?;
        (list.contains(tag::UN) && list.total_length().is_ok_and(|length| length <= 255)).then_some(list)
    }

    fn ddol_data(&self, out: &mut [u8; 255]) -> Option<usize> {
        self.ddol()?.fill_into(out, |wanted| self.value(wanted)).ok()
    }

    pub(super) fn send_internal_authenticate(&self, out: &mut [u8]) -> Result<usize, Reason> {
        let mut values = [0; 255];
        let length = self.ddol_data(&mut values).ok_or(Reason::CardData)?;
        let command = Command::new(0x00, Ins::InternalAuthenticate, 0x00, 0x00)
            .with_data(values.get(..length).unwrap_or_default())
            .with_le(Le::MAX_SHORT);
        command.encode_into(out).map_err(|_| Reason::Contract)
    }

    /// A refusal counts as a failed DDA, not as the end; terminals differ here.
    pub(super) fn take_internal_authenticate(&mut self, data: &[u8], sw: StatusWord) -> Next {
        let signature = if sw.is_ok() { dynamic_signature(data) } else { None };
        match signature.and_then(|signature| self.verify_dda(signature)) {
            Some(number) => {
                self.values.icc_dynamic_number = number;
                self.values.tsi.set(Tsi::ODA_PERFORMED);
                self.end_oda()
            }
            None => {
                // The ICC's key was right, so it may still encipher a PIN.
                self.values.tvr.set(Tvr::DDA_FAILED);
                self.values.tsi.set(Tsi::ODA_PERFORMED);
                self.end_oda()
            }
        }
    }

    fn verify_dda(&self, signature: &[u8]) -> Option<Vec<u8, 8>> {
        let mut values = [0; 255];
        let length = self.ddol_data(&mut values)?;
        let mut room = [0; MAX_MODULUS_LEN];
        let icc = IccKey::new(self.oda.icc.as_ref()?.key()?);
        let signed = SignedDynamicData::open(&icc, signature, &mut room).ok()?;
        let number = signed.verify_dda(values.get(..length)?).ok()?;
        Vec::from_slice(number).ok()
    }

    /// The cryptogram inside a right signature.
    pub(super) fn verify_cda(&mut self, cid: Cid, data: &[u8]) -> Option<[u8; 8]> {
        let answer = find(data, tag::RESPONSE_TEMPLATE_2)?;
        let mut hash = self.hash.clone();
        hash.answer(answer).ok()?;
        let mut room = [0; MAX_MODULUS_LEN];
        let icc = IccKey::new(self.oda.icc.as_ref()?.key()?);
        let signed = SignedDynamicData::open(&icc, find(answer, tag::SDAD)?, &mut room).ok()?;
        let proven = signed.verify_cda(self.transaction.unpredictable_number, cid.octet(), &hash.finish()).ok()?;
        self.values.icc_dynamic_number = Vec::from_slice(proven.icc_dynamic_number).ok()?;
        Some(proven.cryptogram)
    }

    /// TC hash value: over the data of the TDOL, the card's before the terminal's (EMV 4.4 Book 3, 9.2.2).
    pub(super) fn tc_hash(&self) -> Result<[u8; 20], Reason> {
        let default = self.application().and_then(|application| application.default_tdol);
        let list = Dol::new(self.card.find(tag::TDOL).or(default).unwrap_or_default());
        let mut values = [0; 512];
        let length = list.fill_into(&mut values, |wanted| self.value(wanted)).map_err(|_| Reason::CardData)?;
        Ok(DataHash::new().with(values.get(..length).unwrap_or_default()).finish())
    }
}

/// The signature in an answer to INTERNAL AUTHENTICATE: template 80, or 9F4B in template 77.
fn dynamic_signature(data: &[u8]) -> Option<&[u8]> {
    find(data, tag::RESPONSE_TEMPLATE_1).or_else(|| find_path(data, &[tag::RESPONSE_TEMPLATE_2, tag::SDAD]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(aip: u8, terminal: u8) -> Option<Method> {
        Method::choose(Aip::new([aip, 0]), TerminalCapabilities::new([0, 0, terminal]))
    }

    #[test]
    fn the_strongest_method_that_both_know_is_taken() {
        assert_eq!(chosen(0x61, 0xC8), Some(Method::Cda));
        assert_eq!(chosen(0x61, 0xC0), Some(Method::Dda));
        assert_eq!(chosen(0x61, 0x80), Some(Method::Sda));
        assert_eq!(chosen(0x40, 0x48), None);
        assert_eq!(chosen(0x61, 0x00), None);
    }

    #[test]
    fn a_signature_comes_in_either_template() {
        assert_eq!(dynamic_signature(&[0x80, 0x01, 0xAA]), Some(&[0xAA][..]));
        assert_eq!(dynamic_signature(&[0x77, 0x04, 0x9F, 0x4B, 0x01, 0xAA]), Some(&[0xAA][..]));
        assert_eq!(dynamic_signature(&[0x77, 0x03, 0x9F, 0x27, 0x00]), None);
    }
}

//! Terminal action analysis: from the TVR to the cryptogram that is asked for (EMV 4.4 Book 3, 10.7).

use tapcard_emv::bits::{AcType, TerminalType};
use tapcard_emv::{Dol, Tag, Tvr, tag};

use super::outcome::{Report, Step};
use super::terminal::ActionCodes;
use super::{Contact, Next, Phase};

/// All bits: what an issuer's Online and Default codes are when the card has none.
const ALL: Tvr = Tvr::new([0xFF; 5]);

impl Contact<'_> {
    /// Decides what the first GENERATE AC asks for.
    pub(super) fn analyse(&mut self) -> Next {
        self.note_default_tdol();
        let codes = self.action_codes();
        self.asked = first_request(self.terminal.kind, self.values.tvr, &codes);
        self.report(Report::Done(Step::ActionAnalysis));
        Next::Persist(Phase::Started)
    }

    /// A default TDOL shows in the TVR that the GENERATE AC sends. It is noted before the action codes are compared, so that
    /// they see what the card sees; whether they have to is not settled.
    fn note_default_tdol(&mut self) {
        let hash_wanted = self.card.find(tag::CDOL1).is_some_and(|list| Dol::new(list).contains(tag::TC_HASH_VALUE));
        let default = self.application().is_some_and(|application| application.default_tdol.is_some());
        if hash_wanted && default && self.card.find(tag::TDOL).is_none() {
            self.values.tvr.set(Tvr::DEFAULT_TDOL_USED);
        }
    }

    /// Issuer's and terminal's codes together.
    fn action_codes(&self) -> ActionCodes {
        let issuer = |wanted: Tag, absent| self.card.find(wanted).and_then(Tvr::from_slice).unwrap_or(absent);
        let tac = self.application().map(|application| application.tac).unwrap_or_default();
        ActionCodes {
            denial: tac.denial.union(issuer(tag::IAC_DENIAL, Tvr::default())),
            online: tac.online.union(issuer(tag::IAC_ONLINE, ALL)),
            default: tac.default.union(issuer(tag::IAC_DEFAULT, ALL)),
        }
    }

    /// What to ask for when the transaction cannot go online.
    pub(super) fn offline_request(&self) -> AcType {
        by_default(self.values.tvr, &self.action_codes())
    }
}

fn first_request(kind: TerminalType, tvr: Tvr, codes: &ActionCodes) -> AcType {
    if tvr.intersects(codes.denial) {
        AcType::Aac
    } else if kind.is_offline_only() {
        by_default(tvr, codes)
    } else if kind.is_online_only() || tvr.intersects(codes.online) {
        AcType::Arqc
    } else {
        AcType::Tc
    }
}

fn by_default(tvr: Tvr, codes: &ActionCodes) -> AcType {
    if tvr.intersects(codes.default) { AcType::Aac } else { AcType::Tc }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: u8, codes: &ActionCodes) -> AcType {
        first_request(TerminalType::new(kind).unwrap(), Tvr::default().with(Tvr::EXPIRED), codes)
    }

    #[test]
    fn denial_goes_before_everything() {
        let codes = ActionCodes { denial: ALL, online: ALL, default: Tvr::default() };
        for kind in [0x21, 0x22, 0x23, 0x25] {
            assert_eq!(request(kind, &codes), AcType::Aac);
        }
    }

    #[test]
    fn the_terminals_type_decides_which_codes_count() {
        let online = ActionCodes { online: ALL, ..ActionCodes::default() };
        let default = ActionCodes { default: ALL, ..ActionCodes::default() };
        let asked = |kind| [request(kind, &ActionCodes::default()), request(kind, &online), request(kind, &default)];
        assert_eq!(asked(0x22), [AcType::Tc, AcType::Arqc, AcType::Tc]);
        assert_eq!(asked(0x24), [AcType::Arqc, AcType::Arqc, AcType::Arqc]);
        assert_eq!(asked(0x26), [AcType::Tc, AcType::Tc, AcType::Aac]);
    }
}

//! Issuer scripts as templates `71` and `72` (EMV 4.4 Book 3, 10.10): which commands, protected for one transaction.

use tapcard_crypto::keys::SecretKey;
use tapcard_crypto::pboc;
use tapcard_crypto::script::{ScriptContext, ScriptError, ScriptSet};
use tapcard_emv::{Amount, tag};
use tapcard_iso7816::{CapacityError, Tag, TlvWriter};

use crate::model::{Pending, Waiting};

/// Longest answer: issuer authentication data and both templates.
const MAX_ANSWER: usize = 512;

/// What a script is made with: the set of the card's cryptogram version, its key for MACs, and the transaction.
pub(crate) struct Scripts<'k> {
    pub(crate) set: ScriptSet,
    pub(crate) smi: &'k SecretKey,
    pub(crate) context: ScriptContext,
    pub(crate) mac_octets: usize,
}

/// Commands of both templates, in the order in which they go out.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    /// Before the second GENERATE AC.
    pub(crate) before: Vec<Vec<u8>>,
    /// After it.
    pub(crate) after: Vec<Vec<u8>>,
}

impl Scripts<'_> {
    /// Everything for one answer: a blocked card is told so each time, what waits goes out again until it is confirmed.
    pub(crate) fn commands(
        mut self,
        is_blocked: bool,
        waiting: &[Waiting],
        cash: Option<Amount>,
    ) -> Result<Commands, ScriptError> {
        let mut commands = Commands::default();
        if is_blocked {
            commands.before.push(self.command(0x1E)?);
        }
        if let Some(balance) = cash {
            commands.after.push(self.load(balance)?);
        }
        for Waiting { kind, .. } in waiting {
            commands.after.push(match kind {
                Pending::ApplicationUnblock => self.command(0x18)?,
                Pending::PinUnblock => self.command(0x24)?,
            });
        }
        Ok(commands)
    }

    /// A command without data but its MAC.
    fn command(&mut self, ins: u8) -> Result<Vec<u8>, ScriptError> {
        let cla = if self.set == ScriptSet::Pboc { 0x04 } else { 0x84 };
        let lc = u8::try_from(self.mac_octets).map_err(|_| ScriptError::NoRule)?;
        let header = [cla, ins, 0, 0, lc];
        let mac = self.set.mac(self.smi, &self.context, header, &[])?;
        let mac = mac.octets().get(..self.mac_octets).ok_or(ScriptError::NoRule)?;
        self.context = self.context.next(self.set);
        Ok([header.as_slice(), mac].concat())
    }

    /// PUT DATA of the new balance of electronic cash (`9F79`; JR/T 0025.13).
    fn load(&mut self, balance: Amount) -> Result<Vec<u8>, ScriptError> {
        if self.set != ScriptSet::Pboc {
            return Err(ScriptError::NoRule);
        }
        let value = balance.to_n12().map_err(|_| ScriptError::NoRule)?;
        Ok(pboc::load_command(self.smi, &self.context, value)?.to_vec())
    }
}

/// The answer for the card: `8A`, `91` where there is one, and the templates.
pub(crate) fn answer(arc: [u8; 2], tag91: &[u8], id: [u8; 4], commands: &Commands) -> Result<Vec<u8>, CapacityError> {
    let mut out = [0; MAX_ANSWER];
    let mut writer = TlvWriter::new(&mut out);
    writer.primitive(tag::ARC, &arc)?;
    if !tag91.is_empty() {
        writer.primitive(tag::ISSUER_AUTHENTICATION_DATA, tag91)?;
    }
    template(&mut writer, tag::ISSUER_SCRIPT_TEMPLATE_1, id, &commands.before)?;
    template(&mut writer, tag::ISSUER_SCRIPT_TEMPLATE_2, id, &commands.after)?;
    Ok(writer.written().to_vec())
}

fn template(writer: &mut TlvWriter<'_>, tag: Tag, id: [u8; 4], commands: &[Vec<u8>]) -> Result<(), CapacityError> {
    if commands.is_empty() {
        return Ok(());
    }
    writer.constructed(tag, |writer| {
        writer.primitive(tag::ISSUER_SCRIPT_IDENTIFIER, &id)?;
        commands.iter().try_for_each(|command| writer.primitive(tag::ISSUER_SCRIPT_COMMAND, command))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tapcard_crypto::keys::TdesKey;

    fn scripts(smi: &SecretKey, set: ScriptSet, mac_octets: usize) -> Scripts<'_> {
        Scripts { set, smi, context: ScriptContext { atc: [0, 1], cryptogram: [0xA5; 8] }, mac_octets }
    }

    #[test]
    fn a_set_other_than_pboc_has_no_load() {
        let smi = TdesKey::new([0x31; 16]).into();
        let error = scripts(&smi, ScriptSet::Visa, 8).commands(false, &[], Some(Amount::new(1))).unwrap_err();
        assert_eq!(error, ScriptError::NoRule);
    }

    #[test]
    fn each_command_of_m_chip_has_a_mac_of_its_own() {
        let smi = TdesKey::new([0x31; 16]).into();
        let waiting = [Pending::PinUnblock, Pending::PinUnblock].map(|kind| Waiting { kind, sent: false });
        let commands = scripts(&smi, ScriptSet::Mastercard, 8).commands(false, &waiting, None).unwrap();
        let [first, second] = commands.after.as_slice() else { panic!() };
        assert_eq!(first.get(..5), second.get(..5));
        assert_ne!(first, second);
        let same = scripts(&smi, ScriptSet::Visa, 4).commands(false, &waiting, None).unwrap();
        assert_eq!(same.after[0], same.after[1]);
        assert_eq!(same.after[0].len(), 9);
    }

    #[test]
    fn an_answer_has_templates_where_there_are_commands() {
        let none = answer(*b"05", &[], [0; 4], &Commands::default()).unwrap();
        assert_eq!(hex::encode_upper(none), "8A023035");
        let commands = Commands { before: vec![vec![1, 2]], after: vec![vec![3], vec![4]] };
        let both = answer(*b"00", &[7; 10], [0, 0, 0, 9], &commands).unwrap();
        let expected = "8A023030910A07070707070707070707710B9F1804000000098602010272\
            0D9F180400000009860103860104";
        assert_eq!(hex::encode_upper(both), expected.replace(' ', ""));
    }
}

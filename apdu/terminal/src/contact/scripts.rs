//! Issuer scripts: templates 71 before and 72 after the second GENERATE AC (EMV 4.4 Book 3, 10.10; Book 4, 12.2.4).

use tapcard_emv::{Tsi, Tvr, tag};
use tapcard_iso7816::{MAX_SHORT_COMMAND, StatusWord, Tag, Tlvs};

use super::outcome::{Reason, Report, Step};
use super::{Contact, Next};

/// A script of one template tag, and how far it is.
#[derive(Clone, Copy)]
pub(super) struct ScriptProgress {
    template: Tag,
    script: usize,
    /// Commands that were sent.
    sent: usize,
}

impl ScriptProgress {
    pub(super) const fn new(template: Tag) -> Self {
        Self { template, script: 0, sent: 0 }
    }
}

/// First nibble of a result.
#[derive(Clone, Copy)]
enum Performed {
    Not = 0x00,
    Failed = 0x10,
    Successful = 0x20,
}

impl Contact<'_> {
    pub(super) fn begin_scripts(&mut self, template: Tag) -> Next {
        self.script = ScriptProgress::new(template);
        let [early, late] = self.lost_scripts;
        if if template == tag::ISSUER_SCRIPT_TEMPLATE_1 { early } else { late } {
            self.values.tsi.set(Tsi::SCRIPT_PROCESSING_PERFORMED);
            self.note_script_failure();
        }
        self.next_command()
    }

    /// The next command of the script in work, or of those that follow.
    fn next_command(&mut self) -> Next {
        loop {
            let Some(script) = self.script_in_work() else { return self.end_scripts() };
            let commands = script_commands(script);
            self.values.tsi.set(Tsi::SCRIPT_PROCESSING_PERFORMED);
            match commands {
                Some(count) if self.script.sent < count => return Next::Script,
                Some(_) => self.end_script(Performed::Successful, 0),
                None => self.end_script(Performed::Not, 0),
            }
        }
    }

    fn script_in_work(&self) -> Option<&[u8]> {
        let ScriptProgress { template, script, .. } = self.script;
        let scripts = Tlvs::new(self.card.host()).flatten().filter(move |object| object.tag == template);
        scripts.map(|object| object.value).nth(script)
    }

    pub(super) fn send_script_command(&self, out: &mut [u8]) -> Result<usize, Reason> {
        let script = self.script_in_work().unwrap_or_default();
        let mut commands = Tlvs::new(script).flatten().filter(|object| object.tag == tag::ISSUER_SCRIPT_COMMAND);
        let command = commands.nth(self.script.sent).map(|object| object.value).unwrap_or_default();
        let place = out.get_mut(..command.len()).ok_or(Reason::Contract)?;
        place.copy_from_slice(command);
        Ok(command.len())
    }

    /// SW1 90, 62 and 63 let a script go on; anything else ends it, and the next one begins.
    pub(super) fn take_script_answer(&mut self, sw: StatusWord) -> Next {
        self.script.sent += 1;
        if !matches!(sw.sw1(), 0x90 | 0x62 | 0x63) {
            let number = u8::try_from(self.script.sent.min(0x0F)).unwrap_or(0x0F);
            self.end_script(Performed::Failed, number);
        }
        self.next_command()
    }

    fn end_script(&mut self, performed: Performed, number: u8) {
        let script = self.script_in_work().unwrap_or_default();
        let mut objects = Tlvs::new(script).flatten();
        let identifier = objects.find(|object| object.tag == tag::ISSUER_SCRIPT_IDENTIFIER);
        let identifier: [u8; 4] = identifier.and_then(|object| object.value.try_into().ok()).unwrap_or_default();
        let [a, b, c, d] = identifier;
        // A result beyond the last place is not told; the TVR still is.
        let _ = self.values.script_results.extend_from_slice(&[performed as u8 | number, a, b, c, d]);
        if !matches!(performed, Performed::Successful) {
            self.note_script_failure();
        }
        self.script.script += 1;
        self.script.sent = 0;
    }

    fn note_script_failure(&mut self) {
        let early = self.script.template == tag::ISSUER_SCRIPT_TEMPLATE_1;
        self.values.tvr.set(if early { Tvr::SCRIPT_FAILED_BEFORE_AC } else { Tvr::SCRIPT_FAILED_AFTER_AC });
    }

    /// The card is gone while a script ran.
    pub(super) fn lose_script(&mut self) {
        self.script.sent += 1;
        let number = u8::try_from(self.script.sent.min(0x0F)).unwrap_or(0x0F);
        self.end_script(Performed::Failed, number);
    }

    /// Whether the scripts in work come after the second GENERATE AC.
    pub(super) fn scripts_are_late(&self) -> bool {
        self.script.template == tag::ISSUER_SCRIPT_TEMPLATE_2
    }

    fn end_scripts(&mut self) -> Next {
        if self.scripts_are_late() {
            self.report(Report::Done(Step::LateScripts));
            return self.complete();
        }
        self.report(Report::Done(Step::EarlyScripts));
        self.request_second()
    }
}

/// How many commands a script has; `None`: it cannot be taken apart, or has something that is no command.
fn script_commands(script: &[u8]) -> Option<usize> {
    let mut count = 0;
    for object in Tlvs::new(script) {
        let object = object.ok()?;
        match object.tag {
            tag::ISSUER_SCRIPT_COMMAND if (4..=MAX_SHORT_COMMAND).contains(&object.value.len()) => count += 1,
            tag::ISSUER_SCRIPT_COMMAND => return None,
            _ => {}
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart_before_anything_is_sent() {
        assert_eq!(script_commands(&[0x9F, 0x18, 1, 7, 0x86, 4, 0, 1, 2, 3, 0x86, 4, 0, 1, 2, 3]), Some(2));
        assert_eq!(script_commands(&[]), Some(0));
        assert_eq!(script_commands(&[0x86, 4, 0, 1, 2, 3, 0x86, 9, 0]), None);
        assert_eq!(script_commands(&[0x86, 3, 0, 1, 2]), None, "no command has three octets");
    }
}

//! CVM list (`8E`) and CVM results (`9F34`; EMV 4.4 Book 3, Annex C3; Book 4, Annex A4).

use tapcard_emv::bits::{CvmMethod, CvmOutcome, CvmRule};
use tapcard_emv::{Amount, CvmList, CvmResults, tag};

use crate::field::Field;
use crate::setting::Setting;
use crate::value::{Said, amounts};

/// `8E`
pub(crate) fn list(field: Field<'_>, setting: &Setting) -> Result<Said, String> {
    let list = CvmList::parse(field.octets).map_err(|error| error.to_string())?;
    let currency = setting.currency_of(tag::CVM_LIST);
    let amount = |start: usize, name: &str, amount: Amount| {
        field.sub(start, 4).node(name).value(amounts::text(amount.minor(), currency))
    };
    let mut parts = vec![amount(0, "amount X", list.amount_x()), amount(4, "amount Y", list.amount_y())];
    for (index, rule) in list.rules().enumerate() {
        let node = field.sub(8 + 2 * index, 2).node(format!("rule {}", index + 1));
        parts.push(node.value(format!("{}; {}", method_when(rule), on_failure(rule))));
    }
    if list.rules().next().is_none() {
        parts.push(field.from(8).node("rules").value("none, the list counts as absent"));
    }
    Ok(Said { parts, ..Said::default() })
}

/// `9F34`
pub(crate) fn results(field: Field<'_>) -> Result<Said, String> {
    let results = CvmResults::from_slice(field.octets)
        .ok_or_else(|| format!("CVM results have 3 octets, not {}", field.len()))?;
    let (rule, outcome) = (results.rule(), results.outcome());
    let outcome = match outcome {
        CvmOutcome::Unknown => "not known here".to_owned(),
        CvmOutcome::Failed => "failed".to_owned(),
        CvmOutcome::Successful => "successful".to_owned(),
        CvmOutcome::Other(code) => format!("reserved ({code:02X})"),
        _ => "not known".to_owned(),
    };
    let mut method = format!("{} ({:02X})", method_text(rule.method()), rule.cvm & 0x3F);
    if rule.applies_next_on_failure() {
        method.push_str(", bit 7: on failure the next rule");
    }
    let parts = vec![
        field.sub(0, 1).node("CVM performed").value(method),
        field.sub(1, 1).node("CVM condition").value(condition_text(rule)),
        field.sub(2, 1).node("CVM result").value(outcome),
    ];
    Ok(Said { parts, ..Said::default() })
}

fn method_when(rule: CvmRule) -> String {
    format!("{} ({:02X}), {}", method_text(rule.method()), rule.cvm & 0x3F, condition_text(rule))
}

fn method_text(method: CvmMethod) -> String {
    match method {
        CvmMethod::Biometric(code) => biometric(code).unwrap_or("biometric").to_owned(),
        method => method.meaning().to_owned(),
    }
}

/// EMV 4.4 Book 3, table 43: for each kind, an even code for the card and an odd one for the issuer.
const fn biometric(code: u8) -> Option<&'static str> {
    Some(match code {
        0x06 => "face verified by the card",
        0x07 => "face verified online",
        0x08 => "finger verified by the card",
        0x09 => "finger verified online",
        0x0A => "palm verified by the card",
        0x0B => "palm verified online",
        0x0C => "iris verified by the card",
        0x0D => "iris verified online",
        0x0E => "voice verified by the card",
        0x0F => "voice verified online",
        _ => return None,
    })
}

fn condition_text(rule: CvmRule) -> String {
    format!("{} ({:02X})", rule.condition().meaning(), rule.condition)
}

fn on_failure(rule: CvmRule) -> &'static str {
    match (rule.method(), rule.applies_next_on_failure()) {
        (CvmMethod::Fail, _) => "verification fails",
        (_, true) => "on failure the next rule",
        (_, false) => "on failure verification fails",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use crate::input::Context;
    use tapcard_transport::Masked;

    fn lines(said: &Said) -> Vec<String> {
        said.parts
            .iter()
            .map(|part| format!("{}: {}", part.name.as_deref().unwrap(), part.value.as_deref().unwrap()))
            .collect()
    }

    #[test]
    fn amounts_and_rules_of_a_list_are_told() {
        let octets = hex::decode("000003E800000000420346061F00").unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let context = Context::default();
        let setting = Setting::with(&context, |_| Some(&[0x09, 0x78][..]));
        let found = lines(&list(shown.field(&octets), &setting).unwrap());
        assert_eq!(
            found,
            [
                "amount X: 10.00 EUR",
                "amount Y: 0.00 EUR",
                "rule 1: enciphered PIN verified online (02), if the terminal supports the CVM (03); on failure the next rule",
                "rule 2: face verified by the card (06), if in the application currency and under X (06); on failure the next rule",
                "rule 3: no CVM required (1F), always (00); on failure verification fails",
            ]
        );
        assert!(list(shown.field(&octets).sub(0, 9), &setting).is_err());
    }

    #[test]
    fn results_say_what_was_performed_and_how_it_ended() {
        let octets = [0x42, 0x03, 0x02];
        let shown = Shown::new(&Masked::plain(&octets));
        let found = lines(&results(shown.field(&octets)).unwrap());
        assert_eq!(
            found,
            [
                "CVM performed: enciphered PIN verified online (02), bit 7: on failure the next rule",
                "CVM condition: if the terminal supports the CVM (03)",
                "CVM result: successful",
            ]
        );
        assert_eq!(results(shown.field(&octets).sub(0, 2)), Err("CVM results have 3 octets, not 2".into()));
    }
}

//! Plays a case: the machine in the middle, the case as card, cardholder, host and record log.

use tapcard_crypto::rsa::{Exponent, PublicKey};
use tapcard_emv::aid::Rid;
use tapcard_emv::bits::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use tapcard_emv::{Aid, Amount, Tvr, tag};
use tapcard_flow::{Action, Input, Machine};
use tapcard_iso7816::{Tag, TlvWriter};
use tapcard_terminal::contact::{
    ActionCodes, Application, CaKey, Contact, MIN_OUTPUT, Question, RandomSelection, Terminal, Transaction,
};

use super::case::{ApplicationSide, CaKeySide, HostSide, Octets, TerminalCase};
use super::found::{Decision, Found};
use super::scripted_card::ScriptedCard;

/// Room for the data of a card.
const ROOM: usize = 4096;
/// Steps after which a case counts as endless.
const MAX_STEPS: usize = 4096;

/// Runs the machine to its end, or to the first question about the application.
pub(super) fn play(case: &TerminalCase) -> Result<Found, String> {
    let keys = case.terminal.capk.iter().map(ca_key).collect::<Result<Vec<_>, _>>()?;
    let applications = case.terminal.applications.iter().map(application).collect::<Result<Vec<_>, _>>()?;
    // The case says what its own response code means.
    let arc = case.host.arc.array()?;
    let approving = if case.host.approved { vec![arc] } else { Vec::new() };
    let terminal = terminal(case, &keys, &applications, &approving)?;
    let transaction = transaction(case)?;
    let mut room = [0; ROOM];
    let kernel = Contact::new(&terminal, &transaction, &mut room).map_err(|error| error.to_string())?;
    Play { case, kernel, card: ScriptedCard::new(&case.card), second_arc: None }.run()
}

struct Play<'c> {
    case: &'c TerminalCase,
    kernel: Contact<'c>,
    card: ScriptedCard<'c>,
    /// The response code when the second GENERATE AC was sent.
    second_arc: Option<Vec<u8>>,
}

impl Play<'_> {
    fn run(mut self) -> Result<Found, String> {
        let mut out = [0; MIN_OUTPUT];
        let mut action = self.kernel.step(0, Input::Start, &mut out);
        for _ in 0..MAX_STEPS {
            action = match action {
                Action::Transmit(length) => {
                    let generated = self.card.generated.len();
                    let answer = self.card.answer(out.get(..length).unwrap_or_default());
                    if generated == 1 && self.card.generated.len() == 2 {
                        self.second_arc = self.kernel.value(tag::ARC).map(<[u8]>::to_vec);
                    }
                    self.kernel.step(0, Input::Received(&answer), &mut out)
                }
                Action::Persist(_) => self.kernel.step(0, Input::Persisted, &mut out),
                Action::Report(_) => self.kernel.step(0, Input::Noted, &mut out),
                Action::GoOnline(_) => {
                    let answer = host_answer(&self.case.host)?;
                    self.kernel.step(0, Input::Host(&answer), &mut out)
                }
                Action::Ask(Question::Application) => return Ok(self.found(Decision::Selection)),
                Action::Ask(Question::OfflinePin { .. }) => {
                    let digits = self.pin()?;
                    self.kernel.step(0, Input::Cardholder(digits.as_bytes()), &mut out)
                }
                Action::Ask(_) => {
                    // What the PIN pad does with it is no business of the machine.
                    let entered = if self.pin()?.is_empty() { &[][..] } else { &[1] };
                    self.kernel.step(0, Input::Cardholder(entered), &mut out)
                }
                Action::Done(outcome) => return Ok(self.found(outcome.decision.into())),
                _ => return Err("an action that no payment has".into()),
            };
        }
        Err("the transaction does not end".into())
    }

    /// What the cardholder enters; nothing for `bypass`.
    fn pin(&self) -> Result<String, String> {
        match self.case.transaction.pin.as_deref() {
            Some("bypass") => Ok(String::new()),
            Some(digits) => Ok(digits.to_owned()),
            None => Err("a PIN is asked for, and the case has none".into()),
        }
    }

    fn found(self, decision: Decision) -> Found {
        let value = |wanted: Tag| self.kernel.value(wanted).unwrap_or_default().to_vec();
        Found {
            decision,
            offered: self.kernel.candidates().iter().map(|candidate| candidate.name.as_bytes().to_vec()).collect(),
            selected: value(tag::DF_NAME),
            tvr: self.kernel.tvr().octets().to_vec(),
            tsi: self.kernel.tsi().octets().to_vec(),
            cvm_results: value(tag::CVM_RESULTS),
            script_results: value(tag::ISSUER_SCRIPT_RESULTS),
            cdol: [list(self.case, "8C"), list(self.case, "8D")],
            second_arc: self.second_arc,
            options: self.card.options,
            generated: self.card.generated,
            externally_authenticated: self.card.externally_authenticated,
            scripts: self.card.scripts,
        }
    }
}

/// A list of the card.
fn list(case: &TerminalCase, tag: &str) -> Vec<u8> {
    case.card.tags.get(tag).map(|list| list.0.clone()).unwrap_or_default()
}

/// The host's answer as the machine takes it; nothing when the host cannot be reached.
fn host_answer(host: &HostSide) -> Result<Vec<u8>, String> {
    if !host.reachable {
        return Ok(Vec::new());
    }
    let mut answer = [0; 64];
    let mut writer = TlvWriter::new(&mut answer);
    let data = host.issuer_data.as_ref().map(|data| (tag::ISSUER_AUTHENTICATION_DATA, &data.0));
    for (tag, value) in [Some((tag::ARC, &host.arc.0)), data].into_iter().flatten() {
        writer.primitive(tag, value).map_err(|error| error.to_string())?;
    }
    let mut answer = writer.written().to_vec();
    answer.extend(host.scripts.iter().flat_map(|script| &script.0));
    Ok(answer)
}

fn terminal<'c>(
    case: &'c TerminalCase,
    ca_keys: &'c [CaKey<'c>],
    applications: &'c [Application<'c>],
    approving: &'c [[u8; 2]],
) -> Result<Terminal<'c>, String> {
    let side = &case.terminal;
    let [kind] = side.kind.array()?;
    let kind = TerminalType::new(kind).ok_or("`type_9F35` is no terminal type")?;
    Ok(Terminal {
        capabilities: TerminalCapabilities::new(side.capabilities.array()?),
        additional_capabilities: AdditionalTerminalCapabilities::new(side.additional_capabilities.array()?),
        cardholder_selection: side.cardholder_selection,
        applications,
        ca_keys,
        approving,
        ..Terminal::new(kind, side.country.array()?)
    })
}

fn application(side: &ApplicationSide) -> Result<Application<'_>, String> {
    let floor_limit = Amount::new(side.floor_limit);
    let code = |code: &Option<Octets>| code.as_ref().map(Octets::array).transpose();
    let [denial, online, default] = [code(&side.tac_denial)?, code(&side.tac_online)?, code(&side.tac_default)?];
    let selection = side.random_selection.as_ref().map(|selection| {
        let threshold = Amount::new(selection.threshold);
        RandomSelection::new(selection.target, selection.max_target, threshold, floor_limit)
    });
    Ok(Application {
        aid: Aid::new(&side.aid.0).map_err(|error| error.to_string())?,
        partial_selection: side.partial_selection,
        version: side.version.array()?,
        floor_limit,
        tac: ActionCodes {
            denial: Tvr::new(denial.unwrap_or_default()),
            online: Tvr::new(online.unwrap_or_default()),
            default: Tvr::new(default.unwrap_or_default()),
        },
        default_ddol: side.default_ddol.as_ref().map(|list| list.0.as_slice()),
        default_tdol: side.default_tdol.as_ref().map(|list| list.0.as_slice()),
        random_selection: selection.transpose().map_err(|error| error.to_string())?,
    })
}

fn ca_key(side: &CaKeySide) -> Result<CaKey<'_>, String> {
    let exponent = Exponent::from_octets(&side.exponent.0).map_err(|error| error.to_string())?;
    let key = PublicKey::new(&side.modulus.0, exponent).map_err(|error| error.to_string())?;
    let [index] = side.index.array()?;
    Ok(CaKey::new(Rid::new(side.rid.array()?), index, key, None))
}

fn transaction(case: &TerminalCase) -> Result<Transaction<'_>, String> {
    let side = &case.transaction;
    let [kind] = side.kind.array()?;
    Ok(Transaction {
        amount_other: Amount::new(side.amount_other),
        time: side.time.array()?,
        kind,
        random_number: side.random_number,
        ..Transaction::purchase(
            Amount::new(side.amount),
            side.currency.array()?,
            side.date.array()?,
            side.unpredictable_number.array()?,
        )
    })
}

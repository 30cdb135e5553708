//! The step shape: which command stands for which state, and who takes which answer.

use tapcard_emv::tag;
use tapcard_flow::{Action, Input, Machine, Millis};
use tapcard_iso7816::{Command, Response, StatusWord};

use super::generate::Turn;
use super::outcome::{Outcome, Question, Reason, Report};
use super::pin::{PinFailure, get_challenge};
use super::select::PSE;
use super::{Contact, Next, Phase};
use crate::limits::{MAX_PAYMENT_COMMANDS, MIN_OUTPUT};

/// What a contact transaction wants done.
type Wish = Action<Report, Question, Outcome>;

impl Contact<'_> {
    fn take(&mut self, answer: &[u8]) -> Next {
        // An answer without SW1-SW2 is refused by every step.
        let response = Response::parse(answer).unwrap_or(Response { data: &[], sw: StatusWord::new(0) });
        let Response { data, sw } = response;
        match self.next {
            Next::Pse => self.take_pse(data, sw),
            Next::Directory { sfi, record } => self.take_directory(sfi, record, data, sw),
            Next::List { entry, occurrence } => self.take_list(entry, occurrence, data, sw),
            Next::Select(index) => self.take_select(index, data, sw),
            Next::Options => self.take_options(data, sw),
            Next::Record => self.take_record(data, sw),
            Next::InternalAuthenticate => self.take_internal_authenticate(data, sw),
            Next::TryCounter => self.take_try_counter(data, sw),
            Next::Challenge => self.take_challenge(data, sw),
            Next::Verify => self.take_verify(sw),
            Next::Atc => self.take_atc(data, sw),
            Next::LastOnlineAtc => self.take_last_online_atc(data, sw),
            Next::FirstAc => self.take_first_ac(data, sw),
            Next::ExternalAuthenticate => self.take_external_authenticate(sw),
            Next::Script => self.take_script_answer(sw),
            Next::SecondAc => self.take_second_ac(data, sw),
            Next::Choose | Next::AskPin(_) | Next::Persist(_) | Next::GoOnline | Next::End(_) => self.break_contract(),
        }
    }

    /// Writes the command of the state; the states that are no command write nothing.
    fn send(&mut self, out: &mut [u8]) -> Result<usize, Reason> {
        let command = match self.next {
            Next::Pse => Command::select_name(PSE),
            Next::Directory { sfi, record } => Command::read_record(sfi, record),
            Next::List { entry, occurrence } => {
                let application = self.terminal.applications.get(entry).ok_or(Reason::Contract)?;
                let name = application.aid.as_bytes();
                if occurrence == 0 { Command::select_name(name) } else { Command::select_next(name) }
            }
            Next::Select(index) => {
                let candidate = self.candidates.all().get(index).ok_or(Reason::Contract)?;
                Command::select_name(candidate.name.as_bytes())
            }
            Next::Record => {
                let (sfi, record, _) = self.record_at(self.records_read).ok_or(Reason::CardData)?;
                Command::read_record(sfi, record)
            }
            Next::TryCounter => Command::get_data(tag::PIN_TRY_COUNTER),
            Next::Atc => Command::get_data(tag::ATC),
            Next::LastOnlineAtc => Command::get_data(tag::LAST_ONLINE_ATC),
            Next::Challenge => get_challenge(),
            Next::Options => return self.send_options(out),
            Next::InternalAuthenticate => return self.send_internal_authenticate(out),
            Next::FirstAc => return self.send_ac(Turn::First, out),
            Next::SecondAc => return self.send_ac(Turn::Second, out),
            Next::ExternalAuthenticate => return self.send_external_authenticate(out),
            Next::Script => return self.send_script_command(out),
            _ => return Err(Reason::Contract),
        };
        command.encode_into(out).map_err(|_| Reason::Contract)
    }

    /// Takes what happened. `Some`: the answer to it is already there.
    fn accept(&mut self, input: Input<'_>, out: &mut [u8]) -> Option<Wish> {
        if matches!(self.next, Next::End(_)) {
            return None;
        }
        if matches!(input, Input::CardLost) {
            self.next = self.lose_card();
            self.awaiting = false;
            return None;
        }
        if !self.awaiting {
            return None;
        }
        self.awaiting = false;
        self.next = match (self.next, input) {
            (Next::Choose, Input::Cardholder(answer)) => self.take_choice(answer),
            (Next::Choose | Next::AskPin(_), Input::Timeout) => self.terminate(Reason::Cancelled),
            (Next::AskPin(Question::OnlinePin), Input::Cardholder(answer)) => self.take_online_pin(answer),
            (Next::AskPin(_), Input::Cardholder([])) => self.bypass(),
            (Next::AskPin(_), Input::Cardholder(digits)) => return self.verify(digits, out),
            (Next::Persist(phase), Input::Persisted) => self.after_record(phase),
            (Next::GoOnline, Input::Host(answer)) => self.take_host(answer),
            (Next::GoOnline, Input::Timeout) => {
                self.host_silent = true;
                self.take_host(&[])
            }
            (Next::Choose | Next::AskPin(_) | Next::Persist(_) | Next::GoOnline, _) => self.break_contract(),
            (_, Input::Received(answer)) => self.take(answer),
            (_, Input::Timeout) => self.lose_card(),
            _ => self.break_contract(),
        };
        None
    }

    /// VERIFY goes out in the step that brought the PIN.
    fn verify(&mut self, digits: &[u8], out: &mut [u8]) -> Option<Wish> {
        match self.send_verify(digits, out) {
            Ok(length) => {
                self.next = Next::Verify;
                self.awaiting = true;
                self.commands += 1;
                Some(Action::Transmit(length))
            }
            Err(PinFailure::NoKey) => {
                self.next = self.fail_rule();
                None
            }
            Err(PinFailure::Contract) => {
                self.next = self.terminate(Reason::Contract);
                None
            }
        }
    }

    fn after_record(&mut self, phase: Phase) -> Next {
        match phase {
            Phase::Started => Next::FirstAc,
            Phase::Online => Next::GoOnline,
            Phase::Answered => self.begin_answer(),
            Phase::Finished => Next::End(self.outcome()),
        }
    }

    fn perform(&mut self, out: &mut [u8]) -> Wish {
        match self.next {
            Next::End(outcome) => Action::Done(outcome),
            Next::Choose => Action::Ask(Question::Application),
            Next::AskPin(question) => Action::Ask(question),
            Next::Persist(phase) => match self.write_record(phase, self.outcome(), out) {
                Ok(length) => Action::Persist(length),
                Err(_) => self.give_up(),
            },
            Next::GoOnline => match self.send_request(out) {
                Ok(length) => Action::GoOnline(length),
                Err(_) => self.give_up(),
            },
            _ => self.transmit(out),
        }
    }

    fn transmit(&mut self, out: &mut [u8]) -> Wish {
        if self.commands >= MAX_PAYMENT_COMMANDS {
            self.next = self.fail(Reason::TooManyCommands);
            return self.perform(out);
        }
        match self.send(out) {
            Ok(length) => {
                self.commands += 1;
                self.generated |= self.next == Next::FirstAc;
                Action::Transmit(length)
            }
            Err(reason) => {
                self.next = self.fail(reason);
                self.perform(out)
            }
        }
    }

    /// Not even a record fits the owner's buffer.
    fn give_up(&mut self) -> Wish {
        self.decision = super::Decision::Terminated(Reason::Contract);
        let outcome = self.outcome();
        self.next = Next::End(outcome);
        Action::Done(outcome)
    }

    fn break_contract(&mut self) -> Next {
        self.fail(Reason::Contract)
    }
}

impl Machine for Contact<'_> {
    type Report = Report;
    type Question = Question;
    type Outcome = Outcome;

    /// `out` must hold [`MIN_OUTPUT`] octets.
    fn step(&mut self, _now: Millis, input: Input<'_>, out: &mut [u8]) -> Wish {
        if out.len() < MIN_OUTPUT && !matches!(self.next, Next::End(_)) {
            return self.give_up();
        }
        if let Some(wish) = self.accept(input, out) {
            return wish;
        }
        if let Some(report) = self.reports.pop_front() {
            return Action::Report(report);
        }
        let wish = self.perform(out);
        self.awaiting = true;
        wish
    }
}

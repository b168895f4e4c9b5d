//! The state machine: JSON, compiled once.

use crate::abi::{Document, Output};
use crate::sort::sort_by;
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{Object, Place, Tape, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

/// Outside the journey.
pub(super) const NO_STATE: u32 = u32::MAX;
/// States are bits of a word where transitions say from where they lead.
const MAX_STATES: usize = 64;
/// How many transitions a machine may list, and how many events they may name.
const MAX_LIST: usize = 1_000;
/// How many events all transitions together may list.
const MAX_USES: usize = 10_000;
const MICROSECONDS_PER_HOUR: f64 = 3_600_000_000.0;
/// Shorter timeouts would let a journey turn in circles for longer than anybody waits.
const MIN_DELAY: f64 = 60_000_000.0;
const MAX_DELAY: f64 = 36_500.0 * 24.0 * MICROSECONDS_PER_HOUR;
const NO_SUCH_STATE: &str = "is no state of the machine";
const TOO_LONG: &str = "must not have more than 1000 elements";
/// What results call a timeout where an event could be.
const TIMEOUT: &[u8] = b"timeout";
const NO_AS_OF: &str = "as_of cannot be used here: whatever the point of view, a journey has the same past; \
    occurred_at is the time of the event";

/// A compiled state machine; `docs/semantics.md` ("Journeys") describes the JSON.
#[derive(Default)]
pub struct Machine {
    /// The names of states, then those of events.
    strings: Strings,
    pub(super) expressions: Expressions,
    states: Vec<State>,
    /// How many different events the transitions name.
    events: u32,
    transitions: Vec<Transition>,
    /// Event and transition, by event and then in the order of the transitions.
    uses: Vec<(u32, u32)>,
    initial: u32,
    /// How long after leaving an event enrols again, in microseconds.
    pub(super) re_entry: f64,
}

#[derive(Clone, Copy)]
pub(super) struct State {
    /// How long after entering the timeout elapses, in microseconds; infinity where there is none.
    pub delay: f64,
    /// Where it leads.
    pub to: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Enrol,
    Move,
    Leave,
    Pause,
    Resume,
    Restart,
}

#[derive(Clone, Copy)]
pub(super) struct Transition {
    pub action: Action,
    /// A bit for each state from which it leads.
    pub from: u64,
    pub to: u32,
    pub when: Option<Expression>,
}

impl Document for Machine {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        // Filled in place, so that the many ways to refuse a machine share one way to free it.
        let mut machine = Machine::default();
        machine.read(Tape::new(argument, source)?.root(), Place::argument(argument))?;
        Ok(machine)
    }

    /// Dictionaries: 0 the events and `timeout`, 1 the states.
    fn describe(&self, out: &mut Output) {
        let states = self.states.len() as u32;
        out.list(2);
        out.list(self.events as usize + 1);
        (0..self.events).for_each(|event| out.text(self.strings.get(states + event)));
        out.text(TIMEOUT);
        out.list(self.states.len());
        (0..states).for_each(|state| out.text(self.strings.get(state)));
        self.expressions.describe_facts(out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl Machine {
    /// Whether the code is that of an event.
    pub(super) fn names(&self, code: i32) -> bool {
        (code as u32) < self.events
    }

    /// What stands for a timeout where the code of an event could be.
    pub(super) fn timeout_cause(&self) -> u32 {
        self.events
    }

    pub(super) fn state(&self, state: u32) -> State {
        self.states[state as usize]
    }

    /// The transitions on an event, in their order.
    pub(super) fn transitions_on(&self, event: u32) -> impl Iterator<Item = &Transition> {
        let first = self.uses.partition_point(|&(other, _)| other < event);
        let uses = self.uses[first..].iter().take_while(move |&&(other, _)| other == event);
        uses.map(|&(_, transition)| &self.transitions[transition as usize])
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let machine = Object::new(root, place, &["name", "initial", "re_entry", "states", "transitions"])?;
        machine.required_text("name")?;
        self.expressions.judge_events(NO_AS_OF);
        machine.each("states", |value, place| self.read_state(value, place))?;
        self.initial = self.state_at(&machine, "initial")?;
        // Timeouts lead to states further down the list as well.
        let mut state = 0;
        machine.each("states", |value, place| {
            self.states[state] = self.read_timeout(value, place)?;
            state += 1;
            Ok(())
        })?;
        machine.each("transitions", |value, place| self.read_transition(value, place))?;
        self.re_entry = match machine.get("re_entry") {
            None => f64::INFINITY,
            Some(value) if value.text() == Some(b"never") => f64::INFINITY,
            Some(value) if value.text() == Some(b"always") => 0.0,
            Some(value) => {
                let place = machine.place().field("re_entry");
                if value.text().is_some() {
                    return Err(place.error("must be 'never', 'always', or an object with after_days or after_hours"));
                }
                let object = Object::new(value, place, &["after_days", "after_hours"])?;
                delay(&object)?.ok_or_else(|| object.error("after_days", "is missing"))?
            }
        };
        sort_by(&mut self.uses, |a, b| a.0 < b.0);
        self.refuse_unreachable(&machine)?;
        self.expressions.finish()
    }

    /// The name of a state.
    #[inline(never)]
    fn read_state(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let state = Object::new(value, place, &["name", "after_days", "after_hours", "to", "do"])?;
        let name = state.required_text("name")?;
        if name == b"*" {
            return Err(state.error("name", "must not be '*', which stands for every state"));
        }
        if self.find_state(name).is_some() {
            return Err(state.error("name", "is listed twice"));
        }
        if self.states.len() == MAX_STATES {
            return Err(place.error("is one too many: a machine has at most 64 states"));
        }
        self.strings.add(name);
        self.states.push(State { delay: f64::INFINITY, to: NO_STATE });
        Ok(())
    }

    #[inline(never)]
    fn read_timeout(&mut self, value: Value<'_>, place: Place<'_>) -> Result<State> {
        let state = Object::new(value, place, &["name", "after_days", "after_hours", "to", "do"])?;
        let Some(delay) = delay(&state)? else {
            let field = if state.get("to").is_some() { "to" } else { "do" };
            return match state.get(field) {
                None => Ok(State { delay: f64::INFINITY, to: NO_STATE }),
                Some(_) => Err(state.error(field, "needs after_days or after_hours")),
            };
        };
        let to = match state.text("do")? {
            None => self.state_at(&state, "to")?,
            Some(b"leave") => {
                refuse(&state, "to", "is not a field of a timeout that leaves")?;
                NO_STATE
            }
            Some(_) => return Err(state.error("do", "must be 'leave'")),
        };
        Ok(State { delay, to })
    }

    #[inline(never)]
    fn read_transition(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let transition = Object::new(value, place, &["on", "from", "when", "do", "to"])?;
        let number = self.transitions.len();
        if number == MAX_LIST {
            return Err(place.error(TOO_LONG));
        }
        let action = match transition.text("do")? {
            None => Action::Move,
            Some(b"enrol") => Action::Enrol,
            Some(b"leave") => Action::Leave,
            Some(b"pause") => Action::Pause,
            Some(b"resume") => Action::Resume,
            Some(b"restart") => Action::Restart,
            Some(_) => {
                return Err(transition.error("do", "must be 'enrol', 'leave', 'pause', 'resume' or 'restart'"));
            }
        };
        let mut to = NO_STATE;
        match action {
            Action::Enrol => {
                refuse(&transition, "from", "is not a field of a transition that enrols")?;
                to = self.initial;
                if transition.get("to").is_some() {
                    to = self.state_at(&transition, "to")?;
                }
            }
            Action::Move => to = self.state_at(&transition, "to")?,
            _ => refuse(&transition, "to", "is a field of transitions that move or enrol")?,
        }
        // Every state but the one to which it leads.
        let mut from = if to == NO_STATE { u64::MAX } else { !bit(to) };
        if transition.get("from").is_some_and(|from| from.text() != Some(b"*")) {
            from = 0;
            names(&transition, "from", &mut |name, place| {
                from |= bit(self.find_state(name).ok_or_else(|| place.error(NO_SUCH_STATE))?);
                Ok(())
            })?;
        }
        names(&transition, "on", &mut |name, place| self.read_event(name, place))?;
        let when = self.expressions.read(&transition, "when", Type::Boolean)?;
        self.transitions.push(Transition { action, from, to, when });
        Ok(())
    }

    /// An event of the transition that is read next.
    #[inline(never)]
    fn read_event(&mut self, name: &[u8], place: &Place<'_>) -> Result<()> {
        if name == TIMEOUT {
            return Err(place.error("must not be 'timeout', which names what happens without an event"));
        }
        let states = self.states.len() as u32;
        let event = (0..self.events).find(|event| self.strings.get(states + event) == name).unwrap_or(self.events);
        if event == self.events {
            self.strings.add(name);
            self.events += 1;
        }
        if self.events > MAX_LIST as u32 || self.uses.len() == MAX_USES {
            return Err(place.error("is one too many: transitions name at most 1000 events, and list at most 10000"));
        }
        self.uses.push((event, self.transitions.len() as u32));
        Ok(())
    }

    #[inline(never)]
    fn find_state(&self, name: &[u8]) -> Option<u32> {
        (0..self.states.len() as u32).find(|&state| self.strings.get(state) == name)
    }

    /// The state that a field names, which must be there.
    #[inline(never)]
    fn state_at(&self, object: &Object<'_, '_>, field: &str) -> Result<u32> {
        let name = object.required_text(field)?;
        self.find_state(name).ok_or_else(|| object.error(field, NO_SUCH_STATE))
    }

    /// Every state must be one that somebody can come to.
    #[inline(never)]
    fn refuse_unreachable(&self, machine: &Object<'_, '_>) -> Result<()> {
        if self.transitions.iter().all(|transition| transition.action != Action::Enrol) {
            return Err(machine.error("transitions", "must have one that enrols"));
        }
        let mut reached = 0;
        loop {
            let before = reached;
            for transition in &self.transitions {
                let leads = match transition.action {
                    Action::Enrol => true,
                    Action::Move => transition.from & reached != 0,
                    _ => false,
                };
                if leads {
                    reached |= bit(transition.to);
                }
            }
            for (state, timeout) in self.states.iter().enumerate() {
                if timeout.to != NO_STATE && bit(state as u32) & reached != 0 {
                    reached |= bit(timeout.to);
                }
            }
            if reached == before {
                break;
            }
        }
        match (0..self.states.len()).find(|&state| bit(state as u32) & reached == 0) {
            None => Ok(()),
            Some(state) => Err(machine.place().field("states").index(state).error("cannot be reached")),
        }
    }
}

/// The bit of a state.
fn bit(state: u32) -> u64 {
    1 << (state & 63)
}

/// Refuses a field that makes no sense here.
fn refuse(object: &Object<'_, '_>, field: &str, message: &'static str) -> Result<()> {
    match object.get(field) {
        None => Ok(()),
        Some(_) => Err(object.error(field, message)),
    }
}

/// Calls `read` with the text in a field, or with each of the texts in it.
#[inline(never)]
fn names(
    object: &Object<'_, '_>,
    field: &str,
    read: &mut dyn FnMut(&[u8], &Place<'_>) -> Result<()>,
) -> Result<()> {
    let place = object.place().field(field);
    let value = object.get(field).ok_or_else(|| place.error("is missing"))?;
    if let Some(name) = value.text() {
        return read(name, &place);
    }
    let error = |place: &Place<'_>| -> Error { place.error("must be a text or a list of texts") };
    let mut empty = true;
    for (index, element) in value.array().ok_or_else(|| error(&place))?.enumerate() {
        let place = place.index(index);
        read(element.text().ok_or_else(|| place.error("must be a text"))?, &place)?;
        empty = false;
    }
    if empty { Err(place.error("must not be empty")) } else { Ok(()) }
}

/// What `after_days` or `after_hours` says, in microseconds.
#[inline(never)]
fn delay(object: &Object<'_, '_>) -> Result<Option<f64>> {
    let (field, hours) = match (object.number("after_days")?, object.number("after_hours")?) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(object.error("after_hours", "cannot stand beside after_days")),
        (Some(days), None) => ("after_days", days * 24.0),
        (None, Some(hours)) => ("after_hours", hours),
    };
    // To the nearest whole microsecond.
    let delay = (hours * MICROSECONDS_PER_HOUR + 0.5) as i64 as f64;
    if !(MIN_DELAY..=MAX_DELAY).contains(&delay) {
        return Err(object.error(field, "must be from one minute to 36,500 days"));
    }
    Ok(Some(delay))
}

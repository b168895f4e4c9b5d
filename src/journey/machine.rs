//! The state machine: JSON, compiled once.

use crate::Result;
use crate::abi::{Document, Output};
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_HOUR;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Outside the journey, which for the machine is a state like others, with a bit of its own and no name.
pub(super) const OUTSIDE: u32 = 0;
/// States are bits of a word where transitions say from where they lead.
const MAX_STATES: usize = u64::BITS as usize;
/// How many events all transitions together may list.
const MAX_USES: usize = 1_000;
const STATE_FIELDS: [&str; 5] = ["name", "after_days", "after_hours", "to", "do"];
/// Shorter timeouts would let a journey turn in circles for longer than anybody waits.
const MIN_DELAY: f64 = 60_000_000.0;
const MAX_DELAY: f64 = 36_500.0 * 24.0 * MICROSECONDS_PER_HOUR;
const NO_SUCH_STATE: &str = "is no state of the machine";
/// What results call a timeout where an event could be.
const TIMEOUT: &[u8] = b"timeout";
const NO_AS_OF: &str = "as_of cannot be used here; occurred_at is the time of the event";

/// A compiled state machine; `docs/semantics.md` ("Journeys") describes the JSON.
#[derive(Default)]
pub struct Machine(pub(super) Box<Definition>);

/// What a machine consists of: behind a pointer, as moving it would take more code than reading it.
#[derive(Default)]
pub(super) struct Definition {
    /// The names of states, of which the first is none, then those of events.
    strings: Strings,
    pub(super) expressions: Expressions,
    pub(super) states: Vec<State>,
    /// How many different events the transitions name.
    events: u32,
    transitions: Vec<Transition>,
    /// Event and transition, in the order of the transitions.
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

const ACTIONS: [(&str, Action); 5] = [
    ("enrol", Action::Enrol),
    ("leave", Action::Leave),
    ("pause", Action::Pause),
    ("resume", Action::Resume),
    ("restart", Action::Restart),
];

#[derive(Clone, Copy)]
pub(super) struct Transition {
    pub action: Action,
    /// A bit for each state from which it leads.
    pub from: u64,
    /// Outside where it does not lead to another state.
    pub to: u32,
    pub when: Option<Expression>,
}

impl Document for Machine {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, |machine: &mut Self, root, place| machine.0.read(root, place))
    }

    fn describe(&self, out: &mut Output) {
        self.0.describe(out);
    }

    fn fact_fields(&self) -> usize {
        self.0.expressions.fact_fields()
    }
}

impl Definition {
    /// Dictionaries: 0 the events and `timeout`, 1 the states.
    fn describe(&self, out: &mut Output) {
        let states = self.states.len() as u32;
        out.list(2);
        out.list(self.events as usize + 1);
        (0..self.events).for_each(|event| out.text(self.strings.get(states + event)));
        out.text(TIMEOUT);
        out.list(self.states.len() - 1);
        (1..states).for_each(|state| out.text(self.strings.get(state)));
        self.expressions.describe_facts(out);
    }

    /// Whether the code is that of an event.
    pub(super) fn names(&self, code: i32) -> bool {
        (code as u32) < self.events
    }

    /// What stands for a timeout where the code of an event could be.
    pub(super) fn timeout_cause(&self) -> u32 {
        self.events
    }

    /// The transitions on an event, in their order.
    pub(super) fn transitions_on(&self, event: u32) -> impl Iterator<Item = &Transition> {
        let uses = self.uses.iter().filter(move |&&(other, _)| other == event);
        uses.map(|&(_, transition)| &self.transitions[transition as usize])
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let machine = Object::new(root, place, &["name", "initial", "re_entry", "states", "transitions"])?;
        machine.required_text("name")?;
        self.expressions.judge_events(NO_AS_OF);
        self.strings.add(b"");
        self.states.push(State { delay: f64::INFINITY, to: OUTSIDE });
        each(&machine, "states", &mut |value, place| self.read_state(value, place))?;
        self.initial = self.state_at(&machine, "initial")?;
        // Timeouts lead to states further down the list as well.
        let mut state = 0;
        each(&machine, "states", &mut |value, place| {
            state += 1;
            self.read_timeout(state, value, place)
        })?;
        each(&machine, "transitions", &mut |value, place| self.read_transition(value, place))?;
        self.re_entry = match machine.get("re_entry") {
            None => f64::INFINITY,
            Some(value) if value.text() == Some(b"never") => f64::INFINITY,
            Some(value) if value.text() == Some(b"always") => 0.0,
            Some(value) => {
                let place = machine.place().field("re_entry");
                let wait = Object::new(value, place, &["after_days", "after_hours"]).and_then(|wait| delay(&wait));
                wait?.ok_or_else(|| place.error("must be 'never', 'always', or say after_days or after_hours"))?
            }
        };
        self.refuse_unreachable(&machine)?;
        self.expressions.finish(machine.place())
    }

    /// The name of a state.
    #[inline(never)]
    fn read_state(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let state = Object::new(value, place, &STATE_FIELDS)?;
        let name = state.required_text("name")?;
        if name == b"*" {
            return Err(state.error("name", "must not be '*', which stands for every state"));
        }
        if self.find_state(name).is_some() {
            return Err(state.error("name", "is listed twice"));
        }
        if self.states.len() == MAX_STATES {
            return Err(place.error("is one too many: a machine has at most 63 states"));
        }
        self.strings.add(name);
        self.states.push(State { delay: f64::INFINITY, to: OUTSIDE });
        Ok(())
    }

    #[inline(never)]
    fn read_timeout(&mut self, number: usize, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let state = Object::new(value, place, &STATE_FIELDS)?;
        let Some(delay) = delay(&state)? else {
            refuse(&state, "to", "needs after_days or after_hours")?;
            return refuse(&state, "do", "needs after_days or after_hours");
        };
        let to = match state.text("do")? {
            None => self.state_at(&state, "to")?,
            Some(b"leave") => {
                refuse(&state, "to", "is not a field of a timeout that leaves")?;
                OUTSIDE
            }
            Some(_) => return Err(state.error("do", "must be 'leave'")),
        };
        self.states[number] = State { delay, to };
        Ok(())
    }

    #[inline(never)]
    fn read_transition(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let transition = Object::new(value, place, &["on", "from", "when", "do", "to"])?;
        let action = match transition.text("do")? {
            None => Action::Move,
            Some(text) => {
                let named = ACTIONS.iter().find(|(name, _)| name.as_bytes() == text);
                let message = "must be 'enrol', 'leave', 'pause', 'resume' or 'restart'";
                named.ok_or_else(|| transition.error("do", message))?.1
            }
        };
        let mut to = OUTSIDE;
        if action == Action::Enrol {
            refuse(&transition, "from", "is not a field of a transition that enrols")?;
            to = self.initial;
        }
        if action == Action::Move || action == Action::Enrol && transition.get("to").is_some() {
            to = self.state_at(&transition, "to")?;
        } else {
            refuse(&transition, "to", "is a field of transitions that move or enrol")?;
        }
        // Every state but the one to which it leads, and not from outside.
        let mut from = !(bit(to) | bit(OUTSIDE));
        if action == Action::Enrol {
            from = bit(OUTSIDE);
        } else if transition.get("from").is_some_and(|from| from.text() != Some(b"*")) {
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
        if self.uses.len() == MAX_USES {
            return Err(place.error("is one too many: all transitions together list at most 1000 events"));
        }
        self.uses.push((event, self.transitions.len() as u32));
        Ok(())
    }

    #[inline(never)]
    fn find_state(&self, name: &[u8]) -> Option<u32> {
        (1..self.states.len() as u32).find(|&state| self.strings.get(state) == name)
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
        let mut reached = bit(OUTSIDE);
        // Each round reaches another state, or is the last one that could.
        for _ in &self.states {
            for transition in &self.transitions {
                if transition.from & reached != 0 {
                    reached |= bit(transition.to);
                }
            }
            for (state, timeout) in self.states.iter().enumerate() {
                if bit(state as u32) & reached != 0 {
                    reached |= bit(timeout.to);
                }
            }
        }
        if reached == bit(OUTSIDE) {
            return Err(machine.error("transitions", "must have one that enrols"));
        }
        let unreached = reached.trailing_ones() as usize;
        if unreached < self.states.len() {
            return Err(machine.place().field("states").index(unreached - 1).error("cannot be reached"));
        }
        Ok(())
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

/// Calls `read` with the elements of an array; one copy of the loop for all.
#[inline(never)]
fn each(object: &Object<'_, '_>, field: &str, read: &mut dyn FnMut(Value<'_>, Place<'_>) -> Result<()>) -> Result<()> {
    object.each(field, read)
}

/// Calls `read` with the text in a field, or with each of the texts in it.
#[inline(never)]
fn names(object: &Object<'_, '_>, field: &str, read: &mut dyn FnMut(&[u8], &Place<'_>) -> Result<()>) -> Result<()> {
    let place = object.place().field(field);
    let value = object.get(field).ok_or_else(|| place.error("is missing"))?;
    if let Some(name) = value.text() {
        return read(name, &place);
    }
    if value.array().is_none_or(|mut elements| elements.next().is_none()) {
        return Err(place.error("must be a text or a list of texts that is not empty"));
    }
    each(object, field, &mut |element, place| {
        read(element.text().ok_or_else(|| place.error("must be a text"))?, &place)
    })
}

/// What `after_days` and `after_hours` say together, in microseconds.
#[inline(never)]
fn delay(object: &Object<'_, '_>) -> Result<Option<f64>> {
    let (days, hours) = (object.number("after_days")?, object.number("after_hours")?);
    if days.is_none() && hours.is_none() {
        return Ok(None);
    }
    let hours = days.unwrap_or(0.0) * 24.0 + hours.unwrap_or(0.0);
    // To the nearest whole microsecond.
    let delay = (hours * MICROSECONDS_PER_HOUR + 0.5) as i64 as f64;
    if !(MIN_DELAY..=MAX_DELAY).contains(&delay) {
        return Err(object.place().error("must wait for one minute to 36,500 days"));
    }
    Ok(Some(delay))
}

//! Sequences of steps, each due at a point in time that facts tell: which step is due, why, and when to look again.
//!
//! Only the passing of a step's time changes an answer, as no condition knows `as_of`; so the next change is known
//! exactly (`docs/semantics.md`, "Sequences").

use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const NO_AS_OF: &str = "as_of cannot be used here: only the time of a step decides when it is due";

/// What a sequence may be in, in the order of [`STATES`].
#[derive(Clone, Copy)]
enum State {
    Due,
    AtOnce,
    Scheduled,
    Waiting,
    Stopped,
    Finished,
}

/// The states' names; the document's own texts have the numbers after them.
const STATES: [&str; 6] = ["due", "at_once", "scheduled", "waiting", "stopped", "finished"];

/// A compiled sequence; `docs/semantics.md` ("Sequences") describes the JSON.
#[derive(Default)]
pub struct Sequence {
    /// The states, and the names and conditions that results carry.
    strings: Strings,
    expressions: Expressions,
    unless: Option<Condition>,
    steps: Vec<Step>,
}

/// A condition, with its text for sentences.
#[derive(Clone, Copy)]
struct Condition {
    expression: Expression,
    text: u32,
}

struct Step {
    name: u32,
    due: Expression,
    done: Expression,
    unless: Option<Condition>,
    at_once_if: Option<Condition>,
}

impl Document for Sequence {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: states, names and conditions.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl Sequence {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let document = Object::new(root, place, &["name", "unless", "steps", "on_missing"])?;
        document.required_text("name")?;
        for state in STATES {
            self.strings.add(state.as_bytes());
        }
        self.expressions.refuse_as_of(NO_AS_OF);
        self.expressions.read_on_missing(&document)?;
        self.unless = self.condition(&document, "unless")?;
        document.each("steps", |value, place| self.read_step(value, place))?;
        if self.steps.is_empty() {
            return Err(document.error("steps", "must not be empty"));
        }
        self.expressions.finish(document.place())
    }

    #[inline(never)]
    fn read_step(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let step = Object::new(value, place, &["name", "due", "done", "unless", "at_once_if"])?;
        let name = step.required_text("name")?;
        if self.steps.iter().any(|earlier| self.strings.get(earlier.name) == name) {
            return Err(step.error("name", "is listed twice"));
        }
        let name = self.strings.add(name);
        let due = self.expressions.read_required(&step, "due", Type::Timestamp)?;
        let done = self.expressions.read_required(&step, "done", Type::Boolean)?;
        let unless = self.condition(&step, "unless")?;
        let at_once_if = self.condition(&step, "at_once_if")?;
        self.steps.push(Step { name, due, done, unless, at_once_if });
        Ok(())
    }

    #[inline(never)]
    fn condition(&mut self, object: &Object<'_, '_>, name: &str) -> Result<Option<Condition>> {
        let expression = self.expressions.read(object, name, Type::Boolean)?;
        let text = object.text(name)?.unwrap_or_default();
        Ok(expression.map(|expression| Condition { expression, text: self.strings.add(text) }))
    }

    #[inline(never)]
    fn holds(&self, condition: Option<Condition>, facts: FactRow<'_, '_>) -> bool {
        condition.is_some_and(|condition| self.expressions.holds(condition.expression, facts, 0.0))
    }
}

/// The step of a sequence that is due for one row of facts, why, and when the answer may change next.
///
/// Writes state, the step that is due and since when, the step that comes next and when it is due, the reason, and the
/// next point in time at which, with these facts, the answer is another one. Points in time are microseconds since 1970
/// UTC, ISO-8601 text in the result; what there is none of is NULL. The facts are those that the sequence
/// [describes](Document::describe), as they are known at `as_of`. There is no error beside those of compiling the
/// sequence.
pub fn sequence_step(facts: FactRow<'_, '_>, sequence: &Sequence, as_of: f64, out: &mut Output) -> Result<()> {
    let mut open = sequence
        .steps
        .iter()
        .filter(|step| !sequence.expressions.holds(step.done, facts, 0.0) && !sequence.holds(step.unless, facts));
    let due_at = |step: &Step| sequence.expressions.value(step.due, facts, 0.0);
    let mut next = open.next();
    let mut at = next.and_then(due_at);
    let mut due = None;
    let mut since = None;
    let mut condition = None;
    let state = match next {
        None => State::Finished,
        Some(_) if sequence.holds(sequence.unless, facts) => {
            condition = sequence.unless;
            (next, at) = (None, None);
            State::Stopped
        }
        Some(step) => {
            let at_once = sequence.holds(step.at_once_if, facts);
            if at_once || at.is_some_and(|at| at <= as_of) {
                if at_once {
                    condition = step.at_once_if;
                } else {
                    since = at;
                }
                due = next;
                next = open.next();
                at = next.and_then(due_at);
                if at_once { State::AtOnce } else { State::Due }
            } else if at.is_some() {
                State::Scheduled
            } else {
                State::Waiting
            }
        }
    };
    let name = |step: Option<&Step>| step.map_or(-1.0, |step| step.name as f64);
    out.slots(&[state as u8 as f64, name(due)]);
    out.optional_timestamp_text(since);
    out.double(name(next));
    out.optional_timestamp_text(at);
    let parts: [&[u8]; 3] = [
        due.or(next).map_or(&[], |step| sequence.strings.get(step.name)),
        match state {
            State::Due => b" is due since ",
            State::AtOnce => b" is due at once, as ",
            State::Scheduled => b" is due at ",
            State::Waiting => b" has no time yet",
            State::Stopped => b"stopped, as ",
            State::Finished => b"every step is done or cancelled",
        },
        condition.map_or(&[], |condition| sequence.strings.get(condition.text)),
    ];
    out.text_with(|text| {
        parts.iter().for_each(|part| text.extend_from_slice(part));
        if let (State::Due, Some(time), _) | (State::Scheduled, _, Some(time)) = (state, since, at) {
            crate::timestamp::push_iso(text, time as i64);
        }
    });
    out.optional_timestamp_text(if let State::Scheduled = state { at } else { None });
    Ok(())
}

//! The definition of a funnel: JSON, compiled once.

use crate::Result;
use crate::abi::{Document, Output};
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const MICROSECONDS_PER_MINUTE: f64 = 60e6;
/// Longer than any history; sums of times and windows stay exact.
const MAX_WINDOW_DAYS: f64 = 36_500.0;
/// How many steps a funnel may have.
const MAX_STEPS: usize = 100;
/// How many different events the steps may name.
const MAX_EVENTS: usize = 1_000;

/// A compiled funnel; `docs/semantics.md` ("Funnels") describes the JSON.
#[derive(Default)]
pub struct Definition {
    /// In microseconds; infinity where there is none.
    total: f64,
    steps: Vec<Step>,
    /// The names of all events, in the order in which the steps name them.
    events: Vec<Vec<u8>>,
}

struct Step {
    name: Vec<u8>,
    /// From the step before, in microseconds; infinity where there is none.
    window: f64,
    /// By event whether it is of the step; the events beyond the end are not.
    events: Vec<bool>,
}

impl Document for Definition {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the events, 1 the names of the steps. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(2);
        out.list(self.events.len());
        self.events.iter().for_each(|event| out.text(event));
        out.list(self.steps.len());
        self.steps.iter().for_each(|step| out.text(&step.name));
        out.list(0);
    }
}

impl Definition {
    /// How many steps there are, at least one.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// How many events the steps name.
    pub(super) fn events(&self) -> usize {
        self.events.len()
    }

    /// The time within which the last step must follow the first, in microseconds.
    pub(super) fn total(&self) -> f64 {
        self.total
    }

    /// The time within which a step must follow the one before, in microseconds.
    pub(super) fn window(&self, step: usize) -> f64 {
        self.steps[step].window
    }

    /// Whether an event is of a step.
    pub(super) fn takes(&self, step: usize, event: u32) -> bool {
        self.steps[step].events.get(event as usize) == Some(&true)
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let funnel = Object::new(root, place, &["steps", "window"])?;
        self.total = window(&funnel)?;
        funnel.each("steps", |value, place| self.read_step(value, place))?;
        if self.steps.is_empty() {
            return Err(funnel.error("steps", "must not be empty"));
        }
        Ok(())
    }

    #[inline(never)]
    fn read_step(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let object = Object::new(value, place, &["name", "event", "events", "window"])?;
        if self.steps.len() == MAX_STEPS {
            return Err(object.place().error("must not be more than 100 steps"));
        }
        let name = Vec::from(object.required_text("name")?);
        if self.steps.iter().any(|step| step.name == name) {
            return Err(object.error("name", "is listed twice"));
        }
        let window = window(&object)?;
        if self.steps.is_empty() && window < f64::INFINITY {
            return Err(object.error("window", "is not a field of the first step"));
        }
        let mut step = Step { name, window, events: Vec::new() };
        match (object.text("event")?, object.get("events").is_some()) {
            (Some(event), false) => self.add(&mut step, event, &object.place().field("event"))?,
            (None, true) => object.each("events", |value, place| {
                let event = value.text().ok_or_else(|| place.error("must be a text"))?;
                self.add(&mut step, event, &place)
            })?,
            (None, false) => return Err(object.error("event", "is missing")),
            (Some(_), true) => return Err(object.error("events", "must not stand beside event")),
        }
        if step.events.is_empty() {
            return Err(object.error("events", "must not be empty"));
        }
        self.steps.push(step);
        Ok(())
    }

    fn add(&mut self, step: &mut Step, event: &[u8], place: &Place<'_>) -> Result<()> {
        let known = self.events.iter().position(|known| known == event);
        let code = known.unwrap_or(self.events.len());
        if step.events.get(code) == Some(&true) {
            return Err(place.error("is listed twice"));
        }
        if known.is_none() {
            if self.events.len() == MAX_EVENTS {
                return Err(place.error("must not be more than 1000 events"));
            }
            self.events.push(Vec::from(event));
        }
        if step.events.len() <= code {
            step.events.resize(code + 1, false);
        }
        step.events[code] = true;
        Ok(())
    }
}

/// The field `window` in microseconds; infinity where it is absent.
#[inline(never)]
fn window(object: &Object<'_, '_>) -> Result<f64> {
    let Some(value) = object.get("window") else { return Ok(f64::INFINITY) };
    let units = Object::new(value, object.place().field("window"), &["days", "hours", "minutes"])?;
    let mut minutes = 0.0;
    for (unit, length) in [("days", 1_440.0), ("hours", 60.0), ("minutes", 1.0)] {
        minutes += units.positive(unit)?.unwrap_or(0.0) * length;
    }
    if minutes == 0.0 {
        return Err(units.place().error("must have days, hours or minutes"));
    }
    if minutes > MAX_WINDOW_DAYS * 1_440.0 {
        return Err(units.place().error("must be at most 36500 days"));
    }
    // To the microsecond, as points in time are.
    Ok((minutes * MICROSECONDS_PER_MINUTE + 0.5) as i64 as f64)
}

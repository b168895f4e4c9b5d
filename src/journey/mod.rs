//! Where somebody stands in a journey: a state machine over a history of events.
//!
//! Events count in the order of their time, whatever order they come in, and timeouts between them
//! (`docs/semantics.md`, "Journeys").

mod machine;

#[cfg(test)]
mod tests;

pub use machine::Machine;

use crate::abi::{FactKind, FactRow, Facts, NULL_CODE, Output};
use crate::sort::heap_sort_by;
use crate::timestamp::MICROSECONDS_PER_DAY;
use crate::{Error, Result};
use alloc::vec::Vec;
use core::cmp::Ordering;
use machine::{Action, Definition, OUTSIDE};

/// How many moves a result lists, the last ones.
const MAX_PATH: usize = 1_000;
/// How many timeouts may elapse in one history: a circle of timeouts goes on for as long as the history does.
const MAX_TIMEOUTS: u32 = 100_000;

/// Why an event changes nothing: the first reason that applies, in the order of the result's counts.
#[derive(Clone, Copy)]
enum Reason {
    NoEvent,
    UnknownEvent,
    NoTimestamp,
    AfterAsOf,
    NotEnrolled,
    ReEntry,
    NoTransition,
}

/// An event that the machine names, not after the point of view.
#[derive(Clone, Copy)]
struct Event {
    occurred_at: f64,
    code: u32,
    /// Which element of the history it is.
    index: u32,
}

/// Where the journey stands.
struct Journey<'m> {
    machine: &'m Definition,
    state: u32,
    previous: u32,
    /// NaN where nobody has ever enrolled.
    entered_at: f64,
    /// When the state's timeout elapses, or, where that is paused, what is left of it; infinity where there is none.
    due: f64,
    /// NaN where nothing is paused.
    paused_at: f64,
    /// When the journey was last left; NaN where it never was.
    left_at: f64,
    timeouts: u32,
    moves: usize,
    /// State, time and cause of the last moves, each in the place of the one that went before by [`MAX_PATH`].
    path: Vec<(u32, f64, u32)>,
    /// How many events changed nothing, by [`Reason`].
    ignored: [u32; 7],
}

/// Follows a history of events through the machine up to `as_of`, and writes the result of the catalogue's `journey`.
///
/// `event` holds indices of the machine's events (-1 for NULL, others are unknown), `occurred_at` microseconds since 1970
/// UTC (NaN for NULL), `facts` the properties that the machine [describes](crate::abi::Document::describe), and `as_of`
/// microseconds since 1970 UTC. Events in any order give the same result, and what happens after `as_of` does not change
/// it. Events that change nothing are counted by reason. Error: more than 100,000 timeouts elapse.
pub fn journey(
    event: &[i32],
    occurred_at: &[f64],
    facts: Facts<'_>,
    machine: &Machine,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut journey = Journey {
        machine: &machine.0,
        state: OUTSIDE,
        previous: OUTSIDE,
        entered_at: f64::NAN,
        due: f64::INFINITY,
        paused_at: f64::NAN,
        left_at: f64::NAN,
        timeouts: 0,
        moves: 0,
        path: Vec::new(),
        ignored: [0; 7],
    };
    for event in journey.events(event, occurred_at, &facts, as_of) {
        journey.elapse(event.occurred_at)?;
        journey.apply(event, facts.row(event.index as usize));
    }
    journey.elapse(as_of)?;
    journey.write(out);
    Ok(())
}

impl Journey<'_> {
    /// The events that count, in their order; the others are counted.
    #[inline(never)]
    fn events(&mut self, event: &[i32], occurred_at: &[f64], facts: &Facts<'_>, as_of: f64) -> Vec<Event> {
        let mut events = Vec::with_capacity(event.len());
        for (index, (&code, &occurred_at)) in event.iter().zip(occurred_at).enumerate() {
            let reason = if code == NULL_CODE {
                Reason::NoEvent
            } else if !self.machine.names(code) {
                Reason::UnknownEvent
            } else if occurred_at <= as_of {
                events.push(Event { occurred_at, code: code as u32, index: index as u32 });
                continue;
            } else if occurred_at.is_nan() {
                Reason::NoTimestamp
            } else {
                Reason::AfterAsOf
            };
            self.ignored[reason as usize] += 1;
        }
        let kinds = self.machine.expressions.kinds();
        // Equal events are alike in all that anybody asks for.
        heap_sort_by(&mut events, |a, b| {
            if a.occurred_at != b.occurred_at {
                return a.occurred_at < b.occurred_at;
            }
            if a.code != b.code {
                return a.code < b.code;
            }
            order(kinds, facts.row(a.index as usize), facts.row(b.index as usize)) == Ordering::Less
        });
        events
    }

    /// Lets the timeouts elapse that are due at `time` or before.
    #[inline(never)]
    fn elapse(&mut self, time: f64) -> Result<()> {
        while self.due <= time && self.paused_at.is_nan() {
            if self.timeouts == MAX_TIMEOUTS {
                return Err(Error::new("machine", "lets more than 100,000 timeouts elapse one after the other"));
            }
            self.timeouts += 1;
            let cause = self.machine.timeout_cause();
            self.enter(self.machine.states[self.state as usize].to, self.due, cause);
        }
        Ok(())
    }

    #[inline(never)]
    fn enter(&mut self, state: u32, time: f64, cause: u32) {
        self.previous = self.state;
        self.state = state;
        self.entered_at = time;
        self.paused_at = f64::NAN;
        self.due = time + self.machine.states[state as usize].delay;
        if state == OUTSIDE {
            self.left_at = time;
        }
        if self.moves < MAX_PATH {
            self.path.push((state, time, cause));
        } else {
            self.path[self.moves % MAX_PATH] = (state, time, cause);
        }
        self.moves += 1;
    }

    /// Applies the first transition that fits.
    #[inline(never)]
    fn apply(&mut self, event: Event, facts: FactRow<'_, '_>) {
        let (machine, time) = (self.machine, event.occurred_at);
        let paused = !self.paused_at.is_nan();
        let mut re_enters = false;
        for transition in machine.transitions_on(event.code) {
            let fits = match transition.action {
                Action::Pause if paused => false,
                Action::Resume => paused,
                _ => true,
            };
            if !fits || transition.from >> self.state & 1 == 0 {
                continue;
            }
            if transition.when.is_some_and(|when| !machine.expressions.holds(when, facts, time)) {
                continue;
            }
            match transition.action {
                // Where the journey was never left, there is nothing to compare with.
                Action::Enrol if time < self.left_at + machine.re_entry => {
                    re_enters = true;
                    continue;
                }
                Action::Enrol | Action::Move | Action::Leave => self.enter(transition.to, time, event.code),
                Action::Pause => {
                    self.paused_at = time;
                    self.due -= time;
                }
                Action::Resume => {
                    self.paused_at = f64::NAN;
                    self.due += time;
                }
                Action::Restart => {
                    self.due = machine.states[self.state as usize].delay;
                    if !paused {
                        self.due += time;
                    }
                }
            }
            return;
        }
        let reason = if self.state != OUTSIDE {
            Reason::NoTransition
        } else if re_enters {
            Reason::ReEntry
        } else {
            Reason::NotEnrolled
        };
        self.ignored[reason as usize] += 1;
    }

    #[inline(never)]
    fn write(&self, out: &mut Output) {
        let paused = !self.paused_at.is_nan();
        out.double(slot(self.state));
        time(self.entered_at, out);
        out.double(slot(self.previous));
        time(self.paused_at, out);
        out.double(if paused && self.due < f64::INFINITY { self.due / MICROSECONDS_PER_DAY } else { f64::NAN });
        time(if paused { f64::NAN } else { self.due }, out);
        // A state without a timeout leads outside, which is NULL.
        out.slots(&[slot(self.machine.states[self.state as usize].to), self.moves as f64]);
        out.list(self.path.len());
        for number in self.moves - self.path.len()..self.moves {
            let (state, entered_at, cause) = self.path[number % MAX_PATH];
            out.double(slot(state));
            time(entered_at, out);
            out.double(cause as f64);
        }
        self.ignored.iter().for_each(|&count| out.double(count as f64));
    }
}

/// A state in the stream: its index in the dictionary, which begins with the state after [`OUTSIDE`].
fn slot(state: u32) -> f64 {
    state as f64 - 1.0
}

/// A point in time in the stream; what is not finite is NULL.
fn time(time: f64, out: &mut Output) {
    out.optional_timestamp_text(time.is_finite().then_some(time));
}

/// Orders rows of facts, so that events of the same instant and name have an order, too: fact by fact, NULL first, NaN
/// last.
fn order(kinds: &[FactKind], left: FactRow<'_, '_>, right: FactRow<'_, '_>) -> Ordering {
    for (field, &kind) in kinds.iter().enumerate() {
        let order = match (left.is_null(field), right.is_null(field)) {
            (false, false) if kind.is_bytes() => left.text(field).cmp(right.text(field)),
            (false, false) if kind == FactKind::Any => Ordering::Equal,
            (false, false) => {
                let (left, right) = (left.value(field), right.value(field));
                match (left.is_nan(), right.is_nan()) {
                    (false, false) => left.total_cmp(&right),
                    (left, right) => left.cmp(&right),
                }
            }
            (left, right) => right.cmp(&left),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

//! One entity's events against the ordered steps of a funnel: how far it got, when, and how long it took.
//!
//! Of all attempts the one that reaches furthest is reported, of several the earliest (`docs/semantics.md`, "Funnels"). Two
//! passes over the events of each step find it, so the time grows with events times steps, and no order of the rows changes
//! anything.

mod definition;

#[cfg(test)]
mod tests;

pub use definition::Definition;

use crate::Result;
use crate::abi::{NULL_CODE, Output};
use crate::sort::sort_by;
use crate::timestamp::MICROSECONDS_PER_SECOND;
use alloc::vec::Vec;

/// How many events are no step of the attempt, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_event: u32,
    unknown_event: u32,
    no_timestamp: u32,
    after_as_of: u32,
    duplicate: u32,
}

/// An event that the funnel knows.
#[derive(Clone, Copy)]
struct Event {
    time: f64,
    code: u32,
}

/// An event in the list of a step. Order is by `place`, which also parts events of one instant.
#[derive(Clone, Copy)]
struct Point {
    time: f64,
    place: f64,
}

impl Point {
    /// The same with time running backwards.
    fn mirrored(self) -> Self {
        Point { time: -self.time, place: -self.place }
    }
}

/// Follows one entity through a funnel and writes the result of the catalogue's `funnel`.
///
/// `event` holds indices of the funnel's events (-1 for NULL, -2 for unknown), `occurred_at` and `as_of` microseconds since
/// 1970 UTC (NaN for NULL). Rows that are no step of the attempt are counted by reason. There is no error.
pub fn funnel(event: &[i32], occurred_at: &[f64], definition: &Definition, as_of: f64, out: &mut Output) -> Result<()> {
    let mut ignored = Ignored::default();
    let events = countable(event, occurred_at, definition.events(), as_of, &mut ignored);
    let points: Vec<Vec<Point>> = (0..definition.len()).map(|step| points_of(&events, definition, step)).collect();
    let (reached, still_open) = furthest(&points, definition, as_of);
    let attempt = earliest(&points[..reached], definition);
    let (first, last) = match (attempt.first(), attempt.last()) {
        (Some(first), Some(last)) => (first.time, last.time),
        _ => (f64::NAN, f64::NAN),
    };
    let seconds = |from: f64, to: f64| (to - from) / MICROSECONDS_PER_SECOND;
    let converted = reached == definition.len();
    let to_convert = if converted { seconds(first, last) } else { f64::NAN };
    out.slots(&[reached as f64, f64::from(converted), to_convert, f64::from(still_open)]);
    out.list(attempt.len());
    let mut previous = first;
    for (step, point) in attempt.iter().enumerate() {
        out.slots(&[step as f64, events[point.place as usize].code as f64]);
        out.timestamp_text(point.time);
        out.slots(&[seconds(first, point.time), seconds(previous, point.time)]);
        previous = point.time;
    }
    let not_needed = events.len() - attempt.len();
    let Ignored { no_event, unknown_event, no_timestamp, after_as_of, duplicate } = ignored;
    let counts = [no_event, unknown_event, no_timestamp, after_as_of, duplicate, not_needed as u32];
    out.slots(&counts.map(f64::from));
    Ok(())
}

/// The events that count, in order: by time, and within an instant in the order in which the funnel names them.
fn countable(event: &[i32], occurred_at: &[f64], known: usize, as_of: f64, ignored: &mut Ignored) -> Vec<Event> {
    let mut events = Vec::with_capacity(event.len());
    for (&code, &time) in event.iter().zip(occurred_at) {
        let reason = if code == NULL_CODE {
            &mut ignored.no_event
        } else if code < 0 || code as usize >= known {
            &mut ignored.unknown_event
        } else if time.is_nan() {
            &mut ignored.no_timestamp
        } else if time > as_of {
            &mut ignored.after_as_of
        } else {
            events.push(Event { time, code: code as u32 });
            continue;
        };
        *reason += 1;
    }
    sort_by(&mut events, |a, b| a.time < b.time || (a.time == b.time && a.code < b.code));
    let all = events.len();
    events.dedup_by(|a, b| a.time == b.time && a.code == b.code);
    ignored.duplicate = (all - events.len()) as u32;
    events
}

/// The events that are of a step, in order.
fn points_of(events: &[Event], definition: &Definition, step: usize) -> Vec<Point> {
    let of_step = events.iter().enumerate().filter(|(_, event)| definition.takes(step, event.code));
    of_step.map(|(place, event)| Point { time: event.time, place: place as f64 }).collect()
}

/// How many steps can be reached, and whether a later event could still add one.
fn furthest(points: &[Vec<Point>], definition: &Definition, as_of: f64) -> (usize, bool) {
    let mirrored = |step: usize| -> Vec<Point> { points[step].iter().rev().map(|point| point.mirrored()).collect() };
    let mut current = mirrored(0);
    // For each event of the step at hand the latest start that leads to it, mirrored; infinity if none does.
    let mut starts: Vec<f64> = current.iter().map(|point| point.time).collect();
    let mut reached = 0;
    while starts.iter().any(|start| *start < f64::INFINITY) {
        reached += 1;
        if reached == points.len() {
            return (reached, false);
        }
        let next = mirrored(reached);
        let next_starts = ends(&next, &current, &starts, definition.window(reached), definition.total());
        if next_starts.iter().all(|start| *start == f64::INFINITY) {
            let open = |(point, start): (&Point, &f64)| {
                *start < f64::INFINITY
                    && as_of + point.time < definition.window(reached)
                    && as_of + start < definition.total()
            };
            return (reached, current.iter().zip(&starts).any(open));
        }
        (current, starts) = (next, next_starts);
    }
    (0, false)
}

/// The earliest attempt that reaches every step of `points`: first by its first step, then by its second, and so on.
fn earliest(points: &[Vec<Point>], definition: &Definition) -> Vec<Point> {
    let mut attempt = Vec::with_capacity(points.len());
    let Some((last, before)) = points.split_last() else { return attempt };
    // For each step and event the earliest time at which the last step can be reached from there.
    let mut reach = Vec::with_capacity(points.len());
    reach.push(last.iter().map(|point| point.time).collect::<Vec<f64>>());
    for (step, current) in before.iter().enumerate().rev() {
        let later = &reach[reach.len() - 1];
        let earlier = ends(current, &points[step + 1], later, definition.window(step + 1), definition.total());
        reach.push(earlier);
    }
    for (step, (current, reach)) in points.iter().zip(reach.iter().rev()).enumerate() {
        let follows = |point: &Point, end: f64| match (attempt.first(), attempt.last()) {
            (Some::<&Point>(first), Some::<&Point>(previous)) => {
                point.place > previous.place
                    && point.time - previous.time <= definition.window(step)
                    && end - first.time <= definition.total()
            }
            _ => true,
        };
        let fits = |(point, end): &(&Point, &f64)| **end < f64::INFINITY && follows(point, **end);
        let Some((&point, _)) = current.iter().zip(reach).find(fits) else { break };
        attempt.push(point);
    }
    attempt
}

/// For each event of a step the earliest end that can be reached over an event of the next step: one that comes later, by
/// at most `window`. Infinity where there is none, or only one later than `total`. All in microseconds.
fn ends(current: &[Point], next: &[Point], next_ends: &[f64], window: f64, total: f64) -> Vec<f64> {
    // The minimum of a window that slides from the last event to the first: `queue` holds those of its events that no
    // earlier one outdoes, with ends that grow towards its back. `dropped` is where its front is.
    let mut queue: Vec<(Point, f64)> = Vec::new();
    let mut dropped = 0;
    let mut rest = next.len();
    let mut ends = alloc::vec![f64::INFINITY; current.len()];
    for (point, end) in current.iter().zip(&mut ends).rev() {
        while rest > 0 && next[rest - 1].place > point.place {
            rest -= 1;
            // An earlier event stays in the window for longer.
            while queue.len() > dropped && queue[queue.len() - 1].1 >= next_ends[rest] {
                queue.pop();
            }
            queue.push((next[rest], next_ends[rest]));
        }
        while queue.len() > dropped && queue[dropped].0.time - point.time > window {
            dropped += 1;
        }
        if let Some(&(_, best)) = queue.get(dropped)
            && best - point.time <= total
        {
            *end = best;
        }
    }
    ends
}

//! A user's events against a scoring model, with the reasons behind the number.
//!
//! The order of steps is normative (`docs/semantics.md`, "Scoring"): horizon, distinct days, rolling cap, role factor (user
//! scope only), decay, rounding to multiples of 2^-32, sum, bucket limit, total limit. Points are integers of 2^-32 from
//! there on, so no order of summation changes a bit, contributions add up to components, and components to the total.

mod award;
mod explain;
mod model;
mod units;

#[cfg(test)]
mod tests;

pub use model::Model;

use crate::Result;
use crate::abi::{NULL_CODE, Output};
use crate::error::path;
use crate::{Error, sort::sort_by};
use alloc::vec::Vec;
use award::Tally;
use units::Units;

/// The total lies between 0 and this.
const TOTAL_MAX: Units = Units::whole(100);
/// How many reasons a result names.
const TOP_REASONS: usize = 3;

/// How many events earned nothing, by the first reason that applied.
#[derive(Clone, Copy, Default)]
struct Ignored {
    no_event: u32,
    no_timestamp: u32,
    unknown_event: u32,
    after_as_of: u32,
    older_than_horizon: u32,
    same_day: u32,
    over_cap: u32,
}

/// An event that the model knows, inside the horizon.
#[derive(Clone, Copy)]
struct Event {
    occurred_at: f64,
    count: f64,
}

/// Scores the events of one user and writes the result of the catalogue's `score_events`.
///
/// `event` holds indices of the model's events (-1 for NULL, -2 for unknown), `occurred_at` microseconds since 1970 UTC (NaN
/// for NULL), `count` how many occurrences a row stands for. `role` is an index of the model's roles or negative. Rows
/// that earn nothing are counted by reason. Errors: a count that is negative, NaN or infinite, and points beyond 2^19.
pub fn score_events(
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    role: i32,
    model: &Model,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let (events, ends) = by_rule(event, occurred_at, count, model, as_of, &mut ignored)?;
    let factor = model.role_factor(role);
    let mut tallies: Vec<Tally> = Vec::with_capacity(model.rules.len());
    let mut start = 0;
    for (rule, &end) in model.rules.iter().zip(&ends) {
        let tally = award::tally(&events[start..end], rule, factor, as_of, &mut ignored);
        tallies.push(tally.ok_or_else(|| Error::new("events", "are worth more than 524288 points"))?);
        start = end;
    }
    explain::write(model, &tallies, as_of, &ignored, out)
}

/// The countable events, grouped by the model's rules, each group in time order, and where each group ends.
fn by_rule(
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    model: &Model,
    as_of: f64,
    ignored: &mut Ignored,
) -> Result<(Vec<Event>, Vec<usize>)> {
    let rules = model.rules.len();
    let oldest = as_of - model.horizon;
    let mut ends = Vec::new();
    ends.resize(rules, 0usize);
    let mut group: Vec<u32> = Vec::with_capacity(event.len());
    for (index, ((&code, &time), &count)) in event.iter().zip(occurred_at).zip(count).enumerate() {
        if !(0.0..=f64::MAX).contains(&count) {
            return Err(Error::new(path("events").index(index).field("count"), "must be a finite number >= 0"));
        }
        let reason = if code < 0 || code as usize >= rules {
            if code == NULL_CODE { &mut ignored.no_event } else { &mut ignored.unknown_event }
        } else if time.is_nan() {
            &mut ignored.no_timestamp
        } else if time > as_of {
            &mut ignored.after_as_of
        } else if time < oldest {
            &mut ignored.older_than_horizon
        } else {
            ends[code as usize] += 1;
            group.push(code as u32);
            continue;
        };
        *reason += 1;
        group.push(u32::MAX);
    }
    // A counting sort: `ends` turns from sizes into the next free place of each group, and so into their ends.
    let mut next = 0;
    for end in &mut ends {
        let size = *end;
        *end = next;
        next += size;
    }
    let mut events = Vec::new();
    events.resize(next, Event { occurred_at: 0.0, count: 0.0 });
    for ((&rule, &occurred_at), &count) in group.iter().zip(occurred_at).zip(count) {
        if let Some(place) = ends.get_mut(rule as usize) {
            events[*place] = Event { occurred_at, count };
            *place += 1;
        }
    }
    let mut start = 0;
    for &end in &ends {
        // Ties are broken by the count, so that equal sets of rows are equal sequences whatever order they came in.
        sort_by(&mut events[start..end], |a, b| {
            a.occurred_at < b.occurred_at || (a.occurred_at == b.occurred_at && a.count < b.count)
        });
        start = end;
    }
    Ok((events, ends))
}

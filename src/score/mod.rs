//! A user's events against a scoring model, with the reasons behind the number.
//!
//! The order of steps is normative (`docs/semantics.md`, "Scoring"): horizon, distinct days, rolling cap, role factor (user
//! scope only), decay, rounding to multiples of 2^-32, sum, bucket limit, total limit. Points are integers of 2^-32 from
//! there on, so no order of summation changes a bit, contributions add up to components, and components to the total.

mod award;
mod explain;
mod model;
pub(crate) mod units;

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

/// The working memory of one call, in one place so that there is one way to free it.
#[derive(Default)]
struct Scratch {
    /// The rule of each row, or `u32::MAX` for a row that earns nothing.
    rules: Vec<u32>,
    /// The countable events, grouped by rule, each group in time order.
    events: Vec<Event>,
    /// Where each rule's group ends.
    ends: Vec<usize>,
    /// The awards of the rule at hand with their times.
    awards: Vec<(f64, Units)>,
    /// What each rule contributes.
    tallies: Vec<Tally>,
    /// Each bucket's sum and component.
    buckets: Vec<(Units, Units)>,
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
    let mut scratch = Scratch::default();
    let mut ignored = Ignored::default();
    let oldest = as_of - model.horizon;
    scratch.group(event, occurred_at, count, model.rules.len(), oldest, as_of, &mut ignored)?;
    scratch.tally(model, model.role_factor(role), as_of, &mut ignored).ok_or_else(too_much)?;
    let total = scratch.limit(model).ok_or_else(too_much)?;
    explain::write(model, &scratch, total, as_of, &ignored, out);
    Ok(())
}

#[cold]
fn too_much() -> Error {
    Error::new("events", "are worth more than 524288 points")
}

#[cold]
fn no_count(index: usize) -> Error {
    Error::new(path("events").index(index).field("count"), "must be a finite number >= 0")
}

/// The sum of all buckets, and the total that it is limited to.
#[derive(Clone, Copy)]
struct Total {
    sum: Units,
    total: Units,
}

impl Scratch {
    /// Groups the countable events by rule, each group in time order.
    #[allow(clippy::too_many_arguments)]
    fn group(
        &mut self,
        event: &[i32],
        occurred_at: &[f64],
        count: &[f64],
        rules: usize,
        oldest: f64,
        as_of: f64,
        ignored: &mut Ignored,
    ) -> Result<()> {
        self.ends.resize(rules, 0);
        self.rules.resize(event.len(), u32::MAX);
        let rows = event.iter().zip(occurred_at).zip(count).zip(&mut self.rules);
        for (index, (((&code, &time), &count), rule)) in rows.enumerate() {
            if !(0.0..=f64::MAX).contains(&count) {
                return Err(no_count(index));
            }
            let reason = match self.ends.get_mut(code as usize) {
                None if code == NULL_CODE => &mut ignored.no_event,
                None => &mut ignored.unknown_event,
                Some(size) if time >= oldest && time <= as_of => {
                    *size += 1;
                    *rule = code as u32;
                    continue;
                }
                Some(_) if time > as_of => &mut ignored.after_as_of,
                Some(_) if time < oldest => &mut ignored.older_than_horizon,
                Some(_) => &mut ignored.no_timestamp,
            };
            *reason += 1;
        }
        // A counting sort: `ends` turns from sizes into the next free place of each group, and so into their ends.
        let mut next = 0;
        for end in &mut self.ends {
            let size = *end;
            *end = next;
            next += size;
        }
        self.events.resize(next, Event { occurred_at: 0.0, count: 0.0 });
        for ((&rule, &occurred_at), &count) in self.rules.iter().zip(occurred_at).zip(count) {
            if let Some(place) = self.ends.get_mut(rule as usize)
                && let Some(event) = self.events.get_mut(*place)
            {
                *event = Event { occurred_at, count };
                *place += 1;
            }
        }
        Ok(())
    }

    /// What each rule contributes; `None` from 2^19 points on.
    fn tally(&mut self, model: &Model, role_factor: f64, as_of: f64, ignored: &mut Ignored) -> Option<()> {
        let mut rest = &mut self.events[..];
        let mut start = 0;
        for (rule, &end) in model.rules.iter().zip(&self.ends) {
            let (events, later) = rest.split_at_mut_checked(end - start)?;
            (rest, start) = (later, end);
            // Ties are broken by the count, so that equal sets of rows are equal sequences whatever order they came in.
            sort_by(events, |a, b| {
                a.occurred_at < b.occurred_at || (a.occurred_at == b.occurred_at && a.count < b.count)
            });
            self.tallies.push(award::tally(events, rule, role_factor, as_of, &mut self.awards, ignored)?);
        }
        Some(())
    }

    /// Sums per bucket, and limits buckets and total; `None` from 2^19 points on.
    fn limit(&mut self, model: &Model) -> Option<Total> {
        self.buckets.resize(model.buckets.len(), (Units::ZERO, Units::ZERO));
        for (rule, tally) in model.rules.iter().zip(&self.tallies) {
            let (sum, _) = self.buckets.get_mut(rule.bucket)?;
            *sum = sum.plus(tally.points)?;
        }
        let mut sum = Units::ZERO;
        for (bucket, (points, component)) in model.buckets.iter().zip(&mut self.buckets) {
            *component = match bucket.max {
                Some(max) => (*points).min(max).max(Units::ZERO),
                None => (*points).min(Units::ZERO),
            };
            sum = sum.plus(*component)?;
        }
        Some(Total { sum, total: sum.min(TOTAL_MAX).max(Units::ZERO) })
    }
}

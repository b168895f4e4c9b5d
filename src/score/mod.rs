//! Events against a scoring model, with the reasons behind the number.
//!
//! The order of steps is normative (`docs/semantics.md`, "Scoring"): horizon, loops, distinct days, rolling cap, role
//! factor (user scope only), decay, rounding to multiples of 2^-32, sum, bucket limit, total limit. Points are integers of
//! 2^-32 from there on, so no order of summation changes a bit, contributions add up to components, and components to the
//! total.

mod award;
pub(crate) mod explain;
pub(crate) mod history;
mod loops;
pub(crate) mod model;
pub(crate) mod units;

#[cfg(test)]
mod tests;

pub use model::Model;

use crate::abi::Output;
use crate::{Error, Result};
use explain::{Contribution, Wording};
use history::{History, Rows};

/// Scores the events of one user and writes the result of the catalogue's `score_events`.
///
/// `event` holds indices of the model's events (-1 for NULL, -2 for unknown), `occurred_at` microseconds since 1970 UTC (NaN
/// for NULL), `count` how many occurrences a row stands for, `max_per_hour` how many of them the busiest hour had where the
/// row is a daily rollup, and a negative number where it is not. `role` is an index of the model's roles or negative. Rows
/// that earn nothing are counted by reason. Errors: a count that is negative, NaN or infinite, and points beyond 2^19.
#[allow(clippy::too_many_arguments)]
pub fn score_events(
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    max_per_hour: &[f64],
    role: i32,
    model: &Model,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut history = History::default();
    history.group(Rows { event, occurred_at, count, max_per_hour, user: None }, model, as_of)?;
    let factor = model.role_factor(role);
    history.tally(model, |_| factor, as_of).ok_or_else(too_much)?;
    let mut score = explain::Score::default();
    let mut tallies = history.tallies.iter();
    let mut tally = tallies.next();
    for (index, rule) in model.rules.iter().enumerate() {
        if let Some(found) = tally.filter(|tally| tally.rule == index) {
            score.contributions.push(Contribution::of_rule(rule, found));
            tally = tallies.next();
        }
    }
    score.contributions.extend(history.loops.penalty(model, as_of));
    let total = score.limit(model).ok_or_else(too_much)?;
    let stage = model.stage(total.total.points());
    explain::write(model, &score, total, stage, as_of, out);
    history.ignored.write(out);
    Ok(())
}

#[cold]
pub(crate) fn too_much() -> Error {
    Error::new("events", "are worth more than 524288 points")
}

impl Contribution {
    /// What the events of a rule contribute.
    pub(crate) fn of_rule(rule: &model::Rule, tally: &history::Tally) -> Self {
        Contribution {
            bucket: rule.bucket,
            code: rule.event,
            points: tally.points,
            count: tally.count,
            wording: Wording::Events { label: rule.label, first_at: tally.first_at, last_at: tally.last_at },
        }
    }
}

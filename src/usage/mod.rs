//! Usage metrics by definitions: how many users did something, how often, on how many days, and how that changes.
//!
//! One pass over an entity's events fills all windows of all metrics at once; ratios, growth and trends are then computed
//! from those (`docs/semantics.md`, "Usage metrics").

mod definitions;
pub(crate) mod rows;

pub use definitions::Definitions;

use crate::Result;
use crate::abi::{Output, Texts};
use crate::score::history::{add, count_of};
use crate::sort::sort_by;
use alloc::vec::Vec;
use definitions::{Kind, Metric, NONE};
use rows::{Ignored, NO_USER, Row};

/// What one metric has counted in one window.
#[derive(Clone, Copy)]
struct Tally {
    /// Users or days; occurrences in multiples of 2^-16.
    total: u64,
    /// The user or day that was counted last.
    last: i64,
    /// Of that user the events that were done, one bit each.
    done: u64,
}

/// Computes usage metrics and writes the result of the catalogue's `usage_metrics`.
///
/// `user_id` are ids (NULL or empty: nobody in particular), `event` indices of the document's events (-1 for NULL, -2 for
/// unknown), `occurred_at` and `as_of` microseconds since 1970 UTC (NaN for NULL), `count` occurrences. A metric whose
/// denominator is 0 is NULL, and so is what is computed from one. Rows that no metric counts are counted by reason.
/// Error: a count that is negative, NaN or infinite.
pub fn usage_metrics(
    user_id: Texts<'_>,
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    definitions: &Definitions,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let known = definitions.events.names.len();
    let (mut rows, _) = rows::read(user_id, event, occurred_at, count, known, as_of, &mut ignored)?;
    let today = rows::day_of(as_of);
    let mut tallies = Vec::new();
    tallies.resize(definitions.values, Tally { total: 0, last: i64::MIN, done: 0 });
    sort_by(&mut rows, |a, b| a.user < b.user);
    for row in &rows {
        tally(definitions, row, today, false, &mut tallies, &mut ignored);
    }
    if definitions.metrics.iter().any(|metric| metric.kind == Kind::ActiveDays) {
        sort_by(&mut rows, |a, b| a.day < b.day);
        for row in &rows {
            tally(definitions, row, today, true, &mut tallies, &mut ignored);
        }
    }
    let values = values(definitions, &tallies);
    write(definitions, &values, out);
    ignored.write(out);
    out.double(count_of(ignored.outside));
    Ok(())
}

/// Adds a row to the windows that it lies in: those of days, or the others. What lies in none is counted with the others.
fn tally(definitions: &Definitions, row: &Row, today: i64, by_day: bool, tallies: &mut [Tally], ignored: &mut Ignored) {
    let takers = definitions.takers.get(row.code as usize).map_or(&[][..], |takers| &takers[..]);
    let (mut is_counted, mut is_known) = (false, false);
    for &(number, bit) in takers {
        let metric = &definitions.metrics[number as usize];
        if metric.kind.needs_user() && row.user == NO_USER {
            continue;
        }
        is_known = true;
        let is_of_days = metric.kind == Kind::ActiveDays;
        if by_day && !is_of_days {
            continue;
        }
        let windows = tallies[metric.first..].iter_mut().zip(&metric.ago);
        for (tally, ago) in windows {
            let age = (today - row.day) as f64 - ago - metric.offset;
            if age < 0.0 || age >= metric.days {
                continue;
            }
            is_counted = true;
            if by_day == is_of_days {
                count_row(metric.kind, metric.events.len(), row, bit, tally);
            }
        }
    }
    if !by_day && !is_counted {
        let reason = if takers.is_empty() {
            &mut ignored.unknown_event
        } else if !is_known {
            &mut ignored.no_user
        } else {
            &mut ignored.outside
        };
        add(reason, row.units);
    }
}

/// Adds a row to a window. Rows of one user, or day, come one after the other.
#[inline(always)]
fn count_row(kind: Kind, events: usize, row: &Row, bit: u32, tally: &mut Tally) {
    match kind {
        Kind::Events => add(&mut tally.total, row.units),
        Kind::Indicator => tally.total = 1,
        Kind::PowerUsers => {
            if tally.last != row.user as i64 {
                (tally.last, tally.done) = (row.user as i64, 0);
            }
            let all = u64::MAX >> (64 - events.min(64)) as u32;
            let before = tally.done;
            tally.done |= 1 << (bit & 63);
            tally.total += (before != all && tally.done == all) as u64;
        }
        _ => {
            let key = if kind == Kind::ActiveDays { row.day } else { row.user as i64 };
            tally.total += (tally.last != key) as u64;
            tally.last = key;
        }
    }
}

/// The values of all metrics for all days that are needed; NaN is NULL.
#[inline(never)]
fn values(definitions: &Definitions, tallies: &[Tally]) -> Vec<f64> {
    let mut values: Vec<f64> = tallies.iter().map(|tally| tally.total as f64).collect();
    for metric in definitions.metrics.iter().filter(|metric| metric.kind == Kind::Events) {
        for (value, tally) in values[metric.first..].iter_mut().zip(tallies[metric.first..].iter().zip(&metric.ago)) {
            *value = count_of(tally.0.total);
        }
    }
    let mut points = Vec::new();
    for &number in &definitions.order {
        let metric = &definitions.metrics[number as usize];
        for (index, &ago) in metric.ago.iter().enumerate() {
            points.clear();
            for point in 0..metric.points {
                let days = ago + point as f64 * metric.step;
                points.push(value_of(definitions, &values, metric.of[0], days));
            }
            if metric.kind == Kind::Ratio {
                points.push(value_of(definitions, &values, metric.of[1], ago));
            }
            // What has no sign must not show one: -0 + 0 is 0.
            values[metric.first + index] = computed(metric, &points) + 0.0;
        }
    }
    values
}

/// The value of a metric some days ago.
fn value_of(definitions: &Definitions, values: &[f64], number: u32, ago: f64) -> f64 {
    let Some(metric) = definitions.metrics.get(number as usize) else { return f64::NAN };
    let index = metric.ago.partition_point(|&days| days < ago);
    values.get(metric.first + index).copied().unwrap_or(f64::NAN)
}

/// A metric of others, `points` from the latest to the earliest; of a ratio numerator and denominator.
fn computed(metric: &Metric, points: &[f64]) -> f64 {
    let &[current, other, ..] = points else { return f64::NAN };
    let over = |part: f64| if other == 0.0 { f64::NAN } else { part / other };
    match metric.kind {
        Kind::Growth => current - other,
        Kind::GrowthRate => over(current - other),
        Kind::Trend => slope(points),
        _ => over(current),
    }
}

/// The slope of the least-squares line through points that are one apart, the latest first, over those that are known: per
/// point. Sums of whole numbers are exact, and so there is one rounding.
fn slope(points: &[f64]) -> f64 {
    let (mut n, mut sum_x, mut sum_y, mut sum_xx, mut sum_xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, &y) in points.iter().rev().enumerate() {
        if !y.is_nan() {
            let x = x as f64;
            n += 1.0;
            sum_x += x;
            sum_y += y;
            sum_xx += x * x;
            sum_xy += x * y;
        }
    }
    if n < 2.0 { f64::NAN } else { (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x) }
}

#[inline(never)]
fn write(definitions: &Definitions, values: &[f64], out: &mut Output) {
    out.list(definitions.metrics.len());
    let code = |number: u32| if number == NONE { -1.0 } else { number as f64 };
    for metric in &definitions.metrics {
        // Today's is the first.
        let value = values.get(metric.first).copied().unwrap_or(f64::NAN);
        let segment = metric.segments.iter().find(|&&(bound, _)| value >= bound).map_or(NONE, |&(_, name)| name);
        out.slots(&[
            metric.name as f64,
            value,
            code(segment),
            code(metric.use_case),
            metric.is_north_star as u8 as f64,
        ]);
    }
}

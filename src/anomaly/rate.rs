//! Today against the days before: five times the mean, or far off the median by a measure that one odd day cannot move.

use super::counts::Count;
use super::whole_number;
use crate::Result;
use crate::abi::{Document, Output};
use crate::sort::heap_sort_by;
use crate::tape::{self, Object};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

const DEFAULT_TIMES: f64 = 5.0;
const DEFAULT_DAYS: usize = 30;
const DEFAULT_MINIMUM_DAYS: usize = 7;
const DEFAULT_MINIMUM_MEAN: f64 = 1.0;
const DEFAULT_ROBUST_Z: f64 = 3.5;
/// Makes the MAD of a normal distribution its standard deviation; with the limit of 3.5 from Iglewicz and Hoaglin, "How to
/// Detect and Handle Outliers" (1993).
const MAD_TO_SIGMA: f64 = 0.6745;

/// What the scoring model says of unusual days: `anomalies.rate`.
pub struct Rate {
    times: f64,
    days: usize,
    minimum_days: usize,
    minimum_mean: f64,
    robust_z: f64,
}

impl Document for Rate {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, Self::read)
    }

    fn describe(&self, out: &mut Output) {
        out.slots(&[0.0, 0.0]);
    }
}

impl Rate {
    /// Reads `anomalies.rate` of the scoring model, with defaults for what is absent.
    pub(crate) fn read(model: &Object<'_, '_>) -> Result<Self> {
        let mut rate = Rate {
            times: DEFAULT_TIMES,
            days: DEFAULT_DAYS,
            minimum_days: DEFAULT_MINIMUM_DAYS,
            minimum_mean: DEFAULT_MINIMUM_MEAN,
            robust_z: DEFAULT_ROBUST_Z,
        };
        let anomalies = model.object("anomalies", &["rate", "signups"])?;
        let Some(anomalies) = &anomalies else { return Ok(rate) };
        let allowed = ["times", "days", "minimum_days", "minimum_mean", "robust_z"];
        let Some(object) = anomalies.object("rate", &allowed)? else { return Ok(rate) };
        rate.times = object.positive("times")?.unwrap_or(rate.times);
        rate.days = whole_number(&object, "days")?.unwrap_or(rate.days);
        rate.minimum_days = whole_number(&object, "minimum_days")?.unwrap_or(rate.minimum_days.min(rate.days));
        if rate.minimum_days > rate.days {
            object.refuse("minimum_days", "must not be more than days")?;
        }
        rate.minimum_mean = object.not_negative("minimum_mean")?.unwrap_or(rate.minimum_mean);
        rate.robust_z = object.positive("robust_z")?.unwrap_or(rate.robust_z);
        Ok(rate)
    }
}

/// How many rows lie on none of the days, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_timestamp: u32,
    after_as_of: u32,
    before_window: u32,
}

/// Holds today, the UTC day up to `as_of`, against the days before it.
///
/// `created_at` (NaN for NULL) limits those to the days since it, its own day included; NULL does not limit them. Writes
/// status, today's count, mean, ratio, median, MAD, robust z, the number of days, both alerts, and what was ignored by
/// reason. NULL are mean, ratio, median, MAD and z where there are too few days, the ratio where the mean is 0, and z where
/// the MAD is 0. Points in time are microseconds since 1970 UTC. Error: a count that is no finite number >= 0.
pub fn rate_anomaly(
    events_occurred_at: &[f64],
    events_count: &[f64],
    created_at: f64,
    model: &Rate,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let today = day(as_of);
    let age = if created_at.is_nan() { i64::MAX } else { today - day(created_at) };
    let days = age.clamp(0, model.days as i64) as usize;
    let mut ignored = Ignored::default();
    // Today first.
    let mut counts = Vec::new();
    counts.resize(days + 1, Count::default());
    for (index, (&time, &count)) in events_occurred_at.iter().zip(events_count).enumerate() {
        let count = Count::of_event(count, index)?;
        let reason = if time.is_nan() {
            &mut ignored.no_timestamp
        } else if time > as_of {
            &mut ignored.after_as_of
        } else if let Some(of_day) = counts.get_mut((today - day(time)) as usize) {
            *of_day = of_day.plus(count);
            continue;
        } else {
            &mut ignored.before_window
        };
        *reason += 1;
    }
    let (today, past) = counts.split_at_mut(1);
    let today = today.first().map_or(0.0, |count| count.events());
    let known = days >= model.minimum_days;
    let (mut mean, mut ratio, mut median, mut mad, mut robust_z) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN);
    let (mut is_ratio_alert, mut is_z_alert) = (false, false);
    if known {
        let sum = past.iter().fold(Count::default(), |sum, count| sum.plus(*count)).events();
        mean = sum / days as f64;
        let mut values: Vec<f64> = past.iter().map(|count| count.events()).collect();
        median = median_of(&mut values);
        values.iter_mut().for_each(|value| *value = (*value - median).abs());
        mad = median_of(&mut values);
        if sum > 0.0 {
            ratio = today / mean;
        }
        if mad > 0.0 {
            robust_z = MAD_TO_SIGMA * (today - median) / mad;
        }
        // Sums and not means: whole numbers compare exactly.
        if sum >= model.minimum_mean * days as f64 {
            is_ratio_alert = sum > 0.0 && today * days as f64 >= model.times * sum;
            is_z_alert = robust_z > model.robust_z;
        }
    }
    out.text(match (known, is_ratio_alert || is_z_alert) {
        (false, _) => b"insufficient_history",
        (true, true) => b"alert",
        (true, false) => b"normal",
    });
    let alerts = [f64::from(is_ratio_alert), f64::from(is_z_alert)];
    out.slots(&[today, mean, ratio, median, mad, robust_z, days as f64]);
    out.slots(&alerts);
    let Ignored { no_timestamp, after_as_of, before_window } = ignored;
    out.slots(&[no_timestamp, after_as_of, before_window].map(f64::from));
    Ok(())
}

/// The UTC day of a point in time, in days since 1970.
fn day(time: f64) -> i64 {
    (time as i64).div_euclid(MICROSECONDS_PER_DAY as i64)
}

/// The middle value, or the mean of the two middle ones; sorts the values.
#[inline(never)]
fn median_of(values: &mut [f64]) -> f64 {
    heap_sort_by(values, |one, other| one < other);
    let middle = values.len() / 2;
    match (values.get(middle), values.get(middle.wrapping_sub(1))) {
        (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => (lower + upper) / 2.0,
        (Some(value), _) => *value,
        _ => f64::NAN,
    }
}

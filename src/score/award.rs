//! From the events of one rule to what they contribute: distinct days, rolling cap, role factor, decay, rounding.

use super::model::{Decay, Rule, Scope};
use super::units::Units;
use super::{Event, Ignored};
use crate::decay::{age_days, linear};
use crate::exponential::{exp_neg, exp2_neg};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

/// What the events of one rule contribute.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    /// Before any limit.
    pub points: Units,
    /// Occurrences that were awarded something.
    pub count: f64,
    /// First and last time of those.
    pub first_at: f64,
    pub last_at: f64,
}

/// Tallies the events of `rule`, which are in time order; `None` when they are worth 2^19 points or more.
///
/// `awards` is working memory.
pub(super) fn tally(
    events: &[Event],
    rule: &Rule,
    role_factor: f64,
    as_of: f64,
    awards: &mut Vec<(f64, Units)>,
    ignored: &mut Ignored,
) -> Option<Tally> {
    let mut tally = Tally { points: Units::ZERO, count: 0.0, first_at: 0.0, last_at: 0.0 };
    if events.is_empty() {
        return Some(tally);
    }
    let factor = if rule.scope == Scope::User { role_factor } else { 1.0 };
    awards.clear();
    let mut window = Window { rule, awards, tail: 0, sum: 0 };
    let mut day_end = f64::NEG_INFINITY;
    for event in events {
        if event.count == 0.0 {
            continue;
        }
        let mut count = event.count;
        if rule.per_day {
            // Time order makes the first event of a day its earliest.
            if event.occurred_at < day_end {
                ignored.same_day += 1;
                continue;
            }
            day_end = next_midnight(event.occurred_at);
            count = 1.0;
        }
        let award = window.award(event.occurred_at, Units::round(rule.points.abs() * count)?);
        if award == Units::ZERO {
            ignored.over_cap += 1;
            continue;
        }
        if tally.count == 0.0 {
            tally.first_at = event.occurred_at;
        }
        tally.last_at = event.occurred_at;
        tally.count += count;
        let age = age_days(event.occurred_at, as_of);
        let share = match rule.decay {
            Decay::None => 1.0,
            Decay::Exponential { tau_days } => exp_neg(1.0, age / tau_days),
            Decay::HalfLife { half_life_days } => exp2_neg(1.0, age / half_life_days),
            Decay::Linear { window_days } => linear(age, window_days),
        };
        let points = if rule.points < 0.0 { -award.points() } else { award.points() };
        tally.points = tally.points.plus(Units::round(points * factor * share)?)?;
    }
    Some(tally)
}

/// The first microsecond of the next UTC day.
fn next_midnight(time: f64) -> f64 {
    let day = (time as i64).div_euclid(MICROSECONDS_PER_DAY as i64);
    (day + 1) as f64 * MICROSECONDS_PER_DAY
}

/// A rolling cap: no window `(t - length, t]` holds awards of more than `cap` in absolute value.
struct Window<'a> {
    rule: &'a Rule,
    /// Awards with their times; those before `tail` have left the window.
    awards: &'a mut Vec<(f64, Units)>,
    tail: usize,
    sum: i64,
}

impl Window<'_> {
    /// What an event at `time`, not before the last one, is awarded of the `wanted` points.
    fn award(&mut self, time: f64, wanted: Units) -> Units {
        let Some(cap) = &self.rule.cap else { return wanted };
        while let Some(&(earlier, award)) = self.awards.get(self.tail)
            && earlier <= time - cap.length
        {
            self.sum -= award.0;
            self.tail += 1;
        }
        let award = Units(wanted.0.min(cap.points.0 - self.sum));
        if award != Units::ZERO {
            self.sum += award.0;
            self.awards.push((time, award));
        }
        award
    }
}

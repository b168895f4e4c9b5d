//! From the events of one rule to what they contribute: rolling cap, role factor, decay, rounding.

use super::history::{Event, Tally, add, occurrences};
use super::model::{Decay, Rule};
use super::units::Units;
use crate::decay::{age_days, linear};
use crate::exponential::{exp_neg, exp2_neg};
use alloc::vec::Vec;

/// An award and its time.
pub(super) type Award = (f64, Units);

/// Adds up the events of `rule`, which are in time order; `None` when they are worth 2^19 points or more. Returns the
/// occurrences that were awarded nothing.
///
/// `awards` is working memory.
pub(super) fn tally(
    events: &[Event],
    rule: &Rule,
    role_factor: f64,
    as_of: f64,
    awards: &mut Vec<Award>,
    tally: &mut Tally,
) -> Option<u64> {
    awards.clear();
    let mut window = Window { rule, awards, tail: 0, sum: 0 };
    let mut over_cap = 0;
    for event in events {
        // A loop may have left nothing.
        if event.count == 0.0 {
            continue;
        }
        let award = window.award(event.occurred_at, Units::round(rule.points.abs() * event.count)?);
        if award == Units::ZERO {
            add(&mut over_cap, occurrences(event.count));
            continue;
        }
        if tally.count == 0.0 {
            tally.first_at = event.occurred_at;
        }
        tally.last_at = event.occurred_at;
        tally.count += event.count;
        add(&mut tally.occurrences, occurrences(event.count));
        let points = if rule.points < 0.0 { -award.points() } else { award.points() };
        let points = points * role_factor * share(rule.decay, event.occurred_at, as_of);
        tally.points = tally.points.plus(Units::round(points)?)?;
    }
    Some(over_cap)
}

/// What is left at `as_of` of something that happened at `occurred_at`, 0 to 1.
#[inline]
pub(super) fn share(decay: Decay, occurred_at: f64, as_of: f64) -> f64 {
    let age = age_days(occurred_at, as_of);
    match decay {
        Decay::None => 1.0,
        Decay::Exponential { tau_days } => exp_neg(1.0, age / tau_days),
        Decay::HalfLife { half_life_days } => exp2_neg(1.0, age / half_life_days),
        Decay::Linear { window_days } => linear(age, window_days),
    }
}

/// A rolling cap: no window `(t - length, t]` holds awards of more than `cap` in absolute value.
struct Window<'a> {
    rule: &'a Rule,
    /// Awards with their times; those before `tail` have left the window.
    awards: &'a mut Vec<Award>,
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

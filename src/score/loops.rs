//! Loops: many of one event by one user in one UTC clock hour, which nobody did by hand (`docs/semantics.md`, "Scoring" 3).

use super::award::share;
use super::explain::{Contribution, Wording};
use super::history::{Event, Ignored, NO_USER, add, occurrences};
use super::model::{EVENT_LOOP, Model, Spam};
use super::units::Units;
use crate::timestamp::MICROSECONDS_PER_HOUR;

/// The loops that were found.
#[derive(Clone, Copy, Default)]
pub(crate) struct Loops {
    pub count: u32,
    /// The last events of the loop that ended first, and of the one that ended last.
    first_at: f64,
    last_at: f64,
}

impl Loops {
    /// Takes from the counts of `events`, which are one rule's in order of user and time, what does not score.
    pub fn cut(&mut self, events: &mut [Event], spam: &Spam, ignored: &mut Ignored) {
        let mut rest = events;
        while let Some(&Event { user, occurred_at, .. }) = rest.first() {
            let hour_end = next_hour(occurred_at);
            let in_hour = |event: &Event| event.user == user && event.occurred_at < hour_end;
            let length = rest.iter().position(|event| !in_hour(event)).unwrap_or(rest.len());
            let (hour, later) = rest.split_at_mut(length);
            rest = later;
            if user != NO_USER {
                self.cut_hour(hour, spam, ignored);
            }
        }
    }

    /// The same for the events of one user in one clock hour.
    fn cut_hour(&mut self, hour: &mut [Event], spam: &Spam, ignored: &mut Ignored) {
        let mut total = 0.0;
        let mut last_at = 0.0;
        for event in hour.iter_mut() {
            if is_raw(event) {
                total += event.count;
                last_at = event.occurred_at;
            } else if event.max_per_hour >= spam.per_hour {
                let surplus = event.max_per_hour - (spam.per_hour - 1.0);
                cut(event, if surplus < event.count { event.count - surplus } else { 0.0 }, ignored);
                self.found(event.occurred_at);
            }
        }
        if total < spam.per_hour {
            return;
        }
        let mut left = spam.per_hour - 1.0;
        for event in hour.iter_mut().filter(|event| is_raw(event)) {
            let scores = if event.count < left { event.count } else { left };
            left -= scores;
            cut(event, scores, ignored);
        }
        self.found(last_at);
    }

    fn found(&mut self, at: f64) {
        if self.count == 0 || at < self.first_at {
            self.first_at = at;
        }
        if self.count == 0 || at > self.last_at {
            self.last_at = at;
        }
        self.count += 1;
    }

    /// What the loops cost, however many there are: once, from the last event of the latest.
    pub fn penalty(&self, model: &Model, as_of: f64) -> Option<Contribution> {
        let spam = model.spam.as_ref().filter(|_| self.count > 0)?;
        Some(Contribution {
            bucket: spam.bucket,
            code: EVENT_LOOP,
            points: Units::round(spam.points * share(spam.decay, self.last_at, as_of))?,
            count: self.count as f64,
            wording: Wording::Events { label: spam.label, first_at: self.first_at, last_at: self.last_at },
        })
    }
}

fn is_raw(event: &Event) -> bool {
    // NaN is no number of events: the row is raw.
    event.max_per_hour.is_nan() || event.max_per_hour < 0.0
}

fn cut(event: &mut Event, scores: f64, ignored: &mut Ignored) {
    add(&mut ignored.in_loop, occurrences(event.count - scores));
    event.count = scores;
}

/// The first microsecond of the next clock hour.
fn next_hour(time: f64) -> f64 {
    let hour = (time as i64).div_euclid(MICROSECONDS_PER_HOUR as i64);
    (hour + 1) as f64 * MICROSECONDS_PER_HOUR
}

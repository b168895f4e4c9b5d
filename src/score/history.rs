//! From rows in any order to what each rule contributes, of one user or of many.

use super::award::{self, Award};
use super::loops::Loops;
use super::model::{Model, Scope};
use super::units::Units;
use crate::Result;
use crate::abi::{NULL_CODE, Output};
use crate::error::{Error, path};
use crate::sort::sort_by;
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

/// The user of a row that has none.
pub(crate) const NO_USER: u32 = u32::MAX;

/// The rows of a call, column by column.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub event: &'a [i32],
    pub occurred_at: &'a [f64],
    pub count: &'a [f64],
    pub max_per_hour: &'a [f64],
    /// The number of each row's user, or [`NO_USER`]; `None` where all rows are of user 0.
    pub user: Option<&'a [u32]>,
}

/// How many occurrences earned nothing, by the first reason that applied; multiples of 2^-16, so that sums are exact.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ignored {
    no_event: u64,
    no_timestamp: u64,
    unknown_event: u64,
    after_as_of: u64,
    older_than_horizon: u64,
    pub no_user: u64,
    same_day: u64,
    over_cap: u64,
    pub in_loop: u64,
}

impl Ignored {
    /// Writes the reasons that every score has.
    pub fn write(&self, out: &mut Output) {
        let reasons = [
            self.no_event,
            self.no_timestamp,
            self.unknown_event,
            self.after_as_of,
            self.older_than_horizon,
            self.same_day,
            self.over_cap,
            self.in_loop,
        ];
        reasons.iter().for_each(|&occurrences| out.double(count_of(occurrences)));
    }
}

/// A count in multiples of 2^-16.
#[inline]
pub(crate) fn occurrences(count: f64) -> u64 {
    (count * 65_536.0 + 0.5) as u64
}

/// The count of multiples of 2^-16.
pub(crate) fn count_of(occurrences: u64) -> f64 {
    occurrences as f64 / 65_536.0
}

/// Adds without ever wrapping around; what does not fit any more is the largest number, in every order.
#[inline]
pub(crate) fn add(sum: &mut u64, occurrences: u64) {
    *sum = sum.saturating_add(occurrences);
}

/// A row that the model knows, inside the horizon.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    pub occurred_at: f64,
    pub count: f64,
    pub max_per_hour: f64,
    pub user: u32,
}

/// Sorts by user, if so, then by time. Ties are broken by the count, so that equal sets of rows are equal sequences
/// whatever order they came in. Rollups and raw events of the same instant and count differ where there are loops.
#[inline(never)]
fn sort(events: &mut [Event], by_user: bool) {
    sort_by(events, |a, b| {
        if by_user && a.user != b.user {
            return a.user < b.user;
        }
        if a.occurred_at != b.occurred_at {
            return a.occurred_at < b.occurred_at;
        }
        a.count < b.count || (a.count == b.count && a.max_per_hour < b.max_per_hour)
    });
}

/// What the events of one rule contribute, of one user where the rule is of user scope.
#[derive(Clone, Copy)]
pub(crate) struct Tally {
    pub rule: usize,
    /// [`NO_USER`] where the rule is of workspace scope.
    pub user: u32,
    /// Before any limit.
    pub points: Units,
    /// Occurrences that were awarded something; above 0.
    pub count: f64,
    /// The same in multiples of 2^-16, row by row.
    pub occurrences: u64,
    /// First and last time of those.
    pub first_at: f64,
    pub last_at: f64,
}

/// The working memory of one call, in one place so that there is one way to free it.
#[derive(Default)]
pub(crate) struct History {
    /// The rule of each row, or `u32::MAX` for a row that earns nothing.
    pub rules: Vec<u32>,
    /// The countable events, grouped by rule.
    events: Vec<Event>,
    /// Where each rule's group ends.
    ends: Vec<usize>,
    /// The awards of the rule at hand with their times.
    awards: Vec<Award>,
    /// What contributes, in the order of rules and then of users.
    pub tallies: Vec<Tally>,
    pub loops: Loops,
    pub ignored: Ignored,
}

#[cold]
fn no_count(index: usize) -> Error {
    Error::new(path("events").index(index).field("count"), "must be a finite number >= 0")
}

impl History {
    /// Groups the countable events by rule, and counts the others.
    pub fn group(&mut self, rows: Rows<'_>, model: &Model, as_of: f64) -> Result<()> {
        let oldest = as_of - model.horizon;
        self.ends.resize(model.rules.len(), 0);
        self.rules.resize(rows.event.len(), u32::MAX);
        let ignored = &mut self.ignored;
        let columns = rows.event.iter().zip(rows.occurred_at).zip(rows.count).zip(&mut self.rules);
        for (index, (((&code, &time), &count), rule)) in columns.enumerate() {
            if !(0.0..=f64::MAX).contains(&count) {
                return Err(no_count(index));
            }
            let reason = match self.ends.get_mut(code as usize) {
                None if code == NULL_CODE => &mut ignored.no_event,
                None => &mut ignored.unknown_event,
                Some(size) if time >= oldest && time <= as_of => {
                    let of_nobody = rows.user.is_some_and(|users| users.get(index) == Some(&NO_USER))
                        && model.rules.get(code as usize).is_some_and(|rule| rule.scope == Scope::User);
                    if !of_nobody {
                        if count > 0.0 {
                            *size += 1;
                            *rule = code as u32;
                        }
                        continue;
                    }
                    &mut ignored.no_user
                }
                Some(_) if time > as_of => &mut ignored.after_as_of,
                Some(_) if time < oldest => &mut ignored.older_than_horizon,
                Some(_) => &mut ignored.no_timestamp,
            };
            add(reason, occurrences(count));
        }
        // A counting sort: `ends` turns from sizes into the next free place of each group, and so into their ends.
        let mut next = 0;
        for end in &mut self.ends {
            let size = *end;
            *end = next;
            next += size;
        }
        self.events.resize(next, Event { occurred_at: 0.0, count: 0.0, max_per_hour: 0.0, user: 0 });
        let columns = self.rules.iter().zip(rows.occurred_at).zip(rows.count).zip(rows.max_per_hour);
        for (index, (((&rule, &occurred_at), &count), &max_per_hour)) in columns.enumerate() {
            if let Some(place) = self.ends.get_mut(rule as usize)
                && let Some(event) = self.events.get_mut(*place)
            {
                let user = rows.user.and_then(|users| users.get(index)).map_or(0, |user| *user);
                *event = Event { occurred_at, count, max_per_hour, user };
                *place += 1;
            }
        }
        Ok(())
    }

    /// What each rule contributes, with the role factor of each user; `None` from 2^19 points on.
    pub fn tally(&mut self, model: &Model, role_factor: impl Fn(u32) -> f64, as_of: f64) -> Option<()> {
        let mut rest = &mut self.events[..];
        let mut start = 0;
        for (index, (rule, &end)) in model.rules.iter().zip(&self.ends).enumerate() {
            let (events, later) = rest.split_at_mut_checked(end - start)?;
            (rest, start) = (later, end);
            if events.is_empty() {
                continue;
            }
            sort(events, true);
            if let Some(spam) = &model.spam {
                let found = self.loops.count;
                self.loops.cut(events, spam, &mut self.ignored);
                // What a loop has left of a row has another place within its instant.
                if self.loops.count > found {
                    sort(events, true);
                }
            }
            let mut events = if rule.per_day { distinct_days(events, &mut self.ignored) } else { events };
            let of_users = rule.scope == Scope::User;
            if !of_users {
                sort(events, false);
            }
            while let Some(&Event { user, .. }) = events.first() {
                let length = if of_users {
                    events.iter().position(|event| event.user != user).unwrap_or(events.len())
                } else {
                    events.len()
                };
                let (own, others) = events.split_at_mut_checked(length)?;
                events = others;
                let (user, factor) = if of_users { (user, role_factor(user)) } else { (NO_USER, 1.0) };
                let mut tally = Tally {
                    rule: index,
                    user,
                    points: Units::ZERO,
                    count: 0.0,
                    occurrences: 0,
                    first_at: 0.0,
                    last_at: 0.0,
                };
                let over_cap = award::tally(own, rule, factor, as_of, &mut self.awards, &mut tally)?;
                add(&mut self.ignored.over_cap, over_cap);
                if tally.count > 0.0 {
                    self.tallies.push(tally);
                }
            }
        }
        Some(())
    }
}

/// The first event of each user and UTC day, with count 1, moved to the front. The events are in order of user and time.
fn distinct_days<'a>(events: &'a mut [Event], ignored: &mut Ignored) -> &'a mut [Event] {
    let (mut user, mut day_end) = (NO_USER, f64::NEG_INFINITY);
    let mut kept = 0;
    for index in 0..events.len() {
        let mut event = events[index];
        if event.count == 0.0 {
            continue;
        }
        let mut surplus = event.count;
        // Order makes the first event of a day its earliest.
        if event.user != user || event.occurred_at >= day_end {
            (user, day_end) = (event.user, next_midnight(event.occurred_at));
            surplus = if event.count > 1.0 { event.count - 1.0 } else { 0.0 };
            event.count = 1.0;
            events[kept] = event;
            kept += 1;
        }
        add(&mut ignored.same_day, occurrences(surplus));
    }
    &mut events[..kept]
}

/// The first microsecond of the next UTC day.
fn next_midnight(time: f64) -> f64 {
    let day = (time as i64).div_euclid(MICROSECONDS_PER_DAY as i64);
    (day + 1) as f64 * MICROSECONDS_PER_DAY
}

//! Milestones of an entity: what has been reached, when, and what comes next.
//!
//! Each condition goes once over its events in the order of time, with a window that slides; the first moment at which there
//! is enough stands, so that later events never change what was reached earlier (`docs/semantics.md`, "Milestones").

mod definitions;

pub use definitions::Definitions;

use crate::Result;
use crate::abi::{Output, Texts};
use crate::score::history::add;
use crate::sort::sort_by;
use crate::timestamp::{MICROSECONDS_PER_HOUR, civil_from_days};
use crate::usage::rows::{self, Ignored, NO_USER, Row};
use alloc::vec::Vec;
use definitions::{Condition, Frequency, Measure};

/// When something was reached, and whether it still holds.
#[derive(Clone, Copy)]
struct Reached {
    /// NaN where it was not.
    at: f64,
    is_current: bool,
}

/// Finds out which milestones an entity has reached and writes the result of the catalogue's `milestones`.
///
/// `user_id` are ids (NULL or empty: nobody in particular), `event` indices of the document's events (-1 for NULL, -2 for
/// unknown), `occurred_at` and `as_of` microseconds since 1970 UTC (NaN for NULL), `count` occurrences, all of them at
/// that time. Times to a milestone are hours from the start, negative for what was reached before it, NULL where either is
/// not known. Events that no condition asks for are counted by reason. Error: a count that is negative, NaN or infinite.
pub fn milestones(
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
    let (rows, users) = rows::read(user_id, event, occurred_at, count, known, as_of, &mut ignored)?;
    let mut rows = asked_for(definitions, rows, &mut ignored);
    sort_by(&mut rows, |a, b| a.time < b.time || (a.time == b.time && a.code < b.code));
    let is_start = |row: &&Row| definitions.start.as_ref().is_none_or(|events| events.contains(&row.code));
    let start = rows.iter().find(is_start).map_or(f64::NAN, |row| row.time);
    let today = rows::day_of(as_of);
    let all = definitions.milestones.iter().map(|milestone| {
        let mut all = Reached { at: f64::NEG_INFINITY, is_current: true };
        for condition in &milestone.conditions {
            let reached = reached(definitions, condition, &rows, users, today);
            // Not known is never known in the end.
            all.at = if reached.at > all.at || reached.at.is_nan() { reached.at } else { all.at };
            all.is_current &= reached.is_current;
            if all.at.is_nan() {
                break;
            }
        }
        all
    });
    let all: Vec<Reached> = all.collect();
    write(definitions, &all, start, out);
    ignored.write(out);
    Ok(())
}

/// The rows that a condition or the start asks for; the others are counted.
#[inline(never)]
fn asked_for(definitions: &Definitions, mut rows: Vec<Row>, ignored: &mut Ignored) -> Vec<Row> {
    // By event: 0 nobody asks for it, 1 only of users, 2 also without.
    let mut asked = Vec::new();
    for code in 0..=definitions.events.names.len() as u32 {
        let mut level = u8::from(definitions.start.as_ref().is_some_and(|events| events.contains(&code))) * 2;
        for condition in definitions.milestones.iter().flat_map(|milestone| &milestone.conditions) {
            if condition.steps.iter().any(|events| definitions.events.takes(events, code)) {
                level = level.max(if needs_user(condition) { 1 } else { 2 });
            }
        }
        asked.push(level);
    }
    rows.retain(|row| {
        let level = asked.get(row.code as usize).copied().unwrap_or(0);
        let is_kept = level == 2 || (level == 1 && row.user != NO_USER);
        if !is_kept {
            add(if level == 0 { &mut ignored.unknown_event } else { &mut ignored.no_user }, row.units);
        }
        is_kept
    });
    rows
}

/// Whether only what identified users did counts.
fn needs_user(condition: &Condition) -> bool {
    matches!(condition.measure, Measure::Users | Measure::Periods)
}

/// When a condition was first met by rows in the order of time, and whether it is at the end of `today`.
#[inline(never)]
fn reached(definitions: &Definitions, condition: &Condition, rows: &[Row], users: usize, today: i64) -> Reached {
    if condition.measure == Measure::Series {
        return series(condition, rows);
    }
    let takes = |row: &&Row| {
        let is_taken = condition.steps.iter().any(|events| definitions.events.takes(events, row.code));
        is_taken && (row.user != NO_USER || !needs_user(condition))
    };
    let mut window = Window::new(condition, users);
    let mut at = f64::NAN;
    for row in rows.iter().filter(takes) {
        let period = period(condition.frequency, row.day);
        window.drop_before(condition, period);
        window.push(condition.measure, row, period);
        if at.is_nan() && window.amount >= condition.enough as u128 {
            at = row.time;
        }
    }
    window.drop_before(condition, period(condition.frequency, today));
    Reached { at, is_current: window.amount >= condition.enough as u128 }
}

/// The rows of the last periods, and how much there is in them.
struct Window {
    /// Wide enough for any sum, so that what has left can be taken away again.
    amount: u128,
    /// Period, key and units of each row.
    rows: Vec<(i64, u32, u64)>,
    /// How many of them have left.
    left: usize,
    /// By key, a user or a period, how many rows there are.
    held: Vec<u32>,
    /// How many different periods there were.
    periods: u32,
}

impl Window {
    fn new(condition: &Condition, users: usize) -> Self {
        let held = alloc::vec![0; if condition.measure == Measure::Users { users } else { 0 }];
        Window { amount: 0, rows: Vec::new(), left: 0, held, periods: 0 }
    }

    fn push(&mut self, measure: Measure, row: &Row, period: i64) {
        let mut key = row.user;
        if measure == Measure::Periods {
            if self.rows.last().is_none_or(|&(last, ..)| last != period) {
                self.periods += 1;
                self.held.push(0);
            }
            key = self.periods - 1;
        }
        self.rows.push((period, key, row.units));
        if measure == Measure::Times {
            self.amount += row.units as u128;
        } else if let Some(held) = self.held.get_mut(key as usize) {
            self.amount += (*held == 0) as u128;
            *held += 1;
        }
    }

    /// Lets go what is too old for a window that ends with a period.
    fn drop_before(&mut self, condition: &Condition, period: i64) {
        while condition.within > 0
            && let Some(&(oldest, key, units)) = self.rows.get(self.left)
            && oldest <= period - condition.within
        {
            self.left += 1;
            if condition.measure == Measure::Times {
                self.amount -= units as u128;
            } else if let Some(held) = self.held.get_mut(key as usize) {
                *held -= 1;
                self.amount -= (*held == 0) as u128;
            }
        }
    }
}

/// The number of the period that a day lies in.
fn period(frequency: Frequency, day: i64) -> i64 {
    match frequency {
        Frequency::Daily => day,
        // 1970-01-01 was a Thursday, the third day after a Monday.
        Frequency::Weekly => (day + 3).div_euclid(7),
        Frequency::Monthly => {
            let (year, month, _) = civil_from_days(day);
            year * 12 + month
        }
    }
}

/// When the last step of a series was first reached by one event after the other.
fn series(condition: &Condition, rows: &[Row]) -> Reached {
    // By step the latest first step that leads there: nothing begun earlier can last longer.
    let mut starts = Vec::new();
    starts.resize(condition.steps.len(), f64::NEG_INFINITY);
    for row in rows {
        // From the last step on, so that a row is one step at most.
        for (step, events) in condition.steps.iter().enumerate().rev() {
            if !events.contains(&row.code) {
                continue;
            }
            let start = if step == 0 { row.time } else { starts[step - 1] };
            if row.time - start <= condition.time && start > f64::NEG_INFINITY {
                if step + 1 == condition.steps.len() {
                    return Reached { at: row.time, is_current: true };
                }
                starts[step] = start;
            }
        }
    }
    Reached { at: f64::NAN, is_current: false }
}

#[inline(never)]
fn write(definitions: &Definitions, all: &[Reached], start: f64, out: &mut Output) {
    let get = |number: u32| all.get(number as usize).copied().unwrap_or(Reached { at: f64::NAN, is_current: false });
    let hours = |reached: Reached| (reached.at - start) / MICROSECONDS_PER_HOUR;
    let done = |list: &[u32]| list.iter().filter(|&&number| !get(number).at.is_nan()).count() as f64;
    let time = |at: f64| (!at.is_nan()).then_some(at);
    let setup = &definitions.setup;
    let missing = setup.iter().find(|&&number| get(number).at.is_nan());
    let last = setup.iter().map(|&number| get(number).at).fold(f64::NAN, f64::max);
    let primary = get(definitions.primary.unwrap_or(u32::MAX));
    let habit = get(definitions.habit.unwrap_or(u32::MAX));
    out.list(definitions.milestones.len());
    for (milestone, &reached) in definitions.milestones.iter().zip(all) {
        out.double(milestone.name as f64);
        out.optional_timestamp_text(time(reached.at));
        out.slots(&[hours(reached), reached.is_current as u8 as f64]);
    }
    out.slots(&[done(setup), setup.len() as f64, missing.map_or(-1.0, |&number| number as f64)]);
    out.optional_timestamp_text(time(last).filter(|_| missing.is_none()));
    out.optional_timestamp_text(time(primary.at));
    let secondary = &definitions.secondary;
    out.slots(&[hours(primary), done(secondary), secondary.len() as f64]);
    out.optional_timestamp_text(time(habit.at));
    out.slots(&[hours(habit), habit.is_current as u8 as f64]);
}

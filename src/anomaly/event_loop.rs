//! Loops: one event, by one user, so often within one clock hour that no person did it.

use super::counts::Count;
use crate::abi::{Document, Output, Texts};
use crate::error::path;
use crate::sort::sort_by;
use crate::tape::{self, Object};
use crate::timestamp::{MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR};
use crate::{Error, Result};
use alloc::vec::Vec;

const DEFAULT_PER_HOUR: f64 = 100.0;

/// What the scoring model says of loops: `spam.per_hour`, 100 where absent.
pub struct Spam {
    per_hour: f64,
}

impl Document for Spam {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, Self::read)
    }

    fn describe(&self, out: &mut Output) {
        out.slots(&[0.0, 0.0]);
    }
}

impl Spam {
    /// Reads `spam` of the scoring model. What a loop costs (`points`, `bucket`, `decay`) is for scoring to read.
    pub(crate) fn read(model: &Object<'_, '_>) -> Result<Self> {
        let per_hour = match model.object("spam", &["per_hour", "points", "bucket", "decay"])? {
            Some(spam) => spam.positive("per_hour")?,
            None => None,
        };
        Ok(Spam { per_hour: per_hour.unwrap_or(DEFAULT_PER_HOUR) })
    }
}

/// How many rows are no part of any hour, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_user: u32,
    no_event: u32,
    no_timestamp: u32,
    after_as_of: u32,
}

/// A row in its clock hour, or a daily rollup in its day.
#[derive(Clone, Copy)]
struct Row<'a> {
    user: &'a [u8],
    event: &'a [u8],
    index: usize,
    /// Where the hour or day begins, in microseconds.
    start: f64,
    of_day: bool,
    time: f64,
    count: Count,
    /// A rollup's most events in one hour.
    most: f64,
}

/// Finds the hours in which one user had one event `per_hour` times or more.
///
/// `max_per_hour` < 0 marks a raw row: those of a user, event and UTC clock hour are added up. Other rows are daily
/// rollups; of several of one user, event and day the largest `max_per_hour` counts. Points in time are microseconds
/// since 1970 UTC (NaN for NULL). Writes the loops ordered by user, event (both by bytes) and hour, each with the last
/// time of its rows, and what was ignored by reason. Errors: a count that is no finite number >= 0, a `max_per_hour` that
/// is not finite.
#[allow(clippy::too_many_arguments)]
pub fn event_loop(
    events_user_id: Texts<'_>,
    events_event: Texts<'_>,
    events_occurred_at: &[f64],
    events_count: &[f64],
    events_max_per_hour: &[f64],
    model: &Spam,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let mut rows = Vec::with_capacity(events_occurred_at.len());
    let numbers = events_occurred_at.iter().zip(events_count).zip(events_max_per_hour);
    for (index, ((&time, &count), &most)) in numbers.enumerate() {
        let count = Count::of_event(count, index)?;
        if !most.is_finite() {
            return Err(not_finite(index));
        }
        let reason = match (events_user_id.get(index), events_event.get(index)) {
            (None, _) => &mut ignored.no_user,
            (_, None) => &mut ignored.no_event,
            _ if time.is_nan() => &mut ignored.no_timestamp,
            _ if time > as_of => &mut ignored.after_as_of,
            (Some(user), Some(event)) => {
                let of_day = most >= 0.0;
                let length = if of_day { MICROSECONDS_PER_DAY } else { MICROSECONDS_PER_HOUR };
                let start = (time as i64).div_euclid(length as i64) as f64 * length;
                // A raw row without occurrences is no event, and must not be the last one of a loop.
                if of_day || count > Count::default() {
                    rows.push(Row { user, event, index, start, of_day, time, count, most });
                }
                continue;
            }
        };
        *reason += 1;
    }
    sort_by(&mut rows, before);
    let length = out.stream.len();
    out.list(0);
    let mut loops = 0;
    for group in rows.chunk_by(|one, next| !before(one, next)) {
        let Some(&first) = group.first() else { continue };
        let (mut sum, mut most, mut last_at) = (Count::default(), 0.0, first.time);
        for row in group {
            sum = sum.plus(row.count);
            most = if row.most > most { row.most } else { most };
            last_at = if row.time > last_at { row.time } else { last_at };
        }
        let count = if first.of_day { most } else { sum.events() };
        if count >= model.per_hour {
            loops += 1;
            // Two texts of each element.
            let texts = 2.0 * first.index as f64;
            out.slots(&[texts, texts + 1.0]);
            out.timestamp_text(first.start);
            out.slots(&[f64::from(first.of_day), count]);
            out.timestamp_text(last_at);
        }
    }
    if let Some(slot) = out.stream.get_mut(length) {
        *slot = f64::from(loops);
    }
    let Ignored { no_user, no_event, no_timestamp, after_as_of } = ignored;
    out.slots(&[no_user, no_event, no_timestamp, after_as_of].map(f64::from));
    Ok(())
}

/// The order of hours; rows of one hour are neither before nor after each other.
#[inline(never)]
fn before(one: &Row<'_>, other: &Row<'_>) -> bool {
    if one.user != other.user {
        return one.user < other.user;
    }
    if one.event != other.event {
        return one.event < other.event;
    }
    one.start < other.start || (one.start == other.start && !one.of_day && other.of_day)
}

#[cold]
fn not_finite(index: usize) -> Error {
    Error::new(path("events").index(index).field("max_per_hour"), "must be a finite number")
}

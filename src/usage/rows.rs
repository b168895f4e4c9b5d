//! An entity's events as the functions of usage read them, and the names of events in their definitions.

use crate::abi::{NULL_CODE, Output, Texts};
use crate::ranks::{self, Ranks};
use crate::score::history::{add, count_of, occurrences};
use crate::strings::Strings;
use crate::tape::{Object, Place};
use crate::timestamp::MICROSECONDS_PER_DAY;
use crate::{Error, Result, error::path};
use alloc::vec::Vec;

/// How many different events a document may name.
const MAX_EVENTS: usize = 1_000;
/// What a user's number is where there is none.
pub(crate) const NO_USER: u32 = ranks::NONE;

/// An event that is there at the point of view.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Microseconds since 1970 UTC.
    pub time: f64,
    /// The UTC day of it, in days since 1970.
    pub day: i64,
    /// The event's number among the names of the document; their number for every other event.
    pub code: u32,
    /// The user's number in the order of ids, or [`NO_USER`].
    pub user: u32,
    /// The count in multiples of 2^-16, so that sums do not depend on their order.
    pub units: u64,
}

/// How many occurrences count nowhere, by the first reason that applies, in multiples of 2^-16.
#[derive(Default)]
pub(crate) struct Ignored {
    no_event: u64,
    no_timestamp: u64,
    after_as_of: u64,
    pub unknown_event: u64,
    pub no_user: u64,
    /// Outside of all windows; only of metrics.
    pub outside: u64,
}

impl Ignored {
    /// Writes the counts up to those without user, as the results have them.
    pub fn write(&self, out: &mut Output) {
        let counts = [self.no_event, self.unknown_event, self.no_timestamp, self.after_as_of, self.no_user];
        counts.iter().for_each(|&units| out.double(count_of(units)));
    }
}

/// The UTC day of a point in time, in days since 1970.
pub(crate) fn day_of(time: f64) -> i64 {
    (time as i64).div_euclid(MICROSECONDS_PER_DAY as i64)
}

/// The events that are there at `as_of`, with their users numbered; the others are counted. Also how many users there are.
///
/// Error: a count that is negative, NaN or infinite.
#[inline(never)]
pub(crate) fn read(
    user_id: Texts<'_>,
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    known: usize,
    as_of: f64,
    ignored: &mut Ignored,
) -> Result<(Vec<Row>, usize)> {
    let Ranks { names, columns } = ranks::rank(&[user_id]);
    let users = columns.first().map_or(&[][..], |column| &column[..]);
    let mut rows = Vec::with_capacity(event.len());
    let columns = event.iter().zip(occurred_at).zip(count).zip(users);
    for (index, (((&code, &time), &count), &user)) in columns.enumerate() {
        if !(0.0..=f64::MAX).contains(&count) {
            return Err(Error::new(path("events").index(index).field("count"), "must be a finite number >= 0"));
        }
        let units = occurrences(count);
        let reason = if code == NULL_CODE {
            &mut ignored.no_event
        } else if time.is_nan() {
            &mut ignored.no_timestamp
        } else if time > as_of {
            &mut ignored.after_as_of
        } else {
            if units > 0 {
                let code = if code < 0 { known as u32 } else { code as u32 };
                rows.push(Row { time, day: day_of(time), code, user, units });
            }
            continue;
        };
        add(reason, units);
    }
    Ok((rows, names.len()))
}

/// The events that a document names, by number.
#[derive(Default)]
pub(crate) struct Events {
    pub names: Strings,
    /// The numbers of the events that do not show anybody as active.
    negative: Vec<u32>,
}

impl Events {
    /// Reads `negative_events`, which may be absent.
    pub fn read_negative(&mut self, object: &Object<'_, '_>) -> Result<()> {
        self.negative = self.read_list(object, "negative_events")?;
        Ok(())
    }

    /// Reads `event` or `events`; empty where neither is there.
    #[inline(never)]
    pub fn read(&mut self, object: &Object<'_, '_>) -> Result<Vec<u32>> {
        let Some(event) = object.text("event")? else {
            let events = self.read_list(object, "events")?;
            if events.is_empty() && object.get("events").is_some() {
                return Err(object.error("events", "must not be empty"));
            }
            return Ok(events);
        };
        if object.get("events").is_some() {
            return Err(object.error("events", "must not stand beside event"));
        }
        Ok(Vec::from([self.add(event, &object.place().field("event"))?]))
    }

    fn read_list(&mut self, object: &Object<'_, '_>, field: &str) -> Result<Vec<u32>> {
        let mut codes = Vec::new();
        object.each_if_any(field, |value, place| {
            let event = value.text().ok_or_else(|| place.error("must be a text"))?;
            let code = self.add(event, &place)?;
            if codes.contains(&code) {
                return Err(place.error("is listed twice"));
            }
            codes.push(code);
            Ok(())
        })?;
        Ok(codes)
    }

    #[inline(never)]
    fn add(&mut self, event: &[u8], place: &Place<'_>) -> Result<u32> {
        if let Some(code) = self.names.position(event) {
            return Ok(code);
        }
        if self.names.len() == MAX_EVENTS {
            return Err(place.error("must not be more than 1000 events"));
        }
        Ok(self.names.add(event))
    }

    /// Whether an event is one of `events`, or, where these are empty, any but the negative ones.
    pub fn takes(&self, events: &[u32], code: u32) -> bool {
        if events.is_empty() { !self.negative.contains(&code) } else { events.contains(&code) }
    }
}

/// A whole number from `least` to `most` in a field, or `None` where it is absent.
#[inline(never)]
pub(crate) fn whole(object: &Object<'_, '_>, field: &str, least: f64, message: &'static str) -> Result<Option<f64>> {
    match object.number(field)? {
        Some(number) if number < least || number > MAX_DAYS || number != number as u32 as f64 => {
            Err(object.error(field, message))
        }
        number => Ok(number),
    }
}

/// Longer than any history.
pub(crate) const MAX_DAYS: f64 = 36_500.0;
/// What [`whole`] says from 1 on.
pub(crate) const WHOLE: &str = "must be a whole number from 1 to 36500";

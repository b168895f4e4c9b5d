//! Who was behind the anonymous events of a device: the user who is identified next, or else the one before.

use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::ranks::{NONE, rank};
use crate::sort::sort_by;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

const DEFAULT_LOOKBACK_DAYS: f64 = 30.0;
/// Longer than any history; sums of times and windows stay exact.
const MAX_DAYS: f64 = 36_500.0;
/// How an event got its user, by number.
const METHODS: [&[u8]; 5] = [b"identified", b"next", b"last", b"previous", b"none"];
const IDENTIFIED: usize = 0;
const NEXT: usize = 1;
const LAST: usize = 2;
const PREVIOUS: usize = 3;
const NOBODY: usize = 4;

/// Compiled settings; `docs/semantics.md` ("Stitching") describes the JSON.
#[derive(Default)]
pub struct Settings {
    /// Whether the device's last user comes first instead of the next one.
    last: bool,
    /// How long before an identified event an anonymous one may lie, in microseconds.
    lookback: f64,
    /// How long after, in microseconds; infinity where there is no limit.
    previous: f64,
}

impl Document for Settings {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with the methods. No facts.
    fn describe(&self, out: &mut Output) {
        out.slots(&[1.0, METHODS.len() as f64]);
        METHODS.iter().for_each(|method| out.text(method));
        out.list(0);
    }
}

impl Settings {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let settings = Object::new(root, place, &["prefer", "lookback_days", "previous_days"])?;
        self.last = match settings.text("prefer")? {
            None | Some(b"next") => false,
            Some(b"last") => true,
            Some(_) => return Err(settings.error("prefer", "must be next or last")),
        };
        self.lookback = days(&settings, "lookback_days")?.unwrap_or(DEFAULT_LOOKBACK_DAYS * MICROSECONDS_PER_DAY);
        self.previous = days(&settings, "previous_days")?.unwrap_or(f64::INFINITY);
        Ok(())
    }
}

/// In microseconds.
fn days(settings: &Object<'_, '_>, name: &str) -> Result<Option<f64>> {
    match settings.not_negative(name)? {
        Some(days) if days > MAX_DAYS => Err(settings.error(name, "must be at most 36,500")),
        days => Ok(days.map(|days| days * MICROSECONDS_PER_DAY)),
    }
}

#[derive(Clone, Copy)]
struct Event {
    id: u32,
    user: u32,
    time: f64,
    /// Which element it was.
    index: u32,
}

/// Gives the events of one device their users.
///
/// `events_occurred_at` and `as_of` are microseconds since 1970 UTC. An event whose user is NULL or empty is anonymous.
/// Writes, ordered by time and then by the bytes of its id, each event with its user and how it got it, then the ignored
/// events by the first reason that applies: without id, without time (NaN), after `as_of`, another event of an id that is
/// there already. There is no error beside those of compiling the settings.
pub fn stitch(
    events_event_id: Texts<'_>,
    events_occurred_at: &[f64],
    events_user_id: Texts<'_>,
    settings: &Settings,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let (ids, users) = (rank(&[events_event_id]), rank(&[events_user_id]));
    let mut ignored = [0.0; 4];
    let mut events = Vec::with_capacity(events_occurred_at.len());
    for (index, &time) in events_occurred_at.iter().enumerate() {
        let (id, user) = (ids.columns[0][index], users.columns[0][index]);
        let reason = match () {
            () if id == NONE => 0,
            () if time.is_nan() => 1,
            () if time > as_of => 2,
            () => {
                events.push(Event { id, user, time, index: index as u32 });
                continue;
            }
        };
        ignored[reason] += 1.0;
    }
    // Of one id the earliest stands, and of those one with a user: NONE is the greatest number.
    sort_by(&mut events, |one, other| {
        if one.id != other.id {
            one.id < other.id
        } else if one.time != other.time {
            one.time < other.time
        } else {
            one.user < other.user
        }
    });
    let all = events.len();
    events.dedup_by(|next, first| next.id == first.id);
    ignored[3] = (all - events.len()) as f64;
    sort_by(&mut events, |one, other| one.time < other.time || (one.time == other.time && one.id < other.id));

    let known = identified(&events);
    // Each user's text once, for all events that get it.
    let mut spans: Vec<Option<[f64; 2]>> = alloc::vec![None; users.names.len()];
    // The first of `known` that is not before the event.
    let mut place = 0;
    out.list(events.len());
    for event in &events {
        while known.get(place).is_some_and(|known| known.time < event.time) {
            place += 1;
        }
        let candidate = if settings.last { known.last() } else { known.get(place) };
        let after = candidate.filter(|known| (0.0..=settings.lookback).contains(&(known.time - event.time)));
        let before = known[..place].last().filter(|known| event.time - known.time <= settings.previous);
        let (user, method) = match (after, before) {
            _ if event.user != NONE => (event.user, IDENTIFIED),
            (Some(known), _) => (known.user, if settings.last { LAST } else { NEXT }),
            (None, Some(known)) => (known.user, PREVIOUS),
            (None, None) => (NONE, NOBODY),
        };
        // Two text fields in an element, of which the id is the first.
        out.double(event.index as f64 * 2.0);
        match spans.get_mut(user as usize) {
            None => out.null_text(),
            Some(Some(span)) => out.slots(span),
            Some(span) => {
                let name = users.names[user as usize];
                *span = Some([out.text.len() as f64, name.len() as f64]);
                out.text(name);
            }
        }
        out.double(method as f64);
    }
    out.slots(&ignored);
    Ok(())
}

/// A point in time at which the device's user is known.
#[derive(Clone, Copy)]
struct Known {
    time: f64,
    user: u32,
}

/// The points in time with identified events, in order, each with the smallest of its users.
fn identified(events: &[Event]) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for event in events {
        if event.user == NONE {
            continue;
        }
        match known.last_mut() {
            Some(last) if last.time == event.time => last.user = last.user.min(event.user),
            _ => known.push(Known { time: event.time, user: event.user }),
        }
    }
    known
}

//! An entity's events as one row per user, event and day: the state of an aggregate, which is bounded however many events
//! there are.
//!
//! `docs/semantics.md` ("Rollups") says what the rows are. Counts are integers (multiples of 2^-16) and times are compared,
//! never added, so that the rows do not depend on how the events are split, ordered and merged.

use crate::timestamp::MICROSECONDS_PER_DAY;
use crate::{Error, Result, sort::sort_by};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

const MICROSECONDS_PER_HOUR: f64 = 3_600_000_000.0;
const DEFAULT_HORIZON_DAYS: f64 = 365.0;
/// Counts are kept in multiples of 1 / this.
const PER_COUNT: f64 = 65_536.0;
/// What a row's counts may add up to, 2^36 in multiples of 2^-16: the sum of two is exact as a double, which is what the
/// JavaScript of the other warehouses adds.
const MAX_UNITS: u64 = 1 << 52;
/// Adding and taking away 2^52 leaves the nearest integer, ties to even, of what lies between 0 and there.
const ROUND: f64 = 4_503_599_627_370_496.0;
/// 0001-01-01 and the last second of the year 9999, as far as warehouses go.
const FIRST_TIME: f64 = -62_135_596_800_000_000.0;
const LAST_TIME: f64 = 253_402_300_799_000_000.0;
/// No user, no place in a table.
const NONE: u32 = u32::MAX;
/// Up to so many items a search from the first to the last is as fast as a table.
const SEARCHED: usize = 8;

/// What of a scoring model decides which events are counted: its horizon and the events that it lists.
pub struct Rules {
    horizon_days: f64,
    /// Numbered in the order of their bytes.
    events: Texts,
    /// Stands for all events that the model does not list: the shortest of the empty text, `?`, `??`, .. that it does not
    /// list either.
    unknown: Vec<u8>,
}

impl Rules {
    /// The rules of a model with this horizon, which lists these events.
    pub fn new<'a>(horizon_days: f64, events: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut names: Vec<&[u8]> = events.into_iter().collect();
        sort_by(&mut names, |a, b| a < b);
        let mut events = Texts::default();
        names.iter().for_each(|name| {
            events.add(name);
        });
        let mut unknown = Vec::new();
        while events.find(&unknown).is_some() {
            unknown.push(b'?');
        }
        Rules { horizon_days, events, unknown }
    }

    /// Reads `horizon_days` (365 where absent) and `events[].event` of a scoring model, and nothing else of it.
    ///
    /// Errors: what is no JSON, and what these fields may not be, with the path.
    #[cfg(feature = "json")]
    pub fn from_json(argument: &str, text: &str) -> Result<Self> {
        use crate::error::path;
        use serde_json::Value;
        let model = crate::tape::writer::parse(argument, text)?;
        let model = model.as_object().ok_or_else(|| Error::new(argument, "must be an object"))?;
        let present = |value: Option<&'_ Value>| value.is_some_and(|value| !value.is_null());
        let horizon_days = match model.get("horizon_days").filter(|value| present(Some(value))) {
            None => DEFAULT_HORIZON_DAYS,
            Some(value) => {
                let at = || path(argument).field("horizon_days");
                let days = value.as_f64().filter(|days| days.is_finite());
                let days = days.ok_or_else(|| Error::new(at(), "must be a finite number"))?;
                if days <= 0.0 {
                    return Err(Error::new(at(), "must be > 0"));
                }
                days
            }
        };
        let at = || path(argument).field("events");
        let events = model.get("events").filter(|value| present(Some(value)));
        let events = events.ok_or_else(|| Error::new(at(), "is missing"))?;
        let events = events.as_array().ok_or_else(|| Error::new(at(), "must be an array"))?;
        let mut names = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let event = event.as_object().ok_or_else(|| Error::new(at().index(index), "must be an object"))?;
            let at = || at().index(index).field("event");
            let name = event.get("event").filter(|value| present(Some(value)));
            let name = name.ok_or_else(|| Error::new(at(), "is missing"))?;
            names.push(name.as_str().ok_or_else(|| Error::new(at(), "must be a text"))?.as_bytes());
        }
        Ok(Rules::new(horizon_days, names))
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.events, &other.events);
        self.horizon_days == other.horizon_days && mine.bytes == theirs.bytes && mine.ends == theirs.ends
    }
}

/// A row of the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// `None` is NULL.
    pub user_id: Option<&'a [u8]>,
    /// `None` is NULL.
    pub event: Option<&'a [u8]>,
    /// Microseconds since 1970 UTC of the last of these events; NaN is NULL.
    pub occurred_at: f64,
    /// How many there were.
    pub count: f64,
    /// How many there were in the hour with most of them; 0 where the model does not take them in.
    pub max_per_hour: f64,
}

/// Why the model does not take an event in; the first that applies, in the order of `score_events`.
#[derive(Clone, Copy)]
enum Reason {
    NoEvent,
    UnknownEvent,
    AfterAsOf,
    OlderThanHorizon,
    NoTimestamp,
}

const REASONS: [Reason; 5] =
    [Reason::NoEvent, Reason::UnknownEvent, Reason::AfterAsOf, Reason::OlderThanHorizon, Reason::NoTimestamp];

/// An event on its way into a [`Rollup`], in three steps that a host takes for many events at a time: [`Rollup::touch`],
/// [`Rollup::place`], [`Rollup::count`]. Groups lie all over the memory, and waiting for one after the other would take most of
/// the time.
#[derive(Clone, Copy)]
pub struct Placed(Option<Hour>);

/// The events of one user under one name in one hour.
#[derive(Clone, Copy)]
struct Hour {
    user: u32,
    event: u32,
    /// Hours before that of `as_of`.
    before: u32,
    /// Microseconds from the hour's start to the last of these events.
    last: u32,
    /// How many, in multiples of 2^-16.
    units: u64,
}

impl Hour {
    fn hash(&self) -> usize {
        let word = mixed(u64::from(self.user) << 32 | u64::from(self.before));
        (mixed(word ^ u64::from(self.event)) >> 32) as usize
    }

    fn is_of(&self, other: &Hour) -> bool {
        self.before == other.before && self.user == other.user && self.event == other.event
    }
}

/// The rollup of one entity's events under way.
#[derive(Clone)]
pub struct Rollup {
    rules: Arc<Rules>,
    as_of: f64,
    users: Texts,
    hours: Vec<Hour>,
    /// Places in `hours`.
    table: Table,
    ignored: [u64; REASONS.len()],
}

impl Rollup {
    /// No events yet, seen from `as_of` (microseconds since 1970 UTC).
    pub fn new(rules: Arc<Rules>, as_of: f64) -> Self {
        let (users, table) = (Texts::default(), Table::default());
        Rollup { rules, as_of, users, hours: Vec::new(), table, ignored: [0; REASONS.len()] }
    }

    /// Whether rules and point of view are these. Errors: they are others.
    #[inline]
    pub fn check(&self, rules: &Arc<Rules>, as_of: f64) -> Result<()> {
        if !Arc::ptr_eq(&self.rules, rules) && self.rules != *rules {
            return Err(differs("model"));
        }
        if self.as_of != as_of { Err(differs("as_of")) } else { Ok(()) }
    }

    /// Counts an event, or `count` of them: microseconds since 1970 UTC, NaN for NULL.
    ///
    /// Errors: as for [`place`](Self::place) and [`count`](Self::count).
    pub fn add(&mut self, user_id: Option<&[u8]>, event: Option<&[u8]>, occurred_at: f64, count: f64) -> Result<()> {
        let placed = self.place(user_id, event, occurred_at, count)?;
        self.count(&placed)
    }

    /// Reads what [`place`](Self::place) will read first.
    #[inline]
    pub fn touch(&self) {
        let first = (self.users.bytes.first(), self.users.ends.first());
        core::hint::black_box((first.0.copied(), first.1.copied()));
    }

    /// Finds the user and the hour of an event, or counts it as ignored.
    ///
    /// Errors: a count that is negative, NaN or infinite, and more than 2^36 in a row of the result.
    pub fn place(
        &mut self,
        user_id: Option<&[u8]>,
        event: Option<&[u8]>,
        occurred_at: f64,
        count: f64,
    ) -> Result<Placed> {
        if !(0.0..=f64::MAX).contains(&count) {
            return Err(Error::new("count", "must be a finite number >= 0"));
        }
        let scaled = count * PER_COUNT;
        if scaled > MAX_UNITS as f64 {
            return Err(too_many());
        }
        let units = (scaled + ROUND - ROUND) as u64;
        if units == 0 {
            return Ok(Placed(None));
        }
        let reason = match event.map(|event| self.rules.events.find(event)) {
            None => Reason::NoEvent,
            Some(None) => Reason::UnknownEvent,
            Some(Some(event)) => {
                let oldest = self.oldest();
                if occurred_at >= oldest && occurred_at <= self.as_of {
                    let hour = hour_of(occurred_at);
                    // 2^32 hours are longer than any warehouse's calendar.
                    match u32::try_from(hour_of(self.as_of) - hour) {
                        Ok(before) => {
                            let last = (occurred_at as i64 - hour * MICROSECONDS_PER_HOUR as i64) as u32;
                            let user = user_id.map_or(NONE, |user| self.users.add(user));
                            let hour = Hour { user, event, before, last, units };
                            self.table.touch(hour.hash());
                            return Ok(Placed(Some(hour)));
                        }
                        Err(_) => Reason::OlderThanHorizon,
                    }
                } else if occurred_at > self.as_of {
                    Reason::AfterAsOf
                } else if occurred_at < oldest {
                    Reason::OlderThanHorizon
                } else {
                    Reason::NoTimestamp
                }
            }
        };
        add_to(&mut self.ignored[reason as usize], units)?;
        Ok(Placed(None))
    }

    /// Counts an event that this rollup has placed. Error: more than 2^36 in a row of the result.
    #[inline]
    pub fn count(&mut self, placed: &Placed) -> Result<()> {
        placed.0.map_or(Ok(()), |hour| self.count_hour(hour))
    }

    /// Counts all that `other` has counted. Errors: of another model or point of view; more than 2^36 in a row.
    pub fn merge(&mut self, other: &Rollup) -> Result<()> {
        self.check(&other.rules, other.as_of)?;
        for (sum, units) in self.ignored.iter_mut().zip(other.ignored) {
            add_to(sum, units)?;
        }
        if self.hours.is_empty() {
            (self.users, self.hours, self.table) = (other.users.clone(), other.hours.clone(), other.table.clone());
            return Ok(());
        }
        let users: Vec<u32> = (0..other.users.len() as u32).map(|user| self.users.add(other.users.get(user))).collect();
        let user = |user: u32| users.get(user as usize).copied().unwrap_or(NONE);
        self.hours.reserve(other.hours.len());
        let hours = &self.hours;
        self.table.reserve(hours.len(), hours.len() + other.hours.len(), |place| hours[place].hash());
        other.hours.iter().try_for_each(|hour| self.count_hour(Hour { user: user(hour.user), ..*hour }))
    }

    /// The rows, by user, event (both in the order of their bytes, NULL first) and time (NULL first).
    ///
    /// Errors: more than 2^36 in a row.
    pub fn rows(&self) -> Result<Vec<Row<'_>>> {
        let as_of_hour = hour_of(self.as_of);
        let number = |hour: &Hour| as_of_hour - i64::from(hour.before);
        // Users and events by the order of their bytes, so that hours are compared as numbers; NULL is 0.
        let mut users: Vec<u32> = (0..self.users.len() as u32).collect();
        sort_by(&mut users, |&a, &b| self.users.get(a) < self.users.get(b));
        let mut ranks = Vec::new();
        ranks.resize(users.len(), 0);
        users.iter().zip(1..).for_each(|(&user, rank)| ranks[user as usize] = rank);
        let rank = |user: u32| ranks.get(user as usize).copied().unwrap_or(0);
        let mut hours: Vec<Hour> = self.hours.iter().map(|hour| Hour { user: rank(hour.user), ..*hour }).collect();
        sort_by(&mut hours, |a, b| {
            let (a_key, b_key) = ((a.user, a.event), (b.user, b.event));
            a_key < b_key || (a_key == b_key && a.before > b.before)
        });
        let mut rows = Vec::new();
        let mut rest = &hours[..];
        while let Some(first) = rest.first() {
            let day = number(first).div_euclid(24);
            let same = |hour: &&Hour| (hour.user, hour.event) == (first.user, first.event);
            let length = rest.iter().take_while(same).take_while(|hour| number(hour).div_euclid(24) == day).count();
            let (of_day, later) = rest.split_at(length);
            rest = later;
            let (mut units, mut most) = (0, 0);
            for hour in of_day {
                add_to(&mut units, hour.units)?;
                most = most.max(hour.units);
            }
            let last = &of_day[length - 1];
            rows.push(Row {
                user_id: first.user.checked_sub(1).map(|rank| self.users.get(users[rank as usize])),
                event: Some(self.rules.events.get(first.event)),
                occurred_at: (number(last) * MICROSECONDS_PER_HOUR as i64 + i64::from(last.last)) as f64,
                count: units as f64 / PER_COUNT,
                max_per_hour: most as f64 / PER_COUNT,
            });
        }
        for (reason, &units) in REASONS.iter().zip(&self.ignored) {
            if units > 0 {
                rows.push(self.ignored_row(*reason, units));
            }
        }
        // Few, and their places among the others are found by one pass of the merge sort.
        let time = |row: &Row<'_>| if row.occurred_at.is_nan() { f64::NEG_INFINITY } else { row.occurred_at };
        sort_by(&mut rows, |a, b| {
            let (a_key, b_key) = ((a.user_id, a.event), (b.user_id, b.event));
            a_key < b_key || (a_key == b_key && time(a) < time(b))
        });
        Ok(rows)
    }

    /// The one row of everything that is ignored for a reason: `score_events` ignores it for the same.
    fn ignored_row(&self, reason: Reason, units: u64) -> Row<'_> {
        let listed = (self.rules.events.len() > 0).then(|| self.rules.events.get(0));
        let oldest = self.oldest();
        let (event, occurred_at) = match reason {
            Reason::NoEvent => (None, self.as_of),
            Reason::UnknownEvent => (Some(&self.rules.unknown[..]), self.as_of),
            Reason::NoTimestamp => (listed, f64::NAN),
            Reason::AfterAsOf if self.as_of < LAST_TIME => (listed, (self.as_of + MICROSECONDS_PER_DAY).min(LAST_TIME)),
            Reason::AfterAsOf => (listed, self.as_of + MICROSECONDS_PER_DAY),
            Reason::OlderThanHorizon if oldest > FIRST_TIME => {
                (listed, (oldest - MICROSECONDS_PER_DAY).max(FIRST_TIME) as i64 as f64)
            }
            Reason::OlderThanHorizon => (listed, (oldest - MICROSECONDS_PER_DAY) as i64 as f64),
        };
        Row { user_id: None, event, occurred_at, count: units as f64 / PER_COUNT, max_per_hour: 0.0 }
    }

    /// What is older than this is older than the horizon, computed as `score_events` does.
    fn oldest(&self) -> f64 {
        self.as_of - self.rules.horizon_days * MICROSECONDS_PER_DAY
    }

    #[inline]
    fn count_hour(&mut self, hour: Hour) -> Result<()> {
        let hours = &self.hours;
        match self.table.find(hours.len(), || hour.hash(), |place| hours[place].is_of(&hour)) {
            Some(place) => {
                let known = &mut self.hours[place];
                known.last = known.last.max(hour.last);
                add_to(&mut known.units, hour.units)
            }
            None => {
                self.hours.push(hour);
                let hours = &self.hours;
                self.table.added(hours.len(), |place| hours[place].hash());
                Ok(())
            }
        }
    }
}

fn add_to(sum: &mut u64, units: u64) -> Result<()> {
    *sum += units;
    if *sum > MAX_UNITS { Err(too_many()) } else { Ok(()) }
}

#[cold]
fn too_many() -> Error {
    Error::new("count", "must add up to at most 2^36 per user, event and day")
}

#[cold]
fn differs(argument: &str) -> Error {
    Error::new(argument, "must be the same in all rows of a group")
}

/// Whole hours since 1970 UTC.
fn hour_of(microseconds: f64) -> i64 {
    (microseconds as i64).div_euclid(MICROSECONDS_PER_HOUR as i64)
}

/// Texts, each once, numbered in the order in which they came.
#[derive(Clone, Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    table: Table,
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[start..self.ends[number]]
    }

    #[inline]
    fn find(&self, text: &[u8]) -> Option<u32> {
        let found = self.table.find(self.len(), || hash_of(text), |number| self.get(number as u32) == text);
        found.map(|number| number as u32)
    }

    /// The number of the text, which is a new one if need be.
    #[inline]
    fn add(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        let mut table = core::mem::take(&mut self.table);
        table.added(self.len(), |number| hash_of(self.get(number as u32)));
        self.table = table;
        self.len() as u32 - 1
    }
}

/// An open-addressing table of places in a list, at most three quarters full; none while the list is short.
#[derive(Clone, Default)]
struct Table(Box<[u32]>);

impl Table {
    /// The place of the item with this hash for which `same` holds, in a list of `length`.
    #[inline]
    fn find(&self, length: usize, hash: impl FnOnce() -> usize, same: impl Fn(usize) -> bool) -> Option<usize> {
        if self.0.is_empty() {
            return (0..length).rev().find(|&place| same(place));
        }
        let mask = self.0.len() - 1;
        let mut slot = hash() & mask;
        loop {
            let place = self.0[slot];
            if place == NONE {
                return None;
            }
            if same(place as usize) {
                return Some(place as usize);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// To be called when the list has got an item, and has `length` now.
    #[inline]
    fn added(&mut self, length: usize, hash: impl Fn(usize) -> usize) {
        if length <= SEARCHED && self.0.is_empty() {
            return;
        }
        if length * 4 > self.0.len() * 3 {
            self.rebuild(length, length, hash);
        } else {
            self.insert(length - 1, hash(length - 1));
        }
    }

    /// Makes room for a list that has `length` items now and will have up to `coming`.
    fn reserve(&mut self, length: usize, coming: usize, hash: impl Fn(usize) -> usize) {
        if coming > SEARCHED && coming * 4 > self.0.len() * 3 {
            self.rebuild(length, coming, hash);
        }
    }

    fn rebuild(&mut self, length: usize, coming: usize, hash: impl Fn(usize) -> usize) {
        let mut slots = Vec::new();
        slots.resize((coming * 3 / 2).next_power_of_two(), NONE);
        self.0 = slots.into_boxed_slice();
        (0..length).for_each(|place| self.insert(place, hash(place)));
    }

    /// Reads the slot of a hash.
    #[inline]
    fn touch(&self, hash: usize) {
        core::hint::black_box(self.0.get(hash & self.0.len().wrapping_sub(1)).copied());
    }

    fn insert(&mut self, place: usize, hash: usize) {
        let mask = self.0.len() - 1;
        let mut slot = hash & mask;
        while self.0[slot] != NONE {
            slot = (slot + 1) & mask;
        }
        self.0[slot] = place as u32;
    }
}

fn mixed(word: u64) -> u64 {
    let product = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 29
}

/// A multiplicative hash over words of eight bytes.
fn hash_of(text: &[u8]) -> usize {
    let mut words = text.chunks_exact(8);
    let mut hash = text.len() as u64;
    for word in &mut words {
        hash =
            mixed(hash ^ u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]));
    }
    let tail = words.remainder().iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    (mixed(mixed(hash ^ tail)) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec;
    use proptest::prelude::*;

    const DAY: i64 = 86_400_000_000;
    const HOUR: i64 = 3_600_000_000;
    /// 2026-06-30T12:00:00Z.
    const AS_OF: i64 = 1_782_820_800_000_000;
    const MODEL: &str = r#"{"horizon_days": 30, "events": [{"event": "login"}, {"event": "\u00e9"}, {"event": "a"}]}"#;

    type Event = (Option<String>, Option<String>, Option<i64>, f64);
    type Owned = (Option<String>, Option<String>, Option<i64>, f64, f64);

    fn rollup(model: &str) -> Rollup {
        Rollup::new(Arc::new(Rules::from_json("model", model).unwrap()), AS_OF as f64)
    }

    fn add(rollup: &mut Rollup, (user, event, time, count): &Event) -> Result<()> {
        let bytes = |text: &'_ Option<String>| text.clone().map(String::into_bytes);
        let time = time.map_or(f64::NAN, |time| time as f64);
        rollup.add(bytes(user).as_deref(), bytes(event).as_deref(), time, *count)
    }

    fn rows(rollup: &Rollup) -> Vec<Owned> {
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        let time = |time: f64| (!time.is_nan()).then_some(time as i64);
        let rows = rollup.rows().unwrap();
        rows.iter()
            .map(|row| (text(row.user_id), text(row.event), time(row.occurred_at), row.count, row.max_per_hour))
            .collect()
    }

    /// One map per thing that is counted, written from docs/semantics.md.
    fn reference(events: &[Event]) -> Vec<Owned> {
        let listed = ["a", "login", "\u{e9}"];
        let mut days: BTreeMap<_, (i64, u64, BTreeMap<i64, u64>)> = BTreeMap::new();
        for (user, event, time, count) in events {
            let units = (count * 65536.0).round_ties_even() as u64;
            let (user, event, at, last) = match (event, time) {
                (None, _) => (None, None, AS_OF, AS_OF),
                (Some(event), _) if !listed.contains(&event.as_str()) => (None, Some(""), AS_OF, AS_OF),
                (Some(_), None) => (None, Some("a"), i64::MIN, i64::MIN),
                (Some(_), Some(time)) if *time > AS_OF => (None, Some("a"), i64::MAX, AS_OF + DAY),
                (Some(_), Some(time)) if *time < AS_OF - 30 * DAY => (None, Some("a"), i64::MIN + 1, AS_OF - 31 * DAY),
                (Some(event), Some(time)) => (user.clone(), Some(event.as_str()), time.div_euclid(DAY) * DAY, *time),
            };
            if units > 0 {
                let day = days.entry((user, event.map(str::to_string), at)).or_insert((last, 0, BTreeMap::new()));
                let in_horizon = at.rem_euclid(DAY) == 0;
                (day.0, day.1) = (day.0.max(last), day.1 + units);
                *day.2.entry(last.div_euclid(HOUR)).or_default() += if in_horizon { units } else { 0 };
            }
        }
        let mut rows: Vec<Owned> = days
            .into_iter()
            .map(|((user, event, _), (last, units, hours))| {
                let most = hours.into_values().max().unwrap() as f64 / 65536.0;
                (user, event, (last != i64::MIN).then_some(last), units as f64 / 65536.0, most)
            })
            .collect();
        rows.sort_by(|a, b| (&a.0, &a.1, a.2).cmp(&(&b.0, &b.1, b.2)));
        rows
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let user = prop_oneof![
            1 => Just(None),
            6 => (0u8..30).prop_map(|number| Some(alloc::format!("user {number}"))),
            2 => "[a\u{0}\u{e9}\u{ff5e}\u{1f600}]{0,2}".prop_map(Some),
        ];
        let event = prop_oneof![
            1 => Just(None),
            1 => Just(Some(String::from("sneezed"))),
            1 => Just(Some(String::new())),
            9 => prop::sample::select(vec!["a", "login", "\u{e9}"]).prop_map(|name| Some(name.to_string())),
        ];
        let time = prop_oneof![
            1 => Just(None),
            6 => (AS_OF - 32 * DAY..AS_OF + DAY).prop_map(Some),
            6 => (AS_OF - 2 * DAY..=AS_OF).prop_map(Some),
            1 => prop::sample::select(vec![AS_OF, AS_OF + 1, AS_OF - 30 * DAY, AS_OF - 30 * DAY - 1]).prop_map(Some),
        ];
        let count = prop_oneof![
            4 => Just(1.0),
            1 => Just(0.0),
            2 => 0.0..3.0,
            1 => (0u32..400_000).prop_map(|half| (f64::from(half) + 0.5) / 65536.0),
            1 => 0.0..1e9,
        ];
        prop::collection::vec((user, event, time, count), 0..120)
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_reference(events in events()) {
            let mut all = rollup(MODEL);
            events.iter().for_each(|event| add(&mut all, event).unwrap());
            prop_assert_eq!(rows(&all), reference(&events));
        }

        #[test]
        fn neither_order_nor_partitions_change_a_bit(
            events in events(),
            parts in prop::collection::vec((any::<u64>(), 0usize..4), 120),
            merges in prop::collection::vec(any::<prop::sample::Index>(), 4),
        ) {
            let mut order: Vec<usize> = (0..events.len()).collect();
            order.sort_by_key(|&index| parts[index].0);
            let mut states: Vec<Rollup> = (0..4).map(|_| rollup(MODEL)).collect();
            order.iter().for_each(|&index| add(&mut states[parts[index].1], &events[index]).unwrap());
            for index in merges.iter().take(3) {
                let state = states.remove(index.index(states.len()));
                let last = states.len() - 1;
                states[last].merge(&state).unwrap();
            }
            prop_assert_eq!(rows(&states[0]), reference(&events));
        }
    }

    #[test]
    fn merging_leaves_the_other_state_as_it_was() {
        let event: Event = (Some("u".to_string()), Some("a".to_string()), Some(AS_OF), 2.0);
        let (mut one, mut other) = (rollup(MODEL), rollup(MODEL));
        add(&mut other, &event).unwrap();
        one.merge(&other).unwrap();
        add(&mut one, &event).unwrap();
        assert_eq!(rows(&other)[0].3, 2.0);
        assert_eq!(rows(&one)[0].3, 4.0);
    }

    #[test]
    fn merging_into_a_short_state_finds_its_hours_again() {
        let hour = |hour: i64| (Some("u".to_string()), Some("a".to_string()), Some(AS_OF - hour * HOUR), 1.0);
        let (mut one, mut other) = (rollup(MODEL), rollup(MODEL));
        add(&mut one, &hour(0)).unwrap();
        (1..12).for_each(|number| add(&mut other, &hour(number)).unwrap());
        one.merge(&other).unwrap();
        (0..12).for_each(|number| add(&mut one, &hour(number)).unwrap());
        assert!(one.hours.len() == 12 && rows(&one).iter().all(|row| row.4 == 2.0));
    }

    #[test]
    fn a_row_holds_up_to_two_to_the_36_and_not_more() {
        let event = |hour: i64, count: f64| (None, Some("a".to_string()), Some(AS_OF - hour * HOUR), count);
        let max = 2.0f64.powi(36);
        let mut state = rollup(MODEL);
        add(&mut state, &event(0, max)).unwrap();
        assert_eq!(rows(&state)[0].3, max);
        assert!(add(&mut state, &event(0, 1.0 / 65536.0)).is_err());
        let mut state = rollup(MODEL);
        assert!(add(&mut state, &event(0, max * 1.0001)).is_err());
        add(&mut state, &event(0, max)).unwrap();
        add(&mut state, &event(1, 1.0 / 65536.0)).unwrap();
        let error = state.rows().unwrap_err();
        assert_eq!(error.to_string(), "count: must add up to at most 2^36 per user, event and day");
    }

    #[test]
    fn counts_that_are_none_are_refused() {
        for count in [-1.0, f64::NAN, f64::INFINITY, -5e-324] {
            let refused = add(&mut rollup(MODEL), &(None, None, None, count)).unwrap_err();
            assert_eq!(refused.to_string(), "count: must be a finite number >= 0");
        }
        add(&mut rollup(MODEL), &(None, None, None, -0.0)).unwrap();
    }

    #[test]
    fn the_name_of_unknown_events_is_none_that_the_model_lists() {
        let mut state = rollup(r#"{"events": [{"event": ""}, {"event": "?"}, {"event": "b"}]}"#);
        add(&mut state, &(None, Some("x".to_string()), None, 1.0)).unwrap();
        assert_eq!(rows(&state), [(None, Some("??".to_string()), Some(AS_OF), 1.0, 0.0)]);
    }

    #[test]
    fn models_that_count_the_same_events_are_the_same() {
        let as_of = AS_OF as f64;
        let rules = |json: &str| Arc::new(Rules::from_json("model", json).unwrap());
        let state = rollup(MODEL);
        let same =
            r#"{"name": "n", "horizon_days": 30.0, "events": [{"event": "a"}, {"event": "é"}, {"event": "login"}]}"#;
        state.check(&rules(same), as_of).unwrap();
        let refusal = |json, as_of| state.check(&rules(json), as_of).unwrap_err().to_string();
        let other = r#"{"horizon_days": 30, "events": [{"event": "al"}, {"event": "é"}, {"event": "ogin"}]}"#;
        assert_eq!(refusal(other, as_of), "model: must be the same in all rows of a group");
        assert_eq!(refusal(same, as_of + 1.0), "as_of: must be the same in all rows of a group");
    }

    #[test]
    fn a_model_that_cannot_be_read_is_named_by_its_path() {
        for (json, message) in [
            ("events:", "model: is not valid JSON"),
            ("[]", "model: must be an object"),
            ("{}", "model.events: is missing"),
            (r#"{"events": null}"#, "model.events: is missing"),
            (r#"{"events": {}}"#, "model.events: must be an array"),
            (r#"{"events": [{"event": "a"}, 1]}"#, "model.events[1]: must be an object"),
            (r#"{"events": [{"event": "a"}, {}]}"#, "model.events[1].event: is missing"),
            (r#"{"events": [{"event": 1}]}"#, "model.events[0].event: must be a text"),
            (r#"{"events": [], "horizon_days": 0}"#, "model.horizon_days: must be > 0"),
            (r#"{"events": [], "horizon_days": "30"}"#, "model.horizon_days: must be a finite number"),
        ] {
            let refused = Rules::from_json("model", json).err().map(|error| error.to_string());
            assert_eq!(refused.as_deref(), Some(message), "{json}");
        }
        assert!(Rules::from_json("model", r#"{"events": [], "horizon_days": null}"#).is_ok());
    }
}

//! An entity's events as one row per user, event and day: the state of an aggregate, which is bounded however many events
//! there are.
//!
//! `docs/semantics.md` ("Rollups") says what the rows are. Counts are integers (multiples of 2^-16) and times are compared,
//! never added, so that the rows do not depend on how the events are split, ordered and merged.

use crate::timestamp::{MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR};
use crate::{Error, Result, sort::sort_by};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

const DEFAULT_HORIZON_DAYS: f64 = 365.0;
/// Counts are kept in multiples of 1 / this.
const PER_COUNT: f64 = 65_536.0;
/// An event in those.
const ONE: u64 = 65_536;
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

    /// Looks up an event's name; `None` is NULL.
    #[inline]
    pub fn event(&self, name: Option<&[u8]>) -> EventName {
        name.map_or(EventName::Null, |name| self.events.find(name).map_or(EventName::Unknown, EventName::Listed))
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

/// What the rules know of an event's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventName {
    /// It has none.
    Null,
    /// The model does not list it.
    Unknown,
    /// Its number.
    Listed(u32),
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

/// A model and a point of view: what decides which events are counted, and where.
pub struct View {
    rules: Arc<Rules>,
    as_of: f64,
    /// What is older than this is older than the horizon, computed as `score_events` does.
    oldest: f64,
    as_of_hour: i64,
    /// Microseconds since 1970 of the first hour that an [`Event`] can be of.
    start: i64,
}

impl View {
    /// Seen from `as_of`, microseconds since 1970 UTC.
    pub fn new(rules: Arc<Rules>, as_of: f64) -> Self {
        let oldest = as_of - rules.horizon_days * MICROSECONDS_PER_DAY;
        let as_of_hour = hour_of(as_of);
        // Wraps around at the ends of the calendar, as what is taken from it does.
        let start = (as_of_hour - i64::from(HOURS - 1)).wrapping_mul(MICROSECONDS_PER_HOUR as i64);
        View { rules, as_of, oldest, as_of_hour, start }
    }

    /// The rules that it was made with.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Whether this is the point of view.
    pub fn is_from(&self, as_of: f64) -> bool {
        self.as_of == as_of
    }
}

/// One event of a user, in eight bytes whose order is that of user, event and time: the user's number from 1 on, or 0 for
/// none, in 8 bits, the event's in 8, and microseconds since [`View::start`] in 48. Almost all events fit; the others are
/// counted by hour at once.
#[derive(Clone, Copy)]
struct Event(u64);

const TIME_BITS: u32 = 48;
const EVENT_BITS: u32 = 8;
/// The whole hours that 48 bits of microseconds hold: nine years.
const HOURS: u32 = ((1 << TIME_BITS) / MICROSECONDS_PER_HOUR as u64) as u32;
/// Events that wait before the first are counted by hour: below that, sorting them at the end is faster.
const WAITING: usize = 256;

impl Event {
    #[inline]
    fn new(user: u32, event: u32, time: u64) -> Option<Self> {
        let user = user.wrapping_add(1);
        let fits = user >> 8 == 0 && event >> EVENT_BITS == 0 && time >> TIME_BITS == 0;
        fits.then_some(Event(u64::from(user) << (TIME_BITS + EVENT_BITS) | u64::from(event) << TIME_BITS | time))
    }

    /// 0 for none.
    #[inline]
    fn user(self) -> usize {
        (self.0 >> (TIME_BITS + EVENT_BITS)) as usize
    }

    #[inline]
    fn event(self) -> u32 {
        (self.0 >> TIME_BITS) as u32 & 0xff
    }

    /// Microseconds since [`View::start`].
    #[inline]
    fn time(self) -> u64 {
        self.0 & ((1 << TIME_BITS) - 1)
    }

    /// The same event of another user, numbered like [`user`](Self::user).
    #[inline]
    fn of(self, user: u8) -> Self {
        Event(self.0 << 8 >> 8 | u64::from(user) << (TIME_BITS + EVENT_BITS))
    }

    /// User, event and hour of its own.
    #[inline]
    fn hour(self) -> (u64, u64) {
        (self.0 >> TIME_BITS, self.time() / MICROSECONDS_PER_HOUR as u64)
    }
}

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
    view: Arc<View>,
    /// Events in the order in which they came, at most as many as hours below, or [`WAITING`]: appending touches the end of a
    /// list, and looking up an hour a place that is in no cache.
    waiting: Vec<Event>,
    users: Users,
    ignored: [u64; REASONS.len()],
    /// What did not fit or had no room there.
    counted: Option<Box<Counted>>,
}

/// Events by user, name and hour.
#[derive(Clone, Default)]
struct Counted {
    hours: Vec<Hour>,
    /// Places in `hours`.
    table: Table,
}

/// Memory that [`Rollup::each_row`] works in, to be used again.
#[derive(Default)]
pub struct Scratch {
    events: Vec<Event>,
    users: Vec<u32>,
}

impl Rollup {
    /// No events yet.
    pub fn new(view: Arc<View>) -> Self {
        let ignored = [0; REASONS.len()];
        Rollup { view, waiting: Vec::new(), users: Users::default(), ignored, counted: None }
    }

    /// Whether rules and point of view are these. Errors: they are others.
    #[inline]
    pub fn check(&self, view: &Arc<View>) -> Result<()> {
        if Arc::ptr_eq(&self.view, view) { Ok(()) } else { self.compare(view) }
    }

    fn compare(&self, view: &View) -> Result<()> {
        let (mine, theirs) = (&self.view.rules, &view.rules);
        if !Arc::ptr_eq(mine, theirs) && mine != theirs {
            return Err(differs("model"));
        }
        if self.view.as_of != view.as_of { Err(differs("as_of")) } else { Ok(()) }
    }

    /// Reads this rollup's own memory. Hosts do so for many rows before they go on: groups lie all over the memory, and waiting
    /// for one after the other would take most of the time.
    #[inline]
    pub fn touch(&self) {
        core::hint::black_box((self.waiting.len(), self.users.keys.len(), self.ignored[REASONS.len() - 1]));
    }

    /// Reads what [`add`](Self::add) will read first, as [`touch`](Self::touch) does.
    #[inline]
    pub fn touch_lists(&self) {
        core::hint::black_box((self.waiting.last().copied(), self.users.keys.first().copied()));
    }

    /// Counts an event, or `count` of them: microseconds since 1970 UTC, NaN for NULL. `event` is what [`Rules::event`] gives
    /// for the name by the rules of this rollup.
    ///
    /// Errors: a count that is negative, NaN or infinite, and more than 2^36 in a row of the result.
    #[inline]
    pub fn add(&mut self, user_id: Option<&[u8]>, event: EventName, occurred_at: f64, count: f64) -> Result<()> {
        let units = if count == 1.0 { ONE } else { units_of(count)? };
        if let EventName::Listed(event) = event
            && occurred_at >= self.view.oldest
            && occurred_at <= self.view.as_of
            && units > 0
        {
            let user = user_id.map_or(NONE, |user| self.users.add(user));
            // What lies before the start becomes large, and does not fit.
            let time = (occurred_at as i64).wrapping_sub(self.view.start) as u64;
            return match Event::new(user, event, time).filter(|_| units == ONE) {
                Some(event) => self.append(event),
                None => self.add_hour(user, event, occurred_at, units),
            };
        }
        self.ignore(event, occurred_at, units)
    }

    #[inline]
    fn append(&mut self, event: Event) -> Result<()> {
        if self.waiting.len() == self.waiting.capacity() {
            self.make_room()?;
        }
        self.waiting.push(event);
        Ok(())
    }

    /// Counts the events that wait, once they are many.
    #[cold]
    fn make_room(&mut self) -> Result<()> {
        let hours = self.counted.as_ref().map_or(0, |counted| counted.hours.len());
        if self.waiting.len() < WAITING.max(hours) {
            // One more malloc for every doubling; half of the groups of most tables have few events.
            self.waiting.reserve_exact(self.waiting.len().max(8));
            return Ok(());
        }
        let mut waiting = core::mem::take(&mut self.waiting);
        waiting.sort_unstable_by_key(|event| event.0);
        let counted = self.counted.get_or_insert_default();
        let done = each_hour(&waiting, |hour| counted.add(hour));
        waiting.clear();
        self.waiting = waiting;
        done
    }

    #[cold]
    fn add_hour(&mut self, user: u32, event: u32, occurred_at: f64, units: u64) -> Result<()> {
        let hour = hour_of(occurred_at);
        // 2^32 hours are longer than any warehouse's calendar.
        match u32::try_from(self.view.as_of_hour - hour) {
            Ok(before) => {
                let last = (occurred_at as i64 - hour * MICROSECONDS_PER_HOUR as i64) as u32;
                self.counted.get_or_insert_default().add(Hour { user, event, before, last, units })
            }
            Err(_) => add_to(&mut self.ignored[Reason::OlderThanHorizon as usize], units),
        }
    }

    /// Counts what the model does not take in.
    fn ignore(&mut self, event: EventName, occurred_at: f64, units: u64) -> Result<()> {
        let reason = match event {
            EventName::Null => Reason::NoEvent,
            EventName::Unknown => Reason::UnknownEvent,
            // Of these only a count of nothing is inside the horizon.
            EventName::Listed(_) if occurred_at > self.view.as_of => Reason::AfterAsOf,
            EventName::Listed(_) if occurred_at < self.view.oldest => Reason::OlderThanHorizon,
            EventName::Listed(_) => Reason::NoTimestamp,
        };
        add_to(&mut self.ignored[reason as usize], units)
    }

    /// Counts all that `other` has counted. Errors: of another model or point of view; more than 2^36 in a row.
    pub fn merge(&mut self, other: &Rollup) -> Result<()> {
        self.check(&other.view)?;
        for (sum, units) in self.ignored.iter_mut().zip(other.ignored) {
            add_to(sum, units)?;
        }
        if self.waiting.is_empty() && self.counted.is_none() {
            (self.waiting, self.users) = (other.waiting.clone(), other.users.clone());
            self.counted = other.counted.clone();
            return Ok(());
        }
        let users: Vec<u32> = (0..other.users.len() as u32).map(|user| self.users.add(other.users.get(user))).collect();
        let user = |user: u32| users.get(user as usize).copied().unwrap_or(NONE);
        if let Some(other) = &other.counted {
            let counted = self.counted.get_or_insert_default();
            counted.reserve(other.hours.len());
            other.hours.iter().try_for_each(|hour| counted.add(Hour { user: user(hour.user), ..*hour }))?;
        }
        for event in &other.waiting {
            let user = user((event.user() as u32).wrapping_sub(1));
            match Event::new(user, event.event(), event.time()) {
                Some(event) => self.append(event)?,
                None => each_hour(&[*event], |hour| self.counted.get_or_insert_default().add(Hour { user, ..hour }))?,
            }
        }
        Ok(())
    }

    /// At most so many rows are there.
    pub fn most_rows(&self) -> usize {
        self.waiting.len() + self.counted.as_ref().map_or(0, |counted| counted.hours.len()) + REASONS.len()
    }

    /// The rows, by user, event (both in the order of their bytes, NULL first) and time (NULL first).
    ///
    /// Errors: more than 2^36 in a row.
    pub fn rows(&self) -> Result<Vec<Row<'_>>> {
        let mut rows = Vec::new();
        self.each_row(&mut Scratch::default(), |row| rows.push(row))?;
        Ok(rows)
    }

    /// [`rows`](Self::rows) one by one.
    ///
    /// Errors: more than 2^36 in a row.
    pub fn each_row<'a>(&'a self, scratch: &mut Scratch, write: impl FnMut(Row<'a>)) -> Result<()> {
        // Users by the order of their bytes, so that events are compared as numbers; NULL is 0.
        let users = &mut scratch.users;
        users.clear();
        users.extend(0..self.users.len() as u32);
        sort_by(users, |&a, &b| self.users.get(a) < self.users.get(b));
        let mut sorted = Sorted { rollup: self, nobody: Some(Vec::new()), write };
        match &self.counted {
            None => self.rows_of_waiting(&mut scratch.events, users, &mut sorted),
            Some(counted) => self.rows_of_hours(counted, users, &mut sorted)?,
        }
        sorted.write_nobody();
        Ok(())
    }

    /// The rows where all events wait: their counts are 1.
    fn rows_of_waiting<'a>(
        &'a self,
        events: &mut Vec<Event>,
        users: &[u32],
        sorted: &mut Sorted<'a, impl FnMut(Row<'a>)>,
    ) {
        let mut ranks = [0; 256];
        users.iter().zip(1u32..).for_each(|(&user, rank)| ranks[(user as usize + 1) & 0xff] = rank as u8);
        events.clear();
        events.extend(self.waiting.iter().map(|event| event.of(ranks[event.user() & 0xff])));
        events.sort_unstable_by_key(|event| event.0);
        let start = self.view.start;
        // Days and hours begin together.
        let to_day = start.rem_euclid(MICROSECONDS_PER_DAY as i64) as u64;
        let day_of = |event: Event| (event.time() + to_day) / MICROSECONDS_PER_DAY as u64;
        let mut rest = &events[..];
        while let [first, later @ ..] = rest {
            let (mut last, mut hour, mut of_hour, mut most, mut count) = (*first, first.hour(), 1u32, 1u32, 1u32);
            // The end of the first one's day, and of its user and name.
            let end = (day_of(*first) + 1) * MICROSECONDS_PER_DAY as u64 - to_day;
            rest = later;
            while let [event, later @ ..] = rest
                && event.0 >> TIME_BITS == hour.0
                && event.time() < end
            {
                if event.hour() != hour {
                    (hour, of_hour) = (event.hour(), 0);
                }
                of_hour += 1;
                most = most.max(of_hour);
                count += 1;
                (last, rest) = (*event, later);
            }
            sorted.write(Row {
                user_id: last.user().checked_sub(1).map(|rank| self.users.get(users[rank])),
                event: Some(self.view.rules.events.get(last.event())),
                occurred_at: start.wrapping_add(last.time() as i64) as f64,
                count: f64::from(count),
                max_per_hour: f64::from(most),
            });
        }
    }

    /// The rows where events have been counted by hour.
    fn rows_of_hours<'a>(
        &'a self,
        counted: &Counted,
        users: &[u32],
        sorted: &mut Sorted<'a, impl FnMut(Row<'a>)>,
    ) -> Result<()> {
        let number = |hour: &Hour| self.view.as_of_hour - i64::from(hour.before);
        let mut ranks = Vec::new();
        ranks.resize(users.len(), 0);
        users.iter().zip(1..).for_each(|(&user, rank)| ranks[user as usize] = rank);
        let rank = |user: u32| ranks.get(user as usize).copied().unwrap_or(0);
        let mut hours = counted.hours.clone();
        let mut events = self.waiting.clone();
        events.sort_unstable_by_key(|event| event.0);
        each_hour(&events, |hour| {
            hours.push(hour);
            Ok(())
        })?;
        hours.iter_mut().for_each(|hour| hour.user = rank(hour.user));
        sort_by(&mut hours, |a, b| {
            let (a_key, b_key) = ((a.user, a.event), (b.user, b.event));
            a_key < b_key || (a_key == b_key && a.before > b.before)
        });
        let mut rest = &hours[..];
        while let Some(first) = rest.first() {
            let day = number(first).div_euclid(24);
            let (mut units, mut most, mut of_hour, mut last) = (0, 0, 0, *first);
            while let [hour, later @ ..] = rest
                && (hour.user, hour.event) == (first.user, first.event)
                && number(hour).div_euclid(24) == day
            {
                // The same hour may be there twice: once counted, once of events that wait.
                let is_same = hour.before == last.before;
                of_hour = if is_same { of_hour + hour.units } else { hour.units };
                last = Hour { last: if is_same { last.last.max(hour.last) } else { hour.last }, ..*hour };
                add_to(&mut units, hour.units)?;
                most = most.max(of_hour);
                rest = later;
            }
            sorted.write(Row {
                user_id: first.user.checked_sub(1).map(|rank| self.users.get(users[rank as usize])),
                event: Some(self.view.rules.events.get(first.event)),
                occurred_at: (number(&last) * MICROSECONDS_PER_HOUR as i64 + i64::from(last.last)) as f64,
                count: units as f64 / PER_COUNT,
                max_per_hour: most as f64 / PER_COUNT,
            });
        }
        Ok(())
    }

    /// The one row of everything that is ignored for a reason: `score_events` ignores it for the same.
    fn ignored_row(&self, reason: Reason, units: u64) -> Row<'_> {
        let View { rules, as_of, oldest, .. } = &*self.view;
        let listed = (rules.events.len() > 0).then(|| rules.events.get(0));
        let (event, occurred_at) = match reason {
            Reason::NoEvent => (None, *as_of),
            Reason::UnknownEvent => (Some(&rules.unknown[..]), *as_of),
            Reason::NoTimestamp => (listed, f64::NAN),
            Reason::AfterAsOf if *as_of < LAST_TIME => (listed, (as_of + MICROSECONDS_PER_DAY).min(LAST_TIME)),
            Reason::AfterAsOf => (listed, as_of + MICROSECONDS_PER_DAY),
            Reason::OlderThanHorizon if *oldest > FIRST_TIME => {
                (listed, (oldest - MICROSECONDS_PER_DAY).max(FIRST_TIME) as i64 as f64)
            }
            Reason::OlderThanHorizon => (listed, (oldest - MICROSECONDS_PER_DAY) as i64 as f64),
        };
        Row { user_id: None, event, occurred_at, count: units as f64 / PER_COUNT, max_per_hour: 0.0 }
    }
}

/// Rows on their way out. Those without user are the first, and what is ignored takes its place among them.
struct Sorted<'a, W> {
    rollup: &'a Rollup,
    /// Until they are written.
    nobody: Option<Vec<Row<'a>>>,
    write: W,
}

impl<'a, W: FnMut(Row<'a>)> Sorted<'a, W> {
    #[inline]
    fn write(&mut self, row: Row<'a>) {
        match &mut self.nobody {
            Some(nobody) if row.user_id.is_none() => return nobody.push(row),
            Some(_) => self.write_nobody(),
            None => {}
        }
        (self.write)(row);
    }

    #[cold]
    fn write_nobody(&mut self) {
        let Some(mut rows) = self.nobody.take() else { return };
        for (reason, &units) in REASONS.iter().zip(&self.rollup.ignored) {
            if units > 0 {
                rows.push(self.rollup.ignored_row(*reason, units));
            }
        }
        let time = |row: &Row<'_>| if row.occurred_at.is_nan() { f64::NEG_INFINITY } else { row.occurred_at };
        sort_by(&mut rows, |a, b| a.event < b.event || (a.event == b.event && time(a) < time(b)));
        rows.into_iter().for_each(&mut self.write);
    }
}

impl Counted {
    #[inline]
    fn add(&mut self, hour: Hour) -> Result<()> {
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

    fn reserve(&mut self, coming: usize) {
        self.hours.reserve(coming);
        let hours = &self.hours;
        self.table.reserve(hours.len(), hours.len() + coming, |place| hours[place].hash());
    }
}

/// The hours of events in their order.
fn each_hour(events: &[Event], mut take: impl FnMut(Hour) -> Result<()>) -> Result<()> {
    events.chunk_by(|a, b| a.hour() == b.hour()).try_for_each(|events| {
        let Some(event) = events.last() else { return Ok(()) };
        take(Hour {
            user: (event.user() as u32).wrapping_sub(1),
            event: event.event(),
            before: HOURS - 1 - event.hour().1 as u32,
            last: (event.time() % MICROSECONDS_PER_HOUR as u64) as u32,
            units: ONE * events.len() as u64,
        })
    })
}

/// A count in multiples of 2^-16. Errors: it is negative, NaN or infinite, or more than 2^36.
fn units_of(count: f64) -> Result<u64> {
    if !(0.0..=f64::MAX).contains(&count) {
        return Err(Error::new("count", "must be a finite number >= 0"));
    }
    let scaled = count * PER_COUNT;
    if scaled > MAX_UNITS as f64 { Err(too_many()) } else { Ok((scaled + ROUND - ROUND) as u64) }
}

/// Users, each once, numbered in the order in which they came.
#[derive(Clone, Default)]
struct Users {
    /// The length, then up to twelve bytes of the id. Of a longer one the first and the last four and its place in `long`.
    keys: Vec<[u8; 16]>,
    long: Vec<u8>,
    table: Table,
}

const SHORT: usize = 12;

impl Users {
    fn len(&self) -> usize {
        self.keys.len()
    }

    #[inline]
    fn get(&self, number: u32) -> &[u8] {
        let key = &self.keys[number as usize];
        let length = word(&key[..4]) as usize;
        if length <= SHORT { &key[4..4 + length] } else { &self.long[word(&key[12..]) as usize..][..length] }
    }

    /// The number of the user, who is a new one if need be.
    #[inline]
    fn add(&mut self, id: &[u8]) -> u32 {
        let key = short_key(id);
        let found = if id.len() <= SHORT {
            self.table.find(
                self.keys.len(),
                || hash_of(id),
                |number| u128::from_le_bytes(self.keys[number]) == u128::from_le_bytes(key),
            )
        } else {
            self.table.find(
                self.keys.len(),
                || hash_of(id),
                |number| self.keys[number][..12] == key[..12] && self.get(number as u32) == id,
            )
        };
        found.map_or_else(|| self.add_new(id, key), |number| number as u32)
    }

    #[cold]
    fn add_new(&mut self, id: &[u8], mut key: [u8; 16]) -> u32 {
        if id.len() > SHORT {
            key[12..].copy_from_slice(&(self.long.len() as u32).to_le_bytes());
            self.long.extend_from_slice(id);
        }
        self.keys.push(key);
        let mut table = core::mem::take(&mut self.table);
        table.added(self.len(), |number| hash_of(self.get(number as u32)));
        self.table = table;
        self.len() as u32 - 1
    }
}

/// The first four bytes as an integer.
#[inline]
fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// The first eight bytes as an integer.
#[inline]
fn long_word(bytes: &[u8]) -> u64 {
    u64::from(word(bytes)) | u64::from(word(&bytes[4..])) << 32
}

/// The length and up to twelve bytes, then zeros; of a longer text the first and the last four, and room for a number. By
/// loads of fixed lengths that overlap, which is faster than copying.
#[inline]
fn short_key(text: &[u8]) -> [u8; 16] {
    let length = text.len();
    let (head, tail) = match length {
        0..4 => (text.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)), 0),
        4..8 => (word(text), u64::from(word(&text[length - 4..])) >> (8 * (8 - length))),
        8..=SHORT => (word(text), long_word(&text[length - 8..]) >> (8 * (SHORT - length))),
        _ => (word(text), u64::from(word(&text[length - 4..]))),
    };
    let key = u128::from(length as u32) | u128::from(head) << 32 | u128::from(tail) << 64;
    key.to_le_bytes()
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

    fn view(model: &str, as_of: f64) -> Arc<View> {
        Arc::new(View::new(Arc::new(Rules::from_json("model", model).unwrap()), as_of))
    }

    fn rollup(model: &str) -> Rollup {
        Rollup::new(view(model, AS_OF as f64))
    }

    fn add(rollup: &mut Rollup, (user, event, time, count): &Event) -> Result<()> {
        let bytes = |text: &'_ Option<String>| text.clone().map(String::into_bytes);
        let time = time.map_or(f64::NAN, |time| time as f64);
        let event = rollup.view.rules.event(bytes(event).as_deref());
        rollup.add(bytes(user).as_deref(), event, time, *count)
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
        // Counts other than 1 are counted by hour at once.
        let hour = |hour: i64| (Some("u".to_string()), Some("a".to_string()), Some(AS_OF - hour * HOUR), 1.5);
        let (mut one, mut other) = (rollup(MODEL), rollup(MODEL));
        add(&mut one, &hour(0)).unwrap();
        (1..12).for_each(|number| add(&mut other, &hour(number)).unwrap());
        one.merge(&other).unwrap();
        (0..12).for_each(|number| add(&mut one, &hour(number)).unwrap());
        assert!(one.counted.as_ref().unwrap().hours.len() == 12 && rows(&one).iter().all(|row| row.4 == 3.0));
    }

    #[test]
    fn the_state_is_bounded_by_users_events_and_hours() {
        let mut state = rollup(MODEL);
        let mut all = Vec::new();
        for number in 0..100_000i64 {
            // 3 users, 2 events and 50 hours: 300 at most.
            let (user, event) =
                (["u", "v", "somebody with a long name"][number as usize % 3], ["a", "login"][number as usize % 2]);
            let time = AS_OF - number * 7_919 % 50 * HOUR - number % 1_000;
            all.push((
                Some(user.to_string()),
                Some(event.to_string()),
                Some(time),
                if number % 97 == 0 { 2.0 } else { 1.0 },
            ));
            add(&mut state, &all[number as usize]).unwrap();
            assert!(state.most_rows() <= 2 * 350 + REASONS.len());
        }
        assert_eq!(rows(&state), reference(&all));
    }

    #[test]
    fn more_users_names_and_years_than_a_short_event_holds_are_counted_all_the_same() {
        let names: Vec<String> = (0..300).map(|number| alloc::format!("{{\"event\": \"e{number}\"}}")).collect();
        let model = alloc::format!(r#"{{"horizon_days": 40000, "events": [{}]}}"#, names.join(","));
        let event = |number: i64| {
            let user = alloc::format!("{}{}", "u".repeat(number as usize % 14), number % 290);
            let time = AS_OF - number * 1_000_003 % 30_000 * DAY;
            (Some(user), Some(alloc::format!("e{}", number % 299)), Some(time), 1.0)
        };
        let (mut state, mut other, mut twice) = (rollup(&model), rollup(&model), rollup(&model));
        for number in 0..4_000 {
            add(if number % 3 == 0 { &mut other } else { &mut state }, &event(number)).unwrap();
            (0..2).for_each(|_| add(&mut twice, &event(number)).unwrap());
        }
        state.merge(&other).unwrap();
        other.merge(&state).unwrap();
        let (once, doubled) = (rows(&state), rows(&twice));
        assert_eq!(once.iter().map(|row| row.3).sum::<f64>(), 4_000.0);
        let halved: Vec<Owned> =
            doubled.into_iter().map(|row| (row.0, row.1, row.2, row.3 / 2.0, row.4 / 2.0)).collect();
        assert_eq!(halved, once);
        let expected: alloc::collections::BTreeSet<_> =
            (0..4_000).map(event).map(|(user, event, time, _)| (user, event, time)).collect();
        let found: alloc::collections::BTreeSet<_> = once.into_iter().map(|row| (row.0, row.1, row.2)).collect();
        assert_eq!(found, expected);
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
        let state = rollup(MODEL);
        let same =
            r#"{"name": "n", "horizon_days": 30.0, "events": [{"event": "a"}, {"event": "é"}, {"event": "login"}]}"#;
        state.check(&view(same, as_of)).unwrap();
        let refusal = |json, as_of| state.check(&view(json, as_of)).unwrap_err().to_string();
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

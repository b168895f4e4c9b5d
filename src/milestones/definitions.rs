//! The definitions of milestones: JSON, compiled once.

use crate::Result;
use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_HOUR;
use crate::usage::rows::{Events, MAX_DAYS, WHOLE, whole};
use alloc::vec::Vec;

/// How many milestones there may be, how many conditions one may have, and how many steps a series.
const MAX_MILESTONES: usize = 100;
const MAX_CONDITIONS: usize = 20;
const MAX_STEPS: usize = 20;
/// What may be asked for of times and users.
const MAX_COUNT: f64 = 1e9;

/// What a period of a condition is.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Frequency {
    #[default]
    Daily,
    /// From Monday on.
    Weekly,
    /// A calendar month.
    Monthly,
}

/// What is counted until there is enough of it.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Measure {
    #[default]
    Times,
    Users,
    Periods,
    /// Events in an order.
    Series,
}

/// A condition of a milestone.
#[derive(Default)]
pub(super) struct Condition {
    pub measure: Measure,
    /// How much is enough: times in multiples of 2^-16, or users, or periods.
    pub enough: u64,
    /// The events, none for all that are not negative; of a series those of each step.
    pub steps: Vec<Vec<u32>>,
    pub frequency: Frequency,
    /// How many periods are looked at, the last of them included; 0 for all.
    pub within: i64,
    /// Of a series the time from the first step to the last, in microseconds.
    pub time: f64,
}

/// Something worth reaching.
pub(super) struct Milestone {
    pub name: u32,
    /// All of them must be met.
    pub conditions: Vec<Condition>,
}

/// Compiled definitions; `docs/semantics.md` ("Milestones") describes the JSON.
#[derive(Default)]
pub struct Definitions {
    pub(super) events: Events,
    /// The names of the milestones.
    pub(super) names: Strings,
    pub(super) milestones: Vec<Milestone>,
    /// The events from which hours count; `None` for the first of all that count.
    pub(super) start: Option<Vec<u32>>,
    /// The milestones of the set-up, in their order.
    pub(super) setup: Vec<u32>,
    pub(super) primary: Option<u32>,
    pub(super) secondary: Vec<u32>,
    pub(super) habit: Option<u32>,
}

impl Document for Definitions {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the events, 1 the names of the milestones. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(2);
        self.events.names.describe(out);
        self.names.describe(out);
        out.list(0);
    }
}

impl Definitions {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let fields = ["milestones", "negative_events", "start", "setup", "activation", "habit"];
        let object = Object::new(root, place, &fields)?;
        self.events.read_negative(&object)?;
        if let Some(start) = object.object("start", &["event", "events"])? {
            self.start = Some(self.named(&start)?);
        }
        object.each("milestones", |value, place| self.read_milestone(value, place))?;
        if self.milestones.is_empty() {
            return Err(object.error("milestones", "must not be empty"));
        }
        self.setup = self.list(&object, "setup")?;
        if let Some(activation) = object.object("activation", &["primary", "secondary"])? {
            activation.require("primary")?;
            self.primary = self.one(&activation, "primary")?;
            self.secondary = self.list(&activation, "secondary")?;
        }
        self.habit = self.one(&object, "habit")?;
        Ok(())
    }

    /// The events of an object that must name some.
    fn named(&mut self, object: &Object<'_, '_>) -> Result<Vec<u32>> {
        if object.get("events").is_none() {
            object.require("event")?;
        }
        self.events.read(object)
    }

    #[inline(never)]
    fn read_milestone(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        if self.milestones.len() == MAX_MILESTONES {
            return Err(place.error("must not be more than 100 milestones"));
        }
        let object = Object::open(value, place)?;
        let name = object.required_text("name")?;
        if self.names.position(name).is_some() {
            return Err(object.error("name", "is listed twice"));
        }
        let mut conditions = Vec::new();
        if object.get("all").is_some() {
            let object = Object::new(value, place, &["name", "all"])?;
            object.each("all", |value, place| {
                if conditions.len() == MAX_CONDITIONS {
                    return Err(place.error("must not be more than 20 conditions"));
                }
                conditions.push(self.read_condition(value, place, false)?);
                Ok(())
            })?;
            if conditions.is_empty() {
                return Err(object.error("all", "must not be empty"));
            }
        } else {
            conditions.push(self.read_condition(value, place, true)?);
        }
        let name = self.names.add(name);
        self.milestones.push(Milestone { name, conditions });
        Ok(())
    }

    #[inline(never)]
    fn read_condition(&mut self, value: Value<'_>, place: Place<'_>, is_milestone: bool) -> Result<Condition> {
        let is_series = Object::open(value, place)?.get("series").is_some();
        let fields: &[&str] = if is_series {
            &["name", "series", "within_hours"]
        } else {
            &["name", "event", "events", "times", "users", "periods", "frequency", "within"]
        };
        let object = Object::new(value, place, if is_milestone { fields } else { &fields[1..] })?;
        let mut condition = Condition { enough: 1, time: f64::INFINITY, ..Condition::default() };
        if is_series {
            condition.measure = Measure::Series;
            object.each("series", |value, place| {
                if condition.steps.len() == MAX_STEPS {
                    return Err(place.error("must not be more than 20 steps"));
                }
                let step = Object::new(value, place, &["event", "events"])?;
                condition.steps.push(self.named(&step)?);
                Ok(())
            })?;
            if condition.steps.is_empty() {
                return Err(object.error("series", "must not be empty"));
            }
            if let Some(hours) = object.positive("within_hours")? {
                if hours > MAX_DAYS * 24.0 {
                    return Err(object.error("within_hours", "must be at most 876000"));
                }
                // To the microsecond, as points in time are.
                condition.time = (hours * MICROSECONDS_PER_HOUR + 0.5) as i64 as f64;
            }
            return Ok(condition);
        }
        condition.steps.push(self.events.read(&object)?);
        let measures = [("times", Measure::Times), ("users", Measure::Users), ("periods", Measure::Periods)];
        let mut is_measured = false;
        for (field, measure) in measures {
            let Some(enough) = object.positive(field)? else { continue };
            if is_measured {
                return Err(object.error(field, "must not stand beside another of times, users and periods"));
            }
            if enough > MAX_COUNT || enough != enough as u32 as f64 {
                return Err(object.error(field, "must be a whole number up to 1,000,000,000"));
            }
            is_measured = true;
            (condition.measure, condition.enough) = (measure, enough as u64);
        }
        condition.frequency = match object.text("frequency")? {
            None | Some(b"daily") => Frequency::Daily,
            Some(b"weekly") => Frequency::Weekly,
            Some(b"monthly") => Frequency::Monthly,
            Some(_) => return Err(object.error("frequency", "must be daily, weekly or monthly")),
        };
        let within = whole(&object, "within", 1.0, WHOLE)?;
        condition.within = within.unwrap_or(0.0) as i64;
        if condition.measure == Measure::Periods && within.is_some_and(|within| (within as u64) < condition.enough) {
            return Err(object.error("within", "must not be less than periods"));
        }
        if condition.measure == Measure::Times {
            condition.enough <<= 16;
        }
        Ok(condition)
    }

    /// The milestones that a list names.
    #[inline(never)]
    fn list(&self, object: &Object<'_, '_>, field: &str) -> Result<Vec<u32>> {
        let mut list = Vec::new();
        object.each_if_any(field, |value, place| {
            let number = self.find(value, &place)?;
            if list.contains(&number) {
                return Err(place.error("is listed twice"));
            }
            list.push(number);
            Ok(())
        })?;
        Ok(list)
    }

    /// The milestone that a field names, if it is there.
    fn one(&self, object: &Object<'_, '_>, field: &str) -> Result<Option<u32>> {
        let Some(value) = object.get(field) else { return Ok(None) };
        Ok(Some(self.find(value, &object.place().field(field))?))
    }

    fn find(&self, value: Value<'_>, place: &Place<'_>) -> Result<u32> {
        let name = value.text().ok_or_else(|| place.error("must be a text"))?;
        self.names.position(name).ok_or_else(|| place.error("is no milestone"))
    }
}

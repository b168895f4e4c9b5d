//! The definitions of usage metrics: JSON, compiled once into the values that are needed and the order to compute them in.

use super::rows::{Events, MAX_DAYS, WHOLE, whole};
use crate::Result;
use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

/// How many values of metrics, at `as_of` and at earlier days, one document may need.
const MAX_VALUES: usize = 5_000;
/// How many events a power user may have to do: one bit each.
const MAX_TOGETHER: usize = 64;
/// How many values a trend may have.
const MAX_POINTS: f64 = 1_000.0;
/// No text, no metric.
pub(super) const NONE: u32 = u32::MAX;

/// What a metric is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Users,
    PowerUsers,
    Events,
    ActiveDays,
    Indicator,
    Ratio,
    Growth,
    GrowthRate,
    ChangeRatio,
    Trend,
}

/// The kinds by the names that definitions give them.
const KINDS: [(&[u8], Kind); 10] = [
    (b"users", Kind::Users),
    (b"power_users", Kind::PowerUsers),
    (b"events", Kind::Events),
    (b"active_days", Kind::ActiveDays),
    (b"indicator", Kind::Indicator),
    (b"ratio", Kind::Ratio),
    (b"growth", Kind::Growth),
    (b"growth_rate", Kind::GrowthRate),
    (b"change_ratio", Kind::ChangeRatio),
    (b"trend", Kind::Trend),
];

impl Kind {
    /// Whether it is counted from events, not computed from other metrics.
    pub fn is_counted(self) -> bool {
        matches!(self, Kind::Users | Kind::PowerUsers | Kind::Events | Kind::ActiveDays | Kind::Indicator)
    }

    /// Whether only what identified users did counts.
    pub fn needs_user(self) -> bool {
        matches!(self, Kind::Users | Kind::PowerUsers | Kind::ActiveDays)
    }
}

/// A metric.
pub(super) struct Metric {
    pub kind: Kind,
    pub name: u32,
    pub use_case: u32,
    pub is_north_star: bool,
    /// From the highest lower bound to the lowest, with the name.
    pub segments: Vec<(f64, u32)>,
    /// Of a counted metric: the events, in their order; none for all that are not negative.
    pub events: Vec<u32>,
    /// The days of its window; infinity for all time.
    pub days: f64,
    /// How many days before the point of view its window ends.
    pub offset: f64,
    /// The metrics that it is computed from: numerator and denominator, or one.
    pub of: [u32; 2],
    /// How many values of the other metric it needs, and how many days lie between two.
    pub points: u32,
    pub step: f64,
    /// The days before the point of view for which its value is needed, in their order.
    pub ago: Vec<f64>,
    /// Where its values stand among all.
    pub first: usize,
}

/// Compiled definitions; `docs/semantics.md` ("Usage metrics") describes the JSON.
#[derive(Default)]
pub struct Definitions {
    pub(super) events: Events,
    /// Names of metrics, use cases and segments.
    pub(super) strings: Strings,
    pub(super) metrics: Vec<Metric>,
    /// The computed metrics, each after those that it needs.
    pub(super) order: Vec<u32>,
    /// By event, and at the end for all others: the counted metrics that take it, with the event's place among their events.
    pub(super) takers: Vec<Vec<(u32, u32)>>,
    /// How many values all metrics have.
    pub(super) values: usize,
}

impl Document for Definitions {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the events, 1 the names of metrics, use cases and segments. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(2);
        self.events.names.describe(out);
        self.strings.describe(out);
        out.list(0);
    }
}

impl Definitions {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let object = Object::new(root, place, &["metrics", "negative_events"])?;
        self.events.read_negative(&object)?;
        object.each("metrics", |value, place| self.read_metric(value, place))?;
        if self.metrics.is_empty() {
            return Err(object.error("metrics", "must not be empty"));
        }
        let mut number = 0;
        object.each("metrics", |value, place| {
            number += 1;
            self.resolve(number - 1, value, place)
        })?;
        let place = object.place().field("metrics");
        self.arrange(&place)?;
        self.need(&place)?;
        for code in 0..=self.events.names.len() as u32 {
            let mut takers = Vec::new();
            for (number, metric) in self.metrics.iter().enumerate() {
                if metric.kind.is_counted() && self.events.takes(&metric.events, code) {
                    let bit = metric.events.iter().position(|&event| event == code).unwrap_or(0);
                    takers.push((number as u32, bit as u32));
                }
            }
            self.takers.push(takers);
        }
        Ok(())
    }

    #[inline(never)]
    fn read_metric(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let object = Object::open(value, place)?;
        let kind = object.required_text("kind")?;
        let Some(&(_, kind)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            return Err(object.error("kind", "is no kind of metric"));
        };
        let mut fields = Vec::from(["name", "kind", "use_case", "north_star", "segments"]);
        fields.extend_from_slice(match kind {
            Kind::Ratio => &["numerator", "denominator"],
            Kind::Trend => &["metric", "points", "every_days"],
            kind if kind.is_counted() => &["event", "events", "days", "offset_days"],
            _ => &["metric", "over_days"],
        });
        let object = Object::new(value, place, &fields)?;
        let name = object.required_text("name")?;
        if self.number(name).is_some() {
            return Err(object.error("name", "is listed twice"));
        }
        let mut metric = Metric {
            kind,
            name: self.strings.add(name),
            use_case: NONE,
            is_north_star: object.boolean("north_star")? == Some(true),
            segments: Vec::new(),
            events: Vec::new(),
            days: f64::INFINITY,
            offset: 0.0,
            of: [NONE; 2],
            points: 2,
            step: 0.0,
            ago: Vec::new(),
            first: 0,
        };
        if let Some(use_case) = object.text("use_case")? {
            let known = self.strings.position(use_case);
            metric.use_case = known.unwrap_or_else(|| self.strings.add(use_case));
        }
        if metric.is_north_star {
            object.require("use_case")?;
            if self.metrics.iter().any(|other| other.is_north_star && other.use_case == metric.use_case) {
                return Err(object.error("north_star", "is the second of its use case"));
            }
        }
        object.each_if_any("segments", |value, place| {
            let segment = Object::new(value, place, &["name", "at_least"])?;
            let (name, bound) = (segment.required_text("name")?, segment.required_number("at_least")?);
            if metric.segments.last().is_some_and(|&(before, _)| bound >= before) {
                return Err(segment.error("at_least", "must be less than in the segment before"));
            }
            let known = self.strings.position(name);
            metric.segments.push((bound, known.unwrap_or_else(|| self.strings.add(name))));
            Ok(())
        })?;
        if kind.is_counted() {
            metric.events = self.events.read(&object)?;
            metric.days = whole(&object, "days", 1.0, WHOLE)?.unwrap_or(f64::INFINITY);
            metric.offset =
                whole(&object, "offset_days", 0.0, "must be a whole number from 0 to 36500")?.unwrap_or(0.0);
            if kind == Kind::PowerUsers {
                if metric.events.is_empty() {
                    return Err(object.error("events", "is missing"));
                }
                if metric.events.len() > MAX_TOGETHER {
                    return Err(object.error("events", "must not be more than 64 events"));
                }
            }
        } else if kind == Kind::Trend {
            object.require("points")?;
            object.require("every_days")?;
            metric.points = object.required_number("points")? as u32;
            if !(2.0..=MAX_POINTS).contains(&object.required_number("points")?)
                || metric.points as f64 != object.required_number("points")?
            {
                return Err(object.error("points", "must be a whole number from 2 to 1000"));
            }
            metric.step = whole(&object, "every_days", 1.0, WHOLE)?.unwrap_or(1.0);
        } else if kind == Kind::Ratio {
            metric.points = 1;
        } else {
            object.require("over_days")?;
            metric.step = whole(&object, "over_days", 1.0, WHOLE)?.unwrap_or(1.0);
        }
        self.metrics.push(metric);
        Ok(())
    }

    /// The number of the metric with a name.
    fn number(&self, name: &[u8]) -> Option<usize> {
        self.metrics.iter().position(|metric| self.strings.get(metric.name) == name)
    }

    /// Finds the metrics that a metric names.
    #[inline(never)]
    fn resolve(&mut self, number: usize, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let kind = self.metrics[number].kind;
        if kind.is_counted() {
            return Ok(());
        }
        let object = Object::open(value, place)?;
        let fields: &[&str] = if kind == Kind::Ratio { &["numerator", "denominator"] } else { &["metric"] };
        for (slot, field) in fields.iter().enumerate() {
            let name = object.required_text(field)?;
            match self.number(name) {
                Some(of) => self.metrics[number].of[slot] = of as u32,
                None => return Err(object.error(field, "is no metric")),
            }
        }
        Ok(())
    }

    /// Finds an order in which every metric comes after those that it needs.
    #[inline(never)]
    fn arrange(&mut self, place: &Place<'_>) -> Result<()> {
        let mut is_ready: Vec<bool> = self.metrics.iter().map(|metric| metric.kind.is_counted()).collect();
        loop {
            let before = self.order.len();
            for (number, metric) in self.metrics.iter().enumerate() {
                let needed = |&of: &u32| of == NONE || is_ready[of as usize];
                if !is_ready[number] && metric.of.iter().all(needed) {
                    is_ready[number] = true;
                    self.order.push(number as u32);
                }
            }
            if self.order.len() == before {
                break;
            }
        }
        match is_ready.iter().position(|&ready| !ready) {
            Some(number) => Err(place.index(number).error("leads into a circle")),
            None => Ok(()),
        }
    }

    /// Finds the days for which each metric is needed, from those that no other needs down to the counted ones.
    #[inline(never)]
    fn need(&mut self, place: &Place<'_>) -> Result<()> {
        for metric in &mut self.metrics {
            metric.ago.push(0.0);
        }
        for &number in self.order.iter().rev() {
            let metric = &mut self.metrics[number as usize];
            let ago = unique(&mut metric.ago);
            let (of, points, step) = (metric.of, metric.points, metric.step);
            for of in of.into_iter().filter(|&of| of != NONE) {
                let needed = &mut self.metrics[of as usize].ago;
                for point in 0..points {
                    needed.extend(ago.iter().map(|days| days + point as f64 * step));
                    // Only now and then: most of them are others.
                    let is_last = point + 1 == points;
                    if (is_last || needed.len() > 4 * MAX_VALUES) && unique(needed).len() > MAX_VALUES {
                        return Err(place.index(of as usize).error(TOO_MANY));
                    }
                }
            }
        }
        for (number, metric) in self.metrics.iter_mut().enumerate() {
            metric.first = self.values;
            self.values += unique(&mut metric.ago).len();
            if self.values > MAX_VALUES {
                return Err(place.index(number).error(TOO_MANY));
            }
            if metric.ago.last().is_some_and(|&days| days > MAX_DAYS) {
                return Err(place.index(number).error("is needed for more than 36500 days ago"));
            }
        }
        Ok(())
    }
}

const TOO_MANY: &str = "needs more than 5000 values, with those before";

/// Sorts numbers and removes those that are there twice.
#[inline(never)]
fn unique(numbers: &mut Vec<f64>) -> Vec<f64> {
    crate::sort::heap_sort_by(numbers, |a, b| a < b);
    numbers.dedup();
    numbers.clone()
}

//! The scoring model: JSON, compiled once.

use super::units::Units;
use crate::Result;
use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

const DEFAULT_HORIZON_DAYS: f64 = 365.0;
/// The largest factor a role may have; points stay far inside what is exact.
const MAX_ROLE_FACTOR: f64 = 1_000.0;

/// The texts of results that no model gives, in the order of the constants below.
const FIXED: [&[u8]; 5] = [b"limit", b"fit", b"event_loop", b"fit_uncertain", b"no_eligible_user"];
pub(crate) const NAME: u32 = 0;
pub(crate) const VERSION: u32 = 1;
/// The code of what a bucket's or the total's limit takes away or adds.
pub(crate) const LIMIT: u32 = 2;
/// The code of the points for fit.
pub(crate) const FIT: u32 = 3;
/// The code of the penalty for loops, and a flag.
pub(crate) const EVENT_LOOP: u32 = 4;
pub(crate) const FIT_UNCERTAIN: u32 = 5;
pub(crate) const NO_ELIGIBLE_USER: u32 = 6;

/// The fields of a model. Each function reads those that it needs, `model_check` all of them.
pub(crate) const FIELDS: [&str; 22] = [
    "name",
    "version",
    "horizon_days",
    "buckets",
    "events",
    "roles",
    "other_role",
    "role_rules",
    "admin_roles",
    "champion_personas",
    "states",
    "fit",
    "milestones",
    "spam",
    "gate",
    "stages",
    "stage_margin",
    "account",
    "anomalies",
    "handoff",
    "routing",
    "on_missing",
];

/// A compiled scoring model; `docs/semantics.md` ("Scoring model") describes the JSON.
#[derive(Default)]
pub struct Model {
    /// Name, version, those of `FIXED`, and then every bucket, event, label, role and stage.
    pub(crate) strings: Strings,
    /// In microseconds.
    pub(crate) horizon: f64,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) spam: Option<Spam>,
    pub(crate) roles: Vec<Bound>,
    pub(crate) other_role: f64,
    /// Highest first.
    pub(crate) stages: Vec<Bound>,
}

/// A name and the lower bound of what has it, or its factor.
pub(crate) type Bound = (u32, f64);

/// A component of the score.
pub(crate) struct Bucket {
    pub name: u32,
    /// Positive buckets are clamped to `0..=max`; a negative one to `<= 0`.
    pub max: Option<Units>,
}

/// How one event earns points.
pub(crate) struct Rule {
    pub event: u32,
    pub label: Label,
    pub bucket: usize,
    pub scope: Scope,
    pub points: f64,
    pub cap: Option<Cap>,
    pub per_day: bool,
    pub decay: Decay,
}

/// What sentences call one and several.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub one: u32,
    pub other: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    User,
    Workspace,
}

pub(crate) struct Cap {
    pub points: Units,
    /// In microseconds.
    pub length: f64,
}

/// What many of one event in an hour cost.
pub(crate) struct Spam {
    pub per_hour: f64,
    pub bucket: usize,
    pub points: f64,
    pub decay: Decay,
    pub label: Label,
}

#[derive(Clone, Copy)]
pub(crate) enum Decay {
    None,
    Exponential { tau_days: f64 },
    HalfLife { half_life_days: f64 },
    Linear { window_days: f64 },
}

impl Document for Model {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    fn describe(&self, out: &mut Output) {
        self.describe_with(out, &[]);
    }
}

impl Model {
    /// Dictionaries: 0 the events, 1 the roles, 2 the strings of results, and those that the caller has. No facts.
    pub(crate) fn describe_with(&self, out: &mut Output, others: &[&Strings]) {
        out.list(3 + others.len());
        out.list(self.rules.len());
        self.rules.iter().for_each(|rule| out.text(self.string(rule.event)));
        out.list(self.roles.len());
        self.roles.iter().for_each(|(name, _)| out.text(self.string(*name)));
        self.strings.describe(out);
        others.iter().for_each(|strings| strings.describe(out));
        out.list(0);
    }

    pub(crate) fn string(&self, index: u32) -> &[u8] {
        self.strings.get(index)
    }

    /// The factor of a role, by its index in dictionary 1; unknown and NULL roles have that of everybody else.
    pub(crate) fn role_factor(&self, role: i32) -> f64 {
        usize::try_from(role).ok().and_then(|role| self.roles.get(role)).map_or(self.other_role, |(_, factor)| *factor)
    }

    /// The first stage whose lower bound the unrounded score reaches.
    pub(crate) fn stage(&self, points: f64) -> Option<usize> {
        self.stages.iter().position(|(_, bound)| points >= *bound)
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        self.read_fields(&Object::new(root, place, &FIELDS)?)
    }

    #[inline(never)]
    pub(crate) fn read_fields(&mut self, model: &Object<'_, '_>) -> Result<()> {
        self.strings.add(model.required_text("name")?);
        self.strings.add(model.required_text("version")?);
        FIXED.iter().for_each(|text| {
            self.strings.add(text);
        });
        self.horizon = model.positive("horizon_days")?.unwrap_or(DEFAULT_HORIZON_DAYS) * MICROSECONDS_PER_DAY;
        model.each("buckets", |value, place| self.read_bucket(value, place))?;
        if self.buckets.is_empty() && model.get("buckets").is_some() {
            model.refuse("buckets", "must not be empty")?;
        }
        model.each("events", |value, place| self.read_rule(value, place))?;
        self.read_spam(model)?;
        self.other_role = read_roles(model, &mut self.strings, &mut self.roles)?;
        read_bounds(model, "stages", &mut self.strings, &mut self.stages)
    }

    #[inline(never)]
    fn read_bucket(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let bucket = Object::new(value, place, &["name", "max", "negative"])?;
        let name = bucket.required_text("name")?;
        if name == FIXED[0] {
            bucket.refuse("name", "must not be 'limit', which names what limits take away")?;
        }
        if self.bucket(name).is_some() {
            bucket.refuse("name", "is listed twice")?;
        }
        let max = if bucket.boolean("negative")? == Some(true) {
            if bucket.get("max").is_some() {
                bucket.refuse("max", "is not a field of a negative bucket")?;
            }
            None
        } else {
            Some(positive_units(&bucket, "max")?)
        };
        let name = self.strings.add(name);
        self.buckets.push(Bucket { name, max });
        Ok(())
    }

    fn bucket(&self, name: &[u8]) -> Option<usize> {
        self.buckets.iter().position(|bucket| self.string(bucket.name) == name)
    }

    /// The bucket that an object names, and whether it is a negative one; `None` where that is refused.
    #[inline(never)]
    pub(crate) fn read_bucket_name(&self, object: &Object<'_, '_>) -> Result<Option<(usize, bool)>> {
        object.require("bucket")?;
        let Some(name) = object.text("bucket")? else { return Ok(None) };
        match self.bucket(name) {
            None => object.refuse("bucket", "is no bucket of the model").map(|()| None),
            Some(bucket) => Ok(Some((bucket, self.buckets[bucket].max.is_none()))),
        }
    }

    /// The code of an event or a state: no code of results, and each listed once. States are codes from `states` on.
    #[inline(never)]
    pub(crate) fn read_code<'a>(
        &self,
        object: &Object<'a, '_>,
        field: &str,
        states: impl Iterator<Item = u32>,
    ) -> Result<&'a [u8]> {
        let code = object.required_text(field)?;
        if FIXED[..3].contains(&code) {
            object.refuse(field, "must not be 'limit', 'fit' or 'event_loop', which are codes of results")?;
        }
        if self.rules.iter().map(|rule| rule.event).chain(states).any(|earlier| self.string(earlier) == code) {
            object.refuse(field, "is listed twice")?;
        }
        Ok(code)
    }

    #[inline(never)]
    fn read_rule(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let allowed = ["event", "bucket", "scope", "points", "cap", "per", "decay", "label", "key"];
        let event = Object::new(value, place, &allowed)?;
        let code = self.read_code(&event, "event", core::iter::empty())?;
        let bucket = self.read_bucket_name(&event)?;
        let scope = match event.required_text("scope")? {
            b"user" => Scope::User,
            b"workspace" => Scope::Workspace,
            _ => {
                if event.get("scope").is_some_and(|scope| scope.text().is_some()) {
                    event.refuse("scope", "must be 'user' or 'workspace'")?;
                }
                Scope::User
            }
        };
        let per_day = match event.text("per")? {
            None => false,
            Some(b"day") => true,
            Some(_) => event.refuse("per", "must be 'day'").map(|()| false)?,
        };
        let points = read_points(&event, bucket.map(|(_, negative)| negative))?;
        let (cap, decay) = (read_cap(&event)?, read_decay(&event)?);
        event.boolean("key")?;
        let label = self.read_label(&event, code)?;
        let event = self.strings.add(code);
        let bucket = bucket.map_or(0, |(bucket, _)| bucket);
        self.rules.push(Rule { event, label, bucket, scope, points, cap, per_day, decay });
        Ok(())
    }

    /// How sentences call one and several of these events; by default the code with spaces, and an s.
    fn read_label(&mut self, event: &Object<'_, '_>, code: &[u8]) -> Result<Label> {
        if let Some(label) = event.object("label", &["one", "other"])? {
            let one = self.strings.add(label.required_text("one")?);
            return Ok(Label { one, other: self.strings.add(label.required_text("other")?) });
        }
        Ok(self.default_label(code))
    }

    fn default_label(&mut self, code: &[u8]) -> Label {
        let mut label: Vec<u8> = code.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
        let one = self.strings.add(&label);
        label.push(b's');
        Label { one, other: self.strings.add(&label) }
    }

    #[inline(never)]
    fn read_spam(&mut self, model: &Object<'_, '_>) -> Result<()> {
        let allowed = ["per_hour", "bucket", "points", "decay"];
        let Some(spam) = model.object("spam", &allowed)? else { return Ok(()) };
        let per_hour = spam.required_number("per_hour")?;
        if per_hour <= 1.0 && spam.get("per_hour").is_some_and(|value| value.number().is_some()) {
            spam.refuse("per_hour", "must be > 1")?;
        }
        let bucket = self.read_bucket_name(&spam)?;
        if let Some((_, false)) = bucket {
            spam.refuse("bucket", "must be a negative bucket")?;
        }
        let points = read_points(&spam, Some(true))?;
        let decay = read_decay(&spam)?;
        let label = self.default_label(FIXED[2]);
        self.spam = Some(Spam { per_hour, bucket: bucket.map_or(0, |(bucket, _)| bucket), points, decay, label });
        Ok(())
    }
}

/// Reads the factors of the roles, and returns that of everybody else.
#[inline(never)]
pub(crate) fn read_roles(model: &Object<'_, '_>, strings: &mut Strings, factors: &mut Vec<Bound>) -> Result<f64> {
    let place = model.place().field("roles");
    if let Some(value) = model.get("roles") {
        match value.object() {
            None => place.refuse("must be an object")?,
            Some(roles) => {
                for (name, value) in roles {
                    let factor = read_factor(value, place.field(crate::utf8::text(name).unwrap_or("?")))?;
                    factors.push((strings.add(name), factor));
                }
            }
        }
    }
    match model.get("other_role") {
        None => Ok(1.0),
        Some(value) => read_factor(value, model.place().field("other_role")),
    }
}

/// Reads a list of names with lower bounds, highest first, of which the last may do without; absent is empty.
#[inline(never)]
pub(crate) fn read_bounds(
    object: &Object<'_, '_>,
    field: &str,
    strings: &mut Strings,
    bounds: &mut Vec<Bound>,
) -> Result<()> {
    object.each_if_any(field, |value, place| {
        let stage = Object::new(value, place, &["name", "at_least"])?;
        let name = stage.required_text("name")?;
        let bound = stage.number("at_least")?.unwrap_or(f64::NEG_INFINITY);
        if bounds.iter().any(|(earlier, _)| strings.get(*earlier) == name) {
            stage.refuse("name", "is listed twice")?;
        }
        if bounds.last().is_some_and(|(_, above)| bound >= *above) {
            stage.refuse("at_least", "must be below the bound of the stage before")?;
        }
        bounds.push((strings.add(name), bound));
        Ok(())
    })
}

fn read_factor(value: Value<'_>, place: Place<'_>) -> Result<f64> {
    match value.number() {
        Some(factor) if (0.0..=MAX_ROLE_FACTOR).contains(&factor) => Ok(factor),
        _ => place.refuse("must be a number from 0 to 1000").map(|()| 1.0),
    }
}

/// Points > 0 as units.
#[inline(never)]
pub(crate) fn positive_units(object: &Object<'_, '_>, name: &str) -> Result<Units> {
    match Units::round(object.required_positive(name)?) {
        Some(units) => Ok(units),
        None => object.refuse(name, "must be below 524288").map(|()| Units::whole(1)),
    }
}

/// Points of the sign that the bucket has, where that is known.
#[inline(never)]
pub(crate) fn read_points(object: &Object<'_, '_>, negative: Option<bool>) -> Result<f64> {
    object.require("points")?;
    let Some(points) = object.number("points")? else { return Ok(0.0) };
    if negative == Some(true) && points >= 0.0 {
        object.refuse("points", "must be < 0 in a negative bucket")?;
    }
    if negative == Some(false) && points <= 0.0 {
        object.refuse("points", "must be > 0")?;
    }
    if Units::round(points).is_none() {
        object.refuse("points", "must be below 524288")?;
    }
    Ok(points)
}

fn read_cap(event: &Object<'_, '_>) -> Result<Option<Cap>> {
    let Some(cap) = event.object("cap", &["points", "days"])? else { return Ok(None) };
    let points = positive_units(&cap, "points")?;
    Ok(Some(Cap { points, length: cap.required_positive("days")? * MICROSECONDS_PER_DAY }))
}

#[inline(never)]
fn read_decay(event: &Object<'_, '_>) -> Result<Decay> {
    event.require("decay")?;
    let Some(decay) = event.object("decay", &["kind", "days"])? else { return Ok(Decay::None) };
    decay.require("kind")?;
    let Some(kind) = decay.text("kind")? else { return Ok(Decay::None) };
    if kind == b"none" {
        if decay.get("days").is_some() {
            decay.refuse("days", "is not a field of the kind 'none'")?;
        }
        return Ok(Decay::None);
    }
    let kind: fn(f64) -> Decay = match kind {
        b"exponential" => |tau_days| Decay::Exponential { tau_days },
        b"half_life" => |half_life_days| Decay::HalfLife { half_life_days },
        b"linear" => |window_days| Decay::Linear { window_days },
        _ => {
            decay.refuse("kind", "must be 'exponential', 'half_life', 'linear' or 'none'")?;
            |window_days| Decay::Linear { window_days }
        }
    };
    Ok(kind(decay.required_positive("days")?))
}

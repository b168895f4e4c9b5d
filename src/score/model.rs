//! The scoring model: JSON, compiled once.

use super::units::Units;
use crate::Result;
use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, MAX_LIST, Object, Place, TOO_LONG, Value};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

const DEFAULT_HORIZON_DAYS: f64 = 365.0;
/// The largest factor a role may have; points stay far inside what is exact.
const MAX_ROLE_FACTOR: f64 = 1_000.0;
/// The code of what a bucket's or the total's limit takes away or adds.
const LIMIT: &[u8] = b"limit";

/// Positions of the fixed strings of a result.
pub(super) const NAME: u32 = 0;
pub(super) const VERSION: u32 = 1;
pub(super) const LIMIT_NAME: u32 = 2;

/// A compiled scoring model; `docs/semantics.md` ("Scoring model") describes the JSON.
#[derive(Default)]
pub struct Model {
    /// Name, version, "limit", and then every bucket, event, label, role and stage.
    strings: Strings,
    /// In microseconds.
    pub(super) horizon: f64,
    pub(super) buckets: Vec<Bucket>,
    pub(super) rules: Vec<Rule>,
    roles: Vec<(u32, f64)>,
    other_role: f64,
    /// Names and lower bounds, highest first.
    stages: Vec<(u32, f64)>,
}

/// A component of the score.
pub(super) struct Bucket {
    pub name: u32,
    /// Positive buckets are clamped to `0..=max`; a negative one to `<= 0`.
    pub max: Option<Units>,
}

/// How one event earns points.
pub(super) struct Rule {
    pub event: u32,
    /// What sentences call one and several.
    pub one: u32,
    pub other: u32,
    pub bucket: usize,
    pub scope: Scope,
    pub points: f64,
    pub cap: Option<Cap>,
    pub per_day: bool,
    pub decay: Decay,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    User,
    Workspace,
}

pub(super) struct Cap {
    pub points: Units,
    /// In microseconds.
    pub length: f64,
}

#[derive(Clone, Copy)]
pub(super) enum Decay {
    None,
    Exponential { tau_days: f64 },
    HalfLife { half_life_days: f64 },
    Linear { window_days: f64 },
}

impl Document for Model {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the events, 1 the roles, 2 the strings of results. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(3);
        out.list(self.rules.len());
        self.rules.iter().for_each(|rule| out.text(self.string(rule.event)));
        out.list(self.roles.len());
        self.roles.iter().for_each(|(name, _)| out.text(self.string(*name)));
        self.strings.describe(out);
        out.list(0);
    }
}

impl Model {
    pub(super) fn string(&self, index: u32) -> &[u8] {
        self.strings.get(index)
    }

    /// The factor of a role, by its index in dictionary 1; unknown and NULL roles have that of everybody else.
    pub(super) fn role_factor(&self, role: i32) -> f64 {
        usize::try_from(role).ok().and_then(|role| self.roles.get(role)).map_or(self.other_role, |(_, factor)| *factor)
    }

    /// The first stage whose lower bound the unrounded score reaches.
    pub(super) fn stage(&self, points: f64) -> Option<u32> {
        self.stages.iter().find(|(_, bound)| points >= *bound).map(|(name, _)| *name)
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let allowed = ["name", "version", "horizon_days", "buckets", "events", "roles", "other_role", "stages"];
        let model = Object::new(root, place, &allowed)?;
        self.strings.add(model.required_text("name")?);
        self.strings.add(model.required_text("version")?);
        self.strings.add(LIMIT);
        self.horizon = model.positive("horizon_days")?.unwrap_or(DEFAULT_HORIZON_DAYS) * MICROSECONDS_PER_DAY;
        model.each("buckets", |value, place| self.read_bucket(value, place))?;
        if self.buckets.is_empty() {
            return Err(model.error("buckets", "must not be empty"));
        }
        model.each("events", |value, place| self.read_rule(value, place))?;
        self.read_roles(&model)?;
        if model.get("stages").is_some() {
            model.each("stages", |value, place| self.read_stage(value, place))?;
        }
        Ok(())
    }

    #[inline(never)]
    fn read_bucket(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let bucket = Object::new(value, place, &["name", "max", "negative"])?;
        let name = bucket.required_text("name")?;
        if name == LIMIT {
            return Err(bucket.error("name", "must not be 'limit', which names what limits take away"));
        }
        if self.bucket(name).is_some() {
            return Err(bucket.error("name", "is listed twice"));
        }
        if self.buckets.len() == MAX_LIST {
            return Err(place.error(TOO_LONG));
        }
        let negative = match bucket.get("negative") {
            None => false,
            Some(value) => value.boolean().ok_or_else(|| bucket.error("negative", "must be a boolean"))?,
        };
        let max = if negative {
            if bucket.get("max").is_some() {
                return Err(bucket.error("max", "is not a field of a negative bucket"));
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

    #[inline(never)]
    fn read_rule(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let allowed = ["event", "bucket", "scope", "points", "cap", "per", "decay", "label"];
        let event = Object::new(value, place, &allowed)?;
        let code = event.required_text("event")?;
        if self.rules.iter().any(|earlier| self.string(earlier.event) == code) {
            return Err(event.error("event", "is listed twice"));
        }
        if self.rules.len() == MAX_LIST {
            return Err(place.error(TOO_LONG));
        }
        let bucket = self.bucket(event.required_text("bucket")?);
        let bucket = bucket.ok_or_else(|| event.error("bucket", "is no bucket of the model"))?;
        let scope = match event.required_text("scope")? {
            b"user" => Scope::User,
            b"workspace" => Scope::Workspace,
            _ => return Err(event.error("scope", "must be 'user' or 'workspace'")),
        };
        let per_day = match event.text("per")? {
            None => false,
            Some(b"day") => true,
            Some(_) => return Err(event.error("per", "must be 'day'")),
        };
        let points = points(&event, self.buckets[bucket].max.is_none())?;
        let (cap, decay) = (cap(&event)?, decay(&event)?);
        let (one, other) = self.read_label(&event, code)?;
        let event = self.strings.add(code);
        self.rules.push(Rule { event, one, other, bucket, scope, points, cap, per_day, decay });
        Ok(())
    }

    /// How sentences call one and several of these events; by default the code with spaces, and an s.
    fn read_label(&mut self, event: &Object<'_, '_>, code: &[u8]) -> Result<(u32, u32)> {
        if let Some(value) = event.get("label") {
            let label = Object::new(value, event.place().field("label"), &["one", "other"])?;
            let one = self.strings.add(label.required_text("one")?);
            return Ok((one, self.strings.add(label.required_text("other")?)));
        }
        let mut label: Vec<u8> = code.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
        let one = self.strings.add(&label);
        label.push(b's');
        Ok((one, self.strings.add(&label)))
    }

    #[inline(never)]
    fn read_roles(&mut self, model: &Object<'_, '_>) -> Result<()> {
        let place = model.place().field("roles");
        if let Some(value) = model.get("roles") {
            for (name, value) in value.object().ok_or_else(|| place.error("must be an object"))? {
                if self.roles.len() == MAX_LIST {
                    return Err(place.error(TOO_LONG));
                }
                let factor = role_factor(value, place.field(crate::utf8::text(name).unwrap_or("?")))?;
                let name = self.strings.add(name);
                self.roles.push((name, factor));
            }
        }
        self.other_role = match model.get("other_role") {
            None => 1.0,
            Some(value) => role_factor(value, model.place().field("other_role"))?,
        };
        Ok(())
    }

    #[inline(never)]
    fn read_stage(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let stage = Object::new(value, place, &["name", "at_least"])?;
        let name = stage.required_text("name")?;
        let bound = stage.number("at_least")?.unwrap_or(f64::NEG_INFINITY);
        if self.stages.last().is_some_and(|(_, above)| bound >= *above) {
            return Err(stage.error("at_least", "must be below the bound of the stage before"));
        }
        if self.stages.len() == MAX_LIST {
            return Err(place.error(TOO_LONG));
        }
        let name = self.strings.add(name);
        self.stages.push((name, bound));
        Ok(())
    }
}

fn role_factor(value: Value<'_>, place: Place<'_>) -> Result<f64> {
    match value.number() {
        Some(factor) if (0.0..=MAX_ROLE_FACTOR).contains(&factor) => Ok(factor),
        _ => Err(place.error("must be a number from 0 to 1000")),
    }
}

/// Points > 0 as units.
#[inline(never)]
fn positive_units(object: &Object<'_, '_>, name: &str) -> Result<Units> {
    let points = object.required_positive(name)?;
    Units::round(points).ok_or_else(|| object.error(name, "must be below 524288"))
}

fn points(event: &Object<'_, '_>, negative: bool) -> Result<f64> {
    let points = event.required_number("points")?;
    if negative && points >= 0.0 {
        return Err(event.error("points", "must be < 0 in a negative bucket"));
    }
    if !negative && points <= 0.0 {
        return Err(event.error("points", "must be > 0"));
    }
    Units::round(points).ok_or_else(|| event.error("points", "must be below 524288"))?;
    Ok(points)
}

fn cap(event: &Object<'_, '_>) -> Result<Option<Cap>> {
    let Some(value) = event.get("cap") else { return Ok(None) };
    let cap = Object::new(value, event.place().field("cap"), &["points", "days"])?;
    let points = positive_units(&cap, "points")?;
    Ok(Some(Cap { points, length: cap.required_positive("days")? * MICROSECONDS_PER_DAY }))
}

fn decay(event: &Object<'_, '_>) -> Result<Decay> {
    let value = event.get("decay").ok_or_else(|| event.error("decay", "is missing"))?;
    let decay = Object::new(value, event.place().field("decay"), &["kind", "days"])?;
    let kind = decay.required_text("kind")?;
    if kind == b"none" {
        return match decay.get("days") {
            None => Ok(Decay::None),
            Some(_) => Err(decay.error("days", "is not a field of the kind 'none'")),
        };
    }
    let kind: fn(f64) -> Decay = match kind {
        b"exponential" => |tau_days| Decay::Exponential { tau_days },
        b"half_life" => |half_life_days| Decay::HalfLife { half_life_days },
        b"linear" => |window_days| Decay::Linear { window_days },
        _ => return Err(decay.error("kind", "must be 'exponential', 'half_life', 'linear' or 'none'")),
    };
    Ok(kind(decay.required_positive("days")?))
}

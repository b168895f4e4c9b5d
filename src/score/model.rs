//! The scoring model: JSON, compiled once.

use super::units::Units;
use crate::abi::{Document, Output};
use crate::error::path;
use crate::tape::{Object, Tape, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

const DEFAULT_HORIZON_DAYS: f64 = 365.0;
const MICROSECONDS_PER_DAY: f64 = 86_400_000_000.0;
/// The largest factor a role may have; points stay far inside what is exact.
const MAX_ROLE_FACTOR: f64 = 1_000.0;
/// How many events, buckets, roles or stages a model may list.
const MAX_LIST: usize = 1_000;
/// The code of what a bucket's or the total's limit takes away or adds.
pub(super) const LIMIT: &[u8] = b"limit";

/// A compiled scoring model; `docs/semantics.md` ("Scoring model") describes the JSON.
pub struct Model {
    /// Name, version, bucket names, event codes, stage names, and "limit": everything a result may name.
    strings: Vec<Vec<u8>>,
    pub(super) horizon: f64,
    pub(super) buckets: Vec<Bucket>,
    pub(super) rules: Vec<Rule>,
    roles: Vec<(Vec<u8>, f64)>,
    other_role: f64,
    stages: Vec<(u32, f64)>,
}

/// Positions of the fixed strings of a result.
pub(super) const NAME: u32 = 0;
pub(super) const VERSION: u32 = 1;
pub(super) const LIMIT_NAME: u32 = 2;

/// A component of the score.
pub(super) struct Bucket {
    pub name: u32,
    /// Positive buckets are clamped to `0..=max`; a negative one to `<= 0`.
    pub max: Option<Units>,
}

/// How one event earns points.
pub(super) struct Rule {
    pub event: u32,
    pub bucket: usize,
    pub scope: Scope,
    pub points: f64,
    pub cap: Option<Cap>,
    pub per_day: bool,
    pub decay: Decay,
    pub one: Vec<u8>,
    pub other: Vec<u8>,
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
        let root = Tape::new(argument, source)?.root();
        let allowed = ["name", "version", "horizon_days", "buckets", "events", "roles", "other_role", "stages"];
        let model = Object::new(root, path(argument), &allowed)?;
        let mut strings = Vec::new();
        strings.push(model.required_text("name")?.to_vec());
        strings.push(model.required_text("version")?.to_vec());
        strings.push(LIMIT.to_vec());
        let horizon_days = positive(&model, "horizon_days")?.unwrap_or(DEFAULT_HORIZON_DAYS);
        let buckets = buckets(&model, &mut strings)?;
        let rules = rules(&model, &buckets, &mut strings)?;
        let (roles, other_role) = roles(&model)?;
        let stages = stages(&model, &mut strings)?;
        Ok(Model { strings, horizon: horizon_days * MICROSECONDS_PER_DAY, buckets, rules, roles, other_role, stages })
    }

    /// Dictionaries: 0 the events, 1 the roles, 2 the strings of results. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(3);
        out.list(self.rules.len());
        self.rules.iter().for_each(|rule| out.text(self.string(rule.event)));
        out.list(self.roles.len());
        self.roles.iter().for_each(|(name, _)| out.text(name));
        out.list(self.strings.len());
        self.strings.iter().for_each(|string| out.text(string));
        out.list(0);
    }
}

impl Model {
    pub(super) fn string(&self, index: u32) -> &[u8] {
        &self.strings[index as usize]
    }

    /// The factor of a role, by its index in dictionary 1; unknown and NULL roles have that of everybody else.
    pub(super) fn role_factor(&self, role: i32) -> f64 {
        usize::try_from(role).ok().and_then(|role| self.roles.get(role)).map_or(self.other_role, |(_, factor)| *factor)
    }

    /// The first stage whose lower bound the unrounded score reaches.
    pub(super) fn stage(&self, points: f64) -> Option<u32> {
        self.stages.iter().find(|(_, bound)| points >= *bound).map(|(name, _)| *name)
    }
}

/// The index of a new string of results.
fn intern(strings: &mut Vec<Vec<u8>>, string: &[u8]) -> u32 {
    strings.push(string.to_vec());
    strings.len() as u32 - 1
}

/// A number > 0, or `None` where absent.
fn positive(object: &Object<'_>, name: &str) -> Result<Option<f64>> {
    match object.number(name)? {
        Some(number) if number <= 0.0 => Err(object.error(name, "must be > 0")),
        number => Ok(number),
    }
}

fn required_positive(object: &Object<'_>, name: &str) -> Result<f64> {
    positive(object, name)?.ok_or_else(|| object.error(name, "is missing"))
}

/// Points > 0 as units.
fn positive_units(object: &Object<'_>, name: &str) -> Result<Units> {
    let points = required_positive(object, name)?;
    Units::round(points).ok_or_else(|| object.error(name, "must be below 524288"))
}

/// The elements of a list that must be there.
fn elements<'a>(object: &Object<'a>, name: &str) -> Result<Vec<Value<'a>>> {
    let elements = object.required_array(name)?;
    if elements.len() > MAX_LIST {
        return Err(object.error(name, "must not have more than 1000 elements"));
    }
    Ok(elements)
}

fn buckets(model: &Object<'_>, strings: &mut Vec<Vec<u8>>) -> Result<Vec<Bucket>> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for (index, value) in elements(model, "buckets")?.into_iter().enumerate() {
        let bucket = Object::new(value, model.path("buckets").index(index), &["name", "max", "negative"])?;
        let name = bucket.required_text("name")?;
        if name == LIMIT {
            return Err(bucket.error("name", "must not be 'limit', which names what limits take away"));
        }
        if buckets.iter().any(|earlier| strings[earlier.name as usize] == name) {
            return Err(bucket.error("name", "is listed twice"));
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
        buckets.push(Bucket { name: intern(strings, name), max });
    }
    if buckets.is_empty() {
        return Err(model.error("buckets", "must not be empty"));
    }
    Ok(buckets)
}

fn rules(model: &Object<'_>, buckets: &[Bucket], strings: &mut Vec<Vec<u8>>) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    for (index, value) in elements(model, "events")?.into_iter().enumerate() {
        let allowed = ["event", "bucket", "scope", "points", "cap", "per", "decay", "label"];
        let event = Object::new(value, model.path("events").index(index), &allowed)?;
        let code = event.required_text("event")?;
        if rules.iter().any(|earlier| strings[earlier.event as usize] == code) {
            return Err(event.error("event", "is listed twice"));
        }
        let bucket_name = event.required_text("bucket")?;
        let bucket = buckets.iter().position(|bucket| strings[bucket.name as usize] == bucket_name);
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
        let points = points(&event, buckets[bucket].max.is_none())?;
        let (one, other) = label(&event, code)?;
        let (cap, decay) = (cap(&event)?, decay(&event)?);
        rules.push(Rule { event: intern(strings, code), bucket, scope, points, cap, per_day, decay, one, other });
    }
    Ok(rules)
}

fn points(event: &Object<'_>, negative: bool) -> Result<f64> {
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

fn cap(event: &Object<'_>) -> Result<Option<Cap>> {
    let Some(value) = event.get("cap") else { return Ok(None) };
    let cap = Object::new(value, event.path("cap"), &["points", "days"])?;
    let points = positive_units(&cap, "points")?;
    Ok(Some(Cap { points, length: required_positive(&cap, "days")? * MICROSECONDS_PER_DAY }))
}

fn decay(event: &Object<'_>) -> Result<Decay> {
    let value = event.get("decay").ok_or_else(|| event.error("decay", "is missing"))?;
    let decay = Object::new(value, event.path("decay"), &["kind", "days"])?;
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
    Ok(kind(required_positive(&decay, "days")?))
}

/// How sentences call one and several of these events; by default the code with spaces, and an s.
fn label(event: &Object<'_>, code: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    if let Some(value) = event.get("label") {
        let label = Object::new(value, event.path("label"), &["one", "other"])?;
        return Ok((label.required_text("one")?.to_vec(), label.required_text("other")?.to_vec()));
    }
    let one: Vec<u8> = code.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
    let mut other = one.clone();
    other.push(b's');
    Ok((one, other))
}

fn roles(model: &Object<'_>) -> Result<(Vec<(Vec<u8>, f64)>, f64)> {
    let factor = |number: Option<f64>, at: &dyn Fn() -> crate::error::Path| match number {
        Some(factor) if (0.0..=MAX_ROLE_FACTOR).contains(&factor) => Ok(factor),
        _ => Err(Error::new(at(), "must be a number from 0 to 1000")),
    };
    let mut roles = Vec::new();
    if let Some(value) = model.get("roles") {
        let fields = value.object().ok_or_else(|| model.error("roles", "must be an object"))?;
        for (name, value) in fields {
            let at = || model.path("roles").field(core::str::from_utf8(name).unwrap_or("?"));
            roles.push((name.to_vec(), factor(value.number(), &at)?));
        }
        if roles.len() > MAX_LIST {
            return Err(model.error("roles", "must not have more than 1000 elements"));
        }
    }
    let other = match model.get("other_role") {
        None => 1.0,
        Some(value) => factor(value.number(), &|| model.path("other_role"))?,
    };
    Ok((roles, other))
}

fn stages(model: &Object<'_>, strings: &mut Vec<Vec<u8>>) -> Result<Vec<(u32, f64)>> {
    let mut stages: Vec<(u32, f64)> = Vec::new();
    if model.get("stages").is_none() {
        return Ok(stages);
    }
    for (index, value) in elements(model, "stages")?.into_iter().enumerate() {
        let stage = Object::new(value, model.path("stages").index(index), &["name", "at_least"])?;
        let name = stage.required_text("name")?;
        let bound = stage.number("at_least")?.unwrap_or(f64::NEG_INFINITY);
        if stages.last().is_some_and(|(_, above)| bound >= *above) {
            return Err(stage.error("at_least", "must be below the bound of the stage before"));
        }
        stages.push((intern(strings, name), bound));
    }
    Ok(stages)
}

//! What a workspace's score takes from a scoring model beyond what one user's takes.

use crate::Result;
use crate::abi::{Document, Output};
use crate::fit::scale::Scale;
use crate::score;
use crate::score::model::{Bound, FIELDS, read_points};
use crate::score::units::Units;
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

const ADMIN_ROLE: &[u8] = b"workspace_admin";
const CHAMPION_PERSONAS: [&[u8]; 2] = [b"champion", b"economic buyer"];

/// A compiled scoring model with all that a workspace's score needs; `docs/semantics.md` ("Scoring model") describes the
/// JSON.
#[derive(Default)]
pub struct Model {
    pub(crate) base: score::Model,
    /// For each role whether it is an admin's.
    pub(super) admin_roles: Vec<bool>,
    /// The personas of champions: dictionary 3.
    personas: Strings,
    pub(super) states: Vec<State>,
    /// Names and channels.
    pub(super) milestones: Vec<(u32, u32)>,
    /// The bucket that fit counts in.
    pub(super) fit: Option<usize>,
    pub(super) scale: Scale,
    pub(super) gate: Option<Gate>,
    pub(super) stage_margin: f64,
}

/// Points for a condition.
pub(super) struct State {
    pub code: u32,
    pub bucket: usize,
    pub points: Units,
    pub reason: u32,
}

/// What makes a lead ripe for sales.
pub(super) struct Gate {
    /// For each event whether anybody's counts.
    pub events: Vec<bool>,
    pub admin_key_events: bool,
    /// In microseconds.
    pub length: f64,
}

impl Document for Model {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the events, 1 the roles, 2 the strings of results, 3 the personas of champions. No facts.
    fn describe(&self, out: &mut Output) {
        self.base.describe_with(out, &[&self.personas]);
    }
}

impl Model {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        self.read_fields(&Object::new(root, place, &FIELDS)?)
    }

    #[inline(never)]
    pub(crate) fn read_fields(&mut self, model: &Object<'_, '_>) -> Result<()> {
        self.base.read_fields(model)?;
        model.each_if_any("states", |value, place| self.read_state(value, place))?;
        self.read_fit(model)?;
        let base = &mut self.base;
        model.each_if_any("milestones", |value, place| {
            let milestone = Object::new(value, place, &["milestone", "when", "channel"])?;
            let name = base.strings.add(milestone.required_text("milestone")?);
            let channel = base.strings.add(milestone.required_text("channel")?);
            self.milestones.push((name, channel));
            Ok(())
        })?;
        self.read_users(model)?;
        self.read_gate(model)?;
        self.stage_margin = model.number("stage_margin")?.unwrap_or(0.0);
        if self.stage_margin < 0.0 {
            model.refuse("stage_margin", "must be >= 0")?;
        }
        Ok(())
    }

    #[inline(never)]
    fn read_state(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let state = Object::new(value, place, &["state", "bucket", "points", "when", "reason"])?;
        let code = self.base.read_code(&state, "state", self.states.iter().map(|state| state.code))?;
        let bucket = self.base.read_bucket_name(&state)?;
        let points = read_points(&state, bucket.map(|(_, negative)| negative))?;
        let code = self.base.strings.add(code);
        let reason = self.base.strings.add(state.required_text("reason")?);
        let points = Units::round(points).unwrap_or(Units::ZERO);
        self.states.push(State { code, bucket: bucket.map_or(0, |(bucket, _)| bucket), points, reason });
        Ok(())
    }

    #[inline(never)]
    fn read_fit(&mut self, model: &Object<'_, '_>) -> Result<()> {
        if !self.scale.read(model, &mut self.base.strings, |_, _| Ok(()))? {
            return Ok(());
        }
        let Some(fit) = model.get("fit") else { return Ok(()) };
        let fit = Object::part(fit, model.place().field("fit"))?;
        let bucket = self.base.read_bucket_name(&fit)?;
        if let Some((_, true)) = bucket {
            fit.refuse("bucket", "must not be a negative bucket")?;
        }
        self.fit = Some(bucket.map_or(0, |(bucket, _)| bucket));
        Ok(())
    }

    #[inline(never)]
    fn read_users(&mut self, model: &Object<'_, '_>) -> Result<()> {
        let base = &self.base;
        let role = |name: &[u8]| base.roles.iter().position(|(role, _)| base.string(*role) == name);
        let admin_roles = &mut self.admin_roles;
        admin_roles.resize(base.roles.len(), false);
        if model.get("admin_roles").is_none()
            && let Some(admin) = role(ADMIN_ROLE).and_then(|role| admin_roles.get_mut(role))
        {
            *admin = true;
        }
        model.each_if_any("admin_roles", |value, place| {
            match value.text().and_then(role).and_then(|role| admin_roles.get_mut(role)) {
                Some(admin) => *admin = true,
                None => place.refuse("is no role of the model")?,
            }
            Ok(())
        })?;
        let personas = &mut self.personas;
        if model.get("champion_personas").is_none() {
            CHAMPION_PERSONAS.iter().for_each(|persona| {
                personas.add(persona);
            });
        }
        model.each_if_any("champion_personas", |value, place| {
            match value.text() {
                Some(persona) => {
                    personas.add(persona);
                }
                None => place.refuse("must be a text")?,
            }
            Ok(())
        })
    }

    #[inline(never)]
    fn read_gate(&mut self, model: &Object<'_, '_>) -> Result<()> {
        let Some(gate) = model.object("gate", &["events", "admin_key_events", "days"])? else { return Ok(()) };
        let base = &self.base;
        let mut events = Vec::new();
        events.resize(base.rules.len(), false);
        gate.each_if_any("events", |value, place| {
            let name = value.text();
            let event = base.rules.iter().position(|rule| Some(base.string(rule.event)) == name);
            match event.and_then(|event| events.get_mut(event)) {
                Some(event) => *event = true,
                None => place.refuse("is no event of the model")?,
            }
            Ok(())
        })?;
        let admin_key_events = gate.boolean("admin_key_events")?.unwrap_or(false);
        let length = gate.required_positive("days")? * MICROSECONDS_PER_DAY;
        self.gate = Some(Gate { events, admin_key_events, length });
        Ok(())
    }

    /// The stages, highest first.
    pub(super) fn stages(&self) -> &[Bound] {
        &self.base.stages
    }
}

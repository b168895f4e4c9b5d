//! What sales gets with a lead: reasons, key events, who to talk to, and an opener.

use super::names;
use super::opener::{Opener, Placeholder};
use crate::abi::{Document, NULL_CODE, Output, Texts};
use crate::error::path;
use crate::score::model::read_roles;
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, MAX_LIST, Object, Place, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

const DEFAULT_ADMIN_ROLES: &[&str] = &["workspace_admin"];
const DEFAULT_CHAMPION_PERSONAS: &[&str] = &["champion", "economic buyer"];
const DEFAULT_REASONS: usize = 3;
const DEFAULT_KEY_EVENTS: usize = 5;

/// What the scoring model says of a hand-off: `events`, `admin_roles`, `roles`, `champion_personas` and `handoff`.
#[derive(Default)]
pub struct Handoff {
    /// The events of the model.
    events: Strings,
    /// What each is called.
    labels: Strings,
    /// Whether each is a key event.
    keys: Vec<bool>,
    /// The roles of admins, and those with a factor.
    roles: Strings,
    /// For each of them.
    known_roles: Vec<Role>,
    /// Of everybody else.
    other_role: Role,
    champion_personas: Strings,
    reasons: usize,
    key_events: usize,
    opener: Option<Opener>,
}

/// What a role tells of a user.
#[derive(Clone, Copy, Default)]
struct Role {
    is_admin: bool,
    /// With a factor of 1 or more, and so a champion where nobody has a champion's persona.
    buys: bool,
}

impl Document for Handoff {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, |model| {
            let mut handoff = Self::read(model)?;
            handoff.read_roles(model)?;
            Ok(handoff)
        })
    }

    /// Dictionaries: 0 the events, 1 what they are called, 2 the roles, 3 the personas of champions. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(4);
        [&self.events, &self.labels, &self.roles, &self.champion_personas]
            .iter()
            .for_each(|strings| strings.describe(out));
        out.list(0);
    }
}

impl Handoff {
    /// Reads the parts of the scoring model that a hand-off needs, with defaults for what is absent, except the factors of
    /// roles, of which a check of the model has heard from scoring. Of an event these are its name, `key` and `label`.
    pub(crate) fn read(model: &Object<'_, '_>) -> Result<Self> {
        let mut handoff = Handoff {
            roles: names::read(model, "admin_roles", DEFAULT_ADMIN_ROLES)?,
            champion_personas: names::read(model, "champion_personas", DEFAULT_CHAMPION_PERSONAS)?,
            reasons: DEFAULT_REASONS,
            key_events: DEFAULT_KEY_EVENTS,
            ..Handoff::default()
        };
        model.each_if_any("events", |value, place| handoff.read_event(value, place))?;
        if let Some(object) = model.object("handoff", &["opener", "reasons", "key_events"])? {
            handoff.reasons = at_most(&object, "reasons")?.unwrap_or(DEFAULT_REASONS);
            handoff.key_events = at_most(&object, "key_events")?.unwrap_or(DEFAULT_KEY_EVENTS);
            handoff.opener = Opener::read(&object, "opener", handoff.reasons, handoff.key_events)?;
        }
        Ok(handoff)
    }

    /// To be called when `roles` holds those of admins.
    #[inline(never)]
    fn read_roles(&mut self, model: &Object<'_, '_>) -> Result<()> {
        let (mut names, mut factors) = (Strings::default(), Vec::new());
        let other = read_roles(model, &mut names, &mut factors)?;
        self.other_role.buys = other >= 1.0;
        // An admin's role without factor has that of everybody else.
        let admin = Role { is_admin: true, ..self.other_role };
        self.known_roles.resize(self.roles.len(), admin);
        for (name, factor) in factors {
            let name = names.get(name);
            let buys = factor >= 1.0;
            match self.roles.position(name).and_then(|role| self.known_roles.get_mut(role as usize)) {
                Some(role) => role.buys = buys,
                None => {
                    self.roles.add(name);
                    self.known_roles.push(Role { is_admin: false, buys });
                }
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn read_event(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let event = Object::open(value, place)?;
        let name = event.required_text("event")?;
        if self.events.position(name).is_some() {
            event.refuse("event", "is listed twice")?;
        }
        let key = event.boolean("key")?.unwrap_or(true);
        match event.object("label", &["one", "other"])? {
            Some(label) => self.labels.add(label.required_text("one")?),
            None => {
                // As in the sentences of a score: the name with spaces.
                let label: Vec<u8> = name.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
                self.labels.add(&label)
            }
        };
        self.events.add(name);
        self.keys.push(key);
        Ok(())
    }
}

/// A whole number from 0 to 1000, or `None` where absent.
fn at_most(object: &Object<'_, '_>, name: &str) -> Result<Option<usize>> {
    match object.number(name)? {
        None => Ok(None),
        Some(number) if number >= 0.0 && number <= MAX_LIST as f64 && number == number as u32 as f64 => {
            Ok(Some(number as usize))
        }
        Some(_) => object.refuse(name, "must be a whole number from 0 to 1000").map(|()| None),
    }
}

/// How many rows are not handed over, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_event: u32,
    unknown_event: u32,
    not_key: u32,
    no_timestamp: u32,
    after_as_of: u32,
    earlier: usize,
    no_sentence: usize,
    further_reasons: usize,
    no_user: usize,
}

#[derive(Clone, Copy)]
struct Event<'a> {
    code: usize,
    user: Option<&'a [u8]>,
    time: f64,
}

/// Gathers what sales needs to know of a workspace.
///
/// `role` and `persona` hold indices of the model's roles and champion personas, `event` of its events (-1 for NULL,
/// -2 for others); points in time are microseconds since 1970 UTC (NaN for NULL). Writes the first reasons in the given
/// order, the last key events (latest first; those of one instant by the bytes of event and user), admins and champions
/// (each user once, by bytes), the opener, how many of its sentences were left out because a placeholder had nothing to
/// stand for, and the rows that are not handed over by reason. Errors: points that are infinite, which no warehouse's JSON could tell.
#[allow(clippy::too_many_arguments)]
pub fn handoff(
    users_user_id: Texts<'_>,
    users_role: &[i32],
    users_persona: &[i32],
    events_user_id: Texts<'_>,
    events_event: &[i32],
    events_occurred_at: &[f64],
    reasons_code: Texts<'_>,
    reasons_sentence: Texts<'_>,
    reasons_points: &[f64],
    model: &Handoff,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    if let Some(index) = reasons_points.iter().position(|points| points.is_infinite()) {
        return Err(Error::new(path("reasons").index(index).field("points"), "must be a finite number"));
    }
    let mut ignored = Ignored::default();
    let sentences: Vec<(usize, &[u8])> =
        (0..reasons_sentence.len()).filter_map(|index| Some((index, reasons_sentence.get(index)?))).collect();
    ignored.no_sentence = reasons_sentence.len() - sentences.len();
    ignored.further_reasons = sentences.len().saturating_sub(model.reasons);
    let sentences = sentences.get(..model.reasons).unwrap_or(&sentences);
    out.list(sentences.len());
    for &(index, sentence) in sentences {
        out.optional_text(reasons_code.get(index));
        out.text(sentence);
        out.double(reasons_points.get(index).copied().unwrap_or(f64::NAN));
    }

    let events = key_events(events_user_id, events_event, events_occurred_at, model, as_of, &mut ignored);
    out.list(events.len());
    for event in &events {
        out.slots(&[event.code as f64, event.code as f64]);
        out.optional_text(event.user);
        out.timestamp_text(event.time);
    }

    let roles: Vec<Role> =
        users_role.iter().map(|&role| *model.known_roles.get(role as usize).unwrap_or(&model.other_role)).collect();
    let has_id = |index: usize| users_user_id.get(index).is_some();
    ignored.no_user = (0..users_user_id.len()).filter(|&index| !has_id(index)).count();
    // As where a workspace's user is selected: docs/semantics.md ("Scoring", step 10).
    let named = users_persona.iter().enumerate().any(|(index, &persona)| persona >= 0 && has_id(index));
    let is_champion = |(role, &persona): (&Role, &i32)| if named { persona >= 0 } else { role.buys };
    write_users(users_user_id, roles.iter().map(|role| role.is_admin), out);
    write_users(users_user_id, roles.iter().zip(users_persona).map(is_champion), out);

    let fill = |placeholder| match placeholder {
        Placeholder::Reason(number) => sentences.get(number).map(|(_, sentence)| *sentence),
        Placeholder::Event(number) => events.get(number).map(|event| model.labels.get(event.code as u32)),
    };
    let (text, left_out) = match &model.opener {
        Some(opener) => opener.render(fill),
        None => (Vec::new(), 0),
    };
    out.optional_text((!text.is_empty()).then_some(&text[..]));
    out.double(left_out as f64);
    let Ignored { no_event, unknown_event, not_key, no_timestamp, after_as_of, .. } = ignored;
    out.slots(&[no_event, unknown_event, not_key, no_timestamp, after_as_of].map(f64::from));
    out.slots(&[ignored.earlier, ignored.no_sentence, ignored.further_reasons, ignored.no_user].map(|n| n as f64));
    Ok(())
}

/// The last key events, latest first.
fn key_events<'a>(
    user_id: Texts<'a>,
    event: &[i32],
    occurred_at: &[f64],
    model: &Handoff,
    as_of: f64,
    ignored: &mut Ignored,
) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    for (index, (&code, &time)) in event.iter().zip(occurred_at).enumerate() {
        let reason = match model.keys.get(code as usize) {
            None if code == NULL_CODE => &mut ignored.no_event,
            None => &mut ignored.unknown_event,
            Some(false) => &mut ignored.not_key,
            _ if time.is_nan() => &mut ignored.no_timestamp,
            _ if time > as_of => &mut ignored.after_as_of,
            Some(true) => {
                events.push(Event { code: code as usize, user: user_id.get(index), time });
                continue;
            }
        };
        *reason += 1;
    }
    let name = |event: &Event<'_>| model.events.get(event.code as u32);
    sort_by(&mut events, |one, other| {
        one.time > other.time || (one.time == other.time && (name(one), one.user) < (name(other), other.user))
    });
    ignored.earlier = events.len().saturating_sub(model.key_events);
    events.truncate(model.key_events);
    events
}

/// The users of whom it holds, each once, by their bytes.
#[inline(never)]
fn write_users(user_id: Texts<'_>, holds: impl Iterator<Item = bool>, out: &mut Output) {
    let mut users: Vec<&[u8]> =
        holds.enumerate().filter_map(|(index, holds)| user_id.get(index).filter(|_| holds)).collect();
    sort_by(&mut users, |one, other| one < other);
    users.dedup();
    out.list(users.len());
    users.iter().for_each(|user| out.text(user));
}

//! The types of identifiers and the guardrails of a merge: JSON, compiled once.

use crate::Result;
use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

/// How many types there may be: each cluster has a count of each.
const MAX_TYPES: usize = 64;
const MAX_WHOLE: f64 = 1e9;
const NO_LIMIT: u32 = u32::MAX;

/// Why a guardrail acted, as the number of its code in [`REASONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    BlockedValue,
    Shared,
    Hub,
    UniqueType,
    TypeLimit,
    ClusterSize,
}

const REASONS: [&str; 6] = ["blocked_value", "shared", "hub", "unique_type", "type_limit", "cluster_size"];

/// Compiled guardrails; `docs/semantics.md` ("Identity") describes the JSON.
#[derive(Default)]
pub struct Settings {
    /// The names of the types, the strongest first.
    names: Strings,
    /// By type.
    types: Vec<Type>,
    blocked: Vec<Blocked>,
    /// Of the blocked entries.
    texts: Strings,
    /// How many identifiers a person may have.
    pub(super) cluster_size: u32,
    /// An identifier with more links is a hub.
    pub(super) hub_links: f64,
    salt: Vec<u8>,
}

struct Type {
    at_most: u32,
    unique: bool,
}

/// Values that are nobody's.
struct Blocked {
    /// `None` for all.
    of_type: Option<u32>,
    text: u32,
    /// Whether the text lists bytes of which a blocked value has no others, or is the blocked value.
    only: bool,
}

impl Document for Settings {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the types, 1 the reasons. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(2);
        self.names.describe(out);
        out.list(REASONS.len());
        REASONS.iter().for_each(|reason| out.text(reason.as_bytes()));
        out.list(0);
    }
}

impl Settings {
    /// How many types there are.
    pub(super) fn types(&self) -> usize {
        self.types.len()
    }

    /// The name of a type.
    pub(super) fn name(&self, code: u32) -> &[u8] {
        self.names.get(code)
    }

    /// What comes before type and value where an id is computed.
    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Whether a value of a type is blocked.
    pub(super) fn blocks(&self, code: u32, value: &[u8]) -> bool {
        self.blocked.iter().any(|blocked| {
            let text = self.texts.get(blocked.text);
            blocked.of_type.is_none_or(|of_type| of_type == code)
                && if blocked.only { value.iter().all(|byte| text.contains(byte)) } else { text == value }
        })
    }

    /// The guardrail that a person would break who has as many identifiers of each type as `counts` says, together with the
    /// type that there would be too many of: unique types first, then limits, each in the order of the types, then the size.
    pub(super) fn broken(&self, counts: impl Iterator<Item = u32>, size: u32) -> Option<(Reason, Option<u32>)> {
        let mut limited = None;
        for (code, (kind, count)) in self.types.iter().zip(counts).enumerate() {
            if count > kind.at_most {
                if kind.unique {
                    return Some((Reason::UniqueType, Some(code as u32)));
                }
                limited = limited.or(Some((Reason::TypeLimit, Some(code as u32))));
            }
        }
        limited.or_else(|| (size > self.cluster_size).then_some((Reason::ClusterSize, None)))
    }

    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let settings = Object::new(root, place, &["name", "types", "cluster_size", "hub_links", "blocked", "salt"])?;
        settings.required_text("name")?;
        settings.each("types", |value, place| self.read_type(value, place))?;
        if self.types.is_empty() {
            return Err(settings.error("types", "must not be empty"));
        }
        self.cluster_size = whole(&settings, "cluster_size")?;
        let hub_links = whole(&settings, "hub_links")?;
        self.hub_links = if hub_links == NO_LIMIT { f64::INFINITY } else { f64::from(hub_links) };
        self.salt.extend_from_slice(settings.text("salt")?.unwrap_or_default());
        settings.each_if_any("blocked", |value, place| self.read_blocked(value, place))
    }

    #[inline(never)]
    fn read_type(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let object = Object::new(value, place, &["type", "unique", "at_most"])?;
        if self.types.len() == MAX_TYPES {
            return Err(object.place().error("must not be more than 64 types"));
        }
        let name = object.required_text("type")?;
        if self.names.position(name).is_some() {
            return Err(object.error("type", "is listed twice"));
        }
        // It stands between type and value where an id is computed: without it there, no two identifiers read the same.
        if name.contains(&b':') {
            return Err(object.error("type", "must not contain a colon"));
        }
        let unique = object.boolean("unique")?.unwrap_or(false);
        let at_most = whole(&object, "at_most")?;
        if unique && at_most != NO_LIMIT {
            return Err(object.error("at_most", "must not stand beside unique"));
        }
        self.names.add(name);
        self.types.push(Type { at_most: if unique { 1 } else { at_most }, unique });
        Ok(())
    }

    #[inline(never)]
    fn read_blocked(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let object = Object::new(value, place, &["value", "only", "type"])?;
        let of_type = match object.text("type")? {
            None => None,
            Some(name) => Some(self.names.position(name).ok_or_else(|| object.error("type", "is none of types"))?),
        };
        let (text, only) = match (object.text("value")?, object.text("only")?) {
            (Some(text), None) => (text, false),
            (None, Some(text)) => (text, true),
            (None, None) => return Err(object.error("value", "is missing")),
            (Some(_), Some(_)) => return Err(object.error("only", "must not stand beside value")),
        };
        if only && !text.is_ascii() {
            return Err(object.error("only", "must be ASCII characters"));
        }
        let text = self.texts.add(text);
        self.blocked.push(Blocked { of_type, text, only });
        Ok(())
    }
}

/// A whole number from 1 on; [`NO_LIMIT`] where absent.
#[inline(never)]
fn whole(object: &Object<'_, '_>, name: &str) -> Result<u32> {
    match object.number(name)? {
        None => Ok(NO_LIMIT),
        Some(number) if (1.0..=MAX_WHOLE).contains(&number) && number == f64::from(number as u32) => Ok(number as u32),
        Some(_) => Err(object.error(name, "must be a whole number from 1 to 1,000,000,000")),
    }
}

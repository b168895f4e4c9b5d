//! Nested audiences: how many levels somebody is in, by conditions over one row of facts.
//!
//! A level holds only where all levels before it hold, so that each audience is a part of the one before, whatever the
//! conditions say (`docs/semantics.md`, "Audiences").

use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const NO_AS_OF: &str = "as_of cannot be used here: audience_level does not take it; give the point in time as a fact";

/// Compiled exclusions and levels; `docs/semantics.md` ("Audiences") describes the JSON.
#[derive(Default)]
pub struct Levels {
    /// The names and destinations.
    strings: Strings,
    expressions: Expressions,
    exclusions: Vec<Level>,
    levels: Vec<Level>,
}

/// A level, or an exclusion, which has no destination.
#[derive(Clone, Copy)]
struct Level {
    name: u32,
    destination: u32,
    when: Expression,
}

impl Document for Levels {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: names and destinations.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl Levels {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let document = Object::new(root, place, &["name", "exclusions", "levels", "on_missing"])?;
        document.required_text("name")?;
        self.expressions.refuse_as_of(NO_AS_OF);
        self.expressions.read_on_missing(&document)?;
        if document.get("exclusions").is_some() {
            document.each("exclusions", |value, place| self.read_level(value, place, &["name", "when"]))?;
        }
        self.exclusions = core::mem::take(&mut self.levels);
        document.each("levels", |value, place| self.read_level(value, place, &["name", "destination", "when"]))?;
        if self.levels.is_empty() {
            return Err(document.error("levels", "must not be empty"));
        }
        self.expressions.finish(document.place())
    }

    /// Reads an exclusion or a level, which has one field more.
    #[inline(never)]
    fn read_level(&mut self, value: Value<'_>, place: Place<'_>, allowed: &[&str]) -> Result<()> {
        let level = Object::new(value, place, allowed)?;
        let name = level.required_text("name")?;
        if self.levels.iter().any(|earlier| self.strings.get(earlier.name) == name) {
            return Err(level.error("name", "is listed twice"));
        }
        let name = self.strings.add(name);
        let destination = match allowed.len() {
            3 => self.strings.add(level.required_text("destination")?),
            _ => name,
        };
        let when = self.expressions.read_required(&level, "when", Type::Boolean)?;
        self.levels.push(Level { name, destination, when });
        Ok(())
    }
}

/// How many of the nested levels hold for one row of facts, and what decided.
///
/// Writes the number of levels that hold (0 for none), the name and the destination of the last of them, the first
/// exclusion that is true, and, where none is, the first level whose condition is not true; what there is none of is
/// NULL. The facts are those that the levels [describe](Document::describe). There is no error beside those of
/// compiling the levels.
pub fn audience_level(facts: FactRow<'_, '_>, levels: &Levels, out: &mut Output) -> Result<()> {
    let holds = |level: &&Level| levels.expressions.holds(level.when, facts, 0.0);
    let excluded = levels.exclusions.iter().find(holds);
    let level = match excluded {
        Some(_) => 0,
        None => levels.levels.iter().take_while(holds).count(),
    };
    let reached = level.checked_sub(1).map(|last| levels.levels[last]);
    let stopped = if excluded.is_none() { levels.levels.get(level) } else { None };
    let text = |number: Option<u32>| number.map_or(-1.0, f64::from);
    out.slots(&[
        level as f64,
        text(reached.map(|level| level.name)),
        text(reached.map(|level| level.destination)),
        text(excluded.map(|exclusion| exclusion.name)),
        text(stopped.map(|level| level.name)),
    ]);
    Ok(())
}

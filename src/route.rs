//! Routing: where a lead goes, whose it is, why, and what the destinations need to know.
//!
//! The first rule that is true decides (`docs/semantics.md`, "Routing").

use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{self, MAX_LIST, Object, Place, TOO_LONG, Value};
use alloc::vec::Vec;
use core::ops::Range;

/// Compiled routing rules; `docs/semantics.md` ("Routing") describes the JSON.
#[derive(Default)]
pub struct Routing {
    /// Codes, reasons, names, teams, notes, and the fields of payloads, each of these once.
    strings: Strings,
    expressions: Expressions,
    destinations: Vec<Destination>,
    rules: Vec<Rule>,
    /// The destinations of all rules.
    targets: Vec<Target>,
    owners: Vec<Owner>,
    notes: Vec<(u32, Expression)>,
    /// The fields of all payloads.
    payloads: Vec<u32>,
}

struct Destination {
    name: u32,
    when: Option<Expression>,
    payload: Range<usize>,
}

struct Rule {
    code: u32,
    reason: u32,
    when: Option<Expression>,
    targets: Range<usize>,
}

struct Target {
    destination: usize,
    when: Option<Expression>,
}

struct Owner {
    team: u32,
    owner: Option<Expression>,
    /// The rule that must have decided.
    route: Option<usize>,
    when: Option<Expression>,
}

impl Document for Routing {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with all texts of results.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl Routing {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        // A scoring model carries its routing in a field of its own.
        let model = Object::part(root, place)?;
        match model.get("routing") {
            Some(routing) => self.read_document(routing, model.place().field("routing")),
            None => self.read_document(root, place),
        }
    }

    #[inline(never)]
    pub(crate) fn read_document(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let allowed = ["name", "destinations", "rules", "owners", "notes", "on_missing"];
        let document = Object::new(root, place, &allowed)?;
        document.required_text("name")?;
        self.expressions.read_on_missing(&document)?;
        document.each("destinations", |value, place| self.read_destination(value, place))?;
        document.each("rules", |value, place| self.read_rule(value, place))?;
        if self.rules.last().is_none_or(|last| last.when.is_some()) {
            document.refuse("rules", "must end with a rule without condition")?;
        }
        document.each_if_any("owners", |value, place| self.read_owner(value, place))?;
        document.each_if_any("notes", |value, place| self.read_note(value, place))?;
        self.expressions.finish(document.place())
    }

    #[inline(never)]
    fn read_destination(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let destination = Object::new(value, place, &["name", "when", "payload"])?;
        let name = destination.required_text("name")?;
        if self.destination(name).is_some() {
            destination.refuse("name", "is listed twice")?;
        }
        let name = self.strings.add(name);
        let when = self.expressions.read(&destination, "when", Type::Boolean)?;
        let start = self.payloads.len();
        destination.each_if_any("payload", |value, place| {
            let field = value.text().ok_or_else(|| place.error("must be a text"))?;
            if self.payloads.len() == MAX_LIST {
                return Err(place.error(TOO_LONG));
            }
            let known = self.payloads.iter().copied().find(|&known| self.strings.get(known) == field);
            let field = known.unwrap_or_else(|| self.strings.add(field));
            self.payloads.push(field);
            Ok(())
        })?;
        self.destinations.push(Destination { name, when, payload: start..self.payloads.len() });
        Ok(())
    }

    fn destination(&self, name: &[u8]) -> Option<usize> {
        self.destinations.iter().position(|destination| self.strings.get(destination.name) == name)
    }

    #[inline(never)]
    fn read_rule(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let rule = Object::new(value, place, &["code", "reason", "when", "destinations"])?;
        let code = rule.required_text("code")?;
        if self.rule(code).is_some() {
            rule.refuse("code", "is listed twice")?;
        }
        if self.rules.last().is_some_and(|before| before.when.is_none()) {
            place.refuse(UNREACHABLE)?;
        }
        let code = self.strings.add(code);
        let reason = self.strings.add(rule.required_text("reason")?);
        let when = self.expressions.read(&rule, "when", Type::Boolean)?;
        let start = self.targets.len();
        rule.each("destinations", |value, place| self.read_target(value, place, start))?;
        self.rules.push(Rule { code, reason, when, targets: start..self.targets.len() });
        Ok(())
    }

    fn rule(&self, code: &[u8]) -> Option<usize> {
        self.rules.iter().position(|rule| self.strings.get(rule.code) == code)
    }

    /// Reads a destination of a rule whose destinations begin at `start`: its name, or its name and a condition.
    #[inline(never)]
    fn read_target(&mut self, value: Value<'_>, place: Place<'_>, start: usize) -> Result<()> {
        let (name, when) = match value.text() {
            Some(name) => (name, None),
            None => {
                let target = Object::new(value, place, &["destination", "when"])?;
                let when = self.expressions.read_required(&target, "when", Type::Boolean)?;
                (target.required_text("destination")?, Some(when))
            }
        };
        let Some(destination) = self.destination(name) else {
            return place.refuse("is no destination of the document");
        };
        if self.targets[start..].iter().any(|earlier| earlier.destination == destination) {
            place.refuse("is listed twice")?;
        }
        self.targets.push(Target { destination, when });
        Ok(())
    }

    #[inline(never)]
    fn read_owner(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let owner = Object::new(value, place, &["team", "owner", "route", "when"])?;
        if self.owners.last().is_some_and(|before| before.when.is_none() && before.route.is_none()) {
            place.refuse(UNREACHABLE)?;
        }
        let team = self.strings.add(owner.required_text("team")?);
        let route = match owner.text("route")? {
            None => None,
            Some(code) => match self.rule(code) {
                None => owner.refuse("route", "is the code of no rule of the document").map(|()| None)?,
                rule => rule,
            },
        };
        let when = self.expressions.read(&owner, "when", Type::Boolean)?;
        let owner = self.expressions.read(&owner, "owner", Type::Text)?;
        self.owners.push(Owner { team, owner, route, when });
        Ok(())
    }

    #[inline(never)]
    fn read_note(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let note = Object::new(value, place, &["text", "when"])?;
        let text = self.strings.add(note.required_text("text")?);
        let when = self.expressions.read_required(&note, "when", Type::Boolean)?;
        self.notes.push((text, when));
        Ok(())
    }
}

const UNREACHABLE: &str = "is never reached: the one before has no condition";

/// Where a lead goes by one row of facts: destinations, owner, the rule that decided, what to hand over, and notes.
///
/// Writes the destinations of the first rule that is true (those whose conditions are true), the team and the owner by
/// the first ownership rule that is true, the rule's code and reason, the fields that the destinations need, each once,
/// and the notes that are true. What there is none of is NULL. `as_of` is microseconds since 1970 UTC. The facts are
/// those that the rules [describe](Document::describe). There is no error beside those of compiling the rules.
pub fn route(facts: FactRow<'_, '_>, routing: &Routing, as_of: f64, out: &mut Output) -> Result<()> {
    let holds = |when: Option<Expression>| when.is_none_or(|when| routing.expressions.holds(when, facts, as_of));
    let start = out.stream.len();
    out.list(0);
    // The last rule has no condition.
    let number = routing.rules.iter().position(|rule| holds(rule.when)).unwrap_or_default();
    let rule = &routing.rules[number];
    for target in &routing.targets[rule.targets.clone()] {
        let destination = &routing.destinations[target.destination];
        if holds(destination.when) && holds(target.when) {
            out.double(destination.name as f64);
        }
    }
    let end = close_list(start, out);
    let owner =
        routing.owners.iter().find(|owner| owner.route.is_none_or(|route| route == number) && holds(owner.when));
    out.double(owner.map_or(-1.0, |owner| owner.team as f64));
    match owner.and_then(|owner| owner.owner) {
        Some(owner) => routing.expressions.write_text(owner, facts, as_of, out),
        None => out.null_text(),
    }
    out.slots(&[rule.code as f64, rule.reason as f64, 0.0]);
    let payload = out.stream.len() - 1;
    for destination in &routing.destinations {
        if !out.stream[start + 1..end].contains(&(destination.name as f64)) {
            continue;
        }
        for &field in &routing.payloads[destination.payload.clone()] {
            if !out.stream[payload + 1..].contains(&(field as f64)) {
                out.double(field as f64);
            }
        }
    }
    close_list(payload, out);
    let notes = out.stream.len();
    out.list(0);
    for &(text, when) in &routing.notes {
        if holds(Some(when)) {
            out.double(text as f64);
        }
    }
    close_list(notes, out);
    Ok(())
}

/// Writes the length of the list that begins at a slot and ends with the stream, and returns where that is.
#[inline(never)]
fn close_list(start: usize, out: &mut Output) -> usize {
    let end = out.stream.len();
    out.stream[start] = (end - start - 1) as f64;
    end
}

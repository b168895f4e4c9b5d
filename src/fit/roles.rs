//! Which role of a model a user has.

use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::score::model::{FIELDS, read_roles};
use crate::status::expressions::{Expression, Expressions, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const NO_AS_OF: &str = "as_of cannot be used in rules of roles: give the point in time as a fact";

/// The rules of roles of a scoring model; `docs/semantics.md` ("Roles") describes the JSON.
#[derive(Default)]
pub struct Roles {
    strings: Strings,
    roles: Vec<(u32, f64)>,
    other_role: f64,
    expressions: Expressions,
    /// Role and condition of each rule.
    rules: Vec<(usize, Expression)>,
}

impl Document for Roles {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: the roles.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl Roles {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        self.read_fields(&Object::new(root, place, &FIELDS)?)
    }

    #[inline(never)]
    pub(crate) fn read_fields(&mut self, model: &Object<'_, '_>) -> Result<()> {
        self.other_role = read_roles(model, &mut self.strings, &mut self.roles)?;
        self.expressions.refuse_as_of(NO_AS_OF);
        self.expressions.read_on_missing(model)?;
        let (roles, strings, rules) = (&self.roles, &self.strings, &mut self.rules);
        model.each_if_any("role_rules", |value, place| {
            let rule = Object::new(value, place, &["role", "when"])?;
            let name = rule.required_text("role")?;
            let role = roles.iter().position(|(role, _)| strings.get(*role) == name);
            if role.is_none() && !name.is_empty() {
                rule.refuse("role", "is no role of the model")?;
            }
            let when = self.expressions.read_required(&rule, "when", Type::Boolean)?;
            rules.push((role.unwrap_or(0), when));
            Ok(())
        })?;
        self.expressions.finish(model.place())
    }
}

/// Which role of the model a user has, and the factor of that role.
///
/// Writes the role of the first rule that is true, NULL where none is, and its factor, that of everybody else where there
/// is no role. There is no error beside those of compiling the model.
pub fn role_factor(facts: FactRow<'_, '_>, model: &Roles, out: &mut Output) -> Result<()> {
    let rule = model.rules.iter().find(|(_, when)| model.expressions.holds(*when, facts, 0.0));
    match rule.and_then(|(role, _)| model.roles.get(*role)) {
        Some(&(name, factor)) => out.slots(&[name as f64, factor]),
        None => out.slots(&[-1.0, model.other_role]),
    }
    Ok(())
}

//! What a model's conditions say of a workspace.

use super::icp;
use super::scale::Scale;
use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::score::model::FIELDS;
use crate::status::expressions::{Expressions, Truth, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};

/// The conditions of a scoring model's states, milestones and rules of fit; `docs/semantics.md` ("Scoring model") describes
/// the JSON.
#[derive(Default)]
pub struct States {
    /// The model's name and version, and what else reading gives.
    strings: Strings,
    expressions: Expressions,
    count: u32,
}

impl Document for States {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary, which no result refers to.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl States {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        self.read_fields(&Object::new(root, place, &FIELDS)?)
    }

    #[inline(never)]
    pub(crate) fn read_fields(&mut self, model: &Object<'_, '_>) -> Result<()> {
        self.strings.add(model.required_text("name")?);
        self.strings.add(model.required_text("version")?);
        let (expressions, count) = (&mut self.expressions, &mut self.count);
        expressions.read_on_missing(model)?;
        for list in ["states", "milestones"] {
            model.each_if_any(list, |value, place| {
                expressions.read_required(&Object::part(value, place)?, "when", Type::Boolean)?;
                *count += 1;
                Ok(())
            })?;
        }
        expressions.refuse_as_of(icp::NO_AS_OF);
        Scale::default().read(model, &mut self.strings, |rule, _| {
            expressions.read_required(rule, "when", Type::Boolean)?;
            *count += 1;
            Ok(())
        })?;
        self.expressions.finish(model.place())
    }
}

/// What the model's conditions say of a workspace, as `score_workspace` takes it: the model's name and version, and for
/// each state, milestone and rule of fit in the model's order `1`, `0` or `?` for true, false and unknown.
///
/// `as_of` is microseconds since 1970 UTC. There is no error beside those of compiling the model.
pub fn model_states(facts: FactRow<'_, '_>, model: &States, as_of: f64, out: &mut Output) -> Result<()> {
    out.text_with(|text| {
        push_header(text, model.strings.get(0), model.strings.get(1));
        text.extend((0..model.count).map(|condition| match model.expressions.truth(condition, facts, as_of) {
            Truth::True => b'1',
            Truth::False => b'0',
            Truth::Null => b'?',
        }));
    });
    Ok(())
}

/// What a text of states begins with: of which model it is.
pub(crate) fn push_header(text: &mut alloc::vec::Vec<u8>, name: &[u8], version: &[u8]) {
    text.extend_from_slice(name);
    text.push(b'/');
    text.extend_from_slice(version);
    text.push(b':');
}

//! All problems of a scoring model at once.

use crate::abi::{Document, Output};
use crate::fit;
use crate::route::Routing;
use crate::score::model::FIELDS;
use crate::tape::{Object, Place, Problems, Tape};
use crate::workspace;
use crate::{Error, Result};
use alloc::vec::Vec;

/// A scoring model, read with all that every function reads of it; `docs/semantics.md` ("Scoring model") describes the JSON.
#[derive(Default)]
pub struct Checked {
    problems: Vec<Error>,
}

impl Document for Checked {
    /// Never an error: what is wrong with the model is what there is to tell.
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        let tape = Tape::new(argument, source)?;
        let collected = Problems::default();
        let read = Object::new(tape.root(), Place::collecting(argument, &collected), &FIELDS)
            .and_then(|model| read_all(&model));
        let mut problems: Vec<Error> = Vec::new();
        // What several functions read is refused several times.
        for problem in collected.into_list().into_iter().chain(read.err()) {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        Ok(Checked { problems })
    }

    /// Neither dictionaries nor facts.
    fn describe(&self, out: &mut Output) {
        out.slots(&[0.0, 0.0]);
    }
}

/// Reads everything that a function reads of a model; every problem is collected at the model's place.
fn read_all(model: &Object<'_, '_>) -> Result<()> {
    workspace::Model::default().read_fields(model)?;
    fit::States::default().read_fields(model)?;
    fit::Roles::default().read_fields(model)?;
    if let Some(routing) = model.get("routing") {
        let place = model.place().field("routing");
        if let Err(error) = Routing::default().read_document(routing, place) {
            place.refuse_with(error)?;
        }
    }
    Ok(())
}

/// Writes the problems of a model in the order of reading, each with its path and what is wrong there; an empty list
/// where every function takes the model.
///
/// ```sql
/// SELECT plg.model_check('{"name": "m"}');
/// ```
pub fn model_check(model: &Checked, out: &mut Output) -> Result<()> {
    out.list(model.problems.len());
    for problem in &model.problems {
        out.text(problem.path().as_bytes());
        out.text(problem.message().as_bytes());
    }
    Ok(())
}

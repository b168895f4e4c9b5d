//! All problems of a scoring model at once.

use crate::abi::{Document, Output};
use crate::anomaly::{Rate, Signups, Spam};
use crate::fit;
use crate::levels::{Account, Handoff};
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
    // What one part cannot go on from is no reason to leave out the others.
    let collect = |read: Result<()>| read.or_else(|error| model.place().refuse_with(error));
    collect(workspace::Model::default().read_fields(model))?;
    collect(fit::States::default().read_fields(model))?;
    collect(fit::Roles::default().read_fields(model))?;
    collect(Account::read(model).map(drop))?;
    collect(Handoff::read(model).map(drop))?;
    collect(Spam::read(model).map(drop))?;
    collect(Rate::read(model).map(drop))?;
    collect(Signups::read(model).map(drop))?;
    if let Some(routing) = model.get("routing") {
        collect(Routing::default().read_document(routing, model.place().field("routing")))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{IcpFit, Roles, States};
    use crate::levels::StageModel;
    use crate::tape::writer::from_value;
    use alloc::string::{String, ToString};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const STARTER: &str = include_str!("../udfs/score/documents/starter.json");
    const TEAM: &str = include_str!("../udfs/workspace/documents/team.json");

    fn problems(model: &Value) -> Vec<String> {
        let checked = Checked::compile("model", &from_value("model", model).unwrap()).unwrap();
        let problems: Vec<String> = checked.problems.iter().map(Error::to_string).collect();
        problems
    }

    /// What each function that takes the model says first.
    fn refusals(model: &Value) -> Vec<String> {
        fn refusal<T: Document>(tape: &[u8]) -> Option<String> {
            T::compile("model", tape).err().map(|error| error.to_string())
        }
        let tape = from_value("model", model).unwrap();
        let routing = model.get("routing").filter(|routing| !routing.is_null());
        [
            refusal::<crate::score::Model>(&tape),
            refusal::<workspace::Model>(&tape),
            refusal::<States>(&tape),
            refusal::<Roles>(&tape),
            refusal::<Account>(&tape),
            refusal::<Handoff>(&tape),
            refusal::<Spam>(&tape),
            refusal::<Rate>(&tape),
            refusal::<Signups>(&tape),
            model.get("stages").filter(|stages| !stages.is_null()).and_then(|_| refusal::<StageModel>(&tape)),
            model.get("fit").filter(|fit| !fit.is_null()).and_then(|_| refusal::<IcpFit>(&tape)),
            routing.and_then(|_| refusal::<Routing>(&tape)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Every place of a document, as a JSON pointer.
    fn places(value: &Value, here: String, all: &mut Vec<String>) {
        match value {
            Value::Array(elements) => {
                elements.iter().enumerate().for_each(|(i, element)| places(element, alloc::format!("{here}/{i}"), all));
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| places(field, alloc::format!("{here}/{name}"), all));
            }
            _ => {}
        }
        all.push(here);
    }

    fn mutate(model: &mut Value, place: prop::sample::Index, change: u8) {
        let mut all = Vec::new();
        places(model, String::new(), &mut all);
        let Some(value) = model.pointer_mut(&all[place.index(all.len())]) else { return };
        match (change, value) {
            (0, value) => *value = Value::Null,
            (1, value) => *value = json!(-1),
            (2, value) => *value = json!(0),
            (3, value) => *value = json!("x"),
            (4, value) => *value = json!("x >"),
            (5, value) => *value = json!([]),
            (6, value) => *value = json!({}),
            (7, value) => *value = json!(1e9),
            (8, value) => *value = json!(true),
            (9, Value::Object(fields)) => {
                fields.insert("surplus".into(), json!(1));
            }
            (10, Value::Object(fields)) => {
                let first = fields.keys().next().cloned();
                first.map(|name| fields.shift_remove(&name));
            }
            (11, Value::Array(elements)) => elements.extend(elements.first().cloned()),
            (_, Value::Number(number)) => *number = 7.into(),
            (_, value) => *value = json!("seniority = 1"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_model_without_problems_is_one_that_every_function_takes(
            starter in any::<bool>(), changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..14), 0..4),
        ) {
            let mut model: Value = serde_json::from_str(if starter { STARTER } else { TEAM }).unwrap();
            changes.iter().for_each(|(place, change)| mutate(&mut model, *place, *change));
            let (problems, refusals) = (problems(&model), refusals(&model));
            prop_assert_eq!(problems.is_empty(), refusals.is_empty(), "{:?} {:?}", problems, refusals);
            for refusal in refusals {
                // The routing's own function calls its argument otherwise.
                let refusal = refusal.replacen("routing.routing", "model.routing", 1);
                // Conditions are judged one by one first, and then those that are right together.
                let told = problems.contains(&refusal) || refusal.contains(": line ");
                prop_assert!(told, "{} is not among {:?}", refusal, problems);
            }
        }
    }

    #[test]
    fn problems_of_different_parts_are_told_together() {
        let mut model: Value = serde_json::from_str(TEAM).unwrap();
        model["events"][0]["points"] = json!(-1);
        model["events"][2]["cap"]["days"] = json!("week");
        model["buckets"][1]["surplus"] = json!(1);
        model["buckets"][1]["another"] = json!(1);
        model["role_rules"][1]["when"] = json!("title = ");
        model["role_rules"][0]["role"] = json!("boss");
        model["fit"]["rules"][0]["when"] = json!("employees = 'many' or has_buyer > 3");
        model["milestones"][0]["when"] = json!("trial_days_remaining");
        model["routing"] = json!({"name": "r", "destinations": [], "rules": [
            {"code": "a", "reason": "r", "when": "score >", "destinations": ["x"]}, {"code": "a", "destinations": []}]});
        assert_eq!(
            problems(&model),
            [
                "model.buckets[1].another: is not a field of this object",
                "model.buckets[1].surplus: is not a field of this object",
                "model.events[0].points: must be > 0",
                "model.events[2].cap.days: must be a finite number",
                "model.milestones[0].when: line 1, column 1: trial_days_remaining (elsewhere a number) cannot be a condition",
                "model.milestones[1].when: line 1, column 1: has_buyer (elsewhere a number) cannot be a condition",
                "model.role_rules[0].role: is no role of the model",
                "model.role_rules[1].when: line 1, column 9: expected a field or a literal",
                "model.routing.rules[0].when: line 1, column 8: expected a field or a literal",
                "model.routing.rules[0].destinations[0]: is no destination of the document",
                "model.routing.rules[1].code: is listed twice",
                "model.routing.rules[1].reason: is missing",
            ]
        );
    }
}

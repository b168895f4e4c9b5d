//! The examples of the catalogue as calls, for `verify.sql`.

use plg_catalogue::{Argument, ArgumentType, Catalogue, Example, Expected, Function};
use serde::Serialize;
use serde_json::Value;

use super::literal::{Dialect, literal};
use super::types::Type;

/// What `verify.sql` is made of.
#[derive(Serialize)]
pub struct Verify {
    /// The documents that examples name; columns of a common table expression.
    documents: Vec<NamedDocument>,
    examples: Vec<Row>,
}

#[derive(Serialize)]
struct NamedDocument {
    name: String,
    literal: String,
}

#[derive(Serialize)]
struct Row {
    function: String,
    example: String,
    expected: String,
    got: String,
}

/// Every example that promises a value.
pub fn verify(catalogue: &Catalogue, dialect: &dyn Dialect) -> Verify {
    let documents = catalogue
        .documents
        .iter()
        .map(|(name, text)| NamedDocument { name: name.clone(), literal: dialect.text(text) })
        .collect();
    let mut examples = Vec::new();
    for function in &catalogue.functions {
        for example in &function.examples {
            if let Expected::Value(value) = example.expected() {
                examples.push(Row {
                    function: dialect.text(&function.name),
                    example: dialect.text(&example.title),
                    expected: dialect.expected(&Type::from(&function.result), &value),
                    got: dialect.got(&call(function, example, dialect)),
                });
            }
        }
    }
    Verify { documents, examples }
}

/// The example as a call; documents of the catalogue are columns of `documents`.
pub fn call(function: &Function, example: &Example, dialect: &dyn Dialect) -> String {
    format!("{}({})", dialect.function(&function.name), arguments(function, example, dialect).join(", "))
}

/// The arguments of [`call`] in order.
pub fn arguments(function: &Function, example: &Example, dialect: &dyn Dialect) -> Vec<String> {
    let value = |name: &str| example.arguments.get(name).unwrap_or(&Value::Null);
    let document = |name: &str| Some(format!("documents.{}", value(name).as_str()?.strip_prefix('@')?));
    let argument = |argument: &Argument| match &argument.kind {
        ArgumentType::Document(_) if let Some(column) = document(&argument.name) => column,
        kind => literal(dialect, &Type::from(kind), value(&argument.name)),
    };
    function.arguments.iter().map(argument).collect()
}

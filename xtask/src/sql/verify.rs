//! The examples of the catalogue as calls, for `verify.sql`.

use plg_catalogue::{ArgumentType, Catalogue, Example, Expected, Function};
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
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .map(|argument| {
            let value = example.arguments.get(&argument.name).unwrap_or(&Value::Null);
            match (&argument.kind, value.as_str().and_then(|text| text.strip_prefix('@'))) {
                (ArgumentType::Document(_), Some(document)) => format!("documents.{document}"),
                (kind, _) => literal(dialect, &Type::from(kind), value),
            }
        })
        .collect();
    format!("{}({})", dialect.function(&function.name), arguments.join(", "))
}

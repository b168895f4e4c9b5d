//! The examples of the catalogue as calls, for `verify.sql`.

use plg_catalogue::{Aggregate, Argument, ArgumentType, Catalogue, Column, Example, Expected, Function};
use serde::Serialize;
use serde_json::Value;

use super::literal::{Dialect, literal};
use super::types::{Type, list_of};

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
    for aggregate in &catalogue.aggregates {
        for example in &aggregate.examples {
            if let Expected::Value(value) = example.expected() {
                let document = |name: &str| dialect.text(&catalogue.documents[name]);
                let query = aggregated(aggregate, example, dialect, &document);
                examples.push(Row {
                    function: dialect.text(&aggregate.name),
                    example: dialect.text(&example.title),
                    expected: dialect.expected(&list_of(&aggregate.result), &value),
                    got: dialect.got(&format!("({query})")),
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

/// The example of an aggregate as a query; `document` writes a document of the catalogue.
fn aggregated(
    aggregate: &Aggregate,
    example: &Example,
    dialect: &dyn Dialect,
    document: &dyn Fn(&str) -> String,
) -> String {
    let rows = example.arguments.get("rows").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let selected = |row: &Value| {
        let columns = aggregate.arguments.iter().filter(|column| !column.constant);
        let literals = columns.map(|column| {
            let value = row.get(&column.name).unwrap_or(&Value::Null);
            format!("{} AS {}", literal(dialect, &Type::from(column.kind), value), column.name)
        });
        format!("SELECT {}", literals.collect::<Vec<_>>().join(", "))
    };
    let given = match rows {
        [] => format!("SELECT * FROM ({}) AS nothing WHERE FALSE", selected(&Value::Null)),
        rows => rows.iter().map(selected).collect::<Vec<_>>().join(" UNION ALL "),
    };
    let argument = |column: &Column| {
        let value = example.arguments.get(&column.name).unwrap_or(&Value::Null);
        let text = match value.as_str().and_then(|text| text.strip_prefix('@')) {
            _ if !column.constant => format!("given.{}", column.name),
            Some(name) => document(name),
            None => literal(dialect, &Type::from(column.kind), value),
        };
        (Type::from(column.kind), text)
    };
    let arguments: Vec<(Type, String)> = aggregate.arguments.iter().map(argument).collect();
    dialect.aggregate(aggregate, &arguments, &given)
}

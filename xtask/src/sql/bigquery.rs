//! BigQuery: private JavaScript functions behind public SQL functions.

use anyhow::{Context, Result, ensure};
use plg_catalogue::{Aggregate, ArgumentType, Catalogue, Function};
use serde::Serialize;
use serde_json::Value;

use super::literal::{Dialect, doubles, escape, literal};
use super::types::{Type, list_of};
use super::{Bodies, Common, HASH_DIGITS};
use crate::javascript::{Body, Warehouse};

/// Where and how BigQuery's functions are written.
pub struct BigQuery {
    /// The dataset with its project, `project.plg`.
    pub dataset: String,
    /// Where the dataset is created, `US`.
    pub location: String,
}

#[derive(Serialize)]
pub struct BigQueryContext<'a> {
    #[serde(flatten)]
    common: Common,
    dataset: &'a str,
    location: &'a str,
    functions: Vec<Entry<'a>>,
    aggregates: Vec<AggregateEntry<'a>>,
    /// Names of all current private functions.
    current: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    function: &'a Function,
    private: String,
    /// The types of the private function's arguments.
    private_types: Vec<String>,
    private_result: String,
    result_sql: String,
    body: String,
    description: String,
}

#[derive(Serialize)]
struct AggregateEntry<'a> {
    #[serde(flatten)]
    aggregate: &'a Aggregate,
    /// The JavaScript aggregate, which knows points in time as microseconds.
    private: String,
    /// The SQL function that makes points in time of its result what the public one promises.
    private_rows: Option<String>,
    types: Vec<String>,
    private_types: Vec<String>,
    private_result: String,
    result_sql: String,
    body: String,
    description: String,
}

impl BigQuery {
    pub(super) fn context<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        bodies: Bodies<'_>,
        common: Common,
    ) -> Result<BigQueryContext<'a>> {
        let functions = catalogue
            .functions
            .iter()
            .map(|function| self.entry(function, bodies).with_context(|| function.name.clone()))
            .collect::<Result<Vec<_>>>()?;
        let aggregates = catalogue
            .aggregates
            .iter()
            .map(|aggregate| self.aggregate_entry(aggregate, bodies).with_context(|| aggregate.name.clone()))
            .collect::<Result<Vec<_>>>()?;
        let mut current: Vec<String> = functions.iter().map(|entry| entry.private.clone()).collect();
        current.extend(aggregates.iter().map(|entry| entry.private.clone()));
        current.extend(aggregates.iter().filter_map(|entry| entry.private_rows.clone()));
        current.sort();
        Ok(BigQueryContext { common, dataset: &self.dataset, location: &self.location, functions, aggregates, current })
    }

    fn entry<'a>(&self, function: &'a Function, bodies: Bodies<'_>) -> Result<Entry<'a>> {
        let body = body(&function.name, bodies)?;
        let result = Type::from(&function.result);
        Ok(Entry {
            private: format!("{}__{}", function.name, &body.hash[..HASH_DIGITS]),
            private_types: function.arguments.iter().map(|argument| private_type(&argument.kind)).collect(),
            // JavaScript knows no integers.
            private_result: type_name(if result == Type::Integer { &Type::Double } else { &result }),
            result_sql: type_name(&result),
            body: body.text,
            description: self.text(&function.summary),
            function,
        })
    }

    fn aggregate_entry<'a>(&self, aggregate: &'a Aggregate, bodies: Bodies<'_>) -> Result<AggregateEntry<'a>> {
        let body = body(&aggregate.name, bodies)?;
        let hash = &body.hash[..HASH_DIGITS];
        let result = list_of(&aggregate.result);
        let types = || aggregate.arguments.iter().map(|argument| Type::from(argument.kind));
        Ok(AggregateEntry {
            private: format!("{}__{hash}", aggregate.name),
            private_rows: (private(&result) != result).then(|| format!("{}_rows__{hash}", aggregate.name)),
            types: types().map(|kind| type_name(&kind)).collect(),
            private_types: types().map(|kind| type_name(&private(&kind))).collect(),
            private_result: type_name(&private(&result)),
            result_sql: type_name(&result),
            body: body.text,
            description: self.text(&aggregate.summary),
            aggregate,
        })
    }
}

fn body(name: &str, bodies: Bodies<'_>) -> Result<Body> {
    let body = bodies(name, Warehouse::BigQuery);
    ensure!(!body.text.contains("\"\"\""), "the body must not contain three quotes, which end it");
    Ok(body)
}

/// Timestamps are microseconds since 1970, facts JSON text.
fn private_type(kind: &ArgumentType) -> String {
    type_name(&private(&Type::from(kind)))
}

fn private(kind: &Type) -> Type {
    match kind {
        Type::Timestamp => Type::Double,
        Type::Facts => Type::Text,
        Type::List(element) => Type::List(Box::new(private(element))),
        Type::Struct(fields) => Type::Struct(fields.iter().map(|(name, kind)| (name.clone(), private(kind))).collect()),
        other => other.clone(),
    }
}

fn type_name(kind: &Type) -> String {
    match kind {
        Type::Double => "FLOAT64".to_owned(),
        Type::Integer => "INT64".to_owned(),
        Type::Boolean => "BOOL".to_owned(),
        Type::Text => "STRING".to_owned(),
        Type::Timestamp => "TIMESTAMP".to_owned(),
        Type::Facts => "JSON".to_owned(),
        Type::List(element) => format!("ARRAY<{}>", type_name(element)),
        Type::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, kind)| format!("{name} {}", type_name(kind))).collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
    }
}

impl Dialect for BigQuery {
    fn folder(&self) -> &'static str {
        "bigquery"
    }

    fn type_name(&self, kind: &Type) -> String {
        type_name(kind)
    }

    fn function(&self, name: &str) -> String {
        // A name of two parts would be looked up in the project of whoever asks.
        format!("`{}.{name}`", self.dataset)
    }

    fn text(&self, text: &str) -> String {
        format!("'{}'", escape(text, "\\'", false))
    }

    fn double(&self, decimal: &str) -> String {
        match decimal {
            "NaN" | "Infinity" | "-Infinity" => format!("CAST('{decimal}' AS FLOAT64)"),
            decimal if decimal.contains(['.', 'e']) => decimal.to_owned(),
            decimal => format!("{decimal}.0"),
        }
    }

    fn timestamp(&self, text: &str) -> String {
        format!("TIMESTAMP '{text}+00'")
    }

    fn json(&self, text: &str) -> String {
        format!("JSON {}", self.text(text))
    }

    fn null(&self, kind: &Type) -> String {
        format!("CAST(NULL AS {})", type_name(kind))
    }

    fn list(&self, element: &Type, elements: &[String]) -> String {
        match elements {
            [] => format!("CAST([] AS ARRAY<{}>)", type_name(element)),
            elements => format!("[{}]", elements.join(", ")),
        }
    }

    fn object(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{value} AS `{name}`")).collect();
        format!("STRUCT({})", fields.join(", "))
    }

    fn got(&self, call: &str) -> String {
        format!("TO_JSON_STRING({call})")
    }

    fn expected(&self, kind: &Type, value: &Value) -> String {
        self.got(&literal(self, kind, &doubles(kind, value)))
    }
}

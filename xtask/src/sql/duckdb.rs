//! DuckDB: macros in a schema over the functions that the extension registers.

use anyhow::Result;
use plg_catalogue::{Aggregate, Catalogue, Function, ResultType};
use serde::Serialize;
use serde_json::Value;

use super::Common;
use super::literal::{Dialect, doubles, literal};
use super::types::Type;

/// How DuckDB's macros are written. Their schema is always `plg`.
pub struct DuckDb;

#[derive(Serialize)]
pub struct DuckDbContext<'a> {
    #[serde(flatten)]
    common: Common,
    functions: Vec<Entry<'a>>,
    aggregates: Vec<AggregateEntry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    function: &'a Function,
    /// Whether the double that the extension returns is a whole number.
    integer: bool,
    result_sql: String,
    comment: String,
}

#[derive(Serialize)]
struct AggregateEntry<'a> {
    #[serde(flatten)]
    aggregate: &'a Aggregate,
    comment: String,
}

impl DuckDb {
    pub(super) fn context<'a>(&self, catalogue: &'a Catalogue, common: Common) -> Result<DuckDbContext<'a>> {
        let functions = catalogue
            .functions
            .iter()
            .map(|function| Entry {
                function,
                integer: matches!(function.result, ResultType::Integer { .. }),
                result_sql: type_name(&Type::from(&function.result)),
                comment: self.text(&function.summary),
            })
            .collect();
        let aggregates = catalogue
            .aggregates
            .iter()
            .map(|aggregate| AggregateEntry { aggregate, comment: self.text(&aggregate.summary) })
            .collect();
        Ok(DuckDbContext { common, functions, aggregates })
    }
}

fn type_name(kind: &Type) -> String {
    match kind {
        Type::Double => "DOUBLE".to_owned(),
        Type::Integer => "INTEGER".to_owned(),
        Type::Boolean => "BOOLEAN".to_owned(),
        Type::Text => "VARCHAR".to_owned(),
        Type::Timestamp => "TIMESTAMP".to_owned(),
        Type::Facts => "JSON".to_owned(),
        Type::List(element) => format!("{}[]", type_name(element)),
        Type::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, kind)| format!("{name} {}", type_name(kind))).collect();
            format!("STRUCT({})", fields.join(", "))
        }
    }
}

impl Dialect for DuckDb {
    fn folder(&self) -> &'static str {
        "duckdb"
    }

    fn type_name(&self, kind: &Type) -> String {
        type_name(kind)
    }

    fn function(&self, name: &str) -> String {
        format!("plg.{name}")
    }

    fn text(&self, text: &str) -> String {
        let quoted = format!("'{}'", text.replace('\'', "''"));
        // Without escapes, what clients expand has to be taken apart.
        let parted = ["{{", "{%", "<%"].into_iter().fold(quoted.clone(), |text, pair| {
            let (first, second) = pair.split_at(1);
            text.replace(pair, &format!("{first}' || '{second}"))
        });
        if parted == quoted { quoted } else { format!("({parted})") }
    }

    fn double(&self, decimal: &str) -> String {
        match decimal {
            "NaN" | "Infinity" | "-Infinity" => format!("CAST('{decimal}' AS DOUBLE)"),
            decimal if decimal.contains('e') => decimal.to_owned(),
            // Without an exponent it would be a DECIMAL.
            decimal => format!("{decimal}e0"),
        }
    }

    fn timestamp(&self, text: &str) -> String {
        format!("TIMESTAMP '{text}'")
    }

    fn json(&self, text: &str) -> String {
        format!("CAST({} AS JSON)", self.text(text))
    }

    fn null(&self, kind: &Type) -> String {
        format!("CAST(NULL AS {})", type_name(kind))
    }

    fn list(&self, element: &Type, elements: &[String]) -> String {
        match elements {
            [] => format!("CAST([] AS {}[])", type_name(element)),
            elements => format!("[{}]", elements.join(", ")),
        }
    }

    fn object(&self, fields: &[(String, String)]) -> String {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {value}", self.text(name))).collect();
        format!("{{{}}}", fields.join(", "))
    }

    fn got(&self, call: &str) -> String {
        format!("CAST(to_json({call}) AS VARCHAR)")
    }

    fn expected(&self, kind: &Type, value: &Value) -> String {
        self.got(&literal(self, kind, &doubles(kind, value)))
    }
}

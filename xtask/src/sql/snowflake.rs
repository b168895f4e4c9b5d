//! Snowflake: private JavaScript functions behind public SQL functions.

use anyhow::{Context, Result, ensure};
use plg_catalogue::{Aggregate, ArgumentType, Catalogue, Column, Function};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::literal::{Dialect, escape, literal};
use super::types::Type;
use super::{Bodies, Common, HASH_DIGITS};
use crate::javascript::{Body, Warehouse};

/// Makes a value from JSON text inside JavaScript: what `verify.sql` expects takes the way that results take.
const VERIFY_VALUE: &str = include_str!("../../../sql/snowflake/verify_value.js");
/// Writes a value as canonical JSON text, with the shortest decimals that read back as the same doubles.
const VERIFY_TEXT: &str = include_str!("../../../sql/snowflake/verify_text.js");

/// Where and how Snowflake's functions are written.
pub struct Snowflake {
    /// The schema, `plg` or `database.plg`.
    pub schema: String,
}

#[derive(Serialize)]
pub struct SnowflakeContext<'a> {
    #[serde(flatten)]
    common: Common,
    schema: &'a str,
    functions: Vec<Entry<'a>>,
    aggregates: Vec<AggregateEntry<'a>>,
    verify_value: Helper,
    verify_text: Helper,
    /// Names of all current private functions, as Snowflake stores them.
    current: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    function: &'a Function,
    private: String,
    private_result: &'static str,
    result_sql: &'static str,
    /// Whether NULL in any argument gives NULL.
    strict: bool,
    body: String,
    comment: String,
    /// The types that stand for timestamps, one per overload; one `None` where there are no timestamps.
    overloads: Vec<Option<&'static str>>,
}

/// A JavaScript table function over PARTITION BY: Snowflake knows no aggregates in JavaScript, and no SQL function can stand
/// before one.
#[derive(Serialize)]
struct AggregateEntry<'a> {
    #[serde(flatten)]
    aggregate: &'a Aggregate,
    types: Vec<String>,
    result_sql: String,
    body: String,
    comment: String,
}

#[derive(Serialize)]
struct Helper {
    name: String,
    body: &'static str,
}

impl Helper {
    fn new(name: &str, body: &'static str) -> Self {
        let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        Helper { name: format!("{name}__{}", &hash[..HASH_DIGITS]), body }
    }
}

impl Snowflake {
    pub(super) fn context<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        bodies: Bodies<'_>,
        common: Common,
    ) -> Result<SnowflakeContext<'a>> {
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
        let (verify_value, verify_text) = (verify_value(), verify_text());
        let mut current: Vec<String> = functions.iter().map(|entry| entry.private.to_uppercase()).collect();
        current.extend([verify_text.name.to_uppercase(), verify_value.name.to_uppercase()]);
        current.sort();
        Ok(SnowflakeContext { common, schema: &self.schema, functions, aggregates, verify_value, verify_text, current })
    }

    fn entry<'a>(&self, function: &'a Function, bodies: Bodies<'_>) -> Result<Entry<'a>> {
        let body = body(&function.name, bodies)?;
        let has_timestamp = function.arguments.iter().any(|argument| matches!(argument.kind, ArgumentType::Timestamp));
        let overloads = match has_timestamp {
            true => ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "DATE"].map(Some).to_vec(),
            false => vec![None],
        };
        let result = Type::from(&function.result);
        Ok(Entry {
            private: format!("{}__{}", function.name, &body.hash[..HASH_DIGITS]),
            // JavaScript knows no integers.
            private_result: if result == Type::Integer { "FLOAT" } else { type_name(&result) },
            result_sql: type_name(&result),
            strict: function.arguments.iter().all(|argument| !argument.nullable),
            body: body.text,
            comment: self.text(&function.summary),
            overloads,
            function,
        })
    }

    fn aggregate_entry<'a>(&self, aggregate: &'a Aggregate, bodies: Bodies<'_>) -> Result<AggregateEntry<'a>> {
        let types = aggregate.arguments.iter().map(|argument| self.aggregate_argument(&Type::from(argument.kind)));
        Ok(AggregateEntry {
            types: types.collect(),
            result_sql: self.aggregate_result(aggregate),
            body: body(&aggregate.name, bodies)?.text,
            comment: self.text(&aggregate.summary),
            aggregate,
        })
    }
}

fn body(name: &str, bodies: Bodies<'_>) -> Result<Body> {
    let body = bodies(name, Warehouse::Snowflake);
    ensure!(!body.text.contains("$$"), "the body must not contain $$, which ends it");
    Ok(body)
}

/// Microseconds since 1970 UTC: JavaScript would see a timestamp without them.
fn epoch(timestamp: &str) -> String {
    format!("DATE_PART(EPOCH_MICROSECOND, {timestamp})::FLOAT")
}

fn verify_value() -> Helper {
    Helper::new("verify_value", VERIFY_VALUE)
}

fn verify_text() -> Helper {
    Helper::new("verify_text", VERIFY_TEXT)
}

fn type_name(kind: &Type) -> &'static str {
    match kind {
        Type::Double => "FLOAT",
        Type::Integer => "INTEGER",
        Type::Boolean => "BOOLEAN",
        Type::Text => "VARCHAR",
        Type::Timestamp => "TIMESTAMP_NTZ",
        Type::Facts => "VARIANT",
        Type::List(_) => "ARRAY",
        Type::Struct(_) => "OBJECT",
    }
}

impl Dialect for Snowflake {
    fn folder(&self) -> &'static str {
        "snowflake"
    }

    fn type_name(&self, kind: &Type) -> String {
        type_name(kind).to_owned()
    }

    fn function(&self, name: &str) -> String {
        // Scripts choose the schema with USE SCHEMA.
        name.to_owned()
    }

    fn text(&self, text: &str) -> String {
        format!("'{}'", escape(text, "''", true))
    }

    fn double(&self, decimal: &str) -> String {
        let decimal = match decimal {
            "Infinity" => "inf",
            "-Infinity" => "-inf",
            decimal => decimal,
        };
        format!("'{decimal}'::FLOAT")
    }

    fn timestamp(&self, text: &str) -> String {
        format!("'{text}'::TIMESTAMP_NTZ")
    }

    fn json(&self, text: &str) -> String {
        format!("PARSE_JSON({})", self.text(text))
    }

    fn null(&self, kind: &Type) -> String {
        format!("NULL::{}", type_name(kind))
    }

    fn list(&self, _: &Type, elements: &[String]) -> String {
        format!("ARRAY_CONSTRUCT({})", elements.join(", "))
    }

    fn object(&self, fields: &[(String, String)]) -> String {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}, {value}", self.text(name))).collect();
        format!("OBJECT_CONSTRUCT_KEEP_NULL({})", pairs.join(", "))
    }

    fn got(&self, call: &str) -> String {
        format!("{}(TO_VARIANT({call}))", verify_text().name)
    }

    fn expected(&self, kind: &Type, value: &Value) -> String {
        let json = literal(self, &Type::Text, &Value::String(value.to_string()));
        self.got(&format!("{}({json})::{}", verify_value().name, type_name(kind)))
    }

    fn aggregate_argument(&self, kind: &Type) -> String {
        let kind = if *kind == Type::Timestamp { &Type::Double } else { kind };
        self.type_name(kind)
    }

    fn aggregate_result(&self, aggregate: &Aggregate) -> String {
        let columns: Vec<String> = match &aggregate.column {
            Some(column) => vec![format!("{column} ARRAY")],
            None => {
                let named = |field: &Column| format!("{} {}", field.name, type_name(&Type::from(field.kind)));
                aggregate.result.iter().map(named).collect()
            }
        };
        format!("TABLE ({})", columns.join(", "))
    }

    fn aggregate(&self, aggregate: &Aggregate, arguments: &[(Type, String)], rows: &str) -> String {
        let passed = |(kind, argument): &(Type, String)| match kind {
            Type::Timestamp => epoch(argument),
            _ => argument.clone(),
        };
        let arguments: Vec<String> = arguments.iter().map(passed).collect();
        let fields: Vec<String> = aggregate.result.iter().map(|field| format!("made.{}", field.name)).collect();
        let list = match &aggregate.column {
            Some(column) => format!("made.{column}"),
            // Rows have no order, and the list is in the order of its fields.
            None => {
                let pairs: Vec<(String, String)> =
                    aggregate.result.iter().map(|field| field.name.clone()).zip(fields.iter().cloned()).collect();
                format!("ARRAY_AGG({}) WITHIN GROUP (ORDER BY {})", self.object(&pairs), fields.join(", "))
            }
        };
        // PARTITION BY takes columns only.
        format!(
            "SELECT {list} FROM (SELECT *, 1 AS part FROM ({rows})) AS given, \
             TABLE({}({}) OVER (PARTITION BY given.part)) AS made",
            self.function(&aggregate.name),
            arguments.join(", ")
        )
    }
}

//! JSON values of the catalogue's examples as SQL literals.

use plg_catalogue::Aggregate;
use plg_udfs::timestamp;
use serde_json::Value;

use super::types::{Type, list_of};

/// From here on, decimal literals are not read as the nearest double everywhere.
const EXACT_DIGITS: usize = 15;

/// How a warehouse writes values.
pub trait Dialect {
    /// The folder below `sql/` and `dist/`.
    fn folder(&self) -> &'static str;
    /// What it calls a type.
    fn type_name(&self, kind: &Type) -> String;
    /// The name of an installed function.
    fn function(&self, name: &str) -> String;
    /// Text between quotes.
    fn text(&self, text: &str) -> String;
    /// The double nearest to `decimal`, which may also be `NaN`, `Infinity` or `-Infinity`.
    fn double(&self, decimal: &str) -> String;
    /// A zoneless timestamp, `2026-01-31 12:00:00.000000`.
    fn timestamp(&self, text: &str) -> String;
    /// JSON.
    fn json(&self, text: &str) -> String;
    /// NULL of a type.
    fn null(&self, kind: &Type) -> String;
    /// A list; `element` matters for empty ones.
    fn list(&self, element: &Type, elements: &[String]) -> String;
    /// A struct of named literals.
    fn object(&self, fields: &[(String, String)]) -> String;
    /// Canonical JSON text of what `call` returns.
    fn got(&self, call: &str) -> String;
    /// The same text for the value that it should return.
    fn expected(&self, kind: &Type, value: &Value) -> String;
    /// What it calls the type of an aggregate's argument.
    fn aggregate_argument(&self, kind: &Type) -> String {
        self.type_name(kind)
    }
    /// What it calls what an aggregate makes.
    fn aggregate_result(&self, aggregate: &Aggregate) -> String {
        self.type_name(&list_of(&aggregate.result))
    }
    /// A query for the one value of an aggregate over all rows of the query `rows`; arguments are expressions over them with
    /// their types.
    fn aggregate(&self, aggregate: &Aggregate, arguments: &[(Type, String)], rows: &str) -> String {
        let arguments: Vec<&str> = arguments.iter().map(|(_, argument)| argument.as_str()).collect();
        format!("SELECT {}({}) FROM ({rows}) AS given", self.function(&aggregate.name), arguments.join(", "))
    }
}

/// A literal of a type. Values come from the catalogue, whose examples the native host has run.
pub fn literal(dialect: &dyn Dialect, kind: &Type, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Null) => dialect.null(kind),
        (Type::Double | Type::Integer, Value::Number(number)) => decimal(dialect, &number.to_string()),
        (Type::Boolean, Value::Bool(value)) => value.to_string().to_uppercase(),
        (Type::Double, Value::String(special)) => dialect.double(special),
        (Type::Text, Value::String(text)) => dialect.text(text),
        (Type::Timestamp, _) => dialect.timestamp(&iso(value)),
        (Type::Facts, Value::String(json)) => dialect.json(json),
        (Type::Facts, _) => fact(dialect, value),
        (Type::List(element), Value::Array(elements)) => list(dialect, element, elements),
        (Type::Struct(fields), Value::Object(_)) => structure(dialect, fields, value),
        _ => panic!("{value} is no {kind:?}; the native host should have refused the example"),
    }
}

fn decimal(dialect: &dyn Dialect, text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits > EXACT_DIGITS || text.contains('e') { dialect.double(text) } else { text.to_owned() }
}

fn list(dialect: &dyn Dialect, element: &Type, elements: &[Value]) -> String {
    // A field that no element has is absent, as it would be in data that lacks it.
    let present = match element {
        Type::Struct(fields) if !elements.is_empty() => Type::Struct(
            fields
                .iter()
                .filter(|(name, kind)| {
                    !matches!(kind, Type::Double | Type::Facts) || elements.iter().any(|item| item.get(name).is_some())
                })
                .cloned()
                .collect(),
        ),
        _ => element.clone(),
    };
    let literals: Vec<String> = elements.iter().map(|item| literal(dialect, &present, item)).collect();
    dialect.list(&present, &literals)
}

fn structure(dialect: &dyn Dialect, fields: &[(String, Type)], value: &Value) -> String {
    let literals: Vec<(String, String)> = fields
        .iter()
        .map(|(name, kind)| {
            let field = value.get(name).unwrap_or(&Value::Null);
            // As JSON: structs of different fields would not fit into one list.
            let literal = match (kind, field) {
                (Type::Facts, Value::Object(_)) => dialect.json(&field.to_string()),
                _ => literal(dialect, kind, field),
            };
            (name.clone(), literal)
        })
        .collect();
    dialect.object(&literals)
}

/// The value with its doubles as decimal text, so that none of them becomes a literal of another type.
pub fn doubles(kind: &Type, value: &Value) -> Value {
    match (kind, value) {
        (Type::Double, Value::Number(number)) => Value::String(number.to_string()),
        (Type::List(element), Value::Array(elements)) => elements.iter().map(|item| doubles(element, item)).collect(),
        (Type::Struct(fields), Value::Object(_)) => fields
            .iter()
            .map(|(name, kind)| (name.clone(), doubles(kind, value.get(name).unwrap_or(&Value::Null))))
            .collect(),
        _ => value.clone(),
    }
}

/// The inside of a literal with backslash escapes. Beyond what SQL needs, it escapes what clients would expand: `{{`,
/// `{%` and `<%` everywhere, and where `ampersand` is set (Snowflake) `&` and `$$`.
pub fn escape(text: &str, quote: &str, ampersand: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut last = ' ';
    for character in text.chars() {
        let expands = match character {
            '&' => ampersand,
            '$' => ampersand && last == '$',
            '{' => last == '{',
            '%' => last == '{' || last == '<',
            other => other.is_control() && !['\n', '\r', '\t'].contains(&other),
        };
        match character {
            _ if expands => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            '\'' => escaped.push_str(quote),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            other => escaped.push(other),
        }
        last = character;
    }
    escaped
}

/// A fact has the type of its value.
fn fact(dialect: &dyn Dialect, value: &Value) -> String {
    match value {
        Value::Null => dialect.null(&Type::Text),
        Value::Bool(value) => value.to_string().to_uppercase(),
        Value::Number(number) => decimal(dialect, &number.to_string()),
        Value::String(text) => dialect.text(text),
        Value::Array(elements) => {
            let literals: Vec<String> = elements.iter().map(|element| fact(dialect, element)).collect();
            dialect.list(&Type::Text, &literals)
        }
        Value::Object(fields) => {
            let literals: Vec<(String, String)> =
                fields.iter().map(|(name, value)| (name.clone(), fact(dialect, value))).collect();
            dialect.object(&literals)
        }
    }
}

/// `2026-01-31 12:00:00.000000` of ISO-8601 text or microseconds.
fn iso(value: &Value) -> String {
    let microseconds = match value {
        Value::String(text) => timestamp::parse(text.as_bytes()).expect("the native host has read the timestamp"),
        _ => value.as_i64().expect("a timestamp is text or microseconds"),
    };
    let mut text = Vec::new();
    timestamp::push_iso(&mut text, microseconds);
    let text = String::from_utf8(text).expect("timestamps are ASCII");
    text.trim_end_matches('Z').replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::super::{BigQuery, DuckDb, Snowflake};
    use super::*;
    use serde_json::json;

    fn bigquery() -> BigQuery {
        BigQuery { dataset: "p.plg".to_owned(), location: "US".to_owned() }
    }

    fn snowflake() -> Snowflake {
        Snowflake { schema: "plg".to_owned() }
    }

    #[test]
    fn numbers_are_written_alike_in_all_warehouses() {
        for dialect in [&snowflake() as &dyn Dialect, &bigquery(), &DuckDb] {
            assert_eq!(literal(dialect, &Type::Double, &json!(8)), "8");
            assert_eq!(literal(dialect, &Type::Double, &json!(-0.5)), "-0.5");
        }
    }

    #[test]
    fn long_decimals_are_read_as_doubles() {
        let value = json!(0.36787944117144233);
        assert_eq!(literal(&DuckDb, &Type::Double, &value), "0.36787944117144233e0");
        assert_eq!(literal(&snowflake(), &Type::Double, &value), "'0.36787944117144233'::FLOAT");
        assert_eq!(literal(&bigquery(), &Type::Double, &value), "0.36787944117144233");
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_the_text() {
        let value = json!("it's \\ new\nline");
        assert_eq!(literal(&DuckDb, &Type::Text, &value), "'it''s \\ new\nline'");
        assert_eq!(literal(&snowflake(), &Type::Text, &value), "'it''s \\\\ new\\nline'");
        assert_eq!(literal(&bigquery(), &Type::Text, &value), "'it\\'s \\\\ new\\nline'");
    }

    #[test]
    fn what_clients_expand_is_escaped() {
        assert_eq!(literal(&snowflake(), &Type::Text, &json!("a & $$ {{")), "'a \\u0026 $\\u0024 {\\u007b'");
        assert_eq!(literal(&bigquery(), &Type::Text, &json!("{% <%")), "'{\\u0025 <\\u0025'");
        assert_eq!(literal(&DuckDb, &Type::Text, &json!("{{")), "('{' || '{')");
    }

    #[test]
    fn optional_fields_that_no_element_has_are_absent() {
        let fields = vec![("event".to_owned(), Type::Text), ("count".to_owned(), Type::Double)];
        let kind = Type::List(Box::new(Type::Struct(fields)));
        assert_eq!(literal(&DuckDb, &kind, &json!([{"event": "a"}])), "[{'event': 'a'}]");
        assert_eq!(
            literal(&DuckDb, &kind, &json!([{"event": "a"}, {"count": 2}])),
            "[{'event': 'a', 'count': CAST(NULL AS DOUBLE)}, {'event': CAST(NULL AS VARCHAR), 'count': 2}]"
        );
    }

    #[test]
    fn timestamps_are_utc_without_a_zone() {
        let text = literal(&DuckDb, &Type::Timestamp, &json!("2026-01-31T13:00:00.5+01:00"));
        assert_eq!(text, "TIMESTAMP '2026-01-31 12:00:00.500000'");
        assert_eq!(literal(&DuckDb, &Type::Timestamp, &json!(0)), "TIMESTAMP '1970-01-01 00:00:00.000000'");
    }
}

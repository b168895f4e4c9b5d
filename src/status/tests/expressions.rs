//! Expressions in another document.

use crate::abi::{FactKind, Facts, NULL_LENGTH, Output, Texts};
use crate::status::expressions::{Expressions, Truth, Type};
use crate::tape::{Object, Place, Tape, writer};
use crate::{Error, Result};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Reads `when` (a condition), `at` (a point in time) and `count` (a number) of every object in the list `rules`.
fn compile(json: &str) -> Result<Expressions> {
    let tape = writer::from_json("document", json)?;
    let document =
        Object::new(Tape::new("document", &tape)?.root(), Place::argument("document"), &["rules", "on_missing"])?;
    let mut expressions = Expressions::default();
    expressions.read_on_missing(&document)?;
    document.each("rules", |value, place| {
        let rule = Object::new(value, place, &["when", "at", "count", "timeless"])?;
        expressions.read(&rule, "when", Type::Boolean)?;
        expressions.read(&rule, "at", Type::Timestamp)?;
        expressions.read(&rule, "count", Type::Number)?;
        expressions.refuse_as_of("as_of means nothing here");
        expressions.read(&rule, "timeless", Type::Boolean).map(|_| ())
    })?;
    expressions.finish(document.place())?;
    Ok(expressions)
}

fn error(json: &str) -> String {
    compile(json).err().map(|error: Error| error.to_string()).expect(json)
}

#[test]
fn facts_have_one_type_in_all_expressions() {
    let expressions = compile(
        r#"{"on_missing": "null", "rules": [{"when": "plan = 'a' or a = b", "at": "d"}, {"when": "b > 'x'", "count": "c"}]}"#,
    )
    .unwrap();
    let mut out = Output::default();
    expressions.describe_facts(&mut out);
    assert_eq!(out.text, b"planaabdc");
    let kinds: Vec<f64> = [FactKind::Code, FactKind::Text, FactKind::Text, FactKind::Timestamp, FactKind::Number]
        .iter()
        .map(|&kind| (kind as u8 + FactKind::OPTIONAL) as f64)
        .collect();
    let shape =
        [5.0, 0.0, 4.0, kinds[0], 1.0, 4.0, 1.0, 5.0, 1.0, kinds[1], 0.0, 6.0, 1.0, kinds[2], 0.0, 7.0, 1.0, kinds[3]];
    assert_eq!(out.stream[..shape.len()], shape);
    assert_eq!(expressions.fact_fields(), 5);
}

#[test]
fn each_expression_is_evaluated_by_itself() {
    let expressions = compile(
        r#"{"rules": [{"when": "n > 1 and p", "at": "least(d + interval 72 hours, as_of)", "count": "case when p then n end"},
                      {"when": "n is null", "count": "null", "at": "coalesce(d, timestamp '1970-01-01 00:00:01')"}]}"#,
    )
    .unwrap();
    let run = |n: Option<f64>, p: Option<f64>, d: Option<f64>| {
        let facts = [n, p, d];
        let marks = facts.map(|fact| fact.is_some() as u8);
        let values = facts.map(|fact| fact.unwrap_or(0.0));
        let spans = [[0, NULL_LENGTH]; 3];
        let facts = Facts::new(1, &marks, &values, Texts::new(&spans, &[]));
        let value = |expression| expressions.value(expression, facts.row(0), 1e12);
        (
            expressions.truth(0, facts.row(0), 1e12),
            value(1),
            value(2),
            expressions.holds(3, facts.row(0), 1e12),
            value(4),
            value(5),
        )
    };
    let three_days = 3.0 * 86_400e6;
    assert_eq!(
        run(Some(2.0), Some(1.0), Some(7.0)),
        (Truth::True, Some(7.0 + three_days), Some(2.0), false, Some(7.0), None)
    );
    assert_eq!(run(None, Some(1.0), Some(1e12)), (Truth::Null, Some(1e12), None, true, Some(1e12), None));
    assert_eq!(run(Some(1.0), None, None), (Truth::False, Some(1e12), None, false, Some(1e6), None));
}

#[test]
fn errors_have_the_path_of_their_expression_and_the_place_in_it() {
    for (json, expected) in [
        (r#"{"rules": [{"when": "a ="}]}"#, "document.rules[0].when: line 1, column 4: expected a field or a literal"),
        (r#"{"rules": [{"when": ""}]}"#, "document.rules[0].when: line 1, column 1: expected a field or a literal"),
        (
            r#"{"rules": [{"when": "a = 1"}, {"when": "b = 1\n and a = 'x'"}]}"#,
            "document.rules[1].when: line 2, column 10: a text cannot be compared with a (elsewhere a number)",
        ),
        (
            r#"{"rules": [{"when": "a = 1 then"}]}"#,
            "document.rules[0].when: line 1, column 7: expected an operator, or the end",
        ),
        (
            r#"{"rules": [{"when": "p"}, {"at": "5"}]}"#,
            "document.rules[1].at: line 1, column 1: a number cannot be a timestamp",
        ),
        (r#"{"rules": [{"when": "'x'"}]}"#, "document.rules[0].when: line 1, column 1: a text cannot be a condition"),
        (
            r#"{"rules": [{"timeless": "a > 1 and as_of > d"}]}"#,
            "document.rules[0].timeless: line 1, column 11: as_of means nothing here",
        ),
        (
            r#"{"rules": [{"when": "list_contains(a, b)"}, {"when": "b"}, {"when": "c"}]}"#,
            "document.rules[0].when: line 1, column 18: lists hold numbers or texts",
        ),
        (r#"{"rules": [{"when": true}]}"#, "document.rules[0].when: must be a text"),
        (r#"{"rules": [], "on_missing": "error"}"#, "document.on_missing: must be 'null'"),
    ] {
        assert_eq!(error(json), expected);
    }
    let deep = std::format!(r#"{{"rules": [{{"when": "p"}}, {{"count": "{}1"}}]}}"#, "1 - 2 + ".repeat(64));
    assert_eq!(
        error(&deep),
        "document.rules[1].count: line 1, column 255: conditions are nested deeper than 64 levels"
    );
    let half = std::format!(r#"{{"when": "p or {}"}}"#, "p or ".repeat(9_000));
    let long = std::format!(r#"{{"rules": [{half}p"}}, {half}p"}}]}}"#).replace(r#""}p"#, "p");
    assert_eq!(
        error(&long),
        "document.rules[1].when: must not be longer than 65,536 bytes, together with the expressions before"
    );
}

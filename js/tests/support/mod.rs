//! What the test files share: calling by catalogue names, and comparing to the bit.

// Each file of tests is a program of its own and uses a part of this.
#![allow(dead_code)]

use js_sys::{Array, JSON, Object, Reflect};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;

include!(concat!(env!("OUT_DIR"), "/calls.rs"));

/// The functions of the catalogue, with `@name` in examples standing for a text of `documents`.
pub fn catalogue() -> Value {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/catalogue.json"))).unwrap()
}

/// A document of the catalogue.
pub fn document(name: &str) -> String {
    catalogue()["documents"][name].as_str().unwrap().to_owned()
}

/// The first random cases of every function with what native Rust answers.
pub fn parity() -> Map<String, Value> {
    let cases: Map<String, Value> =
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/parity.json"))).unwrap();
    assert!(!cases.is_empty(), "dist/parity was empty when this was compiled: cargo xtask test fills it");
    cases
}

/// A JSON value as JavaScript's `JSON.parse` has it.
pub fn js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap()
}

/// The message of an error.
pub fn message(error: JsError) -> String {
    JsValue::from(error).unchecked_into::<js_sys::Error>().message().into()
}

/// Whether a result is this JSON value, to the last bit of its numbers.
pub fn same(got: &JsValue, expected: &Value) -> bool {
    match expected {
        Value::Null => got.is_null(),
        Value::Bool(value) => got.as_bool() == Some(*value),
        Value::Number(number) => got.as_f64().map(f64::to_bits) == number.as_f64().map(f64::to_bits),
        Value::String(text) => got.as_string().as_ref() == Some(text),
        Value::Array(elements) => {
            let got = Array::from(got).to_vec();
            got.len() == elements.len() && got.iter().zip(elements).all(|(got, expected)| same(got, expected))
        }
        Value::Object(fields) => {
            got.is_object()
                && Object::keys(got.unchecked_ref::<Object>()).length() as usize == fields.len()
                && fields.iter().all(|(name, expected)| same(&Reflect::get(got, &name.into()).unwrap(), expected))
        }
    }
}

/// What a result looks like in the message of a failed test.
pub fn shown(result: &JsValue) -> String {
    JSON::stringify(result).ok().and_then(|text| text.as_string()).unwrap_or_else(|| "undefined".to_owned())
}

/// Calls `function` with the arguments of an example or a case and compares with what it promises.
pub fn check(function: &Value, arguments: &Map<String, Value>, expected: &Result<Value, String>) -> Result<(), String> {
    let name = function["name"].as_str().unwrap();
    let facts = function["arguments"].as_array().unwrap().iter().find(|argument| argument["type"] == "facts");
    let facts = facts.and_then(|argument| argument["name"].as_str());
    compare(name, function, arguments, expected)?;
    // Facts may be an object or JSON text. In text an integer beyond 2^53 can be told from 1e300; in an object it cannot.
    match facts.and_then(|facts| Some((facts, arguments.get(facts)?))) {
        Some((facts, row)) if row.is_object() => {
            let mut as_text = arguments.clone();
            as_text.insert(facts.to_owned(), Value::from(row.to_string()));
            compare(name, function, &as_text, expected)
        }
        _ => Ok(()),
    }
}

fn compare(
    name: &str,
    function: &Value,
    arguments: &Map<String, Value>,
    expected: &Result<Value, String>,
) -> Result<(), String> {
    let value = |name: &str| arguments.get(name).map_or(JsValue::UNDEFINED, |value| argument(function, name, value));
    match (call(name, value).map_err(message), expected) {
        (Ok(got), Ok(expected)) if same(&got, expected) => Ok(()),
        (Err(got), Err(expected)) if got == *expected => Ok(()),
        // A document is compiled before there is a call whose other arguments could be NULL.
        (Err(_), Ok(Value::Null)) if null_in(function, arguments) => Ok(()),
        (Err(got), _) if got.ends_with("is an integer beyond 2^53") && beyond_2_53(arguments) => Ok(()),
        (got, expected) => {
            let got = got.map(|got| shown(&got));
            Err(format!("{name}({})\n  gave     {got:?}\n  expected {expected:?}", Value::from(arguments.clone())))
        }
    }
}

fn null_in(function: &Value, arguments: &Map<String, Value>) -> bool {
    let required = function["arguments"].as_array().unwrap().iter().filter(|argument| argument["nullable"] != true);
    required.into_iter().any(|argument| arguments.get(argument["name"].as_str().unwrap()).is_none_or(Value::is_null))
}

/// Whether a row of facts, given as an object, holds a number that a double may have rounded.
fn beyond_2_53(arguments: &Map<String, Value>) -> bool {
    let elements = arguments.values().filter_map(Value::as_array).flatten().filter_map(Value::as_object);
    let rows = arguments.values().chain(elements.flat_map(Map::values)).filter_map(Value::as_object);
    rows.flat_map(Map::values).filter_map(Value::as_f64).any(|number| number.abs() > 9_007_199_254_740_992.0)
}

/// An argument as JavaScript has it: JSON has no NaN and no infinities, the cases spell them out.
fn argument(function: &Value, name: &str, value: &Value) -> JsValue {
    let arguments = function["arguments"].as_array().unwrap();
    let kind = arguments.iter().find(|argument| argument["name"] == name).expect("the argument is in the catalogue");
    match (kind["type"].as_str(), value) {
        (Some("document"), Value::String(text)) => match text.strip_prefix('@') {
            Some(name) => document(name).into(),
            None => text.into(),
        },
        (Some("double"), value) => number(value),
        (Some("doubles"), Value::Array(elements)) => elements.iter().map(number).collect::<Array>().into(),
        (Some("structs"), Value::Array(elements)) => {
            elements.iter().map(|element| row(kind, element)).collect::<Array>().into()
        }
        _ => js(value),
    }
}

fn row(kind: &Value, element: &Value) -> JsValue {
    let row = js(element);
    for field in kind["fields"].as_array().unwrap().iter().filter(|field| field["type"] == "double") {
        let name = field["name"].as_str().unwrap();
        if let Some(value) = element.get(name) {
            Reflect::set(&row, &name.into(), &number(value)).unwrap();
        }
    }
    row
}

fn number(value: &Value) -> JsValue {
    match value.as_str() {
        Some(special) => JsValue::from_f64(special.parse().expect("NaN, Infinity or -Infinity")),
        None => js(value),
    }
}

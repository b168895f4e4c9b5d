//! Random cases for every function with what native Rust answers, for the other hosts to agree with bit for bit.
//!
//! `dist/parity/<function>.jsonl` holds one case per line: `{"arguments": {...}, "result": ...}` or `{"arguments": {...},
//! "error": "..."}`. Timestamps are microseconds, doubles shortest round-trip decimals, and `"NaN"`, `"Infinity"`,
//! `"-Infinity"`. Everything is drawn from the catalogue's types, the examples and the documents' own dictionaries, so a
//! new function needs nothing here. The seed is fixed: the same files on every machine.

mod components;
mod rollup;

use crate::{native, paths, workers};
use anyhow::{Context, Result};
use fastrand::Rng;
use plg_catalogue::host::{Description, Host};
use plg_catalogue::{Argument, ArgumentType, Field, FieldType, Format, Function};
use plg_udfs::abi::FactKind;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

/// How many cases each function gets.
pub const CASES: usize = 10_000;
const DAY: i64 = 86_400_000_000;
/// 2026-06-30T00:00:00Z.
const AROUND: i64 = 1_782_777_600_000_000;

/// Writes the cases of every function and of the aggregates, a function per core at a time.
pub fn run() -> Result<()> {
    let folder = paths::dist().join("parity");
    fs::create_dir_all(&folder)?;
    let functions = native::host()?.catalogue().functions.clone();
    let written = workers::map(&functions, |number, function| {
        let mut host = native::host()?;
        // A seed for each, so that the cases do not depend on who drew them.
        let mut cases = Cases { random: Rng::with_seed(number as u64 + 1), function, host: &mut host };
        write(&folder, &function.name, (0..CASES).map(|_| cases.next()))
    });
    written.into_iter().collect::<Result<()>>()?;
    let mut random = Rng::with_seed(0);
    write(&folder, "rollup_events", (0..rollup::GROUPS).map(|_| rollup::next(&mut random)))?;
    let (mut random, mut host) = (Rng::with_seed(0), native::host()?);
    write(&folder, "identity_components", (0..CASES).map(|_| components::next(&mut random, &mut host)))
}

fn write(folder: &Path, name: &str, cases: impl Iterator<Item = Value>) -> Result<()> {
    let path = folder.join(format!("{name}.jsonl"));
    let mut file = BufWriter::new(File::create(&path).with_context(|| path.display().to_string())?);
    for case in cases {
        serde_json::to_writer(&mut file, &case)?;
        file.write_all(b"\n")?;
    }
    file.flush().with_context(|| path.display().to_string())
}

/// Changes something in a document: a value, a field's name, how many elements a list has, a part of a text.
fn mutate(random: &mut Rng, json: &mut Value) {
    let mut values = Vec::new();
    collect(json, &mut values);
    let other = values[random.usize(..values.len())].clone();
    let mut number = random.usize(..values.len());
    let Some(value) = nth(json, &mut number) else { return };
    match value {
        Value::String(text) if random.u8(..4) > 0 => {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let from = random.usize(..ends.len());
            let to = random.usize(from..ends.len().min(from + 6));
            let pieces = [
                "",
                " ",
                "'",
                "(",
                ")",
                " and ",
                " or ",
                "not ",
                "null",
                "as_of",
                " = ",
                " + interval 3 days",
                "é",
                "\u{1f600}",
            ];
            text.replace_range(ends[from]..ends[to], pieces[random.usize(..pieces.len())]);
        }
        Value::Array(elements) if !elements.is_empty() && random.bool() => {
            let at = random.usize(..elements.len());
            if random.bool() {
                elements.remove(at);
            } else {
                elements.push(elements[at].clone());
            }
        }
        Value::Object(fields) if !fields.is_empty() && random.u8(..3) > 0 => {
            let name = fields.keys().nth(random.usize(..fields.len())).cloned().unwrap_or_default();
            let value = fields.remove(&name);
            if random.bool() {
                let names = ["when", "name", "unknown", "", "é"];
                fields.insert(names[random.usize(..names.len())].to_owned(), value.unwrap_or_default());
            }
        }
        value => {
            let atoms =
                [json!(null), json!(true), json!(0), json!(-1.5), json!(1e300), json!(""), json!([]), json!({}), other];
            *value = atoms[random.usize(..atoms.len())].clone();
        }
    }
}

/// All values of a document, itself first.
fn collect(json: &Value, values: &mut Vec<Value>) {
    values.push(json.clone());
    match json {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, values)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, values)),
        _ => {}
    }
}

/// One of these values by its number.
fn nth<'a>(json: &'a mut Value, number: &mut usize) -> Option<&'a mut Value> {
    if *number == 0 {
        return Some(json);
    }
    *number -= 1;
    match json {
        Value::Array(elements) => elements.iter_mut().find_map(|element| nth(element, number)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, number)),
        _ => None,
    }
}

/// Random calls of one function.
struct Cases<'a> {
    random: Rng,
    function: &'a Function,
    host: &'a mut Host,
}

impl Cases<'_> {
    fn next(&mut self) -> Value {
        let mut arguments = BTreeMap::new();
        for (argument, document) in self.function.documents() {
            let text = self.document(&argument.name, document.format);
            arguments.insert(argument.name.clone(), text);
        }
        let description = self.describe(&arguments);
        for argument in &self.function.arguments {
            if arguments.contains_key(&argument.name) || self.random.u8(..100) < 2 {
                continue;
            }
            let value = self.value(argument, description.as_ref());
            arguments.insert(argument.name.clone(), value);
        }
        match self.host.call(&self.function.name, &arguments) {
            Ok(result) => json!({"arguments": arguments, "result": result}),
            Err(error) => json!({"arguments": arguments, "error": error}),
        }
    }

    /// What the documents' dictionaries and facts are, if the documents compile.
    fn describe(&mut self, documents: &BTreeMap<String, Value>) -> Option<Description> {
        let (argument, _) = self.function.documents().next()?;
        let text = documents.get(&argument.name)?.as_str()?;
        self.host.describe(&self.function.name, &argument.name, text).ok()
    }

    /// A document of the examples, sometimes with numbers or something else changed, rarely broken.
    fn document(&mut self, argument: &str, format: Format) -> Value {
        let refused = self.random.u8(..100) < 5;
        let texts: Vec<String> = self
            .function
            .examples
            .iter()
            .filter(|example| refused || example.error.is_none())
            .filter_map(|example| example.arguments.get(argument)?.as_str())
            .map(|text| match text.strip_prefix('@') {
                Some(name) => self.host.catalogue().documents[name].clone(),
                None => text.to_owned(),
            })
            .collect();
        let mut text = texts[self.random.usize(..texts.len())].clone();
        let dice = self.random.u8(..100);
        if dice < 15 && format == Format::Json {
            if let Ok(mut json) = serde_json::from_str(&text) {
                self.change_numbers(&mut json);
                text = json.to_string();
            }
        } else if dice < 20 && format == Format::Json {
            if let Ok(mut json) = serde_json::from_str(&text) {
                (0..self.random.usize(1..3)).for_each(|_| mutate(&mut self.random, &mut json));
                text = json.to_string();
            }
        } else if dice < 22 {
            let end = (0..=self.random.usize(..=text.len())).rev().find(|&end| text.is_char_boundary(end));
            text.truncate(end.unwrap_or(0));
        }
        Value::String(text)
    }

    fn change_numbers(&mut self, json: &mut Value) {
        match json {
            Value::Number(number) if self.random.u8(..100) < 15 => {
                let value = number.as_f64().unwrap_or(0.0);
                let factors = [0.0, -1.0, 0.1, 0.5, 1.1, 3.0, 1e3];
                *json = json!(value * factors[self.random.usize(..factors.len())]);
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.change_numbers(element)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.change_numbers(field)),
            _ => {}
        }
    }

    fn value(&mut self, argument: &Argument, description: Option<&Description>) -> Value {
        match &argument.kind {
            ArgumentType::Double => self.double_like_examples(&argument.name),
            ArgumentType::Timestamp => json!(self.point_in_time()),
            ArgumentType::Text if !argument.one_of.is_empty() && self.random.u8(..100) < 97 => {
                json!(argument.one_of[self.random.usize(..argument.one_of.len())])
            }
            ArgumentType::Text => self.text_like_examples(&argument.name),
            ArgumentType::Code(dictionary) => self.code(description, dictionary.dictionary),
            ArgumentType::Doubles => {
                let length = self.random.usize(..6);
                let mut rest = 1.0;
                let mut shares = Vec::new();
                for _ in 0..length {
                    let share = rest * self.random.f64();
                    rest -= share;
                    shares.push(json!(share));
                }
                if self.random.u8(..10) == 0 {
                    if self.random.bool() {
                        shares.resize(self.random.usize(1..200), json!(0));
                    }
                    shares.iter_mut().for_each(|share| *share = json!(self.random.u8(..50)));
                }
                // The list may have become shorter.
                if !shares.is_empty() && self.random.u8(..100) < 5 {
                    let at = self.random.usize(..shares.len());
                    shares[at] = self.double();
                }
                Value::Array(shares)
            }
            ArgumentType::Structs { .. } if argument.nullable && self.random.bool() => Value::Null,
            ArgumentType::Structs { fields } => {
                let length = if self.random.u8(..10) == 0 { 200 } else { 40 };
                let length = self.random.usize(..length);
                (0..length).map(|_| self.element(&argument.name, fields, description)).collect()
            }
            ArgumentType::Facts { .. } => self.facts(description, 200),
            ArgumentType::Document(_) => unreachable!("drawn first"),
        }
    }

    /// Mostly what people score with, sometimes anything that a double can be.
    fn double(&mut self) -> Value {
        match self.random.u8(..100) {
            0..2 => json!(f64::from_bits(self.random.u64(..))).as_f64().map_or(json!("NaN"), |value| json!(value)),
            2 => json!(["NaN", "Infinity", "-Infinity"][self.random.usize(..3)]),
            3..6 => json!([0.0, -0.0, 1.0, -1.0, 5e-324, 1e308, -1e-310][self.random.usize(..7)]),
            6..12 => json!(-50.0 * self.random.f64()),
            12..50 => json!(self.random.i32(0..100)),
            _ => json!(100.0 * self.random.f64()),
        }
    }

    /// Mostly around the sample's time, to the microsecond, midnights included.
    fn point_in_time(&mut self) -> i64 {
        match self.random.u8(..10) {
            0 => AROUND + self.random.i64(-20_000..20_000) * DAY,
            1..4 => AROUND - self.random.i64(0..40) * DAY,
            _ => AROUND - self.random.i64(0..40 * DAY),
        }
    }

    fn code(&mut self, description: Option<&Description>, dictionary: usize) -> Value {
        let texts = description.and_then(|description| description.dictionaries.get(dictionary));
        match texts {
            Some(texts) if !texts.is_empty() && self.random.u8(..10) < 9 => {
                // Few different ones per case, so that caps and days fill up.
                let first = 1 + self.random.usize(..texts.len());
                json!(texts[self.random.usize(..first)])
            }
            _ => self.text(),
        }
    }

    /// A number of the examples, a share, or any.
    fn double_like_examples(&mut self, argument: &str) -> Value {
        let examples = &self.function.examples;
        let example = &examples[self.random.usize(..examples.len())];
        match (self.random.u8(..10), example.arguments.get(argument)) {
            (0..4, Some(Value::Number(number))) => Value::Number(number.clone()),
            (4..6, _) => json!(self.random.f64()),
            _ => self.double(),
        }
    }

    fn text_like_examples(&mut self, argument: &str) -> Value {
        let examples = &self.function.examples;
        let example = &examples[self.random.usize(..examples.len())];
        match example.arguments.get(argument) {
            Some(text) if self.random.bool() => text.clone(),
            // Where an example does without, random text is mostly refused.
            None if self.random.u8(..4) < 3 => Value::Null,
            _ => self.text(),
        }
    }

    /// What an element of the examples has in this field.
    fn of_element(&mut self, argument: &str, field: &str) -> Option<Value> {
        let example = self.random.choice(&self.function.examples).filter(|example| example.error.is_none())?;
        let element = self.random.choice(example.arguments.get(argument)?.as_array()?)?;
        element.get(field).cloned()
    }

    /// Short texts that collide now and then, in several scripts and every UTF-8 length.
    fn text(&mut self) -> Value {
        let pieces =
            ["", "a", "b", "user:", "7", "42", "é", "ΟΔΟΣ", "日本", "\u{ff5e}", "\u{1f600}", " ", "'", "\"", "\\", "%"];
        let length = self.random.usize(..4);
        json!((0..length).map(|_| pieces[self.random.usize(..pieces.len())]).collect::<String>())
    }

    /// A number like those that the examples' elements have in a field: one of them, or where they are not all whole, one
    /// between the least and the greatest.
    fn field_like_examples(&mut self, argument: &str, field: &str) -> Value {
        let examples = self.function.examples.iter().filter(|example| example.error.is_none());
        let lists = examples.filter_map(|example| example.arguments.get(argument)?.as_array());
        let numbers: Vec<f64> = lists.flatten().filter_map(|element| element.get(field)?.as_f64()).collect();
        let one = numbers[self.random.usize(..numbers.len())];
        if numbers.iter().all(|number| number.fract() == 0.0) || self.random.bool() {
            return json!(one);
        }
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        json!(least + (greatest - least) * self.random.f64())
    }

    fn element(&mut self, argument: &str, fields: &[Field], description: Option<&Description>) -> Value {
        let mut element = Map::new();
        for field in fields {
            // A number without default may have to be known, and then one that is missing is enough to refuse the call.
            let odd = if matches!(field.kind, FieldType::Double { default: None }) { 1_000 } else { 50 };
            if self.random.u16(..odd) == 0 {
                continue;
            }
            let value = match &field.kind {
                // What has no default is what the function is about, and the examples say what it may be.
                FieldType::Double { default: None } => match self.random.u16(..1000) {
                    0 => self.double(),
                    1..10 => Value::Null,
                    _ => self.field_like_examples(argument, &field.name),
                },
                FieldType::Double { default: Some(_) } => match self.random.u16(..1000) {
                    0 => self.double(),
                    1..50 => json!(self.random.f64() * 5.0),
                    50..100 => json!(0),
                    100..400 => continue,
                    400..600 => match self.of_element(argument, &field.name) {
                        Some(number) => number,
                        None => continue,
                    },
                    _ => json!(self.random.u8(1..6)),
                },
                FieldType::Timestamp => json!(self.point_in_time()),
                FieldType::Text => match self.of_element(argument, &field.name) {
                    Some(text) if self.random.u8(..4) > 0 => text,
                    _ => self.text(),
                },
                FieldType::Code(dictionary) => self.code(description, dictionary.dictionary),
                FieldType::Facts { .. } => match self.random.u8(..10) {
                    0 => Value::Null,
                    1 => json!({}),
                    // A call has many elements, and one that does not fit is enough to refuse it.
                    _ => self.facts(description, 20_000),
                },
            };
            element.insert(field.name.clone(), value);
        }
        Value::Object(element)
    }

    /// A row with what the document asks for: often a literal, sometimes NULL; a fact of `odd` is absent, and one of another
    /// type.
    fn facts(&mut self, description: Option<&Description>, odd: u16) -> Value {
        let mut row = Map::new();
        for fact in description.map_or(&[][..], |description| &description.facts) {
            if self.random.u16(..odd) == 0 {
                continue;
            }
            let (any, _) = FactKind::from_description(self.random.usize(..8)).expect("eight kinds");
            let kind = if self.random.u16(..odd) == 0 { any } else { fact.kind };
            let value = if self.random.u8(..8) == 0 {
                Value::Null
            } else if kind == FactKind::Boolean {
                json!(self.random.bool())
            } else if kind == FactKind::Timestamp {
                let mut text = Vec::new();
                plg_udfs::timestamp::push_iso(&mut text, self.point_in_time());
                json!(String::from_utf8_lossy(&text))
            } else if kind == FactKind::Code || kind == FactKind::Text {
                match fact.literals.len() {
                    0 => self.text(),
                    _ if self.random.u8(..4) == 0 => self.text(),
                    count => json!(fact.literals[self.random.usize(..count)]),
                }
            } else if kind == FactKind::Texts {
                (0..self.random.usize(..5)).map(|_| self.text()).chain([Value::Null]).collect()
            } else if kind == FactKind::Numbers {
                (0..self.random.usize(..5)).map(|_| json!(self.random.i32(-3..9))).chain([Value::Null]).collect()
            } else {
                match self.double() {
                    Value::Number(number) => Value::Number(number),
                    _ => json!(self.random.i32(..)),
                }
            };
            row.insert(fact.name.clone(), value);
        }
        Value::Object(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mutated documents never trap, natively a panic, and are refused with the document's path or mean something.
    #[test]
    fn mutated_documents_never_trap() {
        let mut host = native::host().unwrap();
        let functions = host.catalogue().functions.clone();
        for (number, function) in functions.iter().enumerate() {
            let document = function.documents().find(|(_, document)| document.format == Format::Json);
            let Some((argument, _)) = document else { continue };
            let mut cases = Cases { random: Rng::with_seed(number as u64), function, host: &mut host };
            let (mut refused, mut answered) = (0, 0);
            for _ in 0..1_500 {
                let text = cases.document(&argument.name, Format::Json);
                let Ok(mut json) = serde_json::from_str(text.as_str().unwrap()) else { continue };
                (0..cases.random.usize(1..6)).for_each(|_| mutate(&mut cases.random, &mut json));
                let mut arguments = BTreeMap::from([(argument.name.clone(), Value::String(json.to_string()))]);
                let Some(description) = cases.describe(&arguments) else {
                    refused += 1;
                    let error = cases.host.describe(&function.name, &argument.name, &json.to_string()).unwrap_err();
                    assert!(error.starts_with(&format!("plg.{}: {}", function.name, argument.name)), "{error}");
                    continue;
                };
                for argument in &function.arguments {
                    if !arguments.contains_key(&argument.name) {
                        let value = cases.value(argument, Some(&description));
                        arguments.insert(argument.name.clone(), value);
                    }
                }
                answered += cases.host.call(&function.name, &arguments).is_ok() as usize;
            }
            // A function may read a small part of its document; model_check refuses none, but tells what is wrong.
            let enough = if function.name == "model_check" { refused == 0 } else { refused > 50 };
            assert!(enough && answered > 20, "{}: {refused} {answered}", function.name);
        }
    }
}

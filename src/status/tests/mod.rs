//! Rules over rows of facts, as a host would run them.

mod claims;
mod expressions;
mod malformed;
mod oracle;

use super::{Rules, status_case};
use crate::abi::{Document, FactKind, Input, NULL_LENGTH};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A value of a fact.
#[derive(Clone, Debug, PartialEq)]
enum Fact {
    Null,
    Number(f64),
    Boolean(bool),
    Timestamp(f64),
    Text(String),
    Numbers(Vec<f64>),
    Texts(Vec<&'static str>),
}

impl From<f64> for Fact {
    fn from(value: f64) -> Fact {
        Fact::Number(value)
    }
}

impl From<bool> for Fact {
    fn from(value: bool) -> Fact {
        Fact::Boolean(value)
    }
}

impl From<&str> for Fact {
    fn from(value: &str) -> Fact {
        Fact::Text(value.to_string())
    }
}

/// 2026-01-31 12:00:00.
const AS_OF: f64 = 1_769_860_800_000_000.0;

/// Compiles rules or panics with their error.
fn compile(text: &str) -> Rules {
    match Rules::compile("rules", text.as_bytes()) {
        Ok(rules) => rules,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// The error of rules that must not compile.
fn error(text: &[u8]) -> String {
    match Rules::compile("rules", text) {
        Ok(_) => panic!("compiles: {}", String::from_utf8_lossy(text)),
        Err(error) => error.to_string(),
    }
}

fn name(rules: &Rules, field: usize) -> &str {
    core::str::from_utf8(rules.compiled.texts.get(rules.compiled.fields[field])).unwrap()
}

/// The kind that a field has in a condition.
fn kind_of(condition: &str, field: &str) -> FactKind {
    let rules = compile(&std::format!("when {condition} then 'yes' else 'no'"));
    let place = (0..rules.compiled.fields.len()).find(|&place| name(&rules, place) == field);
    rules.compiled.kinds[place.unwrap()]
}

/// A frame of one row as the ABI has it.
fn frame(rules: &Rules, fact: impl Fn(&str) -> Fact) -> Vec<u64> {
    let fields = rules.compiled.fields.len();
    let (marks, values) = (16, 16 + fields.next_multiple_of(8));
    let (spans, bytes) = (values + fields * 8, values + fields * 16);
    let mut frame = std::vec![0u8; bytes];
    for (word, value) in [1, marks, values, spans].into_iter().enumerate() {
        frame[word * 4..word * 4 + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }
    for field in 0..fields {
        let fact = fact(name(rules, field));
        frame[marks + field] = (fact != Fact::Null) as u8;
        let value = match (&fact, rules.compiled.kinds[field]) {
            (Fact::Text(text), FactKind::Code) => {
                let mut literals = rules.compiled.program.literals[field].iter();
                literals
                    .position(|&literal| rules.compiled.texts.get(literal) == text.as_bytes())
                    .map_or(-1.0, |place| place as f64)
            }
            (Fact::Number(value) | Fact::Timestamp(value), _) => *value,
            (Fact::Boolean(value), _) => *value as u8 as f64,
            _ => 0.0,
        };
        frame[values + field * 8..][..8].copy_from_slice(&value.to_le_bytes());
        let (start, length) = match (&fact, rules.compiled.kinds[field]) {
            (Fact::Text(text), FactKind::Text) => {
                let start = frame.len();
                frame.extend_from_slice(text.as_bytes());
                (start as u32, text.len() as u32)
            }
            (Fact::Numbers(_) | Fact::Texts(_), FactKind::Numbers | FactKind::Texts) => {
                let start = frame.len();
                match &fact {
                    Fact::Numbers(numbers) => {
                        frame.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
                    }
                    Fact::Texts(texts) => {
                        frame.extend(texts.iter().flat_map(|text| text.bytes().chain([FactKind::END_OF_ELEMENT])));
                    }
                    _ => {}
                }
                (start as u32, (frame.len() - start) as u32)
            }
            _ => (0, NULL_LENGTH),
        };
        frame[spans + field * 8..][..4].copy_from_slice(&start.to_le_bytes());
        frame[spans + field * 8 + 4..][..4].copy_from_slice(&length.to_le_bytes());
    }
    frame.resize(frame.len().next_multiple_of(8), 0);
    frame.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect()
}

/// The status of compiled rules over one row.
fn run(rules: &Rules, fact: impl Fn(&str) -> Fact) -> Option<String> {
    let frame = frame(rules, fact);
    let mut input = Input::new(&frame);
    let facts = input.facts(rules.fact_fields()).unwrap();
    let status = status_case(facts.row(0), rules, AS_OF).unwrap()?;
    Some(String::from_utf8(rules.compiled.texts.get(rules.statuses[status as usize]).to_vec()).unwrap())
}

/// The status by a rule text over one row; facts that are not given are NULL.
fn status(text: &str, facts: &[(&str, Fact)]) -> Option<String> {
    run(&compile(text), |name| match facts.iter().find(|(fact, _)| *fact == name) {
        Some((_, fact)) => fact.clone(),
        None => Fact::Null,
    })
}

/// The truth of a condition over one row.
fn truth(condition: &str, facts: &[(&str, Fact)]) -> Option<bool> {
    let text = std::format!("when {condition} then 'true' when not ({condition}) then 'false' else null");
    status(&text, facts).map(|status| status == "true")
}

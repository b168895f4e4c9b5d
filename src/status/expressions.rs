//! Expressions of the rule language that stand in another document, such as the conditions of audience levels.
//!
//! All expressions of a document share one table of facts: a fact has one type in all of them, and hosts hand over one
//! row for all of them.

use super::evaluate::{Row, evaluate, evaluate_value};
use super::fault::Fault;
use super::parser::Parsed;
use super::program::compile_expressions;
use super::value::Value;
use super::{Compiled, MAX_BYTES};
use crate::abi::{FactKind, FactRow, Output};
use crate::strings::Strings;
use crate::tape::{Object, Place};
use crate::{Error, Result};
use alloc::vec::Vec;

pub(crate) use super::truth::Truth;
pub(crate) use super::types::Type;

/// The number of an expression in its document, from 0 in the order of reading.
pub(crate) type Expression = u32;

/// The expressions of a document: read one by one, compiled when all are read, and then evaluated over rows of facts.
#[derive(Default)]
pub(crate) struct Expressions {
    parsed: Parsed,
    /// Path and text of each expression, one after the other.
    sources: Vec<u8>,
    /// Where in them each path and each text begin.
    starts: Vec<[u32; 2]>,
    /// The bytes of all texts.
    bytes: usize,
    compiled: Compiled,
    /// The expressions that are right by themselves, where all problems are wanted.
    #[cfg(feature = "collect")]
    right: Vec<Alone>,
}

/// An expression by itself.
#[cfg(feature = "collect")]
struct Alone {
    path: alloc::string::String,
    text: Vec<u8>,
    of: Type,
    refuses_as_of: Option<&'static str>,
}

impl Expressions {
    /// Lets `as_of` be an error with this message in the expressions that are read from now on.
    pub fn refuse_as_of(&mut self, message: &'static str) {
        self.parsed.refuses_as_of = Some(message);
    }

    /// The expressions are conditions over the facts of an event: one that an event does not have is NULL,
    /// `occurred_at` is the event's time, which [`truth`](Self::truth) then takes for `as_of`, and `as_of` an error
    /// with this message.
    pub fn judge_events(&mut self, no_as_of: &'static str) {
        self.parsed.refuses_as_of = Some(no_as_of);
        self.parsed.knows_occurred_at = true;
        self.parsed.missing_is_null = true;
    }

    /// Lets a fact that a row does not have be NULL if the document says `"on_missing": "null"`.
    #[inline(never)]
    pub fn read_on_missing(&mut self, document: &Object<'_, '_>) -> Result<()> {
        match document.text("on_missing")? {
            None => Ok(()),
            Some(b"null") => {
                self.parsed.missing_is_null = true;
                Ok(())
            }
            Some(_) => Err(document.error("on_missing", "must be 'null'")),
        }
    }

    /// Reads the expression in a field of an object; `None` where it is absent. An error has the field's path, and line
    /// and column in the expression.
    #[inline(never)]
    pub fn read(&mut self, object: &Object<'_, '_>, name: &str, of: Type) -> Result<Option<Expression>> {
        match object.text(name)? {
            None => Ok(None),
            Some(text) => self.add(text, &object.place().field(name), of).map(Some),
        }
    }

    /// Reads the expression in a field that must be there.
    #[inline(never)]
    pub fn read_required(&mut self, object: &Object<'_, '_>, name: &str, of: Type) -> Result<Expression> {
        self.add(object.required_text(name)?, &object.place().field(name), of)
    }

    #[inline(never)]
    fn add(&mut self, text: &[u8], place: &Place<'_>, of: Type) -> Result<Expression> {
        self.bytes += text.len();
        if self.bytes > MAX_BYTES {
            return Err(place.error("must not be longer than 65,536 bytes, together with the expressions before"));
        }
        if crate::utf8::text(text).is_none() {
            return Err(place.error("must be UTF-8"));
        }
        #[cfg(feature = "collect")]
        if place.collects() {
            let alone = Alone { path: place.text(), text: text.to_vec(), of, refuses_as_of: self.parsed.refuses_as_of };
            return match self.compile([&alone].into_iter()) {
                Err(error) => place.refuse_with(error).map(|()| 0),
                Ok(()) => {
                    self.right.push(alone);
                    Ok(0)
                }
            };
        }
        self.parse(text, place.text(), of)
    }

    #[inline(never)]
    fn parse(&mut self, text: &[u8], place: alloc::string::String, of: Type) -> Result<Expression> {
        let number = self.starts.len() as Expression;
        let path = self.sources.len() as u32;
        self.sources.extend_from_slice(place.as_bytes());
        let start = self.sources.len();
        self.sources.extend_from_slice(text);
        self.starts.push([path, start as u32]);
        self.parsed.expression(&self.sources, start, of).map_err(|fault| self.error(fault))?;
        Ok(number)
    }

    /// Compiles expressions together, without keeping anything.
    #[cfg(feature = "collect")]
    fn compile<'e>(&self, expressions: impl Iterator<Item = &'e Alone>) -> Result<()> {
        let mut together = Expressions::default();
        together.parsed.knows_occurred_at = self.parsed.knows_occurred_at;
        for expression in expressions {
            together.parsed.refuses_as_of = expression.refuses_as_of;
            together.parse(&expression.text, expression.path.clone(), expression.of)?;
        }
        together.compile_all()
    }

    /// Compiles what was read in the document at `place`; no more can be read then. An error is as one of reading.
    #[inline(never)]
    pub fn finish(&mut self, place: &Place<'_>) -> Result<()> {
        #[cfg(feature = "collect")]
        if place.collects() {
            // Expressions that are right by themselves may still ask for one fact as two types.
            let right = core::mem::take(&mut self.right);
            let mut agreeing: Vec<&Alone> = right.iter().collect();
            if self.compile(agreeing.iter().copied()).is_err() {
                agreeing.clear();
                for expression in &right {
                    match self.compile(agreeing.iter().copied().chain([expression])) {
                        Ok(()) => agreeing.push(expression),
                        Err(error) => place.refuse_with(error)?,
                    }
                }
            }
            return Ok(());
        }
        let _ = place;
        self.compile_all()
    }

    #[inline(never)]
    fn compile_all(&mut self) -> Result<()> {
        match Compiled::new(&mut self.parsed, compile_expressions) {
            Ok(compiled) => self.compiled = compiled,
            Err(fault) => return Err(self.error(fault)),
        }
        self.parsed = Parsed::default();
        self.sources = Vec::new();
        Ok(())
    }

    /// The error of a fault, at the expression that it lies in.
    #[cold]
    #[inline(never)]
    fn error(&self, fault: Fault) -> Error {
        let after = self.starts.iter().position(|&[_, start]| start as usize > fault.at).unwrap_or(self.starts.len());
        let [path, start] = self.starts.get(after.wrapping_sub(1)).copied().unwrap_or_default();
        let end = self.starts.get(after).map_or(self.sources.len(), |&[path, _]| path as usize);
        let path = crate::utf8::text(&self.sources[path as usize..start as usize]).unwrap_or_default();
        fault.into_error(path, start as usize, &self.sources[..end])
    }

    /// Writes what [`Document::describe`](crate::abi::Document::describe) must, of a document whose one dictionary is
    /// `strings`.
    pub fn describe(&self, strings: &Strings, out: &mut Output) {
        out.list(1);
        strings.describe(out);
        self.describe_facts(out);
    }

    /// Writes the facts that the expressions read: what [`Document::describe`](crate::abi::Document::describe) ends
    /// with.
    pub fn describe_facts(&self, out: &mut Output) {
        self.compiled.describe_facts(out);
    }

    /// How many facts the expressions read.
    pub fn fact_fields(&self) -> usize {
        self.compiled.fields.len()
    }

    /// How the facts travel, in their order.
    pub fn kinds(&self) -> &[FactKind] {
        &self.compiled.kinds
    }

    /// The truth of an expression of type boolean. `as_of` is microseconds since 1970 UTC.
    #[inline(never)]
    pub fn truth(&self, expression: Expression, facts: FactRow<'_, '_>, as_of: f64) -> Truth {
        let compiled = &self.compiled;
        let row = Row { facts, as_of, texts: &compiled.texts };
        evaluate(&compiled.program, &row, compiled.program.starts[expression as usize]).1
    }

    /// Whether an expression of type boolean is true, and neither false nor NULL.
    pub fn holds(&self, expression: Expression, facts: FactRow<'_, '_>, as_of: f64) -> bool {
        self.truth(expression, facts, as_of) == Truth::True
    }

    /// The value of an expression that is a number or a point in time (microseconds since 1970 UTC); `None` for NULL.
    pub fn value(&self, expression: Expression, facts: FactRow<'_, '_>, as_of: f64) -> Option<f64> {
        match self.evaluate(expression, facts, as_of) {
            Value::Number(value) => Some(value),
            _ => None,
        }
    }

    /// Writes the value of an expression that is a text.
    pub fn write_text(&self, expression: Expression, facts: FactRow<'_, '_>, as_of: f64, out: &mut Output) {
        match self.evaluate(expression, facts, as_of) {
            Value::Text(value) => out.text_with(|text| {
                for point in value {
                    let character = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }),
            _ => out.null_text(),
        }
    }

    fn evaluate<'a>(&'a self, expression: Expression, facts: FactRow<'a, 'a>, as_of: f64) -> Value<'a> {
        let compiled = &self.compiled;
        let row = Row { facts, as_of, texts: &compiled.texts };
        evaluate_value(&compiled.program, &row, compiled.program.starts[expression as usize])
    }
}

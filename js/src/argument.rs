//! JavaScript values as arguments of the core. The error texts are those of every host (`docs/abi.md`, "Errors that hosts
//! make"); `null` and `undefined` are NULL.

use crate::document::{Compiled, Fact};
use crate::properties::Properties;
use chrono::DateTime;
use js_sys::{Array, Date, Float64Array, Map, Object};
use plg_udfs::abi::{FactKind, Facts, NOT_IN_DICTIONARY, NULL_CODE, NULL_LENGTH, Texts};
use plg_udfs::error::{Path, path};
use plg_udfs::{Error, Result, timestamp};
use wasm_bindgen::prelude::*;

/// Integers up to here are exact in a double.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// Calls the function `name`; its refusal becomes the `Error` that a warehouse would show.
pub fn call<T>(name: &str, function: impl FnOnce() -> Result<T>) -> core::result::Result<T, JsError> {
    function().map_err(|error| JsError::new(&format!("plg.{name}: {error}")))
}

/// Whether a value is NULL.
pub fn is_null(value: &JsValue) -> bool {
    value.is_null() || value.is_undefined()
}

/// A number; `None` for NULL.
pub fn number(value: &JsValue, at: impl Fn() -> Path) -> Result<Option<f64>> {
    if let Some(number) = value.as_f64() {
        return Ok(Some(number));
    }
    if is_null(value) {
        return Ok(None);
    }
    if !value.is_bigint() {
        return Err(Error::new(at(), "must be a number"));
    }
    match i64::try_from(value.clone()) {
        Ok(integer) if integer.unsigned_abs() <= MAX_EXACT_INTEGER => Ok(Some(integer as f64)),
        _ => Err(Error::new(at(), "is an integer beyond 2^53")),
    }
}

/// Microseconds since 1970 of a `Date`, of ISO-8601 text, or given as such; NaN for NULL.
pub fn point_in_time(value: &JsValue, at: impl Fn() -> Path) -> Result<f64> {
    if is_null(value) {
        return Ok(f64::NAN);
    }
    let microseconds = if let Some(microseconds) = value.as_f64() {
        microseconds.is_finite().then_some(microseconds)
    } else if let Some(text) = value.as_string() {
        timestamp::parse(text.as_bytes()).map(|microseconds| microseconds as f64)
    } else if let Some(date) = value.dyn_ref::<Date>() {
        let milliseconds = date.get_time();
        // The cast would make 1970 of an invalid Date, whose time is NaN.
        let date = milliseconds.is_finite().then(|| DateTime::from_timestamp_millis(milliseconds as i64)).flatten();
        date.map(|date| date.timestamp_micros() as f64)
    } else {
        i64::try_from(value.clone()).ok().map(|microseconds| microseconds as f64)
    };
    microseconds.ok_or_else(|| Error::new(at(), "must be a timestamp"))
}

/// A text; `None` for NULL.
pub fn text(value: &JsValue, at: impl Fn() -> Path) -> Result<Option<String>> {
    match value.as_string() {
        Some(text) => Ok(Some(text)),
        None if is_null(value) => Ok(None),
        None => Err(Error::new(at(), "must be a text")),
    }
}

/// The code of a text in a document's dictionary.
pub fn code(value: &JsValue, codes: &Map, at: impl Fn() -> Path) -> Result<i32> {
    if value.is_string() {
        return Ok(codes.get(value).as_f64().map_or(NOT_IN_DICTIONARY, |code| code as i32));
    }
    if is_null(value) { Ok(NULL_CODE) } else { Err(Error::new(at(), "must be a text")) }
}

/// A list of numbers: an array or a `Float64Array`.
pub fn doubles(value: &JsValue, name: &str) -> Result<Vec<f64>> {
    if let Some(numbers) = value.dyn_ref::<Float64Array>() {
        return Ok(numbers.to_vec());
    }
    let numbers = array(value, name)?.iter().enumerate().map(|(index, element)| {
        let at = || path(name).index(index);
        number(&element, at)?.ok_or_else(|| Error::new(at(), "must not be NULL"))
    });
    numbers.collect()
}

fn array<'a>(value: &'a JsValue, name: &str) -> Result<&'a Array> {
    value.dyn_ref::<Array>().ok_or_else(|| Error::new(path(name), "must be a list"))
}

fn is_object(value: &JsValue) -> bool {
    value.is_object() && !Array::is_array(value)
}

/// A property; a getter or a proxy may throw.
fn property(object: &JsValue, name: &JsValue, at: impl Fn() -> Path) -> Result<JsValue> {
    object.unchecked_ref::<Properties>().get(name).map_err(|_| Error::new(at(), "cannot be read"))
}

/// A list of objects, to be read field by field.
pub struct Elements<'n> {
    name: &'n str,
    elements: Vec<JsValue>,
}

impl<'n> Elements<'n> {
    /// The elements of the argument `name`, each an object or NULL. A NULL that reaches the function is an empty list.
    pub fn new(value: &JsValue, name: &'n str) -> Result<Self> {
        let elements = if is_null(value) { Vec::new() } else { array(value, name)?.to_vec() };
        for (index, element) in elements.iter().enumerate() {
            if !is_object(element) && !is_null(element) {
                return Err(Error::new(path(name).index(index), "must be an object"));
            }
        }
        Ok(Elements { name, elements })
    }

    /// A column of numbers, with `default` for NULL.
    pub fn doubles(&self, field: &str, default: f64) -> Result<Vec<f64>> {
        self.column(field, |value, at| Ok(number(value, at)?.unwrap_or(default)))
    }

    /// A column of points in time.
    pub fn points_in_time(&self, field: &str) -> Result<Vec<f64>> {
        self.column(field, |value, at| point_in_time(value, at))
    }

    /// A column of codes.
    pub fn codes(&self, field: &str, codes: &Map) -> Result<Vec<i32>> {
        self.column(field, |value, at| code(value, codes, at))
    }

    /// A column of texts.
    pub fn texts(&self, field: &str) -> Result<TextColumn> {
        let mut column = TextColumn::default();
        column.values = self.column(field, |value, at| {
            column.push(text(value, at)?.as_deref());
            Ok(value.clone())
        })?;
        Ok(column)
    }

    /// The facts of all elements; NULL is a row of NULLs.
    pub fn facts<D>(&self, field: &str, document: &Compiled<D>) -> Result<FactRows> {
        let mut rows = FactRows::default();
        self.column(field, |value, at| match is_null(value) {
            true => Ok(rows.push_null(document.facts())),
            false => rows.push(value, document.facts(), at),
        })?;
        rows.fields = document.facts().len();
        Ok(rows)
    }

    /// `read` of one field of all elements.
    fn column<T>(&self, field: &str, mut read: impl FnMut(&JsValue, &dyn Fn() -> Path) -> Result<T>) -> Result<Vec<T>> {
        let key = JsValue::from_str(field);
        let cells = self.elements.iter().enumerate().map(|(index, element)| {
            let at = || path(self.name).index(index).field(field);
            let value = if is_null(element) { JsValue::NULL } else { property(element, &key, at)? };
            read(&value, &at)
        });
        cells.collect()
    }
}

/// A column of texts as UTF-8, and as the values that they came from.
#[derive(Default)]
pub struct TextColumn {
    spans: Vec<[u32; 2]>,
    bytes: Vec<u8>,
    values: Vec<JsValue>,
}

impl TextColumn {
    /// The column as the core takes it.
    pub fn texts(&self) -> Texts<'_> {
        Texts::new(&self.spans, &self.bytes)
    }

    /// The values that the texts came from.
    pub fn values(&self) -> &[JsValue] {
        &self.values
    }

    fn push(&mut self, text: Option<&str>) {
        self.push_bytes(text.map(str::as_bytes));
    }

    fn push_bytes(&mut self, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else { return self.spans.push([0, NULL_LENGTH]) };
        self.spans.push([self.bytes.len() as u32, bytes.len() as u32]);
        self.bytes.extend_from_slice(bytes);
    }
}

/// Rows of facts, row by row, as a compiled document asks for them.
#[derive(Default)]
pub struct FactRows {
    fields: usize,
    marks: Vec<u8>,
    values: Vec<f64>,
    texts: TextColumn,
}

impl FactRows {
    /// The facts of the argument `name`: an object or the text of a JSON object.
    pub fn one<D>(value: &JsValue, name: &str, document: &Compiled<D>) -> Result<Self> {
        let mut rows = FactRows::default();
        rows.push(value, document.facts(), &|| path(name))?;
        Ok(rows)
    }

    /// The one row as the core takes it.
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(1, &self.marks, &self.values, self.texts.texts())
    }

    /// The rows of a list's elements as the core takes them.
    pub fn of_elements(&self) -> Facts<'_> {
        Facts::of_elements(self.fields, &self.marks, &self.values, self.texts.texts())
    }

    fn push_null(&mut self, facts: &[Fact]) {
        for _ in facts {
            self.marks.push(0);
            self.values.push(0.0);
            self.texts.push_bytes(None);
        }
    }

    fn push(&mut self, value: &JsValue, facts: &[Fact], at: &dyn Fn() -> Path) -> Result<()> {
        let refused = || Error::new(at(), "must be an object");
        let source = match value.as_string() {
            Some(json) => FactSource::parse(&json, at)?,
            None if is_object(value) => FactSource::Object(value.clone().dyn_into().map_err(|_| refused())?),
            None => return Err(refused()),
        };
        facts.iter().try_for_each(|fact| self.push_fact(&source, fact, || at().field(&fact.name)))
    }

    fn push_fact(&mut self, source: &FactSource, fact: &Fact, at: impl Fn() -> Path + Copy) -> Result<()> {
        let value = source.fact(fact, at)?;
        let null = is_null(&value);
        let (mut double, mut string) = (0.0, None);
        match fact.kind {
            _ if null => {}
            FactKind::Any => {}
            FactKind::Number => double = source.number(&value, at)?,
            FactKind::Boolean => {
                double = value.as_bool().ok_or_else(|| Error::new(at(), "must be a boolean"))? as u8 as f64;
            }
            FactKind::Timestamp => double = point_in_time(&value, at)?,
            FactKind::Code if value.is_string() => double = fact.literals.index_of(&value, 0) as f64,
            FactKind::Code => return Err(Error::new(at(), "must be a text")),
            FactKind::Text => string = text(&value, at)?.map(String::into_bytes),
            FactKind::Numbers | FactKind::Texts => string = Some(source.list(&value, fact.kind, at)?),
        }
        self.marks.push(!null as u8);
        self.values.push(double);
        self.texts.push_bytes(string.as_deref());
        Ok(())
    }
}

/// Where facts come from. JSON text tells integers from other numbers, and is therefore not read by `JSON.parse`.
enum FactSource {
    Object(Object),
    Json(serde_json::Map<String, serde_json::Value>),
}

impl FactSource {
    fn parse(json: &str, at: &dyn Fn() -> Path) -> Result<Self> {
        match serde_json::from_str(json).map_err(|_| Error::new(at(), "is not valid JSON"))? {
            serde_json::Value::Object(fields) => Ok(FactSource::Json(fields)),
            _ => Err(Error::new(at(), "must be an object")),
        }
    }

    /// The value of a fact: under its name, or else under its name in upper case.
    fn fact(&self, fact: &Fact, at: impl Fn() -> Path + Copy) -> Result<JsValue> {
        let value = match self {
            FactSource::Object(object) => {
                let mut value = JsValue::UNDEFINED;
                for name in [&fact.key, &fact.upper_key] {
                    if value.is_undefined() && Object::has_own(object, name) {
                        value = property(object, name, at)?;
                    }
                }
                value
            }
            FactSource::Json(fields) => {
                let field = fields.get(&fact.name).or_else(|| fields.get(&String::from(&fact.upper_key)));
                field.map_or(JsValue::UNDEFINED, from_json)
            }
        };
        match value.is_undefined() {
            true if fact.optional => Ok(JsValue::NULL),
            true => Err(Error::new(at(), "is missing")),
            false => Ok(value),
        }
    }

    /// The bytes of a list of facts, without its NULLs.
    fn list(&self, value: &JsValue, kind: FactKind, at: impl Fn() -> Path) -> Result<Vec<u8>> {
        let elements: &Array = value.dyn_ref().ok_or_else(|| Error::new(at(), "must be a list"))?;
        let mut bytes = Vec::new();
        for (index, element) in elements.iter().enumerate().filter(|(_, element)| !is_null(element)) {
            let at = || at().index(index);
            if kind == FactKind::Numbers {
                bytes.extend(self.number(&element, at)?.to_le_bytes());
            } else {
                bytes.extend(text(&element, at)?.unwrap_or_default().into_bytes());
                bytes.push(FactKind::END_OF_ELEMENT);
            }
        }
        Ok(bytes)
    }

    /// A number that has lost no digits: in an object, one beyond 2^53 may have been an integer.
    fn number(&self, value: &JsValue, at: impl Fn() -> Path) -> Result<f64> {
        let number = number(value, &at)?.unwrap_or(f64::NAN);
        if matches!(self, FactSource::Object(_)) && number.is_finite() && number.abs() > MAX_EXACT_INTEGER as f64 {
            return Err(Error::new(at(), "is an integer beyond 2^53"));
        }
        Ok(number)
    }
}

/// What the kinds of facts can tell apart; objects are of no kind that a fact may have, and stay objects.
fn from_json(value: &serde_json::Value) -> JsValue {
    match value {
        serde_json::Value::Null => JsValue::NULL,
        serde_json::Value::Bool(value) => JsValue::from_bool(*value),
        serde_json::Value::String(text) => JsValue::from_str(text),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => JsValue::from(integer),
            (_, Some(integer)) => JsValue::from(integer),
            _ => JsValue::from(number.as_f64()),
        },
        serde_json::Value::Array(elements) => elements.iter().map(from_json).collect::<Array>().into(),
        serde_json::Value::Object(_) => Object::new().into(),
    }
}

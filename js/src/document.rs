//! Documents (a model, a rule set) that are compiled once and then used by many calls.

use crate::argument::is_null;
use js_sys::{Array, JsString, Map};
use plg_udfs::abi::{Document, FactKind, Output};
use plg_udfs::error::path;
use plg_udfs::{Error, Result, tape};
use wasm_bindgen::prelude::*;

/// A compiled document with what it tells its host.
pub struct Compiled<D> {
    document: D,
    dictionaries: Vec<Vec<JsValue>>,
    codes: Vec<Map>,
    facts: Vec<Fact>,
}

/// A field that a document reads from a row of facts.
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its name as a property.
    pub key: JsString,
    /// Its name in upper case as a property.
    pub upper_key: JsString,
    /// How it travels.
    pub kind: FactKind,
    /// Whether it may be missing, and then is NULL.
    pub optional: bool,
    /// The texts that a code stands for.
    pub literals: Array,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(
        value: &JsValue,
        replacer: &mut dyn FnMut(JsValue, JsValue) -> JsValue,
    ) -> core::result::Result<JsValue, JsValue>;
}

impl<D: Document> Compiled<D> {
    /// Compiles the document that the argument `name` holds as JSON text or as an object.
    pub fn from_json(value: &JsValue, name: &str) -> Result<Self> {
        let text = match value.as_string() {
            Some(text) => text,
            None if value.is_object() => json(value).ok_or_else(|| Error::new(path(name), "is not valid JSON"))?,
            None => return Err(Error::new(path(name), "must be a text or an object")),
        };
        Self::new(name, &tape::writer::from_json(name, &text)?)
    }

    /// Compiles the document that the argument `name` holds as text.
    pub fn from_text(value: &JsValue, name: &str) -> Result<Self> {
        let text = value.as_string().ok_or_else(|| Error::new(path(name), "must be a text"))?;
        Self::new(name, text.as_bytes())
    }

    fn new(name: &str, source: &[u8]) -> Result<Self> {
        let document = D::compile(name, source)?;
        let mut out = Output::default();
        document.describe(&mut out);
        let mut description = Description { out: &out, next: 0 };
        let dictionaries: Vec<Vec<JsValue>> = (0..description.count()).map(|_| description.texts()).collect();
        let facts = (0..description.count()).map(|_| description.fact()).collect();
        let codes = dictionaries.iter().map(|dictionary| {
            let codes = Map::new();
            for (code, text) in dictionary.iter().enumerate() {
                codes.set(text, &JsValue::from_f64(code as f64));
            }
            codes
        });
        Ok(Compiled { codes: codes.collect(), document, dictionaries, facts })
    }
}

impl<D> Compiled<D> {
    /// The document itself.
    pub fn document(&self) -> &D {
        &self.document
    }

    /// Texts by dictionary and code.
    pub fn dictionaries(&self) -> &[Vec<JsValue>] {
        &self.dictionaries
    }

    /// From the texts of a dictionary to their codes.
    pub fn codes(&self, dictionary: usize) -> &Map {
        &self.codes[dictionary]
    }

    /// The facts that the document reads.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }
}

/// The JSON text of a value. What JSON cannot hold and would silently drop or turn into null becomes a text, which no
/// document takes for a number: the error then names its place.
fn json(value: &JsValue) -> Option<String> {
    let mut replacer = |_: JsValue, value: JsValue| match value.as_f64() {
        Some(number) if !number.is_finite() => JsValue::from_str("not a finite number"),
        None if value.is_bigint() => JsValue::from_str("an integer that JSON cannot hold"),
        _ => value,
    };
    stringify(value, &mut replacer).ok().filter(|text| !is_null(text))?.as_string()
}

/// A description under reading (`docs/abi.md`, "Description of a document").
struct Description<'a> {
    out: &'a Output,
    next: usize,
}

impl Description<'_> {
    fn count(&mut self) -> usize {
        self.next += 1;
        self.out.stream[self.next - 1] as usize
    }

    fn text(&mut self) -> String {
        let (offset, length) = (self.count(), self.count());
        String::from_utf8_lossy(&self.out.text[offset..offset + length]).into_owned()
    }

    fn texts(&mut self) -> Vec<JsValue> {
        (0..self.count()).map(|_| JsValue::from(self.text())).collect()
    }

    fn fact(&mut self) -> Fact {
        let name = self.text();
        let key = JsString::from(name.as_str());
        let (kind, optional) = FactKind::from_description(self.count()).expect("the core describes kinds that it has");
        Fact { upper_key: key.to_upper_case(), key, name, kind, optional, literals: self.texts().into_iter().collect() }
    }
}

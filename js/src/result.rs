//! Results of the core as JavaScript values.

use crate::argument::TextColumn;
use crate::properties::Properties;
use js_sys::{Array, Object};
use plg_udfs::abi::{NULL_LENGTH, Output};
use wasm_bindgen::prelude::*;

/// The type of a result, as the catalogue has it. NULL is `null`.
pub enum Type {
    /// A number; NaN is NULL.
    Number,
    /// A boolean.
    Boolean,
    /// Text of the stream's text area.
    Text,
    /// Text of a dictionary of the document.
    DictionaryText(usize),
    /// Text of the call's own list argument.
    ArgumentText,
    /// An object.
    Struct(&'static [(&'static str, Type)]),
    /// An array.
    List(&'static Type),
}

/// What texts in a result may refer to.
#[derive(Default)]
pub struct Context<'a> {
    /// The dictionaries of the call's document.
    pub dictionaries: &'a [Vec<JsValue>],
    /// The text fields of the call's list argument.
    pub columns: &'a [&'a TextColumn],
}

impl Context<'_> {
    /// The value that the whole stream of `out` holds.
    pub fn read(&self, kind: &Type, out: &Output) -> JsValue {
        self.value(kind, &mut Stream { out, next: 0 })
    }

    /// A text of a dictionary, or NULL.
    pub fn dictionary_text(&self, dictionary: usize, code: Option<u32>) -> JsValue {
        code.map_or(JsValue::NULL, |code| self.dictionaries[dictionary][code as usize].clone())
    }

    fn value(&self, kind: &Type, stream: &mut Stream<'_>) -> JsValue {
        match kind {
            Type::Number => match stream.slot() {
                number if number.is_nan() => JsValue::NULL,
                number => JsValue::from_f64(number),
            },
            Type::Boolean => JsValue::from_bool(stream.slot() != 0.0),
            Type::Text => stream.text(),
            Type::DictionaryText(dictionary) => {
                let code = stream.slot();
                self.dictionary_text(*dictionary, (code >= 0.0).then_some(code as u32))
            }
            Type::ArgumentText => {
                let reference = stream.slot() as usize;
                let column = self.columns[reference % self.columns.len()];
                column.values()[reference / self.columns.len()].clone()
            }
            Type::Struct(fields) => self.object(fields, &names(fields), stream),
            Type::List(element) => {
                let length = stream.slot() as u32;
                let elements: Array = match element {
                    Type::Struct(fields) => {
                        let names = names(fields);
                        (0..length).map(|_| self.object(fields, &names, stream)).collect()
                    }
                    _ => (0..length).map(|_| self.value(element, stream)).collect(),
                };
                elements.into()
            }
        }
    }

    fn object(&self, fields: &[(&str, Type)], names: &[JsValue], stream: &mut Stream<'_>) -> JsValue {
        let object = Object::new().unchecked_into::<Properties>();
        for ((_, kind), name) in fields.iter().zip(names) {
            object.set(name, &self.value(kind, stream));
        }
        object.into()
    }
}

fn names(fields: &[(&str, Type)]) -> Vec<JsValue> {
    fields.iter().map(|(name, _)| JsValue::from_str(name)).collect()
}

/// A stream under reading (`docs/abi.md`, "Stream").
struct Stream<'a> {
    out: &'a Output,
    next: usize,
}

impl Stream<'_> {
    fn slot(&mut self) -> f64 {
        self.next += 1;
        self.out.stream[self.next - 1]
    }

    fn text(&mut self) -> JsValue {
        let (offset, length) = (self.slot() as usize, self.slot() as usize);
        if length == NULL_LENGTH as usize {
            return JsValue::NULL;
        }
        let text = &self.out.text[offset..offset + length];
        JsValue::from_str(core::str::from_utf8(text).expect("the core writes UTF-8"))
    }
}

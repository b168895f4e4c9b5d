//! JSON documents as typed nodes, so that no module reads text or parses numbers.
//!
//! A host parses JSON with what it has (`JSON.parse`, serde_json) and writes a *tape*: a `u32` with the number of slots, a
//! `u32` with the length of the text area, the slots (`f64` each), the text area (UTF-8). A node is
//!
//! | node | slots |
//! |---|---|
//! | null, false, true | 0; 1; 2 |
//! | number | 3, value |
//! | string | 4, byte offset, byte length |
//! | array | 5, number of elements, number of slots that follow for them; the elements |
//! | object | 6, number of fields, number of slots that follow for them; per field: name's byte offset and length, the value |
//!
//! Everything is checked on reading: a module survives any bytes.

use crate::error::path;
use crate::{Error, Result};
use alloc::string::String;
use alloc::vec::Vec;

/// Deeper documents are refused by the hosts, with "is nested deeper than 64 levels".
pub const MAX_DEPTH: usize = 64;
/// How many elements a list of a document may have: what documents list is few, and looked for one by one.
pub(crate) const MAX_LIST: usize = 1_000;
pub(crate) const TOO_LONG: &str = "must not have more than 1000 elements";

const NULL: f64 = 0.0;
const FALSE: f64 = 1.0;
const TRUE: f64 = 2.0;
const NUMBER: f64 = 3.0;
const STRING: f64 = 4.0;
const ARRAY: f64 = 5.0;
const OBJECT: f64 = 6.0;

/// A tape under reading.
#[derive(Clone, Copy)]
pub struct Tape<'a> {
    slots: &'a [u8],
    text: &'a [u8],
}

impl<'a> Tape<'a> {
    /// The tape in `bytes`.
    pub fn new(argument: &str, bytes: &'a [u8]) -> Result<Self> {
        let broken = || Error::new(argument, "is not a tape");
        let word =
            |at: usize| -> Option<usize> { Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize) };
        let slots = word(0).ok_or_else(broken)?.checked_mul(8).ok_or_else(broken)?;
        let text = word(4).ok_or_else(broken)?;
        let rest = &bytes[8..];
        let end = slots.checked_add(text).filter(|&end| end <= rest.len()).ok_or_else(broken)?;
        Ok(Tape { slots: &rest[..slots], text: &rest[slots..end] })
    }

    /// The document's top value.
    pub fn root(self) -> Value<'a> {
        Value { tape: self, slot: 0 }
    }

    /// A slot, NaN beyond the end: no node type, length or offset, so reading stops there.
    #[inline(never)]
    fn slot(self, slot: usize) -> f64 {
        match slot.checked_mul(8).and_then(|at| self.slots.get(at..at + 8)) {
            Some(bytes) => {
                f64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
            }
            None => f64::NAN,
        }
    }

    #[inline(never)]
    fn string(self, slot: usize) -> &'a [u8] {
        let (offset, length) = (self.slot(slot) as usize, self.slot(slot + 1) as usize);
        offset.checked_add(length).and_then(|end| self.text.get(offset..end)).unwrap_or(&[])
    }
}

/// A value on a tape.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    tape: Tape<'a>,
    slot: usize,
}

impl<'a> Value<'a> {
    fn tag(self) -> f64 {
        self.tape.slot(self.slot)
    }

    /// Whether it is JSON's null.
    pub fn is_null(self) -> bool {
        self.tag() == NULL
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<f64> {
        (self.tag() == NUMBER).then(|| self.tape.slot(self.slot + 1))
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'a [u8]> {
        (self.tag() == STRING).then(|| self.tape.string(self.slot + 1))
    }

    /// The boolean, if it is one.
    pub fn boolean(self) -> Option<bool> {
        match self.tag() {
            TRUE => Some(true),
            FALSE => Some(false),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn array(self) -> Option<impl Iterator<Item = Value<'a>>> {
        (self.tag() == ARRAY).then(|| self.children(false).map(|(_, value)| value))
    }

    /// The fields, if it is an object.
    pub fn object(self) -> Option<impl Iterator<Item = (&'a [u8], Value<'a>)>> {
        (self.tag() == OBJECT).then(|| self.children(true))
    }

    fn children(self, named: bool) -> impl Iterator<Item = (&'a [u8], Value<'a>)> {
        let tape = self.tape;
        let count = tape.slot(self.slot + 1) as usize;
        let mut slot = self.slot + 3;
        // A wrong count cannot run away: every child takes at least one slot of the tape.
        (0..count.min(tape.slots.len() / 8)).map(move |_| {
            let name = if named { tape.string(slot) } else { &[][..] };
            let value = Value { tape, slot: slot + if named { 2 } else { 0 } };
            slot = value.end();
            (name, value)
        })
    }

    /// The slot after this value, at most the end of the tape.
    fn end(self) -> usize {
        let tag = self.tag();
        let end = if tag == NUMBER {
            self.slot + 2
        } else if tag == STRING {
            self.slot + 3
        } else if tag == ARRAY || tag == OBJECT {
            (self.slot + 3).saturating_add(self.tape.slot(self.slot + 2) as usize)
        } else {
            self.slot + 1
        };
        end.min(self.tape.slots.len() / 8)
    }
}

/// Where a value stands in a document: a chain on the stack, which becomes text only when an error needs it.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Argument(&'p str),
    /// The same where all problems are wanted.
    #[cfg(feature = "collect")]
    Collected(&'p str, &'p Problems),
    Field(&'p [u8]),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The document itself.
    pub fn argument(name: &'p str) -> Self {
        Place { parent: None, step: Step::Argument(name) }
    }

    /// The document itself, with a list for its problems: [`refuse`](Self::refuse) then lets reading go on.
    #[cfg(feature = "collect")]
    pub fn collecting(name: &'p str, problems: &'p Problems) -> Self {
        Place { parent: None, step: Step::Collected(name, problems) }
    }

    /// A field of the value here.
    pub fn field(&'p self, name: &'p str) -> Self {
        Place { parent: Some(self), step: Step::Field(name.as_bytes()) }
    }

    /// An element of the value here, counted from 0.
    pub fn index(&'p self, index: usize) -> Self {
        Place { parent: Some(self), step: Step::Index(index) }
    }

    /// An error here.
    #[cold]
    #[inline(never)]
    pub fn error(&self, message: &'static str) -> Error {
        Error::new(self.path(), message)
    }

    /// Refuses what stands here: an error, or, where all problems are wanted, a problem more, and reading goes on with
    /// whatever stands for what is wrong.
    #[cold]
    #[inline(never)]
    pub fn refuse(&self, message: &'static str) -> Result<()> {
        self.refuse_with(self.error(message))
    }

    /// The same with an error that has its own path.
    #[cold]
    #[inline(never)]
    pub fn refuse_with(&self, error: Error) -> Result<()> {
        match self.problems() {
            None => Err(error),
            Some(problems) => {
                problems.0.borrow_mut().push(error);
                Ok(())
            }
        }
    }

    /// Whether problems are collected.
    #[cfg(feature = "collect")]
    pub fn collects(&self) -> bool {
        self.problems().is_some()
    }

    /// Where problems are collected. Only one module does so, and the others are smaller for it.
    fn problems(&self) -> Option<&'p Problems> {
        #[cfg(feature = "collect")]
        return match (self.parent, self.step) {
            (_, Step::Collected(_, problems)) => Some(problems),
            (parent, _) => parent?.problems(),
        };
        #[cfg(not(feature = "collect"))]
        None
    }

    /// The path as errors have it, such as `model.events[3].cap`.
    #[inline(never)]
    pub fn text(&self) -> String {
        self.path().into()
    }

    fn path(&self) -> crate::error::Path {
        let parent = self.parent.map(Place::path);
        match (parent, self.step) {
            (Some(parent), Step::Field(name)) => parent.field(crate::utf8::text(name).unwrap_or("?")),
            (Some(parent), Step::Index(index)) => parent.index(index),
            (_, Step::Argument(name)) => path(name),
            #[cfg(feature = "collect")]
            (_, Step::Collected(name, _)) => path(name),
            (None, _) => path("?"),
        }
    }
}

/// The problems of a document, in the order of reading.
#[derive(Default)]
pub struct Problems(core::cell::RefCell<Vec<Error>>);

impl Problems {
    /// All of them.
    pub fn into_list(self) -> Vec<Error> {
        self.0.into_inner()
    }
}

/// Reads a document from its tape. It is filled in place, so that the many ways to refuse it share one way to free it.
pub(crate) fn fill<T: Default>(
    argument: &str,
    source: &[u8],
    read: fn(&mut T, Value<'_>, Place<'_>) -> Result<()>,
) -> Result<T> {
    let mut document = T::default();
    read(&mut document, Tape::new(argument, source)?.root(), Place::argument(argument))?;
    Ok(document)
}

/// An object of a document with its place, for reading its fields one by one and refusing those nobody asked for.
pub struct Object<'a, 'p> {
    value: Value<'a>,
    place: Place<'p>,
}

impl<'a, 'p> Object<'a, 'p> {
    /// `value` at `place`, which must be an object with no other fields than `allowed`.
    #[inline(never)]
    pub fn new(value: Value<'a>, place: Place<'p>, allowed: &[&str]) -> Result<Self> {
        let Some(fields) = value.object() else {
            // An error even where problems are collected: everything that the object needs would be missing.
            return Err(place.error("must be an object"));
        };
        // The smallest by bytes and not the first: hosts may hand the fields over in another order.
        let mut unknown: Option<&[u8]> = None;
        let mut others = false;
        for (name, _) in fields {
            if !allowed.iter().any(|known| known.as_bytes() == name) {
                others |= unknown.is_some();
                if unknown.is_none_or(|other| name < other) {
                    unknown = Some(name);
                }
            }
        }
        let object = Object { value, place };
        if let Some(name) = unknown {
            object.refuse_field(name)?;
            // Only where problems are collected.
            if others {
                let fields = value.object().into_iter().flatten().map(|(field, _)| field);
                for field in fields.filter(|field| *field != name) {
                    if !allowed.iter().any(|known| known.as_bytes() == field) {
                        object.refuse_field(field)?;
                    }
                }
            }
        }
        Ok(object)
    }

    /// `value` at `place`, an object of which only some fields are read; the others are somebody else's.
    pub fn part(value: Value<'a>, place: Place<'p>) -> Result<Self> {
        match value.object() {
            Some(_) => Ok(Object { value, place }),
            None => Err(place.error("must be an object")),
        }
    }

    /// The object in a field, with no other fields than `allowed`; `None` where it is absent or null, and where it is a
    /// problem among others.
    pub fn object<'o>(&'o self, name: &'o str, allowed: &[&str]) -> Result<Option<Object<'a, 'o>>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        recover(&self.place, Object::new(value, self.place.field(name), allowed))
    }

    #[cold]
    fn refuse_field(&self, name: &[u8]) -> Result<()> {
        Place { parent: Some(&self.place), step: Step::Field(name) }.refuse("is not a field of this object")
    }

    /// Where the object stands.
    pub fn place(&self) -> &Place<'p> {
        &self.place
    }

    /// An error at a field.
    #[cold]
    #[inline(never)]
    pub fn error(&self, name: &str, message: &'static str) -> Error {
        self.place.field(name).error(message)
    }

    /// Refuses a field; see [`Place::refuse`].
    #[cold]
    #[inline(never)]
    pub fn refuse(&self, name: &str, message: &'static str) -> Result<()> {
        self.place.field(name).refuse(message)
    }

    /// A field; `None` where it is absent or null.
    #[inline(never)]
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        let mut fields = self.value.object()?;
        let (_, value) = fields.find(|(field, _)| *field == name.as_bytes())?;
        (!value.is_null()).then_some(value)
    }

    /// A finite number, or `None` where absent.
    #[inline(never)]
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.number() {
            Some(number) if number.is_finite() => Ok(Some(number)),
            _ => self.refuse(name, "must be a finite number").map(|()| None),
        }
    }

    /// A finite number that must be there.
    #[inline(never)]
    pub fn required_number(&self, name: &str) -> Result<f64> {
        self.require(name)?;
        Ok(self.number(name)?.unwrap_or(0.0))
    }

    /// A number > 0, or `None` where absent.
    #[inline(never)]
    pub fn positive(&self, name: &str) -> Result<Option<f64>> {
        match self.number(name)? {
            Some(number) if number <= 0.0 => self.refuse(name, "must be > 0").map(|()| None),
            number => Ok(number),
        }
    }

    /// A number > 0 that must be there.
    #[inline(never)]
    pub fn required_positive(&self, name: &str) -> Result<f64> {
        self.require(name)?;
        Ok(self.positive(name)?.unwrap_or(1.0))
    }

    /// A text, or `None` where absent.
    #[inline(never)]
    pub fn text(&self, name: &str) -> Result<Option<&'a [u8]>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.text() {
            None => self.refuse(name, "must be a text").map(|()| None),
            text => Ok(text),
        }
    }

    /// A text that must be there.
    #[inline(never)]
    pub fn required_text(&self, name: &str) -> Result<&'a [u8]> {
        self.require(name)?;
        Ok(self.text(name)?.unwrap_or_default())
    }

    /// A boolean, or `None` where absent.
    #[inline(never)]
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.boolean() {
            None => self.refuse(name, "must be a boolean").map(|()| None),
            boolean => Ok(boolean),
        }
    }

    /// Refuses the object if the field is absent or null.
    #[inline(never)]
    pub fn require(&self, name: &str) -> Result<()> {
        if self.get(name).is_none() { self.refuse(name, "is missing") } else { Ok(()) }
    }

    /// Calls `read` with the elements of an array that must be there, and their places.
    pub fn each(&self, name: &str, mut read: impl FnMut(Value<'a>, Place<'_>) -> Result<()>) -> Result<()> {
        let place = self.place.field(name);
        let Some(value) = self.get(name) else { return place.refuse("is missing") };
        let Some(elements) = value.array() else { return place.refuse("must be an array") };
        for (index, element) in elements.enumerate() {
            let place = place.index(index);
            if index == MAX_LIST {
                return place.refuse(TOO_LONG);
            }
            recover(&self.place, read(element, place))?;
        }
        Ok(())
    }

    /// The same where the array may be absent.
    pub fn each_if_any(&self, name: &str, read: impl FnMut(Value<'a>, Place<'_>) -> Result<()>) -> Result<()> {
        if self.get(name).is_some() { self.each(name, read) } else { Ok(()) }
    }
}

/// What was read; where problems are collected an error becomes one of them, and nothing was read.
fn recover<T>(place: &Place<'_>, read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) => place.refuse_with(error).map(|()| None),
    }
}

/// Writes tapes; for hosts in Rust.
#[cfg(feature = "json")]
pub mod writer {
    use super::*;
    use serde_json::Value as Json;

    /// The tape of a JSON text. Errors: "is not valid JSON", "is nested deeper than 64 levels".
    pub fn from_json(argument: &str, text: &str) -> Result<Vec<u8>> {
        from_value(argument, &parse(argument, text)?)
    }

    /// The JSON value of a text. Error: "is not valid JSON".
    pub fn parse(argument: &str, text: &str) -> Result<Json> {
        serde_json::from_str(text).map_err(|_| Error::new(argument, "is not valid JSON"))
    }

    /// The tape of a JSON value.
    pub fn from_value(argument: &str, json: &Json) -> Result<Vec<u8>> {
        let (mut slots, mut text) = (Vec::new(), Vec::new());
        write(argument, json, 0, &mut slots, &mut text)?;
        let mut tape = Vec::with_capacity(8 + slots.len() * 8 + text.len());
        tape.extend_from_slice(&(slots.len() as u32).to_le_bytes());
        tape.extend_from_slice(&(text.len() as u32).to_le_bytes());
        slots.iter().for_each(|slot: &f64| tape.extend_from_slice(&slot.to_le_bytes()));
        tape.extend_from_slice(&text);
        Ok(tape)
    }

    fn write(argument: &str, json: &Json, depth: usize, slots: &mut Vec<f64>, text: &mut Vec<u8>) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Error::new(argument, "is nested deeper than 64 levels"));
        }
        let string = |string: &str, slots: &mut Vec<f64>, text: &mut Vec<u8>| {
            slots.extend([text.len() as f64, string.len() as f64]);
            text.extend_from_slice(string.as_bytes());
        };
        match json {
            Json::Null => slots.push(NULL),
            Json::Bool(value) => slots.push(if *value { TRUE } else { FALSE }),
            Json::Number(number) => slots.extend([NUMBER, number.as_f64().unwrap_or(f64::NAN)]),
            Json::String(value) => {
                slots.push(STRING);
                string(value, slots, text);
            }
            Json::Array(elements) => {
                let start = open(ARRAY, elements.len(), slots);
                for element in elements {
                    write(argument, element, depth + 1, slots, text)?;
                }
                close(start, slots);
            }
            Json::Object(fields) => {
                let start = open(OBJECT, fields.len(), slots);
                for (name, value) in fields {
                    string(name, slots, text);
                    write(argument, value, depth + 1, slots, text)?;
                }
                close(start, slots);
            }
        }
        Ok(())
    }

    fn open(tag: f64, count: usize, slots: &mut Vec<f64>) -> usize {
        slots.extend([tag, count as f64, 0.0]);
        slots.len()
    }

    fn close(start: usize, slots: &mut [f64]) {
        slots[start - 1] = (slots.len() - start) as f64;
    }
}

//! Packing a chunk's columns into a frame.

use crate::document::{Dictionary, Document};
use crate::facts::{self, ElementFacts, FactColumn, FactVectors};
use crate::frame::{Frame, texts_at};
use crate::signature::{Argument, ArgumentType, Field, FieldType, Function};
use crate::types::Type;
use crate::vector::{Spans, Texts, Vector};
use libduckdb_sys as ffi;
use plg_udfs::error::{Path, path};
use plg_udfs::{Error, Result};

/// An argument's vectors.
pub struct Column {
    argument: &'static Argument,
    /// One entry per row.
    pub rows: Vector,
    /// One entry per element, if the argument is a list.
    elements: Option<Vector>,
    /// The fields of the elements as the catalogue orders them, `None` where a struct has no such field, and where the
    /// field holds facts.
    fields: Vec<Option<Vector>>,
    /// The facts, or those of the elements.
    facts: Option<FactVectors>,
}

/// The columns of a chunk.
///
/// # Safety
/// The chunk has the columns that the function was registered with, and outlives them.
pub unsafe fn columns(function: &'static Function, chunk: ffi::duckdb_data_chunk) -> Vec<Column> {
    let arguments = function.arguments.iter().enumerate();
    let columns = arguments.map(|(position, argument)| {
        // SAFETY: the caller's promise.
        let rows = unsafe {
            let raw = ffi::duckdb_data_chunk_get_vector(chunk, position as ffi::idx_t);
            match argument.kind {
                ArgumentType::Double => Vector::new(raw, Type::Double),
                ArgumentType::Text | ArgumentType::Code(_) | ArgumentType::Document(_) => Vector::new(raw, Type::Text),
                ArgumentType::Doubles => Vector::new(raw, Type::List),
                ArgumentType::Timestamp | ArgumentType::Structs(_) | ArgumentType::Facts => Vector::of_any_type(raw),
            }
        };
        let elements = match argument.kind {
            ArgumentType::Doubles | ArgumentType::Structs(_) => rows.elements(),
            _ => None,
        };
        let (mut fields, mut facts) = (Vec::new(), None);
        match (&argument.kind, &elements) {
            (ArgumentType::Structs(named), Some(elements)) => {
                for field in *named {
                    let vector = named_field(elements, field.name);
                    match field.kind {
                        FieldType::Facts => {
                            facts = vector.map(FactVectors::new);
                            fields.push(None);
                        }
                        _ => fields.push(vector),
                    }
                }
            }
            // An untyped NULL has no element, and so none of the fields.
            (ArgumentType::Structs(named), None) => fields.extend(named.iter().map(|_| None)),
            // SAFETY: the same vector once more.
            (ArgumentType::Facts, _) => facts = Some(FactVectors::new(unsafe { Vector::of_any_type(rows.raw()) })),
            _ => {}
        }
        Column { argument, rows, elements, fields, facts }
    });
    columns.collect()
}

fn named_field(vector: &Vector, name: &str) -> Option<Vector> {
    position_of(vector.field_names()?, name).map(|position| vector.field(position))
}

/// The position of a struct's field: the name as written, else without regard to case, as SQL has it.
pub fn position_of(names: &[Box<str>], name: &str) -> Option<usize> {
    let exact = names.iter().position(|field| **field == *name);
    exact.or_else(|| names.iter().position(|field| field.eq_ignore_ascii_case(name)))
}

/// The argument's parts that a frame borrows: what some rows of the chunk come to.
pub struct Prepared<'a> {
    column: &'a Column,
    /// The elements of those rows, row after row.
    elements: Spans,
    lengths: Vec<usize>,
    /// The texts of a text argument, or of each text field of a list's elements.
    texts: Vec<Texts<'a>>,
    facts: Vec<FactColumn<'a>>,
    element_facts: Option<ElementFacts<'a>>,
}

/// Checks what must be known before the frame's size is.
pub fn prepare<'a>(column: &'a Column, rows: &Spans, document: Option<&'a Document>) -> Result<Prepared<'a>> {
    let mut prepared = Prepared {
        column,
        elements: Spans::default(),
        lengths: Vec::new(),
        texts: Vec::new(),
        facts: Vec::new(),
        element_facts: None,
    };
    let name = column.argument.name;
    let no_document = || Error::new(path(name), "has no document");
    match &column.argument.kind {
        ArgumentType::Text | ArgumentType::Code(_) => {
            prepared.texts.push(column.rows.texts(rows, |_| path(name))?);
        }
        ArgumentType::Facts => {
            let vectors = column.facts.as_ref().expect("facts have vectors");
            prepared.facts = facts::prepare(vectors, rows, document.ok_or_else(no_document)?, &|_| path(name))?;
        }
        ArgumentType::Doubles => {
            prepared.gather(rows);
            let elements = column.elements.as_ref().expect("a list has elements");
            if let Some(null) = prepared.elements.iter().find(|&element| elements.is_null(element)) {
                return Err(Error::new(prepared.at(rows, null, None), "must not be NULL"));
            }
        }
        ArgumentType::Structs(fields) => {
            if column.elements.is_none() && rows.iter().any(|row| !column.rows.is_null(row)) {
                return Err(Error::new(path(name), "must be a list"));
            }
            // An untyped NULL that reaches the function is a list without elements.
            prepared.gather(rows);
            if column.elements.is_some() {
                prepared.check_structs(rows, fields)?;
            }
            for (field, vector) in fields.iter().zip(&column.fields) {
                if let FieldType::Text | FieldType::Code(_) = field.kind {
                    let texts = match vector {
                        Some(vector) => {
                            vector.texts(&prepared.elements, |element| prepared.at(rows, element, Some(field.name)))?
                        }
                        None => Texts::Owned(Default::default()),
                    };
                    prepared.texts.push(texts);
                }
                if let FieldType::Facts = field.kind {
                    let at = |element| prepared.at(rows, element, Some(field.name));
                    let document = document.ok_or_else(no_document)?;
                    let facts = facts::prepare_elements(column.facts.as_ref(), &prepared.elements, document, &at)?;
                    prepared.element_facts = Some(facts);
                }
            }
        }
        ArgumentType::Double | ArgumentType::Timestamp | ArgumentType::Document(_) => {}
    }
    Ok(prepared)
}

impl Prepared<'_> {
    /// The text of a list's element that a result of type `argument_text` names, `Some(None)` for NULL.
    pub fn element_text(&self, row: usize, number: usize) -> Option<Option<&[u8]>> {
        let ArgumentType::Structs(fields) = self.column.argument.kind else { return None };
        let interned = fields.iter().filter(|field| matches!(field.kind, FieldType::Text | FieldType::Code(_)));
        let texts: Vec<&Texts<'_>> = interned
            .zip(&self.texts)
            .filter(|(field, _)| matches!(field.kind, FieldType::Text))
            .map(|(_, texts)| texts)
            .collect();
        let (first, length) = self.column.rows.list(row);
        let (element, field) = (number / texts.len().max(1), number % texts.len().max(1));
        (element < length).then(|| texts.get(field).map(|texts| texts.get(first + element))).flatten()
    }

    /// Notes the elements of the rows.
    fn gather(&mut self, rows: &Spans) {
        for row in rows.iter() {
            // A NULL that reaches the function is a list without elements.
            let is_null = self.column.argument.nullable && self.column.rows.is_null(row);
            let (first, length) = if is_null { (0, 0) } else { self.column.rows.list(row) };
            self.elements.push(first, length);
            self.lengths.push(length);
        }
    }

    /// Elements must be structs with the fields that have no default. A list of NULLs, or none, may have any type.
    fn check_structs(&self, rows: &Spans, fields: &[Field]) -> Result<()> {
        let elements = self.column.elements.as_ref().expect("a list has elements");
        if elements.field_names().is_none() {
            return match self.elements.iter().find(|&element| !elements.is_null(element)) {
                Some(element) => Err(Error::new(self.at(rows, element, None), "must be an object")),
                None => Ok(()),
            };
        }
        let absent = |(field, vector): &(&Field, &Option<Vector>)| {
            vector.is_none() && !matches!(field.kind, FieldType::Double { default: Some(_) } | FieldType::Facts)
        };
        match fields.iter().zip(&self.column.fields).find(absent) {
            Some((field, _)) => {
                Err(Error::new(path(self.column.argument.name), format!("has no field {}", field.name)))
            }
            None => Ok(()),
        }
    }

    /// The path of an element, or of its field: elements count from the start of their row's list.
    fn at(&self, rows: &Spans, element: usize, field: Option<&str>) -> Path {
        let lists = rows.iter().map(|row| self.column.rows.list(row));
        let first =
            lists.filter(|&(first, length)| (first..first + length).contains(&element)).map(|list| list.0).next();
        let path = path(self.column.argument.name).index(element - first.unwrap_or(element));
        match field {
            Some(field) => path.field(field),
            None => path,
        }
    }
}

/// Adds the argument's words and columns to the frame.
pub fn pack<'a>(frame: &mut Frame<'a>, prepared: &'a Prepared<'a>, rows: &'a Spans, document: Option<&'a Document>) {
    let column = prepared.column;
    let name = column.argument.name;
    let at = move |_| path(name);
    match &column.argument.kind {
        ArgumentType::Double => frame.doubles(rows.len(), move |out| column.rows.numbers(rows, f64::NAN, out, at)),
        ArgumentType::Timestamp => {
            frame.doubles(rows.len(), move |out| column.rows.timestamps(rows, f64::NAN, out, at));
        }
        ArgumentType::Text => frame.texts(texts_at(&prepared.texts[0], rows)),
        ArgumentType::Code(dictionary) => {
            codes(frame, &prepared.texts[0], rows, &document.expect("codes have a document").dictionaries[*dictionary]);
        }
        ArgumentType::Doubles => {
            let elements = column.elements.as_ref().expect("a list has elements");
            frame.lists(prepared.lengths.clone(), prepared.elements.len());
            frame.doubles(prepared.elements.len(), move |out| {
                elements.numbers(&prepared.elements, f64::NAN, out, |element| prepared.at(rows, element, None))
            });
        }
        ArgumentType::Structs(fields) => {
            frame.lists(prepared.lengths.clone(), prepared.elements.len());
            let mut texts = prepared.texts.iter();
            for (field, vector) in fields.iter().zip(&column.fields) {
                let entries = &prepared.elements;
                let at = move |element| prepared.at(rows, element, Some(field.name));
                match (&field.kind, vector) {
                    (FieldType::Double { default }, Some(vector)) => {
                        frame.doubles(entries.len(), move |out| {
                            vector.numbers(entries, default.unwrap_or(f64::NAN), out, at)
                        });
                    }
                    (FieldType::Timestamp, Some(vector)) => {
                        frame.doubles(entries.len(), move |out| vector.timestamps(entries, f64::NAN, out, at));
                    }
                    (FieldType::Double { default: absent }, None) => {
                        constant(frame, entries.len(), absent.unwrap_or(f64::NAN));
                    }
                    (FieldType::Timestamp, None) => constant(frame, entries.len(), f64::NAN),
                    (FieldType::Text, _) => {
                        frame.texts(texts_at(texts.next().expect("prepared"), entries));
                    }
                    (FieldType::Code(dictionary), _) => {
                        let document = document.expect("codes have a document");
                        codes(frame, texts.next().expect("prepared"), entries, &document.dictionaries[*dictionary]);
                    }
                    (FieldType::Facts, _) => {
                        facts::pack_elements(frame, prepared.element_facts.as_ref().expect("prepared"), entries);
                    }
                }
            }
        }
        ArgumentType::Document(_) => {}
        ArgumentType::Facts => facts::pack(frame, &prepared.facts, rows),
    }
}

fn constant(frame: &mut Frame<'_>, count: usize, value: f64) {
    frame.doubles(count, move |out| {
        out.fill(value);
        Ok(())
    });
}

fn codes<'a>(frame: &mut Frame<'a>, texts: &'a Texts<'a>, entries: &'a Spans, dictionary: &'a Dictionary) {
    frame.codes(entries.len(), move |out| {
        for (code, text) in out.iter_mut().zip(texts_at(texts, entries)) {
            *code = dictionary.code(text);
        }
        Ok(())
    });
}

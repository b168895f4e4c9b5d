//! Rows of facts: a STRUCT of any fields, or a JSON object as text.

use crate::arguments::position_of;
use crate::document::{Document, Fact};
use crate::frame::Frame;
use crate::vector::{Spans, Texts, Vector, json_number, json_timestamp};
use plg_udfs::abi::FactKind;
use plg_udfs::error::Path;
use plg_udfs::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// A fact of some rows.
pub struct FactColumn<'a> {
    marks: Vec<u8>,
    values: Vec<f64>,
    texts: Option<Texts<'a>>,
}

/// Facts as they are stored.
pub struct FactVectors {
    facts: Vector,
    /// The fields of the STRUCT, none if the facts are text.
    fields: Vec<Vector>,
}

impl FactVectors {
    /// The facts in a vector.
    pub fn new(facts: Vector) -> Self {
        let count = facts.field_names().map_or(0, <[_]>::len);
        FactVectors { fields: (0..count).map(|position| facts.field(position)).collect(), facts }
    }
}

/// The facts that the document reads, of some rows in which they are not NULL; `at` is where they stand.
pub fn prepare<'a>(
    FactVectors { facts, fields }: &'a FactVectors,
    rows: &Spans,
    document: &'a Document,
    at: &dyn Fn(usize) -> Path,
) -> Result<Vec<FactColumn<'a>>> {
    if let Some(names) = facts.field_names() {
        let columns = document.facts.iter().map(|fact| {
            let field = position_of(names, &fact.name).map(|position| &fields[position]);
            match (field, rows.iter().next()) {
                (Some(field), _) => from_vector(fact, field, rows, |row| at(row).field(&fact.name)),
                (None, Some(row)) if !fact.optional => Err(Error::new(at(row).field(&fact.name), "is missing")),
                _ => Ok(FactColumn { marks: vec![0; rows.len()], values: vec![0.0; rows.len()], texts: None }),
            }
        });
        return columns.collect();
    }
    if !facts.is_text() {
        return match rows.iter().next() {
            None => Ok(Vec::new()),
            Some(row) => Err(Error::new(at(row), "must be an object")),
        };
    }
    from_json(facts, rows, document, at)
}

fn from_vector<'a>(
    fact: &Fact,
    field: &'a Vector,
    rows: &Spans,
    at: impl Fn(usize) -> Path + Copy,
) -> Result<FactColumn<'a>> {
    let marks = field.marks(rows);
    let mut values = vec![0.0; rows.len()];
    let mut texts = None;
    match fact.kind {
        FactKind::Any => {}
        FactKind::Number => field.numbers(rows, 0.0, &mut values, at)?,
        FactKind::Boolean => field.booleans(rows, 0.0, &mut values, at)?,
        FactKind::Timestamp => field.timestamps(rows, 0.0, &mut values, at)?,
        FactKind::Code => {
            let texts = field.texts(rows, at)?;
            for (value, row) in values.iter_mut().zip(rows.iter()) {
                *value = literal(fact, texts.get(row));
            }
        }
        FactKind::Text => texts = Some(field.texts(rows, at)?),
        FactKind::Numbers | FactKind::Texts => {
            let lists = rows.iter().filter(|&row| !field.is_null_value(row));
            let lists = lists.map(|row| Ok((row, list(fact, field, row, || at(row))?)));
            texts = Some(Texts::Owned(lists.collect::<Result<_>>()?));
        }
    }
    Ok(FactColumn { marks, values, texts })
}

/// The bytes of a list, which is not NULL.
fn list(fact: &Fact, field: &Vector, row: usize, at: impl Fn() -> Path + Copy) -> Result<Vec<u8>> {
    let Some(elements) = field.elements() else {
        return match serde_json::from_str(if field.is_text() { field.text(row) } else { "" }) {
            Ok(json) => list_from_json(fact, &json, at),
            Err(_) => Err(Error::new(at(), "must be a list")),
        };
    };
    let (first, length) = field.list(row);
    let mut entries = Spans::default();
    (first..first + length).filter(|&entry| !elements.is_null_value(entry)).for_each(|entry| entries.push(entry, 1));
    let place = |entry: usize| at().index(entry - first);
    let mut bytes = Vec::new();
    if fact.kind == FactKind::Numbers {
        let mut numbers = vec![0.0; entries.len()];
        elements.numbers(&entries, 0.0, &mut numbers, place)?;
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    } else {
        let texts = elements.texts(&entries, place)?;
        for entry in entries.iter() {
            bytes.extend_from_slice(texts.get(entry).unwrap_or_default());
            bytes.push(FactKind::END_OF_ELEMENT);
        }
    }
    Ok(bytes)
}

fn list_from_json(fact: &Fact, value: &Value, at: impl Fn() -> Path) -> Result<Vec<u8>> {
    let elements = value.as_array().ok_or_else(|| Error::new(at(), "must be a list"))?;
    let mut bytes = Vec::new();
    for (index, element) in elements.iter().enumerate().filter(|(_, element)| !element.is_null()) {
        let at = || at().index(index);
        if fact.kind == FactKind::Numbers {
            let number = crate::vector::json_number(element, &at)?;
            bytes.extend(number.ok_or_else(|| Error::new(at(), "must be a number"))?.to_le_bytes());
        } else {
            bytes.extend_from_slice(element.as_str().ok_or_else(|| Error::new(at(), "must be a text"))?.as_bytes());
            bytes.push(FactKind::END_OF_ELEMENT);
        }
    }
    Ok(bytes)
}

/// The number of the literal that a text equals, or -1.
fn literal(fact: &Fact, text: Option<&[u8]>) -> f64 {
    f64::from(fact.literals.code(text).max(-1))
}

fn from_json<'a>(
    facts: &Vector,
    rows: &Spans,
    document: &Document,
    at: &dyn Fn(usize) -> Path,
) -> Result<Vec<FactColumn<'a>>> {
    let columns = document.facts.iter().map(|_| FactColumn {
        marks: Vec::with_capacity(rows.len()),
        values: Vec::with_capacity(rows.len()),
        texts: None,
    });
    let mut columns: Vec<FactColumn<'a>> = columns.collect();
    let mut texts = vec![Vec::new(); columns.len()];
    let mut cells = vec![None; columns.len()];
    for row in rows.iter() {
        cells.fill(None);
        read_object(facts.text(row), Cells { facts: &document.facts, cells: &mut cells })
            .map_err(|message| Error::new(at(row), message))?;
        for (index, fact) in document.facts.iter().enumerate() {
            let at = || at(row).field(&fact.name);
            let column = &mut columns[index];
            let Some(cell) = cells[index].take() else {
                if !fact.optional {
                    return Err(Error::new(at(), "is missing"));
                }
                column.marks.push(0);
                column.values.push(0.0);
                continue;
            };
            column.marks.push(!cell.value.is_null() as u8);
            column.values.push(value(fact, &cell.value, &at)?);
            match (fact.kind, cell.value) {
                (_, Value::Null) => {}
                (FactKind::Text, Value::String(text)) => texts[index].push((row, text.into_bytes())),
                (FactKind::Numbers | FactKind::Texts, list) => {
                    texts[index].push((row, list_from_json(fact, &list, at)?));
                }
                _ => {}
            }
        }
    }
    for ((column, texts), fact) in columns.iter_mut().zip(texts).zip(&document.facts) {
        if fact.kind.is_bytes() {
            column.texts = Some(Texts::Owned(texts.into_iter().collect()));
        }
    }
    Ok(columns)
}

/// What stands in the column of values for a JSON value, which must be of the fact's kind or null.
fn value(fact: &Fact, value: &Value, at: &dyn Fn() -> Path) -> Result<f64> {
    if value.is_null() || matches!(fact.kind, FactKind::Any | FactKind::Numbers | FactKind::Texts) {
        return Ok(0.0);
    }
    let (value, message) = match fact.kind {
        FactKind::Number => (json_number(value, at)?, "must be a number"),
        FactKind::Boolean => (value.as_bool().map(f64::from), "must be a boolean"),
        FactKind::Timestamp => (json_timestamp(value), "must be a timestamp"),
        FactKind::Code => (value.as_str().map(|text| literal(fact, Some(text.as_bytes()))), "must be a text"),
        _ => (value.as_str().map(|_| 0.0), "must be a text"),
    };
    value.ok_or_else(|| Error::new(at(), message))
}

/// Adds the words and columns of facts to the frame.
pub fn pack<'a>(frame: &mut Frame<'a>, columns: &'a [FactColumn<'a>], rows: &'a Spans) {
    let entries = columns.len() * rows.len();
    frame.bytes(entries, move |out| {
        let marks = columns.iter().flat_map(|column| &column.marks);
        out.iter_mut().zip(marks).for_each(|(out, mark)| *out = *mark);
        Ok(())
    });
    frame.doubles(entries, move |out| {
        if !rows.is_empty() {
            out.chunks_mut(rows.len()).zip(columns).for_each(|(out, column)| out.copy_from_slice(&column.values));
        }
        Ok(())
    });
    if columns.iter().all(|column| column.texts.is_none()) {
        return frame.null_texts(entries);
    }
    frame.texts(
        columns
            .iter()
            .flat_map(move |column| rows.iter().map(move |row| column.texts.as_ref().and_then(|texts| texts.get(row)))),
    );
}

/// The facts of the elements of lists.
pub struct ElementFacts<'a> {
    /// How many facts the document reads.
    fields: usize,
    /// Whether an element has facts; in the others every fact is NULL.
    present: Vec<bool>,
    /// The facts of those that have.
    columns: Vec<FactColumn<'a>>,
}

/// As [`prepare`] for elements whose facts may be NULL, or absent altogether.
pub fn prepare_elements<'a>(
    facts: Option<&'a FactVectors>,
    elements: &Spans,
    document: &'a Document,
    at: &dyn Fn(usize) -> Path,
) -> Result<ElementFacts<'a>> {
    let fields = document.facts.len();
    let Some(vectors) = facts else {
        return Ok(ElementFacts { fields, present: vec![false; elements.len()], columns: Vec::new() });
    };
    let present: Vec<bool> = elements.iter().map(|element| !vectors.facts.is_null_value(element)).collect();
    let mut rows = Spans::default();
    for (element, _) in elements.iter().zip(&present).filter(|(_, present)| **present) {
        rows.push(element, 1);
    }
    Ok(ElementFacts { fields, columns: prepare(vectors, &rows, document, at)?, present })
}

/// Adds the words and columns of the elements' facts to the frame, element after element.
pub fn pack_elements<'a>(frame: &mut Frame<'a>, facts: &'a ElementFacts<'a>, elements: &'a Spans) {
    let ElementFacts { fields, present, columns } = facts;
    let entries = fields * elements.len();
    frame.bytes(entries, move |out| {
        rows_of(out, *fields, present, columns, |column| &column.marks);
        Ok(())
    });
    frame.doubles(entries, move |out| {
        rows_of(out, *fields, present, columns, |column| &column.values);
        Ok(())
    });
    if columns.iter().all(|column| column.texts.is_none()) {
        return frame.null_texts(entries);
    }
    frame.texts(elements.iter().zip(present).flat_map(move |(element, present)| {
        let texts = columns.iter().map(move |column| column.texts.as_ref().filter(|_| *present)?.get(element));
        texts
    }));
}

/// Writes columns row by row, zeros where there are no facts.
fn rows_of<'a, T: Copy + Default + 'a>(
    out: &mut [T],
    fields: usize,
    present: &[bool],
    columns: &'a [FactColumn<'a>],
    column: impl Fn(&'a FactColumn<'a>) -> &'a [T],
) {
    let mut next = 0;
    for (row, present) in out.chunks_mut(fields.max(1)).zip(present) {
        if !present {
            row.fill(T::default());
            continue;
        }
        for (out, facts) in row.iter_mut().zip(columns) {
            *out = column(facts)[next];
        }
        next += 1;
    }
}

/// A field of a JSON object that a fact asks for.
#[derive(Clone)]
struct Cell {
    value: Value,
    /// Found under the name as written; the name in upper case is the second choice.
    exact: bool,
}

/// Reads a JSON object's fields for the facts, and skips the others without keeping them.
struct Cells<'a> {
    facts: &'a [Fact],
    cells: &'a mut [Option<Cell>],
}

fn read_object(json: &str, cells: Cells<'_>) -> core::result::Result<(), &'static str> {
    let mut reader = serde_json::Deserializer::from_str(json);
    match reader.deserialize_map(cells).and_then(|()| reader.end()) {
        Ok(()) => Ok(()),
        // An error about the type does not say whether what follows is JSON.
        Err(error) if error.is_data() && serde_json::from_str::<IgnoredAny>(json).is_ok() => Err("must be an object"),
        Err(_) => Err("is not valid JSON"),
    }
}

impl<'de> Visitor<'de> for Cells<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> core::result::Result<(), A::Error> {
        while let Some(wanted) = fields.next_key_seed(Name(self.facts))? {
            if wanted.is_empty() {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            let value: Value = fields.next_value()?;
            for (index, exact) in wanted {
                let cell = &mut self.cells[index];
                if exact || cell.as_ref().is_none_or(|cell| !cell.exact) {
                    *cell = Some(Cell { value: value.clone(), exact });
                }
            }
        }
        Ok(())
    }
}

/// Reads a field's name as the facts that ask for it, and whether it is theirs as written.
struct Name<'a>(&'a [Fact]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Vec<(usize, bool)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> core::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Vec<(usize, bool)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> core::result::Result<Self::Value, E> {
        let facts = self.0.iter().enumerate();
        let asking = facts.filter(|(_, fact)| *fact.name == *name || *fact.upper_name == *name);
        Ok(asking.map(|(index, fact)| (index, *fact.name == *name)).collect())
    }
}

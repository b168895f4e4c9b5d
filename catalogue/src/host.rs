//! A native host: calls catalogue functions with JSON arguments through the ABI, compiled for this machine instead of for
//! WebAssembly. What it answers is what every other host is held against, bit for bit; its own answers are held against
//! the examples of the catalogue and the oracles of the tests.

use crate::{Argument, ArgumentType, Catalogue, Dictionary, FieldType, Format, Function, ResultType};
use plg_udfs::abi::{FactKind, Module, NOT_IN_DICTIONARY, NULL_CODE, NULL_LENGTH, Output};
use plg_udfs::error::{Path, path};
use plg_udfs::{Error, Result, tape, timestamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Integers up to here are exact in a double.
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// A native host over the modules of all families.
pub struct Host {
    catalogue: Catalogue,
    modules: HashMap<String, Box<dyn Module>>,
    compiled: HashMap<String, Compiled>,
}

struct Compiled {
    text: String,
    description: Description,
    codes: Vec<HashMap<String, i32>>,
}

/// What a compiled document tells its host.
#[derive(Clone, Debug)]
pub struct Description {
    /// Texts by code.
    pub dictionaries: Vec<Vec<String>>,
    /// The fields that the document reads from a row of facts.
    pub facts: Vec<Fact>,
}

/// A field of facts.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// How it travels.
    pub kind: FactKind,
    /// Whether it may be missing, and then is NULL.
    pub optional: bool,
    /// The texts that a code stands for.
    pub literals: Vec<String>,
}

impl Host {
    /// A host of `modules` by family.
    pub fn new(catalogue: Catalogue, modules: HashMap<String, Box<dyn Module>>) -> Self {
        Host { catalogue, modules, compiled: HashMap::new() }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Calls a function; absent arguments are NULL, `@name` is a document of the catalogue. Numbers may be given as
    /// `"NaN"`, `"Infinity"` and `"-Infinity"`, timestamps as ISO-8601 text or microseconds. The error is the text that a
    /// warehouse would show.
    pub fn call(&mut self, function: &str, arguments: &BTreeMap<String, Value>) -> core::result::Result<Value, String> {
        let function = self.catalogue.function(function).cloned().ok_or_else(|| format!("no function {function}"))?;
        self.call_function(&function, arguments)
    }

    /// Compiles a document and tells what it asks for; the error is the text that a warehouse would show.
    pub fn describe(
        &mut self,
        function: &str,
        argument: &str,
        text: &str,
    ) -> core::result::Result<Description, String> {
        let function = self.catalogue.function(function).cloned().ok_or_else(|| format!("no function {function}"))?;
        let document = function.documents().find(|(candidate, _)| candidate.name == argument);
        let Some((argument, document)) = document else { return Err(format!("no document {argument}")) };
        self.compile(&function, argument, document.format, &Value::from(text))?;
        Ok(self.compiled[&function.name].description.clone())
    }

    fn call_function(
        &mut self,
        function: &Function,
        arguments: &BTreeMap<String, Value>,
    ) -> core::result::Result<Value, String> {
        let prefix = |error: Error| format!("plg.{}: {error}", function.name);
        let values: Vec<&Value> =
            function.arguments.iter().map(|argument| arguments.get(&argument.name).unwrap_or(&Value::Null)).collect();
        for (argument, value) in function.arguments.iter().zip(&values) {
            if value.is_null() && !argument.nullable {
                return Ok(Value::Null);
            }
        }
        for (argument, value) in function.arguments.iter().zip(&values) {
            if let ArgumentType::Document(document) = &argument.kind {
                self.compile(function, argument, document.format, value)?;
            }
        }
        let mut frame = Frame::default();
        let compiled = self.compiled.get(&function.name);
        let mut strings = Vec::new();
        for (argument, value) in function.arguments.iter().zip(&values) {
            pack(&mut frame, argument, value, compiled, &mut strings).map_err(prefix)?;
        }
        let module = self.modules.get_mut(&function.family).expect("every family has a module");
        let bytes = frame.bytes();
        write(module.as_mut(), &bytes);
        let success = module.call(&function.name).expect("the module has the function");
        finish(success, module.output())?;
        let mut reader = Reader { output: module.output(), next: 0 };
        let value = read(&function.result, &mut reader, compiled, &strings);
        assert_eq!(
            reader.next,
            reader.output.stream.len(),
            "{}: the stream does not fit the result type",
            function.name
        );
        Ok(value)
    }

    fn compile(
        &mut self,
        function: &Function,
        argument: &Argument,
        format: Format,
        value: &Value,
    ) -> core::result::Result<(), String> {
        let fail = |message: &str| Err(format!("plg.{}: {}: {message}", function.name, argument.name));
        let Some(text) = value.as_str() else { return fail("must be a text") };
        let text = match text.strip_prefix('@') {
            Some(name) => self.catalogue.documents.get(name).ok_or_else(|| format!("no document {name}"))?,
            None => text,
        };
        if self.compiled.get(&function.name).is_some_and(|compiled| compiled.text == text) {
            return Ok(());
        }
        let source = match format {
            Format::Text => text.as_bytes().to_vec(),
            Format::Json => tape::writer::from_json(&argument.name, text)
                .map_err(|error| format!("plg.{}: {error}", function.name))?,
        };
        self.compiled.remove(&function.name);
        let module = self.modules.get_mut(&function.family).expect("every family has a module");
        write(module.as_mut(), &source);
        let success = module.compile(&function.name, &argument.name, source.len());
        finish(success.expect("the module has the document"), module.output())?;
        let compiled = describe(text, module.output());
        self.compiled.insert(function.name.clone(), compiled);
        Ok(())
    }
}

fn write(module: &mut dyn Module, bytes: &[u8]) {
    let words = module.input(bytes.len()).expect("memory for the frame");
    for (word, chunk) in words.iter_mut().zip(bytes.chunks(8)) {
        let mut padded = [0; 8];
        padded[..chunk.len()].copy_from_slice(chunk);
        *word = u64::from_le_bytes(padded);
    }
}

fn finish(success: bool, output: &Output) -> core::result::Result<(), String> {
    if success { Ok(()) } else { Err(String::from_utf8_lossy(&output.text).into_owned()) }
}

fn describe(text: &str, output: &Output) -> Compiled {
    let mut reader = Reader { output, next: 0 };
    let dictionaries: Vec<Vec<String>> = (0..reader.count()).map(|_| reader.texts()).collect();
    let facts = (0..reader.count())
        .map(|_| {
            let name = reader.text().expect("a field has a name");
            let (kind, optional) = FactKind::from_description(reader.count()).expect("modules know the kinds");
            Fact { name, kind, optional, literals: reader.texts() }
        })
        .collect();
    let codes = dictionaries
        .iter()
        .map(|dictionary| dictionary.iter().enumerate().map(|(code, text)| (text.clone(), code as i32)).collect())
        .collect();
    Compiled { text: text.to_owned(), description: Description { dictionaries, facts }, codes }
}

/// A frame under construction: words, columns and texts are laid out when it is complete.
#[derive(Default)]
struct Frame {
    words: Vec<Word>,
    columns: Vec<Column>,
    text: Vec<u8>,
}

enum Word {
    Value(u32),
    Column(usize),
}

enum Column {
    Bytes(Vec<u8>),
    /// Offsets relative to the text area, and lengths.
    Texts(Vec<[u32; 2]>),
}

impl Frame {
    fn column(&mut self, column: Column) {
        self.words.push(Word::Column(self.columns.len()));
        self.columns.push(column);
    }

    fn doubles(&mut self, values: &[f64]) {
        self.column(Column::Bytes(values.iter().flat_map(|value| value.to_le_bytes()).collect()));
    }

    fn codes(&mut self, values: &[i32]) {
        self.column(Column::Bytes(values.iter().flat_map(|value| value.to_le_bytes()).collect()));
    }

    fn list(&mut self, length: usize) {
        let span = [0u32.to_le_bytes(), (length as u32).to_le_bytes()].concat();
        self.column(Column::Bytes(span));
        self.words.push(Word::Value(length as u32));
    }

    fn texts<T: AsRef<[u8]>>(&mut self, texts: &[Option<T>]) {
        let spans = texts.iter().map(|text| match text {
            None => [0, NULL_LENGTH],
            Some(text) => {
                let text = text.as_ref();
                let offset = self.text.len() as u32;
                self.text.extend_from_slice(text);
                [offset, text.len() as u32]
            }
        });
        let spans = spans.collect();
        self.column(Column::Texts(spans));
    }

    /// One row in front of the words, columns at multiples of 8, texts at the end.
    fn bytes(&self) -> Vec<u8> {
        let mut offsets = Vec::new();
        let mut end = (4 * (1 + self.words.len())).next_multiple_of(8);
        for column in &self.columns {
            offsets.push(end);
            end += match column {
                Column::Bytes(bytes) => bytes.len(),
                Column::Texts(spans) => spans.len() * 8,
            };
            end = end.next_multiple_of(8);
        }
        let text_offset = end as u32;
        let mut bytes = 1u32.to_le_bytes().to_vec();
        for word in &self.words {
            let value = match word {
                Word::Value(value) => *value,
                Word::Column(column) => offsets[*column] as u32,
            };
            bytes.extend(value.to_le_bytes());
        }
        for (column, offset) in self.columns.iter().zip(offsets) {
            bytes.resize(offset, 0);
            match column {
                Column::Bytes(column) => bytes.extend(column),
                Column::Texts(spans) => {
                    for [start, length] in spans {
                        bytes.extend((start + text_offset).to_le_bytes());
                        bytes.extend(length.to_le_bytes());
                    }
                }
            }
        }
        bytes.resize(text_offset as usize, 0);
        bytes.extend(&self.text);
        bytes
    }
}

fn pack(
    frame: &mut Frame,
    argument: &Argument,
    value: &Value,
    compiled: Option<&Compiled>,
    strings: &mut Vec<String>,
) -> Result<()> {
    let at = || path(&argument.name);
    match &argument.kind {
        ArgumentType::Double => frame.doubles(&[number(value, at)?.unwrap_or(f64::NAN)]),
        ArgumentType::Timestamp => frame.doubles(&[point_in_time(value, at)?]),
        ArgumentType::Text => frame.texts(&[text(value, at)?]),
        ArgumentType::Code(dictionary) => frame.codes(&[code(text(value, at)?, compiled, dictionary)]),
        ArgumentType::Doubles => {
            let elements = list(value, at)?;
            frame.list(elements.len());
            let mut numbers = Vec::new();
            for (index, element) in elements.iter().enumerate() {
                let at = || path(&argument.name).index(index);
                numbers.push(number(element, at)?.ok_or_else(|| Error::new(at(), "must not be NULL"))?);
            }
            frame.doubles(&numbers);
        }
        ArgumentType::Structs { fields } => {
            let elements = list(value, at)?;
            frame.list(elements.len());
            let cell = |element: &Value, name: &str| element.get(name).cloned().unwrap_or(Value::Null);
            for (index, element) in elements.iter().enumerate() {
                if !element.is_object() && !element.is_null() {
                    return Err(Error::new(path(&argument.name).index(index), "must be an object"));
                }
                for field in fields.iter().filter(|field| matches!(field.kind, FieldType::Text)) {
                    let at = || path(&argument.name).index(index).field(&field.name);
                    strings.push(text(&cell(element, &field.name), at)?.unwrap_or_default().to_owned());
                }
            }
            for field in fields {
                let cells: Vec<Value> = elements.iter().map(|element| cell(element, &field.name)).collect();
                let at = |index: usize| path(&argument.name).index(index).field(&field.name);
                let cells = cells.iter().enumerate();
                match &field.kind {
                    FieldType::Double { default } => {
                        let column = cells.map(|(index, cell)| Ok(number(cell, || at(index))?.unwrap_or(*default)));
                        frame.doubles(&column.collect::<Result<Vec<_>>>()?);
                    }
                    FieldType::Timestamp => {
                        let column = cells.map(|(index, cell)| point_in_time(cell, || at(index)));
                        frame.doubles(&column.collect::<Result<Vec<_>>>()?);
                    }
                    FieldType::Text => {
                        let column = cells.map(|(index, cell)| text(cell, || at(index)));
                        frame.texts(&column.collect::<Result<Vec<_>>>()?);
                    }
                    FieldType::Code(dictionary) => {
                        let column =
                            cells.map(|(index, cell)| Ok(code(text(cell, || at(index))?, compiled, dictionary)));
                        frame.codes(&column.collect::<Result<Vec<_>>>()?);
                    }
                    FieldType::Facts { .. } => {
                        let (mut rows, facts) = (FactCells::default(), facts_of(compiled));
                        for (index, cell) in cells {
                            match cell {
                                Value::Null => rows.push_null(facts),
                                cell => rows.push(cell, facts, || at(index))?,
                            }
                        }
                        rows.pack(frame);
                    }
                }
            }
        }
        ArgumentType::Document(_) => {}
        ArgumentType::Facts { .. } => {
            let mut cells = FactCells::default();
            cells.push(value, facts_of(compiled), || path(&argument.name))?;
            cells.pack(frame);
        }
    }
    Ok(())
}

/// The facts that the document of a call reads.
fn facts_of(compiled: Option<&Compiled>) -> &[Fact] {
    &compiled.expect("the document has been compiled").description.facts
}

/// Rows of facts under construction, row by row.
#[derive(Default)]
struct FactCells {
    marks: Vec<u8>,
    values: Vec<f64>,
    texts: Vec<Option<Vec<u8>>>,
}

impl FactCells {
    fn pack(self, frame: &mut Frame) {
        frame.column(Column::Bytes(self.marks));
        frame.doubles(&self.values);
        frame.texts(&self.texts);
    }

    /// A row in which every fact is NULL.
    fn push_null(&mut self, facts: &[Fact]) {
        self.marks.extend(facts.iter().map(|_| 0));
        self.values.extend(facts.iter().map(|_| 0.0));
        self.texts.extend(facts.iter().map(|_| None));
    }

    fn push(&mut self, row: &Value, facts: &[Fact], at: impl Fn() -> Path) -> Result<()> {
        let parsed;
        let row: &Map<String, Value> = match row {
            Value::Object(row) => row,
            // Facts may come as JSON text, as BigQuery's TO_JSON_STRING and Snowflake's TO_JSON make them.
            Value::String(json) => {
                parsed = serde_json::from_str::<Value>(json).map_err(|_| Error::new(at(), "is not valid JSON"))?;
                parsed.as_object().ok_or_else(|| Error::new(at(), "must be an object"))?
            }
            _ => return Err(Error::new(at(), "must be an object")),
        };
        for fact in facts {
            self.push_fact(row, fact, || at().field(&fact.name))?;
        }
        Ok(())
    }

    fn push_fact(&mut self, row: &Map<String, Value>, fact: &Fact, at: impl Fn() -> Path + Copy) -> Result<()> {
        let cell = row.get(&fact.name).or_else(|| row.get(&fact.name.to_uppercase()));
        let cell = match cell {
            None if fact.optional => &Value::Null,
            cell => cell.ok_or_else(|| Error::new(at(), "is missing"))?,
        };
        self.marks.push(!cell.is_null() as u8);
        let (mut value, mut bytes) = (0.0, None);
        match fact.kind {
            FactKind::Number => value = number(cell, at)?.unwrap_or(0.0),
            FactKind::Boolean if !cell.is_null() => {
                value = f64::from(cell.as_bool().ok_or_else(|| Error::new(at(), "must be a boolean"))?);
            }
            FactKind::Timestamp if !cell.is_null() => value = point_in_time(cell, at)?,
            FactKind::Code => {
                let text = text(cell, at)?;
                let literal = fact.literals.iter().position(|literal| Some(literal.as_str()) == text);
                value = literal.map_or(-1.0, |index| index as f64);
            }
            FactKind::Text => bytes = text(cell, at)?.map(|text| text.as_bytes().to_vec()),
            FactKind::Numbers | FactKind::Texts if !cell.is_null() => {
                let mut elements = Vec::new();
                for (index, element) in list(cell, at)?.iter().enumerate() {
                    let at = || at().index(index);
                    if element.is_null() {
                        continue;
                    }
                    if fact.kind == FactKind::Numbers {
                        elements.extend(number(element, at)?.unwrap_or(f64::NAN).to_le_bytes());
                    } else {
                        elements.extend_from_slice(text(element, at)?.unwrap_or_default().as_bytes());
                        elements.push(FactKind::END_OF_ELEMENT);
                    }
                }
                bytes = Some(elements);
            }
            _ => {}
        }
        self.values.push(value);
        self.texts.push(bytes);
        Ok(())
    }
}

/// The elements of a list; of a NULL that reaches a function, none.
fn list(value: &Value, at: impl Fn() -> Path) -> Result<&[Value]> {
    if value.is_null() {
        return Ok(&[]);
    }
    value.as_array().map(Vec::as_slice).ok_or_else(|| Error::new(at(), "must be a list"))
}

fn number(value: &Value, at: impl Fn() -> Path) -> Result<Option<f64>> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => {
            let integer = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            match integer {
                Some(integer) if integer > MAX_EXACT_INTEGER => Err(Error::new(at(), "is an integer beyond 2^53")),
                _ => Ok(number.as_f64()),
            }
        }
        Value::String(special) if special == "NaN" => Ok(Some(f64::NAN)),
        Value::String(special) if special == "Infinity" => Ok(Some(f64::INFINITY)),
        Value::String(special) if special == "-Infinity" => Ok(Some(f64::NEG_INFINITY)),
        _ => Err(Error::new(at(), "must be a number")),
    }
}

/// Microseconds; NaN for NULL.
fn point_in_time(value: &Value, at: impl Fn() -> Path) -> Result<f64> {
    match value {
        Value::Null => Ok(f64::NAN),
        Value::Number(microseconds) if microseconds.as_f64().is_some() => Ok(microseconds.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => match timestamp::parse(text.as_bytes()) {
            Some(microseconds) => Ok(microseconds as f64),
            None => Err(Error::new(at(), "must be a timestamp")),
        },
        _ => Err(Error::new(at(), "must be a timestamp")),
    }
}

fn text(value: &Value, at: impl Fn() -> Path) -> Result<Option<&str>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(Error::new(at(), "must be a text")),
    }
}

fn code(text: Option<&str>, compiled: Option<&Compiled>, dictionary: &Dictionary) -> i32 {
    let Some(text) = text else { return NULL_CODE };
    let codes = &compiled.expect("the document has been compiled").codes[dictionary.dictionary];
    codes.get(text).copied().unwrap_or(NOT_IN_DICTIONARY)
}

struct Reader<'a> {
    output: &'a Output,
    next: usize,
}

impl Reader<'_> {
    fn slot(&mut self) -> f64 {
        self.next += 1;
        self.output.stream[self.next - 1]
    }

    fn count(&mut self) -> usize {
        self.slot() as usize
    }

    fn text(&mut self) -> Option<String> {
        let (offset, length) = (self.count(), self.count());
        if length == NULL_LENGTH as usize {
            return None;
        }
        let bytes = self.output.text[offset..offset + length].to_vec();
        Some(String::from_utf8(bytes).expect("modules write UTF-8"))
    }

    fn texts(&mut self) -> Vec<String> {
        (0..self.count()).map(|_| self.text().expect("no text here is NULL")).collect()
    }
}

fn read(kind: &ResultType, reader: &mut Reader<'_>, compiled: Option<&Compiled>, strings: &[String]) -> Value {
    match kind {
        ResultType::Double { .. } | ResultType::Integer { .. } => {
            let value = reader.slot();
            serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
        }
        ResultType::Boolean => Value::Bool(reader.slot() != 0.0),
        ResultType::Text => reader.text().map_or(Value::Null, Value::String),
        ResultType::DictionaryText(dictionary) => match reader.slot() {
            code if code < 0.0 => Value::Null,
            code => {
                let dictionaries = &compiled.expect("the document has been compiled").description.dictionaries;
                Value::String(dictionaries[dictionary.dictionary][code as usize].clone())
            }
        },
        ResultType::ArgumentText { .. } => Value::String(strings[reader.count()].clone()),
        ResultType::Struct { fields } => Value::Object(
            fields.iter().map(|field| (field.name.clone(), read(&field.kind, reader, compiled, strings))).collect(),
        ),
        ResultType::List { element } => {
            let length = reader.count();
            Value::Array((0..length).map(|_| read(element, reader, compiled, strings)).collect())
        }
    }
}

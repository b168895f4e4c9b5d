//! An engine's source: the runtime and, from the catalogue entry, the code that packs a row's arguments into a frame and
//! unpacks the answer. Everything the entry fixes (offsets, field names, types) stands in the code as a literal.

use std::fmt::Write;

use plg_catalogue::{Argument, ArgumentType, Dictionary, Document, Field, FieldType, Format, Function, ResultType};

/// Stands for the packed module in a source until it has been minified.
pub const WASM: &str = "the module, packed";
/// Stands for the module's length in bytes.
pub const SIZE: &str = "1234567890";
/// Stands for the place of the first function's length, in bytes.
pub const CODE: &str = "1234567891";
/// Stands for the place where the last function ends, in bytes.
pub const CODE_END: &str = "1234567892";

/// How a body carries its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// `udfs/runtime/inflate.js`: starts faster.
    Deflate,
    /// `udfs/runtime/dense.js`: smaller.
    Dense,
}

/// How many elements a list has room for at first.
const FIRST_CAPACITY: usize = 64;

/// The longest text that `plg_udfs::timestamp` reads.
const SCRATCH_BYTES: usize = 64;

/// The source of `function`'s engine: an expression whose value is the row function.
pub fn source(function: &Function, packing: Packing, runtime: &str) -> String {
    let wasm = quoted(WASM);
    let unpacked = match packing {
        Packing::Deflate => format!("inflate(base85({wasm}), {SIZE})"),
        Packing::Dense => format!("dense({wasm}, {SIZE}, {CODE}, {CODE_END})"),
    };
    let frame = Frame::of(function);
    let mut source = String::from("(function () {\n\"use strict\";\n");
    let _ = writeln!(
        source,
        "const NAME = {};\nconst SCRATCH = {};\nfunction unpacked() {{\n  return {unpacked};\n}}",
        quoted(&function.name),
        frame.scratch
    );
    source.push_str(runtime);
    declarations(&mut source, function);
    layout(&mut source, &frame);
    for (argument, document) in function.documents() {
        prepare(&mut source, function, argument, document);
    }
    row(&mut source, function, &frame);
    source.push_str("return row;\n})()\n");
    source
}

/// A JavaScript string literal.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The name that an argument has in the generated code, where nothing else begins with `in_`.
fn parameter(argument: &Argument) -> String {
    format!("in_{}", argument.name)
}

/// Where a frame of one row keeps what: the words come first, then eight bytes for every argument, then the columns whose
/// length depends on the document or on the row, then the texts.
struct Frame<'a> {
    arguments: Vec<Place<'a>>,
    fixed_end: usize,
    words: usize,
    /// The byte offset of the place for a point in time as text.
    scratch: usize,
}

struct Place<'a> {
    argument: &'a Argument,
    /// The argument's first word.
    word: usize,
    /// The byte offset of its value or span.
    fixed: usize,
}

impl<'a> Frame<'a> {
    fn of(function: &'a Function) -> Self {
        let mut words = 1;
        let mut places = Vec::new();
        for argument in &function.arguments {
            places.push((argument, words));
            words += match &argument.kind {
                ArgumentType::Double | ArgumentType::Timestamp | ArgumentType::Text | ArgumentType::Code(_) => 1,
                ArgumentType::Doubles | ArgumentType::Facts { .. } => 3,
                ArgumentType::Structs { fields } => 2 + fields.iter().map(words_of).sum::<usize>(),
                ArgumentType::Document(_) => 0,
            };
        }
        let scratch = (4 * words).next_multiple_of(8);
        let first = scratch + SCRATCH_BYTES;
        let arguments: Vec<Place<'a>> = places
            .into_iter()
            .enumerate()
            .map(|(index, (argument, word))| Place { argument, word, fixed: first + 8 * index })
            .collect();
        Frame { fixed_end: first + 8 * arguments.len(), arguments, words, scratch }
    }
}

/// A column of a list.
struct Column {
    /// The variable that says where it begins, as an index into the view through which it is written.
    variable: String,
    /// How many bytes an element takes, in JavaScript.
    width: &'static str,
    /// The binary logarithm of the bytes of that view's elements.
    shift: usize,
}

fn columns(argument: &Argument) -> Vec<Column> {
    let column = |field: &str, width, shift| Column { variable: column(argument, field), width, shift };
    match &argument.kind {
        ArgumentType::Doubles => vec![column("values", "8", 3)],
        ArgumentType::Structs { fields } => fields
            .iter()
            .flat_map(|field| {
                let name = &field.name;
                match &field.kind {
                    FieldType::Code(_) => vec![column(name, "4", 2)],
                    FieldType::Text => vec![column(name, "8", 2)],
                    FieldType::Double { .. } | FieldType::Timestamp => vec![column(name, "8", 3)],
                    FieldType::Facts { .. } => vec![
                        column(&format!("{name}_marks"), "fields.length", 0),
                        column(&format!("{name}_values"), "8 * fields.length", 3),
                        column(&format!("{name}_texts"), "8 * fields.length", 2),
                    ],
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// How many words of the frame a field takes: one for each of its columns.
fn words_of(field: &Field) -> usize {
    match field.kind {
        FieldType::Facts { .. } => 3,
        _ => 1,
    }
}

fn column(argument: &Argument, field: &str) -> String {
    format!("at_{}_{field}", argument.name)
}

fn text_fields(fields: &[Field]) -> Vec<&Field> {
    fields.iter().filter(|field| matches!(field.kind, FieldType::Text)).collect()
}

/// Variables that live as long as the engine.
fn declarations(source: &mut String, function: &Function) {
    source.push_str("let tail;\n");
    for argument in &function.arguments {
        for Column { variable, .. } in columns(argument) {
            let _ = writeln!(source, "let {variable};");
        }
        match &argument.kind {
            ArgumentType::Doubles | ArgumentType::Structs { .. } => {
                let _ = writeln!(source, "let capacity_{} = {FIRST_CAPACITY};", argument.name);
            }
            ArgumentType::Facts { .. } => source.push_str("let factMarks, factValues, factTexts;\n"),
            _ => {}
        }
        if let ArgumentType::Structs { fields } = &argument.kind
            && !text_fields(fields).is_empty()
        {
            let _ = writeln!(source, "const texts_{} = [];", argument.name);
        }
    }
}

/// Makes room and writes the words that do not change from row to row.
fn layout(source: &mut String, frame: &Frame<'_>) {
    let _ = writeln!(source, "function layout() {{\n  let end = {};", frame.fixed_end);
    let mut words = vec!["1".to_owned()];
    let mut constants = String::new();
    for place in &frame.arguments {
        let argument = place.argument;
        match &argument.kind {
            ArgumentType::Document(_) => continue,
            ArgumentType::Facts { .. } => {
                // The marks' column of one row takes a byte for every field.
                source.push_str(
                    "  factMarks = end;\n  end += (fields.length + 7) >> 3 << 3;\n  factValues = end >> 3;\n  \
                     end += 8 * fields.length;\n  factTexts = end >> 2;\n  end += 8 * fields.length;\n",
                );
                words.extend(["factMarks", "factValues * 8", "factTexts * 4"].map(str::to_owned));
            }
            _ => words.push(place.fixed.to_string()),
        }
        let columns = columns(argument);
        if columns.is_empty() {
            continue;
        }
        // The number of elements differs from row to row; the first one is always element 0.
        words.push("0".to_owned());
        let _ = writeln!(constants, "  words[{}] = 0;", place.fixed / 4);
        for Column { variable, width, shift } in columns {
            let _ = writeln!(
                source,
                "  {variable} = end >> {shift};\n  end += ({width} * capacity_{} + 7) >> 3 << 3;",
                argument.name
            );
            words.push(format!("{variable} * {}", 1 << shift));
        }
    }
    debug_assert_eq!(words.len(), frame.words);
    let _ = writeln!(source, "  tail = end;\n  reserve(end);\n  words.set([{}]);\n{constants}}}", words.join(", "));
}

/// Compiles a document that is not the last one.
fn prepare(source: &mut String, function: &Function, argument: &Argument, document: &Document) {
    let name = quoted(&argument.name);
    let length = match document.format {
        Format::Json => format!("tape({name}, document)"),
        Format::Text => "write(document, 0)".to_owned(),
    };
    // Until it has been compiled there is no document: after an error the next row starts anew.
    let _ = writeln!(
        source,
        "function prepare(document) {{\n  source = undefined;\n  string(document, {name});\n  \
         compile(document, wasm.{}__{}, {length});\n  layout();\n}}",
        function.name, argument.name
    );
}

fn row(source: &mut String, function: &Function, frame: &Frame<'_>) {
    let parameters: Vec<String> = function.arguments.iter().map(parameter).collect();
    let _ = writeln!(source, "function row({}) {{", parameters.join(", "));
    for argument in function.arguments.iter().filter(|argument| !argument.nullable) {
        let _ = writeln!(source, "  if ({} == null) return null;", parameter(argument));
    }
    source.push_str("  if (wasm === undefined) start();\n");
    for (argument, _) in function.documents() {
        let _ = writeln!(source, "  if ({0} !== source) prepare({0});", parameter(argument));
    }
    // Room for the lists first: making room moves the columns.
    for place in &frame.arguments {
        if let ArgumentType::Doubles | ArgumentType::Structs { .. } = place.argument.kind {
            let (name, value) = (&place.argument.name, parameter(place.argument));
            let _ = writeln!(
                source,
                "  const count_{name} = Array.isArray({value}) ? {value}.length : 0;\n  \
                 if (count_{name} > capacity_{name}) {{\n    capacity_{name} = count_{name} * 2;\n    layout();\n  }}"
            );
        }
    }
    source.push_str("  let end = tail;\n");
    for place in &frame.arguments {
        pack(source, place);
    }
    source.push_str(
        "  let at;\n  try {\n    at = entry();\n  } catch (trap) {\n    trapped();\n  }\n  at = answer(at);\n",
    );
    let mut reading = Reading { source, offset: 0, names: 0 };
    let value = reading.value(&function.result);
    let _ = writeln!(source, "  return {value};\n}}");
}

fn pack(source: &mut String, place: &Place<'_>) {
    let argument = place.argument;
    let value = parameter(argument);
    let path = quoted(&argument.name);
    let fixed = place.fixed;
    match &argument.kind {
        ArgumentType::Document(_) => {}
        ArgumentType::Double => {
            let null = if argument.nullable { format!("{value} == null ? NaN : ") } else { String::new() };
            let _ = writeln!(
                source,
                "  doubles[{}] = typeof {value} === \"number\" ? {value} : {null}number({value}, {path});",
                fixed / 8
            );
        }
        ArgumentType::Timestamp => {
            let null = if argument.nullable { format!("{value} == null ? NaN : ") } else { String::new() };
            // In two steps: reading a text may replace the views.
            let _ = writeln!(
                source,
                "  const time_{name} = typeof {value} === \"number\" ? {value} : {null}moment({value}, {path});\n  \
                 doubles[{}] = time_{name};",
                fixed / 8,
                name = argument.name
            );
        }
        ArgumentType::Text => {
            let span = fixed / 4;
            let write = format!(
                "string({value}, {path});\n    words[{span}] = end;\n    end = write({value}, end);\n    \
                 words[{span} + 1] = end - words[{span}];"
            );
            let _ = if argument.nullable {
                writeln!(source, "  if ({value} == null) words[{span} + 1] = -1;\n  else {{\n    {write}\n  }}")
            } else {
                writeln!(source, "  {{\n    {write}\n  }}")
            };
        }
        ArgumentType::Code(dictionary) => {
            let null = if argument.nullable { format!("{value} == null ? -1 : ") } else { String::new() };
            let _ = writeln!(
                source,
                "  words[{}] = {null}code(codes[{}], string({value}, {path}));",
                fixed / 4,
                dictionary.dictionary
            );
        }
        ArgumentType::Doubles => {
            list(source, place);
            let _ = writeln!(
                source,
                "  for (let i = 0; i < count_{name}; i++) {{\n    const value = {value}[i];\n    \
                 doubles[{column} + i] = typeof value === \"number\" ? value : element({path}, i, value);\n  }}",
                name = argument.name,
                column = column(argument, "values")
            );
        }
        ArgumentType::Structs { fields } => {
            list(source, place);
            structs(source, argument, fields);
        }
        ArgumentType::Facts { .. } => {
            let _ = writeln!(source, "  end = packFacts({path}, {value}, factMarks, factValues, factTexts, end);");
        }
    }
}

/// The span and the number of elements.
fn list(source: &mut String, place: &Place<'_>) {
    let (name, value) = (&place.argument.name, parameter(place.argument));
    // A NULL that reaches the function is an empty list.
    let null = if place.argument.nullable { format!("{value} == null ? false : ") } else { String::new() };
    let _ = writeln!(
        source,
        "  if ({null}!Array.isArray({value})) fail({});\n  words[{}] = words[{}] = count_{name};",
        quoted(&format!("{name}: must be a list")),
        place.word + 1,
        place.fixed / 4 + 1
    );
}

fn structs(source: &mut String, argument: &Argument, fields: &[Field]) {
    let name = &argument.name;
    let list = quoted(name);
    let texts = text_fields(fields).len();
    // Local names for the views keep the loop free of loads; whatever makes room renews them.
    const RENEW: &str = "w = words, d = doubles, b = bytes";
    let _ = writeln!(
        source,
        "  {{\n  let {};\n  for (let i = 0; i < count_{name}; i++) {{\n    const item = {}[i];\n    \
         const row = item == null ? NOTHING : item;\n    let value;",
        RENEW,
        parameter(argument)
    );
    let mut text_number = 0;
    for field in fields {
        let (lower, upper) = (&field.name, field.name.to_uppercase());
        let _ = writeln!(source, "    value = row.{lower};\n    if (value === undefined) value = row.{upper};");
        let at = column(argument, lower);
        let lower = quoted(lower);
        let _ = match &field.kind {
            FieldType::Double { default } => writeln!(
                source,
                "    d[{at} + i] = typeof value === \"number\" ? value : \
                 field({list}, i, row, {lower}, value, {default}, number);"
            ),
            FieldType::Timestamp => writeln!(
                source,
                "    if (typeof value !== \"number\") {{\n      \
                 value = field({list}, i, row, {lower}, value, NaN, moment);\n      {RENEW};\n    }}\n    \
                 d[{at} + i] = value;"
            ),
            FieldType::Code(dictionary) => writeln!(
                source,
                "    if (typeof value !== \"string\") value = field({list}, i, row, {lower}, value, null, string);\n    \
                 w[{at} + i] = value === null ? -1 : code(codes[{}], value);",
                dictionary.dictionary
            ),
            FieldType::Text => {
                let text = format!("texts_{name}[{texts} * i + {text_number}]");
                text_number += 1;
                writeln!(
                    source,
                    "    if (typeof value !== \"string\") value = field({list}, i, row, {lower}, value, null, string);\n    \
                     {text} = value;\n    if (value === null) w[{at} + 2 * i + 1] = -1;\n    else {{\n      \
                     const start = end;\n      if (start + 3 * value.length > room) {{\n        \
                     reserve(start + 3 * value.length);\n        {RENEW};\n      }}\n      \
                     end = copy(value, b, start);\n      w[{at} + 2 * i] = start;\n      \
                     w[{at} + 2 * i + 1] = end - start;\n    }}"
                )
            }
            // Checks the element, too, if it has no facts.
            FieldType::Facts { .. } => writeln!(
                source,
                "    value = field({list}, i, row, {lower}, value, null, (value) => value);\n    \
                 end = packElementFacts({list}, i, {lower}, value, {at}_marks, {at}_values, {at}_texts, end);\n    \
                 {RENEW};"
            ),
        };
    }
    // A block of its own: another list has the same local names.
    source.push_str("  }\n  }\n");
}

fn has_list(kind: &ResultType) -> bool {
    match kind {
        ResultType::List { .. } => true,
        ResultType::Struct { fields } => fields.iter().any(|field| has_list(&field.kind)),
        _ => false,
    }
}

/// Reads the stream from the variable `at` on, slot by slot in the order of the result type.
struct Reading<'a> {
    source: &'a mut String,
    /// Slots after `at` that have been read since `at` was moved last.
    offset: usize,
    names: usize,
}

impl Reading<'_> {
    /// Writes the statements that must come first and returns the expression of the value.
    fn value(&mut self, kind: &ResultType) -> String {
        match kind {
            ResultType::Double { nullable } | ResultType::Integer { nullable } => {
                let slot = self.slot();
                if *nullable { format!("nullable({slot})") } else { slot }
            }
            ResultType::Boolean => format!("{} > 0", self.slot()),
            ResultType::Text => {
                let at = self.at();
                self.offset += 2;
                format!("text({at})")
            }
            ResultType::DictionaryText(Dictionary { dictionary, .. }) => {
                let slot = self.slot();
                format!("entryOf(dictionaries[{dictionary}], {slot})")
            }
            ResultType::ArgumentText { argument } => {
                let slot = self.slot();
                format!("texts_{argument}[{slot}]")
            }
            ResultType::Struct { fields } => {
                let moves = fields.iter().any(|field| has_list(&field.kind));
                let mut values = Vec::new();
                for field in fields {
                    let value = self.value(&field.kind);
                    // A list moves `at`: what stands before it must be read before it.
                    let value = if moves { self.bind(&value) } else { value };
                    values.push(format!("{}: {value}", field.name));
                }
                // Apart from each other, or nested structs would make two braces in a row.
                format!("({{ {} }})", values.join(", "))
            }
            ResultType::List { element } => {
                let list = self.name();
                let slot = self.slot();
                let _ = writeln!(
                    self.source,
                    "  const {list} = [];\n  let left_{list} = {slot};\n  at += {};\n  \
                     for (; left_{list} > 0; left_{list}--) {{",
                    self.offset
                );
                self.offset = 0;
                let element = self.value(element);
                let _ = writeln!(self.source, "    {list}.push({element});\n    at += {};\n  }}", self.offset);
                self.offset = 0;
                list
            }
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("read{}", self.names)
    }

    fn bind(&mut self, value: &str) -> String {
        let name = self.name();
        let _ = writeln!(self.source, "  const {name} = {value};");
        name
    }

    fn at(&self) -> String {
        if self.offset == 0 { "at".to_owned() } else { format!("at + {}", self.offset) }
    }

    fn slot(&mut self) -> String {
        let slot = format!("stream[{}]", self.at());
        self.offset += 1;
        slot
    }
}

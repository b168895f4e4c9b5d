//! The exported functions and classes, in Rust. What does not fit the core does not compile.

use crate::documentation;
use crate::names::{Class, camel, classes, passed, plain};
use plg_catalogue::{Argument, ArgumentType, Catalogue, FieldType, Format, Function, ResultType};
use std::fmt::Write;

/// The source of `api.rs`.
pub fn api(catalogue: &Catalogue) -> String {
    let mut source = String::from(
        "#[wasm_bindgen(typescript_custom_section)]\n\
         const DECLARATIONS: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/api.d.ts\"));\n\n",
    );
    for function in plain(catalogue) {
        write_function(catalogue, &mut source, function, None);
    }
    for class in classes(catalogue) {
        write_class(catalogue, &mut source, &class);
    }
    source
}

fn write_class(catalogue: &Catalogue, source: &mut String, class: &Class<'_>) {
    let name = &class.name;
    let argument = &class.argument.name;
    document(source, &documentation::class(class));
    let _ = writeln!(
        source,
        "#[wasm_bindgen(skip_typescript)]\npub struct {name}(Compiled<plg_udfs::{}>);\n",
        class.document.rust
    );
    let _ = writeln!(source, "#[wasm_bindgen]\nimpl {name} {{");
    document(source, &documentation::constructor(class));
    let compile = match class.document.format {
        Format::Json => "from_json",
        Format::Text => "from_text",
    };
    let _ = writeln!(
        source,
        "#[wasm_bindgen(constructor, skip_typescript)]\n\
         pub fn new({argument}: JsValue) -> Result<{name}, JsError> {{\n    \
         call(\"{}\", || Compiled::{compile}(&{argument}, \"{argument}\").map({name}))\n}}\n",
        class.methods[0].name
    );
    for function in &class.methods {
        write_function(catalogue, source, function, Some(class));
    }
    source.push_str("}\n\n");
}

fn write_function(catalogue: &Catalogue, source: &mut String, function: &Function, class: Option<&Class<'_>>) {
    let name = &function.name;
    document(source, &documentation::function(catalogue, function, class));
    let receiver = class.map(|_| "&self".to_owned());
    let parameters: Vec<String> =
        receiver.into_iter().chain(passed(function).map(|argument| format!("{}: JsValue", argument.name))).collect();
    let _ = writeln!(
        source,
        "#[wasm_bindgen(js_name = {}, skip_typescript)]\npub fn {name}({}) -> Result<JsValue, JsError> {{\n    \
         call(\"{name}\", || {{",
        camel(name),
        parameters.join(", ")
    );
    let required: Vec<String> = passed(function)
        .filter(|argument| !argument.nullable)
        .map(|argument| format!("is_null(&{})", argument.name))
        .collect();
    if !required.is_empty() {
        let _ = writeln!(
            source,
            "        if {} {{\n            return Ok(JsValue::NULL);\n        }}",
            required.join(" || ")
        );
    }
    let mut values = Vec::new();
    for argument in &function.arguments {
        values.extend(read_argument(source, argument));
    }
    write_call(source, function, &values.join(", "));
    source.push_str("    })\n}\n\n");
}

/// Reads an argument and returns the expressions that hand it to the core.
fn read_argument(source: &mut String, argument: &Argument) -> Vec<String> {
    let name = &argument.name;
    let mut bind = |value: &str| {
        let _ = writeln!(source, "        let {name} = {value};");
    };
    let at = format!("|| plg_udfs::error::path(\"{name}\")");
    match &argument.kind {
        ArgumentType::Double => {
            bind(&format!("argument::number(&{name}, {at})?.unwrap_or(f64::NAN)"));
            vec![name.clone()]
        }
        ArgumentType::Timestamp => {
            bind(&format!("argument::point_in_time(&{name}, {at})?"));
            vec![name.clone()]
        }
        ArgumentType::Text => {
            bind(&format!("argument::text(&{name}, {at})?"));
            let bytes = format!("{name}.as_deref().map(str::as_bytes)");
            vec![if argument.nullable { bytes } else { bytes + ".unwrap_or_default()" }]
        }
        ArgumentType::Code(dictionary) => {
            bind(&format!("argument::code(&{name}, self.0.codes({}), {at})?", dictionary.dictionary));
            vec![name.clone()]
        }
        ArgumentType::Doubles => {
            bind(&format!("argument::doubles(&{name}, \"{name}\")?"));
            vec![format!("&{name}")]
        }
        ArgumentType::Structs { fields } => {
            bind(&format!("Elements::new(&{name}, \"{name}\")?"));
            let mut values = Vec::new();
            for field in fields {
                let column = format!("{name}_{}", field.name);
                let (read, value) = match &field.kind {
                    FieldType::Double { default } => {
                        let default = default.map_or("f64::NAN".to_owned(), |default| format!("{default:?}"));
                        (format!("doubles(\"{}\", {default})", field.name), format!("&{column}"))
                    }
                    FieldType::Timestamp => (format!("points_in_time(\"{}\")", field.name), format!("&{column}")),
                    FieldType::Text => (format!("texts(\"{}\")", field.name), format!("{column}.texts()")),
                    FieldType::Code(dictionary) => (
                        format!("codes(\"{}\", self.0.codes({}))", field.name, dictionary.dictionary),
                        format!("&{column}"),
                    ),
                    FieldType::Facts { .. } => {
                        (format!("facts(\"{}\", &self.0)", field.name), format!("{column}.of_elements()"))
                    }
                };
                let _ = writeln!(source, "        let {column} = {name}.{read}?;");
                values.push(value);
            }
            values
        }
        ArgumentType::Document(_) => vec!["self.0.document()".to_owned()],
        ArgumentType::Facts { .. } => {
            bind(&format!("FactRows::one(&{name}, \"{name}\", &self.0)?"));
            let _ = writeln!(source, "        let {name} = {name}.facts();");
            vec![format!("{name}.row(0)")]
        }
    }
}

fn write_call(source: &mut String, function: &Function, values: &str) {
    let call = format!("plg_udfs::{}::{}({values}", function.family, function.name);
    let _ = match &function.result {
        ResultType::Double { nullable: false } | ResultType::Integer { nullable: false } => {
            writeln!(source, "        Ok(JsValue::from_f64({call})?))")
        }
        ResultType::Double { nullable: true } | ResultType::Integer { nullable: true } => {
            writeln!(source, "        Ok({call})?.map_or(JsValue::NULL, JsValue::from_f64))")
        }
        ResultType::Boolean => writeln!(source, "        Ok(JsValue::from_bool({call})?))"),
        ResultType::DictionaryText(dictionary) => {
            writeln!(source, "        Ok({}.dictionary_text({}, {call})?))", context(function), dictionary.dictionary)
        }
        result => writeln!(
            source,
            "        const RESULT: Type = {};\n        let mut out = Output::default();\n        {call}, &mut out)?;\n        \
             Ok({}.read(&RESULT, &out))",
            type_of(result),
            context(function)
        ),
    };
}

/// What texts in the result refer to.
fn context(function: &Function) -> String {
    let dictionaries = if function.documents().next().is_some() { "self.0.dictionaries()" } else { "&[]" };
    let columns: Vec<String> = argument_texts(&function.result)
        .and_then(|argument| function.arguments.iter().find(|candidate| candidate.name == argument))
        .map(|argument| match &argument.kind {
            ArgumentType::Structs { fields } => fields
                .iter()
                .filter(|field| matches!(field.kind, FieldType::Text))
                .map(|field| format!("&{}_{}", argument.name, field.name))
                .collect(),
            _ => Vec::new(),
        })
        .unwrap_or_default();
    format!("Context {{ dictionaries: {dictionaries}, columns: &[{}] }}", columns.join(", "))
}

/// The list argument whose texts the result repeats.
fn argument_texts(result: &ResultType) -> Option<&str> {
    match result {
        ResultType::ArgumentText { argument } => Some(argument),
        ResultType::Struct { fields } => fields.iter().find_map(|field| argument_texts(&field.kind)),
        ResultType::List { element } => argument_texts(element),
        _ => None,
    }
}

fn type_of(result: &ResultType) -> String {
    match result {
        ResultType::Double { .. } | ResultType::Integer { .. } => "Type::Number".to_owned(),
        ResultType::Boolean => "Type::Boolean".to_owned(),
        ResultType::Text => "Type::Text".to_owned(),
        ResultType::DictionaryText(dictionary) => format!("Type::DictionaryText({})", dictionary.dictionary),
        ResultType::ArgumentText { .. } => "Type::ArgumentText".to_owned(),
        ResultType::Struct { fields } => {
            let fields: Vec<String> =
                fields.iter().map(|field| format!("(\"{}\", {})", field.name, type_of(&field.kind))).collect();
            format!("Type::Struct(&[{}])", fields.join(", "))
        }
        ResultType::List { element } => format!("Type::List(&{})", type_of(element)),
    }
}

fn document(source: &mut String, lines: &[String]) {
    for line in lines {
        let _ = writeln!(source, "///{}{line}", if line.is_empty() { "" } else { " " });
    }
}

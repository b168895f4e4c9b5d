//! TypeScript declarations. wasm-bindgen would write some, but it knows neither overloads (NULL comes out only where NULL
//! goes in) nor the objects.

use crate::documentation;
use crate::names::{Class, camel, classes, element_type, passed, plain, result_type};
use plg_catalogue::{Argument, ArgumentType, Catalogue, Field, FieldType, Format, Function, ResultField, ResultType};
use std::fmt::Write;

/// What the arguments of several functions are made of.
const COMMON: &str = "\
/** A number. A `bigint` must not be beyond 2^53, where a number would lose digits. */
export type Numeric = number | bigint;

/** A point in time: a `Date`, ISO-8601 text (UTC unless it says otherwise), or microseconds since 1970 UTC. */
export type Timestamp = Date | string | Numeric;

/** A row of facts by name, or the text of a JSON object with them. Facts that nobody asks for may be anything. */
export type Facts = object | string;

type Nullable<T> = T | null | undefined;
";

/// The text of `api.d.ts`.
pub fn declarations(catalogue: &Catalogue) -> String {
    let mut text = String::from(COMMON);
    for function in &catalogue.functions {
        write_types(&mut text, function);
    }
    for function in plain(catalogue) {
        write_function(catalogue, &mut text, function, None);
    }
    for class in classes(catalogue) {
        write_class(catalogue, &mut text, &class);
    }
    text
}

fn write_class(catalogue: &Catalogue, text: &mut String, class: &Class<'_>) {
    comment(text, "", &documentation::class(class));
    let _ = writeln!(text, "export class {} {{", class.name);
    comment(text, "  ", &documentation::constructor(class));
    let document = match class.document.format {
        Format::Json => "string | object",
        Format::Text => "string",
    };
    let _ = writeln!(text, "  constructor({}: {document});", camel(&class.argument.name));
    for function in &class.methods {
        write_function(catalogue, text, function, Some(class));
    }
    text.push_str("\n  /** Frees the memory; the object cannot be used any more. */\n  free(): void;\n  [Symbol.dispose](): void;\n}\n");
}

fn write_function(catalogue: &Catalogue, text: &mut String, function: &Function, class: Option<&Class<'_>>) {
    let indent = if class.is_some() { "  " } else { "" };
    comment(text, indent, &documentation::function(catalogue, function, class));
    let keyword = if class.is_some() { "" } else { "export function " };
    let name = camel(&function.name);
    let signature = |nullable: bool| {
        let parameters = passed(function).map(|argument| {
            let kind = argument_type(function, argument);
            let kind = if nullable || argument.nullable { format!("Nullable<{kind}>") } else { kind };
            format!("{}: {kind}", camel(&argument.name))
        });
        parameters.collect::<Vec<_>>().join(", ")
    };
    let result = match &function.result {
        ResultType::Struct { .. } | ResultType::List { .. } => result_type(function),
        result => result_text(result, indent),
    };
    let _ = writeln!(text, "{indent}{keyword}{name}({}): {result};", signature(false));
    if passed(function).any(|argument| !argument.nullable) {
        let result = if result.ends_with("| null") { result } else { result + " | null" };
        let _ = writeln!(text, "{indent}{keyword}{name}({}): {result};", signature(true));
    }
}

/// The named types of a function's arguments and result.
fn write_types(text: &mut String, function: &Function) {
    for argument in &function.arguments {
        if let ArgumentType::Structs { fields } = &argument.kind {
            comment(
                text,
                "",
                &[format!("An element of `{}`, an argument of `{}`.", argument.name, camel(&function.name))],
            );
            let _ = writeln!(text, "export interface {} {{", element_type(function, argument));
            fields.iter().for_each(|field| write_field(text, field));
            text.push_str("}\n");
        }
    }
    let name = result_type(function);
    let about = [format!("What `{}` returns.", camel(&function.name))];
    match &function.result {
        ResultType::Struct { fields } => {
            comment(text, "", &about);
            let _ = writeln!(text, "export interface {name} {}", struct_text(fields, ""));
        }
        ResultType::List { .. } => {
            comment(text, "", &about);
            let _ = writeln!(text, "export type {name} = {};", result_text(&function.result, ""));
        }
        _ => {}
    }
}

fn write_field(text: &mut String, field: &Field) {
    comment(text, "  ", std::slice::from_ref(&field.description));
    let kind = match &field.kind {
        FieldType::Double { .. } => "Numeric",
        FieldType::Timestamp => "Timestamp",
        FieldType::Text | FieldType::Code(_) => "string",
        FieldType::Facts { .. } => "Facts",
    };
    let mark = if field.kind.optional() { "?" } else { "" };
    let _ = writeln!(text, "  {}{mark}: Nullable<{kind}>;", field.name);
}

fn argument_type(function: &Function, argument: &Argument) -> String {
    match &argument.kind {
        ArgumentType::Double => "Numeric".to_owned(),
        ArgumentType::Timestamp => "Timestamp".to_owned(),
        ArgumentType::Text | ArgumentType::Code(_) | ArgumentType::Document(_) => "string".to_owned(),
        ArgumentType::Doubles => "readonly Numeric[] | Float64Array".to_owned(),
        ArgumentType::Structs { .. } => format!("readonly Nullable<{}>[]", element_type(function, argument)),
        ArgumentType::Facts { .. } => "Facts".to_owned(),
    }
}

fn result_text(result: &ResultType, indent: &str) -> String {
    match result {
        ResultType::Double { nullable: false } | ResultType::Integer { nullable: false } => "number".to_owned(),
        ResultType::Double { nullable: true } | ResultType::Integer { nullable: true } => "number | null".to_owned(),
        ResultType::Boolean => "boolean".to_owned(),
        ResultType::Text | ResultType::DictionaryText(_) => "string | null".to_owned(),
        ResultType::ArgumentText { .. } => "string".to_owned(),
        ResultType::Struct { fields } => struct_text(fields, indent),
        ResultType::List { element } => format!("Array<{}>", result_text(element, indent)),
    }
}

fn struct_text(fields: &[ResultField], indent: &str) -> String {
    let inner = format!("{indent}  ");
    let mut text = String::from("{\n");
    for field in fields {
        comment(&mut text, &inner, std::slice::from_ref(&field.description));
        let _ = writeln!(text, "{inner}{}: {};", field.name, result_text(&field.kind, &inner));
    }
    text + indent + "}"
}

fn comment(text: &mut String, indent: &str, lines: &[String]) {
    if let [line] = lines {
        let _ = writeln!(text, "{}{indent}/** {line} */", if indent.is_empty() { "\n" } else { "" });
        return;
    }
    let _ = writeln!(text, "\n{indent}/**");
    for line in lines {
        let _ = writeln!(text, "{indent} *{}{line}", if line.is_empty() { "" } else { " " });
    }
    let _ = writeln!(text, "{indent} */");
}

//! What editors show of a function: the catalogue's entry as JSDoc, whose text is the same in Rust's doc comments.

use crate::names::{Class, camel, passed};
use plg_catalogue::{Catalogue, Example, Expected, Format, Function};
use serde_json::Value;

/// Where lines of code are broken.
const WIDTH: usize = 110;

/// The lines about a function.
pub fn function(catalogue: &Catalogue, function: &Function, class: Option<&Class<'_>>) -> Vec<String> {
    let details = function.details.trim();
    let mut lines = vec![function.summary.clone(), String::new()];
    if !details.is_empty() {
        lines.extend(details.lines().map(str::to_owned));
        lines.push(String::new());
    }
    lines.push(format!("NULL is `null` or `undefined`. {}", single_line(&function.nulls)));
    lines.push(String::new());
    lines.push(format!("Errors: {}", single_line(&function.errors)));
    lines.push(String::new());
    lines.extend(
        passed(function).map(|argument| format!("@param {} - {}", camel(&argument.name), argument.description)),
    );
    lines.push("@throws {Error} With the text that a warehouse would show.".to_owned());
    // A class is made of a document; that a function is NULL without one is for the warehouses.
    let made = |example: &&Example| {
        class.is_none_or(|class| !resolved(catalogue, example.arguments.get(&class.argument.name)).is_null())
    };
    let calls: Vec<(&Example, Vec<String>)> = function
        .examples
        .iter()
        .filter(made)
        .map(|example| (example, call(catalogue, function, class, example)))
        .collect();
    // The first example whatever it takes, of the others the short ones; the reference page has them all.
    for (_, (example, call)) in calls.iter().enumerate().filter(|(index, (_, call))| *index == 0 || call.len() <= 2) {
        lines.push("@example".to_owned());
        lines.push(format!("// {}", example.title));
        lines.extend(call.iter().cloned());
    }
    assert!(lines.iter().all(|line| !line.contains("*/")), "{}: its page would end a comment", function.name);
    lines
}

fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines about a class.
pub fn class(class: &Class<'_>) -> Vec<String> {
    let methods: Vec<String> = class.methods.iter().map(|function| format!("`{}`", camel(&function.name))).collect();
    vec![
        format!("{} Compiled once, for any number of calls of {}.", class.argument.description, methods.join(", ")),
        String::new(),
        "It lives in WebAssembly's memory: the garbage collector frees it some time; `free()` and `using` at once."
            .to_owned(),
    ]
}

/// The lines about a class's constructor.
pub fn constructor(class: &Class<'_>) -> Vec<String> {
    let name = &class.argument.name;
    let form = match class.document.format {
        Format::Json => "JSON text or an object",
        Format::Text => "text",
    };
    vec![
        format!("Compiles the {name}."),
        String::new(),
        format!("@param {} - {} As {form}.", camel(name), class.argument.description),
        "@throws {Error} Where something in it does not fit, with the place of the first problem.".to_owned(),
    ]
}

/// An example as lines of JavaScript, with what comes of it in a comment.
fn call(catalogue: &Catalogue, function: &Function, class: Option<&Class<'_>>, example: &Example) -> Vec<String> {
    let value = |name: &str| literal(&resolved(catalogue, example.arguments.get(name)), "");
    let arguments: Vec<String> = passed(function).map(|argument| value(&argument.name)).collect();
    let object = class.map(|class| format!("new {}({}).", class.name, value(&class.argument.name))).unwrap_or_default();
    let code = format!("{object}{}({});", camel(&function.name), arguments.join(", "));
    let outcome = match example.expected() {
        Expected::Value(value) => literal(&value, ""),
        Expected::Error(error) => format!("Error: {error}"),
    };
    let mut lines: Vec<String> = code.lines().map(str::to_owned).collect();
    if lines.len() == 1 && code.len() + outcome.len() + 4 <= WIDTH && !outcome.contains('\n') {
        return vec![format!("{code} // {outcome}")];
    }
    lines.extend(outcome.lines().map(|line| format!("// {line}")));
    lines
}

/// An argument with the document that `@name` stands for in its place.
fn resolved(catalogue: &Catalogue, argument: Option<&Value>) -> Value {
    let Some(argument) = argument else { return Value::Null };
    let document = argument.as_str().and_then(|text| catalogue.documents.get(text.strip_prefix('@')?));
    match document {
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())),
        None => argument.clone(),
    }
}

/// A value as JavaScript: lists and objects over several lines where one is too long, text of several lines between
/// back-ticks.
fn literal(value: &Value, indent: &str) -> String {
    let short = inline(value);
    if indent.len() + short.len() <= WIDTH - 20 {
        return short;
    }
    let inner = format!("{indent}  ");
    let (open, parts, close): (_, Vec<String>, _) = match value {
        Value::Array(elements) => ("[", elements.iter().map(|element| literal(element, &inner)).collect(), "]"),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", key(name), literal(value, &inner)));
            ("{", fields.collect(), "}")
        }
        Value::String(text) if text.contains('\n') && !text.contains(['`', '\\', '$']) => return format!("`{text}`"),
        _ => return short,
    };
    format!("{open}\n{inner}{}\n{indent}{close}", parts.join(&format!(",\n{inner}")))
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("[{}]", elements.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}: {}", key(name), inline(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A property name, in quotes where it is no identifier.
fn key(name: &str) -> String {
    let identifier = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if identifier { name.to_owned() } else { Value::from(name).to_string() }
}

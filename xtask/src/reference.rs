//! The reference, written from the catalogue: `docs/functions.md`, the list of all functions, and a page below `docs/functions/`
//! for each.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use plg_catalogue::{
    Aggregate, Argument, ArgumentType, Catalogue, Column, Example, Expected, Field, FieldType, Function, ResultType,
};
use serde_json::Value;

use crate::paths;
use crate::sql::{self, BigQuery, Dialect, DuckDb, Names, Snowflake, Type};

/// Lines of code are broken beyond this.
const MAX_COLUMNS: usize = 110;

/// Writes the pages, and removes those of functions that are no more.
///
/// # Errors
/// If a file cannot be written.
pub fn write(catalogue: &Catalogue) -> Result<()> {
    let folder = docs().join("functions");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in pages(catalogue) {
        let path = docs().join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn docs() -> PathBuf {
    paths::root().join("docs")
}

/// Every page with its path below `docs/`, the list first, then families and functions as the list has them.
pub fn pages(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut list = String::from(
        "# Functions\n\n\
         <!-- Written by `cargo xtask dist` from udfs/<family>/<function>.toml. -->\n\n\
         Every function has the same name, arguments and results in Snowflake, BigQuery and DuckDB. Calls with scalar \
         arguments\nare the same text everywhere; the examples on the pages are in DuckDB's SQL, and the pages of \
         [Snowflake](warehouses/snowflake.md),\n[BigQuery](warehouses/bigquery.md) and [DuckDB](warehouses/duckdb.md) \
         show how each warehouse builds lists and facts and reads results. Fields of\nresults are only ever appended.\n\n\
         Where a number is asked for, every numeric type will do, and where a timestamp is asked for, every timestamp \
         type and a date.\nWithout a zone, both are UTC. An error ends the query; its text names the function, the \
         argument and the place in it, and never\nholds a value of the data.\n\n\
         `version` takes nothing and gives the installed version, as text.\n",
    );
    let mut pages = Vec::new();
    for family in families(catalogue) {
        let _ = writeln!(list, "\n## {}\n\n| function | what it answers |\n|---|---|", capitalised(family));
        let mut add = |name: &str, summary: &str, text: String| {
            let _ = writeln!(list, "| [`{name}`](functions/{name}.md) | {} |", cell(summary));
            pages.push((format!("functions/{name}.md"), text));
        };
        for function in catalogue.family(family) {
            let mut page = String::new();
            describe(&mut page, catalogue, function);
            add(&function.name, &function.summary, page);
        }
        for aggregate in catalogue.aggregates.iter().filter(|aggregate| aggregate.family == family) {
            let mut page = String::new();
            describe_aggregate(&mut page, aggregate);
            add(&aggregate.name, &aggregate.summary, page);
        }
    }
    pages.insert(0, ("functions.md".to_owned(), list));
    pages
}

/// The families of functions and aggregates, sorted.
fn families(catalogue: &Catalogue) -> Vec<&str> {
    let mut families = catalogue.families();
    families.extend(catalogue.aggregates.iter().map(|aggregate| aggregate.family.as_str()));
    families.sort_unstable();
    families.dedup();
    families
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn title(page: &mut String, name: &str, family: &str, summary: &str) {
    let _ = writeln!(
        page,
        "# {name}\n\n<!-- Written by `cargo xtask dist` from udfs/{family}/{name}.toml. -->\n\n{}",
        summary.trim()
    );
}

fn describe(page: &mut String, catalogue: &Catalogue, function: &Function) {
    title(page, &function.name, &function.family, &function.summary);
    if !function.details.trim().is_empty() {
        let _ = writeln!(page, "\n{}", function.details.trim());
    }
    describe_signatures(page, &|dialect| signature(function, dialect));
    if !function.arguments.is_empty() {
        page.push_str("\n| argument | meaning |\n|---|---|\n");
        for argument in &function.arguments {
            describe_argument(page, argument);
        }
    }
    let results = result_rows("", &function.result);
    if !results.is_empty() {
        page.push_str("\n| result | meaning |\n|---|---|\n");
        for (path, description) in results {
            let _ = writeln!(page, "| `{path}` | {} |", cell(&description));
        }
    }
    let _ = writeln!(page, "\n**NULL.** {}\n\n**Errors.** {}", function.nulls.trim(), function.errors.trim());
    page.push_str("\n**Examples.**");
    let documents = documents(catalogue, function);
    if !documents.is_empty() {
        let _ = write!(page, " The texts of {} are in the repository.", documents.join(", "));
    }
    page.push('\n');
    for example in &function.examples {
        describe_example(page, function, example);
    }
}

fn describe_aggregate(page: &mut String, aggregate: &Aggregate) {
    title(page, &aggregate.name, &aggregate.family, &aggregate.summary);
    let _ = writeln!(page, "\n{}", aggregate.details.trim());
    describe_signatures(page, &|dialect| {
        let argument =
            |column: &Column| format!("{} {}", column.name, dialect.aggregate_argument(&Type::from(column.kind)));
        let result = dialect.aggregate_result(aggregate);
        broken_signature(&aggregate.name, &aggregate.arguments.iter().map(argument).collect::<Vec<_>>(), result)
    });
    for (title, path, columns) in [("argument", "", &aggregate.arguments), ("result", "[].", &aggregate.result)] {
        let _ = writeln!(page, "\n| {title} | meaning |\n|---|---|");
        for column in columns {
            let _ = writeln!(page, "| `{path}{}` | {} |", column.name, cell(&column.description));
        }
    }
    let _ = writeln!(page, "\n**NULL.** {}\n\n**Errors.** {}", aggregate.nulls.trim(), aggregate.errors.trim());
    page.push_str("\n**Examples.**\n");
    for example in &aggregate.examples {
        let _ = writeln!(page, "\n{}:\n\n```sql\n{}", capitalised(&example.title), aggregate_query(aggregate, example));
        let elements = |value: &Value| -> Value {
            let fields = |row: &Value| -> Value {
                aggregate.result.iter().map(|column| (column.name.clone(), row[&column.name].clone())).collect()
            };
            value.as_array().map_or(Value::Null, |rows| rows.iter().map(fields).collect())
        };
        describe_expected(page, example, &elements);
    }
}

/// The example in DuckDB's SQL, with the rows as VALUES.
fn aggregate_query(aggregate: &Aggregate, example: &Example) -> String {
    let literal = |column: &Column, value: Option<&Value>| {
        sql::literal(&ForPeople, &Type::from(column.kind), value.unwrap_or(&Value::Null))
    };
    let (constants, columns): (Vec<&Column>, Vec<&Column>) =
        aggregate.arguments.iter().partition(|column| column.constant);
    let mut documents = "";
    let mut arguments: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    for column in constants {
        let value = example.arguments.get(&column.name);
        arguments.push(match value.and_then(Value::as_str).and_then(|text| text.strip_prefix('@')) {
            Some(name) => {
                documents = "documents, ";
                format!("documents.{name}")
            }
            None => literal(column, value),
        });
    }
    let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let row = |row: &Value| {
        let values: Vec<String> = columns.iter().map(|column| literal(column, row.get(&column.name))).collect();
        format!("  ({})", values.join(", "))
    };
    let mut rows: Vec<String> =
        example.arguments.get("rows").and_then(Value::as_array).into_iter().flatten().map(row).collect();
    let mut filter = "";
    if rows.is_empty() {
        rows.push(row(&Value::Null));
        filter = "\nWHERE false";
    }
    format!(
        "SELECT plg.{}({})\nFROM {documents}(VALUES\n{}\n) AS given({names}){filter}",
        aggregate.name,
        arguments.join(", "),
        rows.join(",\n")
    )
}

/// A function's signature in every warehouse.
fn describe_signatures(page: &mut String, signature: &dyn Fn(&dyn Dialect) -> String) {
    page.push_str("\n```sql\n");
    let names = Names::default();
    let snowflake = Snowflake { schema: names.snowflake_schema };
    let bigquery = BigQuery { dataset: names.bigquery_dataset, location: names.bigquery_location };
    let dialects: [(&str, &dyn Dialect); 3] = [("Snowflake", &snowflake), ("BigQuery", &bigquery), ("DuckDB", &DuckDb)];
    for (warehouse, dialect) in dialects {
        let _ = writeln!(page, "-- {warehouse}\n{}", signature(dialect));
    }
    page.push_str("```\n");
}

fn signature(function: &Function, dialect: &dyn Dialect) -> String {
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .map(|argument| format!("{} {}", argument.name, dialect.type_name(&Type::from(&argument.kind))))
        .collect();
    broken_signature(&function.name, &arguments, dialect.type_name(&Type::from(&function.result)))
}

/// A signature on one line, or if that is too long with one argument a line.
fn broken_signature(name: &str, arguments: &[String], result: String) -> String {
    let line = format!("plg.{name}({}) -> {result}", arguments.join(", "));
    if line.len() <= MAX_COLUMNS {
        return line;
    }
    let result = if result.len() <= MAX_COLUMNS { result } else { break_struct(&result) };
    format!("plg.{name}(\n  {}\n) -> {result}", arguments.join(",\n  "))
}

/// A long struct type with one field a line.
fn break_struct(text: &str) -> String {
    let mut broken = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            _ => {}
        }
        match (character, depth) {
            ('(' | '<', 1) => broken.extend([character, '\n', ' ', ' ']),
            (')' | '>', 0) => broken.extend(['\n', character]),
            (',', 1) => broken.push_str(",\n "),
            _ => broken.push(character),
        }
    }
    broken
}

fn describe_argument(page: &mut String, argument: &Argument) {
    let nullable = if argument.nullable { " May be NULL." } else { "" };
    let _ = writeln!(page, "| `{}` | {}{nullable} |", argument.name, cell(&argument.description));
    if let ArgumentType::Structs { fields } = &argument.kind {
        for field in fields {
            let _ = writeln!(page, "| `{}[].{}` | {} |", argument.name, field.name, describe_field(field));
        }
    }
}

fn describe_field(field: &Field) -> String {
    match field.kind {
        FieldType::Double { default: Some(default) } => {
            format!("{} Optional, {default} if NULL or absent.", cell(&field.description))
        }
        FieldType::Facts { .. } => format!("{} Optional, NULL if absent.", cell(&field.description)),
        _ => cell(&field.description),
    }
}

/// The fields of a result with their paths; none for a scalar.
fn result_rows(path: &str, result: &ResultType) -> Vec<(String, String)> {
    match result {
        ResultType::Struct { fields } => {
            let rows = fields.iter().flat_map(|field| {
                let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
                let below = result_rows(&path, &field.kind);
                std::iter::once((path, field.description.clone())).chain(below)
            });
            rows.collect()
        }
        ResultType::List { element } => result_rows(&format!("{path}[]"), element),
        _ => Vec::new(),
    }
}

fn describe_example(page: &mut String, function: &Function, example: &Example) {
    let _ = writeln!(page, "\n{}:\n\n```sql\n{}", capitalised(&example.title), call(function, example));
    describe_expected(page, example, &|value| ordered(&function.result, value));
}

/// What an example promises, as a comment; `ordered` puts the fields into the order of the result.
fn describe_expected(page: &mut String, example: &Example, ordered: &dyn Fn(&Value) -> Value) {
    match example.expected() {
        Expected::Error(error) => {
            let _ = writeln!(page, "-- error: {error}");
        }
        Expected::Value(Value::Null) => page.push_str("-- NULL\n"),
        Expected::Value(value) => {
            let value = ordered(&value);
            let line = value.to_string();
            let json = if line.len() + 3 <= MAX_COLUMNS { line } else { pretty(&value) };
            for line in json.lines() {
                let _ = writeln!(page, "-- {line}");
            }
        }
    }
    page.push_str("```\n");
}

/// The value with its fields in the order of the result.
fn ordered(result: &ResultType, value: &Value) -> Value {
    match (result, value) {
        (ResultType::List { element }, Value::Array(items)) => {
            items.iter().map(|item| ordered(element, item)).collect()
        }
        (ResultType::Struct { fields }, Value::Object(_)) => fields
            .iter()
            .map(|field| (field.name.clone(), ordered(&field.kind, value.get(&field.name).unwrap_or(&Value::Null))))
            .collect(),
        _ => value.clone(),
    }
}

/// One line per field, and one per element of a list.
fn pretty(value: &Value) -> String {
    let lines = |items: Vec<String>, open: char, close: char| match items.is_empty() {
        true => format!("{open}{close}"),
        false => format!("{open}\n  {}\n{close}", items.join(",\n").replace('\n', "\n  ")),
    };
    match value {
        _ if value.to_string().len() + 7 <= MAX_COLUMNS => value.to_string(),
        Value::Array(items) => lines(items.iter().map(pretty).collect(), '[', ']'),
        Value::Object(fields) => {
            lines(fields.iter().map(|(name, value)| format!("\"{name}\": {}", pretty(value))).collect(), '{', '}')
        }
        scalar => scalar.to_string(),
    }
}

/// The example in DuckDB's SQL, broken between arguments and elements if it is long.
fn call(function: &Function, example: &Example) -> String {
    let call = sql::call(function, example, &ForPeople);
    if call.len() <= MAX_COLUMNS {
        return call;
    }
    let arguments: Vec<String> = sql::arguments(function, example, &ForPeople)
        .into_iter()
        .map(|argument| match argument.strip_prefix("[{") {
            Some(rest) => format!("[\n    {{{}", rest.replace("}, {", "},\n    {").replace("}]", "}\n  ]")),
            None => argument,
        })
        .collect();
    format!("plg.{}(\n  {}\n)", function.name, arguments.join(",\n  "))
}

/// DuckDB's SQL as one would write it by hand: without the casts that only generated calls need.
struct ForPeople;

impl Dialect for ForPeople {
    fn folder(&self) -> &'static str {
        DuckDb.folder()
    }

    fn type_name(&self, kind: &Type) -> String {
        DuckDb.type_name(kind)
    }

    fn function(&self, name: &str) -> String {
        DuckDb.function(name)
    }

    fn text(&self, text: &str) -> String {
        DuckDb.text(text)
    }

    fn double(&self, decimal: &str) -> String {
        DuckDb.double(decimal)
    }

    fn timestamp(&self, text: &str) -> String {
        DuckDb.timestamp(text.trim_end_matches(".000000"))
    }

    fn json(&self, text: &str) -> String {
        DuckDb.json(text)
    }

    fn null(&self, _: &Type) -> String {
        "NULL".to_owned()
    }

    fn list(&self, _: &Type, elements: &[String]) -> String {
        format!("[{}]", elements.join(", "))
    }

    fn object(&self, fields: &[(String, String)]) -> String {
        DuckDb.object(fields)
    }

    fn got(&self, call: &str) -> String {
        DuckDb.got(call)
    }

    fn expected(&self, kind: &Type, value: &Value) -> String {
        DuckDb.expected(kind, value)
    }
}

/// The documents that a function's examples refer to, as their calls name them, with links to their files.
fn documents(catalogue: &Catalogue, function: &Function) -> Vec<String> {
    let arguments = |example: &'_ Example| -> Vec<String> {
        let values = function.documents().filter_map(|(argument, _)| example.arguments.get(&argument.name)?.as_str());
        values.filter_map(|text| text.strip_prefix('@')).map(str::to_owned).collect()
    };
    let mut names: Vec<String> = function.examples.iter().flat_map(arguments).collect();
    names.sort();
    names.dedup();
    names.retain(|name| catalogue.documents.contains_key(name));
    names.iter().map(|name| format!("[`documents.{name}`](../../{})", document_file(catalogue, name))).collect()
}

/// Where the text of a document is, from the root of the repository. A function may use those of another family.
fn document_file(catalogue: &Catalogue, name: &str) -> String {
    let names = |family: &&str| ["json", "txt"].map(|extension| format!("udfs/{family}/documents/{name}.{extension}"));
    let mut files = families(catalogue).iter().flat_map(names).collect::<Vec<_>>().into_iter();
    files.find(|file| paths::root().join(file).exists()).expect("the catalogue was read from there")
}

/// Text on one line of a table.
fn cell(text: &str) -> String {
    text.trim().replace('\n', " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pages_are_what_the_catalogue_says() {
        let catalogue = plg_catalogue::load(paths::root()).unwrap();
        let pages = pages(&catalogue);
        for (name, text) in &pages {
            let committed = fs::read_to_string(docs().join(name)).unwrap();
            assert!(committed == *text, "docs/{name} is out of date: `cargo xtask dist` writes it");
        }
        let files = fs::read_dir(docs().join("functions")).unwrap().count();
        assert_eq!(files, pages.len() - 1, "docs/functions/ has pages of functions that are no more");
    }

    #[test]
    fn long_struct_types_have_one_field_a_line() {
        assert_eq!(break_struct("STRUCT(a B, c STRUCT(d E)[])"), "STRUCT(\n  a B,\n  c STRUCT(d E)[]\n)");
    }
}

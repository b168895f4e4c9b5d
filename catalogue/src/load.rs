//! Reading and checking `udfs/`.

use crate::{Aggregate, ArgumentType, Catalogue, ColumnType, Dictionary, Example, FieldType, Function, ResultType};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, str};

/// The repository's root, from where this crate was compiled.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository").to_path_buf()
}

/// Loads `<root>/udfs`, functions and documents, and refuses what does not fit together.
pub fn load(root: &Path) -> Result<Catalogue> {
    let (mut functions, mut aggregates) = (Vec::new(), Vec::new());
    let mut documents = BTreeMap::new();
    for family in sorted(&root.join("udfs"))?.into_iter().filter(|path| path.is_dir()) {
        for file in sorted(&family)? {
            if file.extension().is_some_and(|extension| extension == "toml") {
                match read(&file).with_context(|| file.display().to_string())? {
                    Entry::Function(function) => functions.push(*function),
                    Entry::Aggregate(aggregate) => aggregates.push(aggregate),
                }
            }
        }
        let folder = family.join("documents");
        for file in if folder.is_dir() { sorted(&folder)? } else { Vec::new() } {
            let name = stem(&file)?.to_owned();
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            ensure!(documents.insert(name, text).is_none(), "{}: the name is taken", file.display());
        }
    }
    let catalogue = Catalogue { functions, aggregates, documents };
    for function in &catalogue.functions {
        check(&catalogue, function).with_context(|| format!("udfs/{}/{}.toml", function.family, function.name))?;
    }
    for aggregate in &catalogue.aggregates {
        let file = format!("udfs/{}/{}.toml", aggregate.family, aggregate.name);
        check_aggregate(&catalogue, aggregate).context(file)?;
    }
    Ok(catalogue)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn stem(file: &Path) -> Result<&str> {
    file.file_stem().and_then(|stem| stem.to_str()).context("a file name that is not UTF-8")
}

/// What a file of the catalogue describes.
enum Entry {
    Function(Box<Function>),
    Aggregate(Aggregate),
}

fn read(file: &Path) -> Result<Entry> {
    let text = fs::read_to_string(file)?;
    let entry = match toml::from_str::<toml::Table>(&text)?.contains_key("kind") {
        true => Entry::Aggregate(toml::from_str(&text)?),
        false => Entry::Function(Box::new(toml::from_str(&text)?)),
    };
    let (name, family) = match &entry {
        Entry::Function(function) => (&function.name, &function.family),
        Entry::Aggregate(aggregate) => (&aggregate.name, &aggregate.family),
    };
    ensure!(stem(file)? == name, "the file must be named after its function, {name}");
    let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    ensure!(folder == Some(family), "the folder must be named after the family, {family}");
    Ok(entry)
}

fn check_aggregate(catalogue: &Catalogue, aggregate: &Aggregate) -> Result<()> {
    let has_times = aggregate.result.iter().any(|column| column.kind == ColumnType::Timestamp);
    ensure!(aggregate.column.is_some() || !has_times, "points in time are text, which only a list can hold");
    for example in &aggregate.examples {
        let at = || format!("example {:?}", example.title);
        check_promise(example).with_context(at)?;
        let constant = |name: &str| aggregate.arguments.iter().any(|column| column.constant && column.name == name);
        for (name, value) in &example.arguments {
            ensure!(name == "rows" || constant(name), "{}: {name} is no argument", at());
            check_document(catalogue, value).with_context(at)?;
        }
        let rows = example.arguments.get("rows").and_then(serde_json::Value::as_array);
        let is_empty = rows.is_none_or(Vec::is_empty);
        ensure!(aggregate.column.is_none() || !is_empty, "{}: Snowflake makes no list where there is no row", at());
        ensure!(aggregate.column.is_some() || !example.returns_null, "{}: rows cannot be NULL", at());
    }
    Ok(())
}

fn check(catalogue: &Catalogue, function: &Function) -> Result<()> {
    for argument in &function.arguments {
        match &argument.kind {
            ArgumentType::Code(dictionary) => check_dictionary(function, dictionary)?,
            ArgumentType::Facts { document } => check_document_argument(function, document)?,
            ArgumentType::Structs { fields } => {
                for field in fields {
                    match &field.kind {
                        FieldType::Code(dictionary) => check_dictionary(function, dictionary)?,
                        FieldType::Facts { document } => check_document_argument(function, document)?,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    ensure!(function.documents().count() <= 1, "a function has at most one document");
    check_result(function, &function.result)?;
    ensure!(function.examples.iter().any(|example| example.error.is_none()), "an example that succeeds is missing");
    for example in &function.examples {
        check_example(catalogue, function, example).with_context(|| format!("example {:?}", example.title))?;
    }
    Ok(())
}

fn check_document_argument(function: &Function, name: &str) -> Result<()> {
    ensure!(function.documents().any(|(argument, _)| argument.name == name), "{name} is no document argument");
    Ok(())
}

fn check_dictionary(function: &Function, dictionary: &Dictionary) -> Result<()> {
    check_document_argument(function, &dictionary.document)
}

fn check_result(function: &Function, result: &ResultType) -> Result<()> {
    match result {
        ResultType::DictionaryText(dictionary) => check_dictionary(function, dictionary),
        ResultType::ArgumentText { argument } => {
            match function.position(argument).map(|at| &function.arguments[at].kind) {
                Some(ArgumentType::Structs { .. }) => Ok(()),
                _ => bail!("{argument} is no list of structs"),
            }
        }
        ResultType::Struct { fields } => fields.iter().try_for_each(|field| check_result(function, &field.kind)),
        ResultType::List { element } => check_result(function, element),
        _ => Ok(()),
    }
}

fn check_promise(example: &Example) -> Result<()> {
    let promises =
        [example.result.is_some(), example.result_json.is_some(), example.error.is_some(), example.returns_null];
    ensure!(
        promises.iter().filter(|given| **given).count() == 1,
        "needs one of result, result_json, error, returns_null"
    );
    if let Some(text) = &example.result_json {
        serde_json::from_str::<serde_json::Value>(text).context("result_json")?;
    }
    Ok(())
}

/// A text `@name` stands for a document of the catalogue.
fn check_document(catalogue: &Catalogue, value: &serde_json::Value) -> Result<()> {
    if let Some(document) = value.as_str().and_then(|text| text.strip_prefix('@')) {
        ensure!(catalogue.documents.contains_key(document), "there is no document {document}");
    }
    Ok(())
}

fn check_example(catalogue: &Catalogue, function: &Function, example: &Example) -> Result<()> {
    check_promise(example)?;
    for (name, value) in &example.arguments {
        let Some(position) = function.position(name) else { bail!("{name} is no argument") };
        if let ArgumentType::Document(_) = &function.arguments[position].kind {
            check_document(catalogue, value)?;
        }
    }
    Ok(())
}

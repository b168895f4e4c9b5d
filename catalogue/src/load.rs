//! Reading and checking `udfs/`.

use crate::{ArgumentType, Catalogue, Dictionary, Example, FieldType, Function, ResultType};
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
    let mut functions = Vec::new();
    let mut documents = BTreeMap::new();
    for family in sorted(&root.join("udfs"))?.into_iter().filter(|path| path.is_dir()) {
        for file in sorted(&family)? {
            if file.extension().is_some_and(|extension| extension == "toml") {
                let function = read(&file).with_context(|| file.display().to_string())?;
                functions.push(function);
            }
        }
        let folder = family.join("documents");
        for file in if folder.is_dir() { sorted(&folder)? } else { Vec::new() } {
            let name = stem(&file)?.to_owned();
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            ensure!(documents.insert(name, text).is_none(), "{}: the name is taken", file.display());
        }
    }
    let catalogue = Catalogue { functions, documents };
    for function in &catalogue.functions {
        check(&catalogue, function).with_context(|| format!("udfs/{}/{}.toml", function.family, function.name))?;
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

fn read(file: &Path) -> Result<Function> {
    let function: Function = toml::from_str(&fs::read_to_string(file)?)?;
    ensure!(stem(file)? == function.name, "the file must be named after its function, {}", function.name);
    let family = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    ensure!(family == Some(&function.family), "the folder must be named after the family, {}", function.family);
    Ok(function)
}

fn check(catalogue: &Catalogue, function: &Function) -> Result<()> {
    for argument in &function.arguments {
        match &argument.kind {
            ArgumentType::Code(dictionary) => check_dictionary(function, dictionary)?,
            ArgumentType::Facts { document } => check_document(function, document)?,
            ArgumentType::Structs { fields } => {
                for field in fields {
                    if let FieldType::Code(dictionary) = &field.kind {
                        check_dictionary(function, dictionary)?;
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

fn check_document(function: &Function, name: &str) -> Result<()> {
    ensure!(function.documents().any(|(argument, _)| argument.name == name), "{name} is no document argument");
    Ok(())
}

fn check_dictionary(function: &Function, dictionary: &Dictionary) -> Result<()> {
    check_document(function, &dictionary.document)
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

fn check_example(catalogue: &Catalogue, function: &Function, example: &Example) -> Result<()> {
    let promises =
        [example.result.is_some(), example.result_json.is_some(), example.error.is_some(), example.returns_null];
    ensure!(
        promises.iter().filter(|given| **given).count() == 1,
        "needs one of result, result_json, error, returns_null"
    );
    if let Some(text) = &example.result_json {
        serde_json::from_str::<serde_json::Value>(text).context("result_json")?;
    }
    for (name, value) in &example.arguments {
        let Some(position) = function.position(name) else { bail!("{name} is no argument") };
        if let (ArgumentType::Document(_), Some(text)) = (&function.arguments[position].kind, value.as_str())
            && let Some(document) = text.strip_prefix('@')
        {
            ensure!(catalogue.documents.contains_key(document), "there is no document {document}");
        }
    }
    Ok(())
}

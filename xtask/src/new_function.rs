//! `cargo xtask new-function <family> <name>`: everything a new function needs, as a function that works already. What it
//! computes is then replaced by what it should compute.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::paths;

/// Names that Rust or the install scripts have for something else.
const TAKEN: &[&str] = &["alloc", "core", "std", "test", "version"];

/// Writes the files of a new function, and of its family where that is new too, and registers them.
///
/// # Errors
/// If a name is none, the function exists, or the repository does not look as expected; nothing is written then.
pub fn run(family: &str, name: &str) -> Result<()> {
    let changes = plan(paths::root(), family, name)?;
    for Change { path, text } in &changes {
        let target = paths::root().join(path);
        let folder = target.parent().context("a file lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&target, text).with_context(|| format!("cannot write {}", target.display()))?;
        println!("{path}");
    }
    println!("\n{name} doubles a number. Try it in every host: cargo xtask try {family}");
    Ok(())
}

/// A file with its new content.
#[derive(Debug, PartialEq)]
struct Change {
    path: String,
    text: String,
}

fn plan(root: &Path, family: &str, name: &str) -> Result<Vec<Change>> {
    for word in [family, name] {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = word.starts_with(|c: char| c.is_ascii_lowercase());
        // Two underlines separate a private function's name from its hash.
        let good = begins && word.chars().all(plain) && !word.contains("__") && !word.ends_with('_');
        ensure!(good, "{word}: a name has lower-case letters, digits and single underlines");
        ensure!(!TAKEN.contains(&word), "{word}: is taken");
    }
    let catalogue = plg_catalogue::load(root)?;
    ensure!(catalogue.function(name).is_none(), "{name}: there is such a function already");
    let module = format!("modules/{family}");
    let mut changes = vec![Change { path: format!("udfs/{family}/{name}.toml"), text: entry(family, name) }];
    if catalogue.families().contains(&family) {
        let source = ["src/{}.rs", "src/{}/mod.rs"].map(|place| place.replace("{}", family));
        let source = source.into_iter().find(|path| root.join(path).is_file());
        let path = source.with_context(|| format!("src/ has no module {family}"))?;
        let text = read(root, &path)?;
        ensure!(!text.contains(&format!("fn {name}(")), "{path}: there is such a function already");
        changes.push(Change { path, text: added(&text, family, name) });
        let path = format!("{module}/Cargo.toml");
        let text = read(root, &path)?;
        let description = |line: &str| line.starts_with("description = \"Warehouse module: ");
        let line =
            text.lines().find(|line| description(line)).with_context(|| format!("{path}: has no description"))?;
        let longer = format!("{}, {name}\"", line.trim_end_matches('"'));
        changes.push(Change { text: text.replacen(line, &longer, 1), path });
        return Ok(changes);
    }
    let places = [format!("src/{family}.rs"), format!("src/{family}")];
    ensure!(
        !places.iter().any(|place| root.join(place).exists()),
        "{family}: src/ has such a module, which is no family"
    );
    changes.push(Change { path: format!("src/{family}.rs"), text: source(family, name) });
    changes.push(Change { path: format!("{module}/Cargo.toml"), text: manifest(family, name) });
    changes.push(Change { path: format!("{module}/build.rs"), text: build_script(family) });
    changes.push(Change { path: format!("{module}/src/lib.rs"), text: library(family) });
    changes.push(Change { path: format!("{module}/tests/claims.rs"), text: test(family, name) });
    let registrations = [
        ("src/lib.rs", format!("pub mod {family};\n"), "pub mod "),
        ("xtask/Cargo.toml", format!("plg-module-{family} = {{ path = \"../modules/{family}\" }}\n"), "plg-module-"),
        (
            "xtask/src/native.rs",
            format!("        (\"{family}\", Box::<plg_module_{family}::Native>::default()),\n"),
            "        (\"",
        ),
    ];
    for (path, line, siblings) in registrations {
        let mut text = inserted(&read(root, path)?, &line, siblings).with_context(|| path.to_owned())?;
        if path == "src/lib.rs" {
            let line = format!("//! - [`{family}`]: what `{name}` computes.\n");
            text = after_last(&text, &line, "//! - [`").context("src/lib.rs: has no list of modules")?;
        }
        changes.push(Change { path: path.to_owned(), text });
    }
    Ok(changes)
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}

/// The text with a line among its siblings, which start as given: before the first that comes after it in the alphabet.
fn inserted(text: &str, line: &str, siblings: &str) -> Result<String> {
    let (mut at, mut start, mut end) = (0, 0, None);
    for other in text.split_inclusive('\n') {
        if other.starts_with(siblings) {
            if *other > *line {
                return Ok(format!("{}{line}{}", &text[..start], &text[start..]));
            }
            end = Some(at + other.len());
        }
        at += other.len();
        // An attribute belongs to the line after it.
        if !other.starts_with("#[") {
            start = at;
        }
    }
    let Some(end) = end else { bail!("no line starts with {siblings:?}") };
    Ok(format!("{}{line}{}", &text[..end], &text[end..]))
}

/// The text with a line after the last that starts as given.
fn after_last(text: &str, line: &str, siblings: &str) -> Option<String> {
    let start = text.rfind(&format!("\n{siblings}"))? + 1;
    let end = start + text[start..].find('\n')? + 1;
    Some(format!("{}{line}{}", &text[..end], &text[end..]))
}

/// A source file with one more function, before its tests if it has some.
fn added(text: &str, family: &str, name: &str) -> String {
    let function = function(family, name);
    // Whether the file imports these is not known.
    let function = function.replace("-> Result<", "-> crate::Result<").replace("Err(Error::", "Err(crate::Error::");
    match text.find("\n#[cfg(test)]") {
        Some(tests) => format!("{}\n{function}{}", &text[..tests], &text[tests..]),
        None => format!("{text}\n{function}"),
    }
}

fn function(family: &str, name: &str) -> String {
    format!(
        r#"/// `2 * value`.
///
/// Errors when `value` is NaN, infinite or negative.
///
/// ```
/// assert_eq!(plg_udfs::{family}::{name}(4.0), Ok(8.0));
/// ```
pub fn {name}(value: f64) -> Result<f64> {{
    if !value.is_finite() {{
        return Err(Error::new("value", "must be a finite number"));
    }}
    if value < 0.0 {{
        return Err(Error::new("value", "must be >= 0"));
    }}
    Ok(2.0 * value)
}}
"#
    )
}

fn source(family: &str, name: &str) -> String {
    format!("//! What this family is about.\n\nuse crate::{{Error, Result}};\n\n{}", function(family, name))
}

fn entry(family: &str, name: &str) -> String {
    format!(
        r#"name = "{name}"
family = "{family}"
summary = "Twice `value`."
details = "`2 * value`."
nulls = "NULL if `value` is NULL."
errors = "`value` that is NaN, infinite or negative."

[[arguments]]
name = "value"
type = "double"
description = "A number, >= 0."

[result]
type = "double"

[[examples]]
title = "a number is doubled"
arguments = {{ value = 4 }}
result = 8

[[examples]]
title = "NULL in, NULL out"
arguments = {{}}
returns_null = true

[[examples]]
title = "a negative number is refused"
arguments = {{ value = -1 }}
error = "plg.{name}: value: must be >= 0"
"#
    )
}

fn manifest(family: &str, name: &str) -> String {
    format!(
        r#"[package]
name = "plg-module-{family}"
description = "Warehouse module: {name}"
version.workspace = true
edition.workspace = true
license.workspace = true
publish = false

[lib]
crate-type = ["cdylib", "rlib"]

[dependencies]
plg-udfs.workspace = true

[build-dependencies]
anyhow.workspace = true
plg-catalogue.workspace = true
"#
    )
}

fn build_script(family: &str) -> String {
    format!("fn main() -> anyhow::Result<()> {{\n    plg_catalogue::glue::write(\"{family}\")\n}}\n")
}

fn library(family: &str) -> String {
    format!(
        "//! The `{family}` family as a WebAssembly module for warehouses; see `plg_udfs::{family}` for the logic.\n\
         #![cfg_attr(target_arch = \"wasm32\", no_std)]\n\n\
         include!(concat!(env!(\"OUT_DIR\"), \"/exports.rs\"));\n"
    )
}

fn test(family: &str, name: &str) -> String {
    format!(
        r#"//! What the examples do not say. Here belongs a slow second implementation, written from the text and held against the function
//! over random cases.

use plg_udfs::{family}::{name};

#[test]
fn a_number_is_doubled() {{
    assert_eq!({name}(4.0), Ok(8.0));
}}

#[test]
fn refusals_name_the_argument() {{
    assert_eq!({name}(-1.0).unwrap_err().to_string(), "value: must be >= 0");
    assert_eq!({name}(f64::NAN).unwrap_err().to_string(), "value: must be a finite number");
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(family: &str, name: &str) -> Vec<Change> {
        plan(paths::root(), family, name).unwrap()
    }

    fn text<'a>(changes: &'a [Change], path: &str) -> &'a str {
        &changes.iter().find(|change| change.path == path).unwrap().text
    }

    #[test]
    fn a_new_family_gets_its_files_and_is_registered_wherever_its_siblings_are() {
        let changes = planned("metronome", "tick_length");
        assert_eq!(text(&changes, "modules/metronome/build.rs").matches("metronome").count(), 1);
        for (path, line) in [
            ("src/lib.rs", "\npub mod metronome;\n"),
            ("src/lib.rs", "\n//! - [`metronome`]: what `tick_length` computes.\n//!\n"),
            ("xtask/Cargo.toml", "\nplg-module-metronome = { path = \"../modules/metronome\" }\nplg-module-"),
            (
                "xtask/src/native.rs",
                "\n        (\"metronome\", Box::<plg_module_metronome::Native>::default()),\n        (\"",
            ),
        ] {
            assert_eq!(text(&changes, path).matches(line).count(), 1, "{path}");
        }
    }

    #[test]
    fn a_family_that_is_there_gets_one_more_function_before_its_tests() {
        let changes = planned("decay", "decay_slowly");
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["udfs/decay/decay_slowly.toml", "src/decay.rs", "modules/decay/Cargo.toml"]);
        let source = text(&changes, "src/decay.rs");
        assert!(source.find("pub fn decay_slowly(") < source.find("#[cfg(test)]"));
        let manifest = text(&changes, "modules/decay/Cargo.toml");
        assert!(manifest.contains("Warehouse module: decay_exp, decay_half_life, decay_linear, decay_slowly\"\n"));
    }

    #[test]
    fn an_attribute_stays_with_its_line() {
        let text = "pub mod a;\n#[cfg(test)]\npub mod d;\n";
        assert_eq!(
            inserted(text, "pub mod b;\n", "pub mod ").unwrap(),
            "pub mod a;\npub mod b;\n#[cfg(test)]\npub mod d;\n"
        );
        assert_eq!(inserted(text, "pub mod e;\n", "pub mod ").unwrap(), format!("{text}pub mod e;\n"));
    }

    #[test]
    fn what_is_no_name_or_taken_is_refused() {
        for (family, name) in
            [("Decay", "a"), ("decay", "2x"), ("decay", "a__b"), ("decay", "a_"), ("core", "a"), ("decay", "../a")]
        {
            assert!(plan(paths::root(), family, name).is_err(), "{family} {name}");
        }
        for (family, name) in [("decay", "decay_exp"), ("another", "decay_exp"), ("sort", "a")] {
            assert!(plan(paths::root(), family, name).is_err(), "{family} {name}");
        }
    }
}

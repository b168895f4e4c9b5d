//! Writes the catalogue's functions as static tables (nothing is parsed when the extension is loaded), with the modules
//! that `plg-precompile` has compiled to machine code.

use anyhow::{Context, Result, bail};
use plg_catalogue::{ArgumentType, FieldType, Format, Function, ResultType};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<()> {
    let root = plg_catalogue::root();
    let wasm = folder("PLG_WASM", root.join("dist/wasm"))?;
    let code = folder("PLG_MACHINE_CODE", root.join("target/extension/modules"))?;
    println!("cargo::rerun-if-changed={}", root.join("udfs").display());
    println!("cargo::rerun-if-env-changed=PLG_FAMILIES");
    let mut catalogue = plg_catalogue::load(&root)?;
    // Trying a new function, the pipeline builds its family alone.
    if let Ok(families) = env::var("PLG_FAMILIES") {
        catalogue.functions.retain(|function| families.split(',').any(|family| family == function.family));
    }
    let mut source = String::new();
    let mut hashes = String::new();
    writeln!(source, "pub static MODULES: &[Module] = &[")?;
    for (number, family) in catalogue.families().into_iter().enumerate() {
        let module = read(&wasm.join(format!("{family}.wasm")))?;
        write!(hashes, "{family}.wasm sha256:")?;
        Sha256::digest(module).iter().try_for_each(|byte| write!(hashes, "{byte:02x}"))?;
        hashes.push('\n');
        let baseline = code.join(format!("{family}.cwasm"));
        read(&baseline)?;
        writeln!(source, "    Module {{\n        code: include_bytes!({baseline:?}),")?;
        if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64") {
            let avx = code.join(format!("{family}.avx.cwasm"));
            read(&avx)?;
            writeln!(source, "        avx: include_bytes!({avx:?}),")?;
        }
        writeln!(source, "        functions: &[")?;
        for (index, function) in catalogue.family(family).enumerate() {
            write_function(&mut source, function, number, index)?;
        }
        writeln!(source, "        ],\n    }},")?;
    }
    writeln!(source, "];\n\n/// The modules of which this is the machine code.\n#[used]")?;
    writeln!(source, "static SOURCES: [u8; {}] = *b{hashes:?};", hashes.len())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("modules.rs"), source)?;
    Ok(())
}

/// A folder that the build pipeline names, or where it puts things anyway.
fn folder(variable: &str, default: PathBuf) -> Result<PathBuf> {
    println!("cargo::rerun-if-env-changed={variable}");
    let folder = env::var_os(variable).map_or(default, PathBuf::from);
    if !folder.is_dir() {
        bail!("{} does not exist: the extension is built by `cargo xtask dist`, after the modules", folder.display());
    }
    Ok(folder)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read(file).with_context(|| format!("{}: run `cargo xtask dist`, which builds it", file.display()))
}

fn write_function(source: &mut String, function: &Function, module: usize, index: usize) -> Result<()> {
    writeln!(
        source,
        "            Function {{\n                name: {:?},\n                module: {module},\n                \
         index: {index},\n                arguments: &[",
        function.name
    )?;
    for argument in &function.arguments {
        writeln!(
            source,
            "                    Argument {{ name: {:?}, nullable: {}, kind: {} }},",
            argument.name,
            argument.nullable,
            argument_type(&argument.kind)
        )?;
    }
    writeln!(
        source,
        "                ],\n                result: {},\n            }},",
        result_type(function, &function.result)
    )?;
    Ok(())
}

fn argument_type(kind: &ArgumentType) -> String {
    match kind {
        ArgumentType::Double => "ArgumentType::Double".to_owned(),
        ArgumentType::Timestamp => "ArgumentType::Timestamp".to_owned(),
        ArgumentType::Text => "ArgumentType::Text".to_owned(),
        ArgumentType::Code(dictionary) => format!("ArgumentType::Code({})", dictionary.dictionary),
        ArgumentType::Doubles => "ArgumentType::Doubles".to_owned(),
        ArgumentType::Structs { fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("Field {{ name: {:?}, kind: {} }}", field.name, field_type(&field.kind)))
                .collect();
            format!("ArgumentType::Structs(&[{}])", fields.join(", "))
        }
        ArgumentType::Document(document) => match document.format {
            Format::Json => "ArgumentType::Document(Format::Json)".to_owned(),
            Format::Text => "ArgumentType::Document(Format::Text)".to_owned(),
        },
        ArgumentType::Facts { .. } => "ArgumentType::Facts".to_owned(),
    }
}

fn field_type(kind: &FieldType) -> String {
    match kind {
        FieldType::Double { default } => format!("FieldType::Double {{ default: {default:?} }}"),
        FieldType::Timestamp => "FieldType::Timestamp".to_owned(),
        FieldType::Text => "FieldType::Text".to_owned(),
        FieldType::Code(dictionary) => format!("FieldType::Code({})", dictionary.dictionary),
        FieldType::Facts { .. } => "FieldType::Facts".to_owned(),
    }
}

fn result_type(function: &Function, kind: &ResultType) -> String {
    match kind {
        ResultType::Double { .. } | ResultType::Integer { .. } => "ResultType::Number".to_owned(),
        ResultType::Boolean => "ResultType::Boolean".to_owned(),
        ResultType::Text => "ResultType::Text".to_owned(),
        ResultType::DictionaryText(dictionary) => format!("ResultType::DictionaryText({})", dictionary.dictionary),
        ResultType::ArgumentText { argument } => {
            let position = function.position(argument).expect("checked when loaded");
            format!("ResultType::ArgumentText({position})")
        }
        ResultType::Struct { fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("({:?}, {})", field.name, result_type(function, &field.kind)))
                .collect();
            format!("ResultType::Struct(&[{}])", fields.join(", "))
        }
        ResultType::List { element } => {
            format!("ResultType::List(&{})", result_type(function, element))
        }
    }
}

//! The exports of a module, written from the catalogue when the module is compiled. A catalogue entry that does not
//! match its Rust function is therefore an error of the compiler, at the argument that differs.

use crate::{Argument, ArgumentType, Catalogue, FieldType, Function, ResultType};
use anyhow::Result;
use std::fmt::Write;
use std::path::Path;

/// For a module's build script: writes `exports.rs` of `family` into `OUT_DIR`.
pub fn write(family: &str) -> Result<()> {
    let root = crate::root();
    println!("cargo::rerun-if-changed={}", root.join("udfs").join(family).display());
    let catalogue = crate::load(&root)?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("exports.rs"), exports(&catalogue, family))?;
    Ok(())
}

/// The Rust source of the exports of `family`.
pub fn exports(catalogue: &Catalogue, family: &str) -> String {
    let functions: Vec<&Function> = catalogue.family(family).collect();
    let mut source = String::new();
    documents(&mut source, &functions);
    for function in &functions {
        columns_to_rows(&mut source, function);
    }
    source.push_str("plg_udfs::module!(Documents);\n");
    source.push_str("#[cfg(target_arch = \"wasm32\")]\nmod exports {\n    use super::module_runtime::instance;\n");
    if catalogue.meets_timestamps(family) {
        source.push_str(
            "    #[unsafe(no_mangle)]\n    extern \"C\" fn timestamp(offset: u32, length: u32) -> f64 {\n        \
             instance().timestamp(offset as usize, length as usize)\n    }\n",
        );
    }
    for function in &functions {
        wasm_exports(&mut source, function);
    }
    source.push_str("}\n");
    native(&mut source, &functions);
    source
}

fn documents(source: &mut String, functions: &[&Function]) {
    source.push_str("/// The compiled documents of an instance.\n#[derive(Default)]\npub struct Documents {\n");
    for function in functions {
        for (argument, document) in function.documents() {
            let _ = writeln!(source, "    {}: Option<plg_udfs::{}>,", slot(function, argument), document.rust);
        }
    }
    source.push_str("}\n\n");
}

fn slot(function: &Function, argument: &Argument) -> String {
    format!("{}_{}", function.name, argument.name)
}

/// The function that reads a frame and calls the Rust function once per row.
fn columns_to_rows(source: &mut String, function: &Function) {
    let name = &function.name;
    let _ = writeln!(
        source,
        "#[allow(unused_variables, clippy::needless_range_loop)]\nfn {name}(input: &mut plg_udfs::abi::Input<'_>, documents: &Documents, \
         out: &mut plg_udfs::abi::Output) -> plg_udfs::Result<()> {{\n    let rows = input.rows();"
    );
    // Documents first: facts need theirs before they can be read.
    for (argument, _) in function.documents() {
        let _ = writeln!(
            source,
            "    let {} = plg_udfs::abi::compiled(&documents.{}, \"{}\")?;",
            argument.name,
            slot(function, argument),
            argument.name
        );
    }
    let mut values = Vec::new();
    for argument in &function.arguments {
        values.extend(read_argument(source, argument));
    }
    let values = values.join(", ");
    let call = format!("plg_udfs::{}::{name}({values}", function.family);
    let _ = match &function.result {
        ResultType::Double { nullable: false } | ResultType::Integer { nullable: false } => {
            writeln!(source, "    out.doubles(rows, |row| {call}))?;")
        }
        ResultType::Double { nullable: true } | ResultType::Integer { nullable: true } => {
            writeln!(source, "    for row in 0..rows {{\n        out.optional({call})?);\n    }}")
        }
        ResultType::Boolean => writeln!(source, "    out.doubles(rows, |row| {call}).map(f64::from))?;"),
        ResultType::DictionaryText(_) => {
            writeln!(source, "    for row in 0..rows {{\n        out.double({call})?.map_or(-1.0, f64::from));\n    }}")
        }
        _ => writeln!(source, "    for row in 0..rows {{\n        {call}, out)?;\n    }}"),
    };
    source.push_str("    Ok(())\n}\n\n");
}

/// Reads an argument's columns and returns the expressions that take its value at `row`.
fn read_argument(source: &mut String, argument: &Argument) -> Vec<String> {
    let name = &argument.name;
    let mut bind = |reader: &str| {
        let _ = writeln!(source, "    let {name} = input.{reader}()?;");
    };
    match &argument.kind {
        ArgumentType::Double | ArgumentType::Timestamp => {
            bind("doubles");
            // The whole column has `rows` entries; saying so once keeps bounds checks out of the loop.
            let _ = writeln!(source, "    let {name} = &{name}[..rows];");
            vec![format!("{name}[row]")]
        }
        ArgumentType::Code(_) => {
            bind("codes");
            vec![format!("{name}[row]")]
        }
        ArgumentType::Text => {
            bind("texts");
            let value = if argument.nullable { "" } else { ".unwrap_or(&[])" };
            vec![format!("{name}.get(row){value}")]
        }
        ArgumentType::Doubles => {
            bind("list");
            let _ = writeln!(source, "    let {name}_values = input.element_doubles(&{name})?;");
            vec![format!("&{name}_values[{name}.range(row)]")]
        }
        ArgumentType::Structs { fields } => {
            bind("list");
            let mut values = Vec::new();
            for field in fields {
                let column = format!("{name}_{}", field.name);
                let (read, value) = match &field.kind {
                    FieldType::Double { .. } | FieldType::Timestamp => {
                        (format!("element_doubles(&{name})"), format!("&{column}[{name}.range(row)]"))
                    }
                    FieldType::Code(_) => (format!("element_codes(&{name})"), format!("&{column}[{name}.range(row)]")),
                    FieldType::Text => {
                        (format!("element_texts(&{name})"), format!("{column}.slice({name}.range(row))"))
                    }
                    FieldType::Facts { document } => (
                        format!("element_facts(&{name}, plg_udfs::abi::Document::fact_fields({document}))"),
                        format!("{column}.slice({name}.range(row))"),
                    ),
                };
                let _ = writeln!(source, "    let {column} = input.{read}?;");
                values.push(value);
            }
            values
        }
        ArgumentType::Document(_) => vec![name.clone()],
        ArgumentType::Facts { document } => {
            let _ =
                writeln!(source, "    let {name} = input.facts(plg_udfs::abi::Document::fact_fields({document}))?;");
            vec![format!("{name}.row(row)")]
        }
    }
}

/// `<function>() -> descriptor` and `<function>__<document>(length) -> descriptor`.
fn wasm_exports(source: &mut String, function: &Function) {
    let name = &function.name;
    let _ = writeln!(
        source,
        "    #[unsafe(no_mangle)]\n    extern \"C\" fn {name}() -> u32 {{\n        let instance = instance();\n        \
         let success = instance.call(\"{name}\", super::{name});\n        instance.output.descriptor(success)\n    }}"
    );
    for (argument, _) in function.documents() {
        let (argument_name, slot) = (&argument.name, slot(function, argument));
        let _ = writeln!(
            source,
            "    #[unsafe(no_mangle)]\n    extern \"C\" fn {name}__{argument_name}(length: u32) -> u32 {{\n        \
             let instance = instance();\n        let success = instance.compile(\"{name}\", \"{argument_name}\", \
             length as usize, |documents| &mut documents.{slot});\n        instance.output.descriptor(success)\n    }}"
        );
    }
}

/// The same functions for a native host.
fn native(source: &mut String, functions: &[&Function]) {
    source.push_str(
        "/// The module as a native host calls it.\n#[cfg(not(target_arch = \"wasm32\"))]\n#[derive(Default)]\n\
         pub struct Native(plg_udfs::abi::Instance<Documents>);\n\n\
         #[cfg(not(target_arch = \"wasm32\"))]\nimpl plg_udfs::abi::Module for Native {\n    \
         fn input(&mut self, bytes: usize) -> Option<&mut [u64]> {\n        self.0.reserve(bytes)\n    }\n\n    \
         fn output(&self) -> &plg_udfs::abi::Output {\n        &self.0.output\n    }\n\n    \
         fn call(&mut self, function: &str) -> Option<bool> {\n        Some(match function {\n",
    );
    for function in functions {
        let _ = writeln!(source, "            \"{0}\" => self.0.call(\"{0}\", {0}),", function.name);
    }
    source.push_str(
        "            _ => return None,\n        })\n    }\n\n    \
         fn compile(&mut self, function: &str, argument: &str, length: usize) -> Option<bool> {\n",
    );
    if functions.iter().all(|function| function.documents().count() == 0) {
        // The signature is the trait's; a module without documents has no use for the arguments.
        source.push_str("        let _ = (function, argument, length);\n        None\n    }\n}\n");
        return;
    }
    source.push_str("        Some(match (function, argument) {\n");
    for function in functions {
        for (argument, _) in function.documents() {
            let _ = writeln!(
                source,
                "            (\"{0}\", \"{1}\") => self.0.compile(\"{0}\", \"{1}\", length, |documents| &mut documents.{2}),",
                function.name,
                argument.name,
                slot(function, argument)
            );
        }
    }
    source.push_str("            _ => return None,\n        })\n    }\n}\n");
}

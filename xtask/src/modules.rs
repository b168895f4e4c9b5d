//! The warehouse modules: `modules/<family>` compiled for WebAssembly's first version, shrunk, and held against the
//! catalogue. What is in `dist/wasm` is what every warehouse runs.

mod data;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id as process_id};

use anyhow::{Context, Result, bail, ensure};
use plg_catalogue::Catalogue;
use wasm_encoder::reencode::{self, Reencode};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::{paths, process, tools};

const TARGET: &str = "wasm32v1-none";

/// The modules recurse at most as deep as a document may be nested, with small frames; the linker's 1 MB would only make
/// every instance larger. The stack lies below the data, so that an overflow traps instead of overwriting anything.
const STACK_BYTES: u32 = 65_536;

/// Size first: a function body has 32 KB for the module and everything around it.
const WASM_OPT: &[&str] = &[
    "--mvp-features",
    // What lies below 1 KB is the end of the stack, which is never reached: an address and a constant may be added by the
    // instruction that reads or writes there.
    "--low-memory-unused",
    "-Os",
    "--converge",
    "-Oz",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--vacuum",
];

/// A finished module.
pub struct Module {
    /// The function family that it carries.
    pub family: String,
    /// Whether it is to be small rather than fast, and so the bodies around it.
    pub small: bool,
    /// The WebAssembly binary.
    pub bytes: Vec<u8>,
}

/// Builds the modules of all families and writes them to `dist/wasm/<family>.wasm`.
///
/// # Errors
/// If a module does not compile, imports anything, needs more than WebAssembly's first version, holds a path of this
/// machine, or exports something else than the catalogue says.
pub fn build(catalogue: &Catalogue) -> Result<Vec<Module>> {
    tools::rust_targets()?;
    let target = target_folder()?;
    let asked = |family| Ok((family, profile(family)?));
    let profiles = catalogue.families().into_iter().map(asked).collect::<Result<Vec<(&str, String)>>>()?;
    for profile in profiles.iter().map(|(_, profile)| profile).collect::<BTreeSet<_>>() {
        let families = profiles.iter().filter(|(_, other)| other == profile).map(|(family, _)| *family);
        let mut cargo = cargo(families, profile, &target)?;
        process::run(&format!("compiling the modules (profile {profile})"), &mut cargo)?;
    }
    let folder = paths::dist().join("wasm");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let build = |family: &str, profile: &str| -> Result<Module> {
        let compiled = target.join(TARGET).join(profile).join(format!("plg_module_{family}.wasm"));
        let bytes = fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
        // Named after this process: two builds may run at once, and nothing half written may be read or released.
        let prepared = compiled.with_extension(format!("prepared-{}.wasm", process_id()));
        let shrunk = compiled.with_extension(format!("shrunk-{}.wasm", process_id()));
        fs::write(&prepared, prepare(&bytes, &catalogue.exports(family))?)
            .with_context(|| format!("cannot write {}", prepared.display()))?;
        process::capture(tools::wasm_opt()?.args(WASM_OPT).arg(&prepared).arg("-o").arg(&shrunk))?;
        fs::remove_file(&prepared).with_context(|| format!("cannot remove {}", prepared.display()))?;
        let bytes = fs::read(&shrunk).with_context(|| format!("cannot read {}", shrunk.display()))?;
        check(&bytes, &catalogue.exports(family), family)?;
        let finished = folder.join(format!("{family}.wasm"));
        fs::rename(&shrunk, &finished).with_context(|| format!("cannot write {}", finished.display()))?;
        Ok(Module { family: family.to_owned(), small: profile != "module", bytes })
    };
    profiles
        .iter()
        .map(|(family, profile)| build(family, profile).with_context(|| format!("the module of udfs/{family}")))
        .collect()
}

/// The profile that a module asks for in its Cargo.toml, or `module`.
fn profile(family: &str) -> Result<String> {
    let path = paths::root().join("modules").join(family).join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table = text.parse().with_context(|| path.display().to_string())?;
    let metadata = manifest["package"].get("metadata").and_then(|metadata| metadata.get("module"));
    let profile = metadata.and_then(|module| module.get("profile")).and_then(toml::Value::as_str);
    Ok(profile.unwrap_or("module").to_owned())
}

/// Where cargo builds.
pub fn target_folder() -> Result<PathBuf> {
    match std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()) {
        Some(folder) => std::path::absolute(folder).context("CARGO_TARGET_DIR is not a usable path"),
        None => Ok(paths::root().join("target")),
    }
}

fn cargo<'a>(families: impl Iterator<Item = &'a str>, profile: &str, target: &Path) -> Result<Command> {
    let mut command = Command::new("cargo");
    command.args(["build", "--profile", profile, "--target", TARGET, "--target-dir"]).arg(target);
    for family in families {
        command.args(["--package", &format!("plg-module-{family}")]);
    }
    // The encoded form alone survives folders with spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", rust_flags(target)?.join("\x1f")).env_remove("RUSTFLAGS");
    command.current_dir(paths::root());
    Ok(command)
}

fn rust_flags(target: &Path) -> Result<Vec<String>> {
    let mut flags = path_independent(target)?;
    flags.push(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
    // Tells which data a function refers to.
    flags.push("-Clink-arg=--emit-relocs".to_owned());
    Ok(flags)
}

/// Flags that keep the paths of this machine out of what rustc builds in `target`, or its bytes would differ from folder to
/// folder.
///
/// # Errors
/// If rustc does not say where it lives.
pub fn path_independent(target: &Path) -> Result<Vec<String>> {
    let sysroot = process::capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    let home = match std::env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::home_dir().context("there is no home folder")?.join(".cargo"),
    };
    // The last one that matches wins: the target folder usually lies in the repository.
    let places = [(paths::root(), "plg"), (target, "target"), (home.as_path(), "cargo"), (Path::new(&sysroot), "rust")];
    Ok(places.iter().map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display())).collect())
}

/// The module without the exports that only linkers want, and with functions that only prepare a panic's message cut
/// down to the trap in which they end: the panic handler reads no message. Data to which nothing else refers, such as
/// those messages and the places in the sources, becomes zeros.
fn prepare(module: &[u8], exports: &[String]) -> Result<Vec<u8>> {
    let mut prepared = wasm_encoder::Module::new();
    let panics = panic_functions(module)?;
    let unused = data::unused(module, &panics)?;
    let mut preparation = Preparation { exports, panics, next_function: 0, unused, next_segment: 0 };
    preparation.parse_core_module(&mut prepared, Parser::new(0), module).context("the compiler's output")?;
    Ok(prepared.finish())
}

struct Preparation<'a> {
    exports: &'a [String],
    /// For every defined function, whether it is one of the standard library's that never return.
    panics: Vec<bool>,
    next_function: usize,
    /// For every data segment, the ranges that are not used.
    unused: Vec<Vec<std::ops::Range<usize>>>,
    next_segment: usize,
}

impl Reencode for Preparation<'_> {
    type Error = std::convert::Infallible;

    fn parse_export(
        &mut self,
        exports: &mut wasm_encoder::ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let linker_only = ["__data_end", "__heap_base", "memcpy", "memmove", "memset"].contains(&export.name);
        if linker_only && !self.exports.iter().any(|name| name == export.name) {
            return Ok(());
        }
        reencode::utils::parse_export(self, exports, export)
    }

    fn parse_data(
        &mut self,
        data: &mut wasm_encoder::DataSection,
        datum: wasmparser::Data<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let mut bytes = datum.data.to_vec();
        for range in self.unused.get(self.next_segment).into_iter().flatten() {
            bytes[range.clone()].fill(0);
        }
        self.next_segment += 1;
        reencode::utils::parse_data(self, data, wasmparser::Data { data: &bytes, ..datum })
    }

    /// Names and relocations have been read, and their indices no longer fit.
    fn parse_custom_section(
        &mut self,
        _: &mut wasm_encoder::Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut wasm_encoder::CodeSection,
        function: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let panics = self.panics[self.next_function];
        self.next_function += 1;
        if !panics {
            return reencode::utils::parse_function_body(self, code, function);
        }
        let mut trap = wasm_encoder::Function::new([]);
        trap.instructions().unreachable().end();
        code.function(&trap);
        Ok(())
    }
}

/// Which defined functions are those of the standard library that build a panic's message and never return.
fn panic_functions(module: &[u8]) -> Result<Vec<bool>> {
    const DIVERGING: &[&str] = &[
        "core::panicking::",
        "core::slice::index::slice_index_fail",
        "core::slice::copy_from_slice_impl::len_mismatch_fail",
        "core::str::slice_error_fail",
        "core::option::unwrap_failed",
        "core::option::expect_failed",
        "core::result::unwrap_failed",
        "core::cell::panic_already",
        "alloc::raw_vec::handle_error",
        "alloc::raw_vec::capacity_overflow",
        "alloc::alloc::handle_alloc_error",
    ];
    let mut panics = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::FunctionSection(section) => panics = vec![false; section.count() as usize],
            Payload::CustomSection(section) => {
                let wasmparser::KnownCustom::Name(names) = section.as_known() else { continue };
                for subsection in names {
                    let wasmparser::Name::Function(functions) = subsection? else { continue };
                    for naming in functions {
                        let naming = naming?;
                        let name = format!("{:#}", rustc_demangle::demangle(naming.name));
                        // Modules import nothing, so that indices are those of the defined functions.
                        if DIVERGING.iter().any(|prefix| name.starts_with(prefix)) {
                            panics[naming.index as usize] = true;
                        }
                    }
                }
            }
            Payload::ImportSection(section) if section.count() > 0 => bail!("imports something"),
            _ => {}
        }
    }
    Ok(panics)
}

fn check(module: &[u8], exports: &[String], family: &str) -> Result<()> {
    Validator::new_with_features(WasmFeatures::MVP)
        .validate_all(module)
        .context("needs more than WebAssembly's first version")?;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => ensure!(section.count() == 0, "imports something"),
            Payload::ExportSection(section) => {
                for export in section {
                    found.push(export?.name.to_owned());
                }
            }
            Payload::CustomSection(section) => bail!("still has the custom section {}", section.name()),
            _ => {}
        }
    }
    found.sort();
    for name in exports {
        ensure!(found.contains(name), "udfs/{family}: the catalogue has {name}, the module does not export it");
    }
    for name in &found {
        ensure!(exports.contains(name), "udfs/{family}: the module exports {name}, the catalogue does not have it");
    }
    let home = std::env::home_dir().unwrap_or_default();
    for path in [paths::root(), home.as_path()] {
        let path = path.to_string_lossy();
        let inside = !path.is_empty() && module.windows(path.len()).any(|window| window == path.as_bytes());
        ensure!(!inside, "holds the path {path}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(exports: &[&str]) -> Vec<u8> {
        use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection};
        let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
        types.ty().function([], []);
        functions.function(0);
        let mut section = ExportSection::new();
        for name in exports {
            section.export(name, ExportKind::Func, 0);
        }
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&section).section(&code);
        module.finish()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn a_module_with_exactly_the_exports_of_the_catalogue_passes() {
        check(&module(&["abi", "decay"]), &names(&["abi", "decay"]), "decay").unwrap();
    }

    #[test]
    fn a_function_without_export_is_named_with_its_family() {
        let error = check(&module(&["abi"]), &names(&["abi", "decay"]), "decay").unwrap_err().to_string();
        assert_eq!(error, "udfs/decay: the catalogue has decay, the module does not export it");
    }

    #[test]
    fn an_export_without_catalogue_entry_is_named_with_its_family() {
        let error = check(&module(&["abi", "decay"]), &names(&["abi"]), "decay").unwrap_err().to_string();
        assert_eq!(error, "udfs/decay: the module exports decay, the catalogue does not have it");
    }

    #[test]
    fn exports_of_the_linker_are_dropped() {
        let prepared = prepare(&module(&["abi", "__heap_base"]), &names(&["abi"])).unwrap();
        check(&prepared, &names(&["abi"]), "decay").unwrap();
    }
}

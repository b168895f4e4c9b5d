//! The npm package `plg-udfs`: wasm-pack's build of `js/`, with `pkg/` for its output and nothing else.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{modules, paths, process, tools};

/// The package's name. wasm-pack takes the crate's, but `plg-udfs` is the core's in this workspace.
const NAME: &str = "plg-udfs";

/// Builds `pkg/` anew.
///
/// # Errors
/// If a tool is missing, or `js/` does not compile.
pub fn build() -> Result<()> {
    let package = paths::root().join("pkg");
    if package.exists() {
        fs::remove_dir_all(&package).with_context(|| format!("cannot remove {}", package.display()))?;
    }
    let target = modules::target_folder()?;
    let mut wasm_pack = tools::wasm_pack()?;
    wasm_pack.args(["build", "--mode", "no-install", "--profile", "npm"]);
    // One folder for all: browsers and bundlers find the .wasm beside the module, Node.js is handed its bytes.
    wasm_pack.args(["--target", "web", "--out-name", "plg_udfs", "--out-dir"]).arg(&package).arg("js");
    wasm_pack.env("CARGO_TARGET_DIR", &target);
    // The encoded form alone survives folders with spaces.
    let flags = modules::path_independent(&target)?.join("\x1f");
    wasm_pack.env("CARGO_ENCODED_RUSTFLAGS", flags).env_remove("RUSTFLAGS");
    process::run("building the npm package", wasm_pack.current_dir(paths::root()))?;
    name(&package.join("package.json"))
}

fn name(path: &Path) -> Result<()> {
    let at = || format!("cannot name the package in {}", path.display());
    let mut package: Value = serde_json::from_slice(&fs::read(path).with_context(at)?).with_context(at)?;
    package["name"] = Value::from(NAME);
    fs::write(path, serde_json::to_string_pretty(&package)? + "\n").with_context(at)
}

//! The npm package `plg-udfs`: wasm-pack's build of `js/`, with `pkg/` for its output and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{modules, paths, process, tools};

/// The package's name. wasm-pack takes the crate's, but `plg-udfs` is the core's in this workspace.
const NAME: &str = "plg-udfs";

const KEYWORDS: &[&str] = &["product-led-growth", "plg", "lead-scoring", "cohorts", "identity-resolution", "wasm"];

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
    complete(&package)
}

/// The folder of the package, which is built where there is none yet.
///
/// # Errors
/// As for [`build`].
pub fn existing() -> Result<PathBuf> {
    let package = paths::root().join("pkg");
    if !package.join("plg_udfs_bg.wasm").exists() {
        build()?;
    }
    Ok(package)
}

/// What wasm-pack does not know of the package: its name, what it is found by, and that a bundler may leave out what is not used.
fn complete(package: &Path) -> Result<()> {
    let path = package.join("package.json");
    let at = || format!("cannot complete {}", path.display());
    let mut json: Value = serde_json::from_slice(&fs::read(&path).with_context(at)?).with_context(at)?;
    let repository = json["repository"]["url"].as_str().context("js/Cargo.toml names no repository")?.to_owned();
    json["name"] = Value::from(NAME);
    json["keywords"] = serde_json::json!(KEYWORDS);
    json["homepage"] = Value::from(format!("{repository}#readme"));
    json["bugs"] = serde_json::json!({"url": format!("{repository}/issues")});
    json["repository"]["url"] = Value::from(format!("git+{repository}.git"));
    json["repository"]["directory"] = Value::from("js");
    json["engines"] = serde_json::json!({"node": ">=20.6"});
    json["sideEffects"] = Value::from(false);
    // npm packs a LICENSE by itself, but neither of these.
    let files = json["files"].as_array_mut().context("wasm-pack lists no files")?;
    files.extend(["LICENSE-APACHE", "LICENSE-MIT"].map(Value::from));
    fs::write(&path, serde_json::to_string_pretty(&json)? + "\n").with_context(at)
}

//! `tools.toml`: the one place for the version of every tool.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::paths;

/// Everything in `tools.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub rust: Rust,
    /// Tools from crates.io by package name.
    pub cargo: BTreeMap<String, CargoTool>,
    pub python: Python,
    pub node: Node,
    /// Debian package by the program that it brings.
    pub debian: BTreeMap<String, String>,
    /// Lists that modules carry, which `lists/build.rs` fetches.
    pub lists: BTreeMap<String, List>,
}

/// What is said here of a list; how it is fetched and packed concerns `lists/build.rs` alone.
#[derive(Deserialize)]
pub struct List {
    pub package: String,
    pub version: String,
}

/// The Rust toolchain itself is whatever runs this; only its targets are added.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rust {
    pub targets: Vec<String>,
}

/// A tool that `cargo install` builds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CargoTool {
    pub version: String,
    /// Whether to build with the lock file that the tool was published with.
    pub locked: bool,
    /// The features to build with; the default ones unless set.
    pub features: Option<Vec<String>>,
    /// What it is for, as progress shows it.
    pub purpose: String,
}

/// Python environments by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// The oldest Python, as `major.minor`, that the pinned packages support.
    pub minimum: String,
    pub environments: BTreeMap<String, PythonEnvironment>,
}

/// One virtual environment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonEnvironment {
    /// What it is for, as progress shows it.
    pub purpose: String,
    /// Version by package.
    pub packages: BTreeMap<String, String>,
    /// Version by package, for packages whose own dependencies are left out.
    #[serde(default)]
    pub packages_without_dependencies: BTreeMap<String, String>,
}

/// Node environments by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The oldest major version of Node.js that the pinned packages support.
    pub minimum: u32,
    pub environments: BTreeMap<String, NodeEnvironment>,
}

/// One `node_modules` folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeEnvironment {
    /// What it is for, as progress shows it.
    pub purpose: String,
    /// Version by package.
    pub packages: BTreeMap<String, String>,
    /// The packages whose install scripts npm may run.
    #[serde(default)]
    pub install_scripts: Vec<String>,
}

impl NodeEnvironment {
    /// The `package.json` that stands for this environment.
    pub fn package_json(&self) -> String {
        let allowed: BTreeMap<&str, bool> = self.install_scripts.iter().map(|name| (name.as_str(), true)).collect();
        let package = serde_json::json!({
            "private": true,
            "dependencies": self.packages,
            "allowScripts": allowed,
        });
        format!("{package:#}\n")
    }
}

/// Reads `tools.toml`, once.
///
/// # Errors
/// If it cannot be read or does not have the expected form.
pub fn manifest() -> Result<&'static Manifest> {
    static MANIFEST: OnceLock<Manifest> = OnceLock::new();
    if let Some(manifest) = MANIFEST.get() {
        return Ok(manifest);
    }
    let path = paths::root().join("tools.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest = toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))?;
    Ok(MANIFEST.get_or_init(|| manifest))
}

//! Node.js and npm packages, pinned to the last package by the lock files `tools/node/<environment>.json`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

use super::install;
use super::manifest::{NodeEnvironment, manifest};
use crate::{paths, process};

/// What to type where there is no usable Node.js.
const INSTALL_NODE: &str = "apt-get install --no-install-recommends nodejs npm";

/// What must run before the environment with isolated-vm counts as installed.
const SANDBOX_PROOF: &str = "const { Isolate } = require('isolated-vm');\
     if (new Isolate().createContextSync().evalSync('6 * 7') !== 42) process.exit(1);";

/// Node.js of at least the version that `tools.toml` asks for.
///
/// # Errors
/// If it is missing or too old; the error holds the command that installs it.
pub fn node() -> Result<PathBuf> {
    binary_interface()?;
    Ok(PathBuf::from("node"))
}

/// The `node_modules` folder with isolated-vm, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed or loaded.
pub fn node_modules() -> Result<PathBuf> {
    environment("sandbox", |folder| {
        let mut command = Command::new("node");
        // isolated-vm crashes under the snapshot that Node.js 20 and newer start from.
        command.args(["--no-node-snapshot", "-e", SANDBOX_PROOF]).current_dir(folder);
        process::capture(&mut command).context("isolated-vm was installed but does not work")?;
        Ok(())
    })
}

/// The `node_modules` folder with the public standards of experiments, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed.
pub fn standards() -> Result<PathBuf> {
    environment("standards", |_| Ok(()))
}

/// The `node_modules` folder with the charting library of the demo's report, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed.
pub fn charts() -> Result<PathBuf> {
    environment("report", |_| Ok(()))
}

/// The `node_modules` folder that draws the pictures of the documentation, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed.
pub fn pictures() -> Result<PathBuf> {
    environment("pictures", |_| Ok(()))
}

/// The `node_modules` folder with what the playground is bundled by and from, and with axe-core for its tests, absolute;
/// installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed.
pub fn playground() -> Result<PathBuf> {
    environment("playground", |_| Ok(()))
}

/// Binaryen's `wasm-opt`, to which arguments are added; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or the package cannot be installed.
pub fn wasm_opt() -> Result<Command> {
    let mut command = Command::new(node()?);
    command.arg(build_modules()?.join("binaryen/bin/wasm-opt"));
    Ok(command)
}

/// The package of terser, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or the package cannot be installed.
pub fn terser() -> Result<PathBuf> {
    Ok(build_modules()?.join("terser"))
}

/// The package of TypeScript, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or the package cannot be installed.
pub fn typescript() -> Result<PathBuf> {
    Ok(environment("types", |_| Ok(()))?.join("typescript"))
}

/// The folder in which wasm-pack finds `wasm-opt`; installed on first use.
///
/// # Errors
/// As for [`wasm_opt`].
pub fn wasm_opt_dir() -> Result<PathBuf> {
    Ok(build_modules()?.join(".bin"))
}

/// Resolves every environment anew from `tools.toml` and rewrites the lock files.
///
/// # Errors
/// If a package cannot be found, or a lock file cannot be written.
pub fn lock() -> Result<()> {
    binary_interface()?;
    for (name, environment) in &manifest()?.node.environments {
        let folder = paths::cache()?.join("lock").join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        write(&folder.join("package.json"), &environment.package_json())?;
        let mut npm = Command::new("npm");
        // Without the address of the registry that happened to answer: everybody uses their own.
        npm.args(["install", "--package-lock-only", "--omit-lockfile-registry-resolved"]).current_dir(&folder);
        process::run(&format!("resolving the Node environment {name}"), &mut npm)?;
        let resolved = folder.join("package-lock.json");
        let path = lock_path(name);
        fs::copy(&resolved, &path).with_context(|| format!("cannot write {}", path.display()))?;
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// The `node_modules` folder with what shrinks modules and scripts, absolute; installed on first use.
///
/// # Errors
/// If Node.js is missing or too old, or a package cannot be installed.
pub fn build_modules() -> Result<PathBuf> {
    environment("build", |_| Ok(()))
}

/// The `node_modules` folder of the environment `name`; `prove` shows in its parent folder that it works.
fn environment(name: &str, prove: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let environment = manifest()?.node.environments.get(name);
    let environment = environment.with_context(|| format!("tools.toml has no Node environment named {name}"))?;
    let path = lock_path(name);
    let locked = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let package = environment.package_json();
    // Native parts are compiled for one version of Node's binary interface.
    let key = install::key(&[&package, &locked, binary_interface()?]);
    let folder = paths::cache()?.join("npm").join(format!("{name}-{key}"));
    install::once(&folder, || {
        fill(name, environment, &folder, &package, &locked)?;
        prove(&folder)
    })?;
    Ok(folder.join("node_modules"))
}

fn fill(name: &str, environment: &NodeEnvironment, folder: &Path, package: &str, locked: &str) -> Result<()> {
    write(&folder.join("package.json"), package)?;
    write(&folder.join("package-lock.json"), locked)?;
    let mut npm = Command::new("npm");
    // npm ci refuses a lock file that does not match package.json. Build scripts compile from the pinned source instead
    // of downloading somebody's binary, and are run whatever the user's configuration says.
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts=false"]).current_dir(folder);
    npm.env("npm_config_build_from_source", "true");
    process::run(&format!("installing the Node environment {name} ({})", environment.purpose), &mut npm)?;
    Ok(())
}

/// Platform, architecture and version of the interface of native modules of the Node.js that runs here, once it is
/// known that it is new enough and that npm is there too.
fn binary_interface() -> Result<&'static str> {
    static BINARY_INTERFACE: OnceLock<String> = OnceLock::new();
    if let Some(interface) = BINARY_INTERFACE.get() {
        return Ok(interface);
    }
    let question =
        "const v = process.versions; console.log([v.node, process.platform, process.arch, v.modules].join())";
    let answer = process::capture(Command::new("node").args(["-e", question]))
        .with_context(|| format!("Node.js was not found; install it with: {INSTALL_NODE}"))?;
    let (version, interface) = answer.split_once(',').context("Node.js did not tell its version")?;
    let major: u32 =
        version.split('.').next().unwrap_or_default().parse().context("Node.js did not tell its version")?;
    let minimum = manifest()?.node.minimum;
    ensure!(
        major >= minimum,
        "Node.js is {version}, but {minimum} or newer is needed; where {INSTALL_NODE} has none, take it from nodejs.org"
    );
    process::capture(Command::new("npm").arg("--version"))
        .with_context(|| format!("npm was not found; install it with: {INSTALL_NODE}"))?;
    Ok(BINARY_INTERFACE.get_or_init(|| interface.to_owned()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn lock_path(environment: &str) -> PathBuf {
    paths::root().join("tools/node").join(format!("{environment}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lock_file_holds_the_pins_of_tools_toml_and_no_address_of_a_registry() {
        for (name, environment) in &manifest().unwrap().node.environments {
            let text = fs::read_to_string(lock_path(name)).unwrap();
            assert!(!text.contains("\"resolved\""), "{name}");
            let lock: serde_json::Value = serde_json::from_str(&text).unwrap();
            for (package, version) in &environment.packages {
                assert_eq!(lock["packages"][format!("node_modules/{package}")]["version"], version.as_str());
            }
        }
    }
}

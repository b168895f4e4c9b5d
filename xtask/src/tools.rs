//! The pinned tools that the other commands need: each function returns where a tool is, installing it on first use.
//!
//! Everything lives in [`paths::cache`](crate::paths::cache), under names that contain the version, so nothing on the
//! machine is changed except by Debian packages and Rust targets, and nothing that is there is trusted to be the right
//! version.

mod debian;
mod install;
mod manifest;
mod node;
mod python;
mod rust;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

pub use node::{
    build_modules, charts, node, node_modules, pictures, playground, standards, terser, typescript, wasm_opt,
};
pub use python::{python, python_bin};
pub use rust::{cargo_tool, rust_targets};

use crate::process;

/// wasm-pack, to which arguments are added. It finds the right `wasm-bindgen` and `wasm-opt` and downloads nothing.
///
/// # Errors
/// If it or what it needs cannot be installed.
pub fn wasm_pack() -> Result<Command> {
    rust_targets()?;
    node()?;
    let folders = [cargo_tool("wasm-pack")?, wasm_bindgen_dir()?, node::wasm_opt_dir()?];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let search = std::env::join_paths(folders.iter().cloned().chain(std::env::split_paths(&path)))
        .context("the cache lies in a folder whose name cannot be in PATH")?;
    let mut command = Command::new(folders[0].join("wasm-pack"));
    command.env("PATH", search);
    Ok(command)
}

/// The folder with `wasm-bindgen` and `wasm-bindgen-test-runner`.
///
/// # Errors
/// If they cannot be built.
pub fn wasm_bindgen_dir() -> Result<PathBuf> {
    cargo_tool("wasm-bindgen-cli")
}

/// The Chromium browser.
///
/// # Errors
/// If it is missing and cannot be installed here; the error holds the command that installs it.
pub fn chromium() -> Result<PathBuf> {
    debian::program("chromium")
}

/// The driver through which tests steer [`chromium`].
///
/// # Errors
/// As for [`chromium`].
pub fn chromedriver() -> Result<PathBuf> {
    debian::program("chromedriver")
}

/// Installs every tool, then prints what each says of its version.
///
/// # Errors
/// If a tool cannot be installed or does not start.
pub fn install_all() -> Result<()> {
    rust_targets()?;
    let mut tsc = Command::new(node()?);
    tsc.arg(typescript()?.join("bin/tsc"));
    let mut programs = vec![
        ("wasm-pack".to_owned(), wasm_pack()?),
        ("wasm-bindgen".to_owned(), Command::new(wasm_bindgen_dir()?.join("wasm-bindgen"))),
        ("mdbook".to_owned(), Command::new(cargo_tool("mdbook")?.join("mdbook"))),
        ("wasm-opt".to_owned(), wasm_opt()?),
        ("tsc".to_owned(), tsc),
        ("chromium".to_owned(), Command::new(chromium()?)),
        ("chromedriver".to_owned(), Command::new(chromedriver()?)),
        ("node".to_owned(), Command::new(node()?)),
        ("dbt".to_owned(), Command::new(python_bin("dbt", "dbt")?)),
    ];
    for name in manifest::manifest()?.python.environments.keys() {
        programs.push((format!("python ({name})"), Command::new(python(name)?)));
    }
    let (sandbox, standards) = (node_modules()?, standards()?);
    for (name, mut command) in programs {
        let answer = process::capture(command.arg("--version"))?;
        let version = answer.lines().map(str::trim).find(|line| line.contains(|c: char| c.is_ascii_digit()));
        println!("{name:<20} {}", version.unwrap_or(&answer));
    }
    println!("{:<20} {}", "isolated-vm in", sandbox.display());
    println!("{:<20} {}", "standards in", standards.display());
    println!("{:<20} {}", "charts in", charts()?.display());
    println!("{:<20} {}", "pictures with", pictures()?.display());
    println!("{:<20} {}", "playground in", playground()?.display());
    for (name, list) in &manifest::manifest()?.lists {
        println!("{:<20} {} {}", format!("list ({name})"), list.package, list.version);
    }
    Ok(())
}

/// Resolves the packages of `tools.toml` anew and rewrites the lock files below `tools/`.
///
/// # Errors
/// If a package cannot be found, or a lock file cannot be written.
pub fn lock() -> Result<()> {
    python::lock()?;
    node::lock()
}

//! Targets of the Rust toolchain, and tools that Cargo builds.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::install;
use super::manifest::manifest;
use crate::{paths, process};

/// Adds the WebAssembly targets to the toolchain that runs this, where they are missing.
///
/// # Errors
/// If a target is missing and rustup is absent or cannot add it.
pub fn rust_targets() -> Result<()> {
    for target in &manifest()?.rust.targets {
        let libraries = process::capture(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))?;
        if !PathBuf::from(libraries).exists() {
            process::run(
                &format!("adding the Rust target {target}"),
                Command::new("rustup").args(["target", "add", target]),
            )
            .with_context(|| format!("the Rust target {target} is missing; add it with: rustup target add {target}"))?;
        }
    }
    Ok(())
}

/// The folder with the programs of the Cargo tool `name`, which is built on first use.
///
/// # Errors
/// If `tools.toml` does not pin `name`, or it cannot be built.
pub fn cargo_tool(name: &str) -> Result<PathBuf> {
    let tool = manifest()?.cargo.get(name).with_context(|| format!("tools.toml pins no Cargo tool named {name}"))?;
    let folder = paths::cache()?.join("cargo").join(format!("{name}-{}", tool.version));
    install::once(&folder, || {
        let mut command = Command::new("cargo");
        command.args(["install", name, "--version", &tool.version, "--root"]).arg(&folder);
        if tool.locked {
            command.arg("--locked");
        }
        if let Some(features) = &tool.features {
            command.args(["--no-default-features", "--features", &features.join(",")]);
        }
        // Not the repository: its Cargo configuration must not change the tool.
        command.current_dir(&folder).env_remove("CARGO_TARGET_DIR");
        process::run(&format!("building {name} {} ({})", tool.version, tool.purpose), &mut command)?;
        Ok(())
    })?;
    Ok(folder.join("bin"))
}

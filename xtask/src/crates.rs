//! `cargo xtask crates`: the core as it goes to crates.io, with the lists of domains that a build there could not fetch.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use plg_lists::{Set, plain};

use crate::{paths, process};

/// The published crates, each after those that it needs.
const PUBLISHED: &[&str] = &["plg-lists", "plg-udfs"];

/// Writes `lists/published/`, and has cargo pack and build the crates as if they came from crates.io, or publishes them.
///
/// # Errors
/// If a crate would not be accepted or does not build.
pub fn run(publish: bool) -> Result<()> {
    write_lists(&paths::root().join("lists/published"))?;
    let mut cargo = Command::new("cargo");
    // The lists are in no commit: they come from the packages that tools.toml pins.
    cargo.args(["publish", "--allow-dirty"]).args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    if !publish {
        cargo.arg("--dry-run");
    }
    process::run("packing and building the crates", cargo.current_dir(paths::root()))?;
    Ok(())
}

fn write_lists(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).with_context(|| format!("cannot write {} in {}", name, folder.display()))
    };
    for (name, set, text) in
        [("free", &plg_lists::FREE, plain::FREE), ("disposable", &plg_lists::DISPOSABLE, plain::DISPOSABLE)]
    {
        let Set { upper, lower, .. } = set;
        write(&format!("{name}.upper"), upper)?;
        write(&format!("{name}.lower"), lower)?;
        write(&format!("{name}.txt"), text.as_bytes())?;
    }
    write("lists.rs", plain::SOURCE.as_bytes())
}

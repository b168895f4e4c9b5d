//! `cargo xtask release`: what a release attaches, in `dist/release/`: archives with the same bytes on every machine, what they
//! are made of, and their checksums.

mod archive;
mod sbom;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::dist::sha256;
use crate::sql::{DBT_FUNCTIONS, VERSION};
use crate::{book, dist, extension, package, paths, process, tools};
use archive::Archive;

/// A part of a release that a machine of its own makes.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Part {
    /// All archives, from what dist/ and pkg/ hold
    Archives,
    /// The DuckDB extension for this machine, around the modules that dist/ holds
    Extension,
    /// SHA256SUMS over everything that is there
    Checksums,
}

/// Builds everything that a release attaches on this platform, or one part of it.
///
/// # Errors
/// If the tag is another version's, something does not build, or a part lacks what the others make.
pub fn run(only: Option<Part>, tag: Option<&str>) -> Result<()> {
    let version = format!("v{VERSION}");
    ensure!(tag.is_none_or(|tag| tag == version), "the tag must be {version}, the version of Cargo.toml");
    let folder = paths::dist().join("release");
    match only {
        Some(Part::Archives) => collect(&folder)?,
        Some(Part::Extension) => {
            ensure!(paths::dist().join("wasm").is_dir(), "dist/ holds no modules: `cargo xtask release` makes them");
            extension::build()?;
            duckdb(&folder)?;
        }
        Some(Part::Checksums) => checksums(&folder)?,
        None => {
            dist::run()?;
            package::build()?;
            book::build()?;
            collect(&folder)?;
        }
    }
    for (name, bytes) in attached(&folder)? {
        println!("{:>10} {name}", bytes.len());
    }
    Ok(())
}

/// Puts together what `dist/` and `pkg/` hold.
///
/// # Errors
/// If something is missing.
fn collect(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let dist = paths::dist();
    for warehouse in ["snowflake", "bigquery"] {
        let mut archive = Archive::new(&format!("plg-udfs-{VERSION}-{warehouse}"));
        archive.add_folder(&dist.join(warehouse), "", &|name| name.ends_with(".sql"))?;
        licensed(archive)?.write(&folder.join(format!("plg-udfs-{VERSION}-{warehouse}.tar.gz")))?;
    }
    duckdb(folder)?;
    // dbt takes the one folder of an archive for the package.
    let mut archive = Archive::new(&format!("plg-{VERSION}"));
    archive.add_folder(&dist.join("dbt"), "", &|_| true)?;
    archive.add_folder(&dist.join(DBT_FUNCTIONS), DBT_FUNCTIONS, &|_| true)?;
    licensed(archive)?.write(&folder.join(format!("plg-udfs-{VERSION}-dbt.tar.gz")))?;
    npm(folder)?;
    let site = dist.join("site");
    if site.is_dir() {
        let mut archive = Archive::new(&format!("plg-udfs-{VERSION}-site"));
        archive.add_folder(&site, "", &|_| true)?;
        archive.write(&folder.join(format!("plg-udfs-{VERSION}-site.tar.gz")))?;
    }
    let text = sbom::json()?;
    let path = folder.join(format!("plg-udfs-{VERSION}.cdx.json"));
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    checksums(folder)
}

/// The extension with its scripts. In the archive it keeps its name, because DuckDB derives the entry point's from it.
fn duckdb(folder: &Path) -> Result<()> {
    let platform = extension::platform_here()?;
    let mut archive = Archive::new(&format!("plg-udfs-{VERSION}-duckdb-{platform}"));
    let released = |name: &str| name.ends_with(".sql") || name.ends_with(".duckdb_extension");
    archive.add_folder(&paths::dist().join("duckdb"), "", &released)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    licensed(archive)?.write(&folder.join(format!("plg-udfs-{VERSION}-duckdb-{platform}.tar.gz")))
}

fn licensed(mut archive: Archive) -> Result<Archive> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        archive.add_file(&paths::root().join(name), name)?;
    }
    Ok(archive)
}

fn npm(folder: &Path) -> Result<()> {
    tools::node()?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--pack-destination"]).arg(folder).current_dir(paths::root().join("pkg"));
    process::run("packing the npm package", &mut npm)?;
    Ok(())
}

/// Writes `SHA256SUMS`, as `sha256sum --check` reads it, sorted by name.
fn checksums(folder: &Path) -> Result<()> {
    let files = attached(folder)?;
    ensure!(!files.is_empty(), "there is nothing in {}", folder.display());
    let lines: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256(bytes))).collect();
    let path = folder.join("SHA256SUMS");
    fs::write(&path, lines).with_context(|| format!("cannot write {}", path.display()))
}

/// All files but the checksums, sorted by name.
fn attached(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a file name that is not UTF-8")?;
        if name != "SHA256SUMS" {
            files.push((name.to_owned(), fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?));
        }
    }
    files.sort();
    Ok(files)
}

//! `cargo xtask dist`: everything that a release attaches, from the catalogue to the checksums.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::javascript::Bodies;
use crate::sql::{ModuleHash, Names};
use crate::{dbt_package, extension, modules, paths, reference, sql};

/// What a release attaches beside `sizes.json`, as folder below `dist/` and extension. Tests leave more there.
const RELEASED: &[(&str, &str)] =
    &[("bigquery", "sql"), ("duckdb", "duckdb_extension"), ("duckdb", "sql"), ("snowflake", "sql"), ("wasm", "wasm")];

/// Builds everything with the default names.
///
/// # Errors
/// As for [`run_as`].
pub fn run() -> Result<()> {
    run_as(&Names::default())
}

/// Builds modules, JavaScript bodies, SQL and the DuckDB extension into `dist/`, the dbt package, rewrites the function reference,
/// and sums everything up in `dist/SHA256SUMS`.
///
/// # Errors
/// If a step fails; the error says which.
pub fn run_as(names: &Names) -> Result<()> {
    names.check()?;
    let catalogue = plg_catalogue::load(paths::root())?;
    let modules = modules::build(&catalogue)?;
    let bodies = Bodies::build(&catalogue, &modules)?;
    println!("{}", bodies.size_table());
    let hashes: Vec<ModuleHash> = modules
        .iter()
        .map(|module| ModuleHash { family: module.family.clone(), sha256: sha256(&module.bytes) })
        .collect();
    sql::write(&catalogue, &hashes, &|name, warehouse| bodies.get(name, warehouse).clone(), names)?;
    dbt_package::write()?;
    reference::write(&catalogue)?;
    extension::build()?;
    write_checksums(&paths::dist())
}

/// `SHA256SUMS`, as `sha256sum --check` reads it, sorted by path.
fn write_checksums(dist: &Path) -> Result<()> {
    let mut lines = Vec::new();
    for path in released(dist)? {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(dist).expect("it lies in dist/").to_string_lossy().replace('\\', "/");
        lines.push((name.clone(), format!("{}  {name}\n", sha256(&bytes))));
    }
    lines.sort();
    let path = dist.join("SHA256SUMS");
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn released(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = vec![dist.join("sizes.json")];
    for (folder, extension) in RELEASED {
        let folder = dist.join(folder);
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == *extension) {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

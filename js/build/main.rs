//! Writes the functions, their declarations and their documentation from the catalogue, and what the tests run.

mod documentation;
mod functions;
mod names;
mod test_calls;
mod typescript;

use anyhow::{Context, Result, ensure};
use plg_catalogue::Catalogue;
use std::fs;
use std::path::{Path, PathBuf};

/// How many cases of every function the tests hold: they travel to the browser inside the WebAssembly file.
const PARITY_CASES: usize = 100;

fn main() -> Result<()> {
    let root = plg_catalogue::root();
    println!("cargo::rerun-if-changed={}", root.join("udfs").display());
    println!("cargo::rerun-if-changed=build");
    let catalogue = plg_catalogue::load(&root)?;
    let out = PathBuf::from(std::env::var("OUT_DIR").context("OUT_DIR")?);
    fs::write(out.join("api.rs"), functions::api(&catalogue))?;
    fs::write(out.join("api.d.ts"), typescript::declarations(&catalogue))?;
    fs::write(out.join("calls.rs"), test_calls::calls(&catalogue))?;
    fs::write(out.join("catalogue.json"), serde_json::to_string(&catalogue)?)?;
    fs::write(out.join("parity.json"), parity(&catalogue, &root)?)?;
    Ok(())
}

/// The first of the random cases that `cargo xtask parity` has written: an object with a list per function, none where
/// there are no files, which the tests refuse.
fn parity(catalogue: &Catalogue, root: &Path) -> Result<String> {
    println!("cargo::rerun-if-env-changed=PLG_DIST");
    let dist = std::env::var_os("PLG_DIST").map_or_else(|| root.join("dist"), PathBuf::from);
    let mut functions = serde_json::Map::new();
    for function in &catalogue.functions {
        let path = dist.join("parity").join(format!("{}.jsonl", function.name));
        println!("cargo::rerun-if-changed={}", path.display());
        if !path.exists() {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let cases: Vec<serde_json::Value> =
            text.lines().take(PARITY_CASES).map(serde_json::from_str).collect::<Result<_, _>>()?;
        ensure!(cases.len() == PARITY_CASES, "{}: has fewer than {PARITY_CASES} cases", path.display());
        functions.insert(function.name.clone(), cases.into());
    }
    Ok(serde_json::to_string(&functions)?)
}

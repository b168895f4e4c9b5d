//! `cargo xtask try <family>`: one family in every host, in two minutes instead of everything in twenty. `dist/` stays as it is.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::javascript::Bodies;
use crate::sql::{ModuleHash, Names};
use crate::test::counts::{self, Format};
use crate::{dist, extension, modules, paths, process, sql, tools};

/// Builds the family's module, its bodies, scripts and an extension with it alone, and runs its tests and examples natively, in
/// bare V8 as Snowflake and BigQuery call them, and in DuckDB.
///
/// # Errors
/// If there is no such family, something does not build, or a test fails or is missing.
pub fn run(family: &str) -> Result<()> {
    let mut catalogue = plg_catalogue::load(paths::root())?;
    ensure!(catalogue.families().contains(&family), "udfs/ has no family {family} with functions");
    catalogue.functions.retain(|function| function.family == family);
    let names: Vec<&str> = catalogue.functions.iter().map(|function| function.name.as_str()).collect();
    let native = crate::native::check_examples(&catalogue)? + own_tests(family)?;
    let folder = modules::target_folder()?.join("try");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    paths::use_dist(folder);
    let modules = modules::build(&catalogue)?;
    let bodies = Bodies::build(&catalogue, &modules)?;
    println!("{}", bodies.size_table());
    let hashes: Vec<ModuleHash> = modules
        .iter()
        .map(|module| ModuleHash { family: module.family.clone(), sha256: dist::sha256(&module.bytes) })
        .collect();
    sql::write(&catalogue, &hashes, &|name, warehouse| bodies.get(name, warehouse).clone(), &Names::default())?;
    extension::build_with(&[family])?;
    let v8 = v8()?;
    let duckdb = duckdb(&names)?;
    for (host, passed) in [("native", native), ("V8, as Snowflake and BigQuery call", v8), ("DuckDB", duckdb)] {
        println!("{host}: {passed} passed");
    }
    Ok(())
}

/// Those of the module. The core's own are built with all of it, which takes minutes: `cargo xtask test --only core` runs them.
fn own_tests(family: &str) -> Result<u32> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--package", &format!("plg-module-{family}")]);
    checked("testing the module, natively", cargo, Format::Libtest)
}

fn v8() -> Result<u32> {
    let mut node = Command::new(tools::node()?);
    // isolated-vm crashes under the snapshot that Node.js 20 and newer start from.
    node.env("NODE_OPTIONS", "--no-node-snapshot").env("PLG_NODE_MODULES", tools::node_modules()?);
    node.args(["--test", "--test-reporter=spec", "tests/sandbox/examples.test.mjs"]);
    at_least_one("running the bodies in V8", node, Format::Node)
}

fn duckdb(names: &[&str]) -> Result<u32> {
    let (names, mut passed) = (names.join(" or "), 0);
    for arguments in [
        vec!["tests/duckdb/test_install.py", "-k", "verify_says_ok"],
        vec!["tests/duckdb/test_examples.py", "-k", &names],
    ] {
        // The smallest environment with DuckDB.
        let mut pytest = Command::new(tools::python("duckdb15")?);
        pytest.args(["-m", "pytest", "-p", "no:cacheprovider"]).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
        passed += at_least_one("running the extension in DuckDB", pytest, Format::Pytest)?;
    }
    Ok(passed)
}

fn at_least_one(title: &str, command: Command, format: Format) -> Result<u32> {
    let passed = checked(title, command, format)?;
    ensure!(passed > 0, "{title}: no test ran");
    Ok(passed)
}

/// How many tests passed. One that fails ends everything; those that the filter leaves out count as skipped.
fn checked(title: &str, mut command: Command, format: Format) -> Result<u32> {
    let root: &Path = paths::root();
    command.current_dir(root).env("PLG_ROOT", root).env("PLG_DIST", paths::dist()).env("PLG_CACHE", paths::cache()?);
    let output = process::run(title, &mut command)?;
    Ok(counts::read(format, &output).passed)
}

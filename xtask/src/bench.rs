//! `cargo xtask bench`: what we make against what one would use instead, measured side by side.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{dist, paths, playground, process, tools};

/// One comparison, as the scripts in `tests/bench` print it and `dist/bench.json` holds it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    ours: f64,
    /// What stands beside ours; none for figures that are only reported.
    baseline: Option<f64>,
    /// Our time divided by the baseline's: below 1 we are faster.
    ratio: Option<f64>,
    /// The unit of `ours` and `baseline`.
    unit: String,
    /// How often each side ran, in rows or starts.
    n: u64,
}

/// Builds `dist/`, measures what `only` is part of the name of (everything without it), prints a table and writes
/// `dist/bench.json`.
///
/// # Errors
/// If the build or a script fails, or `only` fits nothing.
pub fn run(only: Option<&str>) -> Result<()> {
    dist::run()?;
    let only = only.unwrap_or_default();
    if may_fit(only, "playground_") {
        playground::build()?;
    }
    let mut entries = Vec::new();
    let scripts = [
        ("v8_", v8(only)),
        ("duckdb_", duckdb("main", "functions.py")),
        ("duckdb_score_workspace", duckdb("main", "score_workspace.py")),
        ("duckdb_identity", duckdb("identity", "identity.py")),
        ("dbt_", duckdb("main", "dbt_build.py")),
        ("playground_", duckdb("main", "playground.py")),
    ];
    for (names, command) in scripts {
        if may_fit(only, names) {
            let mut command = command?;
            command.current_dir(paths::root()).env("PLG_ROOT", paths::root()).env("PLG_DIST", paths::dist());
            command.env("PLG_PYTHON_DBT", tools::python("dbt")?);
            let output = process::run(&format!("measuring {names}*"), &mut command)?;
            entries.extend(read(&output)?.into_iter().filter(|entry| entry.name.contains(only)));
        }
    }
    ensure!(!entries.is_empty(), "no benchmark has {only} in its name");
    let path = paths::dist().join("bench.json");
    fs::write(&path, format!("{:#}\n", serde_json::to_value(&entries)?))
        .with_context(|| format!("cannot write {}", path.display()))?;
    print!("{}", table(&entries));
    Ok(())
}

/// Whether `only` may be part of a name that begins with `names`; a script for which it cannot be is not run.
fn may_fit(only: &str, names: &str) -> bool {
    let is_of_a_host = ["v8", "duckdb", "dbt", "playground"].iter().any(|host| only.starts_with(host));
    !is_of_a_host || names.starts_with(only) || only.starts_with(names)
}

fn v8(only: &str) -> Result<Command> {
    let mut node = Command::new(tools::node()?);
    // isolated-vm crashes under the snapshot that Node.js 20 and newer start from.
    node.arg("--no-node-snapshot").arg(paths::root().join("tests/bench/v8.mjs")).args(["--only", only]);
    node.env("PLG_NODE_MODULES", tools::node_modules()?);
    Ok(node)
}

fn duckdb(environment: &str, script: &str) -> Result<Command> {
    let mut python = Command::new(tools::python(environment)?);
    python.arg(paths::root().join("tests/bench").join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(python)
}

fn read(output: &str) -> Result<Vec<Entry>> {
    output.lines().map(|line| serde_json::from_str(line).with_context(|| format!("no entry: {line}"))).collect()
}

fn table(entries: &[Entry]) -> String {
    let mut table =
        format!("{:<32}{:>12}{:>12}{:>8}  {:<22}{:>12}\n", "name", "ours", "baseline", "ratio", "unit", "n");
    for entry in entries {
        let optional =
            |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |value| format!("{value:.digits$}"));
        table.push_str(&format!(
            "{:<32}{:>12.3}{:>12}{:>8}  {:<22}{:>12}\n",
            entry.name,
            entry.ours,
            optional(entry.baseline, 3),
            optional(entry.ratio, 2),
            entry.unit,
            entry.n
        ));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_without_baseline_is_reported_without_ratio() {
        let line = r#"{"name":"v8_cold_start_x","ours":3.5,"baseline":null,"ratio":null,"unit":"milliseconds","n":21}"#;
        let table = table(&read(line).unwrap());
        assert!(
            table.lines().nth(1).is_some_and(|row| row.starts_with("v8_cold_start_x") && row.contains("3.500")),
            "{table}"
        );
    }

    #[test]
    fn a_script_whose_names_cannot_fit_is_not_run() {
        for (only, names, fits) in [
            ("", "v8_", true),
            ("score", "v8_", true),
            ("v8_", "v8_", true),
            ("v8_status", "duckdb_", false),
            ("duckdb_decay", "duckdb_", true),
            ("dbt_full_build", "dbt_", true),
            ("dbt_full_build", "duckdb_", false),
            ("playground_first_score", "playground_", true),
            ("playground_first_score", "dbt_", false),
            ("duckdb_decay", "duckdb_score_workspace", false),
            ("duckdb_score", "duckdb_score_workspace", true),
            ("duckdb_score_workspace_scaling", "duckdb_score_workspace", true),
        ] {
            assert_eq!(may_fit(only, names), fits, "{only} {names}");
        }
    }

    #[test]
    fn anything_else_that_a_script_prints_is_an_error() {
        assert!(read("Segmentation fault").is_err());
    }
}

//! The test suites: one table, in the order in which they start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::counts::Format;
use crate::{paths, tools, workers};

/// Every suite. To add one, add a row; its runner is where its tests lie, and a place that does not exist is an error.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "core",
        claim: "the logic, the catalogue and the pipeline, natively",
        runner: Runner::Cargo(&["plg-udfs", "plg-catalogue", "plg-module-*", "xtask"]),
    },
    // The longest one, so early: what is left at the end would run alone.
    Suite {
        name: "dbt",
        claim: "the dbt project, one's own files of events, the demo and its report, on DuckDB 2.0",
        runner: Runner::Pytest { folder: "tests/dbt", python: "dbt" },
    },
    Suite { name: "wasm-node", claim: "the npm package's Rust, in Node.js", runner: Runner::WasmPackNode },
    Suite {
        name: "wasm-chrome",
        claim: "the npm package's Rust, in headless Chromium",
        runner: Runner::WasmPackChromium,
    },
    Suite {
        name: "package",
        claim: "the npm package as people get it: examples, types, a web page, and the bits of native Rust",
        runner: Runner::Node("tests/package"),
    },
    Suite {
        name: "modules",
        claim: "the modules and bodies: no imports, the first WebAssembly, no paths, sizes",
        runner: Runner::Pytest { folder: "tests/modules", python: "main" },
    },
    Suite {
        name: "sandbox",
        claim: "every body of the install scripts in bare V8: examples, random cases, bad input, traps",
        runner: Runner::Node("tests/sandbox"),
    },
    Suite {
        name: "duckdb",
        claim: "the extension in DuckDB 2.0",
        runner: Runner::Pytest { folder: "tests/duckdb", python: "main" },
    },
    Suite {
        name: "duckdb15",
        claim: "the extension in DuckDB 1.5",
        runner: Runner::Pytest { folder: "tests/duckdb", python: "duckdb15" },
    },
    Suite {
        name: "googlesql",
        claim: "every BigQuery statement, read and partly run by GoogleSQL itself",
        runner: Runner::Pytest { folder: "tests/googlesql", python: "main" },
    },
    Suite {
        name: "snowflake",
        claim: "every Snowflake statement, read by two parsers and held against the known traps",
        runner: Runner::Pytest { folder: "tests/snowflake", python: "main" },
    },
    Suite {
        name: "real",
        claim: "events of others and a year with planted truth: published figures, what pandas says, what was planted",
        runner: Runner::Pytest { folder: "tests/real", python: "main" },
    },
    Suite {
        name: "scikit",
        claim: "likelihood and metrics on real data, graphs, duplicate records: what scikit-learn, NumPy and SciPy answer",
        runner: Runner::Pytest { folder: "tests/scikit", python: "main" },
    },
    Suite {
        name: "docs",
        claim: "every block of the pages is run or read, no link is dead, and the pictures show what the functions compute",
        runner: Runner::Pytest { folder: "tests/docs", python: "main" },
    },
    Suite {
        name: "playground",
        claim: "the playground in Chromium, driven as a person would: DuckDB's numbers, exports that run, everybody's keyboard and eyes",
        runner: Runner::Pytest { folder: "tests/playground", python: "main" },
    },
    Suite {
        name: "release",
        claim: "what a release attaches, the workflows that make it, and upgrades while functions are called",
        runner: Runner::Pytest { folder: "tests/release", python: "release" },
    },
    Suite {
        name: "reproducible",
        claim: "a clean build in another folder gives the same bytes, and a new function there runs in every host",
        runner: Runner::Pytest { folder: "tests/reproducible", python: "main" },
    },
];

/// How long the tests of one file of JavaScript may take: several times what the slowest needs on two slow cores.
const FILE_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Tests that run together and are counted together.
pub struct Suite {
    /// What `--only` takes.
    pub name: &'static str,
    /// What is tested, as progress shows it.
    pub claim: &'static str,
    pub runner: Runner,
}

/// How the tests of a suite are run, and where they lie. Folders are relative to the root of the repository.
pub enum Runner {
    /// `cargo test` of these packages; shell-style patterns are allowed.
    Cargo(&'static [&'static str]),
    /// `wasm-pack test` of `js/` in Node.js.
    WasmPackNode,
    /// `wasm-pack test` of `js/` in headless Chromium.
    WasmPackChromium,
    /// Node's test runner on all `*.test.mjs` of the folder.
    Node(&'static str),
    /// pytest on the folder, with the interpreter of a Python environment of `tools.toml`.
    Pytest { folder: &'static str, python: &'static str },
}

impl Runner {
    /// Whether the tests read what `cargo xtask dist` builds.
    pub fn needs_dist(&self) -> bool {
        !matches!(self, Self::Cargo(_))
    }

    /// How the closing lines look.
    pub fn format(&self) -> Format {
        match self {
            Self::Cargo(_) | Self::WasmPackNode | Self::WasmPackChromium => Format::Libtest,
            Self::Node(_) => Format::Node,
            Self::Pytest { .. } => Format::Pytest,
        }
    }

    /// The command that runs the tests, in the root of the repository, with the tools that it needs installed.
    ///
    /// # Errors
    /// If the folder or the tests in it do not exist, or a tool cannot be installed.
    pub fn command(&self) -> Result<Command> {
        let mut command = match self {
            Self::Cargo(packages) => {
                let mut cargo = Command::new("cargo");
                cargo.args(["test", "--no-fail-fast"]);
                cargo.args(packages.iter().flat_map(|package| ["--package", package]));
                cargo
            }
            Self::WasmPackNode => {
                let mut wasm_pack = tools::wasm_pack()?;
                wasm_pack.args(["test", "--node"]).arg(existing("js")?);
                wasm_pack
            }
            Self::WasmPackChromium => {
                let chromedriver = tools::chromedriver()?;
                tools::chromium()?;
                let mut wasm_pack = tools::wasm_pack()?;
                wasm_pack.args(["test", "--headless", "--chrome", "--chromedriver"]).arg(&chromedriver);
                wasm_pack.arg(existing("js")?).env("CHROMEDRIVER", chromedriver);
                // The files of tests that name no environment run here too, not in Node.js alone.
                wasm_pack.env("WASM_BINDGEN_USE_BROWSER", "1");
                wasm_pack
            }
            Self::Node(folder) => {
                let mut node = Command::new(tools::node()?);
                // isolated-vm crashes under the snapshot that Node.js 20 and newer start from. Node's test runner
                // hands only the environment on to the processes that it starts.
                node.env("NODE_OPTIONS", "--no-node-snapshot");
                // By default one core is left idle, which is half of them where there are two.
                node.arg(format!("--test-concurrency={}", workers::cores()));
                // A file that hangs, and V8 can below the reach of JavaScript's own timers, fails instead of stopping all.
                node.arg(format!("--test-timeout={}", FILE_LIMIT.as_millis()));
                node.args(["--test", "--test-reporter=spec"]).args(node_tests(&existing(folder)?)?);
                node
            }
            Self::Pytest { folder, python } => {
                let mut pytest = Command::new(tools::python(python)?);
                pytest.args(["-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", "-ra"]);
                pytest.arg(existing(folder)?);
                pytest
            }
        };
        command.current_dir(paths::root());
        if self.needs_dist() {
            set_places(&mut command)?;
        }
        Ok(command)
    }
}

/// Tells the tests where everything is, so that none of them searches for it.
fn set_places(command: &mut Command) -> Result<()> {
    command.env("PLG_ROOT", paths::root());
    command.env("PLG_DIST", paths::dist());
    command.env("PLG_CACHE", paths::cache()?);
    command.env("PLG_XTASK", paths::xtask()?);
    // Several suites look at pages in Chromium, which they find by its name.
    tools::chromium()?;
    tools::chromedriver()?;
    command.env("PLG_NODE_MODULES", tools::node_modules()?);
    command.env("PLG_STANDARDS", tools::standards()?);
    command.env("PLG_TYPESCRIPT", tools::typescript()?);
    command.env("PLG_CHARTS", tools::charts()?);
    command.env("PLG_PICTURES", tools::pictures()?);
    command.env("PLG_PLAYGROUND", tools::playground()?);
    command.env("PLG_PYTHON_MAIN", tools::python("main")?);
    command.env("PLG_PYTHON_DUCKDB15", tools::python("duckdb15")?);
    command.env("PLG_PYTHON_DBT", tools::python("dbt")?);
    command.env("PLG_PYTHON_DBT112", tools::python("dbt112")?);
    command.env("PLG_PYTHON_DBT2", tools::python("dbt2")?);
    // The work tree stays as it was.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(())
}

fn existing(folder: &str) -> Result<PathBuf> {
    let path = paths::root().join(folder);
    ensure!(path.is_dir(), "there is no folder {folder}/ with tests");
    Ok(path)
}

fn node_tests(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut tests = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            tests.push(path);
        }
    }
    ensure!(!tests.is_empty(), "there is no *.test.mjs in {}", folder.display());
    tests.sort();
    Ok(tests)
}

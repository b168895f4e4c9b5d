//! Python virtual environments, each pinned to the last package by its lock file `tools/python/<environment>.txt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};

use super::install;
use super::manifest::{PythonEnvironment, manifest};
use crate::{paths, process};

/// The first line of a lock file.
const LOCK_HEADER: &str = "# Written by `cargo xtask tools --lock` from tools.toml.\n";

/// What to type where there is no usable Python.
const INSTALL_PYTHON: &str = "apt-get install --no-install-recommends python3 python3-venv";

/// The interpreter of the environment `name`, absolute; the environment is made on first use.
///
/// # Errors
/// If `tools.toml` has no such environment, python3 is missing or too old, or a package cannot be installed.
pub fn python(name: &str) -> Result<PathBuf> {
    python_bin(name, "python")
}

/// The program `program` of the environment `name`, absolute; the environment is made on first use.
///
/// # Errors
/// As for [`python`], and if the environment has no such program.
pub fn python_bin(name: &str, program: &str) -> Result<PathBuf> {
    let path = environment(name)?.join("bin").join(program);
    ensure!(path.exists(), "the Python environment {name} has no program {program} ({})", path.display());
    Ok(path)
}

/// Resolves every environment anew from `tools.toml` and rewrites the lock files.
///
/// # Errors
/// If a package cannot be found or installed, or a lock file cannot be written.
pub fn lock() -> Result<()> {
    for (name, environment) in &manifest()?.python.environments {
        let folder = paths::cache()?.join("lock").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        create_venv(name, &folder)?;
        let title = format!("resolving the packages of the Python environment {name}");
        process::run(&title, pip_install(&folder).args(requirements(&environment.packages)))?;
        if !environment.packages_without_dependencies.is_empty() {
            let alone = requirements(&environment.packages_without_dependencies);
            process::run(&title, pip_install(&folder).arg("--no-deps").args(alone))?;
        }
        let frozen = process::capture(Command::new(folder.join("bin/python")).args(["-m", "pip", "freeze"]))?;
        let path = lock_path(name);
        fs::write(&path, format!("{LOCK_HEADER}{frozen}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn environment(name: &str) -> Result<PathBuf> {
    let environment = manifest()?.python.environments.get(name);
    let environment = environment.with_context(|| format!("tools.toml has no Python environment named {name}"))?;
    let path = lock_path(name);
    let locked = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    check_lock(&locked, environment).with_context(|| format!("{} is out of date", path.display()))?;
    let folder = paths::cache()?.join("python").join(format!("{name}-{}", install::key(&[&locked, interpreter()?])));
    install::once(&folder, || {
        create_venv(name, &folder)?;
        let title = format!("installing the packages of the Python environment {name} ({})", environment.purpose);
        // The lock file is complete: resolving again could only disagree with it.
        process::run(&title, pip_install(&folder).args(["--no-deps", "--requirement"]).arg(&path))?;
        Ok(())
    })?;
    Ok(folder)
}

/// A virtual environment is tied to one interpreter: this names it, by location and version.
fn interpreter() -> Result<&'static str> {
    static INTERPRETER: OnceLock<String> = OnceLock::new();
    if let Some(interpreter) = INTERPRETER.get() {
        return Ok(interpreter);
    }
    // Debian splits ensurepip off Python, and a virtual environment has no pip without it.
    let question = "import ensurepip, sys; print(*sys.version_info[:3], sep='.', end=' '); print(sys.base_prefix)";
    let answer = process::capture(Command::new("python3").args(["-c", question]))
        .with_context(|| format!("no Python with venv was found; install it with: {INSTALL_PYTHON}"))?;
    let minimum = &manifest()?.python.minimum;
    ensure!(
        version(&answer)? >= version(minimum)?,
        "python3 is {answer}, but {minimum} or newer is needed; install it with: {INSTALL_PYTHON}"
    );
    Ok(INTERPRETER.get_or_init(|| answer))
}

/// Major and minor version at the start of `text`.
fn version(text: &str) -> Result<(u32, u32)> {
    let mut numbers = text.split(['.', ' ']).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => bail!("{text} is not a Python version"),
    }
}

fn create_venv(name: &str, folder: &Path) -> Result<()> {
    process::run(
        &format!("creating the Python environment {name}"),
        Command::new("python3").args(["-m", "venv"]).arg(folder),
    )?;
    Ok(())
}

/// Wheels only: building a package from source would need compilers and could differ from machine to machine.
fn pip_install(folder: &Path) -> Command {
    let mut command = Command::new(folder.join("bin/python"));
    command.args(["-m", "pip", "install", "--disable-pip-version-check", "--only-binary", ":all:"]);
    command
}

fn requirements(packages: &BTreeMap<String, String>) -> Vec<String> {
    packages.iter().map(|(package, version)| format!("{package}=={version}")).collect()
}

fn lock_path(environment: &str) -> PathBuf {
    paths::root().join("tools/python").join(format!("{environment}.txt"))
}

/// Every pin of `tools.toml` must be in the lock file as it is.
fn check_lock(locked: &str, environment: &PythonEnvironment) -> Result<()> {
    // Package names are equal in any case and with any of `-`, `_` and `.` in them.
    let normal = |line: &str| line.to_ascii_lowercase().replace('_', "-");
    let locked: Vec<String> = locked.lines().map(normal).collect();
    let pins = [&environment.packages, &environment.packages_without_dependencies].map(requirements).concat();
    match pins.iter().find(|pin| !locked.contains(&normal(pin))) {
        Some(missing) => bail!("tools.toml asks for {missing}; run: cargo xtask tools --lock"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lock_file_holds_the_pins_of_tools_toml() {
        for (name, environment) in &manifest().unwrap().python.environments {
            let locked = fs::read_to_string(lock_path(name)).unwrap();
            check_lock(&locked, environment).unwrap();
        }
    }

    #[test]
    fn a_lock_file_with_another_version_is_out_of_date() {
        let environment = PythonEnvironment {
            purpose: String::new(),
            packages: BTreeMap::from([("dbt-core".into(), "1.11.16".into())]),
            packages_without_dependencies: BTreeMap::from([("lifetimes".into(), "0.11.3".into())]),
        };
        check_lock("dbt_core==1.11.16\nLifetimes==0.11.3\n", &environment).unwrap();
        let error = check_lock("dbt-core==1.11.160\nLifetimes==0.11.3\n", &environment).unwrap_err().to_string();
        assert_eq!(error, "tools.toml asks for dbt-core==1.11.16; run: cargo xtask tools --lock");
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("3.9.1 /usr").unwrap() < version("3.11").unwrap());
        assert!(version("4.0.0 /usr").unwrap() > version("3.11").unwrap());
    }
}

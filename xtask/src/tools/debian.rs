//! Programs that come from the system's package manager.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::manifest::manifest;
use crate::process;

/// Where `program` is, absolute. Where it is missing, root on a Debian-like system gets it installed.
///
/// # Errors
/// If it is missing and cannot be installed here; the error holds the command that installs it.
pub fn program(program: &str) -> Result<PathBuf> {
    if let Some(path) = find(program) {
        return Ok(path);
    }
    let package = manifest()?.debian.get(program);
    let package = package.with_context(|| format!("tools.toml names no Debian package for {program}"))?;
    if !(is_root()? && find("apt-get").is_some()) {
        bail!("{program} was not found; install it with: sudo apt-get install --no-install-recommends {package}");
    }
    let title = format!("installing the Debian package {package}");
    process::run(&title, Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&title, &mut install)?;
    find(program).with_context(|| format!("the Debian package {package} brought no program {program}"))
}

fn is_root() -> Result<bool> {
    Ok(process::capture(Command::new("id").arg("-u"))? == "0")
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_the_path_says() {
        assert!(find("sh").unwrap().is_absolute());
        assert_eq!(find("plg-no-such-program"), None);
    }

    #[test]
    fn a_missing_program_without_a_package_is_an_error_that_names_it() {
        assert!(program("plg-no-such-program").unwrap_err().to_string().contains("plg-no-such-program"));
    }
}

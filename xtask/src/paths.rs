//! The folders that the pipeline reads and writes.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};

/// The root of the repository, absolute.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the root of the repository")
}

/// Where this process builds instead of `dist/`.
static OTHER_DIST: OnceLock<PathBuf> = OnceLock::new();

/// The build output that a release attaches, absolute; it need not exist yet.
pub fn dist() -> PathBuf {
    OTHER_DIST.get().cloned().unwrap_or_else(|| root().join("dist"))
}

/// Lets this process build into another folder than `dist/`, which stays as it is. The first call holds.
pub fn use_dist(folder: PathBuf) {
    OTHER_DIST.get_or_init(|| folder);
}

/// Where tools are installed, absolute: `$PLG_CACHE`, or `~/.cache/plg-udfs`. It outlives a clone and is shared by all.
pub fn cache() -> Result<PathBuf> {
    match std::env::var_os("PLG_CACHE").filter(|folder| !folder.is_empty()) {
        Some(folder) => std::path::absolute(folder).context("PLG_CACHE is not a usable path"),
        None => Ok(std::env::home_dir()
            .context("there is no home folder to install tools in; set PLG_CACHE to a folder")?
            .join(".cache/plg-udfs")),
    }
}

/// The program that runs this, absolute. Once it is built anew in its place, the system would say that it was deleted: so the
/// first answer stands.
///
/// # Errors
/// If the system does not say.
pub fn xtask() -> Result<PathBuf> {
    static XTASK: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = XTASK.get() {
        return Ok(path.clone());
    }
    let path = std::env::current_exe().context("cannot find the program that runs this")?;
    Ok(XTASK.get_or_init(|| path).clone())
}

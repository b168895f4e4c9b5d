//! The playground: `pkg/` in a web page, bundled into `dist/site/playground/`, which any web server can serve as it is.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{package, paths, process, tools};

/// Where the page is built.
pub fn folder() -> PathBuf {
    paths::dist().join("site/playground")
}

/// The npm package that the page runs, built where there is none yet.
///
/// # Errors
/// If it cannot be built.
pub fn package() -> Result<PathBuf> {
    let package = paths::root().join("pkg");
    if !package.join("plg_udfs_bg.wasm").exists() {
        package::build()?;
    }
    Ok(package)
}

/// Builds the page anew over the npm package as it is.
///
/// # Errors
/// If a tool is missing, or the page's sources do not fit together.
pub fn build() -> Result<()> {
    let mut node = Command::new(tools::node()?);
    node.arg(paths::root().join("playground/build.mjs"));
    node.args([tools::playground()?, tools::build_modules()?, package()?, folder()]);
    let sizes = process::run("building the playground", &mut node)?;
    process::print(sizes.trim_end());
    Ok(())
}

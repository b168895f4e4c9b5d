//! The playground: `pkg/` in a web page, bundled into `dist/site/playground/`, which any web server can serve as it is.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{package, paths, process, tools};

/// Where the page is built.
pub fn folder() -> PathBuf {
    paths::dist().join("site/playground")
}

/// Builds the page anew over the npm package as it is.
///
/// # Errors
/// If a tool is missing, or the page's sources do not fit together.
pub fn build() -> Result<()> {
    let mut node = Command::new(tools::node()?);
    node.arg(paths::root().join("playground/build.mjs"));
    node.args([tools::playground()?, tools::build_modules()?, package::existing()?, folder()]);
    let sizes = process::run("building the playground", &mut node)?;
    process::print(sizes.trim_end());
    Ok(())
}

//! Signatures of earlier versions. Warehouses keep a function when its successor has other arguments (Snowflake even
//! calls it, as an overload), so an installation drops what is listed in `sql/obsolete.toml`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Per warehouse what `DROP FUNCTION IF EXISTS` (DuckDB: `DROP MACRO IF EXISTS`) takes, without the schema.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obsolete {
    snowflake: Vec<String>,
    bigquery: Vec<String>,
    duckdb: Vec<String>,
}

impl Obsolete {
    /// Reads the list.
    ///
    /// # Errors
    /// If the file cannot be read or does not fit.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    /// The signatures of a warehouse, by the name of its folder.
    pub fn of(&self, folder: &str) -> &[String] {
        match folder {
            "snowflake" => &self.snowflake,
            "bigquery" => &self.bigquery,
            _ => &self.duckdb,
        }
    }
}

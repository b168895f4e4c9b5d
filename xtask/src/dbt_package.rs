//! `dist/dbt/`: the dbt package as it is released, with the install scripts as macros, so that
//! `dbt run-operation plg.install` can run their statements.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::paths;
use crate::sql::statements;

/// The folders and files of `dbt/` that a release holds; the integration project and what dbt leaves behind stay out.
const RELEASED: &[&str] = &["dbt_project.yml", "macros", "models", "tests", "README.md"];

/// Writes the package below `dist/` from `dbt/` and the install scripts, which must be there.
///
/// # Errors
/// If a file cannot be read or written, or a script is not what [`statements`] reads.
pub fn write() -> Result<()> {
    let target = paths::dist().join("dbt");
    if target.exists() {
        fs::remove_dir_all(&target).with_context(|| format!("cannot remove {}", target.display()))?;
    }
    fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    for name in RELEASED {
        copy(&paths::root().join("dbt").join(name), &target.join(name))?;
    }
    let folder = target.join("macros/install");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for warehouse in ["bigquery", "duckdb", "snowflake"] {
        let path = paths::dist().join(warehouse).join("install.sql");
        let script = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = install_macro(warehouse, &script)?;
        let path = folder.join(format!("{warehouse}.sql"));
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The macro that `plg.install` asks for the statements of a warehouse.
fn install_macro(warehouse: &str, script: &str) -> Result<String> {
    ensure!(!script.contains("endraw"), "the script of {warehouse} holds a word that ends a raw block of Jinja");
    let mut text = format!(
        "{{#- Written by `cargo xtask dist` from {warehouse}/install.sql. -#}}\n\
         {{% macro {warehouse}___install_statements() -%}}\n    {{%- set statements = [] -%}}\n"
    );
    for statement in statements(script)? {
        text += "    {%- set statement -%}{% raw %}";
        text += statement;
        text += "{% endraw %}{%- endset -%}\n    {%- do statements.append(statement) -%}\n";
    }
    text += "    {{ return(statements) }}\n{%- endmacro %}\n";
    Ok(text)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
        for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_appends_each_statement_as_it_is() {
        let text = install_macro("duckdb", "CREATE SCHEMA plg;\nCREATE MACRO plg.a() AS {'b': 1};\n").unwrap();
        assert!(text.contains("{% macro duckdb___install_statements() -%}"));
        assert!(text.contains("{% raw %}CREATE MACRO plg.a() AS {'b': 1}{% endraw %}"));
    }
}

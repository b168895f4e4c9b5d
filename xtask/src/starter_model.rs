//! The starter model inside the dbt package: a package on the hub cannot read a file beside it, a macro it can.

use anyhow::{Context, Result};

use crate::paths;

const MODEL: &str = "udfs/score/documents/starter.json";
const MACRO: &str = "dbt/macros/starter_model.sql";

/// Writes the macro `plg.starter_model()` from the model's file, replacing what is there.
///
/// # Errors
/// If the model cannot be read or the macro cannot be written.
pub fn write_macro() -> Result<()> {
    let path = paths::root().join(MACRO);
    std::fs::write(&path, generate()?).with_context(|| format!("cannot write {}", path.display()))
}

/// The text of the macro.
fn generate() -> Result<String> {
    let path = paths::root().join(MODEL);
    let model = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let model = model.trim_end();
    // JSON may hold braces that Jinja would read; tojson(fromjson()) makes the text compact, as calls repeat it.
    Ok(format!(
        "{{#- Generated from {MODEL} by `cargo xtask sample`. -#}}\n\
         {{% macro starter_model() -%}}\n    {{%- set model -%}}\n{{% raw %}}\n{model}\n{{% endraw %}}\n    \
         {{%- endset -%}}\n    {{{{ return(tojson(fromjson(model))) }}}}\n{{%- endmacro %}}\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_macro_is_what_the_model_makes() {
        let committed = std::fs::read_to_string(paths::root().join(MACRO)).expect("the macro is committed");
        assert!(committed == generate().unwrap(), "{MACRO} differs: run `cargo xtask sample`");
    }
}

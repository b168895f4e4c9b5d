//! Documents inside the dbt package, which are the default of what a project may declare: a package on the hub cannot read a
//! file beside it, a macro it can.

use anyhow::{Context, Result};

use crate::paths;

/// The documents, and the macros that return them.
const DOCUMENTS: [Shipped; 3] = [
    Shipped { document: "udfs/score/documents/starter.json", name: "starter_model" },
    Shipped { document: "udfs/person/documents/guardrails.json", name: "starter_guardrails" },
    Shipped { document: "udfs/health/documents/starter_health.json", name: "starter_health" },
];

struct Shipped {
    document: &'static str,
    name: &'static str,
}

/// Writes the macros `plg.starter_model()` and `plg.starter_guardrails()` from the documents' files, replacing what is
/// there.
///
/// # Errors
/// If a document cannot be read or a macro cannot be written.
pub fn write_macros() -> Result<()> {
    for shipped in &DOCUMENTS {
        let path = paths::root().join(shipped.path());
        std::fs::write(&path, shipped.generate()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

impl Shipped {
    fn path(&self) -> String {
        format!("dbt/macros/{}.sql", self.name)
    }

    /// The text of the macro.
    fn generate(&self) -> Result<String> {
        let Self { document, name } = self;
        let path = paths::root().join(document);
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = text.trim_end();
        // JSON may hold braces that Jinja would read; tojson(fromjson()) makes the text compact, as calls repeat it.
        Ok(format!(
            "{{#- Generated from {document} by `cargo xtask sample`. -#}}\n\
             {{% macro {name}() -%}}\n    {{%- set document -%}}\n{{% raw %}}\n{text}\n{{% endraw %}}\n    \
             {{%- endset -%}}\n    {{{{ return(tojson(fromjson(document))) }}}}\n{{%- endmacro %}}\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_macros_are_what_the_documents_make() {
        for shipped in &DOCUMENTS {
            let path = shipped.path();
            let committed = std::fs::read_to_string(paths::root().join(&path)).expect("the macro is committed");
            assert!(committed == shipped.generate().unwrap(), "{path} differs: run `cargo xtask sample`");
        }
    }
}

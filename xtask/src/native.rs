//! The native host over all modules, and the catalogue's examples run in it.

use anyhow::{Result, bail, ensure};
use plg_catalogue::host::Host;
use plg_catalogue::{Catalogue, Expected};
use plg_udfs::abi::Module;
use serde_json::Value;
use std::collections::HashMap;

/// A host with every family's module.
pub fn host() -> Result<Host> {
    let modules: Vec<(&str, Box<dyn Module>)> = vec![
        ("account", Box::<plg_module_account::Native>::default()),
        ("anomaly", Box::<plg_module_anomaly::Native>::default()),
        ("audience", Box::<plg_module_audience::Native>::default()),
        ("cohort", Box::<plg_module_cohort::Native>::default()),
        ("contact", Box::<plg_module_contact::Native>::default()),
        ("crm", Box::<plg_module_crm::Native>::default()),
        ("decay", Box::<plg_module_decay::Native>::default()),
        ("disposable", Box::<plg_module_disposable::Native>::default()),
        ("email", Box::<plg_module_email::Native>::default()),
        ("fit", Box::<plg_module_fit::Native>::default()),
        ("freemail", Box::<plg_module_freemail::Native>::default()),
        ("funnel", Box::<plg_module_funnel::Native>::default()),
        ("health", Box::<plg_module_health::Native>::default()),
        ("identity", Box::<plg_module_identity::Native>::default()),
        ("journey", Box::<plg_module_journey::Native>::default()),
        ("milestones", Box::<plg_module_milestones::Native>::default()),
        ("model", Box::<plg_module_model::Native>::default()),
        ("levels", Box::<plg_module_levels::Native>::default()),
        ("likelihood", Box::<plg_module_likelihood::Native>::default()),
        ("mask", Box::<plg_module_mask::Native>::default()),
        ("metrics", Box::<plg_module_metrics::Native>::default()),
        ("overlap", Box::<plg_module_overlap::Native>::default()),
        ("person", Box::<plg_module_person::Native>::default()),
        ("ping", Box::<plg_module_ping::Native>::default()),
        ("release", Box::<plg_module_release::Native>::default()),
        ("route", Box::<plg_module_route::Native>::default()),
        ("score", Box::<plg_module_score::Native>::default()),
        ("sequence", Box::<plg_module_sequence::Native>::default()),
        ("status", Box::<plg_module_status::Native>::default()),
        ("stitch", Box::<plg_module_stitch::Native>::default()),
        ("usage", Box::<plg_module_usage::Native>::default()),
        ("workspace", Box::<plg_module_workspace::Native>::default()),
    ];
    let modules: HashMap<String, Box<dyn Module>> =
        modules.into_iter().map(|(family, module)| (family.to_owned(), module)).collect();
    let catalogue = plg_catalogue::load(&plg_catalogue::root())?;
    for family in catalogue.families() {
        ensure!(modules.contains_key(family), "xtask/src/native.rs lacks the module of the family {family}");
    }
    Ok(Host::new(catalogue, modules))
}

/// Runs the examples of these functions and returns how many there are.
///
/// # Errors
/// If one does not give what it promises.
pub fn check_examples(catalogue: &Catalogue) -> Result<u32> {
    let mut host = host()?;
    let mut passed = 0;
    for function in &catalogue.functions {
        for example in &function.examples {
            let got = host.call(&function.name, &example.arguments);
            match (example.expected(), got) {
                (Expected::Value(expected), Ok(got)) if same(&expected, &got) => passed += 1,
                (Expected::Error(expected), Err(got)) if expected == got => passed += 1,
                (expected, got) => bail!("{}: {}: expected {expected:?}, got {got:?}", function.name, example.title),
            }
        }
    }
    Ok(passed)
}

/// JSON values as equal as a warehouse sees them: 4 and 4.0 are one number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_of_the_catalogue_holds() {
        let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
        assert!(check_examples(&catalogue).unwrap() > 100);
    }

    #[test]
    fn an_example_that_does_not_hold_is_told() {
        let mut catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
        catalogue.functions.retain(|function| function.name == "decay_exp");
        let examples = &mut catalogue.functions[0].examples;
        examples.retain(|example| matches!(example.expected(), Expected::Value(Value::Number(_))));
        examples.iter_mut().for_each(|example| example.arguments.clear());
        let error = check_examples(&catalogue).unwrap_err().to_string();
        assert!(error.starts_with("decay_exp: ") && error.contains("got Ok(Null)"), "{error}");
    }
}

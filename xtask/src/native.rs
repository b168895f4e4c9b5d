//! The native host over all modules, and the catalogue's examples run in it.

use anyhow::Result;
use plg_catalogue::host::Host;
use plg_udfs::abi::Module;
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
        anyhow::ensure!(modules.contains_key(family), "xtask/src/native.rs lacks the module of the family {family}");
    }
    Ok(Host::new(catalogue, modules))
}

#[cfg(test)]
mod tests {
    use super::host;
    use plg_catalogue::Expected;
    use serde_json::Value;

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

    #[test]
    fn every_example_of_the_catalogue_holds() {
        let mut host = host().unwrap();
        let functions = host.catalogue().functions.clone();
        for function in functions {
            for example in &function.examples {
                let got = host.call(&function.name, &example.arguments);
                let at = format!("{}: {}", function.name, example.title);
                match (example.expected(), got) {
                    (Expected::Value(expected), Ok(got)) => assert!(same(&expected, &got), "{at}: {got}"),
                    (Expected::Error(expected), Err(got)) => assert_eq!(expected, got, "{at}"),
                    (expected, got) => panic!("{at}: expected {expected:?}, got {got:?}"),
                }
            }
        }
    }
}

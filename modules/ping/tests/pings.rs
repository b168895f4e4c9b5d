//! Metrics held against a second implementation that lists all paths of a payload and looks at their beginnings.

use plg_catalogue::host::Host;
use plg_module_ping::Native;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// All values that are no objects, by their paths.
fn leaves(value: &Value, path: Vec<String>, all: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                leaves(field, [path.clone(), vec![name.clone()]].concat(), all);
            }
        }
        value => all.push((path, value.clone())),
    }
}

fn random_object(random: &mut fastrand::Rng, depth: usize) -> Value {
    let names =
        ["a", "b", "a.b", "aggregate_a", "aggregate_", "aggregated_metrics", "é", "\u{ff5e}", "\u{1f600}", "7", ""];
    let fields: Map<String, Value> = (0..random.usize(..5))
        .map(|_| {
            let value = match random.u8(..10) {
                0..3 if depth < 3 => random_object(random, depth + 1),
                3 => json!(-f64::from(random.u8(1..5))),
                4 => [json!(null), json!("3"), json!(true), json!([1, 2])][random.usize(..4)].clone(),
                5 => json!(random.f64()),
                _ => json!(random.u8(..100)),
            };
            // Often a few, so that paths read alike.
            let choice = if random.bool() { 3 } else { names.len() };
            (names[random.usize(..choice)].to_owned(), value)
        })
        .collect();
    Value::Object(fields)
}

#[test]
fn metrics_are_the_numbers_at_their_paths() {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    let mut host = Host::new(catalogue, HashMap::from([("ping".to_owned(), module)]));
    let mut random = fastrand::Rng::with_seed(1);
    let (mut metrics, mut twice) = (0, 0);
    for _ in 0..6_000 {
        let payload: Map<String, Value> = ["counts", "counts_weekly", "counts_monthly", "settings"]
            .iter()
            .map(|block| ((*block).to_owned(), random_object(&mut random, 0)))
            .filter(|(_, fields)| fields.as_object().is_some_and(|fields| fields.len() != 1))
            .collect();
        let payload = Value::Object(payload);
        let mut all = Vec::new();
        leaves(&payload, Vec::new(), &mut all);
        let mut found: BTreeMap<(String, u8, bool), f64> = BTreeMap::new();
        let mut ignored = 0;
        for (path, value) in all {
            let period = match path[0].as_str() {
                "counts_weekly" => 0,
                "counts_monthly" => 1,
                "counts" => 2,
                _ => continue,
            };
            // An empty object at the top is no leaf, so every path has a name.
            let joined = path[1..].join(".");
            let cut = match period {
                2 => joined.strip_prefix("aggregate_").filter(|_| path[1].len() > "aggregate_".len()),
                _ => joined.strip_prefix("aggregated_metrics.").filter(|_| path[1] == "aggregated_metrics"),
            };
            let number = value.as_f64().filter(|number| ![-1.0, -2.0, -3.0].contains(number));
            let Some(number) = number else {
                ignored += 1;
                continue;
            };
            let key = (cut.unwrap_or(&joined).to_owned(), period, cut.is_some());
            match found.get_mut(&key) {
                Some(first) => {
                    *first = first.min(number);
                    ignored += 1;
                    twice += 1;
                }
                None => drop(found.insert(key, number)),
            }
        }
        let expected: Vec<Value> = found
            .iter()
            .map(|((metric, period, aggregated), amount)| {
                let period = ["7d", "28d", "all_time"][*period as usize];
                json!({"metric": metric, "period": period, "is_aggregated": aggregated, "amount": amount})
            })
            .collect();
        metrics += expected.len();
        let arguments = BTreeMap::from([("payload".to_owned(), payload.to_string().into())]);
        let result = host.call("ping_metrics", &arguments).unwrap();
        assert_eq!(result, json!({"metrics": expected, "ignored": f64::from(ignored)}), "{payload}");
    }
    assert!(metrics > 10_000 && twice > 100, "{metrics} {twice}");
}

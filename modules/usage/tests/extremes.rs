//! Usage metrics at the ends of what arguments may be, with all checks of a development build.

use plg_catalogue::host::Host;
use plg_module_usage::Native;
use serde_json::{Value, json};
use std::collections::HashMap;

fn host() -> Host {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("usage".to_owned(), module)]))
}

fn metrics(random: &mut fastrand::Rng) -> Value {
    let days = [1, 7, 36_500];
    let mut metrics = Vec::new();
    for (number, kind) in ["users", "events", "active_days", "indicator", "power_users"].iter().enumerate() {
        let mut metric = json!({"name": format!("m{number}"), "kind": kind, "events": ["a", "b"]});
        if random.bool() {
            metric["days"] = json!(days[random.usize(..3)]);
            metric["offset_days"] = json!(([0, 36_500][random.usize(..2)]));
        }
        metrics.push(metric);
    }
    let any = |random: &mut fastrand::Rng| format!("m{}", random.usize(..5));
    metrics.push(json!({"name": "r", "kind": "ratio", "numerator": any(random), "denominator": any(random)}));
    metrics.push(json!({"name": "g", "kind": "growth_rate", "metric": "r", "over_days": 36_400}));
    metrics.push(json!({"name": "t", "kind": "trend", "metric": any(random), "points": 100, "every_days": 300}));
    json!({"metrics": metrics})
}

#[test]
fn no_row_is_too_much_and_no_order_matters() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    let times = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2026-01-31T00:00:00Z", "9999-12-31T23:59:59Z"];
    for _ in 0..2_000 {
        let mut events: Vec<Value> = (0..random.usize(..12))
            .map(|_| {
                json!({
                    "user_id": ([Some("u"), Some("v"), Some(""), None][random.usize(..4)]),
                    "event": (["a", "b", "c"][random.usize(..3)]),
                    "occurred_at": times[random.usize(..4)],
                    "count": ([0.0, 1e-9, 1.0, 1e15, 1e308][random.usize(..5)]),
                })
            })
            .collect();
        let definitions = metrics(&mut random).to_string();
        let as_of = times[random.usize(..4)];
        let mut call = |events: &[Value]| {
            let arguments = [("events", json!(events)), ("definitions", json!(definitions)), ("as_of", json!(as_of))];
            let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            host.call("usage_metrics", &arguments).unwrap()
        };
        let forwards = call(&events);
        events.reverse();
        assert_eq!(forwards, call(&events));
        for metric in forwards["metrics"].as_array().unwrap() {
            assert!(metric["value"].is_null() || metric["value"].is_number());
        }
    }
}

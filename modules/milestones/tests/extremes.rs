//! Milestones at the ends of what arguments may be, with all checks of a development build.

use plg_catalogue::host::Host;
use plg_module_milestones::Native;
use serde_json::{Value, json};
use std::collections::HashMap;

fn host() -> Host {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("milestones".to_owned(), module)]))
}

fn milestones(random: &mut fastrand::Rng) -> Value {
    let mut milestones = Vec::new();
    for (number, measure) in ["times", "users", "periods"].iter().enumerate() {
        let frequency = ["daily", "weekly", "monthly"][random.usize(..3)];
        let mut milestone = json!({"name": format!("m{number}"), "frequency": frequency});
        milestone[measure] = json!(([1, 2, 1_000][random.usize(..3)]));
        if random.bool() {
            milestone["within"] = json!(([1_000, 36_500][random.usize(..2)]));
        }
        milestones.push(milestone);
    }
    let hours = [1e-9, 876_000.0][random.usize(..2)];
    milestones.push(json!({"name": "s", "series": [{"event": "a"}, {"event": "b"}], "within_hours": hours}));
    json!({"milestones": milestones, "setup": ["m0", "s"], "habit": "m2", "activation": {"primary": "m1"}})
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
        let definitions = milestones(&mut random).to_string();
        let as_of = times[random.usize(..4)];
        let mut call = |events: &[Value]| {
            let arguments = [("events", json!(events)), ("definitions", json!(definitions)), ("as_of", json!(as_of))];
            let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            host.call("milestones", &arguments).unwrap()
        };
        let forwards = call(&events);
        events.reverse();
        assert_eq!(forwards, call(&events));
    }
}

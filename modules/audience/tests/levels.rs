//! Audience levels held against a second implementation of the overage audience, written from `docs/semantics.md`, and
//! against what nesting promises.

use plg_catalogue::host::Host;
use plg_module_audience::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("audience".to_owned(), module)]))
}

fn level(host: &mut Host, levels: &str, facts: &Value) -> Value {
    let arguments = BTreeMap::from([("facts".to_owned(), facts.clone()), ("levels".to_owned(), Value::from(levels))]);
    host.call("audience_level", &arguments).unwrap()
}

#[test]
fn overage_is_what_its_description_says() {
    let booleans = [None, Some(false), Some(true)];
    let usages = [None, Some(0.0), Some(100.0), Some(100.5), Some(199.5), Some(200.0), Some(1e6)];
    let entitlements = [None, Some(0.0), Some(100.0)];
    let mut host = host();
    let mut seen = [0; 4];
    for is_excluded in booleans {
        for is_self_serve in booleans {
            for has_open_engagement in booleans {
                for has_open_opportunity in booleans {
                    for usage in usages {
                        for entitlement in entitlements {
                            // Unknown usage or entitlement is no overage, unknown sales contact is contact.
                            let both = usage.zip(entitlement);
                            let in_overage = is_self_serve == Some(true) && both.is_some_and(|(used, may)| used > may);
                            let alone = has_open_engagement == Some(false) && has_open_opportunity == Some(false);
                            let high = both.is_some_and(|(used, may)| used >= may + may);
                            let excluded = is_excluded == Some(true);
                            let number = match (excluded, in_overage, alone, high) {
                                (true, ..) | (_, false, ..) => 0,
                                (_, _, false, _) => 1,
                                (_, _, _, false) => 2,
                                _ => 3,
                            };
                            seen[number] += 1;
                            let names = ["In overage", "Without sales contact", "High usage"];
                            let expected = json!({
                                "level": number as f64,
                                "audience": number.checked_sub(1).map(|at| names[at]),
                                "destination": number.checked_sub(1).map(|at| ["in_app", "email", "sales"][at]),
                                "excluded_by": excluded.then_some("Excluded by hand"),
                                "stopped_by": names.get(number).filter(|_| !excluded),
                            });
                            let facts = json!({
                                "is_excluded": is_excluded, "is_self_serve": is_self_serve, "usage": usage,
                                "entitlement": entitlement, "has_open_engagement": has_open_engagement,
                                "has_open_opportunity": has_open_opportunity,
                            });
                            assert_eq!(level(&mut host, "@overage", &facts), expected, "{facts}");
                        }
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|&count| count > 3), "{seen:?}");
}

/// Whatever the conditions: the first k levels alone give the same level, at most k, so each audience is a part of the
/// one before, and nobody excluded is in any.
#[test]
fn levels_are_nested_and_exclusions_apply_to_all() {
    let conditions =
        ["a > 1", "a <= 3", "p", "not p", "p is null", "a is not null", "t = 'x'", "t in ('x', null)", "null", "true"];
    let mut random = fastrand::Rng::with_seed(1);
    let mut host = host();
    let mut reached = [0; 5];
    for _ in 0..800 {
        let draw = |count: usize, random: &mut fastrand::Rng| -> Vec<Value> {
            (0..count)
                .map(|number| {
                    let when = conditions[random.usize(..conditions.len())];
                    json!({"name": format!("level {number}"), "destination": format!("place {number}"), "when": when})
                })
                .collect()
        };
        let levels = draw(4, &mut random);
        let mut exclusions = draw(1, &mut random);
        exclusions[0].as_object_mut().unwrap().remove("destination");
        let document = |exclusions: &[Value], levels: &[Value]| {
            json!({"name": "random", "on_missing": "null", "exclusions": exclusions, "levels": levels}).to_string()
        };
        let rows: Vec<Value> = (0..6)
            .map(|_| {
                let a = [json!(null), json!(0), json!(2), json!(5)][random.usize(..4)].clone();
                let p = [json!(null), json!(true), json!(false)][random.usize(..3)].clone();
                let t = [json!(null), json!("x"), json!("y")][random.usize(..3)].clone();
                json!({"a": a, "p": p, "t": t})
            })
            .collect();
        let mut whole = |exclusions: &[Value], levels: &[Value]| -> Vec<Value> {
            let text = document(exclusions, levels);
            rows.iter().map(|row| level(&mut host, &text, row)).collect()
        };
        let all = whole(&[], &levels);
        for first in 1..4 {
            for (part, all) in whole(&[], &levels[..first]).iter().zip(&all) {
                let expected = all["level"].as_f64().unwrap().min(first as f64);
                assert_eq!(part["level"].as_f64().unwrap(), expected, "{levels:?}");
                let name = (expected > 0.0).then(|| format!("level {}", expected - 1.0));
                assert_eq!(part["audience"], json!(name));
            }
        }
        // An exclusion is true where a level of the same condition holds.
        let alone = json!({"name": "alone", "destination": "", "when": exclusions[0]["when"]});
        let excluded = whole(&[], &[alone]);
        for ((with, without), excluded) in whole(&exclusions, &levels).iter().zip(&all).zip(&excluded) {
            if excluded["level"] == 1.0 {
                assert_eq!(with["level"], 0.0);
                assert_eq!(with["excluded_by"], "level 0");
                assert_eq!(with["stopped_by"], Value::Null);
            } else {
                assert_eq!(with, without);
            }
            reached[with["level"].as_f64().unwrap() as usize] += 1;
        }
    }
    assert!(reached.iter().all(|&count| count > 20), "{reached:?}");
}

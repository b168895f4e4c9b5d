//! The routing rules that are shipped, row by row, boundary by boundary; every expected value is written by hand from
//! `docs/semantics.md`.

use plg_catalogue::host::Host;
use plg_module_route::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// 2026-01-31 12:00:00.
const AS_OF: i64 = 1_769_860_800_000_000;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 86_400_000_000;

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("route".to_owned(), module)]))
}

fn route(host: &mut Host, facts: &Value) -> Value {
    let arguments = BTreeMap::from([
        ("facts".to_owned(), facts.clone()),
        ("routing".to_owned(), Value::from("@starter")),
        ("as_of".to_owned(), json!(AS_OF)),
    ]);
    host.call("route", &arguments).unwrap_or_else(|error| panic!("{error}: {facts}"))
}

/// A point in time some microseconds before `AS_OF`.
fn ago(microseconds: i64) -> Value {
    let mut text = Vec::new();
    plg_udfs::timestamp::push_iso(&mut text, AS_OF - microseconds);
    String::from_utf8(text).unwrap().into()
}

/// Good fit, an admin, high intent yesterday, nobody active just now, no account executive.
fn lead(score: Value, changes: Value) -> Value {
    let mut facts = json!({
        "score": score, "is_paid": false, "icp_tier": "A", "has_admin": true, "pricing_page_views_7d": 0,
        "upgrade_clicks_7d": 0, "seat_growth_30d": 0, "seats": 10, "last_high_intent_at": ago(DAY),
        "last_active_at": ago(120 * MINUTE), "next_best_action_channel": "in_app", "segment": "smb", "account_ae": null,
    });
    for (name, value) in changes.as_object().unwrap() {
        assert!(facts.get(name).is_some(), "{name}");
        facts[name] = value.clone();
    }
    facts
}

#[test]
fn destinations_follow_the_order_of_the_rules() {
    let active = ago(5 * MINUTE);
    let none = json!({"has_admin": false});
    let light = "lifecycle_email sdr_light_touch";
    let rows: Vec<(f64, Value, &str, &str)> = vec![
        // Below 50, and from 50 on; in-app only from 50 on.
        (0.0, json!({}), "nurture", "nurture"),
        (49.99, json!({}), "nurture", "nurture"),
        (49.99, json!({"last_active_at": active}), "nurture", "nurture"),
        (50.0, json!({}), "warm", "nurture"),
        (50.0, json!({"last_active_at": active}), "warm", "nurture in_app"),
        (55.0, json!({"is_paid": true}), "warm", "nurture"),
        (59.99, json!({"last_active_at": active}), "warm", "nurture in_app"),
        // 60 to 64: email and in-app, no light touch yet.
        (60.0, json!({}), "lifecycle", "lifecycle_email"),
        (60.0, json!({"last_active_at": active}), "lifecycle", "lifecycle_email in_app"),
        (64.0, json!({}), "lifecycle", "lifecycle_email"),
        (64.99, json!({"last_active_at": active}), "lifecycle", "lifecycle_email in_app"),
        // From 65 on a light touch, for tier A with high intent alone.
        (65.0, json!({}), "lifecycle", light),
        (65.0, json!({"last_active_at": active}), "lifecycle", "lifecycle_email in_app sdr_light_touch"),
        (65.0, json!({"icp_tier": "B"}), "lifecycle", "lifecycle_email"),
        (65.0, json!({"icp_tier": "C"}), "lifecycle", "lifecycle_email"),
        (65.0, json!({"icp_tier": null}), "lifecycle", "lifecycle_email"),
        (65.0, json!({"last_high_intent_at": null}), "lifecycle", "lifecycle_email"),
        (65.0, none.clone(), "lifecycle", light),
        // 79.5 is not 80.
        (79.5, json!({}), "lifecycle", light),
        (79.99, json!({}), "lifecycle", light),
        // From 80 on sales, with fit, a reason to buy and high intent.
        (80.0, json!({}), "sales", "sdr"),
        (80.0, json!({"last_active_at": active}), "sales", "sdr"),
        (100.0, json!({}), "sales", "sdr"),
        (80.0, json!({"icp_tier": "B"}), "sales", "sdr"),
        // Uncertain fit.
        (80.0, json!({"icp_tier": "C"}), "lifecycle", "lifecycle_email"),
        (80.0, json!({"icp_tier": null}), "lifecycle", "lifecycle_email"),
        (95.0, json!({"icp_tier": null, "last_active_at": active}), "lifecycle", "lifecycle_email in_app"),
        // No admin: pricing or upgrade intent, or seat growth of more than 20 %, instead.
        (80.0, none.clone(), "lifecycle", light),
        (80.0, json!({"has_admin": null}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "icp_tier": "B"}), "lifecycle", "lifecycle_email"),
        (80.0, json!({"has_admin": false, "pricing_page_views_7d": 1}), "sales", "sdr"),
        (80.0, json!({"has_admin": false, "upgrade_clicks_7d": 1}), "sales", "sdr"),
        (80.0, json!({"has_admin": null, "upgrade_clicks_7d": 1}), "sales", "sdr"),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 2}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 3}), "sales", "sdr"),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 7, "seats": 35}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 8, "seats": 35}), "sales", "sdr"),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 20_001, "seats": 100_000}), "sales", "sdr"),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 20_000, "seats": 100_000}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "seat_growth_30d": -3}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "seat_growth_30d": 3, "seats": null}), "lifecycle", light),
        (80.0, json!({"has_admin": false, "seat_growth_30d": null}), "lifecycle", light),
        // High intent within 14 days, which belong to them; not in the future.
        (80.0, json!({"last_high_intent_at": ago(14 * DAY)}), "sales", "sdr"),
        (80.0, json!({"last_high_intent_at": ago(14 * DAY + 1)}), "lifecycle", "lifecycle_email"),
        (80.0, json!({"last_high_intent_at": ago(0)}), "sales", "sdr"),
        (80.0, json!({"last_high_intent_at": ago(-1)}), "lifecycle", "lifecycle_email"),
        (80.0, json!({"last_high_intent_at": null}), "lifecycle", "lifecycle_email"),
        (65.0, json!({"last_high_intent_at": ago(14 * DAY)}), "lifecycle", light),
        (65.0, json!({"last_high_intent_at": ago(14 * DAY + 1)}), "lifecycle", "lifecycle_email"),
        // Paying: from 70 on expansion, before all else; below, as anybody.
        (70.0, json!({"is_paid": true}), "expansion", "csm_expansion"),
        (69.99, json!({"is_paid": true}), "lifecycle", light),
        (80.0, json!({"is_paid": true}), "expansion", "csm_expansion"),
        (100.0, json!({"is_paid": true, "icp_tier": null, "last_active_at": active}), "expansion", "csm_expansion"),
        (70.0, json!({"is_paid": null}), "lifecycle", light),
        (80.0, json!({"is_paid": null}), "sales", "sdr"),
        (49.0, json!({"is_paid": true}), "nurture", "nurture"),
        // In-app: within 30 minutes, which belong to them, and only where the next best action is in-app.
        (60.0, json!({"last_active_at": ago(30 * MINUTE)}), "lifecycle", "lifecycle_email in_app"),
        (60.0, json!({"last_active_at": ago(30 * MINUTE + 1)}), "lifecycle", "lifecycle_email"),
        (60.0, json!({"last_active_at": ago(0)}), "lifecycle", "lifecycle_email in_app"),
        (60.0, json!({"last_active_at": ago(-1)}), "lifecycle", "lifecycle_email"),
        (60.0, json!({"last_active_at": null}), "lifecycle", "lifecycle_email"),
        (60.0, json!({"last_active_at": active, "next_best_action_channel": "email"}), "lifecycle", "lifecycle_email"),
        (60.0, json!({"last_active_at": active, "next_best_action_channel": null}), "lifecycle", "lifecycle_email"),
        (50.0, json!({"last_active_at": active, "next_best_action_channel": "email"}), "warm", "nurture"),
    ];
    let mut host = host();
    for (score, changes, code, destinations) in rows {
        let result = route(&mut host, &lead(json!(score), changes.clone()));
        let expected: Vec<&str> = destinations.split(' ').collect();
        assert_eq!(result["code"], code, "{score} {changes}");
        assert_eq!(result["destinations"], json!(expected), "{score} {changes}");
    }
    // No score is no good score.
    let result = route(&mut host, &lead(Value::Null, json!({"is_paid": true})));
    assert_eq!((&result["code"], &result["destinations"]), (&json!("nurture"), &json!(["nurture"])));
}

#[test]
fn ownership_is_the_first_that_applies() {
    let rows = [
        // Expansion by segment, whoever else the account has.
        (75.0, json!({"is_paid": true}), "CSM", None),
        (75.0, json!({"is_paid": true, "segment": null}), "CSM", None),
        (75.0, json!({"is_paid": true, "account_ae": "Ada"}), "CSM", None),
        (75.0, json!({"is_paid": true, "segment": "enterprise", "account_ae": "Ada"}), "AE", Some("Ada")),
        (90.0, json!({"is_paid": true, "segment": "enterprise"}), "AE", None),
        // The account's account executive, wherever the lead goes.
        (85.0, json!({"account_ae": "Ada"}), "AE", Some("Ada")),
        (85.0, json!({"account_ae": "Zoë", "segment": "enterprise"}), "AE", Some("Zoë")),
        (10.0, json!({"account_ae": "Ada"}), "AE", Some("Ada")),
        (69.0, json!({"is_paid": true, "account_ae": "Ada", "segment": "enterprise"}), "AE", Some("Ada")),
        // Enterprise and hot; hot is a score of 80, sales or not.
        (80.0, json!({"segment": "enterprise"}), "SDR with AE assist", None),
        (80.0, json!({"segment": "enterprise", "icp_tier": null}), "SDR with AE assist", None),
        (79.99, json!({"segment": "enterprise"}), "SDR pool", None),
        // Everybody else.
        (80.0, json!({}), "SDR pool", None),
        (80.0, json!({"segment": null}), "SDR pool", None),
        (20.0, json!({}), "SDR pool", None),
        (69.0, json!({"is_paid": true}), "SDR pool", None),
    ];
    let mut host = host();
    for (score, changes, team, owner) in rows {
        let result = route(&mut host, &lead(json!(score), changes.clone()));
        assert_eq!((&result["owner_team"], &result["owner"]), (&json!(team), &json!(owner)), "{score} {changes}");
    }
}

#[test]
fn notes_say_what_sales_lacks_and_payloads_what_destinations_need() {
    let (fit, buyer, gate) = (
        "Fit is uncertain",
        "No admin, no pricing or upgrade intent, no seat growth above 20 %",
        "No high intent in the last 14 days",
    );
    let rows = [
        (85.0, json!({}), vec![]),
        (85.0, json!({"icp_tier": "B"}), vec![]),
        (85.0, json!({"icp_tier": "C"}), vec![fit]),
        (85.0, json!({"icp_tier": null}), vec![fit]),
        (85.0, json!({"has_admin": false}), vec![buyer]),
        (85.0, json!({"has_admin": null, "seats": null}), vec![buyer]),
        (85.0, json!({"has_admin": null, "upgrade_clicks_7d": 2}), vec![]),
        (85.0, json!({"last_high_intent_at": ago(15 * DAY)}), vec![gate]),
        (20.0, json!({"icp_tier": null, "has_admin": false, "last_high_intent_at": null}), vec![fit, buyer, gate]),
    ];
    let mut host = host();
    for (score, changes, notes) in rows {
        assert_eq!(route(&mut host, &lead(json!(score), changes.clone()))["notes"], json!(notes), "{score} {changes}");
    }
    let result = route(&mut host, &lead(json!(65), json!({"last_active_at": ago(0)})));
    assert_eq!(result["destinations"], json!(["lifecycle_email", "in_app", "sdr_light_touch"]));
    // In the order of the document's destinations, each field once.
    let payload = ["score", "top_reasons", "champions", "opener", "primary_email", "next_best_action", "user_id"];
    assert_eq!(result["payload"], json!(payload));
}

/// The rules a second time, in the order in which somebody would read them, over random facts with NULLs.
#[test]
fn random_leads_go_where_the_rules_in_words_send_them() {
    let mut random = fastrand::Rng::with_seed(5);
    let mut host = host();
    let mut seen = BTreeMap::<String, usize>::new();
    for _ in 0..20_000 {
        let mut maybe = |values: &[Value]| match random.u8(..8) {
            0 => Value::Null,
            _ => values[random.usize(..values.len())].clone(),
        };
        let score = maybe(&[0, 45, 50, 58, 60, 64, 65, 69, 70, 78, 80, 90].map(|score| json!(score)));
        let booleans = [json!(false), json!(true)];
        let minutes = [0, 10, 30, 31, 500];
        let days = [0, 3, 14, 15];
        let (active, intent) = (maybe(&minutes.map(|ago| json!(ago))), maybe(&days.map(|ago| json!(ago))));
        let moment = |ago_by: &Value, unit: i64| ago_by.as_i64().map_or(Value::Null, |count| ago(count * unit));
        let facts = lead(
            score.clone(),
            json!({
                "is_paid": maybe(&booleans), "icp_tier": maybe(&["A", "B", "C"].map(|tier| json!(tier))),
                "has_admin": maybe(&booleans), "pricing_page_views_7d": maybe(&[json!(0), json!(2)]),
                "upgrade_clicks_7d": maybe(&[json!(0), json!(0), json!(1)]),
                "seat_growth_30d": maybe(&[-1, 0, 2, 3].map(|seats| json!(seats))), "seats": maybe(&[json!(10)]),
                "last_high_intent_at": moment(&intent, DAY), "last_active_at": moment(&active, MINUTE),
                "next_best_action_channel": maybe(&[json!("in_app"), json!("email")]),
                "segment": maybe(&[json!("enterprise"), json!("smb")]), "account_ae": maybe(&[json!(null), json!("Ada")]),
            }),
        );
        let known = |name: &str| facts[name].as_f64();
        let is = |name: &str, value: Value| facts[name] == value;
        let at_least = |bound: f64| score.as_f64().is_some_and(|score| score >= bound);
        let gate = intent.as_i64().is_some_and(|days| days <= 14);
        let grows = known("seat_growth_30d").zip(known("seats")).is_some_and(|(growth, seats)| growth / seats > 0.2);
        let clicked = known("pricing_page_views_7d") > Some(0.0) || known("upgrade_clicks_7d") > Some(0.0);
        let buyer = is("has_admin", json!(true)) || clicked || grows;
        let fit = is("icp_tier", json!("A")) || is("icp_tier", json!("B"));
        let here = active.as_i64().is_some_and(|minutes| minutes <= 30);
        let in_app = here && is("next_best_action_channel", json!("in_app"));
        let mut destinations = Vec::new();
        let mut expansion = false;
        if is("is_paid", json!(true)) && at_least(70.0) {
            expansion = true;
            destinations.push("csm_expansion");
        } else if at_least(80.0) && fit && buyer && gate {
            destinations.push("sdr");
        } else {
            destinations.push(if at_least(60.0) { "lifecycle_email" } else { "nurture" });
            if in_app && at_least(50.0) {
                destinations.push("in_app");
            }
            if at_least(65.0) && is("icp_tier", json!("A")) && gate {
                destinations.push("sdr_light_touch");
            }
        }
        let enterprise = is("segment", json!("enterprise"));
        let has_ae = !is("account_ae", Value::Null);
        let team = match (expansion, has_ae, enterprise) {
            (true, _, false) => "CSM",
            (true, _, true) | (_, true, _) => "AE",
            _ if enterprise && at_least(80.0) => "SDR with AE assist",
            _ => "SDR pool",
        };
        let result = route(&mut host, &facts);
        assert_eq!((&result["destinations"], &result["owner_team"]), (&json!(destinations), &json!(team)), "{facts}");
        *seen.entry(destinations.join(" ")).or_default() += 1;
        *seen.entry(team.to_owned()).or_default() += 1;
    }
    assert!(seen.len() == 12 && seen.values().all(|&count| count > 20), "{seen:?}");
}

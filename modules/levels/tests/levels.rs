//! Stages, differences, accounts and hand-offs held against second implementations that follow the text of
//! `docs/semantics.md`.

use plg_catalogue::host::Host;
use plg_module_levels::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const HOUR: i64 = 3_600_000_000;
/// 2026-01-31 12:00:00.
const AS_OF: i64 = 1_769_860_800_000_000;
const PER_POINT: f64 = 4_294_967_296.0;

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("levels".to_owned(), module)]))
}

fn named<const N: usize>(arguments: [(&str, Value); N]) -> BTreeMap<String, Value> {
    arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn shuffled(list: &Value) -> Value {
    let mut rows = list.as_array().unwrap().clone();
    fastrand::Rng::with_seed(7).shuffle(&mut rows);
    rows.into()
}

#[test]
fn the_stage_is_the_highest_that_is_reached_or_kept() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    let (mut kept, mut none) = (0, 0);
    for _ in 0..5_000 {
        let mut bounds: BTreeSet<i32> = (0..random.usize(1..6)).map(|_| random.i32(0..20) * 5).collect();
        let open = random.bool();
        let mut stages = Vec::new();
        while let Some(bound) = bounds.pop_last() {
            stages.push((format!("from {bound}"), f64::from(bound)));
        }
        if open {
            stages.push(("the rest".to_owned(), f64::NEG_INFINITY));
        }
        let listed: Vec<Value> = stages
            .iter()
            .map(|(name, bound)| match bound.is_finite() {
                true => json!({"name": name, "at_least": bound}),
                false => json!({"name": name}),
            })
            .collect();
        let of_model = random.bool().then(|| random.u8(..15));
        let margin = random.bool().then(|| random.u8(..15));
        let score = f64::from(random.u8(..200)) / 2.0;
        let previous = match random.u8(..6) {
            0 => None,
            1 => Some("gone"),
            _ => random.choice(&stages).map(|(name, _)| name.as_str()),
        };
        let used = f64::from(margin.or(of_model).unwrap_or(0));
        // From the highest on, the first whose bound counts, which for the previous one is lower.
        let expected = stages
            .iter()
            .find(|(name, bound)| score >= *bound || (Some(name.as_str()) == previous && score >= bound - used));
        let mut model = json!({"stages": listed, "version": 3});
        if let Some(margin) = of_model {
            model["stage_margin"] = margin.into();
        }
        let given = named([
            ("score", json!(score)),
            ("model", model.to_string().into()),
            ("previous", json!(previous)),
            ("margin", json!(margin)),
        ]);
        let got = host.call("score_stage", &given).unwrap();
        assert_eq!(got, json!(expected.map(|(name, _)| name)), "{given:?}");
        kept += expected.is_some_and(|(_, bound)| score < *bound) as usize;
        none += expected.is_none() as usize;
    }
    assert!(kept > 100 && none > 200, "{kept} {none}");
}

/// The nearest multiple of 2^-32, ties to even.
fn units(points: f64) -> i128 {
    (points * PER_POINT).round_ties_even() as i128
}

#[test]
fn changes_add_up_to_the_difference_to_the_last_bit() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(2);
    let mut unchanged = 0;
    for _ in 0..3_000 {
        let side = |random: &mut fastrand::Rng| -> Vec<(Option<&str>, Option<&str>, f64)> {
            let text =
                |random: &mut fastrand::Rng| [Some("a"), Some("b"), Some("é"), Some(""), None][random.usize(..5)];
            (0..random.usize(..25))
                .map(|_| {
                    let points = match random.u8(..3) {
                        0 => random.f64() * 100.0 - 30.0,
                        1 => f64::from(random.u8(..3)),
                        _ => 0.1,
                    };
                    (text(random), text(random), points)
                })
                .collect()
        };
        let (after, before) = (side(&mut random), side(&mut random));
        let sum = |list: &[(Option<&str>, Option<&str>, f64)], key: (Option<&str>, Option<&str>)| -> i128 {
            list.iter().filter(|(bucket, code, _)| (*bucket, *code) == key).map(|(.., points)| units(*points)).sum()
        };
        let mut keys = Vec::new();
        for (bucket, code, _) in &after {
            if !keys.contains(&(*bucket, *code)) {
                keys.push((*bucket, *code));
            }
        }
        let rest: BTreeSet<_> = before.iter().map(|(bucket, code, _)| (*bucket, *code)).collect();
        keys.extend(rest.into_iter().filter(|key| !keys.contains(key)).collect::<Vec<_>>());
        let points = |units: i128| units as f64 / PER_POINT;
        let mut changes = Vec::new();
        let mut delta = 0.0;
        for key in keys {
            let (then, now) = (sum(&before, key), sum(&after, key));
            if then == now {
                unchanged += 1;
                continue;
            }
            changes.push(json!({"bucket": key.0, "code": key.1, "points_before": points(then),
                "points_after": points(now), "delta": points(now - then)}));
            delta += points(now - then);
        }
        let list = |list: &[(Option<&str>, Option<&str>, f64)]| -> Value {
            list.iter()
                .map(|(bucket, code, points)| json!({"bucket": bucket, "code": code, "points": points}))
                .collect()
        };
        let mut given = named([("contributions", list(&after)), ("before", list(&before))]);
        let expected = json!({"delta": delta, "changes": changes});
        assert_eq!(host.call("score_diff", &given).unwrap(), expected, "{given:?}");
        given.insert("before".to_owned(), shuffled(&given["before"]));
        assert_eq!(host.call("score_diff", &given).unwrap(), expected, "{given:?}");
    }
    assert!(unchanged > 1_000, "{unchanged}");
}

#[test]
fn an_account_scores_as_its_best_workspace_and_a_little_more() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(3);
    let mut limited = 0;
    for _ in 0..4_000 {
        let rows: Vec<(Option<&str>, Option<&str>, Option<f64>)> = (0..random.usize(..9))
            .map(|_| {
                let id = [Some("w1"), Some("w2"), Some("w3"), Some("w4"), Some("w5"), None][random.usize(..6)];
                let kind = [Some("prod"), Some("prod"), Some("trial"), Some("dev"), None][random.usize(..5)];
                let score = match random.u8(..5) {
                    0 => None,
                    1 => Some(50.0),
                    2 => Some(95.5 + random.f64() * 4.5),
                    _ => Some(random.f64() * 100.0),
                };
                (id, kind, score)
            })
            .collect();
        let (counts_from, points, at_most) = (random.u8(..100), random.u8(..4), random.u8(..8));
        let mut ignored = [0.0; 5];
        let mut scores: BTreeMap<&str, f64> = BTreeMap::new();
        for row in &rows {
            match row {
                (None, ..) => ignored[0] += 1.0,
                (_, None, _) => ignored[1] += 1.0,
                (_, Some("dev"), _) => ignored[2] += 1.0,
                (_, _, None) => ignored[3] += 1.0,
                (Some(id), _, Some(score)) => {
                    if let Some(other) = scores.insert(id, *score) {
                        ignored[4] += 1.0;
                        scores.insert(id, other.max(*score));
                    }
                }
            }
        }
        let [no_workspace, no_type, other_type, no_score, duplicate] = ignored;
        let ignored = json!({"no_workspace": no_workspace, "no_type": no_type, "other_type": other_type,
            "no_score": no_score, "duplicate": duplicate});
        let expected = match scores.values().copied().reduce(f64::max) {
            None => {
                json!({"total": null, "workspace_id": null, "contributions": [], "workspaces": 0.0, "ignored": ignored})
            }
            Some(highest) => {
                let best = scores.iter().find(|(_, score)| **score == highest).unwrap().0;
                let others = scores.iter().filter(|(id, _)| *id != best);
                let further = others.filter(|(_, score)| **score >= f64::from(counts_from)).count();
                let more = (f64::from(points) * further as f64).min(f64::from(at_most));
                let highest = units(highest) as f64 / PER_POINT;
                let total = (highest + more).min(100.0);
                let mut contributions = vec![json!({"code": "workspace", "points": highest, "count": 1.0})];
                if further > 0 {
                    contributions.push(json!({"code": "further_workspaces", "points": more, "count": further as f64}));
                }
                if total < highest + more {
                    limited += 1;
                    contributions.push(json!({"code": "limit", "points": total - (highest + more), "count": 1.0}));
                }
                json!({"total": total, "workspace_id": best, "contributions": contributions,
                    "workspaces": scores.len() as f64, "ignored": ignored})
            }
        };
        let workspaces: Value =
            rows.iter().map(|(id, kind, score)| json!({"workspace_id": id, "type": kind, "score": score})).collect();
        let model = json!({"account": {"types": ["trial", "prod"], "counts_from": counts_from, "points": points,
            "at_most": at_most}});
        let mut given = named([("workspaces", workspaces), ("model", model.to_string().into())]);
        assert_eq!(host.call("score_account", &given).unwrap(), expected, "{given:?}");
        given.insert("workspaces".to_owned(), shuffled(&given["workspaces"]));
        assert_eq!(host.call("score_account", &given).unwrap(), expected, "{given:?}");
    }
    assert!(limited > 200, "{limited}");
}

#[test]
fn an_opener_keeps_the_sentences_that_can_be_filled() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(4);
    let (mut left_out, mut nothing) = (0, 0);
    for _ in 0..3_000 {
        // Each sentence as its text with and without what it stands for, and the highest reason and event that it needs.
        let mut template = String::new();
        let mut sentences = Vec::new();
        for number in 0..random.usize(..5) {
            let (reason, event) = (random.usize(..4), random.usize(..4));
            let end = ["! ", ".\n", "?  ", ", no end\n", ". "][random.usize(..5)];
            let part = |name: &str, number: usize, filled: bool| match (number, filled) {
                (0, _) => String::new(),
                (_, false) => format!(" {{{name}_{number}}}"),
                (_, true) => format!(" {name} {number}."),
            };
            let text = |filled| {
                format!("{number} v1.5{}{} é{end}", part("reason", reason, filled), part("event", event, filled))
            };
            template.push_str(&text(false));
            sentences.push((text(true), reason, event));
        }
        let (reasons, events) = (random.usize(..4), random.usize(..4));
        let (kept, dropped): (Vec<_>, Vec<_>) =
            sentences.iter().partition(|(_, reason, event)| *reason <= reasons && *event <= events);
        let opener: String = kept.iter().map(|(text, ..)| text.as_str()).collect();
        let opener = opener.trim_end_matches([' ', '\n']);
        let model = json!({"events": (1..4).map(|n| json!({"event": format!("event_{n}"),
            "label": {"one": format!("event {n}."), "other": ""}})).collect::<Value>(), "handoff": {"opener": template}});
        let given = named([
            ("users", json!([])),
            (
                "events",
                (1..=events)
                    .map(|n| {
                        json!({"event": format!("event_{n}"),
                "occurred_at": AS_OF - n as i64 * HOUR})
                    })
                    .collect(),
            ),
            ("reasons", (1..=reasons).map(|n| json!({"sentence": format!("reason {n}.")})).collect()),
            ("model", model.to_string().into()),
            ("as_of", json!(AS_OF)),
        ]);
        let result = host.call("handoff", &given).unwrap();
        let expected = if opener.is_empty() { Value::Null } else { json!(opener) };
        assert_eq!(result["opener"], expected, "{given:?}");
        assert_eq!(result["sentences_left_out"], json!(dropped.len() as f64), "{given:?}");
        left_out += dropped.len();
        nothing += opener.is_empty() as usize;
    }
    assert!(left_out > 1_000 && nothing > 200, "{left_out} {nothing}");
}

#[test]
fn key_events_and_people_do_not_depend_on_the_order_of_rows() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..2_000 {
        let names = ["b", "a", "é", "other"];
        let rows: Vec<(Option<&str>, &str, i64)> = (0..random.usize(..15))
            .map(|_| {
                let user = [Some("u"), Some("v"), None][random.usize(..3)];
                (user, names[random.usize(..4)], AS_OF - random.i64(-1..4) * HOUR)
            })
            .collect();
        let mut key: Vec<_> =
            rows.iter().filter(|(_, event, time)| ["a", "é"].contains(event) && *time <= AS_OF).collect();
        key.sort_by_key(|(user, event, time)| (-time, *event, *user));
        let other_role = if random.bool() { 0.9 } else { 1.0 };
        let mut pick = |from: &[&'static str]| from[random.usize(..from.len())];
        let personas: &[&str] = &["builder", "champion", "economic buyer"];
        let personas = &personas[..pick(&["1", "3"]).parse().unwrap()];
        let users = (0..rows.len())
            .map(|_| {
                let (user, role) = (pick(&["u", "v", "w", "é"]), pick(&["boss", "member", "vp", "guest"]));
                json!({"user_id": user, "role": role, "persona": pick(personas)})
            })
            .collect();
        let mut given = named([
            ("users", users),
            (
                "events",
                rows.iter()
                    .map(|(user, event, time)| {
                        json!({"user_id": user, "event": event,
                "occurred_at": time})
                    })
                    .collect(),
            ),
            ("reasons", json!([])),
            (
                "model",
                json!({"events": [{"event": "a"}, {"event": "b", "key": false}, {"event": "é"}],
                "admin_roles": ["boss"], "roles": {"vp": 1, "member": 0.5}, "other_role": other_role,
                "handoff": {"key_events": 4}})
                .to_string()
                .into(),
            ),
            ("as_of", json!(AS_OF)),
        ]);
        let result = host.call("handoff", &given).unwrap();
        let buying: &[&str] = if other_role < 1.0 { &["vp"] } else { &["vp", "boss", "guest"] };
        let expected: Vec<Value> = key
            .iter()
            .take(4)
            .map(|(user, event, time)| {
                let mut iso = Vec::new();
                plg_udfs::timestamp::push_iso(&mut iso, *time);
                json!({"event": event, "label": event, "user_id": user, "occurred_at": String::from_utf8(iso).unwrap()})
            })
            .collect();
        assert_eq!(result["key_events"], json!(expected), "{given:?}");
        assert_eq!(result["ignored"]["earlier"], json!(key.len().saturating_sub(4) as f64));
        let people = |field: &str, wanted: &[&str]| -> BTreeSet<String> {
            let users = given["users"].as_array().unwrap().iter();
            users
                .filter(|user| wanted.contains(&user[field].as_str().unwrap()))
                .map(|user| user["user_id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(result["admins"], json!(people("role", &["boss"])), "{given:?}");
        let named = people("persona", &["champion", "economic buyer"]);
        let champions = if named.is_empty() { people("role", buying) } else { named };
        assert_eq!(result["champions"], json!(champions), "{given:?}");
        for list in ["users", "events"] {
            given.insert(list.to_owned(), shuffled(&given[list]));
        }
        assert_eq!(host.call("handoff", &given).unwrap(), result, "{given:?}");
    }
}

//! Overlaps and duplicates held against sets and a look at every pair of workspaces.

use plg_catalogue::host::Host;
use plg_module_overlap::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Text = Option<&'static str>;

fn host() -> Host {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("overlap".to_owned(), module)]))
}

/// A text, sometimes NULL or empty, which is nothing.
fn pick(random: &mut fastrand::Rng, texts: &[&'static str]) -> Text {
    match random.u8(..12) {
        0 => None,
        1 => Some(""),
        _ => Some(texts[random.usize(..texts.len())]),
    }
}

fn known(text: Text) -> Text {
    text.filter(|text| !text.is_empty())
}

fn ratio(part: usize, whole: usize) -> Value {
    if whole == 0 { Value::Null } else { json!(part as f64 / whole as f64) }
}

const USERS: [&str; 9] = ["u1", "u2", "u3", "u4", "u5", "u6", "é", "\u{ff5e}", "\u{1f600}"];

#[test]
fn overlaps_are_those_of_sets() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..5_000 {
        let side = |random: &mut fastrand::Rng| -> Vec<Text> {
            (0..random.usize(..14)).map(|_| pick(random, &USERS)).collect()
        };
        let (a, b) = (side(&mut random), side(&mut random));
        let set = |side: &[Text]| -> BTreeSet<&str> { side.iter().copied().filter_map(known).collect() };
        let (users_a, users_b) = (set(&a), set(&b));
        let shared = users_a.intersection(&users_b).count();
        let ignored = a.iter().chain(&b).filter(|user| known(**user).is_none()).count();
        let expected = json!({"shared_users": shared as f64, "users_a": users_a.len() as f64, "users_b": users_b.len() as f64,
            "jaccard": ratio(shared, users_a.union(&users_b).count()),
            "containment": ratio(shared, users_a.len().min(users_b.len())), "ignored": ignored as f64});
        let rows = |side: &[Text]| -> Value { side.iter().map(|user| json!({"user_id": user})).collect() };
        let arguments = BTreeMap::from([("users_a".to_owned(), rows(&a)), ("users_b".to_owned(), rows(&b))]);
        assert_eq!(host.call("workspace_overlap", &arguments).unwrap(), expected, "{arguments:?}");
    }
}

#[derive(Debug)]
struct Group {
    /// Id, type, domain of single sign-on, billing entity.
    workspaces: Vec<[Text; 4]>,
    /// Workspace, user.
    memberships: Vec<[Text; 2]>,
    settings: Value,
}

fn random_group(random: &mut fastrand::Rng) -> Group {
    let ids = ["w1", "w2", "w3", "é", "\u{ff5e}", "\u{1f600}"];
    let workspaces = (0..random.usize(..12))
        .map(|_| {
            let kind = pick(random, &["prod", "prod", "sandbox", "dev", "trial"]);
            let sparse = |random: &mut fastrand::Rng, texts| if random.bool() { None } else { pick(random, texts) };
            let domain = sparse(random, &["acme.com", "acme.io", "initech.com"]);
            [pick(random, &ids), kind, domain, sparse(random, &["b1", "b2", "b3", "b4"])]
        })
        .collect();
    let memberships = (0..random.usize(..40)).map(|_| [pick(random, &ids), pick(random, &USERS)]).collect();
    let jaccard = [0.25, 0.5, 1.0, 0.7][random.usize(..4)];
    let mut settings = json!({});
    let mut maybe = |name: &str, value: Value| {
        if random.bool() {
            settings[name] = value;
        }
    };
    maybe("jaccard", json!(jaccard));
    maybe("jaccard_users", json!(2));
    maybe("containment", json!(0.5));
    maybe("containment_users", json!(2));
    maybe("apart_types", json!(["trial", "dev"]));
    maybe("max_pairs", json!(3));
    Group { workspaces, memberships, settings }
}

/// Every pair, straight from the text: `docs/semantics.md`, "Duplicate workspaces".
fn expected(group: &Group) -> Value {
    let setting = |name: &str, default: f64| group.settings.get(name).map_or(default, |value| value.as_f64().unwrap());
    let apart: Vec<&str> = match group.settings.get("apart_types") {
        None => vec!["sandbox", "dev"],
        Some(types) => types.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect(),
    };
    let ids: BTreeSet<&str> = group.workspaces.iter().filter_map(|row| known(row[0])).collect();
    let of = |id: &str, field: usize| -> BTreeSet<&str> {
        group.workspaces.iter().filter(|row| row[0] == Some(id)).filter_map(|row| known(row[field])).collect()
    };
    let users = |id: &str| -> BTreeSet<&str> {
        group.memberships.iter().filter(|row| row[0] == Some(id)).filter_map(|row| known(row[1])).collect()
    };
    let class = |id: &str| of(id, 1).first().copied().filter(|kind| apart.contains(kind));
    let mut pairs = Vec::new();
    for a in &ids {
        for b in ids.iter().filter(|b| *b > a) {
            let mut reasons = Vec::new();
            if !of(a, 2).is_disjoint(&of(b, 2)) {
                reasons.push("same_sso_domain");
            }
            if !of(a, 3).is_disjoint(&of(b, 3)) {
                reasons.push("same_billing_entity");
            }
            let (users_a, users_b) = (users(a), users(b));
            let shared = users_a.intersection(&users_b).count();
            let jaccard = ratio(shared, users_a.union(&users_b).count());
            let containment = ratio(shared, users_a.len().min(users_b.len()));
            let reaches = |ratio: &Value, threshold: f64, least: f64| {
                shared > 0 && shared as f64 >= least && ratio.as_f64().is_some_and(|ratio| ratio >= threshold)
            };
            if reaches(&jaccard, setting("jaccard", 0.5), setting("jaccard_users", 1.0))
                || reaches(&containment, setting("containment", 0.8), setting("containment_users", 3.0))
            {
                reasons.push("user_overlap");
            }
            if !reasons.is_empty() {
                let kind = if class(a) == class(b) { "duplicate" } else { "environment" };
                let pair = json!({"workspace_a": a, "workspace_b": b, "kind": kind, "reasons": reasons,
                    "shared_users": shared as f64, "users_a": users_a.len() as f64, "users_b": users_b.len() as f64,
                    "jaccard": jaccard, "containment": containment});
                pairs.push((usize::MAX - reasons.len(), usize::MAX - shared, *a, *b, pair));
            }
        }
    }
    pairs.sort_by(|one, other| (one.0, one.1, one.2, one.3).cmp(&(other.0, other.1, other.2, other.3)));
    let most = setting("max_pairs", 10_000.0) as usize;
    let left_out = pairs.len().saturating_sub(most);
    let pairs: Vec<Value> = pairs.into_iter().take(most).map(|pair| pair.4).collect();
    let no_workspace = group.workspaces.iter().filter(|row| known(row[0]).is_none()).count();
    let (no_user, with_user): (Vec<&[Text; 2]>, Vec<&[Text; 2]>) =
        group.memberships.iter().partition(|row| known(row[1]).is_none());
    let unknown = with_user.iter().filter(|row| known(row[0]).is_none_or(|id| !ids.contains(id))).count();
    json!({"pairs": pairs, "left_out": left_out as f64, "ignored": {"no_workspace": no_workspace as f64,
        "no_user": no_user.len() as f64, "unknown_workspace": unknown as f64}})
}

fn call(host: &mut Host, group: &Group) -> Value {
    let workspaces = group.workspaces.iter().map(|[id, kind, domain, entity]| {
        json!({"workspace_id": id, "type": kind, "sso_domain": domain, "billing_id": entity})
    });
    let memberships = group.memberships.iter().map(|[id, user]| json!({"workspace_id": id, "user_id": user}));
    let arguments = BTreeMap::from([
        ("workspaces".to_owned(), workspaces.collect()),
        ("memberships".to_owned(), memberships.collect()),
        ("settings".to_owned(), group.settings.to_string().into()),
    ]);
    host.call("merge_candidates", &arguments).unwrap()
}

#[test]
fn candidates_are_those_that_a_look_at_every_pair_finds() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(2);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..6_000 {
        let mut group = random_group(&mut random);
        let result = call(&mut host, &group);
        assert_eq!(result, expected(&group), "{group:?}");
        random.shuffle(&mut group.workspaces);
        random.shuffle(&mut group.memberships);
        assert_eq!(call(&mut host, &group), result, "{group:?}");
        for pair in result["pairs"].as_array().unwrap() {
            *seen.entry(pair["kind"].to_string()).or_default() += 1;
            *seen.entry(pair["reasons"].to_string()).or_default() += 1;
        }
        *seen.entry("left out".to_owned()).or_default() += (result["left_out"] != 0.0) as usize;
    }
    // Seven combinations of reasons, two kinds, and the limit.
    assert!(seen.len() == 10 && seen.values().all(|&count| count > 30), "{seen:?}");
}

#[test]
fn memory_does_not_grow_with_the_pairs_beyond_the_limit() {
    let mut host = host();
    let workspaces = (0..2_000).map(|number| json!({"workspace_id": format!("{number:04}"), "sso_domain": "acme.com"}));
    let arguments = BTreeMap::from([
        ("workspaces".to_owned(), workspaces.collect()),
        (
            "memberships".to_owned(),
            json!([{"workspace_id": "1998", "user_id": "u"}, {"workspace_id": "1999", "user_id": "u"}]),
        ),
        ("settings".to_owned(), r#"{"max_pairs": 2}"#.into()),
    ]);
    let result = host.call("merge_candidates", &arguments).unwrap();
    let pairs: Vec<_> =
        result["pairs"].as_array().unwrap().iter().map(|pair| (&pair["workspace_a"], &pair["workspace_b"])).collect();
    assert_eq!(pairs, [(&json!("1998"), &json!("1999")), (&json!("0000"), &json!("0001"))]);
    assert_eq!(result["left_out"], json!((2_000 * 1_999 / 2 - 2) as f64));
}

//! Matches held against a second implementation that follows the table of statuses, person by person.

use plg_catalogue::host::Host;
use plg_module_crm::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Text = Option<&'static str>;
const AS_OF: i64 = 1_769_860_800_000_000;

/// A row of users or contacts.
#[derive(Clone, Debug)]
struct Row {
    id: Text,
    email: Text,
    alias: Text,
    kind: Text,
    time: Option<i64>,
}

impl Row {
    fn is(&self, id: &str) -> bool {
        self.id == Some(id)
    }

    fn alias(&self) -> Text {
        known(self.alias).or(known(self.email))
    }
}

#[derive(Clone, Debug)]
struct Settings {
    shared_kinds: Vec<&'static str>,
    latest: bool,
    alias: bool,
}

fn known(text: Text) -> Text {
    text.filter(|text| !text.is_empty())
}

fn pick(random: &mut fastrand::Rng, texts: &[&'static str]) -> Text {
    match random.u8(..20) {
        0 => None,
        1 => Some(""),
        _ => Some(texts[random.usize(..texts.len())]),
    }
}

fn random_side(random: &mut fastrand::Rng, ids: &[&'static str]) -> Vec<Row> {
    let emails = ["a@x", "b@x", "c@x", "d@x", "e@x", "é@x", "a+1@x", "a+2@x", "b+1@x"];
    (0..random.usize(..7))
        .map(|_| {
            let email = pick(random, &emails);
            // Mostly what the tag leaves, sometimes anything or nothing.
            let alias = match (random.u8(..6), email) {
                (0, _) => None,
                (1, _) => pick(random, &emails),
                (_, Some("a+1@x" | "a+2@x")) => Some("a@x"),
                (_, Some("b+1@x")) => Some("b@x"),
                (_, email) => email,
            };
            let kind = if random.u8(..8) == 0 { Some(["shared_inbox", "role"][random.usize(..2)]) } else { None };
            Row { id: pick(random, ids), email, alias, kind, time: random.bool().then(|| AS_OF - random.i64(0..4)) }
        })
        .collect()
}

/// The status and the partner of every user and contact.
fn expected(sides: &[Vec<Row>; 2], settings: &Settings) -> [BTreeMap<&'static str, (&'static str, Text)>; 2] {
    let ids = |side: usize| -> BTreeSet<&'static str> { sides[side].iter().filter_map(|row| known(row.id)).collect() };
    let rows = |side: usize| sides[side].iter().filter(|row| known(row.id).is_some() && known(row.email).is_some());
    let shared = |row: &Row| row.kind.is_some_and(|kind| settings.shared_kinds.contains(&kind));
    let emails: BTreeSet<&'static str> = [0, 1].into_iter().flat_map(rows).filter_map(|row| row.email).collect();
    // Who stands for an address on one side: one who is alone or, if that is wanted, later than all others.
    let stands = |side: usize, email: &str| -> Text {
        let with = || rows(side).filter(|row| row.email == Some(email));
        let last = |id: &str| with().filter(|row| row.is(id)).map(|row| row.time).max().unwrap();
        let all: BTreeSet<&'static str> = with().filter_map(|row| row.id).collect();
        let one =
            all.iter().find(|id| all.iter().all(|other| other == *id || (settings.latest && last(other) < last(id))));
        one.copied()
    };
    let mut statuses: [BTreeMap<&'static str, BTreeSet<u8>>; 2] =
        [0, 1].map(|side| ids(side).into_iter().map(|id| (id, BTreeSet::new())).collect());
    let mut pairs: BTreeSet<[&'static str; 2]> = BTreeSet::new();
    let mut pair_of: BTreeMap<&'static str, [&'static str; 2]> = BTreeMap::new();
    for email in &emails {
        let everybody: Vec<(usize, &Row)> = [0, 1]
            .into_iter()
            .flat_map(|side| rows(side).map(move |row| (side, row)))
            .filter(|(_, row)| row.email == Some(email))
            .collect();
        for (side, row) in &everybody {
            statuses[*side].get_mut(row.id.unwrap()).unwrap().insert(7);
        }
        if !(everybody.iter().any(|(side, _)| *side == 0) && everybody.iter().any(|(side, _)| *side == 1)) {
            continue;
        }
        let status = if everybody.iter().any(|(_, row)| shared(row)) {
            6
        } else if let (Some(user), Some(contact)) = (stands(0, email), stands(1, email)) {
            pairs.insert([user, contact]);
            pair_of.insert(email, [user, contact]);
            continue;
        } else {
            3
        };
        for (side, row) in &everybody {
            statuses[*side].get_mut(row.id.unwrap()).unwrap().insert(status);
        }
    }
    let mut accepted: BTreeMap<[&'static str; 2], u8> = BTreeMap::new();
    let mut settle =
        |pairs: &BTreeSet<[&'static str; 2]>, status: u8, statuses: &mut [BTreeMap<&'static str, BTreeSet<u8>>; 2]| {
            for pair in pairs {
                let alone = (0..2).all(|side| pairs.iter().filter(|other| other[side] == pair[side]).count() == 1);
                if alone {
                    accepted.insert(*pair, status);
                }
                for side in 0..2 {
                    statuses[side].get_mut(pair[side]).unwrap().insert(if alone { status } else { 2 });
                }
            }
        };
    settle(&pairs, 0, &mut statuses);
    for (email, pair) in &pair_of {
        for side in 0..2 {
            for row in rows(side).filter(|row| row.email == Some(email) && !row.is(pair[side])) {
                statuses[side].get_mut(row.id.unwrap()).unwrap().insert(4);
            }
        }
    }
    if settings.alias {
        let aliases: BTreeSet<&'static str> = [0, 1].into_iter().flat_map(rows).filter_map(Row::alias).collect();
        let free = statuses.clone();
        let is_free = |side: usize, id: &str| free[side][id].iter().all(|status| *status == 7);
        let mut pairs = BTreeSet::new();
        for alias in aliases {
            let members = |side: usize| -> BTreeSet<&'static str> {
                rows(side).filter(|row| row.alias() == Some(alias) && !shared(row)).filter_map(|row| row.id).collect()
            };
            let (users, contacts) = (members(0), members(1));
            match (users.first(), contacts.first()) {
                (Some(user), Some(contact))
                    if users.len() == 1 && contacts.len() == 1 && is_free(0, user) && is_free(1, contact) =>
                {
                    pairs.insert([*user, *contact]);
                }
                (Some(_), Some(_)) => {
                    for (side, members) in [users, contacts].iter().enumerate() {
                        for id in members {
                            statuses[side].get_mut(id).unwrap().insert(5);
                        }
                    }
                }
                _ => {}
            }
        }
        settle(&pairs, 1, &mut statuses);
    }
    let names =
        ["exact", "alias", "several", "tie", "duplicate", "alias_collision", "shared_inbox", "unmatched", "no_email"];
    [0, 1].map(|side| {
        statuses[side]
            .iter()
            .map(|(&id, found)| {
                let status = found.first().copied().unwrap_or(8);
                let partner = match status {
                    0 | 1 => accepted.keys().find(|pair| pair[side] == id).map(|pair| pair[1 - side]),
                    // That of who stands for it, at the first address where there is one.
                    4 => pair_of
                        .iter()
                        .filter(|(email, pair)| {
                            let has = rows(side).any(|row| row.is(id) && row.email == Some(email));
                            has && pair[side] != id && accepted.get(*pair) == Some(&0)
                        })
                        .map(|(_, pair)| pair[1 - side])
                        .next(),
                    _ => None,
                };
                (id, (names[status as usize], partner))
            })
            .collect()
    })
}

#[test]
fn users_and_contacts_are_matched_as_the_table_says() {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    let mut host =
        Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("crm".to_owned(), module)]));
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..15_000 {
        let mut sides = [
            random_side(&mut random, &["u1", "u2", "u3", "u4", "é"]),
            random_side(&mut random, &["c1", "c2", "c3", "\u{ff5e}", "\u{1f600}"]),
        ];
        let settings = Settings {
            shared_kinds: [vec!["shared_inbox"], vec!["role"], vec![]][random.usize(..3)].clone(),
            latest: random.u8(..3) > 0,
            alias: random.u8(..3) > 0,
        };
        let statuses = expected(&sides, &settings);
        let lists = [("user_id", "contact_id"), ("contact_id", "user_id")].map(|(own, other)| {
            let side = (own == "contact_id") as usize;
            let rows = statuses[side].iter();
            rows.map(|(id, (status, partner))| json!({own: id, other: partner, "status": status})).collect::<Vec<_>>()
        });
        let matches = statuses[0].values().filter(|(status, _)| ["exact", "alias"].contains(status)).count() as f64;
        let rate = |side: &Vec<Value>| if side.is_empty() { Value::Null } else { json!(matches / side.len() as f64) };
        let no_id = |side: &Vec<Row>| side.iter().filter(|row| known(row.id).is_none()).count() as f64;
        let wanted = json!({"users": lists[0], "contacts": lists[1], "matches": matches,
            "user_count": lists[0].len() as f64, "contact_count": lists[1].len() as f64,
            "user_match_rate": rate(&lists[0]), "contact_match_rate": rate(&lists[1]),
            "ignored": {"no_user_id": no_id(&sides[0]), "no_contact_id": no_id(&sides[1])}});
        let call = |host: &mut Host, sides: &[Vec<Row>; 2]| {
            let rows = |side: usize, id: &str| -> Value {
                let rows = sides[side].iter();
                rows.map(|row| json!({id: row.id, "email": row.email, "alias": row.alias, "kind": row.kind, "updated_at": row.time})).collect()
            };
            let mut document =
                json!({"dedupe": if settings.latest { "latest" } else { "none" }, "alias": settings.alias});
            if settings.shared_kinds != ["shared_inbox"] {
                document["shared_kinds"] = json!(settings.shared_kinds);
            }
            let arguments = BTreeMap::from([
                ("users".to_owned(), rows(0, "user_id")),
                ("contacts".to_owned(), rows(1, "contact_id")),
                ("settings".to_owned(), document.to_string().into()),
            ]);
            host.call("match_contact", &arguments).unwrap()
        };
        assert_eq!(call(&mut host, &sides), wanted, "{sides:?} {settings:?}");
        sides.iter_mut().for_each(|side| random.shuffle(side));
        assert_eq!(call(&mut host, &sides), wanted, "{sides:?} {settings:?}");
        for (status, _) in statuses.iter().flat_map(BTreeMap::values) {
            *seen.entry(status).or_default() += 1;
        }
        // Both directions tell the same story.
        for (side, other) in [(0, 1), (1, 0)] {
            for (id, (status, partner)) in &statuses[side] {
                if ["exact", "alias"].contains(status) {
                    assert_eq!(statuses[other][partner.unwrap()], (*status, Some(*id)));
                }
            }
        }
    }
    assert!(seen.len() == 9 && seen.values().all(|&count| count > 200), "{seen:?}");
}

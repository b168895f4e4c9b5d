//! Claims about persons, natively. A second implementation holds them against random histories in `tests/duckdb/`.

mod runs;

use super::{Settings, identity_resolve};
use crate::abi::{Document, NULL_LENGTH, Output, Texts};
use crate::identity::identity_merge;
use crate::tape::writer::from_json;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

const STARTER: &str = include_str!("../../udfs/person/documents/guardrails.json");
const DAY: f64 = 86_400e6;
const AS_OF: f64 = 100.0 * DAY;
const TYPES: [&str; 6] = ["user_id", "sso_subject", "billing_id", "crm_contact_id", "email", "anonymous_id"];
const REASONS: [&str; 6] = ["blocked_value", "shared", "hub", "unique_type", "type_limit", "cluster_size"];
const USER: i32 = 0;
const EMAIL: i32 = 4;
const DEVICE: i32 = 5;

type Identifier = (i32, String);

#[derive(Clone, Debug)]
struct Link {
    left: Option<Identifier>,
    right: Option<Identifier>,
    first_seen: f64,
    last_seen: f64,
    links: [f64; 2],
    shared: [f64; 2],
}

fn link(left: (i32, &str), right: (i32, &str), day: f64) -> Link {
    let side = |(code, value): (i32, &str)| Some((code, value.to_string()));
    let (left, right) = (side(left), side(right));
    Link { left, right, first_seen: day * DAY, last_seen: f64::NAN, links: [0.0; 2], shared: [0.0; 2] }
}

/// A row of the ledger: id, type and value of the founder, `minted_at`.
#[derive(Clone, Debug)]
struct Entry(Option<String>, i32, Option<String>, f64);

fn entry(id: &str, founder: (i32, &str), day: f64) -> Entry {
    Entry(Some(id.to_string()), founder.0, Some(founder.1.to_string()), day * DAY)
}

#[derive(Clone, Debug, PartialEq)]
struct Person {
    id: String,
    seen: (String, String),
    demoted: Option<&'static str>,
}

#[derive(Debug, PartialEq)]
struct Refused {
    reason: &'static str,
    count: f64,
    left: Identifier,
    right: Option<Identifier>,
    limited: Option<&'static str>,
}

#[derive(Debug, PartialEq)]
struct Resolved {
    identifiers: BTreeMap<Identifier, Person>,
    minted: Vec<(String, Identifier)>,
    absorbed: Vec<(String, String)>,
    audit: Vec<Refused>,
    ignored: Vec<f64>,
}

impl Resolved {
    fn id(&self, code: i32, value: &str) -> &str {
        &self.identifiers[&(code, value.to_string())].id
    }

    fn reasons(&self) -> Vec<&str> {
        self.audit.iter().map(|refused| refused.reason).collect()
    }
}

fn settings(json: &str) -> crate::Result<Settings> {
    Settings::compile("settings", &from_json("settings", json)?)
}

/// A column of texts.
#[derive(Default)]
struct Column(Vec<[u32; 2]>, Vec<u8>);

impl Column {
    fn of<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut column = Column::default();
        for text in texts {
            let offset = column.1.len() as u32;
            column.0.push(text.map_or([0, NULL_LENGTH], |text| [offset, text.len() as u32]));
            column.1.extend(text.unwrap_or_default().as_bytes());
        }
        column
    }

    fn texts(&self) -> Texts<'_> {
        Texts::new(&self.0, &self.1)
    }
}

fn resolve(links: &[Link], ledger: &[Entry], settings: &Settings) -> Resolved {
    let codes = |side: fn(&Link) -> &Option<Identifier>| -> Vec<i32> {
        links.iter().map(|link| side(link).as_ref().map_or(-1, |identifier| identifier.0)).collect()
    };
    let values = |side: fn(&Link) -> &Option<Identifier>| {
        Column::of(links.iter().map(|link| side(link).as_ref().map(|identifier| identifier.1.as_str())))
    };
    let doubles = |field: fn(&Link) -> f64| -> Vec<f64> { links.iter().map(field).collect() };
    let ids = Column::of(ledger.iter().map(|entry| entry.0.as_deref()));
    let founders = Column::of(ledger.iter().map(|entry| entry.2.as_deref()));
    let mut out = Output::default();
    identity_resolve(
        &codes(|link| &link.left),
        values(|link| &link.left).texts(),
        &codes(|link| &link.right),
        values(|link| &link.right).texts(),
        &doubles(|link| link.first_seen),
        &doubles(|link| link.last_seen),
        &doubles(|link| link.links[0]),
        &doubles(|link| link.links[1]),
        &doubles(|link| link.shared[0]),
        &doubles(|link| link.shared[1]),
        ids.texts(),
        &ledger.iter().map(|entry| entry.1).collect::<Vec<_>>(),
        founders.texts(),
        &ledger.iter().map(|entry| entry.3).collect::<Vec<_>>(),
        settings,
        AS_OF,
        &mut out,
    )
    .unwrap();
    read(&out, links)
}

fn read(out: &Output, links: &[Link]) -> Resolved {
    let slots = core::cell::RefCell::new(out.stream.iter().copied());
    let slot = || slots.borrow_mut().next().unwrap();
    let optional_text = || {
        let (offset, length) = (slot() as usize, slot());
        (length != f64::from(NULL_LENGTH))
            .then(|| String::from_utf8(out.text[offset..offset + length as usize].to_vec()).unwrap())
    };
    let text = || optional_text().unwrap();
    let argument = || {
        let number = slot() as usize;
        let link = &links[number / 2];
        let side = if number.is_multiple_of(2) { &link.left } else { &link.right };
        side.clone().unwrap().1
    };
    let optional = |names: [&'static str; 6]| match slot() {
        -1.0 => None,
        number => Some(names[number as usize]),
    };
    let count = || slot() as usize;
    let identifiers = (0..count())
        .map(|_| {
            let identifier = (slot() as i32, argument());
            (identifier, Person { id: text(), seen: (text(), text()), demoted: optional(REASONS) })
        })
        .collect();
    let minted = (0..count())
        .map(|_| {
            let minted = (text(), (slot() as i32, argument()));
            assert_eq!(text(), "1970-04-11T00:00:00.000000Z");
            minted
        })
        .collect();
    let absorbed = (0..count()).map(|_| (text(), text())).collect();
    let audit = (0..count())
        .map(|_| {
            let (reason, count, left) = (optional(REASONS).unwrap(), slot(), (slot() as i32, argument()));
            let (code, value) = (slot(), optional_text());
            Refused { reason, count, left, right: value.map(|value| (code as i32, value)), limited: optional(TYPES) }
        })
        .collect();
    let ignored = (0..6).map(|_| slot()).collect();
    assert_eq!(slots.borrow_mut().next(), None);
    Resolved { identifiers, minted, absorbed, audit, ignored }
}

/// An id as anybody can compute it: `echo -n user_id:u1 | sha256sum | head --bytes=32`.
const U1: &str = "90c5bc873dedef8054fdde931c44f9a1";

#[test]
fn an_id_is_the_sha_256_of_the_strongest_identifier() {
    let links = [link((DEVICE, "d"), (EMAIL, "e"), 1.0), link((EMAIL, "e"), (USER, "u1"), 2.0)];
    let resolved = resolve(&links, &[], &settings(STARTER).unwrap());
    assert_eq!(resolved.minted, [(U1.to_string(), (USER, "u1".to_string()))]);
    assert!(resolved.identifiers.values().all(|person| person.id == U1));
    let salted = resolve(&links, &[], &settings(&STARTER.replacen('{', r#"{"salt": "s","#, 1)).unwrap());
    assert_ne!(salted.minted[0].0, U1);
}

#[test]
fn limits_are_reached_and_not_passed() {
    let addresses = |count: usize| -> Vec<Link> {
        (0..count).map(|number| link((USER, "u"), (EMAIL, &format!("e{number}")), number as f64)).collect()
    };
    let starter = settings(STARTER).unwrap();
    assert!(resolve(&addresses(5), &[], &starter).audit.is_empty());
    let six = resolve(&addresses(6), &[], &starter);
    assert_eq!(
        six.audit,
        [Refused {
            reason: "type_limit",
            count: 1.0,
            left: (USER, "u".to_string()),
            right: Some((EMAIL, "e5".to_string())),
            limited: Some("email"),
        }]
    );
    assert_eq!(six.id(EMAIL, "e4"), six.id(USER, "u"));
    assert_ne!(six.id(EMAIL, "e5"), six.id(USER, "u"));

    let small = settings(r#"{"name": "n", "types": [{"type": "t"}], "cluster_size": 3, "hub_links": 3}"#).unwrap();
    let star = |count: usize| -> Vec<Link> {
        (0..count).map(|number| link((0, "hub"), (0, &format!("e{number}")), 1.0)).collect()
    };
    assert_eq!(resolve(&star(2), &[], &small).reasons(), Vec::<&str>::new());
    assert_eq!(resolve(&star(3), &[], &small).reasons(), ["cluster_size"]);
    assert_eq!(resolve(&star(4), &[], &small).reasons(), ["hub"]);
    // What the caller knows of the links elsewhere counts as well.
    let mut known = star(1);
    known[0].links = [3.0, 0.0];
    assert_eq!(resolve(&known, &[], &small).reasons(), Vec::<&str>::new());
    known[0].links = [4.0, 0.0];
    assert_eq!(resolve(&known, &[], &small).reasons(), ["hub"]);
}

#[test]
fn a_device_of_two_users_belongs_to_the_first() {
    let links = [link((DEVICE, "d"), (USER, "late"), 9.0), link((DEVICE, "d"), (USER, "soon"), 8.0)];
    let resolved = resolve(&links, &[], &settings(STARTER).unwrap());
    assert_eq!(resolved.id(DEVICE, "d"), resolved.id(USER, "soon"));
    assert_eq!(resolved.reasons(), ["unique_type"]);
}

#[test]
fn stronger_links_come_before_earlier_ones() {
    // The device saw u1 first, but addresses are looked at before devices.
    let links = [
        link((USER, "u1"), (DEVICE, "d"), 1.0),
        link((USER, "u2"), (EMAIL, "e"), 5.0),
        link((USER, "u1"), (EMAIL, "e"), 6.0),
        link((EMAIL, "e"), (DEVICE, "d"), 0.5),
    ];
    let resolved = resolve(&links, &[], &settings(STARTER).unwrap());
    assert_eq!(resolved.id(EMAIL, "e"), resolved.id(USER, "u2"));
    assert_eq!(resolved.id(DEVICE, "d"), resolved.id(USER, "u2"));
    assert_eq!(resolved.reasons(), ["unique_type", "unique_type"]);
}

#[test]
fn the_ledger_keeps_absorbs_and_gives_back() {
    let starter = settings(STARTER).unwrap();
    let ledger =
        [entry("young", (USER, "u"), 2.0), entry("old", (EMAIL, "e"), 1.0), entry("other", (EMAIL, "elsewhere"), 0.0)];
    let together = resolve(&[link((USER, "u"), (EMAIL, "e"), 3.0)], &ledger, &starter);
    assert_eq!(together.id(USER, "u"), "old");
    assert_eq!(together.absorbed, [("young".to_string(), "old".to_string())]);
    assert_eq!(together.minted, []);
    let apart = [link((USER, "u"), (DEVICE, "d"), 3.0), link((EMAIL, "e"), (DEVICE, "x"), 3.0)];
    let apart = resolve(&apart, &ledger, &starter);
    assert_eq!([apart.id(DEVICE, "d"), apart.id(DEVICE, "x")], ["young", "old"]);
    assert_eq!(apart.absorbed, []);
}

#[test]
fn every_row_that_cannot_be_used_is_counted_once() {
    let starter = settings(STARTER).unwrap();
    let good = || link((USER, "u"), (EMAIL, "e"), 1.0);
    let links = [
        Link { left: None, right: None, ..good() },
        Link { left: Some((-2, "x".to_string())), first_seen: f64::NAN, ..good() },
        Link { left: Some((-1, "x".to_string())), right: Some((DEVICE, "d".to_string())), ..good() },
        Link { first_seen: f64::NAN, ..good() },
        Link { first_seen: AS_OF + 1.0, ..good() },
        Link { left: None, first_seen: AS_OF, last_seen: AS_OF + DAY, ..good() },
    ];
    let good = || entry("a", (USER, "u"), 0.0);
    let ledger = [
        Entry { 0: None, ..good() },
        Entry { 1: -1, ..good() },
        Entry { 2: None, ..good() },
        Entry { 3: f64::NAN, ..good() },
        entry("b", (USER, "u"), 0.0),
        entry("b", (USER, "u"), 0.0),
        entry("c", (-2, "u"), 0.0),
    ];
    let resolved = resolve(&links, &ledger, &starter);
    assert_eq!(resolved.ignored, [1.0, 2.0, 1.0, 1.0, 4.0, 1.0]);
    let known: Vec<&str> = resolved.identifiers.keys().map(|(_, value)| value.as_str()).collect();
    assert_eq!(known, ["e", "d"]);
    let last = "1970-04-11T00:00:00.000000Z".to_string();
    assert_eq!(resolved.identifiers[&(EMAIL, "e".to_string())].seen, (last.clone(), last));
}

#[test]
fn settings_that_do_not_fit_are_refused_by_path() {
    let refused = [
        (r#"{"types": [{"type": "a"}]}"#, "settings.name: is missing"),
        (r#"{"name": "n", "types": []}"#, "settings.types: must not be empty"),
        (r#"{"name": "n", "types": [{"type": "a"}, {"type": "a"}]}"#, "settings.types[1].type: is listed twice"),
        (r#"{"name": "n", "types": [{"type": "a:b"}]}"#, "settings.types[0].type: must not contain a colon"),
        (
            r#"{"name": "n", "types": [{"type": "a", "at_most": 0}]}"#,
            "settings.types[0].at_most: must be a whole number from 1 to 1,000,000,000",
        ),
        (
            r#"{"name": "n", "types": [{"type": "a"}], "cluster_size": 1.5}"#,
            "settings.cluster_size: must be a whole number from 1 to 1,000,000,000",
        ),
        (
            r#"{"name": "n", "types": [{"type": "a"}], "blocked": [{"value": "x", "type": "b"}]}"#,
            "settings.blocked[0].type: is none of types",
        ),
        (r#"{"name": "n", "types": [{"type": "a"}], "blocked": [{}]}"#, "settings.blocked[0].value: is missing"),
        (
            r#"{"name": "n", "types": [{"type": "a"}], "blocked": [{"value": "x", "only": "x"}]}"#,
            "settings.blocked[0].only: must not stand beside value",
        ),
        (
            r#"{"name": "n", "types": [{"type": "a"}], "blocked": [{"only": "é"}]}"#,
            "settings.blocked[0].only: must be ASCII characters",
        ),
        (r#"{"name": "n", "types": [{"type": "a"}], "hubs": 3}"#, "settings.hubs: is not a field of this object"),
    ];
    for (json, message) in refused {
        assert_eq!(settings(json).err().unwrap().to_string(), message, "{json}");
    }
    let many: Vec<String> = (0..65).map(|number| format!(r#"{{"type": "t{number}"}}"#)).collect();
    let error = settings(&format!(r#"{{"name": "n", "types": [{}]}}"#, many.join(", "))).err().unwrap();
    assert_eq!(error.to_string(), "settings.types[64]: must not be more than 64 types");
}

#[test]
fn blocked_values_are_those_of_the_starter() {
    let starter = settings(STARTER).unwrap();
    let is_blocked = |value: &str| {
        let resolved = resolve(&[link((USER, "u"), (DEVICE, value), 1.0)], &[], &starter);
        resolved.identifiers[&(DEVICE, value.to_string())].demoted == Some("blocked_value")
    };
    for value in ["", "0", "-", "00000000-0000-0000-0000-000000000000", "-1", "null", "anonymous"] {
        assert!(is_blocked(value), "{value}");
    }
    for value in ["1", "0-1", " ", "nulls", "Null", "-1 "] {
        assert!(!is_blocked(value), "{value}");
    }
}

fn histories() -> impl Strategy<Value = Vec<Link>> {
    let side =
        (0..6i32, 0..5u8).prop_map(|(code, number)| (code, ["0", "a", "b", "c", "d"][number as usize].to_string()));
    let side = prop_oneof![12 => side.prop_map(Some), 1 => Just(None)];
    let links = (side.clone(), side, 0..8u8).prop_map(|(left, right, day)| Link {
        left,
        right,
        first_seen: f64::from(day) * DAY,
        last_seen: f64::from(day) * DAY,
        links: [0.0; 2],
        shared: [0.0; 2],
    });
    prop::collection::vec(links, 0..40)
}

const TIGHT: &str = r#"{"name": "n", "types": [{"type": "a", "unique": true}, {"type": "b", "at_most": 2}, {"type": "c"}, {"type": "d"},
    {"type": "e", "at_most": 3}, {"type": "f"}], "cluster_size": 6, "hub_links": 4, "blocked": [{"value": "0"}]}"#;
const NO_GUARDRAILS: &str = r#"{"name": "n", "types": [{"type": "a"}, {"type": "b"}, {"type": "c"}, {"type": "d"}, {"type": "e"}, {"type": "f"}]}"#;

/// The identifiers of each person.
fn clusters(resolved: &Resolved) -> BTreeSet<BTreeSet<Identifier>> {
    let mut clusters: BTreeMap<&str, BTreeSet<Identifier>> = BTreeMap::new();
    for (identifier, person) in &resolved.identifiers {
        clusters.entry(&person.id).or_default().insert(identifier.clone());
    }
    clusters.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn neither_order_nor_direction_nor_repetition_matters(links in histories(), turn: bool) {
        let tight = settings(TIGHT).unwrap();
        let mut other: Vec<Link> = links.iter().rev().cloned().collect();
        if turn {
            other.iter_mut().for_each(|link| core::mem::swap(&mut link.left, &mut link.right));
        }
        let once = resolve(&links, &[], &tight);
        prop_assert_eq!(&once, &resolve(&other, &[], &tight));
        other.extend_from_slice(&links);
        let twice = resolve(&other, &[], &tight);
        prop_assert_eq!(&once.identifiers, &twice.identifiers);
        prop_assert_eq!(&once.audit, &twice.audit);
    }

    #[test]
    fn no_limit_is_ever_passed_and_every_link_holds_or_is_audited(links in histories()) {
        let resolved = resolve(&links, &[], &settings(TIGHT).unwrap());
        for cluster in clusters(&resolved) {
            let of = |code: i32| cluster.iter().filter(|identifier| identifier.0 == code).count();
            prop_assert!(cluster.len() <= 6 && of(0) <= 1 && of(1) <= 2 && of(4) <= 3);
        }
        for link in &links {
            let (Some(left), Some(right)) = (&link.left, &link.right) else { continue };
            let (a, b) = (&resolved.identifiers[left], &resolved.identifiers[right]);
            let audited = resolved.audit.iter().any(|refused| match &refused.right {
                Some(other) => (&refused.left, other) == (left, right) || (&refused.left, other) == (right, left),
                None => refused.left == *left || refused.left == *right,
            });
            prop_assert!((a.id == b.id) != audited || left == right);
        }
        let mentioned: BTreeSet<&Identifier> = links.iter().flat_map(|link| [&link.left, &link.right]).flatten().collect();
        prop_assert!(resolved.identifiers.keys().eq(mentioned));
    }

    #[test]
    fn without_guardrails_persons_are_the_components(links in histories()) {
        let resolved = resolve(&links, &[], &settings(NO_GUARDRAILS).unwrap());
        let side = |side: &Option<Identifier>| side.as_ref().map(|(code, value)| format!("{code}{value}"));
        let left: Vec<_> = links.iter().map(|link| side(&link.left)).collect();
        let right: Vec<_> = links.iter().map(|link| side(&link.right)).collect();
        let (left, right) = (Column::of(left.iter().map(Option::as_deref)), Column::of(right.iter().map(Option::as_deref)));
        let mut out = Output::default();
        identity_merge(left.texts(), right.texts(), &mut out).unwrap();
        let mut components: BTreeMap<u64, BTreeSet<Identifier>> = BTreeMap::new();
        for pair in out.stream[1..].chunks(2) {
            let link = &links[pair[0] as usize / 2];
            let identifier = if pair[0] as usize % 2 == 0 { &link.left } else { &link.right };
            components.entry(pair[1] as u64).or_default().insert(identifier.clone().unwrap());
        }
        prop_assert_eq!(clusters(&resolved), components.into_values().collect::<BTreeSet<_>>());
        prop_assert!(resolved.audit.is_empty());
    }
}

#[test]
fn a_long_chain_is_one_person_where_nothing_limits_it() {
    let links: Vec<Link> =
        (0..50_000).map(|number| link((0, &format!("n{number}")), (0, &format!("n{}", number + 1)), 1.0)).collect();
    let resolved = resolve(&links, &[], &settings(NO_GUARDRAILS).unwrap());
    assert_eq!(resolved.identifiers.len(), 50_001);
    assert_eq!(resolved.minted.len(), 1);
    assert_eq!(resolved.minted[0].1, (0, "n0".to_string()));
}

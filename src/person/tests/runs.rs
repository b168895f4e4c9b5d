//! Claims about one run after another, as a warehouse makes them: links come and go, the ledger and the ids stay.

use super::{DAY, Entry, Identifier, Link, NO_GUARDRAILS, Resolved, TIGHT, clusters, resolve, settings};
use crate::person::Settings;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// What happens between a run and the one before.
#[derive(Clone, Debug)]
struct Change {
    added: Vec<Link>,
    removed: Vec<Index>,
    /// How the touched components are shared out among calls.
    calls: Vec<Index>,
}

/// Links mostly within one of four groups of identifiers, so that there are several components, and sometimes across.
fn links(count: core::ops::Range<usize>) -> impl Strategy<Value = Vec<Link>> {
    let link = (0..4u8, 0..6i32, 0..4u8, 0..6i32, 0..4u8, 0..30u8, 0..8u8).prop_map(
        |(group, left_code, left, right_code, right, odd, day)| {
            let other_group = if odd < 2 { (group + 1) % 4 } else { group };
            Link {
                left: Some((left_code, alloc::format!("{group}{left}"))),
                // "0" is blocked.
                right: match odd {
                    2 => None,
                    3 => Some((right_code, "0".into())),
                    _ => Some((right_code, alloc::format!("{other_group}{right}"))),
                },
                first_seen: f64::from(day) * DAY,
                last_seen: f64::from(day) * DAY,
                links: [0.0; 2],
                shared: [0.0; 2],
            }
        },
    );
    prop::collection::vec(link, count)
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let indices = |most| prop::collection::vec(any::<Index>(), 0..most);
    let change = (links(0..14), indices(4), prop::collection::vec(any::<Index>(), 8))
        .prop_map(|(added, removed, calls)| Change { added, removed, calls });
    prop::collection::vec(change, 1..6)
}

fn ends(link: &Link) -> impl Iterator<Item = &Identifier> {
    [&link.left, &link.right].into_iter().flatten()
}

/// The sets of identifiers that links connect, guardrails aside.
fn components(links: &[Link]) -> Vec<BTreeSet<Identifier>> {
    let mut found: Vec<BTreeSet<Identifier>> = Vec::new();
    for link in links {
        let mut joined: BTreeSet<Identifier> = ends(link).cloned().collect();
        found.retain(|component| {
            let apart = component.is_disjoint(&joined);
            if !apart {
                joined.extend(component.iter().cloned());
            }
            apart
        });
        found.push(joined);
    }
    found
}

/// What a warehouse stores.
#[derive(Default)]
struct Warehouse {
    links: Vec<Link>,
    ledger: Vec<Entry>,
    ids: BTreeMap<Identifier, String>,
    runs: u8,
}

impl Warehouse {
    /// An incremental run: exactly the components that a new or removed link touches, from all their links. What was minted.
    fn run(&mut self, change: &Change, settings: &Settings) -> BTreeSet<(String, Identifier)> {
        let mut changed: Vec<Link> = change.added.clone();
        let before = components(&self.links);
        for index in &change.removed {
            if !self.links.is_empty() {
                changed.push(self.links.swap_remove(index.index(self.links.len())));
            }
        }
        self.links.extend(change.added.iter().cloned());
        let mut touched: BTreeSet<Identifier> = changed.iter().flat_map(ends).cloned().collect();
        // A component may have fallen to pieces that no removed link has an end in.
        for component in before {
            if !component.is_disjoint(&touched) {
                touched.extend(component);
            }
        }
        self.ids.retain(|identifier, _| !touched.contains(identifier));

        let mut calls: Vec<Vec<Link>> = vec![Vec::new(); 3];
        let parts = components(&self.links);
        for (number, component) in parts.iter().filter(|component| !component.is_disjoint(&touched)).enumerate() {
            let call = change.calls[number % change.calls.len()].index(calls.len());
            let inside = |link: &&Link| ends(link).any(|end| component.contains(end));
            calls[call].extend(self.links.iter().filter(inside).cloned());
        }
        let results: Vec<Resolved> = calls.iter().map(|links| resolve(links, &self.ledger, settings)).collect();
        let mut minted = BTreeSet::new();
        for resolved in results {
            for (identifier, person) in resolved.identifiers {
                assert!(!self.ids.contains_key(&identifier), "no identifier is in two persons");
                self.ids.insert(identifier, person.id);
            }
            minted.extend(resolved.minted);
        }
        let minted_at = f64::from(self.runs) * DAY;
        self.ledger
            .extend(minted.iter().cloned().map(|(id, (code, value))| Entry(Some(id), code, Some(value), minted_at)));
        self.runs += 1;
        minted
    }

    /// The rows of the ledger, the oldest first: when it was minted, the id and its founder.
    fn history(&self) -> Vec<(u64, String, Identifier)> {
        let row = |Entry(id, code, value, minted_at): &Entry| {
            (minted_at.to_bits(), id.clone().unwrap(), (*code, value.clone().unwrap()))
        };
        let mut rows: Vec<_> = self.ledger.iter().map(row).collect();
        rows.sort();
        rows
    }
}

fn ids(resolved: &Resolved) -> BTreeMap<Identifier, String> {
    resolved.identifiers.iter().map(|(identifier, person)| (identifier.clone(), person.id.clone())).collect()
}

/// Who is together.
fn persons(ids: &BTreeMap<Identifier, String>) -> BTreeSet<BTreeSet<Identifier>> {
    let mut persons: BTreeMap<&str, BTreeSet<Identifier>> = BTreeMap::new();
    for (identifier, id) in ids {
        persons.entry(id).or_default().insert(identifier.clone());
    }
    persons.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn increments_and_parts_give_what_one_full_run_gives(changes in changes()) {
        let tight = settings(TIGHT).unwrap();
        let mut warehouse = Warehouse::default();
        for change in &changes {
            let before = warehouse.ledger.clone();
            let minted = warehouse.run(change, &tight);
            let again = resolve(&warehouse.links, &warehouse.ledger, &tight);
            prop_assert_eq!(&ids(&again), &warehouse.ids);
            prop_assert!(again.minted.is_empty());
            let instead = resolve(&warehouse.links, &before, &tight);
            prop_assert_eq!(&ids(&instead), &warehouse.ids);
            prop_assert_eq!(instead.minted.into_iter().collect::<BTreeSet<_>>(), minted);
        }
    }

    #[test]
    fn history_decides_of_ids_and_never_of_who_is_together(changes in changes()) {
        let tight = settings(TIGHT).unwrap();
        let mut warehouse = Warehouse::default();
        for change in &changes {
            warehouse.run(change, &tight);
            let fresh = ids(&resolve(&warehouse.links, &[], &tight));
            prop_assert_eq!(persons(&fresh), persons(&warehouse.ids));
            // Where the ledger knows no other id of a person than a first run would mint, the id is that one.
            let history = warehouse.history();
            for person in persons(&fresh) {
                let first = &fresh[person.first().unwrap()];
                if history.iter().all(|(_, id, founder)| id == first || !person.contains(founder)) {
                    prop_assert!(person.iter().all(|identifier| &warehouse.ids[identifier] == first));
                }
            }
        }
    }

    #[test]
    fn a_founder_keeps_its_id_or_has_an_older_one(changes in changes()) {
        let tight = settings(TIGHT).unwrap();
        let mut warehouse = Warehouse::default();
        for change in &changes {
            warehouse.run(change, &tight);
            let history = warehouse.history();
            let founders: BTreeMap<&str, &Identifier> = history.iter().map(|(_, id, founder)| (id.as_str(), founder)).collect();
            prop_assert_eq!(founders.len(), history.len(), "no id is minted twice");
            for (identifier, id) in &warehouse.ids {
                // So an id never goes to people without its founder, and no two persons change places.
                prop_assert_eq!(&warehouse.ids[founders[id.as_str()]], id, "{:?}", identifier);
            }
            for (place, (_, id, founder)) in history.iter().enumerate() {
                let Some(now) = warehouse.ids.get(founder) else { continue };
                let older = history[..place].iter().find(|(_, _, other)| warehouse.ids.get(other) == Some(now));
                prop_assert_eq!(now, older.map_or(id, |(_, id, _)| id));
            }
        }
    }

    #[test]
    fn without_guardrails_added_links_only_merge_and_removed_ones_only_split(all in links(0..40), removed in prop::collection::vec(any::<bool>(), 40)) {
        let open = settings(NO_GUARDRAILS).unwrap();
        let fewer: Vec<Link> = all.iter().zip(&removed).filter(|(_, removed)| !**removed).map(|(link, _)| link.clone()).collect();
        let (few, many) = (clusters(&resolve(&fewer, &[], &open)), clusters(&resolve(&all, &[], &open)));
        for person in &few {
            prop_assert!(many.iter().any(|other| person.is_subset(other)));
        }
        let left: BTreeSet<Identifier> = few.iter().flatten().cloned().collect();
        for person in &many {
            let parts: BTreeSet<Identifier> = few.iter().filter(|part| part.is_subset(person)).flatten().cloned().collect();
            prop_assert!(person.intersection(&left).eq(&parts));
        }
    }

    #[test]
    fn whatever_acts_has_one_row_with_a_reason_that_still_holds(links in links(0..60)) {
        let resolved = resolve(&links, &[], &settings(TIGHT).unwrap());
        let persons = clusters(&resolved);
        let person = |identifier| persons.iter().find(|person| person.contains(identifier)).unwrap();
        let mut rows = BTreeSet::new();
        for refused in &resolved.audit {
            prop_assert!(rows.insert((&refused.left, &refused.right)), "no row comes twice");
            let Some(right) = &refused.right else {
                prop_assert_eq!(resolved.identifiers[&refused.left].demoted, Some(refused.reason));
                prop_assert_eq!(person(&refused.left).len(), 1);
                continue;
            };
            // Persons only grow: what was too many then is too many now.
            let (one, other) = (person(&refused.left), person(right));
            prop_assert!(one != other);
            let count = |code| one.iter().chain(other).filter(|identifier| identifier.0 == code).count();
            match (refused.reason, refused.limited) {
                ("unique_type", Some("user_id")) => prop_assert!(count(0) > 1),
                ("type_limit", Some("sso_subject")) => prop_assert!(count(1) > 2),
                ("type_limit", Some("email")) => prop_assert!(count(4) > 3),
                ("cluster_size", None) => prop_assert!(one.len() + other.len() > 6),
                reason => prop_assert!(false, "{:?}", reason),
            }
        }
        let demoted = resolved.identifiers.iter().filter(|(_, person)| person.demoted.is_some());
        prop_assert!(demoted.eq(resolved.identifiers.iter().filter(|(identifier, _)| rows.contains(&(*identifier, &None)))));
    }

    #[test]
    fn a_hub_may_be_handed_over_as_a_number(links in links(0..60)) {
        let tight = settings(TIGHT).unwrap();
        let full = resolve(&links, &[], &tight);
        let mut neighbours: BTreeMap<&Identifier, BTreeSet<&Identifier>> = BTreeMap::new();
        for link in &links {
            if let (Some(left), Some(right)) = (&link.left, &link.right) && left != right {
                neighbours.entry(left).or_default().insert(right);
                neighbours.entry(right).or_default().insert(left);
            }
        }
        let count = |identifier: &Identifier| neighbours.get(identifier).map_or(0, BTreeSet::len);
        let mut parts: Vec<Link> = Vec::new();
        for link in &links {
            let is_hub = |side: &&Option<Identifier>| side.as_ref().is_some_and(|identifier| count(identifier) > 4);
            let numbered = |link: Link| Link {
                links: [&link.left, &link.right].map(|side| side.as_ref().map_or(0.0, |side| count(side) as f64)),
                ..link
            };
            for side in [&link.left, &link.right].iter().filter(|side| is_hub(side)) {
                parts.push(numbered(Link { left: (**side).clone(), right: None, ..link.clone() }));
            }
            let [left, right] = [&link.left, &link.right].map(|side| Some(side).filter(|side| !is_hub(side)).cloned().flatten());
            if left.is_some() || right.is_some() {
                parts.push(numbered(Link { left, right, ..link.clone() }));
            }
        }
        let apart = resolve(&parts, &[], &tight);
        prop_assert_eq!(apart.identifiers, full.identifiers);
        // Components end at the hub.
        let hubs: BTreeSet<&Identifier> = neighbours.keys().copied().filter(|identifier| count(identifier) > 4).collect();
        prop_assert!(components(&parts).iter().all(|component| component.len() == 1 || component.iter().all(|end| !hubs.contains(end))));
    }
}

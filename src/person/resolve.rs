//! Links to persons, with guardrails and ids that last.

use super::forest::Forest;
use super::settings::{Reason, Settings};
use crate::Result;
use crate::abi::{NULL_CODE, Output, Texts};
use crate::identity::hash_and_prefix;
use crate::sha256;
use crate::sort::{heap_sort_by, sort_by};
use alloc::vec;
use alloc::vec::Vec;

const NONE: u32 = u32::MAX;

/// What counts nowhere, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_identifier: u32,
    unknown_type: u32,
    no_timestamp: u32,
    after_as_of: u32,
    ledger_incomplete: u32,
    ledger_duplicate: u32,
}

/// An identifier: as one side of one row has it, and then all its mentions together.
#[derive(Clone, Copy)]
struct Mention<'a> {
    code: u32,
    value: &'a [u8],
    first: f64,
    last: f64,
    /// How many links the caller knows of.
    links: f64,
    shared: bool,
    /// The text's number among those of the links.
    reference: u32,
}

impl Mention<'_> {
    /// Adds what another mention of the same identifier knows.
    fn add(&mut self, other: &Self) {
        self.first = if other.first < self.first { other.first } else { self.first };
        self.last = if other.last > self.last { other.last } else { self.last };
        self.links = if other.links > self.links { other.links } else { self.links };
        self.shared |= other.shared;
    }

    /// Writes type and value.
    #[inline(never)]
    fn write(&self, out: &mut Output) {
        out.slots(&[self.code, self.reference].map(f64::from));
    }
}

/// An identifier with its place among the links.
struct Node<'a> {
    mention: Mention<'a>,
    /// How many different links it has in this call.
    own_links: u32,
    /// Why its links are refused.
    demoted: Option<Reason>,
}

/// Identifiers by type and value, in an open-addressing table of their numbers, at most half full. There are several mentions
/// of each, and so finding them takes less than sorting them all.
struct Interned<'a> {
    mentions: Vec<Mention<'a>>,
    /// By number: orders as type and value do where two of them differ, and equal where those are.
    prefixes: Vec<u64>,
    table: Vec<u32>,
}

impl<'a> Interned<'a> {
    fn with_capacity(mentions: usize) -> Self {
        let size = (mentions * 2).next_power_of_two();
        Interned { mentions: Vec::new(), prefixes: Vec::new(), table: vec![NONE; size] }
    }

    /// The number of the mentioned identifier.
    fn add(&mut self, mention: Mention<'a>) -> u32 {
        let (hash, prefix) = hash_and_prefix(mention.value);
        // There are 64 types at most: six bits.
        let prefix = u64::from(mention.code) << 58 | prefix >> 6;
        let mask = self.table.len() - 1;
        // A user, a contact and a company may have one number.
        let mut slot = (hash ^ mention.code << 8) as usize;
        loop {
            slot &= mask;
            let number = self.table[slot];
            if number == NONE {
                break;
            }
            let known = &mut self.mentions[number as usize];
            if self.prefixes[number as usize] == prefix && known.value == mention.value {
                known.add(&mention);
                return number;
            }
            slot += 1;
        }
        let number = self.mentions.len() as u32;
        self.table[slot] = number;
        self.mentions.push(mention);
        self.prefixes.push(prefix);
        number
    }
}

/// A link between two identifiers, by their numbers; the left one comes first.
#[derive(Clone, Copy)]
struct Link {
    left: u32,
    right: u32,
    first: f64,
}

impl Link {
    /// Orders like left and then right.
    fn pair(&self) -> u64 {
        u64::from(self.left) << 32 | u64::from(self.right)
    }
}

/// A row of the ledger.
#[derive(Clone, Copy)]
struct Entry<'a> {
    id: &'a [u8],
    /// Negative where no such type is known.
    code: i32,
    value: &'a [u8],
    minted_at: f64,
}

/// A link that would break a guardrail.
struct Refusal {
    link: Link,
    reason: Reason,
    limited: Option<u32>,
}

/// Merges the identifiers of links into persons and writes the result of the catalogue's `identity_resolve`.
///
/// Types are indices in the settings' types (-1 for NULL, -2 for unknown ones); an identifier is a type and a value. Points
/// in time are microseconds since 1970 UTC, NaN for NULL. `links_left_links` and `links_right_links` are how many links an
/// identifier has altogether as far as the caller knows (0 for unknown), `links_left_shared` and `links_right_shared` are 1
/// for identifiers of several people. `ledger` are the ids that earlier runs gave. Neither the order of the rows nor
/// repeated ones change anything but counts. Never fails.
#[allow(clippy::too_many_arguments)]
pub fn identity_resolve(
    links_left_type: &[i32],
    links_left_value: Texts<'_>,
    links_right_type: &[i32],
    links_right_value: Texts<'_>,
    links_first_seen: &[f64],
    links_last_seen: &[f64],
    links_left_links: &[f64],
    links_right_links: &[f64],
    links_left_shared: &[f64],
    links_right_shared: &[f64],
    ledger_canonical_id: Texts<'_>,
    ledger_founder_type: &[i32],
    ledger_founder_value: Texts<'_>,
    ledger_minted_at: &[f64],
    settings: &Settings,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let columns = Columns {
        types: [links_left_type, links_right_type],
        values: [links_left_value, links_right_value],
        links: [links_left_links, links_right_links],
        shared: [links_left_shared, links_right_shared],
        first_seen: links_first_seen,
        last_seen: links_last_seen,
    };
    let (interned, mut links) = read_links(&columns, settings.types(), as_of, &mut ignored);
    let mut nodes = identifiers(&interned, &mut links);
    keep_earliest(&mut links);
    demote(&mut nodes, &links, settings);
    let (roots, refusals) = grow(&nodes, &mut links, settings);
    let entries =
        read_ledger(ledger_canonical_id, ledger_founder_type, ledger_founder_value, ledger_minted_at, &mut ignored);

    // Where in the text area the id of a cluster stands, by its root.
    let mut ids = vec![[f64::NAN; 2]; nodes.len()];
    let mut absorbed = Vec::new();
    // The oldest entry comes first: the first one in a cluster gives the cluster its id.
    for entry in &entries {
        let place = |node: &Node<'_>| (node.mention.code as i32, node.mention.value).cmp(&(entry.code, entry.value));
        let Ok(node) = nodes.binary_search_by(place) else { continue };
        let id = &mut ids[roots[node] as usize];
        if id[0].is_nan() {
            *id = put(out, entry.id);
        } else {
            absorbed.push((entry.id, roots[node]));
        }
    }
    let minted = founders(&nodes, &roots, |root| ids[root as usize][0].is_nan());
    for &number in &minted {
        let Mention { code, value, .. } = nodes[number as usize].mention;
        let [a, b, c, d, ..] = sha256::digest(&[settings.salt(), settings.name(code), b":", value]);
        ids[roots[number as usize] as usize] = put(out, &hexadecimal([a, b, c, d]));
    }

    out.list(nodes.len());
    for (node, &root) in nodes.iter().zip(&roots) {
        node.mention.write(out);
        out.slots(&ids[root as usize]);
        out.timestamp_text(node.mention.first);
        out.timestamp_text(node.mention.last);
        out.double(slot(node.demoted.map(|reason| reason as u32)));
    }
    out.list(minted.len());
    for &number in &minted {
        out.slots(&ids[roots[number as usize] as usize]);
        nodes[number as usize].mention.write(out);
        out.timestamp_text(as_of);
    }
    out.list(absorbed.len());
    for (id, root) in absorbed {
        out.text(id);
        out.slots(&ids[root as usize]);
    }
    write_audit(&nodes, &refusals, out);
    let Ignored { no_identifier, unknown_type, no_timestamp, after_as_of, ledger_incomplete, ledger_duplicate } =
        ignored;
    let counts = [no_identifier, unknown_type, no_timestamp, after_as_of, ledger_incomplete, ledger_duplicate];
    out.slots(&counts.map(f64::from));
    Ok(())
}

/// What is known of the links, column by column; of both sides the left one first.
struct Columns<'a, 'c> {
    types: [&'c [i32]; 2],
    values: [Texts<'a>; 2],
    links: [&'c [f64]; 2],
    shared: [&'c [f64]; 2],
    first_seen: &'c [f64],
    last_seen: &'c [f64],
}

/// The identifiers in the order in which rows mention them, and the links between them, by their numbers.
fn read_links<'a>(
    columns: &Columns<'a, '_>,
    types: usize,
    as_of: f64,
    ignored: &mut Ignored,
) -> (Interned<'a>, Vec<Link>) {
    let mut interned = Interned::with_capacity(2 * columns.first_seen.len());
    let mut links = Vec::with_capacity(columns.first_seen.len());
    for (row, (&first, &last)) in columns.first_seen.iter().zip(columns.last_seen).enumerate() {
        // What has been seen after the point of view has not been seen yet.
        let last = if last > as_of { as_of } else { last };
        let last = if last > first { last } else { first };
        let in_time = first <= as_of;
        let mut ends = [NONE; 2];
        let (mut values, mut unknown_type) = (0, false);
        for side in 0..2 {
            let Some(value) = columns.values[side].get(row) else { continue };
            values += 1;
            let code = columns.types[side][row];
            if code < 0 || code as usize >= types {
                unknown_type = true;
            } else if in_time {
                let links = columns.links[side][row];
                ends[side] = interned.add(Mention {
                    code: code as u32,
                    value,
                    first,
                    last,
                    // NaN, which compares with nothing, would let the order of the rows decide.
                    links: if links > 0.0 { links } else { 0.0 },
                    shared: columns.shared[side][row] == 1.0,
                    reference: (2 * row + side) as u32,
                });
            }
        }
        if let [left, right] = ends
            && left != NONE
            && right != NONE
        {
            links.push(Link { left, right, first });
        }
        let reason = if values == 0 {
            &mut ignored.no_identifier
        } else if unknown_type {
            &mut ignored.unknown_type
        } else if first.is_nan() {
            &mut ignored.no_timestamp
        } else if !in_time {
            &mut ignored.after_as_of
        } else {
            continue;
        };
        *reason += 1;
    }
    (interned, links)
}

/// The identifiers in the order of type and value, by which they are numbered anew in the links as well.
fn identifiers<'a>(interned: &Interned<'a>, links: &mut [Link]) -> Vec<Node<'a>> {
    let mentions = &interned.mentions;
    let mut order: Vec<(u64, u32)> = (0..).zip(&interned.prefixes).map(|(number, &prefix)| (prefix, number)).collect();
    sort_by(&mut order, |one, other| {
        if one.0 != other.0 {
            one.0 < other.0
        } else {
            mentions[one.1 as usize].value < mentions[other.1 as usize].value
        }
    });
    let mut numbers = vec![0; mentions.len()];
    let mut nodes = Vec::with_capacity(mentions.len());
    for (_, number) in order {
        numbers[number as usize] = nodes.len() as u32;
        nodes.push(Node { mention: mentions[number as usize], own_links: 0, demoted: None });
    }
    for link in links {
        let (left, right) = (numbers[link.left as usize], numbers[link.right as usize]);
        (link.left, link.right) = if left <= right { (left, right) } else { (right, left) };
    }
    nodes
}

/// The earliest of each link, without those of an identifier to itself.
fn keep_earliest(links: &mut Vec<Link>) {
    links.retain(|link| link.left != link.right);
    sort_by(links, |one, other| one.pair() < other.pair() || (one.pair() == other.pair() && one.first < other.first));
    links.dedup_by(|one, first| one.pair() == first.pair());
}

/// Finds the identifiers whose links are refused.
fn demote(nodes: &mut [Node<'_>], links: &[Link], settings: &Settings) {
    for link in links {
        nodes[link.left as usize].own_links += 1;
        nodes[link.right as usize].own_links += 1;
    }
    for node in nodes {
        let Mention { code, value, links, shared, .. } = node.mention;
        node.demoted = if settings.blocks(code, value) {
            Some(Reason::BlockedValue)
        } else if shared {
            Some(Reason::Shared)
        } else if links > settings.hub_links || f64::from(node.own_links) > settings.hub_links {
            Some(Reason::Hub)
        } else {
            None
        };
    }
}

/// Joins the links in the normative order. The root of each identifier's cluster, and the links that were refused.
fn grow(nodes: &[Node<'_>], links: &mut [Link], settings: &Settings) -> (Vec<u32>, Vec<Refusal>) {
    // The weaker side's type, then time, then left and right. Identifiers are numbered by the strength of their type and then
    // by value, so the weaker side is the right one. The links come by left and right, and equal ones keep that order.
    let key = |link: &Link| (nodes[link.right as usize].mention.code, link.first);
    sort_by(links, |one, other| key(one) < key(other));
    let mut forest = Forest::new(nodes.iter().map(|node| node.mention.code), settings);
    let mut refusals = Vec::new();
    for &link in links.iter() {
        if nodes[link.left as usize].demoted.is_none()
            && nodes[link.right as usize].demoted.is_none()
            && let Some((reason, limited)) = forest.join(link.left, link.right)
        {
            refusals.push(Refusal { link, reason, limited });
        }
    }
    ((0..nodes.len() as u32).map(|node| forest.root(node)).collect(), refusals)
}

/// The founders of the clusters whose roots are `wanted`: of each the strongest type, then the earliest, then the smallest
/// value.
fn founders(nodes: &[Node<'_>], roots: &[u32], wanted: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut founders = vec![NONE; nodes.len()];
    for (number, (node, &root)) in nodes.iter().zip(roots).enumerate() {
        let founder = &mut founders[root as usize];
        let is_earlier =
            |known: &Node<'_>| node.mention.code == known.mention.code && node.mention.first < known.mention.first;
        // Stronger types and smaller values come first.
        if nodes.get(*founder as usize).is_none_or(is_earlier) {
            *founder = number as u32;
        }
    }
    let is_founder = |number: &u32| {
        let root = roots[*number as usize];
        founders[root as usize] == *number && wanted(root)
    };
    (0..nodes.len() as u32).filter(is_founder).collect()
}

/// The rows of the ledger that count, by time and then by id; of several with one id the earliest.
fn read_ledger<'a>(
    id: Texts<'a>,
    founder_type: &[i32],
    founder_value: Texts<'a>,
    minted_at: &[f64],
    ignored: &mut Ignored,
) -> Vec<Entry<'a>> {
    let mut entries = Vec::with_capacity(minted_at.len());
    for (row, (&code, &minted_at)) in founder_type.iter().zip(minted_at).enumerate() {
        match (id.get(row), founder_value.get(row)) {
            (Some(id), Some(value)) if code != NULL_CODE && !minted_at.is_nan() => {
                entries.push(Entry { id, code, value, minted_at });
            }
            _ => ignored.ledger_incomplete += 1,
        }
    }
    let key = |entry: &Entry<'a>| (entry.id, entry.minted_at, entry.code, entry.value);
    heap_sort_by(&mut entries, |one, other| key(one) < key(other));
    let all = entries.len();
    entries.dedup_by(|one, first| one.id == first.id);
    ignored.ledger_duplicate = (all - entries.len()) as u32;
    heap_sort_by(&mut entries, |one, other| (one.minted_at, one.id) < (other.minted_at, other.id));
    entries
}

/// The audit: the identifiers that were demoted, then the links that were refused.
fn write_audit(nodes: &[Node<'_>], refusals: &[Refusal], out: &mut Output) {
    let count = nodes.iter().filter(|node| node.demoted.is_some()).count();
    out.list(count + refusals.len());
    for node in nodes {
        if let Some(reason) = node.demoted {
            out.slots(&[reason as u32, node.own_links].map(f64::from));
            node.mention.write(out);
            out.double(slot(None));
            out.null_text();
            out.double(slot(None));
        }
    }
    for Refusal { link, reason, limited } in refusals {
        out.slots(&[*reason as u32, 1].map(f64::from));
        nodes[link.left as usize].mention.write(out);
        let right = &nodes[link.right as usize].mention;
        out.double(f64::from(right.code));
        out.text(right.value);
        out.double(slot(*limited));
    }
}

/// Puts a text into the text area and returns the slots that name it.
fn put(out: &mut Output, text: &[u8]) -> [f64; 2] {
    let start = out.text.len();
    out.text.extend_from_slice(text);
    [start as f64, text.len() as f64]
}

fn hexadecimal(words: [u32; 4]) -> [u8; 32] {
    let mut digits = [0; 32];
    for (place, digit) in digits.iter_mut().enumerate() {
        let word = words[place / 8];
        *digit = b"0123456789abcdef"[(word >> (28 - 4 * (place % 8)) & 15) as usize];
    }
    digits
}

/// The slot of a dictionary's text.
fn slot(code: Option<u32>) -> f64 {
    code.map_or(-1.0, f64::from)
}

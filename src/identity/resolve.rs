//! Links to persons, with guardrails and ids that last.

use super::forest::Forest;
use super::settings::{Reason, Settings};
use super::sha256;
use crate::Result;
use crate::abi::{NULL_CODE, Output, Texts};
use crate::sort::sort_by;
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

/// An identifier as one side of one row has it.
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
    fn is_before(&self, other: &Self) -> bool {
        (self.code, self.value) < (other.code, other.value)
    }
}

/// An identifier: all its mentions.
struct Node<'a> {
    mention: Mention<'a>,
    /// How many different links it has in this call.
    own_links: u32,
    /// Why its links are refused.
    demoted: Option<Reason>,
}

/// A link between two identifiers, by their numbers; the left one comes first.
#[derive(Clone, Copy)]
struct Link {
    left: u32,
    right: u32,
    first: f64,
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
    let mut mentions = Vec::with_capacity(2 * links_first_seen.len());
    // Pairs of mentions.
    let mut links = Vec::with_capacity(links_first_seen.len());
    let known = |code: i32| code >= 0 && (code as usize) < settings.types();
    for (row, (&first, &last)) in links_first_seen.iter().zip(links_last_seen).enumerate() {
        let sides = [
            (links_left_value.get(row), links_left_type[row], links_left_links[row], links_left_shared[row]),
            (links_right_value.get(row), links_right_type[row], links_right_links[row], links_right_shared[row]),
        ];
        let reason = if sides.iter().all(|side| side.0.is_none()) {
            ignored.no_identifier += 1;
            continue;
        } else if sides.iter().any(|side| side.0.is_some() && !known(side.1)) {
            Some(&mut ignored.unknown_type)
        } else if first.is_nan() {
            Some(&mut ignored.no_timestamp)
        } else if first > as_of {
            Some(&mut ignored.after_as_of)
        } else {
            None
        };
        if let Some(count) = reason {
            *count += 1;
        }
        if first.is_nan() || first > as_of {
            continue;
        }
        // What has been seen after the point of view has not been seen yet.
        let last = if last > as_of { as_of } else { last };
        let last = if last > first { last } else { first };
        let start = mentions.len();
        for (side, (value, code, links, shared)) in sides.into_iter().enumerate() {
            if let Some(value) = value
                && known(code)
            {
                let reference = (2 * row + side) as u32;
                // NaN, which compares with nothing, would let the order of the rows decide.
                let links = if links > 0.0 { links } else { 0.0 };
                mentions.push(Mention {
                    code: code as u32,
                    value,
                    first,
                    last,
                    links,
                    shared: shared == 1.0,
                    reference,
                });
            }
        }
        if mentions.len() == start + 2 {
            links.push(Link { left: start as u32, right: start as u32 + 1, first });
        }
    }

    let mut nodes = identifiers(&mentions, &mut links);
    links.retain(|link| link.left != link.right);
    // The earliest of each link.
    sort_by(&mut links, |one, other| {
        (one.left, one.right) < (other.left, other.right)
            || ((one.left, one.right) == (other.left, other.right) && one.first < other.first)
    });
    links.dedup_by(|one, first| one.left == first.left && one.right == first.right);
    for link in &links {
        nodes[link.left as usize].own_links += 1;
        nodes[link.right as usize].own_links += 1;
    }
    for node in &mut nodes {
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

    // The normative order: the weaker side's type, then time, then left and right. Identifiers are numbered by the strength
    // of their type and then by value, so the weaker side is the right one.
    let weaker = |link: &Link| nodes[link.right as usize].mention.code;
    sort_by(&mut links, |one, other| {
        let (weaker_one, weaker_other) = (weaker(one), weaker(other));
        if weaker_one != weaker_other {
            weaker_one < weaker_other
        } else if one.first != other.first {
            one.first < other.first
        } else {
            (one.left, one.right) < (other.left, other.right)
        }
    });
    let mut forest = Forest::new(nodes.iter().map(|node| node.mention.code), settings);
    let mut refusals = Vec::new();
    for &link in &links {
        if nodes[link.left as usize].demoted.is_none()
            && nodes[link.right as usize].demoted.is_none()
            && let Some((reason, limited)) = forest.join(link.left, link.right)
        {
            refusals.push(Refusal { link, reason, limited });
        }
    }

    // The founder of each cluster, by its root: the strongest type, then the earliest, then the smallest value.
    let mut founders = vec![NONE; nodes.len()];
    let roots: Vec<u32> = (0..nodes.len() as u32).map(|node| forest.root(node)).collect();
    for (node, &root) in roots.iter().enumerate() {
        let founder = &mut founders[root as usize];
        let earlier = |other: &Node<'_>| {
            let (one, other) = (&nodes[node].mention, &other.mention);
            one.code == other.code && one.first < other.first
        };
        if nodes.get(*founder as usize).is_none_or(earlier) {
            *founder = node as u32;
        }
    }

    let entries =
        read_ledger(ledger_canonical_id, ledger_founder_type, ledger_founder_value, ledger_minted_at, &mut ignored);
    // Where in the text area the id of a cluster stands, by its root.
    let mut ids = vec![[f64::NAN; 2]; nodes.len()];
    let mut absorbed = Vec::new();
    // Entries come with the smallest time and id first: the first one in a cluster is the cluster's.
    for entry in &entries {
        let is_at = |node: &Node<'_>| (node.mention.code as i32, node.mention.value).cmp(&(entry.code, entry.value));
        let Ok(node) = nodes.binary_search_by(is_at) else { continue };
        let id = &mut ids[roots[node] as usize];
        if id[0].is_nan() {
            *id = place(out, |text| text.extend_from_slice(entry.id));
        } else {
            absorbed.push((entry.id, roots[node]));
        }
    }
    let mut minted = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let root = roots[number] as usize;
        if founders[root] == number as u32 && ids[root][0].is_nan() {
            let Mention { code, value, .. } = node.mention;
            let digest = sha256::first_half(&[settings.salt(), settings.name(code), b":", value]);
            ids[root] = place(out, |text| digest.iter().for_each(|&word| push_hexadecimal(text, word)));
            minted.push(number);
        }
    }

    out.list(nodes.len());
    for (node, &root) in nodes.iter().zip(&roots) {
        let Mention { code, reference, first, last, .. } = node.mention;
        out.slots(&[f64::from(code), f64::from(reference)]);
        out.slots(&ids[root as usize]);
        out.timestamp_text(first);
        out.timestamp_text(last);
        out.double(reason_slot(node.demoted));
    }
    out.list(minted.len());
    for &number in &minted {
        let Mention { code, reference, .. } = nodes[number].mention;
        out.slots(&ids[roots[number] as usize]);
        out.slots(&[f64::from(code), f64::from(reference)]);
        out.timestamp_text(as_of);
    }
    out.list(absorbed.len());
    for (id, root) in absorbed {
        out.text(id);
        out.slots(&ids[root as usize]);
    }
    let demoted = nodes.iter().filter(|node| node.demoted.is_some());
    out.list(demoted.clone().count() + refusals.len());
    for node in demoted {
        let Mention { code, reference, .. } = node.mention;
        let links = f64::from(node.own_links);
        out.slots(&[reason_slot(node.demoted), links, f64::from(code), f64::from(reference), -1.0]);
        out.null_text();
        out.double(-1.0);
    }
    for Refusal { link, reason, limited } in refusals {
        let (left, right) = (&nodes[link.left as usize].mention, &nodes[link.right as usize].mention);
        let codes = [reason_slot(Some(reason)), 1.0, f64::from(left.code), f64::from(left.reference)];
        out.slots(&codes);
        out.double(f64::from(right.code));
        out.text(right.value);
        out.double(limited.map_or(-1.0, f64::from));
    }
    let Ignored { no_identifier, unknown_type, no_timestamp, after_as_of, ledger_incomplete, ledger_duplicate } =
        ignored;
    let counts = [no_identifier, unknown_type, no_timestamp, after_as_of, ledger_incomplete, ledger_duplicate];
    out.slots(&counts.map(f64::from));
    Ok(())
}

/// The identifiers in the order of type and value. The links, between mentions, become links between these.
fn identifiers<'a>(mentions: &[Mention<'a>], links: &mut [Link]) -> Vec<Node<'a>> {
    let mut order: Vec<u32> = (0..mentions.len() as u32).collect();
    sort_by(&mut order, |&one, &other| mentions[one as usize].is_before(&mentions[other as usize]));
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let mut numbers = vec![0; mentions.len()];
    for number in order {
        let mention = mentions[number as usize];
        match nodes.last_mut() {
            Some(Node { mention: known, .. }) if !known.is_before(&mention) => {
                known.first = if mention.first < known.first { mention.first } else { known.first };
                known.last = if mention.last > known.last { mention.last } else { known.last };
                known.links = if mention.links > known.links { mention.links } else { known.links };
                known.shared |= mention.shared;
            }
            _ => nodes.push(Node { mention, own_links: 0, demoted: None }),
        }
        numbers[number as usize] = nodes.len() as u32 - 1;
    }
    for link in links {
        let (left, right) = (numbers[link.left as usize], numbers[link.right as usize]);
        (link.left, link.right) = if left <= right { (left, right) } else { (right, left) };
    }
    nodes
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
    sort_by(&mut entries, |one, other| {
        if one.id != other.id {
            one.id < other.id
        } else if one.minted_at != other.minted_at {
            one.minted_at < other.minted_at
        } else {
            (one.code, one.value) < (other.code, other.value)
        }
    });
    let all = entries.len();
    entries.dedup_by(|one, first| one.id == first.id);
    ignored.ledger_duplicate = (all - entries.len()) as u32;
    // Stable: entries of one time stay in the order of their ids.
    sort_by(&mut entries, |one, other| one.minted_at < other.minted_at);
    entries
}

/// Writes something into the text area and returns what names it in the stream.
fn place(out: &mut Output, write: impl FnOnce(&mut Vec<u8>)) -> [f64; 2] {
    let start = out.text.len();
    write(&mut out.text);
    [start as f64, (out.text.len() - start) as f64]
}

fn push_hexadecimal(text: &mut Vec<u8>, word: u32) {
    for digit in (0..8).rev() {
        text.push(b"0123456789abcdef"[(word >> (4 * digit) & 15) as usize]);
    }
}

fn reason_slot(reason: Option<Reason>) -> f64 {
    reason.map_or(-1.0, |reason| f64::from(reason as u8))
}

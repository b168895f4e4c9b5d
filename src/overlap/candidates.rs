//! Pairs of workspaces of a group that are probably the same.

use super::Shared;
use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::ranks::{NONE, Ranks, key, of, parts, rank, set};
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const DEFAULT_JACCARD: f64 = 0.5;
const DEFAULT_JACCARD_USERS: f64 = 1.0;
const DEFAULT_CONTAINMENT: f64 = 0.8;
const DEFAULT_CONTAINMENT_USERS: f64 = 3.0;
const DEFAULT_MAX_PAIRS: f64 = 10_000.0;
const DEFAULT_APART: [&[u8]; 2] = [b"sandbox", b"dev"];
const MAX_COUNT: f64 = 1e6;
/// Why two workspaces are probably the same, by bit.
const REASONS: [&[u8]; 3] = [b"same_sso_domain", b"same_billing_entity", b"user_overlap"];
const SSO: u8 = 1;
const BILLING: u8 = 2;
const USERS: u8 = 4;
/// What to make of a pair.
const KINDS: [&[u8]; 2] = [b"duplicate", b"environment"];

/// Compiled thresholds; `docs/semantics.md` ("Duplicate workspaces") describes the JSON.
#[derive(Default)]
pub struct Thresholds {
    jaccard: f64,
    jaccard_users: usize,
    containment: f64,
    containment_users: usize,
    /// The types whose workspaces are apart from all others.
    apart: Strings,
    max_pairs: usize,
}

impl Document for Thresholds {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the reasons, 1 the kinds. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(2);
        out.list(REASONS.len());
        REASONS.iter().for_each(|reason| out.text(reason));
        out.list(KINDS.len());
        KINDS.iter().for_each(|kind| out.text(kind));
        out.list(0);
    }
}

impl Thresholds {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let fields = ["jaccard", "jaccard_users", "containment", "containment_users", "apart_types", "max_pairs"];
        let settings = Object::new(root, place, &fields)?;
        self.jaccard = share(&settings, "jaccard", DEFAULT_JACCARD)?;
        self.jaccard_users = count(&settings, "jaccard_users", DEFAULT_JACCARD_USERS)?;
        self.containment = share(&settings, "containment", DEFAULT_CONTAINMENT)?;
        self.containment_users = count(&settings, "containment_users", DEFAULT_CONTAINMENT_USERS)?;
        self.max_pairs = count(&settings, "max_pairs", DEFAULT_MAX_PAIRS)?;
        if settings.get("apart_types").is_some() {
            settings.each("apart_types", |value, place| {
                let kind = value.text().ok_or_else(|| place.error("must be a text"))?;
                self.apart.add(kind);
                Ok(())
            })?;
        } else {
            DEFAULT_APART.iter().for_each(|kind| {
                self.apart.add(kind);
            });
        }
        Ok(())
    }

    /// Whether so many shared users are a reason.
    fn is_overlap(&self, shared: Shared) -> bool {
        (shared.both >= self.jaccard_users && shared.jaccard() >= self.jaccard)
            || (shared.both >= self.containment_users && shared.containment() >= self.containment)
    }
}

fn share(settings: &Object<'_, '_>, name: &str, default: f64) -> Result<f64> {
    match settings.positive(name)? {
        Some(share) if share > 1.0 => Err(settings.error(name, "must be > 0 and at most 1")),
        share => Ok(share.unwrap_or(default)),
    }
}

fn count(settings: &Object<'_, '_>, name: &str, default: f64) -> Result<usize> {
    match settings.number(name)? {
        Some(count) if !(1.0..=MAX_COUNT).contains(&count) || count != count as u32 as f64 => {
            Err(settings.error(name, "must be a whole number from 1 to 1,000,000"))
        }
        count => Ok(count.unwrap_or(default) as usize),
    }
}

/// Two workspaces, by their numbers, `a` before `b`.
#[derive(Clone, Copy)]
struct Pair {
    a: u32,
    b: u32,
    reasons: u8,
    shared: Shared,
}

impl Pair {
    /// More reasons first, then more shared users, then the order of the ids.
    fn is_before(&self, other: &Pair) -> bool {
        let strength = |pair: &Pair| (pair.reasons.count_ones(), pair.shared.both);
        if strength(self) != strength(other) {
            strength(self) > strength(other)
        } else {
            key(self.a, self.b) < key(other.a, other.b)
        }
    }
}

/// Finds the pairs of workspaces of one group that are probably the same.
///
/// Writes the pairs, the ones with the most reasons first, then those with the most shared users, then by the bytes of
/// their ids; how many there were beyond the limit; and the rows without workspace, the memberships without user, and
/// those of workspaces that are not listed. An empty text is NULL everywhere. There is no error beside those of compiling
/// the settings.
#[allow(clippy::too_many_arguments)]
pub fn merge_candidates(
    workspaces_workspace_id: Texts<'_>,
    workspaces_type: Texts<'_>,
    workspaces_sso_domain: Texts<'_>,
    workspaces_billing_id: Texts<'_>,
    memberships_workspace_id: Texts<'_>,
    memberships_user_id: Texts<'_>,
    settings: &Thresholds,
    out: &mut Output,
) -> Result<()> {
    let ids = rank(&[workspaces_workspace_id, memberships_workspace_id]);
    let listed = &ids.columns[0];
    let workspaces = ids.names.len();
    let mut ignored = [0.0; 3];
    ignored[0] = listed.iter().filter(|&&workspace| workspace == NONE).count() as f64;

    // Types that are apart by their number, the others are NONE; of several types of a workspace the smallest counts.
    let types = rank(&[workspaces_type]);
    let mut is_listed = alloc::vec![false; workspaces];
    let mut kinds = alloc::vec![NONE; workspaces];
    for (&workspace, &kind) in listed.iter().zip(&types.columns[0]) {
        if workspace != NONE {
            is_listed[workspace as usize] = true;
            let known = &mut kinds[workspace as usize];
            *known = kind.min(*known);
        }
    }
    for kind in &mut kinds {
        let name = types.names.get(*kind as usize);
        if name.is_none_or(|name| settings.apart.position(name).is_none()) {
            *kind = NONE;
        }
    }

    let mut members = Vec::new();
    let users = rank(&[memberships_user_id]);
    for (&workspace, &user) in ids.columns[1].iter().zip(&users.columns[0]) {
        if user == NONE {
            ignored[1] += 1.0;
        } else if is_listed.get(workspace as usize) != Some(&true) {
            ignored[2] += 1.0;
        } else {
            members.push(key(workspace, user));
        }
    }
    let (domains, entities) = (rank(&[workspaces_sso_domain]), rank(&[workspaces_billing_id]));
    // What workspaces have in common, by workspace and by what it is.
    let common = [Both::new(pairs(listed, &domains)), Both::new(pairs(listed, &entities)), Both::new(members)];

    let sizes: Vec<usize> =
        (0..workspaces).map(|workspace| of(&common[2].by_workspace, workspace as u32).len()).collect();
    let mut found = Vec::new();
    let mut all = 0;
    let mut reasons = alloc::vec![0u8; workspaces];
    let mut shared = alloc::vec![0usize; workspaces];
    let mut touched = Vec::new();
    for a in 0..workspaces as u32 {
        for (number, both) in common.iter().enumerate() {
            for &has in of(&both.by_workspace, a) {
                // Only those after it: the pairs before have been looked at.
                let others = of(&both.by_what, parts(has).1);
                let after = others.partition_point(|&other| parts(other).1 <= a);
                for &other in &others[after..] {
                    let b = parts(other).1;
                    if reasons[b as usize] == 0 && shared[b as usize] == 0 {
                        touched.push(b as u64);
                    }
                    reasons[b as usize] |= 1 << number & (SSO | BILLING);
                    shared[b as usize] += (number == 2) as usize;
                }
            }
        }
        touched = set(touched);
        for &b in &touched {
            let b = b as usize;
            let shared = Shared { a: sizes[a as usize], b: sizes[b], both: core::mem::take(&mut shared[b]) };
            let mut reasons = core::mem::take(&mut reasons[b]);
            if shared.both > 0 && settings.is_overlap(shared) {
                reasons |= USERS;
            }
            if reasons == 0 {
                continue;
            }
            all += 1;
            found.push(Pair { a, b: b as u32, reasons, shared });
            // Memory for twice the limit is enough to find the first ones.
            if found.len() >= 2 * settings.max_pairs {
                keep(&mut found, settings.max_pairs);
            }
        }
        touched.clear();
    }
    keep(&mut found, settings.max_pairs);

    out.list(found.len());
    for &Pair { a, b, reasons, shared } in &found {
        out.text(ids.names[a as usize]);
        out.text(ids.names[b as usize]);
        out.double((kinds[a as usize] != kinds[b as usize]) as u8 as f64);
        out.list(reasons.count_ones() as usize);
        (0..3).filter(|number| reasons >> number & 1 == 1).for_each(|number| out.double(number as f64));
        // A ratio of nobody has no value.
        out.slots(&[shared.both as f64, shared.a as f64, shared.b as f64, shared.jaccard(), shared.containment()]);
    }
    out.double((all - found.len()) as f64);
    out.slots(&ignored);
    Ok(())
}

/// The first ones, in order.
fn keep(pairs: &mut Vec<Pair>, most: usize) {
    sort_by(pairs, Pair::is_before);
    pairs.truncate(most);
}

/// Workspaces and what they have.
fn pairs(workspaces: &[u32], what: &Ranks<'_>) -> Vec<u64> {
    let pairs = workspaces.iter().zip(&what.columns[0]).filter(|(one, other)| **one != NONE && **other != NONE);
    pairs.map(|(&workspace, &what)| key(workspace, what)).collect()
}

/// Pairs of workspaces and what they have, in both orders.
struct Both {
    by_workspace: Vec<u64>,
    by_what: Vec<u64>,
}

impl Both {
    fn new(pairs: Vec<u64>) -> Self {
        let by_workspace = set(pairs);
        let by_what = set(by_workspace.iter().map(|pair| pair.rotate_left(32)).collect());
        Both { by_workspace, by_what }
    }
}

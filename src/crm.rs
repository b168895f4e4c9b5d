//! Users and the contacts of a CRM, matched by their e-mail addresses.

use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::ranks::{NONE, key, of, parts, rank, set};
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const DEFAULT_SHARED_KINDS: [&[u8]; 1] = [b"shared_inbox"];
/// What became of a user or a contact, by number: the smallest that applies.
const STATUSES: [&[u8]; 9] = [
    b"exact",
    b"alias",
    b"several",
    b"tie",
    b"duplicate",
    b"alias_collision",
    b"shared_inbox",
    b"unmatched",
    b"no_email",
];
const EXACT: u8 = 0;
const ALIAS: u8 = 1;
const SEVERAL: u8 = 2;
const TIE: u8 = 3;
const DUPLICATE: u8 = 4;
const ALIAS_COLLISION: u8 = 5;
const SHARED_INBOX: u8 = 6;
const UNMATCHED: u8 = 7;
const NO_EMAIL: u8 = 8;
/// Users and contacts.
const SIDES: [usize; 2] = [0, 1];

/// Compiled settings; `docs/semantics.md` ("Contacts of a CRM") describes the JSON.
#[derive(Default)]
pub struct Matching {
    /// The kinds of addresses that several people read.
    shared_kinds: Strings,
    /// Whether the one that changed last stands for all of its address.
    latest: bool,
    /// Whether aliases are matched, too.
    alias: bool,
}

impl Document for Matching {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with the statuses. No facts.
    fn describe(&self, out: &mut Output) {
        out.slots(&[1.0, STATUSES.len() as f64]);
        STATUSES.iter().for_each(|status| out.text(status));
        out.list(0);
    }
}

impl Matching {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let settings = Object::new(root, place, &["shared_kinds", "dedupe", "alias"])?;
        if settings.get("shared_kinds").is_some() {
            settings.each("shared_kinds", |value, place| {
                let kind = value.text().ok_or_else(|| place.error("must be a text"))?;
                self.shared_kinds.add(kind);
                Ok(())
            })?;
        } else {
            DEFAULT_SHARED_KINDS.iter().for_each(|kind| {
                self.shared_kinds.add(kind);
            });
        }
        self.latest = match settings.text("dedupe")? {
            None | Some(b"latest") => true,
            Some(b"none") => false,
            Some(_) => return Err(settings.error("dedupe", "must be latest or none")),
        };
        self.alias = settings.boolean("alias")?.unwrap_or(true);
        Ok(())
    }
}

/// An address of a user or of a contact.
#[derive(Clone, Copy)]
struct Row {
    side: usize,
    id: u32,
    email: u32,
    /// What the address is without tags and the like; the address itself where nothing is known.
    alias: u32,
    is_shared: bool,
    /// When it last changed, microseconds; minus infinity where that is unknown.
    time: f64,
}

/// Users and contacts by their numbers.
struct Matches {
    statuses: [Vec<u8>; 2],
    /// The number on the other side, or `NONE`.
    partners: [Vec<u32>; 2],
}

impl Matches {
    fn mark(&mut self, side: usize, id: u32, status: u8) {
        let known = &mut self.statuses[side][id as usize];
        *known = status.min(*known);
    }

    /// Whether nothing has been said yet but that there is an address.
    fn is_free(&self, side: usize, id: u32) -> bool {
        self.statuses[side][id as usize] == UNMATCHED
    }

    /// Takes the pairs of users and contacts of which neither is in another pair; the others are marked.
    fn take(&mut self, pairs: Vec<u64>, status: u8) {
        let forth = set(pairs);
        let back = set(forth.iter().map(|pair| pair.rotate_left(32)).collect());
        for &pair in &forth {
            let (user, contact) = parts(pair);
            if of(&forth, user).len() == 1 && of(&back, contact).len() == 1 {
                self.mark(0, user, status);
                self.mark(1, contact, status);
                self.partners[0][user as usize] = contact;
                self.partners[1][contact as usize] = user;
            } else {
                self.mark(0, user, SEVERAL);
                self.mark(1, contact, SEVERAL);
            }
        }
    }
}

/// Matches users and contacts by their e-mail addresses.
///
/// Times are microseconds since 1970 UTC, NaN for unknown. Writes the users and the contacts in the order of the bytes of
/// their ids, each with its match and a status; the number of matches; users and contacts; the share of either that is
/// matched, NULL where there are none; and the rows without id. An empty text is NULL everywhere. There is no error beside
/// those of compiling the settings.
#[allow(clippy::too_many_arguments)]
pub fn match_contact(
    users_user_id: Texts<'_>,
    users_email: Texts<'_>,
    users_alias: Texts<'_>,
    users_kind: Texts<'_>,
    users_updated_at: &[f64],
    contacts_contact_id: Texts<'_>,
    contacts_email: Texts<'_>,
    contacts_alias: Texts<'_>,
    contacts_kind: Texts<'_>,
    contacts_updated_at: &[f64],
    settings: &Matching,
    out: &mut Output,
) -> Result<()> {
    let ids = SIDES.map(|side| rank(&[[users_user_id, contacts_contact_id][side]]));
    let emails = rank(&[users_email, contacts_email, users_alias, contacts_alias]);
    let mut matches = Matches {
        statuses: SIDES.map(|side| alloc::vec![NO_EMAIL; ids[side].names.len()]),
        partners: SIDES.map(|side| alloc::vec![NONE; ids[side].names.len()]),
    };
    let mut ignored = [0.0; 2];
    let mut rows = Vec::new();
    for side in SIDES {
        let (kinds, times) = [(users_kind, users_updated_at), (contacts_kind, contacts_updated_at)][side];
        for (index, &id) in ids[side].columns[0].iter().enumerate() {
            let (email, alias) = (emails.columns[side][index], emails.columns[side + 2][index]);
            if id == NONE {
                ignored[side] += 1.0;
            } else if email != NONE {
                let kind = kinds.get(index).unwrap_or(b"");
                let is_shared = settings.shared_kinds.position(kind).is_some();
                let alias = if alias == NONE { email } else { alias };
                let time = if times[index].is_nan() { f64::NEG_INFINITY } else { times[index] };
                rows.push(Row { side, id, email, alias, is_shared, time });
                matches.mark(side, id, UNMATCHED);
            }
        }
    }

    // By address, then by side, the latest first; of the rows of one user or contact with one address one is left.
    sort_by(&mut rows, |one, other| {
        if (one.email, one.side) != (other.email, other.side) {
            (one.email, one.side) < (other.email, other.side)
        } else if one.time != other.time {
            one.time > other.time
        } else {
            one.id < other.id
        }
    });
    let mut pairs = Vec::new();
    let mut duplicates = Vec::new();
    for group in rows.chunk_by(|one, other| one.email == other.email) {
        let (users, contacts) = group.split_at(group.partition_point(|row| row.side == 0));
        let (Some(user), Some(contact)) = (users.first(), contacts.first()) else { continue };
        let is_tie = [users, contacts].iter().any(|rows| {
            let mut others = rows.iter().filter(|row| row.id != rows[0].id);
            others.any(|row| !settings.latest || row.time == rows[0].time)
        });
        let status = if group.iter().any(|row| row.is_shared) {
            SHARED_INBOX
        } else if is_tie {
            TIE
        } else {
            pairs.push(key(user.id, contact.id));
            DUPLICATE
        };
        for row in group {
            if status == DUPLICATE {
                let stands = [user.id, contact.id];
                if row.id != stands[row.side] {
                    duplicates.push((row, stands));
                }
            } else {
                matches.mark(row.side, row.id, status);
            }
        }
    }
    matches.take(pairs, EXACT);
    // A duplicate has the match of the one that stands for it, of several addresses by the smallest.
    for &(row, stands) in &duplicates {
        let (side, id) = (row.side, row.id);
        if matches.statuses[side][id as usize] >= DUPLICATE {
            matches.mark(side, id, DUPLICATE);
            let partners = &mut matches.partners[side];
            if partners[id as usize] == NONE && partners[stands[side] as usize] == stands[1 - side] {
                partners[id as usize] = stands[1 - side];
            }
        }
    }
    if settings.alias {
        match_aliases(&mut rows, &mut matches);
    }

    let mut matched = 0.0;
    for side in SIDES {
        let names = &ids[side].names;
        out.list(names.len());
        for (id, name) in names.iter().enumerate() {
            let (status, partner) = (matches.statuses[side][id], matches.partners[side][id]);
            out.text(name);
            out.optional_text(ids[1 - side].names.get(partner as usize).copied());
            out.double(status as f64);
            matched += (side == 0 && status <= ALIAS) as u8 as f64;
        }
    }
    let counts = SIDES.map(|side| ids[side].names.len() as f64);
    out.slots(&[matched, counts[0], counts[1], matched / counts[0], matched / counts[1], ignored[0], ignored[1]]);
    Ok(())
}

/// Matches what is left by the addresses without tags and the like, where nobody else has the same.
#[inline(never)]
fn match_aliases(rows: &mut [Row], matches: &mut Matches) {
    sort_by(rows, |one, other| one.alias < other.alias);
    let mut pairs = Vec::new();
    let mut collisions: Vec<Row> = Vec::new();
    for group in rows.chunk_by(|one, other| one.alias == other.alias) {
        let members = || group.iter().filter(|row| !row.is_shared);
        let first = |side: usize| members().find(|row| row.side == side).map(|row| row.id);
        let (Some(user), Some(contact)) = (first(0), first(1)) else { continue };
        let ids = [user, contact];
        if members().all(|row| row.id == ids[row.side]) && SIDES.iter().all(|&side| matches.is_free(side, ids[side])) {
            pairs.push(key(user, contact));
        } else {
            collisions.extend(members().copied());
        }
    }
    matches.take(pairs, ALIAS);
    for row in &collisions {
        matches.mark(row.side, row.id, ALIAS_COLLISION);
    }
}

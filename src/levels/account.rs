//! The score of an account, from those of its workspaces.

use super::names;
use crate::abi::{Document, NULL_CODE, Output, Texts};
use crate::error::path;
use crate::score::units::Units;
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, Object};
use crate::{Error, Result};
use alloc::vec::Vec;

const DEFAULT_TYPES: &[&str] = &["prod"];
const DEFAULT_COUNTS_FROM: f64 = 50.0;
const DEFAULT_POINTS: f64 = 2.0;
const DEFAULT_AT_MOST: f64 = 10.0;
const TOTAL_MAX: Units = Units::whole(100);

/// What the scoring model says of accounts: `account`.
pub struct Account {
    /// The types of workspaces that count.
    types: Strings,
    /// From which score on a further workspace earns points.
    counts_from: f64,
    points: f64,
    at_most: f64,
}

impl Document for Account {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, Self::read)
    }

    /// One dictionary: the types that count. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.types.describe(out);
        out.list(0);
    }
}

impl Account {
    /// Reads `account` of the scoring model, with defaults for what is absent.
    pub(crate) fn read(model: &Object<'_, '_>) -> Result<Self> {
        let Some(account) = model.object("account", &["types", "counts_from", "points", "at_most"])? else {
            return Ok(Account {
                types: names::these(DEFAULT_TYPES),
                counts_from: DEFAULT_COUNTS_FROM,
                points: DEFAULT_POINTS,
                at_most: DEFAULT_AT_MOST,
            });
        };
        Ok(Account {
            types: names::read(&account, "types", DEFAULT_TYPES)?,
            counts_from: account.number("counts_from")?.unwrap_or(DEFAULT_COUNTS_FROM),
            points: points(&account, "points")?.unwrap_or(DEFAULT_POINTS),
            at_most: points(&account, "at_most")?.unwrap_or(DEFAULT_AT_MOST),
        })
    }
}

fn points(account: &Object<'_, '_>, name: &str) -> Result<Option<f64>> {
    match account.not_negative(name)? {
        Some(points) if Units::round(points).is_none() => account.refuse(name, "must be below 524288").map(|()| None),
        points => Ok(points),
    }
}

/// How many workspaces do not count, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_workspace: u32,
    no_type: u32,
    other_type: u32,
    no_score: u32,
    duplicate: u32,
}

#[derive(Clone, Copy)]
struct Workspace<'a> {
    id: &'a [u8],
    score: f64,
}

/// The score of an account: the highest score of its workspaces, and points for each further one that scores well.
///
/// `type` holds indices of the model's types (-1 for NULL, -2 for another one). Writes the total, the workspace with the
/// highest score (of several the smallest id by its bytes), the contributions, which add up to the total to the last bit,
/// the number of workspaces that count, and the others by reason. Without a workspace that counts, total and workspace
/// are NULL. Error: a score that is not from 0 to 100 (NaN is NULL).
pub fn score_account(
    workspaces_workspace_id: Texts<'_>,
    workspaces_type: &[i32],
    workspaces_score: &[f64],
    model: &Account,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let mut workspaces = Vec::with_capacity(workspaces_score.len());
    for (index, (&code, &score)) in workspaces_type.iter().zip(workspaces_score).enumerate() {
        if !score.is_nan() && !(0.0..=100.0).contains(&score) {
            return Err(no_score(index));
        }
        let reason = match workspaces_workspace_id.get(index) {
            None => &mut ignored.no_workspace,
            _ if code == NULL_CODE => &mut ignored.no_type,
            _ if code < 0 => &mut ignored.other_type,
            _ if score.is_nan() => &mut ignored.no_score,
            Some(id) => {
                workspaces.push(Workspace { id, score });
                continue;
            }
        };
        *reason += 1;
    }
    sort_by(&mut workspaces, |one, other| one.id < other.id || (one.id == other.id && one.score > other.score));
    let all = workspaces.len();
    workspaces.dedup_by(|next, first| next.id == first.id);
    ignored.duplicate = (all - workspaces.len()) as u32;
    let mut highest: Option<Workspace<'_>> = None;
    let mut scoring_well = 0;
    for workspace in &workspaces {
        scoring_well += (workspace.score >= model.counts_from) as usize;
        if highest.is_none_or(|highest| workspace.score > highest.score) {
            highest = Some(*workspace);
        }
    }
    match highest {
        None => {
            out.double(f64::NAN);
            out.null_text();
            out.list(0);
        }
        Some(highest) => {
            // The highest one is among those that score well if any is.
            write_total(highest, scoring_well.saturating_sub(1), model, out);
        }
    }
    out.double(workspaces.len() as f64);
    let Ignored { no_workspace, no_type, other_type, no_score, duplicate } = ignored;
    out.slots(&[no_workspace, no_type, other_type, no_score, duplicate].map(f64::from));
    Ok(())
}

/// Total, workspace and contributions.
fn write_total(highest: Workspace<'_>, further: usize, model: &Account, out: &mut Output) {
    let earned = model.points * further as f64;
    let earned = if earned < model.at_most { earned } else { model.at_most };
    // Both are in range: scores end at 100, and the model's points below 2^19.
    let of_workspace = Units::round(highest.score).unwrap_or_default();
    let of_further = Units::round(if further > 0 { earned } else { 0.0 }).unwrap_or_default();
    let sum = Units(of_workspace.0 + of_further.0);
    let total = if sum > TOTAL_MAX { TOTAL_MAX } else { sum };
    let limit = total.minus(sum);
    let rows: [(&[u8], Units, usize); 3] = [
        (b"workspace", of_workspace, 1),
        (b"further_workspaces", of_further, further),
        (b"limit", limit, (limit != Units::ZERO) as usize),
    ];
    out.double(total.points());
    out.text(highest.id);
    out.list(rows.iter().filter(|(.., count)| *count > 0).count());
    for (code, points, count) in rows {
        if count > 0 {
            out.text(code);
            out.slots(&[points.points(), count as f64]);
        }
    }
}

#[cold]
fn no_score(index: usize) -> Error {
    Error::new(path("workspaces").index(index).field("score"), "must be a number from 0 to 100")
}

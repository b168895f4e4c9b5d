//! What changed between two scores.

use crate::abi::{Output, Texts};
use crate::error::path;
use crate::score::units::Units;
use crate::sort::heap_sort_by;
use crate::{Error, Result};
use alloc::vec::Vec;

/// All contributions of a side together are below 2^20 points, without their signs: so differences, and sums of them in any
/// order, are exact as doubles.
const LIMIT: u64 = 1 << 52;
/// No place among the contributions: the code stood only in the earlier score.
const NOWHERE: usize = usize::MAX;

/// An entry of a score's contributions.
#[derive(Clone, Copy)]
pub(crate) struct Contribution<'a> {
    pub bucket: Option<&'a [u8]>,
    pub code: Option<&'a [u8]>,
    pub points: Units,
}

/// The points of one bucket and code before and after.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    pub bucket: Option<&'a [u8]>,
    pub code: Option<&'a [u8]>,
    pub before: Units,
    pub after: Units,
    /// Where it first stands among the later contributions.
    place: usize,
}

impl Change<'_> {
    fn is_before(&self, other: &Self) -> bool {
        (self.bucket, self.code) < (other.bucket, other.code)
    }

    pub fn delta(&self) -> Units {
        self.after.minus(self.before)
    }
}

/// What changed, bucket and code by bucket and code: in the order in which `after` first has them, then those that only
/// `before` has, by the bytes of bucket and code, NULL first. Entries of one bucket and code are added up.
pub(crate) fn changes<'a>(after: &[Contribution<'a>], before: &[Contribution<'a>]) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = Vec::with_capacity(after.len() + before.len());
    for (place, &Contribution { bucket, code, points }) in after.iter().enumerate() {
        changes.push(Change { bucket, code, before: Units::ZERO, after: points, place });
    }
    for &Contribution { bucket, code, points } in before {
        changes.push(Change { bucket, code, before: points, after: Units::ZERO, place: NOWHERE });
    }
    // Entries of one bucket and code may come in any order: they are added up, and the first place is kept.
    heap_sort_by(&mut changes, Change::is_before);
    changes.dedup_by(|next, first| {
        let same = next.bucket == first.bucket && next.code == first.code;
        if same {
            first.before.0 += next.before.0;
            first.after.0 += next.after.0;
            first.place = first.place.min(next.place);
        }
        same
    });
    changes.retain(|change| change.before != change.after);
    heap_sort_by(&mut changes, |one, other| {
        one.place < other.place || (one.place == other.place && one.is_before(other))
    });
    changes
}

/// Writes the changes as a list of structs.
pub(crate) fn write(changes: &[Change<'_>], out: &mut Output) {
    out.list(changes.len());
    for change in changes {
        out.optional_text(change.bucket);
        out.optional_text(change.code);
        out.slots(&[change.before, change.after, change.delta()].map(Units::points));
    }
}

/// Compares the contributions of two results of scoring: what the score changed by, and through what.
///
/// Points are rounded to multiples of 2^-32 and added as integers, so the changes add up to `delta` to the last bit.
/// Writes `delta` and the [`changes`]. Errors: points that are not finite or reach 2^19 in absolute value (NaN for NULL, too), and
/// contributions that reach 2^20 points together, without their signs.
pub fn score_diff(
    contributions_bucket: Texts<'_>,
    contributions_code: Texts<'_>,
    contributions_points: &[f64],
    before_bucket: Texts<'_>,
    before_code: Texts<'_>,
    before_points: &[f64],
    out: &mut Output,
) -> Result<()> {
    let after = read("contributions", contributions_bucket, contributions_code, contributions_points)?;
    let before = read("before", before_bucket, before_code, before_points)?;
    let changes = changes(&after, &before);
    out.double(Units(changes.iter().map(|change| change.delta().0).sum()).points());
    write(&changes, out);
    Ok(())
}

/// The contributions of a result. Errors are those of [`score_diff`].
#[inline(never)]
pub(crate) fn read<'a>(
    argument: &str,
    bucket: Texts<'a>,
    code: Texts<'a>,
    points: &[f64],
) -> Result<Vec<Contribution<'a>>> {
    let mut total = 0u64;
    let mut contributions = Vec::with_capacity(points.len());
    for (index, &points) in points.iter().enumerate() {
        let points = Units::round(points).ok_or_else(|| no_points(argument, index))?;
        total = total.saturating_add(points.0.unsigned_abs());
        contributions.push(Contribution { bucket: bucket.get(index), code: code.get(index), points });
    }
    if total >= LIMIT {
        return Err(Error::new(argument, "are worth 1048576 points or more, signs left aside"));
    }
    Ok(contributions)
}

#[cold]
fn no_points(argument: &str, index: usize) -> Error {
    Error::new(path(argument).index(index).field("points"), "must be a number below 524288 in absolute value")
}

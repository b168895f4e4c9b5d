//! Whether scores are still distributed as they were.

use super::sum::Sum;
use super::{NOT_FINITE, bins_of};
use crate::abi::Output;
use crate::error::path;
use crate::logarithm::ln;
use crate::sort::sort_by;
use crate::{Error, Result};
use alloc::vec::Vec;

/// Below it nothing has changed that matters, by the rule of thumb of credit scoring.
const MODERATE: f64 = 0.1;
/// From here on it has.
const LARGE: f64 = 0.25;
/// What stands for an empty bin, in rows.
const EMPTY: f64 = 0.5;

/// The population stability index: `sum((actual - expected) * ln(actual / expected))` over the shares of bins (N. Siddiqi,
/// Credit Risk Scorecards, 2006; Kullback's divergence in both directions).
///
/// The bins' upper bounds are quantiles of `expected`: of `n` sorted values the one at place `ceil(n i / bins)`, for `i` from 1
/// on. A bin is `(lower, upper]`, the last one has no upper bound. Bounds that are equal are one, and there is none at the
/// greatest expected value, so no bin is empty of expected values; one that is empty of actual values counts as half a row.
///
/// Writes the index, its band (`stable` below 0.1, `moderate` below 0.25, else `large`; NULL as the index where a list is
/// empty), the bins (upper bound, NULL for the last one, shares of both, contribution), and how many values both lists have.
/// A value that is infinite or NaN, and a number of bins that is not whole or beyond 1 to 1,000, is an error.
pub fn psi(expected: &[f64], actual: &[f64], bins: f64, out: &mut Output) -> Result<()> {
    let count = bins_of(bins)?;
    let (expected, actual) = (sorted("expected", expected)?, sorted("actual", actual)?);
    let (old, new) = (expected.len(), actual.len());
    let mut bounds: Vec<f64> = Vec::new();
    for number in 1..count {
        // In 64 bits, which a module's addresses do not have.
        let place = (old as u64 * number as u64).div_ceil(count as u64) as usize;
        if let Some(&bound) = expected.get(place.wrapping_sub(1))
            && bounds.last().is_none_or(|&last| last < bound)
            && expected.last().is_some_and(|&greatest| bound < greatest)
        {
            bounds.push(bound);
        }
    }
    let mut index = Sum::default();
    let (mut table, mut before) = (Vec::new(), [0; 2]);
    for number in 0..=bounds.len() {
        let bound = bounds.get(number).copied();
        let up_to =
            |values: &[f64]| bound.map_or(values.len(), |bound| values.partition_point(|&value| value <= bound));
        let end = [up_to(&expected), up_to(&actual)];
        let [first, second] = [(end[0] - before[0]) as f64 / old as f64, (end[1] - before[1]) as f64 / new as f64];
        let counted = if end[1] == before[1] { EMPTY / new as f64 } else { second };
        let contribution = (counted - first) * ln(counted / first);
        index.add(contribution);
        table.push([bound.unwrap_or(f64::NAN), first, second, contribution]);
        before = end;
    }
    if old == 0 || new == 0 {
        out.double(f64::NAN);
        out.null_text();
        table.clear();
    } else {
        let index = index.total();
        out.double(index);
        out.text(match index {
            index if index < MODERATE => b"stable",
            index if index < LARGE => b"moderate",
            _ => b"large",
        });
    }
    out.list(table.len());
    table.iter().for_each(|bin| out.slots(bin));
    out.slots(&[old as f64, new as f64]);
    Ok(())
}

/// The values in order.
fn sorted(argument: &str, values: &[f64]) -> Result<Vec<f64>> {
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(Error::new(path(argument).index(index), NOT_FINITE));
    }
    // Adding 0 makes 0 of -0.
    let mut values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sort_by(&mut values, |one, other| one < other);
    Ok(values)
}

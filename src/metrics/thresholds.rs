//! From which score on enough convert.

use super::{Predictions, Tie};
use crate::abi::Output;
use crate::error::path;
use crate::{Error, Result};
use alloc::vec::Vec;

const MAX_TARGETS: usize = 100;

/// For each target the lowest score such that the rows with at least that score converted at the target rate or more.
///
/// Writes the targets in their order, each with the score (NULL where no score will do), and of the rows with at least that
/// score their number, positives, and the share of positives (NULL without a score); then rows, positives, and the
/// predictions without score or outcome. A score that is infinite, an outcome other than 0 and 1, a target beyond 0 to 1, and
/// more than 100 targets is an error.
pub fn suggested_thresholds(score: &[f64], outcome: &[f64], targets: &[f64], out: &mut Output) -> Result<()> {
    if targets.len() > MAX_TARGETS {
        return Err(Error::new("targets", "must not have more than 100 elements"));
    }
    if let Some(index) = targets.iter().position(|target| !(0.0..=1.0).contains(target)) {
        return Err(Error::new(path("targets").index(index), "must be between 0 and 1"));
    }
    let predictions = Predictions::scores(score, outcome)?;
    let mut found: Vec<Option<Tie>> = targets.iter().map(|_| None).collect();
    let (mut rows, mut positives) = (0, 0);
    for tie in predictions.ties().rev() {
        rows += tie.rows;
        positives += tie.positives;
        let rate = positives as f64 / rows as f64;
        for (found, &target) in found.iter_mut().zip(targets) {
            if rate >= target {
                *found = Some(Tie { score: tie.score, rows, positives });
            }
        }
    }
    out.list(targets.len());
    for (found, &target) in found.iter().zip(targets) {
        let (score, rows, positives) = match found {
            Some(tie) => (tie.score, tie.rows as f64, tie.positives as f64),
            None => (f64::NAN, 0.0, 0.0),
        };
        // Adding 0 makes 0 of -0, which JSON could not tell.
        out.slots(&[target + 0.0, score, rows, positives, positives / rows]);
    }
    out.slots(&[predictions.known.len() as f64, predictions.positives as f64, predictions.ignored as f64]);
    Ok(())
}

//! How well scores rank.

use super::Predictions;
use crate::Result;
use crate::abi::Output;

/// The area under the receiver operating characteristic: how often, of a positive and a negative drawn at random, the positive
/// has the higher score, ties counting half (Mann and Whitney, 1947).
///
/// Pairs are counted in integers; the quotient is rounded once. Writes the area (NULL where one class is absent), positives,
/// negatives, and the predictions without score or outcome. A score that is infinite and an outcome other than 0 and 1 is an
/// error.
pub fn auc(score: &[f64], outcome: &[f64], out: &mut Output) -> Result<()> {
    let predictions = Predictions::scores(score, outcome)?;
    let positives = predictions.positives as u64;
    let negatives = predictions.known.len() as u64 - positives;
    // Half pairs, so that ties are whole.
    let (mut won, mut below) = (0, 0);
    for tie in predictions.ties() {
        let tied = (tie.rows - tie.positives) as u64;
        won += tie.positives as u64 * (2 * below + tied);
        below += tied;
    }
    let pairs = 2 * positives * negatives;
    out.optional((pairs > 0).then(|| won as f64 / pairs as f64));
    out.slots(&[positives as f64, negatives as f64, predictions.ignored as f64]);
    Ok(())
}

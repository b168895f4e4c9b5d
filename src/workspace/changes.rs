//! What differs between the contributions of two results.

use crate::abi::{Output, Texts};
use crate::error::path;
use crate::score::Model;
use crate::score::explain::{Score, Total};
use crate::score::units::Units;
use crate::sort::heap_sort_by;
use crate::{Error, Result};
use alloc::vec::Vec;

/// The contributions of an earlier result, in order of bucket and code, each pair once.
pub(super) struct Earlier<'a>(Vec<Entry<'a>>);

#[derive(Clone, Copy)]
struct Entry<'a> {
    bucket: &'a [u8],
    code: &'a [u8],
    points: Units,
    /// Whether the later result has it, too.
    found: bool,
}

impl<'a> Earlier<'a> {
    pub fn read(buckets: Texts<'a>, codes: Texts<'a>, points: &[f64]) -> Result<Self> {
        let mut entries = Vec::with_capacity(points.len());
        for (index, &points) in points.iter().enumerate() {
            let refuse =
                |field: &str, message: &'static str| Error::new(path("before").index(index).field(field), message);
            let bucket = buckets.get(index).ok_or_else(|| refuse("bucket", "must not be NULL"))?;
            let code = codes.get(index).ok_or_else(|| refuse("code", "must not be NULL"))?;
            let points = Units::round(points).ok_or_else(|| refuse("points", "must be a number below 524288"))?;
            entries.push(Entry { bucket, code, points, found: false });
        }
        // Entries of one pair are summed, so their order among each other does not matter.
        heap_sort_by(&mut entries, |a, b| (a.bucket, a.code) < (b.bucket, b.code));
        let mut kept: Vec<Entry<'a>> = Vec::with_capacity(entries.len());
        for entry in entries {
            match kept.last_mut().filter(|last| (last.bucket, last.code) == (entry.bucket, entry.code)) {
                None => kept.push(entry),
                Some(last) => {
                    let sum = last.points.plus(entry.points);
                    last.points = sum.ok_or_else(|| Error::new("before", "is worth more than 524288 points"))?;
                }
            }
        }
        Ok(Earlier(kept))
    }

    /// Writes what differs: in the order of the later contributions, then what is gone.
    pub fn write_changes(mut self, model: &Model, score: &Score, total: Total, out: &mut Output) -> Result<()> {
        let length = out.stream.len();
        let mut count = 0;
        out.list(0);
        score.each_with_limits(model, total, |bucket, code, points, _| {
            let (bucket, code) = (model.string(bucket), model.string(code));
            let mut before = Units::ZERO;
            if let Ok(place) = self.0.binary_search_by(|entry| (entry.bucket, entry.code).cmp(&(bucket, code)))
                && let Some(entry) = self.0.get_mut(place)
            {
                entry.found = true;
                before = entry.points;
            }
            count += write(bucket, code, before, points, out);
        });
        for entry in self.0.iter().filter(|entry| !entry.found) {
            count += write(entry.bucket, entry.code, entry.points, Units::ZERO, out);
        }
        if let Some(slot) = out.stream.get_mut(length) {
            *slot = count as f64;
        }
        Ok(())
    }
}

/// Writes a change, if it is one, and returns how many it was.
fn write(bucket: &[u8], code: &[u8], before: Units, after: Units, out: &mut Output) -> u32 {
    if before == after {
        return 0;
    }
    out.text(bucket);
    out.text(code);
    out.slots(&[before.points(), after.points(), after.minus(before).points()]);
    1
}

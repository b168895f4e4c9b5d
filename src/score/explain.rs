//! From contributions to a score, and its result: total, stage, components, contributions, reasons.

use super::model::{LIMIT, Label, Model, NAME, NO_ELIGIBLE_USER, VERSION};
use super::units::Units;
use crate::abi::Output;
use crate::decay::age_days;
use crate::digits::digits;
use alloc::vec::Vec;

/// The total lies between 0 and this.
const TOTAL_MAX: Units = Units::whole(100);
/// How many reasons a result names.
const TOP_REASONS: usize = 3;

/// Something that adds to the score, before any limit.
#[derive(Clone, Copy)]
pub(crate) struct Contribution {
    pub bucket: usize,
    pub code: u32,
    pub points: Units,
    pub count: f64,
    pub wording: Wording,
}

/// What a reason says beside the points.
#[derive(Clone, Copy)]
pub(crate) enum Wording {
    /// `2 upgrade clicks in the last 7 days`
    Events { label: Label, first_at: f64, last_at: f64 },
    /// The state's own sentence.
    State(u32),
    /// `Fit A, 85.0 of 100`
    Fit { tier: Option<u32>, score: f64 },
}

/// A score in the making.
#[derive(Default)]
pub(crate) struct Score {
    /// In model order: events, states, fit, loops.
    pub contributions: Vec<Contribution>,
    /// Each bucket's sum and component.
    pub buckets: Vec<(Units, Units)>,
    /// Whether a workspace had nobody whose own events count.
    pub nobody_eligible: bool,
}

/// The sum of all buckets, and the total that it is limited to.
#[derive(Clone, Copy)]
pub(crate) struct Total {
    pub sum: Units,
    pub total: Units,
}

/// What a bucket makes of a sum.
pub(crate) fn limited(points: Units, max: Option<Units>) -> Units {
    match max {
        Some(max) => points.min(max).max(Units::ZERO),
        None => points.min(Units::ZERO),
    }
}

impl Score {
    /// Sums per bucket, and limits buckets and total; `None` from 2^19 points on.
    pub fn limit(&mut self, model: &Model) -> Option<Total> {
        self.buckets.resize(model.buckets.len(), (Units::ZERO, Units::ZERO));
        for contribution in &self.contributions {
            let (sum, _) = self.buckets.get_mut(contribution.bucket)?;
            *sum = sum.plus(contribution.points)?;
        }
        let mut sum = Units::ZERO;
        for (bucket, (points, component)) in model.buckets.iter().zip(&mut self.buckets) {
            *component = limited(*points, bucket.max);
            sum = sum.plus(*component)?;
        }
        Some(Total { sum, total: sum.min(TOTAL_MAX).max(Units::ZERO) })
    }

    /// Calls `visit` with bucket, code, points and count of every contribution of the result, limits included.
    pub fn each_with_limits(&self, model: &Model, total: Total, mut visit: impl FnMut(u32, u32, Units, f64)) {
        for contribution in &self.contributions {
            if let Some(bucket) = model.buckets.get(contribution.bucket) {
                visit(bucket.name, contribution.code, contribution.points, contribution.count);
            }
        }
        for (bucket, (points, component)) in model.buckets.iter().zip(&self.buckets) {
            if component != points {
                visit(bucket.name, LIMIT, component.minus(*points), 1.0);
            }
        }
        let limit = total.total.minus(total.sum);
        if limit != Units::ZERO {
            visit(LIMIT, LIMIT, limit, 1.0);
        }
    }
}

/// Writes the stream in the order of the catalogue's result types, up to and with the reasons.
pub(crate) fn write(model: &Model, score: &Score, total: Total, stage: Option<usize>, as_of: f64, out: &mut Output) {
    let stage = stage.and_then(|stage| model.stages.get(stage)).map_or(-1.0, |(name, _)| f64::from(*name));
    out.slots(&[NAME as f64, VERSION as f64, total.total.points(), stage]);
    write_components(model, score, total.total.minus(total.sum), out);
    let length = out.stream.len();
    out.list(0);
    score.each_with_limits(model, total, |bucket, code, points, count| {
        out.slots(&[bucket as f64, code as f64, points.points(), count]);
    });
    let written = (out.stream.len() - length - 1) / 4;
    if let Some(slot) = out.stream.get_mut(length) {
        *slot = written as f64;
    }
    write_reasons(model, score, as_of, out);
}

fn write_components(model: &Model, score: &Score, limit: Units, out: &mut Output) {
    let limited = limit != Units::ZERO;
    out.list(model.buckets.len() + limited as usize);
    for (bucket, (_, component)) in model.buckets.iter().zip(&score.buckets) {
        out.slots(&[bucket.name as f64, component.points()]);
    }
    if limited {
        out.slots(&[LIMIT as f64, limit.points()]);
    }
}

/// The largest contributions before limits by absolute value, ties in model order.
fn write_reasons(model: &Model, score: &Score, as_of: f64, out: &mut Output) {
    let reasons = || score.contributions.iter().filter(|contribution| contribution.points != Units::ZERO);
    let count = reasons().count().min(TOP_REASONS);
    out.list(count + score.nobody_eligible as usize);
    // Selecting the next one takes a pass over the rules; three passes beat sorting and need no memory.
    let mut last: Option<(u64, usize)> = None;
    for _ in 0..count {
        let mut next: Option<(u64, usize, &Contribution)> = None;
        for (index, contribution) in reasons().enumerate() {
            let size = contribution.points.0.unsigned_abs();
            let after_last = last.is_none_or(|last| size < last.0 || (size == last.0 && index > last.1));
            if after_last && next.as_ref().is_none_or(|next| size > next.0) {
                next = Some((size, index, contribution));
            }
        }
        let Some((size, index, contribution)) = next else { return };
        last = Some((size, index));
        out.double(contribution.code as f64);
        out.text_with(|text| sentence(text, model, contribution, as_of));
        out.slots(&[contribution.points.points(), contribution.count]);
        match contribution.wording {
            Wording::Events { last_at, .. } => out.timestamp_text(last_at),
            _ => out.null_text(),
        }
    }
    if score.nobody_eligible {
        out.double(NO_ELIGIBLE_USER as f64);
        out.text(b"Nobody is an admin or a champion: no user's own events count");
        out.slots(&[0.0, 0.0]);
        out.null_text();
    }
}

/// `2 upgrade clicks in the last 7 days: +14.1`. The days are the age of the oldest of these events, rounded up, so the
/// sentence is true as it stands.
fn sentence(text: &mut Vec<u8>, model: &Model, contribution: &Contribution, as_of: f64) {
    match contribution.wording {
        Wording::Events { label, first_at, .. } => {
            push_count(text, contribution.count);
            text.push(b' ');
            text.extend_from_slice(model.string(if contribution.count == 1.0 { label.one } else { label.other }));
            let days = whole_days(age_days(first_at, as_of));
            if days <= 1 {
                text.extend_from_slice(b" in the last day");
            } else {
                text.extend_from_slice(b" in the last ");
                push_integer(text, days);
                text.extend_from_slice(b" days");
            }
        }
        Wording::State(reason) => text.extend_from_slice(model.string(reason)),
        Wording::Fit { tier, score } => {
            text.extend_from_slice(b"Fit ");
            if let Some(tier) = tier {
                text.extend_from_slice(model.string(tier));
                text.extend_from_slice(b", ");
            }
            push_tenths(text, Units::round(score).map_or(0, |score| score.tenths().unsigned_abs()));
            text.extend_from_slice(b" of 100");
        }
    }
    text.extend_from_slice(b": ");
    let tenths = contribution.points.tenths();
    text.push(if tenths < 0 { b'-' } else { b'+' });
    push_tenths(text, tenths.unsigned_abs());
}

/// Days rounded up, at least 0.
fn whole_days(days: f64) -> u64 {
    let whole = days as u64;
    whole + (whole as f64 != days && days > 0.0) as u64
}

/// A count: whole, or in tenths where rows stand for fractions of an event.
fn push_count(text: &mut Vec<u8>, count: f64) {
    let whole = count as u64;
    if whole as f64 == count {
        push_integer(text, whole);
    } else {
        push_tenths(text, (count * 10.0 + 0.5) as u64);
    }
}

fn push_tenths(text: &mut Vec<u8>, tenths: u64) {
    push_integer(text, tenths / 10);
    text.push(b'.');
    text.push(b'0' + (tenths % 10) as u8);
}

fn push_integer(text: &mut Vec<u8>, value: u64) {
    text.extend_from_slice(digits(value, &mut [0; 20]));
}

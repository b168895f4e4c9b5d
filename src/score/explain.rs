//! The result of a scoring: total, stage, components, contributions, reasons, and what was ignored.

use super::award::Tally;
use super::model::{LIMIT_NAME, Model, NAME, Rule, VERSION};
use super::units::Units;
use super::{Ignored, Scratch, TOP_REASONS, Total};
use crate::abi::Output;
use crate::decay::age_days;
use crate::digits::digits;
use alloc::vec::Vec;

/// Writes the stream in the order of the catalogue's result type.
pub(super) fn write(model: &Model, scratch: &Scratch, total: Total, as_of: f64, ignored: &Ignored, out: &mut Output) {
    let points = total.total.points();
    out.slots(&[NAME as f64, VERSION as f64, points, model.stage(points).map_or(-1.0, f64::from)]);
    let limit = total.total.minus(total.sum);
    write_components(model, scratch, limit, out);
    write_contributions(model, scratch, limit, out);
    write_reasons(model, scratch, as_of, out);
    out.slots(&[
        ignored.no_event as f64,
        ignored.no_timestamp as f64,
        ignored.unknown_event as f64,
        ignored.after_as_of as f64,
        ignored.older_than_horizon as f64,
        ignored.same_day as f64,
        ignored.over_cap as f64,
    ]);
}

fn write_components(model: &Model, scratch: &Scratch, limit: Units, out: &mut Output) {
    let limited = limit != Units::ZERO;
    out.list(model.buckets.len() + limited as usize);
    for (bucket, (_, component)) in model.buckets.iter().zip(&scratch.buckets) {
        out.slots(&[bucket.name as f64, component.points()]);
    }
    if limited {
        out.slots(&[LIMIT_NAME as f64, limit.points()]);
    }
}

fn write_contributions(model: &Model, scratch: &Scratch, limit: Units, out: &mut Output) {
    let length = out.stream.len();
    out.list(0);
    for (rule, tally) in model.rules.iter().zip(&scratch.tallies) {
        if tally.count > 0.0
            && let Some(bucket) = model.buckets.get(rule.bucket)
        {
            out.slots(&[bucket.name as f64, rule.event as f64, tally.points.points(), tally.count]);
        }
    }
    for (bucket, (points, component)) in model.buckets.iter().zip(&scratch.buckets) {
        if component != points {
            out.slots(&[bucket.name as f64, LIMIT_NAME as f64, component.minus(*points).points(), 1.0]);
        }
    }
    if limit != Units::ZERO {
        out.slots(&[LIMIT_NAME as f64, LIMIT_NAME as f64, limit.points(), 1.0]);
    }
    let written = (out.stream.len() - length - 1) / 4;
    if let Some(slot) = out.stream.get_mut(length) {
        *slot = written as f64;
    }
}

/// The rules with the largest contributions before limits by absolute value, ties in model order.
fn write_reasons(model: &Model, scratch: &Scratch, as_of: f64, out: &mut Output) {
    let reasons = || model.rules.iter().zip(&scratch.tallies).filter(|(_, tally)| tally.points != Units::ZERO);
    let count = reasons().count().min(TOP_REASONS);
    out.list(count);
    // Selecting the next one takes a pass over the rules; three passes beat sorting and need no memory.
    let mut last: Option<(u64, usize)> = None;
    for _ in 0..count {
        let mut next: Option<(u64, usize, &Rule, &Tally)> = None;
        for (index, (rule, tally)) in reasons().enumerate() {
            let size = tally.points.0.unsigned_abs();
            let after_last = last.is_none_or(|last| size < last.0 || (size == last.0 && index > last.1));
            if after_last && next.as_ref().is_none_or(|next| size > next.0) {
                next = Some((size, index, rule, tally));
            }
        }
        let Some((size, index, rule, tally)) = next else { return };
        last = Some((size, index));
        out.double(rule.event as f64);
        out.text_with(|text| sentence(text, model, rule, tally, as_of));
        out.slots(&[tally.points.points(), tally.count]);
        out.timestamp_text(tally.last_at);
    }
}

/// `2 upgrade clicks in the last 7 days: +14.1`. The days are the age of the oldest of these events, rounded up, so the
/// sentence is true as it stands.
fn sentence(text: &mut Vec<u8>, model: &Model, rule: &Rule, tally: &Tally, as_of: f64) {
    push_count(text, tally.count);
    text.push(b' ');
    text.extend_from_slice(model.string(if tally.count == 1.0 { rule.one } else { rule.other }));
    let days = whole_days(age_days(tally.first_at, as_of));
    if days <= 1 {
        text.extend_from_slice(b" in the last day: ");
    } else {
        text.extend_from_slice(b" in the last ");
        push_integer(text, days);
        text.extend_from_slice(b" days: ");
    }
    let tenths = tally.points.tenths();
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

//! The result of a scoring: total, stage, components, contributions, reasons, and what was ignored.

use super::award::Tally;
use super::model::{LIMIT_NAME, Model, NAME, Rule, VERSION};
use super::units::Units;
use super::{Ignored, TOP_REASONS, TOTAL_MAX};
use crate::abi::Output;
use crate::decay::age_days;
use crate::digits::digits;
use crate::{Error, Result};
use alloc::vec::Vec;

/// Writes the stream in the order of the catalogue's result type.
pub(super) fn write(
    model: &Model,
    tallies: &[Tally],
    as_of: f64,
    ignored: &Ignored,
    out: &mut Output,
) -> Result<()> {
    let overflow = || Error::new("events", "are worth more than 524288 points");
    let mut sums = Vec::new();
    sums.resize(model.buckets.len(), Units::ZERO);
    for (rule, tally) in model.rules.iter().zip(tallies) {
        sums[rule.bucket] = sums[rule.bucket].plus(tally.points).ok_or_else(overflow)?;
    }
    let mut sum = Units::ZERO;
    let mut components: Vec<Units> = Vec::with_capacity(sums.len());
    for (bucket, &points) in model.buckets.iter().zip(&sums) {
        let component = match bucket.max {
            Some(max) => points.clamp(Units::ZERO, max),
            None => points.min(Units::ZERO),
        };
        components.push(component);
        sum = sum.plus(component).ok_or_else(overflow)?;
    }
    let total = sum.clamp(Units::ZERO, TOTAL_MAX);
    let total_limit = Units(total.0 - sum.0);

    out.double(NAME as f64);
    out.double(VERSION as f64);
    out.double(total.points());
    out.double(model.stage(total.points()).map_or(-1.0, f64::from));

    let limited = (total_limit != Units::ZERO) as usize;
    out.list(components.len() + limited);
    for (bucket, component) in model.buckets.iter().zip(&components) {
        out.double(bucket.name as f64);
        out.double(component.points());
    }
    if limited == 1 {
        out.double(LIMIT_NAME as f64);
        out.double(total_limit.points());
    }

    let length = out.stream.len();
    out.list(0);
    let mut contributions = 0;
    let mut contribution = |bucket: u32, code: u32, points: Units, count: f64| {
        out.double(bucket as f64);
        out.double(code as f64);
        out.double(points.points());
        out.double(count);
        contributions += 1;
    };
    for (rule, tally) in model.rules.iter().zip(tallies) {
        if tally.count > 0.0 {
            contribution(model.buckets[rule.bucket].name, rule.event, tally.points, tally.count);
        }
    }
    for ((bucket, &points), component) in model.buckets.iter().zip(&sums).zip(&components) {
        if *component != points {
            contribution(bucket.name, LIMIT_NAME, Units(component.0 - points.0), 1.0);
        }
    }
    if limited == 1 {
        contribution(LIMIT_NAME, LIMIT_NAME, total_limit, 1.0);
    }
    out.stream[length] = contributions as f64;

    let top = top(tallies);
    out.list(top.len());
    for index in top {
        let (rule, tally) = (&model.rules[index], &tallies[index]);
        out.double(rule.event as f64);
        out.text_with(|text| sentence(text, rule, tally, as_of));
        out.double(tally.points.points());
        out.double(tally.count);
        out.timestamp_text(tally.last_at);
    }

    for count in [
        ignored.no_event,
        ignored.no_timestamp,
        ignored.unknown_event,
        ignored.after_as_of,
        ignored.older_than_horizon,
        ignored.same_day,
        ignored.over_cap,
    ] {
        out.double(count as f64);
    }
    Ok(())
}

/// The rules with the largest contributions by absolute value before limits; ties in model order.
fn top(tallies: &[Tally]) -> Vec<usize> {
    let mut top: Vec<usize> = Vec::with_capacity(TOP_REASONS + 1);
    for (index, tally) in tallies.iter().enumerate() {
        if tally.points == Units::ZERO {
            continue;
        }
        let size = |index: usize| tallies[index].points.0.abs();
        let place = top.iter().position(|&other| size(other) < size(index)).unwrap_or(top.len());
        if place < TOP_REASONS {
            top.insert(place, index);
            top.truncate(TOP_REASONS);
        }
    }
    top
}

/// `2 upgrade clicks in the last 7 days: +14.1`. The days are the age of the oldest of these events, rounded up, so the
/// sentence is true as it stands.
fn sentence(text: &mut Vec<u8>, rule: &Rule, tally: &Tally, as_of: f64) {
    push_count(text, tally.count);
    text.push(b' ');
    text.extend_from_slice(if tally.count == 1.0 { &rule.one } else { &rule.other });
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

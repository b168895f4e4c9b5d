//! Usage pings: what an installation reports of itself as nested JSON, as a list of metrics.
//!
//! The shape is that of GitLab's Service Ping: `counts` since ever, `counts_monthly` and `counts_weekly` over the last 28
//! and 7 days (`docs/semantics.md`, "Usage pings").

use crate::Result;
use crate::abi::{Document, Output};
use crate::sort::sort_by;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

/// Before the names of aggregated metrics in `counts`.
const PREFIX: &[u8] = b"aggregate_";
/// Where the aggregated metrics of a period stand.
const AGGREGATED: &[u8] = b"aggregated_metrics";
/// Blocks, and the texts of their periods.
const BLOCKS: [(&str, &[u8]); 3] = [("counts_weekly", b"7d"), ("counts_monthly", b"28d"), ("counts", b"all_time")];
const ALL_TIME: usize = 2;

/// The metrics of a ping, read.
#[derive(Default)]
pub struct Payload {
    names: Vec<u8>,
    metrics: Vec<Metric>,
    ignored: usize,
}

#[derive(Clone, Copy)]
struct Metric {
    /// In `names`.
    start: usize,
    end: usize,
    /// Which of [`BLOCKS`].
    period: usize,
    aggregated: bool,
    value: f64,
}

impl Document for Payload {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with the periods. No facts.
    fn describe(&self, out: &mut Output) {
        out.slots(&[1.0, BLOCKS.len() as f64]);
        BLOCKS.iter().for_each(|(_, period)| out.text(period));
        out.list(0);
    }
}

impl Payload {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let payload = Object::open(root, place)?;
        for (period, (block, _)) in BLOCKS.iter().enumerate() {
            let Some(value) = payload.get(block) else { continue };
            let Some(fields) = value.object() else {
                self.ignored += 1;
                continue;
            };
            for (name, value) in fields {
                if period == ALL_TIME {
                    match name.strip_prefix(PREFIX) {
                        Some(rest) if !rest.is_empty() => self.metric(rest, value, period, true),
                        _ => self.metric(name, value, period, false),
                    }
                    continue;
                }
                match value.object() {
                    Some(fields) if name == AGGREGATED => {
                        fields.for_each(|(name, value)| self.metric(name, value, period, true));
                    }
                    _ => self.metric(name, value, period, false),
                }
            }
        }
        self.sort();
        Ok(())
    }

    /// Takes a value under a name that begins with `name`.
    fn metric(&mut self, name: &[u8], value: Value<'_>, period: usize, aggregated: bool) {
        let mut path = Vec::from(name);
        self.walk(&mut path, value, period, aggregated);
    }

    /// Hosts refuse what is nested deeper than 64 levels.
    #[inline(never)]
    fn walk(&mut self, path: &mut Vec<u8>, value: Value<'_>, period: usize, aggregated: bool) {
        if let Some(fields) = value.object() {
            for (name, value) in fields {
                let length = path.len();
                path.push(b'.');
                path.extend_from_slice(name);
                self.walk(path, value, period, aggregated);
                path.truncate(length);
            }
            return;
        }
        match value.number() {
            // -1, -2 and -3 are how GitLab says that a metric could not be counted.
            Some(value) if value.is_finite() && value != -1.0 && value != -2.0 && value != -3.0 => {
                let start = self.names.len();
                self.names.extend_from_slice(path);
                self.metrics.push(Metric { start, end: self.names.len(), period, aggregated, value });
            }
            _ => self.ignored += 1,
        }
    }

    /// By name, then period, whatever order a host's reader of JSON gives to fields; of metrics that cannot be told apart the
    /// smallest stays.
    fn sort(&mut self) {
        let names = &self.names;
        let name = |metric: &Metric| names.get(metric.start..metric.end).unwrap_or(&[]);
        let key = |metric: &Metric| 2 * metric.period + metric.aggregated as usize;
        sort_by(&mut self.metrics, |one, other| {
            let (first, second) = (name(one), name(other));
            let by_key = (key(one), key(other));
            first < second
                || first == second && (by_key.0 < by_key.1 || by_key.0 == by_key.1 && one.value < other.value)
        });
        let before = self.metrics.len();
        self.metrics.dedup_by(|later, first| name(later) == name(first) && key(later) == key(first));
        self.ignored += before - self.metrics.len();
    }
}

/// The metrics of a usage ping: name, period, whether it is an aggregated one, value; sorted by name (UTF-8 bytes), period
/// (shortest first), the aggregated after the others. Then how many values were ignored: what is no number, GitLab's -1, -2
/// and -3 for what could not be counted, and the second of two metrics with one name, period and kind.
///
/// Names are the paths below the block, joined by dots; the prefix `aggregate_` of aggregated metrics in `counts` is left
/// out, so that a metric has one name over all periods. There is no error beside those of reading the payload.
pub fn ping_metrics(payload: &Payload, out: &mut Output) -> Result<()> {
    out.list(payload.metrics.len());
    for metric in &payload.metrics {
        out.text(payload.names.get(metric.start..metric.end).unwrap_or(&[]));
        out.slots(&[metric.period as f64, metric.aggregated as u8 as f64, metric.value]);
    }
    out.double(payload.ignored as f64);
    Ok(())
}

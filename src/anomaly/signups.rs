//! Bursts of sign-ups from one block of addresses.

use super::ip::Block;
use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::sort::sort_by;
use crate::tape::{self, Object};
use crate::timestamp::MICROSECONDS_PER_SECOND;
use alloc::vec::Vec;

const DEFAULT_COUNT: usize = 100;
const DEFAULT_SECONDS: f64 = 60.0;
const MAX_COUNT: f64 = 1e6;

/// What the scoring model says of bursts: `anomalies.signups`.
pub struct Signups {
    count: usize,
    /// In microseconds.
    length: f64,
}

impl Document for Signups {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, Self::read)
    }

    fn describe(&self, out: &mut Output) {
        out.slots(&[0.0, 0.0]);
    }
}

impl Signups {
    /// Reads `anomalies.signups` of the scoring model, with defaults for what is absent.
    pub(crate) fn read(model: &Object<'_, '_>) -> Result<Self> {
        let (mut count, mut seconds) = (DEFAULT_COUNT, DEFAULT_SECONDS);
        if let Some(anomalies) = model.object("anomalies", &["rate", "signups"])?
            && let Some(signups) = anomalies.object("signups", &["count", "seconds"])?
        {
            if let Some(number) = signups.number("count")? {
                if !(1.0..=MAX_COUNT).contains(&number) || number != number as u32 as f64 {
                    signups.refuse("count", "must be a whole number from 1 to 1,000,000")?;
                }
                count = number as usize;
            }
            seconds = signups.positive("seconds")?.unwrap_or(seconds);
        }
        Ok(Signups { count, length: seconds * MICROSECONDS_PER_SECOND })
    }
}

/// How many rows are in no block or have no place in time, by the first reason that applies.
#[derive(Default)]
struct Ignored {
    no_ip: u32,
    invalid_ip: u32,
    no_timestamp: u32,
    after_as_of: u32,
}

#[derive(Clone, Copy)]
struct Signup {
    block: Block,
    time: f64,
}

#[derive(Clone, Copy)]
struct Burst {
    block: Block,
    count: usize,
    first_at: f64,
    last_at: f64,
}

/// Finds the bursts of sign-ups from one block: `count` or more, the last at most `seconds` after the first.
///
/// Windows that share a sign-up are one burst, which has all sign-ups of its windows. Points in time are microseconds since
/// 1970 UTC (NaN for NULL). Writes the bursts ordered by their first sign-up and then by the block's bytes, and what was
/// ignored by reason. Never fails.
pub fn signup_burst(
    signups_ip: Texts<'_>,
    signups_occurred_at: &[f64],
    model: &Signups,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut ignored = Ignored::default();
    let mut signups = Vec::with_capacity(signups_occurred_at.len());
    for (index, &time) in signups_occurred_at.iter().enumerate() {
        let ip = signups_ip.get(index);
        let reason = match ip.and_then(Block::of) {
            None if ip.is_none() => &mut ignored.no_ip,
            None => &mut ignored.invalid_ip,
            _ if time.is_nan() => &mut ignored.no_timestamp,
            _ if time > as_of => &mut ignored.after_as_of,
            Some(block) => {
                signups.push(Signup { block, time });
                continue;
            }
        };
        *reason += 1;
    }
    sort_by(&mut signups, |one, other| one.block < other.block || (one.block == other.block && one.time < other.time));
    let mut bursts = Vec::new();
    for of_block in signups.chunk_by(|one, next| one.block == next.block) {
        push_bursts(of_block, model, &mut bursts);
    }
    sort_by(&mut bursts, |one, other| {
        one.first_at < other.first_at || (one.first_at == other.first_at && is_less(one.block, other.block))
    });
    out.list(bursts.len());
    for burst in &bursts {
        out.text_with(|text| burst.block.push(text));
        out.double(burst.count as f64);
        out.timestamp_text(burst.first_at);
        out.timestamp_text(burst.last_at);
    }
    let Ignored { no_ip, invalid_ip, no_timestamp, after_as_of } = ignored;
    out.slots(&[no_ip, invalid_ip, no_timestamp, after_as_of].map(f64::from));
    Ok(())
}

/// The bursts among the sign-ups of one block, which are in the order of time.
fn push_bursts(signups: &[Signup], model: &Signups, bursts: &mut Vec<Burst>) {
    // The window from each sign-up on, all of the burst at hand, and where that began.
    let mut end = 0;
    let mut burst: Option<(usize, usize)> = None;
    let mut close = |burst: Option<(usize, usize)>| {
        if let Some(run) = burst.and_then(|(first, end)| signups.get(first..end))
            && let (Some(first), Some(last)) = (run.first(), run.last())
        {
            bursts.push(Burst { block: first.block, count: run.len(), first_at: first.time, last_at: last.time });
        }
    };
    for (start, first) in signups.iter().enumerate() {
        while signups.get(end).is_some_and(|signup| signup.time - first.time <= model.length) {
            end += 1;
        }
        if end - start < model.count {
            continue;
        }
        burst = match burst {
            Some((first, covered)) if start < covered => Some((first, end)),
            done => {
                close(done);
                Some((start, end))
            }
        };
    }
    close(burst);
}

/// Whether a block's text comes first by its bytes.
fn is_less(one: Block, other: Block) -> bool {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    one.push(&mut a);
    other.push(&mut b);
    a < b
}

//! Whether somebody may be contacted now: caps on what is sent per period, and suppressions.

use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::timestamp::MICROSECONDS_PER_DAY;
use alloc::vec::Vec;

/// More is no cap; a whole number up to here can be looked for.
const MAX_SENDS: f64 = 1e6;
const SUPPRESSED: &[u8] = b"suppressed";

/// Compiled caps; `docs/semantics.md` ("Contact") describes the JSON.
#[derive(Default)]
pub struct Policy {
    /// "suppressed", and the names and channels of the caps.
    strings: Strings,
    caps: Vec<Cap>,
}

struct Cap {
    name: u32,
    /// The channel whose sends count; `None` for all.
    channel: Option<u32>,
    max: usize,
    /// In microseconds.
    length: f64,
}

impl Document for Policy {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with what results name. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.strings.describe(out);
        out.list(0);
    }
}

impl Policy {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let policy = Object::new(root, place, &["name", "caps"])?;
        policy.required_text("name")?;
        self.strings.add(SUPPRESSED);
        policy.each("caps", |value, place| self.read_cap(value, place))
    }

    #[inline(never)]
    fn read_cap(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let cap = Object::new(value, place, &["name", "channel", "max", "days"])?;
        let name = cap.required_text("name")?;
        if name == SUPPRESSED || self.caps.iter().any(|earlier| self.strings.get(earlier.name) == name) {
            return Err(cap.error("name", "is listed twice, or is 'suppressed'"));
        }
        let max = cap.required_positive("max")?;
        if max > MAX_SENDS || max != max as u32 as f64 {
            return Err(cap.error("max", "must be a whole number up to 1,000,000"));
        }
        let length = cap.required_positive("days")? * MICROSECONDS_PER_DAY;
        let name = self.strings.add(name);
        let channel = cap.text("channel")?.map(|channel| self.strings.add(channel));
        self.caps.push(Cap { name, channel, max: max as usize, length });
        Ok(())
    }
}

/// Whether a contact may be sent something over a channel at a point in time, and if not, why and from when on.
///
/// A suppression holds for its channel (NULL: for all) until its time (NaN: for good). A send whose channel is NULL
/// counts for all channels; one without time (NaN) or after `as_of` counts nowhere and is counted as ignored. Writes
/// whether it is allowed, "suppressed" or the first cap that is used up, the first point in time at which nothing
/// stands in the way without further sends (NULL for never), and the ignored sends. Points in time are microseconds
/// since 1970 UTC. There is no error beside those of compiling the policy.
#[allow(clippy::too_many_arguments)]
pub fn contact_allowed(
    sends_channel: Texts<'_>,
    sends_sent_at: &[f64],
    suppressions_channel: Texts<'_>,
    suppressions_until: &[f64],
    channel: &[u8],
    policy: &Policy,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let mut blocked = None;
    let mut from = as_of;
    for (index, &until) in suppressions_until.iter().enumerate() {
        let concerns = suppressions_channel.get(index).is_none_or(|other| other == channel);
        if concerns && (until.is_nan() || until > as_of) {
            blocked = Some(0);
            // NaN, for good, stays.
            from = if until.is_nan() || from < until { until } else { from };
            if from.is_nan() {
                break;
            }
        }
    }
    // The latest first.
    let mut times = Vec::new();
    for cap in &policy.caps {
        if cap.channel.is_some_and(|number| policy.strings.get(number) != channel) {
            continue;
        }
        times.clear();
        for (index, &time) in sends_sent_at.iter().enumerate() {
            let counts = cap.channel.is_none() || sends_channel.get(index).is_none_or(|other| other == channel);
            if counts && time <= as_of {
                times.push(time);
            }
        }
        sort_by(&mut times, |one, other| one > other);
        // Of as many sends as the cap allows the first must have left the window.
        if let Some(&time) = times.get(cap.max - 1)
            && time + cap.length > as_of
        {
            blocked = blocked.or(Some(cap.name));
            from = if time + cap.length > from { time + cap.length } else { from };
        }
    }
    let ignored = sends_sent_at.iter().filter(|&&time| time.is_nan() || time > as_of).count();
    out.slots(&[blocked.is_none() as u8 as f64, blocked.map_or(-1.0, f64::from)]);
    out.optional_timestamp_text((!from.is_nan()).then_some(from));
    out.double(ignored as f64);
    Ok(())
}

//! Usage that is not what it seems: loops of one event, days far above the usual, bursts of sign-ups from one network.
//!
//! Each function reads its own part of the scoring model and nothing else of it (`docs/semantics.md`, "Anomalies").

mod counts;
mod event_loop;
mod ip;
mod rate;
mod signups;

pub use event_loop::{Spam, event_loop};
pub(crate) use ip::Block;
pub use ip::ip_block;
pub use rate::{Rate, rate_anomaly};
pub use signups::{Signups, signup_burst};

use crate::Result;
use crate::tape::Object;

/// A whole number from 1 to 1000, or `None` where absent.
fn whole_number(object: &Object<'_, '_>, name: &str) -> Result<Option<usize>> {
    match object.number(name)? {
        None => Ok(None),
        Some(number) if (1.0..=1_000.0).contains(&number) && number == number as u32 as f64 => {
            Ok(Some(number as usize))
        }
        Some(_) => object.refuse(name, "must be a whole number from 1 to 1000").map(|()| None),
    }
}

//! From a score to what is done with it: its stage, the account's score, what changed, and the hand-off to sales.
//!
//! Each function reads its own part of the scoring model and nothing else of it (`docs/semantics.md`, "Stages" to
//! "Hand-off").

mod account;
pub(crate) mod diff;
mod handoff;
pub(crate) mod names;
mod opener;
pub(crate) mod stages;

pub use account::{Account, score_account};
pub use diff::score_diff;
pub use handoff::{Handoff, handoff};
pub use stages::{StageModel, score_stage};

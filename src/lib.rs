//! The logic of product-led growth, written once and run in every warehouse.
//!
//! Every function takes its time as an argument, reads no clock and no locale, uses no platform mathematics, and gives
//! the same bits on every host. What each one computes, and why where sources disagree, stands in `docs/semantics.md`.
//!
//! - [`decay`]: how much a signal is still worth after some days.
//! - [`cohort`]: deterministic assignment of units to weighted variants, by two public standards.
//! - [`status`]: an SQL CASE over one row of facts, with SQL's three-valued logic.
//! - [`score`]: a user's events against a scoring model, with the reasons behind the number.
//! - [`workspace`]: the same for a workspace: its users, its states and its fit.
//! - [`fit`]: what conditions say of an account, a user and a workspace.
//! - [`funnel`]: how far an entity got through ordered steps, and how long it took.
//! - [`email`]: e-mail addresses in one form, and identifiers that say nothing about anybody.
//! - [`freemail`]: whether an address is personal, disposable, a shared inbox or one of a company.
//! - [`disposable`]: whether the domain of an address is known for disposable addresses.
//! - [`stitch`]: who was behind a device's anonymous events.
//! - [`account`]: which account a workspace belongs to, and a user.
//! - [`overlap`]: how many users two workspaces share, and which workspaces are duplicates.
//! - [`crm`]: users and the contacts of a CRM, matched by e-mail address.
//! - [`identity`]: links between identifiers to their components.
//! - [`person`]: the persons of a component, with guardrails and ids that last.
//! - [`audience`]: how far up nested levels of an audience somebody is.
//! - [`route`]: where a lead goes, and whose it is.
//! - [`contact`]: whether somebody may be contacted now.
//! - [`sequence`]: which step of a sequence is due, and when to look again.
//! - [`anomaly`]: loops of one event, unusual days, and bursts of sign-ups.
//! - [`levels`]: stage, account score, what changed between two scores, and the hand-off to sales.
//! - [`likelihood`]: how likely an outcome is and why, by a logistic model, and its training.
//! - [`metrics`]: whether scores rank, convert and stay as they promise.
//! - [`rollup`]: an entity's events as one row per user, event and day.
//! - [`usage`]: usage metrics by definitions: active users, counts, ratios, growth and trends.
//! - [`milestones`]: set-up checklist, activation and habit, and when each was reached.
//! - [`journey`]: where somebody stands in a state machine over a history of events.
//! - [`health`]: how well each use case is taken up, by measures with thresholds.
//! - [`ping`]: the metrics of a usage ping, out of its nested JSON.
//! - [`release`]: how far an installed version is behind.
//! - [`mask`]: personal data made illegible, and pseudonyms.
//!
//! Hosts (JavaScript, DuckDB, the browser package) reach these through the columns of [`abi`]; documents such as a model
//! arrive there as a [`tape`].
#![cfg_attr(target_arch = "wasm32", no_std)]
#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

extern crate alloc;

pub mod abi;
pub mod account;
pub mod anomaly;
pub mod audience;
pub mod cohort;
pub mod contact;
pub mod crm;
pub mod decay;
pub mod digits;
pub mod disposable;
pub mod email;
pub mod error;
pub mod exponential;
pub mod fit;
pub mod freemail;
pub mod funnel;
pub mod health;
pub mod identity;
pub mod journey;
pub mod levels;
pub mod likelihood;
pub mod logarithm;
mod lower;
pub mod mask;
pub mod metrics;
pub mod milestones;
#[cfg(feature = "collect")]
pub mod model;
pub mod overlap;
pub mod person;
pub mod ping;
mod ranks;
pub mod release;
pub mod rollup;
pub mod route;
pub mod score;
pub mod sequence;
mod sha256;
pub mod sort;
pub mod status;
pub mod stitch;
mod strings;
pub mod tape;
pub mod timestamp;
pub mod usage;
mod utf8;
pub mod workspace;

pub use error::{Error, Result};

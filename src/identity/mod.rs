//! Links between identifiers to one canonical id per person (`docs/semantics.md`, "Identity").
//!
//! [`identity_merge`] computes plain connected components, as fast as can be and in parts of any size; [`identity_resolve`]
//! the persons of a component, with guardrails and ids that last.

mod forest;
mod merge;
mod resolve;
mod settings;
mod sha256;

#[cfg(test)]
mod tests;

pub(crate) use merge::hash_and_prefix;
pub use merge::identity_merge;
pub use resolve::identity_resolve;
pub use settings::Settings;

//! Links between identifiers to persons, with guardrails, ids that last, and an audit (`docs/semantics.md`, "Identity").
//!
//! In a module apart from [`identity`](crate::identity), whose plain merge has to be small and fast: rounds of it go through
//! billions of links.

mod forest;
mod resolve;
mod settings;

#[cfg(test)]
mod tests;

pub use resolve::identity_resolve;
pub use settings::Settings;

//! What conditions over facts say of a model's parts: fit of an account, role of a user, states and milestones of a
//! workspace (`docs/semantics.md`, "Fit" and "Scoring").
//!
//! The language of conditions and the scoring would not fit one body together. So conditions are judged here, and
//! [`crate::workspace`] takes what they say as a text.

mod icp;
mod roles;
pub(crate) mod scale;
mod states;

pub use icp::{IcpFit, icp_fit};
pub use roles::{Roles, role_factor};
pub(crate) use states::push_header;
pub use states::{States, model_states};

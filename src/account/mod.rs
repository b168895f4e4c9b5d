//! Which account a workspace belongs to, how sure that is and what speaks against it, and the account of a user.

mod map;
mod user;

pub use map::{Mapping, map_account};
pub use user::user_account;

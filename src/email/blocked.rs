//! Identifiers that say nothing about anybody.

use super::{Address, is_role, trimmed_lower};
use crate::Result;
use crate::abi::Texts;

/// What programs write where there is no identifier: names of types, of nothing, and of the field itself.
const PLACEHOLDERS: &str = "-1|null|nil|none|undefined|nan|n/a|#n/a|\\n|unknown|unidentified|anonymous|anon|guest|nobody|\
     default|empty|missing|invalid|not set|(not set)|(none)|(null)|not_authenticated|true|false|[object object]|{}|[]|id|\
     email|user|userid|user_id|distinctid|distinct_id|anonymous_id|anonymousid";

/// Whether an identifier must not connect anything with anything: only zeros and hyphens, or nothing at all
/// (`^[0-]*$`), a placeholder such as `null` or `-1`, a shared inbox at whatever domain, or one of `own`.
///
/// All are compared without blanks around them and in lower case. `own` may hold NULLs, which block nothing. Never fails.
///
/// ```
/// use plg_udfs::{abi::Texts, email::is_blocked_identifier};
/// let own = Texts::new(&[[0, 4]], b"demo");
/// assert_eq!(is_blocked_identifier(b"Support@acme.com", own), Ok(true));
/// assert_eq!(is_blocked_identifier(b"DEMO ", own), Ok(true));
/// assert_eq!(is_blocked_identifier(b"jane@acme.com", own), Ok(false));
/// ```
pub fn is_blocked_identifier(identifier: &[u8], own: Texts<'_>) -> Result<bool> {
    let Some(plain) = trimmed_lower(identifier) else { return Ok(false) };
    Ok(plain.iter().all(|byte| b"0-".contains(byte))
        || PLACEHOLDERS.as_bytes().split(|&byte| byte == b'|').any(|placeholder| placeholder == plain)
        || Address::parse(identifier).is_some_and(|address| is_role(address.local()))
        || (0..own.len()).any(|at| own.get(at).and_then(trimmed_lower).is_some_and(|blocked| blocked == plain)))
}

//! E-mail addresses in one form, and identifiers that say nothing about anybody.
//!
//! What is an address, what is trimmed and what a shared inbox is stand in `docs/semantics.md`, "E-mail addresses".

mod address;
mod blocked;
mod roles;
mod text;

pub(crate) use address::Address;
pub use blocked::is_blocked_identifier;
pub(crate) use roles::is_role;
pub(crate) use text::trimmed_lower;

use crate::abi::Output;
use crate::{Error, Result};

/// The normalised address, NULL for what is none: without blanks around it, in lower case, and as `aliases` says without
/// what makes several addresses of one mailbox.
///
/// `email` and `aliases` are UTF-8. `aliases` is `keep` (as is NULL), `tags` (without what follows the first `+` of the
/// local part), `dots` (without the dots of Gmail's local parts, and `googlemail.com` is `gmail.com`) or `tags_and_dots`.
/// A local part of which nothing would be left stays. Errors when `aliases` is anything else.
///
/// ```
/// use plg_udfs::{abi::Output, email::normalize_email};
/// let mut out = Output::default();
/// normalize_email(b" Jane.Doe+News@Gmail.com ", Some(b"tags"), &mut out).unwrap();
/// assert_eq!(out.text, b"jane.doe@gmail.com");
/// ```
pub fn normalize_email(email: &[u8], aliases: Option<&[u8]>, out: &mut Output) -> Result<()> {
    let (tags, dots) = match aliases {
        None | Some(b"keep") => (false, false),
        Some(b"tags") => (true, false),
        Some(b"dots") => (false, true),
        Some(b"tags_and_dots") => (true, true),
        Some(_) => return Err(Error::new("aliases", "must be 'keep', 'tags', 'dots' or 'tags_and_dots'")),
    };
    let Some(address) = Address::parse(email) else {
        out.null_text();
        return Ok(());
    };
    let mut local = address.local();
    if tags {
        local = without_tag(local);
    }
    let mut domain = address.domain();
    let gmail = dots && (domain == b"gmail.com" || domain == b"googlemail.com");
    if gmail {
        domain = b"gmail.com";
    }
    let undotted = gmail && local.iter().any(|&byte| byte != b'.');
    out.text_with(|text| {
        text.extend(local.iter().filter(|&&byte| !(undotted && byte == b'.')));
        text.push(b'@');
        text.extend_from_slice(domain);
    });
    Ok(())
}

/// The domain of the normalised address, NULL for what is none.
///
/// ```
/// use plg_udfs::{abi::Output, email::email_domain};
/// let mut out = Output::default();
/// email_domain(b"Jane@Mail.ACME.com", &mut out).unwrap();
/// assert_eq!(out.text, b"mail.acme.com");
/// ```
pub fn email_domain(email: &[u8], out: &mut Output) -> Result<()> {
    let address = Address::parse(email);
    out.optional_text(address.as_ref().map(Address::domain));
    Ok(())
}

/// The local part up to its first `+`, all of it if nothing but dots comes before: they may be removed, too, and then nothing
/// would be left.
pub(crate) fn without_tag(local: &[u8]) -> &[u8] {
    match local.iter().position(|&byte| byte == b'+') {
        Some(at) if local[..at].iter().any(|&byte| byte != b'.') => &local[..at],
        _ => local,
    }
}

#[cfg(test)]
mod tests;

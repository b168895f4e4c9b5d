//! Domains that are known for disposable addresses. A family of its own, as the list fills a body
//! (`docs/semantics.md`, "E-mail addresses").

use crate::Result;
use crate::abi::Output;
use crate::email::Address;
use plg_lists::DISPOSABLE;

/// The listed domain to which an address belongs: its own, or the longest one above it. NULL if there is none or `email`
/// (UTF-8) is no address.
///
/// A domain that is not listed is found with a probability of 2^-13. Never fails.
///
/// ```
/// use plg_udfs::{abi::Output, disposable::disposable_domain};
/// let mut out = Output::default();
/// disposable_domain(b"x@Eu.Mailinator.com", &mut out).unwrap();
/// assert_eq!(out.text, b"mailinator.com");
/// ```
pub fn disposable_domain(email: &[u8], out: &mut Output) -> Result<()> {
    let address = Address::parse(email);
    let listed = address.as_ref().and_then(|address| {
        levels(address.domain()).find(|domain| domain.contains(&b'.') && DISPOSABLE.contains(domain))
    });
    out.optional_text(listed);
    Ok(())
}

/// A domain, and the domains above it: `a.b.c`, `b.c`, `c`.
pub(crate) fn levels(domain: &[u8]) -> impl Iterator<Item = &[u8]> {
    let dots = domain.iter().enumerate().filter(|(_, byte)| **byte == b'.');
    core::iter::once(domain).chain(dots.map(|(at, _)| &domain[at + 1..]))
}

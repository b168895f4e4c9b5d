//! Whether an address is personal, disposable, a shared inbox or one of a company. A family of its own, as its list fills
//! a body (`docs/semantics.md`, "E-mail addresses").

use crate::Result;
use crate::abi::{Output, Texts};
use crate::email::{Address, is_role, trimmed_lower};
use alloc::vec::Vec;
use plg_lists::FREE;

const WORK: &[u8] = b"work";

/// The kind of an address: what `domains` says of its domain, else `disposable`, `personal`, `shared_inbox` or `work`. NULL
/// if `email` (UTF-8) is no address.
///
/// `disposable` is what [`disposable_domain`](crate::disposable::disposable_domain) says of the address: any text makes the
/// domain a disposable one. `domain` and `kind` are the columns of the caller's own list: an entry holds for its domain and
/// all below, the longest domain wins, and of several kinds of one domain the smallest by bytes; entries without domain or
/// kind hold for nothing. Of a work domain, whoever says so, role addresses are `shared_inbox`. A domain that is not in the
/// list of free-mail domains is found there with a probability of 2^-20. Never fails.
///
/// ```
/// use plg_udfs::{abi::{Output, Texts}, freemail::email_kind};
/// let none = Texts::new(&[], b"");
/// let mut out = Output::default();
/// email_kind(b"jane@gmail.com", None, none, none, &mut out).unwrap();
/// email_kind(b"sales@acme.com", None, none, none, &mut out).unwrap();
/// assert_eq!(out.text, b"personalshared_inbox");
/// ```
pub fn email_kind(
    email: &[u8],
    disposable: Option<&[u8]>,
    domain: Texts<'_>,
    kind: Texts<'_>,
    out: &mut Output,
) -> Result<()> {
    let Some(address) = Address::parse(email) else {
        out.null_text();
        return Ok(());
    };
    let built_in: &[u8] = match disposable {
        Some(_) => b"disposable",
        None if FREE.contains(address.domain()) => b"personal",
        None => WORK,
    };
    let of_domain = own(address.domain(), domain, kind).unwrap_or(built_in);
    let shared = of_domain == WORK && is_role(address.local());
    out.text(if shared { b"shared_inbox" } else { of_domain });
    Ok(())
}

/// What the caller's list says of a domain.
fn own<'a>(domain: &[u8], listed: Texts<'_>, kinds: Texts<'a>) -> Option<&'a [u8]> {
    let mut best: Option<(Vec<u8>, &[u8])> = None;
    for entry in 0..listed.len() {
        let (Some(listed), Some(kind)) = (listed.get(entry), kinds.get(entry)) else { continue };
        let Some(listed) = trimmed_lower(listed) else { continue };
        let better = best
            .as_ref()
            .is_none_or(|(best, of_best)| listed.len() > best.len() || listed.len() == best.len() && kind < *of_best);
        if better && !kind.is_empty() && levels(domain).any(|level| level == listed) {
            best = Some((listed, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// A domain, and the domains above it: `a.b.c`, `b.c`, `c`.
fn levels(domain: &[u8]) -> impl Iterator<Item = &[u8]> {
    let dots = domain.iter().enumerate().filter(|(_, byte)| **byte == b'.');
    core::iter::once(domain).chain(dots.map(|(at, _)| &domain[at + 1..]))
}

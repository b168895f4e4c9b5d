//! The account of a workspace, from signals in the order of their strength.

use crate::Result;
use crate::abi::{Document, Output, Texts};
use crate::ranks::{NONE, key, of, parts, rank, set};
use crate::sort::sort_by;
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

const DEFAULT_SIGNALS: [(&[u8], f64); 4] =
    [(b"billing_domain", 0.95), (b"sso_domain", 0.9), (CRM_CONTACT, 0.8), (USER_DOMAIN, 0.7)];
const DEFAULT_FREE_KINDS: [&[u8]; 2] = [b"personal", b"disposable"];
const DEFAULT_MIN_USERS: f64 = 3.0;
const DEFAULT_MORE_THAN: f64 = 0.5;
const MAX_USERS: f64 = 1e9;
/// The signal of the users' CRM contacts.
const CRM_CONTACT: &[u8] = b"crm_contact";
/// The signal of the users' e-mail domains.
const USER_DOMAIN: &[u8] = b"user_domain";
/// The signal of an exception; stronger than all others.
const PIN: &[u8] = b"pin";
const LINK: &[u8] = b"link";

/// What an account in the evidence is, by number; an account for two reasons has the first of them.
const CLEAR: u32 = 0;
const AMBIGUOUS: u32 = 1;
const MINORITY: u32 = 2;
const REASONS: [&[u8]; 3] = [b"disagrees", b"ambiguous", b"minority"];

/// Compiled settings; `docs/semantics.md` ("Accounts of workspaces") describes the JSON.
#[derive(Default)]
pub struct Mapping {
    /// The names of the signals, in their order.
    names: Strings,
    /// Their confidence.
    confidence: Vec<f64>,
    min_users: f64,
    more_than: f64,
    links_more_than: f64,
    free_kinds: Strings,
}

impl Document for Mapping {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// Dictionaries: 0 the signals, 1 the signals of results, 2 the reasons of conflicts. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(3);
        self.names.describe(out);
        out.list(self.names.len() + 1);
        out.text(PIN);
        (0..self.names.len()).for_each(|index| out.text(self.names.get(index as u32)));
        out.list(REASONS.len());
        REASONS.iter().for_each(|reason| out.text(reason));
        out.list(0);
    }
}

impl Mapping {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let fields = ["signals", "min_users", "more_than", "links_more_than", "free_kinds"];
        let settings = Object::new(root, place, &fields)?;
        if settings.get("signals").is_some() {
            settings.each("signals", |value, place| self.read_signal(value, place))?;
        } else {
            for (name, confidence) in DEFAULT_SIGNALS {
                self.names.add(name);
                self.confidence.push(confidence);
            }
        }
        self.min_users = settings.positive("min_users")?.unwrap_or(DEFAULT_MIN_USERS);
        if self.min_users > MAX_USERS || self.min_users != self.min_users as u32 as f64 {
            return Err(settings.error("min_users", "must be a whole number up to 1,000,000,000"));
        }
        self.more_than = share(&settings, "more_than")?;
        self.links_more_than = share(&settings, "links_more_than")?;
        if settings.get("free_kinds").is_some() {
            settings.each("free_kinds", |value, place| {
                let kind = value.text().ok_or_else(|| place.error("must be a text"))?;
                self.free_kinds.add(kind);
                Ok(())
            })
        } else {
            DEFAULT_FREE_KINDS.iter().for_each(|kind| {
                self.free_kinds.add(kind);
            });
            Ok(())
        }
    }

    #[inline(never)]
    fn read_signal(&mut self, value: Value<'_>, place: Place<'_>) -> Result<()> {
        let signal = Object::new(value, place, &["signal", "confidence"])?;
        let name = signal.required_text("signal")?;
        if name == PIN || self.names.position(name).is_some() {
            return Err(signal.error("signal", "is listed twice, or is 'pin'"));
        }
        let confidence = signal.required_number("confidence")?;
        if !(0.0..=1.0).contains(&confidence) {
            return Err(signal.error("confidence", "must be from 0 to 1"));
        }
        self.names.add(name);
        self.confidence.push(confidence);
        Ok(())
    }

    fn is_free(&self, kind: Option<&[u8]>) -> bool {
        kind.is_some_and(|kind| self.free_kinds.position(kind).is_some())
    }
}

/// A share that must be exceeded.
fn share(settings: &Object<'_, '_>, name: &str) -> Result<f64> {
    match settings.number(name)? {
        Some(share) if !(0.0..1.0).contains(&share) => Err(settings.error(name, "must be >= 0 and < 1")),
        share => Ok(share.unwrap_or(DEFAULT_MORE_THAN)),
    }
}

/// An account that a signal names.
#[derive(Clone, Copy)]
struct Evidence {
    /// 0 for a pin, then the signals.
    signal: u32,
    account: u32,
    reason: u32,
    /// Of the users behind the signal, where there are any.
    share: f64,
}

/// Finds the account of a workspace.
///
/// `signals_signal` holds indices of the settings' signals (-1 for NULL, -2 for another one). Writes account, signal and
/// confidence, the conflicts in the order of signals and accounts, and how many rows of each list say nothing. An empty
/// text is NULL everywhere. There is no error beside those of compiling the settings.
#[allow(clippy::too_many_arguments)]
pub fn map_account(
    signals_signal: &[i32],
    signals_domain: Texts<'_>,
    signals_kind: Texts<'_>,
    users_user_id: Texts<'_>,
    users_domain: Texts<'_>,
    users_kind: Texts<'_>,
    users_account_id: Texts<'_>,
    domains_domain: Texts<'_>,
    domains_account_id: Texts<'_>,
    exceptions_exception: Texts<'_>,
    exceptions_domain: Texts<'_>,
    exceptions_account_id: Texts<'_>,
    settings: &Mapping,
    out: &mut Output,
) -> Result<()> {
    let domains = rank(&[signals_domain, users_domain, domains_domain, exceptions_domain]);
    let accounts = rank(&[users_account_id, domains_account_id, exceptions_account_id]);
    let users = rank(&[users_user_id]);
    // Rows that say nothing, of signals, users, domains and exceptions, and those with a free-mail domain.
    let mut ignored = [0.0; 5];
    let mut evidence = Vec::new();

    // Which accounts own which domain, and who is linked to which account.
    let (mut owned, mut pinned, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (&domain, &account) in domains.columns[2].iter().zip(&accounts.columns[1]) {
        if domain == NONE || account == NONE {
            ignored[2] += 1.0;
        } else {
            owned.push(key(domain, account));
        }
    }
    for (index, &account) in accounts.columns[2].iter().enumerate() {
        let domain = domains.columns[3][index];
        let exception = exceptions_exception.get(index).unwrap_or(b"");
        if account == NONE || (exception != PIN && exception != LINK) {
            ignored[3] += 1.0;
        } else if domain != NONE {
            if exception == PIN { &mut pinned } else { &mut owned }.push(key(domain, account));
        } else if exception == PIN {
            evidence.push(Evidence { signal: 0, account, reason: CLEAR, share: 1.0 });
        } else {
            // As if one more user had it; users have lower numbers.
            links.push(key(account, users.names.len() as u32 + account));
        }
    }
    let pinned = set(pinned);
    owned.retain(|&owned| of(&pinned, parts(owned).0).is_empty());
    owned.extend(pinned);
    let owners = set(owned);

    let mut domain_users = Vec::new();
    for (index, &user) in users.columns[0].iter().enumerate() {
        let (domain, account) = (domains.columns[1][index], accounts.columns[0][index]);
        if user == NONE || (domain == NONE && account == NONE) {
            ignored[1] += 1.0;
            continue;
        }
        if domain != NONE {
            if settings.is_free(users_kind.get(index)) {
                ignored[4] += 1.0;
            } else {
                domain_users.push(key(domain, user));
            }
        }
        if account != NONE {
            links.push(key(account, user));
        }
    }

    // What each signal says.
    let mut named = |signal: usize, domain: u32, share: f64| {
        let owners = of(&owners, domain);
        // A domain of two accounts is nobody's.
        let reason = if owners.len() > 1 { AMBIGUOUS } else { CLEAR };
        evidence.extend(owners.iter().map(|&owner| {
            let account = parts(owner).1;
            Evidence { signal: signal as u32 + 1, account, reason, share }
        }));
    };
    let is_of_users = |signal: &[u8]| signal == CRM_CONTACT || signal == USER_DOMAIN;
    for (index, &signal) in signals_signal.iter().enumerate() {
        let domain = domains.columns[0][index];
        if domain == NONE || signal < 0 || is_of_users(settings.names.get(signal as u32)) {
            ignored[0] += 1.0;
        } else if settings.is_free(signals_kind.get(index)) {
            ignored[4] += 1.0;
        } else {
            named(signal as usize, domain, 1.0);
        }
    }
    let (domain_users, links) = (Shares::new(domain_users), Shares::new(links));
    if let Some(signal) = settings.names.position(USER_DOMAIN) {
        domain_users.each(|domain, count, share| {
            if count as f64 >= settings.min_users && share > settings.more_than {
                named(signal as usize, domain, share);
            }
        });
    }
    if let Some(signal) = settings.names.position(CRM_CONTACT) {
        links.each(|account, _, share| {
            let reason = if share > settings.links_more_than { CLEAR } else { MINORITY };
            evidence.push(Evidence { signal: signal + 1, account, reason, share });
        });
    }
    sort_by(&mut evidence, |one, other| {
        if one.signal != other.signal {
            one.signal < other.signal
        } else if one.account != other.account {
            one.account < other.account
        } else if one.reason != other.reason {
            one.reason < other.reason
        } else {
            one.share > other.share
        }
    });
    evidence.dedup_by(|next, first| next.signal == first.signal && next.account == first.account);

    let mut stands: Option<Evidence> = None;
    let (mut agreeing, mut speaking) = (0.0, 0.0);
    for signal in evidence.chunk_by_mut(|one, other| one.signal == other.signal) {
        let clear = signal.iter().filter(|evidence| evidence.reason == CLEAR).count();
        if clear != 1 {
            // Two clear answers are none, and where nobody has a majority nobody is a minority.
            signal.iter_mut().for_each(|evidence| evidence.reason = AMBIGUOUS);
        }
        let answer = signal.iter().find(|evidence| evidence.reason == CLEAR).copied();
        stands = stands.or(answer);
        speaking += 1.0;
        if let (Some(stands), Some(answer)) = (stands, answer) {
            agreeing += (answer.account == stands.account) as u8 as f64;
        }
    }

    match stands {
        None => {
            out.null_text();
            out.slots(&[-1.0, f64::NAN]);
        }
        Some(Evidence { signal, account, share, .. }) => {
            out.text(accounts.names[account as usize]);
            let confidence = match (signal as usize).checked_sub(1) {
                None => 1.0,
                Some(signal) => settings.confidence[signal] * share * (agreeing / speaking),
            };
            out.slots(&[signal as f64, confidence]);
        }
    }
    evidence.retain(|evidence| stands.is_none_or(|stands| stands.account != evidence.account));
    out.list(evidence.len());
    for Evidence { signal, account, reason, .. } in evidence {
        out.double(signal as f64);
        out.text(accounts.names[account as usize]);
        out.double(reason as f64);
    }
    out.slots(&ignored);
    Ok(())
}

/// Users per domain, or per account.
struct Shares {
    /// Distinct keys of what is counted and a user.
    pairs: Vec<u64>,
    /// The distinct users.
    users: usize,
}

impl Shares {
    fn new(pairs: Vec<u64>) -> Self {
        let pairs = set(pairs);
        let users = set(pairs.iter().map(|&pair| parts(pair).1 as u64).collect()).len();
        Shares { pairs, users }
    }

    /// What is counted, its users, and their share of all users.
    fn each(&self, mut take: impl FnMut(u32, usize, f64)) {
        for group in self.pairs.chunk_by(|&one, &other| parts(one).0 == parts(other).0) {
            take(parts(group[0]).0, group.len(), group.len() as f64 / self.users as f64);
        }
    }
}

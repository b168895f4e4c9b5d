//! Kinds of addresses against a second implementation that follows the text of `docs/semantics.md`.

use plg_catalogue::host::Host;
use plg_module_freemail::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("freemail".to_owned(), module)]))
}

fn kind(host: &mut Host, email: &str, disposable: bool, domains: &[(&str, &str)]) -> Value {
    let domains: Vec<Value> = domains.iter().map(|(domain, kind)| json!({"domain": domain, "kind": kind})).collect();
    let disposable = if disposable { json!("it is") } else { Value::Null };
    let given = [("email", json!(email)), ("disposable", disposable), ("domains", domains.into())];
    host.call("email_kind", &given.map(|(name, value)| (name.to_owned(), value)).into()).unwrap()
}

/// The kind by the first entry of the list that is sorted as the documentation orders entries.
fn reference(email: &str, disposable: bool, domains: &[(&str, &str)]) -> String {
    let (local, domain) = email.split_once('@').unwrap();
    let mut fitting: Vec<(&str, &str)> = domains
        .iter()
        .copied()
        .filter(|(listed, kind)| !kind.is_empty() && format!(".{domain}").ends_with(&format!(".{listed}")))
        .filter(|(listed, _)| !listed.is_empty())
        .collect();
    fitting.sort_by_key(|(listed, kind)| (usize::MAX - listed.len(), *kind));
    let free = ["gmail.com", "web.de"].contains(&domain);
    let kind = match fitting.first() {
        Some((_, kind)) => kind,
        None if disposable => "disposable",
        None if free => "personal",
        None => "work",
    };
    if kind == "work" && ["sales", "no-reply"].contains(&local) { "shared_inbox" } else { kind }.to_owned()
}

#[test]
fn kinds_are_those_of_the_reference_in_any_order_of_the_entries() {
    let (mut host, mut random) = (host(), fastrand::Rng::with_seed(1));
    let mut seen = BTreeMap::new();
    for _ in 0..20_000 {
        let local = ["jane", "sales", "no-reply"][random.usize(..3)];
        let domain =
            ["gmail.com", "web.de", "acme.com", "mail.acme.com", "xacme.com", "a.b.mail.acme.com"][random.usize(..6)];
        let email = format!("{local}@{domain}");
        let disposable = random.u8(..4) == 0;
        let mut entries: Vec<(&str, &str)> = (0..random.usize(..5))
            .map(|_| {
                let domains = ["acme.com", "mail.acme.com", "com", "gmail.com", "b.mail.acme.com", "e.com", ""];
                (domains[random.usize(..7)], ["work", "personal", "partner", "disposable", ""][random.usize(..5)])
            })
            .collect();
        let expected = reference(&email, disposable, &entries);
        assert_eq!(kind(&mut host, &email, disposable, &entries), json!(expected), "{email} {disposable} {entries:?}");
        random.shuffle(&mut entries);
        assert_eq!(kind(&mut host, &email, disposable, &entries), json!(expected), "{email} {disposable} {entries:?}");
        *seen.entry(expected).or_insert(0) += 1;
    }
    assert!(seen.len() == 5 && seen.values().all(|count| *count > 500), "{seen:?}");
}

#[test]
fn every_listed_free_mail_domain_is_personal() {
    let mut host = host();
    let domains: Vec<&str> = plg_lists::plain::FREE.lines().collect();
    assert!(domains.len() > 4_000);
    for domain in domains {
        assert_eq!(kind(&mut host, &format!("jane@{domain}"), false, &[]), "personal", "{domain}");
    }
}

#[test]
fn an_own_list_in_other_letters_is_the_same_list() {
    let mut host = host();
    assert_eq!(kind(&mut host, "JANE@Acme.com ", false, &[(" ACME.com\u{a0}", "Partner")]), "Partner");
    assert_eq!(kind(&mut host, "jane@acme.com", false, &[("cme.com", "partner"), ("@acme.com", "partner")]), "work");
}

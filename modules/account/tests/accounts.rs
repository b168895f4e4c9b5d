//! Accounts of workspaces and users held against second implementations that follow the text of `docs/semantics.md`
//! ("Accounts of workspaces") signal by signal, with sets of names.

use plg_catalogue::host::Host;
use plg_module_account::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Text = Option<&'static str>;
const DAY: i64 = 86_400_000_000;
const AS_OF: i64 = 1_769_860_800_000_000;

fn host() -> Host {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("account".to_owned(), module)]))
}

fn pick(random: &mut fastrand::Rng, texts: &[&'static str]) -> Text {
    match random.u8(..15) {
        0 => None,
        1 => Some(""),
        _ => Some(texts[random.usize(..texts.len())]),
    }
}

fn known(text: Text) -> Text {
    text.filter(|text| !text.is_empty())
}

#[derive(Debug)]
struct Workspace {
    /// Signal, domain, kind.
    signals: Vec<[Text; 3]>,
    /// User, domain, kind, account.
    users: Vec<[Text; 4]>,
    /// Domain, account.
    domains: Vec<[Text; 2]>,
    /// Exception, domain, account.
    exceptions: Vec<[Text; 3]>,
    settings: Value,
}

fn random_workspace(random: &mut fastrand::Rng) -> Workspace {
    let domains = ["acme.com", "acme.io", "initech.com", "gmail.com"];
    let accounts = ["A", "B", "é"];
    let kinds = ["work", "work", "work", "shared_inbox", "personal", "disposable"];
    let signals = ["billing_domain", "sso_domain", "website", "user_domain", "crm_contact", "pin"];
    // Few different domains and accounts in half of the cases, so that signals agree.
    let domains = &domains[..random.usize(1..5)];
    let accounts = &accounts[..random.usize(1..4)];
    let rows = |random: &mut fastrand::Rng, most: usize| random.usize(..most);
    let rare = |random: &mut fastrand::Rng, texts: &[&'static str]| {
        if random.u8(..3) > 0 { None } else { pick(random, texts) }
    };
    let signals =
        (0..rows(random, 4)).map(|_| [pick(random, &signals), pick(random, domains), rare(random, &kinds)]).collect();
    let users = (0..rows(random, 9))
        .map(|_| {
            let user = pick(random, &["u1", "u2", "u3", "u4", "u5", "u6", "u7"]);
            [user, pick(random, domains), pick(random, &kinds), rare(random, accounts)]
        })
        .collect();
    let domains_of = (0..rows(random, 6)).map(|_| [pick(random, domains), pick(random, accounts)]).collect();
    let exceptions = if random.u8(..4) > 0 {
        Vec::new()
    } else {
        let exception = ["pin", "link", "link", "other"];
        (0..rows(random, 3))
            .map(|_| [pick(random, &exception), rare(random, domains), pick(random, accounts)])
            .collect()
    };
    let settings = match random.u8(..4) {
        0 => json!({"signals": [{"signal": "website", "confidence": 0.75}, {"signal": "crm_contact", "confidence": 1},
            {"signal": "billing_domain", "confidence": 0.3}], "links_more_than": 0.25}),
        1 => json!({"min_users": 2, "more_than": 0.3, "free_kinds": ["work"]}),
        _ => json!({}),
    };
    Workspace { signals, users, domains: domains_of, exceptions, settings }
}

/// What a signal says: the accounts that it names clearly, those of several, and those of fewer users.
#[derive(Default)]
struct Answer {
    clear: BTreeMap<&'static str, f64>,
    ambiguous: BTreeSet<&'static str>,
    minority: BTreeSet<&'static str>,
}

impl Answer {
    fn domain(&mut self, owners: &BTreeSet<&'static str>, share: f64) {
        if owners.len() > 1 {
            self.ambiguous.extend(owners);
        } else {
            for owner in owners {
                let known = self.clear.entry(owner).or_insert(share);
                *known = known.max(share);
            }
        }
    }
}

fn expected(workspace: &Workspace) -> Value {
    let defaults = json!([{"signal": "billing_domain", "confidence": 0.95}, {"signal": "sso_domain", "confidence": 0.9},
        {"signal": "crm_contact", "confidence": 0.8}, {"signal": "user_domain", "confidence": 0.7}]);
    let settings = &workspace.settings;
    let signals = settings.get("signals").unwrap_or(&defaults).as_array().unwrap();
    let number = |name: &str, default: f64| settings.get(name).map_or(default, |value| value.as_f64().unwrap());
    let free_kinds = settings.get("free_kinds").cloned().unwrap_or(json!(["personal", "disposable"]));
    let is_free = |kind: Text| kind.is_some_and(|kind| free_kinds.as_array().unwrap().contains(&json!(kind)));

    let owners = |domain: &str| -> BTreeSet<&'static str> {
        let exceptions = |which: &str| -> BTreeSet<&'static str> {
            let rows = workspace.exceptions.iter().filter(|row| row[0] == Some(which) && row[1] == Some(domain));
            rows.filter_map(|row| known(row[2])).collect()
        };
        let pinned = exceptions("pin");
        if !pinned.is_empty() {
            return pinned;
        }
        let rows = workspace.domains.iter().filter(|row| row[0] == Some(domain));
        rows.filter_map(|row| known(row[1])).chain(exceptions("link")).collect()
    };

    let mut answers = Vec::new();
    let mut pin = Answer::default();
    for row in &workspace.exceptions {
        if let ([Some("pin"), domain, account], None) = (row, known(row[1])) {
            let _ = domain;
            pin.clear.extend(known(*account).map(|account| (account, 1.0)));
        }
    }
    answers.push(("pin", 1.0, pin));
    for signal in signals {
        let (name, confidence) = (signal["signal"].as_str().unwrap(), signal["confidence"].as_f64().unwrap());
        let mut answer = Answer::default();
        if name == "crm_contact" {
            let mut links: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for [user, _, _, account] in &workspace.users {
                if let (Some(user), Some(account)) = (known(*user), known(*account)) {
                    links.entry(account).or_default().insert(user.to_owned());
                }
            }
            for [exception, domain, account] in &workspace.exceptions {
                if let (Some("link"), None, Some(account)) = (exception, known(*domain), known(*account)) {
                    links.entry(account).or_default().insert(format!("by hand {account}"));
                }
            }
            let everybody: BTreeSet<&String> = links.values().flatten().collect();
            for (account, users) in &links {
                let share = users.len() as f64 / everybody.len() as f64;
                if share > number("links_more_than", 0.5) {
                    answer.clear.insert(account, share);
                } else {
                    answer.minority.insert(account);
                }
            }
        } else if name == "user_domain" {
            let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for [user, domain, kind, _] in &workspace.users {
                if let (Some(user), Some(domain), false) = (known(*user), known(*domain), is_free(*kind)) {
                    users.entry(domain).or_default().insert(user);
                }
            }
            let everybody: BTreeSet<&&str> = users.values().flatten().collect();
            for (domain, users) in &users {
                let share = users.len() as f64 / everybody.len() as f64;
                if users.len() as f64 >= number("min_users", 3.0) && share > number("more_than", 0.5) {
                    answer.domain(&owners(domain), share);
                }
            }
        } else {
            for row in workspace.signals.iter().filter(|row| row[0] == Some(name) && !is_free(row[2])) {
                if let Some(domain) = known(row[1]) {
                    answer.domain(&owners(domain), 1.0);
                }
            }
        }
        answers.push((name, confidence, answer));
    }
    // Several clear answers are none, and without a clear one nobody is a minority.
    for (_, _, answer) in &mut answers {
        if answer.clear.len() != 1 {
            answer.ambiguous.extend(answer.clear.keys());
            answer.ambiguous.append(&mut answer.minority);
            answer.clear.clear();
        }
    }
    let stands = answers.iter().find_map(|(name, confidence, answer)| {
        answer.clear.first_key_value().map(|(account, share)| (*name, *confidence, *account, *share))
    });
    let names = |answer: &Answer| !(answer.clear.is_empty() && answer.ambiguous.is_empty());
    let speaking = answers.iter().filter(|(.., answer)| names(answer)).count() as f64;
    let mut conflicts = Vec::new();
    let mut agreeing = 0.0;
    for (name, _, answer) in &answers {
        let account = stands.map(|(_, _, account, _)| account);
        agreeing += answer.clear.keys().filter(|other| Some(**other) == account).count() as f64;
        let all: BTreeSet<&str> =
            answer.clear.keys().chain(&answer.ambiguous).chain(&answer.minority).copied().collect();
        for other in all.into_iter().filter(|other| Some(*other) != account) {
            let reason = match () {
                () if answer.clear.contains_key(other) => "disagrees",
                () if answer.ambiguous.contains(other) => "ambiguous",
                () => "minority",
            };
            conflicts.push(json!({"signal": name, "account_id": other, "reason": reason}));
        }
    }
    let result = stands.map(|(name, confidence, account, share)| {
        let confidence = if name == "pin" { 1.0 } else { confidence * share * (agreeing / speaking) };
        (name, account, confidence)
    });

    let domain_signals: Vec<&str> = signals.iter().map(|signal| signal["signal"].as_str().unwrap()).collect();
    let is_signal = |name: &str| domain_signals.contains(&name) && name != "crm_contact" && name != "user_domain";
    let mut ignored = [0.0; 5];
    for [signal, domain, kind] in &workspace.signals {
        if known(*domain).is_none() || !signal.is_some_and(is_signal) {
            ignored[0] += 1.0;
        } else if is_free(*kind) {
            ignored[4] += 1.0;
        }
    }
    for [user, domain, kind, account] in &workspace.users {
        if known(*user).is_none() || known(*domain).or(known(*account)).is_none() {
            ignored[1] += 1.0;
        } else if known(*domain).is_some() && is_free(*kind) {
            ignored[4] += 1.0;
        }
    }
    ignored[2] += workspace.domains.iter().filter(|row| row.iter().any(|text| known(*text).is_none())).count() as f64;
    let no_exception = |row: &&[Text; 3]| known(row[2]).is_none() || !matches!(row[0], Some("pin" | "link"));
    ignored[3] += workspace.exceptions.iter().filter(no_exception).count() as f64;
    let [signals, users, domains, exceptions, free_mail] = ignored;
    json!({"account_id": result.map(|result| result.1), "signal": result.map(|result| result.0),
        "confidence": result.map(|result| result.2), "conflicts": conflicts, "ignored": {"signals": signals,
        "users": users, "domains": domains, "exceptions": exceptions, "free_mail": free_mail}})
}

fn call(host: &mut Host, workspace: &Workspace) -> Value {
    let mut arguments = BTreeMap::from([("settings".to_owned(), Value::from(workspace.settings.to_string()))]);
    let mut list = |name: &str, rows: Vec<Value>| {
        // A list that is NULL is as good as an empty one.
        if !rows.is_empty() || name == "users" {
            arguments.insert(name.to_owned(), Value::Array(rows));
        }
    };
    let signals = workspace
        .signals
        .iter()
        .map(|[signal, domain, kind]| json!({"signal": signal, "domain": domain, "kind": kind}));
    list("signals", signals.collect());
    let users = workspace.users.iter().map(
        |[user, domain, kind, account]| json!({"user_id": user, "domain": domain, "kind": kind, "account_id": account}),
    );
    list("users", users.collect());
    list(
        "domains",
        workspace.domains.iter().map(|[domain, account]| json!({"domain": domain, "account_id": account})).collect(),
    );
    let exceptions = workspace
        .exceptions
        .iter()
        .map(|[exception, domain, account]| json!({"exception": exception, "domain": domain, "account_id": account}));
    list("exceptions", exceptions.collect());
    host.call("map_account", &arguments).unwrap()
}

#[test]
fn an_account_is_what_the_first_clear_signal_names() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..20_000 {
        let mut workspace = random_workspace(&mut random);
        let result = call(&mut host, &workspace);
        assert_eq!(result, expected(&workspace), "{workspace:?}");
        random.shuffle(&mut workspace.signals);
        random.shuffle(&mut workspace.users);
        random.shuffle(&mut workspace.domains);
        random.shuffle(&mut workspace.exceptions);
        assert_eq!(call(&mut host, &workspace), result, "{workspace:?}");
        *seen.entry(result["signal"].to_string()).or_default() += 1;
        for conflict in result["conflicts"].as_array().unwrap() {
            *seen.entry(format!("{} {}", conflict["reason"], conflict["signal"])).or_default() += 1;
        }
    }
    let often = |what: &str| seen.get(what).is_some_and(|&count| count > 50);
    for signal in
        ["null", "\"pin\"", "\"billing_domain\"", "\"sso_domain\"", "\"crm_contact\"", "\"user_domain\"", "\"website\""]
    {
        assert!(often(signal), "{signal}: {seen:?}");
    }
    for conflict in [
        "\"disagrees\" \"crm_contact\"",
        "\"disagrees\" \"user_domain\"",
        "\"ambiguous\" \"billing_domain\"",
        "\"ambiguous\" \"crm_contact\"",
        "\"minority\" \"crm_contact\"",
    ] {
        assert!(often(conflict), "{conflict}: {seen:?}");
    }
}

#[test]
fn a_users_account_is_that_of_the_workspace_with_most_days() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(2);
    let mut ties = 0;
    for _ in 0..6_000 {
        let mut rows: Vec<(Text, Text, Option<i64>)> = (0..random.usize(..25))
            .map(|_| {
                let workspace = pick(&mut random, &["w1", "w2", "w3", "\u{ff5e}", "\u{1f600}"]);
                let time = AS_OF - random.i64(-DAY / 8..6 * DAY);
                (workspace, pick(&mut random, &["A", "B", "é"]), (random.u8(..8) > 0).then_some(time))
            })
            .collect();
        let days = random.i64(1..6);
        let day = |time: i64| time.div_euclid(DAY);
        let workspaces: BTreeSet<&str> = rows
            .iter()
            .filter(|(_, _, time)| time.is_none_or(|time| time <= AS_OF))
            .filter_map(|(workspace, ..)| known(*workspace))
            .collect();
        let of = |workspace: &str| -> Vec<(Text, Option<i64>)> {
            let rows = rows
                .iter()
                .filter(|(other, _, time)| *other == Some(workspace) && time.is_none_or(|time| time <= AS_OF));
            rows.map(|(_, account, time)| (known(*account), *time)).collect()
        };
        let active = |workspace: &str| -> usize {
            let days = of(workspace)
                .into_iter()
                .filter_map(|(_, time)| time.map(day))
                .filter(|day| *day > AS_OF.div_euclid(DAY) - days);
            days.collect::<BTreeSet<_>>().len()
        };
        let account = |workspace: &str| of(workspace).into_iter().filter_map(|(account, _)| account).min();
        let most = workspaces.iter().map(|workspace| active(workspace)).max();
        let best = workspaces.iter().find(|workspace| Some(active(workspace)) == most);
        ties += (workspaces.iter().filter(|workspace| Some(active(workspace)) == most).count() > 1) as usize;
        let no_workspace = rows.iter().filter(|(workspace, ..)| known(*workspace).is_none()).count();
        let after = rows
            .iter()
            .filter(|(workspace, _, time)| known(*workspace).is_some() && time.is_some_and(|time| time > AS_OF))
            .count();
        let other: usize = workspaces
            .iter()
            .map(|workspace| {
                of(workspace).iter().filter(|(other, _)| other.is_some() && *other != account(workspace)).count()
            })
            .sum();
        let expected = json!({"account_id": best.and_then(|workspace| account(workspace)), "workspace_id": best,
            "active_days": most.unwrap_or(0) as f64, "workspaces": workspaces.len() as f64,
            "ignored": {"no_workspace": no_workspace as f64, "after_as_of": after as f64, "other_account": other as f64}});
        let call = |host: &mut Host, rows: &[(Text, Text, Option<i64>)]| {
            let list = rows.iter().map(|(workspace, account, time)| {
                json!({"workspace_id": workspace, "account_id": account, "occurred_at": time})
            });
            let arguments = BTreeMap::from([
                ("activity".to_owned(), list.collect()),
                ("days".to_owned(), json!(days)),
                ("as_of".to_owned(), json!(AS_OF)),
            ]);
            host.call("user_account", &arguments).unwrap()
        };
        assert_eq!(call(&mut host, &rows), expected, "{rows:?}");
        random.shuffle(&mut rows);
        assert_eq!(call(&mut host, &rows), expected, "{rows:?}");
    }
    assert!(ties > 500, "{ties}");
}

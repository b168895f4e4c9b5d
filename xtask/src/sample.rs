//! The sample data: one quarter of a made-up SaaS product, written to `sample/*.csv` and committed.
//!
//! Everything follows from a fixed seed and integer arithmetic, so every machine writes the same bytes and a test
//! compares them with the committed files. The stories are the ones a growth team knows: sign-ups that start as
//! anonymous visits to the pricing page, trials that convert or go silent, power users in roles that cannot buy,
//! customers who churn, and rows that lack what a score needs.

mod details;
mod installations;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The first observed day, 2026-04-02 00:00:00 UTC, in seconds since 1970.
const START: i64 = 20_545 * DAY;
/// The observed period in days; the last one is 2026-06-30.
const DAYS: i64 = 90;
/// The end of the observed period: nothing happens at or after it.
const END: i64 = START + DAYS * DAY;

const WORKSPACES: usize = 60;
const SEED: u64 = 0x706c_675f_7564_6632;

/// Name, domain label, industry, country and employees of the companies. None of them exists, and `.example` is
/// reserved for documentation (RFC 2606).
const COMPANIES: [(&str, &str, &str, &str, u32); 20] = [
    ("Aldermill Foods", "aldermill", "Food production", "DE", 420),
    ("Brightwater Bank", "brightwater", "Financial services", "GB", 5200),
    ("Cobalt Freight", "cobaltfreight", "Logistics", "NL", 880),
    ("Dunmore Analytics", "dunmore", "Software", "IE", 64),
    ("Elmhurst Clinics", "elmhurst", "Health care", "US", 1900),
    ("Fernway Travel", "fernway", "Travel", "ES", 230),
    ("Gildhall Insurance", "gildhall", "Insurance", "CH", 3100),
    ("Harrow & Pike", "harrowpike", "Legal services", "GB", 140),
    ("Ironbark Energy", "ironbark", "Energy", "AU", 2600),
    ("Juniper Lane", "juniperlane", "Retail", "US", 75),
    ("Kestrel Robotics", "kestrel", "Manufacturing", "JP", 510),
    ("Larkspur Media", "larkspur", "Media", "FR", 95),
    ("Moorgate Software", "moorgate", "Software", "GB", 330),
    ("Northlight Games", "northlight", "Games", "SE", 48),
    ("Oakrun Logistics", "oakrun", "Logistics", "PL", 720),
    ("Pinecrest University", "pinecrest", "Education", "CA", 4100),
    ("Quarry Systems", "quarry", "Software", "US", 22),
    ("Ravenscar Pharma", "ravenscar", "Life sciences", "DK", 1500),
    ("Silverdale Homes", "silverdale", "Real estate", "US", 260),
    ("Tidewater Telecom", "tidewater", "Telecommunications", "PT", 6400),
];

/// What the sample's company has found out about domains beyond the built-in lists.
const EMAIL_DOMAINS: &str = "domain,kind\npinecrest.example,education\noakrun.example,partner\nquarry.example,work\n";

/// The device at a fair at which everybody may sign in.
const KIOSK: &str = "d-kiosk";

/// A domain of two companies, and one of two of which somebody has said whose it is.
const HOLDING: &str = "holding.example";
const JOINT_VENTURE: &str = "jointventure.example";

const TEAMS: [&str; 8] = ["Marketing", "Sales", "Support", "Data", "Platform", "Finance", "People", "Design"];

const FIRST_NAMES: [&str; 24] = [
    "ada", "bela", "carlos", "dana", "emil", "farah", "greta", "hugo", "ines", "jonas", "kira", "liam", "maya", "noor",
    "oskar", "priya", "quinn", "rosa", "sami", "tessa", "umar", "vera", "wen", "zoe",
];

const LAST_NAMES: [&str; 24] = [
    "abbott", "berg", "castro", "dietz", "egan", "fonseca", "garcia", "holm", "ito", "jansen", "kaya", "lund",
    "moreau", "novak", "okafor", "petit", "quist", "rossi", "silva", "tanaka", "ueda", "vogel", "weber", "young",
];

/// Roles of users who did not create their workspace, with how many of a hundred hold them.
const ROLES: [(&str, u64); 7] =
    [("manager", 16), ("director", 8), ("vp", 4), ("target_ic", 44), ("student", 6), ("other", 14), ("", 8)];

/// SplitMix64 (Steele, Lea and Flood, 2014): small, seedable, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n` - 1.
    fn below(&mut self, n: u64) -> u64 {
        ((self.next() >> 32) * n) >> 32
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `per_mille` of a thousand cases.
    fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

/// What becomes of a workspace in the observed period.
#[derive(Clone, Copy, PartialEq)]
enum Story {
    /// A paying customer from before the period, in steady use.
    Established,
    /// Created in the last three weeks, still on trial.
    Trial,
    /// Created in the first two months, bought after its trial.
    Converted,
    /// A customer from before the period that loses interest in the middle of it.
    Churning,
    /// Created in the period, tried for some days and left.
    Abandoned,
}

struct Workspace {
    id: String,
    account: Option<usize>,
    story: Story,
    created_at: i64,
    /// When its users lose interest: the end of the period unless the story says otherwise.
    quiet_from: i64,
}

struct User {
    id: String,
    account: Option<usize>,
    workspace: usize,
    email: String,
    role: &'static str,
    /// The first device is the one that events carry; some people use a second one.
    devices: Vec<String>,
    crm_contact_id: Option<String>,
    joined_at: i64,
    is_creator: bool,
    /// How likely a working day sees the user active, in thousandths.
    engagement: u64,
    /// On trial and determined to buy: tries everything and looks at the price.
    is_keen: bool,
}

#[derive(Clone, Default)]
struct Event {
    /// When it happened; also the place of a row whose timestamp is lost.
    occurred_at: i64,
    event: &'static str,
    user_id: String,
    anonymous_id: String,
    workspace_id: String,
    timestamp_lost: bool,
}

/// One CSV file of the sample: its name inside `sample/`, and its text.
pub struct File {
    pub name: &'static str,
    pub text: String,
}

/// Writes the sample into `folder`, replacing what is there.
pub fn write(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for file in generate() {
        let path = folder.join(file.name);
        std::fs::write(&path, file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Makes every file of the sample.
pub fn generate() -> Vec<File> {
    let mut random = Random(SEED);
    let workspaces = workspaces(&mut random);
    let users = users(&mut random, &workspaces);
    let memberships = memberships(&mut random, &workspaces, &users);
    let subscriptions = subscriptions_csv(&mut random, &workspaces, &users);
    let events = events(&mut random, &workspaces, &users);
    let links = identity_links_csv(&mut random, &users);
    // A second source, so that the files that were there first stay as they are.
    let mut sales_random = Random(SEED + 1);
    let entitlements = entitlements_csv(&mut sales_random, &workspaces, &events);
    let opportunities = opportunities_csv(&mut sales_random, &workspaces);
    let sales_activities = sales_activities_csv(&mut sales_random, &workspaces);
    let exclusions = exclusions_csv(&mut sales_random, &workspaces);
    // And a third one for what scoring asks of users, companies and sign-ups.
    let mut scoring_random = Random(SEED + 2);
    let users_csv = users_csv(&mut scoring_random, &users);
    let opportunities = with_outcomes(&mut scoring_random, &opportunities, &workspaces);
    let signups = signups_csv(&mut scoring_random, &users);
    let accounts = accounts_csv(&mut random, &mut scoring_random);
    let workspaces_csv = workspaces_csv(&mut random, &workspaces);
    // And a fourth one for what tells whose a workspace is and who is whom in the CRM.
    let mut account_random = Random(SEED + 3);
    let users_csv = with_changes(&mut account_random, &users_csv, &users);
    let contacts = crm_contacts_csv(&mut account_random, &users, &links);
    let workspace_domains = workspace_domains_csv(&mut account_random, &workspaces);
    let account_domains = account_domains_csv(&mut account_random);
    // And a fifth one for what further systems know.
    let mut detail_random = Random(SEED + 4);
    let users_csv = details::with_jobs(&mut detail_random, &users_csv, &users);
    let workspaces_csv = details::with_owners(&mut detail_random, &workspaces_csv, &workspaces);
    let accounts = details::with_profiles(&mut detail_random, &accounts, &workspaces);
    let subscriptions = details::with_billing(&mut detail_random, &subscriptions, &workspaces)
        + &installations::subscriptions(&mut detail_random);
    let opportunities = details::with_amounts(&mut detail_random, &opportunities);
    let (sends, responses) = details::campaigns_csv(&mut detail_random, &users, &workspaces);
    vec![
        File { name: "accounts.csv", text: accounts },
        File { name: "workspaces.csv", text: workspaces_csv },
        File { name: "users.csv", text: users_csv },
        File { name: "memberships.csv", text: memberships },
        File { name: "subscriptions.csv", text: subscriptions },
        File { name: "events.csv", text: events_csv(&mut detail_random, &events) },
        File { name: "identity_links.csv", text: links },
        File { name: "shared_identifiers.csv", text: shared_identifiers_csv() },
        File { name: "entitlements.csv", text: entitlements },
        File { name: "opportunities.csv", text: opportunities },
        File { name: "sales_activities.csv", text: sales_activities },
        File { name: "exclusions.csv", text: exclusions },
        File { name: "signups.csv", text: signups },
        File { name: "crm_contacts.csv", text: contacts },
        File { name: "workspace_domains.csv", text: workspace_domains },
        File { name: "account_domains.csv", text: account_domains },
        File { name: "account_exceptions.csv", text: account_exceptions_csv(&workspaces) },
        File { name: "email_domains.csv", text: EMAIL_DOMAINS.to_owned() },
        File { name: "feature_catalogue.csv", text: details::FEATURE_CATALOGUE.to_owned() },
        File { name: "usage_pings.csv", text: installations::usage_pings_csv(&mut detail_random) },
        File { name: "seat_links.csv", text: installations::seat_links_csv(&mut detail_random) },
        File { name: "campaign_sends.csv", text: sends },
        File { name: "campaign_responses.csv", text: responses },
    ]
}

fn workspaces(random: &mut Random) -> Vec<Workspace> {
    (0..WORKSPACES)
        .map(|index| {
            // Every company has one workspace, the rest fall where they fall, and four belong to no company.
            let account = match index {
                0..20 => Some(index),
                20..56 => Some(random.below(20) as usize),
                _ => None,
            };
            let story = match (account, random.below(100)) {
                (None, 0..60) => Story::Abandoned,
                (None, _) => Story::Trial,
                (_, 0..38) => Story::Established,
                (_, 38..56) => Story::Trial,
                (_, 56..76) => Story::Converted,
                (_, 76..90) => Story::Churning,
                _ => Story::Abandoned,
            };
            let created_on = match story {
                Story::Established | Story::Churning => START - random.between(30, 400) * DAY,
                Story::Trial => END - random.between(2, 21) * DAY,
                Story::Converted => START + random.between(0, 55) * DAY,
                Story::Abandoned => START + random.between(0, 70) * DAY,
            };
            let created_at = office_time(random, created_on);
            let quiet_from = match story {
                Story::Churning => START + random.between(20, 65) * DAY,
                Story::Abandoned => created_at + random.between(2, 9) * DAY,
                _ => END,
            };
            Workspace { id: format!("w{:03}", index + 1), account, story, created_at, quiet_from }
        })
        .collect()
}

fn users(random: &mut Random, workspaces: &[Workspace]) -> Vec<User> {
    let mut users = Vec::new();
    for (index, workspace) in workspaces.iter().enumerate() {
        let size = match workspace.story {
            Story::Established => random.between(5, 10),
            Story::Trial => random.between(2, 6),
            Story::Converted => random.between(4, 9),
            Story::Churning => random.between(3, 7),
            Story::Abandoned => random.between(1, 2),
        };
        for position in 0..size {
            let number = users.len() + 1;
            let is_creator = position == 0;
            let joined_at = if is_creator {
                workspace.created_at
            } else {
                let days_to_join_in = (END - workspace.created_at).min(60 * DAY) / DAY;
                let joined_on = workspace.created_at + random.between(0, days_to_join_in - 1) * DAY;
                office_time(random, joined_on).max(workspace.created_at + 2 * HOUR)
            };
            let has_free_mail = workspace.account.is_none() || random.chance(60);
            let role = if is_creator {
                "workspace_admin"
            } else if has_free_mail {
                "personal_email"
            } else {
                role(random)
            };
            let email = match workspace.account {
                Some(account) if !has_free_mail => {
                    let first = random.pick(&FIRST_NAMES);
                    let last = random.pick(&LAST_NAMES);
                    let domain = COMPANIES[account].1;
                    // As CRMs do: some addresses were typed with capitals.
                    let first = if random.chance(50) { capitalised(first) } else { first.to_owned() };
                    format!("{first}.{last}.{number}@{domain}.example")
                }
                // Gmail has never given out names of fewer than six characters, so nobody owns these.
                _ => format!("u{number:03}@gmail.com"),
            };
            let mut devices = vec![device(random)];
            if random.chance(250) {
                devices.push(device(random));
            }
            let is_keen = workspace.story == Story::Trial && random.chance(if is_creator { 700 } else { 200 });
            let engagement = match random.below(100) {
                _ if is_keen => random.below(450) + 250,
                0..10 => 700,
                10..45 => 260,
                45..85 => 70,
                _ => 15,
            };
            users.push(User {
                id: format!("u{number:03}"),
                account: workspace.account,
                workspace: index,
                email,
                role,
                devices,
                crm_contact_id: random.chance(400).then(|| format!("c{:05}", 10_000 + number * 7)),
                joined_at,
                is_creator,
                engagement: if is_creator { engagement.max(150) } else { engagement },
                is_keen,
            });
        }
    }
    // Somebody signed up with the mailbox of a team, which the CRM has, too.
    if let Some(user) = users.iter_mut().find(|user| user.account == Some(3) && !user.is_creator) {
        user.email = format!("info@{}.example", COMPANIES[3].1);
    }
    users
}

fn role(random: &mut Random) -> &'static str {
    let mut left = random.below(ROLES.iter().map(|(_, share)| share).sum());
    for (role, share) in ROLES {
        if left < share {
            return role;
        }
        left -= share;
    }
    unreachable!("the draw is below the sum of the shares")
}

fn device(random: &mut Random) -> String {
    format!("d-{:08x}", random.next() >> 32)
}

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// A time within the working hours of the UTC day that `time` lies in.
fn office_time(random: &mut Random, time: i64) -> i64 {
    time - time.rem_euclid(DAY) + random.between(7 * HOUR, 18 * HOUR)
}

fn is_weekend(time: i64) -> bool {
    // 1970-01-01 was a Thursday.
    matches!((time.div_euclid(DAY) + 3) % 7, 5 | 6)
}

fn events(random: &mut Random, workspaces: &[Workspace], users: &[User]) -> Vec<Event> {
    let mut events = Vec::new();
    for user in users {
        let workspace = &workspaces[user.workspace];
        sign_up(random, workspace, user, &mut events);
        daily_use(random, workspace, user, &mut events);
        if user.is_creator && workspace.story == Story::Churning {
            for event in ["uninstall_integration", "workspace_downgraded"] {
                events.push(event_of(user, workspace, event, workspace.quiet_from + random.between(1, 6) * DAY));
            }
        }
    }
    passers_by(random, &mut events);
    events.retain(|event| (START..END).contains(&event.occurred_at));
    // Stable: rows of one second stay in the order they were made in.
    events.sort_by_key(|event| event.occurred_at);
    lose_fields(random, &mut events);
    events
}

/// From the anonymous visits before sign-up to the first value delivered.
fn sign_up(random: &mut Random, workspace: &Workspace, user: &User, events: &mut Vec<Event>) {
    if user.is_creator || random.chance(250) {
        for _ in 0..random.between(1, 3) {
            let before = random.between(10 * MINUTE, 8 * DAY);
            events.push(Event {
                user_id: String::new(),
                workspace_id: String::new(),
                ..event_of(user, workspace, "pricing_page_view", user.joined_at - before)
            });
        }
    }
    let joined = if user.is_creator { "workspace_created" } else { "invite_accepted" };
    events.push(event_of(user, workspace, joined, user.joined_at));
    // The funnel narrows: most who join do the key action, most of those get value out of it.
    if user.is_keen || user.engagement >= 70 && random.chance(720) {
        let key_action_at = user.joined_at + random.between(5 * MINUTE, 4 * DAY);
        events.push(event_of(user, workspace, "key_action_completed", key_action_at));
        if user.is_keen || random.chance(700) {
            let value_at = key_action_at + random.between(10 * MINUTE, 3 * DAY);
            events.push(event_of(user, workspace, "first_value_delivered", value_at));
        }
    }
}

/// The days on which a user works in the product, from joining to losing interest.
fn daily_use(random: &mut Random, workspace: &Workspace, user: &User, events: &mut Vec<Event>) {
    let first_day = user.joined_at.max(START).div_euclid(DAY);
    for day in first_day..END / DAY {
        let midnight = day * DAY;
        let engagement = match workspace.story {
            Story::Trial => (user.engagement * 2).min(900),
            _ if midnight > workspace.quiet_from => user.engagement / 40,
            _ => user.engagement,
        };
        let weekday_factor = if is_weekend(midnight) { 5 } else { 1 };
        if !random.chance(engagement / weekday_factor) {
            continue;
        }
        let mut time = office_time(random, midnight).max(user.joined_at);
        let mut happens = |random: &mut Random, event: &'static str| {
            time += random.between(20, 25 * MINUTE);
            events.push(event_of(user, workspace, event, time));
        };
        let is_power_user = user.engagement >= 700;
        let is_on_trial = workspace.story == Story::Trial
            || workspace.story == Story::Converted && midnight < workspace.created_at + 14 * DAY;
        // In thousandths, for keen, power and other users.
        let by_kind = |keen, power, other| match (user.is_keen, is_power_user) {
            (true, _) => keen,
            (_, true) => power,
            _ => other,
        };
        for _ in 0..random.between(1, if is_power_user || user.is_keen { 3 } else { 2 }) {
            happens(random, "core_feature_used");
        }
        if random.chance(by_kind(600, 350, 120)) {
            happens(random, "automation_run");
        }
        // Not in the starter model: most products send more than the model scores.
        if random.chance(200) {
            happens(random, "report_viewed");
        }
        if random.chance(if user.is_keen {
            350
        } else if is_on_trial {
            160
        } else {
            25
        }) {
            happens(random, "pricing_page_view");
            if random.chance(if user.is_keen { 700 } else { 400 }) {
                happens(random, "upgrade_click");
            }
        }
        if random.chance(by_kind(150, 30, 8)) {
            happens(random, "usage_limit_hit");
        }
        if random.chance(if user.is_creator { by_kind(900, 220, 220) } else { 30 }) {
            for _ in 0..if user.is_keen { random.between(1, 3) } else { 1 } {
                happens(random, "invite_sent");
            }
        }
        if random.chance(2) {
            happens(random, "uninstall_integration");
        }
    }
}

/// Visitors of the pricing page who never sign up.
fn passers_by(random: &mut Random, events: &mut Vec<Event>) {
    for _ in 0..120 {
        let day = START + random.between(0, DAYS - 1) * DAY;
        let occurred_at = office_time(random, day);
        events.push(Event {
            occurred_at,
            event: "pricing_page_view",
            anonymous_id: device(random),
            ..Event::default()
        });
    }
}

/// Takes from a few rows what tracking loses in practice: who, when or what.
fn lose_fields(random: &mut Random, events: &mut [Event]) {
    for event in events {
        match random.below(1000) {
            0..4 => {
                event.user_id.clear();
                event.anonymous_id.clear();
            }
            4..8 => event.timestamp_lost = true,
            8..10 => event.event = "",
            10..15 => event.workspace_id.clear(),
            _ => {}
        }
    }
}

fn event_of(user: &User, workspace: &Workspace, event: &'static str, occurred_at: i64) -> Event {
    Event {
        occurred_at,
        event,
        user_id: user.id.clone(),
        anonymous_id: user.devices[0].clone(),
        workspace_id: workspace.id.clone(),
        timestamp_lost: false,
    }
}

fn accounts_csv(random: &mut Random, scoring_random: &mut Random) -> String {
    let mut csv = String::from(
        "account_id,name,domain,industry,hq_country,employee_count,created_at,hq_region,uses_data_warehouse,\
        has_business_domain,segment,account_ae\n",
    );
    for (index, (name, label, industry, country, employees)) in COMPANIES.iter().enumerate() {
        let created_on = START - random.between(100, 900) * DAY;
        let created_at = timestamp(office_time(random, created_on));
        let number = index + 1;
        let region = match *country {
            "US" | "CA" => "North America",
            "AU" | "JP" => "Asia Pacific",
            _ => "Europe",
        };
        // Of a few companies nobody has found out.
        let warehouse = scoring_random.pick(&["true", "true", "false", ""]);
        let segment = match employees {
            0..200 => "smb",
            200..2000 => "mid_market",
            _ => "enterprise",
        };
        let executive = if *employees >= 2000 || scoring_random.chance(100) {
            capitalised(scoring_random.pick(&FIRST_NAMES))
        } else {
            String::new()
        };
        writeln!(
            csv,
            "a{number:02},{name},{label}.example,{industry},{country},{employees},{created_at},{region},{warehouse},true,\
            {segment},{executive}"
        )
        .expect("writing to a string cannot fail");
    }
    csv
}

fn workspaces_csv(random: &mut Random, workspaces: &[Workspace]) -> String {
    let mut csv = String::from("workspace_id,account_id,name,type,created_at\n");
    for workspace in workspaces {
        let company = workspace.account.map_or("Personal", |account| COMPANIES[account].0);
        let kind = match random.below(100) {
            0..84 => "prod",
            84..94 => "sandbox",
            _ => "dev",
        };
        writeln!(
            csv,
            "{},{},{company} {},{kind},{}",
            workspace.id,
            account_id(workspace.account),
            random.pick(&TEAMS),
            timestamp(workspace.created_at)
        )
        .expect("writing to a string cannot fail");
    }
    csv
}

fn users_csv(random: &mut Random, users: &[User]) -> String {
    let mut csv = String::from(
        "user_id,account_id,email,role,anonymous_id,crm_contact_id,created_at,seniority,persona,is_student,\
        has_personal_email,is_in_target_function\n",
    );
    for user in users {
        let seniority = match user.role {
            "manager" | "director" | "vp" => user.role,
            // Who creates a workspace is an admin there, and something else in the company.
            "workspace_admin" => random.pick(&["manager", "director", "", "", ""]),
            _ => "",
        };
        let persona = match (user.role, random.below(100)) {
            ("workspace_admin", 0..20) | ("manager", 0..30) => "champion",
            ("director" | "vp", 0..50) => "economic buyer",
            (_, 0..30) => "builder",
            (_, 30..45) => "evaluator",
            _ => "",
        };
        let is_in_target_function = user.role == "target_ic" || user.role == "workspace_admin" && random.chance(500);
        writeln!(
            csv,
            "{},{},{},{},{},{},{},{seniority},{persona},{},{},{is_in_target_function}",
            user.id,
            account_id(user.account),
            user.email,
            user.role,
            user.devices[0],
            user.crm_contact_id.as_deref().unwrap_or(""),
            timestamp(user.joined_at),
            user.role == "student",
            user.email.ends_with("@gmail.com")
        )
        .expect("writing to a string cannot fail");
    }
    csv
}

/// Users belong to the workspace they joined; some also to another one of their company.
fn memberships(random: &mut Random, workspaces: &[Workspace], users: &[User]) -> String {
    let mut csv = String::from("workspace_id,user_id,is_workspace_admin,joined_at\n");
    let mut row = |workspace: &Workspace, user: &User, is_admin: bool, joined_at: i64| {
        writeln!(csv, "{},{},{is_admin},{}", workspace.id, user.id, timestamp(joined_at))
            .expect("writing to a string cannot fail");
    };
    for user in users {
        row(&workspaces[user.workspace], user, user.is_creator, user.joined_at);
        let second = workspaces.iter().enumerate().find(|(index, workspace)| {
            *index != user.workspace && workspace.account.is_some() && workspace.account == user.account
        });
        if let Some((_, workspace)) = second
            && random.chance(150)
        {
            row(workspace, user, false, user.joined_at.max(workspace.created_at) + random.between(1, 20) * HOUR);
        }
    }
    csv
}

fn subscriptions_csv(random: &mut Random, workspaces: &[Workspace], users: &[User]) -> String {
    let mut csv = String::from(
        "subscription_id,workspace_id,plan,status,mrr,seats_purchased,started_at,trial_ends_at,canceled_at\n",
    );
    for (index, workspace) in workspaces.iter().enumerate() {
        let members = users.iter().filter(|user| user.workspace == index).count() as i64;
        let seats = members + random.between(0, 6);
        let trial_ends_at = workspace.created_at + 14 * DAY;
        let (plan, price) = random.pick(&[("team", 12), ("team", 12), ("business", 28)]);
        let canceled = workspace.quiet_from + 10 * DAY;
        let (plan, status, price, trial_end, canceled_at) = match workspace.story {
            Story::Established if random.chance(80) => (plan, "past_due", price, None, None),
            Story::Established => (plan, "active", price, None, None),
            Story::Converted => (plan, "active", price, Some(trial_ends_at), None),
            Story::Churning if random.chance(600) => (plan, "canceled", 0, None, Some(canceled)),
            Story::Churning => ("free", "active", 0, None, None),
            Story::Trial if trial_ends_at >= END => ("trial", "trialing", 0, Some(trial_ends_at), None),
            Story::Trial | Story::Abandoned => ("free", "active", 0, Some(trial_ends_at), None),
        };
        writeln!(
            csv,
            "s{:03},{},{plan},{status},{},{seats},{},{},{}",
            index + 1,
            workspace.id,
            price * seats,
            timestamp(workspace.created_at),
            trial_end.map(timestamp).unwrap_or_default(),
            canceled_at.map(timestamp).unwrap_or_default()
        )
        .expect("writing to a string cannot fail");
    }
    csv
}

/// Identifiers that are known to be several people's.
fn shared_identifiers_csv() -> String {
    format!("identifier_type,identifier\nanonymous_id,{KIOSK}\n")
}

/// What sign-ups, log-ins and the CRM have learnt about which identifiers are one person's.
fn identity_links_csv(random: &mut Random, users: &[User]) -> String {
    let mut csv = String::from("left_type,left_value,right_type,right_value,first_seen,last_seen\n");
    let mut link = |left: (&str, &str), right: (&str, &str), first_seen: i64, last_seen: i64| {
        let times = [first_seen, last_seen].map(|seconds| timestamp(seconds.min(END - 1)));
        writeln!(csv, "{},{},{},{},{}", left.0, left.1, right.0, right.1, times.join(","))
            .expect("writing to a string cannot fail");
    };
    for (index, user) in users.iter().enumerate() {
        let user_id = ("user_id", user.id.as_str());
        // As it was typed at the sign-up.
        let email = ("email", user.email.as_str());
        link(user_id, email, user.joined_at, user.joined_at);
        for (position, device) in user.devices.iter().enumerate() {
            let first_seen = user.joined_at + position as i64 * DAY;
            link(("anonymous_id", device), user_id, first_seen, first_seen + 7 * DAY);
        }
        if let Some(contact) = &user.crm_contact_id {
            let seen_at = user.joined_at + random.between(1, 72) * HOUR;
            link(email, ("crm_contact_id", contact), seen_at, seen_at);
        }
        // One person who signed up twice, or a colleague: the second sign-up came from the first one's device.
        if index > 0 && users[index - 1].workspace == user.workspace && random.chance(20) {
            let first = &users[index - 1];
            let seen_at = user.joined_at.max(first.joined_at);
            link(("anonymous_id", &first.devices[0]), user_id, seen_at, seen_at);
        }
    }
    // Contacts that marketing knows by e-mail and that have not signed up.
    for number in 0..12 {
        let (first, last) = (random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES));
        let domain = random.pick(&COMPANIES).1;
        let seen_at = START + random.between(0, DAYS - 1) * DAY;
        let (email, contact) = (format!("{first}.{last}@{domain}.example"), format!("c{:05}", 90_000 + number));
        link(("email", &email), ("crm_contact_id", &contact), seen_at, seen_at);
    }
    // What connects nobody: a script that sends no device id, the inbox of a team, a device of everybody, and what is no address.
    for (number, user) in users.iter().enumerate().filter(|(number, _)| number % 20 == 0) {
        let user_id = ("user_id", user.id.as_str());
        link(("anonymous_id", "0000-0000"), user_id, user.joined_at, user.joined_at);
        let domain = user.email.split('@').next_back().unwrap_or_default();
        link(user_id, ("email", &format!("support@{domain}")), user.joined_at + DAY, user.joined_at + DAY);
        link(("anonymous_id", KIOSK), user_id, user.joined_at + DAY, user.joined_at + DAY);
        if number % 40 == 0 {
            link(user_id, ("email", "not given"), user.joined_at, user.joined_at);
        }
    }
    csv
}

/// How often a workspace may use the core feature in 28 days: near to what it uses, less for some, unknown for a few.
/// Some bought more on the way.
fn entitlements_csv(random: &mut Random, workspaces: &[Workspace], events: &[Event]) -> String {
    let mut csv = String::from("workspace_id,entitlement,valid_from\n");
    for workspace in workspaces {
        let days = (END - workspace.created_at.max(START)) / DAY + 1;
        let used =
            events.iter().filter(|event| event.workspace_id == workspace.id && event.event == "core_feature_used");
        let usual = used.count() as i64 * 28 / days.max(28);
        let share = random.pick(&[40, 55, 70, 90, 120, 150, 200]);
        let entitlement = (usual * share / 100 / 5 * 5).max(10);
        if random.chance(80) {
            continue;
        }
        let mut row = |entitlement: i64, valid_from: i64| {
            writeln!(csv, "{},{entitlement},{}", workspace.id, timestamp(valid_from))
                .expect("writing to a string cannot fail");
        };
        row(entitlement, workspace.created_at);
        if random.chance(150) {
            let bought_at = END - random.between(5, 25) * DAY;
            row(entitlement * 2, office_time(random, bought_at.max(workspace.created_at + DAY)));
        }
    }
    csv
}

/// What sales hopes to win; an opportunity without an end is open.
fn opportunities_csv(random: &mut Random, workspaces: &[Workspace]) -> String {
    let mut csv = String::from("opportunity_id,workspace_id,opened_at,closed_at\n");
    for (opened_at, closed_at, workspace) in episodes(random, workspaces, 300, 45) {
        let number = csv.lines().count();
        writeln!(csv, "o{number:03},{},{opened_at},{closed_at}", workspace.id)
            .expect("writing to a string cannot fail");
    }
    csv
}

/// The opportunities with whether they were won, unknown while they are open; and those of trials that were bought.
fn with_outcomes(random: &mut Random, opportunities: &str, workspaces: &[Workspace]) -> String {
    let mut csv = String::new();
    for (index, line) in opportunities.lines().enumerate() {
        let outcome = match index {
            0 => "is_won",
            _ if line.ends_with(',') => "",
            _ if random.chance(700) => "true",
            _ => "false",
        };
        writeln!(csv, "{line},{outcome}").expect("writing to a string cannot fail");
    }
    for workspace in workspaces.iter().filter(|workspace| workspace.story == Story::Converted) {
        let number = csv.lines().count();
        let opened_on = workspace.created_at + random.between(2, 9) * DAY;
        let closed_on = workspace.created_at + random.between(12, 30) * DAY;
        let (opened_at, closed_at) = (office_time(random, opened_on), office_time(random, closed_on));
        if closed_at < END {
            let (opened_at, closed_at) = (timestamp(opened_at), timestamp(closed_at));
            writeln!(csv, "o{number:03},{},{opened_at},{closed_at},true", workspace.id)
                .expect("writing to a string cannot fail");
        }
    }
    csv
}

/// Where people signed up from, and one swarm of robots (addresses of RFC 5737 and RFC 3849, which nobody has).
fn signups_csv(random: &mut Random, users: &[User]) -> String {
    let mut csv = String::from("signup_id,user_id,ip,occurred_at\n");
    let mut row = |user_id: &str, ip: String, occurred_at: i64| {
        let number = csv.lines().count();
        writeln!(csv, "p{number:03},{user_id},{ip},{}", timestamp(occurred_at))
            .expect("writing to a string cannot fail");
    };
    for user in users.iter().filter(|user| user.joined_at >= START) {
        let ip = match random.below(100) {
            // What a proxy hides.
            0..3 => String::new(),
            3..20 => format!("2001:db8:{:x}::{:x}", random.below(4096), random.below(65536)),
            _ => format!("192.0.2.{}", random.below(256)),
        };
        row(&user.id, ip, user.joined_at);
    }
    let day = END - 2 * DAY;
    let begins_at = office_time(random, day);
    for number in 0..110 {
        row("", format!("203.0.113.{}", random.below(256)), begins_at + number / 2);
    }
    csv
}

/// Conversations of sales with a workspace; one without an end goes on.
fn sales_activities_csv(random: &mut Random, workspaces: &[Workspace]) -> String {
    let mut csv = String::from("sales_activity_id,workspace_id,started_at,ended_at\n");
    for (started_at, ended_at, workspace) in episodes(random, workspaces, 400, 20) {
        let number = csv.lines().count();
        writeln!(csv, "c{number:03},{},{started_at},{ended_at}", workspace.id)
            .expect("writing to a string cannot fail");
    }
    csv
}

/// Begin, end (empty while it lasts) and workspace of what happens to `per_mille` of the workspaces of companies, for
/// at most `days`.
fn episodes<'a>(
    random: &mut Random,
    workspaces: &'a [Workspace],
    per_mille: u64,
    days: i64,
) -> Vec<(String, String, &'a Workspace)> {
    let mut episodes = Vec::new();
    for workspace in workspaces {
        if workspace.account.is_none() || !random.chance(per_mille) {
            continue;
        }
        let first_day = workspace.created_at.max(START) + DAY;
        let begins_on = first_day + random.between(0, ((END - first_day) / DAY - 1).max(0)) * DAY;
        let begins_at = office_time(random, begins_on);
        let ends_on = begins_on + random.between(1, days) * DAY;
        let ends_at = office_time(random, ends_on);
        let end = if ends_at < END { timestamp(ends_at) } else { String::new() };
        episodes.push((timestamp(begins_at), end, workspace));
    }
    episodes
}

/// Workspaces that a person has taken out of all audiences, for a time or until further notice.
fn exclusions_csv(random: &mut Random, workspaces: &[Workspace]) -> String {
    let mut csv = String::from("workspace_id,reason,excluded_from,excluded_until\n");
    for (reason, days) in [("legal", None), ("renewal talks", Some(40)), ("incident", Some(12)), ("asked us", None)] {
        for _ in 0..2 {
            let workspace = &workspaces[random.below(WORKSPACES as u64 - 4) as usize];
            let day = END - random.between(8, 50) * DAY;
            let from = office_time(random, day);
            let until = days.map(|days| timestamp(from + days * DAY)).unwrap_or_default();
            writeln!(csv, "{},{reason},{},{until}", workspace.id, timestamp(from))
                .expect("writing to a string cannot fail");
        }
    }
    csv
}

/// The users with the time of their last change: as they signed up, or some time after.
fn with_changes(random: &mut Random, csv: &str, users: &[User]) -> String {
    let mut lines = csv.lines();
    let mut changed = format!("{},updated_at\n", lines.next().unwrap_or_default());
    for (line, user) in lines.zip(users) {
        let days = if random.chance(700) { 0 } else { random.between(1, 120) };
        let changed_at = (user.joined_at + days * DAY).min(END - 1);
        writeln!(changed, "{line},{}", timestamp(changed_at)).expect("writing to a string cannot fail");
    }
    changed
}

/// What the CRM knows: users as they typed their address elsewhere, people twice, mailboxes of teams, and people who have
/// not signed up.
fn crm_contacts_csv(random: &mut Random, users: &[User], links: &str) -> String {
    let mut csv = String::from("contact_id,email,account_id,updated_at\n");
    let mut row = |id: &str, email: &str, account: &str, changed_at: &str| {
        writeln!(csv, "{id},{email},{account},{changed_at}").expect("writing to a string cannot fail");
    };
    for (index, user) in users.iter().enumerate() {
        // Of some workspaces nobody has told the CRM whose the people are.
        let account = match random.below(100) {
            _ if user.workspace % 6 == 5 => String::new(),
            0..10 => String::new(),
            10..20 => account_id(Some(random.below(20) as usize)),
            _ => account_id(user.account),
        };
        let changed_at = (user.joined_at + random.between(1, 90 * 24) * HOUR).min(END - 1);
        let kind = random.below(100);
        let Some(contact) = &user.crm_contact_id else {
            // Two subscriptions to the newsletter, with a tag each, and no telling which is the person's.
            if kind < 3 {
                for (tag, digit) in [("news", 1), ("webinar", 2)] {
                    let id = format!("c{:05}", 80_000 + index * 10 + digit);
                    row(&id, &user.email.replace('@', &format!("+{tag}@")), "", &timestamp(changed_at));
                }
            }
            continue;
        };
        let email = match kind {
            0..10 => user.email.to_uppercase(),
            10..22 => user.email.replace('@', "+crm@"),
            _ => user.email.clone(),
        };
        row(contact, &email, &account, &timestamp(changed_at));
        // The same person twice; of some nobody can say which row is newer.
        if kind >= 90 {
            let earlier = if kind >= 95 { changed_at } else { changed_at - 3 * DAY };
            row(&format!("c{:05}", 60_000 + index), &email, &account, &timestamp(earlier));
        }
    }
    for (number, (_, label, ..)) in COMPANIES.iter().enumerate().take(8) {
        let id = format!("c{:05}", 70_000 + number);
        row(&id, &format!("info@{label}.example"), &account_id(Some(number)), &timestamp(START));
    }
    row("c79998", "", "", &timestamp(START));
    row("c79999", "not known", "a03", &timestamp(START));
    for line in links.lines().filter(|line| line.contains(",crm_contact_id,c9")) {
        let [_, email, _, contact, seen_at, _] = line.split(',').collect::<Vec<_>>()[..] else { continue };
        row(contact, email, "", seen_at);
    }
    csv
}

/// Domains and payers of the workspaces of companies, as far as anybody has noted them: some of another company, some
/// free-mail, some of two companies.
fn workspace_domains_csv(random: &mut Random, workspaces: &[Workspace]) -> String {
    let mut csv = String::from("workspace_id,sso_domain,billing_domain,billing_entity\n");
    for workspace in workspaces {
        let Some(account) = workspace.account else { continue };
        let domain = format!("{}.example", COMPANIES[account].1);
        let billing = match random.below(100) {
            0..42 => domain.clone(),
            42..52 => format!("Billing@{}", domain.to_uppercase()),
            52..60 => "bookkeeper@gmail.com".to_owned(),
            60..66 => format!("{}.example", random.pick(&COMPANIES).1),
            66..74 => HOLDING.to_owned(),
            74..80 => JOINT_VENTURE.to_owned(),
            _ => String::new(),
        };
        let sso = if random.chance(350) { domain.clone() } else { String::new() };
        let entity = if random.chance(500) { format!("be-{}", account_id(Some(account))) } else { String::new() };
        if billing.is_empty() && sso.is_empty() && entity.is_empty() {
            continue;
        }
        writeln!(csv, "{},{sso},{billing},{entity}", workspace.id).expect("writing to a string cannot fail");
        if random.chance(80) {
            writeln!(csv, "{},EU.{domain},,", workspace.id).expect("writing to a string cannot fail");
        }
    }
    csv
}

/// Further domains of the companies.
fn account_domains_csv(random: &mut Random) -> String {
    let mut csv = String::from("account_id,domain\n");
    for (index, (_, label, ..)) in COMPANIES.iter().enumerate() {
        let account = account_id(Some(index));
        if random.chance(300) {
            writeln!(csv, "{account},eu.{label}.example").expect("writing to a string cannot fail");
        }
        if index < 2 {
            writeln!(csv, "{account},{HOLDING}").expect("writing to a string cannot fail");
        }
        if index == 3 || index == 4 {
            writeln!(csv, "{account},{JOINT_VENTURE}").expect("writing to a string cannot fail");
        }
    }
    csv
}

/// What somebody has decided by hand: whose a workspace is, whose a domain is, and one more reason for an account.
fn account_exceptions_csv(workspaces: &[Workspace]) -> String {
    let mut csv = String::from("workspace_id,exception,domain,account_id\n");
    let private = &workspaces[WORKSPACES - 1].id;
    let linked = &workspaces[WORKSPACES - 2].id;
    writeln!(csv, "{private},pin,,{}", account_id(Some(2))).expect("writing to a string cannot fail");
    writeln!(csv, "{linked},link,,{}", account_id(Some(5))).expect("writing to a string cannot fail");
    writeln!(csv, ",pin,{JOINT_VENTURE},{}", account_id(Some(3))).expect("writing to a string cannot fail");
    csv
}

fn events_csv(random: &mut Random, events: &[Event]) -> String {
    let mut csv = String::from("event_id,event,user_id,anonymous_id,workspace_id,occurred_at,source,properties\n");
    for (index, event) in events.iter().enumerate() {
        let occurred_at = if event.timestamp_lost { String::new() } else { timestamp(event.occurred_at) };
        let (source, properties) = details::context(random, event);
        writeln!(
            csv,
            "e{:05},{},{},{},{},{occurred_at},{source},{properties}",
            index + 1,
            event.event,
            event.user_id,
            event.anonymous_id,
            event.workspace_id
        )
        .expect("writing to a string cannot fail");
    }
    csv
}

fn account_id(account: Option<usize>) -> String {
    account.map(|index| format!("a{:02}", index + 1)).unwrap_or_default()
}

/// ISO-8601 in UTC, to the second.
fn timestamp(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0)
        .expect("every time lies within a few years of the period")
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_files_are_what_the_generator_makes() {
        let folder = crate::paths::root().join("sample");
        for file in generate() {
            let committed = std::fs::read_to_string(folder.join(file.name)).expect("sample/ is committed");
            assert!(committed == file.text, "sample/{} differs: run `cargo xtask sample`", file.name);
        }
    }

    #[test]
    fn sample_stays_small_enough_to_commit() {
        let bytes: usize = generate().iter().map(|file| file.text.len()).sum();
        assert!(bytes < 1_500_000, "the sample has {bytes} bytes");
    }

    #[test]
    fn period_is_the_documented_one() {
        assert_eq!(timestamp(START), "2026-04-02T00:00:00Z");
        assert_eq!(timestamp(END - 1), "2026-06-30T23:59:59Z");
    }
}

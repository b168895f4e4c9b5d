//! What further systems know of users, workspaces, companies and subscriptions, as columns beside those that were there
//! first; which event is the use of which feature; and campaigns.

use std::fmt::Write as _;

use super::{
    COMPANIES, DAY, END, Event, HOUR, Random, START, Story, TEAMS, User, Workspace, account_id, office_time, timestamp,
};

/// Which event is the use of which feature; an automation that runs uses two. What is not here is the use of none.
pub const FEATURE_CATALOGUE: &str = "event,feature,use_case,is_key_event\n\
    core_feature_used,Editor,Build,false\n\
    key_action_completed,Editor,Build,true\n\
    first_value_delivered,Publishing,Build,true\n\
    automation_run,Automations,Automate,true\n\
    automation_run,Integrations,Automate,false\n\
    uninstall_integration,Integrations,Automate,false\n\
    report_viewed,Reports,Understand,false\n\
    invite_sent,Sharing,Collaborate,true\n\
    invite_accepted,Sharing,Collaborate,true\n\
    dashboard_shared,Sharing,Collaborate,false\n";

/// Finer industry and known tools of each company, in the order of `COMPANIES`; nobody has found out about all.
const PROFILES: [(&str, &str); 20] = [
    ("Frozen food", "Snowflake, Tableau"),
    ("Retail banking", "BigQuery, Looker"),
    ("Sea freight", ""),
    ("Data tools", "DuckDB, dbt"),
    ("Hospitals", "Snowflake"),
    ("", "BigQuery"),
    ("Life insurance", "Snowflake, dbt"),
    ("", ""),
    ("Wind power", "BigQuery, dbt"),
    ("Fashion", ""),
    ("Industrial robots", "Snowflake"),
    ("Magazines", ""),
    ("Developer tools", "BigQuery, dbt"),
    ("Mobile games", "BigQuery"),
    ("Road freight", ""),
    ("Higher education", "Snowflake"),
    ("Monitoring", "DuckDB"),
    ("Biotechnology", "Snowflake, dbt"),
    ("", ""),
    ("Mobile networks", "BigQuery, Looker"),
];

/// Lines of a CSV file with further columns at the end of each.
fn with_columns(csv: &str, header: &str, mut cells: impl FnMut(usize) -> String) -> String {
    let mut lines = csv.lines();
    let mut wider = format!("{},{header}\n", lines.next().unwrap_or_default());
    for (index, line) in lines.enumerate() {
        writeln!(wider, "{line},{}", cells(index)).expect("writing to a string cannot fail");
    }
    wider
}

/// Title and department, which some users have not told.
pub fn with_jobs(random: &mut Random, csv: &str, users: &[User]) -> String {
    with_columns(csv, "title,department", |index| {
        let department = random.pick(&TEAMS);
        let title = match users[index].role {
            "vp" => format!("VP {department}"),
            "director" => format!("Director of {department}"),
            "manager" => format!("{department} Manager"),
            "student" => "Student".to_owned(),
            "target_ic" => format!("{department} {}", random.pick(&["Analyst", "Specialist", "Engineer"])),
            "workspace_admin" => random.pick(&["Head of Operations", "Founder", "Team Lead", ""]).to_owned(),
            _ => String::new(),
        };
        let department = if title.is_empty() || random.chance(120) { "" } else { department };
        format!("{title},{department}")
    })
}

/// Status, domain, billing contact, region and owners.
pub fn with_owners(random: &mut Random, csv: &str, workspaces: &[Workspace]) -> String {
    let header = "status,primary_domain,billing_contact_email,region,owner_team,owner_user";
    with_columns(csv, header, |index| {
        let workspace = &workspaces[index];
        let status = match workspace.story {
            Story::Abandoned if random.chance(400) => "deleted",
            Story::Abandoned | Story::Trial if workspace.created_at + 14 * DAY < END => "trial ended",
            _ => "active",
        };
        let Some(account) = workspace.account else { return format!("{status},,,,,") };
        let (_, label, _, country, employees) = COMPANIES[account];
        let pays = matches!(workspace.story, Story::Established | Story::Converted | Story::Churning);
        let billing = if pays { format!("billing@{label}.example") } else { String::new() };
        let region = match country {
            "US" | "CA" => "us",
            "AU" | "JP" => "ap",
            _ => "eu",
        };
        let (team, people) = match employees {
            0..200 => ("Growth", ["", ""]),
            200..2000 => ("Mid-market", ["Kira", "Noor"]),
            _ => ("Enterprise", ["Hugo", "Vera"]),
        };
        format!("{status},{label}.example,{billing},{region},{team},{}", random.pick(&people))
    })
}

/// Finer industry, tools, owner and stage in the CRM, which follows what has become of the workspaces.
pub fn with_profiles(random: &mut Random, csv: &str, workspaces: &[Workspace]) -> String {
    with_columns(csv, "sub_industry,tech_stack,owner,lifecycle_stage", |index| {
        let (sub_industry, tools) = PROFILES[index];
        let has = |story: Story| workspaces.iter().any(|it| it.account == Some(index) && it.story == story);
        let stage = match (has(Story::Churning), has(Story::Established) || has(Story::Converted), has(Story::Trial)) {
            (true, _, _) => "Churn Risk",
            (_, true, true) => "Expansion",
            (_, true, _) => "Customer",
            (_, _, true) => random.pick(&["PQL", "SQL"]),
            _ => "Prospect",
        };
        let owner = if random.chance(700) { random.pick(&["Hugo", "Vera", "Kira", "Noor"]) } else { "" };
        // The list of tools has commas.
        let tools = if tools.is_empty() { String::new() } else { format!("\"{tools}\"") };
        format!("{sub_industry},{tools},{owner},{stage}")
    })
}

/// Begin of the trial, yearly revenue, billing and who pays, of subscriptions to workspaces.
pub fn with_billing(random: &mut Random, csv: &str, workspaces: &[Workspace]) -> String {
    let header = "trial_started_at,arr,period,renewal_at,billing_entity,deployment";
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    with_columns(csv, header, |index| {
        let workspace = &workspaces[index];
        let [mrr, trial_end, canceled] = [4, 7, 8].map(|column| rows[index][column]);
        let mrr: i64 = mrr.parse().unwrap_or_default();
        let trial_start = if trial_end.is_empty() { String::new() } else { timestamp(workspace.created_at) };
        let is_yearly = random.chance(350);
        let period = match mrr {
            0 => "",
            _ if is_yearly => "year",
            _ => "month",
        };
        let days = if is_yearly { 365 } else { 30 };
        let periods = (END - workspace.created_at) / (days * DAY) + 1;
        let renewal = match mrr {
            0 => String::new(),
            _ if !canceled.is_empty() => String::new(),
            _ => timestamp(workspace.created_at + periods * days * DAY),
        };
        // One company pays for all of its workspaces; of who pays nothing nobody asks.
        let entity = match workspace.account {
            Some(account) if mrr > 0 => format!("be-{}", account_id(Some(account))),
            _ => String::new(),
        };
        // Some billing systems know the month only.
        let arr = if random.chance(150) { String::new() } else { (mrr * 12).to_string() };
        format!("{trial_start},{arr},{period},{renewal},{entity},saas")
    })
}

/// What opportunities would bring, which sales has not noted for all.
pub fn with_amounts(random: &mut Random, csv: &str) -> String {
    with_columns(csv, "amount", |_| {
        let amount = random.between(2, 48) * 750;
        if random.chance(150) { String::new() } else { amount.to_string() }
    })
}

/// Where each event was recorded, and what it says beside its name; both as cells of a CSV file.
pub fn context(random: &mut Random, event: &Event) -> (&'static str, String) {
    let source = match (event.event, random.below(100)) {
        ("automation_run", 0..70) => "api",
        (_, 0..2) => "",
        (_, 2..14) => "mobile",
        _ => "web",
    };
    let (name, value) = match event.event {
        "report_viewed" => ("report", random.pick(&["weekly", "funnel", "cohorts"])),
        "pricing_page_view" => ("plan", random.pick(&["team", "business"])),
        "usage_limit_hit" => ("limit", random.pick(&["runs", "seats"])),
        _ => return (source, String::new()),
    };
    (source, format!("\"{{\"\"{name}\"\":\"\"{value}\"\"}}\""))
}

/// A campaign: its name, the day of the period on which it was sent, and how many of a thousand open it.
const CAMPAIGNS: [(&str, i64, u64); 3] =
    [("spring webinar", 12, 420), ("limits explained", 47, 610), ("we miss you", 70, 180)];

/// Messages of campaigns and what came back: contacts of the CRM get the webinar, users the rest, and those of customers
/// who have gone quiet the last one.
pub fn campaigns_csv(random: &mut Random, users: &[User], workspaces: &[Workspace]) -> (String, String) {
    let mut sends = String::from("campaign,contact_id,user_id,sent_at\n");
    let mut responses = String::from("campaign,contact_id,user_id,responded_at,response\n");
    for (number, (campaign, day, opened)) in CAMPAIGNS.iter().enumerate() {
        let sent_at = office_time(random, START + day * DAY);
        for user in users.iter().filter(|user| user.joined_at < sent_at) {
            let workspace = &workspaces[user.workspace];
            let contact = user.crm_contact_id.as_deref().unwrap_or("");
            let is_for_them = match number {
                0 => !contact.is_empty(),
                1 => random.chance(350),
                _ => workspace.quiet_from < sent_at,
            };
            if !is_for_them {
                continue;
            }
            let user_id = if number == 0 { "" } else { &user.id };
            let recipient = format!("{campaign},{contact},{user_id}");
            writeln!(sends, "{recipient},{}", timestamp(sent_at)).expect("writing to a string cannot fail");
            let opens = if user.is_keen { opened + 250 } else { *opened };
            if !random.chance(opens) {
                continue;
            }
            let mut at = sent_at + random.between(1, 60) * HOUR;
            for (response, chance) in [("opened", 1000), ("clicked", 380), ("replied", 120)] {
                if !random.chance(chance) || at >= END {
                    break;
                }
                writeln!(responses, "{recipient},{},{response}", timestamp(at))
                    .expect("writing to a string cannot fail");
                at += random.between(1, 30) * HOUR;
            }
        }
    }
    // Somebody forwarded the invitation: a response of who got no message.
    writeln!(responses, "{},c79998,,{},clicked", CAMPAIGNS[0].0, timestamp(START + 15 * DAY))
        .expect("writing to a string cannot fail");
    (sends, responses)
}

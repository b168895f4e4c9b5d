//! Customers who run the product themselves: their subscriptions, and what their installations report.
//!
//! Most report every month, one twice in the same month. One cannot reach the outside, one has stopped reporting, one has
//! never updated, one reports from two installations, and somebody's trial installation names a subscription that nobody
//! knows.

use std::fmt::Write as _;

use super::{DAY, END, HOUR, Random, START, account_id, timestamp};

/// A self-managed subscription.
struct Contract {
    account: usize,
    seats: i64,
    /// How many of a hundred seats are in use at first, and how many more each month.
    used: i64,
    growth: i64,
    status: &'static str,
    versions: [&'static str; 3],
    installation_type: &'static str,
    reports: Reports,
}

#[derive(PartialEq)]
enum Reports {
    EveryMonth,
    /// Twice in the last month: the later one counts.
    TwiceInTheLast,
    FromTwoInstallations,
    /// Seats are reported by hand, and nothing else.
    SeatsOnly,
    OnlyInTheFirst,
    Nothing,
}

/// In how many months of 30 days pings are made.
const MONTHS: i64 = 3;

#[rustfmt::skip]
const CONTRACTS: [Contract; 8] = [
    Contract { account: 1, seats: 400, used: 70, growth: 8, status: "active", versions: ["4.8.1", "4.9.0", "4.9.0"], installation_type: "kubernetes", reports: Reports::EveryMonth },
    Contract { account: 19, seats: 650, used: 92, growth: 6, status: "active", versions: ["4.8.1", "4.8.1", "4.9.0"], installation_type: "kubernetes", reports: Reports::FromTwoInstallations },
    Contract { account: 6, seats: 220, used: 55, growth: -9, status: "active", versions: ["4.2.3", "4.2.3", "4.2.3"], installation_type: "package", reports: Reports::EveryMonth },
    Contract { account: 8, seats: 180, used: 64, growth: 3, status: "active", versions: ["4.7.2", "4.8.0", "4.9.0"], installation_type: "docker", reports: Reports::TwiceInTheLast },
    Contract { account: 15, seats: 90, used: 40, growth: 0, status: "past_due", versions: ["4.6.0", "", ""], installation_type: "docker", reports: Reports::OnlyInTheFirst },
    Contract { account: 17, seats: 300, used: 81, growth: 2, status: "active", versions: ["", "", ""], installation_type: "", reports: Reports::SeatsOnly },
    Contract { account: 4, seats: 120, used: 0, growth: 0, status: "active", versions: ["", "", ""], installation_type: "", reports: Reports::Nothing },
    Contract { account: 10, seats: 75, used: 30, growth: -10, status: "canceled", versions: ["4.1.0", "4.1.0", ""], installation_type: "source", reports: Reports::EveryMonth },
];

fn subscription_id(number: usize) -> String {
    format!("s{:03}", 101 + number)
}

/// The rows of self-managed subscriptions, in the columns of subscriptions.csv.
pub fn subscriptions(random: &mut Random) -> String {
    let mut rows = String::new();
    for (number, contract) in CONTRACTS.iter().enumerate() {
        let started_on = START - random.between(40, 340) * DAY;
        let canceled_at =
            if contract.status == "canceled" { timestamp(START + 65 * DAY + 9 * HOUR) } else { String::new() };
        let mrr = if contract.status == "canceled" { 0 } else { contract.seats * 22 };
        writeln!(
            rows,
            "{},,enterprise,{},{mrr},{},{},,{canceled_at},,{},year,{},be-{},self_managed",
            subscription_id(number),
            contract.status,
            contract.seats,
            timestamp(started_on),
            mrr * 12,
            timestamp(started_on + 365 * DAY),
            account_id(Some(contract.account))
        )
        .expect("writing to a string cannot fail");
    }
    rows
}

/// What the installations report of their use.
pub fn usage_pings_csv(random: &mut Random) -> String {
    let mut csv = String::from("subscription_id,created_at,installation_id,version,installation_type,payload\n");
    for (number, contract) in CONTRACTS.iter().enumerate() {
        let installations = if contract.reports == Reports::FromTwoInstallations { 2 } else { 1 };
        for installation in 0..installations {
            let hour = random.between(0, 23);
            // All-time counts go on from what came before the period.
            let mut all_time = contract.seats * random.between(150, 400) / installations;
            for month in 0..MONTHS {
                let version = contract.versions[month as usize];
                let is_silent = matches!(contract.reports, Reports::SeatsOnly | Reports::Nothing)
                    || contract.reports == Reports::OnlyInTheFirst && month > 0;
                if is_silent || version.is_empty() {
                    continue;
                }
                let again = contract.reports == Reports::TwiceInTheLast && month == MONTHS - 1;
                for day in if again { vec![3, 24] } else { vec![3] } {
                    let made_at = START + (month * 30 + day) * DAY + hour * HOUR;
                    let users = contract.seats * (contract.used + contract.growth * month) / 100 / installations;
                    let weekly = users * random.between(45, 65) / 100;
                    let monthly = users * random.between(70, 95) / 100;
                    all_time += users * random.between(20, 40);
                    let payload = payload(random, version, users, weekly, monthly, all_time);
                    writeln!(
                        csv,
                        "{},{},i{:02}{},{version},{},\"{}\"",
                        subscription_id(number),
                        timestamp(made_at),
                        number + 1,
                        ["a", "b"][installation as usize],
                        contract.installation_type,
                        payload.replace('"', "\"\"")
                    )
                    .expect("writing to a string cannot fail");
                }
            }
        }
    }
    let payload = payload(random, "4.9.0", 3, 2, 3, 40).replace('"', "\"\"");
    writeln!(csv, "s999,{},i99a,4.9.0,docker,\"{payload}\"", timestamp(END - 12 * DAY))
        .expect("writing to a string cannot fail");
    csv
}

/// A ping; before version 4.5 there were no weekly aggregates.
fn payload(random: &mut Random, version: &str, users: i64, weekly: i64, monthly: i64, all_time: i64) -> String {
    let share = |random: &mut Random, of: i64, low: i64, high: i64| of * random.between(low, high) / 100;
    let mut aggregates = |users: i64| {
        format!(
            "{{\"aggregated_metrics\":{{\"core_feature_users\":{users},\"automation_users\":{},\"report_users\":{}}}}}",
            share(random, users, 20, 50),
            share(random, users, 5, 35)
        )
    };
    let weekly = if matches!(version, "4.1.0" | "4.2.3") {
        String::new()
    } else {
        format!(",\"counts_weekly\":{}", aggregates(weekly))
    };
    let monthly = aggregates(monthly);
    let nodes = users / 60 + 1;
    format!(
        "{{\"active_user_count\":{users},\"counts\":{{\"aggregate_core_feature_used\":{all_time},\
        \"aggregate_automation_run\":{},\"nodes\":{nodes},\"runners\":{}}}{weekly},\"counts_monthly\":{monthly}}}",
        all_time / 4,
        nodes * random.between(1, 4)
    )
}

/// How many seats are in use, as the installations report once a month.
pub fn seat_links_csv(random: &mut Random) -> String {
    let mut csv = String::from("subscription_id,created_at,billable_seats,max_seats\n");
    for (number, contract) in CONTRACTS.iter().enumerate() {
        if contract.reports == Reports::Nothing {
            continue;
        }
        let mut most = 0;
        for month in 0..MONTHS {
            if contract.reports == Reports::OnlyInTheFirst && month > 0
                || contract.status == "canceled" && month == MONTHS - 1
            {
                continue;
            }
            let reported_at = START + (month * 30 + 4) * DAY + random.between(0, 23) * HOUR;
            let seats = contract.seats * (contract.used + contract.growth * month) / 100;
            most = most.max(seats + random.between(0, 5));
            writeln!(csv, "{},{},{seats},{most}", subscription_id(number), timestamp(reported_at))
                .expect("writing to a string cannot fail");
        }
    }
    csv
}

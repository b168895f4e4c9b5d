// The facts of a workspace at a moment, as the dbt package computes them in plg_workspace_signals: what the conditions of a
// model read. There they are SQL, which a page has not; a test holds both against each other over the sample.
// sessions_7d and sessions_14d are not here and so unknown.

const DAY = 86_400_000;

const KEY_FEATURES = ["core_feature_used", "automation_run", "report_viewed"];
const NOT_ACTIVE = ["workspace_downgraded", "uninstall_integration"];
const BUYER_PERSONAS = ["economic buyer"];
const HABIT = { days: 3, withinDays: 7 };

const time = (text) => (text ? Date.parse(text) : null);
const iso = (milliseconds) => (milliseconds === null ? null : new Date(milliseconds).toISOString());
const dayOf = (milliseconds) => Math.floor(milliseconds / DAY);

/**
 * The events of a workspace with the one event that products do not send: the first moment a user is active there. Events
 * are {user_id, event, occurred_at}; the order is kept, what is added stands at the end.
 */
export function withFirstDays(events) {
  const first = new Map();
  for (const { user_id, event, occurred_at } of events) {
    if (!user_id || event === "new_active_user_day" || NOT_ACTIVE.includes(event)) continue;
    const at = time(occurred_at);
    if (!(at >= first.get(user_id)?.at)) first.set(user_id, { at, occurred_at });
  }
  const added = [...first].map(([user_id, { occurred_at }]) => ({ user_id, event: "new_active_user_day", occurred_at }));
  return [...events, ...added];
}

/** The users who had joined, or of whom it is not known when they did. */
export function usersAt(workspace, asOf) {
  return workspace.users.filter(({ joined_at }) => !joined_at || time(joined_at) <= asOf);
}

/**
 * The facts. `users` are those of usersAt with the role that was found for them; `events` are raw, without first days.
 * What is not known is null.
 */
export function factsOf({ workspace, users, events, adminRoles, asOf }) {
  const account = workspace.account ?? {};
  const today = dayOf(asOf);
  const rows = events
    .filter(({ event, occurred_at }) => event && occurred_at && time(occurred_at) <= asOf)
    .map(({ user_id, event, occurred_at }) => ({ user_id, event, at: time(occurred_at), day: dayOf(time(occurred_at)) }))
    .sort((a, b) => a.at - b.at);
  // The UTC days that end on the day of asOf, or ended some days before.
  const within = (days, ended = 0) => ({ day }) => day > today - ended - days && day <= today - ended;
  const count = (days, ...names) => rows.filter((row) => names.includes(row.event)).filter(within(days)).length;
  const distinct = (list, key) => new Set(list.map((row) => row[key])).size;
  const active = rows.filter((row) => row.user_id && !NOT_ACTIVE.includes(row.event) && row.event !== "new_active_user_day");
  const firstOf = (...names) => rows.find(({ event }) => names.includes(event))?.at ?? null;
  const total = (name) => rows.filter(({ event }) => event === name).length;

  const wau = distinct(active.filter(within(7)), "user_id");
  const mau = distinct(active.filter(within(28)), "user_id");
  const features = (days) => distinct(rows.filter((row) => KEY_FEATURES.includes(row.event)).filter(within(days)), "event");
  const firstKeyAction = firstOf("key_action_completed");
  const created = time(workspace.created_at) ?? rows[0]?.at ?? null;
  const path = new Map();
  if (firstKeyAction !== null) {
    for (const { event, at } of rows) {
      if (at <= firstKeyAction && !path.has(event)) path.set(event, at);
    }
  }
  const coreDays = new Map();
  for (const { event, user_id, at, day } of rows) {
    if (event === "core_feature_used" && user_id && !coreDays.has(day)) coreDays.set(day, at);
  }
  const days = [...coreDays];
  const habit = days.find(([day], i) => i >= HABIT.days - 1 && day - days[i - HABIT.days + 1][0] < HABIT.withinDays);

  // Subscriptions in force; a trial that is over was one until then, whatever came after.
  const inForce = workspace.subscriptions.filter(({ started_at, canceled_at, status }) =>
    (!started_at || time(started_at) <= asOf) &&
    ((!canceled_at && status !== "canceled") || time(canceled_at) > asOf));
  const trials = inForce.filter(({ status, trial_ends_at }) => status === "trialing" && time(trial_ends_at) >= asOf);
  const trialEnd = trials.length ? Math.max(...trials.map(({ trial_ends_at }) => time(trial_ends_at))) : null;
  const seats = inForce.filter(({ seats }) => seats !== null);
  const personas = users.filter(({ persona }) => persona);
  const integrations = total("install_integration") - total("uninstall_integration");

  return {
    type: workspace.type ?? "prod",
    created_at: iso(created),
    time_to_activation_hours: firstKeyAction === null || created === null ? null : ((firstKeyAction - created) / DAY) * 24,
    activation_path: firstKeyAction === null ? null
      : [...path].sort(([a, at], [b, bt]) => at - bt || (a < b ? -1 : 1)).map(([event]) => event).join(" > "),
    first_key_action_at: iso(firstKeyAction),
    first_invite_sent_at: iso(firstOf("invite_sent")),
    first_integration_installed_at: iso(firstOf("install_integration")),
    habit_reached_at: iso(habit ? habit[1] : null),
    wau,
    mau,
    wau_mau_ratio: mau ? wau / mau : null,
    lifetime_active_users: distinct(active, "user_id"),
    active_days_14d: distinct(active.filter(within(14)), "day"),
    core_feature_days_used_14d: distinct(rows.filter(({ event }) => event === "core_feature_used").filter(within(14)), "day"),
    core_feature_adoption_count_14d: features(14),
    core_feature_adoption_count_30d: features(30),
    key_feature_adoption_ratio: features(30) / KEY_FEATURES.length,
    core_actions_7d: count(7, "core_feature_used"),
    automation_runs_7d: count(7, "automation_run"),
    invites_sent_7d: count(7, "invite_sent"),
    invites_sent_14d: count(14, "invite_sent"),
    invites_accepted_7d: count(7, "invite_accepted"),
    active_seats_7d: wau,
    seat_growth_30d: wau - distinct(active.filter(within(7, 30)), "user_id"),
    seats: seats.length ? seats.reduce((sum, row) => sum + row.seats, 0) : null,
    integration_installed_count: Math.max(0, integrations),
    integration_installs_30d: count(30, "install_integration"),
    crm_connected: firstOf("crm_connected") !== null,
    data_warehouse_export_enabled: firstOf("data_warehouse_export_enabled") !== null,
    trial_days_remaining: trialEnd === null ? null : (trialEnd - asOf) / DAY,
    is_paid: inForce.length ? inForce.some(({ mrr, status }) => mrr > 0 && ["active", "past_due"].includes(status)) : null,
    upgrade_clicks_7d: count(7, "upgrade_click"),
    pricing_page_views_7d: count(7, "pricing_page_view"),
    usage_limit_hits_30d: count(30, "usage_limit_hit"),
    api_rate_limit_hits_7d: count(7, "api_rate_limit_hit"),
    last_active_at: iso(active.length ? active.at(-1).at : null),
    has_admin: users.some(({ role }) => adminRoles.includes(role)),
    has_buyer: personas.length ? personas.some(({ persona }) => BUYER_PERSONAS.includes(persona)) : null,
    employee_count: account.employee_count ?? null,
    industry: account.industry ?? null,
    hq_region: account.hq_region ?? null,
    uses_data_warehouse: account.uses_data_warehouse ?? null,
    has_business_domain: account.has_business_domain ?? null,
    segment: account.segment ?? null,
    account_ae: account.account_ae ?? null,
  };
}

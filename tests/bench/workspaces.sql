-- What one has before scoring: events, users and facts of $workspaces workspaces with about $events events, in no order.
-- Some two fifths of the events are of the two rules of depth, a tenth is of names that no model lists, 2 % have no user, one in 200 is
-- older than the horizon or after the point of view; one workspace in 200 has a loop. Younger events are more frequent than older ones.
CREATE OR REPLACE MACRO draw(row_number, column_number, most) AS (hash(row_number, column_number) % most)::BIGINT;

CREATE OR REPLACE TABLE events AS
SELECT
    draw(i, 0, $workspaces) AS workspace_id,
    CASE
        WHEN draw(i, 1, 50) > 0 THEN 'user-' || draw(i, 0, $workspaces) || '-' || least(draw(i, 2, 8), draw(i, 3, 8))
    END AS user_id,
    [
        'core_feature_used', 'core_feature_used', 'core_feature_used', 'core_feature_used', 'core_feature_used',
        'automation_run', 'automation_run', 'automation_run', 'pricing_page_view', 'pricing_page_view',
        'invite_sent', 'invite_accepted', 'new_active_user_day', 'key_action_completed', 'first_value_delivered',
        'upgrade_click', 'usage_limit_hit', 'settings_opened', 'page_view',
        ['workspace_created', 'workspace_downgraded', 'uninstall_integration', 'page_view'][1 + draw(i, 5, 4)]
    ][1 + draw(i, 4, 20)] AS event,
    TIMESTAMP '2026-07-01' - to_microseconds(
        CASE draw(i, 6, 200)
            WHEN 0 THEN CASE WHEN draw(i, 7, 2) = 0 THEN -86400000000 ELSE 400 * 86400000000 END
            ELSE (180 * 86400e6 * pow((draw(i, 8, 1000003)) / 1000003, 1.5))::BIGINT
        END
    ) AS occurred_at
FROM range($events) AS numbers(i);

INSERT INTO events
SELECT
    loop_id * 200, 'user-' || loop_id * 200 || '-' || loop_id % 8, 'automation_run',
    TIMESTAMP '2026-06-01' + to_days((loop_id % 30)::INTEGER) + to_microseconds(10000000 * i)
FROM range($workspaces // 200) AS loops(loop_id), range(200) AS numbers(i);

CREATE OR REPLACE TABLE users AS
SELECT
    workspace_id,
    'user-' || workspace_id || '-' || n AS user_id,
    [
        'workspace_admin', 'manager', 'vp', 'target_ic', 'student', NULL, 'personal_email', 'guest', NULL, NULL
    ][1 + draw(workspace_id, n, 10)] AS role,
    CASE draw(workspace_id, n + 100, 20) WHEN 0 THEN 'champion' WHEN 1 THEN 'economic buyer' WHEN 2 THEN 'user' END AS persona
FROM range($workspaces) AS workspaces(workspace_id), range(8) AS users(n);

CREATE OR REPLACE TABLE facts AS
SELECT
    workspace_id,
    CASE WHEN draw(workspace_id, 1, 3) = 0 THEN draw(workspace_id, 2, 14) END::DOUBLE AS trial_days_remaining,
    (draw(workspace_id, 3, 15))::DOUBLE AS active_days_14d,
    CASE WHEN draw(workspace_id, 4, 4) > 0 THEN draw(workspace_id, 5, 3000) END::DOUBLE AS employee_count,
    ['software', 'media', 'retail', NULL][1 + draw(workspace_id, 6, 4)] AS industry,
    ['europe', 'north america', 'asia', NULL][1 + draw(workspace_id, 7, 4)] AS hq_region,
    [true, false, NULL][1 + draw(workspace_id, 8, 3)] AS uses_data_warehouse,
    [true, false, NULL][1 + draw(workspace_id, 9, 3)] AS has_business_domain,
    CASE WHEN draw(workspace_id, 10, 2) = 0 THEN TIMESTAMP '2026-05-01' END AS first_key_action_at,
    CASE WHEN draw(workspace_id, 11, 2) = 0 THEN TIMESTAMP '2026-05-02' END AS first_invite_sent_at
FROM range($workspaces) AS workspaces(workspace_id);

"""Arguments of any size give a result or a clear error, and never end the process."""

MODEL = '{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1000}], "events": [{"event": "e", "bucket": "b", ' \
        '"scope": "user", "points": 2, "decay": {"kind": "none"}}]}'
AS_OF = "TIMESTAMP '2026-06-30'"
EVENT = f"{{'event': 'e', 'occurred_at': {AS_OF}}}"


def test_many_long_lists_are_answered_in_parts(connection):
    # 2,000 lists of 5,000 events in one vector are 240 MB of columns.
    connection.execute(f"CREATE TABLE histories AS SELECT i, list({EVENT}) AS events "
                       "FROM range(2000) AS users(i), range(5000) AS events(n) WHERE n > i % 2 GROUP BY i")
    wrong = connection.execute(f"""
        SELECT count(*) FROM histories
        WHERE plg_score_events(events, 'any', '{MODEL}', {AS_OF}).contributions[1].count <> 4999 - i % 2
    """).fetchone()
    assert wrong == (0,)


def test_a_list_that_no_module_can_hold_is_an_error_that_says_so(connection, message, value):
    events = f"(SELECT list({EVENT}) AS events FROM range(60000000))"
    huge = f"SELECT plg_score_events(events, 'any', '{MODEL}', {AS_OF}) FROM {events}"
    assert message(huge) == "plg.score_events: the arguments are too large"
    assert value(f"SELECT plg_score_events([{EVENT}], 'any', '{MODEL}', {AS_OF}).total") == 2.0


def test_a_module_that_runs_out_of_memory_is_dropped_and_the_next_call_answered(message, value):
    links = "(SELECT list({'id_a': 'left-' || i, 'id_b': 'right-' || i}) AS links FROM range(16000000) AS rows(i))"
    exhausting = f"SELECT len(plg_identity_merge(links)) FROM {links}"
    assert message(exhausting) == "plg.identity_merge: the arguments are too large"
    assert value("SELECT len(plg_identity_merge([{'id_a': 'a', 'id_b': 'b'}]))") == 2


def test_huge_texts_are_answered(value):
    assert value("SELECT len(plg_identity_merge([{'id_a': repeat('x', 50000000), 'id_b': 'y'}])[1].identifier)") == 50_000_000

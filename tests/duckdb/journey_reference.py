"""Journeys a second time, slowly, from docs/semantics.md: what `journey` answers. Conditions are the caller's."""

from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
NEVER = float("inf")
PATH = 1_000


def microseconds(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // MICROSECOND


def iso(time):
    return None if time is None else (EPOCH + time * MICROSECOND).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def listed(value):
    return value if isinstance(value, list) else [value]


def delay(object):
    hours = object["after_days"] * 24 if "after_days" in object else object["after_hours"]
    return round(hours * 3_600_000_000)


class Machine:
    """A machine's JSON with questions about it."""

    def __init__(self, json):
        self.initial = json["initial"]
        self.states = {state["name"]: state for state in json["states"]}
        self.transitions = json["transitions"]
        # In the order in which the transitions first name them.
        self.events = list(dict.fromkeys(event for each in self.transitions for event in listed(each["on"])))
        re_entry = json.get("re_entry", "never")
        self.re_entry = {"never": NEVER, "always": 0}[re_entry] if isinstance(re_entry, str) else delay(re_entry)

    def timeout(self, state):
        """How long after entering it elapses, and where it leads; None is out of the journey."""
        entry = self.states.get(state, {})
        if "after_days" not in entry and "after_hours" not in entry:
            return None
        return delay(entry), entry.get("to")

    def leads_from(self, transition, state):
        sources = transition.get("from", "*")
        if sources != "*":
            return state in listed(sources)
        return state != transition.get("to")


def journey(events, machine, as_of, truth, tie):
    """`truth(condition, event)` is True, False or None; `tie(event)` orders events of one instant and name."""
    ignored = dict.fromkeys(
        ["no_event", "unknown_event", "no_timestamp", "after_as_of", "not_enrolled", "re_entry", "no_transition"], 0
    )
    counted = []
    for event in events:
        if event.get("event") is None:
            ignored["no_event"] += 1
        elif event["event"] not in machine.events:
            ignored["unknown_event"] += 1
        elif event.get("occurred_at") is None:
            ignored["no_timestamp"] += 1
        elif event["occurred_at"] > as_of:
            ignored["after_as_of"] += 1
        else:
            counted.append(event)
    counted.sort(key=lambda event: (event["occurred_at"], machine.events.index(event["event"]), tie(event)))

    # Every move so far: state, time, cause. Before the first one there is no state.
    moves = []
    # What the clock of the state's timeout shows: since when it runs, and how much it had before.
    since = paused_at = None
    used = 0

    def state():
        return moves[-1][0] if moves else None

    def due():
        timeout = machine.timeout(state())
        return None if timeout is None or paused_at is not None else since + timeout[0] - used

    def enter(name, time, cause):
        nonlocal since, used, paused_at
        moves.append((name, time, cause))
        since, used, paused_at = time, 0, None

    def elapse(until):
        while due() is not None and due() <= until:
            enter(machine.timeout(state())[1], due(), "timeout")

    for event in counted:
        time = event["occurred_at"]
        elapse(time)
        refused = False
        for transition in machine.transitions:
            action = transition.get("do", "move")
            if event["event"] not in listed(transition["on"]):
                continue
            if (action == "enrol") != (state() is None):
                continue
            if action != "enrol" and not machine.leads_from(transition, state()):
                continue
            if (action == "pause" and paused_at is not None) or (action == "resume" and paused_at is None):
                continue
            if "when" in transition and truth(transition["when"], event) is not True:
                continue
            if action == "enrol" and moves and time < moves[-1][1] + machine.re_entry:
                refused = True
                continue
            match action:
                case "enrol":
                    enter(transition.get("to", machine.initial), time, event["event"])
                case "move":
                    enter(transition["to"], time, event["event"])
                case "leave":
                    enter(None, time, event["event"])
                case "pause":
                    used, paused_at = used + time - since, time
                case "resume":
                    since, paused_at = time, None
                case "restart":
                    since, used = time, 0
            break
        else:
            inside = state() is not None
            ignored["no_transition" if inside else "re_entry" if refused else "not_enrolled"] += 1
    elapse(as_of)

    timeout = machine.timeout(state())
    return {
        "state": state(),
        "entered_at": iso(moves[-1][1]) if moves else None,
        "previous_state": moves[-2][0] if len(moves) > 1 else None,
        "paused_at": iso(paused_at),
        "remaining_days": (timeout[0] - used) / DAY if timeout and paused_at is not None else None,
        "next_timeout_at": iso(due()),
        "next_state": timeout[1] if timeout else None,
        "moves": len(moves),
        "path": [{"state": name, "entered_at": iso(time), "cause": cause} for name, time, cause in moves[-PATH:]],
        "ignored": ignored,
    }

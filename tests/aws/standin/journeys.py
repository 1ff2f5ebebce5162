"""Orders through the deployed system, over HTTP, as shops and providers see it."""

import datetime
import json
import time

from checks import Checks, Failed, until
from shop import Shop, order
from stack import STACK, Stack


def over_http(checks: Checks, shop: Shop) -> None:
    """What the gateway hands on, and what comes back."""
    status, headers, body = shop.send("GET", "/v1/orders", Authorization="Bearer om_x_y")
    checks.same("a wrong key is refused", (status, body["code"]), (401, "unauthorized"))
    checks.same("the refusal is a problem document", headers["content-type"], "application/problem+json")
    status, _, body = shop.send("GET", "/v1/nothing")
    checks.same("an unknown path is a 404 of ours", (status, body["code"]), (404, "not_found"))
    status, headers, _ = shop.send("DELETE", "/v1/orders")
    checks.same("another method names the right ones", (status, headers["allow"]), (405, "GET, POST"))
    status, headers, _ = shop.send("GET", "/v1/payments/webhooks/generic")
    checks.same("the webhook's path knows its method", (status, headers["allow"]), (405, "POST"))
    status, _, body = shop.send("GET", "/v1/openapi.json")
    checks.that("the contract is served", status == 200 and "/v1/orders" in body["paths"], status)
    status, _, body = shop.send("POST", "/v1/orders", {"external_id": "x", "lines": []})
    checks.same("mistakes in a body are named", (status, body["code"]), (422, "invalid"))
    status, _, body = shop.send("POST", "/v1/orders", b'{"broken"')
    checks.same("what is not JSON is a 400", (status, body["code"]), (400, "not_json"))


def paid(checks: Checks, shop: Shop, stack: Stack) -> str:
    """Intake, validation, reservation, payment by a signed webhook, e-mail."""
    shop.stock("TEA", 10)
    first = shop.done("POST", "/v1/orders", order("web-1", "TEA", 3))
    checks.same("an order is taken in", first["status"], "received")
    again = shop.done("POST", "/v1/orders", order("web-1", "TEA", 3))
    checks.same("the same order again is the same order", again["id"], first["id"])
    shop.comes_to(first["id"], "awaiting_payment")
    checks.same("its stock is held", shop.stock_of("TEA"),
                "on_hand 10, reserved 3, available 7, waiting 0")
    forged = shop.webhook("e-f", b'{"type":"payment.succeeded","data":{}}', "whsec_d3Jvbmc=")
    checks.same("a webhook signed by somebody else is refused", forged, 400)
    checks.same("a webhook of ours is taken in", shop.pay(first["id"], "30.00", "pay-1", "e-1"), 200)
    shop.comes_to(first["id"], "confirmed")
    checks.same("and taken in again", shop.pay(first["id"], "30.00", "pay-1", "e-1"), 200)
    checks.same("under another name too", shop.pay(first["id"], "30.00", "pay-1", "e-2"), 200)
    until("the webhooks are dealt with", lambda: stack.waiting("payment") == 0)
    money = shop.done("GET", f"/v1/orders/{first['id']}")["payment"]
    checks.same("the money counts once", (money["paid"], money["refund_owed"]), ("30.00", "0.00"))
    for command in ("pick", "pack"):
        shop.done("POST", f"/v1/orders/{first['id']}/{command}", {})
    shop.done("POST", f"/v1/orders/{first['id']}/ship", {"carrier": "DPD", "tracking": "X1"})
    shop.done("POST", f"/v1/orders/{first['id']}/deliver", {})
    checks.same("it is delivered", shop.status(first["id"]), "delivered")
    checks.same("its goods have left", shop.stock_of("TEA"),
                "on_hand 7, reserved 0, available 7, waiting 0")
    wanted = ["received", "validated", "reserved", "awaiting_payment", "confirmed", "picking",
              "packed", "partly_shipped", "shipped", "delivered"]
    until("the history is told", lambda: len(shop.way(first["id"])) == len(wanted))
    checks.same("its history tells its way", shop.way(first["id"]), wanted)
    return first["id"]


def mails(stack: Stack, to: str) -> list[str]:
    """Subjects of the mails to somebody, oldest first."""
    all_of = stack.standin.looked("/_ministack/ses/messages")["messages"]
    return [m["Subject"] for of in all_of.values() for m in of if to in m["To"]]


def told(checks: Checks, shop: Shop, stack: Stack, order_id: str) -> None:
    """E-mail, in the stand-in's outbox."""
    number = shop.done("GET", f"/v1/orders/{order_id}")["number"]
    until("five mails are out", lambda: len(mails(stack, "web-1@example.com")) >= 5)
    time.sleep(2)
    subjects = mails(stack, "web-1@example.com")
    checks.same("the customer is told five things", len(subjects), 5)
    checks.same("no two alike", len(set(subjects)), 5)
    checks.that("each names the order", all(number in s for s in subjects), subjects)


def by_stripe(checks: Checks, shop: Shop) -> None:
    """Stripe's own signature and body."""
    order_id = shop.place(order("web-2", "TEA", 1))
    shop.comes_to(order_id, "awaiting_payment")
    event = {
        "id": "evt_1", "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "amount_received": 1000,
                            "currency": "eur", "metadata": {"order_id": order_id}}},
    }
    checks.same("a Stripe event is believed", shop.stripe(event), 200)
    shop.comes_to(order_id, "confirmed")
    checks.same("and pays the order", shop.status(order_id), "confirmed")


def no_overselling(checks: Checks, shop: Shop) -> None:
    """More wanted than there is; then goods come in."""
    shop.stock("HONEY", 5)
    wanted = [shop.place(order(f"rush-{n}", "HONEY", 1)) for n in range(8)]
    settled = {"awaiting_payment", "backordered"}
    until("all are decided", lambda: all(shop.status(o) in settled for o in wanted), 90)
    states = [shop.status(o) for o in wanted]
    checks.same("five of eight get the five units",
                (states.count("awaiting_payment"), states.count("backordered")), (5, 3))
    checks.same("no unit is sold twice", shop.stock_of("HONEY"),
                "on_hand 5, reserved 5, available 0, waiting 3")
    shop.receive("HONEY", 2)
    until("two more are served",
          lambda: [shop.status(o) for o in wanted].count("awaiting_payment") == 7)
    checks.same("goods that come in go to those who wait", shop.stock_of("HONEY"),
                "on_hand 7, reserved 7, available 0, waiting 1")


def measured(checks: Checks, shop: Shop, stack: Stack) -> dict:
    """From POST to confirmed: the time, and the requests of the functions to the services."""
    seconds = []
    for n in range(10):
        begun = time.monotonic()
        order_id = shop.place(order(f"timed-{n}", "COFFEE", 1))
        shop.comes_to(order_id, "awaiting_payment")
        shop.pay(order_id, "10.00", f"pay-timed-{n}")
        shop.comes_to(order_id, "confirmed")
        seconds.append(time.monotonic() - begun)
    until("the queues are empty", lambda: stack.waiting("notify") == 0 and stack.waiting("payment") == 0)
    time.sleep(3)
    since = datetime.datetime.now(datetime.UTC)
    time.sleep(1)
    order_id = shop.place(order("counted", "COFFEE", 1))
    # Nobody looks meanwhile: each look would be a request of its own.
    time.sleep(8)
    shop.pay(order_id, "10.00", "pay-counted")
    time.sleep(8)
    made = calls(stack, since)
    checks.same("an order nobody asks after is confirmed as well", shop.status(order_id), "confirmed")
    checks.that("its requests are counted", len(made) > 10, len(made))
    counted: dict[str, int] = {}
    for name in made:
        counted[name] = counted.get(name, 0) + 1
    seconds.sort()
    return {"seconds": seconds, "requests": counted}


def calls(stack: Stack, since: datetime.datetime) -> list[str]:
    """The functions' requests since then, as `dynamodb.Query`."""
    trail = stack.standin.client("cloudtrail")
    events, more = [], {}
    while True:
        page = trail.lookup_events(MaxResults=50, StartTime=since, **more)
        events += [json.loads(e["CloudTrailEvent"]) for e in page["Events"]]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    services = ("dynamodb", "sqs", "ses", "sesv2", "email", "sns", "secretsmanager")
    # Not this run's own: those are botocore's.
    mine = [e for e in events if not e["userAgent"].startswith("Botocore")]
    names = [f"{e['eventSource'].split('.')[0]}.{e['eventName']}" for e in mine]
    return [n for n in names if n.split(".")[0] in services]


class Timed:
    """What the schedule must bring about: begun early, looked at in the end."""

    def __init__(self, shop: Shop) -> None:
        shop.stock("JAM", 4)
        self.unpaid = shop.place(order("late-1", "JAM", 1, policy="short"))
        due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=80)
        body = order("sub-1", "JAM", 1) | {
            "rule": "FREQ=DAILY", "start": due.strftime("%Y-%m-%d"), "time": due.strftime("%H:%M"),
            "time_zone": "Etc/UTC",
        }
        for name in ("delivery", "payment"):
            body[name] = body[name]
        self.subscription = shop.done("POST", "/v1/subscriptions", body)

    def look(self, checks: Checks, shop: Shop) -> None:
        """Both by the schedule alone."""
        shop.comes_to(self.unpaid, "cancelled")
        order_now = shop.done("GET", f"/v1/orders/{self.unpaid}")
        checks.same("the time to pay ran out by the schedule", order_now["status"], "cancelled")
        path = f"/v1/subscriptions/{self.subscription['id']}/orders"
        made = until("the subscription's order is made", lambda: shop.done("GET", path)["items"])
        checks.same("one order of the subscription's date", len(made), 1)
        shop.comes_to(made[0]["id"], "awaiting_payment")
        checks.same("the cancelled order's unit is free, the recurring order's held",
                    shop.stock_of("JAM"), "on_hand 4, reserved 1, available 3, waiting 0")


def short_policy(text: str) -> str:
    """The webshop's way of working, with a minute's patience."""
    short = text.replace('name = "webshop"', 'name = "short"', 1)
    old = '{ after = "2h", when = "method(card, paypal)", do = "move"'
    if old not in short:
        raise Failed("the webshop's limit for card payments is not where it was")
    return short.replace(old, old.replace("2h", "1m")).replace('{ after = "30m", when', '{ after = "30s", when')


def logged(checks: Checks, stack: Stack, order_id: str) -> None:
    """One order's way through the logs, and metrics among them."""
    ways, traces = [], set()
    for function in ("intake", "validate", "reserve", "payment"):
        lines = [json.loads(line) for line in stack.logs(function) if line.startswith("{")]
        mine = [line for line in lines if line.get("order.id") == order_id]
        checks.that(f"{function} says what it wrote of the order", bool(mine), len(lines))
        ways += [line.get("order.status") for line in mine]
        traces |= {line.get("trace.id") for line in mine}
    checks.same("all its lines are one trace", len(traces), 1)
    spans = [json.loads(line).get("span", {}) for line in stack.logs("validate") if line.startswith("{")]
    checks.that("the trace came through the queue", traces & {s.get("trace.id") for s in spans}, traces)
    metrics = [json.loads(line) for line in stack.logs("sweep") if '"_aws"' in line]
    checks.that("the sweep measures by how much it is behind",
                any("SweepBehindSeconds" in m for m in metrics), len(metrics))
    text = "\n".join(line for f in ("intake", "api", "notify", "payment") for line in stack.logs(f))
    for secret in ("web-1@example.com", "Petrait", "Gedimino", "a secret of this run"):
        checks.that(f"no log line has {secret!r}", secret not in text)


def secrets_hidden(checks: Checks, stack: Stack) -> None:
    """No secret stands in a function's environment."""
    functions = stack.standin.client("lambda").list_functions()["Functions"]
    mine = [f for f in functions if f["FunctionName"].startswith(f"{STACK}-")]
    variables = {n for f in mine for n in f["Environment"]["Variables"]}
    clear = [n for n in variables if n.endswith("_SECRET")]
    checks.same("no secret stands in an environment", clear, [])
    checks.that("every function is there", len(mine) >= 12, len(mine))

"""What goes wrong: a poison message, a role without an action, a redrive."""

import json
import time

from botocore.exceptions import ClientError
from checks import Checks, until
from journeys import mails
from shop import Shop, order
from stack import STACK, Stack


def hidden_for(stack: Stack, queue: str, seconds: int) -> None:
    """How long a message that failed is hidden: as deployed, eight attempts would take half an hour."""
    attributes = {"VisibilityTimeout": str(seconds)}
    stack.standin.client("sqs").set_queue_attributes(QueueUrl=stack.queue_url(queue), Attributes=attributes)


def poison(checks: Checks, shop: Shop, stack: Stack) -> None:
    """One bad message of a batch: the others are done with, it ends among the dead letters."""
    sqs = stack.standin.client("sqs")
    hidden_for(stack, "serve", 1)
    shop.stock("SALT", 1)
    entries = [
        {"Id": "good", "MessageBody": json.dumps({"sku": "SALT"})},
        {"Id": "bad", "MessageBody": "this is no pointer"},
        {"Id": "fine", "MessageBody": json.dumps({"sku": "TEA"})},
    ]
    sent = sqs.send_message_batch(QueueUrl=stack.queue_url("serve"), Entries=entries)
    ids = {e["Id"]: e["MessageId"] for e in sent["Successful"]}
    until("the poison is dead", lambda: stack.waiting("serve-dead") == 1)
    checks.same("the others are not given back", stack.waiting("serve"), 0)
    dead = sqs.receive_message(
        QueueUrl=stack.queue_url("serve-dead"), AttributeNames=["All"], VisibilityTimeout=0)["Messages"][0]
    checks.same("it is the poison", (dead["MessageId"], dead["Body"]), (ids["bad"], "this is no pointer"))
    text = "\n".join(stack.logs("serve"))
    checks.that("the log names it", ids["bad"] in text and "not a pointer" in text)
    checks.that("and no other", ids["good"] not in text and ids["fine"] not in text)
    sqs.purge_queue(QueueUrl=stack.queue_url("serve-dead"))
    hidden_for(stack, "serve", 180)


def without(stack: Stack, function: str, action: str):
    """Takes an action from a function's role; gives back what puts it back."""
    iam = stack.standin.client("iam")
    role = stack.resources[f"{function.capitalize()}Role"]
    document = iam.get_role_policy(RoleName=role, PolicyName=function)["PolicyDocument"]
    before = json.dumps(document)
    for statement in document["Statement"]:
        actions = statement["Action"]
        if isinstance(actions, list) and action in actions:
            actions.remove(action)
    assert json.dumps(document) != before, f"{function} has no {action}"
    put = lambda text: iam.put_role_policy(RoleName=role, PolicyName=function, PolicyDocument=text)  # noqa: E731
    put(json.dumps(document))
    return lambda: put(before)


def moved(stack: Stack, dead: str, live: str) -> None:
    """Every message of one queue to another."""
    sqs = stack.standin.client("sqs")
    while True:
        found = sqs.receive_message(QueueUrl=stack.queue_url(dead), MaxNumberOfMessages=10).get("Messages")
        if not found:
            return
        for message in found:
            sqs.send_message(QueueUrl=stack.queue_url(live), MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=stack.queue_url(dead), ReceiptHandle=message["ReceiptHandle"])


def forbidden(checks: Checks, shop: Shop, stack: Stack) -> None:
    """A function without one of its actions does not get on; a redrive mends it."""
    hidden_for(stack, "validate", 1)
    restore = without(stack, "validate", "dynamodb:Query")
    order_id = shop.place(order("denied-1", "TEA", 1))
    until("the message is dead", lambda: stack.waiting("validate-dead") >= 1)
    checks.same("without an action the order stands still", shop.status(order_id), "received")
    checks.that("the log says why", any("AccessDenied" in line for line in stack.logs("validate")))
    restore()
    hidden_for(stack, "validate", 180)
    sqs = stack.standin.client("sqs")
    names = ("validate-dead", "validate")
    arns = [
        sqs.get_queue_attributes(QueueUrl=stack.queue_url(n), AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for n in names
    ]
    try:
        sqs.start_message_move_task(SourceArn=arns[0], DestinationArn=arns[1])
    except ClientError as error:
        # The stand-in does not know it yet; the same by hand.
        assert error.response["Error"]["Code"] == "InvalidAction", error
        moved(stack, *names)
    shop.comes_to(order_id, "awaiting_payment")
    checks.same("the redrive brings it on", shop.status(order_id), "awaiting_payment")
    checks.same("nothing dead is left", stack.waiting("validate-dead"), 0)


def sandboxed(checks: Checks, shop: Shop, stack: Stack) -> None:
    """SES sends to nobody who is not verified: no fault of the customer's, and mended by a redrive."""
    ses, to = stack.standin.client("sesv2"), "sandbox-1@elsewhere.example"
    hidden_for(stack, "notify", 1)
    ses.put_account_details(MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=False)
    body = order("sandbox-1", "TEA", 1)
    order_id = shop.place(body | {"customer": body["customer"] | {"email": to}})
    shop.comes_to(order_id, "awaiting_payment")
    until("its mails are dead", lambda: stack.waiting("notify-dead") >= 2)
    kinds = {e.get("type", e.get("kind")) for e in shop.done("GET", f"/v1/orders/{order_id}/history?limit=200")["items"]}
    checks.that("the order says of no failed message", "notice_failed" not in kinds, kinds)
    checks.same("nobody is unreachable for that", shop.done("GET", f"/v1/orders/{order_id}")["exceptions"], [])
    reason = "not from this account: MessageRejected"
    checks.that("the log says why", any(reason in line for line in stack.logs("notify")))
    ses.put_account_details(MailType="TRANSACTIONAL", WebsiteURL="https://example.com", ProductionAccessEnabled=True)
    hidden_for(stack, "notify", 180)
    moved(stack, "notify-dead", "notify")
    until("the mails are out", lambda: len(mails(stack, to)) >= 2)
    checks.same("nothing dead is left on notify", stack.waiting("notify-dead"), 0)


def started(checks: Checks, stack: Stack, functions: list[str]) -> dict[str, tuple[float, float]]:
    """Milliseconds of a function's first and next invocation, from outside."""
    client = stack.standin.client("lambda")
    nothing = {
        "version": "2.0", "routeKey": "$default", "rawPath": "/v1/none", "rawQueryString": "",
        "headers": {}, "isBase64Encoded": False,
        "requestContext": {"requestId": "x", "http": {"method": "GET", "path": "/v1/none"}},
    }
    times = {}
    for function in functions:
        name = f"{STACK}-{function}"
        variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        # A changed environment is a new process at the next invocation.
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"STARTED_ANEW": str(time.time())}})
        http = function in ("api", "intake")
        payload = nothing if http else {} if function == "sweep" else {"Records": []}
        taken = []
        for _ in range(6):
            begun = time.monotonic()
            answer = client.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
            answer["Payload"].read()
            taken.append((time.monotonic() - begun) * 1000)
            if answer.get("FunctionError"):
                checks.that(f"{function} starts anew", False, answer["FunctionError"])
        times[function] = (taken[0], sorted(taken[1:])[2])
    return times

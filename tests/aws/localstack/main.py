"""The run: see tests/aws/localstack/run."""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

import botocore.session

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "standin"))
from checks import Checks  # noqa: E402
from functions import Function  # noqa: E402
from shop import SECRET, STRIPE_SECRET, Shop, order  # noqa: E402
from stack import REGION, ROOT, WORK, StandIn, free_port  # noqa: E402

TABLE = "om-table"
QUEUES = ("validate", "reserve", "serve", "payment", "timeout", "recur", "notify", "webhook", "feedback")
NUMBERS = itertools.count(1)


class LocalStack:
    """The free core as a process."""

    def __init__(self, environment: dict[str, str], folder: pathlib.Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.session = botocore.session.get_session()
        given = {n: v for n, v in environment.items() if n != "AWS_ENDPOINT_URL"} | {
            "GATEWAY_LISTEN": self.url.removeprefix("http://"),
            "LOCALSTACK_VOLUME_DIR": str(folder / "localstack"),
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
        }
        with (folder / "localstack.log").open("wb") as log:
            self.process = subprocess.Popen(
                [WORK / "localstack/bin/python", "-m", "localstack.runtime.main"], env=given,
                stdout=log, stderr=log, cwd=folder)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_localstack/health", timeout=2).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.5)
        raise SystemExit(f"LocalStack did not start: see {folder}/localstack.log")

    def client(self, service: str):
        """A client of it."""
        return self.session.create_client(
            service, region_name=REGION, endpoint_url=self.url,
            aws_access_key_id="test", aws_secret_access_key="test")

    def text_messages(self) -> list[dict]:
        """What SNS has sent to telephones."""
        with urllib.request.urlopen(f"{self.url}/_aws/sns/sms-messages?region={REGION}", timeout=10) as answer:
            numbers = json.load(answer)["sms_messages"]
        return [message for messages in numbers.values() for message in messages]


class Deployed(Shop):
    """The functions, with this script as their gateway and their mappings."""

    def __init__(self, functions: dict[str, Function], localstack: LocalStack, standin: StandIn) -> None:
        super().__init__(0, "http://shop.test")
        self.functions = functions
        self.localstack = localstack
        self.streams = standin.client("dynamodbstreams")
        self.sqs = localstack.client("sqs")
        self.handled: dict[str, int] = dict.fromkeys(QUEUES, 0)
        stream = standin.client("dynamodb").describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        shards = self.streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
        self.iterators = [
            self.streams.get_shard_iterator(
                StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"] for shard in shards]

    def send(self, method: str, path: str, body: object = None, **headers: str):
        """A request, as API Gateway hands it on."""
        given = {"host": "shop.test", "content-type": "application/json"}
        if self.key:
            given["authorization"] = f"Bearer {self.key}"
        given |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        text = body.decode() if isinstance(body, bytes) else "" if body is None else json.dumps(body)
        bare, _, query = path.partition("?")
        event = {
            "version": "2.0", "routeKey": "$default", "rawPath": bare, "rawQueryString": query,
            "headers": {n: v for n, v in given.items() if v}, "body": text, "isBase64Encoded": False,
            "requestContext": {
                "accountId": "000000000000", "apiId": "om", "stage": "$default",
                "requestId": f"request-{next(NUMBERS)}", "time": "01/Mar/2026:08:00:00 +0000",
                "timeEpoch": 0,
                "http": {"method": method, "path": bare, "protocol": "HTTP/1.1",
                         "sourceIp": "127.0.0.1", "userAgent": "test"},
            },
        }
        name = "api"
        if method == "POST" and bare in ("/v1/orders", "/v1/orders/check", "/v1/orders/batch"):
            name = "intake"
        elif bare.startswith("/v1/payments/webhooks/"):
            name = "payment"
        answer = self.functions[name].invoke(event)
        text = answer.get("body") or ""
        kind = {n.lower(): v for n, v in (answer.get("headers") or {}).items()}.get("content-type", "")
        return answer["statusCode"], answer.get("headers"), json.loads(text) if "json" in kind else text

    def settle(self) -> None:
        """Hands records and messages on until there are none."""
        quiet = 0
        while quiet < 3:
            quiet = 0 if self._stream() + self._queues() else quiet + 1

    def _stream(self) -> int:
        seen = 0
        for place, iterator in enumerate(self.iterators):
            page = self.streams.get_records(ShardIterator=iterator, Limit=100)
            self.iterators[place] = page["NextShardIterator"]
            records = [self._record(record) for record in page["Records"]]
            if not records:
                continue
            seen += len(records)
            for reader in ("relay", "project"):
                failed = (self.functions[reader].invoke({"Records": records}) or {}).get("batchItemFailures")
                if failed:
                    raise RuntimeError(f"{reader} gives back {failed}")
        return seen

    @staticmethod
    def _record(record: dict) -> dict:
        """A record as Lambda's mapping writes it."""
        return {
            "eventID": record["eventID"], "eventName": record["eventName"], "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": REGION,
            "dynamodb": {
                n: v.timestamp() if n == "ApproximateCreationDateTime" else v
                for n, v in record["dynamodb"].items()},
        }

    def _queues(self) -> int:
        seen = 0
        for name in QUEUES:
            address = f"{self.localstack.url}/000000000000/om-{name}"
            found = self.sqs.receive_message(
                QueueUrl=address, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
            if not found:
                continue
            records = [{
                "messageId": m["MessageId"], "receiptHandle": m["ReceiptHandle"], "body": m["Body"],
                "md5OfBody": m["MD5OfBody"], "attributes": m.get("Attributes", {}),
                "messageAttributes": {}, "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:om-{name}", "awsRegion": REGION,
            } for m in found]
            function = self.functions["deliver" if name == "webhook" else name]
            answer = function.invoke({"Records": records}) or {}
            failed = {f["itemIdentifier"] for f in answer.get("batchItemFailures", [])}
            for message in found:
                if message["MessageId"] not in failed:
                    self.sqs.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
            seen += len(found) - len(failed)
            self.handled[name] += len(found) - len(failed)
        return seen


def built(profile: str) -> pathlib.Path:
    """The functions' binaries, made as they are for the stand-in."""
    place = WORK / "localstack-dist"
    command = ["infra/aws/build", "--profile", profile, "--arch", "x86_64", "--out", str(place)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SystemExit("the functions cannot be built")
    if profile == "dev":
        return ROOT / "target/debug"
    for folder in (f"target/x86_64-unknown-linux-gnu/{profile}", f"target/{profile}"):
        if (ROOT / folder / "ordermill-api").exists():
            return ROOT / folder
    raise SystemExit("no binaries")


def make_table(standin: StandIn) -> None:
    """The table of the template."""
    key = lambda pk, sk: [  # noqa: E731
        {"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]
    indexes = {"worklist": ("wp", "wd"), "owner": ("op", "oc"), "month": ("mp", "mc")}
    names = ["pk", "sk", *itertools.chain(*indexes.values())]
    standin.client("dynamodb").create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=key("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        GlobalSecondaryIndexes=[
            {"IndexName": n, "KeySchema": key(*k), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for n, k in indexes.items()])


def run(given: argparse.Namespace, checks: Checks, standin: StandIn, localstack: LocalStack) -> None:
    """An order from its intake to its delivery, and a text message."""
    binaries = given.binaries or built(given.profile)
    make_table(standin)
    for name in QUEUES:
        localstack.client("sqs").create_queue(QueueName=f"om-{name}")
    secrets = {"ORDERMILL_STRIPE_WEBHOOK_SECRET": STRIPE_SECRET, "ORDERMILL_GENERIC_WEBHOOK_SECRET": SECRET,
               "ORDERMILL_SIGNING_SECRET": "a signing secret of this run, long enough"}
    secret = localstack.client("secretsmanager").create_secret(
        Name="om", SecretString=json.dumps(secrets))["ARN"]
    environment = standin.environment | {
        "ORDERMILL_TABLE": TABLE, "ORDERMILL_QUEUE_PREFIX": f"{localstack.url}/000000000000/om-",
        "ORDERMILL_BACKEND": "aws", "ORDERMILL_SELLER": "Test shop", "ORDERMILL_DEPLOYMENT": "om",
        "ORDERMILL_SECRETS": secret, "RUST_LOG": "info",
        # What LocalStack's core has is asked there, the rest stays with the other stand-in.
        "AWS_ENDPOINT_URL_SQS": localstack.url, "AWS_ENDPOINT_URL_SNS": localstack.url,
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": localstack.url,
    }
    tool = lambda *c: subprocess.run(  # noqa: E731
        [str(x) for x in c], env=environment, capture_output=True, text=True, check=False)
    program = ROOT / "target/debug/ordermill"
    done = tool(program, "policy", "presets")
    checks.that("ordermill policy presets", done.returncode == 0, done.stdout + done.stderr)
    made = tool(program, "keys", "create", "--client", "desk", "--role", "admin")
    checks.that("ordermill keys create", made.returncode == 0, made.stderr)
    names = sorted(f.name for f in (ROOT / "functions").iterdir() if f.is_dir())
    log = standin.folder / "functions.log"
    functions = {n: Function(binaries / f"ordermill-{n}", environment, log) for n in names}
    try:
        shop = Deployed(functions, localstack, standin)
        shop.key = made.stdout.strip()
        journey(checks, shop)
    finally:
        for function in functions.values():
            function.stop()


def journey(checks: Checks, shop: Deployed) -> None:
    """What is tried."""
    with checks.part("An order, from intake to delivery"):
        shop.stock("TEA", 10)
        by_phone = {"name": "Ona Petraitytė", "phone": "+37061234567", "preferred_channel": "sms", "locale": "en"}
        order_id = shop.place(order("core-1", "TEA", 3, customer=by_phone))
        shop.settle()
        checks.same("validated, reserved, money asked for", shop.status(order_id), "awaiting_payment")
        checks.same("stock is held", shop.stock_of("TEA"), "on_hand 10, reserved 3, available 7, waiting 0")
        checks.same("the webhook is taken", shop.pay(order_id, "30.00", "pi_core") // 100, 2)
        shop.settle()
        checks.same("paid", shop.status(order_id), "confirmed")
        for command, body in (("pick", {}), ("pack", {}), ("ship", {"carrier": "DPD", "tracking": "1"}),
                              ("deliver", {})):
            shop.done("POST", f"/v1/orders/{order_id}/{command}", body)
            shop.settle()
        checks.same("delivered", shop.status(order_id), "delivered")
        history = shop.done("GET", f"/v1/orders/{order_id}/history")
        versions = [event["version"] for event in history["items"]]
        checks.same("the history has no gap", versions, list(range(1, len(versions) + 1)))
    with checks.part("What went through LocalStack"):
        for name in ("validate", "reserve", "payment", "notify"):
            checks.that(f"messages of {name}: {shop.handled[name]}", shop.handled[name] > 0)
        messages = shop.localstack.text_messages()
        checks.that(f"text messages by SNS: {len(messages)}",
                    any(m["PhoneNumber"] == "+37061234567" for m in messages), messages)
        left = {}
        for name in QUEUES:
            seen = shop.sqs.get_queue_attributes(
                QueueUrl=f"{shop.localstack.url}/000000000000/om-{name}", AttributeNames=["All"])
            left[name] = int(seen["Attributes"]["ApproximateNumberOfMessages"])
        checks.same("no queue holds anything", sum(left.values()), 0)


def main() -> None:
    """Starts both stand-ins, runs, ends them."""
    parser = argparse.ArgumentParser(prog="tests/aws/localstack/run")
    parser.add_argument("--profile", default="dev", help="of the functions' binaries: dev, lambda")
    parser.add_argument("--binaries", type=pathlib.Path, metavar="FOLDER", help="of binaries that are there already")
    given = parser.parse_args()
    checks, standin = Checks(), StandIn()
    localstack = None
    try:
        standin.start()
        localstack = LocalStack(standin.environment, standin.folder)
        run(given, checks, standin, localstack)
    finally:
        if localstack is not None:
            localstack.process.terminate()
        standin.stop()
    print(f"\n{checks.passed} checks passed, {len(checks.failed)} failed")
    sys.exit(1 if checks.failed else 0)


main()

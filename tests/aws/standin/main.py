"""The run: see tests/aws/run."""

import argparse
import json
import re
import sys
import time

import failures
import journeys
import memory
from checks import Checks, Failed
from shop import SECRET, STRIPE_SECRET, Shop
from stack import ROOT, STACK, WORK, Stack, StandIn


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="tests/aws/run")
    parser.add_argument("--profile", default="dev", help="of the functions' binaries: dev, lambda")
    parser.add_argument("--without", metavar="FUNCTION:ACTION", help="take an action from a role")
    parser.add_argument("--binaries", metavar="FOLDER", help="functions that were built elsewhere, for x86_64")
    parser.add_argument("--peaks", action="store_true", help="measure memory after a rush of orders")
    parser.add_argument("--keep", action="store_true", help="leave the stand-in running")
    parser.add_argument("--figures", metavar="FILE", help="write what was measured as JSON")
    return parser.parse_args()


def lint(checks: Checks, standin: StandIn) -> None:
    """The template, by two linters."""
    template = ROOT / "infra" / "template.yaml"
    found = standin.tool(WORK / "sam/bin/cfn-lint", template)
    checks.that("cfn-lint finds nothing", found.returncode == 0, found.stdout)
    path = f"{WORK / 'sam/bin'}:{standin.environment['PATH']}"
    found = standin.tool(WORK / "sam/bin/sam", "validate", "--lint", "-t", template, PATH=path)
    checks.that("sam validate --lint finds nothing", found.returncode == 0, found.stdout + found.stderr)


def deployed(checks: Checks, standin: StandIn, given: argparse.Namespace) -> Stack:
    """Builds, deploys, and deploys again."""
    stack = Stack(standin)
    built = stack.lay_out(given.profile, given.without, given.binaries)
    if built.returncode != 0:
        raise SystemExit("the functions cannot be built")
    print(built.stdout)
    standin.client("s3").create_bucket(
        Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    begun = time.monotonic()
    done = stack.deploy()
    checks.that("the template deploys", done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:])
    if done.returncode != 0:
        raise SystemExit("nothing is deployed")
    print(f"        deployed in {time.monotonic() - begun:.0f} s")
    again = stack.deploy("LogLevel=info")
    empty = "No changes to deploy" in again.stdout + again.stderr
    checks.that("deployed again unchanged, nothing changes", empty, again.stdout[-800:] + again.stderr[-400:])
    stack.read()
    stack.own_names()
    return stack


def set_up(checks: Checks, stack: Stack) -> Shop:
    """What the deploy guide does after `sam deploy`: policies, secrets, the first key."""
    standin = stack.standin
    # The stand-in ignores the template's TimeToLiveSpecification.
    standin.client("dynamodb").update_time_to_live(
        TableName=stack.outputs["TableName"],
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    secret = {"ORDERMILL_STRIPE_WEBHOOK_SECRET": STRIPE_SECRET, "ORDERMILL_GENERIC_WEBHOOK_SECRET": SECRET}
    standin.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["PaymentSecretArn"], SecretString=json.dumps(secret))
    given = {
        "ORDERMILL_TABLE": stack.outputs["TableName"],
        "ORDERMILL_QUEUE_PREFIX": stack.outputs["QueuePrefix"],
        "ORDERMILL_BACKEND": "aws",
    }
    program = ROOT / "target" / "debug" / "ordermill"
    short = standin.folder / "short.toml"
    short.write_text(journeys.short_policy((ROOT / "infra/policies/webshop.toml").read_text()))
    for command in (["policy", "presets"], ["policy", "store", short]):
        done = standin.tool(program, *command, **given)
        checks.that(f"ordermill {command[0]} {command[1]}", done.returncode == 0, done.stdout + done.stderr)
    made = standin.tool(program, "keys", "create", "--client", "desk", "--role", "admin", **given)
    checks.that("ordermill keys create", made.returncode == 0, made.stderr)
    shop = Shop(standin.port, stack.outputs["ApiUrl"])
    shop.key = made.stdout.strip()
    return shop


def audited(checks: Checks, stack: Stack) -> None:
    """The audit over everything that happened."""
    given = {"ORDERMILL_TABLE": stack.outputs["TableName"], "ORDERMILL_BACKEND": "aws"}
    done = stack.standin.tool(ROOT / "target" / "debug" / "ordermill", "audit", **given)
    checks.that("the audit finds nothing", done.returncode == 0, done.stdout + done.stderr)
    for queue in ("validate", "reserve", "serve", "payment", "timeout", "recur", "notify", "feedback"):
        checks.same(f"nothing is dead on {queue}", stack.waiting(f"{queue}-dead"), 0)


def updated(checks: Checks, shop: Shop, stack: Stack, order_id: str) -> None:
    """An update keeps what is there."""
    done = stack.deploy("LogLevel=debug", "SecretsRevision=2")
    checks.that("an update deploys", done.returncode == 0, done.stdout[-2000:] + done.stderr[-1000:])
    checks.same("the order is still there", shop.status(order_id), "delivered")


def in_prod(checks: Checks, standin: StandIn) -> None:
    """The other stage, as `sam deploy --config-env prod` takes it from samconfig.toml, its own bucket included."""
    stack = Stack(standin, f"{STACK}-prod")
    done = stack.deploy(env="prod")
    checks.that("prod deploys", done.returncode == 0, done.stdout[-2000:] + done.stderr[-1000:])
    stack.read()
    table = standin.client("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]
    checks.same("its table protects itself from deletion", table["DeletionProtectionEnabled"], True)
    groups = standin.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{STACK}-prod-")["logGroups"]
    checks.same("its logs are kept for 90 days", {g.get("retentionInDays") for g in groups}, {90})
    text = standin.client("cloudformation").get_template(
        StackName=f"{STACK}-prod", TemplateStage="Original")["TemplateBody"]
    named = re.findall(r"s3://[^\s\"']+", text if isinstance(text, str) else json.dumps(text))
    functions = sum(f.is_dir() for f in (ROOT / "functions").iterdir())
    checks.same("its template, kept for rolling back, names every zip", len(named), functions)


def run(given: argparse.Namespace, checks: Checks, standin: StandIn) -> None:
    """All parts, in order."""
    figures: dict[str, object] = {"profile": given.profile}
    with checks.part("Lint"):
        lint(checks, standin)
    print("\nDeployment")
    stack = deployed(checks, standin, given)
    shop = set_up(checks, stack)
    order_id = ""
    timed = None
    with checks.part("Over HTTP"):
        journeys.over_http(checks, shop)
    with checks.part("Begun for the schedule"):
        timed = journeys.Timed(shop)
    with checks.part("An order is paid"):
        order_id = journeys.paid(checks, shop, stack)
    with checks.part("People are told"):
        journeys.told(checks, shop, stack, order_id)
    with checks.part("Paid by Stripe"):
        journeys.by_stripe(checks, shop)
    with checks.part("No overselling"):
        journeys.no_overselling(checks, shop)
    with checks.part("Measured"):
        shop.stock("COFFEE", 100)
        figures |= journeys.measured(checks, shop, stack)
    with checks.part("A poison message"):
        failures.poison(checks, shop, stack)
    with checks.part("A role without an action"):
        failures.forbidden(checks, shop, stack)
    with checks.part("In SES's sandbox"):
        failures.sandboxed(checks, shop, stack)
    with checks.part("By the schedule"):
        if timed is None:
            raise Failed("nothing was begun")
        timed.look(checks, shop)
    with checks.part("Logs, metrics and secrets"):
        journeys.logged(checks, stack, order_id)
        journeys.secrets_hidden(checks, stack)
    with checks.part("Audit"):
        audited(checks, stack)
    if given.peaks:
        with checks.part("A rush"):
            memory.rush(checks, shop, stack)
            figures["peaks"] = memory.peaks(stack)
    with checks.part("An update"):
        updated(checks, shop, stack, order_id)
    with checks.part("Starting"):
        names = sorted(f.name for f in (ROOT / "functions").iterdir() if f.is_dir())
        figures["started"] = failures.started(checks, stack, names)
    with checks.part("In prod"):
        in_prod(checks, standin)
    show(figures)
    if given.figures:
        with open(given.figures, "w") as file:
            json.dump(figures, file, indent=2)


def show(figures: dict) -> None:
    """What was measured."""
    print("\nMeasured on this stand-in")
    if "seconds" in figures:
        s = figures["seconds"]
        print(f"  POST to confirmed: median {s[len(s) // 2]:.2f} s, worst of {len(s)} {s[-1]:.2f} s")
        print(f"  requests of one order: {sum(figures['requests'].values())} {figures['requests']}")
    for name, (cold, warm) in figures.get("started", {}).items():
        print(f"  {name:<10} first invocation {cold:7.0f} ms, next {warm:5.0f} ms")
    for name, of in figures.get("peaks", {}).items():
        print(f"  {name:<10} {of['mb']:6.1f} MB at most in {of['processes']} processes, "
              f"{of['calls']:>5} calls, {of['cpu_ms']} ms of processor each")
    template = (ROOT / "infra" / "template.yaml").read_text()
    for part in re.split(r"\n  (?=\w+Role:\n)", template)[1:]:
        role = re.sub("Role:.*", "", part, flags=re.S)
        part = re.sub("Condition:.*", "", part.split("AWS::Serverless::Function")[0])
        actions = set(re.findall(r"\b(?:dynamodb|sqs|s3|ses|sns|secretsmanager|logs|xray|lambda):[A-Z]\w+", part))
        if "lambda:InvokeFunction" not in actions:
            print(f"  {role.lower():<10} {len(actions):>2} actions")


def main() -> int:
    """Runs, counts, cleans up."""
    given = arguments()
    checks = Checks()
    standin = StandIn()
    standin.start()
    try:
        run(given, checks, standin)
    except SystemExit as ended:
        checks.failed.append(str(ended))
    finally:
        if given.keep:
            print(f"\nthe stand-in is at {standin.url}, process group {standin.process.pid}")
        else:
            standin.stop()
    print(f"\n{checks.passed} checks passed, {len(checks.failed)} failed")
    for what in checks.failed:
        print(f"  failed: {str(what).splitlines()[0]}")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""MiniStack as a process, the tools beside it, and the deployed stack's resources."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORK = ROOT / "target" / "aws"
REGION = "eu-central-1"
STACK = "om"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class StandIn:
    """A stand-in that runs functions as processes and enforces their roles' policies."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = WORK / "run"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        plain = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "ORDERMILL_"))}
        self.environment = plain | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "TMPDIR": str(self.folder),
            # Unoptimised async code is deep.
            "RUST_MIN_STACK": "16777216",
        }
        self.process: subprocess.Popen | None = None
        self.session = botocore.session.get_session()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        environment = self.environment | {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "CLOUDTRAIL_RECORDING": "1",
            "CLOUDTRAIL_MAX_EVENTS": "100000",
        }
        log = open(self.folder / "ministack.log", "wb")  # noqa: SIM115
        self.process = subprocess.Popen(
            [WORK / "ministack" / "bin" / "ministack"], env=environment, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True, cwd=self.folder,
        )
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.2)
        raise SystemExit(f"the stand-in did not start: see {self.folder}/ministack.log")

    def stop(self) -> None:
        """Ends it and the functions it has started."""
        if self.process is None:
            return
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, ending)
                self.process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process = None

    def client(self, service: str):
        """A client of the stand-in, as its root."""
        return self.session.create_client(
            service, region_name=REGION, endpoint_url=self.url,
            aws_access_key_id="test", aws_secret_access_key="test",
        )

    def looked(self, path: str):
        """What the stand-in tells of its inside."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return json.load(answer)

    def tool(self, *command: object, **more) -> subprocess.CompletedProcess:
        """Runs a command against the stand-in."""
        return subprocess.run(
            [str(c) for c in command], env=self.environment | more, cwd=ROOT,
            capture_output=True, text=True, check=False,
        )


class Stack:
    """The template, deployed."""

    def __init__(self, standin: StandIn, name: str = STACK) -> None:
        self.standin = standin
        self.name = name
        self.place = WORK / "deploy"
        self.outputs: dict[str, str] = {}
        self.resources: dict[str, str] = {}

    def lay_out(self, profile: str, without: str | None, binaries: str | None) -> subprocess.CompletedProcess:
        """The template beside the zips, as in the repository; with an action less if asked."""
        (self.place / "infra").mkdir(parents=True, exist_ok=True)
        text = (ROOT / "infra" / "template.yaml").read_text()
        if without is not None:
            text = reduced(text, *without.split(":", 1))
        (self.place / "infra" / "template.yaml").write_text(text)
        if binaries is not None:
            functions = sorted(f.name for f in (ROOT / "functions").iterdir() if f.is_dir())
            (self.place / "dist").mkdir(exist_ok=True)
            return subprocess.run(
                ["python3", "infra/aws/zip.py", binaries, str(self.place / "dist"), *functions],
                cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE,
            )
        return subprocess.run(
            ["infra/aws/build", "--profile", profile, "--arch", "x86_64", "--out",
             str(self.place / "dist")],
            cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE,
        )

    def deploy(self, *parameters: str, env: str | None = None) -> subprocess.CompletedProcess:
        """`sam deploy`, as a person does it: with what samconfig.toml says of the stage where one is named, its
        parameters and bucket included."""
        if env is not None:
            return self.standin.tool(
                WORK / "sam/bin/sam", "deploy", "--config-env", env, "--template-file", self.place / "infra/template.yaml",
                "--config-file", ROOT / "samconfig.toml", "--stack-name", self.name, "--no-confirm-changeset",
                "--no-progressbar",
            )
        given = ["Architecture=x86_64", "MailIdentity=example.com", *parameters]
        return self.standin.tool(
            WORK / "sam/bin/sam", "deploy", "--template-file", self.place / "infra/template.yaml",
            "--config-file", ROOT / "samconfig.toml", "--stack-name", self.name, "--s3-bucket", "artifacts",
            "--no-resolve-s3", "--region", REGION, "--capabilities", "CAPABILITY_IAM",
            "--no-confirm-changeset",
            "--no-progressbar", "--parameter-overrides", *given,
        )

    def read(self) -> None:
        """Outputs and resources of the stack."""
        formation = self.standin.client("cloudformation")
        stack = formation.describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        found = formation.describe_stack_resources(StackName=self.name)["StackResources"]
        self.resources = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found}

    def own_names(self) -> None:
        """What the stand-in wants otherwise than AWS, beside what the template allows:
        `sqs:SendMessageBatch` for a batch (AWS knows no such action and takes `sqs:SendMessage`), and
        `ses:SendEmail` on any resource and without knowing the sender (AWS: on the identity, with its condition)."""
        iam = self.standin.client("iam")
        own = {"sqs:SendMessage": {"Action": "sqs:SendMessageBatch"}, "ses:SendEmail": {"Resource": "*", "Condition": {}}}
        for name in (n for n in self.resources if n.endswith("Role")):
            role = self.resources[name]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                more = [s | own[s["Action"]] for s in document["Statement"]
                        if isinstance(s["Action"], str) and s["Action"] in own]
                if more and policy != "of-the-stand-in":
                    text = json.dumps({"Version": "2012-10-17", "Statement": more})
                    iam.put_role_policy(RoleName=role, PolicyName="of-the-stand-in", PolicyDocument=text)

    def queue_url(self, name: str) -> str:
        """The address of one of the stack's queues."""
        return self.standin.client("sqs").get_queue_url(QueueName=f"{STACK}-{name}")["QueueUrl"]

    def waiting(self, name: str) -> int:
        """How many messages a queue holds, seen or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs = self.standin.client("sqs")
        answer = sqs.get_queue_attributes(QueueUrl=self.queue_url(name), AttributeNames=names)
        return sum(int(answer["Attributes"][n]) for n in names)

    def logs(self, function: str) -> list[str]:
        """Everything a function has logged."""
        logs = self.standin.client("logs")
        group, lines, more = f"/aws/lambda/{STACK}-{function}", [], {}
        while True:
            page = logs.filter_log_events(logGroupName=group, **more)
            lines += [line for event in page["events"] for line in event["message"].splitlines()]
            if not page.get("nextToken"):
                return lines
            more = {"nextToken": page["nextToken"]}


def reduced(text: str, function: str, action: str) -> str:
    """The template without an action of a function's role."""
    begin = text.index(f"PolicyName: {function}\n")
    end = text.index("Type: AWS::Serverless::Function", begin)
    policy = text[begin:end]
    lines = [line for line in policy.splitlines(True) if line.strip() != f"- {action}"]
    less = "".join(lines).replace(f"{action}, ", "").replace(f", {action}]", "]")
    less = less.replace(f"Action: {action}\n", "Action: none:none\n")
    if less == policy:
        raise SystemExit(f"{function} has no action {action}")
    return text[:begin] + less + text[end:]

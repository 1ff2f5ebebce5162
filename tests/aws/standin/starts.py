"""How long each function takes from the creation of its process to its first question for an event, and the
memory it has then. Nothing but the program runs: the runtime's API and the secrets are answered from here.

    python3 tests/aws/standin/starts.py FOLDER_OF_BINARIES [TURNS]
"""

import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import sys
import threading
import time

SECRETS = {name: "a secret that is measured only" for name in (
    "ORDERMILL_SIGNING_SECRET", "ORDERMILL_STRIPE_WEBHOOK_SECRET", "ORDERMILL_GENERIC_WEBHOOK_SECRET")}
# As in the template: these fetch a secret before they ask.
WITH_SECRET = {"intake", "api", "payment", "notify", "deliver"}


class Api(http.server.BaseHTTPRequestHandler):
    """Lambda's runtime API, and of Secrets Manager what a start needs."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802
        """The question for an event: never answered while it is measured."""
        self.server.asked_at = time.perf_counter()
        self.server.asked.set()
        self.server.over.wait(20)

    def do_POST(self) -> None:  # noqa: N802
        """The value of a secret; whatever else a start wants to say is taken."""
        said = self.rfile.read(int(self.headers.get("content-length", "0")))
        wanted = b"SecretId" in said
        own = "ORDERMILL_STRIPE_WEBHOOK_SECRET" if b"payment" in said else "ORDERMILL_SIGNING_SECRET"
        body = json.dumps({"SecretString": json.dumps({own: SECRETS[own]})} if wanted else {}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """On a port of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Api)
        self.asked, self.over, self.asked_at = threading.Event(), threading.Event(), 0.0


def memory_kib(pid: int, what: str) -> int:
    """A figure of a process, in KiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1])
    return 0


def start(server: Server, program: pathlib.Path) -> tuple[float, int]:
    """One start: milliseconds, and KiB resident."""
    name = program.name.removeprefix("ordermill-")
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_LOG_GROUP_NAME": name,
        "AWS_LAMBDA_LOG_STREAM_NAME": name, "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "RUST_MIN_STACK": "16777216",
    }
    if name in WITH_SECRET:
        environment["ORDERMILL_SECRETS"] = "om/payment" if name == "payment" else "om/signing"
    server.asked.clear()
    server.over.clear()
    begun = time.perf_counter()
    child = subprocess.Popen([program], env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not server.asked.wait(20):
            raise SystemExit(f"{program} does not start")
        return (server.asked_at - begun) * 1000, memory_kib(child.pid, "VmHWM")
    finally:
        child.kill()
        child.wait()
        server.over.set()


def main() -> None:
    """All programs in turns, so that all meet the same machine."""
    folder = pathlib.Path(sys.argv[1])
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    programs = sorted(p for p in folder.glob("ordermill-*") if os.access(p, os.X_OK) and "." not in p.name)
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen: dict[str, list[tuple[float, int]]] = {p.name: [] for p in programs}
    for turn in range(turns + 1):
        for program in programs:
            one = start(server, program)
            if turn:  # the first turn reads the programs from disk
                seen[program.name].append(one)
    print(f"{'function':<10} {'median ms':>9} {'fastest':>8} {'slowest':>8} {'MB then':>8}")
    for name, starts in seen.items():
        times = sorted(ms for ms, _ in starts)
        most = max(kib for _, kib in starts) / 1024
        short = name.removeprefix("ordermill-")
        print(f"{short:<10} {times[len(times) // 2]:>9.1f} {times[0]:>8.1f} {times[-1]:>8.1f} {most:>8.1f}")


main()

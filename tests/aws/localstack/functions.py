"""Functions as processes, and the Runtime API they ask for their events."""

import base64
import http.server
import json
import pathlib
import queue
import subprocess
import threading


class Function:
    """One function's binary, started at its first event, which it is given one at a time."""

    def __init__(self, binary: pathlib.Path, environment: dict[str, str], log: pathlib.Path) -> None:
        self.binary = binary
        self.environment = environment
        self.log = log
        self.events: queue.Queue = queue.Queue()
        self.answers: queue.Queue = queue.Queue()
        self.process: subprocess.Popen | None = None
        self.server: http.server.ThreadingHTTPServer | None = None

    def invoke(self, event: object) -> object:
        """Gives it an event; its answer, or an error."""
        if self.process is None:
            self._start()
        self.events.put(event)
        outcome, body = self.answers.get(timeout=120)
        if outcome != "response":
            raise RuntimeError(f"{self.binary.name}: {outcome}: {body}")
        return body

    def stop(self) -> None:
        """Ends the process and its Runtime API."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if self.server is not None:
            self.server.shutdown()

    def _start(self) -> None:
        function = self

        class Runtime(http.server.BaseHTTPRequestHandler):
            """The three requests of the Runtime API that a binary makes."""

            def do_GET(self) -> None:  # noqa: N802
                # Bytes, as in rows of the table, are in base64.
                as_text = lambda value: base64.b64encode(value).decode()  # noqa: E731
                event = json.dumps(function.events.get(), default=as_text).encode()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "00000000-0000-0000-0000-000000000001")
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn",
                                 "arn:aws:lambda:eu-central-1:000000000000:function:om")
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                function.answers.put((self.path.rsplit("/", 1)[-1], json.loads(body or b"null")))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the checks tell."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        given = self.environment | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": self.binary.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": "om",
            "AWS_LAMBDA_LOG_STREAM_NAME": "om",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.binary], env=given, stdout=log, stderr=log)

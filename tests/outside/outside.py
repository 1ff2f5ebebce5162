"""Starts the service on a free port, lets Schemathesis try every operation of its document, and then
reads the table that came of it (`table.py`)."""

import argparse
import os
import pathlib
import subprocess
import tempfile

import table

# The same requests each time.
SEED = "1"
EXAMPLES = "15"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--home", required=True)
    parser.add_argument("--seconds", type=int, default=150)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ordermill-outside-") as folder:
        raise SystemExit(run(pathlib.Path(folder), arguments))


def run(folder, arguments):
    service = subprocess.Popen(
        [os.path.abspath(arguments.program), "serve", "--quiet", "--listen", "127.0.0.1:0",
         "--dynamodb", "127.0.0.1:0", "--data", str(folder / "data")],
        stdout=subprocess.PIPE, text=True, env=dict(os.environ, RUST_MIN_STACK="16777216"),
    )
    try:
        first, second = (service.stdout.readline().strip() for _ in range(2))
        if not (first.startswith("listening on ") and second.startswith("dynamodb on ")):
            return f"the service did not start: {first} {second}"
        subprocess.Popen(["cat"], stdin=service.stdout, stdout=subprocess.DEVNULL)
        base = first.removeprefix("listening on ")
        tried = subprocess.run([
            f"{arguments.home}/bin/schemathesis", "--config-file", "tests/outside/schemathesis.toml",
            "run", f"{base}/v1/openapi.json", "--header", "Authorization: Bearer local-admin",
            "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
            # The clock of the run: whoever moves it by years tests nothing but patience.
            "--exclude-path-regex", "^/_local/",
            "--max-examples", EXAMPLES, "--max-time", str(arguments.seconds), "--seed", SEED,
            "--generation-database", "none", "--warnings", "off",
        ], check=False)
        if tried.returncode != 0:
            return tried.returncode
        try:
            print(table.agree(second.removeprefix("dynamodb on "), base))
        except table.Disagreement as found:
            return str(found)
        return 0
    finally:
        service.kill()
        service.wait()


if __name__ == "__main__":
    main()

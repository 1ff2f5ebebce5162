"""Takes the fenced programs out of a guide and runs them, in their order, in one folder."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(sh|python|js)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("guide")
    arguments = parser.parse_args()
    blocks = FENCE.findall(pathlib.Path(arguments.guide).read_text())
    if len(blocks) < 5:
        raise SystemExit("the guide has lost its programs")
    with tempfile.TemporaryDirectory(prefix="ordermill-guide-") as folder:
        run(pathlib.Path(folder), os.path.abspath(arguments.program), blocks)
    print(f"{len(blocks)} programs of {arguments.guide} do what it says")


def run(folder, program, blocks):
    data = folder / "data"
    environment = dict(os.environ, RUST_MIN_STACK="16777216", DATA=str(data))
    service = subprocess.Popen(
        [program, "serve", "--listen", "127.0.0.1:0", "--data", str(data)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )
    try:
        first = service.stdout.readline().strip()
        if not first.startswith("listening on "):
            raise SystemExit(f"the service did not start: {first}")
        subprocess.Popen(["cat"], stdin=service.stdout, stdout=subprocess.DEVNULL)
        environment["BASE"] = first.removeprefix("listening on ")
        tools = folder / "tools"
        tools.mkdir()
        (tools / "ordermill").symlink_to(program)
        environment["PATH"] = f"{tools}:{environment['PATH']}"
        # One shell for all its blocks, so that what one sets the next has.
        script = ["set -euo pipefail"]
        for number, (language, text) in enumerate(blocks):
            if language == "sh":
                script.append(text)
            else:
                name = f"{number}-program.{'py' if language == 'python' else 'mjs'}"
                (folder / name).write_text(text)
                tool = "python3" if language == "python" else "node"
                if not shutil.which(tool):
                    raise SystemExit(f"the guide needs {tool}")
                script.append(f"export BASE KEY; {tool} {name}")
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)], cwd=folder, env=environment, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        if done.returncode != 0:
            sys.stderr.write(done.stdout)
            raise SystemExit("the guide does not do what it says")
    finally:
        service.terminate()
        service.wait(30)


if __name__ == "__main__":
    main()

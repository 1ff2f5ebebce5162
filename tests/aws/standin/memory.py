"""What the functions' processes have used at most, after a rush: for choosing their memory."""

import concurrent.futures
import os
import pathlib

from checks import Checks, until
from shop import Shop, order
from stack import STACK, Stack

ORDERS = 200
LINES_OF_A_LARGE_ORDER = 200
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def rush(checks: Checks, shop: Shop, stack: Stack) -> None:
    """Many orders at once, paid at once, and one that is large: full batches everywhere."""
    shop.stock("RUSH", ORDERS * 2)
    many = [f"BIG-{n}" for n in range(LINES_OF_A_LARGE_ORDER)]
    with concurrent.futures.ThreadPoolExecutor(8) as at_once:
        list(at_once.map(lambda sku: shop.stock(sku, 5), many))
    line = order("x", "X", 1)["lines"][0]
    large = shop.place(order("large", "RUSH", 1) | {"lines": [line | {"sku": sku} for sku in many]})
    with concurrent.futures.ThreadPoolExecutor(16) as at_once:
        placed = list(at_once.map(lambda n: shop.place(order(f"crowd-{n}", "RUSH", 1)), range(ORDERS)))
        last = placed + [large]
        until("all wait for their money",
              lambda: all(s == "awaiting_payment" for s in at_once.map(shop.status, last)), 600, every=2)
        list(at_once.map(lambda o: shop.pay(o, "10.00", f"crowd-{o}"), placed))
        until("all are paid", lambda: all(s == "confirmed" for s in at_once.map(shop.status, placed)), 600, every=2)
    queues = ("validate", "reserve", "payment", "notify", "timeout")
    until("the queues are empty", lambda: all(stack.waiting(q) == 0 for q in queues), 600, every=2)
    checks.that("a rush is dealt with", True)


def processes(stack: Stack) -> dict[str, list[int]]:
    """The functions' processes that run now, by function."""
    found: dict[str, list[int]] = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        given = dict(pair.partition("=")[::2] for pair in text.split("\0"))
        name = given.get("AWS_LAMBDA_FUNCTION_NAME", "")
        if name.startswith(f"{STACK}-") and given.get("AWS_ENDPOINT_URL") == stack.standin.url:
            found.setdefault(name.removeprefix(f"{STACK}-"), []).append(int(folder.name))
    return found


def peaks(stack: Stack) -> dict[str, dict]:
    """The most memory a process of each function has had, and processor time per invocation."""
    figures = {}
    for function, pids in sorted(processes(stack).items()):
        most, ticks = 0, 0
        for pid in pids:
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            most = max([most, *(int(l.split()[1]) for l in status.splitlines() if l.startswith("VmHWM"))])
            ticks += int(fields[11]) + int(fields[12])
        calls = sum(line.startswith("START") for line in stack.logs(function))
        figures[function] = {"mb": round(most / 1024, 1), "processes": len(pids), "calls": calls,
                             "cpu_ms": round(ticks * 1000 / TICKS_PER_SECOND / calls, 1) if calls else None}
    return figures

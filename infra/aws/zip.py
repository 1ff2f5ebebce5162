"""Packs function binaries: one entry `bootstrap`, without a time of its own, so that equal binaries
make equal zips. A zip that would not change is not written.

    zip.py FOLDER_OF_BINARIES FOLDER_OF_ZIPS FUNCTION...
"""

import hashlib
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def stripped(binary: pathlib.Path) -> bytes:
    """The binary without symbols; as it is where it has none or there is nothing to strip with."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "bootstrap"
        try:
            subprocess.run(["strip", "-o", str(copy), str(binary)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            # Another architecture's: the profile has stripped it already.
            return binary.read_bytes()
        return copy.read_bytes()


def packed(data: bytes) -> bytes:
    """A zip of one executable."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compresslevel=6) as archive:
        archive.writestr(entry, data, compresslevel=6)
    return buffer.getvalue()


def main() -> None:
    made, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print(f"{'function':<10} {'binary':>12} {'zip':>12}  sha256")
    for name in sys.argv[3:]:
        data = stripped(made / f"ordermill-{name}")
        archive = packed(data)
        path = out / f"{name}.zip"
        if not path.exists() or path.read_bytes() != archive:
            path.write_bytes(archive)
        digest = hashlib.sha256(archive).hexdigest()
        print(f"{name:<10} {len(data):>12,} {len(archive):>12,}  {digest[:16]}")


main()

"""`make audit`: the known advisories about pinned packages, or a line that says that no list of them was reachable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main(requirements: str) -> int:
    """Prints each advisory, or why none was looked up; returns 1 if there are any advisories, else 0."""
    command = [str(Path(sys.executable).parent / "pip-audit"), "--requirement", requirements, "--disable-pip"]
    options = ["--no-deps", "--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last_line = done.stderr.strip().splitlines()[-1:] or ["no message"]
        sys.stdout.write(f"No package was checked, because pip-audit failed: {last_line[0]}\n")
        return 0
    checked = [package for package in packages if "skip_reason" not in package]
    lines = [
        f"{package['name']} {package['version']}: {advisory['id']}"
        for package in checked
        for advisory in package["vulns"]
    ]
    if checked:
        lines.append(f"{len(checked)} of {len(packages)} packages checked, {len(lines)} advisories.")
    else:
        lines.append("No list of advisories was reachable: no package was checked.")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(len(lines) > 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["requirements.txt"]))

